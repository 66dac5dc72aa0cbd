"""The page on complete lists states what was computed, in both languages, and every trap of such lists stands on it."""

import json
import re

import pandas as pd
import pytest

import outages as ou
from outages.paths import NOTEBOOKS
from outages.report import cohort_groups, cohort_notes, cohorts
from outages.report.part import Page

TRAPS = (  # one for each trap: the words that the English page holds
    "the start of a record is the moment of its first post by construction",
    "A stated onset is not random",
    "A status page is not the operator’s voice",
    "No trend in outages",
    "16 to 29 March 2023 are missing",
    "no list says how many users were affected",
    "entries and events are counted apart",
    "the only published measurement of this kind that we found",
)


def whole(lang: str) -> str:
    """Return the HTML of all parts that the notebook calls."""
    cells = json.loads((NOTEBOOKS / "status-pages.ipynb").read_text(encoding="utf-8"))["cells"]
    names = {
        "ou": ou,
        "cohorts": cohorts,
        "cohort_groups": cohort_groups,
        "cohort_notes": cohort_notes,
        "lang": lang,
        "data": [],
    }
    parts = []
    for cell in cells:
        tags, source = cell["metadata"].get("tags", []), "".join(cell["source"])
        if cell["cell_type"] != "code" or "lab" in tags or "parameters" in tags:
            continue
        *first, last = source.splitlines() if "setup" not in tags else [source, "None"]
        exec("\n".join(first), names)
        parts.append(eval(last, names))
    return "\n".join(str(part.html) for part in parts if part is not None)


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Return what a reader sees of each language."""
    pages = {lang: whole(lang) for lang in ("en", "fr")}
    return {lang: re.sub(r"<pre.*?</pre>|<[^>]+>", " ", page, flags=re.DOTALL) for lang, page in pages.items()}


def test_every_trap_is_on_the_page(texts):
    """No trap of such lists goes unsaid."""
    text = re.sub(r"\s+", " ", texts["en"])
    assert [trap for trap in TRAPS if trap not in text] == []


def test_numbers_of_the_page_are_those_of_the_frames(texts):
    """The finding of the study, the table of limits and the naive reading follow from the entries."""
    entries = ou.cohort_entries()
    lags = entries["lag"].groupby(entries["cohort_id"])
    text = re.sub(r"\s+", " ", texts["en"].replace("\u00a0", " "))
    assert (
        f"{(lags.get_group('globalconnect-se') <= 30).sum():,} of {lags.get_group('globalconnect-se').count():,}"
        in text
    )
    assert f"within {round(lags.get_group('globalconnect-se').median())} min at GlobalConnect" in text
    assert "finds 34 min instead of 2 h 10 min" in text


def test_french_is_french(texts):
    """No English is left, and no number is a slip of the computer."""
    assert " of " not in texts["fr"] and "’" in texts["fr"]
    for text in texts.values():
        assert not re.search(r"\b(nan|inf|NaN|NaT)\b", text) and "{" not in text


def test_findings_follow_the_numbers():
    """Where grave outages are told later, the sentence says so; where nothing differs, no figure stands."""
    page = cohorts.open_page()
    quick, slow = [float(n % 10) for n in range(40)], [float(100 + n % 10) for n in range(40)]
    frame = pd.DataFrame({"cohort_id": "oci-status", "lag": quick + slow, "grade": ["mild"] * 40 + ["grave"] * 40})
    assert "announced later" in str(cohort_groups.by_group(page, frame, "grade").html)
    assert "announced sooner" in str(cohort_groups.by_group(page, frame.assign(lag=slow + quick), "grade").html)
    assert "dropped" in str(cohort_groups.by_group(page, frame.assign(lag=1.0), "grade").html)


@pytest.mark.parametrize("part", [cohorts.limits_table, cohorts.curves, cohort_groups.silence, cohort_groups.alert])
def test_few_entries_are_not_drawn(part):
    """A list without onsets gives a table or a reason, no failure."""
    assert part(cohorts.open_page(), ou.cohort_entries("shaw-ca")).html


def test_beside_the_curated_incidents():
    """The comparison sets the two legs side by side and pools nothing."""
    study = ou.study(countries="FR")
    block = str(cohorts.beside(Page(study), study.facts["to_known_word"], ou.cohort_entries()).html)
    assert block.count("<tr>") == 7 and "Curated incidents" in block and "List of GlobalConnect" in block
