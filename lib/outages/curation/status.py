"""How healthy is the registry: what is in it, what is missing, what waits for a second coder?"""

from collections import Counter
from collections.abc import Iterable, Iterator

import pandas as pd

from outages.registry.registry import CLAIM_TABLES, Registry

FIELDS = (  # table, column, code
    *[("events", "event", code) for code in ("onset", "detected", "escalated", "authorities_notified", "first_public_statement",
                                             "workaround_published", "partial_restoration", "restored", "postmortem_published")],
    *[("measures", "measure", code) for code in ("users_affected", "subscriber_base", "emergency_calls_failed", "duration_hours")],
    *[("causes", "factor", code) for code in ("root_cause", "technical_cause", "trigger", "redundancy_defeated")],
)  # fmt: skip


def status(registry: Registry, twice: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a health report.

    Parameters
    ----------
    registry : what is reported on
    twice : incidents that have a second coding
    """
    incidents = registry.incidents
    n = len(incidents)
    claims = pd.concat([getattr(registry, table)[["incident_id", "source_id", "kind"]] for table in CLAIM_TABLES])
    yield f"data version {registry.version}: {n} incidents, {len(claims)} claims, {claims['source_id'].nunique()} documents"
    yield from counted("country", [c for cell in incidents["country"] for c in cell.split(";")])
    yield from counted("year", incidents["incident_id"].str[:4])
    for column in ("sector", "status", "found_by"):
        yield from counted(column, incidents[column])
    kinds = registry.sources[registry.sources["source_id"].isin(claims["source_id"])]["kind"]
    yield from counted("kind of source", kinds)
    official = claims[claims["kind"].isin(["regulator", "court", "parliament", "government", "operator"])][
        "incident_id"
    ].nunique()
    yield f"official source: {official} of {n} incidents"
    yield "known for how many incidents:"
    for table, column, code in FIELDS:
        rows = getattr(registry, table)
        yield f"  {code:<24}{rows[rows[column] == code]['incident_id'].nunique():>5} of {n}"
    yield f"  {'third_parties':<24}{registry.third_parties['incident_id'].nunique():>5} of {n}"
    waiting = sorted(set(incidents.loc[incidents["status"] == "coded", "incident_id"]) - set(twice))
    yield f"waiting for a second coder: {len(waiting)} of {n}"
    yield from (f"  {incident}" for incident in waiting)


def counted(name: str, values: Iterable[str]) -> Iterator[str]:
    """Yield how often each value occurs, most frequent first."""
    counts = sorted(Counter(values).items(), key=lambda item: (-item[1], item[0]))
    yield f"{name}: " + ", ".join(f"{value} {count}" for value, count in counts)
