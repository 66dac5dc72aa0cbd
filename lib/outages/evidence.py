"""On what does a number rest? Claims with their sources, the sums made of them, and where sources disagree."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pandas as pd
from markupsafe import Markup

from outages.claims import AUTHORITY, preferred, quantities, resolve, whole_first
from outages.harm import user_hours
from outages.intervals import Interval, difference
from outages.page import Block, anchor, bullets, heading, inside, outside, paragraph, stack, table
from outages.plots import moment_names
from outages.study import Study
from outages.timeline import (
    CLAIM_GROUP,
    LAGS,
    at_moment,
    lags,
    lengths,
    moment_claims,
    moments_of,
    not_negative,
    silence_share,
)

EVENT_OF = {"seen": "detected", "state_cell": "escalated"}


Writer = Callable[[pd.Series], str]


class Contradiction(NamedTuple):
    """Claims about the same thing that exclude one another, and what the policy takes."""

    incident: str
    about: str
    said: list[Markup]
    taken: str


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
        self.taken_events = set(preferred(moment_claims(registry), CLAIM_GROUP, policy).index)
        whole = whole_first(registry.measures, ["incident_id", "measure"])
        self.taken_measures = set(preferred(whole, ["incident_id", "measure", "scope"], policy).index)

    def offset(self, moment: str) -> pd.DataFrame:
        """Return the distance of a moment from onset, in minutes."""
        index, moments = self.study.registry.incidents.index, self.moments
        return not_negative(difference(at_moment(moments, moment, index), at_moment(moments, "onset", index)))

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
            form = Markup(
                words._("Silence share, the part of the outage that passed before the first public word: {value}.")
            )
            add("silence", form.format(value=words.interval(silence, "percent")))
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
            "stated": words._(
                "Length as sources state it, since onset and restoration are not both known: {stated}; {value}."
            ),
            "both": words._(
                "Length: what both the hours ({start} to {end}) and the length that sources state ({stated}) allow: {value}."
            ),
            "conflict": words._(
                "Length: the hours ({start} to {end}) and the length that sources state ({stated}) exclude one another, so all between them is kept: {value}."
            ),
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
            rows.append(
                [
                    about + origin,
                    value,
                    taken,
                    inside(row["source_id"], "s", row["source_id"]),
                    row["locator"],
                    row.get("note", ""),
                ]
            )
        return rows, ids

    def claims(self, incident: str) -> Iterator[tuple[str, str, str, str, pd.Series]]:
        """Yield field, subject, value, whether the policy took it, and the row, of each claim about an incident."""
        registry, words = self.study.registry, self.study.words
        yes, no = words._("yes"), words._("no")

        def mine(table: pd.DataFrame, order: list[str]) -> Iterator[tuple[int, pd.Series]]:
            yield from table[table["incident_id"] == incident].sort_values(order, kind="stable").iterrows()

        for index, row in mine(registry.events, ["low", "high", "event", "source_id"]):
            taken = (
                "–" if row["event"] in ("precursor", "public_statement") else yes if index in self.taken_events else no
            )
            yield row["event"], self.about(row), self.when(row), taken, row
        for index, row in mine(registry.measures, ["measure", "scope", "source_id"]):
            yield row["measure"], self.about(row), self.stated(row), yes if index in self.taken_measures else no, row
        for _, row in mine(registry.causes, ["factor", "value", "source_id"]):
            yield (
                row["factor"],
                words.label("factor", row["factor"]),
                words.label(row["factor"], row["value"]),
                "–",
                row,
            )
        for _, row in mine(registry.third_parties, ["party", "involvement", "source_id"]):
            value = f"{words.label('role', row['role'])}; {words.label('involvement', row['involvement'])}"
            yield "third_parties", words.party(row["party"]), value, "–", row

    def stated(self, row: pd.Series) -> str:
        """Write a quantity as its source states it."""
        words = self.study.words
        low, high = row["value_low"], row["value_high"]
        write = {"share": words.percent, "h": words.hours}.get(row["unit"], words.number)
        unit = "" if row["unit"] in ("share", "h") else "\u00a0" + words.label("unit", row["unit"])
        bound = "" if row["bound"] == "exact" else words.label("bound", row["bound"]) + " "
        if low and high and low != high:
            return words._("{low} to {high}").format(low=write(float(low)), high=write(float(high))) + unit
        return f"{bound}{write(float(low or high))}{unit}"

    def contradictions(self) -> list[Contradiction]:
        """Return where sources exclude one another: moments and quantities that no value fits, and different root causes."""
        registry = self.study.registry
        events = registry.events[
            ~registry.events["event"].isin(["precursor", "public_statement", "postmortem_published"])
        ]
        found = self.apart(events, ["incident_id", "event", "actor", "scope"], self.when, self.when)
        found += self.apart(registry.measures, ["incident_id", "measure", "scope"], self.stated, self.quantity)
        causes = registry.causes[registry.causes["factor"].isin(["root_cause", "redundancy_defeated"])]
        for (incident, factor), same in causes[causes["value"] != "unknown"].groupby(["incident_id", "factor"]):
            if same["value"].nunique() > 1:
                said = self.said(same, lambda row: self.study.words.label(row["factor"], row["value"]))
                found.append(Contradiction(incident, self.study.words.label("factor", factor), said, "–"))
        return sorted(found, key=lambda c: (c.incident, c.about))

    def apart(self, claims: pd.DataFrame, by: list[str], write: Writer, write_taken: Writer) -> list[Contradiction]:
        """Return the groups of claims that no single value fits."""
        resolved = resolve(claims, by, self.study.policy)
        apart = resolved[resolved["disagree"]].reset_index()
        found = []
        for _, outcome in apart.iterrows():
            same = claims[(claims[by] == outcome[by]).all(axis=1)].sort_values(["low", "high", "source_id"])
            about = self.about(outcome)
            found.append(Contradiction(outcome["incident_id"], about, self.said(same, write), write_taken(outcome)))
        return found

    def said(self, claims: pd.DataFrame, write: Writer) -> list[Markup]:
        """Write claims with their sources in front."""
        return [
            Markup("{}: {}").format(inside(row["source_id"], "s", row["source_id"]), write(row))
            for _, row in claims.iterrows()
        ]

    def about(self, row: pd.Series) -> str:
        """Say what a claim about a moment or a quantity is about."""
        words = self.study.words
        parts = [words.label(c, row[c]) for c in ("event", "measure", "actor") if c in row]
        return ", ".join(p for p in (*parts, words.label("services", row["scope"])) if p)

    def when(self, row: pd.Series) -> str:
        """Write the moment of a claim in the incident's local time."""
        zone = self.study.registry.incidents.at[row["incident_id"], "timezone"]
        return self.study.words.moments(row["low"], row["high"], zone)

    def quantity(self, outcome: pd.Series) -> str:
        """Write a resolved quantity."""
        hours, share = outcome["measure"] == "duration_hours", outcome["measure"].endswith("share")
        scale = 60 if hours else 1
        value = Interval(outcome["low"] * scale, outcome["high"] * scale)
        return self.study.words.interval(value, "minutes" if hours else "percent" if share else "number")

    def contradiction_table(self) -> Block:
        """Return the contradictions side by side."""
        words = self.study.words
        _, found = words._, self.contradictions()
        if not found:
            return stack(paragraph(_("No two claims about the same thing exclude one another.")))
        rows = [[self.study.titles[c.incident], c.about, bullets(c.said, "plain"), c.taken] for c in found]
        caption = _("Claims that cannot all be true, and what the policy “{policy}” makes of them (n = {n})").format(
            policy=self.study.policy, n=words.number(len(rows))
        )
        return stack(
            table(
                caption,
                [_("Incident"), _("About"), _("Sources and what they say"), _("Taken")],
                rows,
                key="t-contradictions",
            )
        )

    def source_list(self) -> Block:
        """Return every document that a claim of the study rests on."""
        registry, words = self.study.registry, self.study.words
        used = set(
            pd.concat(
                [
                    getattr(registry, t)["source_id"]
                    for t in ("events", "measures", "causes", "third_parties", "recommendations")
                ]
            )
        )
        items = []
        for _, row in registry.sources[registry.sources["source_id"].isin(used)].sort_values("source_id").iterrows():
            title = outside(row["title"], row["url"]) if row["url"] else row["title"]
            copy = (
                Markup(" ({})").format(outside(words._("lasting copy"), row["archive_url"]))
                if row["archive_url"]
                else ""
            )
            items.append(
                Markup('<span id="{}"><strong>{}</strong>: {}, <cite lang="{}">{}</cite>{}. {}{}. {}.{}</span>').format(
                    anchor("s", row["source_id"]), row["source_id"], row["publisher"], row["language"], title, copy,
                    words.label("kind", row["kind"]), f", {words.day(row['published'])}" if row["published"] else "",
                    words._("Read on {day}").format(day=words.day(row["read_on"])), "" if row["_origin"] == "public" else f" [{row['_origin']}]",
                )
            )  # fmt: skip
        return stack(bullets(items, "sources"))


def standing(kind: str) -> str:
    """Return the group of a kind of source: `authority`, or the kind itself."""
    return "authority" if kind in AUTHORITY else kind
