"""Pages hold no code, nothing from outside, every claim with its source, and harmless text only."""

import base64
import hashlib
import html
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pandas as pd
import pytest
from bs4 import BeautifulSoup

import outages as ou
from catalogue import english_words
from conftest import BOTH, CAUSE, CLAIM, FOUNDING, INCIDENT, ONSET, RESTORED, SOURCE, USERS, rendered
from outages.language import Words
from outages.paths import DATA, REPORTS
from outages.registry.registry import read_registry, subset
from outages.registry.schema import RegistryError
from outages.render import report_names
from outages.report import comparison, dossier
from outages.studies import Study

CLAIMS_IN = ("en", "fr")[
    report_names().index("claims") % 2
]  # the language in which the page of all claims is made here
NAMES = [f"{name}.{lang}.html" for name in BOTH for lang in ("en", "fr")]
SCRIPT = REPORTS / "template" / "publication" / "figures.js"
EVIL = '<script>alert("x")</script><img src=x onerror=alert(1)> $\\frac{1}{0}$ & {0}'


class Reader(HTMLParser):
    """Collect ids, links, sources and scripts of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.ids, self.links, self.loads, self.tags, self.alts, self.handlers = [], [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Note a tag."""
        found = dict(attrs)
        self.tags.append(tag)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if tag == "a" and "href" in found else []
        self.loads += [found[k] for k in ("src", "srcset", "data", "poster") if k in found] + (
            [found["href"]] if tag == "link" and found.get("rel") != "alternate" else []
        )
        self.handlers += [name for name in found if name.startswith("on")]
        self.alts += [found.get("alt")] if tag == "img" else []


def scripts_are_ours(text: str) -> bool:
    """Return whether a page runs the script of figures, if it has any, and no other, and allows that alone by its
    hash.
    """
    wanted = [SCRIPT.read_text(encoding="utf-8")] if "<figure id=" in text else []
    allowed = "".join(
        f"; script-src 'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in wanted
    )
    found = re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL)
    return found == wanted and f"default-src 'none'; img-src data:; style-src 'unsafe-inline'{allowed}\"" in text


@pytest.mark.parametrize("name", NAMES)
def test_page_is_whole_and_closed(name, pages):
    """One file: no script but that of figures, nothing loaded from elsewhere, no code, every link inside the page leads
    somewhere, ids are unique.
    """
    text = (pages / name).read_text(encoding="utf-8")
    page = Reader(text)
    assert scripts_are_ours(text) and "iframe" not in page.tags
    assert all(load.startswith("data:") for load in page.loads)
    assert not re.search(r"@import|url\((?!data:)", text)
    assert "ou.study" not in text and "ou.page" not in text and "jp-Input" not in text
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert f'<html lang="{name.split(".")[1]}">' in text
    assert page.tags.count("h1") == 1 and "nav" in page.tags


@pytest.mark.parametrize("name", NAMES)
def test_figures_have_words(name, pages):
    """Every image says what it shows, in more than a title, with figures in it."""
    page = Reader((pages / name).read_text(encoding="utf-8"))
    assert page.alts and all(alt and len(alt) > 80 and re.search(r"\d", alt) for alt in page.alts)
    assert "No description has been provided" not in " ".join(page.alts)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_claim_stands_on_the_page_with_its_source(lang):
    """On a page of the founding incidents each claim stands with its locator, and each source with its address."""
    registry = subset(read_registry((), DATA), FOUNDING)
    page = ou.page(Study(registry, "authority", Words(lang)))
    shown = html.unescape(str(comparison.claims(page).html + comparison.sources(page).html))
    tables = (registry.events, registry.measures, registry.causes, registry.third_parties)
    for table in tables:
        places = (str(page.evidence.located(row)) for row in table.to_dict("records"))
        assert [place for place in places if html.unescape(place) not in shown] == []
        assert lang == "fr" or [locator for locator in table["locator"] if locator not in shown] == []
    used = set(pd.concat([table["source_id"] for table in tables]))
    for source in registry.sources[registry.sources["source_id"].isin(used)].itertuples():
        assert f"<code>{source.source_id}</code>" in shown and source.url in shown


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


