"""How does somebody's own list become an overlay? Every row becomes an incident with its claims, or is listed."""

import datetime as dt
import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from outages.curation.cells import Moment, line, slug
from outages.curation.fields import OPENED
from outages.curation.mapping import ListMap, MapError, read_map
from outages.curation.overlay import LEFT_OUT, accepted, guarded, written
from outages.curation.rows import Draft, RowError, fill
from outages.curation.sheets import LeftOut, ListError, Sheet, plain, read_sheet
from outages.errors import LINE, counted, escaped
from outages.paths import DATA, shown
from outages.registry.schema import CLAIM_TABLES


@dataclass(frozen=True)
class ImportResult:
    """What an import did.

    `left_out` has one row a row or cell that did not become a claim: `row`, `number`, `column`, `value`, `reason`,
    `left` (`row` or `cell`). `unknown` counts, for each field of the map, the incidents taken of which the list says
    nothing. `notes` says what the file was taken for, `newest` is the identifier of the latest incident.
    """

    folder: Path
    taken: int
    claims: int
    left_out: pd.DataFrame
    unknown: dict[str, int]
    notes: list[str]
    newest: str

    def lines(self) -> list[str]:
        """Return what a person at the prompt wants to read."""
        what = f"{counted(self.taken, 'incident')} with {counted(self.claims, 'claim')}"
        told = [*self.notes, f"{what} taken into {shown(self.folder)}"]
        for left, rest in (("row", ""), ("cell", " of rows that were taken")):
            found = self.left_out[self.left_out["left"] == left]
            told += [f"{counted(len(found), left)} left out{rest}; listed in {LEFT_OUT} there:"] if len(found) else []
            why = Counter(zip(found["column"], found["reason"], strict=True)).most_common()
            told += [f"  {n}: {escaped(column)}: {escaped(reason, 120)}" for (column, reason), n in why]
        blank = [f"{field} {n}" for field, n in self.unknown.items() if n]
        told += [f"unknown of {self.taken}: {', '.join(blank)}"] if blank else []
        where = f"--data {shlex.quote(str(self.folder))} --out ~/private-reports"
        note = f"outages render decision-note {where} -p focus={self.newest}"
        return [*told, *([f"a note on one of them: {note}"] if len(note) < LINE - 30 and note.isprintable() else [])]


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
    ListError : the list or the map cannot be read, no row can be taken, or the folder holds other tables; nothing is
        written then
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
    left_out = pd.DataFrame(left, columns=list(LeftOut._fields))
    written(out, tables, left_out, {"file": file.name, "map": str(map), "read_on": source["read_on"]})
    return ImportResult(
        folder=out,
        taken=len(drafts),
        claims=sum(len(table.rows) for name, table in tables.items() if name in CLAIM_TABLES),
        left_out=left_out,
        unknown=unknown(drafts, given),
        notes=notes(sheet, given, drafts, unused),
        newest=max(draft.incident["incident_id"] for draft in drafts),
    )


def fitted(sheet: Sheet, given: ListMap) -> list[str]:
    """Refuse a map whose columns the list lacks; return the columns that it does not use."""
    there = {plain(column) for column in sheet.columns}
    needed = [(f"[columns] {field}", name) for field, c in given.columns.items() if c.must for name in c.names]
    needed += [("[keep] or [drop]", name) for name in [*given.keep, *given.drop] if name not in given.may_lack]
    starts = [name for field in ("onset", OPENED) if field in given.columns for name in given.columns[field].names]
    needed += [] if any(plain(name) in there for name in starts) else [("[columns] onset", " or ".join(starts))]
    for where, name in needed:
        if plain(name) not in there:
            has = escaped(", ".join(sheet.columns), 90)
            raise MapError(f"{where}: the list has no column '{escaped(name)}'; it has {has}")
    used = {plain(name) for name in given.names}
    return [column for column in sheet.columns if plain(column) not in used]


