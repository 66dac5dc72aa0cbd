"""Each rule catches what a person gets wrong, names file, row and column, and says what is allowed."""

import subprocess
import sys

import pytest
from frictionless import Package

from conftest import CAUSE, CLAIM, INCIDENT, ONSET, RESTORED, SOURCE, USERS
from outages.registry.rules import format_folder
from outages.paths import DATA
from outages.registry.registry import check_folders

FAULTS = {  # name: (tables, file, row, column, words that the message must hold)
    "event_code": ({"events": [{**ONSET, "event": "onsett"}, RESTORED]}, "events.csv", 2, "event", "onset"),
    "empty_locator": ({"events": [{**ONSET, "locator": ""}, RESTORED]}, "events.csv", 2, "locator", "must be filled"),
    "vague_locator": ({"causes": [{**CAUSE, "locator": "website"}]}, "causes.csv", 2, "locator", "section"),
    "time_without_offset": ({"events": [{**ONSET, "time_low": "2020-03-01T10:00"}, RESTORED]}, "events.csv", 2, "time_low", "offset"),
    "no_such_day": ({"events": [{**ONSET, "time_low": "2020-02-30T10:00+01:00"}, RESTORED]}, "events.csv", 2, "time_low", "calendar"),
    "summer_offset_in_winter": ({"events": [{**ONSET, "time_low": "2020-03-01T10:00+02:00", "time_high": "2020-03-01T10:00+01:00"}, RESTORED]}, "events.csv", 2, "time_low", "+01:00"),
    "low_after_high": ({"events": [{**ONSET, "time_low": "2020-03-01T10:30+01:00"}, RESTORED]}, "events.csv", 2, "time_high", "before time_low"),
    "restored_before_onset": ({"events": [ONSET, {**RESTORED, "time_low": "2020-03-01T09:00+01:00", "time_high": "2020-03-01T09:30+01:00"}]}, "events.csv", 3, "time_high", "before the onset"),
    "restored_before_any_onset": ({"sources": [SOURCE, {**SOURCE, "source_id": "b-2020-x", "url": ""}], "events": [ONSET, {**RESTORED, "source_id": "b-2020-x", "time_low": "2020-03-01T09:00+01:00", "time_high": "2020-03-01T09:30+01:00"}]}, "events.csv", 3, "time_high", "before the onset"),
    "precursor_after_onset": ({"events": [ONSET, {**RESTORED, "event": "precursor"}]}, "events.csv", 3, "time_low", "precursor"),
    "detection_by_nobody": ({"events": [ONSET, {**RESTORED, "event": "detected"}]}, "events.csv", 3, "actor", "who"),
    "onset_on_another_day": ({"events": [{**ONSET, "time_low": "2020-03-02T10:00+01:00", "time_high": "2020-03-02T10:00+01:00"}]}, "events.csv", 2, "time_low", "date in its identifier"),
    "unknown_zone": ({"incidents": [{**INCIDENT, "timezone": "Europe/Pariss"}]}, "incidents.csv", 2, "timezone", "Europe/Paris"),
    "bad_country": ({"incidents": [{**INCIDENT, "country": "fr"}]}, "incidents.csv", 2, "country", "capitals"),
    "other_country": ({"incidents": [{**INCIDENT, "country": "DE"}]}, "incidents.csv", 2, "incident_id", "DE"),
    "bad_service": ({"incidents": [{**INCIDENT, "services": "sms;phone"}]}, "incidents.csv", 2, "services", "mobile_voice"),
    "bad_id": ({"incidents": [{**INCIDENT, "incident_id": "acme"}], "events": [], "measures": [], "causes": []}, "incidents.csv", 2, "incident_id", "YYYY-MM-DD"),
    "same_incident_twice": ({"incidents": [INCIDENT, {**INCIDENT, "title_en": "Other"}]}, "incidents.csv", 3, "incident_id", "already"),
    "unknown_incident": ({"causes": [{**CAUSE, "incident_id": "2020-03-02-acme-fr-sms"}]}, "causes.csv", 2, "incident_id", "incidents.csv"),
    "unknown_successor": ({"incidents": [{**INCIDENT, "superseded_by": "2020-03-02-acme-fr-sms"}]}, "incidents.csv", 2, "superseded_by", "incidents.csv"),
    "unknown_source": ({"causes": [{**CAUSE, "source_id": "nobody-2020-x"}]}, "causes.csv", 2, "source_id", "sources.csv"),
    "same_page_twice": ({"sources": [SOURCE, {**SOURCE, "source_id": "b-2020-x", "url": "http://www.acme.example/report/"}], "causes": [CAUSE, {**CAUSE, "source_id": "b-2020-x"}]}, "sources.csv", 3, "url", "acme-2020-report"),
    "unused_source": ({"sources": [SOURCE, {**SOURCE, "source_id": "b-2020-x", "url": ""}]}, "sources.csv", 3, "source_id", "no claim"),
    "unreal_date": ({"sources": [{**SOURCE, "read_on": "2026-13-01"}]}, "sources.csv", 2, "read_on", "2021-06-02"),
    "script_address": ({"sources": [{**SOURCE, "url": "javascript:alert(1)"}]}, "sources.csv", 2, "url", "https://"),
    "text_for_number": ({"measures": [{**USERS, "value_low": "many", "value_high": "many"}]}, "measures.csv", 2, "value_low", "number"),
    "infinite": ({"measures": [{**USERS, "value_low": "inf", "value_high": "inf"}]}, "measures.csv", 2, "value_low", "number"),
    "negative": ({"measures": [{**USERS, "value_low": "-5", "value_high": "-5"}]}, "measures.csv", 2, "value_low", "below 0"),
    "exact_with_two_ends": ({"measures": [{**USERS, "value_high": "1200"}]}, "measures.csv", 2, "bound", "equal"),
    "floor_with_ceiling": ({"measures": [{**USERS, "bound": "at_least"}]}, "measures.csv", 2, "bound", "value_low alone"),
    "ceiling_with_floor": ({"measures": [{**USERS, "bound": "at_most"}]}, "measures.csv", 2, "bound", "value_high alone"),
    "point_range": ({"measures": [{**USERS, "bound": "range"}]}, "measures.csv", 2, "bound", "below value_high"),
    "unit_of_another_measure": ({"measures": [{**USERS, "unit": "calls"}]}, "measures.csv", 2, "unit", "persons"),
    "fine_without_currency": ({"measures": [{**USERS, "measure": "fine_amount"}]}, "measures.csv", 2, "unit", "ISO 4217"),
    "percent_as_share": ({"measures": [{**USERS, "measure": "emergency_calls_failed_share", "unit": "share", "value_low": "11", "value_high": "11"}]}, "measures.csv", 2, "value_low", "0.11"),
    "users_above_base": ({"measures": [{**USERS, "measure": "subscriber_base", "value_low": "900", "value_high": "900"}, USERS]}, "measures.csv", 3, "value_low", "subscriber base"),
    "value_of_another_factor": ({"causes": [{**CAUSE, "value": "overload"}]}, "causes.csv", 2, "value", "system_failure"),
    "copied_sentence": ({"causes": [{**CAUSE, "note": "It says “" + "word " * 30 + "”."}]}, "causes.csv", 2, "note", "own words"),
    "line_break": ({"causes": [{**CAUSE, "note": "two\nlines"}]}, "causes.csv", 3, "note", "one trimmed line"),
    "same_row_twice": ({"causes": [CAUSE, CAUSE]}, "causes.csv", 3, "(row)", "delete"),
    "out_of_order": ({"events": [RESTORED, ONSET]}, "events.csv", 2, "(row)", "outages format"),
}  # fmt: skip


