"""Which outages are alike, and where one stands among them."""

import math

import pandas as pd
import pytest

from outages.facts.peers import distances, log_of, standings, verdict, with_timed_lag


def frame(**rows) -> pd.DataFrame:
    """Return intervals by incident."""
    return pd.DataFrame.from_dict(rows, orient="index", columns=["low", "high"], dtype=float)


def test_standings_need_the_whole_interval():
    """Sooner and not sooner are said of what is sure; within an hour both are level; the rest is open."""
    values = frame(
        focus=(165, 165), early=(10, 90), late=(300, 320), near=(150, 200), vague=(0, 600), none=(math.nan, math.nan)
    )
    found = standings(values, "focus")
    assert found.to_dict() == {"early": "sooner", "late": "not_sooner", "near": "level", "vague": "open"}
    assert standings(values, "none").empty


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (["sooner", "sooner", "sooner", "open"], "slower"),
        (["not_sooner"] * 3, "faster"),
        (["sooner", "not_sooner", "level"], "level"),
        (["sooner", "sooner"], "open"),
        ([], "open"),
    ],
)
def test_most_is_two_thirds_of_three_or_more(codes, said):
    """Nothing is said of most where fewer than three can be told apart."""
    assert verdict(pd.Series(codes, dtype=object)) == said


def test_the_nearest_lost_the_same_service_at_the_same_scale():
    """The same service beats the same year; an unknown size stands between."""
    incidents = pd.DataFrame(
        {
            "services": ["emergency_calls", "emergency_calls", "tv", "emergency_calls"],
            "country": ["FR", "BE", "FR", "FR;BE"],
            "year": [2021, 2011, 2021, 2021],
        },
        index=["focus", "same", "tv", "wide"],
    )
    nothing = pd.DataFrame(math.nan, index=incidents.index, columns=["low", "high"])
    facts = pd.concat({"users_affected": nothing, "emergency_calls_failed": nothing}, axis=1)
    found = distances(incidents, facts, "focus")
    assert found.loc["same", ["services", "scale", "size", "years"]].tolist() == [0, 0, 0.5, 1.0]
    assert "focus" not in found.index and found.index[0] in ("same", "wide") and found.loc["tv", "services"] == 1


def test_size_is_the_middle_or_the_end_that_is_known():
    """A floor and a ceiling have one end; nothing and zero have no size."""
    sizes = log_of(
        frame(exact=(100, 100), floor=(1000, math.inf), ceiling=(0, 10), none=(math.nan, math.nan), zero=(0, 0))
    )
    assert sizes.iloc[:3].tolist() == [2, 3, 1] and sizes.iloc[3:].isna().all()


def test_a_timed_lag_is_known_to_within_two_hours():
    """One of the lags is enough; a day is not."""
    facts = pd.concat(
        {"to_authorities": frame(a=(0, 120), b=(0, 800)), "to_known_word": frame(a=(math.nan,) * 2, b=(0, 121))}, axis=1
    )
    assert with_timed_lag(facts).tolist() == [True, False]
