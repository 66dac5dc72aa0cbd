"""On what does a number rest? Claims with their sources, the sums made of them, and where sources disagree."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd
from markupsafe import Markup

from outages.claims import AUTHORITY, preferred, quantities, resolve, whole_first
from outages.harm import user_hours
from outages.intervals import Interval, difference
from outages.page import Block, anchor, bullets, heading, inside, origin_mark, outside, paragraph, stack, table
from outages.plots import MANY, moment_names
from outages.registry import CLAIM_TABLES
from outages.study import Study
from outages.timeline import (
    CLAIM_GROUP,
    LAGS,
    MOMENTS,
    at_moment,
    lags,
    lengths,
    moment_claims,
    moments_of,
    not_negative,
    silence_share,
)

RESTED_ON = {  # fields that a number of the comparative report rests on
    "onset", "detected", "escalated", "authorities_notified", "first_public_statement", "public_statement", "workaround_published",
    "partial_restoration", "restored", "duration_hours", "users_affected", "subscriber_base", "emergency_calls_failed",
    "deaths_linked", "root_cause", "redundancy_defeated",
}  # fmt: skip
EVENT_OF = {"seen": "detected", "state_cell": "escalated"}


CLAIM_ORDER = {
    "events": ["low", "high", "event", "source_id"], "measures": ["measure", "scope", "source_id"], "causes": ["factor", "value", "source_id"],
    "third_parties": ["party", "involvement", "source_id"], "recommendations": ["theme", "source_id"],
}  # fmt: skip
Writer = Callable[[Mapping[str, Any]], str]


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
        "to_public": _("onset to first public word"),
        "to_known_word": _("onset to the earliest public word on record"), "to_workaround": _("onset to workaround published"),
        "detection_to_public": _("detection by the operator to first public word"),
    }  # fmt: skip


def ends(frame: pd.DataFrame, incident: str) -> Interval | None:
    """Return one incident's interval, None when unknown."""
    low, high = frame.at[incident, "low"], frame.at[incident, "high"]
    return None if pd.isna(low) or pd.isna(high) else Interval(float(low), float(high))


