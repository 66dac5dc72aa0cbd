"""The methods page shows each rule of resolution on the case for which it was made, computed from the tables."""

import re

import pytest
from parts import ORANGE, study

import outages as ou
from outages.language import Words
from outages.paths import DATA
from outages.registry.registry import read_registry
from outages.report import contradictions, delays
from outages.studies import Study


def shown(own: Study, incident: str, about: str, actor: str = "") -> str:
    """Return the text of an example, a bar between cells."""
    html = str(contradictions.example(ou.page(own), own, incident, about, actor).html)
    return re.sub(r"(\s*\|\s*)+", "|", re.sub(r"<[^>]+>", "|", html)).replace("\u00a0", " ")


def asked(*services: str) -> Study:
    """Return the registry with some services asked for."""
    return Study(read_registry((), DATA), "authority", Words("en"), services=services)


def test_withdrawn_counts_are_named_and_not_used():
    """Optus: the two first counts are withdrawn, the result lies above them."""
    said = shown(study(), "2023-11-08-optus-au-nationwide", "emergency_calls_failed")
    assert said.count("|no: withdrawn|") == 2 and "|228 calls|" in said and "|229 calls|" in said
    assert "Result:|2,697 to 3,300|" in said


def test_a_vague_claim_is_narrowed():
    """Proximus: the night of the government becomes the midnight of the press."""
    said = shown(study(), "2021-01-07-proximus-be-emergency-calls", "onset")
    assert "|Government|1|yes|" in said and "|5|narrows|" in said
    assert "Result:|7 Jan 2021, 23:45 – 8 Jan 2021, 00:15|" in said


@pytest.mark.parametrize(("services", "result"), [((), "16:45–16:50"), (("emergency_calls",), "17:30–18:00")])
def test_the_service_asked_for_decides(services, result):
    """Orange: its own detection in a study of all, that of the joint inspection in one of emergency calls."""
    assert f"Result:|2 Jun 2021, {result}|" in shown(asked(*services), ORANGE, "detected", "operator")


def test_late_statements_are_counted_apart():
    """The counts are those of the facts of outages found one by one; how many stand elsewhere is said."""
    own = study()
    one_by_one = own.incidents["found_by"] != "systematic_year"
    lags = own.facts["to_earliest_statement"][one_by_one]
    said = str(delays.late(ou.page(own), own.facts[one_by_one]).html)
    timed = int((lags["timed"] & lags["low"].notna()).sum())
    assert [int(n) for n in re.findall(r"\b\d+\b", said)] == [
        timed,
        int(lags["low"].notna().sum()) - timed,
        int(lags["after_end"].sum()),
        int((~one_by_one).sum()),
    ]
