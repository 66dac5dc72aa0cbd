"""What may a column of somebody's list mean, and which codes may stand for its cells?"""

import functools

from outages.registry.files import codes
from outages.registry.rules import UNITS

OPENED = "opened"  # hour at which the record was begun: stands in for an onset, and says so
RECORD = "Start of the record; the outage may have begun earlier."  # the note of such an onset
TEXTS = ("number", "title", "title_en", "title_fr", "summary", "summary_en", "summary_fr", "operator", "topic")
ATTRIBUTES = ("country", "sector", "services", "timezone", "zone", "found_by")
COUNTED = ("persons", "lines", "calls", "reports")  # units; where two of them fit, numbers of a list are in the first
MEASURES = {name: next(u for u in COUNTED if u in fit) for name, fit in UNITS.items() if fit & {*COUNTED}}
LENGTHS = {"duration_hours": 1.0, "duration_minutes": 60.0, "duration_seconds": 3600.0}  # of which so many are an hour
FACTORS = ("root_cause", "technical_cause", "trigger", "redundancy_defeated")
PARTY = ("third_party", "third_party_role", "third_party_involvement")
CODED = ("sector", "services", "found_by", *FACTORS, *PARTY[1:])
REQUIRED = ("operator", "country", "sector", "services")


@functools.cache
def fields() -> tuple[str, ...]:
    """Return everything that a column may mean, in the order of the tables."""
    return (*TEXTS, *ATTRIBUTES, OPENED, *codes()["event"], *MEASURES, *LENGTHS, *FACTORS, *PARTY)


def allowed_in(field: str) -> list[str]:
    """Return the codes of a field; empty where any text is allowed."""
    return codes()[field.removeprefix("third_party_")] if field in CODED else []


def hint(field: str) -> str:
    """Say what may stand in a field."""
    if field == "country":
        return "write a code as FR, or 001 for a service without a country"
    return f"write one of {', '.join(allowed)}" if (allowed := allowed_in(field)) else "write its name"
