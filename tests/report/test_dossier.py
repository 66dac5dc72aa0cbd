"""A dossier begins with what matters, draws the hours that matter, and says the same thing once."""

import csv
import html
import io
import re
from urllib.parse import unquote

import pandas as pd
import pytest
from parts import FOUNDING, ORANGE, checked, html_of, study, text_of

import outages as ou
from conftest import INCIDENT, ONSET, RESTORED, SOURCE, at
from outages.facts.advice import same_requests
from outages.registry.registry import read_registry
from outages.report import contradictions, dossier, key_figures

ALONE = "2011-03-15-tpg-au-000-voip"  # the longest
LITTLE = ("2024-03-15-telcel-mx-chihuahua", "2021-02-22-claro-pe-network")  # next to nothing is known
TV = FOUNDING[3]


@pytest.fixture(scope="module")
def french() -> str:
    """Return the French dossier of 2 June 2021."""
    return html_of("incident-dossier", study([ORANGE], "fr", ORANGE))


def data_of(text: str) -> str:
    """Return the data of the first figure, as its link holds them."""
    return unquote(html.unescape(re.search(r'href="data:text/csv;charset=utf-8,([^"]+)"', text)[1]))


def test_key_figures_come_first_with_who_says_so(french):
    """The founding outage begins with its resolved values, each linked to claims; what nobody says is one line."""
    head = french[: french.index("f-timeline")]
    boxes = re.findall(r'<dt>(.*?)</dt><dd class="value">(.*?)</dd><dd>(.*?)</dd>', head)
    values = {label: text_of(value).strip() for label, value, _who in boxes}
    assert values["Durée"] == "7 h 15" and values["Autorités prévenues après"] == "1 h 45 à 2 h 15"
    assert values["Appels d’urgence non aboutis"] == "9 000 à 11 850"
    assert values["Décès que des sources rattachent à la panne (sans valeur de preuve)"] == "5"
    assert values["Échec des appels d’urgence détecté par l’opérateur après"] == "45 min à 1 h 15"
    assert all('href="#c1-' in who for _label, _value, who in boxes)
    assert "l’opérateur lui-même" in boxes[-1][2]  # of a third party it is said whose word that is
    hours = "Autorités prévenues après 1 h 45 à 2 h 15 ; public prévenu après au plus 2 h 45 ; panne terminée après"
    assert f"{hours} 7 h 15" in text_of(french[len(head) :])  # the title of the figure
    assert text_of(head).count("Non connu : le nombre de personnes touchées.") == 1
    assert ORANGE not in text_of(head) and ORANGE in text_of(french[french.index("t-identity") :])


@pytest.mark.parametrize("incident", [ORANGE, ALONE])
def test_the_figure_shows_the_hours_that_matter(incident):
    """What is drawn touches the time from an hour (or a twentieth) before the onset to as long after the end, and is
    not beyond it.
    """
    own = study([incident], focus=incident)
    block = str(dossier.timeline(ou.page(own)).html)
    data = data_of(block)
    drawn = pd.read_csv(io.StringIO(data))
    start, end = own.facts.at[incident, ("onset", "low")], own.facts.at[incident, ("restored", "high")]
    edge = max(60, (end - start) / 20)
    assert ((drawn["minutes_high"] >= -edge) & (drawn["minutes_low"] <= end - start + edge)).all()
    claims = own.claims().query("table == 'events'")
    far = claims[(claims["high"] < start - edge) | (claims["low"] > end + edge)]
    far = far.drop_duplicates(["about", "actor", "low", "high", "source_id"])
    assert len(far) and str(len(far)) == re.search(r"(\d+) claims? outside", block)[1]
    assert {"Onset", "Restored"} <= set(drawn["label"])


@pytest.mark.parametrize("incident", [TV, "2025-01-24-multiple-ie-storm-eowyn"])
def test_one_vague_day_gives_a_sentence(incident):
    """Where no hour is known nothing is drawn."""
    own = study([incident], focus=incident)
    block = str(dossier.timeline(ou.page(own)).html)
    assert "<figure" not in block and "Too few moments are known to within a few hours" in block


@pytest.mark.parametrize("incident", FOUNDING)
def test_every_claim_stands_once(incident):
    """Claims that say the same share a row: no two rows are alike, and together they name as many claims as there
    are.
    """
    own = study([incident], focus=incident)
    rows = re.findall(
        r'<tr[^>]*><th scope="row">(.*?)</th>(.*?)</tr>', str(dossier.claims(ou.page(own)).html), re.DOTALL
    )
    cells = [(head, *re.findall(r"<td[^>]*>(.*?)</td>", rest, re.DOTALL)) for head, rest in rows]
    assert sum(row[3].count('href="#s-') for row in cells) == len(own.claims().query("table != 'recommendations'"))
    assert len({row[:2] for row in cells}) == len(cells)


def test_withdrawn_claims_are_named_as_such():
    """A claim that its speaker took back is not used, and it is said why."""
    own = study(["2022-07-02-kddi-jp-volte-congestion"], focus="2022-07-02-kddi-jp-volte-congestion")
    assert "<td>no: withdrawn</td>" in dossier.claims(ou.page(own)).html


def asked(*rows: tuple[str, str, str, str, str]) -> pd.Series:
    """Return which requests, given as theme, addressee, document, text and number, are the same."""
    columns = ["theme", "addressee", "source_id", "text_en", "target_value"]
    return same_requests(pd.DataFrame(rows, columns=columns).assign(target_unit="min"))


