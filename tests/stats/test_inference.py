"""Every estimator against something independent: a published example, statsmodels, scipy, or brute force."""

import itertools
import math
import re
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.proportion import proportion_confint

from outages.facts.impact import share_of_base, top_share
from outages.stats import inference
from outages.stats.inference import (
    SEED,
    SHUFFLES,
    binomial_cdf,
    bootstrap,
    cliffs_delta,
    delta_interval,
    permutation_p,
    proportion,
    quantile_interval,
    scores,
)
from outages.stats.intervals import Interval
from outages.stats.turnbull import innermost, resampled, self_consistent, share_within, turnbull

INF = math.inf
# Times to breast retraction in months under radiotherapy (D. M. Finkelstein and R. A. Wolfe, Biometrics 41, 1985), each
# in (left, right]
PRINTED_TIMES = (
    "45- 6-10 0-7 46- 46- 7-16 17- 7-14 37-44 0-8 4-11 15- 11-15 22- 46- 46- 25-37 46- 26-40 46- 27-34 36-44 46- "
    "36-48 37- 40- 17-25 46- 11-18 38- 5-12 37- 0-5 18- 24- 36- 5-11 19-35 17-25 24- 32- 33- 19-26 37- 34- 36-"
)
RETRACTION = [(int(left), int(right or 0) or INF) for left, right in re.findall(r"(\d+)-(\d*)", PRINTED_TIMES)]
# The estimate that M. P. Fay and P. A. Shaw print for them (Journal of Statistical Software 36(2), 2010, section 4)
PRINTED = {(4, 5): 0.0463, (6, 7): 0.0334, (7, 8): 0.0887, (11, 12): 0.0708}
PRINTED |= {(24, 25): 0.0926, (33, 34): 0.0818, (38, 40): 0.1209, (46, 48): 0.4656}

number = st.integers(0, 12)
intervals = st.lists(st.tuples(number, number).map(sorted), min_size=1, max_size=6)


def frame(ends) -> pd.DataFrame:
    """Return pairs of ends as rows."""
    return pd.DataFrame([list(e) for e in ends], columns=["low", "high"], dtype=float)


def corners(ends, grid: int = 3):
    """Return combinations of values within intervals, on a grid."""
    return itertools.product(*[np.linspace(low, high, grid) for low, high in ends])


def test_turnbull_gives_the_published_example():
    """Half-open intervals are shifted by a hair; mass and place agree with what is printed to all four digits."""
    curve = turnbull(frame([(left + 1e-9, right) for left, right in RETRACTION]))
    found = {
        (round(a), round(b)): round(m, 4)
        for a, b, m in zip(curve.left, curve.right, curve.mass, strict=True)
        if m > 1e-4
    }
    assert found == pytest.approx(PRINTED, abs=1e-4)
    assert curve.n == len(RETRACTION) == 46


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=12))
def test_turnbull_is_kaplan_meier_when_only_the_end_is_open(rows):
    """With exact and right-censored times the estimate is that of statsmodels at every event; a censored time counts
    after events of its hour.
    """
    times, happened = [t for t, _ in rows], [int(e) for _, e in rows]
    curve = turnbull(frame([(t, t) if e else (t + 0.5, INF) for t, e in rows]))
    theirs = SurvfuncRight(np.array(times), np.array(happened))
    for moment, alive in zip(theirs.surv_times, theirs.surv_prob, strict=True):
        low, _high = curve.share_by(np.array([float(moment)]))
        assert low[0] == pytest.approx(1 - alive, abs=2e-3)


@given(intervals)
def test_turnbull_beats_every_other_distribution(ends):
    """No distribution on the innermost intervals is likelier than the estimate."""
    ends = np.array(ends, dtype=float)
    left, right = innermost(ends[:, 0], ends[:, 1])
    inside = ((ends[:, :1] <= left) & (right <= ends[:, 1:])).astype(float)
    mass = self_consistent(inside, np.ones((1, len(ends))), 1e-6, 20_000)[0]
    rng = np.random.default_rng(1)
    best = np.log(inside @ mass).sum()
    for other in rng.dirichlet(np.ones(len(left)), 50):
        with np.errstate(divide="ignore"):
            assert np.log(inside @ other).sum() <= best + 1e-4


