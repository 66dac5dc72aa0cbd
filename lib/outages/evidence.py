"""On what does a number rest? Claims with their sources, the sums made of them, and where sources disagree."""

import pandas as pd
from markupsafe import Markup

from outages.claims import AUTHORITY, preferred, quantities, resolve
from outages.harm import user_hours
from outages.intervals import Interval
from outages.page import Block, anchor, bullets, heading, inside, outside, paragraph, stack, table
from outages.plots import moment_names
from outages.study import Study
from outages.timeline import LAGS, at_moment, lags, lengths, moments_of, silence_share

EVENT_OF = {"seen": "detected", "state_cell": "escalated"}


def lag_names(study: Study) -> dict[str, str]:
    """Return what each lag is called."""
    _ = study.words._
    return {
        "to_seen": _("onset to first seen by anyone"), "to_detection": _("onset to detection by the operator"),
        "to_escalation": _("onset to the operator's crisis process"), "to_authorities": _("onset to authorities told"),
        "to_public": _("onset to first public word"), "to_workaround": _("onset to workaround published"),
        "detection_to_public": _("detection by the operator to first public word"),
    }  # fmt: skip


def ends(frame: pd.DataFrame, incident: str) -> Interval | None:
    """Return one incident's interval, None when unknown."""
    low, high = frame.at[incident, "low"], frame.at[incident, "high"]
    return None if pd.isna(low) or pd.isna(high) else Interval(float(low), float(high))


def claim_key(incident: str, field: str) -> str:
    """Return the id of the first claim about a field of an incident."""
    return anchor("c", incident, EVENT_OF.get(field, field))


def sum_key(incident: str, name: str) -> str:
    """Return the id of the sum behind a derived number."""
    return anchor("d", incident, name)


