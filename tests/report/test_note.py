"""The decision note: every number of the founding one against its claims, ten others that read well, two sheets of
paper.
"""

import re
from html import unescape
from urllib.parse import unquote

import pytest

import outages as ou
from conftest import CHROMIUM, INCIDENT, ONSET, SOURCE, at, hours, rendered, write_registry
from outages.facts.peers import compared, measured, standings
from outages.facts.timeline import timed
from outages.language import Words
from outages.render import plan
from outages.render.pdf import print_page
from outages.report import dossier, key_figures, note
from outages.report.note.changes import brought
from outages.report.note.evidence import compact
from outages.report.note.ranks import JUDGED, peer_names
from outages.stats.intervals import Interval
from outages.studies import ParameterError

FOUNDING = "2021-06-02-orange-fr-emergency-calls"
SPARSE = ("1988-11-14-telefonica-es-jerez-fire", "2010-09-28-teliasonera-se-voice")  # next to nothing is known
OTHERS = (
    "2012-07-06-orange-fr-mobile",
    "2017-01-29-spark-nz-core-exchange",
    "2018-05-04-telstra-au-cable-triple-zero",
    "2019-07-02-cloudflare-us-waf-regex",
    "2020-07-22-bell-aliant-ca-moncton-switch",
    "2021-01-07-proximus-be-emergency-calls",
    "2022-02-07-vodafone-pt-cyberattack",
    "2023-11-08-optus-au-nationwide",
)


def parts(study) -> dict[str, str]:
    """Return the parts of a note as its notebook puts them together."""
    rows = note.rows(study)
    blocks = {
        "opening": note.opening(study, study.ranks()),
        "figure": note.figure(study, rows),
        "changes": note.to_change(study, study.changes()),
        "caution": note.caution(study),
        "chronology": note.chronology(study, study.chronology()),
        "table": note.table(study, rows),
        "limits": note.limits(study, study.own_limits()),
        "others": note.others(study, study.asked()),
        "since": note.since(study, *study.since()),
        "foot": note.foot(study, study.ranks()),
    }
    return {name: str(block.html) for name, block in blocks.items()}


def spoken(html: str) -> str:
    """Return what a reader sees: texts without tags, with plain spaces."""
    text = re.sub(r'(?:src|srcset|href)="data:[^"]*"', "", html)
    alt = " ".join(re.findall(r'alt="([^"]*)"', text))
    text = re.sub(r"</?(?:a|b|span)\b[^>]*>", "", text)
    return unescape(re.sub(r"<[^>]+>", " ", text) + " " + alt).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture(scope="module")
def founding():
    """Open the note of 2 June 2021 among the countries that its inquiry named."""
    return ou.peers(focus=FOUNDING, countries="FR;DE;GB;BE;US", lang="fr")


@pytest.fixture(scope="module")
def shown(founding):
    """Return its parts."""
    return parts(founding)


def test_selection_is_emergency_calls_where_the_focus_hit_them(founding):
    """Services need not be named; every outage of the study hit emergency calls in one of the countries."""
    assert founding.services == ("emergency_calls",)
    assert founding.incidents["emergency_calls"].all() and 40 < founding.n < 100
    mobile = ou.peers(focus="2012-07-06-orange-fr-mobile")
    assert set(mobile.services) == set(mobile.incidents.at[mobile.focus, "services"].split(";"))


@pytest.mark.parametrize(("measure", "event"), [("authorities", "authorities_notified"), ("crisis", "escalated")])
def test_lags_follow_from_claims(founding, measure, event):
    """A lag runs from the latest onset to the earliest act and from the earliest to the latest, among the claims
    taken.
    """
    claims = founding.claims(FOUNDING)
    taken = claims[claims["selected"] & (claims["table"] == "events")]
    act = taken[(taken["about"] == event) & (taken["actor"] == "operator")]
    onset = founding.facts.loc[FOUNDING, "onset"]
    row = founding.ranks().loc[measure]
    assert row["low"] == act["low"].min() - onset["high"] and row["high"] == act["high"].max() - onset["low"]


