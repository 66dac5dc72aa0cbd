"""How fast do operators tell their users? What the entries of complete lists say, exact to the minute."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from outages.facts.limits import replay
from outages.registry.files import moments, numbers
from outages.registry.registry import holds_any
from outages.stats.inference import proportion
from outages.stats.intervals import how_many
from outages.stats.rows import in_frame, once
from outages.stats.turnbull import share_within

NO_OUTAGE = frozenset({"false_alarm", "planned_work"})  # entries that are never counted
DOUBTED = {  # flags that make an hour unknown
    "onset": {
        *("day_as_written_cannot_be", "stated_onset_after_first_post", "several_windows", "hours_later_than_the_post"),
        *("onset_over_3_days_before", "year_corrected", "report_and_begin_differ_by_over_an_hour"),
    },
    "first_post": {
        *("work_log", "single_post", "single_post_entered_later", "feed_and_api_first_post_differ"),
        *("first_line_before_onset", "first_line_over_3_days_after"),
        *("first_post_later_than_first_seen", "first_post_long_before_first_seen"),
    },
    "detected": {"detected_out_of_order"},
    "restored": {"end_before_onset", "day_as_written_cannot_be", "several_windows", "hours_later_than_the_post"},
}
ACTS = {  # moments of an incident, as limits name them, and the hours of an entry that stand for them
    "onset": "onset",
    "detected": "detected",
    "first_detected": "detected",
    "first_public_statement": "first_post",
    "earliest_statement": "first_post",
}
HOURS = ("onset", "record_begin", "first_post", "detected", "restored")
SPANS = {  # minutes from one hour to another; a first post after the end, or before the alert, is a fact, not a slip
    "lag": ("onset", "first_post"),
    "length": ("onset", "restored"),
    "onset_to_alert": ("onset", "detected"),
    "alert_to_post": ("detected", "first_post"),
    "end_to_post": ("restored", "first_post"),
    "post_to_end": ("first_post", "restored"),
    "record_to_post": ("record_begin", "first_post"),
}
SIGNED = {"alert_to_post", "end_to_post", "post_to_end"}
SET_AFTERWARDS = ("report", "begin_by_hand")  # bases of an onset that was set when the outage was over
TELLING = 0.5  # of a list's entries must state an onset before shares among those that do are given
GRAVE = {"critical", "major", "high", "medium", "disruption", "degradation", "outage"}  # levels at which service fails
MILD = {"minor", "none", "low", "information", "intermittent", "quality", "performance", "disturbance"}
LENGTHS = (0, 60, 240, 1440, np.inf)  # minutes: where classes of length begin
LENGTH_CLASSES = ("under 1 h", "1 to 4 h", "4 to 24 h", "over a day")
DAY_BEGINS, DAY_ENDS = 8, 18  # hours of a working day, local time of the operator


def outages(entries: pd.DataFrame) -> pd.DataFrame:
    """Return the entries of cohorts that are outages, with hours as UTC moments and what lies between them.

    Parameters
    ----------
    entries : table `cohort_entries` as text

    Returns
    -------
    One row an entry: its columns, hours as moments (unknown where empty or doubted by a flag), one column in minutes
    for each key of `SPANS`, `silence`, the share of the outage that passed before the first post, whether an onset is
    `stated` (doubted or not), and the `year` of the first post. False alarms and planned work are left out.
    """
    kept = entries[~holds_any(entries["flag"], NO_OUTAGE)].copy()
    for hour in HOURS:
        sure = moments(kept[hour]).mask(holds_any(kept["flag"], DOUBTED.get(hour, set())))
        kept[hour] = pd.to_datetime(sure, unit="m", utc=True).dt.round("s")
    told = entries.loc[kept.index, "first_post"]
    kept = kept.assign(
        stated=entries.loc[kept.index, "onset"] != "",
        year=numbers(told.mask(told == "", entries.loc[kept.index, "onset"]).str[:4]),
        posts=numbers(kept["posts"]),
        entries=1,
    )
    return measured(kept).reset_index(drop=True)


def measured(rows: pd.DataFrame) -> pd.DataFrame:
    """Add to entries or events what lies between their hours; nothing is told or over before it begins."""
    found = {}
    for span, (first, last) in SPANS.items():
        minutes = (rows[last] - rows[first]) / pd.Timedelta(minutes=1)
        found[span] = minutes if span in SIGNED else minutes.where(minutes >= 0)
    silent = np.minimum(found["lag"], found["length"])
    return rows.assign(**found, silence=(silent / found["length"]).where(found["length"] > 0))


def joined(entries: pd.DataFrame) -> pd.DataFrame:
    """Return one row an event: from the first onset to the last end of its entries, and what the first of them says.

    An entry without `event_id` is an event of its own. `entries` counts them; `posts` is the sum.
    """
    rows = entries.assign(event_id=events_of(entries)).sort_values(["onset", "first_post"], kind="stable")
    groups = rows.groupby(["cohort_id", "event_id"], sort=True)
    hours = groups.agg(
        **{hour: (hour, "max" if hour == "restored" else "min") for hour in HOURS},
        entries=("entries", "sum"),
        posts=("posts", "sum"),
    )
    about = [c for c in entries if c not in {*hours, *SPANS, "silence", "cohort_id", "event_id"}]
    return measured(groups[about].first().join(hours).reset_index())


def events_of(entries: pd.DataFrame) -> pd.Series:
    """Return the event of each entry; one that stands alone is an event of its own."""
    return entries["event_id"].where(entries["event_id"] != "", entries["entry_id"])


def exact(entries: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return entries with `low` and `high` of a measure: an interval of width zero, NaN where it is unknown."""
    return entries.assign(low=entries[measure], high=entries[measure])


