"""A list becomes entries; what looks like an onset and is none is refused."""

import json

import pandas as pd
import pytest

from outages.curation.cohort import add_cohort
from outages.errors import InputError

UPDATES = [
    {"created_at": "2024-01-01T10:40:00Z", "status": "resolved"},
    {"created_at": "2024-01-01T10:05:00Z", "status": "investigating"},
    {"created_at": "2024-01-05T09:00:00Z", "status": "postmortem"},
]
PAGE = {
    **{"id": "abc", "impact": "major", "components": [{"name": "API"}, {"name": "Web"}], "incident_updates": UPDATES},
    **dict.fromkeys(("created_at", "started_at"), "2024-01-01T10:05:00Z"),
    "resolved_at": "2024-01-01T10:40:00Z",
}
GOOGLE = {
    **{"id": "g1", "uri": "incidents/g1", "severity": "medium", "status_impact": "SERVICE_DISRUPTION"},
    **{"begin": "2024-01-01T10:00:17+00:00", "end": "2024-01-01T12:00:00+00:00"},
    "updates": [{"when": "2024-01-01T10:50:00+00:00"}, {"when": "2024-01-01T10:30:00+00:00"}],
    **{"affected_products": [{"title": "Cloud Run"}], "previously_affected_locations": [{"id": "us-west1"}]},
}


@pytest.fixture
def add(tmp_path):
    """Return a function that writes a list and a map, adds them to a folder and returns the entries there."""

    def run(content, toml: str) -> pd.DataFrame:
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / "list").write_text(text, encoding="utf-8")
        (tmp_path / "map.toml").write_text(toml, encoding="utf-8")
        add_cohort(tmp_path / "list", tmp_path / "map.toml", tmp_path / "out")
        return pd.read_csv(tmp_path / "out" / "cohorts" / "entries.csv", dtype=str, keep_default_na=False)

    return run


def test_statuspage(add):
    """Times, codes and counts come along; the start of the record does not, nor the post-mortem as a post."""
    single = {**PAGE, "id": "one", "incident_updates": UPDATES[:1]}
    rows = add({"incidents": [PAGE, single]}, 'cohort_id = "llm-status"\nformat = "statuspage"').set_index("entry_id")
    entry = rows.loc["abc"]
    assert (entry["onset"], entry["first_post"]) == ("", "2024-01-01T10:05:00+00:00")
    assert entry[["restored_basis", "posts", "service", "flag"]].tolist() == ["resolved_post", "2", "API;Web", ""]
    assert rows.loc["one", "flag"] == "single_post"


def test_google(add):
    """The begin field is an onset only where it was set by hand; as stamped it is the start of a record."""
    by_hand = {**GOOGLE, "id": "g2", "begin": "2024-01-01T09:30:00+00:00"}
    rows = add([GOOGLE, by_hand], 'cohort_id = "gcp-status"\nformat = "google"').set_index("entry_id")
    assert rows.loc["g1", ["onset", "onset_basis", "record_begin"]].tolist() == ["", "", "2024-01-01T10:00:17+00:00"]
    assert rows.loc["g2", "onset_basis"] == "begin_by_hand"
    assert rows.loc["g1", "first_post"].startswith("2024-01-01T10:30")
    assert rows.loc["g1", "severity"] == "medium/service_disruption"


def test_fields_of_another_kind_are_passed_over(add):
    """Where posts or components are no records, the entry has none, and nothing breaks."""
    odd = {**PAGE, "incident_updates": 5, "components": [1, None]}
    rows = add([odd], 'cohort_id = "llm-status"\nformat = "statuspage"')
    assert rows.loc[0, ["posts", "first_post", "service"]].tolist() == ["0", "", ""]


CSV_MAP = """cohort_id = "globalconnect-se"
format = "csv"
timezone = "Europe/Stockholm"
[columns]
entry_id = "no"
onset = "occurred"
first_post = "posted"
[constants]
onset_basis = "field"
"""


def test_csv(add):
    """Columns are named by the map, hours without offset are of its time zone."""
    rows = add("no,occurred,posted\n1,2021-07-01 10:00,2021-07-01 10:20\n", CSV_MAP)
    assert rows.loc[0, "onset"] == "2021-07-01T10:00:00+02:00" and rows.loc[0, "onset_basis"] == "field"


RECORDS = "no,occurred,posted\n" + "".join(f"{n},2021-07-0{n} 10:00,2021-07-0{n} 10:00\n" for n in range(1, 8))


@pytest.mark.parametrize(
    ("content", "toml", "words"),
    [
        (RECORDS, CSV_MAP, "onset: is the first post itself"),
        ("no,started_at,posted\n", CSV_MAP.replace("occurred", "started_at"), "start of a record"),
        (
            "no,occurred,posted\n1,2021-07-01 10:00,\n",
            CSV_MAP.replace('onset_basis = "field"', ""),
            "onset_basis: is empty",
        ),
        ("no,occurred,posted\n1,2021-07-01 10:00,\n", CSV_MAP.replace("timezone", "#"), "no UTC offset"),
        ("no,occurred,posted\n1,yesterday,\n", CSV_MAP, "'yesterday' is no moment"),
        ("no,occurred,posted\n1,,\n2,2021-03-28 02:30,\n", CSV_MAP, "entry 2: '2021-03-28 02:30' is no moment, or the"),
        ("no,posted\n1,2021\n", CSV_MAP, "has no column 'occurred'"),
        ([PAGE], 'cohort_id = "nobody"\nformat = "statuspage"', "describe the cohort there"),
        ([PAGE], 'cohort_id = "llm-status"\nformat = "rss"', "use one of statuspage, google, csv"),
        ("[{}]", 'cohort_id = "llm-status"\nformat = "google"', "entry 1 of the list is no incident with its id"),
        ([PAGE, "abc"], 'cohort_id = "llm-status"\nformat = "statuspage"', "entry 2 of the list is no incident"),
        ("5", 'cohort_id = "llm-status"\nformat = "google"', "holds no list of incidents"),
        ("[", 'cohort_id = "llm-status"\nformat = "google"', "cannot be read as JSON"),
        ([], 'cohort_id = "llm-status"\nformat = "google"', "holds no entry"),
        ([PAGE], "format", "cannot be read as TOML"),
    ],
)
def test_refused(content, toml, words, add, tmp_path):
    """What cannot be used is said in one line, and nothing is written."""
    with pytest.raises(InputError, match=words) as error:
        add(content, toml)
    assert "\n" not in str(error.value) and not (tmp_path / "out").exists()


def test_the_same_entry_twice(add):
    """Entries that are there already are not added again."""
    toml = 'cohort_id = "llm-status"\nformat = "statuspage"'
    add([PAGE], toml)
    with pytest.raises(InputError, match="already there"):
        add([PAGE], toml)


def test_halves_of_signs_are_replaced(add):
    """JSON may hold half of a sign, which no table can."""
    page = {**PAGE, "id": "one", "components": [{"name": "A\ud800"}]}
    assert add({"incidents": [page]}, 'cohort_id = "llm-status"\nformat = "statuspage"')["service"].tolist() == ["A?"]
