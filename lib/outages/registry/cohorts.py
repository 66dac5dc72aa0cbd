"""Are the complete lists that operators keep themselves right? Read by those alone who use them."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from outages.paths import DATA, stack
from outages.registry.files import Tables, framed, minutes_of
from outages.registry.form import FORM, Rule, at, faulty, first_rows, read_right
from outages.registry.schema import Problem, Rows
from outages.registry.times import known_zones

COHORT_TABLES = ("cohorts", "cohort_entries", "cohort_promises")
HOURS = {
    "cohort_entries": ("onset", "record_begin", "first_post", "detected", "restored", "forecast"),
    "cohort_promises": ("post", "promised", "next_post"),
}
SEVERAL = 5  # entries with both hours: fewer may agree by chance


def read_cohorts(overlays: Sequence[Path | str] = (), base: Path = DATA) -> Tables:
    """Read and validate the cohorts of the public registry with overlays laid over it.

    Returns
    -------
    The tables `cohorts`, `cohort_entries` and `cohort_promises` as text.

    Raises
    ------
    RegistryError : when any rule is broken
    """
    rows = read_right(stack([base, *overlays]), COHORT_RULES, COHORT_TABLES)
    return {table: framed(table, found) for table, found in rows.items()}


def onset_has_basis(tables: Rows) -> Iterator[Problem]:
    """An hour that the operator states says where it stands; one without is the start of a record, not of an outage."""
    for column, basis in (("onset", "onset_basis"), ("restored", "restored_basis")):
        bare = (row for row in tables["cohort_entries"] if row[column] and not row[basis])
        yield from at(bare, basis, f"is empty beside {column}; say where the operator states the hour")


def hours_in_order(tables: Rows) -> Iterator[Problem]:
    """An hour is one of the calendar; nothing is seen, told or over before it begins, unless a flag doubts it."""
    words = "'{value}' is not a moment of the calendar; check day, hour and offset"
    for name, columns in HOURS.items():
        for column in columns:
            yield from faulty(tables[name], column, lambda cell: math.isnan(minutes_of(cell)), words)
    rows, early = tables["cohort_entries"], "'{value}' comes before the onset; check both, or flag the entry"
    sure = [(row, minutes_of(row["onset"])) for row in rows if row["onset"] and not row["flag"]]
    for column in ("first_post", "detected", "restored"):
        yield from at((row for row, onset in sure if minutes_of(row[column]) < onset), column, early)


def onset_is_no_record(tables: Rows) -> Iterator[Problem]:
    """An onset that is the first post, to the second, in most entries of a cohort is the start of a record."""
    both = [row for row in tables["cohort_entries"] if row["onset"] and row["first_post"]]
    words = "is the first post itself in most entries of this cohort: a record begins there, no outage; leave it empty"
    for cohort, first in first_rows(both, "cohort_id").items():
        same = [row["onset"] == row["first_post"] for row in both if row["cohort_id"] == cohort]
        if len(same) >= SEVERAL and sum(same) > len(same) / 2:
            yield from at([first], "onset", words)


COHORT_RULES: tuple[Rule, ...] = (*FORM, known_zones, onset_has_basis, hours_in_order, onset_is_no_record)
