"""Lengths and lags from hand-made registries, and the silence share against brute force."""

import itertools
import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import CLAIM, INCIDENT, ONSET, RESTORED, SOURCE, USERS, at
from outages.facts.impact import share_of_base
from outages.facts.timeline import facts, first_detected_by, share_before, timed
from outages.paths import DATA
from outages.registry.registry import Registry, read_registry

ID = CLAIM["incident_id"]
LENGTH = {**CLAIM, "measure": "duration_hours", "unit": "h", "bound": "exact"}


def read(make, **tables) -> Registry:
    """Make and read a registry of its own."""
    return read_registry((), make(**{"measures": [], "causes": [], **tables}))


def pair(frame) -> tuple[float, float]:
    """Return the interval of the one incident."""
    return frame.at[ID, "low"], frame.at[ID, "high"]


def test_length_is_an_interval(make):
    """10:00 to 12:00-12:30 is two to two and a half hours."""
    assert pair(facts(read(make), "authority")["length"]) == (120, 150)


def test_stated_length_serves_alone_and_sharpens(make):
    """Without hours the stated length is taken; with them, what both allow; in conflict, all between."""
    hours = {**LENGTH, "value_low": "2", "value_high": "2"}
    alone = facts(read(make, events=[ONSET], measures=[hours]), "authority")["length"]
    assert (pair(alone), alone.at[ID, "basis"]) == ((120, 120), "stated")
    both = facts(read(make, measures=[hours]), "authority")["length"]
    assert (pair(both), both.at[ID, "basis"]) == ((120, 120), "both")
    apart = facts(read(make, measures=[{**LENGTH, "value_low": "5", "value_high": "5"}]), "authority")["length"]
    assert (pair(apart), apart.at[ID, "basis"]) == ((120, 300), "conflict")
    floor = facts(read(make, events=[ONSET], measures=[{**LENGTH, "value_low": "2", "bound": "at_least"}]))["length"]
    assert pair(floor) == (120, math.inf)


def test_minutes_that_were_written_as_hours_contradict_no_clock(make):
    """122 minutes stand as 2.033 hours, which is a rounding and no other length."""
    told = {"events": [ONSET, at("12:02", event="restored")]}
    found = facts(read(make, **told, measures=[{**LENGTH, "value_low": "2.033", "value_high": "2.033"}]))["length"]
    assert (pair(found), found.at[ID, "basis"]) == ((122, 122), "both")


def test_unknown_stays_unknown(make):
    """No onset, no restoration, no stated length: no number."""
    told = [at("11:00", event="public_statement", actor="operator")]
    found = facts(read(make, events=told, measures=[USERS]), "widest")["length"]
    assert math.isnan(found.at[ID, "low"]) and found.at[ID, "basis"] == ""


def test_the_length_of_a_part_contradicts_no_longer_whole(make):
    """An hour of one number is no length of an outage of two; where no hours are known it stands for it."""
    part = {**LENGTH, "value_low": "1", "value_high": "1", "scope": "one number"}
    by_clock = facts(read(make, measures=[part]), "authority")["length"]
    assert pair(by_clock) == (120, 150) and by_clock.at[ID, "basis"] == "both"
    assert pair(facts(read(make, events=[ONSET], measures=[part]), "authority")["length"]) == (60, 60)


def test_last_service_ends_the_outage_and_the_whole_goes_first(make):
    """Two services back at different hours: the last counts, unless a claim speaks of the whole."""
    voice, text = at("11:00", event="restored", scope="mobile_voice"), at("13:00", event="restored", scope="sms")
    assert pair(facts(read(make, events=[ONSET, voice, text]), "authority")["length"]) == (180, 180)
    whole = at("12:00", event="restored")
    assert pair(facts(read(make, events=[ONSET, voice, whole, text]), "authority")["length"]) == (120, 120)


def test_the_hour_of_a_place_stands_behind_that_of_the_whole(make):
    """An onset in one place is that of the outage only where nobody gives one of the whole."""
    island = at("09:00", event="onset", scope="La Réunion")
    assert pair(facts(read(make, events=[island, ONSET, RESTORED]), "widest")["length"]) == (120, 150)
    assert pair(facts(read(make, events=[island, RESTORED]), "widest")["length"]) == (180, 210)


def test_a_scope_that_names_all_that_failed_is_the_whole(make):
    """Of an outage of one service a claim about that service is one about the outage, whichever service is asked for;
    of several services it is a claim about a part.
    """
    day = at("00:00", "23:59", event="onset", speaker="press")
    told = [day, at("10:00", event="onset", scope="sms"), at("11:00", event="restored", scope="sms")]
    alone = read(make, incidents=[{**INCIDENT, "services": "sms"}], events=told)
    for services in ((), ("sms",)):
        assert pair(facts(alone, "authority", services)["length"]) == (60, 60)
    several = read(make, events=told)
    assert pair(facts(several, "authority")["length"]) == (0, 660)
    assert pair(facts(several, "authority", ("sms",))["length"]) == (60, 60)


