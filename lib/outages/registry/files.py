"""What do the files of a registry say, as text?"""

import contextlib
import csv
import datetime as dt
import difflib
import functools
import hashlib
import io
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from outages.errors import escaped
from outages.paths import DATA, file_hash, shown
from outages.registry.schema import (
    FILE,
    LATER,
    ORIGIN,
    ROW,
    Problem,
    RegistryError,
    Row,
    Rows,
    columns,
    resources,
    study_tables,
)

Tables = dict[str, pd.DataFrame]
TEXT = pd.StringDtype("python", np.nan)  # of Python's own strings: tables are small, and are cut more often than read
EPOCH, MINUTE = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.timedelta(minutes=1)
SPREADSHEETS = (".xlsx", ".xls", ".ods", ".csv", ".tsv", ".txt")
EMPTY = "empty rows"
SEPARATORS = {",": "", ";": "semicolons between its cells", "\t": "tabs between its cells"}


class Table(NamedTuple):
    """A file as it stands: rows as text, the line on which each ends, habits of spreadsheets, what is wrong."""

    header: Sequence[str]
    rows: Sequence[Row] = ()
    lines: Sequence[int] = ()
    habits: Sequence[str] = ()
    problems: Sequence[Problem] = ()


def read_csv(path: Path) -> Table:
    """Return the records of a CSV file; Python's strict reader says what is wrong on which line, pandas' does not."""
    name, problems, rows, lines = shown(path), list[Problem](), list[Row](), list[int]()
    header, habits = list[str](), list[str]()
    try:
        text = path.read_bytes().decode()
        if text.startswith("\ufeff"):
            habits.append("a byte order mark")
        if "\r" in text:
            habits.append("CR or CRLF line ends")
        text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        first = text.partition("\n")[0]
        separator = max(SEPARATORS, key=first.count)
        habits += [SEPARATORS[separator]] if separator != "," else []
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        header = next(reader, [])
        for record in reader:
            if not any(record):
                habits += [] if EMPTY in habits else [EMPTY]
            elif len(record) == len(header):
                rows.append(dict(zip(header, record, strict=True)))
                lines.append(reader.line_num)
            else:
                message = f"the row has {len(record)} cells, the header {len(header)}; quote cells that hold commas"
                problems.append(Problem(name, reader.line_num, "(row)", message))
    except UnicodeDecodeError as error:
        problems.append(Problem(name, 1, "(file)", f"is not UTF-8 at byte {error.start}; save it as UTF-8"))
    except csv.Error as error:
        problems.append(Problem(name, len(rows) + 2, "(row)", f"is not valid CSV ({error}); close every quote"))
    except OSError as error:
        problems.append(Problem(name, 1, "(file)", f"cannot be read ({error.strerror})"))
    return Table(header, rows, lines, habits, problems)


def read_parquet(path: Path) -> Table:
    """Return the records of a Parquet file as CSV tables write them; a null is an empty cell."""
    import pyarrow as pa

    try:
        found = pd.read_parquet(path, engine="pyarrow")
        frame = pd.DataFrame({name: as_text(found[name]) for name in found}, dtype=str)
    except (pa.ArrowException, ValueError, TypeError, OSError) as error:
        said = escaped(str(error).partition("\n")[0] or type(error).__name__)
        words = f"cannot be read as Parquet ({said}); write columns of text, numbers, dates or moments with a time zone"
        return Table((), problems=[Problem(shown(path), 1, "(file)", words)])
    return Table(list(frame), frame.to_dict("records"), range(1, len(frame) + 1))


def as_text(column: pd.Series) -> pd.Series:
    """Return a column of any kind as the text that a CSV table would hold.

    Raises
    ------
    ValueError : moments without time zone, or things that are no cells
    """
    empty = column.isna()
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.map(lambda moment: moment.isoformat(timespec="minutes"), na_action="ignore")
    elif pd.api.types.is_datetime64_dtype(column.dtype):
        raise ValueError("a moment without time zone")
    elif pd.api.types.is_float_dtype(column.dtype) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    elif not all(isinstance(cell, str | int | float | dt.date | bool) for cell in column[~empty]):
        raise ValueError(f"{column.name} holds {column.dtype}")
    return column.astype(object).where(~empty, "").astype(str)


