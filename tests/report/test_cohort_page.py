"""The page on complete lists states what was computed, in both languages, and every trap of such lists stands on it."""

import re
from urllib.parse import unquote

import pandas as pd
import pytest

import outages as ou
from outages.errors import InputError
from outages.facts.cohorts import telling
from outages.report import cohort_groups, cohort_notes, cohorts
from outages.report.part import Page

TRAPS = (  # of such lists; for each the words that the English page holds
    "the start of a record is the moment of its first post by construction",
    "A stated onset is not random",
    "Only onsets that were set afterwards count",
    "A status page is not the operator’s voice",
    "Operators also write to customers privately",
    "First post on the status page",
    "No trend in outages",
    "it changed what it publishes",
    "incidents begun from 16 to 29 March 2023",
    "No ranking of operators",
    "no list says how many users were affected",
    "entries and events are counted apart",
    "lists are never pooled",
    "the only published measurement of this kind that we found",
)
LIMITS = "15;30;60"


@pytest.fixture(scope="module")
def texts(pages) -> dict[str, str]:
    """Return what a reader sees of each language."""
    shown = {lang: (pages / f"status-pages.{lang}.html").read_text(encoding="utf-8") for lang in ("en", "fr")}
    unread = r"<(pre|style|script).*?</\1>|<[^>]+>"
    return {lang: re.sub(unread, " ", page, flags=re.DOTALL) for lang, page in shown.items()}


def test_every_trap_is_on_the_page(texts):
    """No trap of such lists goes unsaid."""
    text = re.sub(r"\s+", " ", texts["en"])
    assert [trap for trap in TRAPS if trap not in text] == []


def test_sources_stand_in_both_languages(texts):
    """Each list is named with its archive and commit."""
    archives = set(ou.cohorts()["archive"])
    assert all(archive.count(" @ ") == 1 and archive in text for archive in archives for text in texts.values())


def test_numbers_of_the_page_are_those_of_the_frames(texts):
    """Medians stand to the minute, the naive reading follows from the entries."""
    lags = ou.cohort_entries()["lag"].groupby(ou.cohort_entries()["cohort_id"])
    text = re.sub(r"\s+", " ", texts["en"].replace("\u00a0", " "))
    hours, minutes = divmod(round(lags.get_group("gcp-status").median()), 60)
    assert f"within {round(lags.get_group('globalconnect-se').median())} min at GlobalConnect" in text
    assert f"and within {hours} h {minutes} min at Google Cloud" in text
    assert f"finds 34 min instead of {hours} h {minutes} min" in text


@pytest.mark.parametrize("limits", [LIMITS, "20;45", "10080"])
def test_how_many_would_have_met_any_limit(limits):
    """For each list and limit the table has the number that a plain count gives, and the page is of these limits."""
    page, entries = cohorts.CohortPage(limits=limits), ou.cohort_entries()
    table = re.sub(r"<[^>]+>", " ", str(cohorts.limits_table(page, entries).html).replace(",", ""))
    for cohort in telling(entries):
        lags = entries.loc[entries["cohort_id"] == cohort, "lag"].dropna().tolist()
        for limit in map(int, limits.split(";")):
            assert f"{sum(lag <= limit for lag in lags)} of {len(lags)}" in table, (cohort, limit)
    assert f"Within {page.words.minutes(page.middle)}." in str(cohorts.headline(page, entries).html)
    assert cohorts.curves(page, entries).html


@pytest.mark.parametrize("limits", ["", "0", "half an hour", "1;2;3;4;5", 30])
def test_limits_that_are_none(limits):
    """What is no time limit is refused in one line."""
    with pytest.raises(InputError, match=r"limits: .*(not allowed|not a text)"):
        cohorts.CohortPage(limits=limits)


def test_french_is_french(texts):
    """No English is left, and no number is a slip of the computer."""
    assert " of " not in texts["fr"] and "’" in texts["fr"]
    for text in texts.values():
        assert not re.search(r"\b(nan|inf|NaN|NaT)\b", text) and "{" not in text


def test_findings_follow_the_numbers():
    """Where grave outages are told later, the sentence says so; where nothing differs, no figure stands."""
    page = cohorts.CohortPage()
    quick, slow = [float(n % 10) for n in range(40)], [float(100 + n % 10) for n in range(40)]
    frame = pd.DataFrame({"cohort_id": "oci-status", "lag": quick + slow, "grade": ["mild"] * 40 + ["grave"] * 40})
    assert "announced later" in str(cohort_groups.by_group(page, frame, "grade").html)
    assert "announced sooner" in str(cohort_groups.by_group(page, frame.assign(lag=slow + quick), "grade").html)
    assert "dropped" in str(cohort_groups.by_group(page, frame.assign(lag=1.0), "grade").html)


@pytest.mark.parametrize("by", ["hours", "grade", "cause"])
def test_a_figure_says_of_how_many_it_is_drawn(by):
    """The number in the source line of a figure is the sum of those of its rows, not of the lists left out."""
    shown = unquote(str(cohort_groups.by_group(cohorts.CohortPage(), ou.cohort_entries(), by).html))
    svg = re.search("<svg.*?</svg>", shown, re.DOTALL)[0].replace("\u00a0", " ")
    drawn = re.sub(r"(<[^>]+>|\s)+", " ", svg)
    counts = [int(n.replace(",", "")) for n in re.findall(r"n = ([\d,]+)", drawn)]
    assert len(counts) > 1 and re.search(r"([\d,]+) entries drawn", drawn)[1] == f"{sum(counts):,}"


def test_one_list_has_findings():
    """Of one list the same is said without a comparison."""
    page, entries = cohorts.CohortPage(limits="60;30;30"), ou.cohort_entries("github-status")
    said = str(cohorts.headline(page, entries).html)
    assert page.limits == (30, 60) and "of 440 at GitHub." in said
    with pytest.raises(InputError, match="no column 'lag'"):
        cohorts.headline(page, entries.drop(columns="lag"))


@pytest.mark.parametrize("part", [cohorts.limits_table, cohorts.curves, cohort_groups.silence, cohort_groups.alert])
def test_few_entries_are_not_drawn(part):
    """A list without onsets gives a table or a reason, no failure."""
    assert part(cohorts.CohortPage(), ou.cohort_entries("shaw-ca")).html


def test_beside_the_curated_incidents():
    """The comparison sets the two legs side by side and pools nothing."""
    study = ou.study(countries="FR")
    block = str(cohorts.beside(Page(study), study.facts["to_earliest_statement"], ou.cohort_entries()).html)
    assert block.count("<tr>") == 7 and "Curated incidents" in block and "List: GlobalConnect" in block


def test_hostile_names_of_lists_are_shown_and_not_run():
    """A list whose name is markup stands as text in every part."""
    page, entries = cohorts.CohortPage(), ou.cohort_entries()
    page.names = dict.fromkeys(page.names, "<img src=x onerror=alert(1)>")
    parts = [cohorts.headline(page, entries), cohorts.limits_table(page, entries), cohort_notes.naive(page, entries)]
    parts += [cohort_notes.selection_table(page, entries), cohort_groups.silence(page, entries)]
    assert all("onerror" in str(part.html) and "<img src=x" not in str(part.html) for part in parts)
