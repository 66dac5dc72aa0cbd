"""Each rule catches what a person gets wrong, names file, row and column, and says what is allowed."""

import subprocess
import sys

import pytest
from frictionless import Package

from conftest import CAUSE, CLAIM, INCIDENT, ONSET, RESTORED, SOURCE, TABLES, USERS, hours
from outages.paths import DATA
from outages.registry.registry import check_folders, read_registry
from outages.registry.schema import RegistryError, resources

OTHER = {**SOURCE, "source_id": "b-2020-x", "url": ""}
BASE = {**USERS, "measure": "subscriber_base"}
LATER_ID = "2020-03-02-acme-fr-sms"


def one(table, **cells):
    """Return the valid row of a table with other cells."""
    return {table: [{**TABLES[table][0], **cells}]}


def onset(**cells):
    """Return the events with other cells in the onset."""
    return {"events": [{**ONSET, **cells}, RESTORED]}


def end(**cells):
    """Return the events with other cells in the restoration."""
    return {"events": [ONSET, {**RESTORED, **cells}]}


def figure(low, high="", **cells):
    """Return the people hit with other ends and cells."""
    return one("measures", value_low=low, value_high=high or low, **cells)


def alone(incident_id, *times):
    """Return an incident with a cause and onsets at some times."""
    about = {"incident_id": incident_id}
    onsets = [{**ONSET, **about, "time_low": time, "time_high": time} for time in times]
    return {"incidents": [INCIDENT | about], "events": onsets, "measures": [], "causes": [CAUSE | about]}


