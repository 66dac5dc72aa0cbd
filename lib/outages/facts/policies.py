"""Several sources speak of the same thing: what is taken, under which named policy?

A policy is a rule fixed before looking at the values. Within the claims that it prefers, those with two ends go before
floors and ceilings, and what is left is taken whole, from the lowest to the highest end: two authorities that disagree give
an interval that holds both.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from outages.stats.intervals import informative
from outages.registry.files import PLACE

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
    group, first = same_thing(claims, by)
    found = resolve_groups(claims, group, len(first), policy)
    names = claims[list(by)].iloc[first]
    found.index = pd.Index(names[by[0]]) if len(by) == 1 else pd.MultiIndex.from_frame(names)
    return found


def same_thing(claims: pd.DataFrame, by: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of the thing that each claim speaks of, things in the order of `by`, and the first claim about each."""
    return numbered([pd.factorize(claims[column], sort=True)[0] for column in by])


def numbered(keys: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of each row's combination of keys, combinations in order, and the first row of each."""
    number = without_gaps(keys[0].astype("int64"))
    for key in keys[1:]:
        number = split(number, key)
    first = np.empty(int(number.max(initial=-1)) + 1, dtype="int64")
    first[number[::-1]] = np.arange(len(number))[::-1]  # of several rows the last one written stays, here the first
    return number, first


def split(number: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Return numbers of groups that a key splits further, in order. Only groups of several rows are looked at: one row cannot be split."""
    sizes = np.bincount(number)
    rows = np.flatnonzero(sizes[number] > 1)
    group = number[rows]
    part = without_gaps(group * (int(key.max(initial=0)) + 1) + key[rows])
    group_of_part = np.empty(int(part.max(initial=-1)) + 1, dtype="int64")
    group_of_part[part] = group
    parts = np.bincount(group_of_part, minlength=len(sizes))
    here = np.maximum(parts, 1)
    found = (np.cumsum(here) - here)[number]
    found[rows] += part - (np.cumsum(parts) - parts)[group]
    return found


def without_gaps(number: np.ndarray) -> np.ndarray:
    """Return numbers from 0 on in the same order, none left out: by a table of those that occur, unless it would be large."""
    size = int(number.max(initial=-1)) + 1
    if size > 8 * len(number):
        return np.unique(number, return_inverse=True)[1]
    occurs = np.zeros(size, dtype=bool)
    occurs[number] = True
    return (np.cumsum(occurs, dtype="int32") - 1)[number].astype("int64")


def resolve_groups(claims: pd.DataFrame, group: np.ndarray, n: int, policy: str) -> pd.DataFrame:
    """Resolve claims whose things are numbered from 0 to n - 1; frame and errors as in `resolve`, one row a thing."""
    low, high = claims["low"].to_numpy(dtype=float), claims["high"].to_numpy(dtype=float)
    taken = taken_of(claims, group, n, policy)
    found_low, found_high = (
        extreme(np.minimum, low[taken], group[taken], n),
        extreme(np.maximum, high[taken], group[taken], n),
    )
    if policy in RANKS:
        found_low, found_high = stated_ends(low[taken], high[taken], group[taken], found_low, found_high)
    most_low, least_high = extreme(np.maximum, low, group, n), extreme(np.minimum, high, group, n)
    return pd.DataFrame({
        "low": found_low, "high": found_high, "claims": np.bincount(group, minlength=n), "used": np.bincount(group[taken], minlength=n), "disagree": most_low > least_high,
    })  # fmt: skip


def extreme(choose: np.ufunc, values: np.ndarray, group: np.ndarray, n: int) -> np.ndarray:
    """Return the least or the greatest value of each group, NaN for a group without values."""
    found = np.full(n, np.nan)
    getattr(np, f"f{choose.__name__[:3]}").at(found, group, values)
    return found


def stated_ends(
    low: np.ndarray, high: np.ndarray, group: np.ndarray, taken_low: np.ndarray, taken_high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Bound what is known only by floors and ceilings: a floor says nothing of the high end, a ceiling nothing of the low one.

    From the lowest floor to the highest ceiling; where they exclude one another, everything between them.
    """
    n = len(taken_low)
    floors, ceilings = (low > 0) & np.isinf(high), np.isfinite(high) & (low == 0)
    floor, ceiling = (
        extreme(np.minimum, low[floors], group[floors], n),
        extreme(np.maximum, high[ceilings], group[ceilings], n),
    )
    both = ~np.isnan(floor) & ~np.isnan(ceiling) & (taken_low == 0) & np.isinf(taken_high)
    return np.where(both, np.fmin(floor, ceiling), taken_low), np.where(both, np.fmax(floor, ceiling), taken_high)


def taken_of(claims: pd.DataFrame, group: np.ndarray, n: int, policy: str) -> np.ndarray:
    """Return which claims a policy takes, things numbered from 0 to n - 1.

    Raises
    ------
    ValueError : unknown policy
    """
    if policy not in POLICIES:
        raise ValueError(f"policy '{policy}' is unknown; use one of {', '.join(POLICIES)}")
    low, high = claims["low"].to_numpy(dtype=float), claims["high"].to_numpy(dtype=float)
    if policy == "widest":
        return np.ones(len(claims), dtype=bool)
    if policy in ("earliest", "latest"):
        order = np.lexsort((high, low, group) if policy == "earliest" else (-low, -high, group))
        first = np.append(True, np.diff(group[order]) > 0) if len(order) else np.array([], dtype=bool)
        return np.isin(np.arange(len(claims)), order[first])
    open_end = ~np.isfinite(low) | ~np.isfinite(high) | (low == 0) & (high > 0)
    kinds = pd.Categorical(claims["kind"])
    rank = (
        np.array([RANKS[policy][kind] for kind in kinds.categories], dtype=float)[kinds.codes] * 2 + open_end
        if len(claims)
        else low
    )
    return rank == extreme(np.minimum, rank, group, n)[group]


def preferred(claims: pd.DataFrame, by: Sequence[str], policy: str) -> pd.DataFrame:
    """Return the claims that a policy takes of each thing that `by` tells apart."""
    group, first = same_thing(claims, by)
    return claims[taken_of(claims, group, len(first), policy)]


def whole_first(claims: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Keep the claims about the whole (`scope` empty); where there are none, those about the parts."""
    group, first = same_thing(claims, by)
    return claims[whole_or_parts((claims["scope"] == "").to_numpy(), group, len(first))]


def whole_or_parts(whole: np.ndarray, group: np.ndarray, n: int) -> np.ndarray:
    """Return which claims to keep: those about the whole, and those about parts where their group has none about the whole."""
    has_whole = np.zeros(n, dtype=bool)
    has_whole[group[whole]] = True
    return whole | ~has_whole[group]


def quantities(measures: pd.DataFrame, measure: str, incidents: pd.Index, policy: str) -> pd.DataFrame:
    """Return one quantity of each incident of a registry as intervals in its own unit, NaN where no source gives it.

    Claims about the whole incident go before claims about parts. Where there are only parts, the largest bounds a count of the whole from
    below and nothing bounds it from above: parts may overlap and must not be added. A length of a part stands for the whole.
    """
    claims = measures[[PLACE, "scope", "low", "high", "kind"]][(measures["measure"] == measure).to_numpy()]
    place, whole = claims[PLACE].to_numpy(), (claims["scope"] == "").to_numpy()
    kept = whole_or_parts(whole, place, len(incidents))
    claims, place, whole = claims[kept], place[kept], whole[kept]
    group, first = numbered([place, pd.factorize(claims["scope"], sort=True)[0]])
    parts = resolve_groups(claims, group, len(first), policy)
    ends = {end: extreme(np.maximum, parts[end].to_numpy(), place[first], len(incidents)) for end in ("low", "high")}
    if measure in COUNTS:
        has_whole = np.zeros(len(incidents), dtype=bool)
        has_whole[place[whole]] = True
        ends["high"] = np.where(np.isnan(ends["high"]) | has_whole, ends["high"], np.inf)
    return informative(pd.DataFrame(ends, index=incidents))