def test_every_number_of_the_boxes(founding, shown):
    """The boxes say what the facts say, in round form, and count peers as the facts do."""
    words, ranks, said = founding.words, founding.ranks(), spoken(shown["opening"])
    for name in ("length", "authorities"):
        low, high = (words.round_minutes(ranks.at[name, end]).replace("\u00a0", " ") for end in ("low", "high"))
        assert (low if low == high else f"{low} à {high}") in said
    latest = words.round_minutes(ranks.at["public", "high"]).replace("\u00a0", " ")
    assert f"Public prévenu après au plus {latest}" in re.sub(r"\s+", " ", said)
    values = compared(founding.facts)
    for name in ("authorities", "public"):
        counts = standings(timed(measured(founding.facts, name)), FOUNDING).value_counts()
        assert counts.to_dict() == {k: int(ranks.at[name, k]) for k in counts.index}
        assert f"{int(ranks.at[name, 'peers'])} pannes comparables datées" in said
    calls = values["calls"].loc[FOUNDING]
    claimed = founding.claims(FOUNDING, "emergency_calls_failed")
    assert claimed["low"].min() <= calls["low"] <= calls["high"] <= claimed["high"].max()


def test_headline_follows_from_the_verdicts(founding, shown):
    """The headline is of the fixed set: its two judgements are those of the ranks."""
    headline = spoken(re.search(r'<h2 class="headline"[^>]*>(.*?)</h2>', shown["opening"])[1])
    for name in ("authorities", "public"):
        judged = founding.words._(JUDGED[founding.ranks().at[name, "verdict"]]).replace("\u00a0", " ")
        assert judged in headline
    assert "autorités" in headline and "public" in headline and len(headline) < 200


def test_figure_shows_peers_of_known_hour_with_a_phone_sized_twin(founding, shown):
    """Eight to thirteen rows, all but the focus timed, sorted by first word; a line at the operator's own goal; nothing
    that a srcset would break at.
    """
    rows = note.rows(founding)
    assert 8 <= len(rows) <= 13 and rows["focus"].sum() == 1
    word = rows[["authorities_high", "public_high"]].min(axis=1)
    assert word.dropna().is_monotonic_increasing
    assert founding.distances().loc[rows.index[~rows["focus"]], "timed"].all()
    source = re.search(r'srcset="([^"]*)"', shown["figure"])[1]
    assert source.startswith("data:image/svg+xml,") and " " not in source
    assert "30 min : objectif de l’opérateur" in unquote(source).replace("\u00a0", " ")


def test_what_to_change_is_bounded(founding):
    """The crisis team within half an hour saves at most its delay less thirty minutes; each other gain is the distance
    to the peer named.
    """
    changes = founding.changes().set_index("theme")
    cell = founding.ranks().loc["crisis"]
    row = changes.loc["crisis_process"]
    assert row["limit"] == 30 and 0 <= row["low"] <= row["high"] <= cell["high"] - 30
    told, best = founding.ranks().loc["authorities"], changes.loc["authority_notification"]
    assert best["peer"] == told["best"] and best["high"] == told["high"] - told["best_low"]
    assert spoken(str(note.to_change(founding, founding.changes()).html)).count("Demandé par") == 3


def test_every_link_leads_to_a_claim(founding, shown):
    """Anchors in the dossier of the focus are there."""
    study = ou.incident(incident=FOUNDING, lang="fr")
    page = ou.page(study)
    there = str(dossier.claims(page).html) + str(dossier.recommendations(page, study.recommendations()).html)
    own = re.escape(f"incident-dossier-{FOUNDING}.fr.html#")
    wanted = {place for html in shown.values() for place in re.findall(f'href="{own}([^"]+)"', html)}
    assert len(wanted) >= 8
    assert [place for place in wanted if f'id="{place}"' not in there] == []


