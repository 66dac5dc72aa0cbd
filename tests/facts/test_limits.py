"""Time limits replayed on hand-made incidents."""

import itertools
import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import CLAIM, ONSET, RESTORED, at
from outages.facts.limits import before_the_end, binds, earlier_cell, replay
from outages.facts.timeline import facts
from outages.paths import DATA
from outages.registry.registry import read_registry
from outages.stats.intervals import difference

ID = CLAIM["incident_id"]
LIMIT = {"target_id": "x", "jurisdiction": "FR", "event": "first_public_statement", "limit_minutes": "30"}
LIMIT |= {
    "counted_from": "onset",
    "in_force": "2019",
    "source_id": "s",
    "sectors": "",
    "services": "",
    "addressees": "",
}


def said(low: str, high: str, event: str = "first_public_statement") -> dict[str, str]:
    """Return a public word between two hours."""
    return at(low, high, event=event, actor="operator")


def verdict(make, *claims, **limit):
    """Return the verdict of one limit on one incident, and whether it was in force."""
    registry = read_registry((), make(events=[ONSET, *claims, RESTORED]))
    return replay(pd.DataFrame([LIMIT | limit]), registry.incidents, facts(registry)).set_index("incident_id").loc[ID]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [("10:10", "10:30", "met"), ("10:31", "10:40", "missed"), ("10:20", "10:40", "undecidable")],
)
def test_verdict_needs_the_whole_interval(low, high, expected, make):
    """Half an hour is kept, missed, or undecidable when the sources are too vague."""
    assert verdict(make, said(low, high))["verdict"] == expected


def test_a_word_on_record_can_meet_a_limit_but_not_miss_it(make):
    """A word that nobody calls the first meets the limit when early enough, and decides nothing when late."""
    assert verdict(make, said("10:20", "10:20", "public_statement"))["verdict"] == "met"
    assert verdict(make, said("11:00", "11:00", "public_statement"))["verdict"] == "undecidable"
    assert verdict(make)["verdict"] == "unknown"


def test_discovery_is_that_of_anyone(make):
    """A limit that runs from detection runs from the customers' discovery when they saw it first."""
    seen = at("10:05", event="detected", actor="customers")
    assert verdict(make, seen, said("10:40", "10:40"), counted_from="detected")["low"] == 35


@pytest.mark.parametrize(
    ("jurisdiction", "in_force", "bound"),
    [
        ("FR", "2019", True),
        ("FR", "2020-03-01", True),
        ("FR", "2020-03-02", False),
        ("FR", "2019/2020-02-29", False),
        ("FR", "2019/2020-03", True),
        ("EU", "2019", True),
        ("US", "2019", False),
        ("Acme", "2019", True),
        ("FR", "", False),
    ],
)
def test_binding(jurisdiction, in_force, bound):
    """A limit binds in its country, union or operator, from its first to its last day, and never as a proposal."""
    incident = pd.DataFrame([{"country": "FR;BE", "operator": "Acme"}], index=[ID])
    assert binds(LIMIT | {"jurisdiction": jurisdiction, "in_force": in_force}, incident).tolist() == [bound]


def test_tally_counts_every_incident_once(make):
    """In force and what-if together hold every incident once."""
    registry = read_registry()
    found = replay(registry.communication_targets, registry.incidents, facts(registry))
    counts = found.groupby("target_id").size()
    assert len(counts) and (counts == len(registry.incidents)).all()
    assert not found.duplicated(["target_id", "incident_id"]).any()


@given(st.integers(0, 60), st.integers(0, 30), st.integers(0, 60), st.integers(0, 30), st.integers(0, 40))
def test_earlier_cell_against_brute_force(cell, wide, word, vague, limit):
    """The silence saved runs over all orders and distances that the intervals allow."""
    saved = []
    for c, w in itertools.product((cell + x for x in range(wide + 1)), (word + x for x in range(vague + 1))):
        near = w == c and (c > cell or w < word + vague)  # as near as one likes, the statement last
        saved += [max(c - limit, 0)] if w > c or near else []
        saved += [0] if w <= c else []
    frames = [pd.DataFrame({"low": [float(a)], "high": [float(a + b)]}) for a, b in ((cell, wide), (word, vague))]
    found = earlier_cell(*frames, difference(frames[1], frames[0]), float(limit)).iloc[0]
    assert (found["low"], found["high"]) == (min(saved), max(saved))


def test_discovery_by_others_can_be_met_but_not_missed(make):
    """A limit from discovery runs from the operator's own detection; where only customers are known to have seen it,
    lateness is open.
    """
    limit = {"counted_from": "detected", "event": "authorities_notified"}
    for actor, expected in (("customers", "undecidable"), ("operator", "missed")):
        seen = said("10:05", "10:05", "detected") | {"actor": actor}
        assert verdict(make, seen, said("11:00", "11:00", "authorities_notified"), **limit)["verdict"] == expected


def test_limits_for_others_do_not_apply(make):
    """A limit for another sector or service does not apply; one for a special kind of provider never binds."""
    word = said("10:10", "10:10")
    assert verdict(make, word, sectors="cloud")["verdict"] == "not_applicable"
    assert verdict(make, word, services="emergency_calls")["verdict"] == "not_applicable"
    kept = verdict(make, word, sectors="cloud;telecom", services="sms", addressees="somebody else")
    assert kept["verdict"] == "met" and not kept["in_force"]


def test_silence_after_the_end_saves_nothing():
    """Of 60 minutes saved before a word at 90, in an outage of 50, only the 20 before the end count; an unknown length
    leaves it open.
    """
    frames = [
        pd.DataFrame({"low": [a], "high": [b]})
        for a, b in ((60.0, 60.0), (90.0, 90.0), (50.0, 50.0), (math.nan, math.nan))
    ]
    saved, word, length, unknown = frames
    assert before_the_end(saved, word, length).to_numpy().tolist() == [[20.0, 20.0]]
    assert before_the_end(saved, word, unknown).to_numpy().tolist() == [[0.0, 60.0]]


def test_limits_are_replayed_on_the_incidents_of_the_facts():
    """Facts of some incidents are enough, whatever other incidents the registry has."""
    registry = read_registry((), DATA)
    some = facts(registry).iloc[5:9]
    found = replay(registry.communication_targets, registry.incidents, some)
    assert set(found["incident_id"]) == set(some.index) and found["target_id"].nunique() > 5
