"""The real tables keep every rule; one test a rule, all offenders listed."""

import csv
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from frictionless import Package

from outages.registry import rules as checks
from outages.curation import dictionary
from outages.paths import DATA, ROOT
from outages.registry.files import columns, descriptor, read_stack, resources

FOUNDING = (
    "2012-07-06-orange-fr-mobile", "2021-01-07-proximus-be-emergency-calls",
    "2021-06-02-orange-fr-emergency-calls", "2025-09-12-orange-fr-tv",
)  # fmt: skip


@pytest.fixture(scope="module")
def tables():
    """Return the public registry as text."""
    found, unread = read_stack([DATA])
    assert not unread, "\n".join(map(str, unread))
    return found


def test_the_package_is_valid_for_frictionless():
    """The Frictionless library, which shares no code with ours, finds nothing wrong."""
    report = Package(str(DATA / "datapackage.json")).validate()
    assert report.valid, report.flatten(["resourceName", "rowNumber", "fieldName", "message"])


@pytest.mark.parametrize("rule", checks.RULES, ids=lambda rule: rule.__name__)
def test_rule(rule, tables):
    """No row of the registry breaks the rule."""
    problems = sorted(set(rule(tables)))
    assert not problems, rule.__doc__ + "\n" + "\n".join(map(str, problems))


def test_founding_incidents_are_coded(tables):
    """The four incidents that the study started from are there, with claims."""
    events = set(tables["events"]["incident_id"])
    assert set(FOUNDING) <= set(tables["incidents"]["incident_id"]) & events


def test_codes_equal_the_closed_lists_of_the_descriptor(tables):
    """Every closed list of the descriptor is the list of codes, and the other way round."""
    listed = tables["codes"].groupby("column")["code"].agg(set).to_dict()
    for resource in descriptor()["resources"]:
        for field in resource["schema"]["fields"]:
            rule, name = field.get("constraints", {}), field["name"]
            match = re.match(r"\^\(([a-z0-9_|]+)\)\(;", rule.get("pattern", ""))
            given = set(rule["enum"]) if "enum" in rule else set(match[1].split("|")) if match else None
            if given is None:
                continue
            factors = ("root_cause", "technical_cause", "trigger", "redundancy_defeated")
            column = "services" if name == "scope" else "event" if name == "counted_from" else name
            expected = (
                set().union(*(listed[f] for f in factors))
                if (resource["name"], name) == ("causes", "value")
                else listed[column]
            )
            assert given == expected, (resource["name"], name)


def test_every_measure_has_a_unit_rule(tables):
    """No measure code is without its units."""
    assert set(checks.UNITS) == set(tables["codes"].query("column == 'measure'")["code"])


def test_files_hold_the_columns_of_the_descriptor():
    """Headers start with the descriptor's columns in its order, as checks outside the project read them."""
    for name, resource in resources().items():
        with (DATA / resource["path"]).open(encoding="utf-8", newline="") as file:
            assert next(csv.reader(file))[: len(columns(name))] == columns(name), resource["path"]


def test_files_are_in_canonical_form(tmp_path):
    """Formatting changes nothing: run `python -m outages format` when this fails."""
    for resource in resources().values():
        copy = tmp_path / resource["path"]
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((DATA / resource["path"]).read_bytes())
    assert not checks.format_folder(tmp_path)


def test_dictionary_is_up_to_date():
    """`data/README.md` is what the descriptor gives: run `python -m outages dictionary` when this fails."""
    assert (DATA / "README.md").read_text(encoding="utf-8") == dictionary.dictionary()


def test_environment_equals_pyproject():
    """Conda users get the same packages with the same bounds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    names = {d for d in conda if isinstance(d, str)} - {"pip"}
    wanted = {
        f"python{project['project']['requires-python']}",
        *project["project"]["dependencies"],
        *project["build-system"]["requires"],
    }
    assert names == wanted
    assert any("--editable ." in d["pip"] for d in conda if isinstance(d, dict))


def test_one_version_everywhere():
    """The package, the descriptor, the citation and the changelog name one version."""
    from outages import __version__

    assert descriptor()["version"] == __version__
    assert f"version: {__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"## {__version__}\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_nothing_names_a_machine():
    """No file of the project holds a path of one machine."""
    homes = re.compile(rb"(?<![\w.])/(work|root|home)/[a-z]")
    folders = ("data", "lib", "notebooks", "tests", "reports/template")
    files = [p for f in folders for p in (ROOT / f).rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    assert [str(p) for p in files if homes.search(p.read_bytes()) and p != Path(__file__)] == []
