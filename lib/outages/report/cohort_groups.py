"""When, and of what, do operators tell sooner, as a page says it? Silence, alerts, and groups of entries."""

from typing import NamedTuple

import pandas as pd

from outages.facts.cohorts import LENGTH_CLASSES, exact, posted_after_the_end, shares, telling
from outages.figures import ecdf, intervals
from outages.language import N_
from outages.report.cohorts import ENOUGH, GRID, CohortPage, medians
from outages.report.html import Block, stack
from outages.stats.inference import FEW, proportion
from outages.studies.estimates import median


class Grouping(NamedTuple):
    """How a grouping is told: names of its codes (none: as in the registry), heading, note, title, title turned."""

    codes: dict[str, str]
    heading: str
    note: str
    found: str = N_(
        "At {name} half of the first posts come within {quick} ({quick_group}), within {slow} ({slow_group})"
    )
    turned: str = found


GROUPINGS = {
    "hours": Grouping(
        {"working": N_("working hours"), "other": N_("nights and weekends")},
        N_("By working hours"),
        N_("Working hours: Monday to Friday, 8 to 18 h where the operator sits."),
        N_("Outside working hours the first post comes later: {slow} instead of {quick} at {name}"),
        N_("Outside working hours the first post comes sooner: {quick} instead of {slow} at {name}"),
    ),
    "days": Grouping(
        {"week": N_("Monday to Friday"), "weekend": N_("weekend")},
        N_("By day of the week"),
        N_("By the day on which the outage began where the operator sits."),
        N_("At weekends the first post comes later: {slow} instead of {quick} at {name}"),
        N_("At weekends the first post comes sooner: {quick} instead of {slow} at {name}"),
    ),
    "grade": Grouping(
        {"grave": N_("severe"), "mild": N_("minor")},
        N_("By severity"),
        N_("As each list itself grades; lists grade differently."),
        N_("Severe outages are announced sooner: {quick} instead of {slow} at {name}"),
        N_("Severe outages are announced later: {slow} instead of {quick} at {name}"),
    ),
    "length_class": Grouping(
        dict(zip(LENGTH_CLASSES, (N_("under 1 h"), N_("1 to 4 h"), N_("4 to 24 h"), N_("over a day")), strict=True)),
        N_("By length"),
        N_(
            "By the length of the whole outage: one that is soon over cannot be announced late unless it is after "
            "its end, so part of this is arithmetic."
        ),
        N_("The longer the outage, the later the first post: {quick} to {slow} at {name}"),
        N_("The longer the outage, the sooner the first post: {slow} to {quick} at {name}"),
    ),
    "cause": Grouping(
        dict.fromkeys("power_loss cable_cut hardware_failure misconfiguration overload software_bug".split(), "")
        | {"several": N_("several causes")},
        N_("By cause"),
        N_("Words in the operator’s own text, useful for splitting a list; not a finding on causes."),
    ),
}