FAULTS = {  # name: (tables, file, row and column, words that the message must hold)
    "event_code": (onset(event="onsett"), "events.csv:2: event", "onset"),
    "scope_code": (onset(scope="smss"), "events.csv:2: scope", "web, or the name of a place, with its capital"),
    "empty_locator": (onset(locator=""), "events.csv:2: locator", "must be filled"),
    "vague_locator": (one("causes", locator="website"), "causes.csv:2: locator", "section"),
    "time_without_offset": (onset(time_low="2020-03-01T10:00"), "events.csv:2: time_low", "offset"),
    "no_such_day": (onset(time_low="2020-02-30T10:00+01:00"), "events.csv:2: time_low", "calendar"),
    "summer_offset_in_winter": (onset(time_low="2020-03-01T10:00+02:00"), "events.csv:2: time_low", "+01:00"),
    "low_after_high": (onset(**hours("10:30", "10:00")), "events.csv:2: time_high", "before time_low"),
    "restored_before_onset": (end(**hours("09:00", "09:30")), "events.csv:3: time_high", "before the onset"),
    "restored_before_any_onset": (
        {"sources": [SOURCE, OTHER], **end(source_id="b-2020-x", **hours("09:00", "09:30"))},
        "events.csv:3: time_high",
        "before the onset",
    ),
    "repaired_before_onset": (end(event="repaired", **hours("09:00")), "events.csv:3: time_high", "before the onset"),
    "precursor_after_onset": (end(event="precursor"), "events.csv:3: time_low", "precursor"),
    "detection_by_nobody": (end(event="detected"), "events.csv:3: actor", "who"),
    "onset_on_another_day": (
        {"events": [{**ONSET, **hours("10:00", day="2020-03-02")}]},
        "events.csv:2: time_low",
        "date in its identifier",
    ),
    "unknown_zone": (one("incidents", timezone="Europe/Pariss"), "incidents.csv:2: timezone", "Europe/Paris"),
    "bad_country": (one("incidents", country="fr"), "incidents.csv:2: country", "capitals"),
    "other_country": (one("incidents", country="DE"), "incidents.csv:2: incident_id", "DE"),
    "bad_service": (one("incidents", services="sms;phone"), "incidents.csv:2: services", "mobile_voice"),
    "bad_id": (alone("acme"), "incidents.csv:2: incident_id", "YYYY-MM-DD"),
    "same_incident_twice": (
        {"incidents": [INCIDENT, {**INCIDENT, "title_en": "Other"}]},
        "incidents.csv:3: incident_id",
        "already",
    ),
    "unknown_incident": (one("causes", incident_id=LATER_ID), "causes.csv:2: incident_id", "incidents.csv"),
    "unknown_successor": (one("incidents", superseded_by=LATER_ID), "incidents.csv:2: superseded_by", "incidents.csv"),
    "unknown_source": (one("causes", source_id="nobody-2020-x"), "causes.csv:2: source_id", "sources.csv"),
    "same_page_twice": (
        {
            "sources": [SOURCE, {**OTHER, "url": "http://www.acme.example/report/"}],
            "causes": [CAUSE, {**CAUSE, "source_id": "b-2020-x"}],
        },
        "sources.csv:3: url",
        "acme-2020-report",
    ),
    "unused_source": ({"sources": [SOURCE, OTHER]}, "sources.csv:3: source_id", "no claim"),
    "unreal_date": (one("sources", read_on="2026-13-01"), "sources.csv:2: read_on", "2021-06-02"),
    "script_address": (one("sources", url="javascript:alert(1)"), "sources.csv:2: url", "https://"),
    "text_for_number": (figure("many"), "measures.csv:2: value_low", "number"),
    "infinite": (figure("inf"), "measures.csv:2: value_low", "number"),
    "negative": (figure("-5"), "measures.csv:2: value_low", "below 0"),
    "exact_with_two_ends": (figure("1000", "1200"), "measures.csv:2: bound", "equal"),
    "floor_with_ceiling": (one("measures", bound="at_least"), "measures.csv:2: bound", "value_low alone"),
    "ceiling_with_floor": (one("measures", bound="at_most"), "measures.csv:2: bound", "value_high alone"),
    "point_range": (one("measures", bound="range"), "measures.csv:2: bound", "below value_high"),
    "unit_of_another_measure": (one("measures", unit="calls"), "measures.csv:2: unit", "persons"),
    "fine_without_currency": (one("measures", measure="fine_amount"), "measures.csv:2: unit", "ISO 4217"),
    "percent_as_share": (
        figure("11", measure="emergency_calls_failed_share", unit="share"),
        "measures.csv:2: value_low",
        "0.11",
    ),
    "users_above_base": (
        {"measures": [{**BASE, "value_low": "900", "value_high": "900"}, USERS]},
        "measures.csv:3: value_low",
        "subscriber base",
    ),
    "value_of_another_factor": (one("causes", value="overload"), "causes.csv:2: value", "system_failure"),
    "copied_sentence": (one("causes", note="It says “" + "word " * 30 + "”."), "causes.csv:2: note", "own words"),
    "line_break": (one("causes", note="two\nlines"), "causes.csv:3: note", "one trimmed line"),
    "same_row_twice": ({"causes": [CAUSE, CAUSE]}, "causes.csv:3: (row)", "delete"),
    "out_of_order": ({"events": [RESTORED, ONSET]}, "events.csv:3: (row)", "outages format"),
    "month_13": (one("sources", published="2021-13"), "sources.csv:2: published", "calendar"),
    "february_31": (one("sources", published="2020-02-31"), "sources.csv:2: published", "calendar"),
    "id_of_no_day": (alone("2023-99-99-acme-fr-mobile"), "incidents.csv:2: incident_id", "calendar"),
    "year_before_nanoseconds": (onset(time_low="1677-09-20T23:59:59+00:00"), "events.csv:2: time_low", "1678"),
    "year_9999": (end(time_high="9999-12-31T23:59-12:00"), "events.csv:3: time_high", "2261"),
    "year_1": (onset(time_low="0001-01-01T00:00+14:00"), "events.csv:2: time_low", "1678"),
    "other_zone": (onset(time_low="2020-03-01T05:00-04:00"), "events.csv:2: time_low", "10:00+01:00 for the same"),
    "restored_in_2120": (end(**hours("12:00", day="2120-03-01")), "events.csv:3: time_low", "check the year"),
    "language_in_capitals": (one("sources", language="EN"), "sources.csv:2: language", "[a-z]{2}"),
    "number_of_400_digits": (figure("1", "9" * 400), "measures.csv:2: value_high", "not a number"),
    "number_of_26_digits": (figure("1", "9" * 26), "measures.csv:2: value_high", "too large"),
    "united_kingdom": (one("incidents", country="FR;UK"), "incidents.csv:2: country", "GB"),
    "no_break_space": (one("incidents", operator="Acme\u00a0"), "incidents.csv:2: operator", "Acme\\xa0"),
    "vertical_tab": (one("causes", note="a\x0bb"), "causes.csv:2: note", "a\\x0bb"),
    "no_character": (one("causes", note="a\ufffeb"), "causes.csv:2: note", "control sign"),
    "escape_sequence": (one("causes", factor="\x1b[2J"), "causes.csv:2: factor", "\\x1b[2J"),
    "own_successor": (
        one("incidents", superseded_by=INCIDENT["incident_id"]),
        "incidents.csv:2: superseded_by",
        "circle",
    ),
    "retracted_by_nothing": (
        one("measures", retracted_by="nobody-2020-x"),
        "measures.csv:2: retracted_by",
        "sources.csv",
    ),
    "unknown_speaker": (one("measures", speaker="minister"), "measures.csv:2: speaker", "member"),
    "unknown_group": (
        {"organisations": [{"organisation_id": "acme", "name_en": "Acme", "part_of": "nobody"}]},
        "organisations.csv:2: part_of",
        "organisation_id",
    ),
}


