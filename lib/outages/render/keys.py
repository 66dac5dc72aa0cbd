"""Would a page come out otherwise today? Its key is a hash of all that it is made of: library, template, notebook, parameters, and the rows that it reads.

A page about one incident, some countries or one operator is made of the rows of its incidents alone, any other of all tables. Nothing here loads pandas.
"""

import csv
import functools
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from outages.paths import DATA, NOTEBOOKS, REPORTS, ROOT, file_hash

CODE, TABLES = (".py", ".po", ".j2", ".css", ".json"), (".csv", ".parquet")
ROWS_UP_TO = 20_000_000  # bytes of a table: larger ones count as a whole
Rows = dict[str, dict[str, Any]]


class Keys:
    """The keys of pages made from the public registry and some overlays; files that all share are read once."""

    def __init__(self, overlays: Sequence[Path] = ()):
        self.folders = [DATA, *overlays]
        self.overlays = [str(path.resolve()) for path in overlays]
        names = [r["name"] for r in json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))["resources"]]
        self.paths = [p for f in self.folders for p in files(f, TABLES, "*") if p.stem in names]

    @functools.cached_property
    def shared(self) -> bytes:
        """Hash of what all pages are made of: library, template, schema, codes, time limits, locked libraries."""
        places: list[tuple[Path, Collection[str]]] = [
            (ROOT / "lib" / "outages", CODE),
            (REPORTS / "template", CODE),
            (DATA, {".json"}),
        ]
        places += [(folder / "reference", TABLES) for folder in self.folders]
        return digest(
            [(path, folder) for folder, kinds in places for path in files(folder, kinds)]
            + [(ROOT / "requirements.lock", ROOT)]
        )

    @functools.cached_property
    def tables(self) -> bytes:
        """Hash of all tables."""
        return digest((path, path.parent) for path in self.paths) + self.second

    @functools.cached_property
    def second(self) -> bytes:
        """Hash of the second coding, on which comparisons say how far coders agree."""
        return digest((path, DATA) for path in files(DATA / "second-coding", TABLES))

    @functools.cached_property
    def incidents(self) -> Rows:
        """Country, operator and a hash of the rows, with the documents that they name, of each incident; empty when tables are too large or cannot be read."""
        if any(path.suffix != ".csv" or path.stat().st_size > ROWS_UP_TO for path in self.paths):
            return {}
        try:
            return incidents_of(self.paths, self.folders)
        except (ValueError, KeyError, csv.Error):
            return {}

    @functools.cache  # noqa: B019  it lives as long as one run
    def notebook(self, name: str) -> bytes:
        """Return the text of a notebook of the project."""
        return (NOTEBOOKS / f"{name}.ipynb").read_bytes()

    def rows_of(self, parameters: Mapping[str, Any]) -> bytes:
        """Return a hash of the rows that a page with some parameters can show; of all tables when nothing narrows them."""
        incident, operator = parameters.get("incident"), parameters.get("operator")
        countries = set(str(parameters.get("countries", "")).split(";")) - {""}
        if incident in self.incidents:
            return self.incidents[incident]["hash"]
        if incident or not (operator or countries):
            return self.tables
        found = [
            row["hash"]
            for row in self.incidents.values()
            if (not operator or row["operator"] == operator)
            and (not countries or countries & set(row["country"].split(";")))
        ]
        # how many are left out is said on the page
        return (
            hashlib.sha256(b"".join([*found, str(len(self.incidents)).encode(), self.second])).digest()
            if found
            else self.tables
        )

    def of(self, notebook: str, lang: str, parameters: Mapping[str, Any]) -> str:
        """Return the key of a page."""
        given = {key: str(value) for key, value in parameters.items()}
        asked = json.dumps({"lang": lang, "data": self.overlays, **given}, sort_keys=True)
        parts = self.shared, self.rows_of(parameters), self.notebook(notebook), asked.encode()
        return hashlib.sha256(b"".join(parts)).hexdigest()[:20]


def incidents_of(paths: Iterable[Path], folders: Sequence[Path]) -> Rows:
    """Return what `Keys.incidents` says, from CSV files."""
    found: Rows = {}
    rows: dict[str, list[str]] = {}
    documents: dict[str, str] = {}
    named: dict[str, set[str]] = {}
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            where = f"{folders.index(path.parent)}\0{path.name}\0{header}\0"
            place = {
                name: header.index(name)
                for name in ("incident_id", "source_id", "country", "operator")
                if name in header
            }
            for row in reader:
                text = where + "\0".join(row)
                cell = {name: row[at] if at < len(row) else "" for name, at in place.items()}
                if path.stem == "sources":
                    documents[cell["source_id"]] = text
                    continue
                rows.setdefault(cell["incident_id"], []).append(text)
                named.setdefault(cell["incident_id"], set()).add(cell.get("source_id", ""))
                if path.stem == "incidents":
                    found[cell["incident_id"]] = {"country": cell["country"], "operator": cell["operator"]}
    for incident, entry in found.items():
        parts = [*rows[incident], *(documents.get(source, "") for source in sorted(named[incident]))]
        entry["hash"] = hashlib.sha256("\0".join(parts).encode()).digest()
    return found


def files(folder: Path, kinds: Collection[str], pattern: str = "**/*") -> list[Path]:
    """Return the files of some kinds in a folder, in order."""
    return sorted(path for path in folder.glob(pattern) if path.suffix in kinds)


def digest(paths: Iterable[tuple[Path, Path]]) -> bytes:
    """Return a hash of the names and contents of files, each given with the folder that its name is taken from."""
    found = hashlib.sha256()
    for path, folder in paths:
        if path.exists():
            found.update(f"{path.relative_to(folder)}\0".encode())
            found.update(file_hash(path))
    return found.digest()
