"""A reader changes a frame in JupyterLab and runs the cells below: tables, figures and denominators follow."""

import json
import re
import warnings
from typing import Any

import pandas as pd
import pytest
from parts import checked, study, text_of

import outages as ou
from outages.errors import InputError
from outages.paths import NOTEBOOKS
from outages.report.html import Block

FRENCH = 'facts.loc[[i for i in facts.index if "-fr-" in i]]'
TELECOM = "query(\"sector == 'telecom'\")"
OWN = "__import__('pandas').DataFrame({'incident_id': study.facts.index[:40], 'team': 'x'})"
MERGED = f"merge({OWN}, on='incident_id')"  # as the README does it
CHANGES = {  # of a frame, by notebook; {} is the frame
    "outage-length": ("lengths", [TELECOM, "iloc[:0]", "iloc[:1]", "iloc[200:204]", MERGED]),
    "comparative-report": ("incidents", [TELECOM, "iloc[:0]", "iloc[:1]", MERGED]),
    "affected-users": ("facts", [FRENCH, "iloc[:0]", "iloc[:1]"]),
    "detection-and-communication": ("facts", [FRENCH, "iloc[:0]", "iloc[:1]"]),
    "third-parties": ("incidents", [TELECOM, "iloc[:0]", "iloc[:1]", MERGED]),
}
CASES = [(name, frame, change) for name, (frame, changes) in CHANGES.items() for change in changes]
STUDY = ("comparison.scope", "small_sample_note", "quality.", "comparison.claims", "recommendations.")  # of the study
LISTS = ["aws-shd", "azure-2018-2020", "gcp-status", "github-status", "llm-status", "oci-status", "shaw-ca"]


def run(
    name: str, changes: dict[str, str] | None = None, *, lab: bool = True, **parameters: Any
) -> list[tuple[str, Any, dict[str, Any]]]:
    """Run the cells of a notebook, with those for JupyterLab, and each change behind the cell that makes its frame.

    Returns what each cell shows, with its source and the names as they then were.
    """
    names: dict[str, Any] = {}
    found, todo = [], dict(changes or {})
    for cell in json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]:
        source, tags = "".join(cell["source"]), cell["metadata"].get("tags", [])
        if cell["cell_type"] != "code" or ("lab" in tags and not lab):
            continue
        if "parameters" in tags or "setup" in tags or re.match(r"\w+ = ", source.splitlines()[-1]):
            exec(source, names)
            names |= parameters if "parameters" in tags else {}
        else:
            *before, last = source.splitlines()
            exec("\n".join(before), names)
            found.append((source, eval(last, names), dict(names)))
        for frame in [frame for frame in todo if frame in names]:
            names[frame] = eval(todo.pop(frame), names)
    return found


def shown(found: list[tuple[str, Any, dict[str, Any]]], *but: str) -> str:
    """Return the HTML of the cells but those that call some function."""
    return "\n".join(
        str(block.html)
        for source, block, _ in found
        if isinstance(block, Block) and not any(name in source for name in but)
    )


@pytest.mark.parametrize(("name", "frame", "change"), CASES)
def test_cells_follow_the_frame(name, frame, change):
    """Every cell below runs without a warning, and says of how many as many as the frame has rows."""
    changed = change if change.startswith(frame) else f"{frame}.{change}"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = run(name, {frame: changed})
    names = found[-1][2]
    rows, every = len(names[frame]), names["study"].n
    checked(shown(found))
    text = text_of(shown(found, *STUDY))
    assert not re.search(rf"(?:of|all) {every}\b|\b{every} outages", text), re.findall(rf".{{60}}{every}.{{20}}", text)
    assert rows < 2 or f"of {rows}" in text
    tables = re.findall(
        r'<table[^>]*id="t-(?:length|incident-lags|users|incidents)".*?</table>', shown(found), re.DOTALL
    )
    listed = {i for table in tables for i in re.findall(r"dossier-([\w-]+)\.", table)}
    kept = set(names[frame].get("incident_id", names[frame].index.to_series()))
    assert listed <= kept and (listed or not tables or rows < 2)


