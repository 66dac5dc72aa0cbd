"""Which reports are made regularly? The catalogue names them, sweeps expand over the registry, and a key tells whether a page is still what it would be.

Nothing here loads pandas: a scheduled run that finds nothing to do must cost nearly nothing.
"""

import csv
import fnmatch
import functools
import hashlib
import json
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from outages.errors import InputError
from outages.paths import DATA, NOTEBOOKS, REPORTS, ROOT, file_hash

CATALOGUE = REPORTS / "catalogue.toml"
LANGUAGES, FORMATS = ("en", "fr"), ("html", "pdf")
SWEPT = {"incident": "incident_id", "focus": "incident_id", "country": "country", "operator": "operator"}
CODE, TABLES = (".py", ".po", ".j2", ".css", ".json"), (".csv", ".parquet")
ROWS_UP_TO = 20_000_000  # bytes of a table: larger ones count as a whole
KEYS = {"name", "notebook", "parameters", "languages", "formats", "schedule"}


class CatalogueError(InputError):
    """An entry of the catalogue cannot be used; the message says where, what is wrong, and what is allowed."""


@dataclass(frozen=True)
class Entry:
    """One page that the catalogue asks for."""

    report: str  # the entry of the catalogue
    name: str  # the page, without language
    notebook: str
    lang: str
    parameters: dict[str, str] = field(default_factory=dict)
    formats: tuple[str, ...] = ("html",)
    schedule: str = ""

    @property
    def page(self) -> str:
        """Name of the file."""
        return f"{self.name}.{self.lang}.html"

    @property
    def files(self) -> list[str]:
        """Names of the files in all formats."""
        return [f"{self.name}.{self.lang}.{form}" for form in self.formats]


def read_catalogue(path: Path = CATALOGUE, folders: Sequence[Path] = (DATA,)) -> list[Entry]:
    """Return all pages of the catalogue, sweeps expanded over the registries in some folders.

    Raises
    ------
    CatalogueError : the file cannot be read, or an entry is not in the form that `reports/catalogue.toml` explains
    """
    try:
        reports = tomllib.loads(path.read_text(encoding="utf-8")).get("report", [])
    except OSError as error:
        raise CatalogueError(f"{path}: {error.strerror}; the catalogue is missing") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: {error}; write it as TOML") from None
    found = [
        entry
        for number, report in enumerate(reports, 1)
        for entry in expanded(report, f"{path.name}: report {number}", folders)
    ]
    twice = (
        [e.page for e in found if sum(o.page == e.page for o in found) > 1]
        if len({e.page for e in found}) < len(found)
        else []
    )
    if twice:
        raise CatalogueError(f"{path.name}: {twice[0]} is made by two entries; give one another name")
    return found


def expanded(report: Mapping[str, Any], where: str, folders: Sequence[Path]) -> Iterable[Entry]:
    """Yield the pages of one entry of the catalogue."""
    check(report, where)
    name = str(report.get("name", report["notebook"]))
    parameters = {key: str(value) for key, value in report.get("parameters", {}).items()}
    swept = [key for key, value in parameters.items() if value == "*"]
    values = sweep(swept[0], folders) if swept else [""]
    for value in values:
        given = parameters | ({swept[0]: value} if swept else {})
        full = f"{name}-{slug(value)}" if swept else name
        for lang in report.get("languages", ["en"]):
            yield Entry(
                name,
                full,
                report["notebook"],
                lang,
                renamed(given),
                tuple(report.get("formats", ["html"])),
                report.get("schedule", ""),
            )


