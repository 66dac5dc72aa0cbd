"""Each rule on cohorts catches what it is for, and the public cohorts keep all of them."""

import pytest

from outages.paths import DATA
from outages.registry.cohorts import COHORT_RULES, COHORT_TABLES
from outages.registry.files import read_stack, stacked
from outages.registry.form import problems_of
from outages.registry.schema import FILE, ORIGIN, ROW, Row, columns

ENTRY = {
    "cohort_id": "oci-status",
    "entry_id": "x-1",
    "onset": "2021-03-01T10:00:00+00:00",
    "onset_basis": "field",
    "first_post": "2021-03-01T10:20:00+00:00",
    "restored": "2021-03-01T12:00:00+00:00",
    "restored_basis": "stated",
}
PROMISE = {"cohort_id": "oci-status", "entry_id": "x-1", "post": ENTRY["first_post"], "promised": ENTRY["restored"]}
STAMPED = [{**ENTRY, "entry_id": f"x-{n}", "onset": ENTRY["first_post"]} for n in range(1, 8)]


def placed(rows: list[dict[str, str]], name: str) -> list[Row]:
    """Return rows as they are read."""
    empty, where = dict.fromkeys(columns(name), ""), {FILE: f"{name}.csv", ORIGIN: "public"}
    return [{**empty, **row, **where, ROW: line} for line, row in enumerate(rows, 2)]


def found(entries: list[dict[str, str]], promises: list[dict[str, str]] = (), **cohort: str) -> list[str]:
    """Return what the rules say of some entries and promises of a cohort that is there."""
    cohorts = [row | cohort for row in stacked([DATA], ["cohorts"])[0]["cohorts"]]
    tables = (cohorts, placed(entries, "cohort_entries"), placed(list(promises), "cohort_promises"))
    return [str(p) for p in problems_of(dict(zip(COHORT_TABLES, tables, strict=True)), COHORT_RULES)]


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([{**ENTRY, "onset_basis": ""}], "cohort_entries.csv:2: onset_basis: is empty beside onset"),
        ([{**ENTRY, "restored_basis": ""}], "restored_basis: is empty beside restored"),
        ([{**ENTRY, "first_post": "2021-03-01T09:59:00+00:00"}], "first_post: .* before the onset"),
        ([{**ENTRY, "restored": "2021-03-01T09:00:00+00:00"}], "restored: .* before the onset"),
        ([{**ENTRY, "flag": "odd"}], "flag: 'odd' does not fit; use codes .* from day_as_written"),
        ([{**ENTRY, "detected": "2021-03-01T28:00Z"}], "detected: .* not a moment of the calendar"),
        ([{**ENTRY, "onset": "2021-02-30T10:00:00+00:00"}], "onset: .* not a moment of the calendar"),
        ([{**ENTRY, "onset": "2021-03-01T10:00:00"}], "onset: .* with its offset"),
        ([ENTRY, ENTRY], "entry_id: .* already at"),
        ([{**ENTRY, "cohort_id": "nobody"}], "cohort_id: 'nobody' is not in reference/cohorts.csv"),
        (STAMPED, "onset: is the first post itself in most entries"),
    ],
)
def test_rules(entries, words):
    """What breaks a rule is named with file, row and column."""
    import re

    assert any(re.search(words, problem) for problem in found(entries)), found(entries)


def test_what_keeps_the_rules():
    """A sound entry, a promise of it, an hour that a flag doubts, and few entries told at once pass."""
    doubted = {**ENTRY, "first_post": "2021-03-01T09:59:00+00:00", "flag": "first_line_before_onset"}
    assert found([ENTRY], [PROMISE]) == [] == found([doubted]) == found(STAMPED[:4])


def test_promises_and_zones():
    """A promise belongs to an entry that is there; a time zone is one of IANA's."""
    assert any("add the entry there" in p for p in found([ENTRY], [{**PROMISE, "entry_id": "y"}]))
    assert any("IANA" in p for p in found([ENTRY], timezone="Europe/Pariss"))


def test_public_cohorts_hold_facts_only():
    """No text of an operator came along: cells are short, and no column holds prose."""
    entries = read_stack([DATA], ["cohort_entries"])[0]["cohort_entries"]
    assert len(entries) == 12986
    for column in ("region", "severity", "entry_id", "event_id"):
        assert entries[column].str.len().max() < 100, column
    assert not entries["service"].str.contains(r"[a-z]\. [A-Z]", regex=True).any()


def test_what_the_page_says_is_missing_is_missing():
    """Between entries of 15 March 2023 and of the evening of the 29th, the Google list has none."""
    entries = read_stack([DATA], ["cohort_entries"])[0]["cohort_entries"]
    google = entries[entries["cohort_id"] == "gcp-status"]
    for hour in ("onset", "record_begin"):
        assert google[hour].between("2023-03-15T12", "2023-03-30T12").sum() > 0
        assert not google[hour].between("2023-03-16", "2023-03-29T19").any()
