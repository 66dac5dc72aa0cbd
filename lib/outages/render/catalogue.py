"""Which reports are made regularly? The catalogue names them, sweeps expand over the registry, schedules say when.

Nothing here loads pandas: a scheduled run that finds nothing to do must cost nearly nothing.
"""

import csv
import datetime as dt
import fnmatch
import functools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from outages.errors import InputError, escaped
from outages.paths import DATA, NOTEBOOKS, REPORTS
from outages.render.planning import SET_BY_OPTION, Job, Parameter, notebooks, report_names

CATALOGUE = REPORTS / "catalogue.toml"
SWEPT = {"incident": "incident_id", "focus": "incident_id", "country": "country", "operator": "operator"}
COLUMNS = ("incident_id", "title_en", "country", "operator", "status", "superseded_by")
KINDS = {str: "a text", list: "a list", dict: "a table"}
FORM = {"name": str, "notebook": str, "parameters": dict, "languages": list, "formats": list, "schedule": str}
ALLOWED = {"languages": ("en", "fr"), "formats": ("html", "pdf")}
NAME = re.compile(r"[^\W_][^/\\\x00-\x1f\ud800-\udfff]{0,99}")


class CatalogueError(InputError):
    """A catalogue or an entry that cannot be used; the message says where, what is wrong, and what is allowed."""


def reports_of(path: Path) -> list[Any]:
    """Return the entries of a catalogue as they are written; raise CatalogueError for a file that holds none."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogueError(f"{path}: {error.strerror}; the catalogue is missing") from None
    except ValueError as error:
        raise CatalogueError(f"{path}: {error}; write it as TOML") from None
    for key, reports in found.items():
        if key != "report" or not isinstance(reports, list):
            raise CatalogueError(f"{path}: {key}: is no list of reports; begin each entry with [[report]]")
    return found.get("report", [])


def read_catalogue(path: Path = CATALOGUE, folders: Sequence[Path] = (DATA,)) -> tuple[list[Job], list[str]]:
    """Return all pages of the catalogue, sweeps expanded over some registries (over none: without them), and what is
    wrong with other entries; errors as of `reports_of`.
    """
    reports = reports_of(path)
    pages, faults = dict[str, Job](), []
    for number, report in enumerate(reports, 1):
        where = f"{path.name}: report {number}"
        try:
            if not isinstance(report, dict):
                raise CatalogueError("is no table; begin it with [[report]]")
            where += f" ({escaped(report['name'], 40)})" if "name" in report else ""
            check(report)
            for job in expanded(report, folders):
                if pages.setdefault(job.file, job) is not job:
                    faults.append(f"{where}: {job.file} is made by two entries; give one another name")
        except CatalogueError as error:
            faults.append(str(CatalogueError(f"{where}: {error}")))
    return list(pages.values()), faults


def check(report: Mapping[str, Any]) -> None:
    """Check keys, types and values of an entry; raise CatalogueError for what is not allowed."""
    for key, value in report.items():
        if key not in FORM:
            raise CatalogueError(f"'{key}' is no key; use {', '.join(sorted(FORM))}")
        if not isinstance(value, FORM[key]):
            raise CatalogueError(f"{key}: {value!r:.80} is not allowed; write {KINDS[FORM[key]]}")
        for item in value if key in ALLOWED else ():
            if item not in ALLOWED[key]:
                raise CatalogueError(f"{key}: {item!r:.80} is not allowed; use {', '.join(ALLOWED[key])}")
    if not NAME.fullmatch(report.get("name", "page")):
        words = "is not allowed; begin with a letter or digit, without / and \\"
        raise CatalogueError(f"name: {report['name']!r:.80} {words}")
    notebook = report.get("notebook", "")
    if not isinstance(known := notebooks().get(notebook), dict):
        raise CatalogueError(f"notebook: {notebook!r:.80} is unknown or broken; use one of {', '.join(report_names())}")
    check_parameters(report.get("parameters", {}), known)
    if report.get("schedule"):
        next_after(report["schedule"], dt.datetime.now(dt.UTC))


def check_parameters(given: Mapping[str, Any], known: Mapping[str, Parameter]) -> None:
    """Check names and types of the parameters of an entry; raise CatalogueError for what is not allowed."""
    swept = [key for key, value in given.items() if value == "*"]
    if len(swept) > 1 or (swept and swept[0] not in SWEPT):
        raise CatalogueError(f"'*' is allowed for one of {', '.join(SWEPT)}")
    allowed = sorted(set(known) - set(SET_BY_OPTION))
    for key, value in given.items():
        if ("countries" if swept == ["country"] == [key] else key) not in allowed:
            raise CatalogueError(f"parameters: '{key}' is unknown; use {', '.join(allowed) or 'none'}")
        if not isinstance(value, str | int | float | dt.date):
            words = "is not allowed; write a text, a number, true or false"
            raise CatalogueError(f"parameters: {key}: {value!r:.80} {words}")


def expanded(report: Mapping[str, Any], folders: Sequence[Path]) -> Iterator[Job]:
    """Yield the pages of one entry of the catalogue."""
    given = {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in report.get("parameters", {}).items()}
    swept = next((key for key, value in given.items() if value == "*"), "")
    name, notebook = report.get("name", report["notebook"]), NOTEBOOKS / f"{report['notebook']}.ipynb"
    more = {"report": name, "schedule": report.get("schedule", ""), "formats": tuple(report.get("formats", ["html"]))}
    for value in swept_values(swept, folders) if swept else [""]:
        here = {key: value if key == swept else text for key, text in given.items()}
        if swept == "country":  # the comparison takes several
            here["countries"] = here.pop("country")
        page = f"{name}-{slug(value)}" if swept else name
        for lang in dict.fromkeys(report.get("languages", ["en"])):
            yield Job(page, notebook, here, lang, **more)


def swept_values(key: str, folders: Sequence[Path]) -> list[str]:
    """Return all values of a parameter in some registries, without incidents that are only listed."""
    rows = [row for folder in folders for row in incident_rows(folder)]
    cells = [row[SWEPT[key]] for row in rows if row["status"] != "listed" and not row["superseded_by"]]
    return sorted({part for cell in cells for part in cell.split(";")})


def incident_rows(folder: Path) -> Iterable[Mapping[str, str]]:
    """Return the incidents of a folder as they are written; an overlay may have none. Raise CatalogueError for a table
    that cannot be read, or lacks a column.
    """
    path, header = folder / "incidents.csv", set(COLUMNS)
    try:
        rows: list[dict[str, str]] = []
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                reader = csv.DictReader(file, restval="")
                rows, header = list(reader), set(reader.fieldnames or ())
        elif path.with_suffix(".parquet").exists():
            from pyarrow.parquet import read_table

            table = read_table(path.with_suffix(".parquet"))
            rows, header = table.to_pylist(), set(table.column_names)
    except (ValueError, csv.Error) as error:
        raise CatalogueError(f"{path}: {error}; run `outages check`") from None
    if lacking := sorted(set(COLUMNS) - header):
        raise CatalogueError(f"{path}: the column {lacking[0]} is missing; run `outages check`")
    return rows


def slug(text: str) -> str:
    """Return a text as part of a file's name."""
    return "-".join(re.findall(r"[^\W_]+", text))


