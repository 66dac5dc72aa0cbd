"""The hours of one outage, who says so, and where they contradict one another."""

from conftest import ONSET, RESTORED, SOURCE, at, hours
from outages.facts.chronology import chronology
from outages.registry.registry import read_registry

ID = ONSET["incident_id"]


def test_steps_in_order_with_their_documents_and_contradictions(make):
    """The policy's documents stand beside each step; two hours that exclude one another are both named."""
    second = {**SOURCE, "source_id": "paper-2020", "kind": "press", "url": "https://paper.example/a"}
    late = {**RESTORED, "source_id": "paper-2020", **hours("15:00")}
    quoted = {**ONSET, "source_id": "paper-2020", "speaker": "operator"}
    registry = read_registry(base=make(sources=[SOURCE, second], events=[ONSET, quoted, RESTORED, late]))
    steps = chronology(registry.events, ID, "authority").set_index("step")
    assert list(steps.index) == ["onset", "restored"]
    assert steps.at["restored", "sources"] == ["acme-2020-report"]
    assert steps.loc["onset", ["sources", "speakers"]].tolist() == [["acme-2020-report"], [""]]
    early, other = (registry.events.loc[int(steps.at["restored", end]), "source_id"] for end in ("early", "late"))
    assert (early, other) == ("acme-2020-report", "paper-2020")
    assert steps["early"].isna()["onset"]


def test_sayers_are_those_who_gave_the_hour_and_the_part_is_named(make):
    """Of two services back at two hours the later ends the outage and its document alone is named; a detection of
    emergency calls that excludes that of the whole says what it is of.
    """
    second = {**SOURCE, "source_id": "acme-2020-second", "url": "https://acme.example/second"}
    events = [
        {**ONSET, "scope": "emergency_calls"},
        at("10:05", event="detected", actor="operator", scope=""),
        at("10:45", event="detected", actor="operator", scope="emergency_calls"),
        at("11:00", event="restored", scope="emergency_calls") | {"source_id": "acme-2020-second"},
        at("12:00", event="restored", scope="emergency_calls;sms"),
    ]
    registry = read_registry(base=make(sources=[SOURCE, second], events=events))
    steps = chronology(registry.events, ID, "authority", ["emergency_calls"]).set_index("step")
    assert steps.at["restored", "sources"] == ["acme-2020-report"]
    assert steps["about"].to_dict() == {"onset": "", "detected": "emergency_calls", "restored": ""}


def test_an_outage_without_hours_has_no_steps(make):
    """Nothing is made up where no document gives an hour."""
    assert chronology(read_registry(base=make()).events, "2020-01-01-nobody", "authority").empty
