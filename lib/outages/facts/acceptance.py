"""What does a policy make of each claim? It takes it, or the claim narrows what results, or allows it, or does not."""

from collections.abc import Iterable, Mapping

import pandas as pd

from outages.facts.policies import Settled
from outages.facts.settled import MOMENTS, Settlement, moments_of
from outages.facts.timeline import QUANTITIES, Facts, quantities
from outages.registry.registry import Registry
from outages.stats.intervals import both_ends


def acceptance(registry: Registry, settled: Settlement, known: Facts) -> dict[str, pd.Series]:
    """Return what a policy makes of each claim about a moment or a quantity.

    Parameters
    ----------
    registry : incidents and their claims
    settled : what the policy makes of those claims
    known : what results, see `outages.facts.timeline.facts`

    Returns
    -------
    For `events` and `measures`: `yes` where the policy takes a claim, `narrows` where it does not, but the claim
    narrows what it takes, `agrees` where the interval of the claim overlaps the value that results for what it speaks
    of, otherwise `no`. Empty for precursors and later statements, between which no policy chooses; `withdrawn` where
    the speaker took it back.
    """
    events, measures = registry.events, registry.measures
    said = zip(events["event"].astype(object), events["actor"].astype(object), strict=True)
    moment = [([*moments_of(*claim)] or [""])[-1] for claim in said]
    index = known["onset"].index
    others = set(measures["measure"].unique()).difference(QUANTITIES)
    amounts = quantities(settled.quantities, others, index) | {m: known[m] for m in QUANTITIES}
    of_moments = (one for results in settled.moments.values() for one in results)
    of_amounts = (one for amount in settled.quantities.values() for one in (*amount.results, *amount.larger))
    return {
        "events": accepted(events, moment, {m: known[m] for m in MOMENTS}, roles(of_moments), index),
        "measures": accepted(measures, measures["measure"].astype(object), amounts, roles(of_amounts), index),
    }


def roles(settled: Iterable[Settled]) -> dict[int, str]:
    """Return the role of each claim in what results, by its row: `yes` when the policy takes it for any of the things
    that it speaks of, otherwise `narrows` when it narrows what is taken for one.
    """
    every = list(settled)
    narrowing = {claim.row: "narrows" for one in every for claim in one.narrowing}
    return narrowing | {claim.row: "yes" for one in every for claim in one.taken}


def accepted(
    claims: pd.DataFrame,
    things: Iterable[str],
    values: Mapping[str, pd.DataFrame],
    role: Mapping[int, str],
    incidents: pd.Index,
) -> pd.Series:
    """Return the role of claims, and of those without one whether they agree with the value of the thing that each
    speaks of, empty where it is none of those that have a value; `incidents` is the index of all values.
    """
    at = {incident: row for row, incident in enumerate(incidents.to_numpy(object))}
    ends = {thing: both_ends(value) for thing, value in values.items()}

    def told(row: int, thing: str, incident: str, low: float, high: float, withdrawn: str) -> str:
        """Return the role of one claim."""
        if thing not in ends:
            return ""
        if withdrawn or row in role:
            return "withdrawn" if withdrawn else role[row]
        least, most = (end[at[incident]] for end in ends[thing])
        return "agrees" if low <= most and high >= least else "no"

    columns = (claims[column].astype(object) for column in ("incident_id", "low", "high", "retracted_by"))
    return pd.Series(map(told, claims.index, things, *columns), claims.index, dtype=object)
