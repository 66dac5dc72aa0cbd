"""The notebook to explore: filters, table, figure and frame follow one another, and it runs in a kernel."""

import ipywidgets as w
import nbformat
import pytest
from nbclient import NotebookClient

from outages.paths import NOTEBOOKS
from outages.report.explorer import FIGURES, Explorer, clock, span


@pytest.fixture(scope="module")
def explorer() -> Explorer:
    """Open the registry once."""
    return Explorer()


@pytest.fixture(autouse=True)
def reset(explorer):
    """Set every filter back."""
    explorer.build("en")


def test_frame_table_and_figure_follow(explorer):
    """A choice narrows the frame, and what is made of it."""
    seen = []
    explorer.follow(lambda rows: seen.append(len(rows)))
    everything = len(explorer.incidents)
    explorer.controls["country"].value = ("FR",)
    explorer.controls["years"].value = (2012, 2025)
    rows = explorer.incidents
    assert 0 < len(rows) < everything and all("FR" in cell.split(";") for cell in rows["country"])
    assert {"title", "length_minutes_low", "to_public_minutes_low", "silence_high"} <= set(rows.columns)
    assert seen[0] == everything and seen[-1] == len(rows)
    assert f"{len(rows)} incidents" in explorer.notice.value
    explorer.followers.clear()


def test_search_and_people(explorer):
    """Text finds titles and operators; people are those surely hit."""
    explorer.controls["text"].value = "PROXIMUS"
    assert len(explorer.incidents) and explorer.incidents["operator"].str.contains("Proximus").all()
    explorer.build("en")
    explorer.controls["min_users"].value = 1_000_000
    assert 0 < len(explorer.incidents) < 60 and (explorer.incidents["users_affected_low"] >= 1_000_000).all()


def test_nothing_wrong_is_left_standing(explorer):
    """When nothing fits, it is said, and neither figure nor table stays as if it were right."""
    explorer.controls["text"].value = "<b>no such"
    assert "No incident fits" in explorer.notice.value and explorer.figure.value == ""
    assert explorer.table.children == () and explorer.incidents.empty
    explorer.controls["text"].value = ""
    assert "<figure" in explorer.figure.value and explorer.table.children


def test_labels_follow_the_language_and_choices_stay(explorer):
    """Another language changes labels, names with counts, and figure, at once, and keeps what was chosen."""
    assert ("Belgium (3)", "BE") in explorer.controls["country"].options
    explorer.controls["country"].value = ("BE",)
    before = len(explorer.incidents)
    explorer.controls["lang"].value = "fr"
    assert explorer.controls["country"].value == ("BE",) and len(explorer.incidents) == before
    assert ("Belgique (3)", "BE") in explorer.controls["country"].options
    assert explorer.controls["policy"].description == "Règle" and "affirmations" in explorer.notice.value
    button = next(c for c in explorer.children[0].children[0].children if isinstance(c, w.Button))
    assert button.description == "Réinitialiser"
    button.click()
    assert explorer.controls["country"].value == () and explorer.controls["lang"].value == "fr"


def test_every_figure(explorer):
    """Each figure is drawn, under another policy too."""
    explorer.controls["country"].value = ("GB",)
    explorer.controls["policy"].value = "widest"
    for name in FIGURES:
        explorer.controls["figure"].value = name
        assert "<figure" in explorer.figure.value and "widest" in explorer.notice.value


def test_lengths_as_hours_and_minutes():
    """A length is written as h:mm, an interval with both ends, an open one from its low end on."""
    assert clock(435) == "7:15" and clock(59.6) == "1:00" and clock(6000) == "100:00"
    ends = [(60, 60), (60, 90), (60, float("inf")), (float("nan"), float("nan"))]
    assert [span(*pair, clock) for pair in ends] == ["1:00", "1:00–1:30", "≥ 1:00", ""]


def test_notebook_runs():
    """All its cells run in a kernel."""
    notebook = nbformat.read(NOTEBOOKS / "explore.ipynb", as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    outputs = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]
    assert any("application/vnd.jupyter.widget-view+json" in o.get("data", {}) for o in outputs)
    assert not any(o.output_type in ("error", "stream") for o in outputs)
