"""Entries of complete lists, against a computation in plain Python that shares no code with the library."""

import csv
import itertools
import statistics
from collections import defaultdict
from datetime import datetime

import pandas as pd
import pytest

import outages as ou
from outages.facts import cohorts as facts
from outages.paths import DATA

NO_OUTAGE = {"false_alarm", "planned_work"}
NO_ONSET = {
    *("day_as_written_cannot_be", "stated_onset_after_first_post", "several_windows", "hours_later_than_the_post"),
    *("onset_over_3_days_before", "year_corrected", "report_and_begin_differ_by_over_an_hour"),
}
NO_POST = {
    *("work_log", "single_post", "single_post_entered_later", "feed_and_api_first_post_differ"),
    *("first_line_before_onset", "first_line_over_3_days_after"),
    *("first_post_later_than_first_seen", "first_post_long_before_first_seen"),
}
NO_END = {"end_before_onset", "day_as_written_cannot_be", "several_windows", "hours_later_than_the_post"}
LISTS = ["aws-shd", "gcp-status", "gcp-2018-2019", "github-status", "globalconnect-se", "llm-status", "oci-status"]


def rows() -> list[dict]:
    """Read the outages of the lists with the standard library."""
    with (DATA / "cohorts" / "entries.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    for row in found:
        row["flags"] = set(row["flag"].split(";"))
        for name, doubt in (("onset", NO_ONSET), ("first_post", NO_POST), ("restored", NO_END), ("detected", set())):
            row[name] = None if row["flags"] & doubt or not row[name] else datetime.fromisoformat(row[name])
    return [row for row in found if not row["flags"] & NO_OUTAGE]


def minutes(later: datetime | None, earlier: datetime | None) -> float | None:
    """Return a distance in minutes."""
    return (later - earlier).total_seconds() / 60 if later and earlier else None


def lags_of(found: list[dict], cohort: str) -> list[float | None]:
    """Return the lags of a list, None where unknown."""
    lags = [minutes(r["first_post"], r["onset"]) for r in found if r["cohort_id"] == cohort]
    return [lag if lag is not None and lag >= 0 else None for lag in lags]


def plain_quantile(values: list[float], q: float) -> float:
    """Return a quantile between the two values around it."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * q
    below, part = int(place), place - int(place)
    return ordered[below] + (ordered[min(below + 1, len(ordered) - 1)] - ordered[below]) * part


@pytest.fixture(scope="module")
def plain() -> list[dict]:
    """Read once in plain Python."""
    return rows()


@pytest.fixture(scope="module")
def entries() -> pd.DataFrame:
    """Read once with the library."""
    return ou.cohort_entries()


@pytest.mark.parametrize("cohort", LISTS)
def test_medians_quartiles_and_shares(cohort, plain, entries):
    """Quartiles to the second, shares to the entry, worst-case bounds with every unknown counted both ways."""
    lags = lags_of(plain, cohort)
    known = [lag for lag in lags if lag is not None]
    values = ou.cohort_values(entries[entries["cohort_id"] == cohort])
    for q in (0.25, 0.5, 0.75):
        found = ou.median(values, q=q).loc["all"]
        assert (found["n"], found["of"]) == (len(known), len(lags))
        assert found["low"] == found["high"] == pytest.approx(plain_quantile(known, q), abs=1e-6)
    for row in facts.within(values, (15, 30, 60)).itertuples():
        met = sum(lag <= row.limit for lag in known)
        assert (row.met, row.known, row.of) == (met, len(known), len(lags))
        assert row.share == met / len(known)
        assert (row.low, row.high) == (met / len(lags), (met + len(lags) - len(known)) / len(lags))


@pytest.mark.parametrize("cohort", ["aws-shd", "gcp-status", "github-status", "globalconnect-se"])
def test_silence(cohort, plain, entries):
    """The silent share of each outage is the part before the first post, all of it when that came after the end."""
    shares = []
    for r in (r for r in plain if r["cohort_id"] == cohort):
        lag, length = minutes(r["first_post"], r["onset"]), minutes(r["restored"], r["onset"])
        if lag is not None and length is not None and lag >= 0 and length > 0:
            shares.append(min(lag / length, 1.0))
    found = entries.loc[entries["cohort_id"] == cohort, "silence"]
    assert found.count() == len(shares) and found.median() == pytest.approx(statistics.median(shares))


def test_posted_after_the_end(plain, entries):
    """Only onsets that were set afterwards count, and only of Google are there such."""
    late = [
        minutes(r["first_post"], r["restored"]) > 0
        for r in plain
        if r["onset_basis"] in ("report", "begin_by_hand") and r["onset"] and r["first_post"] and r["restored"]
    ]
    found = facts.posted_after_the_end(entries)
    assert set(found["cohort_id"]) == {"gcp-status"} and not set(found["onset_basis"]) & {"words", "words_window"}
    assert (int(found["late"].sum()), len(found)) == (sum(late), len(late))


def test_sixty_reports_tell_alert_and_post(plain, entries):
    """No alert is of a false alarm; a post before the alert stays, an alert before the onset is unknown."""
    spans = [minutes(r["first_post"], r["detected"]) for r in plain if r["detected"]]
    found = entries["alert_to_post"].dropna()
    assert len(spans) == len(found) == 60 and found.median() == pytest.approx(statistics.median(spans))
    early = [minutes(r["detected"], r["onset"]) for r in plain if r["detected"] and r["onset"]]
    assert entries["onset_to_alert"].count() == sum(span >= 0 for span in early)


@pytest.mark.parametrize("cohort", ["aws-shd", "gcp-status"])
def test_events_are_counted_apart(cohort, plain):
    """An event runs from its first onset to its last end, and is told by the first post of any entry."""
    groups = defaultdict(list)
    for r in plain:
        if r["cohort_id"] == cohort:
            groups[r["event_id"] or r["entry_id"]].append(r)
    lags = []
    for part in groups.values():
        onset = min((r["onset"] for r in part if r["onset"]), default=None)
        post = min((r["first_post"] for r in part if r["first_post"]), default=None)
        lag = minutes(post, onset)
        lags += [lag] if lag is not None and lag >= 0 else []
    found = ou.cohort_entries(cohort, events=True)
    assert len(found) == len(groups) and found["entries"].sum() == sum(map(len, groups.values()))
    assert found["lag"].count() == len(lags) and found["lag"].median() == pytest.approx(statistics.median(lags))


def test_promises(plain):
    """A promise is kept when the next post comes by the promised minute; one that nothing follows is not."""
    with (DATA / "cohorts" / "promises.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    found = ou.cohort_promises()
    for cohort in {r["cohort_id"] for r in read}:
        own = [r for r in read if r["cohort_id"] == cohort]
        promised = [(datetime.fromisoformat(r["promised"]), r["next_post"]) for r in own]
        kept = sum(bool(post) and datetime.fromisoformat(post) <= due for due, post in promised)
        part = found[found["cohort_id"] == cohort]
        assert (len(part), int((part["late"] <= 0).sum())) == (len(own), kept)


def test_naive_reading(plain):
    """The raw start field of Google's list says about half an hour, the stated onset over two hours."""
    raw = [
        minutes(r["first_post"], datetime.fromisoformat(r["record_begin"]))
        for r in plain
        if r["record_begin"] and r["first_post"]
    ]
    raw = [lag for lag in raw if lag >= 0]
    google = ou.cohort_entries("gcp-status")
    assert google["record_to_post"].median() == pytest.approx(statistics.median(raw))
    assert round(statistics.median(raw)) == 34 and google["lag"].median() > 120


def test_curve_is_turnbulls(entries):
    """For exact values the drawn share is Turnbull's estimate, and it is the plain share."""
    part = ou.cohort_values(entries[entries["cohort_id"] == "oci-status"])
    curve, moments = ou.curve(part), [15.0, 30.0, 60.0, 240.0]
    drawn = facts.shares(part["lag"], pd.Series(moments).to_numpy())
    known = part["lag"].dropna()
    for limit, share in zip(moments, drawn["share"], strict=True):
        assert share == pytest.approx((known <= limit).mean())
        assert share == pytest.approx(curve.loc[curve["right"] <= limit, "mass"].sum(), abs=1e-6)


def test_limits_are_replayed_by_the_rule_of_incidents(entries):
    """Exact lags leave nothing undecidable; a limit for another sector, or for emergency calls, is not applied."""
    from outages.registry.registry import read_registry

    cohorts = ou.cohorts().reset_index()
    rows = facts.replayed(entries, cohorts, read_registry().communication_targets).set_index(["target_id", "cohort_id"])
    japan = rows.loc[("jp-mic-first-notice-30min", "globalconnect-se")]
    lags = entries.loc[entries["cohort_id"] == "globalconnect-se", "lag"]
    assert (japan["met"], japan["missed"]) == ((lags <= 30).sum(), (lags > 30).sum())
    assert japan["unknown"] == lags.isna().sum() and japan["applies"] and japan["in_force"] == 0
    assert not rows.loc[("jp-mic-first-notice-30min", "aws-shd"), "applies"]
    assert not rows.loc["us-fcc-customers-60min", "applies"].any()


def test_shares_only_where_most_state_an_onset(entries):
    """Lists of which few entries state an onset give no share."""
    assert set(facts.telling(entries)) == {"globalconnect-se", "github-status", "oci-status", "aws-shd", "gcp-status"}


def test_groups_use_the_operators_clock():
    """Working hours are local: 16:30 UTC on a Monday is 8:30 in Los Angeles and 17:30 in Stockholm."""
    hours = pd.to_datetime(["2021-01-04T16:30Z", "2021-01-04T16:30Z", "2021-01-09T16:30Z", None])
    frame = pd.DataFrame(
        {"cohort_id": ["a", "b", "a", "a"], "onset": hours, "severity": ["high/x", "low/y", "", "minor"]}
    ).assign(cause_hint="", length=[10.0, 60.0, 2000.0, None])
    found = facts.grouped(frame, pd.Series({"a": "America/Los_Angeles", "b": "Europe/Stockholm"}))
    assert found["hours"].tolist() == ["working", "working", "other", ""]
    assert found["days"].tolist() == ["week", "week", "weekend", ""]
    assert found["grade"].tolist() == ["grave", "mild", "", "mild"]
    assert found["length_class"].tolist() == ["under 1 h", "1 to 4 h", "over a day", ""]


def test_unknown_names_are_refused(entries):
    """A cohort or a measure that is not there is named with those that are."""
    for wrong in (lambda: ou.cohort_entries("nobody"), lambda: ou.cohort_values(entries, "nothing")):
        with pytest.raises(ValueError, match="is not allowed; use"):
            wrong()


def test_entries_begin_with_a_clean_slate():
    """Whoever changes a frame changes it for nobody else."""
    first = ou.cohort_entries("oci-status")
    first["lag"] = 0.0
    assert ou.cohort_entries("oci-status")["lag"].median() > 60
    assert list(itertools.islice(ou.cohorts().index, 2)) == ["aws-shd", "azure-2018-2020"]
