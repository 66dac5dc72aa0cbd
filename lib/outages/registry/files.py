"""What do the files of a registry say, as text?"""

import csv
import functools
import hashlib
import io
import json
import mmap
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from outages.errors import InputError
from outages.paths import DATA, file_hash

CLAIM_TABLES = ("events", "measures", "causes", "third_parties", "recommendations")
FILE, ROW, ORIGIN = "_file", "_row", "_origin"
PLACE, DOCUMENT = "_place", "_document"  # of a claim's incident among the incidents, of its source among the sources
CITING = (*CLAIM_TABLES, "regulator_annual", "communication_targets")  # tables whose rows name a source
TEXT = pd.StringDtype("pyarrow", na_value=np.nan)
LARGE = 4_000_000  # bytes: up to here a CSV file with quoted cells is read by Python's strict reader
MANY_TEXTS = 10_000  # different ones in a column, which is then kept as text all the same
FEW = {  # columns in which few texts stand many times; they are kept as categories, in the order of the texts
    "incidents": frozenset({"operator", "country", "sector", "services", "timezone", "status", "found_by"}),
    "events": frozenset({"event", "actor", "scope", "source_id"}),
    "measures": frozenset({"measure", "unit", "bound", "scope", "source_id"}),
    "causes": frozenset({"factor", "value", "source_id"}),
}


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
    """Read one file as text.

    Parameters
    ----------
    path : CSV or Parquet file to read
    table : name of the table in the descriptor
    origin : label of the registry that the file belongs to

    Returns
    -------
    One row a record with the descriptor's columns first, then the file's own, then where the record stands
    (`_file`, `_row` = line in the file, `_origin`); and what could not be read.
    """
    name, wanted = shown(path), columns(table)
    read = parquet_records if path.suffix == ".parquet" else csv_records
    frame, lines, problems = read(path, name, FEW.get(table, frozenset()))
    header = list(frame.columns)
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
    frame = frame[wanted + [c for c in header if c not in wanted]]
    where = {FILE: constant(name, len(frame)), ROW: lines, ORIGIN: constant(origin, len(frame))}
    return pd.concat([frame, pd.DataFrame(where)], axis=1), problems


def constant(text: str, length: int) -> pd.Categorical:
    """Return one text many times at the price of one."""
    return pd.Categorical.from_codes(np.zeros(length, dtype="int8"), categories=[text])


def csv_records(path: Path, name: str, few: Collection[str]) -> tuple[pd.DataFrame, np.ndarray, list[Problem]]:
    """Return the records of a CSV file, the line on which each ends, and what is wrong with it.

    A file that is in order is read by Arrow; where it stumbles, and in small files with quoted cells, Python's own strict reader says what is wrong on which line.
    """
    problems: list[Problem] = []
    records: list[list[str]] = []
    lines: list[int] = []
    header: list[str] = []
    try:
        raw = bytes_of(path)
        if raw.find(b"\r") >= 0:
            problems.append(Problem(name, 1, "(file)", "has CR or CRLF line ends; save it with LF"))
        elif raw[:3] != b"\xef\xbb\xbf" and (len(raw) > LARGE or raw.find(b'"') < 0):
            quick = arrow_records(raw, few)
            if quick is not None:
                return quick, np.arange(2, len(quick) + 2), []
        reader = csv.reader(io.StringIO(raw[:].decode(), newline=""), strict=True)
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
    except UnicodeDecodeError as error:
        problems.append(Problem(name, 1, "(file)", f"is not UTF-8 at byte {error.start}; save it as UTF-8"))
    except csv.Error as error:
        problems.append(Problem(name, len(records) + 2, "(row)", f"is not valid CSV ({error}); close every quote"))
    except OSError as error:
        problems.append(Problem(name, 1, "(file)", f"cannot be read ({error.strerror})"))
    return pd.DataFrame(records, columns=header, dtype=TEXT), np.array(lines, dtype="int64"), problems


def bytes_of(path: Path) -> bytes | mmap.mmap:
    """Return what a file holds, a large one mapped into memory."""
    if path.stat().st_size <= LARGE:
        return path.read_bytes()
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def arrow_records(raw: bytes | mmap.mmap, few: Collection[str]) -> pd.DataFrame | None:
    """Return the records of CSV text as Arrow reads them, None where it finds no table of rows of one length."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    header = next(csv.reader([raw[: raw.find(b"\n")].decode(errors="replace")]), [])
    text = pa.large_string()
    types = {name: pa.dictionary(pa.int32(), text) if name in few else text for name in header}
    try:
        found = arrow.read_csv(
            pa.BufferReader(pa.py_buffer(raw)),
            # in one block, so that no column comes in pieces, and without threads: reports are forked, and a fork takes none with it
            read_options=arrow.ReadOptions(use_threads=False, block_size=min(max(len(raw), 1), 1 << 30)),
            parse_options=arrow.ParseOptions(ignore_empty_lines=False),
            convert_options=arrow.ConvertOptions(column_types=types, strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None
    return as_frame(found) if found.column_names == header and len(set(header)) == len(header) else None


def parquet_records(path: Path, name: str, few: Collection[str]) -> tuple[pd.DataFrame, np.ndarray, list[Problem]]:
    """Return the records of a Parquet file as text, their numbers from 1, and what is wrong with it.

    Numbers, dates and moments with a time zone are written as CSV tables write them; a null is an empty cell.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        found = parquet.read_table(path, use_threads=False, read_dictionary=list(few))
        texts = [as_text(found[column]) for column in found.column_names]
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowKeyError, OSError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        problem = Problem(
            name,
            1,
            "(file)",
            f"cannot be read as Parquet ({said}); write columns of text, numbers, dates or moments with a time zone",
        )
        return pd.DataFrame(), np.array([], dtype="int64"), [problem]
    frame = (
        as_frame(pa.table(texts, names=found.column_names))
        if len(set(found.column_names)) == len(texts)
        else pd.DataFrame(columns=found.column_names)
    )
    return frame, np.arange(1, len(frame) + 1), []


