"""Every claim stands on a page with its source, and what the policy makes of it is said."""

import re

import pandas as pd
import pytest
from markupsafe import escape
from parts import FOUNDING, ORANGE, study

import outages as ou
from conftest import CLAIM, INCIDENT, ONSET, RESTORED, SOURCE
from outages.errors import InputError
from outages.language import Words
from outages.paths import DATA
from outages.registry.registry import read_registry
from outages.report import comparison, dossier
from outages.report.locators import located

TABLES = ("events", "measures", "causes", "third_parties")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_claim_stands_on_the_page_with_its_source(lang):
    """On a page of the founding incidents each claim stands with its locator, and each source with its address."""
    page = ou.page(study(FOUNDING, lang))
    shown = str(comparison.claims(page).html + comparison.sources(page).html)
    tables = [getattr(page.study.registry, table) for table in TABLES]
    for table in tables:
        assert [row for row in table.to_dict("records") if page.evidence.located(row) not in shown] == []
        assert lang == "fr" or [locator for locator in table["locator"] if escape(locator) not in shown] == []
    used = set(pd.concat([table["source_id"] for table in tables]))
    sources = page.study.registry.sources
    for source in sources[sources["source_id"].isin(used)].itertuples():
        assert f"<code>{source.source_id}</code>" in shown and escape(source.url) in shown


def rows(block) -> list[list[str]]:
    """Return the cells of the rows of a table."""
    found = re.findall(r"<tr[^>]*><th scope=\"row\">(.*?)</th>(.*?)</tr>", str(block.html), re.DOTALL)
    return [[head, *re.findall(r"<td[^>]*>(.*?)</td>", cells, re.DOTALL)] for head, cells in found]


def test_claims_that_agree_are_not_marked_as_rejected(make):
    """A claim of a lower rank that allows the value agrees, one that excludes it does not; statements stand open."""
    press = {**SOURCE, "source_id": "press", "kind": "press", "url": "https://press.example/a"}
    said = {**ONSET, "source_id": "press"}
    vague = {**said, "time_low": "2020-03-01T09:30+01:00", "time_high": "2020-03-01T10:15+01:00"}
    later = {**said, "time_low": "2020-03-01T10:30+01:00", "time_high": "2020-03-01T10:40+01:00"}
    word = {**ONSET, "event": "public_statement", "actor": "operator"}
    folder = make(sources=[SOURCE, press], events=[vague, ONSET, said, word, later, RESTORED], measures=[], causes=[])
    own = study(registry=read_registry((), folder), focus=INCIDENT["incident_id"])
    taken = [(head.removesuffix(" [registry]"), cells[1]) for head, *cells in rows(dossier.claims(ou.page(own)))]
    assert sorted(mark for head, mark in taken if head == "Onset") == ["agrees", "no", "yes"]
    used = next(cells for head, *cells in rows(dossier.claims(ou.page(own))) if head == "Onset" and cells[1] == "yes")
    assert used[2].count('href="#s-') == 2  # who says the same shares the row
    assert [mark for head, mark in taken if head not in ("Onset", "Restored")] == ["–"]


def test_orange_agrees_with_itself():
    """Of the claims of 2 June 2021 those of the same hour agree, in the words of each language."""
    page = ou.page(study([ORANGE], "fr", ORANGE))
    marks = {cells[1] for _head, *cells in rows(dossier.claims(page))}
    assert marks == {"oui", "concorde", "non", "non\xa0: retirée", "–"}


def test_a_column_of_ones_own_changes_nothing(make):
    """An overlay may hold columns of its own, whatever they are called."""
    folder = make()
    path = folder / "events.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    if any(c in lines[0] for c in ("index", "taken")):
        pytest.skip("the registry has such columns itself")
    own = study(registry=read_registry((), folder), focus=INCIDENT["incident_id"])
    own.registry.events["index"] = 7
    assert "no" not in [cells[1] for _head, *cells in rows(dossier.claims(ou.page(own)))]


def test_an_unknown_question_is_refused():
    """A page about something that no page is about says what it may be about."""
    with pytest.raises(InputError, match="about: 'parties' is not allowed; did you mean third_parties"):
        ou.page(study(FOUNDING), about="parties")


def test_overlay_adds_claims_to_public_incidents(make):
    """An overlay may add a claim of its own to a public incident, and its origin stays visible."""
    hour = "2021-06-02T16:50+02:00"
    seen = {
        **CLAIM,
        "incident_id": ORANGE,
        "event": "detected",
        "actor": "operator",
        "time_low": hour,
        "time_high": hour,
    }
    folder = make("ours", incidents=[], events=[seen], measures=[], causes=[])
    page = ou.page(study([ORANGE], focus=ORANGE, registry=read_registry([folder], DATA)))
    assert "[ours]" in dossier.claims(page).html
    assert "ours" in comparison.scope(ou.page(ou.study(data=[str(folder)]))).html


def test_places_in_documents_are_read_in_french():
    """Counted and common parts of a locator are French, a title keeps the language of its document, the rest is marked
    as English.
    """
    said = {
        "opening paragraph": "§\xa01",
        "second to fourth paragraphs, last sentence": "§\xa02 à 4, dernière phrase",
        "update 3 of 5": "mise à jour\xa03 sur 5",
        "section 3, table 2": "section\xa03, tableau\xa02",
        "section 'L'origine', item 2": 'section «\xa0<span lang="it">L&#39;origine</span>\xa0», point\xa02',
        "<b>diary</b>, page 4": '<span lang="en">&lt;b&gt;diary&lt;/b&gt;</span>, p.\xa04',
    }
    assert {text: str(located(text, Words("fr"), "it")) for text in said} == said
    assert [text for text in said if located(text, Words("en"), "it") != text] == []
    places = pd.concat([getattr(read_registry(), table)["locator"] for table in ("events", "measures")])
    assert sum('lang="en"' not in located(text, Words("fr")) for text in places) > 0.7 * len(places)
