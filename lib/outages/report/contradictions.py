"""Where do sources exclude one another, as a page says it?"""

import math
from functools import partial
from typing import Any

import pandas as pd
from markupsafe import Markup

from outages.facts.policies import MANY_TIMES
from outages.language import N_
from outages.report.evidence import said, subject
from outages.report.html import Block, bullets, paragraph, stack
from outages.report.part import Page
from outages.stats.intervals import Interval
from outages.studies import ABOUT
from outages.studies.selection import policy_names

ONE_ONLY = ("root_cause", "redundancy_defeated")  # factors of which only one value can be true


def contradictions(page: Page, several: pd.DataFrame) -> Block:
    """Tabulate the claims that cannot all be true.

    Parameters
    ----------
    several : on what several claims speak, see `outages.facts.policies.disagreements`
    """
    apart = several[several["disagree"] & several["incident_id"].isin(page.ids)]
    if apart.empty:
        return page.say("No two claims about the same thing exclude one another.")
    about = [
        subject({ABOUT[r.table]: r.about, "actor": r.actor, "scope": r.scope}, page.words) for r in apart.itertuples()
    ]
    rows = apart.assign(text=pd.Series(about, apart.index, dtype=object))
    told = statements(page, apart)
    return page.table(
        "t-contradictions",
        rows.sort_values(["incident_id", "text"], kind="stable"),
        {
            "Incident": lambda r: page.incident_link(r.incident_id),
            "About": lambda r: r.text,
            "Sources and what they say": lambda r: bullets(told[r.Index], "plain"),
            "Used": partial(used, page),
        },
        caption="Claims that cannot all be true, and what the policy “{policy}” makes of them (n = {n})",
        policy=policy_names(page.words)[page.study.policy],
        n=len(rows),
    )


def in_short(page: Page) -> Block:
    """Say of one incident in a line each where claims about the same thing exclude one another, and how far they go."""
    same: dict[Markup, list[dict[str, Any]]] = {}
    for table, what in (("events", "event"), ("measures", "measure"), ("causes", "factor")):
        for row in page.evidence.records[table].get(page.study.focus, []):
            if row[what] not in MANY_TIMES and row["retracted_by"] == "" and row.get("value", "") != "unknown":
                same.setdefault(subject({"scope": ""} | row, page.words), []).append(row)
    lines = []
    for about, rows in same.items():
        told = ""
        if "value" not in rows[0] and max(row["low"] for row in rows) > min(row["high"] for row in rows):
            told = versions_of(page, rows)
        elif rows[0].get("factor") in ONE_ONLY and len(codes := list(dict.fromkeys(row["value"] for row in rows))) > 1:
            told = page.words.listed([page.words.within(page.words.label(rows[0]["factor"], code)) for code in codes])
        if told:
            lines.append(page.t("{name}: {value}", name=about, value=told))
    return stack(bullets(lines, "sums") if lines else paragraph(page.t("No two claims exclude one another.")))


def versions_of(page: Page, rows: list[dict[str, Any]]) -> str:
    """Say how many different things claims say, and from where to where they go: by the middle of each, its one end
    where the other is open.
    """
    zone = page.study.registry.incidents.at[page.study.focus, "timezone"]
    rows = sorted(rows, key=lambda r: (r["low"] + r["high"]) / 2 if math.isfinite(r["high"]) else r["low"])
    texts = [said(row, page.words, zone) for row in rows]
    form = N_("{n} versions, from “{first}” to “{last}”")
    return page.t(form, n=len(set(texts)), first=texts[0], last=texts[-1])


def statements(page: Page, several: pd.DataFrame) -> dict[int, list[Markup]]:
    """Write the claims about each thing with their sources in front, by the row of the thing."""
    found, zones = dict[int, list[Markup]](), page.study.registry.incidents["timezone"]
    for table, things in several.groupby("table"):
        rows = getattr(page.study.registry, str(table))
        rows = rows[rows["value"] != "unknown"] if table == "causes" else rows.sort_values(["low", "high", "source_id"])
        rows = rows.assign(about=rows[ABOUT[str(table)]].astype(object))
        keys = ["incident_id", "about", *(column for column in ("actor", "scope") if column in rows)]
        for row in things[keys].reset_index(names="thing").merge(rows, on=keys).to_dict("records"):
            text = said(row, page.words, zones[row["incident_id"]])
            told = Markup("{} {}").format(page.evidence.source(row["source_id"]), text)
            found.setdefault(row["thing"], []).append(told)
    return found


def used(page: Page, row: Any) -> str:
    """Write what the policy takes: a moment or a quantity; a dash for a cause."""
    if row.table == "causes":
        return "–"
    if row.table == "events":
        return page.words.moments(row.low, row.high, page.study.registry.incidents.at[row.incident_id, "timezone"])
    if row.about == "duration_hours":
        return page.minutes(Interval(row.low * 60, row.high * 60))
    return page.words.interval(Interval(row.low, row.high), "percent" if row.about.endswith("share") else "number")
