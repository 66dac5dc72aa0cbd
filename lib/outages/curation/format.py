"""How do tables come into canonical order and form? Mends what spreadsheets do to them, and says what."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from outages.registry.files import Table, header_problems, read_csv
from outages.registry.form import sort_columns
from outages.registry.schema import LATER, RegistryError, columns, resources, shown


def format_folder(folder: Path) -> dict[Path, str]:
    """Write every table of a folder in canonical order and form.

    Returns
    -------
    What was mended in each file that changed.

    Raises
    ------
    RegistryError : a table cannot be read; nothing is written then
    """
    paths = {name: folder / r["path"] for name, r in resources().items() if (folder / r["path"]).exists()}
    return write_tables(paths, {name: read_table(path, name) for name, path in paths.items()})


def read_table(path: Path, table: str) -> Table:
    """Read a CSV file with all its columns, whatever separates its cells.

    Raises
    ------
    RegistryError : the file is no table of this kind
    """
    found = read_csv(path)
    if problems := found.problems or header_problems(list(found.frame.columns), table, shown(path)):
        raise RegistryError(problems)
    return found


def write_tables(paths: Mapping[str, Path], tables: Mapping[str, Table]) -> dict[Path, str]:
    """Write tables in canonical form, each as a whole and with the rights that the file had; return what was mended."""
    mended = {}
    for name, path in paths.items():
        text = canonical_text(tables[name], name).encode()
        old = path.read_bytes() if path.exists() else b""
        if text == old:
            continue
        beside = path.with_suffix(".csv.new")
        beside.write_bytes(text)
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
        added = [f"column {c} added" for c in columns(name) if c not in tables[name].frame]
        mended[path] = "; ".join([*(f"had {habit}" for habit in tables[name].habits), *added]) or "put in order"
    return mended


def canonical_text(table: Table, name: str) -> str:
    """Return a table as CSV: the descriptor's columns first, rows in order, points for decimal commas."""
    frame = table.frame.assign(**{c: "" for c in columns(name) if c in LATER and c not in table.frame})
    if any("semicolons" in habit for habit in table.habits):
        fields = resources()[name]["schema"]["fields"]
        decimal = {f["name"]: with_point(frame[f["name"]]) for f in fields if f["type"] == "number"}
        frame = frame.assign(**decimal)
    frame = frame[[*columns(name), *(c for c in frame if c not in columns(name))]]
    return frame.sort_values(sort_columns(name), kind="stable").to_csv(index=False, lineterminator="\n")


def with_point(cells: pd.Series) -> pd.Series:
    """Return numbers with a point where they have a decimal comma."""
    return cells.map(lambda cell: re.sub(r"^(-?\d+),(\d+)$", r"\1.\2", cell)).astype(str)
