"""The complete lists of operators: each rule catches its fault, and studies do not read them."""

import pytest

from conftest import SOURCE
from outages.registry import registry as reading
from outages.registry.cohorts import read_cohorts
from outages.registry.registry import check_folders, read_registry
from outages.registry.schema import RegistryError

COHORT = {
    **{"cohort_id": "acme-status", "operator": "Acme", "sector": "telecom", "country": "FR"},
    **{"title_en": "Status page", "title_fr": "Page d'état", "from": "2020-01", "until": "2020-12"},
    **{"onset_means": "stated", "first_post_means": "on the page", "restored_means": "stated"},
    "source_id": SOURCE["source_id"],
}
ENTRY = {
    **{"cohort_id": "acme-status", "entry_id": "1", "onset": "2020-03-01T08:00:00Z", "onset_basis": "report"},
    **{"first_post": "2020-03-01T08:30:00Z", "restored": "2020-03-01T09:30:00+01:00", "restored_basis": "report"},
    "posts": "2",
}
PROMISE = {"cohort_id": "acme-status", "entry_id": "1", "post": "2020-03-01T08:30Z", "promised": "2020-03-01T09:00Z"}
FAULTS = {  # of each table one; the others: test_cohort_rules.py
    "cohort_entries": ({"onset_basis": "created_at"}, "onset_basis", "begin_by_hand"),
    "cohort_promises": ({"entry_id": "2"}, "entry_id", "entries.csv"),
    "cohorts": ({"from": "2020-13"}, "from", "calendar"),
}


def tables(**changes):
    """Return the cohort tables with a row of one of them changed."""
    found = {"cohorts": [COHORT], "cohort_entries": [ENTRY], "cohort_promises": [PROMISE]}
    return found | {name: [row] for name, row in changes.items()}


def test_right_cohorts(make):
    """The tables that faults are planted into are right; a flag explains hours out of order."""
    assert check_folders([make(**tables())]) == []
    early = {**ENTRY, "first_post": "2020-03-01T07:00Z", "flag": "stated_onset_after_first_post;several_windows"}
    assert check_folders([make(**tables(cohort_entries=early))]) == []
    assert len(read_cohorts(base=make(**tables()))["cohort_entries"]) == 1


@pytest.mark.parametrize("table", FAULTS)
def test_fault_is_found(table, make):
    """The fault is told by check, and refuses the cohorts, not the studies."""
    cells, column, words = FAULTS[table]
    folder = make(**tables(**{table: {**tables()[table][0], **cells}}))
    assert any(p.column == column and words in p.message for p in check_folders([folder]))
    with pytest.raises(RegistryError):
        read_cohorts(base=folder)
    if table != "cohorts":
        assert len(read_registry(base=folder).incidents) == 1


def test_studies_do_not_read_them(make, monkeypatch):
    """Entries that cannot even be read cost a study nothing, and are not in its version."""
    folder = make(**tables())
    version = reading.read_anew([folder]).version
    (folder / "cohorts" / "entries.csv").write_bytes(b"\xff")
    assert reading.read_anew([folder]).version == version and "UTF-8" in check_folders([folder])[0].message


def test_no_cohorts_are_no_fault(make):
    """A registry without cohorts is read."""
    assert read_cohorts(base=make())["cohort_entries"].empty
