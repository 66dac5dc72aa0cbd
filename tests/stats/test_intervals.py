"""Interval arithmetic: properties that hold for all values, and known cases."""

import doctest
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outages.stats import intervals
from outages.stats.intervals import (
    Interval,
    difference,
    informative,
    not_negative,
    product,
    quantile,
    spread_of_about,
)

finite = st.floats(-1e6, 1e6)
positive = st.floats(0, 1e6)


@st.composite
def interval(draw, values=finite):
    """Draw an interval."""
    return Interval(*sorted((draw(values), draw(values))))


def frame(items) -> pd.DataFrame:
    """Return intervals as rows."""
    return pd.DataFrame([{"low": i.low, "high": i.high} for i in items], columns=["low", "high"], dtype="float64")


def widen(item: Interval, by: float) -> Interval:
    """Return an interval that holds another."""
    return Interval(item.low - by, item.high + by)


def holds(outer: Interval, inner: Interval, slack: float = 1e-6) -> bool:
    """Return whether one interval holds another, up to rounding."""
    return outer.low <= inner.low + slack and inner.high <= outer.high + slack


def test_doctests():
    """The examples in the docstrings are true."""
    assert doctest.testmod(intervals).failed == 0


@given(interval(), interval(), st.floats(0, 1), st.floats(0, 1))
def test_difference_holds_every_possible_difference(a, b, s, t):
    """Whatever the two true values are, their difference lies inside; exchanging the two mirrors the result."""
    x, y = a.low + s * (a.high - a.low), b.low + t * (b.high - b.low)
    there, back = difference(frame([a]), frame([b])).iloc[0], difference(frame([b]), frame([a])).iloc[0]
    assert there["low"] - 1e-6 <= x - y <= there["high"] + 1e-6
    assert (there["low"], there["high"]) == (a.low - b.high, a.high - b.low) == (-back["high"], -back["low"])


@given(interval(positive), interval(positive), st.floats(0, 1), st.floats(0, 1))
def test_product_holds_every_possible_product(a, b, s, t):
    """Whatever the two true values are, their product lies inside."""
    x, y = a.low + s * (a.high - a.low), b.low + t * (b.high - b.low)
    row = product(frame([a]), frame([b])).iloc[0]
    assert row["low"] * (1 - 1e-9) - 1e-6 <= x * y <= row["high"] * (1 + 1e-9) + 1e-6


def test_product_of_zero_and_an_open_end_is_zero():
    """Nobody hit for an unknown time is no user-hour, not an unknown number."""
    row = product(frame([Interval(0, 0)]), frame([Interval(1, math.inf)])).iloc[0]
    assert (row["low"], row["high"]) == (0, 0)


@given(st.lists(interval(), min_size=1, max_size=8), st.floats(0, 1))
def test_quantile_holds_the_quantile_of_any_choice(items, q):
    """Quantiles of the true values, wherever they lie, are inside; the ends are reached, so the bounds are sharp."""
    found = quantile(frame(items), q)
    middle = np.quantile([(i.low + i.high) / 2 for i in items], q)
    assert holds(found, Interval(middle, middle), 1e-3)
    assert found.low == pytest.approx(np.quantile([i.low for i in items], q), abs=1e-6)
    assert found.high == pytest.approx(np.quantile([i.high for i in items], q), abs=1e-6)


@given(st.lists(interval(), min_size=1, max_size=8), st.floats(0, 1), st.floats(0, 1e3), st.data())
def test_widening_never_narrows_a_quantile(items, q, by, data):
    """An interval made wider gives a quantile that holds the one before."""
    place = data.draw(st.integers(0, len(items) - 1))
    wider = [widen(i, by) if n == place else i for n, i in enumerate(items)]
    assert holds(quantile(frame(wider), q), quantile(frame(items), q))


def test_quantile_of_nothing_is_unknown():
    """No known value gives no quantile, and open ends stay open."""
    assert quantile(frame([]), 0.5) is None
    assert quantile(frame([Interval(1, math.inf), Interval(2, math.inf)]), 0.5) == Interval(1.5, math.inf)


@pytest.mark.parametrize(
    ("value", "unit", "spread"),
    [
        (11800, "calls", 50),
        (26_000_000, "persons", 500_000),
        (10_000_000, "persons", 1_000_000),
        (6, "h", 0.5),
        (0.667, "h", 4 / 60),
        (0.11, "share", 0.005),
        (0, "persons", 0),
        (7, "persons", 0.5),
    ],
)
def test_spread_of_about(value, unit, spread):
    """Half a unit of the last digit that the source gives, at most a tenth of the figure."""
    assert spread_of_about(value, unit) == pytest.approx(spread)


@given(st.floats(1e-3, 1e12), st.sampled_from(["persons", "h", "share"]))
def test_spread_is_never_more_than_a_tenth(value, unit):
    """The cap holds for every figure."""
    assert 0 <= spread_of_about(value, unit) <= 0.1 * value * (1 + 1e-2)


def test_impossible_order_is_unknown():
    """A lag that lies before zero as a whole says nothing; one that straddles zero may be nothing."""
    cut = not_negative(pd.DataFrame({"low": [-90.0, -30.0, 5.0], "high": [-10.0, 20.0, 9.0]}))
    assert cut.iloc[0].isna().all() and cut.iloc[1:].to_numpy().tolist() == [[0, 20], [5, 9]]


@pytest.mark.parametrize(("most", "says"), [(math.inf, [False, True, True, True]), (1, [False, False, True, True])])
def test_from_none_to_all_says_nothing(most, says):
    """Neither a time from zero without end nor a share from none to all is known."""
    found = informative(pd.DataFrame({"low": [0.0, 0, 0, 0.2], "high": [math.inf, 1, 0.9, 1]}), most)
    assert found.notna().all(axis=1).tolist() == says


def test_impossible_intervals_are_refused():
    """Low above high, or NaN, is an error that says so."""
    for low, high in ((2, 1), (math.nan, 1)):
        with pytest.raises(ValueError, match="must not be above"):
            Interval(low, high)
