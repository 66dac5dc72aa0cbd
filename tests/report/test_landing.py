"""The landing page holds every incident once, computes what it says, and runs one script that it names by its hash."""

import base64
import hashlib
import re

import pytest
from hostile import overlay
from parts import Reader, study

import outages as ou
from conftest import INCIDENT
from outages.facts.timeline import timed
from outages.paths import DATA, REPORTS
from outages.registry.registry import read_registry
from outages.render.index import awake
from outages.report import landing
from outages.stats.intervals import quantile

SCRIPT = REPORTS / "template" / "publication" / "landing.js"


def table_of(own) -> str:
    """Return the table of a study."""
    return str(landing.table(ou.page(own), own.facts, own.incidents, own.third_parties()).html)


def body(text: str) -> list[list[str]]:
    """Return the cells of each row of the table."""
    rows = re.findall(r"<tr>(<th scope=\"row\">.*?)</tr>", text, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_one_row_an_incident(lang, pages):
    """Every incident stands in the table once, latest first, with a link to its dossier, within the bytes agreed."""
    own, path = ou.study(lang=lang), pages / f"landing.{lang}.html"
    text = path.read_text(encoding="utf-8")
    rows = body(text)
    ids = [re.search(rf"incident-dossier-(.+)\.{lang}\.html", first)[1] for first, *_ in rows]
    assert sorted(ids) == sorted(own.incidents.index) and {len(row) for row in rows} == {9}
    days = [re.search(r'datetime="(.{10})"', row[1])[1] for row in rows]
    assert days == sorted(days, reverse=True) and days == [i[:10] for i in ids]
    assert path.stat().st_size < 400_000 * max(1, own.n / 346)


def test_what_is_known_stands_in_the_table_and_nothing_else():
    """A length and a statement carry their minutes, what nobody says is said to be unknown and carries none."""
    own = study()
    cells = {re.search(r"incident-dossier-(.+)\.en\.html", first)[1]: rest for first, *rest in body(table_of(own))}
    late = own.facts["to_known_word"]["after_end"]
    for column, fact in ((4, "length"), (5, "to_known_word")):
        for incident, ends in own.facts[fact][["low", "high"]].iterrows():
            cell, known = cells[incident][column], ends["low"] > 0 or ends["high"] < float("inf")
            if fact == "to_known_word" and late[incident]:
                assert 'value="Infinity"' in cell
            else:
                assert ("<data value=" in cell) == known and ('class="none"' in cell) == (not known), incident
    assert [re.sub("<[^>]+>", "", c).replace("\u00a0", " ") for c in cells["2021-06-02-orange-fr-emergency-calls"]] == [
        "2 Jun 2021",
        "Orange",
        "France",
        "Emergency calls, Mobile calls, Fixed calls",
        "7 h 15 min",
        "1 h 15 min to 2 h 45 min",
        "sources disagree",
        "Italtel, not named by the source",
    ]


def test_findings_are_computed():
    """Each number of the four sentences is that of the frames."""
    own = study()
    text = str(landing.findings(ou.page(own), own.facts, own.incidents).html).replace("\u00a0", " ")
    said, small = (re.findall(rf'<p class="{kind}">(.*?)</p>', text) for kind in ("finding", "small"))
    lengths, people, calls = own.lengths(), own.facts["users_affected"], own.incidents["emergency_calls"]
    middle = quantile(lengths[["low", "high"]].dropna(), 0.5)
    assert f"roughly {round((middle.low + middle.high) / 120)} hours" in said[0]
    assert f"known for {lengths['low'].notna().sum()} of {own.n}" in small[0]
    assert f"at least {(people['low'] >= 1e6).sum()} of them" in said[1] and f"in {calls.sum()}." in small[1]
    words = timed(own.facts["to_known_word"])["low"].notna().sum()
    assert f"(n = {words})" in small[2]
    assert f"Named in {own.incidents['third_party'].sum()} of {own.n}" in small[3]


@pytest.mark.parametrize(
    ("named", "of", "said"), [(87, 346, "at least one outage in four"), (1, 2, "at least half of the outages"), (1, 50, "2% of the outages")]
)  # fmt: skip
def test_a_share_is_never_said_larger_than_it_is(named, of, said):
    """A simple fraction stands for a share only when it is reached."""
    import pandas as pd

    holds = pd.Series([True] * named + [False] * (of - named))
    assert landing.at_least(ou.page(study()), holds) == said


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_nothing_known(lang, make):
    """A registry of one incident of which nothing is said gives a page that claims nothing."""
    own = study(lang=lang, registry=read_registry((), make(sources=[], events=[], measures=[], causes=[])))
    cells = body(table_of(own))[0]
    assert [("none" in cell) for cell in cells] == [False] * 5 + [True] * 4
    text = str(landing.findings(ou.page(own), own.facts, own.incidents).html)
    assert "nan" not in text and "<data" not in text


def test_hostile_text_is_shown_and_not_run(make):
    """Markup in a title, an operator or a company is text; its origin stands beside it."""
    registry = read_registry([overlay(make)], DATA)
    text = table_of(study([INCIDENT["incident_id"]], registry=registry))
    page = Reader(text)
    assert "script" not in page.tags and "img" not in page.tags and page.handlers == []
    assert text.count("&lt;script&gt;") == 3 and "[ours]" in text


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_one_script_is_the_projects(lang, pages):
    """The page runs the script of the template and no other: its policy names that by its hash."""
    text = (pages / f"landing.{lang}.html").read_text(encoding="utf-8")
    script = SCRIPT.read_text(encoding="utf-8")
    assert re.findall(r"<script>(.*?)</script>", text, re.DOTALL) == [script]
    hashed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{hashed}'\"" in text


def test_country_names_can_be_told_apart():
    """Countries and services are joined by commas in a cell, and the script parts them there, so no name holds one."""
    from babel.core import Locale

    from outages.language import LANGUAGES, Words, code_labels

    for lang in LANGUAGES:
        codes = [code for code in Locale.parse(lang).territories if len(code) == 2]
        labels = [label for (column, _), label in code_labels(lang).items() if column == "services"]
        assert not [name for name in [*Words(lang).countries(codes), *labels] if ", " in name]


def test_links_sleep_until_their_page_is_there():
    """A link whose page is missing keeps its address and wakes when the page has come; others are left alone."""
    page = '<a href="a%20b.en.html#x">A</a> <a class="k" href="c.html">C</a> <a href="#top">T</a> <a href="https://x.example/y.html">X</a>'
    asleep = awake(page, {"c.html"})
    assert asleep == page.replace('<a href="a', '<a data-href="a')
    assert awake(asleep, {"c.html", "a b.en.html"}) == page and awake(asleep, {"c.html"}) == asleep
