"""What do the complete lists say that operators keep themselves, and are they right? Read by who uses them alone."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from outages.paths import DATA
from outages.registry.files import moments, read_stack
from outages.registry.form import FORM, Rule, Tables, at, outside, problems_of
from outages.registry.schema import Problem, RegistryError

COHORT_TABLES = ("cohorts", "cohort_entries", "cohort_promises")
HOURS = ("onset", "first_post", "detected", "restored", "forecast")


def read_cohorts(overlays: Sequence[Path | str] = (), base: Path = DATA) -> Tables:
    """Read and validate the cohorts of the public registry with overlays laid over it.

    Returns
    -------
    The tables `cohorts`, `cohort_entries` and `cohort_promises` as text.

    Raises
    ------
    RegistryError : when any rule is broken
    """
    tables, unread = read_stack([base, *map(Path, overlays)], COHORT_TABLES)
    if problems := unread or problems_of(tables, COHORT_RULES):
        raise RegistryError(problems)
    return tables


def problems_aside(study: Tables, aside: Tables) -> list[Problem]:
    """Return what is wrong with the tables that a study is not read from; `study` holds the others."""
    cohorts = {name: table for name, table in aside.items() if name != "audit"} | {"cohorts": study["cohorts"]}
    audit = problems_of({"audit": aside["audit"]})
    return [*problems_of(cohorts, COHORT_RULES), *audit]


def known_cohorts(tables: Tables) -> Iterator[Problem]:
    """An entry belongs to a cohort that is described, a promise to an entry that is there."""
    known = set(tables["cohorts"]["cohort_id"].tolist())
    for name in COHORT_TABLES[1:]:
        words = "'{value}' is not in reference/cohorts.csv; describe the cohort there"
        yield from at(tables[name], outside(tables[name]["cohort_id"], known), "cohort_id", words)
    key, promises = ["cohort_id", "entry_id"], tables["cohort_promises"]
    known_entry = pd.MultiIndex.from_frame(promises[key]).isin(pd.MultiIndex.from_frame(tables["cohort_entries"][key]))
    yield from at(promises, ~known_entry, "entry_id", "'{value}' is not in cohorts/entries.csv; add the entry there")


def real_hours(tables: Tables) -> Iterator[Problem]:
    """An hour is a moment of the calendar."""
    words = "'{value}' is not a moment of the calendar; check day, hour and offset"
    for name, columns in (("cohort_entries", HOURS), ("cohort_promises", ("post", "promised", "next_post"))):
        for column in columns:
            cells = tables[name][column]
            yield from at(tables[name], (cells != "") & moments(cells).isna(), column, words)


def onset_has_basis(tables: Tables) -> Iterator[Problem]:
    """An hour that the operator states says where it stands; one without is the start of a record, not of an outage."""
    frame = tables["cohort_entries"]
    for column, basis in (("onset", "onset_basis"), ("restored", "restored_basis")):
        bare = (frame[column] != "") & (frame[basis] == "")
        yield from at(frame, bare, basis, f"is empty beside {column}; say where the operator states the hour")


def hours_in_order(tables: Tables) -> Iterator[Problem]:
    """Nothing is seen, told or over before it begins, unless a flag doubts the hours."""
    frame = tables["cohort_entries"]
    onset, plain = moments(frame["onset"]), frame["flag"] == ""
    for column in ("first_post", "detected", "restored"):
        early = plain & (moments(frame[column]) < onset)
        yield from at(frame, early, column, "'{value}' comes before the onset; check both, or flag the entry")


COHORT_RULES: tuple[Rule, ...] = (*FORM, known_cohorts, real_hours, onset_has_basis, hours_in_order)
