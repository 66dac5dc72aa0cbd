"""The catalogue: sweeps, keys, schedules, the lock, and runs that find nothing to do."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from conftest import INCIDENT, ONSET, RESTORED, SOURCE
from outages.cli import main
from outages.paths import NOTEBOOKS
from outages.registry.registry import read_registry
from outages.render.catalogue import CatalogueError, due, fitting, next_after, read_catalogue
from outages.render.keys import Keys, changed
from outages.render.manifest import read_manifest
from outages.render.places import locked, page_names
from outages.render.planning import Job
from outages.render.publishing import summary
from outages.studies import open_incident, open_study

DOSSIERS = """
[[report]]
notebook = "incident-dossier"
parameters = { incident = "*" }
languages = ["en"]
schedule = "30 5 * * *"
"""
METHODS = '[[report]]\nnotebook = "methods"\nlanguages = ["fr"]\nschedule = "0 5 * * *"\n'
NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def written(tmp_path, text):
    """Write a catalogue."""
    path = tmp_path / "catalogue.toml"
    path.write_text(text, encoding="utf-8")
    return path


def asked(name, report, **more):
    """Return a page that a catalogue asks for."""
    return Job(name, NOTEBOOKS / "methods.ipynb", {}, "en", report=report, **more)


def test_the_own_catalogue_is_whole():
    """The catalogue of the project can be read; its sweeps give a dossier in both languages for each incident,
    and a report for each country."""
    entries, faults = read_catalogue()
    assert faults == []
    registry = read_registry().incidents
    dossiers = [e for e in entries if e.report == "incident-dossier"]
    coded = registry[(registry["status"] != "listed") & (registry["superseded_by"] == "")]
    assert {e.parameters["incident"] for e in dossiers} == set(coded["incident_id"]) and len(dossiers) == 2 * len(coded)
    countries = [e.parameters["countries"] for e in entries if e.report == "country"]
    assert sorted(countries) == sorted({c for cell in coded["country"] for c in cell.split(";")})
    assert {e.notebook for e in entries} == {*NOTEBOOKS.glob("*.ipynb")} - {NOTEBOOKS / "explore.ipynb"}


def test_operator_sweep(tmp_path):
    """A sweep over operators names its pages by letters and digits alone."""
    given = 'parameters = { operator = "*", policy = "widest" }'
    text = f'[[report]]\nname = "op"\nnotebook = "comparative-report"\n{given}\n'
    entries, _faults = read_catalogue(written(tmp_path, text))
    assert {e.parameters["policy"] for e in entries} == {"widest"}
    assert all(set(e.name) <= set("-'") | {c for c in e.name if c.isalnum()} for e in entries)
    assert {"Orange", "Telstra"} <= {e.parameters["operator"] for e in entries}


FAULTS = {
    "notebook": ('notebook = "nobody"', "use one of affected-users"),
    "no notebook": ("", "use one of affected-users"),
    "key": ('notebook = "methods"\ncolour = 1', "'colour' is no key"),
    "language": ('notebook = "methods"\nlanguages = ["de"]', "use en, fr"),
    "languages": ('notebook = "methods"\nlanguages = 5', "languages: 5 is not allowed; write a list"),
    "format": ('notebook = "methods"\nformats = ["doc"]', "use html, pdf"),
    "schedule": ('notebook = "methods"\nschedule = "daily"', "no cron expression"),
    "six fields": ('notebook = "methods"\nschedule = "0 0 5 * * *"', "write five fields"),
    "sweep": ('notebook = "methods"\nparameters = { lang = "*" }', "'*' is allowed for one of"),
    "parameters": ('notebook = "methods"\nparameters = "x"', "parameters: 'x' is not allowed; write a table"),
    "parameter": (
        'notebook = "comparative-report"\nparameters = { polcy = "widest" }',
        "parameters: 'polcy' is unknown",
    ),
    "list": ('notebook = "comparative-report"\nparameters = { countries = ["FR"] }', "write a text, a number"),
    "outside": ('notebook = "methods"\nname = "../escaped"', "without / and"),
    "nested": ('notebook = "methods"\nname = "a/b"', "without / and"),
    "empty name": ('notebook = "methods"\nname = ""', "name: '' is not allowed"),
    "twice": ('notebook = "methods"\nlanguages = ["fr"]', "methods.fr.html is made by two entries"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_an_entry_that_cannot_be_used_is_named_and_fails_alone(name, tmp_path):  # F20
    """A fault of an entry is one line with its number; the entries before and behind it stand."""
    text, words = FAULTS[name]
    entries, faults = read_catalogue(written(tmp_path, f"{METHODS}[[report]]\n{text}\n{DOSSIERS}"))
    assert len(faults) == 1 and "catalogue.toml: report 2" in faults[0] and words in faults[0]
    assert {entry.report for entry in entries} == {"methods", "incident-dossier"} and "\n" not in faults[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[report", "as TOML"),
        ("report = 5", "is no list"),
        ("[[reports]]", "reports: is no list of reports"),
        ("", "no report"),
    ],
)
def test_a_file_that_is_no_catalogue_is_one_line(text, words, tmp_path, refused):
    """A catalogue that cannot be read at all is one line with status 2."""
    refused(["render", "--all", "--catalogue", written(tmp_path, text), "--out", tmp_path / "out"], words)


def test_pages_that_cannot_be_made_leave_the_others(tmp_path, capsys):  # F03
    """A filter that fits nothing and a code that is none fail by name with status 1; the rest is made once."""
    text = METHODS
    for name, given in (("this-year", 'since = "2027-01-01"'), ("nowhere", 'countries = "XX"')):
        entry = f'[[report]]\nnotebook = "outage-length"\nname = "{name}"\nparameters = {{ {given} }}\n'
        text = f'{entry}schedule = "0 5 * * *"\n{text}'
    out = tmp_path / "out"
    run = ["render", "--due", "--quiet", "--catalogue", str(written(tmp_path, text)), "--out", str(out)]
    assert main(run) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 2 and "this-year.en failed: no incident fits" in error
    assert "nowhere.en failed: " in error and (out / "methods.fr.html").exists()
    assert main(run) == 0 and capsys.readouterr().err == ""


def test_a_catalogue_is_made_where_nothing_prints(tmp_path, monkeypatch, capsys):
    """Without Chromium the pages stand, one line says what lacks, and nothing is made twice; with one they are printed,
    and one that does not print is a failure."""
    catalogue = written(tmp_path, METHODS.replace("schedule", 'formats = ["html", "pdf"]\nschedule'))
    run = ["render", "--all", "--quiet", "--catalogue", str(catalogue), "--out", str(tmp_path / "out")]
    there = tmp_path / "bin"
    monkeypatch.setenv("PATH", str(there))
    assert main(run) == 0
    error = capsys.readouterr().err
    said = "pages without their PDF: 1 of 1; no Chromium is on the path, install one of "
    assert error.count("\n") == 1 and said in error
    assert main(run) == 0 and capsys.readouterr().err == ""
    there.mkdir()
    (there / "chromium").write_text("#!/bin/sh\nexit 21\n")
    (there / "chromium").chmod(0o755)
    assert main(run) == 1 and "methods.fr could not be printed: " in capsys.readouterr().err


def test_other_files_beside_the_tables_are_no_matter(tmp_path, make):  # F21
    """A file that is no table, however odd, neither stops a sweep nor counts."""
    folder = make("ours")
    before = Keys([folder]).of("methods", "en", {})
    (folder / "raw_export.csv").write_text("a,b\n1,2,3\n" + "x" * 200_000)
    assert Keys([folder]).of("methods", "en", {}) == before
    (folder / "events.csv").write_bytes((folder / "events.csv").read_bytes() + b"\xff,,,\n")
    assert Keys([folder]).of("incident-dossier", "en", {"incident": INCIDENT["incident_id"]}) != before


def test_keys_of_countries_and_operators_are_those_of_their_rows(make):
    """A row changed elsewhere leaves the page of a country and of an operator; one of theirs does not, nor
    does another incident."""
    other = {**INCIDENT, "incident_id": "2021-03-01-other-se-mobile", "country": "NO;SE", "operator": "Other"}
    chosen = [
        {"countries": "FR"},
        {"countries": "SE"},
        {"operator": "Other"},
        {"operator": "Acme", "countries": "SE"},
        {},
    ]

    def keys(*incidents):
        found = Keys([make("ours", incidents=list(incidents))])
        return [found.of("comparative-report", "en", given) for given in chosen]

    before, after = keys(INCIDENT, other), keys(INCIDENT, {**other, "title_en": "Another title"})
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, False, False, False]
    more = keys(INCIDENT, other, {**other, "incident_id": "2022-01-01-x-se-tv"})
    assert all(a != b for a, b in zip(before, more, strict=True))


def test_version_of_a_country_is_that_of_its_rows(make):
    """The data version on the page of a country does not move with a row of another country."""
    other = {**INCIDENT, "incident_id": "2021-03-01-acme-se-mobile", "country": "SE", "timezone": "Europe/Stockholm"}

    def versions_of(title):
        base = make("one", incidents=[INCIDENT, {**other, "title_en": title}])
        return [open_study(base=base, countries=countries).registry.version for countries in ("FR", "")]

    versions = [versions_of("A"), versions_of("B")]
    assert versions[0][0] == versions[1][0] and versions[0][1] != versions[1][1]


def test_patterns():
    """Pages are chosen by the name of the page or of its entry, with wildcards."""
    entries = [asked(f"incident-dossier-{year}", "incident-dossier") for year in (2020, 2021)]
    assert fitting(entries, ["*-2021"]) == entries[1:] and fitting(entries, ["x"]) == []
    assert fitting(entries, ["incident-dossier"]) == entries


def test_due():
    """A page is due when it was never looked at or its hour has struck since, however long ago: a run missed
    is made up."""
    entry = asked("a", "a", schedule="0 5 * * *")
    assert due([entry], {}, NOW) == [entry]
    for last, expected in (
        ("2026-03-02T05:30:00+00:00", []),
        ("2026-03-02T04:59:00+00:00", [entry]),
        ("2026-01-01T00:00:00+00:00", [entry]),
    ):
        assert due([entry], {"a.en.html": {"looked": last}}, NOW) == expected
    assert due([asked("a", "a")], {}, NOW) == []
    assert next_after("0 5 * * 1", NOW) == datetime(2026, 3, 9, 5, 0, tzinfo=UTC)
    with pytest.raises(CatalogueError, match="five fields"):
        next_after("* *", NOW)


def test_key_changes_with_what_a_page_is_made_of(tmp_path, make):
    """Parameters, language, an overlay and a changed table of it give another key; the same things give the same."""
    folder = make("ours")
    base = Keys([folder]).of("methods", "en", {"a": "1"})
    assert base == Keys([folder]).of("methods", "en", {"a": "1"})
    others = {
        Keys([folder]).of("methods", "en", {"a": "2"}),
        Keys([folder]).of("methods", "fr", {"a": "1"}),
        Keys([folder]).of("third-parties", "en", {"a": "1"}),
        Keys().of("methods", "en", {"a": "1"}),
    }
    with (folder / "sources.csv").open("a", encoding="utf-8") as file:
        file.write("x\n")
    assert len(others | {Keys([folder]).of("methods", "en", {"a": "1"}), base}) == 6


def test_unchanged_is_not_made_again(notebook, tmp_path, capsys):
    """A second run makes nothing, a lost page is made again, a pattern alone makes all, --due waits for the hour."""
    out, path = tmp_path / "out", str(written(tmp_path, METHODS.replace("methods", notebook("mine", "'fine'"))))
    run = ["render", "--catalogue", path, "--out", str(out), "--quiet"]
    page = out / "mine.fr.html"
    assert main([*run, "--all"]) == 0 and "mine.fr.html" in capsys.readouterr().out
    first = page.stat().st_mtime_ns
    assert main([*run[:-1], "--all"]) == 0 and page.stat().st_mtime_ns == first
    assert "1 unchanged, 0 to make" in capsys.readouterr().err
    assert main([*run[:-1], "--due"]) == 0 and capsys.readouterr().err == ""  # nothing is due
    page.unlink()
    assert main([*run, "--changed"]) == 0 and page.exists()
    again = page.stat().st_mtime_ns
    assert main([*run, "m*"]) == 0 and page.stat().st_mtime_ns != again
    assert read_manifest(out)["mine.fr.html"]["status"] == "made"
    assert changed(read_catalogue(tmp_path / "catalogue.toml")[0], read_manifest(out), Keys(), page_names(out)) == []


def test_two_runs_do_not_overlap(tmp_path, capsys):
    """While one run holds the lock, another says so and does nothing."""
    out = tmp_path / "out"
    out.mkdir()
    with locked(out) as free:
        assert free
        assert main(["render", "--all", "--catalogue", str(written(tmp_path, METHODS)), "--out", str(out)]) == 0
    assert "another run is under way" in capsys.readouterr().err and not (out / "methods.fr.html").exists()


def test_nothing_to_do_loads_nothing(tmp_path):
    """A run over three hundred unchanged pages loads neither pandas nor papermill."""
    path = written(tmp_path, DOSSIERS)
    entries, keys, out = read_catalogue(path)[0], Keys(), tmp_path / "out"
    out.mkdir()
    for entry in entries:
        (out / entry.file).touch()
    hashes = {e.file: keys.of(e.notebook.stem, e.lang, e.parameters) for e in entries}
    known = {file: {"input_hash": key, "status": "made"} for file, key in hashes.items()}
    (out / "manifest.json").write_text(json.dumps({"reports": known}))
    words = ["render", "--all", "--catalogue", str(path), "--out", str(out)]
    code = f"import sys; from outages.cli import main; status = main({words}); "
    code += "print(status, sorted({'pandas', 'papermill', 'babel', 'numpy'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout.strip() == "0 []" and f"{len(entries)} unchanged, 0 to make" in ran.stderr


def test_key_of_a_dossier_is_that_of_its_rows(make):
    """A fact changed elsewhere leaves the key of a dossier; one of its own, or of a document it names, does not."""
    other = {**INCIDENT, "incident_id": "2021-03-01-acme-fr-mobile"}
    about = {**SOURCE, "source_id": "acme-2021-report", "url": "https://acme.example/2021"}
    moved = {**ONSET, "incident_id": other["incident_id"], "source_id": about["source_id"]}
    moved |= dict.fromkeys(("time_low", "time_high"), "2021-03-01T10:00+01:00")
    usual = {"incidents": [INCIDENT, other], "sources": [SOURCE, about], "events": [ONSET, RESTORED, moved]}

    def keys(**tables):
        found = Keys([make("ours", **usual | tables)])
        dossiers = [found.of("incident-dossier", "en", {"incident": i["incident_id"]}) for i in (INCIDENT, other)]
        return [*dossiers, found.of("methods", "en", {})]

    before, later = keys(), keys(events=[ONSET, RESTORED, {**moved, "note": "seen again"}])
    assert before[0] == later[0] and before[1] != later[1] and before[2] != later[2]
    told = keys(sources=[{**SOURCE, "title": "Another title"}, about])
    assert before[0] != told[0] and before[1] == told[1]


def test_version_of_a_dossier_is_that_of_its_rows(make):
    """The data version of a dossier does not move with the rows of another incident."""
    other = {**INCIDENT, "incident_id": "2021-03-01-acme-fr-mobile"}
    bases = (make("one", incidents=[INCIDENT, {**other, "title_en": title}]) for title in ("A", "B"))
    versions = [open_incident(incident=INCIDENT["incident_id"], base=base).registry.version for base in bases]
    assert versions[0] == versions[1] != read_registry(base=make("one")).version


def test_sweeps_take_overlays_in(make, tmp_path, capsys, refused):
    """A sweep covers the incidents of an overlay too; a pattern without --all makes its pages, changed or not."""
    run = ["render", "incident-dossier-2020-03-01-acme-*", "--catalogue", str(written(tmp_path, DOSSIERS))]
    run += ["--data", str(make("ours")), "--out", str(tmp_path / "out")]
    assert main(run) == 0 and main(run) == 0
    assert capsys.readouterr().out.count("incident-dossier-2020-03-01-acme-fr-mobile.en.html") == 2
    assert main([*run, "--changed"]) == 0 and "1 unchanged, 0 to make" in capsys.readouterr().err
    refused([*run, "-p", "policy=widest"], "the catalogue says its parameters")


def test_summary():
    """A run over several pages ends with a table that counts them by report."""
    made = [Job("a", NOTEBOOKS, {}, "en", report="a", seconds=2, wrong=wrong) for wrong in ("", "no")]
    made.append(Job("b", NOTEBOOKS, {}, "en", report="b", seconds=1))
    lines = [line.split() for line in summary(made, ["b", "b"])]
    assert lines[0] == ["report", "pages", "made", "failed", "unchanged", "seconds", "longest"]
    assert lines[1:3] == [["a", "2", "1", "1", "0", "4.0", "2.0"], ["b", "3", "1", "0", "2", "1.0", "1.0"]]
    assert lines[3] == ["all", "5", "2", "1", "2", "5.0", "2.0"]


def test_the_name_of_a_page_asks_for_that_page_alone():
    """The note by its name is one page a language, not the note of every incident; an entry's name asks for all its
    pages.
    """
    entries, _ = read_catalogue()
    assert {e.file for e in fitting(entries, ["decision-note"])} == {"decision-note.en.html", "decision-note.fr.html"}
    dossiers = fitting(entries, ["incident-dossier"])
    assert len(dossiers) > 500 and all(e.name.startswith("incident-dossier-") for e in dossiers)
