"""Dependence on third parties: counted as brute force counts it, and bounded in what it costs and draws."""

import itertools
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outages.facts.third_parties import (
    companies,
    dependence,
    nearest,
    network,
    redundancy,
    repeat_rate,
    with_and_without,
)
from outages.figures.network import OPERATORS, SIDES, most_linked
from outages.stats.inference import bootstrap, proportion
from outages.stats.intervals import Interval

sets = st.lists(st.frozensets(st.sampled_from("abcde"), min_size=1), min_size=2, max_size=7)


def met(one: frozenset, two: frozenset) -> bool:
    """Return whether two incidents depend on a common company."""
    return bool(one & two)


def test_shared_company_by_counting():
    """Three of six pairs meet; a draw never pairs an incident with itself."""
    held = pd.Series([frozenset("a"), frozenset("ab"), frozenset("b"), frozenset("bc")])
    pairs = list(itertools.combinations(held, 2))
    rate = repeat_rate(held)
    assert rate() == Interval(*[sum(met(x, y) for x, y in pairs) / len(pairs)] * 2)
    assert rate(np.array([0, 0, 0, 0])) is None
    assert rate(np.array([0, 0, 1, 1])) == Interval(1.0, 1.0)


@given(sets, st.data())
def test_repeat_rate_against_all_pairs(held, data):
    """Inclusion and exclusion counts what looking at every pair of a draw counts."""
    draw = data.draw(st.lists(st.integers(0, len(held) - 1), min_size=2, max_size=9))
    pairs = [(draw[a], draw[b]) for a, b in itertools.permutations(range(len(draw)), 2) if draw[a] != draw[b]]
    found = repeat_rate(pd.Series(held))(np.array(draw))
    if not pairs:
        assert found is None
    else:
        assert found.low == found.high == pytest.approx(sum(met(held[a], held[b]) for a, b in pairs) / len(pairs))


def test_many_suppliers_cost_little():
    """Thousands of different suppliers, half of the incidents with one in common, are resampled within seconds."""
    held = pd.Series([frozenset({f"s{n}", "cloud"} if n % 2 else {f"s{n}"}) for n in range(4000)])
    began = time.process_time()
    assert bootstrap(len(held), repeat_rate(held)).low == pytest.approx(0.25, abs=0.03)
    assert time.process_time() - began < 5


def parties(rows) -> pd.DataFrame:
    """Return parties as a study gives them: incident, party, involvement, role, operator."""
    found = pd.DataFrame(rows, columns=["incident_id", "party", "involvement", "role", "operator"])
    return found.assign(claims=1)


def test_roles_redundancy_and_companies_by_hand():
    """An incident counts under each of its roles; silence counts both ways; an unnamed company meets nobody."""
    named = [(f"i{n}", "Acme", "cause", "cloud_provider;other", "Op") for n in range(6)]
    rows = parties([*named, ("i7", "unnamed", "trigger", "other", "Op"), ("i8", "Hospital", "victim", "other", "Op")])
    claims = pd.DataFrame(
        [("i0", "yes"), ("i0", "no"), ("i1", "yes"), ("i2", "unknown")], columns=["incident_id", "value"]
    )
    down = redundancy(claims)
    assert down.to_dict() == {"i0": "disputed", "i1": "yes"}
    found = dependence(rows, down, 10).set_index("what")
    assert found.loc["cloud_provider", ["k", "of", "low", "high"]].tolist() == [6, 10, 0.6, 1.0]
    assert found.loc["other", "k"] == 7 and found.loc["redundancy", "k_high"] == 2
    assert found.loc["redundancy", ["k", "of", "low", "high"]].tolist() == [1, 2, 0.1, 1.0]
    silent = proportion(1, 10)
    assert found.loc["redundancy", ["ci_low", "ci_high"]].tolist() == [silent.low, silent.high]
    assert found.loc["same_company", ["of", "low", "high"]].tolist() == [6, 1.0, 1.0]
    assert companies(rows).map(set).tolist() == [{"Acme"}] * 6


def test_with_and_without_needs_six_on_either_side():
    """Six against six are compared, five are only counted; the side with one is the longer in every pair."""
    values = pd.DataFrame({"low": range(12), "high": range(12), "third_party": [False] * 6 + [True] * 6}, dtype=float)
    values["third_party"] = values["third_party"].astype(bool)
    found = with_and_without(values)
    assert found["delta_low"] == found["delta_high"] == 1.0 and found["p"] < 0.01
    few = with_and_without(values.iloc[:-1])
    assert few["n_with"] == 5 and few["n_without"] == 6 and few.drop(["n_with", "n_without"]).isna().all()


@pytest.mark.parametrize("sort", ["low", "third_party"])
def test_with_and_without_does_not_depend_on_the_order_of_rows(sort):
    """A reader who sorts the frame, or makes a column of its index, gets the same chance and the same interval."""
    low = np.random.default_rng(1).exponential(60, 40)
    values = pd.DataFrame({"low": low, "high": low + 5, "third_party": low * 7 % 10 < 4})
    values.index = pd.Index([f"i{n:02}" for n in range(40)], name="incident_id")
    others = values.sort_values(sort), values.sort_values(sort).reset_index()
    assert [with_and_without(rows).to_dict() for rows in others] == [with_and_without(values).to_dict()] * 2


def test_network_draws_no_more_than_it_can_show():
    """Hundreds of operators with suppliers and victims of their own leave a bounded drawing, the one in focus in it."""
    rows = [(f"i{n}", f"supplier {n % 200}", "cause", "other", f"operator {n}") for n in range(500)]
    rows += [(f"i{n}", f"victim {n}-{k}", "victim", "other", f"operator {n}") for n in range(500) for k in range(9)]
    whole = network(parties(rows))
    assert len(whole) == 500 * 10
    drawn, placed = most_linked(whole.assign(incidents=1), "operator 77")
    assert [len(column) for column in placed] <= [SIDES["cause"], OPERATORS, SIDES["victim"]]
    assert "operator 77" in placed[1] and "supplier 77" in placed[0]
    assert set(drawn["operator"]) == {*placed[1]} and set(drawn["party"]) == {*placed[0], *placed[2]}


def test_a_company_that_was_cause_and_victim_has_a_line_for_each():
    """An outage that it suffered is none that it caused; nobody depends on itself; no name, no node."""
    found = network(
        parties(
            [
                ("i1", "Op", "victim", "other", "Acme"),
                ("i2", "Op", "cause", "other", "Op"),
                ("i3", "unnamed", "cause", "other", "Op"),
                ("i4", "Acme", "cause", "other", "Op"),
            ]
        )
    )
    assert found.to_numpy().tolist() == [["Acme", "Op", "victim", "i1"], ["Op", "Acme", "cause", "i4"]]


def test_an_incident_counts_once_for_a_party():
    """Of two parts in one incident the cause stands before the spreading; the figure counts as the text does."""
    rows = parties([("i1", "Acme", part, "other", "Op") for part in ("propagation", "cause")])
    rows = pd.concat([rows, parties([("i2", "Acme", "trigger", "other", "Op"), ("i1", "Beta", "victim", "other", "")])])
    found = nearest(rows)[["incident_id", "party", "involvement"]]
    assert sorted(found.to_records(index=False).tolist()) == [
        ("i1", "Acme", "cause"),
        ("i1", "Beta", "victim"),
        ("i2", "Acme", "trigger"),
    ]
