"""Is it worth showing? The rules by which sentences, rows and figures that say nothing are left out."""

import math
from typing import TypeGuard

import pandas as pd

from outages.stats.inference import FEW
from outages.stats.intervals import Interval, how_many

WIDEST_SHARE = 0.5  # of an interval of shares that still says something
WIDEST_FACTOR = 10.0  # between the ends of an interval of any other quantity
LEAST_BAR = 2  # incidents: where no bar is longer, a list says it better
LEAST_ROWS = 2  # of a figure that compares


def says(value: Interval | None, how: str = "minutes") -> TypeGuard[Interval]:
    """Return whether an interval says something.

    One that is unknown, that covers everything, or whose ends lie so far apart that nobody would act on it says
    nothing; an open end does, as long as the other is not zero.

    Examples
    --------
    >>> says(Interval(0.13, 1.0), "percent"), says(Interval(0.75, 0.86), "percent"), says(Interval(0.0, math.inf))
    (False, True, False)
    """
    if value is None or math.isnan(value.low):
        return False
    if how == "percent":
        return value.high - value.low <= WIDEST_SHARE
    if value.low <= 0:
        return math.isfinite(value.high)
    return math.isinf(value.high) or value.high / value.low <= WIDEST_FACTOR


def enough(*frames: pd.DataFrame) -> bool:
    """Return whether each frame holds enough known values for a sentence or a figure about them."""
    return all(how_many(frame) >= FEW for frame in frames)


def differ(counts: pd.Series) -> bool:
    """Return whether bars of counts show more than that each thing happened once."""
    return len(counts) >= LEAST_ROWS and bool(counts.max() >= LEAST_BAR)


def telling(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows (`low`, `high` in minutes, `n` known) that say something: no empty class, no open interval."""
    known = rows.dropna(subset=["low", "high"])
    kept = [says(Interval(row.low, row.high)) and row.n >= FEW for row in known.itertuples()]
    return known[pd.Series(kept, index=known.index, dtype=bool)]
