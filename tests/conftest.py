"""Small registries made for the tests, and pages rendered once for all of them."""

import csv
import fcntl
import os
import shutil
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import nbformat
import pytest
from hypothesis import settings
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from outages.cli import main
from outages.registry.schema import columns, resources
from outages.render import catalogue, keys, planning, publishing, report_names

settings.register_profile("project", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("project")

INCIDENT = {
    **{"incident_id": "2020-03-01-acme-fr-mobile", "operator": "Acme", "country": "FR", "timezone": "Europe/Paris"},
    **{"title_en": "Acme: mobile outage, March 2020", "title_fr": "Acme : panne mobile, mars 2020"},
    **{"sector": "telecom", "services": "mobile_voice;sms", "status": "coded", "found_by": "contribution"},
    **{"summary_en": "Calls failed.", "summary_fr": "Les appels échouaient."},
}
SOURCE = {
    **{"source_id": "acme-2020-report", "kind": "operator", "publisher": "Acme", "title": "Report", "language": "en"},
    **{"published": "2020-03-02", "url": "https://acme.example/report", "read_on": f"{date.today().year}-01-01"},
}
CLAIM = {"incident_id": INCIDENT["incident_id"], "source_id": SOURCE["source_id"], "locator": "paragraph 1"}


def hours(low: str, high: str = "", day: str = "2020-03-01") -> dict[str, str]:
    """Return two ends of a moment by the clock of Paris in winter."""
    return {"time_low": f"{day}T{low}+01:00", "time_high": f"{day}T{high or low}+01:00"}


def at(low: str, high: str = "", **more: str) -> dict[str, str]:
    """Return a claim about a moment on the day of the incident."""
    return {**CLAIM, **hours(low, high), **more}


ONSET, RESTORED = at("10:00", event="onset"), at("12:00", "12:30", event="restored")
USERS = {**CLAIM, "measure": "users_affected", "unit": "persons", "bound": "exact"}
USERS |= {"value_low": "1000", "value_high": "1000"}
CAUSE = {**CLAIM, "factor": "root_cause", "value": "human_error"}
TABLES = {"incidents": [INCIDENT], "sources": [SOURCE], "events": [ONSET, RESTORED], "measures": [USERS]}
TABLES |= {"causes": [CAUSE]}

FOUNDING = (  # the incidents of the founding documents
    "2012-07-06-orange-fr-mobile",
    "2021-01-07-proximus-be-emergency-calls",
    "2021-06-02-orange-fr-emergency-calls",
    "2025-09-12-orange-fr-tv",
)
BOTH = ("comparative-report", "decision-note", "incident-dossier", "landing", "status-pages")  # made in both languages
PAGES = [
    (name, lang)
    for number, name in enumerate(report_names())
    for lang in (("en", "fr") if name in BOTH else (("en", "fr")[number % 2],))
]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
Maker = Callable[..., Path]


def write_registry(folder: Path, tables: dict[str, list[dict[str, str]]]) -> Path:
    """Write tables as CSV files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        path = folder / resources()[name]["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns(name), lineterminator="\n", restval="")
            writer.writeheader()
            writer.writerows(rows)
    return folder


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    """Return a maker of registries: the valid one above with tables replaced."""

    def build(name: str = "registry", **tables: list[dict[str, str]]) -> Path:
        return write_registry(tmp_path / name, {**TABLES, **tables})

    return build


@pytest.fixture
def refused(capsys) -> Callable[..., None]:
    """Return a way to run a command that ends with status 2 and one line on standard error, which holds some texts."""

    def run(words: list, *said: str) -> None:
        capsys.readouterr()
        assert main([*map(str, words)]) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and all(one in error for one in said), error

    return run


def rendered(job, out: Path) -> Path:
    """Make one page as the command line does."""
    from outages.render.pool import run_all
    from outages.render.publishing import make_all

    (made,) = make_all(run_all([job]), out)
    assert made.page, made.wrong
    return made.page


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Return a way to fill a folder once for all workers that test side by side."""
    base = tmp_path_factory.getbasetemp()
    common = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def filled(name: str, fill: Callable[[Path], None]) -> Path:
        out, new = common / name, common / f"{name}.new"
        with (common / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not out.exists():
                new.mkdir()
                fill(new)
                new.rename(out)
        return out

    return filled


@pytest.fixture(scope="session")
def pages(once) -> Path:
    """Render every notebook with its defaults, once for all tests: some in both languages, the others in one each."""
    from outages.render import plan
    from outages.render.pool import run_all
    from outages.render.publishing import make_all

    def render(out: Path) -> None:
        jobs = [plan(name, {}, lang, []) for name, lang in PAGES]
        assert [job.wrong for job in make_all(run_all(jobs, workers=2), out) if job.wrong] == []

    return once("pages", render)


@pytest.fixture(scope="session")
def printed(once, pages) -> Callable[[str], Path]:
    """Return a way to have the PDF of one of these pages, printed once."""
    from outages.render.pdf import find_chromium, print_page

    def of(name: str) -> Path:
        def fill(folder: Path) -> None:
            shutil.copyfile(pages / f"{name}.html", folder / "page.html")
            print_page(folder / "page.html", find_chromium())

        return once(f"printed-{name}", fill) / "page.pdf"

    return of


KERNEL = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
PARAMETERS = new_code_cell(
    'lang: str = "en"  # language\ndata: list = []  # folders', metadata={"tags": ["parameters"]}
)


def write_notebook(path: Path, *cells, metadata=KERNEL) -> Path:
    """Write a notebook; texts are code."""
    nodes = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    nbformat.write(new_notebook(cells=nodes, metadata=metadata), path)
    return path


@pytest.fixture
def notebook(tmp_path, monkeypatch) -> Callable[..., str]:
    """Return a maker of notebooks of the project, with parameters and a heading before some code, in a folder."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for module in (catalogue, keys, planning):
        monkeypatch.setattr(module, "NOTEBOOKS", folder)
    monkeypatch.setattr(publishing, "FAILED", tmp_path / "failed")

    def made(name: str, *cells) -> str:
        write_notebook(folder / f"{name}.ipynb", PARAMETERS, new_markdown_cell(f"# {name}"), *cells)
        return name

    return made


def until(true: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.05)
