"""The notebook to explore: filters, map, table, figure, dossier and frame follow one another, and it runs in a
kernel.
"""

import io
import json
import re
import subprocess
import sys
from urllib.parse import unquote

import pandas as pd
import pytest
from hostile import overlay
from markupsafe import Markup

from conftest import INCIDENT
from outages.paths import NOTEBOOKS
from outages.report.explorer import FIGURES, Explorer
from outages.report.html import Block

ORANGE = "2021-06-02-orange-fr-emergency-calls"


@pytest.fixture(scope="module")
def opened() -> Explorer:
    """Open the registry once."""
    return Explorer()


@pytest.fixture
def quick(opened, monkeypatch) -> Explorer:
    """Set every filter back; a stroke stands for the figure where a test is not about it."""
    monkeypatch.setitem(FIGURES, "length", lambda page: Block(Markup("<figure>")))
    opened.build("en")
    return opened


@pytest.fixture
def explorer(quick, monkeypatch) -> Explorer:
    """Draw figures from now on."""
    monkeypatch.undo()
    return quick


def shown(explorer: Explorer) -> list[list[str]]:
    """Return the texts of the rows that the table shows."""
    pairs = zip(explorer.table.titles, explorer.table.cells, strict=True)
    seen = [(title.description, cells.value) for title, cells in pairs if cells.layout.display != "none"]
    return [
        [title, *(Markup(c).striptags() for c in re.findall(r"<span>(.*?)</span>(?=<span>|$)", cells))]
        for title, cells in seen
    ]


def test_everything_follows_a_choice(explorer):
    """A choice narrows the frame, the table, the file and what is made of it; facts are those of the whole registry."""
    seen = []
    explorer.follow(lambda rows: seen.append(len(rows)))
    everything = explorer.incidents
    explorer.dots["FR"].click()
    explorer.controls["years"].value = (2012, 2025)
    rows = explorer.incidents
    assert 0 < len(rows) < len(everything) and all("FR" in cell.split(";") for cell in rows["country"])
    pd.testing.assert_frame_equal(rows, everything.loc[rows.index])
    assert seen[0] == len(everything) and seen[-1] == len(rows)
    assert f"{len(rows)} outages" in explorer.notice.value and "<figure" in explorer.figure.value
    assert explorer.table.told.value == f"Outages 1 to {min(15, len(rows))} of {len(rows)}"
    held = unquote(re.search(r'href="data:text/csv;charset=utf-8,([^"]+)"', explorer.download.value)[1])
    assert list(pd.read_csv(io.StringIO(held))["incident_id"]) == list(rows.index)
    explorer.followers.clear()


def test_search_and_people(quick):
    """Every word is looked for in title, operator and identifier, without regard to accents; people are those surely
    hit.
    """
    quick.controls["text"].value = "telefonica"
    assert len(quick.incidents) and quick.incidents["operator"].str.contains("Telefónica").any()
    quick.controls["text"].value = f"ORANGE {ORANGE}"
    assert list(quick.incidents.index) == [ORANGE]
    quick.build("en")
    quick.controls["min_users"].value = 1_000_000
    assert 0 < len(quick.incidents) < 60 and (quick.incidents["users_affected_low"] >= 1_000_000).all()


def test_the_table_sorts_turns_and_opens(explorer):
    """Eight columns in words; a head sorts by what its texts stand for, unknown last; a title opens the dossier and
    marks the figure.
    """
    table = explorer.table
    assert [head.description for head in table.heads][:3] == ["Outage", "Date ▼", "Country"] and len(table.heads) == 8
    explorer.controls["country"].value = ("FR",)
    table.heads[4].click()
    rows = explorer.incidents
    turned = list(table.ids)
    while not table.on.disabled:
        table.on.click()
        turned += table.ids
    assert sorted(turned) == sorted(rows.index) and table.told.value.endswith(f"to {len(rows)} of {len(rows)}")
    known = rows.loc[turned, "length_minutes_low"]
    assert known.dropna().is_monotonic_increasing
    assert known.isna().sum() > 0 and known.tail(known.isna().sum()).isna().all()
    explorer.controls["text"].value = ORANGE
    (row,) = shown(explorer)
    assert row[1:3] == ["2 Jun 2021", "France"] and row[4].replace("\u00a0", " ") == "7 h 15 min" and len(row) == 8
    table.titles[0].click()
    assert explorer.controls["focus"].value == ORANGE
    opened = explorer.dossier.value
    assert all(part in opened for part in ('id="f-timeline"', 'id="t-recommendations"', 'id="c1-onset"'))
    linked = set(re.findall(r'href="#([^"]+)"', opened))
    assert linked and linked <= set(re.findall(r'id="([^"]+)"', opened))
    assert not re.search(r'href="(?!#|https?://|data:)', opened + explorer.figure.value + explorer.notice.value)


