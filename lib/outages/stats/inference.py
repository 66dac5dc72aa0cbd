"""How far could chance alone have moved a figure?

Bounds say what the sources leave open; the intervals here say what another draw of incidents like these would have changed. Incidents were
not drawn at random, so these intervals are the least doubt that there is, not all of it. scipy is loaded when it is used.
"""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from outages.stats.intervals import Interval, ends_of, interpolated, known_ends, known_only, placed

RESAMPLES, SEED, LEVEL = 999, 20210602, 0.95
MANY = 5000  # values: from here on resampling is replaced by the normal limit that it approaches


def proportion(k: int, n: int) -> Interval:
    """Return the interval of a share, k of n (E. B. Wilson, *Journal of the American Statistical Association* 22, 1927).

    Raises
    ------
    ValueError : n is not above zero, or k is not between 0 and n
    """
    from scipy.stats import binomtest

    found = binomtest(k, n).proportion_ci(LEVEL, method="wilson")
    return Interval(float(found.low), float(found.high))


def quantile_interval(values: pd.DataFrame, q: float) -> Interval | None:
    """Return between which ordered values the quantile of another draw lies (order statistics: H. A. David and H. N. Nagaraja, *Order Statistics*, 2003, 7.1).

    The low end is taken from the low ends, the high end from the high ends, so wider values never give a narrower interval. Ends that so few values cannot
    give are 0 and infinite. None when nothing is known.
    """
    from scipy.stats import binom

    low, high = ends_of(values)
    n, tail = len(low), (1 - LEVEL) / 2
    if not n:
        return None
    first = int(binom.ppf(tail, n, q))
    first += int(
        binom.cdf(first, n, q) <= tail
    )  # the highest rank, from 1, that the quantile lies under in no more than the tail
    last = int(binom.isf(tail, n, q)) + 1
    return Interval(
        float(placed(low, [first - 1])[first - 1]) if first > 0 else 0.0,
        float(placed(high, [last - 1])[last - 1]) if last <= n else math.inf,
    )


def bootstrap(rows: int, statistic: Callable[[np.ndarray], Interval | None]) -> Interval | None:
    """Return from the low tail of the low ends to the high tail of the high ends of a statistic over resampled rows.

    Parameters
    ----------
    rows : how many rows there are
    statistic : takes the numbers of the drawn rows, gives an interval, or None when the draw says nothing

    Notes
    -----
    Percentile bootstrap (Efron 1979) of both ends, so that a statistic with wider bounds never gets a narrower interval
    (J. L. Horowitz and C. F. Manski, *Journal of the American Statistical Association* 95, 2000).
    """
    rng = np.random.default_rng(SEED)
    found = [statistic(rng.integers(0, rows, rows)) for _ in range(RESAMPLES if rows else 0)]
    ends = [f for f in found if f is not None]
    if not ends:
        return None
    tail = (1 - LEVEL) / 2
    lows, highs = np.array([e.low for e in ends]), np.array([e.high for e in ends])
    return Interval(interpolated(lows, tail), interpolated(highs, 1 - tail))


def cliffs_delta(one: pd.DataFrame, two: pd.DataFrame) -> Interval | None:
    """Return Cliff's delta of interval values: how much more often one side is the longer than the other, from -1 to 1.

    Sharp bounds: the highest delta is reached where all of `one` lie at their high ends and all of `two` at their low ends (N. Cliff, *Psychological
    Bulletin* 114, 1993). None when one side is empty; rows with NaN are left out.
    """
    a, b = known_ends(one), known_ends(two)
    return delta_of(a, b) if a.size and b.size else None


def delta_of(one: np.ndarray, two: np.ndarray) -> Interval:
    """Return the bounds of Cliff's delta of two sides, each given as low ends and high ends."""
    return Interval(float(signs(one[0], two[1]).mean()), float(signs(one[1], two[0]).mean()))


def signs(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Return for each value of one side the mean sign of its differences from all values of the other, counted by sorting."""
    ordered = np.sort(two)
    rows = np.argsort(one)  # values in order are looked up far quicker
    below, not_above = (np.searchsorted(ordered, one[rows], side=side) for side in ("left", "right"))
    found = np.empty(len(one))
    found[rows] = (below - (len(two) - not_above)) / len(two)
    return found


def delta_interval(one: pd.DataFrame, two: pd.DataFrame) -> Interval | None:
    """Return the interval of Cliff's delta over resampled incidents, each side resampled apart.

    With more than `MANY` values the normal limit stands in, with the variance of N. Cliff (1993): that of the mean sign of each value, over both sides.
    """
    a, b = known_ends(one), known_ends(two)
    if not a.size or not b.size:
        return None
    if a.shape[1] + b.shape[1] > MANY:
        return normal_delta(a, b)
    rng = np.random.default_rng(SEED + 1)
    n = b.shape[1]
    return bootstrap(a.shape[1], lambda draw: delta_of(a[:, draw], b[:, rng.integers(0, n, n)]))


def normal_delta(one: np.ndarray, two: np.ndarray) -> Interval:
    """Return the interval of Cliff's delta by its normal limit, from the low tail of the low bound to the high tail of the high bound."""
    from scipy.stats import norm

    ends = []
    for x, y, tail in ((one[0], two[1], (1 - LEVEL) / 2), (one[1], two[0], (1 + LEVEL) / 2)):
        by_x, by_y = signs(x, y), signs(y, x)
        spread = math.sqrt(by_x.var() / len(x) + by_y.var() / len(y))
        ends.append(float(np.clip(by_x.mean() + norm.ppf(tail) * spread, -1, 1)))
    return Interval(*ends)


def scores(values: pd.DataFrame) -> np.ndarray:
    """Return how many others each value surely exceeds less how many surely exceed it (N. Mantel, *Biometrics* 23, 1967).

    Values whose intervals overlap count neither way, as E. A. Gehan proposed for censored times (*Biometrika* 52, 1965).
    """
    rows = np.argsort(values["low"].to_numpy(dtype=float))  # values in order are looked up far quicker
    low, high = (values[end].to_numpy(dtype=float)[rows] for end in ("low", "high"))
    found = np.empty(len(values))
    found[rows] = np.searchsorted(np.sort(high), low, side="left")
    found[rows] -= len(values) - np.searchsorted(low, high, side="right")
    return found


def permutation_p(one: pd.DataFrame, two: pd.DataFrame) -> float | None:
    """Return how often shuffled groups differ at least as much as these, by Gehan's scores; None when a side has fewer than two.

    With more than `MANY` values the normal limit of the shuffles stands in (Mantel 1967).
    """
    from scipy.stats import norm, permutation_test

    a, b = known_only(one), known_only(two)
    n = len(a) + len(b)
    if min(len(a), len(b)) < 2:
        return None
    scored = scores(pd.concat([a, b]))
    if n > MANY:
        spread = math.sqrt(scored.var() / len(a) * (n - len(a)) / (n - 1)) * n / len(b)
        apart = abs(scored[: len(a)].mean() - scored[len(a) :].mean())
        return float(2 * norm.sf(apart / spread)) if spread else 1.0

    def gap(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
        return x.mean(axis=axis) - y.mean(axis=axis)

    found = permutation_test(
        (scored[: len(a)], scored[len(a) :]), gap, vectorized=True, n_resamples=4999, rng=np.random.default_rng(SEED)
    )
    return float(found.pvalue)
