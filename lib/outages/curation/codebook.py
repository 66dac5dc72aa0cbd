"""What does each column of an export mean, and in which unit is it?"""

import re
from collections.abc import Sequence

import pandas as pd

from outages.facts.timeline import LAGS
from outages.language import code_labels
from outages.registry.schema import resources
from outages.studies import UNITS

ENDS = {
    "low": "earliest or lowest value that the sources allow",
    "high": "latest or highest value; empty beside a filled low: open, nobody says how high",
}
FACTS = ("measure", "moment", "lag")  # columns of codes that name facts
DERIVED = {
    "length": ("Length of the outage, from onset to the last service back", "minutes"),
    "duration": ("Length that a source states", "hours"),
    "silence": ("Part of the outage that passed before the first public statement", "share from 0 to 1"),
    "user_hours": ("People hit times hours, an upper reading", "user-hours"),
    "silent_hours": ("People hit times hours until the first statement or the end", "user-hours"),
    "calls_failed": ("Calls to emergency numbers that did not get through", "calls"),
}
ATTRIBUTES = {
    "title": "Short title of the incident",
    "onset": "Local day on which the outage began",
    "year": "Year of onset",
    "root_cause": "Class of root cause; disputed where sources name several, empty where none does",
    "third_party": "Whether a source places a third party in the causal chain; False: none does, which is no proof",
    "emergency_calls": "Whether calls to emergency numbers were hit",
    "origin": "public, or the name of the overlay that the incident comes from",
    "length_basis": "On what the length rests: moments, stated, both, conflict",
    "basis": "On what the length rests: moments, stated, both, conflict",
    "lag": "Which lag",
    "start": "Moment from which it runs",
    "end": "Moment up to which it runs",
    "timed": "Whether it is known to within two hours; medians of the pages rest on these, without operators' complete "
    "lists (found_by)",
    "quantity": "Which quantity of harm",
    "claims": "Number of claims that say so",
    "about": "What the claim is about: event, measure, factor, organisation or theme",
    "table": "Table of the registry in which the claim stands",
    "value": "Code that the source's words stand for",
    "selected": "Whether the policy takes the claim; empty where it does not choose",
    "verdict": "met, missed, undecidable, unknown or not_applicable",
    "in_force": "Whether the limit bound this operator on the day of onset; otherwise a what-if",
    "limit_minutes": "Limit to which the act is held",
}
MINUTES = {
    "lengths": "Length of the outage",
    "lags": "Time from start to end",
    "limits": "Time from the start of the limit to the act",
}
OF_UNIT = {"value_low": "see unit", "value_high": "see unit", "limit_minutes": "minutes"}


def codebook(frame: pd.DataFrame, what: str) -> pd.DataFrame:
    """Return one row a column of an export: `column`, `meaning`, `unit`."""
    return pd.DataFrame([(c, *meaning(c, what)) for c in frame.columns], columns=["column", "meaning", "unit"])


def meaning(column: str, what: str) -> tuple[str, str]:
    """Return the meaning and the unit of a column."""
    if what == "entries":
        return described(column, ["cohort_entries"]), ""
    if column in ATTRIBUTES:
        return ATTRIBUTES[column], OF_UNIT.get(column, "")
    if column in OF_UNIT:
        return f"Quantity: {ENDS[column.removeprefix('value_')]}", OF_UNIT[column]
    if end := re.search(r"_(low|high)(?:_|$)|^(low|high)_", column):
        name = re.sub(r"_?(?:low|high)_?", "_", column).strip("_")
        told, unit = (MINUTES[what], "minutes") if name == "minutes" else fact(name)
        return f"{told}: {ENDS[end[1] or end[2]]}", unit
    return described(column, ["incidents", "sources", "communication_targets", *resources()]), ""


def fact(name: str) -> tuple[str, str]:
    """Return the meaning and the unit of a fact, from its name without the end."""
    labels = {code: label for (column, code), label in code_labels("en").items() if column in FACTS}
    if name == "time_utc":
        return "Moment that the source gives", "UTC"
    if name.endswith("_utc"):
        return f"Moment: {labels[name.removesuffix('_utc')]}", "UTC"
    bare = re.sub(r"_(?:minutes|hours)$", "", name)
    if bare in LAGS:
        return f"Time from {labels[bare]}", "minutes"
    found = DERIVED.get(bare) or DERIVED.get(name)
    return found or (labels[name], UNITS.get(name, "persons"))


def described(column: str, tables: Sequence[str]) -> str:
    """Return what the descriptor of the registry says of a column, in the first table that has it."""
    fields = (field for table in tables for field in resources()[table]["schema"]["fields"])
    return next((field["description"] for field in fields if field["name"] == column), column.replace("_", " "))
