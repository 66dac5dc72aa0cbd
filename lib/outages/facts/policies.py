"""Several sources speak of the same thing: what is taken, under which named policy?

A policy is a rule fixed before looking at the values. A claim ranks by who speaks, not by who prints; one that its
speaker withdrew is never taken. Among the claims of the best rank those with two ends go before floors and ceilings,
and what is left is taken whole: two authorities that disagree give an interval that holds both. A claim within which
another of its rank lies says the same less exactly, and does not widen it. Where the result is vague, claims of lower
rank that lie wholly within it narrow it, so that it never leaves what the best rank allows; the given end of a floor
or a ceiling yields to exact figures alone.
"""

import itertools
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import pandas as pd

from outages.registry.registry import Registry
from outages.stats.intervals import last_place

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
    "earliest": lambda told: [min(sharpest(told), key=lambda claim: (claim.low, claim.high))],
    "latest": lambda told: [max(sharpest(told), key=lambda claim: (claim.high, claim.low))],
    "widest": lambda told: told,
}
POLICIES = (*RANKS, *CHOICES)
SAID = ["low", "high", "part", "speaker", "kind", "retracted_by"]  # what a policy looks at
ONE_ONLY = ("root_cause", "redundancy_defeated")  # factors of which one value can be true
MANY_TIMES = ("precursor", "public_statement", "postmortem_published")  # different ones do not contradict one another

K = TypeVar("K")
V = TypeVar("V")


def voices(claims: pd.DataFrame) -> pd.Series:
    """Return whose statement each claim is: the speaker's whom the document passes on, or else its publisher's."""
    speaker = claims["speaker"].astype(object)
    return speaker.where(speaker != "", claims["kind"].astype(object))


class Claim(NamedTuple):
    """What one of several claims about the same thing says: its row in the frame, its rank (that of the speaker,
    whether an end is open, whether others quote it), its two ends, and the part of the outage that it is about, empty
    for the whole.
    """

    row: int
    rank: tuple[int, bool, bool]
    low: float
    high: float
    part: str = ""

    @property
    def floor(self) -> bool:
        """Whether it bounds a value from below only."""
        return self.low > 0 and self.high == math.inf

    def overlaps(self, low: float, high: float) -> bool:
        """Return whether it has something in common with an interval."""
        return self.low <= high and self.high >= low


class Settled(NamedTuple):
    """What a policy makes of the claims told of one thing: two ends, the claims taken, and those that narrow them."""

    told: list[Claim]
    low: float
    high: float
    taken: list[Claim]
    narrowing: list[Claim]


def settle(told: list[Claim], policy: str) -> Settled:
    """Settle the claims about one thing under a policy, see `resolve`."""
    if len(told) == 1:
        return Settled(told, told[0].low, told[0].high, told, [])
    if policy not in RANKS:
        chosen = CHOICES[policy](told)
        return Settled(told, min(c.low for c in chosen), max(c.high for c in chosen), chosen, [])
    best = min(c.rank for c in told)
    taken = sharpest([c for c in told if c.rank == best])
    low, high = min(c.low for c in taken), max(c.high for c in taken)
    if low == 0 and high == math.inf:  # a floor says nothing of the high end, a ceiling nothing of the low one
        low, high = between(taken) or (low, high)
    narrowed: list[Claim] = []
    floor, ceiling = low > 0 and high == math.inf, low == 0 and high < math.inf
    for level in narrowing(told, taken) if low < high else ():
        vague = any(c.low < c.high for c in level)
        least, most = min(c.low for c in level), max(c.high for c in level)
        ends = low if floor and vague else least, high if ceiling and vague else most
        if ends != (low, high):
            (low, high), narrowed = ends, [*narrowed, *level]
    return Settled(told, low, high, taken, narrowed)


def sharpest(claims: list[Claim]) -> list[Claim]:
    """Return the claims that count: of those with two ends none within which another lies, since a day neither widens
    nor contradicts an hour of it; no floor that is another one in round numbers.
    """

    def vaguer(one: Claim) -> bool:
        if one.floor:
            return any(c.floor and one.low < c.low and cut(c.low, one.low) == one.low for c in claims)
        inside = ((c.low, c.high) for c in claims if one.low <= c.low and c.high <= one.high)
        return one.low > 0 and one.high < math.inf and any(ends != (one.low, one.high) for ends in inside)

    return [one for one in claims if not vaguer(one)]


def cut(value: float, to: float) -> float:
    """Return a value cut to as many digits as another has before its last zeros."""
    unit = 10.0 ** max(last_place(to), 0)
    return value // unit * unit


def between(taken: list[Claim]) -> tuple[float, float] | None:
    """Return the lowest floor and the highest ceiling, in order, where there are both."""
    floors = [c.low for c in taken if c.floor]
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
    others = sorted((c for c in told if c.rank > taken[0].rank and not c.rank[1]), key=lambda c: c.rank)
    levels = []
    for _, level in itertools.groupby(others, key=lambda c: c.rank):
        if within := sharpest([c for c in level if c.low >= low and c.high <= high]):
            low, high = max(c.low for c in within), min(c.high for c in within)
            levels.append(within)
    return levels


def grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """Return the values of each key, in their order."""
    found: dict[K, list[V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def told_of(claims: pd.DataFrame, about: Sequence[str], policy: str) -> Iterator[tuple[Any, ...]]:
    """Yield each claim that nobody withdrew, with its rank under a policy, behind the cells that say what it is about.

    Of one speaker floors and ceilings stand behind claims with two ends, and of these what others quote behind the
    speaker's own document. A policy without an order ranks all alike.
    """
    if policy not in POLICIES:
        raise ValueError(f"policy '{policy}' is unknown; use one of {', '.join(POLICIES)}")
    order, cells = RANKS.get(policy), claims.reindex(columns=[*about, *SAID], fill_value="")
    for row, *cell in zip(claims.index, *(cells[column].astype(object) for column in cells), strict=True):
        *thing, low, high, part, speaker, kind, withdrawn = cell
        ceiling = low == 0 < high
        open_end = ceiling or not math.isfinite(low) or not math.isfinite(high)
        quoted = speaker not in ("", kind)
        rank = (order[speaker or kind], open_end, quoted) if order else (0, False, False)
        if not withdrawn:
            yield (*thing, Claim(row, rank, low, high, part))


def resolve(claims: pd.DataFrame, by: Sequence[str], policy: str) -> pd.DataFrame:
    """Resolve claims about the same thing into one interval.

    Parameters
    ----------
    claims : as in a registry, with the columns in `by`; of `part`, `speaker`, `kind` and `retracted_by` one that is not
        there counts as empty
    by : columns that say which claims speak of the same thing
    policy : `authority` (regulators, courts, parliaments, governments, then operators and suppliers, academics, press,
        members of parliaments, monitors and witnesses, encyclopedias), `operator` and `press` (these first, then the
        same order; in all three, of one rank, claims with two ends before floors and ceilings, then a speaker's own
        document before those that quote it), `earliest` (of those that no other says more exactly, the claim with the
        lowest end), `latest` (of those, the one with the highest end), `widest` (all claims)

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

    >>> kind = ["regulator", "press", "press"]
    >>> told = pd.DataFrame({"moment": "onset", "low": [20.0, 24, 7], "high": [30.0, 24, 7], "kind": kind})
    >>> resolve(told, ["moment"], "authority")[["low", "high"]].values.tolist()
    [[24.0, 24.0]]
    """
    rows = []
    for thing, every in grouped((tuple(cells), claim) for *cells, claim in told_of(claims, by, policy)).items():
        one = settle(every, policy)
        rows.append((*thing, one.low, one.high, len(every), len(one.taken), exclude_one_another(every)))
    kinds = {"low": float, "high": float, "claims": int, "used": int, "disagree": bool}
    return pd.DataFrame(rows, columns=[*by, *kinds]).astype(kinds).set_index(list(by)).sort_index()


def speaks_of(scope: str, services: Collection[str]) -> bool:
    """Return whether a claim's scope, codes separated by `;`, names one of some services."""
    return not set(services).isdisjoint(scope.split(";"))


def whole_first(told: list[Claim], services: Collection[str] = ()) -> dict[str, list[Claim]]:
    """Return the claims about one of some services; where there are none, those about the whole; where there are none
    either, those about the parts: part by part, that of the whole being empty.
    """
    if len(told) == 1:
        return {told[0].part: told}
    asked = {part for part in {claim.part for claim in told} if speaks_of(part, services)}
    order = [0 if claim.part in asked else 2 if claim.part else 1 for claim in told]
    least = min(order)
    return grouped((claim.part, claim) for claim, place in zip(told, order, strict=True) if place == least)


def disagreements(registry: Registry, policy: str) -> pd.DataFrame:
    """Return on what several claims speak, and whether they exclude one another.

    Returns
    -------
    One row a moment (of one actor and scope), a quantity (of one scope), or a root cause or redundancy: `table`,
    `incident_id`, `about` (code of the event, measure or factor), `actor`, `scope`, `low`, `high` (what the policy
    makes of the claims, NaN for causes), number of `claims`, `disagree` (whether no single value fits them all).
    """
    events = registry.events[~registry.events["event"].isin(MANY_TIMES)]
    rows: list[tuple[Any, ...]] = []
    for table, claims, about in (("events", events, "event"), ("measures", registry.measures, "measure")):
        told = told_of(claims, ["incident_id", about, "actor", "scope"], policy)
        for thing, every in sorted(grouped((tuple(cells), claim) for *cells, claim in told).items()):
            one = settle(every, policy)
            rows.append((table, *thing, one.low, one.high, len(every), exclude_one_another(every)))
    causes = registry.causes[registry.causes["factor"].isin(ONE_ONLY) & (registry.causes["value"] != "unknown")]
    codes = grouped(zip(zip(causes["incident_id"], causes["factor"], strict=True), causes["value"], strict=True))
    for (incident, factor), values in sorted(codes.items()):
        rows.append(("causes", incident, factor, "", "", math.nan, math.nan, len(values), len(set(values)) > 1))
    columns = ["table", "incident_id", "about", "actor", "scope", "low", "high", "claims", "disagree"]
    found = pd.DataFrame(rows, columns=columns).astype({"low": float, "high": float, "disagree": bool})
    return found[found["claims"] > 1].reset_index(drop=True)


def exclude_one_another(claims: list[Claim]) -> bool:
    """Return whether no single value fits all claims."""
    return max(claim.low for claim in claims) > min(claim.high for claim in claims)
