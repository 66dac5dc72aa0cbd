"""Several sources speak of the same thing: what is taken, under which named policy?

A policy is a rule fixed before looking at the values. A claim ranks by who speaks, not by who prints; one that its
speaker withdrew is never taken. Among the claims of the best rank those with two ends go before floors and ceilings,
and what is left is taken whole: two authorities that disagree give an interval that holds both. Where that is vague,
claims of lower rank that lie wholly within it narrow it, so that the result never leaves what the best rank allows.
"""

import itertools
import math
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pandas.api.typing import DataFrameGroupBy

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
CHOICES: dict[str, Callable[[list[Any]], list[Any]]] = {  # among claims about the same thing
    "earliest": lambda told: [min(told, key=lambda claim: (claim.low, claim.high))],
    "latest": lambda told: [max(told, key=lambda claim: (claim.high, claim.low))],
    "widest": lambda told: told,
}
POLICIES = (*RANKS, *CHOICES)
QUOTED, OPEN = 0.25, 0.5  # ranks that a claim passed on by others, and one with an open end, stand behind
MANY_TIMES = ("precursor", "public_statement", "postmortem_published")  # different ones do not contradict one another


def floors(claims: pd.DataFrame) -> pd.Series:
    """Return which claims bound a value from below only."""
    return (claims["low"] > 0) & np.isinf(claims["high"])


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
    ceiling = (claims["low"] == 0) & (claims["high"] > 0)
    open_end = ~np.isfinite(claims["low"]) | ~np.isfinite(claims["high"]) | ceiling
    quoted = claims.get("quoted", pd.Series(False, index=claims.index))
    return claims["voice"].map(RANKS[policy]).astype(float) + open_end * OPEN + quoted * QUOTED


class Claim(NamedTuple):
    """What one of several claims about the same thing says: its row in the frame, its rank, and its two ends."""

    row: int
    rank: float
    low: float
    high: float


class Settled(NamedTuple):
    """What a policy makes of the claims told of one thing: two ends, the claims taken, and those that narrow them."""

    told: list[Claim]
    low: float
    high: float
    taken: list[Claim]
    narrowing: list[Claim]


def settle(told: list[Claim], policy: str) -> Settled:
    """Settle the claims about one thing under a policy, see `resolve`."""
    if policy not in RANKS:
        chosen = CHOICES[policy](told)
        return Settled(told, min(c.low for c in chosen), max(c.high for c in chosen), chosen, [])
    best = min(c.rank for c in told)
    taken = [c for c in told if c.rank == best]
    low, high = min(c.low for c in taken), max(c.high for c in taken)
    if low == 0 and high == math.inf:  # a floor says nothing of the high end, a ceiling nothing of the low one
        low, high = between(taken) or (low, high)
    if low == high:
        return Settled(told, low, high, taken, [])
    levels = narrowing(told, taken)
    if levels:
        low, high = min(c.low for c in levels[-1]), max(c.high for c in levels[-1])
    return Settled(told, low, high, taken, [c for level in levels for c in level])


def between(taken: list[Claim]) -> tuple[float, float] | None:
    """Return the lowest floor and the highest ceiling, in order, where there are both."""
    floors = [c.low for c in taken if c.low > 0 and c.high == math.inf]
    ceilings = [c.high for c in taken if c.low == 0 < c.high < math.inf]
    if not floors or not ceilings:
        return None
    ends = min(floors), max(ceilings)
    return min(ends), max(ends)


def narrowing(told: list[Claim], taken: list[Claim]) -> list[list[Claim]]:
    """Return the claims with two ends that say something wholly within what the claims of the best rank leave open in
    common, rank by rank, each rank within those before it.

    Where the best claims exclude one another there are none: what lies between them is said by none of them.
    """
    low, high = max(c.low for c in taken), min(c.high for c in taken)
    others = sorted((c for c in told if c.rank > taken[0].rank and c.rank % 1 < OPEN), key=lambda c: c.rank)
    levels = []
    for _, level in itertools.groupby(others, key=lambda c: c.rank):
        if within := [c for c in level if c.low >= low and c.high <= high]:
            low, high = max(c.low for c in within), min(c.high for c in within)
            levels.append(within)
    return levels


def settled(claims: pd.DataFrame, things: DataFrameGroupBy, policy: str) -> list[Settled]:
    """Settle each of the things into which claims are grouped; policy and errors as in `resolve`."""
    if policy not in POLICIES:
        raise ValueError(f"policy '{policy}' is unknown; use one of {', '.join(POLICIES)}")
    rank: Iterable[float] = ranks(claims, policy) if policy in RANKS else itertools.repeat(0.0, len(claims))
    told: list[list[Claim]] = [[] for _ in range(things.ngroups)]
    for thing, *claim in zip(things.ngroup(), range(len(claims)), rank, claims["low"], claims["high"], strict=True):
        told[thing].append(Claim(*claim))
    return [settle(every, policy) for every in told]


def roles(claims: pd.DataFrame, by: Sequence[str], policy: str) -> pd.Series:
    """Return the role of each claim in what results for each thing that `by` tells apart: `yes` when the policy takes
    it, `narrows` when it narrows what is taken, otherwise empty. Parameters and errors as in `resolve`.
    """
    found = np.full(len(claims), "", dtype=object)
    for one in settled(claims, claims.groupby(list(by), observed=True), policy):
        found[[claim.row for claim in one.narrowing]] = "narrows"
        found[[claim.row for claim in one.taken]] = "yes"
    return pd.Series(found, claims.index)


def preferred(claims: pd.DataFrame, by: Sequence[str], policy: str) -> pd.DataFrame:
    """Return the claims that a policy takes; parameters and errors as in `resolve`."""
    return claims[roles(claims, by, policy) == "yes"]


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
    things = claims.groupby(list(by), observed=True)
    rows = [
        (one.low, one.high, len(one.told), len(one.taken), max(c.low for c in one.told) > min(c.high for c in one.told))
        for one in settled(claims, things, policy)
    ]
    kinds = {"low": float, "high": float, "claims": int, "used": int, "disagree": bool}
    return pd.DataFrame(rows, things.size().index, list(kinds)).astype(kinds)


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
