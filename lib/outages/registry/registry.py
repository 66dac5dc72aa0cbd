"""Which claims does a registry hold, typed, and which incidents are chosen from it?"""

import dataclasses
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from outages import __version__
from outages.paths import DATA
from outages.registry import store
from outages.registry.files import (
    CITING,
    DOCUMENT,
    ORIGIN,
    PLACE,
    Problem,
    RegistryError,
    coded,
    columns,
    files_of,
    folder_hash,
    numbers,
    read_stack,
    resources,
)
from outages.registry.rules import CLAIM_TABLES, problems_of
from outages.stats.intervals import spread_of_about


@dataclass(frozen=True)
class Registry:
    """A validated registry.

    `events` and `measures` carry `low` and `high` as floats: minutes since 1970-01-01T00:00Z for moments, the unit of the row
    for quantities, with approximate figures widened and open ends infinite. Claims carry the `kind` of their source. `_origin`
    is `public` or the name of the overlay that a row comes from. `version` names the data: package version and a hash of the tables.
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
    version: str


Stamp = tuple[tuple[str, int, int], ...]
READ: dict[Stamp, Registry] = {}  # registries read by this process, so that many reports read them once
REMEMBERED = 4  # stacks of folders


def read_registry(overlays: Sequence[Path | str] = (), base: Path = DATA) -> Registry:
    """Read and validate the public registry with overlays laid over it; a stack whose files have not changed is read once in a process.

    Parameters
    ----------
    overlays : folders with further tables, in the order in which they are laid over
    base : folder of the registry below them

    Raises
    ------
    RegistryError : when any rule is broken; its message names file, row and column of the first offence
    """
    folders = [base, *map(Path, overlays)]
    stamp = stamped(folders)
    if stamp not in READ:
        found = read_anew(folders)
        while len(READ) >= REMEMBERED:
            READ.pop(next(iter(READ)))
        READ[stamp] = found
    # copy on write: whoever changes a table changes it for nobody else
    tables = {f.name: getattr(READ[stamp], f.name) for f in dataclasses.fields(Registry)}
    return Registry(**{name: t.copy(deep=False) if isinstance(t, pd.DataFrame) else t for name, t in tables.items()})


def check_folders(folders: Sequence[Path]) -> list[Problem]:
    """Return everything that is wrong with a stack of folders, in the order of files and rows; it is read as a report reads it, so that what is in order need not be checked again."""
    base, *overlays = folders
    try:
        read_registry(overlays, base)
    except RegistryError as error:
        return error.problems
    return []


def stamped(folders: Sequence[Path]) -> Stamp:
    """Return what tells whether some folders have changed: their paths, and name, size and time of each table."""
    marks: list[tuple[str, int, int]] = []
    for folder in folders:
        marks.append((str(folder.resolve()), 0, 0))
        for path in (found for r in resources().values() for found in files_of(folder, r["path"])):
            marks.append((path.name, path.stat().st_size, path.stat().st_mtime_ns))
    return tuple(marks)


def read_anew(folders: Sequence[Path]) -> Registry:
    """Read and validate a stack of folders, or take what was kept of a large one."""
    place = store.place_of(stamped(folders))
    kept = store.read(place) if place else None
    tables, version = kept or valid_tables(folders)
    if place and not kept:
        store.keep(place, tables, version)
    tables = {name: t.astype({c: "str" for c in t.select_dtypes("category")}) for name, t in tables.items()}
    tables["incidents"] = tables["incidents"].set_index("incident_id", drop=False)
    return Registry(**tables, version=version)


def valid_tables(folders: Sequence[Path]) -> tuple[dict[str, pd.DataFrame], str]:
    """Read and validate a stack of folders; return its tables and their version."""
    tables, unread = read_stack(folders)
    if unread:
        raise RegistryError(unread)
    if problems := problems_of(tables):
        raise RegistryError(problems)
    version = f"{__version__}+{folder_hash(folders)}"
    tables.pop("codes")
    kinds = pd.Categorical(tables["sources"]["kind"])
    for name in CITING:
        document = tables[name].pop(DOCUMENT)
        if name in CLAIM_TABLES:
            tables[name]["kind"] = kinds.take(document)
    tables["measures"] = with_ends(tables["measures"])
    return tables, version


def with_ends(measures: pd.DataFrame) -> pd.DataFrame:
    """Add `low` and `high`: approximate figures widened, the open end of a floor or ceiling infinite or zero."""
    low, high = numbers(measures["value_low"]), numbers(measures["value_high"])
    about = (measures["bound"] == "about").to_numpy()
    spread = np.zeros(len(measures))
    spread[about] = [spread_of_about(v, u) for v, u in zip(low[about], measures["unit"][about], strict=True)]
    return measures.assign(
        low=(low - spread).mask(measures["bound"] == "at_most", 0.0).astype("float64"),
        high=(high + spread).mask(measures["bound"] == "at_least", float("inf")).astype("float64"),
    )


def of_its_own(registry: Registry) -> Registry:
    """Return a registry with the documents that its claims name alone, and with the version of the rows that are left."""
    used = pd.concat([getattr(registry, name)["source_id"] for name in CLAIM_TABLES])
    kept = dataclasses.replace(registry, sources=registry.sources[registry.sources["source_id"].isin(used)])
    rows = {name: getattr(kept, name) for name in ("incidents", "sources", *CLAIM_TABLES)}
    return dataclasses.replace(kept, version=f"{__version__}+{content_hash(rows)}")


def content_hash(tables: dict[str, pd.DataFrame]) -> str:
    """Return 12 hexadecimal digits that change whenever a cell of some small tables changes."""
    digest = hashlib.sha256()
    for name in (name for name in resources() if name in tables):
        digest.update(name.encode())
        digest.update(tables[name][[*columns(name), ORIGIN]].to_csv(index=False, lineterminator="\n").encode())
    return digest.hexdigest()[:12]


def keep(registry: Registry, incident_ids: Collection[str]) -> Registry:
    """Return the registry with these incidents and their claims alone; reference tables stay."""
    return keep_where(registry, np.asarray(registry.incidents.index.isin(incident_ids)))


def keep_where(registry: Registry, here: np.ndarray) -> Registry:
    """Return the registry with the incidents for which a mask is true, and their claims; reference tables stay."""
    incidents = registry.incidents
    if here.all():
        return registry
    place = np.append(np.cumsum(here) - 1, -1)
    kept: dict[str, pd.DataFrame] = {"incidents": incidents[here]}
    for name in CLAIM_TABLES:
        claims = getattr(registry, name)
        rows = claims[np.append(here, False)[claims[PLACE]]]
        kept[name] = rows.assign(**{PLACE: place[rows[PLACE]]})
    return dataclasses.replace(registry, **kept)


def chosen(
    registry: Registry,
    *,
    countries: Sequence[str] = (),
    sectors: Sequence[str] = (),
    services: Sequence[str] = (),
    since: str = "",
    until: str = "",
) -> list[str]:
    """Return the incidents that fit every filter, in the order of their identifiers; parameters as in `fitting`."""
    fits = fitting(registry, countries=countries, sectors=sectors, services=services, since=since, until=until)
    return sorted(registry.incidents.index[fits])


def fitting(
    registry: Registry,
    *,
    countries: Sequence[str] = (),
    sectors: Sequence[str] = (),
    services: Sequence[str] = (),
    since: str = "",
    until: str = "",
) -> np.ndarray:
    """Return which incidents fit every filter.

    Parameters
    ----------
    countries, sectors, services : codes, any of which must fit; empty for all
    since, until : local dates of onset as `YYYY-MM-DD`, ends included; empty for no limit

    Notes
    -----
    Incidents that are only listed, or superseded, are never chosen: nothing is coded for them.
    """
    table = registry.incidents
    fits = (table["status"] != "listed") & (table["superseded_by"] == "")
    for column, wanted in (("country", countries), ("sector", sectors), ("services", services)):
        if wanted:
            fits &= holds_any(table[column], wanted)
    day = table["incident_id"].str[:10]
    fits &= (day >= since) if since else True
    fits &= (day <= until) if until else True
    return fits.to_numpy()


def holds_any(column: pd.Series, wanted: Collection[str]) -> pd.Series:
    """Return which cells, lists of codes separated by `;`, hold any of the codes wanted."""
    codes, cells = coded(column)
    held = np.array([bool(set(cell.split(";")) & set(wanted)) for cell in cells], dtype=bool)
    return pd.Series(held[codes], index=column.index)
