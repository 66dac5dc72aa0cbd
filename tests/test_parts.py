"""The sentences of the summary stand in the tables that they link to."""

import re

import outages as ou
from outages.language import Words
from outages.paths import DATA
from outages.registry.registry import read_registry
from outages.report import comparison
from outages.report.delays import Delays
from outages.report.length import Length
from outages.report.users import Users
from outages.studies import Study


def test_same_table_same_sentence():
    """The medians of the headlines stand in the tables that they link to, on any policy."""
    for policy in ("widest", "latest"):
        study = Study(read_registry((), DATA), policy, Words("fr"))
        page = ou.page(study)
        tables = {
            "t-groups": Length(study, page.evidence).groups_table,
            "t-lags": Delays(study, page.evidence).summary,
            "t-concentration": Users(study, page.evidence).concentration,
        }
        summary = comparison.summary(page, study.lengths(), study.facts, study.third_parties())
        said = re.findall(r'href="#(t-[a-z]+)">([^<]+)<', str(summary.html))
        assert {key for key, _ in said} >= set(tables)
        for key, number in said:
            assert key not in tables or number in str(tables[key]().html)
