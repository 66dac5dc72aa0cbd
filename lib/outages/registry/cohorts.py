"""Are the complete lists that operators keep themselves right? Read by those alone who use them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from outages.paths import DATA
from outages.registry.checked import mark_of, problems_unless_right
from outages.registry.files import moments, read_stack
from outages.registry.form import FORM, Rule, Tables, at, outside, problems_of
from outages.registry.schema import Problem, RegistryError
from outages.registry.times import zones

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
    folders = [base, *map(Path, overlays)]
    mark = mark_of(folders, COHORT_TABLES)
    tables, unread = read_stack(folders, COHORT_TABLES)
    if problems := unread or problems_unless_right(mark, tables, COHORT_RULES):
        raise RegistryError(problems)
    return tables


def problems_aside(study: Tables, aside: Tables) -> list[Problem]:
    """Return what is wrong with the tables that a study is not read from; `study` holds the others."""
    cohorts = {name: table for name, table in aside.items() if name in COHORT_TABLES} | {"cohorts": study["cohorts"]}
    others = {name: table for name, table in aside.items() if name not in COHORT_TABLES}
    return [*problems_of(cohorts, COHORT_RULES), *problems_of(others)]


def known_zones(tables: Tables) -> Iterator[Problem]:
    """A time zone is one of IANA's."""
    words = "'{value}' is not an IANA time zone; write for example Europe/Paris"
    yield from at(tables["cohorts"], outside(tables["cohorts"]["timezone"], zones()), "timezone", words)


def known_cohorts(tables: Tables) -> Iterator[Problem]:
    """An entry belongs to a cohort that is described, a promise to an entry that is there."""
    known = set(tables["cohorts"]["cohort_id"].tolist())
    for name in COHORT_TABLES[1:]:
        words = "'{value}' is not in reference/cohorts.csv; describe the cohort there"
        yield from at(tables[name], outside(tables[name]["cohort_id"], known), "cohort_id", words)
    key, promises = ["cohort_id", "entry_id"], tables["cohort_promises"]
    known_entry = pd.MultiIndex.from_frame(promises[key]).isin(pd.MultiIndex.from_frame(tables["cohort_entries"][key]))
    yield from at(promises, ~known_entry, "entry_id", "'{value}' is not in cohorts/entries.csv; add the entry there")


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


COHORT_RULES: tuple[Rule, ...] = (
    *(*FORM, known_zones, known_cohorts, onset_has_basis, hours_in_order, onset_is_no_record),
)
