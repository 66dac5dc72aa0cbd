"""How does somebody's own list become an overlay? Every row becomes an incident with its claims, or is listed with the reason."""

import datetime as dt
import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from outages.curation.cells import line, slug
from outages.curation.format import write_tables
from outages.curation.mapping import OPENED, SOURCE, ListMap, MapError, read_map
from outages.curation.rows import Draft, drafted, folded_columns
from outages.curation.sheets import LeftOut, ListError, Sheet, plain, read_sheet
from outages.errors import escaped
from outages.paths import DATA
from outages.registry.files import Table, listed
from outages.registry.registry import check_folders
from outages.registry.schema import CLAIM_TABLES, columns, resources, shown

RECORD, LEFT_OUT = "import.json", "left-out.csv"
TRIES = 4  # rounds in which rows that break a rule of the registry are left out
Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class ImportResult:
    """What an import did.

    `left_out` has one row a row or cell that did not become a claim: `row`, `number`, `column`, `value`, `reason`, `left` (`row` or `cell`).
    `unknown` counts, for each field of the map, the incidents taken of which the list says nothing. `notes` says what the file was taken for.
    """

    folder: Path
    taken: int
    claims: int
    left_out: pd.DataFrame
    unknown: dict[str, int]
    notes: list[str]

    def lines(self) -> list[str]:
        """Return what a person at the prompt wants to read."""
        rows, cells = (self.left_out[self.left_out["left"] == left] for left in ("row", "cell"))
        told = [*self.notes, f"{self.taken} incidents with {self.claims} claims taken into {shown(self.folder)}"]
        for found, what in ((rows, "rows left out"), (cells, "cells left out of rows that were taken")):
            if len(found):
                told.append(f"{len(found)} {what}; {LEFT_OUT} there lists them:")
                counts = found.groupby(["column", "reason"], sort=False).size().sort_values(ascending=False, kind="stable")
                told += [f"  {n}: {escaped(column)}: {escaped(why, 120)}" for (column, why), n in counts.items()]
        blank = [f"{field} {n}" for field, n in self.unknown.items() if n]
        return [*told, *([f"unknown of {self.taken}: {', '.join(blank)}"] if blank else [])]


def import_list(
    file: Path | str,
    map: Path | str,
    out: Path | str,
    *,
    replace: bool = False,
    base: Path = DATA,
    today: dt.date | None = None,
) -> ImportResult:
    """Make an overlay from a list of incidents.

    Parameters
    ----------
    file : CSV, workbook or JSON, see `outages.curation.sheets.read_sheet`
    map : TOML file that says what the columns mean, or the name of a preset, see `outages.curation.mapping.read_map`
    out : folder of the overlay; made when it is not there
    replace : also write over tables that no import wrote, or that were changed by hand since
    base : registry over which the overlay will be laid; identifiers that it has are not given again
    today : day of reading; the clock's by default

    Raises
    ------
    ListError : the list or the map cannot be read, no row can be taken, or the folder holds other tables; nothing is written then
    """
    file, out = Path(file).expanduser(), Path(out).expanduser()
    guarded(out, replace)
    given = read_map(map)
    sheet = read_sheet(file, given.names, **given.file)
    unused = fitted(sheet, given)
    drafts, left = drafted(sheet, given)
    source = source_row(file, given, today or dt.date.today())
    tables, drafts, refused = accepted(drafts, source, base)
    left = sorted([*left, *refused])
    if not drafts:
        why = Counter((one.column, one.reason) for one in left if one.left == "row").most_common(1)
        most = f"; of {len(left)} left out most for {why[0][0][0]}: {why[0][0][1]}" if why else ""
        raise ListError(f"{file.name}: no row can be taken{most}")
    written(out, tables, left, {"file": file.name, "map": str(map), "read_on": source["read_on"]})
    claims = sum(len(table) for name, table in tables.items() if name in CLAIM_TABLES)
    frame = pd.DataFrame(left, columns=list(LeftOut._fields))
    return ImportResult(out, len(drafts), claims, frame, unknown(drafts, given), notes(sheet, given, drafts, unused))


def guarded(out: Path, replace: bool) -> None:
    """Refuse a folder whose tables somebody wrote or changed by hand."""
    if out.exists() and not out.is_dir():
        raise ListError(f"{out}: is no folder; name one for the overlay")
    there = {r["path"]: out / r["path"] for r in resources().values() if (out / r["path"]).exists()}
    try:
        known = json.loads((out / RECORD).read_text(encoding="utf-8"))["tables"]
    except (OSError, ValueError, KeyError, TypeError):
        known = {}
    changed = [name for name, path in there.items() if not isinstance(known, dict) or known.get(name) != digest(path)]
    if changed and not replace:
        words = "holds tables that no import wrote, or that were changed since"
        raise ListError(f"{shown(out)}: {words} ({', '.join(changed)}); name another folder, or replace them")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fitted(sheet: Sheet, given: ListMap) -> list[str]:
    """Refuse a map whose columns the list lacks; return the columns that it does not use."""
    there = folded_columns(sheet)
    for field, column in given.columns.items():
        for name in column.names if column.must else ():
            if plain(name) not in there:
                raise missing(f"[columns] {field}", name, sheet)
    for name in (name for name in [*given.keep, *given.drop] if name not in given.may_lack):
        if plain(name) not in there:
            raise missing("[keep] or [drop]", name, sheet)
    starts = [name for field in ("onset", OPENED) if field in given.columns for name in given.columns[field].names]
    if not any(plain(name) in there for name in starts):
        raise missing("[columns] onset", " or ".join(starts), sheet)
    used = {plain(name) for name in given.names}
    return [column for column in sheet.columns if plain(column) not in used]


