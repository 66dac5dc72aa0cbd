"""Claims drawn for an audit are the same for the same seed, and carry what the auditor needs."""

import pytest

from conftest import SOURCE
from outages.cli import main
from outages.curation.audit import ABOUT, draw, every_claim, verdicts
from outages.registry.registry import check_folders, read_registry
from outages.registry.schema import CLAIM_TABLES, columns

FOUND = {
    **{"table": "events", "incident_id": "2020-03-01-acme-fr-mobile", "source_id": SOURCE["source_id"]},
    **{"field": "onset", "value": "2020-03-01T10:00+01:00", "verdict": "right", "day": "2026-01-01"},
}


def test_a_draw(make):
    """Every claim can be drawn, with its page and the place in it; a larger draw than there are claims takes all."""
    registry = read_registry((), make())
    drawn = draw(registry, 3, seed=1)
    assert list(drawn)[: len(columns("audit"))] == columns("audit") and len(drawn) == 3
    assert drawn.equals(draw(registry, 3, seed=1)) and len(draw(registry, 99, seed=1)) == 4
    assert set(drawn["url"]) == {SOURCE["url"]} and (drawn["locator"] != "").all() and (drawn["verdict"] == "").all()


def test_every_claim_is_one_of_the_registry():
    """No claim of the public registry is left out, and each says something."""
    registry = read_registry()
    found = every_claim(registry)
    assert found["table"].value_counts().to_dict() == {name: len(getattr(registry, name)) for name in CLAIM_TABLES}
    assert (found["value"] != "").all() and set(ABOUT) == set(CLAIM_TABLES)


def test_results_are_kept_and_checked(make):
    """What an audit found is read back, and checked like any table."""
    folder = make(audit=[FOUND])
    assert check_folders([folder]) == [] and verdicts(folder)["verdict"].tolist() == ["right"]
    assert verdicts(make("none") / "nowhere").empty
    (problem,) = check_folders([make("odd", audit=[{**FOUND, "verdict": "fine"}])])
    assert problem.column == "verdict" and "imprecise" in problem.message


@pytest.mark.parametrize("seed", ["1", "2"])
def test_command(seed, capsys):
    """`outages audit N --seed S` prints a checklist of N rows."""
    assert main(["audit", "2", "--seed", seed]) == 0
    assert capsys.readouterr().out.startswith(",".join(columns("audit")))
