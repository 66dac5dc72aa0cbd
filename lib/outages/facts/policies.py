"""Several sources speak of the same thing: what is taken, under which named policy?

A policy is a rule fixed before looking at the values. A claim ranks by who speaks, not by who prints; one that its
speaker withdrew is never taken. Among the claims of the best rank those with two ends go before floors and ceilings,
and what is left is taken whole: two authorities that disagree give an interval that holds both. Where that is vague,
claims of lower rank that lie wholly within it narrow it, so that the result never leaves what the best rank allows.
"""

import itertools
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from outages.registry.registry import Registry

AUTHORITY = ("regulator", "court", "parliament", "government")
ORDER = {
    **dict.fromkeys(AUTHORITY, 0),
    **dict.fromkeys(("operator", "supplier"), 1),
    "academic": 2,
    **dict.fromkeys(("press", "member", "monitor", "witness"), 3),
    "encyclopedia": 4,
}
RANKS = {"authority": ORDER, "operator": ORDER | {"operator": -1}, "press": ORDER | {"press": -1}}
POLICIES = (*RANKS, "earliest", "latest", "widest")
MANY_TIMES = ("precursor", "public_statement", "postmortem_published")  # different ones do not contradict one another


def floors(claims: pd.DataFrame) -> pd.Series:
    """Return which claims bound a value from below only."""
    return (claims["low"] > 0) & np.isinf(claims["high"])


def ceilings(claims: pd.DataFrame) -> pd.Series:
    """Return which claims bound a value from above only."""
    return (claims["low"] == 0) & (claims["high"] > 0) & np.isfinite(claims["high"])


def standing_claims(claims: pd.DataFrame) -> pd.DataFrame:
    """Return the claims that nobody withdrew, with `voice` and `quoted`.

    `voice` says whose statement each is: the speaker that the document passes on, or else its publisher; `quoted`
    whether the document is of another kind than who speaks.
    """
    speaker = claims["speaker"].astype(object)
    voice = speaker.where(speaker != "", claims["kind"].astype(object))
    quoted = (speaker != "") & (speaker != claims["kind"].astype(object))
    return claims.assign(voice=voice, quoted=quoted)[claims["retracted_by"] == ""]


def ranks(claims: pd.DataFrame, policy: str) -> pd.Series:
    """Return the rank of each claim under a policy that has an order, lowest first.

    Floors and ceilings stand half a rank behind claims with two ends, and what others quote a quarter behind the
    speaker's own document.
    """
    open_end = ~np.isfinite(claims["low"]) | ~np.isfinite(claims["high"]) | ceilings(claims)
    quoted = claims.get("quoted", pd.Series(False, index=claims.index))
    return claims["voice"].map(RANKS[policy]).astype(float) + open_end / 2 + quoted * 0.25


def preferred(claims: pd.DataFrame, by: Sequence[str], policy: str) -> pd.DataFrame:
    """Return the claims that a policy takes of each thing that `by` tells apart; parameters and errors as in
    `resolve`.
    """
    if policy not in POLICIES:
        raise ValueError(f"policy '{policy}' is unknown; use one of {', '.join(POLICIES)}")
    if policy == "widest":
        return claims
    if policy == "earliest":
        return claims.sort_values(["low", "high"], kind="stable").drop_duplicates(by).sort_index()
    if policy == "latest":
        return claims.sort_values(["high", "low"], ascending=False, kind="stable").drop_duplicates(by).sort_index()
    rank = ranks(claims, policy)
    return claims[rank == rank.groupby([claims[c] for c in by], observed=True).transform("min")]


def resolve(claims: pd.DataFrame, by: Sequence[str], policy: str) -> pd.DataFrame:
    """Resolve claims about the same thing into one interval.

    Parameters
    ----------
    claims : frame with `low`, `high` (float), `voice` (whose statement it is, see `standing_claims`), and the columns
        in `by`
    by : columns that say which claims speak of the same thing
    policy : `authority` (regulators, courts, parliaments, governments, then operators and suppliers, academics, press,
        members of parliaments, monitors and witnesses, encyclopedias), `operator` and `press` (these first, then the
        same order), `earliest` (the claim with the lowest end, the narrower of two), `latest` (the claim with the
        highest end, the narrower of two), `widest` (all claims)

    Returns
    -------
    Frame indexed by `by` with `low`, `high`, `claims` (how many speak), `used` (how many the policy took) and
    `disagree` (whether no single value fits them all).

    Raises
    ------
    ValueError : unknown policy

    Examples
    --------
    A regulator says "in the night", the press says midnight: the night is narrowed, and never left.

    >>> voices = ["regulator", "press", "press"]
    >>> told = pd.DataFrame({"moment": "onset", "low": [20.0, 24, 7], "high": [30.0, 24, 7], "voice": voices})
    >>> resolve(told, ["moment"], "authority")[["low", "high"]].values.tolist()
    [[24.0, 24.0]]
    """
    by = list(by)
    claims = claims.reset_index(drop=True)
    things = claims.groupby(by, observed=True)
    claims = claims.assign(thing=things.ngroup())
    selected = preferred(claims, ["thing"], policy)
    used = selected.groupby("thing")
    found = used.agg(low=("low", "min"), high=("high", "max"), used=("low", "size"))
    if policy in RANKS:  # a floor says nothing of the high end, a ceiling nothing of the low one
        floor = selected[floors(selected)].groupby("thing")["low"].min().reindex(found.index)
        ceiling = selected[ceilings(selected)].groupby("thing")["high"].max().reindex(found.index)
        both = floor.notna() & ceiling.notna() & (found["low"] == 0) & np.isinf(found["high"])
        found["low"] = found["low"].mask(both, np.fmin(floor, ceiling))
        found["high"] = found["high"].mask(both, np.fmax(floor, ceiling))
        found = narrowed(found, claims, selected, policy)
    every = claims.groupby("thing")
    found = found.assign(claims=every.size(), disagree=every["low"].max() > every["high"].min())
    return found.set_axis(things.size().index)


