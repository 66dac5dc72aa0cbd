"""Policies on hand-made contradictions."""

import doctest

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outages.facts import policies
from outages.facts.acceptance import roles
from outages.facts.policies import ORDER, POLICIES, Claim, resolve, whole_first
from outages.facts.settled import settled_quantities
from outages.facts.timeline import quantities


def told(*rows: tuple[float, float, str]) -> pd.DataFrame:
    """Return claims about one thing: low, high, who speaks."""
    found = pd.DataFrame(list(rows), columns=["low", "high", "kind"]).astype({"low": float, "high": float})
    return found.assign(thing="x")


def amounts(measures: pd.DataFrame, policy: str, services: list[str] | None = None) -> dict[str, pd.DataFrame]:
    """Return each measure by incident."""
    names, incidents = measures["measure"].unique(), measures["incident_id"].unique()
    return quantities(settled_quantities(measures, policy, services or []), names, incidents)


CLAIMS = told(
    *((10, 12, "regulator"), (11, 15, "parliament"), (20, 20, "operator")),
    *((5, 5, "press"), (30, 40, "press"), (1, 2, "encyclopedia")),
)


@pytest.mark.parametrize(
    ("policy", "low", "high", "used"),
    [
        ("authority", 10, 15, 2),
        ("operator", 20, 20, 1),
        ("press", 5, 40, 2),
        ("earliest", 1, 2, 1),
        ("latest", 30, 40, 1),
        ("widest", 1, 40, 6),
    ],
)
def test_policy(policy, low, high, used):
    """Each policy takes what its name says, whole."""
    found = resolve(CLAIMS, ["thing"], policy).loc["x"]
    assert found[["low", "high", "used", "claims", "disagree"]].tolist() == [low, high, used, 6, True]


@pytest.mark.parametrize(
    ("missing", "policy", "low"), [("authority", "authority", 20), ("operator", "operator", 10), ("press", "press", 10)]
)
def test_next_rank_speaks_when_the_first_is_silent(missing, policy, low):
    """Without the preferred kind, the next in the order of authority is taken."""
    gone = [k for k, r in ORDER.items() if r == 0] if missing == "authority" else [missing]
    assert resolve(CLAIMS[~CLAIMS["kind"].isin(gone)], ["thing"], policy).loc["x", "low"] == low


def test_floors_give_way_to_figures_of_the_same_rank():
    """A floor from a regulator does not blur the figure of another, but outranks an operator's figure."""
    rows = told((100, float("inf"), "regulator"), (250, 260, "regulator"), (90, 95, "operator"))
    assert resolve(rows, ["thing"], "authority").loc["x", ["low", "high"]].tolist() == [250, 260]
    assert resolve(rows.iloc[[0, 2]], ["thing"], "authority").loc["x", ["low", "high"]].tolist() == [100, float("inf")]


def test_agreement_is_no_contradiction():
    """Claims that one value fits agree, whatever their width."""
    rows = told((1, 5, "press"), (3, 9, "press"))
    assert not resolve(rows, ["thing"], "authority").loc["x", "disagree"]


def test_unknown_policy_names_the_known_ones():
    """A misspelt policy is refused with the list of those that exist."""
    with pytest.raises(ValueError, match="authority, operator, press, earliest, latest, widest"):
        resolve(CLAIMS, ["thing"], "average")


claim = st.tuples(st.integers(0, 50), st.integers(0, 10), st.sampled_from(sorted(ORDER)))


@given(st.lists(claim, min_size=1, max_size=6), st.sampled_from(POLICIES))
def test_every_policy_stays_within_the_widest(rows, policy):
    """No policy invents a value: its interval lies within the hull, and its ends are ends of claims."""
    frame = told(*((low, low + width, kind) for low, width, kind in rows))
    found, hull = (resolve(frame, ["thing"], p).loc["x"] for p in (policy, "widest"))
    assert hull["low"] <= found["low"] <= found["high"] <= hull["high"]
    assert found["low"] in set(frame["low"]) and found["high"] in set(frame["high"])


