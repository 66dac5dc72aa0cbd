"""On what does a number rest? The claims that a page shows, and links to them and to the sums made of them."""

import functools
from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from outages.errors import InputError, escaped, like
from outages.facts.policies import grouped
from outages.facts.timeline import LAGS, STATEMENTS
from outages.figures.style import MANY
from outages.language import Words, code_labels
from outages.registry.registry import CLAIM_TABLES, Registry, subset
from outages.report.html import anchor, inside, relative
from outages.report.locators import located
from outages.stats.intervals import Interval
from outages.studies import ABOUT, Study
from outages.studies.tables import fields_of

ORDER = {  # of the claims of an incident
    "events": ["low", "high", "event", "source_id"],
    "measures": ["measure", "scope", "source_id"],
    "causes": ["factor", "value", "source_id"],
    "third_parties": ["party", "involvement", "source_id"],
}
CARRIED = 60  # incidents: a page of no more carries their claims itself, one of very many those of so many
SET_OUT = 1000  # incidents: a page of more sets out only those of which most is told
EVERYTHING = "everything"  # the question of the page that lists all claims
# moments that claims about another event give
EVENT_OF = {"first_detected": "detected", "authority_crisis_cell": "escalated"}
LENGTH = {"onset", "partial_restoration", "restored", "duration_hours"}
WARNING = {"detected", "escalated", "authorities_notified", "workaround_published"}
USERS = {"users_affected", "subscriber_base", "emergency_calls_failed", "deaths_linked"}
COUNTED_ONCE = ["emergency_calls_failed", "emergency_calls_failed_share", "deaths_linked"]  # listed claim by claim
EVERY_FIELD = {*LENGTH, *STATEMENTS, *WARNING, *USERS, "root_cause", "redundancy_defeated", "third_parties"}
ALL_SUMS = {"length", *LAGS, "silence", "silent_hours", "user_hours"}
NOTHING = set[str]()
SHOWN = {  # fields of claims, and sums, on a page about one question; "" is all questions on a page of many incidents
    "": (EVERY_FIELD, {"length", "user_hours", "to_earliest_statement", "to_public", "to_escalation", "silence"}),
    "length": (LENGTH | {"root_cause", "third_parties"}, {"length"}),
    "users": (LENGTH | USERS | {"emergency_calls_failed_share"}, {"length", "user_hours"}),
    "delays": ({*LENGTH, *STATEMENTS, *WARNING, "postmortem_published", "users_affected"}, ALL_SUMS),
    "third_parties": (
        LENGTH | {*STATEMENTS, "third_parties", "redundancy_defeated"},
        {"length", "to_earliest_statement"},
    ),
    "recommendations": (NOTHING, NOTHING),
    "quality": (NOTHING, NOTHING),
    EVERYTHING: (EVERY_FIELD, ALL_SUMS),
}