def within(entries: pd.DataFrame, limits: Sequence[float]) -> pd.DataFrame:
    """Return how many entries were told within time limits.

    Returns
    -------
    One row a cohort and limit: `met` of `known`, their `share` with its 95% interval (`ci_low`, `ci_high`; Wilson), and
    worst-case bounds of the share of all (`low`, `high`; unknown lags once early, once late), `of` so many entries.
    """
    rows = []
    for cohort, part in entries.groupby("cohort_id", sort=False)["lag"]:
        lags = pd.DataFrame({"low": part, "high": part})
        known = how_many(lags)
        for limit in limits:
            met, worst = int((part <= limit).sum()), share_within(lags, limit)
            chance = proportion(met, known) if known else None
            ends = [getattr(i, end, np.nan) for i in (chance, worst) for end in ("low", "high")]
            rows.append((cohort, limit, met, known, len(part), met / known if known else np.nan, *ends))
    columns = ["cohort_id", "limit", "met", "known", "of", "share", "ci_low", "ci_high", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def telling(entries: pd.DataFrame) -> list[str]:
    """Return the cohorts of which at least half of the entries have a known lag, the quickest first.

    Shares among the known are given of these alone.

    Raises
    ------
    InputError : the frame has no such columns
    """
    once("entries", in_frame("entries", entries, "lag"), "cohort_id")
    lags = entries["lag"].groupby(entries["cohort_id"]).agg(["count", "size", "median"])
    return list(lags[lags["count"] >= TELLING * lags["size"]].sort_values("median").index)


def shares(values: pd.Series, moments_: np.ndarray) -> pd.DataFrame:
    """Return the share of known values at or below each moment: `minutes`, `share`, and a 95% band (`low`, `high`).

    The band is Wilson's interval at each moment.
    """
    known = np.sort(values.dropna().to_numpy(dtype=float))
    counts = np.searchsorted(known, moments_, side="right")
    band = [proportion(int(k), len(known)) for k in counts]
    share = counts / len(known)
    return pd.DataFrame(
        {"minutes": moments_, "share": share, "low": [b.low for b in band], "high": [b.high for b in band]}
    )


def posted_after_the_end(entries: pd.DataFrame) -> pd.DataFrame:
    """Return the entries of which it can be told whether the first post came after the end, as `late`.

    Only an onset that was set afterwards counts: an incident whose onset stands in its first posts can hardly be over
    by then.
    """
    rows = entries[
        entries["onset_basis"].isin(SET_AFTERWARDS) & entries["onset"].notna() & entries["end_to_post"].notna()
    ]
    return rows.assign(late=rows["end_to_post"] > 0)


def grouped(entries: pd.DataFrame, zones: pd.Series) -> pd.DataFrame:
    """Add the groups in which lags are compared; empty where a group is unknown.

    Parameters
    ----------
    zones : IANA time zone of each cohort, indexed by `cohort_id`

    Returns
    -------
    `hours` (`working` from Monday to Friday, 8 to 18 h of the operator's local time, else `other`), `days` (`week`,
    `weekend`), `grade` (`grave`, `mild`, as the list itself grades), `cause` (a single keyword hit, `several`),
    `length_class`.
    """
    local = pd.Series(pd.NaT, index=entries.index, dtype="datetime64[ns]")
    for cohort, onset in entries["onset"].groupby(entries["cohort_id"]):
        local[onset.index] = onset.dt.tz_convert(zones[cohort]).dt.tz_localize(None)
    weekend, known = local.dt.day_of_week >= 5, local.notna()
    working = ~weekend & (local.dt.hour >= DAY_BEGINS) & (local.dt.hour < DAY_ENDS)
    level, cause = entries["severity"].str.partition("/")[0], entries["cause_hint"]
    return entries.assign(
        hours=np.select([~known, working], ["", "working"], "other"),
        days=np.select([~known, weekend], ["", "weekend"], "week"),
        grade=np.select([level.isin(GRAVE), level.isin(MILD)], ["grave", "mild"], ""),
        cause=cause.mask(cause.str.contains(";"), "several"),
        length_class=pd.cut(entries["length"], LENGTHS, right=False, labels=LENGTH_CLASSES).astype(object).fillna(""),
    )


def kept(promises: pd.DataFrame) -> pd.DataFrame:
    """Return announced updates with `ahead`, `late` and `followed`.

    `ahead` are minutes from the post to the promised hour, `late` those by which the next post missed it, negative when
    early, unknown when none followed.
    """
    post, promised, after = (moments(promises[column]) for column in ("post", "promised", "next_post"))
    rows = promises[["cohort_id", "entry_id"]].assign(
        ahead=promised - post, late=after - promised, followed=after.notna()
    )
    return rows[rows["ahead"] > 0].reset_index(drop=True)


def replayed(entries: pd.DataFrame, cohorts: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Replay time limits for first public statements on entries, by the rule of `outages.facts.limits.replay`.

    Parameters
    ----------
    cohorts, targets : tables of a registry; limits for other acts are left out

    Returns
    -------
    One row a limit and cohort: how many entries `met` and `missed` it, for how many it is `unknown`; `applies` (whether
    it is made for such operators) and `in_force` (for how many it was in force that day).
    """
    places = cohorts.set_index("cohort_id")[["operator", "sector", "country"]]
    about = entries[["cohort_id", *dict.fromkeys(ACTS.values())]].join(places, on="cohort_id")
    day = about["onset"].fillna(about["first_post"]).dt.strftime("%Y-%m-%d").fillna("0000-00-00")
    about = about.set_axis(day + "-" + pd.Series(range(len(about)), index=about.index).astype(str)).assign(
        services=entries["service"].to_numpy()
    )
    told = {moment: minutes_of(about[hour]) for moment, hour in ACTS.items()}
    facts = pd.concat({m: pd.DataFrame({"low": v, "high": v}) for m, v in told.items()}, axis=1)
    limits = targets[targets["event"] == "first_public_statement"]
    rows = replay(limits, about, facts).join(about["cohort_id"], on="incident_id")
    counts = rows.groupby(["target_id", "cohort_id", "verdict"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=["met", "missed", "unknown", "not_applicable"], fill_value=0)
    force = rows["in_force"].groupby([rows["target_id"], rows["cohort_id"]]).sum()
    found = counts.assign(applies=counts["not_applicable"] == 0, in_force=force)
    return found.drop(columns="not_applicable").reset_index().rename_axis(columns=None)


def minutes_of(hours: pd.Series) -> pd.Series:
    """Return moments as minutes since 1970-01-01T00:00Z, NaN where unknown."""
    return (hours - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(minutes=1)
