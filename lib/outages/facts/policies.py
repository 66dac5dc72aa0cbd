"""Several sources speak of the same thing: what is taken, under which named policy?

A policy is a rule fixed before looking at the values. Among the claims that it prefers, those with two ends go before floors and ceilings, and what is left is
taken whole: two authorities that disagree give an interval that holds both.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from outages.registry.registry import Registry

AUTHORITY = ("regulator", "court", "parliament", "government")
ORDER = {**dict.fromkeys(AUTHORITY, 0), "operator": 1, "academic": 2, "press": 3, "encyclopedia": 4}
RANKS = {"authority": ORDER, "operator": ORDER | {"operator": -1}, "press": ORDER | {"press": -1}}
POLICIES = (*RANKS, "earliest", "latest", "widest")
MANY_TIMES = ("precursor", "public_statement", "postmortem_published")  # different ones do not contradict one another


def floors(claims: pd.DataFrame) -> pd.Series:
    """Return which claims bound a value from below only."""
    return (claims["low"] > 0) & np.isinf(claims["high"])


def ceilings(claims: pd.DataFrame) -> pd.Series:
    """Return which claims bound a value from above only."""
    return (claims["low"] == 0) & (claims["high"] > 0) & np.isfinite(claims["high"])


def preferred(claims: pd.DataFrame, by: Sequence[str], policy: str) -> pd.DataFrame:
    """Return the claims that a policy takes of each thing that `by` tells apart; parameters and errors as in `resolve`."""
    if policy not in POLICIES:
        raise ValueError(f"policy '{policy}' is unknown; use one of {', '.join(POLICIES)}")
    if policy == "widest":
        return claims
    if policy == "earliest":
        return claims.sort_values(["low", "high"], kind="stable").drop_duplicates(by).sort_index()
    if policy == "latest":
        return claims.sort_values(["high", "low"], ascending=False, kind="stable").drop_duplicates(by).sort_index()
    open_end = ~np.isfinite(claims["low"]) | ~np.isfinite(claims["high"]) | (claims["low"] == 0) & (claims["high"] > 0)
    rank = claims["kind"].astype(object).map(RANKS[policy]).astype(float) + open_end / 2
    return claims[rank == rank.groupby([claims[c] for c in by], observed=True).transform("min")]


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
    selected = preferred(claims, by, policy)
    every, used = (rows.groupby(list(by), observed=True) for rows in (claims, selected))
    found = used.agg(low=("low", "min"), high=("high", "max"), used=("low", "size"))
    if policy in RANKS:  # a floor says nothing of the high end, a ceiling nothing of the low one
        floor = selected[floors(selected)].groupby(list(by), observed=True)["low"].min().reindex(found.index)
        ceiling = selected[ceilings(selected)].groupby(list(by), observed=True)["high"].max().reindex(found.index)
        both = floor.notna() & ceiling.notna() & (found["low"] == 0) & np.isinf(found["high"])
        found["low"] = found["low"].mask(both, np.fmin(floor, ceiling))
        found["high"] = found["high"].mask(both, np.fmax(floor, ceiling))
    return found.assign(claims=every.size(), disagree=every["low"].max() > every["high"].min())


def whole_first(claims: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Keep the claims about the whole (`scope` empty); where there are none, those about the parts."""
    whole = claims["scope"] == ""
    return claims[whole | ~whole.groupby([claims[c] for c in by], observed=True).transform("any")]


def disagreements(registry: Registry, policy: str) -> pd.DataFrame:
    """Return on what several claims speak, and whether they exclude one another.

    Returns
    -------
    One row a moment (of one actor and scope), a quantity (of one scope), or a root cause or redundancy: `table`,
    `incident_id`, `about` (code of the event, measure or factor), `actor`, `scope`, `low`, `high` (what the policy makes
    of the claims, NaN for causes), number of `claims`, `disagree` (whether no single value fits them all).
    """
    thing = ["incident_id", "about", "actor", "scope"]
    events = registry.events[~registry.events["event"].isin(MANY_TIMES)].assign(about=lambda rows: rows["event"])
    measures = registry.measures.assign(about=registry.measures["measure"], actor="")
    causes = registry.causes[registry.causes["factor"].isin(["root_cause", "redundancy_defeated"])]
    named = causes[causes["value"] != "unknown"].assign(about=causes["factor"], actor="", scope="")
    values = named.groupby(thing, observed=True)["value"]
    found = {
        "events": resolve(events, thing, policy).reset_index(),
        "measures": resolve(measures, thing, policy).reset_index(),
        "causes": values.agg(claims="size", disagree=lambda codes: codes.nunique() > 1).reset_index(),
    }
    every = pd.concat([rows.assign(table=name) for name, rows in found.items()], ignore_index=True)
    columns = ["table", *thing, "low", "high", "claims", "disagree"]
    return every.loc[every["claims"] > 1, columns].astype({"disagree": bool}).reset_index(drop=True)