def test_other_pages_are_whole(pages):
    """The pages about one question are closed in the same way, and say where else to look."""
    others = [p for p in pages.glob("*.*.html") if p.name not in NAMES]
    assert len(others) == len(report_names()) - len(BOTH) + 1  # the landing page in both languages
    for path in others:
        text = path.read_text(encoding="utf-8")
        page = Reader(text)
        if path.name.startswith("decision-note"):
            assert "script" not in page.tags
        elif not path.name.startswith("landing"):  # tests/report/test_landing.py
            assert scripts_are_ours(text), path.name
        assert all(load.startswith("data:") for load in page.loads) and page.handlers == [], path.name
        assert len(page.ids) == len(set(page.ids)) and {link[1:] for link in page.links if link.startswith("#")} <= set(
            page.ids
        ), path.name
        assert all(alt and re.search(r"\d", alt) for alt in page.alts), path.name


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
            assert len(table) and not {"low", "high", "left", "right"} & set(table), (
                path.name
            )  # a unit stands in the name of a column


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
    names = {*registry.organisations["name_fr"], *registry.sources["publisher"].str.partition(" (")[0], "CC BY 4.0"}
    told = sorted((n for n in names if english & set(re.findall(r"\w+", n.lower()))), key=len, reverse=True)
    named, word = re.compile("|".join(map(re.escape, told))), re.compile(r"\b(?![A-Z]{2}\b)[^\W\d_]+\b")
    found = {
        path.name: {one.lower() for one in word.findall(named.sub("", in_the_language_of_the_page(path)))} & english
        for path in pages.glob("*.fr.html")
    }
    assert len(found) > len(BOTH) + 1 and {name: words for name, words in found.items() if words} == {}


def overlay(make, **more):
    """Make an overlay with an incident of its own, whose texts are hostile."""
    incident = {
        **INCIDENT,
        "title_en": EVIL,
        "title_fr": EVIL,
        "operator": EVIL,
        "summary_en": EVIL,
        "summary_fr": EVIL,
    }
    source = {**SOURCE, "title": EVIL, "publisher": EVIL}
    tables = {
        "incidents": [incident],
        "sources": [source],
        "events": [{**ONSET, "note": EVIL, "locator": EVIL}, RESTORED],
        "measures": [{**USERS, "note": EVIL, "scope": EVIL}],
        "causes": [{**CAUSE, "note": EVIL}],
        "third_parties": [{**CLAIM, "party": EVIL, "role": "other", "involvement": "cause", "note": EVIL}],
        "recommendations": [{**CLAIM, "addressee": EVIL, "theme": "supervision", "text_en": EVIL, "text_fr": EVIL}],
    }
    return make("ours", **{**tables, **more})


def test_overlay_is_marked_and_text_from_data_is_harmless(make, tmp_path):
    """An overlay's incident appears beside the public ones, named as such; its markup and formulas are shown, not
    run.
    """
    from outages.render import plan

    folder = overlay(make)
    for name in ("comparative-report", f"incident-dossier-{INCIDENT['incident_id']}"):
        text = rendered(plan(name, {}, "en", [folder]), tmp_path / "out").read_text(encoding="utf-8")
        page = Reader(text)
        assert scripts_are_ours(text) and all(load.startswith("data:") for load in page.loads)
        assert "&lt;script&gt;" in text and "[ours]" in text
        assert page.handlers == [] and not {"onerror", "alert"} & set(page.tags)


def test_clashing_overlay_is_refused(make):
    """An overlay that reuses a public incident id is an error that names both places."""
    public = read_registry((), DATA).incidents.iloc[0]["incident_id"]
    claims = {name: [] for name in ("events", "measures", "causes")}
    folder = make("ours", incidents=[{**INCIDENT, "incident_id": public}], sources=[], **claims)
    with pytest.raises(RegistryError, match=r"ours/incidents\.csv:2: incident_id: ") as found:
        ou.study(data=[str(folder)])
    assert re.search(r"already at .*incidents\.csv:", found.value.problems[0].message)


def test_overlay_adds_claims_to_public_incidents(make):
    """An overlay may add a claim of its own to a public incident, and its origin stays visible."""
    public = "2021-06-02-orange-fr-emergency-calls"
    claim = {
        **CLAIM,
        "incident_id": public,
        "event": "detected",
        "actor": "operator",
        "time_low": "2021-06-02T16:50+02:00",
        "time_high": "2021-06-02T16:50+02:00",
    }
    folder = make("ours", incidents=[], events=[claim], measures=[], causes=[])
    assert "ours" in comparison.scope(ou.page(ou.study(data=[str(folder)]))).html
    assert "[ours]" in dossier.claims(ou.page(ou.incident(incident=public, data=[str(folder)]))).html