def missing(where: str, name: str, sheet: Sheet) -> MapError:
    """Say that a list lacks a column, and what it has."""
    return MapError(f"{where}: the list has no column '{escaped(name)}'; it has {escaped(', '.join(sheet.columns), 90)}")


def source_row(file: Path, given: ListMap, today: dt.date) -> dict[str, str]:
    """Return the one document on which all claims of a list rest."""
    told = {name: line(value) for name, value in given.source.items() if name != "id"}
    told["publisher"] = told["publisher"] or given.constants.get("operator", "") or "own records"
    told["title"] = told["title"] or line(file.name) or "list"
    name = slug(given.source["id"] or f"{told['publisher']} {file.stem}", 80)
    return {"source_id": name, **{n: told[n] for n in SOURCE if n != "id"}, "read_on": today.isoformat()}


def accepted(drafts: list[Draft], source: dict[str, str], base: Path) -> tuple[Tables, list[Draft], list[LeftOut]]:
    """Return tables that `outages check` finds in order, the drafts in them, and those that break a rule of the registry.

    What a row must be is known by the rules alone, so they are asked; a row that they refuse is left out with their words.
    """
    refused: list[LeftOut] = []
    for _ in range(TRIES):
        tables = tables_of(drafts, source)
        wrong = broken(tables, base) if drafts else {}
        if not wrong:
            return tables, drafts, refused
        if None in wrong:
            raise ListError(f"the overlay would not be in order: {wrong[None][1]}")
        refused += [d.left_out(*wrong[d.incident["incident_id"]]) for d in drafts if d.incident["incident_id"] in wrong]
        drafts = [draft for draft in drafts if draft.incident["incident_id"] not in wrong]
    raise ListError("the overlay would not be in order; run `outages check` on the public registry first")


def broken(tables: Tables, base: Path) -> dict[str | None, tuple[str, str]]:
    """Return the column and the words of the first rule that each incident breaks; None stands for what concerns no incident."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "overlay"
        save(folder, tables)
        problems = [p for p in check_folders([base, folder]) if p.level == "error"]
        stands = {shown(folder / resources()[name]["path"]): name for name in tables}
        order = {name: sorted_rows(folder / resources()[name]["path"]) for name in tables}
    wrong: dict[str | None, tuple[str, str]] = {}
    for problem in problems:
        if name := stands.get(problem.file):
            about = order[name].get("incident_id", pd.Series(dtype=str)).get(problem.row)
            wrong.setdefault(about, (problem.column, problem.message))
    return wrong


def sorted_rows(path: Path) -> pd.DataFrame:
    """Return a table that was just written, by the line on which each row stands."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    return frame.set_axis(frame.index + 2)


def tables_of(drafts: Sequence[Draft], source: dict[str, str]) -> Tables:
    """Return the tables of an overlay, those that hold something."""
    rows: dict[str, list[dict[str, str]]] = {"incidents": [d.incident for d in drafts], "sources": [source]}
    for draft in drafts:
        for table, claim in draft.claims:
            told = {"incident_id": draft.incident["incident_id"], "source_id": source["source_id"], "locator": draft.locator}
            rows.setdefault(table, []).append({**claim, **told})
    frames = {name: pd.DataFrame(found, columns=columns(name), dtype=str) for name, found in rows.items()}
    return {name: frame.fillna("").drop_duplicates() for name, frame in frames.items()}


def save(folder: Path, tables: Tables) -> None:
    """Write tables into a folder, in canonical order."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / resources()[name]["path"] for name in tables}
    write_tables(paths, {name: Table(frame, [], [], []) for name, frame in tables.items()})


def written(out: Path, tables: Tables, left: list[LeftOut], about: dict[str, str]) -> None:
    """Write an overlay, what was left out, and a record of both; tables of an earlier import that are no longer made go."""
    save(out, tables)
    for name in CLAIM_TABLES:
        if name not in tables:
            (out / resources()[name]["path"]).unlink(missing_ok=True)
    pd.DataFrame(left, columns=list(LeftOut._fields)).to_csv(out / LEFT_OUT, index=False, lineterminator="\n")
    paths = {resources()[name]["path"] for name in tables} & set(listed(out))
    record = {**about, "tables": {path: digest(out / path) for path in sorted(paths)}}
    (out / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def unknown(drafts: Sequence[Draft], given: ListMap) -> dict[str, int]:
    """Return for each field that the map names how many of the incidents taken have nothing there."""
    counts = Counter(field for draft in drafts for field in draft.unknown)
    return {field: counts[field] for field in given.columns if field != OPENED or "onset" not in given.columns}


def notes(sheet: Sheet, given: ListMap, drafts: Sequence[Draft], unused: Sequence[str]) -> list[str]:
    """Say what the file was taken for and what was assumed."""
    told = [f"read as {', '.join(sheet.read_as)}: {len(sheet.rows)} {sheet.thing}s"]
    told += [f"hours without offset read as {given.zone}"] if given.zone else []
    begun = sum(draft.from_record for draft in drafts)
    told += [f"{begun} of {len(drafts)} onsets are the start of a record: the outage may have begun earlier"] if begun else []
    return told + ([f"columns not used: {escaped(', '.join(unused), 160)}"] if unused else [])
