"""How healthy is the registry: what is in it, what is missing, what waits for a second coder?"""

from collections import Counter
from collections.abc import Iterable, Iterator

import pandas as pd

from outages.facts.timeline import STATEMENTS
from outages.registry.registry import Registry, filter_incidents, subset
from outages.registry.schema import CLAIM_TABLES

OFFICIAL = ("regulator", "court", "parliament", "government", "operator")
EVENTS = (
    *("onset", "detected", "escalated", "authorities_notified", "first_public_statement", "workaround_published"),
    *("partial_restoration", "restored", "postmortem_published"),
)
FIELDS = (  # table, column, codes
    ("events", "event", EVENTS),
    ("measures", "measure", ("users_affected", "subscriber_base", "emergency_calls_failed", "duration_hours")),
    ("causes", "factor", ("root_cause", "technical_cause", "trigger", "redundancy_defeated")),
)
FIRST = 5  # incidents that are named


def status(registry: Registry, twice: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a health report on a registry, some of whose incidents were coded `twice`."""
    incidents = registry.incidents
    n = len(incidents)
    claims = pd.concat([getattr(registry, table)[["incident_id", "source_id", "kind"]] for table in CLAIM_TABLES])
    documents = claims["source_id"].nunique()
    yield f"data version {registry.version}: {n} incidents, {len(claims)} claims, {documents} documents"
    yield from counted("country", [c for cell in incidents["country"] for c in cell.split(";")])
    yield from counted("year", incidents["incident_id"].str[:4])
    for column in ("sector", "status", "found_by"):
        yield from counted(column, incidents[column])
    kinds = registry.sources[registry.sources["source_id"].isin(claims["source_id"])]["kind"]
    yield from counted("kind of source", kinds)
    official = claims[claims["kind"].isin(OFFICIAL)]["incident_id"].nunique()
    yield f"official source: {official} of {n} incidents"
    yield "known for how many incidents:"
    for table, column, wanted in FIELDS:
        rows = getattr(registry, table)
        for code in wanted:
            yield f"  {code:<24}{rows[rows[column] == code]['incident_id'].nunique():>5} of {n}"
    yield f"  {'third_parties':<24}{registry.third_parties['incident_id'].nunique():>5} of {n}"
    yield from goals(subset(registry, filter_incidents(registry)))
    waiting = sorted(set(incidents.loc[incidents["status"] == "coded", "incident_id"]) - set(twice))
    yield f"waiting for a second coder: {len(waiting)} of {n}"
    yield from (f"  {incident}" for incident in waiting[:FIRST])
    if len(waiting) > FIRST:
        yield f"  and {len(waiting) - FIRST} more"


def goals(coded: Registry) -> Iterator[str]:
    """Yield what the study's goals are counted in, over the incidents that are coded and stand."""
    events = coded.events
    own = events["actor"] == "operator"
    about = {
        "onset": events["event"] == "onset",
        "restored": events["event"] == "restored",
        "detection by the operator": (events["event"] == "detected") & own,
        "detection by anyone": events["event"] == "detected",
        "authorities told": events["event"] == "authorities_notified",
        "crisis process of the operator": (events["event"] == "escalated") & own,
        "first statement called so": events["event"] == "first_public_statement",
        "statement during the outage": during_outage(events),
    }
    yield "goals, counted over coded incidents:"
    yield f"  {'incidents':<32}{len(coded.incidents):>5}"
    yield f"  {'countries':<32}{len({c for cell in coded.incidents['country'] for c in cell.split(';')} - {'001'}):>5}"
    for name, rows in about.items():
        yield f"  {name:<32}{events[rows]['incident_id'].nunique():>5}"
    values = headline_values(coded)
    single = values[values["sources"] == 1]
    press = int((single["kind"] == "press").sum())
    yield f"headlines that rest on one source: {len(single)} of {len(values)} values, {press} of them on one press page"


def during_outage(events: pd.DataFrame) -> pd.Series:
    """Return which statements of operators are not surely after the last service was back."""
    end = events[events["event"] == "restored"].groupby("incident_id")["high"].max()
    own = (events["actor"] == "operator") & events["event"].isin(STATEMENTS)
    return own & ~(events["low"] > events["incident_id"].map(end).astype("float64"))


def headline_values(coded: Registry) -> pd.DataFrame:
    """Return how many `sources` give each fact of each incident that headlines rest on, and the `kind` of one."""
    events = coded.events[coded.events["event"].isin([*EVENTS[:6], "restored"])].rename(columns={"event": "fact"})
    measures = coded.measures[coded.measures["measure"].isin(FIELDS[1][2])].rename(columns={"measure": "fact"})
    claims = pd.concat([events, measures])
    standing = claims[claims["retracted_by"] == ""]
    return standing.groupby(["incident_id", "fact"]).agg(sources=("source_id", "nunique"), kind=("kind", "first"))


def counted(name: str, values: Iterable[str]) -> Iterator[str]:
    """Yield how often each value occurs, most frequent first."""
    counts = sorted(Counter(values).items(), key=lambda item: (-item[1], item[0]))
    yield f"{name}: " + ", ".join(f"{value} {count}" for value, count in counts)
