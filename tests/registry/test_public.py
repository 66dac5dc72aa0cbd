"""The public tables keep every rule; one test a rule, all offenders listed."""

import csv
import re

from frictionless import Package

from conftest import FOUNDING
from outages.curation import dictionary
from outages.curation.tables import format_folder
from outages.paths import DATA
from outages.registry.files import codes
from outages.registry.registry import check_folders, read_registry
from outages.registry.rules import UNITS
from outages.registry.schema import columns, descriptor, resources

FACTORS = ("root_cause", "technical_cause", "trigger", "redundancy_defeated")
OTHER_NAMES = {  # column: the list that its codes come from
    **{"scope": "services", "counted_from": "event", "cause_hint": "technical_cause", "third_party_hint": "role"}
}


def test_the_package_is_valid_for_frictionless():
    """The Frictionless library, which shares no code with ours, finds nothing wrong."""
    report = Package(str(DATA / "datapackage.json")).validate()
    assert report.valid, report.flatten(["resourceName", "rowNumber", "fieldName", "message"])


def test_founding_incidents_are_coded():
    """The four incidents that the study started from are there, with claims."""
    registry = read_registry()
    assert set(FOUNDING) <= set(registry.incidents["incident_id"]) & set(registry.events["incident_id"])


def test_codes_equal_the_closed_lists_of_the_descriptor():
    """Every closed list of the descriptor is the list of codes, and the other way round."""
    listed = {column: set(known) for column, known in codes().items()}
    for resource in descriptor()["resources"]:
        for field in resource["schema"]["fields"]:
            rule, name = field.get("constraints", {}), field["name"]
            match = re.match(r"\^\(([a-z0-9_|]+)\)\(;", rule.get("pattern", ""))
            given = set(rule["enum"]) if "enum" in rule else set(match[1].split("|")) if match else None
            if given is None:
                continue
            column = OTHER_NAMES.get(name, name)
            expected = (
                set().union(*(listed[f] for f in FACTORS))
                if (resource["name"], name) == ("causes", "value")
                else listed[column]
            )
            assert given == expected, (resource["name"], name)


def test_no_fault_and_no_doubt_without_a_rule():
    """Checking the whole package, cohorts and audit with it, finds no fault; doubts are warnings."""
    assert [str(p) for p in check_folders([DATA]) if p.level != "warning"] == []


def test_every_measure_has_a_unit_rule():
    """No measure code is without its units."""
    assert set(UNITS) == set(codes()["measure"])


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
    assert not format_folder(tmp_path)


def test_dictionary_is_up_to_date():
    """`data/README.md` is what the descriptor gives: run `python -m outages dictionary` when this fails."""
    assert (DATA / "README.md").read_text(encoding="utf-8") == dictionary.dictionary()
