"""When, and of what, do operators tell sooner, as a page says it? Silence, alerts, and groups of entries."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from outages.facts.cohorts import LENGTH_CLASSES, exact, posted_after_the_end, shares, telling
from outages.figures import intervals
from outages.figures.told import told
from outages.language import N_
from outages.report.cohort_page import ENOUGH, GRID, CohortPage, medians, name_of, whole
from outages.report.html import Block, Cell
from outages.stats.inference import FEW, proportion, quantile_interval
from outages.stats.intervals import Interval

ORDER: dict[str, tuple[str, ...]] = {
    "hours": ("working", "other"),
    "days": ("week", "weekend"),
    "grade": ("grave", "mild"),
    "length_class": LENGTH_CLASSES,
    "cause": ("power_loss", "cable_cut", "hardware_failure", "misconfiguration", "overload", "software_bug", "several"),
}


def silence(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Draw which share of each outage passed before the first post."""
    rows = (
        medians(entries[entries["cohort_id"].isin(telling(entries))], "silence").query("n >= 20").sort_values("median")
    )
    if rows.empty:
        return page.dropped("No list states enough onsets, posts and ends, so silence is not measured.")
    quartiles = entries["silence"].groupby(entries["cohort_id"]).quantile([0.25, 0.75]).unstack()
    table = pd.DataFrame(
        {
            "group": "",
            "label": [name_of(page, c) for c in rows.index],
            "low": rows["median"],
            "high": rows["median"],
            "outer_low": quartiles[0.25],
            "outer_high": quartiles[0.75],
            "text": [page.t("n = {k} of {n}", k=int(r.n), n=int(r.of)) for r in rows.itertuples()],
            "mark": False,
        },
        index=rows.index,
    )
    return page.figure(
        "f-silence",
        intervals.ranges(table, page.words, how="share", xlabel=page.t("share of the outage before the first post")),
        title=page.t(
            "At {last} half of the outages have run for at least {share} of their length when they are announced",
            last=name_of(page, rows.index[-1]),
            share=whole(page, rows["median"].iloc[-1]),
        ),
        alt=page.aloud((name_of(page, c), whole(page, r["median"])) for c, r in rows.iterrows()),
        caption=page.t(
            "Dot: median; line: the middle half of outages. An outage posted only after its end counts as wholly "
            "silent. Only entries that state onset, first post and end."
        ),
        data=table.drop(columns=["group", "mark", "text"]).rename_axis("cohort_id").reset_index(),
        unit="share",
        k=int(rows["n"].sum()),
    )


def late_table(page: CohortPage, entries: pd.DataFrame, events: pd.DataFrame) -> Block:
    """Tabulate how many outages were posted only when they were over, by entry and by event, and by length."""
    counted = {
        page.t("Entries"): posted_after_the_end(entries),
        page.t("Events (entries joined)"): posted_after_the_end(events),
    }
    late = posted_after_the_end(entries)
    form = page.words._("Entries, outage of {length}")
    counted |= {
        form.format(length=label_of(page, code)): part
        for code in LENGTH_CLASSES
        if len(part := late[late["length_class"] == code])
    }
    known = {name: rows for name, rows in counted.items() if len(rows)}
    k = {name: int(rows["late"].sum()) for name, rows in known.items()}
    chance = {name: proportion(k[name], len(rows)) for name, rows in known.items()}
    columns: dict[str, Sequence[Cell]] = {
        page.t("Counted"): list(known),
        page.t("Posted after the end"): [page.t("{k} of {n}", k=k[name], n=len(rows)) for name, rows in known.items()],
        page.t("Share"): [whole(page, k[name] / len(rows)) for name, rows in known.items()],
        page.t("95% interval"): [page.words.interval(c, "whole") for c in chance.values()],
    }
    caption = page.t(
        "First post after the end of the outage. Only onsets that were set afterwards count, by a report or by hand: "
        "an outage whose onset stands in its first posts was mostly still going on when they were written"
    )
    return page.table("t-late", caption, columns)


