"""Whom did the outage hit, how hard, and how much of the impact lies with how few?"""

import math

import numpy as np
import pandas as pd

from outages.stats.intervals import informative, known_ends, product


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


def top_share(values: pd.DataFrame, k: int) -> float | None:
    """Return which share of the total the k largest values hold at the least, over all values that the intervals allow.

    Parameters
    ----------
    values : frame with `low` and `high`, never below zero; rows with NaN are left out
    k : how many of the largest, at least 1

    Returns
    -------
    The sharp lower bound; None when fewer than k values are known or all may be zero.

    Notes
    -----
    The share is lowest when all values are drawn to one common level as far as their intervals let them, since that
    spreads the total most evenly (A. F. Veinott, *Management Science* 17, 1971); the level is one of the ends.
    """
    low, high = known_ends(values)
    if len(low) < k or not high.any():
        return None
    levels = [level for level in np.concatenate([low, high]) if 0 < level < math.inf]
    drawn = [np.sort(np.clip(level, low, high))[::-1] for level in levels]
    open_ends = np.isinf(high).sum()  # a common level without bound: only those without a high end follow it
    shares = [float(v[:k].sum() / v.sum()) for v in drawn if v.sum()] + ([float(k / open_ends)] if open_ends else [])
    return min([*shares, 1.0])
