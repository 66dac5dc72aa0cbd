"""How does one compute with values that are known only between two ends?

An interval is a row with `low` and `high`, both float; `-inf` and `inf` stand for an open end, NaN for unknown.
Sources: R. E. Moore, R. B. Kearfott and M. J. Cloud, *Introduction to Interval Analysis*, SIAM 2009, chapter 2
(differences, products); the quantile of intervals follows from the quantile being a monotone function of every value.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, slots=True)
class Interval:
    """A value known to lie between `low` and `high`, ends included.

    Raises
    ------
    ValueError : if `low` is above `high` or one of them is NaN
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"the interval runs from {self.low} to {self.high}; low must not be above high")


def both_ends(values: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the low ends and the high ends of a frame, unknown ones too."""
    return values["low"].to_numpy(float), values["high"].to_numpy(float)


def intervals(low: np.ndarray, high: np.ndarray, index: pd.Index) -> pd.DataFrame:
    """Return a frame of intervals from their ends."""
    return pd.DataFrame(np.column_stack([low, high]), index, ["low", "high"])


def difference(later: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """Return `later - earlier`, frames of the same rows: from the shortest to the longest distance that the ends
    allow.
    """
    assert later.index.equals(earlier.index), "the rows differ"
    (low, high), (first, last) = both_ends(later), both_ends(earlier)
    return intervals(low - last, high - first, later.index)


def informative(values: pd.DataFrame, most: float = math.inf) -> pd.DataFrame:
    """Return values that are never below zero, NaN where an interval from zero to the most that can be says nothing:
    one of shares from none to all, others without end.
    """
    low, high = both_ends(values)
    says = (low > 0) | (high < most)
    return intervals(np.where(says, low, np.nan), np.where(says, high, np.nan), values.index)


def not_negative(lag: pd.DataFrame) -> pd.DataFrame:
    """Cut what lies before zero: nothing is detected, told or restored before it begins.

    Where all of it lies before zero, two claims contradict one another, and nothing is known of the distance.
    """
    low, high = both_ends(lag)
    known = high >= 0
    return informative(intervals(np.where(known, np.maximum(low, 0), np.nan), np.where(known, high, np.nan), lag.index))


def overlaps(values: pd.DataFrame, low: float | pd.Series, high: float | pd.Series) -> pd.Series:
    """Return which values have something in common with an interval, or row by row with intervals."""
    return (values["low"] <= high) & (values["high"] >= low)


def product(one: pd.DataFrame, two: pd.DataFrame) -> pd.DataFrame:
    """Return the product of two frames of intervals, of the same rows, that are never below zero; zero times an open
    end is zero.
    """
    assert one.index.equals(two.index), "the rows differ"
    ends = list(zip(both_ends(one), both_ends(two), strict=True))
    known = ~np.isnan(ends).any(axis=(0, 1))
    with np.errstate(invalid="ignore"):
        low, high = (np.where(known, np.where((a == 0) | (b == 0), 0.0, a * b), np.nan) for a, b in ends)
    return intervals(low, high, one.index)


def quantile(values: pd.DataFrame, q: float) -> Interval | None:
    """Return the interval in which the quantile of interval values lies.

    Parameters
    ----------
    values : frame with `low` and `high`; rows with NaN are left out
    q : level between 0 and 1; 0.5 is the median

    Returns
    -------
    The quantile of all low ends to the quantile of all high ends (linear interpolation, definition 7 of R. J. Hyndman
    and Y. Fan, *The American Statistician* 50, 1996), or None when nothing is known. These bounds are sharp.

    Examples
    --------
    >>> quantile(pd.DataFrame({"low": [1.0, 2.0, 4.0], "high": [1.0, 3.0, math.inf]}), 0.5)
    Interval(low=2.0, high=3.0)
    """
    low, high = known_ends(values)
    return Interval(interpolated(low, q), interpolated(high, q)) if low.size else None


def known(values: pd.DataFrame) -> pd.DataFrame:
    """Return `low` and `high` of the rows that have both ends."""
    return values[["low", "high"]].dropna()


def how_many(values: pd.DataFrame) -> int:
    """Return how many intervals are known."""
    return known_ends(values).shape[1]


def known_ends(values: pd.DataFrame) -> np.ndarray:
    """Return the low ends and the high ends of the known intervals, as two rows."""
    ends = np.stack(both_ends(values))
    return ends[:, ~np.isnan(ends).any(axis=0)]


def interpolated(values: np.ndarray, q: float) -> float:
    """Return the quantile of values, in any order, without making NaN of an open end."""
    ordered, place = np.sort(values), (len(values) - 1) * q
    below, above = float(ordered[math.floor(place)]), float(ordered[math.ceil(place)])
    part = place - math.floor(place)
    return below if part == 0 or below == above else below + (above - below) * part


def spread_of_about(value: float, unit: str) -> float:
    """Return how far a figure that a source calls approximate may be off, to either side.

    Half a unit of the last digit that the source gives, at most a tenth of the figure: the reading of a rounded figure
    in JCGM 100:2008 (GUM) F.2.2.1, capped because "about 10 million" is not said of 5 million. Hours that are not whole
    are read in minutes.

    Examples
    --------
    >>> spread_of_about(11800, "calls")
    50.0
    >>> spread_of_about(10_000_000, "persons")
    1000000.0
    """
    if value == 0 or not math.isfinite(value):
        return 0.0
    if unit == "h" and value != round(value):
        return spread_of_about(float(round(value * 60)), "min") / 60
    return min(0.5 * 10.0 ** last_place(value), 0.1 * value)


def last_place(value: float) -> int:
    """Return the power of ten of the last digit of a figure that is no zero, as 2 of 11800 and -1 of 0.5."""
    whole, _, decimals = np.format_float_positional(value, trim="-").partition(".")
    return -len(decimals) if decimals else len(whole) - len(whole.rstrip("0"))
