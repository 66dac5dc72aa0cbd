"""The curator's tools: beginning an incident, the health report, agreement between coders."""

import doctest
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import CAUSE, CLAIM, ONSET, RESTORED, SOURCE, USERS
from outages import agreement
from outages.cli import main
from outages.agreement import cohens_kappa, compare, disagreements, read_second
from outages.paths import DATA
from outages.registry import check_folders, read_registry
from outages.status import status
from outages.tables import RegistryError

NEW = "2026-03-01-ourselves-fr-mobile"


def test_new_incident_begins_an_overlay(tmp_path, capsys):
    """`outages new` writes the row and says what is left; the check then names exactly that."""
    folder = tmp_path / "ours"
    assert main(["new", NEW, "--dir", str(folder), "--operator", "Ourselves"]) == 0
    assert "title_en, title_fr, services" in capsys.readouterr().out
    problems = check_folders([folder])
    assert {p.column for p in problems} == {"title_en", "title_fr", "services"} and all(p.row == 2 for p in problems)
    assert "Europe/Paris" in (folder / "incidents.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["march", "2026-03-01-ourselves", NEW])
def test_bad_new_incident_is_one_line(name, tmp_path, capsys):
    """A malformed or taken identifier is refused in one line, and nothing changes."""
    main(["new", NEW, "--dir", str(tmp_path)])
    before = (tmp_path / "incidents.csv").read_bytes()
    capsys.readouterr()
    assert main(["new", name, "--dir", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1 and (tmp_path / "incidents.csv").read_bytes() == before


def test_status_counts(make):
    """The health report counts incidents, kinds and gaps, and names who waits for a second coder."""
    registry = read_registry((), make())
    lines = list(status(registry, []))
    assert "1 incidents, 4 claims, 1 documents" in lines[0]
    assert "country: FR 1" in lines and "kind of source: operator 1" in lines
    assert any(line.split() == ["onset", "1", "of", "1"] for line in lines) and any(
        line.split() == ["detected", "0", "of", "1"] for line in lines
    )
    assert lines[-1].strip() == CLAIM["incident_id"] and "waiting for a second coder: 0 of 1" in list(
        status(registry, [CLAIM["incident_id"]])
    )


def second(make, **tables):
    """Compare the valid registry with a second coding of it."""
    registry = read_registry((), make())
    folder = make("x/second-coding", incidents=[], sources=[], **{"events": [], "measures": [], "causes": [], **tables})
    coded = read_second(registry, folder)
    return {a.field: a for a in compare(registry, coded)}, disagreements(registry, coded)


def test_agreement_counts_units(make):
    """Overlapping intervals and equal codes agree; exclusive ones do not and are named; what one coder missed is counted apart."""
    late = {**ONSET, "time_low": "2020-03-01T10:30+01:00", "time_high": "2020-03-01T10:40+01:00"}
    vague = {**RESTORED, "time_low": "2020-03-01T12:15+01:00", "time_high": "2020-03-01T13:00+01:00"}
    found, apart = second(make, events=[late, vague], causes=[{**CAUSE, "value": "system_failure"}])
    assert found["onset"][1:5] == (1, 0, 0, 0) and found["restored"][1:5] == (1, 1, 0, 0)
    assert found["users_affected"][1:5] == (0, 0, 1, 0) and found["root_cause"][1:5] == (1, 0, 0, 0)
    assert apart == [(CLAIM["incident_id"], SOURCE["source_id"], "onset")]


def test_second_coding_keeps_the_form(make):
    """A second coding with a code that does not exist is refused."""
    with pytest.raises(RegistryError, match=r"second-coding/measures\.csv:2"):
        second(make, measures=[{**USERS, "measure": "people"}])


def test_kappa_on_a_worked_example_and_at_its_ends():
    """The example in the docstring holds; full agreement is 1, full exchange of two codes is -1, one code alone says nothing."""
    assert doctest.testmod(agreement).failed == 0
    assert cohens_kappa([("a", "a"), ("b", "b")]) == 1 and cohens_kappa([("a", "b"), ("b", "a")]) == -1
    assert cohens_kappa([("a", "a")] * 5) is None and cohens_kappa([]) is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=12))
def test_kappa_against_its_definition(pairs):
    """Observed against expected agreement, the latter by counting all pairings."""
    expected = sum(a == b for a, b in itertools.product([p[0] for p in pairs], [p[1] for p in pairs])) / len(pairs) ** 2
    seen = sum(a == b for a, b in pairs) / len(pairs)
    found = cohens_kappa(pairs)
    assert found is None if expected == 1 else found == pytest.approx((seen - expected) / (1 - expected))


def test_the_real_second_coding_is_readable_and_large_enough():
    """At least forty incidents are coded twice."""
    coded = read_second(read_registry((), DATA))
    assert len({incident for table in coded.values() for incident in table["incident_id"]}) >= 40
