"""On what does a number rest? Claims with their sources, and the sums made of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from outages.facts.policies import AUTHORITY
from outages.facts.timeline import LAGS, MOMENTS
from outages.figures.plots import LISTED, MANY, moment_names
from outages.registry.files import PLACE
from outages.registry.registry import CLAIM_TABLES, Registry, keep
from outages.report.html import Block, anchor, bullets, heading, inside, origin_mark, outside, stack, table
from outages.stats.intervals import Interval
from outages.studies import Study

RESTED_ON = {  # fields that a number of the comparative report rests on
    "onset", "detected", "escalated", "authorities_notified", "first_public_statement", "public_statement", "workaround_published",
    "partial_restoration", "restored", "duration_hours", "users_affected", "subscriber_base", "emergency_calls_failed",
    "deaths_linked", "root_cause", "redundancy_defeated",
}  # fmt: skip
EVENT_OF = {"seen": "detected", "state_cell": "escalated"}
LENGTH_FIELDS = {"onset", "partial_restoration", "restored", "duration_hours"}
WORD_FIELDS = {"first_public_statement", "public_statement"}
ABOUT = {  # fields of the claims that a page about one question shows, and the sums made of them
    "length": LENGTH_FIELDS | {"root_cause", "third_parties"},
    "users": LENGTH_FIELDS | {"users_affected", "subscriber_base", "emergency_calls_failed", "emergency_calls_failed_share", "deaths_linked"},
    "delays": LENGTH_FIELDS | WORD_FIELDS | {"detected", "escalated", "authorities_notified", "workaround_published", "postmortem_published", "users_affected"},
    "parties": LENGTH_FIELDS | WORD_FIELDS | {"third_parties", "redundancy_defeated"},
    "advice": {"recommendations"},
    "quality": set(),
}  # fmt: skip
SUMS = {
    "length": {"length"}, "users": {"length", "user_hours"}, "delays": {"length", *LAGS, "silence", "silent_hours", "user_hours"},
    "parties": {"length", "to_known_word"}, "advice": set(), "quality": set(), "brief": {"length", "user_hours", "to_known_word", "to_public", "to_escalation", "silence"},
}  # fmt: skip
FIELD_OF = {"events": "event", "measures": "measure", "causes": "factor"}


CLAIM_ORDER = {
    "events": ["low", "high", "event", "source_id"], "measures": ["measure", "scope", "source_id"], "causes": ["factor", "value", "source_id"],
    "third_parties": ["party", "involvement", "source_id"], "recommendations": ["theme", "source_id"],
}  # fmt: skip


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


def most_told(registry: Registry, focus: str, tables: Sequence[str]) -> list[str]:
    """Return the incidents that a page of very many sets out one by one: those with most claims in some tables, and the one in focus."""
    n = len(registry.incidents)
    claims = sum(np.bincount(getattr(registry, table)[PLACE], minlength=n) for table in tables)
    most = np.argsort(-claims, kind="stable")[: LISTED // 2]
    return sorted({*registry.incidents.index[most], *([focus] if focus else [])})


class Evidence:
    """Everything that stands behind the numbers of a study, computed once.

    `about` names the question of a page (a key of `ABOUT`), so that it shows only what its numbers rest on; empty for all questions.
    """

    def __init__(self, study: Study, about: str = ""):
        self.study, registry = study, study.registry
        self.brief, self.about_, self.spread = study.n > MANY, about, study.n > LISTED
        tables = ("recommendations",) if about == "advice" else CLAIM_TABLES
        self.own = keep(registry, most_told(registry, study.focus, tables)) if self.spread else registry
        self.place = {incident: number for number, incident in enumerate(self.own.incidents.index, 1)}
        self.taken_events, self.taken_measures = (set(study.selected[t]) for t in ("events", "measures"))
        self.shown = {table: self.on_page(table) for table in CLAIM_TABLES}
        used = pd.concat([rows["source_id"] for rows in self.shown.values()])
        self.numbers = {source: number for number, source in enumerate(sorted(set(used)), 1)}
        self.records = {
            table: by_incident(rows.sort_values(CLAIM_ORDER[table], kind="stable"))
            for table, rows in self.shown.items()
        }
        facts = study.facts
        self.at = {name: facts[name] for name in MOMENTS}
        self.known_fields = {(i, field) for table, groups in self.records.items() for i, rows in groups.items() for r in rows
                             for field in (r[FIELD_OF[table]] if table in FIELD_OF else table,)}  # fmt: skip
        self.lags = {name: facts[name] for name in LAGS}
        self.lengths, self.silence, self.users = facts["length"], facts["silence"], facts["users_affected"]
        self.base, self.failed_calls, self.deaths = (
            facts[name] for name in ("subscriber_base", "emergency_calls_failed", "deaths_linked")
        )
        self.user_hours, self.silent_hours = facts["user_hours"], facts["silent_hours"]

    def claim_key(self, incident: str, field: str) -> str:
        """Return the id of the first claim about a field of an incident; the earliest word on record may be the one that is called the first."""
        if field == "known_word":
            field = (
                "public_statement" if (incident, "public_statement") in self.known_fields else "first_public_statement"
            )
        return anchor(f"c{self.place[incident]}", EVENT_OF.get(field, field))

    def sum_key(self, incident: str, name: str) -> str:
        """Return the id of the sum behind a derived number."""
        return anchor(f"d{self.place[incident]}", name)

    def linked(self, text: str, incident: str, field: str) -> Markup | str:
        """Return a text linked to the claims about a field, plain when the page does not show them."""
        if incident not in self.place:
            return text
        key = "public_statement" if field == "known_word" else EVENT_OF.get(field, field)
        shown = (incident, key) in self.known_fields or (
            field == "known_word" and (incident, "first_public_statement") in self.known_fields
        )
        return inside(text, self.claim_key(incident, field)) if shown and self.lists_claims else text

    @property
    def lists_claims(self) -> bool:
        """Return whether the page lists the claims of each incident: all pages but those that show other rows."""
        return self.about_ not in ("advice", "quality")

    def shows_sum(self, name: str) -> bool:
        """Return whether the page shows the sum behind a derived number."""
        if self.about_:
            return name in SUMS[self.about_]
        return not self.brief or name in SUMS["brief"]

    def on_page(self, table: str) -> pd.DataFrame:
        """Return the claims that the page shows: those about its question, otherwise all of a few incidents and, of many, those that its numbers rest on."""
        rows = getattr(self.own, table)
        if self.about_ == "quality" or not (self.about_ or self.brief):
            return rows
        fields = ABOUT[self.about_] if self.about_ else RESTED_ON | {"third_parties"}
        if table == "recommendations":
            return (
                rows
                if self.about_ == "advice"
                else rows[rows["target_value"] != ""]
                if not self.about_
                else rows.iloc[:0]
            )
        if table == "third_parties":
            return (
                rows[rows["involvement"] != "victim"]
                if table in fields and self.brief
                else rows
                if table in fields
                else rows.iloc[:0]
            )
        rows = rows[rows[FIELD_OF[table]].isin(fields)]
        return rows[self.rested_on(table, rows)] if self.brief else rows

    def rested_on(self, table: str, rows: pd.DataFrame) -> pd.Series:
        """Return which claims a number rests on: those that the policy takes, the earliest words, counts of failed calls and deaths, causes."""
        if table == "measures":
            return rows.index.isin(self.taken_measures) | rows["measure"].isin(
                ["emergency_calls_failed", "emergency_calls_failed_share", "deaths_linked"]
            )
        if table == "events":
            said = rows[rows["event"].isin(WORD_FIELDS) & (rows["actor"] == "operator")]
            first = [said[end] == said.groupby("incident_id")[end].transform("min") for end in ("low", "high")]
            return rows.index.isin(self.taken_events) | rows.index.isin(said.index[first[0] | first[1]])
        return pd.Series(True, index=rows.index)

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
        return self.linked(words.moments(found.low, found.high, zone), incident, name)

    def sum_cell(self, incident: str, name: str, frame: pd.DataFrame, how: str) -> Markup | str:
        """Return a derived number, linked to the sum behind it."""
        found = ends(frame, incident)
        text = self.study.words.interval(found, how)
        if found is None or incident not in self.place or not self.shows_sum(name):
            return text
        return inside(text, self.sum_key(incident, name))

    def claim_cell(self, incident: str, measure: str, frame: pd.DataFrame) -> Markup | str:
        """Return a resolved quantity, linked to the claims about it."""
        found = ends(frame, incident)
        text = self.study.words.interval(found, "number")
        return text if found is None else self.linked(text, incident, measure)

    def sums(self, incident: str) -> list[Markup]:
        """Return how each derived number of an incident follows from claims, each with an id that links can point to."""
        words, names = self.study.words, moment_names(self.study.words)
        made = []

        def add(name: str, text: Markup) -> None:
            if self.shows_sum(name):
                made.append(Markup('<span id="{}">{}</span>').format(self.sum_key(incident, name), text))

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
        if hours is not None and length is not None:
            form = Markup(words._("User-hours: {users} people times {length}: {value}."))
            add("user_hours", form.format(users=self.claim_cell(incident, "users_affected", self.users), value=words.interval(hours, "rounded"),
                                          length=words.interval(length, "minutes")))  # fmt: skip
        silent = ends(self.silent_hours, incident)
        if silent is not None:
            form = Markup(
                words._(
                    "User-hours in silence: people hit times the time until the first public word or the end of the outage: {value}."
                )
            )
            add("silent_hours", form.format(value=words.interval(silent, "rounded")))
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
        stated = self.linked(words.label("measure", "duration_hours"), incident, "duration_hours")
        start, end = self.moment_cell(incident, "onset"), self.moment_cell(incident, "restored")
        return Markup(form).format(start=start, end=end, stated=stated, value=words.interval(length, "minutes"))

    def claims_of(self, incident: str, level: int = 3) -> Block:
        """Return one incident's sums and all its claims, each with source and place in the source."""
        words = self.study.words
        _ = words._
        title = self.study.titles[incident]
        origin = self.study.registry.incidents.at[incident, "_origin"]
        parts = [heading(title + origin_mark(origin), level, f"i-{incident}")] if level else []
        if sums := self.sums(incident):
            parts += [bullets(sums, "sums")]
        caption = _("{title}: claims, with the document and the place in it").format(title=title)
        if self.brief:
            return stack(*parts, self.merged(incident))
        rows, ids = self.claim_rows(incident)
        head = [_("About"), _("Claim"), _("Taken"), _("Source"), _("Where in it"), _("Note")]
        return stack(*parts, table(caption, head, rows, key=f"claims-{self.place[incident]}", ids=ids))

    def merged(self, incident: str) -> Markup:
        """Return the claims of an incident on a page of many: claims that say the same share a line."""
        said: dict[tuple[str, str, str], list[Markup]] = {}
        for field, about, value, _taken, row in self.claims(incident):
            told = Markup("{} {}{}").format(self.source(row["source_id"]), row["locator"], origin_mark(row["_origin"]))
            said.setdefault((field, about, value), []).append(told)
        lines: list[Markup] = []
        seen: set[str] = set()
        for (field, about, value), several in said.items():
            key = self.claim_key(incident, field)
            mark = Markup("") if key in seen else Markup(' id="{}"').format(key)
            seen.add(key)
            lines.append(Markup("<li{}><b>{}</b> {} – {}</li>").format(mark, about, value, Markup("; ").join(several)))
        return Markup('<ul class="claims">{}</ul>').format(Markup("\n").join(lines)) if lines else Markup("")

    def claim_rows(self, incident: str) -> tuple[list[list[Markup | str]], list[str]]:
        """Return the rows of the claims table and their ids: the first row about a field carries the field's id."""
        words = self.study.words
        written = {True: words._("yes"), False: words._("no"), None: "–"}
        rows: list[list[Markup | str]] = []
        ids: list[str] = []
        seen: set[str] = set()
        for field, about, value, taken, row in self.claims(incident):
            key = self.claim_key(incident, field)
            ids.append("" if key in seen else key)
            seen.add(key)
            rows.append(
                [
                    about + origin_mark(row["_origin"]),
                    value,
                    written[taken],
                    self.source(row["source_id"]),
                    row["locator"],
                    row.get("note", ""),
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
        value = float(low or high)
        return bound + (self.counted(int(value), row["unit"]) if value in (0, 1) else f"{write(value)}{unit}")

    def counted(self, count: int, unit: str) -> str:
        """Write none or one of a unit."""
        words = self.study.words
        written = {
            "persons": words.n("{n} person", "{n} people", count), "lines": words.n("{n} line", "{n} lines", count), "calls": words.n("{n} call", "{n} calls", count),
            "share": words.percent(count), "h": words.hours(count),
        }  # fmt: skip
        return written.get(unit) or f"{words.number(count)}\u00a0{words.label('unit', unit)}"

    def about(self, row: Mapping[str, Any]) -> str:
        """Say what a claim about a moment or a quantity is about."""
        words = self.study.words
        parts = [words.label(c, row[c]) for c in ("event", "measure", "actor") if c in row]
        return ", ".join(p for p in (*parts, words.label("services", row["scope"])) if p)

    def when(self, row: Mapping[str, Any]) -> str:
        """Write the moment of a claim in the incident's local time."""
        zone = self.study.registry.incidents.at[row["incident_id"], "timezone"]
        return self.study.words.moments(row["low"], row["high"], zone)

    def source_list(self) -> Block:
        """Return every document that a claim on the page rests on."""
        rows = self.study.registry.sources
        rows = rows[rows["source_id"].isin(self.numbers)].sort_values("source_id")
        items = [
            Markup('<li id="{}">{}</li>').format(anchor("s", str(self.numbers[row["source_id"]])), self.document(row))
            for row in rows.to_dict("records")
        ]
        return stack(Markup('<ul class="sources">{}</ul>').format(Markup("").join(items)))

    def document(self, row: Mapping[str, Any]) -> Markup:
        """Write a document with its number; a page of many incidents leaves out when it was read and under which identifier it is kept."""
        words, number = self.study.words, self.numbers[row["source_id"]]
        title = outside(row["title"], row["url"]) if row["url"] else row["title"]
        copy = (
            Markup(" ({})").format(outside(words._("lasting copy"), row["archive_url"])) if row["archive_url"] else ""
        )
        day = f", {words.day(row['published'])}" if row["published"] else ""
        kept = (
            ""
            if self.brief
            else Markup(" {}. <code>{}</code>").format(
                words._("Read on {day}").format(day=words.day(row["read_on"])), row["source_id"]
            )
        )
        form = Markup('[{}] {}, <cite lang="{}">{}</cite>{}. {}{}.{}{}')
        return form.format(
            number,
            row["publisher"],
            row["language"],
            title,
            copy,
            words.label("kind", row["kind"]),
            day,
            kept,
            origin_mark(row["_origin"]),
        )


def standing(kind: str) -> str:
    """Return the group of a kind of source: `authority`, or the kind itself."""
    return "authority" if kind in AUTHORITY else kind