def test_the_valid_registry_is_valid(make):
    """The registry that the faults are planted into has none of its own."""
    assert check_folders([make()]) == []


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_found(name, make):
    """The fault is reported where it is, with what is allowed."""
    tables, file, row, column, words = FAULTS[name]
    problems = check_folders([make(**tables)])
    found = [
        p
        for p in problems
        if (p.file.rsplit("/", 1)[-1], p.row, p.column) == (file, row, column) and words in p.message
    ]
    assert found, "\n".join(map(str, problems))


def test_all_offenders_are_listed(make):
    """Three rows with a fault give three lines, not the first alone."""
    rows = [{**CAUSE, "value": value} for value in ("bad_one", "bad_three", "bad_two")]
    assert {p.row for p in check_folders([make(causes=rows)]) if p.column == "value"} == {2, 3, 4}


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b'incident_id,factor\n"open', "CSV"),
        (b"incident_id,factor,value,source_id,locator\n", "note"),
        (b"incident_id,factor,value,source_id,locator,note\na,b\n", "cells"),
        (b"incident_id,factor,value,source_id,locator,note,note\n", "twice"),
        (b"", "missing"),
        (b"\xef\xbb\xbfincident_id,factor,value,source_id,locator,note\n", "byte order mark"),
        (b"incident_id,factor,value,source_id,locator,note\r\n", "CRLF"),
    ],
)  # fmt: skip
def test_unreadable_files_are_named(damage, words, make):
    """A file that is no table gives a line, not a traceback."""
    folder = make()
    (folder / "causes.csv").write_bytes(damage)
    problems = check_folders([folder])
    assert problems and all(p.file.endswith("causes.csv") for p in problems)
    assert any(words in p.message for p in problems)