def test_curve_bounds_and_quantiles():
    """Between two innermost intervals the share is certain, within one it is not; a median on a flat part runs from one
    to the next.
    """
    curve = turnbull(frame([(1, 2), (1, 2), (5, 5), (9, INF)]))
    low, high = curve.share_by(np.array([0.0, 1.5, 2.0, 4.0, 5.0, 100.0]))
    assert low == pytest.approx([0, 0, 0.5, 0.5, 0.75, 0.75]) and high == pytest.approx([0, 0.5, 0.5, 0.5, 0.75, 1.0])
    assert curve.quantile(0.5) == Interval(1, 5) and curve.quantile(0.9) == Interval(9, INF)
    assert turnbull(frame([])) is None and turnbull(pd.DataFrame({"low": [math.nan], "high": [math.nan]})) is None


def test_band_holds_the_curve_and_narrows_with_n():
    """The band lies around the curve; ten times the incidents make it narrower; the same input gives the same band."""
    few = frame([(t, t + 1) for t in range(1, 21)])
    many = pd.concat([few] * 10)
    at = np.array([3.0, 8.0, 15.0])
    for banded in (resampled(few), resampled(many)):
        low, high = banded.band(at)
        assert (low <= banded.curve.share_by(at)[0] + 1e-9).all() and (
            banded.curve.share_by(at)[1] <= high + 1e-9
        ).all()
    width = [np.subtract(*reversed(b.band(at))).sum() for b in (resampled(few), resampled(many))]
    assert width[1] < width[0]
    assert (resampled(few).masses == resampled(few).masses).all()


@given(intervals, st.integers(0, 12), st.integers(0, 4))
def test_share_within_against_brute_force(ends, limit, unknown):
    """All arrangements of known values, and of unknown ones short or long, stay within the bounds and reach them."""
    values = pd.concat([frame(ends), pd.DataFrame({"low": [math.nan] * unknown, "high": [math.nan] * unknown})])
    n = len(ends) + unknown
    shares = [(sum(v <= limit for v in arranged) + short) / n for arranged in corners(ends) for short in (0, unknown)]
    found = share_within(values, limit)
    assert (found.low, found.high) == pytest.approx((min(shares), max(shares)))
    dropped = share_within(frame(ends), limit)
    assert found.low <= dropped.low + 1e-12 and dropped.high <= found.high + 1e-12


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)).map(sorted), min_size=1, max_size=5), st.integers(1, 5))
def test_top_share_against_brute_force(ends, k):
    """No arrangement within the intervals gives a lower share, and some grid point comes near it."""
    found = top_share(frame(ends), k)
    shares = [sum(sorted(v, reverse=True)[:k]) / sum(v) for v in corners(ends, 7) if sum(v) > 0]
    if len(ends) < k or not shares:
        assert found is None
        return
    assert -1e-9 <= min(shares) - found < 0.08


def test_top_share_with_open_ends():
    """Many values without a high end may share everything."""
    assert top_share(frame([(1, INF), (1, 1)]), 1) == 0.5
    assert top_share(frame([(0, INF)] * 4), 1) == 0.25


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_proportion_is_wilsons(kn):
    """The interval is that of statsmodels."""
    low, high = proportion_confint(*kn, method="wilson")
    found = proportion(*kn)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize("n", [1, 40, 367, 20_000])
@pytest.mark.parametrize("q", [0.25, 0.5, 0.9])
def test_binomial_chances_are_those_of_scipy(n, q):
    """The chance of at most k successes agrees to ten digits, for few trials and for many."""
    np.testing.assert_allclose(binomial_cdf(n, q), stats.binom.cdf(np.arange(n + 1), n, q), atol=1e-10)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40))
def test_quantile_interval_by_binomial_counts(values):
    """The ends are the ordered values whose ranks a fair coin passes in at most one case of forty, none for few
    values.
    """
    found = quantile_interval(frame([(v, v) for v in values]), 0.5)
    ordered, n = sorted(values), len(values)
    ranks = [r for r in range(1, n + 1) if stats.binom.cdf(r - 1, n, 0.5) <= 0.025]
    expected = (ordered[ranks[-1] - 1], ordered[n - ranks[-1]]) if ranks else (0.0, INF)
    assert (found.low, found.high) == expected


