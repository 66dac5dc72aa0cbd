"""What does a policy make of the claims about each moment and each quantity of an incident?"""

from collections.abc import Collection
from typing import NamedTuple

import pandas as pd

from outages.facts.policies import Claim, Settled, grouped, settle, speaks_of, told_of, whole_first
from outages.registry.registry import Registry

MOMENTS = (  # in the order in which a reader expects them
    "onset",
    "first_detected",
    "detected",
    "escalated",
    "authority_crisis_cell",
    "authorities_notified",
    "first_public_statement",
    "earliest_statement",
    "workaround_published",
    "partial_restoration",
    "restored",
    "repaired",
    "postmortem_published",
)
COUNTS = (
    "users_affected",
    "lines_affected",
    "calls_blocked",
    "emergency_calls_failed",
    "emergency_callers_failed",
    "deaths_linked",
)


class Amount(NamedTuple):
    """What a policy makes of the claims about one measure of an incident: a result for each part of which a claim
    counts, those of the `larger` parts that are more than the floors of the whole, and whether only such parts are told
    of that nobody asked for.
    """

    results: list[Settled]
    larger: list[Settled]
    partial: bool


Moments = dict[tuple[str, str], list[Settled]]  # by moment and incident
Quantities = dict[tuple[str, str], Amount]  # by measure and incident


class Settlement(NamedTuple):
    """What a policy makes of all claims of a registry about moments and quantities."""

    moments: Moments
    quantities: Quantities


def settlement(registry: Registry, policy: str, services: Collection[str] = ()) -> Settlement:
    """Settle all claims of a registry; parameters as for `outages.facts.timeline.facts`."""
    moments = settled_moments(registry.events, policy, services)
    return Settlement(moments, settled_quantities(registry.measures, policy, services))


def settled_moments(events: pd.DataFrame, policy: str, services: Collection[str] = ()) -> Moments:
    """Return what a policy makes of the claims about each moment and incident: one result for each part, and where
    `first_detected` for each who did, since two people who see a failure at two hours do not contradict one another.
    """
    told = grouped(
        ((moment, incident, actor if moment == "first_detected" else ""), claim)
        for event, actor, incident, claim in told_of(events, ["event", "actor", "incident_id"], policy)
        for moment in moments_of(event, actor)
    )
    return grouped(
        ((moment, incident), settle(part, policy))
        for (moment, incident, _who), claims in told.items()
        for part in whole_first(claims, services).values()
    )


def moments_of(event: str, actor: str) -> tuple[str, ...]:
    """Return the moments that a claim about an event speaks of: what others detect or open is a moment of its own, what
    the operator detects may be the first detection too. None for precursors and later statements.
    """
    if event == "detected":
        return ("first_detected", "detected") if actor == "operator" else ("first_detected",)
    if event == "escalated" and actor != "operator":
        return ("authority_crisis_cell",)
    return (event,) if event in MOMENTS else ()


def settled_quantities(measures: pd.DataFrame, policy: str, services: Collection[str] = ()) -> Quantities:
    """Return what a policy makes of the claims about each measure and incident."""
    told = grouped(
        ((measure, incident), claim)
        for measure, incident, claim in told_of(measures, ["measure", "incident_id"], policy)
    )
    found = {}
    for thing, claims in told.items():
        first = whole_first(claims, services)
        larger = larger_parts(claims, first, policy) if thing[0] in COUNTS else []
        partial = not any(not part or speaks_of(part, services) for part in first)
        found[thing] = Amount([settle(part, policy) for part in first.values()], larger, partial)
    return found


def larger_parts(claims: list[Claim], first: dict[str, list[Claim]], policy: str) -> list[Settled]:
    """Return what results for the largest parts, where they are more than the floors that alone are told of the whole.

    Parameters
    ----------
    claims : all about one count
    first : those of them that count, as `outages.facts.policies.whole_first` returns them
    """
    if list(first) != [""] or not all(claim.floor for claim in first[""]):
        return []
    parts = grouped((claim.part, claim) for claim in claims if claim.part)
    least, settled = settle(first[""], policy).low, [settle(part, policy) for part in parts.values()]
    more = [one for one in settled if one.low > least]
    return [one for one in more if one.low == max(other.low for other in more)]
