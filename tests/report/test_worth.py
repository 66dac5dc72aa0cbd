"""What says nothing is not shown: each rule is fed what it lets through and what it keeps back, and the pages keep to
it.
"""

import functools
import math
import re

import pandas as pd
import pytest
from markupsafe import Markup
from parts import FOUNDING, study

import outages as ou
from outages.facts.third_parties import dependence, network, redundancy
from outages.report import (
    cohorts,
    comparison,
    delays,
    findings,
    length,
    limits,
    quality,
    recommendations,
    third_parties,
    users,
)
from outages.report.worth import differ, enough, says, telling
from outages.stats.intervals import Interval
from outages.studies import under_policies

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("low", "high", "how", "said"),
    [
        (255, 362, "minutes", True),
        (0, 15, "minutes", True),
        (480, INF, "minutes", True),
        (10, 100, "number", True),
        (0, INF, "minutes", False),
        (10, 101, "minutes", False),
        (110_000, 68_000_000, "number", False),
        (0.25, 0.75, "percent", True),
        (0.08, 1.0, "percent", False),
        (0.0, 1.0, "percent", False),
    ],
)
def test_an_interval_says_something(low, high, how, said):
    """One that covers everything, or nearly, says nothing; an open end does unless the other is zero."""
    assert says(Interval(low, high), how) is said
    assert not says(None, how)


def test_enough_values():
    """Six known values are enough, five are not, and unknown ones do not count."""
    frame = pd.DataFrame({"low": [1.0] * 6 + [NAN], "high": [2.0] * 6 + [NAN]})
    assert enough(frame) and not enough(frame[1:]) and not enough(frame, frame[1:])


@pytest.mark.parametrize(("counts", "shown"), [([4, 3, 1], True), ([1, 1, 1], False), ([7], False), ([], False)])
def test_bars_of_length_one_are_no_figure(counts, shown):
    """Each thing once, or one thing alone, is no comparison."""
    assert differ(pd.Series(counts, dtype=float)) is shown


def test_rows_without_content_go():
    """An empty class, too few values and an interval of everything are left out of tables and figures alike."""
    rows = pd.DataFrame(
        {"low": [5.0, NAN, 5.0, 0.0], "high": [9.0, NAN, 9.0, INF], "n": [6, 0, 5, 40]},
        index=["kept", "empty", "few", "all"],
    )
    assert telling(rows).index.tolist() == ["kept"] and telling(rows[:0]).empty


def test_five_lengths_make_no_median():
    """Few lengths are told as their span; six make a median with its bounds and n."""
    page, every = ou.page(study()), study().lengths()
    five, six = every.dropna(subset=["low"])[:5], every.dropna(subset=["low"])[:6]
    few, enough_ = (Markup(findings.length(page, lengths)).striptags() for lengths in (five, six))
    assert "Known for 5 of 5" in few and "Half" not in few and "Median" not in few
    assert "Median" in enough_ and "n = 6 of 6" in enough_


def test_headlines_of_all_incidents_say_something():
    """Every finding about the whole registry has a sentence, its bounds in small type, and no interval of
    everything.
    """
    own = study()
    page, facts = ou.page(own), own.facts
    said = [findings.length(page, own.lengths()), findings.users(page, facts), findings.delays(page, facts)]
    said.append(findings.third_parties(page, own.third_parties()))
    for finding in said:
        assert '<span class="sure">' in finding
        assert not any(text in finding for text in ("100%", "unknown", "no limit"))


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_parts_without_content_draw_nothing(lang, make):
    """Where nothing is known each part says so in a sentence and draws no figure."""
    from outages.registry.registry import read_registry

    folder = make(sources=[], events=[], measures=[], causes=[])
    page = ou.page(study(lang=lang, registry=read_registry((), folder)))
    own = page.study
    lengths, facts = own.lengths(), own.facts
    shown = [
        length.curve(page, lengths),
        length.bars(page, lengths, own.offset("partial_restoration")),
        length.group_medians(page, lengths),
        length.group_table(page, lengths),
        users.heaviest(page, facts),
        users.concentration(page, facts),
        delays.curves(page, facts),
        delays.timeline(page, own.lags()),
        delays.summary(page, facts),
        limits.in_force(page, own.limits().reset_index()),
        third_parties.figure(page, own.third_parties()),
        third_parties.graph(page, own.third_parties()),
        quality.standing(page),
    ]
    assert not any("<figure" in block.html or "<table" in block.html for block in shown)
    assert all('class="dropped"' in block.html for block in shown[:-1])


