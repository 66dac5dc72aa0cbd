"""The health report counts incidents, gaps and what headlines rest on."""

from conftest import CLAIM, INCIDENT, ONSET, RESTORED, SOURCE
from outages.curation.status import status
from outages.registry.registry import read_registry

STATEMENT = {**ONSET, "event": "public_statement", "actor": "operator"}


def test_status_counts(make):
    """The health report counts incidents, kinds and gaps, and names who waits for a second coder."""
    registry = read_registry((), make())
    lines = list(status(registry, []))
    assert "1 incidents, 4 claims, 1 documents" in lines[0]
    assert "country: FR 1" in lines and "kind of source: operator 1" in lines
    words = [line.split() for line in lines]
    assert ["onset", "1", "of", "1"] in words and ["detected", "0", "of", "1"] in words
    assert lines[-1].strip() == CLAIM["incident_id"]
    assert "waiting for a second coder: 0 of 1" in list(status(registry, [CLAIM["incident_id"]]))


def test_goals_are_counted_over_coded_incidents(make):
    """Incidents that are only listed do not count; a statement surely after the end is none during the outage."""
    name = "2020-03-02-acme-fr-sms"
    listed = {**INCIDENT, "incident_id": name, "status": "listed"}
    late = {**STATEMENT, "time_low": "2020-03-01T18:00+01:00", "time_high": "2020-03-01T18:00+01:00"}
    early = {**STATEMENT, "time_low": "2020-03-01T11:00+01:00", "time_high": "2020-03-01T11:00+01:00"}
    for events, during in (([ONSET, RESTORED, late], 0), ([ONSET, early, RESTORED, late], 1)):
        words = [
            line.split() for line in status(read_registry((), make(incidents=[INCIDENT, listed], events=events)), [])
        ]
        assert ["incidents", "1"] in words and ["statement", "during", "the", "outage", str(during)] in words


def test_headlines_that_rest_on_one_source(make):
    """Onset, restoration and people of one incident rest on one page; a second source for the onset counts it out."""
    press = {**SOURCE, "source_id": "gazette-2020-outage", "kind": "press", "url": ""}
    again = {**ONSET, "source_id": press["source_id"]}
    only = {**RESTORED, "source_id": press["source_id"]}
    registry = read_registry((), make(sources=[SOURCE, press], events=[ONSET, again, only]))
    assert "headlines that rest on one source: 2 of 3 values, 1 of them on one press page" in list(status(registry, []))