def read_rows(path: Path, table: str, origin: str) -> tuple[list[Row], list[Problem]]:
    """Read one file as text.

    Parameters
    ----------
    path : CSV or Parquet file to read
    table : name of the table in the descriptor
    origin : label of the registry that the file belongs to

    Returns
    -------
    Each record with the descriptor's columns and where it stands (`_file`, `_row` = line in the file, `_origin`), and
    what could not be read. Columns of one's own stay in the file, so that no name of theirs matters. Events carry their
    moments as minutes, `low` and `high`.
    """
    name, wanted = shown(path), columns(table)
    header, rows, lines, habits, problems = (read_parquet if path.suffix == ".parquet" else read_csv)(path)
    if habits:
        return [], [Problem(name, 1, "(file)", f"has {' and '.join(habits)}; run `outages format`")]
    if not problems or header:
        problems = [*problems, *header_problems(header, table, name)]
    if problems:
        return [], list(problems)
    own, more = set(header).difference(wanted), dict.fromkeys(set(wanted).difference(header), "")
    for row, line in zip(rows, lines, strict=True):
        for column in own:
            del row[column]
        row |= more
        row[FILE], row[ROW], row[ORIGIN] = name, line, origin
    for row in rows if table == "events" else ():
        row["low"], row["high"] = minutes_of(row["time_low"]), minutes_of(row["time_high"])
    return list(rows), []


def header_problems(header: Sequence[str], table: str, name: str) -> list[Problem]:
    """Return what is wrong with the header of a table; one line when it is that of another table."""
    wanted = [c for c in columns(table) if c not in LATER]
    missing = [c for c in wanted if c not in header]
    words = f"the column is missing; the header must hold {','.join(wanted)}"
    told = missing if len(missing) < len(wanted) else ["(header)"]
    twice = sorted({c for c in header if not c or header.count(c) > 1})
    return [
        *(Problem(name, 1, column, words) for column in told if missing),
        *(Problem(name, 1, escaped(c) or "(empty)", "the column stands twice or has no name; keep one") for c in twice),
    ]


def framed(table: str, rows: Sequence[Row], *more: str) -> pd.DataFrame:
    """Return rows of a table as a frame; `more` are further columns of text."""
    kinds: dict[str, Any] = {**dict.fromkeys([*columns(table), FILE], TEXT), ROW: "int64", ORIGIN: TEXT}
    kinds |= {"low": "float64", "high": "float64"} if table == "events" else {}
    kinds |= dict.fromkeys(more, TEXT)
    return pd.DataFrame({name: pd.array([row[name] for row in rows], kind) for name, kind in kinds.items()})


@functools.cache
def codes() -> dict[str, list[str]]:
    """Return the allowed codes of each closed list, from the public registry's `reference/codes.csv`."""
    rows, problems = read_rows(DATA / "reference" / "codes.csv", "codes", "public")
    if problems:
        raise RegistryError(problems)
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["column"], []).append(row["code"])
    return found


def origins(folders: Sequence[Path]) -> list[str]:
    """Name each folder of a stack: `public` for the project's own data, otherwise the folder's name, made unique."""
    names: list[str] = []
    for folder in folders:
        name = "public" if real(folder) == os.path.realpath(DATA) else os.path.basename(real(folder))
        names.append(name if name not in names else f"{name}-{len(names) + 1}")
    return names


def real(folder: Path) -> str:
    """Return the path of a folder without links, if it is there."""
    return os.path.realpath(folder) if os.path.lexists(folder) else os.path.abspath(folder)


def read_stack(folders: Iterable[Path], names: Sequence[str] | None = None) -> tuple[Tables, list[Problem]]:
    """Return the tables of `stacked` as frames."""
    rows, problems = stacked(folders, names)
    return {table: framed(table, found) for table, found in rows.items()}, problems


