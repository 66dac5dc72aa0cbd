"""How two coders agree: units, sets of codes, Cohen's kappa, and the first coding as it was frozen."""

import doctest
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import CAUSE, CLAIM, ONSET, RESTORED, SOURCE, USERS
from outages.curation import agreement
from outages.curation.agreement import cohens_kappa, compare, disagreements, read_first, read_second
from outages.paths import DATA
from outages.registry.registry import read_registry
from outages.registry.schema import RegistryError


def second(make, **tables):
    """Compare the valid registry with a second coding of it."""
    registry = read_registry((), make())
    folder = make("x/second-coding", incidents=[], sources=[], **{"events": [], "measures": [], "causes": [], **tables})
    coded = read_second(registry, folder)
    return {a.field: a for a in compare(registry, coded)}, disagreements(registry, coded)


def test_agreement_counts_units(make):
    """Overlaps and equal codes agree, exclusive intervals are named, what one coder missed is counted apart."""
    late = {**ONSET, "time_low": "2020-03-01T10:30+01:00", "time_high": "2020-03-01T10:40+01:00"}
    vague = {**RESTORED, "time_low": "2020-03-01T12:15+01:00", "time_high": "2020-03-01T13:00+01:00"}
    found, apart = second(make, events=[late, vague], causes=[{**CAUSE, "value": "system_failure"}])
    assert found["onset"][1:5] == (1, 0, 0, 0) and found["restored"][1:5] == (1, 1, 0, 0)
    assert found["users_affected"][1:5] == (0, 0, 1, 0) and found["root_cause"][1:5] == (1, 0, 0, 0)
    assert apart == [(CLAIM["incident_id"], SOURCE["source_id"], "onset")]


def test_second_coding_keeps_the_form(make):
    """A second coding with a code that does not exist is refused."""
    with pytest.raises(RegistryError, match=r"second-coding/measures\.csv:2"):
        second(make, measures=[{**USERS, "measure": "people"}])


def test_kappa_on_a_worked_example_and_at_its_ends():
    """The worked example holds; full agreement is 1, full exchange is -1, one code alone says nothing."""
    assert doctest.testmod(agreement).failed == 0
    assert cohens_kappa([("a", "a"), ("b", "b")]) == 1 and cohens_kappa([("a", "b"), ("b", "a")]) == -1
    assert cohens_kappa([("a", "a")] * 5) is None and cohens_kappa([]) is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=12))
def test_kappa_against_its_definition(pairs):
    """Observed against expected agreement, the latter by counting all pairings."""
    expected = sum(a == b for a, b in itertools.product([p[0] for p in pairs], [p[1] for p in pairs])) / len(pairs) ** 2
    seen = sum(a == b for a, b in pairs) / len(pairs)
    found = cohens_kappa(pairs)
    assert found is None if expected == 1 else found == pytest.approx((seen - expected) / (1 - expected))


def test_the_real_second_coding_is_readable_and_large_enough():
    """At least forty incidents are coded twice."""
    coded = read_second(read_registry((), DATA))
    assert len({incident for table in coded.values() for incident in table["incident_id"]}) >= 40


def test_the_frozen_first_coding_is_compared(make):
    """Where the first coding was frozen, it is compared instead of what the registry says by now."""
    registry = read_registry((), make())
    frozen = make("first", incidents=[], sources=[], events=[ONSET], measures=[], causes=[])
    first = read_first(registry, frozen)
    assert first["events"]["event"].tolist() == ["onset"] and first["measures"].empty
    assert len(read_first(registry, frozen / "nowhere")["events"]) == 2
