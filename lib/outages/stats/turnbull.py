"""How long until it happens, when each time is known only between two ends?

The curve is the nonparametric maximum likelihood estimate for interval-censored times of B. W. Turnbull, *Journal of
the Royal Statistical Society* B 38, 1976: all mass lies on the innermost intervals, and its share on each is found by
self-consistency. Its band comes from resampling incidents (B. Efron, *Annals of Statistics* 7, 1979). Share bounds that
count the unknown follow C. F. Manski, *Partial Identification of Probability Distributions*, Springer 2003, chapter 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from outages.stats.intervals import Interval, both_ends, known_ends
from outages.stats.rows import measured

RESAMPLES, SEED, LEVEL = 200, 20210602, 0.95
DISTINCT = 400  # different intervals: from here on times are put into classes
WIDER = 1.02  # how many times the class before it a class is
SLACK = 1e-6  # by how much the optimality condition may be missed; also the mass that counts as none


@dataclass(frozen=True, slots=True)
class Curve:
    """Where the mass lies: `mass[j]` somewhere between `left[j]` and `right[j]`, which says nothing of where within.
    `n` times are known.
    """

    left: np.ndarray
    right: np.ndarray
    mass: np.ndarray
    n: int

    def share_by(self, moments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the lowest and highest share that has happened by each moment."""
        total = np.concatenate([[0.0], np.cumsum(self.mass)])
        return tuple(total[np.searchsorted(ends, moments, side="right")] for ends in (self.right, self.left))  # type: ignore[return-value]

    def quantile(self, q: float) -> Interval:
        """Return the interval in which the quantile of the curve lies."""
        total = np.cumsum(self.mass)
        first, last = (min(int(np.searchsorted(total, q + by)), len(total) - 1) for by in (-SLACK, SLACK))
        return Interval(float(self.left[first]), float(self.right[last]))


@dataclass(frozen=True, slots=True)
class Banded:
    """A curve and the curves of resampled incidents, which share its innermost intervals."""

    curve: Curve
    masses: np.ndarray  # resamples x innermost intervals

    def band(self, moments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the pointwise band of the share that has happened by each moment: low ends of the low, high ends of
        the high.
        """
        total = np.concatenate([np.zeros((len(self.masses), 1)), np.cumsum(self.masses, axis=1)], axis=1)
        tail = (1 - LEVEL) / 2
        low = total[:, np.searchsorted(self.curve.right, moments, side="right")]
        high = total[:, np.searchsorted(self.curve.left, moments, side="right")]
        return np.quantile(low, tail, axis=0), np.quantile(high, 1 - tail, axis=0)


def innermost(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the intervals that can carry mass: a low end followed at once by a high end, among all ends in order."""
    values = np.concatenate([low, high])
    is_high = np.repeat([False, True], len(low))
    order = np.lexsort([is_high, values])  # closed intervals: at a tie low ends come first
    values, is_high = values[order], is_high[order]
    start = np.flatnonzero(~is_high[:-1] & is_high[1:])
    return values[start], values[start + 1]


def self_consistent(inside: np.ndarray, weights: np.ndarray, slack: float, most: int) -> np.ndarray:
    """Return the mass on each innermost interval, one row for each row of weights.

    Parameters
    ----------
    inside : observations x innermost intervals, 1.0 where the one holds the other
    weights : rows x observations, how often each observation counts
    slack : stop when no interval could gain more than this (condition of R. Gentleman and C. J. Geyer, *Biometrika* 81,
        1994)
    most : iterations after which to stop in any case
    """
    weights = weights / weights.sum(axis=1, keepdims=True)
    mass = np.full((len(weights), inside.shape[1]), 1 / inside.shape[1])
    for _ in range(most):
        seen = mass @ inside.T
        gain = np.divide(weights, seen, out=np.zeros_like(seen), where=weights > 0) @ inside
        if gain.max() <= 1 + slack:
            break
        mass = mass * gain
    return mass


def turnbull(values: pd.DataFrame) -> Curve | None:
    """Return the curve of times known between two ends.

    Parameters
    ----------
    values : frame with `low` and `high` (an open end is infinite); rows with NaN are left out

    Returns
    -------
    The curve, or None when nothing is known.
    """
    found = resampled(values, resamples=0)
    return found.curve if found else None


def resampled(values: pd.DataFrame, *, resamples: int = RESAMPLES) -> Banded | None:
    """Return the curve with those of resampled incidents; parameters as in `turnbull`. The same values give the same
    resamples.

    Raises
    ------
    InputError : low is above high in some row, see `outages.stats.rows.measured`
    """
    known = pd.DataFrame(known_ends(measured("curve", values)).T)
    if known.empty:
        return None
    ends, counts = distinct(known.to_numpy(dtype=float))
    edges = None
    if len(ends) > DISTINCT:
        edges = classes(ends)
        ends, counts = distinct(np.searchsorted(edges, known.to_numpy(dtype=float), side="right") - 1.0)
    left, right = innermost(ends[:, 0], ends[:, 1])
    inside = ((ends[:, :1] <= left) & (right <= ends[:, 1:])).astype(float)
    mass = self_consistent(inside, counts[None, :].astype(float), SLACK, 20_000)[0]
    mass = np.where(mass > SLACK, mass, 0.0)
    drawn = np.random.default_rng(SEED).multinomial(len(known), counts / len(known), size=resamples)
    masses = self_consistent(inside, drawn.astype(float), 1e-2, 400) if resamples else np.empty((0, len(left)))
    if edges is not None:  # from the number of a class to where it begins and ends
        left, right = edges[left.astype(int)], np.append(edges, np.inf)[right.astype(int) + 1]
    return Banded(Curve(left, right, mass / mass.sum(), len(known)), masses)


def distinct(ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the different rows of an array of two columns, and how often each occurs."""
    low, at_low = np.unique(ends[:, 0], return_inverse=True)
    high, at_high = np.unique(ends[:, 1], return_inverse=True)
    pairs, counts = np.unique(at_low * len(high) + at_high, return_counts=True)
    return np.column_stack([low[pairs // len(high)], high[pairs % len(high)]]), counts


def classes(ends: np.ndarray) -> np.ndarray:
    """Return where the classes begin into which times are put when too many of them differ: each 2% longer than the one
    before it, to which bounds widen.
    """
    finite = ends[np.isfinite(ends) & (ends > 0)]
    return np.concatenate(
        [[-np.inf, 0.0], finite.min() * WIDER ** np.arange(math.log(finite.max() / finite.min(), WIDER) + 1)]
    )


def share_within(values: pd.DataFrame, limit: float) -> Interval | None:
    """Return the share of all rows that lie within a limit, as worst-case bounds: a row that is unknown may or may not.
    None without rows.
    """
    if values.empty:
        return None
    low, high = both_ends(values)
    surely, never = high <= limit, low > limit
    return Interval(float(surely.mean()), float((~never).mean()))
