"""What do the files of a registry say, as text?"""

import csv
import functools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from outages.errors import InputError
from outages.paths import DATA

FILE, ROW, ORIGIN = "_file", "_row", "_origin"


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a registry, and what would be right."""

    file: str
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.row}: {self.column}: {self.message}"


class RegistryError(InputError):
    """A registry that cannot be used; `problems` holds every reason."""

    def __init__(self, problems: Sequence[Problem]):
        self.problems = sorted(problems)
        more = f" (and {len(problems) - 1} more: run `outages check`)" if len(problems) > 1 else ""
        super().__init__(f"{self.problems[0]}{more}")


@functools.cache
def descriptor() -> dict[str, Any]:
    """Return the data package descriptor of the public registry, the one authority on the schema."""
    path = DATA / "datapackage.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise RegistryError(
            [Problem(shown(path), error.lineno, "(file)", f"is not valid JSON ({error.msg})")]
        ) from error


@functools.cache
def resources() -> dict[str, dict[str, Any]]:
    """Return the descriptor's tables by name."""
    return {r["name"]: r for r in descriptor()["resources"]}


def columns(table: str) -> list[str]:
    """Return the column names that the descriptor lays down for a table, in order."""
    return [f["name"] for f in resources()[table]["schema"]["fields"]]


@functools.cache
def codes() -> dict[str, list[str]]:
    """Return the allowed codes of each closed list, from the public registry's `reference/codes.csv`."""
    frame, problems = read_rows(DATA / "reference" / "codes.csv", "codes", "public")
    if problems:
        raise RegistryError(problems)
    return frame.groupby("column")["code"].agg(list).to_dict()


def shown(path: Path) -> str:
    """Return a path as a reader at the prompt would write it."""
    if not isinstance(path, Path):
        return str(path)
    try:
        return str(path.resolve().relative_to(Path.cwd().resolve()))
    except ValueError:
        return str(path)


def read_rows(path: Path, table: str, origin: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Read one CSV file as text.

    Parameters
    ----------
    path : file to read
    table : name of the table in the descriptor
    origin : label of the registry that the file belongs to

    Returns
    -------
    One row a record with the descriptor's columns first, then the file's own, then where the record stands
    (`_file`, `_row` = line in the file, `_origin`); and what could not be read.
    """
    name, wanted = shown(path), columns(table)
    problems: list[Problem] = []
    records: list[list[str]] = []
    lines: list[int] = []
    header: list[str] = []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            for record in reader:
                if len(record) != len(header):
                    message = f"the row has {len(record)} cells, the header {len(header)}; quote cells that hold commas"
                    problems.append(Problem(name, reader.line_num, "(row)", message))
                    continue
                records.append(record)
                lines.append(reader.line_num)
        if header and header[0].startswith("\ufeff"):
            problems.append(Problem(name, 1, "(file)", "begins with a byte order mark; save it as UTF-8 without BOM"))
            header[0] = header[0].removeprefix("\ufeff")
        if b"\r" in path.read_bytes():
            problems.append(Problem(name, 1, "(file)", "has CR or CRLF line ends; save it with LF"))
    except UnicodeDecodeError as error:
        problems.append(Problem(name, 1, "(file)", f"is not UTF-8 at byte {error.start}; save it as UTF-8"))
    except csv.Error as error:
        problems.append(Problem(name, len(records) + 2, "(row)", f"is not valid CSV ({error}); close every quote"))
    except OSError as error:
        problems.append(Problem(name, 1, "(file)", f"cannot be read ({error.strerror})"))
    if not problems or header:
        problems += [
            Problem(name, 1, c, f"the column is missing; the header must hold {','.join(wanted)}")
            for c in wanted
            if c not in header
        ]
        problems += [
            Problem(name, 1, c or "(empty)", "the column stands twice or has no name; keep one")
            for c in sorted({c for c in header if not c or header.count(c) > 1})
        ]
    if problems:
        return empty_table(table), problems
    frame = pd.DataFrame(records, columns=header, dtype="str")
    frame = frame[wanted + [c for c in header if c not in wanted]]
    frame[FILE], frame[ROW], frame[ORIGIN] = name, lines, origin
    return frame, problems


def empty_table(table: str) -> pd.DataFrame:
    """Return a table without rows, in the shape that `read_rows` gives."""
    frame = pd.DataFrame({c: pd.Series(dtype="str") for c in [*columns(table), FILE]})
    return frame.assign(**{ROW: pd.Series(dtype="int64"), ORIGIN: pd.Series(dtype="str")})


def origins(folders: Sequence[Path]) -> list[str]:
    """Name each folder of a stack: `public` for the project's own data, otherwise the folder's name, made unique."""
    names: list[str] = []
    for folder in folders:
        name = "public" if folder.resolve() == DATA.resolve() else folder.resolve().name
        names.append(name if name not in names else f"{name}-{len(names) + 1}")
    return names


def read_stack(folders: Iterable[Path]) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """Read the tables of several folders laid over one another, first folder first.

    The first folder must hold `incidents.csv`; any other table may be missing from any folder.
    """
    folders = list(folders)
    frames: dict[str, list[pd.DataFrame]] = {table: [] for table in resources()}
    problems: list[Problem] = []
    for folder, origin in zip(folders, origins(folders), strict=True):
        paths = {table: folder / r["path"] for table, r in resources().items()}
        if not any(path.exists() for path in paths.values()):
            known = ", ".join(r["path"] for r in resources().values())
            problems.append(Problem(shown(folder), 0, "(folder)", f"holds no table of a registry; expected {known}"))
        for table, path in paths.items():
            if path.exists():
                frame, found = read_rows(path, table, origin)
                frames[table].append(frame)
                problems += found
            elif folder == folders[0] and table == "incidents":
                problems.append(Problem(shown(path), 0, "(file)", "is missing; a registry starts with its incidents"))
    tables = {
        table: pd.concat(parts, ignore_index=True) if parts else empty_table(table) for table, parts in frames.items()
    }
    return {name: t.fillna("") if t.isna().any(axis=None) else t for name, t in tables.items()}, problems


def numbers(column: pd.Series) -> pd.Series:
    """Return cells as floats, NaN where empty or not a number."""
    return pd.to_numeric(column.where(column != ""), errors="coerce").astype("float64")


def moments(column: pd.Series) -> pd.Series:
    """Return written times as minutes since 1970-01-01T00:00Z, NaN where empty or not a time."""
    stamps = pd.to_datetime(column.where(column != ""), format="ISO8601", utc=True, errors="coerce")
    return ((stamps - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(minutes=1)).astype("float64")