class Evidence:
    """The claims that a page shows, and the links that lead to them.

    Parameters
    ----------
    study : what is shown
    about : the question of the page, see `outages.report.part.Page`

    Raises
    ------
    InputError : no page answers that question
    """

    def __init__(self, study: Study, about: str = ""):
        if about not in SHOWN:
            raise InputError(f"about: '{escaped(about)}' is not allowed; {like(about, filter(None, SHOWN))}")
        self.study, self.about, self.brief, self.spread = study, about, study.n > MANY, study.n > SET_OUT
        self.lists_claims = about not in ("recommendations", "quality")  # these show other rows
        moved = self.lists_claims and about != EVERYTHING and as_published(study)
        self.elsewhere = f"claims.{study.words.lang}.html" if moved else ""
        self.own = listed(study, about)
        everything = about == "quality" or not (about or self.brief)  # all claims, whatever they are about
        own = {table: getattr(self.own, table) for table in CLAIM_TABLES}
        self.shown = {t: rows if everything else claims_about(study, about, t, rows) for t, rows in own.items()}
        self.place = {incident: number for number, incident in enumerate(self.own.incidents.index, 1)}
        used = set().union(*(rows["source_id"] for rows in self.shown.values()))
        counted = set(study.registry.sources["source_id"]) if self.elsewhere or about == EVERYTHING else used
        self.numbers = {source: number for number, source in enumerate(sorted(counted), 1) if source in used}
        self.sums = SHOWN[about][1] if about or self.brief else ALL_SUMS
        self.facts = study.known
        self.languages = study.registry.sources.set_index("source_id")["language"]  # of documents

    @functools.cached_property
    def fields(self) -> set[tuple[str, str]]:
        """The incidents and the fields of them about which the page shows claims."""
        return fields_of(self.shown)

    @functools.cached_property
    def records(self) -> dict[str, dict[str, list[dict[str, Any]]]]:
        """The claims of each table and incident as they are listed, with what the policy makes of each (`taken`)."""
        taken = self.study.accepted
        found = {}
        for name, by in ORDER.items():
            rows = self.shown[name].assign(taken=taken.get(name, "")).sort_values(by, kind="stable")
            found[name] = grouped((row["incident_id"], row) for row in rows.to_dict("records"))
        return found

    def field(self, incident: str, name: str) -> str:
        """Return the field of the claims that give a fact; the earliest statement may be the one called the first."""
        if name == "earliest_statement":
            return STATEMENTS[(incident, STATEMENTS[1]) in self.fields]
        return EVENT_OF.get(name, name)

    def number(self, incident: str) -> str:
        """Return what tells an incident apart in an id: its place, or, where pages link, its identifier."""
        return f"-{incident}" if self.elsewhere or self.about == EVERYTHING else str(self.place[incident])

    def claim_key(self, incident: str, name: str) -> str:
        """Return the id of the first claim about a field of an incident."""
        return anchor("c" + self.number(incident), self.field(incident, name))

    def sum_key(self, incident: str, name: str) -> str:
        """Return the id of the sum behind a derived number."""
        return anchor("d" + self.number(incident), name)

    def link(self, text: str, key: str) -> Markup:
        """Link to a claim or a sum, on this page or on that of all claims."""
        return relative(text, f"{self.elsewhere}#{key}") if self.elsewhere else inside(text, key)

    def linked(self, text: str, incident: str, name: str) -> Markup | str:
        """Return a text linked to the claims about a field, plain when the page does not list them."""
        shown = incident in self.place and self.lists_claims and (incident, self.field(incident, name)) in self.fields
        return self.link(text, self.claim_key(incident, name)) if shown else text

    def source(self, source_id: str) -> Markup:
        """Return the number of a document, linked to its place in the list."""
        number = str(self.numbers[source_id])
        return self.link(f"[{number}]", anchor("s", source_id))

    def located(self, row: Mapping[str, Any]) -> Markup:
        """Return where a claim stands: the number of its document, and the place in it."""
        place = located(row["locator"], self.study.words, self.languages[row["source_id"]])
        return Markup("{} {}").format(self.source(row["source_id"]), place)

    def moment_cell(self, incident: str, name: str) -> Markup | str:
        """Return when a moment was, linked to the claims about it."""
        found, words = ends(self.facts[name], incident), self.study.words
        zone = self.study.registry.incidents.at[incident, "timezone"]
        return self.linked(words.moments(found.low, found.high, zone), incident, name) if found else words._("unknown")

    def sum_cell(self, incident: str, name: str, frame: pd.DataFrame, how: str) -> Markup | str:
        """Return a derived number, linked to the sum behind it."""
        found = ends(frame, incident)
        text, shown = self.study.words.interval(found, how), found and incident in self.place and name in self.sums
        return self.link(text, self.sum_key(incident, name)) if shown else text

    def statement_cell(self, incident: str, facts: Mapping[str, pd.DataFrame]) -> Markup | str:
        """Return the lag to the first public statement, or to the earliest on record where none is called so."""
        name = "to_earliest_statement" if ends(facts["to_public"], incident) is None else "to_public"
        return self.sum_cell(incident, name, facts[name], "minutes")

    def claim_cell(self, incident: str, measure: str, frame: pd.DataFrame, how: str = "number") -> Markup | str:
        """Return a resolved quantity, linked to the claims about it."""
        found = ends(frame, incident)
        text = self.study.words.interval(found, how)
        return self.linked(text, incident, measure) if found else text


def as_published(study: Study) -> bool:
    """Return whether many incidents are read as the page of all claims reads them, so that numbers can link there."""
    return study.n > CARRIED and study.policy == "authority" and not study.overlays and not study.services