def alert(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Draw by when engineers had been alerted and by when the page had told, in the entries that tell both hours."""
    both = entries.dropna(subset=["onset_to_alert", "lag", "alert_to_post"])
    if len(both) < FEW:
        return page.dropped("Too few entries tell the hour of the alert, so nothing is drawn.")
    first, then = both["onset_to_alert"].median(), both["lag"].median()
    title = page.words._("Alerted after {first}, announced after {then}")
    if then > 2 * first:
        title = page.words._("Alerted after {first}, announced after {then}: the time goes between knowing and telling")
    form = page.words._("{what}: half within {median}")
    drawn = {
        form.format(what=page.t("engineers alerted"), median=page.words.minutes(first)): shares(
            both["onset_to_alert"], GRID
        ),
        form.format(what=page.t("first post"), median=page.words.minutes(then)): shares(both["lag"], GRID),
    }
    by = both["detected_by"].value_counts()
    said = [page.words.pair(page.words.label("detected_by", code).lower(), int(k)) for code, k in by.items()]
    caption = page.t(
        "Time after onset in the {n} reports of {cohort} that give onset, alert and post. Band: 95% interval "
        "at each time. Alerted by: {by}. Such reports are written for the more serious outages.",
        n=len(both),
        cohort=page.words.listed([name_of(page, c) for c in both["cohort_id"].unique()]),
        by=page.words._("; ").join(said),
    )
    return page.figure(
        "f-alert",
        told(
            drawn,
            page.words,
            limits=(),
            xlabel=page.t("time after onset (logarithmic scale)"),
            ylabel=page.t("share of the reports"),
        ),
        title=title.format(first=page.words.minutes(first), then=page.words.minutes(then)),
        alt=page.words.listed(list(drawn)),
        caption=caption,
        data=both[["cohort_id", "entry_id"]].join(
            both[["onset_to_alert", "alert_to_post", "lag", "length"]].add_suffix("_minutes")
        ),
        k=len(both),
    )


def by_group(page: CohortPage, entries: pd.DataFrame, by: str) -> Block:
    """Draw the median lag of each group in each list; where in no list the groups lie apart, say so instead.

    Parameters
    ----------
    by : `hours`, `days`, `grade`, `length_class` or `cause`, see `outages.facts.cohorts.grouped`
    """
    rows = group_medians(entries, by)
    apart = contrasts(rows)
    if apart.empty:
        said = N_(
            "{heading}: in no list do the groups lie further apart than chance could put them, so no figure is drawn."
        )
        return page.dropped(said, heading=heading(page, by))
    best = apart.loc[(apart["slow"] / apart["quick"].clip(lower=1)).idxmax()]
    order = ORDER[by]
    turned = order.index(best["slow_code"]) < order.index(best["quick_code"])
    title = finding(page, by, turned).format(
        slow=page.words.minutes(best["slow"]),
        quick=page.words.minutes(best["quick"]),
        name=name_of(page, best["cohort_id"]),
        slow_group=label_of(page, best["slow_code"]).lower(),
        quick_group=label_of(page, best["quick_code"]).lower(),
    )
    shown = rows[rows["cohort_id"].isin(apart["cohort_id"])]
    table = shown.assign(
        low=shown["median"], high=shown["median"], outer_low=shown["ci_low"], outer_high=shown["ci_high"], mark=False
    )
    table = table.assign(
        group=[name_of(page, c) for c in table["cohort_id"]],
        label=[label_of(page, code) for code in table["code"]],
        text=[page.t("{median}, n = {n}", median=page.words.minutes(r.median), n=int(r.n)) for r in table.itertuples()],
    )
    others = [name_of(page, c) for c in rows["cohort_id"].unique() if c not in set(apart["cohort_id"])]
    caption = page.t("Dot: median time from onset to first post; line: its 95% interval.") + " " + note(page, by)
    if others:
        caption += " " + page.t("Not drawn, as the groups do not lie apart: {lists}.", lists=page.words.listed(others))
    return page.figure(
        f"f-by-{by}",
        intervals.ranges(
            table, page.words, how="minutes", xlabel=page.t("median time from onset to first post (logarithmic scale)")
        ),
        title=title,
        alt=page.aloud((f"{r.group}, {r.label}", r.text) for r in table.itertuples()),
        caption=caption,
        data=rows[["cohort_id", "code", "n", "of", "median", "ci_low", "ci_high"]].rename(
            columns={"median": "median_minutes"}
        ),
        unit="minutes",
        k=int(shown["n"].sum()),
    )


def finding(page: CohortPage, by: str, turned: bool) -> str:
    """Return the sentence that states what a grouping shows; `turned` when it shows the reverse of what one expects."""
    _ = page.words._
    return {
        ("hours", False): _("Outside working hours the first post comes later: {slow} instead of {quick} at {name}"),
        ("hours", True): _("Outside working hours the first post comes sooner: {quick} instead of {slow} at {name}"),
        ("days", False): _("At weekends the first post comes later: {slow} instead of {quick} at {name}"),
        ("days", True): _("At weekends the first post comes sooner: {quick} instead of {slow} at {name}"),
        ("grade", False): _("Severe outages are announced sooner: {quick} instead of {slow} at {name}"),
        ("grade", True): _("Severe outages are announced later: {slow} instead of {quick} at {name}"),
        ("length_class", False): _("The longer the outage, the later the first post: {quick} to {slow} at {name}"),
        ("length_class", True): _("The longer the outage, the sooner the first post: {slow} to {quick} at {name}"),
    }.get((by, turned), _("At {name} the first post comes after {quick} ({quick_group}), after {slow} ({slow_group})"))


def note(page: CohortPage, by: str) -> str:
    """Return how a grouping is to be read."""
    return {
        "hours": page.t("Working hours: Monday to Friday, 8 to 18 h where the operator sits."),
        "days": page.t("By the day on which the outage began where the operator sits."),
        "grade": page.t("As each list itself grades; lists grade differently."),
        "length_class": page.t(
            "By the length of the whole outage: one that is soon over cannot be announced late unless it is after "
            "its end, so part of this is arithmetic."
        ),
        "cause": page.t("Words in the operator’s own text, useful for splitting a list; not a finding on causes."),
    }[by]


def heading(page: CohortPage, by: str) -> str:
    """Return what a grouping is called."""
    return {
        "hours": page.t("By working hours"),
        "days": page.t("By day of the week"),
        "grade": page.t("By severity"),
        "length_class": page.t("By length"),
        "cause": page.t("By cause"),
    }[by]


def label_of(page: CohortPage, code: str) -> str:
    """Return what a group is called."""
    return {
        "working": page.t("working hours"),
        "other": page.t("nights and weekends"),
        "week": page.t("Monday to Friday"),
        "weekend": page.t("weekend"),
        "grave": page.t("severe"),
        "mild": page.t("minor"),
        "several": page.t("several causes"),
        "under 1 h": page.t("under 1 h"),
        "1 to 4 h": page.t("1 to 4 h"),
        "4 to 24 h": page.t("4 to 24 h"),
        "over a day": page.t("over a day"),
    }.get(code) or page.words.label("technical_cause", code)


def group_medians(entries: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return one row a list and group with enough known lags.

    Columns: `cohort_id`, `code`, `median` with its 95% interval (`ci_low`, `ci_high`), `n` known `of` all.
    """
    found: list[dict[str, Any]] = []
    lags = exact(entries[["cohort_id", by, "lag"]], "lag")  # as few columns as will do, since rows are taken often
    for cohort in telling(entries):
        own = lags[lags["cohort_id"] == cohort]
        parts = {code: own[own[by] == code] for code in ORDER[by]}
        known = {code: part for code, part in parts.items() if part["lag"].count() >= ENOUGH}
        for code, part in known.items() if len(known) > 1 else ():
            chance = quantile_interval(part, 0.5) or Interval(np.nan, np.nan)
            row = {"median": part["lag"].median(), "ci_low": chance.low, "ci_high": chance.high}
            found.append({"cohort_id": cohort, "code": code, **row, "n": part["lag"].count(), "of": len(part)})
    columns = ["cohort_id", "code", "median", "ci_low", "ci_high", "n", "of"]
    return pd.DataFrame(found, columns=columns)


def contrasts(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a list with groups whose 95% intervals lie apart: medians and codes of the two most apart."""
    found: list[dict[str, Any]] = []
    for cohort, part in rows.groupby("cohort_id", sort=False):
        pairs = part.merge(part, how="cross", suffixes=("_slow", "_quick"))
        pairs = pairs[pairs["ci_low_slow"] > pairs["ci_high_quick"]]
        if len(pairs):
            far = pairs.loc[(pairs["median_slow"] / pairs["median_quick"].clip(lower=1)).idxmax()]
            codes = {"slow_code": far["code_slow"], "quick_code": far["code_quick"]}
            found.append({"cohort_id": cohort, "slow": far["median_slow"], "quick": far["median_quick"], **codes})
    return pd.DataFrame(found, columns=["cohort_id", "slow", "quick", "slow_code", "quick_code"])
