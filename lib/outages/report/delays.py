"""How late were detection and communication, as a page says it? Each function takes facts or lags, one row an incident,
or verdicts on time limits.
"""

import pandas as pd
from markupsafe import Markup

from outages.facts.impact import user_hours
from outages.facts.timeline import ENDS, timed_lags
from outages.figures import ecdf, style, timelines
from outages.figures.names import lag_names, moment_names
from outages.report.evidence import ends
from outages.report.findings import curated, within
from outages.report.html import Block, Cell, paragraph, stack
from outages.report.length import mass
from outages.report.part import Page
from outages.report.worth import LEAST_ROWS, enough, says
from outages.stats.inference import FEW
from outages.stats.intervals import Interval, how_many, quantile
from outages.stats.turnbull import resampled

CURVES = ("to_known_word", "to_authorities")
LEAST_OF_CURVE = 10  # lags
HOW = {  # every lag, and how it is written
    **dict.fromkeys(
        ("to_seen", "to_detection", "to_escalation", "to_authorities", "to_public", "to_known_word", "to_workaround"),
        "minutes",
    ),
    "detection_to_public": "minutes",
    "silence": "percent",
    "silent_hours": "rounded",
}
SUMMED = (*list(HOW)[:7], "silence")  # in the short table
CELL = "orange-crisis-cell-30min"  # the recommendation that the what-if replays
CELL_LIMIT = 30.0  # minutes, when that recommendation is not among the limits chosen


def names(page: Page) -> dict[str, str]:
    """Return what each lag is called."""
    return lag_names(page.words) | {
        "silence": page.t("share of the outage before the first statement"),
        "silent_hours": page.t("user-hours before the first statement"),
    }


def told_marks(page: Page) -> pd.DataFrame:
    """Return what the timeline marks: when the operator noticed, told authorities and spoke, of the outages whose
    statement is timed to two hours.

    One row a mark: `incident_id`, `moment`, `low`, `high` (minutes after onset).
    """
    facts = timed_lags(curated(page, page.study.facts))
    statement = facts["to_known_word"][ENDS].dropna()
    lags = {"detected": "to_detection", "authorities_notified": "to_authorities"}
    marks = [facts[lag][ENDS].dropna().assign(moment=moment) for moment, lag in lags.items()]
    every = pd.concat([*marks, statement.assign(moment="known_word")]).rename_axis("incident_id").reset_index()
    return every[every["incident_id"].isin(statement.index)]


def timeline(page: Page, marks: pd.DataFrame) -> Block:
    """Draw who noticed, told authorities and spoke when, the soonest statement first; `marks` as `told_marks` returns
    them.
    """
    said = marks[marks["moment"] == "known_word"].set_index("incident_id").sort_values(ENDS[::-1], kind="stable")
    if len(said) < LEAST_ROWS:
        return page.dropped("Too few statements are timed to within two hours to be drawn side by side.")
    most = marks["incident_id"].value_counts().reindex(said.index) + 10 * (said.index == page.study.focus)
    shown = said.loc[said.index.isin(most.sort_values(ascending=False, kind="stable").index[: style.MANY])]
    rows = pd.DataFrame({"title": page.titles, "focus": page.focused}).loc[shown.index]
    drawn, called = marks[marks["incident_id"].isin(rows.index)], moment_names(page.words)
    words = page.aloud(
        (
            page.titles[i],
            ", ".join(f"{called[r.moment]} {page.minutes(Interval(r.low, r.high))}" for r in part.itertuples()),
        )
        for i, part in drawn[drawn["incident_id"].isin(rows.index[: style.SEVERAL])].groupby("incident_id")
    )
    return page.figure(
        "f-lags",
        timelines.aligned_timeline(rows, drawn, page.words),
        title=page.t(
            "Among statements timed to two hours: the earliest within {quick}, the latest after {slow}",
            quick=page.words.minutes(said["high"].min()),
            slow=page.words.minutes(said["low"].max()),
        ),
        alt=page.t("Time axis for each incident, aligned at onset. {rows}.", rows=words),
        caption=page.t(
            "Outages whose earliest known statement is timed to within two hours, the soonest first; shown are the "
            "{shown} of which most is known. A missing mark means that no source gives the moment. n = {k} of {n}. "
            "Data version {version}.",
            shown=len(rows),
            k=len(said),
            n=len(curated(page, page.study.facts)),
        ),
        data=drawn[["incident_id", "moment", "low", "high"]],
        unit="minutes",
        k=len(said),
        of=len(curated(page, page.study.facts)),
    )


