"""Each doubt is told as a warning where it is, and what is in order raises none."""

import pytest

from conftest import INCIDENT, ONSET, RESTORED, SOURCE, USERS, hours, write_registry
from outages.registry.registry import check_folders

LATER = {**SOURCE, "source_id": "acme-2020-update", "url": "", "published": "2020-03-05"}
BASE = {**USERS, "measure": "subscriber_base"}


def event(name, time, day="2020-03-01", **cells):
    """Return an event at an hour by the clock of Paris in winter."""
    return {**ONSET, "event": name, **hours(time, day=day), **cells}


def said(bound="exact", **cells):
    """Return people hit with other cells."""
    return {**USERS, "bound": bound, **cells}


ONE = {"organisation_id": "acme", "name_en": "Acme", "aliases": "ACME SA"}
DOUBTS = {  # name: (tables, file, row and column, words that the message must hold)
    "users_equal_base": ({"measures": [BASE, said(value_low="990", value_high="990")]}, "measures.csv:3", "at_most"),
    "repair_days_later": (
        {"events": [ONSET, event("partial_restoration", "12:00"), event("restored", "12:00", "2020-03-05")]},
        "events.csv:4",
        "repaired",
    ),
    "statement_before_the_first": (
        {
            "events": [
                ONSET,
                event("public_statement", "11:00", actor="operator"),
                event("first_public_statement", "11:30"),
                event("restored", "12:00"),
            ]
        },
        "events.csv:4",
        "earlier one",
    ),
    "told_after_the_end": (
        {"events": [ONSET, RESTORED, event("authorities_notified", "18:00")]},
        "events.csv:4",
        "after the last service",
    ),
    "figure_replaced": (
        {
            "sources": [SOURCE, LATER],
            "measures": [said(), said(value_low="5000", value_high="5000", source_id=LATER["source_id"])],
        },
        "measures.csv:2",
        "acme-2020-update",
    ),
    "in_the_future": ({"sources": [{**SOURCE, "read_on": "2199-01-01"}]}, "sources.csv:2", "future"),
    "longer_than_a_year": ({"events": [ONSET, event("restored", "12:00", "2022-03-01")]}, "events.csv:3", "a year"),
    "unknown_operator": (
        {"organisations": [{**ONE, "organisation_id": "other", "name_en": "Other", "aliases": "Acme"}]},
        "incidents.csv:2",
        "there Other",
    ),
    "two_spellings": (
        {"incidents": [{**INCIDENT, "operator": "ACMÉ Ltd"}], "organisations": [ONE]},
        "organisations.csv:2",
        "one spelling",
    ),
}


@pytest.mark.parametrize("name", DOUBTS)
def test_doubt_is_told(name, make):
    """The warning stands where the doubt is."""
    tables, where, words = DOUBTS[name]
    found = check_folders([make(**tables)])
    assert any(f"{p.file}:{p.row}".endswith(where) and words in p.message for p in found), found
    assert {p.level for p in found} == {"warning"} and all("warning: " in str(p) for p in found)


QUIET = {
    "a ceiling equal to the base": {"measures": [BASE, said("at_most", value_low="")]},
    "a figure that was withdrawn": {
        "sources": [SOURCE, LATER],
        "measures": [
            said(retracted_by=LATER["source_id"]),
            said(value_low="5000", value_high="5000", source_id=LATER["source_id"]),
        ],
    },
    "figures of one day": {
        "sources": [SOURCE, {**LATER, "published": "2020-03"}],
        "measures": [said(), said(value_low="5000", value_high="5000", source_id=LATER["source_id"])],
    },
    "a repair": {"events": [ONSET, event("partial_restoration", "12:00"), event("repaired", "12:00", "2020-03-05")]},
    "the operator is known": {"organisations": [ONE]},
}


def test_an_overlay_may_bring_operators_of_its_own(make):
    """Only another name of one that is listed is told."""
    listed = make("base", organisations=[{**ONE, "aliases": "Acme Mobile"}])
    for operator, doubts in (("Télé Nord", 0), ("Acme Mobile", 1)):
        other = {**INCIDENT, "incident_id": "2020-03-01-other-fr-mobile", "operator": operator}
        onset = {**ONSET, "incident_id": other["incident_id"], "source_id": "other"}
        ours = {"incidents": [other], "sources": [{**SOURCE, "source_id": "other", "url": ""}], "events": [onset]}
        assert len(check_folders([listed, write_registry(listed.parent / "ours", ours)])) == doubts


@pytest.mark.parametrize("name", QUIET)
def test_no_doubt(name, make):
    """What is coded as the guide asks raises no doubt."""
    assert check_folders([make(**QUIET[name])]) == []


def test_judged_doubts_are_passed_over_until_they_are_gone(make):
    """A doubt that was looked into is silent; once its ground is gone, the judgement itself is told."""
    judged = {
        "incident_id": INCIDENT["incident_id"],
        "rule": "users_equal_base",
        "reason": "By chance.",
        "judged_on": "2026-01-01",
    }
    near = [BASE, said(value_low="990", value_high="990")]
    assert check_folders([make("judged", measures=near, judged=[judged])]) == []
    other = {**judged, "rule": "back_before_restored"}
    told = [str(p) for p in check_folders([make("other", measures=near, judged=[other])])]
    assert len(told) == 2 and "3 per cent" in told[0]
    assert "judged.csv:2: rule: warning: no such doubt about" in told[1]


def test_pages_read_long_ago_are_counted_in_one_line(make):
    """However many pages were read more than two years ago, they are one warning; an empty day is none."""
    days = ("2020-03-03", "2020-03-02", "", SOURCE["read_on"])
    sources = [
        {**SOURCE, "source_id": f"{SOURCE['source_id']}-{n}", "url": f"{SOURCE['url']}/{n}", "read_on": day}
        for n, day in enumerate(days)
    ]
    found = [p for p in check_folders([make(sources=[SOURCE, *sources])]) if p.column == "read_on"]
    old = [p for p in found if "years ago" in p.message]
    assert [(p.row, p.level) for p in old] == [(4, "warning")] and "ago: 2 of 5;" in old[0].message