@given(intervals, st.floats(0, 5), st.sampled_from([0.25, 0.5, 0.75]))
def test_widening_never_narrows(ends, by, q):
    """Widening every interval never narrows an interval by chance, a delta, a share, a worst-case bound; that holds for
    any number of resamples.
    """
    narrow, wide = frame(ends), frame([(max(low - by, 0), high + by) for low, high in ends])
    other = frame([(2, 3), (4, 4), (1, 8)])
    with mock.patch.object(inference, "RESAMPLES", 99):
        pairs = [
            (quantile_interval(narrow, q), quantile_interval(wide, q)),
            (cliffs_delta(narrow, other), cliffs_delta(wide, other)),
            (share_within(narrow, 4), share_within(wide, 4)),
            (delta_interval(narrow, other), delta_interval(wide, other)),
        ]
    for inner, outer in pairs:
        if inner is not None and outer is not None:
            assert outer.low <= inner.low + 1e-9 and inner.high <= outer.high + 1e-9
    if inner := top_share(narrow, 1):
        assert (top_share(wide, 1) or 0.0) <= inner + 1e-9


@given(st.lists(number, min_size=1, max_size=8), st.lists(number, min_size=1, max_size=8))
def test_cliffs_delta_from_scipy(one, two):
    """For exact values delta follows from the Mann-Whitney statistic of scipy."""
    found = cliffs_delta(frame([(v, v) for v in one]), frame([(v, v) for v in two]))
    u = (
        stats.mannwhitneyu(one, two, method="asymptotic").statistic
        if len(set(one + two)) > 1
        else len(one) * len(two) / 2
    )
    assert found.low == found.high == pytest.approx(2 * u / (len(one) * len(two)) - 1)


@given(intervals)
def test_scores_against_all_pairs(ends):
    """A score counts the values that surely lie below less those that surely lie above."""
    by_hand = [sum(o[1] < own[0] for o in ends) - sum(own[1] < o[0] for o in ends) for own in ends]
    assert scores(frame(ends)).tolist() == by_hand


def test_permutation_test():
    """Groups far apart give a small p, exactly that of all splits; alike groups do not; too small ones give none."""
    low, high = frame([(v, v) for v in (1, 2, 3, 4)]), frame([(v, v) for v in (11, 12, 13, 14)])
    assert permutation_p(low, high) == pytest.approx(2 / math.comb(8, 4))
    assert permutation_p(low, low) == pytest.approx(1.0)
    assert permutation_p(low, high.head(1)) is None


@given(st.lists(number, min_size=9, max_size=12), st.lists(number, min_size=9, max_size=12))
@settings(max_examples=5)
def test_permutation_test_is_that_of_scipy(one, two):
    """With the same shuffles p is the same to the last digit."""
    a, b = frame([(v, v) for v in one]), frame([(v, v) for v in two])
    scored = scores(pd.concat([a, b]))

    def apart(x, y, axis=-1):
        return x.mean(axis=axis) - y.mean(axis=axis)

    sides = (scored[: len(a)], scored[len(a) :])
    theirs = stats.permutation_test(
        sides, apart, vectorized=True, n_resamples=SHUFFLES, rng=np.random.default_rng(SEED)
    )
    assert permutation_p(a, b) == pytest.approx(theirs.pvalue)


def test_bootstrap_covers_as_it_says():
    """The interval of a known share agrees with scipy's percentile bootstrap on the same data."""
    data = np.arange(40) % 4 == 0
    found = bootstrap(len(data), lambda draw: Interval(float(data[draw].mean()), float(data[draw].mean())))
    theirs = stats.bootstrap(
        (data.astype(float),), np.mean, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.03)
    assert bootstrap(0, lambda draw: Interval(0, 0)) is None


def test_base_by_hand():
    """A share of the base is never above one."""
    share = share_of_base(frame([(50, 60), (90, 120)]), frame([(100, 200), (100, 100)]))
    assert share.to_numpy().tolist() == [[0.25, 0.6], [0.9, 1.0]]
