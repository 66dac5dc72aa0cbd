"""Is a registry right, its tables taken together? Each rule looks at all rows and lists every offender."""

import re
from collections.abc import Iterator
from operator import itemgetter

from outages.errors import escaped
from outages.registry.files import codes, number
from outages.registry.form import FORM, Rule, at, faulty, known_ends
from outages.registry.schema import CITING, CLAIM_TABLES, FILE, ROW, Problem, Row, Rows, columns
from outages.registry.times import TIMES

UNITS: dict[str, set[str | None]] = {  # None stands for a currency code
    "users_affected": {"persons"},
    "lines_affected": {"lines"},
    "subscriber_base": {"persons", "lines"},
    "calls_blocked": {"calls"},
    "emergency_calls_failed": {"calls"},
    "emergency_callers_failed": {"persons"},
    "emergency_calls_failed_share": {"share"},
    "complaints_counted": {"reports"},
    "deaths_linked": {"persons"},
    "experts_mobilised": {"persons"},
    "duration_hours": {"h"},
    "fine_amount": {None},
    "compensation_amount": {None},
}
NOT_A_PLACE = re.compile(r"(?i)excerpt|search result|snippet|^(?:page|web ?site|article|document|n/?a|-+)$")


def successors_end(tables: Rows) -> Iterator[Problem]:
    """Who follows the pointers to successors comes to an end."""
    after = {row["incident_id"]: row["superseded_by"] for row in tables["incidents"] if row["superseded_by"]}
    for _ in range(len(after).bit_length()):  # ways twice as long each time; one longer than all there are never ends
        after = {start: after[end] for start, end in after.items() if end in after}
    words = "'{value}' leads in a circle, so that no incident is left; name the one that stands"
    yield from at((row for row in tables["incidents"] if row["incident_id"] in after), "superseded_by", words)


def same_address(tables: Rows) -> Iterator[Problem]:
    """One address is one source."""
    first: dict[str, Row] = {}
    for row in tables["sources"]:
        address = re.sub(r"^https?://(?:www\.)?", "", row["url"]).removesuffix("/")
        if address and (one := first.setdefault(address, row)) is not row:
            words = f"the same page is source '{escaped(one['source_id'])}'; use that source_id"
            yield Problem(row[FILE], row[ROW], "url", words)


def values_in_order(tables: Rows) -> Iterator[Problem]:
    """A quantity has the ends that its bound asks for, low not above high, none below zero."""
    for row in tables["measures"]:
        low, high = number(row["value_low"]), number(row["value_high"])
        if low > high:
            yield from at([row], "value_high", "{value} is below value_low; exchange the two")
        if low < 0:
            yield from at([row], "value_low", "{value} is below 0")
        asked = {
            "exact": (low == high, "'{value}' needs value_low and value_high, equal"),
            "about": (low == high, "'{value}' needs value_low and value_high, equal"),
            "range": (low < high, "'range' needs value_low below value_high"),
            "at_least": (low == low and high != high, "'at_least' needs value_low alone; empty value_high"),
            "at_most": (low != low and high == high, "'at_most' needs value_high alone; empty value_low"),
        }
        fits, words = asked.get(row["bound"], (True, ""))
        if not fits:
            yield from at([row], "bound", words)


def units_fit(tables: Rows) -> Iterator[Problem]:
    """A unit fits its measure."""
    for row in tables["measures"]:
        allowed, unit = UNITS.get(row["measure"]), row["unit"]
        if allowed and unit not in allowed and not (None in allowed and re.fullmatch("[A-Z]{3}", unit)):
            words = " or ".join(sorted(u or "an ISO 4217 currency code" for u in allowed))
            yield from at([row], "unit", f"'{{value}}' does not fit {row['measure']}; use {words}")


def shares_below_one(tables: Rows) -> Iterator[Problem]:
    """A share lies between 0 and 1."""
    for column in ("value_low", "value_high"):
        above = (row for row in tables["measures"] if row["unit"] == "share" and number(row[column]) > 1)
        yield from at(above, column, "{value} is above 1; write eleven per cent as 0.11")


def users_within_base(tables: Rows) -> Iterator[Problem]:
    """No source counts more users hit than it counts subscribers, for the same services and in the same unit."""
    key = ("incident_id", "source_id", "scope", "unit")
    bases, users = ([r for r in tables["measures"] if r["measure"] == m] for m in ("subscriber_base", "users_affected"))
    base = known_ends((row | {"most": number(row["value_high"])} for row in bases), "most", max, *key)
    counted = [row | {"subscribers": base[tuple(row[c] for c in key)]} for row in users] if base else []
    words = "{value} is above the subscriber base {subscribers} of the same source; check both"
    yield from at((row for row in counted if number(row["value_low"]) > row["subscribers"]), "value_low", words)


def codes_fit_factor(tables: Rows) -> Iterator[Problem]:
    """The value of a cause belongs to its factor."""
    for factor in ("root_cause", "technical_cause", "trigger", "redundancy_defeated"):
        allowed = codes()[factor]
        wrong = (row for row in tables["causes"] if row["factor"] == factor and row["value"] not in allowed)
        yield from at(wrong, "value", f"'{{value}}' is not a {factor}; use one of {', '.join(allowed)}")


def speaker_named(tables: Rows) -> Iterator[Problem]:
    """Whoever detected or escalated is named."""
    silent = (row for row in tables["events"] if not row["actor"] and row["event"] in ("detected", "escalated"))
    yield from at(silent, "actor", "is empty; a detection or escalation needs who did it")


def locators_lead_somewhere(tables: Rows) -> Iterator[Problem]:
    """A locator names a place in the document."""
    words = "'{value}' is no place in a document; name the section, paragraph, heading or page"
    for name in CLAIM_TABLES:
        yield from faulty(tables[name], "locator", NOT_A_PLACE.search, words)


def no_row_twice(tables: Rows) -> Iterator[Problem]:
    """No claim stands twice."""
    for name in CLAIM_TABLES:
        cells = itemgetter(*columns(name))
        first: dict[tuple[str, ...], Row] = {}
        again = (row for row in tables[name] if first.setdefault(cells(row), row) is not row)
        yield from at(again, "(row)", "the same row stands above; delete one")


def sources_used(tables: Rows) -> Iterator[Problem]:
    """Every document carries a claim."""
    citing = [row for name in CITING for row in tables.get(name, ())]
    cited = {row.get(column) for row in citing for column in ("source_id", "retracted_by")}
    words = "no claim rests on '{value}'; add the claim or delete the row"
    yield from faulty(tables["sources"], "source_id", lambda cell: cell not in cited, words)


RULES: tuple[Rule, ...] = (
    *FORM,
    *TIMES,
    *(successors_end, same_address, sources_used, no_row_twice, values_in_order, units_fit, shares_below_one),
    *(users_within_base, codes_fit_factor, speaker_named, locators_lead_somewhere),
)
