"""Which claims does a registry hold, typed, and which incidents are chosen from it?"""

import csv
import dataclasses
import hashlib
import io
import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from outages import __version__
from outages.paths import DATA, stack
from outages.registry.cohorts import COHORT_RULES
from outages.registry.doubts import doubts_of
from outages.registry.files import folder_hash, framed, numbers, stacked
from outages.registry.form import TWINS, problems_of, read_right
from outages.registry.rules import RULES
from outages.registry.schema import CLAIM_TABLES, ORIGIN, Problem, columns, resources
from outages.registry.times import in_local_time, zones_of
from outages.stats.intervals import spread_of_about


@dataclass(frozen=True)
class Registry:
    """A validated registry.

    `events` and `measures` carry `low` and `high` as floats: minutes since 1970-01-01T00:00Z for moments, the unit of
    the row for quantities, with approximate figures widened and open ends infinite. Claims carry the `kind` of their
    source. `_origin` is `public` or the name of the overlay that a row comes from. `version` names the data: package
    version and a hash of the tables.
    """

    incidents: pd.DataFrame
    sources: pd.DataFrame
    events: pd.DataFrame
    measures: pd.DataFrame
    causes: pd.DataFrame
    third_parties: pd.DataFrame
    recommendations: pd.DataFrame
    regulator_annual: pd.DataFrame
    communication_targets: pd.DataFrame
    organisations: pd.DataFrame
    cohorts: pd.DataFrame
    version: str


READ: dict[tuple[Any, ...], Registry] = {}  # registries read by this process, so that many reports read them once
COUNTED = ("persons", "lines", "calls")  # units of which there are whole ones only
REMEMBERED = 4  # stacks of folders


def read_registry(overlays: Sequence[Path | str] = (), base: Path | str = DATA) -> Registry:
    """Read and validate the public registry with overlays laid over it, once in a process while no file changes.

    Parameters
    ----------
    overlays : folders with further tables, in the order in which they are laid over
    base : folder of the registry below them

    Raises
    ------
    RegistryError : when any rule is broken; its message names file, row and column of the first offence
    """
    folders = stack([base, *overlays])
    key = (*map(os.path.abspath, folders), folder_hash(folders))
    if key not in READ:
        found = read_anew(folders)
        while len(READ) >= REMEMBERED:
            READ.pop(next(iter(READ)))
        READ[key] = found
    # copy on write: whoever changes a table changes it for nobody else
    tables = {f.name: getattr(READ[key], f.name) for f in dataclasses.fields(Registry)}
    return Registry(**{name: t.copy(deep=False) if isinstance(t, pd.DataFrame) else t for name, t in tables.items()})


def check_folders(folders: Sequence[Path]) -> list[Problem]:
    """Return everything that is wrong or doubtful in a stack of folders, in the order of files and rows."""
    rows, unread = stacked(stack(folders), list(resources()))
    if unread:
        return sorted(unread)
    return sorted([*problems_of(rows, {*RULES, *COHORT_RULES}), *doubts_of(rows, rows["judged"])])


def read_anew(folders: Sequence[Path]) -> Registry:
    """Read and validate a stack of folders."""
    rows = read_right(folders, RULES)
    kinds, zone = {row["source_id"]: row["kind"] for row in rows["sources"]}, zones_of(rows["incidents"])
    failed = {row["incident_id"]: set(row["services"].split(";")) for row in rows["incidents"]}
    for row in rows["incidents"]:
        row |= {one: row[one] or row[other] for one, other in TWINS.items()}
    for name in ("incidents", "recommendations"):
        french = [column for column in columns(name) if column.endswith("_fr")]
        for row in rows[name]:
            row |= {column: unbroken(row[column]) for column in french}
    for row in rows["events"]:
        row |= {c: in_local_time(row[c], zone[row["incident_id"]]) for c in ("time_low", "time_high")}
    for row in (*rows["events"], *rows["measures"]):
        scope = row["scope"]
        row["part"] = "" if scope and failed[row["incident_id"]] <= set(scope.split(";")) else scope
    for row in (row for name in CLAIM_TABLES for row in rows[name]):
        row["kind"] = kinds[row["source_id"]]
    more = dict.fromkeys(CLAIM_TABLES, ("kind",)) | dict.fromkeys(("events", "measures"), ("part", "kind"))
    names = [field.name for field in dataclasses.fields(Registry) if field.name != "version"]
    tables = {name: framed(name, rows[name], *more.get(name, ())) for name in names}
    tables["incidents"] = tables["incidents"].set_index("incident_id", drop=False)
    tables["measures"] = with_ends(tables["measures"])
    return Registry(**tables, version=f"{__version__}+{folder_hash(folders)}")