def fitting(jobs: Sequence[Job], patterns: Sequence[str]) -> list[Job]:
    """Return the pages whose name fits a pattern, or whose entry's does where no page bears it; all without one."""
    fits, pages = fnmatch.fnmatchcase, {job.name for job in jobs}

    def asked(job: Job, pattern: str) -> bool:
        return fits(job.name, pattern) or (pattern not in pages and fits(job.report, pattern))

    return [job for job in jobs if not patterns or any(asked(job, pattern) for pattern in patterns)]


@functools.cache
def next_after(schedule: str, moment: dt.datetime) -> dt.datetime:
    """Return when a cron expression of five fields comes next after a moment; raise CatalogueError when it is none."""
    from cronsim import CronSim, CronSimError

    try:
        if len(schedule.split()) == 5:
            return next(CronSim(schedule, moment))
    except (CronSimError, StopIteration):
        pass
    raise CatalogueError(f"schedule: '{schedule[:80]}' is no cron expression; write five fields, as 0 6 * * 1")


def due(jobs: Sequence[Job], manifest: Mapping[str, Mapping[str, Any]], now: dt.datetime) -> list[Job]:
    """Return the pages whose time has come since they were looked at; one never made is due."""

    def has_come(job: Job) -> bool:
        last = manifest.get(job.file, {}).get("looked")
        return not last or next_after(job.schedule, dt.datetime.fromisoformat(last)) <= now

    return [job for job in jobs if job.schedule and has_come(job)]
