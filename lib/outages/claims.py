"""Several sources speak of the same thing: what is taken, under which named policy?

A policy is a rule fixed before looking at the values. Within the claims that it prefers, those with two ends go before
floors and ceilings, and what is left is taken whole, from the lowest to the highest end: two authorities that disagree give
an interval that holds both.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from outages.intervals import informative

AUTHORITY = ("regulator", "court", "parliament", "government")
ORDER = {**dict.fromkeys(AUTHORITY, 0), "operator": 1, "academic": 2, "press": 3, "encyclopedia": 4}
RANKS = {"authority": ORDER, "operator": ORDER | {"operator": -1}, "press": ORDER | {"press": -1}}
COUNTS = ("users_affected", "lines_affected", "calls_blocked", "emergency_calls_failed", "deaths_linked")
POLICIES = (*RANKS, "earliest", "latest", "widest")


def resolve(claims: pd.DataFrame, by: Sequence[str], policy: str) -> pd.DataFrame:
    """Resolve claims about the same thing into one interval.

    Parameters
    ----------
    claims : frame with `low`, `high` (float), `kind` of source, and the columns in `by`
    by : columns that say which claims speak of the same thing
    policy : `authority` (regulators, courts, parliaments, governments, then operators, academics, press, encyclopedias),
        `operator` and `press` (these first, then the same order), `earliest` (the claim with the lowest end, the narrower of
        two), `latest` (the claim with the highest end, the narrower of two), `widest` (all claims)

    Returns
    -------
    Frame indexed by `by` with `low`, `high`, `claims` (how many speak), `used` (how many the policy took) and `disagree`
    (whether no single value fits them all).

    Raises
    ------
    ValueError : unknown policy
    """
    if policy not in POLICIES:
        raise ValueError(f"policy '{policy}' is unknown; use one of {', '.join(POLICIES)}")
    by = list(by)
    groups = claims.groupby(by)
    spoken = groups.agg(claims=("low", "size"), most_low=("low", "max"), least_high=("high", "min"))
    taken = (
        preferred(claims, by, policy).groupby(by).agg(low=("low", "min"), high=("high", "max"), used=("low", "size"))
    )
    if policy in RANKS:
        taken = stated_ends(preferred(claims, by, policy), by, taken)
    resolved = taken.join(spoken)
    resolved["disagree"] = resolved["most_low"] > resolved["least_high"]
    return resolved[["low", "high", "claims", "used", "disagree"]]


def stated_ends(claims: pd.DataFrame, by: list[str], taken: pd.DataFrame) -> pd.DataFrame:
    """Bound what is known only by floors and ceilings: a floor says nothing of the high end, a ceiling nothing of the low one.

    From the lowest floor to the highest ceiling; where they exclude one another, everything between them.
    """
    floors = claims["low"].where((claims["low"] > 0) & np.isinf(claims["high"]))
    ceilings = claims["high"].where(np.isfinite(claims["high"]) & (claims["low"] == 0))
    keys = [claims[column] for column in by]
    floor, ceiling = floors.groupby(keys).min(), ceilings.groupby(keys).max()
    both = (floor.notna() & ceiling.notna() & (taken["low"] == 0) & np.isinf(taken["high"])).reindex(taken.index)
    return taken.assign(
        low=taken["low"].mask(both, np.fmin(floor, ceiling)), high=taken["high"].mask(both, np.fmax(floor, ceiling))
    )


def preferred(claims: pd.DataFrame, by: list[str], policy: str) -> pd.DataFrame:
    """Return the claims that a policy takes in each group."""
    if policy == "widest":
        return claims
    if policy == "earliest":
        return claims.sort_values(["low", "high"], kind="stable").drop_duplicates(by)
    if policy == "latest":
        return claims.sort_values(["high", "low"], ascending=False, kind="stable").drop_duplicates(by)
    open_end = ~np.isfinite(claims["low"]) | ~np.isfinite(claims["high"]) | (claims["low"] == 0) & (claims["high"] > 0)
    rank = claims["kind"].map(RANKS[policy]) * 2 + open_end
    best = rank.groupby([claims[column] for column in by]).transform("min")
    return claims[rank == best]


def whole_first(claims: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Keep the claims about the whole (`scope` empty); where there are none, those about the parts."""
    whole = claims["scope"] == ""
    has_whole = whole.groupby([claims[column] for column in by]).transform("any")
    return claims[whole | ~has_whole]


def quantities(measures: pd.DataFrame, measure: str, incidents: pd.Index, policy: str) -> pd.DataFrame:
    """Return one quantity of each incident as intervals in its own unit, NaN where no source gives it.

    Claims about the whole incident go before claims about parts. Where there are only parts, the largest bounds a count of the whole from
    below and nothing bounds it from above: parts may overlap and must not be added. A length of a part stands for the whole.
    """
    claims = measures[measures["measure"] == measure]
    if claims.empty:
        return pd.DataFrame({"low": float("nan"), "high": float("nan")}, index=incidents)
    parts = resolve(whole_first(claims, ["incident_id"]), ["incident_id", "scope"], policy)
    found = parts.groupby("incident_id")[["low", "high"]].max()
    whole = set(claims.loc[claims["scope"] == "", "incident_id"])
    if measure in COUNTS:
        found["high"] = found["high"].where(found.index.isin(whole), np.inf)
    return informative(found).reindex(incidents)
