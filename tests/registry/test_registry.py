"""Overlays, selections, and what is read once."""

import pandas as pd
import pytest

from conftest import CAUSE, INCIDENT, USERS
from outages.paths import DATA
from outages.registry import registry as reading
from outages.registry.registry import check_folders, filter_incidents, of_its_own, read_registry, subset
from outages.registry.schema import CLAIM_TABLES, RegistryError


def test_overlay_clash_is_an_error(make):
    """Two registries that use the same incident id or source id clash."""
    base, overlay = make("base"), make("ours", events=[], measures=[], causes=[CAUSE])
    messages = [str(p) for p in check_folders([base, overlay])]
    assert any("ours/incidents.csv:2: incident_id" in m and "base/incidents.csv:2" in m for m in messages)
    assert any("ours/sources.csv:2: source_id" in m for m in messages)


def test_an_overlay_without_titles_is_told_once(make):
    """Either language will do, so one line says that there is none."""
    bare = {**INCIDENT, "incident_id": "2020-04-01-acme-fr-mobile", "title_en": "", "title_fr": ""}
    overlay = make("ours", incidents=[bare], sources=[], events=[], measures=[], causes=[])
    (problem,) = check_folders([make("base"), overlay])
    assert (problem.column, problem.message) == ("title_en", "is empty; it or title_fr must be filled")


def test_overlay_adds_to_the_base(make):
    """Claims of an overlay speak of incidents below it, and carry its name."""
    base = make("base", causes=[])
    overlay = make("ours", incidents=[], sources=[], events=[], measures=[], causes=[CAUSE])
    found = read_registry([overlay], base)
    assert found.causes["_origin"].tolist() == ["ours"] and found.events["_origin"].unique().tolist() == ["base"]
    assert found.version != read_registry((), base).version


def test_claims_carry_ends_and_the_kind_of_their_source(make):
    """About widens to whole people, a floor has no upper end, a ceiling no lower one."""
    rows = [
        {**USERS, "bound": "at_most", "value_low": ""},
        {**USERS, "bound": "at_least", "value_high": ""},
        {**USERS, "bound": "about"},
    ]
    found = read_registry(base=make(measures=rows)).measures
    ends = {(row.bound): (row.low, row.high) for row in found.itertuples()}
    assert ends == {"about": (900, 1100), "at_least": (1000, float("inf")), "at_most": (0, 1000)}
    people = read_registry(base=make("few", measures=[{**rows[2], "value_low": "313", "value_high": "313"}])).measures
    assert people[["low", "high"]].to_numpy().tolist() == [[312, 314]]  # nobody is half a person
    assert set(found["kind"]) == {"operator"}


def test_filters_and_subsets(make):
    """Filters meet; what is only listed or superseded is never chosen; reference tables stay."""
    public = read_registry((), DATA)
    chosen = filter_incidents(public, {"country": ["FR", "BE"], "sector": ["telecom"]}, since="2020-01-01")
    table = public.incidents.loc[chosen]
    assert table["country"].map(lambda cell: bool({"FR", "BE"} & set(cell.split(";")))).all()
    assert (table["sector"] == "telecom").all() and (table["incident_id"] >= "2020").all() and len(table) > 5
    part = subset(public, chosen)
    assert list(part.incidents.index) == list(chosen) and len(part.sources) == len(public.sources)
    for name in CLAIM_TABLES:
        assert set(getattr(part, name)["incident_id"]) <= set(chosen)
    assert subset(public, public.incidents.index) is public and subset(public, []).events.empty
    found = read_registry((), make())
    held = {"country": ["FR"], "services": ["sms", "tv"], "sector": ["telecom"], "operator": []}
    assert list(filter_incidents(found, held, "2020-03-01", "2020-03-01")) == [INCIDENT["incident_id"]]
    for held, until in (({"country": ["BE"]}, ""), ({"services": ["tv"]}, ""), ({}, "2020-02-29")):
        assert filter_incidents(found, held, until=until).empty
    listed = make(incidents=[{**INCIDENT, "status": "listed"}])
    assert not len(filter_incidents(read_registry((), listed)))


def test_the_version_of_an_incident_is_that_of_its_rows(make):
    """A change elsewhere leaves the version of one incident as it is, a change of its rows does not."""
    other = {**INCIDENT, "incident_id": "2020-03-02-acme-fr-sms"}
    other_cause = {**CAUSE, "value": "system_failure"}
    folders = [make("a/x"), make("b/x", incidents=[INCIDENT, other]), make("c/x", causes=[other_cause])]
    ids = [INCIDENT["incident_id"]]
    plain, more, changed = (of_its_own(subset(read_registry((), folder), ids)).version for folder in folders)
    assert plain == more != changed


def test_what_has_not_changed_is_read_once(make, monkeypatch):
    """A second reading takes the first; a change of a file, or of a table for one's own use, does not reach others."""
    folder = make()
    first = read_registry(base=folder)
    first.events["low"] = 0
    with monkeypatch.context() as patch:
        patch.setattr(reading, "read_anew", lambda _folders: pytest.fail("read again"))
        assert (read_registry(base=folder).events["low"] > 0).all()
    make(incidents=[{**INCIDENT, "title_en": "Another title"}])
    assert read_registry(base=folder).incidents["title_en"].tolist() == ["Another title"]


def test_faults_refuse_and_doubts_do_not(make):
    """A registry with a fault is refused in one line; one with doubts is read."""
    with pytest.raises(RegistryError, match=r"causes\.csv:2: value.*3 more: run `outages check`"):
        read_registry(base=make(causes=[{**CAUSE, "value": "x"}, {**CAUSE, "value": "y"}]))
    base = {**USERS, "measure": "subscriber_base"}
    folder = make("doubted", measures=[base, USERS])
    assert [p.level for p in check_folders([folder])] == ["warning"] and len(read_registry(base=folder).measures) == 2


def test_empty_tables_have_their_columns(make):
    """A registry of one incident and nothing known is read, with frames that can be reckoned with."""
    found = read_registry(base=make(sources=[], events=[], measures=[], causes=[]))
    assert found.events["low"].dtype == found.measures["high"].dtype == float
    assert isinstance(found.organisations, pd.DataFrame) and found.cohorts.empty
