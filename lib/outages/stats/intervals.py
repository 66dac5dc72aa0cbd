"""How does one reckon with values that are known only between two ends?

An interval is a row with `low` and `high`, both float; `-inf` and `inf` stand for an open end, NaN for unknown. Frames of
intervals are reckoned whole. Sources: R. E. Moore, R. B. Kearfott and M. J. Cloud, *Introduction to Interval
Analysis*, SIAM 2009, chapter 2 (differences, hulls, products); the quantile of intervals follows from the quantile being
a monotone function of every value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, slots=True)
class Interval:
    """A value known to lie between `low` and `high`, ends included.

    Raises
    ------
    ValueError : if `low` is above `high` or one of them is NaN

    Examples
    --------
    >>> Interval(1, 2) - Interval(0.25, 0.5)
    Interval(low=0.5, high=1.75)
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"the interval runs from {self.low} to {self.high}; low must not be above high")

    def __sub__(self, other: Interval) -> Interval:
        return Interval(self.low - other.high, self.high - other.low)

    def hull(self, other: Interval) -> Interval:
        """Return the smallest interval that holds both."""
        return Interval(min(self.low, other.low), max(self.high, other.high))


def difference(later: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """Return `later - earlier` row by row: from the shortest to the longest distance that the ends allow."""
    return pd.DataFrame({"low": later["low"] - earlier["high"], "high": later["high"] - earlier["low"]})


def framed(low: np.ndarray, high: np.ndarray, names: pd.Index, here: np.ndarray) -> pd.DataFrame:
    """Return intervals as a frame, NaN where a mask is false."""
    return pd.DataFrame({"low": np.where(here, low, np.nan), "high": np.where(here, high, np.nan)}, index=names)


def informative(values: pd.DataFrame) -> pd.DataFrame:
    """Return values that are never below zero, NaN where an interval from zero without end says nothing."""
    low, high = values["low"].to_numpy(), values["high"].to_numpy()
    return framed(low, high, values.index, (low > 0) | np.isfinite(high))


def product(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the product of two frames of intervals that are never below zero; zero times an open end is zero."""
    found = {}
    for end in ("low", "high"):
        one, two = first[end].to_numpy(dtype=float), second[end].to_numpy(dtype=float)
        with np.errstate(invalid="ignore"):
            found[end] = np.where((one == 0) | (two == 0), 0.0, one * two)
    return framed(found["low"], found["high"], first.index, is_known(first) & is_known(second))


def quantile(values: pd.DataFrame, q: float) -> Interval | None:
    """Return the interval in which the quantile of interval values lies.

    Parameters
    ----------
    values : frame with `low` and `high`; rows with NaN are left out
    q : level between 0 and 1; 0.5 is the median

    Returns
    -------
    The quantile of all low ends to the quantile of all high ends (linear interpolation, definition 7 of R. J. Hyndman and
    Y. Fan, *The American Statistician* 50, 1996), or None when nothing is known. These bounds are sharp.
    """
    low, high = ends_of(values)
    return Interval(interpolated(low, q), interpolated(high, q)) if low.size else None


def is_known(values: pd.DataFrame) -> np.ndarray:
    """Return which rows have both ends."""
    return ~(np.isnan(values["low"].to_numpy(dtype=float)) | np.isnan(values["high"].to_numpy(dtype=float)))


def how_many(values: pd.DataFrame) -> int:
    """Return how many intervals are known."""
    return int(is_known(values).sum())


def known_ends(values: pd.DataFrame) -> np.ndarray:
    """Return the low ends and the high ends of the known intervals, as two rows."""
    return np.array(ends_of(values))


def ends_of(values: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the low ends and the high ends of the known intervals, not copied where all are known."""
    low, high, here = values["low"].to_numpy(dtype=float), values["high"].to_numpy(dtype=float), is_known(values)
    return (low, high) if here.all() else (low[here], high[here])


def known_only(values: pd.DataFrame, here: np.ndarray | None = None) -> pd.DataFrame:
    """Return the intervals that are known, of all rows or of those for which a mask is true, without their names, which cost more to take along than all else."""
    rows = is_known(values) if here is None else is_known(values) & here
    return pd.DataFrame({end: values[end].to_numpy(dtype=float)[rows] for end in ("low", "high")})


def interpolated(values: np.ndarray, q: float) -> float:
    """Return the quantile of values, in any order, without making NaN of an open end."""
    place = (len(values) - 1) * q
    near = sorted({math.floor(place), math.ceil(place)})
    ordered = placed(values, near)
    below, above = float(ordered[near[0]]), float(ordered[near[-1]])
    part = place - math.floor(place)
    return below if part == 0 or below == above else below + (above - below) * part


def placed(values: np.ndarray, ranks: Sequence[int]) -> np.ndarray:
    """Return values with those of some ranks at their places; values that stand in order already are returned as they are."""
    return values if (values[:-1] <= values[1:]).all() else np.partition(values, ranks)


def spread_of_about(value: float, unit: str) -> float:
    """Return how far a figure that a source calls approximate may be off, to either side.

    Half a unit of the last digit that the source gives, at most a tenth of the figure: the reading of a rounded figure in
    JCGM 100:2008 (GUM) F.2.2.1, capped because "about 10 million" is not said of 5 million. Hours that are not whole are read in minutes.

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
    digits = np.format_float_positional(value, trim="-")
    whole, _, decimals = digits.partition(".")
    place = -len(decimals) if decimals else len(whole) - len(whole.rstrip("0"))
    return min(0.5 * 10.0**place, 0.1 * value)


def rank(values: pd.DataFrame, row: str) -> Interval:
    """Return the places that one row may take among all rows, counted from the lowest, 1 being first.

    Examples
    --------
    >>> rank(pd.DataFrame({"low": [1.0, 2.0, 9.0], "high": [3.0, 4.0, 9.0]}, index=["a", "b", "c"]), "b")
    Interval(low=1, high=2)
    """
    low, high = (float(values.at[row, end]) for end in ("low", "high"))
    before, perhaps = int((values["high"] < low).sum()), int((values["low"] < high).sum())
    return Interval(1 + before, 1 + perhaps - (low < high))