@given(st.lists(claim, min_size=1, max_size=6), st.sampled_from(["authority", "operator", "press"]))
def test_the_result_never_leaves_what_the_best_rank_allows(rows, policy):
    """Whatever lower ranks say, the result lies within the hull of the claims of the best rank."""
    frame = told(*((low + 100, low + width + 100, voice) for low, width, voice in rows))
    rank = frame["kind"].map(policies.RANKS[policy])
    best, found = frame[rank == rank.min()], resolve(frame, ["thing"], policy).loc["x"]
    assert best["low"].min() <= found["low"] <= found["high"] <= best["high"].max()


def test_the_given_end_of_a_floor_or_a_ceiling_stays():
    """Rounded figures of lower ranks bound the open end alone: what an official count leaves possible the press does
    not rule out; an exact figure fits. What changes no end narrows nothing.
    """
    floor, ceiling = (2697.0, np.inf, "government"), (0.0, 3000.0, "government")
    for best, inside, ends in (
        (floor, (2700.0, 3300.0, "press"), [2697, 3300]),
        (ceiling, (2700.0, 2900.0, "press"), [2700, 3000]),
        (floor, (2720.0, 2720.0, "press"), [2720, 2720]),
    ):
        assert resolve(told(best, inside), ["thing"], "authority").loc["x", ["low", "high"]].tolist() == ends
    rounded, other = (2600.0, np.inf, "government"), (2500.0, np.inf, "government")
    assert resolve(told(floor, rounded), ["thing"], "authority").loc["x", "low"] == 2697  # the same in round numbers
    assert resolve(told(floor, other), ["thing"], "authority").loc["x", "low"] == 2500
    same = [Claim(row, (row, False, False), 0.5, 1.0) for row in range(2)]
    assert policies.settle(same, "authority").narrowing == []


def test_parts_are_never_added():
    """Claims about the whole go first; of parts alone the largest stands for the incident."""
    rows = pd.DataFrame(
        {
            "incident_id": ["a", "a", "b", "b"],
            "measure": "users_affected",
            "part": ["", "Paris", "Paris", "Lyon"],
            "low": [10.0, 99.0, 5.0, 7.0],
            "high": [10.0, 99.0, 5.0, 7.0],
            "kind": "press",
            "speaker": "",
            "retracted_by": "",
        }
    )
    found = amounts(rows, "authority")["users_affected"]
    assert found["low"].tolist() == [10, 7] and found["high"].tolist() == [10, np.inf]
    rows.loc[1, "retracted_by"] = rows.loc[3, "retracted_by"] = "c-2020-letter"
    assert amounts(rows, "authority")["users_affected"]["low"].tolist() == [10, 5]


@pytest.mark.parametrize(("policy", "least"), [("authority", 9), ("widest", 7)])
def test_a_part_raises_a_floor_of_the_whole(policy, least):
    """Of a whole of at least 5 a part of 7 or 9 leaves 9 or 7; a count of the whole, or of what is asked for, stays."""
    rows = pd.DataFrame(
        {
            "incident_id": ["a", "a", "a", "a", "b", "b", "b"],
            "measure": "emergency_calls_failed",
            "part": ["", "North", "North", "South", "", "", "North"],
            "low": [5.0, 7.0, 9.0, 6.0, 5.0, 6.0, 9.0],
            "high": [np.inf, np.inf, 9.0, 6.0, np.inf, 6.0, 9.0],
            "kind": "regulator",
            "speaker": "",
            "retracted_by": "",
        }
    )
    found = amounts(rows, policy)["emergency_calls_failed"]
    assert found.loc["a"].tolist() == [least, np.inf] and found.at["b", "low"] <= 6
    role = roles(o for a in settled_quantities(rows, policy).values() for o in (*a.results, *a.larger))
    assert {role[0], role[2]} == {"yes"} and "yes" not in {role.get(3), role.get(6)}
    asked = rows.assign(part=["mobile_voice", "North", "North", "South", "", "", "North"])
    assert amounts(asked, policy, ["mobile_voice"])["emergency_calls_failed"].at["a", "low"] == 5


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ([(5, float("inf")), (0, 9)], (5, 9)),
        ([(5, float("inf")), (7, float("inf")), (0, 9)], (5, 9)),
        ([(9, float("inf")), (0, 5)], (5, 9)),
        ([(5, float("inf"))], (5, float("inf"))),
        ([(0, 9), (0, 12)], (0, 12)),
    ],
)
def test_floors_and_ceilings_bound_from_both_sides(ends, expected):
    """A floor and a ceiling of the same rank give an interval, also when they contradict one another; alone they stay
    open.
    """
    rows = told(*((*pair, "press") for pair in ends))
    found = resolve(rows, ["thing"], "authority").loc["x"]
    assert (found["low"], found["high"]) == expected