def test_the_valid_registry_is_valid(make):
    """The registry that the faults are planted into has none of its own."""
    assert check_folders([make()]) == []


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_found(name, make):
    """The fault refuses the registry, and is reported where it is, with what is allowed, in one line of at most 200
    signs.
    """
    tables, where, words = FAULTS[name]
    with pytest.raises(RegistryError) as refused:
        read_registry(base=make(**tables))
    problems = refused.value.problems
    assert any(f"{p.file}:{p.row}: {p.column}".endswith(where) and words in p.message for p in problems), problems
    assert all(len(str(p)) <= 200 and str(p).isprintable() for p in problems)


@pytest.mark.parametrize("offset", ["+01:00", "+02:00"])
def test_an_hour_that_was_not(offset, make):
    """On the day on which clocks go forward an hour is left out, whatever the offset."""
    folder = make(**alone("2021-03-28-acme-fr-sms", f"2021-03-28T02:30{offset}"))
    assert {p.message.split(" on ")[0] for p in check_folders([folder])} == {
        f"'2021-03-28T02:30{offset}': no such hour"
    }


@pytest.mark.parametrize("time", ["2020-03-01T09:00Z", "2020-03-01T09:00+00:00", "2020-03-01T10:00+01:00"])
def test_utc_is_the_same_moment(time, make):
    """A time in UTC is taken, and turned into the local time of the incident when it is read."""
    folder = make(**onset(time_low=time, time_high=time))
    assert check_folders([folder]) == []
    found = read_registry(base=folder).events.iloc[0]
    assert (found["time_low"], found["time_high"]) == ("2020-03-01T10:00+01:00",) * 2
    assert found["low"] == found["high"] == 26384220


RIGHT = {
    "an onset in UTC on the evening before the local day": alone("2020-03-01-acme-fr-sms", "2020-02-29T23:30Z"),
    "an hour that comes twice": alone("2021-10-31-acme-fr-sms", "2021-10-31T02:30+01:00", "2021-10-31T02:30+02:00"),
    "sun's time": alone("1900-03-01-acme-fr-telegraph", "1900-03-01T10:00+00:09", "1900-03-01T10:00Z"),
    "an outage of no length": end(**hours("10:00")),
    "more people than lines": {"measures": [{**BASE, "value_low": "500", "value_high": "500", "unit": "lines"}, USERS]},
    "an hour of one place": onset(scope="La Réunion"),
    "ten years": end(**hours("10:00", day="2030-02-28")),
    "a spoken figure": one("measures", speaker="operator", retracted_by=SOURCE["source_id"]),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_things_are_taken(name, make):
    """What is odd and right is no fault."""
    assert [p for p in check_folders([make(**RIGHT[name])]) if p.level == "error"] == []


def test_successors_in_a_circle(make):
    """All incidents of the circle are named, and so is who points into it."""
    ids = [f"2020-03-0{day}-acme-fr-mobile" for day in (1, 2, 3)]
    after = [ids[1], ids[0], ids[0]]
    rows = [{**INCIDENT, "incident_id": i, "superseded_by": s} for i, s in zip(ids, after, strict=True)]
    assert [p.row for p in check_folders([make(incidents=rows)]) if p.column == "superseded_by"] == [2, 3, 4]


def test_all_offenders_are_listed(make):
    """Three rows with a fault give three lines, not the first alone."""
    rows = [{**CAUSE, "value": value} for value in ("bad_one", "bad_three", "bad_two")]
    assert {p.row for p in check_folders([make(causes=rows)]) if p.column == "value"} == {2, 3, 4}


def test_frictionless_agrees_on_schema_faults(make):
    """What our schema check refuses, the Frictionless library refuses as well: an empty cell, a wrong code, a key that
    stands twice, one that stands nowhere, no number, no date.
    """
    sound = {table: [] for table in resources() if table != "codes"} | TABLES
    wrong = {
        "incidents": [INCIDENT, INCIDENT],
        "sources": [SOURCE | {"read_on": "2026-13-01"}],
        "events": [ONSET | {"event": "onsett"}, ONSET | {"locator": ""}],
        "measures": [USERS | {"value_low": "many"}],
        "causes": [CAUSE | {"source_id": "nobody-2020-x"}],
    }
    found = []
    for tables in (sound, sound | wrong):
        folder = make(**tables)
        for file in ("datapackage.json", "reference/codes.csv"):
            (folder / file).write_bytes((DATA / file).read_bytes())
        report = Package(str(folder / "datapackage.json")).validate()
        found.append({(task.name, error.row_number) for task in report.tasks for error in task.errors})
    places = {("incidents", 3), ("sources", 2), ("events", 2), ("events", 3), ("measures", 2), ("causes", 2)}
    assert found == [set(), places]


def test_command_prints_one_line_a_problem(make):
    """`outages check DIR` prints file:row: column: message and exits 2."""
    folder = make(causes=[{**CLAIM, "factor": "root_cause", "value": "bad"}])
    run = subprocess.run([sys.executable, "-m", "outages", "check", str(folder)], capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stdout.splitlines() and all(line.split(":")[1].isdigit() for line in run.stdout.splitlines())
