"""The landing page holds every incident once, computes what it says, and counts as the report does."""

import math
import re

import pandas as pd
import pytest
from hostile import overlay
from parts import Reader, study

import outages as ou
from conftest import INCIDENT
from outages.paths import DATA
from outages.registry.registry import read_registry
from outages.report import findings, landing


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
    late = own.facts["to_earliest_statement"]["after_end"]
    for column, fact in ((4, "length"), (5, "to_earliest_statement")):
        for incident, ends in own.facts[fact][["low", "high"]].iterrows():
            cell, known = cells[incident][column], ends["low"] > 0 or ends["high"] < float("inf")
            if fact == "to_earliest_statement" and late[incident]:
                assert 'value="Infinity Infinity"' in cell
            else:
                assert ("<data value=" in cell) == known and ('class="none"' in cell) == (not known), incident
    assert [re.sub("<[^>]+>", "", c).replace("\u00a0", " ") for c in cells["2021-06-02-orange-fr-emergency-calls"]] == [
        "2 Jun 2021",
        "Orange",
        "France",
        "Emergency calls, mobile calls, fixed calls",
        "7 h 15 min",
        "1 h 15 min to 2 h 45 min",
        "disputed",
        "Italtel, Unnamed",
    ]


def test_findings_are_those_of_the_report():
    """The four cards say what the comparative report says; without a page of all claims no link leads to one."""
    for policy in ("authority", "press"):
        own = study(policy=policy)
        page, lengths, parties = ou.page(own), own.lengths(), own.third_parties()
        text = str(landing.findings(page, lengths, own.facts, own.facts, parties).html)
        assert str(findings.length(page, lengths)) in text and str(findings.delays(page, own.facts)) in text
        assert str(findings.third_parties(page, parties)) in text and text.count('class="finding"') == 4
        links = set(Reader(text).links)
        assert "third-parties.en.html" in links and not any(link.startswith("#") for link in links)
        assert any(link.startswith("claims.en.html#") for link in links) == (policy == "authority")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_nothing_known(lang, make):
    """A registry of one incident of which nothing is said gives a page that claims nothing."""
    own = study(lang=lang, registry=read_registry((), make(sources=[], events=[], measures=[], causes=[])))
    cells = body(table_of(own))[0]
    assert [("none" in cell) for cell in cells] == [False] * 5 + [True] * 4
    text = str(landing.findings(ou.page(own), own.lengths(), own.facts, own.facts, own.third_parties()).html)
    assert "nan" not in text and "<data" not in text


def test_hostile_text_is_shown_and_not_run(make):
    """Markup in a title, an operator or a company is text; its origin stands beside it."""
    registry = read_registry([overlay(make)], DATA)
    text = table_of(study([INCIDENT["incident_id"]], registry=registry))
    page = Reader(text)
    assert "script" not in page.tags and "img" not in page.tags and page.handlers == []
    assert text.count("&lt;script&gt;") == 3 and "[ours]" in text


def test_lengths_are_sorted_by_the_low_end_then_the_high_end():
    """What is known to be long stands behind what may be: a script reads both ends in whole minutes."""
    page, told = ou.page(study()), ("270 86400", "270 Infinity", "1440 1440")
    ends = [pd.Series({"low": low, "high": high}) for low, high in ((270, 86400), (270, math.inf), (1440, 1440))]
    assert [re.search('value="(.*?)"', landing.time(page, one, ""))[1] for one in ends] == list(told)


def test_what_one_adds_is_no_part_of_the_registry(make):
    """Outages of one's own are counted apart from those that everyone can check."""
    registry = read_registry([overlay(make)], DATA)
    own = study(registry=registry)
    k = (own.incidents["origin"] != "public").sum()
    said = str(landing.opening(ou.page(own)).html)
    assert k and f"registry of {own.n - k} major" in said and f"This page adds {k} outage" in said
    assert "This page adds" not in str(landing.opening(ou.page(study())).html)


def test_country_names_can_be_told_apart():
    """Countries and services are joined by commas in a cell, and the script parts them there, so no name holds one."""
    from babel.core import Locale

    from outages.language import LANGUAGES, Words, code_labels

    for lang in LANGUAGES:
        codes = [code for code in Locale.parse(lang).territories if len(code) == 2]
        labels = [label for (column, _), label in code_labels(lang).items() if column == "services"]
        assert not [name for name in [*Words(lang).countries(codes), *labels] if ", " in name]


def test_the_filter_of_third_parties_counts_what_the_finding_counts():
    """As many outages have a third party in the causal chain in the table, in the finding and among the groups."""
    own = study()
    k = sum("none known in the causal chain" not in row[8] for row in body(table_of(own)))
    said = str(findings.third_parties(ou.page(own), own.third_parties()))
    assert f"{k} of {own.n};" in said.replace("\u00a0", " ")
    assert k == (own.groups["third_party"] == "named").sum()