def as_text(column: Any) -> Any:
    """Return an Arrow column as the text that a CSV table would hold."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        if pa.types.is_string(kind.value_type) and not column.null_count:
            return column.cast(pa.dictionary(kind.index_type, pa.large_string()))
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_timestamp(kind):
        if kind.tz is None:
            raise pa.ArrowInvalid("a moment without time zone")
        column = pc.replace_substring_regex(
            pc.strftime(column.cast(pa.timestamp("s", kind.tz)), "%Y-%m-%dT%H:%M%z"), r"(\d\d)$", r":\1"
        )
    elif pa.types.is_floating(kind) and pc.all(pc.equal(column, pc.trunc(column))).as_py() is not False:
        column = column.cast(pa.int64())
    return pc.fill_null(column.cast(pa.large_string()), "")


def as_frame(found: Any) -> pd.DataFrame:
    """Return an Arrow table of text as a frame, without copying it."""
    import pyarrow as pa

    return found.to_pandas(types_mapper={pa.large_string(): TEXT}.get)


def empty_table(table: str) -> pd.DataFrame:
    """Return a table without rows, in the shape that `joined` gives."""
    frame = pd.DataFrame({c: pd.Series(dtype=TEXT) for c in [*columns(table), FILE]})
    frame = frame.assign(**{ROW: pd.Series(dtype="int64"), ORIGIN: pd.Series(dtype=TEXT)})
    return frame.astype(dict.fromkeys(FEW.get(table, ()), "category"))


def origins(folders: Sequence[Path]) -> list[str]:
    """Name each folder of a stack: `public` for the project's own data, otherwise the folder's name, made unique."""
    names: list[str] = []
    for folder in folders:
        name = "public" if folder.resolve() == DATA.resolve() else folder.resolve().name
        names.append(name if name not in names else f"{name}-{len(names) + 1}")
    return names


def read_stack(folders: Iterable[Path], *, prepare: bool = True) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """Read the tables of several folders laid over one another, first folder first.

    The first folder must hold `incidents.csv`; any other table may be missing from any folder. Tables are `prepared` unless that is not wanted.
    """
    folders = list(folders)
    frames: dict[str, list[pd.DataFrame]] = {table: [] for table in resources()}
    problems: list[Problem] = []
    for folder, origin in zip(folders, origins(folders), strict=True):
        paths = {table: files_of(folder, r["path"]) for table, r in resources().items()}
        if not any(paths.values()):
            known = ", ".join(r["path"] for r in resources().values())
            problems.append(Problem(shown(folder), 0, "(folder)", f"holds no table of a registry; expected {known}"))
        for table, found in paths.items():
            for path in found:
                frame, wrong = read_rows(path, table, origin)
                frames[table].append(frame)
                problems += wrong
            if len(found) > 1:
                problems.append(Problem(shown(found[1]), 0, "(file)", f"stands beside {found[0].name}; keep one"))
            if not found and folder == folders[0] and table == "incidents":
                problems.append(
                    Problem(
                        shown(folder / "incidents.csv"), 0, "(file)", "is missing; a registry starts with its incidents"
                    )
                )
    tables = {table: joined(parts, table) for table, parts in frames.items()}
    return prepared(tables) if prepare else tables, problems


def prepared(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return tables with what several rules need: the places of each claim's incident and source, and moments as minutes (`low`, `high`)."""
    found = dict(tables)
    names = [name for name in CLAIM_TABLES if name in tables]
    named = pd.concat([tables[name]["incident_id"] for name in names], ignore_index=True)
    places = np.split(
        positions(named, tables["incidents"]["incident_id"]), np.cumsum([len(tables[n]) for n in names])[:-1]
    )
    for name, place in zip(names, places, strict=True):
        found[name] = tables[name].assign(**{PLACE: place})
    for name in (name for name in CITING if name in tables):
        document = positions(tables[name]["source_id"], tables["sources"]["source_id"])
        found[name] = found[name].assign(**{DOCUMENT: document})
    if "events" in tables:
        events = found["events"]
        low, vague = moments(events["time_low"]), events["time_low"] != events["time_high"]
        high = low.copy()
        high[vague] = moments(events.loc[vague, "time_high"])
        found["events"] = events.assign(low=low, high=high)
    return found


