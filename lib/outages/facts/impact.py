"""Whom did the outage hit, how hard, and how much of the impact lies with how few?"""

import math

import numpy as np
import pandas as pd

from outages.stats.intervals import Interval, informative, known_ends, product


def user_hours(users: pd.DataFrame, minutes: pd.DataFrame) -> pd.DataFrame:
    """Return users hit times hours of outage: an upper reading, since not every user is hit from onset to
    restoration.
    """
    return product(users, minutes[["low", "high"]] / 60)


def share_of_base(users: pd.DataFrame, base: pd.DataFrame) -> pd.DataFrame:
    """Return users hit as a share of the operator's subscribers, at most 1, NaN where one is unknown, where sources
    surely count more users than subscribers, or where any share is possible.
    """
    share = pd.DataFrame({"low": users["low"] / base["high"], "high": users["high"] / base["low"]})
    return informative(share.where(share.notna().all(axis=1) & (share["low"] <= 1)), 1).clip(upper=1.0)


def top_share(values: pd.DataFrame, k: int) -> Interval | None:
    """Return which share of the total the k largest values hold, as sharp bounds over all values that the intervals
    allow.

    Parameters
    ----------
    values : frame with `low` and `high`, never below zero; rows with NaN are left out
    k : how many of the largest, at least 1

    Returns
    -------
    The bounds; None when fewer than k values are known or all may be zero.

    Notes
    -----
    The share is highest when k values lie at their high ends and the rest at their low ends; which k is found by W.
    Dinkelbach's method (*Management Science* 13, 1967). It is lowest when all values are drawn to one common level as
    far as their intervals let them, since that spreads the total most evenly (A. F. Veinott, *Management Science* 17,
    1971); the level is one of the ends.
    """
    low, high = known_ends(values)
    if len(low) < k or not high.any():
        return None
    least, most = lowest_share(low, high, k), highest_share(low, high, k)
    return Interval(min(least, most), most)  # sums in another order may differ in the last digit


def highest_share(low: np.ndarray, high: np.ndarray, k: int) -> float:
    """Return the highest share that k values can hold."""
    if np.isinf(high).any():
        return 1.0
    share = 0.0
    while True:
        top = np.argsort(-(high * (1 - share) + low * share), kind="stable")[:k]
        held, rest = high[top].sum(), low.sum() - low[top].sum()
        found = float(held / (held + rest)) if held + rest > 0 else 1.0
        if found <= share + 1e-12:
            return max(found, share)
        share = found


def lowest_share(low: np.ndarray, high: np.ndarray, k: int) -> float:
    """Return the lowest share that the k largest values can hold."""
    levels = [level for level in np.concatenate([low, high]) if 0 < level < math.inf]
    drawn = [np.sort(np.clip(level, low, high))[::-1] for level in levels]
    open_ends = np.isinf(high).sum()  # a common level without bound: only those without a high end follow it
    shares = [float(v[:k].sum() / v.sum()) for v in drawn if v.sum()] + ([float(k / open_ends)] if open_ends else [])
    return min([*shares, 1.0])