def stacked(folders: Iterable[Path], names: Sequence[str] | None = None) -> tuple[Rows, list[Problem]]:
    """Read tables of several folders laid over one another, first folder first.

    The first folder must hold `incidents.csv`; others may be missing. Without `names` the tables of a study.
    """
    folders = list(folders)
    rows: dict[str, list[Row]] = {table: [] for table in (study_tables() if names is None else names)}
    whole, problems = list(map(real, folders)), list[Problem]()
    if again := [folder for folder, path in zip(folders, whole, strict=True) if whole.count(path) > 1]:
        return rows, [Problem(shown(again[-1]), 0, "(folder)", "is named twice; name it once")]
    for folder, origin in zip(folders, origins(folders), strict=True):
        paths = {table: files_of(folder, r["path"]) for table, r in resources().items()}
        problems += stray_files(folder, paths)
        for table, found in rows.items():
            for path in paths[table]:
                read, wrong = read_rows(path, table, origin)
                found += read
                problems += wrong
            if len(paths[table]) > 1:
                one, two = paths[table]
                problems.append(Problem(shown(two), 0, "(file)", f"stands beside {one.name}; keep one"))
            if not paths[table] and folder == folders[0] and table == "incidents":
                words = "is missing; a registry starts with its incidents"
                problems.append(Problem(shown(folder / "incidents.csv"), 0, "(file)", words))
    return rows, problems


def files_of(folder: Path, path: str) -> list[Path]:
    """Return the file of a table in a folder, CSV or Parquet; empty when there is none."""
    return [p for p in (folder / path, (folder / path).with_suffix(".parquet")) if os.path.lexists(p)]


def stray_files(folder: Path, paths: dict[str, list[Path]]) -> list[Problem]:
    """Return the files that nobody would read: their names are slightly other than those of tables not there."""
    problems = []
    if not any(paths.values()):
        known = ", ".join(r["path"] for r in resources().values())
        words = "holds no table of a registry" if os.path.lexists(folder) else "is not there"
        words = "is a file; name the folder that it is in" if os.path.isfile(folder) else words
        problems.append(Problem(shown(folder), 0, "(folder)", f"{words}; expected {known}"))
    for place in {os.path.dirname(r["path"]) for r in resources().values()}:
        missing = {Path(resources()[t]["path"]) for t, found in paths.items() if not found}
        stems = {path.stem: path for path in missing if str(path.parent) in (place or ".",)}
        names = list[str]()
        with contextlib.suppress(OSError, ValueError):
            names = sorted(os.listdir(folder / place))
        for file in names:
            stem, ending = os.path.splitext(file)
            near = difflib.get_close_matches(stem.lower(), stems, n=1, cutoff=0.85)
            if near and ending.lower() in SPREADSHEETS:
                words = f"is not read; a table of this kind is called {stems[near[0]].as_posix()}"
                problems.append(Problem(shown(folder / place / file), 0, "(file)", words))
    return problems


def folder_hash(folders: Iterable[Path], names: Sequence[str] | None = None) -> str:
    """Return 12 hexadecimal digits that change whenever a table changes; without `names` those that studies are read
    from.
    """
    found = hashlib.sha256()
    folders = list(folders)
    for folder, origin in zip(folders, origins(folders), strict=True):
        tables = [resources()[table]["path"] for table in names or study_tables()]
        for path in (path for table in tables for path in files_of(folder, table)):
            with contextlib.suppress(OSError):  # who reads it says what is wrong
                found.update(f"{origin}\0{path.name}\0{path.stat().st_size}\0".encode() + file_hash(path))
    return found.hexdigest()[:12]


def numbers(cells: pd.Series) -> pd.Series:
    """Return cells as floats, NaN where empty or not a number."""
    return pd.Series(list(map(number, cells.tolist())), index=cells.index, dtype="float64")


@functools.lru_cache(maxsize=100_000)
def number(cell: str) -> float:
    """Return what one cell says as a number, NaN where it is empty or none."""
    with contextlib.suppress(ValueError):
        return float(cell) if cell.isascii() and "_" not in cell else math.nan
    return math.nan


def moments(cells: pd.Series) -> pd.Series:
    """Return written times as minutes since 1970-01-01T00:00Z, NaN where empty or not a time with its offset."""
    return pd.Series(list(map(minutes_of, cells.tolist())), index=cells.index, dtype="float64")


@functools.lru_cache(maxsize=100_000)
def minutes_of(cell: str) -> float:
    """Return one written time as minutes since 1970; pandas would read no year after 2261."""
    try:
        return (dt.datetime.fromisoformat(cell) - EPOCH) / MINUTE
    except (ValueError, TypeError, OverflowError):
        return float("nan")