class Evidence:
    """Everything that stands behind the numbers of a study, computed once."""

    def __init__(self, study: Study):
        self.study, registry, policy = study, study.registry, study.policy
        self.moments = moments_of(registry, policy)
        self.lags = lags(registry, policy)
        self.lengths = lengths(registry, policy)
        self.silence = silence_share(registry, policy)
        self.users, self.base, self.failed_calls, self.deaths = (
            quantities(registry.measures, measure, registry.incidents.index, policy)
            for measure in ("users_affected", "subscriber_base", "emergency_calls_failed", "deaths_linked")
        )
        self.user_hours = user_hours(registry, policy)
        self.taken_events = set(preferred(registry.events, ["incident_id", "event", "actor", "scope"], policy).index)
        self.taken_measures = set(preferred(registry.measures, ["incident_id", "measure", "scope"], policy).index)

    def moment_cell(self, incident: str, name: str) -> Markup | str:
        """Return when a moment was, linked to the claims about it."""
        words = self.study.words
        found = ends(at_moment(self.moments, name, self.study.registry.incidents.index), incident)
        if found is None:
            return words._("unknown")
        zone = self.study.registry.incidents.at[incident, "timezone"]
        return inside(words.moments(found.low, found.high, zone), claim_key(incident, name))

    def sum_cell(self, incident: str, name: str, frame: pd.DataFrame, how: str) -> Markup | str:
        """Return a derived number, linked to the sum behind it."""
        found = ends(frame, incident)
        text = self.study.words.interval(found, how)
        return text if found is None else inside(text, sum_key(incident, name))

    def claim_cell(self, incident: str, measure: str, frame: pd.DataFrame, how: str = "number") -> Markup | str:
        """Return a resolved quantity, linked to the claims about it."""
        found = ends(frame, incident)
        text = self.study.words.interval(found, how)
        return text if found is None else inside(text, claim_key(incident, measure))

    def sums(self, incident: str) -> list[Markup]:
        """Return how each derived number of an incident follows from claims, each with an id that links can point to."""
        words, names = self.study.words, moment_names(self.study.words)
        made = []

        def add(name: str, text: Markup) -> None:
            made.append(Markup('<span id="{}">{}</span>').format(sum_key(incident, name), text))

        length = ends(self.lengths, incident)
        if length is not None:
            add("length", self.length_sum(incident, length))
        for name, (first, last) in LAGS.items():
            lag = ends(self.lags[name], incident)
            if lag is not None:
                form = Markup(words._("From {start} ({from_}) to {end} ({to}): {value}."))
                add(name, form.format(start=names[first], from_=self.moment_cell(incident, first), end=names[last],
                                      to=self.moment_cell(incident, last), value=words.interval(lag, "minutes")))  # fmt: skip
        silence = ends(self.silence, incident)
        if silence is not None:
            form = words._("Silence share, the part of the outage that passed before the first public word: {value}.")
            add("silence", Markup(form).format(value=words.interval(silence, "percent")))
        hours = ends(self.user_hours, incident)
        if hours is not None:
            form = Markup(words._("User-hours: {users} people times {length}: {value}."))
            add("user_hours", form.format(users=self.claim_cell(incident, "users_affected", self.users), value=words.interval(hours, "rounded"),
                                          length=words.interval(length, "minutes")))  # fmt: skip
        return made

    def length_sum(self, incident: str, length: Interval) -> Markup:
        """Say how a length follows from claims."""
        words, basis = self.study.words, self.lengths.at[incident, "basis"]
        form = {
            "moments": words._("Length: from onset ({start}) to last service back ({end}): {value}."),
            "stated": words._("Length as sources state it, since onset and restoration are not both known: {stated}; {value}."),
            "both": words._("Length: what both the hours ({start} to {end}) and the length that sources state ({stated}) allow: {value}."),
            "conflict": words._("Length: the hours ({start} to {end}) and the length that sources state ({stated}) exclude one another, so all between them is kept: {value}."),
        }[basis]
        stated = inside(words.label("measure", "duration_hours"), claim_key(incident, "duration_hours"))
        start, end = self.moment_cell(incident, "onset"), self.moment_cell(incident, "restored")
        return Markup(form).format(start=start, end=end, stated=stated, value=words.interval(length, "minutes"))

    def claims_of(self, incident: str, level: int = 3) -> Block:
        """Return one incident's sums and all its claims, each with source and place in the source."""
        words = self.study.words
        _ = words._
        title = self.study.titles[incident]
        origin = self.study.registry.incidents.at[incident, "_origin"]
        rows, ids = self.claim_rows(incident)
        head = [_("About"), _("Claim"), _("Taken"), _("Source"), _("Where in it"), _("Note")]
        caption = _("{title}: every claim, with the document and the place in it").format(title=title)
        mark = "" if origin == "public" else f" [{origin}]"
        parts = [heading(title + mark, level, f"i-{incident}")] if level else []
        if sums := self.sums(incident):
            parts += [bullets(sums, "sums")]
        return stack(*parts, table(caption, head, rows, key=f"claims-{incident}", ids=ids))

    def claim_rows(self, incident: str) -> tuple[list[list[Markup | str]], list[str]]:
        """Return the rows of the claims table and their ids: the first row about a field carries the field's id."""
        rows: list[list[Markup | str]] = []
        ids: list[str] = []
        seen: set[str] = set()
        for field, about, value, taken, row in self.claims(incident):
            key = claim_key(incident, field)
            ids.append("" if key in seen else key)
            seen.add(key)
            origin = "" if row["_origin"] == "public" else f" [{row['_origin']}]"
            rows.append([about + origin, value, taken, inside(row["source_id"], "s", row["source_id"]), row["locator"], row.get("note", "")])
        return rows, ids

    def claims(self, incident: str):
        """Yield field, subject, value, whether the policy took it, and the row, of each claim about an incident."""
        registry, words = self.study.registry, self.study.words
        yes, no = words._("yes"), words._("no")
        zone = registry.incidents.at[incident, "timezone"]
        mine = {name: getattr(registry, name)[lambda t: t["incident_id"] == incident] for name in ("events", "measures", "causes", "third_parties")}
        for index, row in mine["events"].sort_values(["low", "high", "event", "source_id"], kind="stable").iterrows():
            about = ", ".join(p for p in (words.label("event", row["event"]), words.label("actor", row["actor"]), words.label("services", row["scope"])) if p)
            resolvable = row["event"] not in ("precursor", "public_statement")
            taken = (yes if index in self.taken_events else no) if resolvable else "–"
            yield row["event"], about, words.moments(row["low"], row["high"], zone), taken, row
        for index, row in mine["measures"].sort_values(["measure", "scope", "source_id"], kind="stable").iterrows():
            about = ", ".join(p for p in (words.label("measure", row["measure"]), scope_label(row["scope"], words)) if p)
            yield row["measure"], about, self.stated(row), yes if index in self.taken_measures else no, row
        for _, row in mine["causes"].sort_values(["factor", "value", "source_id"], kind="stable").iterrows():
            yield row["factor"], words.label("factor", row["factor"]), words.label(row["factor"], row["value"]), "–", row
        for _, row in mine["third_parties"].sort_values(["party", "involvement", "source_id"], kind="stable").iterrows():
            value = f"{words.label('role', row['role'])}; {words.label('involvement', row['involvement'])}"
            yield "third_parties", row["party"], value, "–", row

    def stated(self, row: pd.Series) -> str:
        """Write a quantity as its source states it."""
        words = self.study.words
        low, high = row["value_low"], row["value_high"]
        write = words.percent if row["unit"] == "share" else words.number
        if row["unit"] == "h":
            def write(value: float) -> str:
                return words.minutes(value * 60)
        unit = "" if row["unit"] in ("share", "h") else "\u00a0" + words.label("unit", row["unit"])
        bound = "" if row["bound"] == "exact" else words.label("bound", row["bound"]) + " "
        if low and high and low != high:
            return words._("{low} to {high}").format(low=write(float(low)), high=write(float(high))) + unit
        return f"{bound}{write(float(low or high))}{unit}"

    def contradictions(self) -> list[tuple[str, str, list[Markup], str]]:
        """Return where sources disagree: incident, subject, each claim with its source, and what the policy makes of it."""
        registry, words, found = self.study.registry, self.study.words, []
        events = registry.events[~registry.events["event"].isin(["precursor", "public_statement", "postmortem_published"])]
        for table_, by, field in ((events, ["incident_id", "event", "actor", "scope"], "event"), (registry.measures, ["incident_id", "measure", "scope"], "measure")):
            resolved = resolve(table_, by, self.study.policy)
            for key, outcome in resolved[resolved["disagree"]].iterrows():
                same = table_[(table_[by] == list(key)).all(axis=1)].sort_values(["low", "high", "source_id"])
                incident, scope = key[0], key[-1]
                zone = registry.incidents.at[incident, "timezone"]
                write = (lambda row, zone=zone: words.moments(row["low"], row["high"], zone)) if field == "event" else self.stated
                said = [Markup("{}: {}").format(inside(row["source_id"], "s", row["source_id"]), write(row)) for _, row in same.iterrows()]
                how = "percent" if key[1].endswith("share") else "number"
                taken = words.moments(outcome["low"], outcome["high"], zone) if field == "event" else self.quantity(outcome, key[1], how)
                about = ", ".join(p for p in (words.label(field, key[1]), words.label("actor", key[2]) if field == "event" else "", scope_label(scope, words)) if p)
                found.append((incident, about, said, taken))
        return sorted(found, key=lambda f: f[:2])

    def quantity(self, outcome: pd.Series, measure: str, how: str) -> str:
        """Write a resolved quantity."""
        scale = 60 if measure == "duration_hours" else 1
        return self.study.words.interval(Interval(outcome["low"] * scale, outcome["high"] * scale), "minutes" if scale == 60 else how)

    def contradiction_table(self) -> Block:
        """Return the contradictions side by side."""
        words = self.study.words
        _, found = words._, self.contradictions()
        if not found:
            return stack(paragraph(_("No two claims about the same thing exclude one another.")))
        rows = [[self.study.titles[i], about, bullets(said, "plain"), taken] for i, about, said, taken in found]
        caption = _("Claims that cannot all be true, and what the policy “{policy}” makes of them (n = {n})").format(
            policy=self.study.policy, n=words.number(len(rows))
        )
        return stack(table(caption, [_("Incident"), _("About"), _("Sources and what they say"), _("Taken")], rows, key="t-contradictions"))

    def source_list(self) -> Block:
        """Return every document that a claim of the study rests on."""
        registry, words = self.study.registry, self.study.words
        used = set(pd.concat([getattr(registry, t)["source_id"] for t in ("events", "measures", "causes", "third_parties", "recommendations")]))
        items = []
        for _, row in registry.sources[registry.sources["source_id"].isin(used)].sort_values("source_id").iterrows():
            title = outside(row["title"], row["url"]) if row["url"] else row["title"]
            copy = Markup(" ({})").format(outside(words._("lasting copy"), row["archive_url"])) if row["archive_url"] else ""
            items.append(
                Markup('<span id="{}"><strong>{}</strong>: {}, <cite lang="{}">{}</cite>{}. {}{}. {}.{}</span>').format(
                    anchor("s", row["source_id"]), row["source_id"], row["publisher"], row["language"], title, copy,
                    words.label("kind", row["kind"]), f", {words.day(row['published'])}" if row["published"] else "",
                    words._("Read on {day}").format(day=words.day(row["read_on"])), "" if row["_origin"] == "public" else f" [{row['_origin']}]",
                )
            )  # fmt: skip
        return stack(bullets(items, "sources"))


def scope_label(scope: str, words) -> str:
    """Return the labels of service codes, or the words of a scope that is said in words."""
    return words.label("services", scope)


def standing(kind: str) -> str:
    """Return the group of a kind of source: `authority`, or the kind itself."""
    return "authority" if kind in AUTHORITY else kind
