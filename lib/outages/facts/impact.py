"""Whom did the outage hit, how hard, and how much of the harm lies with how few?"""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from outages.stats.intervals import Interval, framed, is_known, known_ends, product


def user_hours(users: pd.DataFrame, minutes: pd.DataFrame) -> pd.DataFrame:
    """Return users hit times hours of outage: an upper reading, since not every user is hit from onset to restoration."""
    return product(users, minutes[["low", "high"]] / 60)


def share_of_base(users: pd.DataFrame, base: pd.DataFrame) -> pd.DataFrame:
    """Return users hit as a share of the operator's subscribers, at most 1, NaN where one is unknown."""
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = users["low"] / base["high"], users["high"] / base["low"]
    low, high = (np.minimum(end.to_numpy(), 1.0) for end in (low, high))
    return framed(low, high, users.index, ~np.isnan(low) & ~np.isnan(high))


def silent_minutes(word: pd.DataFrame, length: pd.DataFrame) -> pd.DataFrame:
    """Return how long the public waited: until the word or until the end, whichever came first, in minutes."""
    low, high = (np.minimum(word[end].to_numpy(), length[end].to_numpy()) for end in ("low", "high"))
    return framed(low, high, word.index, is_known(word) & is_known(length))


def top_shares(values: pd.DataFrame, counts: Sequence[int]) -> list[Interval | None]:
    """Return which share of the total the k largest values hold, for each k of some, as sharp bounds over all values that the intervals allow.

    Parameters
    ----------
    values : frame with `low` and `high`, never below zero; rows with NaN are left out
    counts : how many of the largest, each at least 1

    Returns
    -------
    The bounds for each k; None when fewer than k values are known or all may be zero.

    Notes
    -----
    The share is highest when k values lie at their high ends and the rest at their low ends; which k is found by W. Dinkelbach's method
    (*Management Science* 13, 1967). It is lowest when all values are drawn to one common level as far as their intervals let them, since that
    spreads the total most evenly (A. F. Veinott, *Management Science* 17, 1971); the level is one of the ends.
    """
    low, high = known_ends(values)
    if not high.any():
        return [None] * len(counts)
    lowest = lowest_tops(low, high, counts)
    most = [highest_top(low, high, k) if k <= len(low) else math.nan for k in counts]
    # sums in another order may differ in the last digit
    return [Interval(min(a, b), b) if k <= len(low) else None for k, a, b in zip(counts, lowest, most, strict=True)]


def highest_top(low: np.ndarray, high: np.ndarray, k: int) -> float:
    """Return the highest share that k values can hold."""
    if np.isinf(high).any():
        return 1.0
    share, total = 0.0, low.sum()
    while True:
        gain = high * (1 - share) + low * share
        top = np.argpartition(-gain, k - 1)[:k]
        held, rest = high[top].sum(), total - low[top].sum()
        found = float(held / (held + rest)) if held + rest > 0 else 1.0
        if found <= share + 1e-12:
            return max(found, share)
        share = found


def lowest_tops(low: np.ndarray, high: np.ndarray, counts: Sequence[int]) -> list[float]:
    """Return the lowest share that the k largest values can hold, for each k of some.

    Drawn to a level, values above it stay at their low ends, those below it at their high ends, and all others lie on it.
    """
    lows, highs = np.sort(low)[::-1], np.sort(high[np.isfinite(high)])[::-1]
    levels = np.sort(np.concatenate([lows[::-1], highs[::-1]]), kind="stable")  # two runs in order, quickly merged
    levels = levels[(levels > 0) & np.append(True, np.diff(levels) > 0)]
    low_sums, high_sums = (np.concatenate([[0.0], np.cumsum(ends)]) for ends in (lows, highs))
    above = np.searchsorted(-lows, -levels, side="left")  # how many low ends lie above the level
    under = np.searchsorted(-highs, -levels, side="right")  # how many finite high ends do not lie under it
    below = len(highs) - under
    on = len(low) - above - below
    total = low_sums[above] + on * levels + high_sums[-1] - high_sums[under]
    open_ends = int(np.isinf(high).sum())
    found = []
    for k in counts:
        rest = np.clip(k - above, 0, None)
        top = low_sums[np.minimum(above, k)] + np.minimum(rest, on) * levels
        further = np.clip(rest - on, 0, None)
        top += high_sums[np.minimum(under + further, len(highs))] - high_sums[under]
        least = float((top / total)[total > 0].min(initial=1.0))
        # a common level without bound: only those without a high end follow it
        found.append(min(least, k / open_ends) if open_ends else least)
    return found