def test_outages_of_a_complete_list_are_not_pooled():
    """What comes from an operator's complete list stays out of medians of lags, and the small line says how many."""
    own = study()
    page, listed = ou.page(own), own.incidents["found_by"] == "systematic_year"
    assert listed.sum() > 10 and f"of {own.n - listed.sum()} outages" in findings.delays(page, own.facts[~listed])
    assert f"{listed.sum()} outages of one operator" in findings.delays(page, own.facts[~listed])
    assert "outages from one operator" not in findings.delays(page, own.facts)


def test_a_group_is_an_extreme_only_where_no_other_may_be():
    """A group too vague to be drawn may have lasted longer; before all others stands the shortest alone."""
    page = ou.page(study([FOUNDING[0]]))
    rows = pd.DataFrame(
        {"grouping": "sector", "group": "Sector", "code": ["a", "b", "c"], "label": ["A", "B", "C"], "n": 6},
    ).assign(low=[5.0, 600.0, 60.0], high=[10.0, 660.0, 9000.0])
    said = length.extremes(page, rows)
    assert said == "Shortest median: between 5\u00a0min and 10\u00a0min (sector: a)"
    assert length.extremes(page, rows[:2]).endswith("; longest median: between 10\u00a0h and 11\u00a0h (sector: b)")
    assert length.extremes(page, rows[1:]) == ""


def test_round_words_hold_what_they_round():
    """Half past six is not within six hours; eleven minutes are not within ten."""
    page = ou.page(study([FOUNDING[0]]))
    said = [findings.round_words(page, Interval(*ends)) for ends in ((240, 390), (36, 64), (0, 11), (238, 244))]
    assert [text.replace("\u00a0", " ") for text in said] == [
        "between 4 h and 7 h",
        "between 35 min and 1 h 15 min",
        "at most 15 min",
        "about 4 h",
    ]


def test_the_share_of_those_told_stands_before_the_floor_of_all():
    """Of the outages of which a source says whether redundancy failed, and of all as a floor."""
    own = study()
    told = redundancy(own.claims(about="redundancy_defeated"))
    yes, no, page = int((told == "yes").sum()), int((told == "no").sum()), ou.page(own)
    shares = dependence(own.third_parties(), told, own.n)
    said = str(third_parties.roles(page, shares).html).replace("\u00a0", " ")
    assert f"{yes} to {len(told) - no} of {len(told)} where" in said
    floor = math.floor(yes / own.n * 1000) / 1000  # ends are rounded outward
    assert f"% of these; at least {floor:.1%} of all {own.n}" in said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.71, 0.8, "71% to 80%"), (0.748, 0.86, "about three in four outages or more"), (0.896, 0.896, "90%")],
)
def test_a_share_is_rounded_in_one_way(low, high, said):
    """As in the title of the figure; a round word is said as about so many."""
    assert findings.share_between(ou.page(study(FOUNDING)), Interval(low, high)) == said


@functools.cache
def chosen(**asked):
    """Return study, page and facts of a selection."""
    own = ou.study(**asked)
    return own, ou.page(own), own.facts


def plain(block) -> str:
    """Return what a part shows, as text."""
    return Markup(getattr(block, "html", block)).striptags().replace("\u00a0", " ")


FASTLY, GERMAN, TELSTRA = (
    {"operator": "Fastly"},
    {"countries": "DE", "since": "2016-01-01", "until": "2022-06-30"},
    {"operator": "Telstra"},
)


@pytest.mark.parametrize("asked", [FASTLY, GERMAN])
def test_of_few_no_share_no_curve_and_no_median_is_given(asked):
    """One outage is no "100% of the outages", and five are no quarter of them."""
    own, page, facts = chosen(**asked)
    shares = dependence(own.third_parties(), redundancy(own.claims(about="redundancy_defeated"))[:2], 5)
    beside = plain(cohorts.beside(page, facts["to_earliest_statement"], ou.cohort_entries()))
    assert re.search(r"known statement\d of \d(too few){3}", beside)
    assert "0%" not in plain(length.curve(page, own.lengths())) + plain(length.group_table(page, own.lengths()))
    assert "0%" not in plain(third_parties.roles(page.of(own.lengths().head(5)), shares))
    found = under_policies(own.registry, [*quality.HEADLINES, *quality.LAGS])
    assert "median" not in plain(quality.policies(page, found))
    assert "<figure" not in length.curves(page, own.lengths()).html


