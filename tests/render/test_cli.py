"""Bad input of every kind gets one line and exit status 2; what a person waits for comes at once; terminals
fail nothing."""

import os
import resource
import subprocess
import sys

import pytest

from conftest import CAUSE
from outages.cli import main
from outages.render import pool
from outages.render.index import write_index

REPORT = "comparative-report"
DOSSIER = "incident-dossier"


@pytest.fixture
def no_kernel(monkeypatch):
    """Make sure that nothing runs."""

    def refuse(*_args, **_kwargs):
        raise AssertionError("a report was run")

    monkeypatch.setattr(pool, "run_all", refuse)


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
    "no_such_overlay": ([REPORT, "--data", "nowhere"], "is not there"),
    "no_name": ([], "NAME"),
    "no_chances": (["--al"], "--all"),
    "no_jobs": ([REPORT, "--jobs", "0"], "--jobs"),
    "all_and_due": (["--all", "--due"], "ask for one of them"),
    "sweep_with_language": (["--all", "--lang", "fr"], "the catalogue says them"),
    "no_such_notebook": (["nowhere/mine.ipynb"], "mine.ipynb: No such file"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_status_2(name, refused, tmp_path, no_kernel):
    """One line says what is wrong and what is allowed; no kernel starts; the page that was there stays."""
    arguments, words = BAD[name]
    page = tmp_path / f"{REPORT}.en.html"
    page.write_text("old", encoding="utf-8")
    refused(["render", *arguments, "--out", tmp_path], words)
    assert page.read_text(encoding="utf-8") == "old" and len(list(tmp_path.iterdir())) == 1


def test_broken_overlay_is_one_line_and_status_2(make, refused, no_kernel):
    """A broken registry is named with file, row and column before any kernel starts."""
    folder = make("ours", causes=[{**CAUSE, "value": "gremlins"}])
    refused(["render", REPORT, "--data", folder], "ours/causes.csv:2: value: 'gremlins'")


def test_list_shows_reports_parameters_and_incidents(capsys):
    """`outages list` names each report with its parameters; `--incidents` names the incidents."""
    assert main(["list"]) == 0
    shown = capsys.readouterr().out
    assert "comparative-report" in shown and "-p policy" in shown and "widest" in shown and "incident-dossier" in shown
    assert main(["list", "--incidents"]) == 0
    assert "2021-06-02-orange-fr-emergency-calls" in capsys.readouterr().out


def test_help_has_examples(capsys):
    """Help texts show how it is used."""
    for command in ([], ["render"]):
        assert main([*command, "--help"]) == 0 and "outages render comparative-report" in capsys.readouterr().out


def test_index_lists_what_is_there(tmp_path):
    """The index names every page of its folder, and only those; one without any says so."""
    write_index(tmp_path, {})
    assert "No report yet." in (tmp_path / "index.html").read_text(encoding="utf-8")
    (tmp_path / "page.fr.html").write_text("<title>One</title>")
    write_index(tmp_path, {})
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert text.count("<tr>") == 2 and "No report yet." not in text and 'href="page.fr.html"' in text


def run(*words, **options):
    """Run a command line in a process of its own."""
    return subprocess.run([sys.executable, "-m", "outages", *words], capture_output=True, text=True, **options)


@pytest.mark.parametrize(
    "words", [["--help"], ["render", "--help"], ["list"], ["list", "--incidents"], ["render", "nope"]]
)
def test_what_a_person_waits_for_comes_at_once(words):
    """Help, lists and wrong names are answered within 0.3 CPU seconds on an idle machine, without the
    libraries of reports."""
    code = f"import sys; from outages.cli import main; main({words}); print([m for m in {HEAVY} if m in sys.modules])"
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 0.6
    assert ran.stdout.splitlines()[-1] == "[]"


HEAVY = ("pandas", "numpy", "babel", "papermill", "nbconvert", "matplotlib", "scipy", "jinja2")


def test_who_reads_may_stop():  # F23
    """When a reader has seen enough, nothing is said."""
    code = f"{sys.executable} -m outages list --incidents | head -1"
    ran = subprocess.run(["bash", "-c", code], capture_output=True, text=True)
    assert ran.stdout.count("\n") == 1 and ran.stderr == ""


@pytest.mark.parametrize("terminal", ["latin-1", "ascii"])
def test_terminals_without_utf_8(terminal):  # F22a
    """A terminal of another encoding shows what it can."""
    ran = run("list", "--incidents", env=os.environ | {"PYTHONIOENCODING": terminal}, encoding=terminal)
    assert ran.returncode == 0 and ran.stderr == "" and ran.stdout.count("\n") > 200


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-"])
def test_streams_may_be_closed(closed, make):  # F22d
    """A stream that is closed fails
    nothing."""
    commands = f"for c in list 'check {make()}'; do {sys.executable} -m outages $c {closed}; echo $?; done"
    ran = subprocess.run(["bash", "-c", commands], capture_output=True, text=True)
    assert [line for line in ran.stdout.splitlines() if line.isdigit()] == ["0", "0"]


def test_nothing_said_reaches_the_terminal_as_a_command(refused):
    """Control signs and line breaks of what was typed are shown and not obeyed."""
    refused(["render", "\x1b[2Jx\nsecond"], "\\x1b[2Jx\\nsecond")


def test_check_takes_folders_and_overlays(make, capsys, tmp_path, monkeypatch):
    """Folders are checked as one stack; --data lays over the public registry, from wherever it is typed."""
    monkeypatch.chdir(tmp_path)
    good, bad = make("good"), make("bad", causes=[{**CAUSE, "value": "gremlins"}])
    assert main(["check", str(good)]) == 0 and main(["check", "--data", str(good)]) == 0
    assert main(["check", "--data", str(bad)]) == 2
    assert "bad/causes.csv:2: value: 'gremlins'" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("audit 5 --seed -1", "0<=x<=4294967295"),
        ("audit 0 --seed 1", "x>=1"),
        (
            "export entries --to x.csv --countries FR --min-users 5",
            "--countries, --min-users: entries are written whole",
        ),
        ("import x.csv --guess --map y.toml", "--guess does not go with --map"),
        ("render outage-length -p min_users=-3", "write a number, from 0 to"),
        ("render decision-note -p countries=US", "outside the filters; widen countries"),
        ("render outage-length -p countries=NO -p since=2030-01-01", "widen countries or since"),
        ("render status-pages -p limits=20160", "from 1 to 10080"),
    ],
)
def test_what_is_refused_says_what_is_allowed(words, said, refused):
    """Only what was given is named, with its bounds."""
    refused(words.split(), said)
