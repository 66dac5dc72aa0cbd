"""The catalogue: sweeps, keys, schedules, the lock, and runs that find nothing to do."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from conftest import INCIDENT, ONSET, RESTORED, SOURCE
from outages import catalogue
from outages.__main__ import main
from outages.catalogue import CatalogueError, Entry, Keys, changed, chosen, due, next_after, read_catalogue
from outages.registry.registry import read_registry
from outages.shelf import listed, locked, read_manifest
from outages.studies import open_incident

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


def test_the_own_catalogue_is_whole():
    """The catalogue of the project can be read; its sweeps give a dossier in both languages for each incident, and a report for each country."""
    entries = read_catalogue()
    registry = read_registry().incidents
    dossiers = [e for e in entries if e.report == "incident-dossier"]
    coded = registry[(registry["status"] != "listed") & (registry["superseded_by"] == "")]
    assert {e.parameters["incident"] for e in dossiers} == set(coded["incident_id"]) and len(dossiers) == 2 * len(coded)
    countries = [e.parameters["countries"] for e in entries if e.report == "country"]
    assert set(countries) == {c for cell in coded["country"] for c in cell.split(";")} and len(set(countries)) == len(
        countries
    )
    assert {e.notebook for e in entries} == {p.stem for p in catalogue.NOTEBOOKS.glob("*.ipynb")} - {"explore"}


def test_operator_sweep(tmp_path):
    """A sweep over operators names its pages by letters and digits alone."""
    entries = read_catalogue(
        written(
            tmp_path,
            '[[report]]\nname = "op"\nnotebook = "comparative-report"\nparameters = { operator = "*", policy = "widest" }\n',
        )
    )
    assert all(
        e.parameters["policy"] == "widest" and set(e.name) <= set("-'") | {c for c in e.name if c.isalnum()}
        for e in entries
    )
    assert {"Orange", "Telstra"} <= {e.parameters["operator"] for e in entries}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[report", "write it as TOML"), ('[[report]]\nnotebook = "nobody"\n', "use one of affected-users"), ('[[report]]\nnotebook = "methods"\ncolour = 1\n', "'colour' is no key"),
        ('[[report]]\nnotebook = "methods"\nlanguages = ["de"]\n', "use en, fr"), ('[[report]]\nnotebook = "methods"\nformats = ["doc"]\n', "use html, pdf"),
        ('[[report]]\nnotebook = "methods"\nschedule = "daily"\n', "no cron expression"), ('[[report]]\nnotebook = "methods"\nparameters = { lang = "*" }\n', "'*' is allowed for one of"),
        (METHODS + METHODS, "made by two entries"),
    ],
)  # fmt: skip
def test_faults_are_one_line(text, words, tmp_path, capsys):
    """A fault of the catalogue is one line with status 2."""
    assert main(["render", "--all", "--catalogue", str(written(tmp_path, text)), "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1


def test_patterns():
    """Pages are chosen by the name of the page or of its entry, with wildcards."""
    entries = [Entry("incident-dossier", f"incident-dossier-{year}", "incident-dossier", "en") for year in (2020, 2021)]
    assert (
        chosen(entries, ["*-2021"]) == entries[1:]
        and chosen(entries, ["incident-dossier"]) == entries
        and chosen(entries, ["x"]) == []
    )


def test_due():
    """A page is due when it was never looked at or its hour has struck since, however long ago: a run missed is made up."""
    entry = Entry("a", "a", "methods", "en", schedule="0 5 * * *")
    assert due([entry], {}, NOW) == [entry]
    for last, expected in (
        ("2026-03-02T05:30:00+00:00", []),
        ("2026-03-02T04:59:00+00:00", [entry]),
        ("2026-01-01T00:00:00+00:00", [entry]),
    ):
        assert due([entry], {"a.en.html": {"looked": last}}, NOW) == expected
    assert due([Entry("a", "a", "methods", "en")], {}, NOW) == []
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


def test_unchanged_is_not_made_again(tmp_path, capsys):
    """A second run makes nothing, a lost page is made again, --force makes all, and --due waits for the hour."""
    out, path = tmp_path / "out", str(written(tmp_path, METHODS))
    run = ["render", "--catalogue", path, "--out", str(out), "--quiet"]
    page = out / "methods.fr.html"
    assert main([*run, "--all"]) == 0 and "methods.fr.html" in capsys.readouterr().out
    first = page.stat().st_mtime_ns
    assert (
        main([*run[:-1], "--all"]) == 0
        and "1 unchanged, 0 to make" in capsys.readouterr().err
        and page.stat().st_mtime_ns == first
    )
    assert main([*run[:-1], "--due"]) == 0 and "0 asked for" in capsys.readouterr().err
    page.unlink()
    assert main([*run, "--changed"]) == 0 and page.exists()
    assert main([*run[:-1], "--all", "--force"]) == 0 and "1 to make" in capsys.readouterr().err
    assert read_manifest(out)["methods.fr.html"]["status"] == "made"
    assert changed(read_catalogue(tmp_path / "catalogue.toml"), read_manifest(out), Keys(), listed(out)) == []


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
    entries, keys, out = read_catalogue(path), Keys(), tmp_path / "out"
    out.mkdir()
    for entry in entries:
        (out / entry.page).touch()
    known = {e.page: {"input_hash": keys.of(e.notebook, e.lang, e.parameters), "status": "made"} for e in entries}
    (out / "manifest.json").write_text(json.dumps({"reports": known}))
    code = f"import sys; from outages.__main__ import main; status = main(['render', '--all', '--catalogue', {str(path)!r}, '--out', {str(out)!r}]); print(status, sorted({{'pandas', 'papermill', 'babel', 'numpy'}} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout.strip() == "0 []" and f"{len(entries)} unchanged, 0 to make" in ran.stderr


def test_key_of_a_dossier_is_that_of_its_rows(make):
    """A fact changed elsewhere gives other keys to comparisons alone; one of its own facts, or of a document that it names, gives another key to a dossier."""
    other = {**INCIDENT, "incident_id": "2021-03-01-acme-fr-mobile"}
    about = {**SOURCE, "source_id": "acme-2021-report", "url": "https://acme.example/2021"}
    moved = {
        **ONSET,
        "incident_id": other["incident_id"],
        "source_id": about["source_id"],
        "time_low": "2021-03-01T10:00+01:00",
        "time_high": "2021-03-01T10:00+01:00",
    }

    def keys(**tables):
        folder = make(
            "ours",
            **{
                "incidents": [INCIDENT, other],
                "sources": [SOURCE, about],
                "events": [ONSET, RESTORED, moved],
                **tables,
            },
        )
        found = Keys([folder])
        return [found.of("incident-dossier", "en", {"incident": i["incident_id"]}) for i in (INCIDENT, other)] + [
            found.of("methods", "en", {})
        ]

    before, later = keys(), keys(events=[ONSET, RESTORED, {**moved, "note": "seen again"}])
    assert before[0] == later[0] and before[1] != later[1] and before[2] != later[2]
    told = keys(sources=[{**SOURCE, "title": "Another title"}, about])
    assert before[0] != told[0] and before[1] == told[1]


def test_version_of_a_dossier_is_that_of_its_rows(make):
    """The data version of a dossier does not move with the rows of another incident."""
    other = {**INCIDENT, "incident_id": "2021-03-01-acme-fr-mobile"}
    versions = [
        open_incident(
            incident=INCIDENT["incident_id"], base=make("one", incidents=[INCIDENT, {**other, "title_en": title}])
        ).registry.version
        for title in ("A", "B")
    ]
    assert versions[0] == versions[1] != read_registry(base=make("one")).version


def test_sweeps_take_overlays_in(make, tmp_path, capsys):
    """A sweep covers the incidents of an overlay too, and a pattern without --all makes the pages that it fits, changed or not."""
    folder, path, out = make("ours"), str(written(tmp_path, DOSSIERS)), tmp_path / "out"
    run = [
        "render",
        "incident-dossier-2020-03-01-acme-*",
        "--catalogue",
        path,
        "--data",
        str(folder),
        "--out",
        str(out),
    ]
    assert main(run) == 0 and main(run) == 0
    assert capsys.readouterr().out.count("incident-dossier-2020-03-01-acme-fr-mobile.en.html") == 2
    assert main([*run, "--changed"]) == 0 and "1 unchanged, 0 to make" in capsys.readouterr().err
    assert main([*run, "-p", "policy=widest"]) == 2 and "the catalogue says its parameters" in capsys.readouterr().err


def test_summary(tmp_path, capsys):
    """A run over several pages ends with a table that counts them by report."""
    text = METHODS + METHODS.replace("methods", "recommendations").replace("fr", "en")
    run = [
        "render",
        "--all",
        "--jobs",
        "2",
        "--catalogue",
        str(written(tmp_path, text)),
        "--out",
        str(tmp_path / "out"),
    ]
    assert main(run) == 0
    (tmp_path / "out" / "recommendations.en.html").unlink()
    (tmp_path / "out" / "methods.fr.html").unlink()
    capsys.readouterr()
    assert main(run) == 0
    lines = [line.split() for line in capsys.readouterr().err.splitlines()]
    assert ["report", "pages", "made", "failed", "unchanged", "seconds", "longest"] in lines
    assert [line[:5] for line in lines if line[0] == "all"] == [["all", "2", "2", "0", "0"]]
