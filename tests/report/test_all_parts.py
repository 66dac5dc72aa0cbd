"""Every part comes out on all incidents, on few and on one, in both languages, and says what it leaves unsaid."""

import random
import re

import pandas as pd
import pytest
from markupsafe import escape
from parts import ABOUT, FOUNDING, ORANGE, Reader, checked, html_of, outputs, study

from conftest import INCIDENT
from outages.paths import DATA
from outages.registry.registry import read_registry
from outages.report.html import Block

REPORTS = [name for name in ABOUT if name not in ("decision-note", "incident-dossier")]
MARKED = "2018-12-06-o2-gb-ericsson-certificate"
PLACES_FOR_FIGURES = {"recommendations": 1, "methods": 0}
WITH_FRAMES = ("third-parties", "data-quality", "recommendations", "incident-dossier")


def tidy(name: str, own) -> str:
    """Return the checked HTML of a report; what a reader looks at in JupyterLab is a frame or a row of numbers, never a
    page in disguise.
    """
    shown = outputs(name, own)
    frames = [o for o in shown if isinstance(o, pd.DataFrame | pd.Series)]
    assert name not in WITH_FRAMES or (len(frames) >= 2 and all(not isinstance(o, str) for o in shown))
    text = "\n".join(str(block.html) for block in shown if isinstance(block, Block))
    checked(text)
    return text


def test_whole_registry():
    """With the incident whose claims about moments are widest in focus, under the policy that takes all of them, all
    incidents give every part; by default: tests/test_pages.py.
    """
    events = read_registry((), DATA).events
    events = events[events["event"].isin(["onset", "restored", "detected", "first_public_statement"])]
    vaguest = (events["high"] - events["low"]).groupby(events["incident_id"]).median().idxmax()
    assert 'class="focus"' in tidy("comparative-report", study(lang="fr", focus=vaguest, policy="widest"))
    assert vaguest in tidy("incident-dossier", study([vaguest], focus=vaguest))


@pytest.mark.parametrize(("name", "lang"), [("comparative-report", "en"), *((name, "fr") for name in REPORTS)])
def test_founding_incidents(name, lang):
    """The four founding incidents alone give every figure or say why not, with one of them in focus."""
    text = tidy(name, study(FOUNDING, lang, FOUNDING[0]))
    assert text.count("<figure") + text.count('class="dropped"') >= PLACES_FOR_FIGURES.get(name, 2)
    if lang == "fr":
        assert " of " not in re.sub(r"<[^>]+>", " ", re.sub(r"<(pre|cite|li|td|th).*?</\1>", "", text, flags=re.DOTALL))


@pytest.mark.parametrize("incident", [*FOUNDING, "2018-12-27-centurylink-us-transport"])
def test_dossiers(incident, pages):
    """Each dossier holds every claim of its incident with its locator."""
    if incident == ORANGE:  # the page as it is by default
        text = (pages / "incident-dossier.en.html").read_text(encoding="utf-8")
    else:
        text = tidy("incident-dossier", study([incident], focus=incident))
    own = study([incident]).claims().query("table != 'recommendations'")
    assert [place for place in own["locator"] if escape(place) not in text] == []


@pytest.mark.parametrize("seed", [1, 2])
def test_any_incidents(seed):
    """Any few incidents give every part of the comparison."""
    every = list(read_registry((), DATA).incidents.index)
    drawn = sorted(random.Random(seed).sample(every, 2 if seed == 1 else 27))
    checked(html_of("comparative-report", study(drawn, focus=drawn[0])))


def test_focus_is_marked():
    """A focus changes each figure in which its incident can be seen."""
    from outages.report import length, third_parties, users

    parts = (
        lambda page: length.bars(page, page.study.lengths(), page.study.offset("partial_restoration")),
        lambda page: length.curve(page, page.study.lengths()),
        lambda page: users.heaviest(page, page.study.facts),
        lambda page: third_parties.graph(page, page.study.third_parties()),
    )
    plain, focussed = open_page(""), open_page(MARKED)
    for part in parts:
        without, marked = (str(part(page).html) for page in (plain, focussed))
        assert "<figure" in marked and without != marked


def open_page(focus: str):
    """Return a page of the founding incidents."""
    import outages as ou

    return ou.page(study((*FOUNDING, MARKED, "2018-12-06-softbank-jp-ericsson-certificate"), focus=focus))


def test_hostile_text_is_shown_and_not_run(make):
    """Markup and formulas in an overlay are shown as text in every part, and the origin stands beside them."""
    from hostile import overlay

    folder = overlay(make)
    registry = read_registry([folder], DATA)
    ids = [INCIDENT["incident_id"], *FOUNDING]
    for name in ("comparative-report", "recommendations"):  # the dossier: tests/test_pages.py
        text = html_of(name, study(ids, focus=ids[0], registry=registry))
        page = Reader(text)
        assert "script" not in page.tags and all(load.startswith("data:") for load in page.loads), name
        assert page.handlers == []
        assert "&lt;script&gt;" in text and "[ours]" in text
