"""Pages hold no code, nothing from outside, every claim with its source, and harmless text only."""

import base64
import hashlib
import html
import io
import re
from pathlib import Path
from urllib.parse import unquote

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from hostile import overlay
from parts import Reader, checked

import outages as ou
from catalogue import english_words
from conftest import INCIDENT, PAGES, rendered
from outages.paths import DATA, REPORTS
from outages.registry.registry import read_registry
from outages.registry.schema import RegistryError

CLAIMS_IN = dict(PAGES)["claims"]  # the language in which the page of all claims is made here
LONG = ("comparative-report", "incident-dossier")
SCRIPTS = {"landing": "landing.js", "decision-note": ""}  # of pages that have another than that of figures


def closed(text: str, name: str) -> Reader:
    """Check that a page runs its script of the project, if it has any, and no other, and allows that alone by its hash;
    and that it loads nothing.
    """
    file = SCRIPTS.get(name, "figures.js" if "<figure id=" in text else "")
    wanted = [(REPORTS / "template" / "publication" / file).read_text(encoding="utf-8")] if file else []
    hashed = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in wanted]
    allowed = "".join(f"; script-src 'sha256-{one}'" for one in hashed)
    assert re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL) == wanted
    assert f"default-src 'none'; img-src data:; style-src 'unsafe-inline'{allowed}\"" in text
    page = Reader(text)
    assert all(load.startswith("data:") for load in page.loads) and not re.search(r"@import|url\((?!data:)", text)
    assert page.handlers == [] and not {"iframe", "onerror", "alert"} & set(page.tags)
    return page


@pytest.mark.parametrize(("name", "lang"), PAGES)
def test_page_is_whole_and_closed(name, lang, pages):
    """One file: no script but the project's, nothing loaded from elsewhere, no code, every link inside the page leads
    somewhere, ids are unique, every image says what it shows.
    """
    text = (pages / f"{name}.{lang}.html").read_text(encoding="utf-8")
    page = closed(text, name)
    checked(re.sub(r"<(style|script)[^>]*>.*?</\1>", "", text, flags=re.DOTALL))
    assert "ou.study" not in text and "ou.page" not in text and "jp-Input" not in text
    assert f'<html lang="{lang}">' in text and page.tags.count("h1") == 1
    assert "No description has been provided" not in " ".join(page.alts)
    if name in LONG:
        assert "nav" in page.tags and page.alts and all(len(alt) > 80 for alt in page.alts)


def test_numbers_lead_to_their_claims(pages):
    """Each linked number of the comparison leads to a place on the page of all claims, a sum to the same number."""
    text, claims = (
        (pages / f"{name}.{CLAIMS_IN}.html").read_text(encoding="utf-8") for name in ("comparative-report", "claims")
    )
    linked = re.findall(rf'<a href="claims\.{CLAIMS_IN}\.html#([^"]+)">([^<]+)</a>', text)
    assert len(linked) > 300
    there = {
        key: claims[found.end() : found.end() + 2000]
        for found in re.finditer(r' id="([^"]+)"', claims)
        if (key := found[1])
    }
    assert {key for key, _ in linked} <= set(there)
    sums = [(key, number) for key, number in linked if key.startswith("d-")]
    assert len(sums) > 200
    assert [key for key, number in sums if number not in there[key].split("</li>")[0]] == []


def test_figures_carry_their_data(pages):
    """Under each figure stands its data as CSV, one row at least, that pandas reads."""
    for path in pages.glob("*.*.html"):
        text = path.read_text(encoding="utf-8")
        if path.name.startswith("incident-dossier"):
            continue
        found = re.findall(r'<a download="([^"]+\.csv)" href="data:text/csv;charset=utf-8,([^"]+)">', text)
        assert len({name for name, _ in found}) == text.count("<figure id="), path.name
        for _, data in found:
            table = pd.read_csv(io.StringIO(unquote(html.unescape(data))))
            assert len(table) and not {"low", "high", "left", "right"} & set(table), path.name  # names hold the unit


def in_the_language_of_the_page(path: Path) -> str:
    """Return what a page says in its own language: without code and what carries a language, with what images say."""
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    for other in page.select("body [lang], code, script, style"):
        other.decompose()
    said = [tag[name] for name in ("alt", "title", "aria-label", "placeholder") for tag in page.select(f"[{name}]")]
    drawn = [unquote(image["src"]) for image in page.select("img[src^='data:image/svg']")]
    texts = [html.unescape(found) for svg in drawn for found in re.findall(r"<(?:text|tspan)[^>]*>([^<]*)", svg)]
    return "\n".join([page.get_text(" "), *said, *texts])


def test_french_pages_are_french(pages):
    """No word on a French page is English, but in names and where a language is given."""
    english = english_words()
    assert {"the", "paragraph", "operators", "outage", "between"} < english and not {
        "le",
        "opérateur",
        "panne",
    } & english
    registry = read_registry((), DATA)
    called = registry.organisations["name_fr"].where(lambda fr: fr != "", registry.organisations["name_en"])
    names = {"CC BY 4.0", *pd.concat([called, registry.sources["publisher"]]).str.partition(" (")[0]}
    told = sorted((n for n in names if english & set(re.findall(r"\w+", n.lower()))), key=len, reverse=True)
    named, word = re.compile("|".join(map(re.escape, told))), re.compile(r"\b(?![A-Z]{2}\b)[^\W\d_]+\b")
    found = {
        path.name: {one.lower() for one in word.findall(named.sub("", in_the_language_of_the_page(path)))} & english
        for path in pages.glob("*.fr.html")
    }
    assert len(found) == [lang for _name, lang in PAGES].count("fr") > 6
    assert {name: words for name, words in found.items() if words} == {}


def test_overlay_is_marked_and_text_from_data_is_harmless(make, tmp_path):
    """The page of an overlay's incident names its origin; its markup and formulas are shown, not run."""
    from outages.render import plan

    name = f"incident-dossier-{INCIDENT['incident_id']}"
    text = rendered(plan(name, {}, "en", [overlay(make)]), tmp_path / "out").read_text(encoding="utf-8")
    closed(text, name)
    assert "&lt;script&gt;" in text and "[ours]" in text


def test_clashing_overlay_is_refused(make):
    """An overlay that reuses a public incident id is an error that names both places."""
    public = read_registry((), DATA).incidents.iloc[0]["incident_id"]
    claims = {name: [] for name in ("events", "measures", "causes")}
    folder = make("ours", incidents=[{**INCIDENT, "incident_id": public}], sources=[], **claims)
    with pytest.raises(RegistryError, match=r"ours/incidents\.csv:2: incident_id: ") as found:
        ou.study(data=[str(folder)])
    assert re.search(r"already at .*incidents\.csv:", found.value.problems[0].message)
