"""What does a policy make of the claims about each moment and each quantity of an incident?"""

from collections.abc import Collection

import pandas as pd

from outages.facts.policies import Claim, Settled, settle, told_of, whole_first

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


def settled_moments(
    events: pd.DataFrame, policy: str, services: Collection[str] = ()
) -> dict[tuple[str, str], list[Settled]]:
    """Return what a policy makes of the claims about each moment and incident: one result for each part, and where
    `first_detected` for each who did, since two people who see a failure at two hours do not contradict one another.
    """
    told: dict[tuple[str, str, str], list[Claim]] = {}
    for event, actor, incident, claim in told_of(events, ["event", "actor", "incident_id"], policy):
        for moment in moments_of(event, actor):
            who = actor if moment == "first_detected" else ""
            told.setdefault((moment, incident, who), []).append(claim)
    found: dict[tuple[str, str], list[Settled]] = {}
    for (moment, incident, _who), claims in told.items():
        parts = whole_first(claims, services).values()
        found.setdefault((moment, incident), []).extend(settle(part, policy) for part in parts)
    return found


def moments_of(event: str, actor: str) -> tuple[str, ...]:
    """Return the moments that a claim about an event speaks of: what others detect or open is a moment of its own, what
    the operator detects may be the first detection too. None for precursors and later statements.
    """
    if event == "detected":
        return ("first_detected", "detected") if actor == "operator" else ("first_detected",)
    if event == "escalated" and actor != "operator":
        return ("authority_crisis_cell",)
    return (event,) if event in MOMENTS else ()


def settled_quantities(
    measures: pd.DataFrame, policy: str, services: Collection[str] = ()
) -> dict[tuple[str, str], tuple[list[Settled], list[Settled]]]:
    """Return what a policy makes of the claims about each measure and incident: one result for each part, and those of
    the largest parts that are more than the floors of the whole.
    """
    told: dict[tuple[str, str], list[Claim]] = {}
    for measure, incident, claim in told_of(measures, ["measure", "incident_id"], policy):
        told.setdefault((measure, incident), []).append(claim)
    found = {}
    for thing, claims in told.items():
        first = whole_first(claims, services)
        larger = larger_parts(claims, first, policy) if thing[0] in COUNTS else []
        found[thing] = [settle(part, policy) for part in first.values()], larger
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
    parts: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.part:
            parts.setdefault(claim.part, []).append(claim)
    least, settled = settle(first[""], policy).low, [settle(part, policy) for part in parts.values()]
    more = [one for one in settled if one.low > least]
    return [one for one in more if one.low == max(other.low for other in more)]
