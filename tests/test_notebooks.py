"""Notebooks are thin, and run with their defaults and with the incident whose times are vaguest."""

import json
import re

import pytest

from conftest import BOTH, rendered
from outages.paths import DATA, NOTEBOOKS
from outages.registry.registry import read_registry
from outages.render import parameters_of, plan, report_names

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_notebook_is_thin(path):
    """No outputs, no code but calls, known tags only, parameters typed and explained."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    code = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    assert all(not c["outputs"] and c["execution_count"] is None for c in code)
    assert [c["id"] for c in notebook["cells"]] == [f"cell-{n:02}" for n in range(1, len(notebook["cells"]) + 1)]
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    for cell in code:
        source, tags = "".join(cell["source"]), cell["metadata"].get("tags", [])
        assert set(tags) <= {"parameters", "setup", "lab"}
        assert not re.search(r"^\s*(def|class|for|while|%|!)|https?://|warnings\.", source, re.MULTILINE), source
        if "parameters" in tags:
            assert all(re.fullmatch(r"\w+: (str|int|float|bool|list) = .+  # .+", line) for line in source.splitlines())
        elif not tags:
            assert len(source.splitlines()) <= 3


def test_defaults_run_and_say_something(pages):
    """Each notebook that takes parameters runs with its defaults; the one to explore takes none."""
    made = {p.name.split(".")[0] for p in pages.glob("*.*.html")}
    assert made == set(report_names()) == {path.stem for path in PATHS} - {"explore"}
    assert all(len(list(pages.glob(f"{name}.*.html"))) == 2 for name in BOTH)
    assert (
        (pages / "comparative-report.en.html").stat().st_size
        < 1_500_000
        > (pages / "comparative-report.fr.html").stat().st_size
    )


@pytest.mark.parametrize("name", [n for n in report_names() if n not in ("incident-dossier", "decision-note", "methods")])
def test_reports_take_the_same_parameters(name):
    """Every report on the registry takes the parameters of the comparative report."""
    asked = parameters_of(NOTEBOOKS / f"{name}.ipynb")
    wanted = [
        "lang",
        "policy",
        "focus",
        "countries",
        "sectors",
        "services",
        "since",
        "until",
        "operator",
        "min_users",
        "targets",
        "data",
    ]
    assert list(asked) == wanted and asked["min_users"].type == "int"


def vaguest() -> str:
    """Return the incident whose claims about moments are widest."""
    events = read_registry((), DATA).events
    events = events[events["event"].isin(["onset", "restored", "detected", "first_public_statement"])]
    return (events["high"] - events["low"]).groupby(events["incident_id"]).median().idxmax()


def test_vaguest_incident_runs(tmp_path):
    """The incident whose times are vaguest has a dossier, and a place in the comparison."""
    incident = vaguest()
    page = rendered(plan(f"incident-dossier-{incident}", {}, "en", []), tmp_path)
    assert incident in page.read_text(encoding="utf-8")
    report = rendered(plan("comparative-report", {"focus": incident, "policy": "widest"}, "fr", []), tmp_path)
    assert 'class="focus"' in report.read_text(encoding="utf-8")


def test_same_inputs_give_the_same_bytes(pages, tmp_path):
    """A second run with the same inputs gives the same page, byte for byte."""
    for name in ("comparative-report", "incident-dossier"):
        again = rendered(plan(name, {}, "fr", []), tmp_path)
        assert again.read_bytes() == (pages / again.name).read_bytes()