def curves(page: Page, facts: pd.DataFrame) -> Block:
    """Draw by when operators had spoken and told authorities, of lags known to within two hours."""
    facts, called = timed_lags(curated(page, facts)), names(page)
    known = [name for name in CURVES if how_many(facts[name]) >= LEAST_OF_CURVE]
    found = {name: curve for name in known if (curve := resampled(facts[name]))}
    if not found:
        return page.dropped(
            "Fewer than {few} lags are timed to within two hours, so no curve is drawn.", few=LEAST_OF_CURVE
        )
    form, word = page.words._("{group}, n = {n}"), facts["to_known_word"]
    drawn = [ecdf.Named(form.format(group=called[n], n=page.words.number(f.curve.n)), f) for n, f in found.items()]
    said = page.aloud((called[n], page.minutes(quantile(facts[n], 0.5))) for n in found)
    title, middle = page.t("Lags after onset"), quantile(word, 0.5)
    if "to_known_word" in found and middle is not None and says(middle):
        title = page.t("Half of the timed statements came within {value}", value=within(page, middle))
    caption = page.t(
        "Turnbull's estimate among the incidents for which the lag is known to within two hours; band: 95 of 100 "
        "curves of resampled incidents. Lines rest on different incidents and must not be subtracted from one "
        "another. Medians: {rows}. Data version {version}.",
        rows=said,
    )
    if page.marked(word):
        caption += " " + page.t("The vertical mark is the earliest known public statement of the incident in focus.")
    axes = {
        "xlabel": page.t("time after onset (linear to 10 min, then logarithmic)"),
        "ylabel": page.t("share of incidents where it had happened"),
    }
    return page.figure(
        "f-lag-curves",
        ecdf.curves(drawn, page.words, **axes, band=True, focus=page.marked(word)),
        title=title,
        alt=page.t("Curves of lags after onset. Medians: {rows}.", rows=said),
        caption=caption,
        data=mass(found).rename(columns={"group": "lag"}),
        unit="minutes",
        k=max(c.found.curve.n for c in drawn),
        of=len(facts),
    )


def summary(page: Page, facts: pd.DataFrame) -> Block:
    """Tabulate the quartiles of the lags known to within two hours, of which enough are."""
    facts, words, called = timed_lags(curated(page, facts)), page.words, names(page)
    shown = {
        name: facts[name] for name in SUMMED if enough(facts[name]) and says(quantile(facts[name], 0.5), HOW[name])
    }
    if not shown:
        return page.dropped("Fewer than {few} values of each lag are timed to within two hours.", few=FEW)

    def cells(q: float) -> list[Cell]:
        return [words.interval(quantile(frame, q), HOW[name]) for name, frame in shown.items()]

    columns: dict[str, list[Cell]] = {
        page.t("Lag"): [called[name] for name in shown],
        page.t("Median"): [Markup("<strong>{}</strong>").format(cell) for cell in cells(0.5)],
        page.t("95% interval"): [words.interval(page.by_chance(frame), HOW[name]) for name, frame in shown.items()],
        page.t("First quartile"): cells(0.25),
        page.t("Third quartile"): cells(0.75),
        page.t("Known for"): [page.t("{k} of {n}", k=how_many(frame), n=len(frame)) for frame in shown.values()],
    }
    return page.table(
        "t-lags",
        page.t("Lags known to within two hours (n = {n}): bounds that the sources leave open", n=len(facts)),
        columns,
    )