def test_chronology_names_hours_and_contradictions(shown):
    """Authorities were told at 18:30 to 19:00; the crisis team met an hour later; contradictions have a line each."""
    said = spoken(shown["chronology"])
    assert "18 h 30–19 h 00" in said and "19 h 30–20 h 00" in said
    assert "autorités prévenues  Le gouvernement (France Bleu, LINFO.re)" in said  # read in two newspapers
    assert 4 <= shown["chronology"].count("<tr><td>") <= 10
    assert 1 <= said.count("Contradiction, ") <= 3


def test_a_contradiction_names_the_parts_that_its_claims_are_about():
    """The first service back at Warrnambool is one hour of fixed and mobile calls, another of mobile calls and data."""
    own = ou.peers(focus="2012-11-22-telstra-au-warrnambool", lang="en")
    said = spoken(str(note.chronology(own, own.chronology()).html))
    assert "(fixed calls, mobile calls)" in said and "(mobile calls, mobile data)" in said


def test_limits_add_up(founding, shown):
    """Kept, missed and open are as many as have an hour on record."""
    tried = founding.own_limits()
    assert sorted(set(tried["limit"])) == [30, 60, 120]
    for (_limit, act), rows in tried.groupby(["limit", "act"]):
        known = compared(founding.facts)[act]["low"].notna()
        assert (rows["verdict"] != "unknown").sum() >= known.sum() and len(rows) == founding.n
    missed = tried[(tried["incident_id"] == FOUNDING) & (tried["act"] == "authorities")].set_index("limit")["verdict"]
    assert missed[30] == "missed" and "dépassé" in spoken(shown["limits"])


@pytest.mark.parametrize(("focus", "lang"), [*((o, "en") for o in SPARSE), *zip(OTHERS, ["fr", "en"] * 4, strict=True)])
def test_notes_read_well(focus, lang):
    """No gap, brace or missing number reaches a reader; a French note has no English frame; sparse ones say what is
    missing.
    """
    reads_well(parts(ou.peers(focus=focus, lang=lang)), focus, lang)


def reads_well(shown: dict[str, str], focus: str, lang: str) -> None:
    """Check what a reader sees of the parts of a note."""
    text = "\n".join(spoken(html) for html in shown.values())
    assert not re.search(r"\bnan\b|\binf\b|None|[{}]|\(\)|: ?\.|, ,|; ;|  ,| \. |: ;", re.sub(r"\s+", " ", text)), text
    assert len("".join(shown.values()).encode()) < 140_000
    if lang == "fr":
        assert not re.search(
            r"\b(the|outage|told|peers?|unknown|at most|according)\b", re.sub(r"[A-Z][\w&-]*", "", text)
        )
    if focus in SPARSE:
        assert text.count("To be found:" if lang == "en" else "À trouver :") >= 3


def test_note_says_how_many_outages_are_from_an_overlay(tmp_path):
    """One's own tickets are never counted among the public outages without a word."""
    other = {**INCIDENT, "incident_id": "2020-03-01-acme-fr-sms"}
    onset = {**ONSET, "incident_id": other["incident_id"], "source_id": "ours"}
    source = {**SOURCE, "source_id": "ours", "url": ""}
    ours = write_registry(tmp_path / "tickets", {"incidents": [other], "sources": [source], "events": [onset]})
    assert " · 1 of them from “tickets” · " in note.selection(ou.peers(focus=other["incident_id"], data=[str(ours)]))
    assert "from" not in note.selection(ou.peers(focus=FOUNDING))


def ticketed(tmp_path, *events: dict[str, str]) -> ou.Study:
    """Open the note of an outage of one's own, in English."""
    told = sorted(events, key=lambda row: row["time_low"])
    ours = write_registry(tmp_path / "tickets", {"incidents": [INCIDENT], "sources": [SOURCE], "events": told})
    return ou.peers(focus=INCIDENT["incident_id"], data=[str(ours)])