def test_missing_folder_and_missing_incidents(tmp_path, make):
    """A folder that is not there, and one without incidents, are named."""
    assert "holds no table" in str(check_folders([tmp_path / "nowhere"])[0])
    folder = make()
    (folder / "incidents.csv").unlink()
    assert any("starts with its incidents" in p.message for p in check_folders([folder]))


@pytest.mark.parametrize(
    "name", ["event_code", "empty_locator", "same_incident_twice", "unknown_source", "text_for_number", "unreal_date"]
)
def test_frictionless_agrees_on_schema_faults(name, make, tmp_path):
    """What our schema check refuses, the Frictionless library refuses as well."""
    tables, *_ = FAULTS[name]
    folder = make(third_parties=[], recommendations=[], **tables)
    for file in (
        "datapackage.json",
        "reference/codes.csv",
        "reference/regulator_annual.csv",
        "reference/communication_targets.csv",
    ):
        (folder / file).parent.mkdir(exist_ok=True)
        text = (DATA / file).read_bytes()
        (folder / file).write_bytes(
            text.splitlines(keepends=True)[0] if "reference" in file and "codes" not in file else text
        )
    assert not Package(str(folder / "datapackage.json")).validate().valid


def test_format_puts_rows_in_order_and_loses_none(make):
    """Formatting repairs the order, keeps every cell, and a second run changes nothing."""
    folder = make(events=[RESTORED, {**ONSET, "note": 'quotes "and", commas'}])
    assert [p.name for p in format_folder(folder)] == ["events.csv"]
    assert check_folders([folder]) == []
    assert 'quotes ""and"", commas' in (folder / "events.csv").read_text(encoding="utf-8")
    assert format_folder(folder) == []


def test_overlay_clash_is_an_error(make):
    """Two registries that use the same incident id or source id clash."""
    base, overlay = make("base"), make("ours", events=[], measures=[], causes=[CAUSE])
    messages = [str(p) for p in check_folders([base, overlay])]
    assert any("ours/incidents.csv:2: incident_id" in m and "base/incidents.csv:2" in m for m in messages)
    assert any("ours/sources.csv:2: source_id" in m for m in messages)


def test_command_prints_one_line_a_problem(make):
    """`outages check DIR` prints file:row: column: message and exits 2; a sound registry exits 0."""
    folder = make(causes=[{**CLAIM, "factor": "root_cause", "value": "bad"}])
    run = subprocess.run([sys.executable, "-m", "outages", "check", str(folder)], capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stdout.splitlines() and all(line.split(":")[1].isdigit() for line in run.stdout.splitlines())
    assert subprocess.run([sys.executable, "-m", "outages", "check", str(make())], capture_output=True).returncode == 0
