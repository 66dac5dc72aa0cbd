"""What does a policy make of each claim? It takes it, or the claim narrows what results, or allows it, or does not."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from outages.facts.policies import roles, standing_claims, whole_first
from outages.facts.timeline import (
    CLAIM,
    ENDS,
    MOMENTS,
    QUANTITIES,
    THING,
    largest_parts,
    moment_claims,
    moment_of,
    quantities,
)
from outages.stats.intervals import overlaps


def event_roles(events: pd.DataFrame, policy: str, services: Collection[str] = ()) -> pd.Series:
    """Return the role of each row of events that speaks of a moment, see `outages.facts.policies.roles`; of a row that
    speaks of two, the greater.
    """
    claims = moment_claims(standing_claims(events[[*CLAIM, "event", "actor"]]), services)
    found = roles(claims, ["incident_id", "moment", "who", "scope"], policy)
    return found.groupby(level=0).max()  # `yes` comes after `narrows`, and that after nothing


def measure_roles(measures: pd.DataFrame, policy: str, services: Collection[str] = ()) -> pd.Series:
    """Return the role of each row of measures that a quantity may rest on, see `outages.facts.policies.roles`."""
    claims = standing_claims(measures[[*CLAIM, "measure"]])
    told = pd.concat([whole_first(claims, THING, services), largest_parts(claims, policy, services)])
    return roles(told, [*THING, "scope"], policy).groupby(level=0).max()


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
    moment = moment_of(events)
    others = measures.loc[~measures["measure"].isin(QUANTITIES), [*CLAIM, "measure"]]
    amounts = {m: known[m] for m in QUANTITIES} | (quantities(others, policy, services) if len(others) else {})
    taken = {
        "events": accepted(events, moment, {m: known[m] for m in MOMENTS}, event_roles(events, policy, services)),
        "measures": accepted(measures, measures["measure"], amounts, measure_roles(measures, policy, services)),
    }
    return taken | {"events": taken["events"].where(moment.isin(MOMENTS), "")}


def accepted(claims: pd.DataFrame, thing: pd.Series, values: dict[str, pd.DataFrame], role: pd.Series) -> pd.Series:
    """Return the role of claims, and of those without one whether they agree with the value of the thing that each
    speaks of.
    """
    keys = pd.MultiIndex.from_arrays([thing, claims["incident_id"]])
    value = pd.concat(values)[ENDS].reindex(keys).set_axis(claims.index)
    agrees = overlaps(claims, value["low"], value["high"])
    own = role.reindex(claims.index, fill_value="")
    taken = own.mask(own == "", pd.Series(np.where(agrees, "agrees", "no"), claims.index))
    return taken.mask(claims["retracted_by"] != "", "withdrawn")
