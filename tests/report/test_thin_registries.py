"""Registries that are right but thin or extreme: every report comes out, and says nothing that is not so (F01,
F18a).
"""

import re

import pytest
from parts import checked, html_of, study

from conftest import INCIDENT, ONSET, SOURCE, USERS
from outages.registry.registry import check_folders, read_registry
from outages.studies.peers import open_peers

DAY = INCIDENT["incident_id"]
SECOND = "2020-03-02-acme-fr-sms"
EMPTY = {"sources": [], "measures": [], "causes": []}
SOURCES = {"sources": [SOURCE], "measures": [], "causes": []}


def event(code="restored", time="2020-03-01T10:00+01:00", **cells):
    """Return an event at a moment."""
    return {**ONSET, "event": code, "time_low": time, "time_high": time, **cells}


def word(time="2020-03-01T10:00+01:00", **cells):
    """Return the first statement of the operator."""
    return event("first_public_statement", time, actor="operator", **cells)


def two(*events, **tables):
    """Return two incidents of one title, the events of the first as given, the second beginning a day later."""
    later = event("onset", "2020-03-02T10:00+01:00", incident_id=SECOND)
    incidents = [INCIDENT, {**INCIDENT, "incident_id": SECOND}]
    rows = sorted([*events, later], key=lambda e: (e["incident_id"], e["time_low"], e["event"]))
    return {**SOURCES, "incidents": incidents, "events": rows, **tables}


CASES = {  # name: tables
    "nothing_known_of_one": {**EMPTY, "events": []},
    "onset_only": {**SOURCES, "events": [ONSET]},
    "F01a_no_length": {**SOURCES, "events": [ONSET, event()]},
    "all_at_one_minute": {
        **SOURCES,
        "events": sorted(
            [
                ONSET,
                event(),
                word(),
                event("authorities_notified", actor="operator"),
                event("detected", actor="operator"),
            ],
            key=lambda e: e["event"],
        ),
    },
    "all_unknown_of_two": {**EMPTY, "incidents": [INCIDENT, {**INCIDENT, "incident_id": SECOND}], "events": []},
    "one_minute_and_ten_years": two(
        ONSET, event(time="2020-03-01T10:01+01:00"), event(time="2030-02-28T10:00+01:00", incident_id=SECOND)
    ),
    "lengths_with_open_ends": two(ONSET, {**event(time="2020-03-01T12:00+01:00"), "event": "partial_restoration"}),
    "a_quadrillion_people": {
        "measures": [{**USERS, "value_low": "1000000000000000", "value_high": "1000000000000000"}],
        "causes": [],
    },
    "F18a_an_hour_twice": {
        **SOURCES,
        "incidents": [{**INCIDENT, "incident_id": "2021-10-31-acme-fr-sms"}],
        "events": [
            event("onset", "2021-10-31T01:30+02:00", incident_id="2021-10-31-acme-fr-sms"),
            event(time="2021-10-31T02:30+01:00", incident_id="2021-10-31-acme-fr-sms"),
        ],
    },
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ["comparative-report", "decision-note"])
def test_thin_registries_make_every_report(name, case, make):
    """Every part of every report comes out, with no slip of the computer and no range from X to the same X."""
    folder = make(**CASES[case])
    assert [problem for problem in check_folders([folder]) if problem.level == "error"] == []
    registry = read_registry((), folder)
    focus = registry.incidents.index[0]
    if name == "decision-note":
        own = open_peers(focus=focus, lang="fr", base=folder)
    else:
        ids = [focus] if name == "incident-dossier" else []
        own = study(ids, lang="en" if "a" in case else "fr", focus=focus, registry=registry)
    text = html_of(name, own)
    checked(text)
    assert case != "nothing_known_of_one" or text.count("<figure") <= 2  # of what is known, and of years
    shown = " ".join(re.sub(r"<[^>]+>", " ", text).split())
    assert not re.search(
        r"(?i)\bup to 1 times|none of 1 incidents|\b(?:from|de) (\d[\d.,]*) (?:to|à) \1\b(?! \w)", shown
    )


REST = (
    "outage-length",
    "data-quality",
    "affected-users",
    "detection-and-communication",
    "third-parties",
    "recommendations",
    "incident-dossier",
)


@pytest.mark.parametrize("case", ["nothing_known_of_one", "all_at_one_minute"])
@pytest.mark.parametrize("name", REST)
def test_the_thinnest_make_the_others(name, case, make):
    """The parts that the comparison does not hold come out too."""
    test_thin_registries_make_every_report(name, case, make)


ONE = two(  # person for an hour, and an outage of which nothing is known
    ONSET,
    event("detected", "2020-03-01T10:05+01:00", actor="customers"),
    event("detected", "2020-03-01T10:05+01:00", actor="operator"),
    event(time="2020-03-01T11:00+01:00"),
    measures=[{**USERS, "value_low": "1", "value_high": "1"}],
)
SEVERAL_OF_ONE = r"\b1 (outages|incidents|people|cases|more have|pannes|personnes|autres)\b|\b0 (more|autres)\b"


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("name", REST)
def test_one_is_not_said_as_several(name, lang, make):
    """One person, one outage and one case are said as one, and none more is not said at all."""
    registry = read_registry((), make(**ONE))
    for ids in ([], [DAY]):
        if name == "incident-dossier" and not ids:
            continue
        text = html_of(name, study(ids, lang=lang, focus=DAY, registry=registry))
        shown = " ".join(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", text, flags=re.DOTALL).split())
        assert re.findall(rf".{{30}}(?:{SEVERAL_OF_ONE}).{{20}}", shown) == []


def test_F18a_offsets_are_shown_where_the_clocks_changed(make):
    """An outage through the end of summer time shows the offsets of its two ends, or its two hours contradict its
    length.
    """
    folder = make(**CASES["F18a_an_hour_twice"])
    registry = read_registry((), folder)
    text = html_of(
        "incident-dossier", study(registry.incidents.index, focus=registry.incidents.index[0], registry=registry)
    )
    shown = text.replace("\N{NO-BREAK SPACE}", " ")
    assert "01:30 (+02:00)" in shown and "02:30 (+01:00)" in shown and "2 h" in shown
