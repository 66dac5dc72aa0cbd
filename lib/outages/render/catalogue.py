"""Which reports are made regularly? The catalogue names them, sweeps expand over the registry, schedules say when to look.

Nothing here loads pandas: a scheduled run that finds nothing to do must cost nearly nothing.
"""

import csv
import datetime as dt
import fnmatch
import functools
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from outages.errors import InputError
from outages.paths import DATA, REPORTS
from outages.render.keys import Keys
from outages.render.notebook import SET_BY_OPTION, Parameter, notebooks

CATALOGUE = REPORTS / "catalogue.toml"
LANGUAGES, FORMATS = ("en", "fr"), ("html", "pdf")
SWEPT = {"incident": "incident_id", "country": "country", "operator": "operator"}
COLUMNS = ("incident_id", "title_en", "country", "operator", "status", "superseded_by")
FORM = {"name": str, "notebook": str, "parameters": dict, "languages": list, "formats": list, "schedule": str}


class CatalogueError(InputError):
    """A catalogue or an entry that cannot be used; the message says where, what is wrong, and what is allowed."""


@dataclass(frozen=True)
class Entry:
    """One page that the catalogue asks for: `report` is the entry, `name` the page without language."""

    report: str
    name: str
    notebook: str
    lang: str
    parameters: dict[str, str] = field(default_factory=dict)
    formats: tuple[str, ...] = ("html",)
    schedule: str = ""

    @property
    def page(self) -> str:
        """Name of the file."""
        return f"{self.name}.{self.lang}.html"


def read_catalogue(path: Path = CATALOGUE, folders: Sequence[Path] = (DATA,)) -> tuple[list[Entry], list[str]]:
    """Return all pages of the catalogue, sweeps expanded over the registries in some folders, and what is wrong with entries that cannot be used.

    Raises
    ------
    CatalogueError : the file cannot be read or is no list of reports
    """
    try:
        reports = tomllib.loads(path.read_text(encoding="utf-8")).get("report", [])
    except OSError as error:
        raise CatalogueError(f"{path}: {error.strerror}; the catalogue is missing") from None
    except ValueError as error:
        raise CatalogueError(f"{path}: {error}; write it as TOML") from None
    if not isinstance(reports, list):
        raise CatalogueError(f"{path}: report: is no list; begin each entry with [[report]]")
    pages: dict[str, Entry] = {}
    faults = []
    for number, report in enumerate(reports, 1):
        where = f"{path.name}: report {number}" + (
            f" ({report['name']})" if isinstance(report, dict) and "name" in report else ""
        )
        try:
            check(report)
            for entry in expanded(report, folders):
                if entry.page in pages:
                    faults.append(f"{where}: {entry.page} is made by two entries; give one another name")
                else:
                    pages[entry.page] = entry
        except CatalogueError as error:
            faults.append(f"{where}: {error}")
    return list(pages.values()), faults


def check(report: Any) -> None:
    """Check the form of an entry.

    Raises
    ------
    CatalogueError : a key, a type or a value that is not allowed
    """
    if not isinstance(report, dict):
        raise CatalogueError("is no table; begin it with [[report]]")
    for key, value in report.items():
        if key not in FORM:
            raise CatalogueError(f"'{key}' is no key; use {', '.join(sorted(FORM))}")
        if not isinstance(value, FORM[key]):
            wanted = {str: "a text", list: "a list", dict: "a table"}[FORM[key]]
            raise CatalogueError(f"{key}: {value!r:.80} is not allowed; write {wanted}")
    name = report.get("name", "page")
    if not re.fullmatch(r"[^\W_][^/\\\x00-\x1f]{0,99}", name):
        raise CatalogueError(f"name: {name!r:.80} is not allowed; begin with a letter or digit, without / and \\")
    known = {stem: found for stem, found in notebooks().items() if isinstance(found, dict)}
    notebook = report.get("notebook")
    if notebook not in known:
        raise CatalogueError(f"notebook: {notebook!r:.80} is unknown or cannot be used; use one of {', '.join(known)}")
    for key, allowed in (("languages", LANGUAGES), ("formats", FORMATS)):
        if wrong := [item for item in report.get(key, ["en", "html"]) if item not in LANGUAGES + FORMATS] or [
            item for item in report.get(key, []) if item not in allowed
        ]:
            raise CatalogueError(f"{key}: {wrong[0]!r:.80} is not allowed; use {', '.join(allowed)}")
    check_parameters(report.get("parameters", {}), known[notebook])
    if report.get("schedule"):
        next_after(report["schedule"], dt.datetime.now(dt.UTC))