def test_a_vague_authority_is_narrowed_and_never_left():
    """The example of the docstring; a claim that reaches out of what the best rank allows narrows nothing."""
    assert doctest.testmod(policies).failed == 0
    rows = told((20, 30, "regulator"), (19, 22, "press"))
    assert resolve(rows, ["thing"], "authority").loc["x", ["low", "high"]].tolist() == [20, 30]
    apart = told((10, 10, "court"), (12, 12, "court"), (11, 11, "press"))
    assert resolve(apart, ["thing"], "authority").loc["x", ["low", "high"]].tolist() == [10, 12]


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        (((1, 24), (10, 10)), (10, 10)),  # a day, and an hour of it
        (((1, 24), (4, 4), (6, 6)), (4, 6)),  # hours that exclude one another still give both
        (((1, 5), (4, 8)), (1, 8)),  # neither lies within the other
        (((5, np.inf), (7, np.inf)), (5, np.inf)),  # floors bound from below, none is sharper
    ],
)
def test_a_vaguer_claim_of_the_same_rank_widens_nothing(ends, expected):
    """A claim within which another of its rank lies says the same less exactly, among the best or the narrowing."""
    for rank in ("press", "regulator"):
        rows = told(*((*pair, rank) for pair in ends))
        found = resolve(rows, ["thing"], "authority").loc["x"]
        assert (found["low"], found["high"]) == expected
        for policy, end in (("earliest", "low"), ("latest", "high")):
            assert resolve(rows, ["thing"], policy).at["x", end] == found[end]
    narrowed = told((1, 30, "regulator"), (2, 24, "press"), (10, 10, "press"))
    assert resolve(narrowed, ["thing"], "authority").loc["x", ["low", "high"]].tolist() == [10, 10]


def test_rank_goes_by_who_speaks():
    """A speech of one member of parliament stands with the press, below the operator; a supplier stands with the
    operator.
    """
    rows = told((4, 4, "member"), (2, 2, "operator"))
    assert resolve(rows, ["thing"], "authority").loc["x", "low"] == 2
    assert ORDER["supplier"] == ORDER["operator"] and ORDER["member"] == ORDER["press"]


def test_claims_about_the_service_asked_for_go_first():
    """Emergency calls first when they are asked for, otherwise the whole, otherwise the parts."""
    whole, calls, television = (
        Claim(row, 0.0, 1.0, 2.0, part) for row, part in enumerate(["", "emergency_calls;sms", "tv"])
    )
    assert whole_first([whole, calls, television]) == {"": [whole]}
    assert whole_first([whole, calls, television], ["emergency_calls"]) == {calls.part: [calls]}
    assert whole_first([calls, television], ["web"]) == {calls.part: [calls], "tv": [television]}


def test_the_own_document_goes_before_a_quotation():
    """An operator's report says midnight; what its chief executive is quoted with does not blur it."""
    rows = told((24, 24, "operator"), (36, 36, "press")).assign(speaker=["", "operator"])
    assert resolve(rows, ["thing"], "authority").loc["x", ["low", "high"]].tolist() == [24, 24]