def table(page: Page, facts: pd.DataFrame) -> Block:
    """Tabulate every lag of every incident."""
    listed = page.has_value(*[facts[name] for name in HOW])
    ids, called = [i for i in page.ids if i in listed], names(page)
    columns: dict[str, list[Cell]] = {
        page.t("Incident"): [*map(page.row_name, ids), page.t("Median"), page.t("Known for")]
    }
    for name, how in HOW.items():
        cells = [page.evidence.sum_cell(i, name, facts[name], how) for i in ids]
        columns[called[name]] = [*cells, page.words.interval(quantile(facts[name], 0.5), how), page.of_n(facts[name])]
    caption = page.t(
        "Lags of each incident (n = {n}; those with none known are left out of a long table), their medians, and for "
        "how many each is known"
    )
    return page.table("t-incident-lags", page.some(caption), columns)


def first_seen(page: Page, seen: pd.DataFrame) -> Block:
    """Say who noticed first where several are on record; `seen` as `outages.facts.timeline.first_detected_by` returns
    it.
    """
    several = seen[seen["first"] != "only"]
    n = several["incident_id"].nunique()
    if not n:
        return page.dropped("In no outage is it on record that several noticed, so nobody can be said to be the first.")
    surely = several[several["first"] == "surely"]
    own, others = (int((surely["actor"] == "operator").sum()), int((surely["actor"] != "operator").sum()))
    text = page.t(
        "Where sources say when several noticed ({n_several} outages), the operator was surely first in {own}"
        " and somebody else in {others}; the rest is unclear.",
        n_several=n,
        own=own,
        others=others,
    )
    return stack(paragraph(text))


def what_if_limit(page: Page) -> float:
    """Return within how many minutes an internal inquiry asked for the crisis cell."""
    limits = page.study.registry.communication_targets.set_index("target_id")["limit_minutes"]
    return float(limits.get(CELL, CELL_LIMIT))


def what_if(page: Page, facts: pd.DataFrame, saved: pd.DataFrame) -> Block:
    """Tabulate how much silence an earlier crisis cell would have saved; `saved` as
    `outages.facts.limits.saved_by_earlier_cell` returns it.
    """
    known, first = saved.dropna(), facts["to_public"]
    if known.empty:
        return page.dropped(
            "What an earlier crisis cell would have saved cannot be said: no incident has both the hour of the cell "
            "and a public statement."
        )
    e, hours = page.evidence, user_hours(facts["users_affected"], saved)
    ids = [i for i in known.index if i in set(page.ids)]
    word = {i: "to_public" if pd.notna(first.at[i, "low"]) else "to_known_word" for i in ids}
    columns: dict[str, list[Cell]] = {
        page.t("Incident"): [*map(page.row_name, ids), page.t("Median")],
        page.t("Crisis cell after"): [
            *(e.sum_cell(i, "to_escalation", facts["to_escalation"], "minutes") for i in ids),
            "–",
        ],
        page.t("First or earliest known statement after"): [
            *(e.sum_cell(i, word[i], facts[word[i]], "minutes") for i in ids),
            "–",
        ],
        page.t("Silence saved"): [*(page.minutes(ends(saved, i)) for i in ids), page.minutes(quantile(known, 0.5))],
        page.t("User-hours of silence saved"): [*(page.words.interval(ends(hours, i), "rounded") for i in ids), "–"],
    }
    caption = page.t(
        "If the crisis cell had opened within {limit} and later steps had kept their distances (n = {k} of {n} with "
        "both hours): silence saved before the end of the outage; a statement made before it opened, or in that "
        "minute, is unchanged; where the order is open, or no source calls the statement the first, the low end is "
        "zero",
        limit=page.words.minutes(what_if_limit(page)),
        k=len(known),
    )
    return page.table("t-what-if", page.some(caption), columns)