@pytest.mark.parametrize(
    "name", ["affected-users", "data-quality", "decision-note", "incident-dossier", "landing", "methods"]
)
def test_cells_for_explorers_run(name):
    """Those of pages on which no frame is changed too, in French too, without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        checked(shown(run(name, lang="fr")))


ALONE = {
    "facts": FRENCH,
    "lengths": f"lengths.{TELECOM}",
    "parties": "parties.iloc[:0]",
    "entries": "entries.iloc[:900]",
}


@pytest.mark.parametrize("frame", ALONE)
def test_one_frame_may_be_changed_alone(frame):
    """The comparison takes one frame of fewer incidents beside others of all."""
    checked(shown(run("comparative-report", {frame: ALONE[frame]})))


@pytest.mark.parametrize(
    "change",
    [
        *(f"query(\"cohort_id == '{one}'\")" for one in LISTS),
        *("iloc[:0]", "iloc[:1]", "merge(ou.cohorts()[['operator', 'country']], on='cohort_id')"),
    ],
)
def test_complete_lists_follow_the_frame(change):
    """Of a list that is not in the frame no sentence is left, whatever list or entry is."""
    found = run("status-pages", {"entries": f"entries.{change}"}, lab=change != "iloc[:0]")  # no medians of nothing
    names, text = found[-1][2], text_of(shown(found))
    assert "nan" not in text.lower().split()
    gone = set(names["page"].cohorts.index) - set(names["entries"]["cohort_id"])
    said = {"llm-status": "OpenAI, Anthropic and Character.AI", "gcp-status": "Google posted", "oci-status": "Oracle"}
    assert [text for cohort in gone if (text := said.get(cohort, "?")) in text_of(shown(found))] == []
    assert set(names["events"]["cohort_id"]) == set(names["entries"]["cohort_id"])
    assert len(names["events"]) <= len(names["entries"])


def test_other_entries_make_other_events():
    """Events are joined from the entries that a reader keeps, as all are joined from all."""
    whole, late = run("status-pages"), run("status-pages", {"entries": "entries.query('year >= 2024')"})
    pd.testing.assert_frame_equal(
        whole[-1][2]["events"], ou.cohort_entries(events=True), check_like=True, check_dtype=False
    )
    assert late[-1][2]["events"]["year"].min() == 2024
    google = shown(run("status-pages", {"events": "events.query(\"cohort_id == 'gcp-status'\")"}, lab=False))
    assert re.findall(r"<th scope=\"row\">([^<]*)", google[google.index('id="t-joined"') :])[0] == "Google Cloud"


@pytest.mark.parametrize("name", [*CHANGES, "explore", "status-pages"])
def test_cells_that_sort_show_what_is_known(name):
    """No cell that shows the longest, the latest or the most shows unknown ones instead."""
    sorted_ = [
        (found, re.search(r'sort_values\("(\w+)"\)', source))
        for source, found, _ in run(name)
        if "sort_values" in source
    ]
    frames = [found[by[1]] for found, by in sorted_ if by]
    assert (frames or name == "third-parties") and not any(column.isna().any() for column in frames)


def korea(name: str, lang: str = "en", since: str = "") -> str:
    """Return what the page on some fifteen outages says."""
    return text_of(shown(run(name, countries="KR", lang=lang, since=since))).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_an_interval_that_begins_at_zero_is_written_alike_in_sentences_and_tables(lang):
    """No interval by chance runs from no minutes at all."""
    text = korea("outage-length", lang)
    assert not re.search(r"(?:95 ?% ?:|interval) 0 min\b", text) and ("at most" if lang == "en" else "au plus") in text


def test_the_earliest_is_not_later_than_the_latest():
    """Where statements are so vague that none is surely the latest, the title of the figure names none."""
    assert "the earliest within" not in korea("detection-and-communication", since="2020-01-01")


@pytest.mark.parametrize(("rows", "drawn"), [(0, False), (2, False), (5, False), (6, True)])
def test_few_lengths_give_no_curve_and_no_quartiles(rows, drawn):
    """Two lengths have no first quartile; that so few are known is said."""
    from outages.report import length

    own = study()
    said = text_of(length.curve(ou.page(own), own.lengths().dropna(subset=["low"]).iloc[:rows]).html)
    assert ("quartile" in said) == drawn != ("fewer than 6 known lengths no curve is drawn" in said)


def test_a_figure_of_some_incidents_is_not_of_the_whole_registry():
    """The line that a figure carries when it is copied says that a reader has left some out."""
    own = study()
    pages = [ou.page(own), ou.page(own).of(own.lengths()), ou.page(own).of(own.lengths().iloc[:40])]
    assert ["whole registry: 40 of" in page.source("", 1) for page in pages] == [False, False, True]
    assert pages[0].source("<i>7\xa0h</i>", 1).startswith("7\xa0h;")  # no line parts a number from its unit


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        *(("outage-length", r"Length\. Of the \d+ outages"), ("affected-users", r"People\. Most people affected")),
        ("recommendations", r"Recommendations\. Most often asked for or announced (is|are) \w+"),
        ("data-quality", r"Sources\. About \d+% of the values behind the headlines"),
    ],
)
def test_a_page_about_a_question_begins_with_the_answer(name, answer):
    """What it finds stands behind the line that says of which outages, before anything else."""
    _scope, first, *_ = run(name, lab=False)
    assert re.match(answer, text_of(str(first[1].html)).strip())


@pytest.mark.parametrize("lang, said", [("en", "found one by one: 1 outage."), ("fr", "une à une : 1 panne.")])
def test_lags_of_a_study_of_a_complete_list_rest_on_the_list(lang, said):
    """A complete list is never pooled with others, but where it is most of a study its lags are what is told."""
    asked = {"operator": "Google Cloud", "since": "2024-01-01", "until": "2024-12-31", "lang": lang}
    shown = " ".join(
        text_of(block.html) for _, block, _ in run("comparative-report", **asked) if isinstance(block, Block)
    )
    assert said in shown
    assert {"en": "(11 of 11 outages)", "fr": "(11 pannes sur 11)"}[lang] in shown


def test_the_incident_in_focus_may_be_filtered_out():
    """Figures and tables of a frame without it mark nothing, and say nothing of it."""
    focus = "2021-06-02-orange-fr-emergency-calls"
    found = run("outage-length", {"lengths": "lengths.drop(index=focus)"}, focus=focus)
    assert focus not in found[-1][2]["lengths"].index and 'class="focus"' not in shown(found)


def test_rows_that_no_page_can_tell_of_are_refused_in_a_line():
    """An incident twice, as a merge with several rows makes it, or one that the study does not know."""
    from outages.report import delays, findings, length

    own = study()
    page, lengths, facts = ou.page(own), own.lengths(), own.facts.iloc[:2]
    twice = lengths.merge(pd.DataFrame({"incident_id": lengths.index[0], "team": ["a", "b"]}), on="incident_id")
    for part in (findings.length, length.group_table):
        with pytest.raises(InputError, match=r"several rows are of .*; keep one row an incident"):
            part(page, twice)
    with pytest.raises(InputError, match="'mine' is none of this study"):
        delays.curves(page, facts.rename(index={facts.index[0]: "mine"}))


@pytest.mark.parametrize(
    ("name", "frame", "backend"),
    [("outage-length", "lengths", "numpy_nullable"), ("detection-and-communication", "facts", "pyarrow")],
)
def test_types_that_hold_na_change_no_number(name, frame, backend):
    """What `convert_dtypes` returns is read as the numbers that it holds."""
    found = run(name, {frame: f"{frame}.convert_dtypes(dtype_backend='{backend}')"}, lab=False)
    assert text_of(shown(found)) == text_of(shown(run(name, lab=False)))


@pytest.mark.parametrize(
    ("name", "frame"),
    [
        *(("outage-length", "lengths"), ("affected-users", "facts"), ("status-pages", "entries")),
        *(("detection-and-communication", "facts"), ("third-parties", "lengths"), ("comparative-report", "one_by_one")),
    ],
)
def test_no_page_counts_a_row_twice(name, frame):
    """Rows that a merge has multiplied are told in one line."""
    with pytest.raises(InputError, match="several rows are of"):
        run(name, {frame: f"{frame}.loc[[*{frame}.index, *{frame}.index[:2]]]"}, lab=False)


def test_no_part_counts_a_row_twice():
    """Nor does one whose frame is made in its own cell, nor one that is handed a column."""
    from outages.report import delays, findings, limits, note

    names = run("detection-and-communication", lab=False)[-1][2]
    page, facts = names["page"], names["facts"]
    for part, frame in (
        (limits.in_force, "verdicts"),
        (limits.figure, "verdicts"),
        (limits.table, "verdicts"),
        (lambda page, rows: note.limits(page.study, rows), "tried"),
        (delays.first_seen, "seen"),
        (delays.timeline, "lags"),
        (lambda page, rows: delays.what_if(page, facts, rows), "saved"),
    ):
        rows = names[frame]
        assert isinstance(part(page, rows), Block)
        with pytest.raises(InputError, match="several rows are of"):
            part(page, pd.concat([rows, rows]))
    with pytest.raises(InputError, match="frame: Series is no frame"):
        findings.length(page, names["study"].lengths()["low"])


@pytest.mark.parametrize(
    ("name", "frame", "column"),
    [
        *(("outage-length", "lengths", column) for column in ("low", "basis", "sector")),
        *(("third-parties", "parties", "involvement"), ("recommendations", "advice", "text")),
    ],
)
def test_a_column_that_a_page_needs_is_named(name, frame, column):
    """A reader who has dropped or renamed it is told so, and which ones are there."""
    with pytest.raises(InputError, match=f"there is no column '{column}'; (use one|did you mean)"):
        run(name, {frame: f"{frame}.rename(columns={{'{column}': '{column}2'}})"}, lab=False)


def test_numbers_in_quotes_are_numbers():
    """So a frame that was read as text makes the same page, and words in place of numbers are told."""
    quoted = "lengths.assign(low=lengths.low.astype(str), high=lengths.high.astype(str))"
    assert shown(run("outage-length", {"lengths": quoted}, lab=False)) == shown(run("outage-length", lab=False))
    with pytest.raises(InputError, match=r"frame: low, high: could not convert .*; pass numbers"):
        run("outage-length", {"lengths": "lengths.assign(low='long')"}, lab=False)


def test_groups_follow_the_frame():
    """A cause that a reader sets in the frame is a group of it."""
    from outages.report import length

    own = study()
    lengths = own.lengths().assign(root_cause="human_error")
    assert list(length.named(ou.page(own), lengths, "root_cause")) == ["human_error"]