def unbroken(text: str) -> str:
    """Return a French text that does not break before a sign or inside quotation marks."""
    return re.sub(r" (?=[:;?!»%](?!\w))|(?<=«) ", "\u00a0", text)


def with_ends(measures: pd.DataFrame) -> pd.DataFrame:
    """Add `low` and `high`: approximate figures widened, to whole things where things are counted; the open end of a
    floor or ceiling infinite or zero.
    """
    low, high = numbers(measures["value_low"]), numbers(measures["value_high"])
    about = (measures["bound"] == "about").to_numpy()
    spread = np.zeros(len(measures))
    spread[about] = [spread_of_about(v, u) for v, u in zip(low[about], measures["unit"][about], strict=True)]
    counted = measures["unit"].isin(COUNTED)
    least, most = (low - spread).round(6), (high + spread).round(6)  # a tenth of 70 is 7, not a little more
    return measures.assign(
        low=least.mask(counted, np.floor(least)).mask(measures["bound"] == "at_most", 0.0).astype("float64"),
        high=most.mask(counted, np.ceil(most)).mask(measures["bound"] == "at_least", float("inf")).astype("float64"),
    )


def of_its_own(registry: Registry) -> Registry:
    """Return a registry with the documents that its claims name, and with the version of the rows left."""
    used = pd.concat([getattr(registry, name)["source_id"] for name in CLAIM_TABLES])
    kept = dataclasses.replace(registry, sources=registry.sources[registry.sources["source_id"].isin(used)])
    digest = hashlib.sha256()
    for name in (name for name in resources() if name in ("incidents", "sources", *CLAIM_TABLES)):
        rows, held = getattr(kept, name), [*columns(name), ORIGIN]
        written = csv.writer(text := io.StringIO(), lineterminator="\n")
        written.writerows([held, *zip(*(rows[column].to_numpy(object) for column in held), strict=True)])
        digest.update(name.encode() + text.getvalue().encode())
    return dataclasses.replace(kept, version=f"{__version__}+{digest.hexdigest()[:12]}")


def subset(registry: Registry, incident_ids: Collection[str]) -> Registry:
    """Return the registry with these incidents and their claims alone; reference tables stay."""
    wanted = set(incident_ids)
    if wanted.issuperset(registry.incidents.index):
        return registry
    tables = {name: getattr(registry, name) for name in ("incidents", *CLAIM_TABLES)}
    return dataclasses.replace(registry, **{name: rows_of(table, wanted) for name, table in tables.items()})


def rows_of(table: pd.DataFrame, incident_ids: Set[str]) -> pd.DataFrame:
    """Return the rows of some incidents; where they stand together, as those of one do, nothing is copied."""
    at = np.flatnonzero([incident in incident_ids for incident in table["incident_id"].to_numpy(object)])
    together = len(at) and at[-1] - at[0] + 1 == len(at)
    return table.iloc[at[0] : at[-1] + 1] if together else table.iloc[at]


def filter_incidents(
    registry: Registry, held: Mapping[str, Collection[str]] | None = None, since: str = "", until: str = ""
) -> pd.Index:
    """Return the identifiers of the incidents that fit every filter, in the order of the registry.

    Parameters
    ----------
    held : codes or names by column, any of which must stand in it; none for all
    since, until : local dates of onset as `YYYY-MM-DD`, ends included; empty for no limit

    Notes
    -----
    Incidents that are only listed, or superseded, are never chosen: nothing is coded for them.
    """
    table = registry.incidents
    fits = (table["status"] != "listed") & (table["superseded_by"] == "")
    for column, wanted in (held or {}).items():
        fits &= holds_any(table[column], wanted) if wanted else True
    day = table["incident_id"].str[:10]
    fits &= (day >= since) if since else True
    fits &= (day <= until) if until else True
    return table.index[fits]


def holds_any(column: pd.Series, wanted: Iterable[str]) -> pd.Series:
    """Return which cells, lists of codes separated by `;`, hold any of the codes wanted."""
    cells, codes = column.astype("category").cat, set(wanted)
    found = [not codes.isdisjoint(cell.split(";")) for cell in cells.categories]
    return pd.Series(np.array(found, dtype=bool)[cells.codes], column.index)
