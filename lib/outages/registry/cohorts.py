"""Are the complete lists that operators keep themselves right? Read by those alone who use them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from outages.paths import DATA
from outages.registry.checked import read_right
from outages.registry.files import moments
from outages.registry.form import FORM, Rule, Tables, at
from outages.registry.schema import Problem
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
    return read_right([base, *map(Path, overlays)], COHORT_RULES, COHORT_TABLES)


def onset_has_basis(tables: Tables) -> Iterator[Problem]:
    """An hour that the operator states says where it stands; one without is the start of a record, not of an outage."""
    frame = tables["cohort_entries"]
    for column, basis in (("onset", "onset_basis"), ("restored", "restored_basis")):
        bare = (frame[column] != "") & (frame[basis] == "")
        yield from at(frame, bare, basis, f"is empty beside {column}; say where the operator states the hour")


def hours_in_order(tables: Tables) -> Iterator[Problem]:
    """An hour is one of the calendar; nothing is seen, told or over before it begins, unless a flag doubts it."""
    words = "'{value}' is not a moment of the calendar; check day, hour and offset"
    found: dict[str, pd.Series] = {}
    for name, columns in HOURS.items():
        for column in columns:
            cells = tables[name][column]
            found[column] = moments(cells)
            yield from at(tables[name], (cells != "") & found[column].isna(), column, words)
    frame, early = tables["cohort_entries"], "'{value}' comes before the onset; check both, or flag the entry"
    for column in ("first_post", "detected", "restored"):
        yield from at(frame, (frame["flag"] == "") & (found[column] < found["onset"]), column, early)


def onset_is_no_record(tables: Tables) -> Iterator[Problem]:
    """An onset that is the first post, to the second, in most entries of a cohort is the start of a record."""
    frame = tables["cohort_entries"]
    both = frame[(frame["onset"] != "") & (frame["first_post"] != "")]
    shares = (both["onset"] == both["first_post"]).groupby(both["cohort_id"]).agg(["mean", "size"])
    stamped = shares.index[(shares["mean"] > 0.5) & (shares["size"] >= SEVERAL)]
    first = both.index[both["cohort_id"].isin(stamped) & ~both["cohort_id"].duplicated()]
    words = "is the first post itself in most entries of this cohort: a record begins there, no outage; leave it empty"
    yield from at(frame, frame.index.isin(first), "onset", words)


COHORT_RULES: tuple[Rule, ...] = (*FORM, known_zones, onset_has_basis, hours_in_order, onset_is_no_record)
