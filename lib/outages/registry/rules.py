"""Is a registry right, its tables taken together? Each rule looks at all rows and lists every offender."""

import re
from collections.abc import Iterator

from outages.registry.files import codes, numbers
from outages.registry.form import FORM, Rule, Tables, at, holds, looked_up, outside
from outages.registry.schema import CITING, CLAIM_TABLES, Problem, columns
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


def successors_end(tables: Tables) -> Iterator[Problem]:
    """Who follows the pointers to successors comes to an end."""
    frame = tables["incidents"]
    after = {row.incident_id: row.superseded_by for row in frame[frame["superseded_by"] != ""].itertuples()}
    for _ in range(len(after).bit_length()):  # ways twice as long each time; one longer than all there are never ends
        after = {start: after[end] for start, end in after.items() if end in after}
    words = "'{value}' leads in a circle, so that no incident is left; name the one that stands"
    yield from at(frame, frame["incident_id"].isin(list(after)), "superseded_by", words)


def same_address(tables: Tables) -> Iterator[Problem]:
    """One address is one source."""
    address = tables["sources"]["url"].str.replace(r"^https?://(?:www\.)?", "", regex=True).str.removesuffix("/")
    frame = tables["sources"].assign(address=address)
    first = looked_up(address, frame.drop_duplicates("address").set_index("address")["source_id"])
    again = address.duplicated() & (address != "")
    yield from at(frame.assign(first=first), again, "url", "the same page is source '{first}'; use that source_id")


def values_in_order(tables: Tables) -> Iterator[Problem]:
    """A quantity has the ends that its bound asks for, low not above high, none below zero."""
    frame = tables["measures"]
    low, high, bound = numbers(frame["value_low"]), numbers(frame["value_high"]), frame["bound"]
    yield from at(frame, low > high, "value_high", "{value} is below value_low; exchange the two")
    yield from at(frame, low < 0, "value_low", "{value} is below 0")
    asked = {
        "exact": (low == high, "'{value}' needs value_low and value_high, equal"),
        "about": (low == high, "'{value}' needs value_low and value_high, equal"),
        "range": (low < high, "'range' needs value_low below value_high"),
        "at_least": (low.notna() & high.isna(), "'at_least' needs value_low alone; empty value_high"),
        "at_most": (high.notna() & low.isna(), "'at_most' needs value_high alone; empty value_low"),
    }
    for code, (fits, words) in asked.items():
        yield from at(frame, (bound == code) & ~fits, "bound", words)


def units_fit(tables: Tables) -> Iterator[Problem]:
    """A unit fits its measure."""
    frame = tables["measures"]
    currency = frame["unit"].str.fullmatch("[A-Z]{3}")
    for measure, allowed in UNITS.items():
        fits = frame["unit"].isin([u for u in allowed if u]) | (currency & (None in allowed))
        words = " or ".join(sorted(u or "an ISO 4217 currency code" for u in allowed))
        wrong = (frame["measure"] == measure) & ~fits
        yield from at(frame, wrong, "unit", f"'{{value}}' does not fit {measure}; use {words}")


def shares_below_one(tables: Tables) -> Iterator[Problem]:
    """A share lies between 0 and 1."""
    frame = tables["measures"]
    for column in ("value_low", "value_high"):
        above = (frame["unit"] == "share") & (numbers(frame[column]) > 1)
        yield from at(frame, above, column, "{value} is above 1; write eleven per cent as 0.11")


def users_within_base(tables: Tables) -> Iterator[Problem]:
    """No source counts more users hit than it counts subscribers, for the same services and in the same unit."""
    frame, key = tables["measures"], ["incident_id", "source_id", "scope", "unit"]
    frame = frame.assign(users=numbers(frame["value_low"]), most=numbers(frame["value_high"]))
    base = frame[frame["measure"] == "subscriber_base"].groupby(key)["most"].max().rename("subscribers")
    counted = frame[frame["measure"] == "users_affected"].join(base, on=key)
    words = "{value} is above the subscriber base {subscribers} of the same source; check both"
    yield from at(counted, counted["users"] > counted["subscribers"], "value_low", words)


def codes_fit_factor(tables: Tables) -> Iterator[Problem]:
    """The value of a cause belongs to its factor."""
    frame = tables["causes"]
    for factor in ("root_cause", "technical_cause", "trigger", "redundancy_defeated"):
        allowed = codes()[factor]
        wrong = (frame["factor"] == factor) & ~frame["value"].isin(allowed)
        yield from at(frame, wrong, "value", f"'{{value}}' is not a {factor}; use one of {', '.join(allowed)}")


def speaker_named(tables: Tables) -> Iterator[Problem]:
    """Whoever detected or escalated is named."""
    frame = tables["events"]
    silent = (frame["actor"] == "") & frame["event"].isin(["detected", "escalated"])
    yield from at(frame, silent, "actor", "is empty; a detection or escalation needs who did it")


def locators_lead_somewhere(tables: Tables) -> Iterator[Problem]:
    """A locator names a place in the document."""
    words = "'{value}' is no place in a document; name the section, paragraph, heading or page"
    for name in CLAIM_TABLES:
        yield from at(tables[name], holds(tables[name]["locator"], NOT_A_PLACE.search), "locator", words)


def no_row_twice(tables: Tables) -> Iterator[Problem]:
    """No claim stands twice."""
    for name in CLAIM_TABLES:
        again = tables[name].duplicated(columns(name))
        yield from at(tables[name], again, "(row)", "the same row stands above; delete one")


def sources_used(tables: Tables) -> Iterator[Problem]:
    """Every document carries a claim."""
    citing = [tables[name] for name in CITING if name in tables]
    columns = [frame[name] for frame in citing for name in ("source_id", "retracted_by") if name in frame]
    cited = {cell for column in columns for cell in column.unique().tolist()}
    frame = tables["sources"]
    unused = outside(frame["source_id"], cited)
    yield from at(frame, unused, "source_id", "no claim rests on '{value}'; add the claim or delete the row")


RULES: tuple[Rule, ...] = (
    *FORM,
    *TIMES,
    *(successors_end, same_address, sources_used, no_row_twice, values_in_order, units_fit, shares_below_one),
    *(users_within_base, codes_fit_factor, speaker_named, locators_lead_somewhere),
)