def check_parameters(given: Mapping[str, Any], known: Mapping[str, Parameter]) -> None:
    """Check the names and types of the parameters of an entry."""
    swept = [key for key, value in given.items() if value == "*"]
    if len(swept) > 1 or (swept and swept[0] not in SWEPT):
        raise CatalogueError(f"'*' is allowed for one of {', '.join(SWEPT)}")
    allowed = sorted(set(known) - set(SET_BY_OPTION))
    for key, value in given.items():
        if ("countries" if key in swept and key == "country" else key) not in allowed:
            raise CatalogueError(f"parameters: '{key}' is unknown; use {', '.join(allowed) or 'none'}")
        if not isinstance(value, str | int | float | dt.date):
            raise CatalogueError(
                f"parameters: {key}: {value!r:.80} is not allowed; write a text, a number, true or false"
            )


def expanded(report: Mapping[str, Any], folders: Sequence[Path]) -> Iterator[Entry]:
    """Yield the pages of one entry of the catalogue."""
    parameters = {
        key: str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in report.get("parameters", {}).items()
    }
    swept = next((key for key, value in parameters.items() if value == "*"), "")
    name = report.get("name", report["notebook"])
    for value in swept_values(swept, folders) if swept else [""]:
        given = {k: value if k == swept else v for k, v in parameters.items()}
        if swept == "country":  # the comparison takes several
            given["countries"] = given.pop("country")
        page = f"{name}-{slug(value)}" if swept else name
        for lang in dict.fromkeys(report.get("languages", ["en"])):
            yield Entry(
                name,
                page,
                report["notebook"],
                lang,
                given,
                tuple(report.get("formats", ["html"])),
                report.get("schedule", ""),
            )


def swept_values(key: str, folders: Sequence[Path]) -> list[str]:
    """Return all values of a parameter in some registries, without incidents that are only listed."""
    rows = [row for folder in folders for row in incident_rows(folder)]
    cells = [row[SWEPT[key]] for row in rows if row["status"] != "listed" and not row["superseded_by"]]
    return sorted({part for cell in cells for part in (cell.split(";") if key == "country" else [cell])})


def incident_rows(folder: Path) -> Iterable[Mapping[str, str]]:
    """Return the incidents of a folder as they are written; an overlay may have none.

    Raises
    ------
    CatalogueError : the table cannot be read, or lacks a column
    """
    path = folder / "incidents.csv"
    try:
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                reader = csv.DictReader(file, restval="")
                rows, header = list(reader), reader.fieldnames or ()
        elif path.with_suffix(".parquet").exists():
            from pyarrow.parquet import read_table

            table = read_table(path.with_suffix(".parquet"))
            rows, header = table.to_pylist(), table.column_names
        else:
            return []
    except (ValueError, csv.Error) as error:
        raise CatalogueError(f"{path}: {error}; run `outages check`") from None
    if lacking := sorted(set(COLUMNS) - set(header)):
        raise CatalogueError(f"{path}: the column {lacking[0]} is missing; run `outages check`")
    return rows


def slug(text: str) -> str:
    """Return a text as part of a file's name."""
    return "-".join("".join(c if c.isalnum() else " " for c in text).split())


def fitting(entries: Sequence[Entry], patterns: Sequence[str]) -> list[Entry]:
    """Return the pages whose name, or whose entry's name, fits a pattern; all without patterns."""
    if not patterns:
        return list(entries)
    return [e for e in entries if any(fnmatch.fnmatchcase(text, p) for p in patterns for text in (e.name, e.report))]


@functools.cache
def next_after(schedule: str, moment: dt.datetime) -> dt.datetime:
    """Return when a cron expression comes next after a moment.

    Raises
    ------
    CatalogueError : it is no cron expression of five fields
    """
    from cronsim import CronSim, CronSimError

    try:
        if len(schedule.split()) == 5:
            return next(CronSim(schedule, moment))
    except (CronSimError, StopIteration):
        pass
    raise CatalogueError(f"schedule: '{schedule[:80]}' is no cron expression; write five fields, as 0 6 * * 1")


def due(entries: Sequence[Entry], manifest: Mapping[str, Mapping[str, Any]], now: dt.datetime) -> list[Entry]:
    """Return the pages whose time has come since they were last looked at: one never made is due, one without a schedule is not."""
    found = []
    for entry in entries:
        last = manifest.get(entry.page, {}).get("looked")
        if entry.schedule and (not last or next_after(entry.schedule, dt.datetime.fromisoformat(last)) <= now):
            found.append(entry)
    return found


def changed(
    entries: Sequence[Entry], manifest: Mapping[str, Mapping[str, Any]], keys: Keys, there: Collection[str]
) -> list[Entry]:
    """Return the pages that would come out otherwise than they stand there, or are not among the files that are `there`, or failed last."""

    def stands(entry: Entry) -> bool:
        known = manifest.get(entry.page, {})
        printed = f"{entry.name}.{entry.lang}.pdf" in there and known.get("pdf") == known.get("page")
        return (
            known.get("status") == "made"
            and entry.page in there
            and ("pdf" not in entry.formats or printed)
            and known.get("input_hash") == keys.of(entry.notebook, entry.lang, entry.parameters)
        )

    return [entry for entry in entries if not stands(entry)]