def listed(study: Study, about: str) -> Registry:
    """Return the incidents that a page sets out: all, or of very many those with most claims and the one in focus."""
    registry = study.registry
    if study.n <= SET_OUT:
        return registry
    tables = ("recommendations",) if about == "recommendations" else CLAIM_TABLES
    told = pd.concat([getattr(registry, table)["incident_id"] for table in tables]).value_counts()
    order = told.reindex(registry.incidents.index, fill_value=0).sort_values(ascending=False, kind="stable")
    return subset(registry, {*order.index[:CARRIED], study.focus})


def claims_about(study: Study, about: str, table: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the claims of a table that a page about a question shows; of many incidents only supporting ones."""
    fields, _sums = SHOWN[about]
    if table == "recommendations":
        return rows if about == "recommendations" else rows[(rows["target_value"] != "") & (about == "")]
    if table == "third_parties":
        return rows[(table in fields) & ((rows["involvement"] != "victim") | (study.n <= MANY))]
    here = rows[ABOUT[table]].isin(fields)
    return rows[here & supporting(study, table, rows)] if study.n > MANY else rows[here]


def supporting(study: Study, table: str, rows: pd.DataFrame) -> pd.Series:
    """Return which claims numbers rest on: selected ones, earliest statements, failed calls, deaths, causes."""
    if table not in study.accepted:
        return pd.Series(True, index=rows.index)
    taken = study.accepted[table].loc[rows.index] == "yes"
    if table == "measures":
        return taken | rows["measure"].isin(COUNTED_ONCE)
    said = rows[rows["event"].isin(STATEMENTS) & (rows["actor"] == "operator")]
    first = [said[end] == said.groupby("incident_id")[end].transform("min") for end in ("low", "high")]
    return taken | rows.index.isin(said.index[first[0] | first[1]])


def ends(frame: pd.DataFrame, incident: str) -> Interval | None:
    """Return one incident's interval, None when unknown."""
    low, high = frame.at[incident, "low"], frame.at[incident, "high"]
    return None if pd.isna(low) or pd.isna(high) else Interval(float(low), float(high))


def stated(row: Mapping[str, Any], words: Words) -> str:
    """Write a quantity as its source states it."""
    low, high, unit = row["value_low"], row["value_high"], row["unit"]
    write = {"share": words.percent, "h": lambda hours: words.minutes(hours * 60)}.get(unit, words.number)
    after = "" if unit in ("share", "h") else "\u00a0" + words.label("unit", unit)
    if low and high and low != high:
        return words._("{low} to {high}").format(low=write(float(low)), high=write(float(high))) + after
    count = int(value) if (value := float(low or high)) in (0, 1) else 2
    none_or_one = {
        "persons": words.n("{n} person", "{n} people", count),
        "lines": words.n("{n} line", "{n} lines", count),
        "calls": words.n("{n} call", "{n} calls", count),
    }
    bound = "" if row["bound"] == "exact" else words.label("bound", row["bound"]) + " "
    return bound + (none_or_one[unit] if count < 2 and unit in none_or_one else f"{write(value)}{after}")


def said(row: Mapping[str, Any], words: Words, zone: str) -> str:
    """Write what a claim says: a moment in local time, a quantity as its source states it, a cause by its name."""
    if "event" in row:
        return words.moments(row["low"], row["high"], zone)
    return words.label(row["factor"], row["value"]) if "factor" in row else stated(row, words)


def subject(row: Mapping[str, Any], words: Words) -> Markup:
    """Say what a claim is about."""
    parts = [words.label(column, row[column]) for column in ("event", "measure", "factor", "actor") if column in row]
    first, *others = filter(None, parts)
    return Markup(", ").join(filter(None, [first, *map(words.within, others), scope_text(row["scope"], words)]))


def scope_text(scope: str, words: Words) -> Markup | str:
    """Say within a sentence of which part a claim speaks: services by name, else in the curators' own words."""
    known = ("services", scope.split(";")[0]) in code_labels(words.lang)
    return words.within(words.label("services", scope)) if known else curators(", ".join(scope.split(";")), words)


def curators(text: str, words: Words) -> Markup | str:
    """Return a text of the curators, who write English, marked as such on a page in another language."""
    return Markup('<span lang="en">{}</span>').format(text) if text and words.lang != "en" else text
