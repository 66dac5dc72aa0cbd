"""What stands in a list that some tool wrote? Reads CSV, workbooks and JSON as rows of text."""

import codecs
import contextlib
import csv
import datetime as dt
import io
import re
import zipfile
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from outages.curation.cells import unmarked
from outages.curation.records import flat, lists_in, parsed
from outages.errors import InputError, escaped
from outages.registry.countries import folded

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
TOTAL = re.compile(r"(?i)\s*(?:grand |sub)?(?:total|totaux|somme|sum|gesamt|summe)\b")
HEADER_WITHIN = 50  # rows in which a header is looked for
LARGEST_CELL = 10**8  # signs; tickets carry whole histories in a cell
BROKEN = (KeyError, ValueError, TypeError, AttributeError, OSError, EOFError, SyntaxError, zipfile.BadZipFile)
WORKBOOK, OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class ListError(InputError):
    """A list that cannot be read; the message says where, what is wrong, and what is allowed."""


class LeftOut(NamedTuple):
    """A row, or a cell of a row that was taken, that did not become a claim."""

    row: int
    number: str
    column: str
    value: str
    reason: str
    left: str = "row"


@dataclass
class Sheet:
    """A list as rows of text: by their number in the file their cells by column, and what the file was taken for."""

    columns: list[str]
    rows: dict[int, dict[str, str]]
    read_as: list[str]
    decimal: str = "."
    left_out: list[LeftOut] = field(default_factory=list)
    thing: str = "row"


def read_sheet(path: Path, wanted: Collection[str] = (), **file: str) -> Sheet:
    """Read a list of any kind; raise ListError for a file that is none.

    Parameters
    ----------
    path : CSV (any encoding and separator that a spreadsheet writes), workbook (.xlsx), JSON or JSON lines
    wanted : names of columns that the header is known by; without them the row with most texts is the header
    file : what a map says of it
        `encoding`, `separator` of a CSV file; sniffed when empty.
        `sheet` of a workbook; the one with most of `wanted` in its header when empty, the first of several.
        `records`, the path to the list in a JSON file, as `result.incidents`; the longest list when empty
    """
    data = path.read_bytes()
    if data.startswith(OLD_WORKBOOK):
        raise ListError(f"{path.name}: is an old or locked workbook; save it as .xlsx without a password, or as CSV")
    if data.startswith(WORKBOOK):
        return with_header(*read_workbook(data, path.name, file.get("sheet", ""), wanted), wanted, path.name)
    text, name = decoded(data, path.name, file.get("encoding", ""))
    if text.lstrip()[:1] in ("{", "[") and (found := read_json(text, path, file.get("records", ""))):
        return found
    cells, said, decimal = read_csv(text, path.name, file.get("separator", ""))
    return replace(with_header(cells, [*said, name], wanted, path.name), decimal=decimal)


def decoded(data: bytes, name: str, encoding: str) -> tuple[str, str]:
    """Return the text of a file and the name of its encoding."""
    encoding = encoding or next((found for mark, found in MARKS.items() if data.startswith(mark)), "")
    if not encoding and b"\0" in data[:400]:
        encoding = "utf-16-le" if data[1:400:2].count(0) > data[:400:2].count(0) else "utf-16-be"
    for found in [encoding] if encoding else ["utf-8", "cp1252"]:
        with contextlib.suppress(UnicodeError, LookupError):
            return data.decode(found), {"cp1252": "windows-1252", "utf-8-sig": "UTF-8"}.get(found, found.upper())
    tried = escaped(encoding) or "UTF-8 nor windows-1252"
    raise ListError(f"{name}: is not {tried}; write its encoding into the map, as [file] encoding = 'utf-8'")