def by_incident(rows: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each incident as records, in their order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for record in rows.reset_index().to_dict("records"):
        found.setdefault(record["incident_id"], []).append(record)
    return found


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
        self.brief = study.n > MANY
        self.shown = {table: self.on_page(table) for table in CLAIM_TABLES}
        used = pd.concat([rows["source_id"] for rows in self.shown.values()])
        self.numbers = {source: number for number, source in enumerate(sorted(set(used)), 1)}
        self.records = {
            table: by_incident(rows.sort_values(CLAIM_ORDER[table], kind="stable"))
            for table, rows in self.shown.items()
        }
        self.moments = moments_of(registry, policy)
        self.at = {name: at_moment(self.moments, name, registry.incidents.index) for name in MOMENTS}
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

    def claim_key(self, incident: str, moment: str) -> str:
        """Return the id of the claims behind a moment; the earliest word on record may be the one that is called the first."""
        if moment == "known_word":
            kinds = {r["event"] for r in self.records["events"].get(incident, []) if r["actor"] == "operator"}
            moment = "public_statement" if "public_statement" in kinds else "first_public_statement"
        return claim_key(incident, moment)

    def offset(self, moment: str) -> pd.DataFrame:
        """Return the distance of a moment from onset, in minutes."""
        return not_negative(difference(self.at[moment], self.at["onset"]))

    def on_page(self, table: str) -> pd.DataFrame:
        """Return the claims that the page shows: all of a few incidents, otherwise those that its numbers rest on."""
        rows = getattr(self.study.registry, table)
        if not self.brief or table == "third_parties":
            return rows
        if table == "recommendations":
            return rows.iloc[:0]
        column = {"events": "event", "measures": "measure", "causes": "factor"}[table]
        return rows[rows[column].isin(RESTED_ON)]

    def source(self, source_id: str) -> Markup:
        """Return the number of a document, linked to its place in the list."""
        number = self.numbers[source_id]
        return inside(f"[{number}]", "s", str(number))

    def moment_cell(self, incident: str, name: str) -> Markup | str:
        """Return when a moment was, linked to the claims about it."""
        words = self.study.words
        found = ends(self.at[name], incident)
        if found is None:
            return words._("unknown")
        zone = self.study.registry.incidents.at[incident, "timezone"]
        return inside(words.moments(found.low, found.high, zone), self.claim_key(incident, name))

    def sum_cell(self, incident: str, name: str, frame: pd.DataFrame, how: str) -> Markup | str:
        """Return a derived number, linked to the sum behind it."""
        found = ends(frame, incident)
        text = self.study.words.interval(found, how)
        return text if found is None else inside(text, sum_key(incident, name))

    def claim_cell(self, incident: str, measure: str, frame: pd.DataFrame) -> Markup | str:
        """Return a resolved quantity, linked to the claims about it."""
        found = ends(frame, incident)
        text = self.study.words.interval(found, "number")
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
        head = [_("About"), _("Claim"), _("Taken"), _("Source"), _("Where in it")] + ([] if self.brief else [_("Note")])
        caption = _("{title}: claims, with the document and the place in it").format(title=title)
        parts = [heading(title + origin_mark(origin), level, f"i-{incident}")] if level else []
        if sums := self.sums(incident):
            parts += [bullets(sums, "sums")]
        return stack(*parts, table(caption, head, rows, key=f"claims-{incident}", ids=ids))

    def claim_rows(self, incident: str) -> tuple[list[list[Markup | str]], list[str]]:
        """Return the rows of the claims table and their ids: the first row about a field carries the field's id."""
        words = self.study.words
        written = {True: words._("yes"), False: words._("no"), None: "–"}
        rows: list[list[Markup | str]] = []
        ids: list[str] = []
        seen: set[str] = set()
        for field, about, value, taken, row in self.claims(incident):
            if self.brief and (taken is False or row.get("involvement") == "victim"):
                continue
            key = claim_key(incident, field)
            ids.append("" if key in seen else key)
            seen.add(key)
            note = [] if self.brief else [row.get("note", "")]
            rows.append(
                [
                    about + origin_mark(row["_origin"]),
                    value,
                    written[taken],
                    self.source(row["source_id"]),
                    row["locator"],
                    *note,
                ]
            )
        return rows, ids

    def claims(self, incident: str) -> Iterator[tuple[str, str, str, bool | None, dict[str, Any]]]:
        """Yield field, subject, value, whether the policy took it (None where it does not choose), and the row, of each claim."""
        words = self.study.words
        for row in self.records["events"].get(incident, []):
            chosen = None if row["event"] in ("precursor", "public_statement") else row["index"] in self.taken_events
            yield row["event"], self.about(row), self.when(row), chosen, row
        for row in self.records["measures"].get(incident, []):
            yield row["measure"], self.about(row), self.stated(row), row["index"] in self.taken_measures, row
        for row in self.records["causes"].get(incident, []):
            factor, value = words.label("factor", row["factor"]), words.label(row["factor"], row["value"])
            yield row["factor"], factor, value, None, row
        for row in self.records["third_parties"].get(incident, []):
            value = f"{words.label('role', row['role'])}; {words.label('involvement', row['involvement'])}"
            yield "third_parties", words.party(row["party"]), value, None, row

    def stated(self, row: Mapping[str, Any]) -> str:
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
        events = self.shown["events"]
        events = events[~events["event"].isin(["precursor", "public_statement", "postmortem_published"])]
        found = self.apart(events, ["incident_id", "event", "actor", "scope"], self.when, self.when)
        found += self.apart(self.shown["measures"], ["incident_id", "measure", "scope"], self.stated, self.quantity)
        causes = self.shown["causes"]
        causes = causes[causes["factor"].isin(["root_cause", "redundancy_defeated"])]
        for (incident, factor), same in causes[causes["value"] != "unknown"].groupby(["incident_id", "factor"]):
            if same["value"].nunique() > 1:
                said = self.said(same, lambda row: self.study.words.label(row["factor"], row["value"]))
                found.append(Contradiction(incident, self.study.words.label("factor", factor), said, "–"))
        return sorted(found, key=lambda c: (c.incident, c.about))

    def apart(self, claims: pd.DataFrame, by: list[str], write: Writer, write_taken: Writer) -> list[Contradiction]:
        """Return the groups of claims that no single value fits."""
        resolved = resolve(claims, by, self.study.policy)
        apart = resolved[resolved["disagree"]].reset_index()
        groups = dict(iter(claims.groupby(by)))
        found = []
        for _, outcome in apart.iterrows():
            same = groups[tuple(outcome[by])].sort_values(["low", "high", "source_id"])
            about = self.about(outcome)
            found.append(Contradiction(outcome["incident_id"], about, self.said(same, write), write_taken(outcome)))
        return found

    def said(self, claims: pd.DataFrame, write: Writer) -> list[Markup]:
        """Write claims with their sources in front."""
        return [Markup("{} {}").format(self.source(row["source_id"]), write(row)) for _, row in claims.iterrows()]

    def about(self, row: Mapping[str, Any]) -> str:
        """Say what a claim about a moment or a quantity is about."""
        words = self.study.words
        parts = [words.label(c, row[c]) for c in ("event", "measure", "actor") if c in row]
        return ", ".join(p for p in (*parts, words.label("services", row["scope"])) if p)

    def when(self, row: Mapping[str, Any]) -> str:
        """Write the moment of a claim in the incident's local time."""
        zone = self.study.registry.incidents.at[row["incident_id"], "timezone"]
        return self.study.words.moments(row["low"], row["high"], zone)

    def quantity(self, outcome: Mapping[str, Any]) -> str:
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
        items = []
        for row in (
            registry.sources[registry.sources["source_id"].isin(self.numbers)]
            .sort_values("source_id")
            .to_dict("records")
        ):
            title = outside(row["title"], row["url"]) if row["url"] else row["title"]
            copy = (
                Markup(" ({})").format(outside(words._("lasting copy"), row["archive_url"]))
                if row["archive_url"]
                else ""
            )
            items.append(
                Markup('<span id="{}">[{}] {}, <cite lang="{}">{}</cite>{}. {}{}. {}. <code>{}</code>{}</span>').format(
                    anchor("s", str(self.numbers[row["source_id"]])), self.numbers[row["source_id"]], row["publisher"], row["language"], title, copy,
                    words.label("kind", row["kind"]), f", {words.day(row['published'])}" if row["published"] else "",
                    words._("Read on {day}").format(day=words.day(row["read_on"])), row["source_id"], origin_mark(row["_origin"]),
                )
            )  # fmt: skip
        return stack(bullets(items, "sources"))


def standing(kind: str) -> str:
    """Return the group of a kind of source: `authority`, or the kind itself."""
    return "authority" if kind in AUTHORITY else kind