def test_one_value_is_no_figure():
    """A curve of one length, a bar of one verdict, a graph of one line and bars that no policy moves show nothing that
    a sentence does not.
    """
    own, page, _facts = chosen(**FASTLY)
    still = pd.DataFrame({"finding": "length", "policy": ["authority", "press"], "low": 5.0, "high": 9.0, "n": 8})
    rows = own.limits().reset_index().assign(verdict="unknown")
    rows.loc[0, "verdict"] = "met"
    party = pd.DataFrame(
        {"incident_id": own.incidents.index, "party": "ZESA", "involvement": "cause", "operator": "Fastly"}
    )
    drawn = [
        length.curve(page, own.lengths()),
        limits.figure(page, rows),
        third_parties.graph(page, party),
        recommendations.theme_bars(page, own.recommendations()),
        quality.policies(page, still),
    ]
    assert not any("<figure" in block.html for block in drawn)
    assert "1 test: 1 surely within the limit" in plain(drawn[1])


def test_most_often_is_said_only_of_what_is():
    """Themes of one outage each are not the most frequent; of many that tie, those not named are counted."""
    advice = pd.DataFrame({"theme": list("abcde"), "incident_id": list("vwxyz")})
    _own, page, _facts = chosen(**GERMAN)
    assert recommendations.most_often(page, advice) == "No theme was asked for or announced after more than one outage"
    twice = recommendations.most_often(page, pd.concat([advice, advice.assign(incident_id="u")]))
    assert twice.endswith("a (2), b (2), c (2) and 2 more, of 6 outages")
    few, none = recommendations.finding(page, advice), recommendations.finding(page, advice.iloc[:0])
    assert "No theme was asked for" in few and "No source makes a recommendation" in none


def test_a_graph_counts_what_it_has_no_room_for():
    """Who is linked with how many is said of all, in the singular of one, and of no side that is empty."""
    own, page, _facts = chosen(**TELSTRA)
    victims = own.third_parties().query("involvement == 'victim' and party != 'unnamed'")["party"].nunique()
    said = plain(third_parties.graph(page, own.third_parties()))
    assert victims > 4 and f"Telstra is linked with {victims} organisations that went down with it" in said
    own, page, _facts = chosen(sectors="platform", since="2012-01-01")
    said = plain(third_parties.graph(page, own.third_parties()))
    assert "Kakao is linked with 1 organisation in the causal chain and" in said
    own, page, _facts = chosen()
    links = network(own.third_parties()).drop_duplicates(["operator", "party", "kind"])
    counts = links.query("operator == 'Orange'")["kind"].value_counts()
    linked = f"{counts['cause']} organisations in the causal chain and {counts['victim']} organisations that went down"
    assert linked in plain(third_parties.graph(page, own.third_parties()))


def test_a_headline_that_falls_to_nothing_is_not_one_without_bound():
    """From eleven minutes to none is no factor, none everywhere is the same, and neither lacks an upper bound."""
    _own, page, _facts = chosen(**GERMAN)
    rows = pd.DataFrame({"finding": "users_affected", "policy": ["authority", "latest"], "low": 0.0, "n": 9})
    said = [plain(quality.policies(page, rows.assign(high=high))) for high in ([11.0, 0.0], [0.0, 0.0], [9.0, INF])]
    assert "bring this down to nothing" in said[0] and "are the same under every rule" in said[1]
    assert "without an upper bound" in said[2]


def test_a_vague_value_of_the_focus_is_not_called_unknown():
    """A length of one minute to two days is given; what is too vague to be ranked is said to be."""
    _own, page, _facts = chosen(operator="Orange", focus="2021-06-28-orange-fr-ardennes")
    said = plain(quality.standing(page))
    assert "Length 1 min to 2 d. " in said and "how long it lasted" not in said
    _own, page, _facts = chosen(operator="Econet Wireless Zimbabwe", focus="2022-02-15-econet-zw-internet")
    assert "after at most 24 h. Known too vaguely, here or of the peers, to be ranked." in plain(quality.standing(page))


def test_the_world_is_not_one_country():
    """Outages of one country and of the world are of several."""
    assert "6 outages in several countries" in plain(comparison.scope(chosen(sectors="platform")[1]))
    assert "6 outages in 1 country" in plain(comparison.scope(chosen(operator="Econet Wireless Zimbabwe")[1]))


def test_who_noticed_first_has_no_rest_where_all_is_sure():
    """Nobody is counted where nothing is sure, and nothing is unclear where everything is."""
    _own, page, _facts = chosen(**GERMAN)
    seen = pd.DataFrame({"incident_id": ["a", "b"], "operator": True, "actor": "operator", "first": "surely"})
    assert plain(delays.first_seen(page, seen)).endswith("first in 2 and somebody else in 0.")
    assert "it is not sure who was first" in plain(delays.first_seen(page, seen.assign(first="perhaps")))