def test_the_first_statement_came_no_later_than_any_on_record(make):
    """A first statement of unsure hour ends where another is on record; one that is surely later is left as it is."""
    first = at("10:30", "18:00", event="first_public_statement", actor="operator")
    other = at("11:00", "11:30", event="public_statement", actor="operator")
    assert pair(facts(read(make, events=[ONSET, first, other, RESTORED]))["to_public"]) == (30, 90)
    early = at("10:10", event="public_statement", actor="operator")
    assert pair(facts(read(make, events=[ONSET, early, first, RESTORED]))["to_public"]) == (30, 480)


def test_lags_and_who_saw_it_first(make):
    """The operator's own detection and the first by anyone are kept apart; nothing is negative."""
    events = [
        at("09:50", "10:05", event="detected", actor="customers"),
        ONSET,
        at("10:20", event="detected", actor="operator"),
        at("10:30", event="escalated", actor="operator"),
        at("10:40", event="escalated", actor="authority"),
        at("11:00", event="first_public_statement", actor="operator"),
        RESTORED,
    ]
    found = facts(read(make, events=events))
    expected = {"to_first_detection": (0, 5), "to_detection": (20, 20), "to_escalation": (30, 30)}
    expected |= {"to_public": (60, 60), "detection_to_public": (40, 40)}
    assert {name: pair(found[name]) for name in expected} == expected
    assert math.isnan(found["to_authorities"].at[ID, "low"])


def test_policies_change_the_moment(make):
    """A press onset an hour before the operator's is taken by `press` and `earliest`, and widens `widest`."""
    press = {**SOURCE, "source_id": "b-2020-press", "kind": "press", "url": ""}
    events = [{**at("09:00", event="onset"), "source_id": "b-2020-press"}, ONSET]
    registry = read(make, sources=[SOURCE, press], events=events)
    expected = {"authority": (0, 0), "press": (-60, -60), "earliest": (-60, -60), "latest": (0, 0), "widest": (-60, 0)}
    start = {policy: facts(registry, policy)["onset"].loc[ID] for policy in expected}
    base = start["authority"]["low"]
    assert {p: (m["low"] - base, m["high"] - base) for p, m in start.items()} == expected


@given(st.lists(st.integers(0, 59), min_size=6, max_size=6))
def test_silence_share_against_brute_force(minutes):
    """The bounds are those of all choices of onset, first word and restoration."""
    (a, b), (c, d), (e, f) = (sorted(minutes[i : i + 2]) for i in (0, 2, 4))
    onset, word, back = (
        pd.DataFrame({"low": [float(x)], "high": [float(y)]}) for x, y in ((a, b), (60 + c, 60 + d), (60 + e, 60 + f))
    )
    found = share_before(onset, word, back).iloc[0]
    shares = [
        min(max((60 + w - o) / (60 + r - o), 0), 1) for o, w, r in itertools.product(range(a, b + 1), (c, d), (e, f))
    ]
    assert (found["low"], found["high"]) == pytest.approx((min(shares), max(shares)))


def test_user_hours(make):
    """A thousand people for two to two and a half hours; a product that may be anything is unknown."""
    assert pair(facts(read(make, measures=[USERS]))["user_hours"]) == (2000, 2500)
    found = facts(
        read(
            make,
            events=[ONSET, at("10:00", "12:30", event="restored")],
            measures=[{**USERS, "bound": "at_least", "value_high": ""}],
        )
    )
    assert found["user_hours"]["low"].isna().all() and found["length"]["low"].notna().all()


def test_founding_incidents_give_what_their_documents_say():
    """Orange 2021 lasted from 16:45 to midnight; Orange 2012 ended at 03:20; the television outage is a stated
    length.
    """
    registry = read_registry((), DATA)
    found = facts(registry)["length"]
    assert found.loc["2021-06-02-orange-fr-emergency-calls", ["low", "high"]].tolist() == [435, 435]
    low, high = found.loc["2012-07-06-orange-fr-mobile", ["low", "high"]]
    assert low <= 12 * 60 + 20 <= high <= low + 60
    assert found.loc["2025-09-12-orange-fr-tv", "basis"] == "stated"