def source_row(file: Path, given: ListMap, today: dt.date) -> dict[str, str]:
    """Return the one document on which all claims of a list rest."""
    told = {name: line(value) for name, value in given.source.items()}
    told["publisher"] = told["publisher"] or given.constants.get("operator", "") or "own records"
    told["title"] = told["title"] or line(file.name) or "list"
    name = slug(told.pop("id") or f"{told['publisher']} {file.stem}", 80)
    return {"source_id": name, **told, "read_on": today.isoformat()}


def drafted(sheet: Sheet, given: ListMap) -> tuple[list[Draft], list[LeftOut]]:
    """Return the rows that can be taken, each with an identifier of its own, and everything that is left out."""
    drafts, left = list[Draft](), list(sheet.left_out)
    columns = {plain(column): column for column in reversed(sheet.columns)}
    for place, row in sheet.rows.items():
        cells = {name: row[column] for name, column in columns.items()}
        draft = Draft(place, sheet.thing, cells, given, given.decimal or sheet.decimal)
        try:
            fill(draft)
            drafts.append(draft)
        except RowError as error:
            left.append(error.left)
    drafts, twice = without_doubles(drafts)
    identify(drafts)
    return drafts, [*left, *twice, *(one for draft in drafts for one in draft.left)]


def without_doubles(drafts: Sequence[Draft]) -> tuple[list[Draft], list[LeftOut]]:
    """Of rows with one number and onset, as of a ticket opened again, keep the first of those that end last."""
    kept = dict[tuple[str, Moment] | int, Draft]()
    for draft in sorted(drafts, key=lambda d: d.end, reverse=True):
        kept.setdefault((draft.number, draft.onset) if draft.number else draft.row, draft)
    rows, why = {draft.row for draft in kept.values()}, "another row has this number and onset, and ends no earlier"
    twice = [draft for draft in drafts if draft.row not in rows]
    left = [draft.left_out("number", why, str(kept[draft.number, draft.onset].row)) for draft in twice]
    return [draft for draft in drafts if draft.row in rows], left


def identify(drafts: Sequence[Draft]) -> None:
    """Give each incident its identifier: local date, operator, country, and topic, own number or words of the title."""
    seen = Counter[str]()
    for draft in sorted(drafts, key=lambda d: (d.onset.low, d.number, d.row)):
        day = draft.onset.low.astimezone(ZoneInfo(draft.incident["timezone"])).date().isoformat()
        title = draft.incident["title_en"] or draft.incident["title_fr"]
        topic = draft.incident.pop("topic") or (slug(draft.number) if draft.number else slug(title, 24))
        where = draft.incident["country"].split(";")[0].lower()
        name = f"{day}-{slug(draft.incident['operator'], 30)}-{where}-{topic}"
        seen[name] += 1
        draft.incident["incident_id"] = name if seen[name] == 1 else f"{name}-{seen[name]}"


def unknown(drafts: Sequence[Draft], given: ListMap) -> dict[str, int]:
    """Return for each field that the map names how many of the incidents taken have nothing there; an onset for which
    the start of the record stands is said apart.
    """
    asked = [field for field in given.columns if field != OPENED or "onset" not in given.columns]
    return {f: sum(not d.text(f) and not (f == "onset" and d.from_record) for d in drafts) for f in asked}


def notes(sheet: Sheet, given: ListMap, drafts: Sequence[Draft], unused: Sequence[str]) -> list[str]:
    """Say what the file was taken for and what was assumed."""
    told = [f"read as {', '.join(sheet.read_as)}: {counted(len(sheet.rows), sheet.thing)}"]
    else_ = ", where its column is empty" if "zone" in given.columns else ""
    told += [f"hours without offset read as {given.zone}{else_}"] if given.zone else []
    begun = sum(draft.from_record for draft in drafts)
    words = f"{begun} of {len(drafts)} onsets are the start of a record: the outage may have begun earlier"
    told += [words] if begun else []
    return told + ([f"columns not used: {escaped(', '.join(unused), 160)}"] if unused else [])
