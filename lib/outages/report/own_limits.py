"""What would time limits of one's own have meant, as a page says it? Each function takes verdicts, as
`outages.studies.Study.own_limits` returns them.
"""

from typing import Any

import pandas as pd
from markupsafe import Markup

from outages.facts.limits import DECIDED
from outages.language import N_
from outages.report.html import Block, bullets, sentence, stack
from outages.report.limits import bars
from outages.report.limits import counted as verdicts
from outages.report.part import Page
from outages.report.worth import LEAST_ROWS
from outages.stats.rows import once

NAMES = {"authorities": N_("authorities"), "public": N_("public")}
ACTS = {"authorities": N_("authorities told"), "public": N_("public told")}
VAGUE = N_("the sources are too vague to say")
WIDEST = 2 / 3  # of the outages on record: where more are open, only those that are sure are counted


def counted(tried: pd.DataFrame) -> pd.DataFrame:
    """Return one row a limit and act of which any outage can be decided, the shortest first: how many are `met`,
    `missed`, `undecidable`, and on record (`known`).
    """
    rows = tried[tried["verdict"].isin(DECIDED)]
    counts = rows.groupby(["limit", "act", "verdict"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=DECIDED, fill_value=0).assign(known=counts.sum(axis=1)).reset_index()
    return counts[counts["act"].isin(counts.loc[counts["met"] + counts["missed"] > 0, "act"])]


def figure(page: Page, tried: pd.DataFrame) -> Block:
    """Say what each limit would have meant, in a sentence and a bar each, by minutes; nothing without a limit."""
    if tried.empty:
        return stack()
    once("tried", tried, "act", "limit")
    counts = counted(tried)
    if counts.empty:
        return page.dropped("Of no outage is it sure that it would have met or missed a time limit of one’s own.")
    words, rows = page.words, counts.sort_values(["act", "limit"]).reset_index(drop=True)
    names = [words.pair(words._(ACTS[r.act]), words.minutes(float(r.limit))) for r in rows.itertuples()]
    least, on_record = rows.loc[rows["met"].idxmax()], tried[tried["verdict"] != "unknown"]
    own = tried[(tried["incident_id"] == page.study.focus) & tried["verdict"].isin(DECIDED)]
    if counts["known"].max() < LEAST_ROWS:
        return stack(sentences(page, counts, own))
    drawn = page.figure(
        "f-own-limits",
        bars(page, rows[list(DECIDED)].set_axis(names)),
        on_record.rename(columns={"limit": "limit_minutes"}),
        title="{said}",
        alt="Bars of verdicts for each time limit. {rows}.",
        caption="Limits counted from the beginning of each outage. Met when the whole interval that the sources allow "
        "lies within the limit, beyond it when none of it does. A first statement may have come sooner than the "
        "earliest on record. n = {k} of {n}. Data version {version}.",
        unit="minutes",
        k=on_record["incident_id"].nunique(),
        said=f"{within(page, least['limit'])} {in_time(page, dict(least)) or page.t(VAGUE)}",
        rows=page.aloud(zip(names, said(page, rows), strict=True)),
    )
    return stack(sentences(page, counts, own), drawn)


def within(page: Page, limit: Any) -> str:
    """Return the head of what is said of a limit."""
    return page.t("Within {limit}:", limit=page.words.minutes(float(limit)))


def said(page: Page, rows: pd.DataFrame) -> list[str]:
    """Return what is sure of the limits of some rows, in words."""
    return [", ".join(verdicts(page, row)) for row in rows.to_dict("records")]


def sentences(page: Page, counts: pd.DataFrame, own: pd.DataFrame) -> Markup:
    """Return one sentence a limit, what is sure in small letters, and what it would have meant for the outage in
    focus.
    """
    words, lines = page.words, []
    verdict = words.labels("limit_verdict")
    for limit, rows in counts.groupby("limit", sort=True):
        ranges = [in_time(page, row) for row in rows.to_dict("records")]
        main = words._("; ").join(filter(None, ranges)) or page.t(VAGUE)
        sure = [words.pair(words._(NAMES[act]), text) for act, text in zip(rows["act"], said(page, rows), strict=True)]
        here = own[own["limit"] == limit]
        told = [words.pair(words._(ACTS[r.act]), verdict[r.verdict]) for r in here.itertuples()]
        small = [*sure, *([page.t("this outage, {verdicts}", verdicts=", ".join(told))] if told else [])]
        form = Markup('<strong>{}</strong> {}. <span class="sure">{}.</span>')
        known = words._("; ").join(small)
        lines.append(form.format(within(page, limit), main, sentence(known)))
    return bullets(lines, "headlines")


def in_time(page: Page, row: dict[str, Any]) -> str:
    """Say in how many outages an act would have come in time: between two bounds, from below alone where the sources
    leave most of it open.
    """
    low, high, known = int(row["met"]), int(row["met"] + row["undecidable"]), int(row["known"])
    form, outages = N_("{act} in {low} to {high} of {outages}"), page.words.n("{n} outage", "{n} outages", known)
    if low == high:
        form = N_("{act} in {low} of {outages}")
    elif high - low > WIDEST * known:
        form = N_("{act} in at least {low} of {outages}") if low else ""
    return page.t(form, act=page.t(ACTS[row["act"]]), low=low, high=high, outages=outages)