def check(report: Mapping[str, Any], where: str) -> None:
    """Check the form of an entry."""
    if unknown := sorted(set(report) - KEYS):
        raise CatalogueError(f"{where}: '{unknown[0]}' is no key; use {', '.join(sorted(KEYS))}")
    notebook = report.get("notebook", "")
    if not isinstance(notebook, str) or not (NOTEBOOKS / f"{notebook}.ipynb").exists():
        known = ", ".join(sorted(p.stem for p in NOTEBOOKS.glob("*.ipynb")))
        raise CatalogueError(f"{where}: notebook '{notebook}' is unknown; use one of {known}")
    for key, allowed in (("languages", LANGUAGES), ("formats", FORMATS)):
        for item in report.get(key, []):
            if item not in allowed:
                raise CatalogueError(f"{where}: {key}: '{item}' is not allowed; use {', '.join(allowed)}")
    swept = [key for key, value in report.get("parameters", {}).items() if value == "*"]
    if len(swept) > 1 or (swept and swept[0] not in SWEPT):
        raise CatalogueError(f"{where}: '*' is allowed for one of {', '.join(SWEPT)}")
    if report.get("schedule"):
        next_after(report["schedule"], datetime.now(UTC), where)


def sweep(key: str, folders: Sequence[Path]) -> list[str]:
    """Return all values of a parameter in some registries, without incidents that are only listed."""
    rows = [
        row
        for folder in folders
        for row in incident_rows(folder)
        if row["status"] != "listed" and not row["superseded_by"]
    ]
    cells = [row[SWEPT[key]] for row in rows]
    return sorted({part for cell in cells for part in (cell.split(";") if key == "country" else [cell])})


def incident_rows(folder: Path) -> Iterable[Mapping[str, str]]:
    """Yield the incidents of a folder; an overlay may have none.

    Raises
    ------
    CatalogueError : the table lacks a column
    """
    path = folder / "incidents.csv"
    if not path.exists():
        if path.with_suffix(".parquet").exists():
            from pyarrow.parquet import read_table

            yield from read_table(
                path.with_suffix(".parquet"), columns=[*SWEPT.values(), "status", "superseded_by"]
            ).to_pylist()
        return
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if lacking := {*SWEPT.values(), "status", "superseded_by"} - set(reader.fieldnames or ()):
            raise CatalogueError(f"{path}: the column {min(lacking)} is missing; run `outages check`")
        yield from reader


def renamed(parameters: Mapping[str, str]) -> dict[str, str]:
    """Return parameters as notebooks call them: the comparison takes several countries."""
    return {"countries" if key == "country" else key: value for key, value in parameters.items()}


def slug(text: str) -> str:
    """Return a text as part of a file's name."""
    return "-".join("".join(c if c.isalnum() else " " for c in text).split())


def chosen(entries: Sequence[Entry], patterns: Sequence[str]) -> list[Entry]:
    """Return the pages whose name, or whose entry's name, fits a pattern; all without patterns."""
    if not patterns:
        return list(entries)
    return [e for e in entries if any(fnmatch.fnmatchcase(text, p) for p in patterns for text in (e.name, e.report))]


@functools.cache
def next_after(schedule: str, moment: datetime, where: str = "schedule") -> datetime:
    """Return when a cron expression comes next after a moment.

    Raises
    ------
    CatalogueError : it is no cron expression
    """
    from cronsim import CronSim, CronSimError

    try:
        return next(CronSim(schedule, moment))
    except (CronSimError, StopIteration):
        raise CatalogueError(
            f"{where}: schedule: '{schedule}' is no cron expression; write five fields, as 0 6 * * 1"
        ) from None


def due(entries: Sequence[Entry], manifest: Mapping[str, Mapping[str, Any]], now: datetime) -> list[Entry]:
    """Return the pages whose time has come since they were last looked at: one never made is due, one without a schedule is not."""
    found = []
    for entry in entries:
        last = manifest.get(entry.page, {}).get("looked")
        if entry.schedule and (not last or next_after(entry.schedule, datetime.fromisoformat(last)) <= now):
            found.append(entry)
    return found


