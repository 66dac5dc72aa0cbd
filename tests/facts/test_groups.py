"""The sample beside published shares: bounds that hold whatever the unknown causes are."""

import dataclasses
import itertools

import pandas as pd
import pytest

from conftest import CAUSE, INCIDENT, ONSET, RESTORED
from outages.facts.groups import CLASSES, beside_published, counted_by_scheme, own_shares, published_share
from outages.registry.registry import read_registry
from outages.stats.intervals import Interval


def incidents(make, causes: list[set[str]], **more):
    """Read a registry with one incident for each set of root causes."""
    ids = [f"2020-03-01-acme-fr-mobile{n}" for n in range(len(causes))]
    rows = [
        {**CAUSE, "incident_id": i, "value": v} for i, values in zip(ids, causes, strict=True) for v in sorted(values)
    ]
    onset = [{**ONSET, "incident_id": ids[0]}, {**RESTORED, "incident_id": ids[0]}]
    return read_registry(
        (),
        make(incidents=[{**INCIDENT, "incident_id": i, **more} for i in ids], events=onset, measures=[], causes=rows),
    )


def test_bounds_against_brute_force(make):
    """Over all ways to settle what is unknown or disputed, each share runs exactly between its bounds."""
    causes = [{"human_error"}, {"human_error", "system_failure"}, set(), {"system_failure"}]
    shares = own_shares(registry := incidents(make, causes), counted_by_scheme(registry.incidents))
    settled = list(itertools.product(*[sorted(c) or CLASSES for c in causes]))
    for name in CLASSES:
        truth = [sum(c == name for c in choice) / len(causes) for choice in settled]
        assert shares[f"share_{name}"] == Interval(min(truth), max(truth))


@pytest.mark.parametrize(("more", "kept"), [({}, 1), ({"sector": "cloud"}, 0)])
def test_only_the_same_field_is_compared(more, kept, make):
    """Telecom in the European Union stays, the rest does not; nothing left gives no share."""
    registry = incidents(make, [set()], **more)
    field = counted_by_scheme(registry.incidents)
    assert field.sum() == kept and bool(own_shares(registry, field)) == bool(kept)


def test_published_shares_keep_their_disagreement(make):
    """Two published values for a metric give the interval between them, with the years."""
    annual = pd.DataFrame(
        {"scheme": "ENISA-telecom", "metric": "share_human_error", "year": ["2017", "2019"], "value": ["0.18", "0.26"]}
    )
    registry = dataclasses.replace(incidents(make, [{"human_error"}]), regulator_annual=annual)
    assert published_share(registry, "share_human_error") == (Interval(0.18, 0.26), ["2017", "2019"])
    assert published_share(registry, "share_third_party") is None
    assert beside_published(registry).empty  # its incident is of 2020


def test_only_incidents_of_the_years_published_are_compared(make):
    """Those of other years are left out, and shares of services where incidents were chosen by their services."""
    names = ["share_human_error", "share_emergency_calls_affected"]
    annual = pd.DataFrame({"scheme": "ENISA-telecom", "metric": names, "year": "2020", "value": "0.2"})
    registry = dataclasses.replace(incidents(make, [{"human_error"}, set()]), regulator_annual=annual)
    found = beside_published(registry).set_index("metric")
    assert found.index.tolist() == names and found["n"].tolist() == [2, 2] and set(found["years"]) == {"2020"}
    assert found.loc[names[0], ["low", "high"]].tolist() == [0.5, 1.0] and found.at[names[0], "ci_low"] < 0.2
    assert beside_published(registry, ["emergency_calls"])["metric"].tolist() == names[:1]
    other = dataclasses.replace(registry, regulator_annual=annual.assign(year="2019"))
    assert beside_published(other).empty