def read_csv(text: str, name: str, separator: str) -> tuple[list[list[str]], list[str], str]:
    """Return the cells of a CSV text, what it was taken for, and its decimal sign."""
    first, _, rest = text.partition("\n")
    if told := re.fullmatch(r"\"?sep=(.)\"?\r?", first):  # a line that Excel reads and writes
        separator, text = separator or told[1], "\n" + rest
    separator = separator or sniffed(text)
    before = csv.field_size_limit(LARGEST_CELL)
    cells: list[list[str]] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        cells.extend(reader)
    except csv.Error as error:
        raise ListError(f"{name}: row {len(cells) + 1} is not valid CSV ({error}); close every quote") from None
    except (TypeError, ValueError):
        raise ListError(f"{name}: '{escaped(separator)}' separates no cells; write one sign, as ';'") from None
    finally:
        csv.field_size_limit(before)
    decimal = "," if separator != "," and re.search(r"\d,\d{1,2}(?!\d)", text) else "."
    said = [f"CSV with {SEPARATORS.get(separator, repr(separator))}", *(["decimal commas"] if decimal == "," else [])]
    return cells, said, decimal


def sniffed(text: str) -> str:
    """Return the separator that gives most rows one number of cells."""
    lines = io.StringIO(text, newline="").readlines(200_000)[:HEADER_WITHIN]

    def fits(separator: str) -> tuple[int, int]:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator) if len(row) > 1)
        except csv.Error:
            return 0, 0
        width, rows = max(widths.items(), key=lambda item: item[0] * item[1], default=(0, 0))
        return width * rows, width

    return max(SEPARATORS, key=fits)


def read_workbook(data: bytes, name: str, sheet: str, wanted: Collection[str]) -> tuple[list[list[str]], list[str]]:
    """Return the cells of a sheet of a workbook as text: the one named, else the one whose header says most."""
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise ListError(f"{name}: workbooks need openpyxl; install outages[excel], or save the list as CSV") from None
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        names = [found.title for found in book.worksheets]
        read = dict[str, list[list[str]]]()
        for found in [book[sheet]] if sheet in names else [] if sheet else book.worksheets:
            found.reset_dimensions()  # what the file says of its size is often wrong
            cells = [[shown(cell) for cell in row] for row in found.iter_rows()]
            read |= {found.title: cells} if any(map(any, cells)) else {}
    except BROKEN as wrong:
        said = escaped(str(wrong).partition("\n")[0]) or type(wrong).__name__
        raise ListError(f"{name}: cannot be read as a workbook ({said}); save it as .xlsx again, or as CSV") from None
    if read:
        best = max(read, key=lambda title: header_row(read[title], wanted)[1])
        more = f" (of {', '.join(map(escaped, names))})" if len(names) > 1 and not sheet else ""
        return read[best], [f"workbook, sheet '{escaped(best)}'{more}"]
    if sheet and sheet not in names:
        raise ListError(f"{name}: has no sheet '{escaped(sheet)}'; it has {', '.join(map(escaped, names))}")
    raise ListError(f"{name}: holds no cells; choose the sheet in the map, as [file] sheet = 'Incidents'")


def shown(cell: Any) -> str:
    """Return a cell of a workbook as text: a day without hours where its format shows none."""
    value = cell.value
    if isinstance(value, dt.datetime):
        form = re.sub(r"\[[^\]]*\]|\\.|\"[^\"]*\"", "", str(cell.number_format)).lower()
        only_day = "h" not in form and not (value.hour or value.minute or value.second)
        return value.date().isoformat() if only_day else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None or cell.data_type == "e" else str(value)


