"""Bad input of every kind gets one line and exit status 2; a failing report loses nothing."""

import json
import shutil
import subprocess
import sys

import nbformat
import pytest

from conftest import CAUSE
from outages import render as rendering
from outages.__main__ import main
from outages.paths import NOTEBOOKS
from outages.shelf import read_manifest, write_index

REPORT = "comparative-report"
DOSSIER = "incident-dossier"


@pytest.fixture
def no_kernel(monkeypatch):
    """Make sure that no kernel starts."""

    def refuse(*_args, **_kwargs):
        raise AssertionError("a kernel was started")

    monkeypatch.setattr(rendering, "execute", refuse)


BAD = {
    "unknown_report": (["no-such-report"], "comparative-report, data-quality"),
    "unknown_parameter": ([REPORT, "-p", "polcy=widest"], "policy"),
    "parameter_without_value": ([REPORT, "-p", "policy"], "key=value"),
    "parameter_twice": ([REPORT, "-p", "policy=press", "-p", "policy=widest"], "twice"),
    "language_as_parameter": ([REPORT, "-p", "lang=fr"], "--lang"),
    "data_as_parameter": ([REPORT, "-p", "data=x"], "--data"),
    "unknown_policy": ([REPORT, "-p", "policy=average"], "authority, operator, press, earliest, latest, widest"),
    "unknown_language": ([REPORT, "--lang", "de"], "en"),
    "unknown_incident": ([DOSSIER, "-p", "incident=2021-06-02-orange-fr"], "2021-06-02-orange-fr-emergency-calls"),
    "unknown_incident_in_name": ([DOSSIER + "-2021-06-02-orange"], "2021-06-02-orange-fr-emergency-calls"),
    "preset_given_again": ([DOSSIER + "-2025-09-12-orange-fr-tv", "-p", "incident=x"], "policy"),
    "unknown_focus": ([REPORT, "-p", "focus=abc"], "focus"),
    "focus_outside_filters": (
        [REPORT, "-p", "focus=2025-09-12-orange-fr-tv", "-p", "countries=BE"],
        "outside the filters",
    ),
    "unknown_country": ([REPORT, "-p", "countries=XX"], "BE"),
    "unknown_sector": ([REPORT, "-p", "sectors=banking"], "telecom"),
    "unknown_service": ([REPORT, "-p", "services=phone"], "mobile_voice"),
    "no_date": ([REPORT, "-p", "since=June 2021"], "2021-06-02"),
    "short_date": ([REPORT, "-p", "until=20210602"], "2021-06-02"),
    "nothing_left": ([REPORT, "-p", "since=2030-01-01"], "no incident fits"),
    "no_such_overlay": ([REPORT, "--data", "nowhere"], "holds no table"),
    "no_name": ([], "NAME"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_status_2(name, capsys, tmp_path, no_kernel):
    """One line says what is wrong and what is allowed; no kernel starts; the page that was there stays."""
    arguments, words = BAD[name]
    page = tmp_path / f"{REPORT}.en.html"
    page.write_text("old", encoding="utf-8")
    try:
        status = main(["render", *arguments, "--out", str(tmp_path)])
    except SystemExit as stop:
        status = stop.code
    error = capsys.readouterr().err
    assert status == 2 and error.count("\n") == 1 and words in error
    assert page.read_text(encoding="utf-8") == "old" and len(list(tmp_path.iterdir())) == 1


def test_broken_overlay_is_one_line_and_status_2(make, capsys, no_kernel):
    """A broken registry is named with file, row and column before any kernel starts."""
    folder = make("ours", causes=[{**CAUSE, "value": "gremlins"}])
    assert main(["render", REPORT, "--data", str(folder)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "ours/causes.csv:2: value: 'gremlins'" in error


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """Return a maker of a broken copy of the comparative notebook, with folders of its own."""
    notebooks, failed = tmp_path / "notebooks", tmp_path / "failed"
    notebooks.mkdir()
    monkeypatch.setattr(rendering, "NOTEBOOKS", notebooks)
    monkeypatch.setattr(rendering, "FAILED", failed)

    def build(code: str):
        notebook = nbformat.read(NOTEBOOKS / f"{REPORT}.ipynb", as_version=4)
        notebook.cells = [*notebook.cells[:3], nbformat.v4.new_code_cell(code)]
        nbformat.write(notebook, notebooks / f"{REPORT}.ipynb")
        return failed / f"{REPORT}.en.ipynb"

    return build


@pytest.mark.parametrize(
    ("code", "words"),
    [("1 / 0", "ZeroDivisionError"), ("import os; os._exit(7)", "died"), ("import time; time.sleep(60)", "timed out")],
)
def test_failing_notebook_keeps_everything(code, words, broken, tmp_path, capsys, monkeypatch):
    """A failing cell, a dead kernel, a hanging cell: status 1, the executed notebook kept and named, the old page untouched."""
    monkeypatch.setattr(rendering, "DEADLINE", 12.0)
    kept, page = broken(code), tmp_path / "out" / f"{REPORT}.en.html"
    page.parent.mkdir()
    page.write_text("old", encoding="utf-8")
    assert main(["render", REPORT, "--out", str(page.parent), "--quiet"]) == 1
    error = capsys.readouterr().err
    assert kept.name in error and words.lower() in error.lower()
    assert json.loads(kept.read_text(encoding="utf-8"))["cells"]
    assert page.read_text(encoding="utf-8") == "old" and sorted(p.name for p in page.parent.glob("*.*.html")) == [
        page.name
    ]
    assert read_manifest(page.parent)[page.name]["status"] == "failed"
    assert "the last attempt failed" in (page.parent / "index.html").read_text(encoding="utf-8")


def test_list_shows_reports_parameters_and_incidents(capsys):
    """`outages list` names each report with its parameters; `--incidents` names the incidents."""
    assert main(["list"]) == 0
    shown = capsys.readouterr().out
    assert "comparative-report" in shown and "-p policy" in shown and "widest" in shown and "incident-dossier" in shown
    assert main(["list", "--incidents"]) == 0
    assert "2021-06-02-orange-fr-emergency-calls" in capsys.readouterr().out


def test_help_has_examples():
    """Help texts show how it is used."""
    for command in ([], ["render"]):
        run = subprocess.run([sys.executable, "-m", "outages", *command, "--help"], capture_output=True, text=True)
        assert run.returncode == 0 and "outages render comparative-report" in run.stdout


def test_index_lists_what_is_there(pages, tmp_path):
    """The index names every page of its folder, and only those."""
    index = (pages / "index.html").read_text(encoding="utf-8")
    assert all(f'href="{p.name}"' in index for p in pages.glob("*.*.html"))
    shutil.copy(pages / "comparative-report.fr.html", tmp_path)
    write_index(tmp_path, {})
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert text.count("<tr>") == 2 and "No report yet." in text