def test_what_a_source_gives_is_not_called_unknown(tmp_path):
    """A message after the end or before the onset is told in headline, box and dossier, and is not to be found."""
    word = at("12:31", event="first_public_statement", actor="operator")
    late = ticketed(tmp_path, ONSET, at("12:00", "12:30", event="restored"), word)
    early = ou.peers(focus="2021-03-10-ovhcloud-fr-fire")
    outside = ((late, "after the end (2 h 31 min)"), (early, "before the onset that sources give"))
    for own, said in outside:
        opening, foot = (spoken(str(part(own, own.ranks()).html)) for part in (note.opening, note.foot))
        assert opening.count(said) == 2 and "first message with its hour" not in opening
        assert not re.search("when the (public was told|operator saw it)", foot if own is early else opening)
        page = ou.page(ou.incident(incident=own.focus, data=[str(tmp_path / "tickets")]))
        assert said in spoken(str(key_figures.key_figures(page, page.study.facts).html))


def test_of_an_open_outage_only_the_end_is_to_be_found(tmp_path):
    """Its onset is known."""
    own = ticketed(tmp_path, ONSET)
    assert "To be found: when the last service was back." in spoken(str(note.opening(own, own.ranks()).html))


def test_outages_of_one_page_can_be_told_apart(tmp_path):
    """Titles and names that would read alike have their day, and the identifier on the same day."""
    days = ("2020-03-01-acme-fr-a", "2020-03-01-acme-fr-b", "2020-03-02-acme-fr")
    rows = [{**INCIDENT, "incident_id": day} for day in days]
    events = [{**ONSET, "incident_id": day} | hours("10:00", day=day[:10]) for day in days]
    ours = write_registry(tmp_path / "tickets", {"incidents": rows, "sources": [SOURCE], "events": events})
    study = ou.peers(focus=days[0], data=[str(ours)])
    title = INCIDENT["title_en"]
    assert list(study.titles[list(days)]) == [f"{title} ({mark})" for mark in (*days[:2], "2 Mar 2020")]
    assert [str(peer_names(study)[day]) for day in days] == [f"Acme {mark}" for mark in (*days[:2], "2 Mar 2020")]
    assert study.titles.is_unique


def test_messages_to_the_public_are_compared_as_they_are_on_record():
    """What no source calls the first is neither a bound that is ranked nor known vaguely: headline, box and dossier
    name what is compared.
    """
    own = ou.peers(focus="2022-07-02-kddi-jp-volte-congestion")
    said, sooner = spoken(str(note.opening(own, own.ranks()).html)), own.ranks().at["public", "sooner"]
    assert "to the earliest message to the public on record, later than most of its peers" in said
    assert f"by the earliest message on record: {sooner} sooner" in said and "vaguely" not in said


def test_level_is_said_with_what_it_means(founding, shown):
    """Beside the count stands how far apart level lags may be."""
    assert "à égalité (± 1 h)" in spoken(shown["opening"])
    assert " (± " not in note.ranking(founding, founding.ranks().loc["length"], "length")[0]


def test_a_gain_is_rounded_outward(founding):
    """Up to 91 minutes are not an hour and a half."""
    row = {"low": 0.0, "high": 91.0, "peer": ""}
    assert brought(founding, row).startswith(founding.words.interval(Interval(0.0, 91.0), "round_minutes"))


def test_a_focus_outside_names_the_filter_that_was_given():
    """Services follow from the focus, so only the countries are to be widened."""
    with pytest.raises(ParameterError, match=r"outside the filters; widen countries$"):
        ou.peers(focus=FOUNDING, countries="JP")


