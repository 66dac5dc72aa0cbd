"""What is said of the data is counted by hand."""

import re

import pytest
from parts import FOUNDING, ORANGE, study

import outages as ou
from outages.facts.groups import known_fields
from outages.facts.policies import disagreements
from outages.language import Words
from outages.paths import DATA
from outages.registry.registry import read_registry
from outages.report import contradictions, delays, findings, quality
from outages.studies import Study


def test_only_ways_that_occur_are_named():
    """Of the ways in which incidents come in those alone that occur."""
    assert "(0)" not in str(quality.small_sample_note(ou.page(study(FOUNDING[:1]))).html)


def test_what_is_known_is_counted_by_hand():
    """A field counts as known where some claim gives it, a moment where it has a value."""
    own = study(FOUNDING)
    known = known_fields(own.facts, own.claims())
    assert list(known.columns[-2:]) == ["redundancy_defeated", "third_parties"] and len(known) == len(FOUNDING)
    assert known["onset"].equals(own.facts["onset"]["low"].notna())
    assert known.index[known["third_parties"]].tolist() == sorted(set(own.registry.third_parties["incident_id"]))


def test_a_cause_that_a_source_calls_unknown_is_not_known():
    """The root cause is known for as many outages here as have one, or a disputed one, in the groups."""
    own = study()
    named = own.groups["root_cause"] != ""
    assert known_fields(own.facts, own.claims())["root_cause"].equals(named)
    assert named.sum() < own.registry.causes.query("factor == 'root_cause'")["incident_id"].nunique()


@pytest.mark.parametrize("policy", ["authority", "widest"])
def test_contradictions_follow_the_frame(policy):
    """Contradictions stand side by side, with all sources; fewer in the frame give fewer rows."""
    own = study(FOUNDING, policy=policy)
    page, several = ou.page(own), disagreements(own.registry, policy)
    shown = str(contradictions.contradictions(page, several).html)
    assert shown.count('scope="row"') == several["disagree"].sum() > 1
    one = several[several["disagree"]].head(1)
    few = str(contradictions.contradictions(page, one).html)
    assert few.count('scope="row"') == 1 and few.count("<li>") == one.iloc[0]["claims"]


def test_documents_and_contradictions_are_counted_by_hand():
    """A value counts once an incident and field, and as told by several when its claims name several documents."""
    own = study()
    claims, several = own.claims().query("about in @findings.RESTS"), disagreements(own.registry, own.policy)
    told = {key: set(rows["source_id"]) for key, rows in claims.groupby(["incident_id", "about"])}
    said = str(findings.sources(ou.page(own), own.claims(), several))
    assert f"{sum(len(one) > 1 for one in told.values()):,} of {len(told):,} values;" in said
    onset = several.query("about == 'onset'")["disagree"].sum()
    assert f"onset ({onset}), restored (" in said
    assert "Too few values" in findings.sources(ou.page(own), claims.iloc[:3], several.iloc[:3])


def test_movement_is_the_larger_factor():
    """A finding moves by the larger factor of both ends; one without a positive end by no finite factor."""
    moved = ou.under_policies(study(FOUNDING).registry, ["length"])
    assert quality.movement(moved.assign(low=[1.0] * 5 + [2.0], high=[3.0] * 5 + [12.0])) == 4.0
    assert quality.movement(moved.assign(low=0.0, high=float("inf"))) == float("inf")


def test_headlines_under_policies_are_those_of_the_findings():
    """Under its own policy each is what the finding says; another fact and fewer policies do not fail."""
    own = study()
    page, facts = ou.page(own), own.facts
    moved = ou.under_policies(own.registry, ["users_affected", "to_authorities", "to_public"])
    here = moved[moved["policy"] == own.policy].set_index("finding")
    assert here.at["users_affected", "low"] == facts["users_affected"]["low"].max()
    assert here.at["to_authorities", "n"] == own.lags().query("lag == 'to_authorities' and timed").shape[0]
    shown = str(quality.policies(page, moved[moved["policy"].isin(["authority", "widest"])]).html)
    assert "each of 2 policies" in shown and "to_public" in shown


@pytest.mark.parametrize(
    ("incident", "about", "services", "withdrawn", "said"),
    [
        (
            *("2023-11-08-optus-au-nationwide", "emergency_calls_failed", (), 2),
            ["|228 calls|", "|229 calls|", "Result:|2,697 to 3,300|"],
        ),
        (
            *("2021-01-07-proximus-be-emergency-calls", "onset", (), 0),
            ["|Government|1|yes|", "|5|narrows|", "Result:|7 Jan 2021, 23:45 – 8 Jan 2021, 00:15|"],
        ),
        (ORANGE, "detected", (), 0, ["Result:|2 Jun 2021, 16:45–16:50|"]),
        (ORANGE, "detected", ("emergency_calls",), 0, ["Result:|2 Jun 2021, 17:30–18:00|"]),
    ],
)
def test_each_rule_of_resolution_on_its_case(incident, about, services, withdrawn, said):
    """Withdrawn counts are named and not used, the press narrows a vague night, and the service asked for decides."""
    own = Study(read_registry((), DATA), "authority", Words("en"), services=services)
    actor = "operator" if about == "detected" else ""
    html = str(contradictions.example(ou.page(own), own, incident, about, actor).html)
    text = re.sub(r"(\s*\|\s*)+", "|", re.sub(r"<[^>]+>", "|", html)).replace("\u00a0", " ")
    assert text.count("|no: withdrawn|") == withdrawn and [one for one in said if one not in text] == []


def test_late_statements_are_counted_apart():
    """The counts are those of the facts of outages found one by one; how many stand elsewhere is said."""
    own = study()
    one_by_one = own.incidents["found_by"] != "systematic_year"
    lags = own.facts["to_earliest_statement"][one_by_one]
    timed, known = int((lags["timed"] & lags["low"].notna()).sum()), int(lags["low"].notna().sum())
    said = str(delays.late(ou.page(own), own.facts[one_by_one]).html)
    counts = [timed, known - timed, int(lags["after_end"].sum()), int((~one_by_one).sum())]
    assert [int(n) for n in re.findall(r"\b\d+\b", said)] == counts