def silence(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Draw which share of each outage passed before the first post."""
    rows = medians(entries[entries["cohort_id"].isin(telling(entries))], "silence")
    rows = rows[rows["n"] >= ENOUGH].sort_values("median")
    if rows.empty:
        return page.little()
    quartiles = entries.groupby("cohort_id")["silence"].quantile([0.25, 0.75]).unstack()
    names = pd.DataFrame({"label": rows.index.map(page.names), "low": rows["median"], "high": rows["median"]})
    table = names.join(quartiles.set_axis(["outer_low", "outer_high"], axis="columns"))
    text = [page.t("n = {k} of {n}", k=r.n, n=r.of) for r in rows.itertuples()]
    xlabel = page.t("share of the outage before the first post")
    return page.figure(
        "f-silence",
        intervals.ranges(table.assign(text=text), page.words, how="share", xlabel=xlabel),
        table.rename_axis("cohort_id").reset_index(),
        title="At {last} half of the outages have run for at least {share} of their length when they are announced",
        alt="{rows}",
        caption="Dot: median; line: the middle half of outages. An outage posted only after its end counts as wholly "
        "silent. Only entries that state onset, first post and end.",
        unit="share",
        k=int(rows["n"].sum()),
        last=page.names[rows.index[-1]],
        share=page.words.whole(rows["median"].iloc[-1]),
        rows=page.aloud((page.names[c], page.words.whole(r["median"])) for c, r in rows.iterrows()),
    )


def late_table(page: CohortPage, entries: pd.DataFrame, events: pd.DataFrame) -> Block:
    """Tabulate how many outages were posted only when they were over, by entry and by event, and by length."""
    late = posted_after_the_end(entries)
    counted = {page.t("Entries"): late, page.t("Events (entries joined)"): posted_after_the_end(events)}
    for code in LENGTH_CLASSES:
        name = page.t("Entries, outage of {length}", length=label_of(page, "length_class", code))
        counted[name] = late[late["length_class"] == code]
    rows = [(name, int(part["late"].sum()), len(part)) for name, part in counted.items() if len(part)]
    if not rows:
        return page.little()
    said = page.say(
        "Of the outages of {cohorts} whose onset was set afterwards, {share} were posted only when they were over.",
        cohorts=[page.names[c] for c in late["cohort_id"].unique()],
        share=page.words.whole(late["late"].mean()),
    )
    shown = page.table(
        "t-late",
        rows,
        {
            "Counted": lambda r: r[0],
            "Posted after the end": lambda r: page.t("{k} of {n}", k=r[1], n=r[2]),
            "Share": lambda r: page.words.whole(r[1] / r[2]),
            "95% interval": lambda r: page.words.interval(proportion(r[1], r[2]), "whole"),
        },
        caption="First post after the end of the outage. Only onsets that were set afterwards count, by a report or by "
        "hand: an outage whose onset stands in its first posts was mostly still going on when they were written",
    )
    return stack(said, shown)


def alert(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Draw by when engineers had been alerted and by when the page had told, in the entries that tell both hours."""
    both = entries.dropna(subset=["onset_to_alert", "lag", "alert_to_post"])
    if len(both) < FEW:
        return page.little()
    first, then = (page.words.minutes(median) for median in both[["onset_to_alert", "lag"]].median())
    title = N_("Alerted after {first}, announced after {then}")
    if both["lag"].median() > 2 * both["onset_to_alert"].median():
        title = N_("Alerted after {first}, announced after {then}: the time goes between knowing and telling")
    half = N_("{what}: half within {median}")
    drawn = {
        page.t(half, what=page.t("engineers alerted"), median=first): shares(both["onset_to_alert"], GRID),
        page.t(half, what=page.t("first post"), median=then): shares(both["lag"], GRID),
    }
    ways = both["detected_by"].value_counts().items()
    by = [page.t("{group} ({n})", group=page.words.label("detected_by", str(c)).lower(), n=k) for c, k in ways]
    xlabel, ylabel = page.t("time after onset (logarithmic scale)"), page.t("share of the reports")
    minutes = both[["onset_to_alert", "alert_to_post", "lag", "length"]].add_suffix("_minutes")
    return page.figure(
        "f-alert",
        ecdf.exact_curves(drawn, page.words, limits=(), xlabel=xlabel, ylabel=ylabel),
        both[["cohort_id", "entry_id"]].join(minutes),
        title=title,
        alt="{rows}",
        caption="Time after onset in the {n} reports of {cohort} that give onset, alert and post. Band: 95% interval "
        "at each time. Alerted by: {by}. Such reports are written for the more serious outages.",
        k=len(both),
        first=first,
        then=then,
        rows=list(drawn),
        n=len(both),
        cohort=[page.names[c] for c in both["cohort_id"].unique()],
        by=by,
    )


def by_group(page: CohortPage, entries: pd.DataFrame, by: str) -> Block:
    """Draw the median lag of each group of a key of `GROUPINGS` by list; where none lie apart, say so instead."""
    told, rows = GROUPINGS[by], group_medians(entries, by)
    apart = contrasts(rows)
    if apart.empty:
        return page.dropped(
            "{heading}: in no list do the groups lie further apart than chance could put them, so no figure is drawn.",
            heading=page.t(told.heading),
        )
    best = apart.iloc[0]
    order = list(told.codes)
    turned = order.index(best["code_slow"]) < order.index(best["code_quick"])
    shown = rows[rows["cohort_id"].isin(apart["cohort_id"])]
    table = exact(shown, "median").assign(
        outer_low=shown["ci_low"],
        outer_high=shown["ci_high"],
        group=[page.names[c] for c in shown["cohort_id"]],
        label=[label_of(page, by, code) for code in shown["code"]],
        text=[page.t("{median}, n = {n}", median=page.words.minutes(r.median), n=r.n) for r in shown.itertuples()],
    )
    others = [page.names[c] for c in rows["cohort_id"].unique() if c not in set(apart["cohort_id"])]
    caption = page.joined(
        "Dot: median time from onset to first post; line: its 95% interval.",
        told.note,
        "Not drawn, as the groups do not lie apart: {lists}." if others else "",
    )
    xlabel = page.t("median time from onset to first post (logarithmic scale)")
    return page.figure(
        f"f-by-{by}",
        intervals.ranges(table, page.words, how="minutes", xlabel=xlabel),
        rows.rename(columns={"median": "median_minutes"}),
        title=told.turned if turned else told.found,
        alt="{rows}",
        caption=caption,
        unit="minutes",
        k=int(shown["n"].sum()),
        slow=page.words.minutes(best["median_slow"]),
        quick=page.words.minutes(best["median_quick"]),
        name=page.names[best["cohort_id"]],
        slow_group=label_of(page, by, best["code_slow"]).lower(),
        quick_group=label_of(page, by, best["code_quick"]).lower(),
        rows=page.aloud((f"{r.group}, {r.label}", r.text) for r in table.itertuples()),
        lists=page.words._("; ").join(others),
    )


def label_of(page: CohortPage, by: str, code: str) -> str:
    """Return what a group is called."""
    name = GROUPINGS[by].codes[code]
    return page.t(name) if name else page.words.label("technical_cause", code)


def group_medians(entries: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return one row a list and group with enough known lags: `cohort_id`, `code`, `n` known `of` all, `median` with
    its 95% interval (`ci_low`, `ci_high`).
    """
    lags = exact(entries[["cohort_id", by, "lag"]], "lag")  # as few columns as will do, since rows are taken often
    order = pd.MultiIndex.from_product([telling(entries), list(GROUPINGS[by].codes)], names=["cohort_id", "code"])
    found = median(lags, by=["cohort_id", by]).rename_axis(order.names).reindex(order)
    found = found[found["n"] >= ENOUGH].reset_index().rename(columns={"low": "median"}).drop(columns="high")
    return found[found["cohort_id"].duplicated(keep=False)]  # one group stands beside no other


def contrasts(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a list with groups whose 95% intervals lie apart, those farthest apart first: the slowest of its
    groups (`median_slow`, `code_slow`) beside the quickest, and by what `factor` they differ.
    """
    pairs = rows.merge(rows, on="cohort_id", suffixes=("_slow", "_quick"))
    pairs = pairs.assign(factor=pairs["median_slow"] / pairs["median_quick"].clip(lower=1))
    pairs = pairs[pairs["ci_low_slow"] > pairs["ci_high_quick"]].sort_values("factor", ascending=False, kind="stable")
    return pairs.drop_duplicates("cohort_id")