def test_nothing_wrong_is_left_standing(quick):
    """When nothing fits, the filters to blame are named in the reader's language, and neither figure nor table nor file
    stays as if it were right.
    """
    quick.controls["country"].value = ("FR",)
    quick.controls["text"].value = "<b>no such"
    assert "Filters to loosen: Search." in quick.notice.value
    assert quick.figure.value == quick.download.value == "" and quick.incidents.empty and shown(quick) == []
    quick.controls["lang"].value = "fr"
    assert "Filtres à élargir\u00a0: Recherche." in quick.notice.value
    quick.controls["min_users"].value = 10**9
    assert "Filtres à élargir : Personnes, au moins ; Pays ; Recherche." in quick.notice.value.replace("\u00a0", " ")
    quick.build("fr")
    assert "<figure" in quick.figure.value and quick.download.value and shown(quick)


def test_all_labels_follow_the_language_and_choices_stay(quick):
    """Another language changes every label, name and code at once, and keeps what was chosen; a click sets all back but
    the language.
    """
    assert ("Belgium (3)", "BE") in quick.controls["country"].options
    quick.controls["country"].value = ("BE",)
    quick.controls["focus"].value = ORANGE
    before = list(quick.incidents.index)
    quick.controls["lang"].value = "fr"
    assert quick.controls["country"].value == ("BE",) and list(quick.incidents.index) == before
    assert ("Belgique (3)", "BE") in quick.controls["country"].options
    said = [control.description for control in quick.controls.values()] + [h.description for h in quick.table.heads]
    assert {"Règle", "Pays", "Années", "Durée", "Délai d’annonce"} <= set(said)
    assert quick.table.told.value == f"Pannes 1 à {len(before)} sur {len(before)}"
    assert "affirmations" in quick.notice.value and "Télécharger" in quick.download.value
    assert quick.dots["BE"].tooltip == "Belgique (3)" and "Orange\u00a0: panne" in quick.dossier.value
    codes = {"telecom", "emergency_calls", "authority"}
    listed = [quick.controls[name].options for name in ("policy", "figure", "country", "sector", "services")]
    choices = [name for options in listed for name, _code in options]
    assert choices and not codes & {name.split(" (")[0] for name in choices}
    quick.children[1].children[0].children[-1].children[0].click()
    assert quick.controls["country"].value == () and quick.controls["lang"].value == "fr"
    assert quick.dossier.value == ""


def test_every_figure(explorer):
    """Each figure is drawn, under another policy too."""
    explorer.controls["country"].value = ("US",)
    explorer.controls["policy"].value = "widest"
    for name in FIGURES:
        explorer.controls["figure"].value = name
        assert "<figure" in explorer.figure.value and "everything kept" in explorer.notice.value


def test_texts_of_data_stay_texts(make):
    """What an overlay writes is shown as it stands, and said to come from there."""
    own = Explorer(data=[overlay(make)])
    own.controls["text"].value = own.controls["focus"].value = INCIDENT["incident_id"]
    page = "".join(c.value for c in (own.notice, own.dossier, own.figure, own.download, *own.table.cells))
    assert "<script" not in page and "[" in own.table.titles[0].description


RUN = """
import collections, json, sys
import nbformat
from jupyter_client.manager import start_new_kernel

notebook, counts, outputs = nbformat.read(sys.argv[1], as_version=4), collections.Counter(), []
manager, client = start_new_kernel(kernel_name="python3")
for number, cell in enumerate(notebook.cells):
    if cell.cell_type == "code":
        def hook(message):
            counts[number] += 1
            if message["msg_type"] in ("stream", "error", "display_data", "execute_result"):
                outputs.append([message["msg_type"], *message["content"].get("data", {})])
        reply = client.execute_interactive(cell.source, timeout=120, output_hook=hook)
        assert reply["content"]["status"] == "ok", reply["content"]
manager.shutdown_kernel()
print(json.dumps([max(counts.values()), outputs]))
"""


def test_notebook_runs():
    """All its cells run in a kernel, in fewer messages than a slow reader may have waiting (1,000 in ZeroMQ).

    In a process of its own that asks for each message: nbclient may wait for one for ever where processors are busy.
    """
    run = [sys.executable, "-c", RUN, str(NOTEBOOKS / "explore.ipynb")]
    told = subprocess.run(run, capture_output=True, text=True, cwd=NOTEBOOKS)
    assert told.returncode == 0, told.stderr
    most, outputs = json.loads(told.stdout)
    assert any("application/vnd.jupyter.widget-view+json" in output for output in outputs)
    assert not any(output[0] in ("error", "stream") for output in outputs) and most < 800
