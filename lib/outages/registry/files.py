"""What do the files of a registry say, as text?"""

import contextlib
import csv
import datetime as dt
import difflib
import functools
import hashlib
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from outages.errors import escaped
from outages.paths import DATA, file_hash, shown
from outages.registry.schema import FILE, LATER, ORIGIN, ROW, Problem, RegistryError, columns, resources, study_tables

EPOCH, MINUTE = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.timedelta(minutes=1)
SPREADSHEETS = (".xlsx", ".xls", ".ods", ".csv", ".tsv", ".txt")
SEPARATORS = {",": "", ";": "semicolons between its cells", "\t": "tabs between its cells"}


class Table(NamedTuple):
    """A file as it stands: records as text, the line on which each ends, habits of spreadsheets, what is wrong."""

    frame: pd.DataFrame
    lines: Sequence[int] = ()
    habits: Sequence[str] = ()
    problems: Sequence[Problem] = ()


def read_csv(path: Path) -> Table:
    """Return the records of a CSV file; Python's strict reader says what is wrong on which line, pandas' does not."""
    name, problems, records, lines = shown(path), list[Problem](), list[list[str]](), list[int]()
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
            if len(record) == len(header):
                records.append(record)
                lines.append(reader.line_num)
            else:
                message = f"the row has {len(record)} cells, the header {len(header)}; quote cells that hold commas"
                problems.append(Problem(name, reader.line_num, "(row)", message))
    except UnicodeDecodeError as error:
        problems.append(Problem(name, 1, "(file)", f"is not UTF-8 at byte {error.start}; save it as UTF-8"))
    except csv.Error as error:
        problems.append(Problem(name, len(records) + 2, "(row)", f"is not valid CSV ({error}); close every quote"))
    except OSError as error:
        problems.append(Problem(name, 1, "(file)", f"cannot be read ({error.strerror})"))
    return Table(pd.DataFrame(records, columns=header, dtype=str), lines, habits, problems)


def read_parquet(path: Path) -> Table:
    """Return the records of a Parquet file as CSV tables write them; a null is an empty cell."""
    import pyarrow as pa

    try:
        found = pd.read_parquet(path, engine="pyarrow")
        frame = pd.DataFrame({name: as_text(found[name]) for name in found}, dtype=str)
    except (pa.ArrowException, ValueError, TypeError, OSError) as error:
        said = escaped(str(error).partition("\n")[0] or type(error).__name__)
        words = f"cannot be read as Parquet ({said}); write columns of text, numbers, dates or moments with a time zone"
        return Table(pd.DataFrame(), problems=[Problem(shown(path), 1, "(file)", words)])
    return Table(frame, range(1, len(frame) + 1))


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


def read_rows(path: Path, table: str, origin: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Read one file as text.

    Parameters
    ----------
    path : CSV or Parquet file to read
    table : name of the table in the descriptor
    origin : label of the registry that the file belongs to

    Returns
    -------
    One row a record with the descriptor's columns and where the record stands (`_file`, `_row` = line in the file,
    `_origin`), and what could not be read. Columns of one's own stay in the file, so that no name of theirs matters.
    """
    name, wanted = shown(path), columns(table)
    frame, lines, habits, problems = read_parquet(path) if path.suffix == ".parquet" else read_csv(path)
    if habits:
        return empty_table(table), [Problem(name, 1, "(file)", f"has {' and '.join(habits)}; run `outages format`")]
    if not problems or len(frame.columns):
        problems = [*problems, *header_problems(list(frame.columns), table, name)]
    if problems:
        return empty_table(table), list(problems)
    frame = frame.reindex(columns=wanted, fill_value="").astype(str)
    return frame.assign(**{FILE: name, ROW: lines, ORIGIN: origin}), []


def header_problems(header: list[str], table: str, name: str) -> list[Problem]:
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


def empty_table(table: str) -> pd.DataFrame:
    """Return a table without rows, in the shape that `read_rows` gives."""
    frame = pd.DataFrame(columns=[*columns(table), FILE, ORIGIN], dtype=str)
    return frame.assign(**{ROW: pd.Series(dtype="int64")})


@functools.cache
def codes() -> dict[str, list[str]]:
    """Return the allowed codes of each closed list, from the public registry's `reference/codes.csv`."""
    frame, problems = read_rows(DATA / "reference" / "codes.csv", "codes", "public")
    if problems:
        raise RegistryError(problems)
    return frame.groupby("column")["code"].agg(list).to_dict()


