"""How far could chance alone have moved a figure?

Bounds say what the sources leave open; the intervals here say what another draw of incidents like these would have
changed. Incidents were not drawn at random, so these intervals are the least doubt that there is, not all of it.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from statistics import NormalDist

import numpy as np
import pandas as pd

from outages.stats.intervals import Interval, interpolated, known, known_ends

RESAMPLES, SHUFFLES, SEED, LEVEL = 999, 4999, 20210602, 0.95
FEW = 6  # values: the median of fewer has no 95% interval
MANY = 5000  # values: from here on resampling is replaced by the normal limit that it approaches


def proportion(k: int, n: int) -> Interval:
    """Return the interval of a share, k of n (E. B. Wilson, *Journal of the American Statistical Association* 22,
    1927).

    Raises
    ------
    ValueError : n is not above zero, or k is not between 0 and n
    """
    if not 0 <= k <= n or n < 1:
        raise ValueError(f"{k} of {n} is no share")
    z, share = NormalDist().inv_cdf((1 + LEVEL) / 2), k / n
    middle, spread = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = (middle - spread) / (1 + z * z / n), (middle + spread) / (1 + z * z / n)
    return Interval(low if k else 0.0, high if k < n else 1.0)


def quantile_interval(values: pd.DataFrame, q: float) -> Interval | None:
    """Return between which ordered values the quantile of another draw lies (order statistics: H. A. David and H. N.
    Nagaraja, *Order Statistics*, 2003, 7.1).

    The low end is taken from the low ends, the high end from the high ends, so wider values never give a narrower
    interval. Ends that so few values cannot give are infinite, the low one 0 where no value lies below it. None when
    nothing is known.
    """
    low, high = np.sort(known_ends(values))
    n, tail = len(low), (1 - LEVEL) / 2
    if not n:
        return None
    below = binomial_cdf(n, q)  # below[k]: chance that at most k of n values lie below the quantile
    # the highest rank, from 1, that it lies under in no more than the tail
    first = int(np.searchsorted(below, tail, side="right"))
    last = int(np.searchsorted(below, 1 - tail)) + 1
    least = -math.inf if low[0] < 0 else 0.0
    return Interval(float(low[first - 1]) if first > 0 else least, float(high[last - 1]) if last <= n else math.inf)


def binomial_cdf(n: int, q: float) -> np.ndarray:
    """Return the chance that at most k of n trials succeed, for each k from 0 to n."""
    k, factorial = np.arange(n + 1), np.array([math.lgamma(i + 1) for i in range(n + 1)])  # its logarithm
    ways = factorial[n] - (factorial + factorial[::-1])
    return np.exp(ways + k * math.log(q) + (n - k) * math.log1p(-q)).cumsum()


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

    Sharp bounds: the highest delta is reached where all of `one` lie at their high ends and all of `two` at their low
    ends (N. Cliff, *Psychological Bulletin* 114, 1993). None when one side is empty; rows with NaN are left out.
    """
    a, b = known_ends(one), known_ends(two)
    return delta_of(a, b) if a.size and b.size else None


def delta_of(one: np.ndarray, two: np.ndarray) -> Interval:
    """Return the bounds of Cliff's delta of two sides, each given as low ends and high ends."""
    return Interval(float(signs(one[0], two[1]).mean()), float(signs(one[1], two[0]).mean()))


def signs(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Return for each value of one side the mean sign of its differences from all values of the other, counted by
    sorting.
    """
    ordered = np.sort(two)
    below, not_above = (np.searchsorted(ordered, one, side=side) for side in ("left", "right"))
    return (below - (len(two) - not_above)) / len(two)


def delta_interval(one: pd.DataFrame, two: pd.DataFrame) -> Interval | None:
    """Return the interval of Cliff's delta over resampled incidents, each side resampled apart.

    With more than `MANY` values the normal limit stands in, with the variance of N. Cliff (1993): that of the mean sign
    of each value, over both sides.
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
    """Return the interval of Cliff's delta by its normal limit, from the low tail of the low bound to the high tail of
    the high bound.
    """
    ends = []
    for x, y, tail in ((one[0], two[1], (1 - LEVEL) / 2), (one[1], two[0], (1 + LEVEL) / 2)):
        by_x, by_y = signs(x, y), signs(y, x)
        spread = math.sqrt(by_x.var() / len(x) + by_y.var() / len(y))
        ends.append(float(np.clip(by_x.mean() + NormalDist().inv_cdf(tail) * spread, -1, 1)))
    return Interval(*ends)


def scores(values: pd.DataFrame) -> np.ndarray:
    """Return how many others each value surely exceeds less how many surely exceed it (N. Mantel, *Biometrics* 23,
    1967).

    Values whose intervals overlap count neither way, as E. A. Gehan proposed for censored times (*Biometrika* 52,
    1965).
    """
    low, high = values["low"].to_numpy(dtype=float), values["high"].to_numpy(dtype=float)
    exceeded = np.searchsorted(np.sort(high), low, side="left")
    return exceeded - (len(values) - np.searchsorted(np.sort(low), high, side="right")).astype(float)


def permutation_p(one: pd.DataFrame, two: pd.DataFrame) -> float | None:
    """Return how often shuffled groups differ at least as much as these, by Gehan's scores; None when a side has fewer
    than two.

    With more than `MANY` values the normal limit of the shuffles stands in (Mantel 1967).
    """
    a, b = known(one), known(two)
    n = len(a) + len(b)
    if min(len(a), len(b)) < 2:
        return None
    scored = scores(pd.concat([a, b]))
    apart = gap(scored, np.arange(len(a)))
    if n > MANY:
        spread = math.sqrt(scored.var() / len(a) * (n - len(a)) / (n - 1)) * n / len(b)
        return 2 * NormalDist().cdf(-abs(apart) / spread) if spread else 1.0
    if math.comb(n, len(a)) <= SHUFFLES:  # few enough to look at every split
        shuffled, extra = np.array([gap(scored, list(rows)) for rows in itertools.combinations(range(n), len(a))]), 0
    else:
        rng = np.random.default_rng(SEED)
        shuffled, extra = np.array([gap(scored, rng.permutation(n)[: len(a)]) for _ in range(SHUFFLES)]), 1
    slack = abs(apart) * 1e-14  # sums in another order differ in the last digits
    sides = [(shuffled <= apart + slack).sum(), (shuffled >= apart - slack).sum()]
    return float(min(1.0, 2 * (min(sides) + extra) / (len(shuffled) + extra)))


def gap(scored: np.ndarray, rows: Sequence[int] | np.ndarray) -> float:
    """Return how far the mean score of some rows lies above that of the others."""
    inside = scored[rows].sum()
    return float(inside / len(rows) - (scored.sum() - inside) / (len(scored) - len(rows)))
