"""How far could chance alone have moved a figure?

Bounds say what the sources leave open; the intervals here say what another draw of incidents like these would have changed. Incidents were
not drawn at random, so these intervals are the least doubt that there is, not all of it. scipy is loaded when it is used.
"""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from outages.intervals import Interval, interpolated

RESAMPLES, SEED, LEVEL = 999, 20210602, 0.95


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
    from scipy.stats import quantile_test

    known = known_ends(values)
    if not len(known):
        return None
    low, high = (quantile_test(known[:, end], p=q).confidence_interval(LEVEL) for end in (0, 1))
    return Interval(0.0 if np.isnan(low.low) else float(low.low), math.inf if np.isnan(high.high) else float(high.high))


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
    lows, highs = np.sort([e.low for e in ends]), np.sort([e.high for e in ends])
    return Interval(interpolated(lows, tail), interpolated(highs, 1 - tail))


def cliffs_delta(one: pd.DataFrame, two: pd.DataFrame) -> Interval | None:
    """Return Cliff's delta of interval values: how much more often one side is the longer than the other, from -1 to 1.

    Sharp bounds: the highest delta is reached where all of `one` lie at their high ends and all of `two` at their low ends (N. Cliff, *Psychological
    Bulletin* 114, 1993). None when one side is empty; rows with NaN are left out.
    """
    a, b = known_ends(one), known_ends(two)
    return delta_of(a, b) if len(a) and len(b) else None


def known_ends(values: pd.DataFrame) -> np.ndarray:
    """Return the known intervals as an array of two columns."""
    return values[["low", "high"]].dropna().to_numpy(dtype=float)


def delta_of(one: np.ndarray, two: np.ndarray) -> Interval:
    """Return the bounds of Cliff's delta of two arrays of intervals."""
    return Interval(mean_sign(one[:, 0], two[:, 1]), mean_sign(one[:, 1], two[:, 0]))


def mean_sign(one: np.ndarray, two: np.ndarray) -> float:
    """Return the mean sign of all differences, counted by sorting."""
    ordered = np.sort(two)
    below = np.searchsorted(ordered, one, side="left").sum()
    above = len(one) * len(two) - np.searchsorted(ordered, one, side="right").sum()
    return float(below - above) / (len(one) * len(two))


def delta_interval(one: pd.DataFrame, two: pd.DataFrame) -> Interval | None:
    """Return the interval of Cliff's delta over resampled incidents, each side resampled apart."""
    a, b = known_ends(one), known_ends(two)
    rng = np.random.default_rng(SEED + 1)
    if not len(b):
        return None
    return bootstrap(len(a), lambda draw: delta_of(a[draw], b[rng.integers(0, len(b), len(b))]))


def scores(values: pd.DataFrame) -> np.ndarray:
    """Return how many others each value surely exceeds less how many surely exceed it (N. Mantel, *Biometrics* 23, 1967).

    Values whose intervals overlap count neither way, as E. A. Gehan proposed for censored times (*Biometrika* 52, 1965).
    """
    low, high = values["low"].to_numpy(dtype=float), values["high"].to_numpy(dtype=float)
    below = np.searchsorted(np.sort(high), low, side="left")
    above = len(values) - np.searchsorted(np.sort(low), high, side="right")
    return (below - above).astype(float)


def permutation_p(one: pd.DataFrame, two: pd.DataFrame) -> float | None:
    """Return how often shuffled groups differ at least as much as these, by Gehan's scores; None when a side has fewer than two."""
    from scipy.stats import permutation_test

    a, b = one[["low", "high"]].dropna(), two[["low", "high"]].dropna()
    if min(len(a), len(b)) < 2:
        return None
    scored = scores(pd.concat([a, b]))

    def gap(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
        return x.mean(axis=axis) - y.mean(axis=axis)

    found = permutation_test(
        (scored[: len(a)], scored[len(a) :]), gap, vectorized=True, n_resamples=4999, rng=np.random.default_rng(SEED)
    )
    return float(found.pvalue)