def narrowed(found: pd.DataFrame, claims: pd.DataFrame, selected: pd.DataFrame, policy: str) -> pd.DataFrame:
    """Narrow what the claims of the best rank leave open in common: rank by rank, to all that claims with two ends say
    wholly within it.

    Where the best claims exclude one another nothing is narrowed: what lies between them is said by none of them.
    """
    best = selected.groupby("thing")
    common = dict(zip(found.index, zip(best["low"].max(), best["high"].min(), strict=True), strict=True))
    vague = found.index[found["low"] < found["high"]]
    others = claims[claims["thing"].isin(vague) & ~claims.index.isin(selected.index)]
    others = others.assign(rank=ranks(others, policy)).query("rank % 1 < 0.5").sort_values(["thing", "rank"])
    said = others[["thing", "rank", "low", "high"]].itertuples(index=False)
    ends = {}
    for (thing, _), level in itertools.groupby(said, key=lambda claim: (claim.thing, claim.rank)):
        floor, ceiling = common[thing]
        if within := [claim for claim in level if claim.low >= floor and claim.high <= ceiling]:
            lows, highs = zip(*((claim.low, claim.high) for claim in within), strict=True)
            ends[thing], common[thing] = (min(lows), max(highs)), (max(lows), min(highs))
    narrow = pd.DataFrame.from_dict(ends, orient="index", columns=["low", "high"])
    found.loc[narrow.index, ["low", "high"]] = narrow
    return found


def speaks_of(scope: str, services: Collection[str]) -> bool:
    """Return whether a claim's scope, codes separated by `;`, names one of some services."""
    return not set(services).isdisjoint(scope.split(";"))


def whole_first(claims: pd.DataFrame, by: Sequence[str], services: Collection[str] = ()) -> pd.DataFrame:
    """Keep the claims about one of some services; where there are none, those about the whole (`part` empty); where
    there are none either, those about the parts. What remains carries as `scope` the part that it is about.
    """
    claims = claims.assign(scope=claims["part"])
    wanted = pd.Series([speaks_of(scope, services) for scope in claims["scope"]], index=claims.index, dtype=bool)
    order = pd.Series(np.select([wanted, claims["scope"] == ""], [0, 1], 2), index=claims.index)
    return claims[order == order.groupby([claims[c] for c in by], observed=True).transform("min")]


def disagreements(registry: Registry, policy: str) -> pd.DataFrame:
    """Return on what several claims speak, and whether they exclude one another.

    Returns
    -------
    One row a moment (of one actor and scope), a quantity (of one scope), or a root cause or redundancy: `table`,
    `incident_id`, `about` (code of the event, measure or factor), `actor`, `scope`, `low`, `high` (what the policy
    makes of the claims, NaN for causes), number of `claims`, `disagree` (whether no single value fits them all).
    """
    thing = ["incident_id", "about", "actor", "scope"]
    events = registry.events[~registry.events["event"].isin(MANY_TIMES)].assign(about=lambda rows: rows["event"])
    measures = registry.measures.assign(about=registry.measures["measure"], actor="")
    causes = registry.causes[registry.causes["factor"].isin(["root_cause", "redundancy_defeated"])]
    named = causes[causes["value"] != "unknown"].assign(about=causes["factor"], actor="", scope="")
    values = named.groupby(thing, observed=True)["value"]
    found = {
        "events": resolve(standing_claims(events), thing, policy).reset_index(),
        "measures": resolve(standing_claims(measures), thing, policy).reset_index(),
        "causes": values.agg(claims="size", disagree=lambda codes: codes.nunique() > 1).reset_index(),
    }
    every = pd.concat([rows.assign(table=name) for name, rows in found.items()], ignore_index=True)
    columns = ["table", *thing, "low", "high", "claims", "disagree"]
    return every.loc[every["claims"] > 1, columns].astype({"disagree": bool}).reset_index(drop=True)
