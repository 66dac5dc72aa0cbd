"""What does a policy make of each claim? It takes it, or the claim narrows what results, or allows it, or does not."""

from collections.abc import Collection, Iterable, Mapping
from itertools import chain

import pandas as pd

from outages.facts.policies import Settled
from outages.facts.settled import MOMENTS, moments_of, settled_moments, settled_quantities
from outages.facts.timeline import QUANTITIES, quantities
from outages.stats.intervals import both_ends


def acceptance(
    events: pd.DataFrame, measures: pd.DataFrame, policy: str, known: pd.DataFrame, services: Collection[str] = ()
) -> dict[str, pd.Series]:
    """Return what a policy makes of each claim about a moment or a quantity.

    Parameters
    ----------
    events, measures : claims
    policy : see `outages.facts.policies.resolve`
    known : what results, as `outages.facts.timeline.facts` returns it

    Returns
    -------
    For `events` and `measures`: `yes` where the policy takes a claim, `narrows` where it does not, but the claim
    narrows what it takes, `agrees` where the interval of the claim overlaps the value that results for what it speaks
    of, otherwise `no`. Empty for precursors and later statements, between which no policy chooses; `withdrawn` where
    the speaker took it back.
    """
    said = zip(events["event"].astype(object), events["actor"].astype(object), strict=True)
    moment = [([*moments_of(*claim)] or [""])[-1] for claim in said]
    others = measures[~measures["measure"].isin(QUANTITIES)]
    amounts = quantities(others, policy, services) | {m: known[m] for m in QUANTITIES}
    of_moments = chain.from_iterable(settled_moments(events, policy, services).values())
    of_amounts = chain.from_iterable(chain.from_iterable(settled_quantities(measures, policy, services).values()))
    return {
        "events": accepted(events, moment, {m: known[m] for m in MOMENTS}, roles(of_moments)),
        "measures": accepted(measures, measures["measure"].astype(object), amounts, roles(of_amounts)),
    }


def roles(settled: Iterable[Settled]) -> dict[int, str]:
    """Return the role of each claim in what results, by its row: `yes` when the policy takes it for any of the things
    that it speaks of, otherwise `narrows` when it narrows what is taken for one.
    """
    every = list(settled)
    narrowing = {claim.row: "narrows" for one in every for claim in one.narrowing}
    return narrowing | {claim.row: "yes" for one in every for claim in one.taken}


def accepted(
    claims: pd.DataFrame, things: Iterable[str], values: Mapping[str, pd.DataFrame], role: Mapping[int, str]
) -> pd.Series:
    """Return the role of claims, and of those without one whether they agree with the value of the thing that each
    speaks of, empty where it is none of those that have a value.
    """
    ends = {
        n: dict(zip(v.index.to_numpy(object), zip(*both_ends(v), strict=True), strict=True)) for n, v in values.items()
    }
    columns = (claims[column].astype(object) for column in ("incident_id", "low", "high", "retracted_by"))
    found = []
    for row, thing, incident, low, high, withdrawn in zip(claims.index, things, *columns, strict=True):
        if thing not in values:
            found.append("")
            continue
        least, most = ends[thing][incident]
        agrees = "agrees" if low <= most and high >= least else "no"
        found.append("withdrawn" if withdrawn else role.get(row, agrees))
    return pd.Series(found, claims.index, dtype=object)