def with_header(cells: list[list[str]], said: list[str], wanted: Collection[str], name: str) -> Sheet:
    """Tell the header from the rows; leave out what is empty, rows that do not fit the header, and totals."""
    top, _ = header_row(cells, wanted)
    if top < 0:
        raise ListError(f"{name}: holds no header; expected a row with the names of the columns")
    header = [bare(cell) for cell in cells[top]]
    while header and not header[-1]:
        header.pop()
    widths = Counter(len(row) for row in cells[top + 1 :] if any(row))
    # some tools end each row with separators
    usual = max([len(cells[top]), *(width for width, _ in widths.most_common(1))])
    columns, found = named(header), Sheet([], {}, [*said, f"header in row {top + 1}"])
    for number, row in enumerate(cells[top + 1 :], start=top + 2):
        if not (filled := [text for cell in row if (text := bare(cell))]):
            continue
        if len(row) > usual or any(map(bare, row[len(columns) :])):
            reason = "has more cells than the header, so that cells may stand in wrong columns"
            found.left_out.append(LeftOut(number, "", "(row)", f"{len(row)} for {len(columns)}", reason))
        elif TOTAL.match(filled[0]) and len(filled) <= len(columns) / 2:
            found.left_out.append(LeftOut(number, "", "(row)", filled[0], "is a total"))
        else:
            found.rows[number] = dict(zip(columns, [*map(unmarked, row), *[""] * len(columns)], strict=False))
    told = {c for row in found.rows.values() for c, text in row.items() if text.strip()}
    found.columns = [c for c in columns if c in told or not c.startswith("(column")]
    return found


def header_row(cells: list[list[str]], wanted: Collection[str]) -> tuple[int, int]:
    """Return the place of the header and how many of the names wanted it has: the row with most of them, otherwise the
    one with most different texts.
    """
    known, odd = set(map(folded, wanted)), re.compile(r"[\d\s.,:/%-]*")
    texts = [{folded(cell) for cell in row if not odd.fullmatch(cell)} for row in cells[:HEADER_WITHIN]]
    named = [len(row & known) for row in texts]
    scores = named if any(named) else list(map(len, texts))
    return scores.index(max(scores)) if any(scores) else -1, max(named, default=0)


def named(header: list[str]) -> list[str]:
    """Return a name of its own for each column; the second of a name is `name (2)`."""
    seen, names = Counter[str](), list[str]()
    for place, name in enumerate(header, start=1):
        name = name or f"(column {place})"
        seen[plain(name)] += 1
        names.append(name if seen[plain(name)] == 1 else f"{name} ({seen[plain(name)]})")
    return names


def bare(cell: str) -> str:
    """Return a text in one line, without blanks of any kind around it."""
    return " ".join(cell.replace("\ufeff", " ").split())


def plain(name: str) -> str:
    """Return what two writings of a column's name have in common."""
    return bare(name).casefold()


def read_json(text: str, path: Path, records: str) -> Sheet | None:
    """Return the records of a JSON file, None when it is none."""
    try:
        found, said = parsed(text)
    except (ValueError, RecursionError) as error:
        if path.suffix.lower() in (".json", ".jsonl", ".ndjson"):
            said = escaped(str(error)) if isinstance(error, ValueError) else "too deep"
            raise ListError(f"{path.name}: is not JSON ({said}); export it again") from None
        return None
    lists = dict(lists_in(found))
    longest = max(lists, key=lambda key: len(lists[key]), default="")
    where = records if records and not isinstance(found, list) else longest
    if not lists.get(where):
        at = f" in '{escaped(where)}'" if where else ""
        there = ", ".join(escaped(key) or "(top)" for key, rows in lists.items() if rows) or "none"
        raise ListError(f"{path.name}: holds no records{at}; lists with records: {there}")
    if odd := [number for number, record in enumerate(lists[where], 1) if not isinstance(record, dict)]:
        raise ListError(f"{path.name}: entry {odd[0]} of the list is no record; mend it, or take it out")
    around = {k: v for k, v in flat(found).items() if not k.startswith(f"{where}.")} if isinstance(found, dict) else {}
    rows = [{key: unmarked(text) for key, text in {**around, **flat(record)}.items()} for record in lists[where]]
    blank = {key: "" for row in rows for key in row}
    read_as = [f"{said}, list '{escaped(where)}'" if where else said]
    return Sheet(list(blank), {n: blank | row for n, row in enumerate(rows, 1)}, read_as, thing="record")