def test_the_same_request_of_two_documents_is_one():
    """The same words, nearly the same words or the same number make one request; another theme, addressee or the same
    document do not.
    """
    text = "Tell the authorities within half an hour when calls to emergency services fail."
    first = ("crisis", "Orange", "a", text, "")
    near = "Tell authorities within half an hour when emergency calls fail."
    assert list(asked(first, ("crisis", "Orange", "b", text, ""), ("crisis", "Orange", "c", near, ""))) == [0, 0, 0]
    assert list(asked(("x", "A", "a", "Thirty at most.", "30"), ("x", "A", "b", "Half an hour.", "30"))) == [0, 0]
    others = [("other", "Orange", "b", text, ""), ("crisis", "SFR", "b", text, ""), ("crisis", "Orange", "a", near, "")]
    assert list(asked(first, *others, ("crisis", "Orange", "b", "Pay for damages.", ""))) == [0, 1, 2, 3, 4]


def test_requests_are_folded_and_none_is_lost(french):
    """Every document and place of a request stands in the table, and it is said how many are folded."""
    own = study([ORANGE], "fr", ORANGE)
    advice = own.recommendations()
    block = str(dossier.recommendations(ou.page(own), advice).html)
    shown, more = map(int, re.findall(r"(\d+) (?:demandes|autres)", block)[:2])
    assert shown + more == len(advice) and block.count("<tr>") - 1 == shown < len(advice)
    assert block.count('href="#s-') == len(advice.drop_duplicates(["source_id", "locator", "theme", "text"]))
    assert "30\xa0min" in block


def test_the_outage_is_set_beside_its_peers(french):
    """The box says what the ranks of the note say, and leads there."""
    ranks = ou.peers(focus=ORANGE).ranks()
    box = french[french.index('class="beside"') :]
    assert f"{ranks.at['length', 'sooner']} plus courtes" in box
    assert f"decision-note-{ORANGE}.fr.html" in box and "comparative-report.fr.html" in box
    assert "(tout le registre, sur lequel repose la comparaison" in box  # which of two data versions is which


def test_one_that_is_only_listed_is_not_compared(make):
    """Of an incident outside the public registry's coded ones nothing is said beyond that."""
    own = study(registry=read_registry((), make()), focus=INCIDENT["incident_id"])
    assert 'class="dropped"' in dossier.compared(ou.page(own), []).html


@pytest.mark.parametrize("incident", [ORANGE, *LITTLE, "2022-07-02-kddi-jp-volte-congestion"])
def test_a_french_dossier_holds_no_english(incident, french):
    """But for names, titles and the curators' notes, which are marked, no English word is left."""
    page = french if incident == ORANGE else html_of("incident-dossier", study([incident], "fr", incident))
    checked(page)
    shown = re.sub(
        r'<(cite|span lang="en")[^>]*>.*?</(cite|span)>|<pre.*?</pre>|<code>.*?</code>|<li id="s-.*?</li>',
        "",
        page,
        flags=re.DOTALL,
    )
    words = r"(?:the|and|with|was|were|from|that|not|no|yes|days?|hours|Claim|Used|Note:|operator|press)"
    assert re.findall(rf".{{,30}}(?<![\w’'-]){words}(?![\w’'-]).{{,30}}", text_of(shown)) == []


def test_a_detection_of_emergency_calls_stands_beside_the_operators_own(make):
    """Where the operator saw the outage at once, and that emergency calls failed an hour later, both stand."""
    first, later = at("10:05", event="detected", actor="operator"), at("11:00", event="detected", actor="operator")
    later |= {"scope": "emergency_calls"}
    registry = read_registry((), make(sources=[SOURCE], events=[ONSET, first, later, RESTORED], measures=[], causes=[]))
    own = study(registry=registry, focus=INCIDENT["incident_id"])
    labels = [label for label, *_rest in key_figures.detection(ou.page(own), own.facts)]
    assert len(labels) == 2 and "emergency calls" in labels[1]


def test_a_resolved_hour_stands_at_who_gave_it(make):
    """An authority gives the hour of a workaround, vaguely and, in the press, exactly; that of the operator is not
    taken.
    """
    told = [
        at(*ends, event="workaround_published", actor=actor, speaker=speaker)
        for *ends, actor, speaker in (
            ("10:10", "11:30", "authority", "government"),
            ("11:00", "11:00", "authority", "press"),
            ("11:45", "11:45", "operator", "press"),
        )
    ]
    registry = read_registry((), make(sources=[SOURCE], events=[ONSET, *told, RESTORED], measures=[], causes=[]))
    own = ou.page(study(registry=registry, focus=INCIDENT["incident_id"]))
    found = dossier.resolved(own, dossier.kinds(own))
    rows = found[found.index.str.startswith("Workaround")]
    assert list(rows.index) == ["Workaround published, authority"]
    assert (rows["high"] - rows["low"]).tolist() == [0]


def test_data_of_the_figure_can_be_read(french):
    """The rows of the figure can be taken from the page."""
    data = data_of(french)
    assert len(list(csv.DictReader(io.StringIO(data)))) > 50


def test_hours_beyond_the_figure_are_written_as_they_are():
    """That authorities were told on a day is no hour because the figure ends at an hour: the day stands, an arrow goes
    on.
    """
    block = str(dossier.timeline(ou.page(study([FOUNDING[0]], focus=FOUNDING[0]))).html)
    told = text_of(unquote(html.unescape(re.search(r'src="data:image/svg\+xml[^,]*,([^"]+)"', block)[1])))
    assert "Authorities told, operator: 7 Jul" in told and "00:00–04:35" not in told
    assert "04:35" not in told and "whole registry" not in told


def test_contradictions_name_two_claims_that_exclude_one_another():
    """A day is no version beside an hour of it; the two claims farthest apart are."""
    own = ou.incident(incident=ORANGE)
    said = text_of(str(contradictions.in_short(ou.page(own)).html))
    assert "Onset, emergency calls: from “2 Jun 2021, 16:45” to “2 Jun 2021, 18:00”" in said