def test_bad_parameters_are_said_in_a_line():
    """Limits that are no minutes, too many peers, an outage that is not there, one outside its own filters."""
    wrong = [{"limits": "soon"}, {"limits": ""}, {"peers": 0}, {"peers": 13}, {"focus": "nowhere"}, {"countries": "JP"}]
    for one in wrong:
        with pytest.raises(ParameterError):
            ou.peers(**{"focus": FOUNDING, **one})


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: no note was printed")
@pytest.mark.parametrize(("focus", "lang"), [("", "fr"), ("", "en"), *((o, "fr") for o in SPARSE)])
def test_two_sheets_of_paper(focus, lang, pages, printed, tmp_path):
    """A note, the founding one or one of little, is exactly two pages as PDF, a light page without scripts as HTML."""
    if focus:
        page = rendered(plan("decision-note", {"focus": focus}, lang, []), tmp_path)
        pdf = print_page(page, CHROMIUM)
    else:
        page, pdf = pages / f"decision-note.{lang}.html", printed(f"decision-note.{lang}")
    html = page.read_text(encoding="utf-8")
    assert len(html.encode()) < 150_000 and "<script" not in html and 'class="note"' in html
    if focus:
        reads_well({"page": html.partition("<main")[2].partition('<section class="cite"')[0]}, focus, lang)
    other = {"fr": "en", "en": "fr"}[lang]
    assert f'href="decision-note.{other}.html"' in html and html.count("<h1") == 1
    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf.read_bytes())) == 2


def test_most_is_more_than_half_of_the_peers_and_short_outages_are_told_apart(founding, shown):
    """Two later peers of four are not most; a peer of 15 minutes is shorter than an outage of 42, not level with it."""
    ranks = founding.ranks()
    public = ranks.loc["public"]
    assert public["not_sooner"] <= public["peers"] / 2 and public["verdict"] == "open"
    short = ou.peers(focus="2016-06-22-fairpoint-us-vermont-911").ranks().loc["length"]
    assert short["best_high"] < short["low"] and short["sooner"] >= 1


def test_table_and_box_write_a_count_alike(founding, shown):
    """A count has its own digits in the box and in the table; the length of months is told in days, one of no single
    minute is about so much.
    """
    low, high = compared(founding.facts)["calls"].loc[FOUNDING]
    written = founding.words.interval(Interval(low, high), "number")
    assert written in shown["opening"] and written.replace(" à ", "–") in shown["table"]
    assert Words("en").about(Interval(36, 44)) == "about 40\u00a0min"
    assert Words("en").about(Interval(272220, 275100)) == "about 190\u00a0d"


@pytest.mark.parametrize("ends", [(176, 176), (0, 171), (131, 147), (4263, 4380), (761, 761), (70, float("inf"))])
def test_table_and_box_write_a_time_alike(founding, ends):
    """An exact time has its minutes in the table too, and ends of intervals are rounded outward in both."""
    box = founding.words.interval(Interval(*ends), "round_minutes")
    table = re.sub("^≤", "au plus", re.sub("^≥", "au moins", compact(founding, *ends, counted=False)))
    assert table.replace("–", " à ").replace("\u00a0", " ") == box.replace("\u00a0", " ")


def test_days_are_rounded_once():
    """61 hours and 25 minutes are two days and 13 hours in a box as in a table."""
    words = Words("en")
    assert words.round_minutes(3685) == words.minutes(3685) == "2\u00a0d\u00a013\u00a0h"


def test_a_statement_called_the_first_is_not_one_on_record():
    """Where a source calls it so the step has both ends; of others it is said that they are on record."""
    own = ou.peers(focus="2023-01-17-orange-fr-emergency")
    said = spoken(str(note.chronology(own, own.chronology()).html))
    assert "16:15–16:23  first public statement" in said and "on record" not in said
    later = spoken(str(note.since(own, *own.since()).html)).rpartition("October 2025")[2]
    assert later.startswith(": earliest message to the public on record after")
    more = ou.peers(focus=FOUNDING)
    later = spoken(str(note.since(more, *more.since()).html))
    assert more.since()[0].attrs["more"] == 2 and "3 further ones" in later
    assert "Ardennes" not in later and "17 h 30 min" not in later  # from a minute to two days, some time of a day


def test_an_interval_that_ends_on_the_day_keeps_the_day():
    """From the evening before to the evening of the outage is not the evening before alone."""
    study = ou.peers(focus="2024-07-29-sfr-fr-sabotage")
    assert "28 Jul 2024, 20:00 – 29 Jul 2024, 23:59" in "".join(parts(study).values())