def origins(folders: Sequence[Path]) -> list[str]:
    """Name each folder of a stack: `public` for the project's own data, otherwise the folder's name, made unique."""
    names: list[str] = []
    for folder in folders:
        whole = os.path.realpath(folder) if os.path.lexists(folder) else os.path.abspath(folder)
        name = "public" if whole == os.path.realpath(DATA) else os.path.basename(whole)
        names.append(name if name not in names else f"{name}-{len(names) + 1}")
    return names


def read_stack(
    folders: Iterable[Path], names: Sequence[str] | None = None
) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """Read tables of several folders laid over one another, first folder first.

    The first folder must hold `incidents.csv`; any other table may be missing from any folder. Without `names` the
    tables of a study.
    """
    folders, names = list(folders), study_tables() if names is None else names
    parts: dict[str, list[pd.DataFrame]] = {table: [] for table in names}
    problems: list[Problem] = []
    for folder, origin in zip(folders, origins(folders), strict=True):
        paths = {table: files_of(folder, r["path"]) for table, r in resources().items()}
        problems += stray_files(folder, paths)
        for table in names:
            found = paths[table]
            for path in found:
                frame, wrong = read_rows(path, table, origin)
                parts[table].append(frame)
                problems += wrong
            if len(found) > 1:
                problems.append(Problem(shown(found[1]), 0, "(file)", f"stands beside {found[0].name}; keep one"))
            if not found and folder == folders[0] and table == "incidents":
                words = "is missing; a registry starts with its incidents"
                problems.append(Problem(shown(folder / "incidents.csv"), 0, "(file)", words))
    tables = {table: read or [empty_table(table)] for table, read in parts.items()}
    return {table: pd.concat(read, ignore_index=True) for table, read in tables.items()}, problems


def files_of(folder: Path, path: str) -> list[Path]:
    """Return the file of a table in a folder, CSV or Parquet; empty when there is none."""
    return [p for p in (folder / path, (folder / path).with_suffix(".parquet")) if os.path.lexists(p)]


def stray_files(folder: Path, paths: dict[str, list[Path]]) -> list[Problem]:
    """Return the files that nobody would read: their names are slightly other than those of tables not there."""
    problems = []
    if not any(paths.values()):
        known = ", ".join(r["path"] for r in resources().values())
        problems.append(Problem(shown(folder), 0, "(folder)", f"holds no table of a registry; expected {known}"))
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
    return pd.to_numeric(cells, errors="coerce").astype("float64")


def moments(cells: pd.Series) -> pd.Series:
    """Return written times as minutes since 1970-01-01T00:00Z, NaN where empty or not a time with its offset."""
    return cells.map({cell: minutes_of(cell) for cell in cells.unique().tolist()}).astype("float64")


def with_moments(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return tables whose events, if they are among them, carry their moments as minutes, `low` and `high`."""
    if (events := tables.get("events")) is None:
        return tables
    return tables | {"events": events.assign(low=moments(events["time_low"]), high=moments(events["time_high"]))}


def minutes_of(cell: str) -> float:
    """Return one written time as minutes since 1970; pandas would read no year after 2261."""
    try:
        return (dt.datetime.fromisoformat(cell) - EPOCH) / MINUTE
    except (ValueError, TypeError, OverflowError):
        return float("nan")