def test_who_saw_it_first(make):
    """Customers at 10:05 came surely before the operator at 10:20 to 10:30; an overlap leaves it open."""
    seen = [at("10:20", "10:30", event="detected", actor="operator"), at("10:05", event="detected", actor="customers")]
    found = first_detected_by(read(make, events=[ONSET, seen[1], seen[0]]).events)
    assert found[["actor", "first"]].to_numpy().tolist() == [["customers", "surely"]] and found["operator"].all()
    assert not first_detected_by(read(make, events=[ONSET, seen[1]]).events)["operator"].any()
    assert set(first_detected_by(read(make, events=[ONSET, seen[0]]).events)["first"]) == {"only"}
    seen[1] = at("10:25", event="detected", actor="customers")
    found = first_detected_by(read(make, events=[ONSET, *seen]).events)
    assert sorted(found["actor"]) == ["customers", "operator"] and set(found["first"]) == {"perhaps"}


def test_last_service_is_not_back_before_the_first(make):
    """A stated length of an hour and a first service back after ninety minutes contradict one another; both stay within
    the length.
    """
    partial = at("11:30", event="partial_restoration")
    stated = {**LENGTH, "value_low": "1", "value_high": "1"}
    found = facts(read(make, events=[ONSET, partial], measures=[stated]), "authority")["length"].loc[ID]
    assert (found["low"], found["high"], found["basis"]) == (60, 90, "conflict")


def test_a_statement_after_the_end_is_no_lag(make):
    """Service is back by 12:30; a statement at 13:00 is none found during the outage, one at 12:15 may still be."""
    for clock, late in (("13:00", True), ("12:15", False)):
        found = facts(read(make, events=[ONSET, RESTORED, at(clock, event="public_statement", actor="operator")]))
        assert found.at[ID, ("to_earliest_statement", "after_end")] == late
        assert math.isnan(found.at[ID, ("to_earliest_statement", "low")]) == late


def test_a_lag_known_by_its_day_only_is_not_timed(make):
    """What the moments tell to within two hours counts in a median, the rest stands in the bounds alone; a day leaves
    little of the lag to a statement soon after midnight, and is none the less no hour.
    """
    day, word = at("00:00", "23:59", event="onset"), {"event": "first_public_statement", "actor": "operator"}
    for onset, clock, known in ((ONSET, "11:30", [90]), (day, "00:30", []), (day, "23:00", [])):
        lag = facts(read(make, events=[onset, at(clock, **word)]))["to_public"]
        assert pair(lag)[1] > 0 and timed(lag)["low"].dropna().tolist() == known


def test_nothing_on_record_came_before_the_statement_called_the_first(make):
    """A vaguer statement beside the first is narrowed by it; one that surely came before contradicts it and stays."""
    first = at("10:46", event="first_public_statement", actor="operator")
    vague, sooner = (at("10:01", last, event="public_statement", actor="operator") for last in ("10:50", "10:05"))
    known = facts(read(make, events=[ONSET, vague, first, RESTORED]))
    assert pair(known["to_earliest_statement"]) == pair(known["to_public"]) == (46, 46)
    assert pair(facts(read(make, events=[ONSET, sooner, first, RESTORED]))["to_earliest_statement"]) == (1, 5)


@pytest.mark.parametrize(
    ("ends", "stated", "share"),
    [
        ([RESTORED], "", (0.2, 0.25)),
        ([RESTORED], "2", (0.25, 0.25)),
        ([], "2", (0.25, 0.25)),
        ([RESTORED], "5", (0.1, 0.25)),
    ],
)
def test_silence_and_length_agree(make, ends, stated, share):
    """The share before the first statement is that of the length shown beside it, whatever the length rests on."""
    first = at("10:30", event="first_public_statement", actor="operator")
    measures = [{**LENGTH, "value_low": stated, "value_high": stated}] if stated else []
    assert pair(facts(read(make, events=[ONSET, first, *ends], measures=measures))["silence"]) == share


def test_hours_written_to_the_hundredth_contradict_no_clock(make):
    """A length of 1.996 hours and a clock of two hours agree; without a clock it stands as it is written."""
    stated, exact = {**LENGTH, "value_low": "1.996", "value_high": "1.996"}, at("12:00", event="restored")
    both = facts(read(make, events=[ONSET, exact], measures=[stated]))["length"]
    assert (pair(both), both.at[ID, "basis"]) == ((120, 120), "both")
    assert pair(facts(read(make, events=[ONSET], measures=[stated]))["length"]) == pytest.approx((119.76, 119.76))


def test_a_share_of_the_base_that_may_be_any_is_unknown():
    """At least a hundred of at least a thousand is no share; half, or at most half, is one."""
    users = pd.DataFrame({"low": [100.0, 500.0, 0.0], "high": [math.inf, 500.0, 500.0]})
    base = pd.DataFrame({"low": [1000.0] * 3, "high": [math.inf, 1000.0, 1000.0]})
    share = share_of_base(users, base)
    assert share["high"].tolist()[1:] == [0.5, 0.5] and share.iloc[0].isna().all()