class Keys:
    """The keys of pages: what a page is made of, hashed. Files that all share are read once.

    A page about one incident is made of that incident's rows and of what all pages share, any other of all tables.
    """

    def __init__(self, overlays: Sequence[Path] = ()):
        self.folders = [DATA, *overlays]
        self.overlays = [str(path.resolve()) for path in overlays]
        self.notebooks: dict[str, bytes] = {}

    @functools.cached_property
    def shared(self) -> bytes:
        """Hash of what all pages are made of: library, template, schema, codes, time limits, locked libraries."""
        places = [
            (ROOT / "lib" / "outages", CODE),
            (REPORTS / "template", CODE),
            (DATA, {".json"}),
            *((f / "reference", TABLES) for f in self.folders),
        ]
        return digest(
            [(path, folder) for folder, kinds in places for path in files(folder, kinds)]
            + [(ROOT / "requirements.lock", ROOT)]
        )

    @functools.cached_property
    def tables(self) -> bytes:
        """Hash of all tables."""
        return digest([(path, folder) for folder in self.folders for path in files(folder, TABLES)])

    @functools.cached_property
    def incidents(self) -> dict[str, bytes]:
        """Hash of the rows of each incident, with the documents that they name; empty when the tables are too large or not CSV, so that all of them count."""
        paths = [path for folder in self.folders for path in sorted(folder.glob("*")) if path.suffix in TABLES]
        if any(path.suffix != ".csv" or path.stat().st_size > ROWS_UP_TO for path in paths):
            return {}
        rows: dict[str, list[str]] = {}
        documents: dict[str, str] = {}
        named: dict[str, set[str]] = {}
        for path in paths:
            with path.open(encoding="utf-8", newline="", errors="replace") as file:
                for row in csv.DictReader(file):
                    text = f"{self.folders.index(path.parent)}\0{path.name}\0{json.dumps(row, sort_keys=True)}"
                    if path.stem == "sources":
                        documents[row.get("source_id", "")] = text
                    else:
                        incident = row.get("incident_id", "")
                        rows.setdefault(incident, []).append(text)
                        named.setdefault(incident, set()).add(row.get("source_id", ""))
        return {
            incident: hashlib.sha256(
                "\0".join([*of_it, *(documents.get(s, "") for s in sorted(named[incident]))]).encode()
            ).digest()
            for incident, of_it in rows.items()
        }

    def of(self, notebook: str, lang: str, parameters: Mapping[str, Any]) -> str:
        """Return the key of a page."""
        if notebook not in self.notebooks:
            self.notebooks[notebook] = (NOTEBOOKS / f"{notebook}.ipynb").read_bytes()
        asked = json.dumps(
            {"lang": lang, "data": self.overlays, **{k: str(v) for k, v in parameters.items()}}, sort_keys=True
        )
        rows = self.incidents.get(str(parameters["incident"])) if parameters.get("incident") else None
        return hashlib.sha256(
            self.shared + (rows or self.tables) + self.notebooks[notebook] + asked.encode()
        ).hexdigest()[:20]


def files(folder: Path, kinds: Collection[str]) -> list[Path]:
    """Return the files of some kinds in a folder and below it, in order."""
    return sorted(path for path in folder.rglob("*") if path.suffix in kinds)


def digest(paths: Iterable[tuple[Path, Path]]) -> bytes:
    """Return a hash of the names and contents of files, each given with the folder that its name is taken from."""
    found = hashlib.sha256()
    for path, folder in paths:
        if path.exists():
            found.update(f"{path.relative_to(folder)}\0".encode())
            found.update(file_hash(path))
    return found.digest()


def changed(
    entries: Sequence[Entry], manifest: Mapping[str, Mapping[str, Any]], keys: Keys, there: Collection[str]
) -> list[Entry]:
    """Return the pages that would come out otherwise than they stand there, or are not among the files that are `there`, or failed last."""

    def stands(entry: Entry) -> bool:
        known = manifest.get(entry.page, {})
        return (
            known.get("status") == "made"
            and all(name in there for name in entry.files)
            and known.get("input_hash") == keys.of(entry.notebook, entry.lang, entry.parameters)
        )

    return [entry for entry in entries if not stands(entry)]