def files_of(folder: Path, path: str) -> list[Path]:
    """Return the file of a table in a folder, CSV or Parquet; empty when there is none."""
    return [found for found in (folder / path, (folder / path).with_suffix(".parquet")) if found.exists()]


def joined(parts: Sequence[pd.DataFrame], table: str) -> pd.DataFrame:
    """Lay the rows of several files under one another; a column that a file lacks is empty."""
    if not parts:
        return empty_table(table)
    columns = list(dict.fromkeys(column for part in parts for column in part))
    whole = {}
    for column in columns:
        # each part gives its column away, so that a large one is held twice one column at a time
        held = [part.pop(column) if column in part else pd.Series("", index=part.index, dtype=TEXT) for part in parts]
        repeated = column in (FILE, ORIGIN) or column in FEW.get(table, ())
        whole[column] = united(held) if repeated else in_one_piece(pd.concat(held, ignore_index=True))
    return pd.DataFrame(whole)


def united(parts: Sequence[pd.Series]) -> pd.Series:
    """Lay columns of few texts under one another, as categories in the order of the texts; as text where they turn out to be many."""
    held = [part.astype("category") for part in parts]
    if sum(len(part.cat.categories) for part in held) > MANY_TEXTS:
        return in_one_piece(pd.concat([part.astype(TEXT) for part in held], ignore_index=True))
    held = [part.cat.rename_categories(part.cat.categories.astype(TEXT)) for part in held]
    return pd.Series(union_categoricals(held, sort_categories=True))


def in_one_piece(column: pd.Series) -> pd.Series:
    """Return a column of text whose cells lie together; to take rows from one that is in pieces would join them each time."""
    import pyarrow as pa

    if column.dtype != TEXT:
        return column
    pieces = pa.array(column)
    return pd.Series(
        pd.array(pieces.combine_chunks() if isinstance(pieces, pa.ChunkedArray) else pieces, dtype=TEXT),
        index=column.index,
    )


def folder_hash(folders: Iterable[Path]) -> str:
    """Return 12 hexadecimal digits that change whenever a table of a stack of folders changes."""
    found = hashlib.sha256()
    folders = list(folders)
    for folder, origin in zip(folders, origins(folders), strict=True):
        for resource in resources().values():
            for path in files_of(folder, resource["path"]):
                found.update(f"{origin}\0{path.name}\0{path.stat().st_size}\0".encode())
                found.update(file_hash(path))
    return found.hexdigest()[:12]


def positions(values: pd.Series, among: pd.Series) -> np.ndarray:
    """Return the place of each value among others that are different from one another, -1 where it is not among them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(values.dtype, pd.CategoricalDtype):
        return positions(values.cat.categories.to_series(), among)[values.cat.codes]
    found = pc.index_in(pa.array(values.astype(TEXT)), value_set=pa.array(among.astype(TEXT)))
    return pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype("int64")


def coded(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Return the number of each cell's text among the texts of the column, and these texts; the order is that of the texts where they are kept as categories."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy().astype("int64"), list(column.cat.categories)
    codes, texts = pd.factorize(column)
    return codes, list(texts)


def alike_rows(numbers: np.ndarray) -> list[np.ndarray]:
    """Return the rows of each number that is not below zero."""
    rows = np.argsort(numbers, kind="stable")
    rows = rows[numbers[rows] >= 0]
    return np.split(rows, np.flatnonzero(np.diff(numbers[rows])) + 1) if len(rows) else []


def numbers(column: pd.Series) -> pd.Series:
    """Return cells as floats, NaN where empty or not a number."""
    return as_floats(column, "float64")


def moments(column: pd.Series) -> pd.Series:
    """Return written times as minutes since 1970-01-01T00:00Z, NaN where empty or not a time."""
    return as_floats(column, "moment")


def as_floats(column: pd.Series, kind: str) -> pd.Series:
    """Return text as numbers: by Arrow when all of it can be read, otherwise by pandas, which leaves out what cannot."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pa.array(column.astype(TEXT))
    text = pc.if_else(pc.equal(text, ""), None, text)
    try:
        if kind == "moment":
            seconds = text.cast(pa.timestamp("s", "UTC")).cast(pa.int64()).cast(pa.float64())
            return pd.Series(seconds.to_numpy(zero_copy_only=False) / 60, index=column.index)
        return pd.Series(text.cast(pa.float64()).to_numpy(zero_copy_only=False).astype("float64"), index=column.index)
    except pa.ArrowInvalid:
        filled = column.astype(TEXT).where(column != "")
    if kind == "moment":
        stamps = pd.to_datetime(filled, format="ISO8601", utc=True, errors="coerce")
        return ((stamps - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(minutes=1)).astype("float64")
    return pd.to_numeric(filled, errors="coerce").astype("float64")
