"""Would a page come out otherwise today? Its key is a hash of library, template, notebook, parameters, and rows.

A page about one incident, some countries or one operator reads the rows of its incidents alone, any other all tables.
Nothing here loads pandas.
"""

import csv
import functools
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from outages.paths import DATA, NOTEBOOKS, REPORTS, ROOT, file_hash
from outages.render.pdf import chromium
from outages.render.planning import Job

CODE, TABLES = (".py", ".po", ".j2", ".css", ".js", ".json"), (".csv", ".parquet")
ROWS_UP_TO = 20_000_000  # bytes of a table: larger ones count as a whole
REFERENCE = ""  # in place of an incident: documents that reference tables name, which every comparison shows
LOOKED_AT = ("incident_id", "source_id", "country", "operator")  # columns
Rows = dict[str, dict[str, str]]


class Keys:
    """The keys of pages made from the public registry and some overlays; files that all share are read once."""

    def __init__(self, overlays: Sequence[Path] = ()):
        self.folders = [DATA, *overlays]
        self.overlays = [str(path.resolve()) for path in overlays]
        self.notebook = functools.cache(lambda name: file_hash(NOTEBOOKS / f"{name}.ipynb").hex())

    @functools.cached_property
    def paths(self) -> list[Path]:
        """The files of the tables, without others that lie beside them."""
        tables = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))["resources"]
        names = {table["name"] for table in tables}
        return [path for folder in self.folders for path in files(folder, TABLES, "*") if path.stem in names]

    @functools.cached_property
    def shared(self) -> str:
        """Hash of what all pages are made of: library, template, schema, codes, time limits, locked libraries."""
        places: list[tuple[Path, Collection[str]]] = [(ROOT / "lib" / "outages", CODE), (REPORTS / "template", CODE)]
        places += [(DATA, {".json"}), *((folder / "reference", TABLES) for folder in self.folders)]
        found = [(path, folder) for folder, kinds in places for path in files(folder, kinds)]
        return digest([*found, (ROOT / "requirements.lock", ROOT)])

    @functools.cached_property
    def second(self) -> str:
        """Hash of the second coding, from which comparisons say how far coders agree."""
        return digest((path, DATA) for path in files(DATA / "second-coding", TABLES))

    @functools.cached_property
    def tables(self) -> str:
        """Hash of all tables."""
        return digest((path, path.parent) for path in self.paths) + self.second

    @functools.cached_property
    def incidents(self) -> Rows:
        """Country, operator and `rows`, a hash, of each incident; empty when tables are too large or cannot be read."""
        try:
            small = all(path.suffix == ".csv" and path.stat().st_size <= ROWS_UP_TO for path in self.paths)
            reference = [path for folder in self.folders for path in files(folder / "reference", {".csv"})]
            return incidents_of([*self.paths, *reference], self.folders) if small else {}
        except (ValueError, KeyError, csv.Error):
            return {}

    def rows_of(self, parameters: Mapping[str, Any]) -> str:
        """Return a hash of the rows that a page with some parameters can show."""
        incident = str(parameters.get("incident", ""))
        operators, countries = (set(str(parameters.get(n, "")).split(";")) - {""} for n in ("operator", "countries"))
        if incident:
            return self.incidents.get(incident, {}).get("rows", self.tables)
        if not (operators or countries):
            return self.tables
        wanted = {"operator": operators, "country": countries}
        found = [
            row["rows"]
            for name, row in self.incidents.items()
            if name == REFERENCE or all(fits(any_of, row[column]) for column, any_of in wanted.items())
        ]
        if len(found) < 2:
            return self.tables
        return hashed(*found, str(len(self.incidents)), self.second)  # how many are left out is said on the page

    def of(self, notebook: str, lang: str, parameters: Mapping[str, Any]) -> str:
        """Return the key of a page."""
        given = {key: str(value) for key, value in parameters.items()}
        asked = json.dumps({"lang": lang, "data": self.overlays, **given}, sort_keys=True)
        return hashed(self.shared, self.rows_of(parameters), self.notebook(notebook), asked)[:20]


def fits(wanted: Collection[str], cell: str) -> bool:
    """Return whether a cell, a list separated by `;`, holds any of what is wanted; nothing wanted fits all."""
    return not wanted or not set(wanted).isdisjoint(cell.split(";"))


def incidents_of(paths: Iterable[Path], folders: Sequence[Path]) -> Rows:
    """Return what `Keys.incidents` says, from the rows of each incident and the documents that they name."""
    found: Rows = {REFERENCE: {}}
    rows: dict[str, list[str]] = {REFERENCE: []}
    documents: dict[str, str] = {}
    named: dict[str, set[str]] = {}
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            folder = path.parent if path.parent in folders else path.parents[1]
            where, table = f"{folders.index(folder)}\0{path.name}\0{header}\0", path.stem
            at = {name: header.index(name) for name in LOOKED_AT if name in header}
            for row in reader:
                text = where + "\0".join(row)
                cells = row + [""] * (len(header) - len(row))
                if table == "sources":
                    documents[cells[at["source_id"]]] = text
                    continue
                incident = cells[at["incident_id"]] if "incident_id" in at else REFERENCE
                rows.setdefault(incident, []).append(text)
                if table == "incidents":
                    found[incident] = {"country": cells[at["country"]], "operator": cells[at["operator"]]}
                elif "source_id" in at:
                    named.setdefault(incident, set()).add(cells[at["source_id"]])
    for incident, entry in found.items():
        entry["rows"] = hashed(*rows[incident], *(documents.get(s, "") for s in sorted(named.get(incident, ()))))
    return found


def changed(
    jobs: Sequence[Job], manifest: Mapping[str, Mapping[str, Any]], keys: Keys, there: Collection[str]
) -> list[Job]:
    """Return the pages that would come out otherwise than they stand among the files `there`, or failed last. Where no
    Chromium is at hand, a page without its PDF stands as it is.
    """
    printing = bool(chromium())

    def stands(job: Job) -> bool:
        known = manifest.get(job.file, {})
        if known.get("status") != "made" or job.file not in there:
            return False
        printed = f"{job.name}.{job.lang}.pdf" in there and known.get("pdf") == known.get("page")
        same = known.get("input_hash") == keys.of(job.notebook.stem, job.lang, job.parameters)
        return same and (printed or "pdf" not in job.formats or not printing)

    return [job for job in jobs if not stands(job)]


def files(folder: Path, kinds: Collection[str], pattern: str = "**/*") -> list[Path]:
    """Return the files of some kinds in a folder, in order."""
    return sorted(path for path in folder.glob(pattern) if path.suffix in kinds)


def hashed(*texts: str) -> str:
    """Return the SHA-256 of some texts."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def digest(paths: Iterable[tuple[Path, Path]]) -> str:
    """Return a hash of the names and contents of files, each given with the folder that its name is taken from."""
    return hashed(*(f"{path.relative_to(folder)} {file_hash(path).hex()}" for path, folder in paths if path.exists()))
