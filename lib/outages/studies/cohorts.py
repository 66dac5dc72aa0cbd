"""What do complete lists of operators say? Tidy frames of cohorts, their entries or events, and their promises."""

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from outages.errors import InputError, escaped, like
from outages.facts.cohorts import SPANS, events_of, exact, grouped, joined, kept, outages
from outages.paths import DATA, stack
from outages.registry.cohorts import COHORT_TABLES, read_cohorts
from outages.registry.files import Tables, folder_hash
from outages.registry.schema import FILE, ORIGIN, ROW
from outages.stats.rows import in_frame, once
from outages.studies.parameters import check_data, check_texts, named

READ: dict[tuple[str, ...], Tables] = {}  # the last stack that this process read


def tables_of(data: Sequence[Path | str] = ()) -> Tables:
    """Return the tables of cohorts, with overlays, and their `outages`; read once while they do not change."""
    check_data(data)
    key = (*map(os.path.abspath, data), version_of(data))
    if key not in READ:
        READ.clear()
        tables = {name: table.drop(columns=[FILE, ROW, ORIGIN]) for name, table in read_cohorts(data).items()}
        READ[key] = tables | {"outages": outages(tables["cohort_entries"])}
    return READ[key]


def version_of(data: Sequence[Path | str] = ()) -> str:
    """Return 12 hexadecimal digits that change whenever an entry of a cohort changes."""
    return folder_hash(stack([DATA, *data]), COHORT_TABLES)


@named
def open_cohorts(data: Sequence[Path | str] = ()) -> pd.DataFrame:
    """Return one row a cohort: a complete list of an operator, what its hours mean, how many entries state them.

    Parameters
    ----------
    data : folders laid over the public registry

    Returns
    -------
    Indexed by `cohort_id`: the columns of `reference/cohorts.csv`, and the numbers of `entries`, of `outages` among
    them (no false alarm, no planned work), of `events` that these make up, and of entries for which the `onset`,
    `first_post`, `detected`, `restored` and the `lag` from onset to first post are known.

    Examples
    --------
    >>> import outages as ou
    >>> ou.cohorts().loc["globalconnect-se", ["entries", "outages", "lag"]].tolist()
    [3048, 2903, 2755]
    """
    tables = tables_of(data)
    every, entries = tables["cohort_entries"], tables["outages"]
    counted = {
        "entries": every["cohort_id"].value_counts(),
        "outages": entries["cohort_id"].value_counts(),
        "events": events_of(entries).groupby(entries["cohort_id"]).nunique(),
        **entries.groupby("cohort_id")[["onset", "first_post", "detected", "restored", "lag"]]
        .count()
        .to_dict("series"),
    }
    found = tables["cohorts"].set_index("cohort_id")
    return found.assign(**{name: n.reindex(found.index, fill_value=0) for name, n in counted.items()})


@named
def cohort_entries(cohort: str = "", *, events: bool = False, data: Sequence[Path | str] = ()) -> pd.DataFrame:
    """Return the outages of one cohort, or of all, one row an entry or an event; what is measured is exact, or unknown.

    Parameters
    ----------
    cohort : identifier, see `open_cohorts`; empty for all
    events : join the entries of one event
    data : folders laid over the public registry

    Returns
    -------
    As `outages.facts.cohorts.outages`: hours in UTC, minutes from onset to first post (`lag`), `length`, `silence`
    (share), minutes from the end to the first post (`end_to_post`, negative when it came before the end),
    `alert_to_post` and others, and groups as `outages.facts.cohorts.grouped` gives them.

    Raises
    ------
    InputError : no cohort has this name

    Examples
    --------
    >>> import outages as ou
    >>> int(ou.cohort_entries("aws-shd", events=True)["lag"].count()) > 300
    True
    """
    tables = tables_of(data)
    found = chosen(tables, "outages", cohort)
    return grouped(joined(found) if events else found, tables["cohorts"].set_index("cohort_id")["timezone"])


@named
def cohort_promises(cohort: str = "", *, data: Sequence[Path | str] = ()) -> pd.DataFrame:
    """Return one row an announced update, with how late the next post came, see `outages.facts.cohorts.kept`;
    parameters as in `cohort_entries`.
    """
    return kept(chosen(tables_of(data), "cohort_promises", cohort))


def cohort_values(entries: pd.DataFrame, measure: str = "lag") -> pd.DataFrame:
    """Return entries with `low` and `high` of a measure, as `outages.median` and `outages.curve` take them.

    Parameters
    ----------
    entries : as `cohort_entries` returns them
    measure : `lag`, `length`, `silence` or another of `outages.facts.cohorts.SPANS`

    Examples
    --------
    >>> import outages as ou
    >>> round(ou.median(ou.cohort_values(ou.cohort_entries("globalconnect-se"))).at["all", "low"])
    16
    """
    check_texts(measure=measure)
    if measure not in (*SPANS, "silence"):
        raise InputError(f"measure: '{escaped(measure)}' is not allowed; {like(measure, (*SPANS, 'silence'))}")
    lists = ["cohort_id"] if "cohort_id" in entries else []  # which may share identifiers
    once("entries", in_frame("entries", entries, measure), *lists)
    found = exact(entries, measure)
    found.attrs["unit"] = "share" if measure == "silence" else "minutes"
    return found


def chosen(tables: Tables, name: str, cohort: str) -> pd.DataFrame:
    """Return the rows of one cohort, or all."""
    check_texts(cohort=cohort)
    known = tables["cohorts"]["cohort_id"].tolist()
    if cohort and cohort not in known:
        raise InputError(f"cohort: '{escaped(cohort)}' is not allowed; {like(cohort, known)}")
    rows = tables[name]
    return rows[rows["cohort_id"] == cohort].reset_index(drop=True) if cohort else rows
