"""Which outages are alike, and where one stands among them."""

import math

import pandas as pd
import pytest

from outages.facts.peers import (
    compared,
    distances,
    log_of,
    own_limits,
    public_told,
    ranked,
    sooner_by,
    standings,
    untimed,
    verdict,
    with_timed_lag,
)
from outages.facts.timeline import TIMED


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
        (["sooner", "not_sooner", "level"], "mixed"),
        (["sooner"] * 16 + ["level"] * 4 + ["not_sooner"] * 5, "mixed"),
        (["sooner"] * 3 + ["level"] * 3, "behind"),
        (["not_sooner"] * 18 + ["level"] * 25, "ahead"),
        (["sooner", "not_sooner", *["level"] * 3], "level"),
        (["sooner"] * 2 + ["level"] * 3 + ["not_sooner", "open"], "mixed"),
        (["level"] * 3, "level"),
        (["level"] * 3 + ["open"] * 3, "open"),
        (["sooner"] * 4 + ["level"] * 3, "slower"),
        (["sooner", "sooner"], "open"),
        ([], "open"),
        (["sooner"] * 3 + ["open"] * 4, "open"),
    ],
)
def test_most_is_two_thirds_of_three_or_more(codes, said):
    """Nothing is said of most where fewer than three can be told apart; level is said where it is most of all, and
    which side the others are on where it is one.
    """
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
    found = facts(to_authorities={"own": (0, 120), "one": (0, 800)}, to_earliest_statement={"one": (0, 121)})
    assert with_timed_lag(found).tolist() == [True, False, False]


NOTHING = (math.nan, math.nan)


def facts(**columns) -> pd.DataFrame:
    """Return facts of three outages, unknown but for those given."""
    names = "length to_detection to_escalation to_authorities to_public to_earliest_statement users_affected"
    rows = {
        name: columns.get(name, {})
        for name in (
            *names.split(),
            "emergency_calls_failed",
            "onset",
            "detected",
            "escalated",
            "earliest_statement",
            "first_public_statement",
            "authorities_notified",
        )
    }
    found = {n: frame(**{i: r.get(i, NOTHING) for i in ("own", "one", "two")}) for n, r in rows.items()}
    return pd.concat({n: f.assign(timed=f["high"] <= f["low"] + TIMED) for n, f in found.items()}, axis=1)


def test_without_a_first_word_the_earliest_on_record_stands_in():
    """A lag to the earliest statement on record stands in for one that no source calls the first, and says so."""
    told = public_told(facts(to_public={"own": (10, 90)}, to_earliest_statement={"own": (20, 90), "one": (0, 30)}))
    assert told[["low", "high", "first"]].loc[["own", "one"]].to_numpy().tolist() == [[10, 90, True], [0, 30, False]]
    assert told.loc["two", ["low", "high"]].isna().all()


def test_a_step_without_a_lag_says_why():
    """What is on record outside the outage is not unknown: it came after the end, before the onset, or the onset is
    missing.
    """
    known = facts(
        onset={"own": (100, 110), "one": (100, 110)},
        earliest_statement={"own": (90, 95), "one": (300, 300), "two": (50, 60)},
        detected={"own": (105, 120)},
        escalated={},
        to_detection={"own": (0, 20)},
    )
    known["to_earliest_statement", "after_end"] = [False, True, False]
    assert untimed(known)["public"].to_list() == ["before_onset", "after_end", "no_onset"]
    assert untimed(known)["detection"].to_list() == ["", "unknown", "unknown"]


def test_ranks_count_peers_timed_to_two_hours_and_name_the_end_of_the_field():
    """A lag that is known by its day is beside nothing; of lags the fastest for sure is named, of counts the
    highest.
    """
    known = facts(
        to_authorities={"own": (105, 150), "one": (30, 40), "two": (0, 1439)},
        emergency_calls_failed={"own": (9000, 11850), "one": (10, 10), "two": (25000, math.inf)},
    )
    found = ranked(known, "own")
    told, calls = found.loc["authorities"], found.loc["calls"]
    assert (told["peers"], told["sooner"], told["best"], told["verdict"]) == (1, 1, "one", "open")
    assert (calls["sooner"], calls["not_sooner"], calls["best"]) == (1, 1, "two")
    assert found.loc["length", "peers"] == 0 and found.loc["length", "best"] == ""


def test_the_pace_of_a_peer_bounds_what_it_would_have_saved():
    """The gain lies between the nearest and the farthest ends; of a word that may not be the first it may be
    nothing.
    """
    known = facts(
        to_authorities={"own": (105, 150), "one": (0, 30)}, to_earliest_statement={"own": (75, 180), "one": (0, 15)}
    )
    assert sooner_by(known, "authorities", "own", "one").tolist() == [75, 150]
    assert sooner_by(known, "public", "own", "one").tolist() == [0, 180]
    assert set(compared(known)) >= {"length", "authorities", "public", "calls"}


def test_limits_of_ones_own_run_from_onset():
    """Each limit is met, missed or open for both acts; a word on record can meet the one for the public."""
    zero = dict.fromkeys(("own", "one", "two"), (0, 0))
    known = facts(
        onset=zero, authorities_notified={"own": (40, 50), "one": (10, 20)}, earliest_statement={"own": (20, 25)}
    )
    found = own_limits([60, 30], known).set_index(["limit", "act", "incident_id"])["verdict"]
    assert found[30, "authorities", "own"] == "missed" and found[60, "authorities", "own"] == "met"
    assert found[30, "public", "own"] == "met" and found[30, "public", "two"] == "unknown"
