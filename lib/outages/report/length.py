"""How long did the outages last, and how do groups differ? Functions of lengths, one row an incident; groups are
described, not made alike: no gap is an effect.
"""

import math
from functools import partial
from typing import Any

import pandas as pd
from markupsafe import Markup

from outages.figures import ecdf, intervals
from outages.language import N_
from outages.report.evidence import ends
from outages.report.findings import DAY, round_words
from outages.report.html import Block, sentence
from outages.report.part import Page, by_incident
from outages.report.worth import LEAST_ROWS, enough, says, telling
from outages.stats.inference import FEW
from outages.stats.intervals import Interval, how_many, quantile
from outages.stats.intervals import known as known_intervals
from outages.stats.turnbull import Banded, resampled, share_within
from outages.studies.estimates import median

QUARTILES = {0.25: N_("first quartile {value}"), 0.5: N_("median {value}"), 0.75: N_("third quartile {value}")}
LONGEST = 10  # outages in the figure
OVER = N_("share of outages that are over")  # what curves of lengths show
BASIS = {
    "moments": N_("onset and restoration"),
    "stated": N_("length that sources state"),
    "both": N_("both, in agreement"),
    "conflict": N_("both, in conflict"),
}
GROUPINGS = {  # as the head of a row
    "sector": "Sector",
    "emergency_calls": N_("Emergency calls"),
    "root_cause": N_("Root cause"),
    "third_party": "Third party",
}
UNCLEAR = {"", "disputed"}  # codes that are no group
COLUMNS = ["grouping", "code", "group", "label", "members", "n", "low", "high", "outer_low", "outer_high"]
NAMES = {
    ("emergency_calls", True): N_("affected"),
    ("emergency_calls", False): N_("no effect reported"),
    ("third_party", True): N_("in the causal chain"),
    ("third_party", False): N_("none known in the causal chain"),
    ("root_cause", "disputed"): N_("disputed"),
    ("root_cause", ""): N_("no cause named"),
}


def bars(page: Page, lengths: pd.DataFrame, partial: pd.DataFrame) -> Block:
    """Draw the longest outages, and the one in focus; `partial` as `Study.offset` of the partial restoration."""
    page, lengths = page.of(lengths), by_incident(lengths)
    if how_many(lengths) < LEAST_ROWS:
        return page.little()
    rows = lengths[["low", "high"]].join(partial.add_prefix("partial_"))
    rows = rows.assign(title=page.titles, focus=rows.index == page.study.focus)
    rows["label"] = [page.minutes(ends(rows, i)) for i in rows.index]
    known = rows.dropna(subset=["low", "high"]).sort_values("low", kind="stable", ascending=False)
    drawn = known[(known["low"].rank(method="first", ascending=False) <= LONGEST) | known["focus"]]
    return page.figure(
        "f-length",
        intervals.length_bars(drawn, page.words),
        drawn[["low", "high", "partial_low", "partial_high"]].rename_axis("incident_id").reset_index(),
        title="The longest by the lower end: “{name}”, {value}",
        alt="Horizontal bars of outage length on a logarithmic axis. {rows}.",
        caption="The {shown} longest by what is established. Each bar runs from the shortest to the longest length "
        "that the sources allow; a dot: both are the same. n = {k} of {n}. Data version {version}.",
        unit="minutes",
        k=len(known),
        name=drawn["title"].iloc[0],
        value=drawn["label"].iloc[0],
        rows=page.aloud((r.title, r.label) for r in drawn.itertuples()),
        shown=len(drawn),
    )


def curve(page: Page, lengths: pd.DataFrame) -> Block:
    """Draw the share of outages that are over by each time, with a band."""
    page, lengths = page.of(lengths), by_incident(lengths)
    known, found = known_intervals(lengths), resampled(lengths)
    if found is None or not enough(known):
        return page.dropped("With fewer than {few} known lengths no curve is drawn.", few=FEW)
    said, drawn = sentence(quartiles(page, known)), ecdf.counted({"": found}, page.words)
    share, title = share_within(known, DAY), N_("Share of outages that are over by each time")
    if says(share, "percent"):
        title = N_("{share} of the outages of known length were over within a day")
    return page.figure(
        "f-curve",
        ecdf.curves(drawn, page.words, ylabel=page.t(OVER), band=True, focus=page.marked(lengths)),
        mass({"all": found}),
        title=title,
        alt="Curve of the share of outages that are over by each time. {rows}.",
        caption="Turnbull's estimate (the curve that best fits lengths known only between two ends), supposing that "
        "the vagueness of sources does not depend on the length; at each time the shaded band holds 95 of 100 curves "
        "of resampled incidents. {rows}. n = {k} of {n}. Data version {version}.",
        unit="minutes",
        k=len(known),
        rows=said,
        share=page.words.interval(share, "whole"),
    )


def quartiles(page: Page, values: pd.DataFrame) -> str:
    """Say the quartiles of lengths and where they would lie in another draw: those of medians, not of the curve."""
    return page.words._("; ").join(page.t(name, value=page.quantile(values, q)) for q, name in QUARTILES.items())


def table(page: Page, lengths: pd.DataFrame) -> Block:
    """Tabulate onset, restoration and length."""
    page, lengths = page.of(lengths), by_incident(lengths, "basis")
    moment, basis = page.evidence.moment_cell, lengths["basis"]
    return page.table(
        "t-length",
        page.ids,
        {
            "Incident": page.row_name,
            "Onset": lambda i: moment(i, "onset"),
            "First service back": lambda i: moment(i, "partial_restoration"),
            "Last service back": lambda i: moment(i, "restored"),
            "Length": lambda i: page.evidence.sum_cell(i, "length", lengths, "minutes"),
            "Follows from": lambda i: page.t(BASIS[basis[i]]) if basis[i] else "–",
        },
        caption="Outage length (n = {k} of {n})",
        foot=[[page.t("Median"), "–", "–", "–", page.minutes(quantile(lengths, 0.5)), page.of_n(lengths)]],
        some=True,
        k=how_many(lengths),
    )


def mass(found: dict[str, Banded]) -> pd.DataFrame:
    """Return the mass of curves as rows: `group`, `left`, `right` (minutes), `mass`."""
    parts = [
        pd.DataFrame({"group": name, "left": b.curve.left, "right": b.curve.right, "mass": b.curve.mass})
        for name, b in found.items()
    ]
    return pd.concat(parts, ignore_index=True).query("mass > 0")


def curves(page: Page, lengths: pd.DataFrame) -> Block:
    """Draw the curves of outages that hit emergency calls and of the others."""
    page, lengths = page.of(lengths), by_incident(lengths, "emergency_calls")
    hit = lengths["emergency_calls"]
    parts = {label: lengths[hit == code] for code, label in named(page, lengths, "emergency_calls").items()}
    found = {label: curve for label, part in parts.items() if enough(part) and (curve := resampled(part))}
    if len(found) < LEAST_ROWS:
        return page.little()
    drawn = ecdf.counted(found, page.words)
    return page.figure(
        "f-emergency_calls",
        ecdf.curves(drawn, page.words, ylabel=page.t(OVER), band=True, focus=page.marked(lengths)),
        mass(drawn),
        title="By whether emergency calls were affected. Medians: {medians}",
        alt="Curves of the share of outages that are over by each time. {rows}.",
        caption="Turnbull's estimate (the curve that best fits lengths known only between two ends) in each group; "
        "groups are not adjusted for their other differences, so a gap between curves is not an effect. n = {k} of "
        "{n}. Data version {version}.",
        unit="minutes",
        k=sum(curve.curve.n for curve in found.values()),
        medians=[page.t("{group} ({n})", group=g, n=page.minutes(quantile(parts[g], 0.5))) for g in found],
        rows=page.aloud((label, quartiles(page, parts[g])) for g, label in zip(found, drawn, strict=True)),
    )


def named(page: Page, lengths: pd.DataFrame, by: str) -> dict[Any, str]:
    """Return what each code is called that a grouping, a column of lengths, holds: in the order of the rows."""
    there = set(lengths[by])
    codes = [c for c in (True, False, *sorted(there - {True, False, *UNCLEAR}), "disputed", "") if c in there]
    return {c: page.t(NAMES[by, c]) if (by, c) in NAMES else page.words.label(by, str(c)) for c in codes}


def by_group(page: Page, lengths: pd.DataFrame) -> pd.DataFrame:
    """Return one row a group: `grouping`, `code`, `group`, `label`, `n` known of so many `members`, bounds of the
    median (`low`, `high`) and by chance (`outer_low`, `outer_high`, NaN of few).
    """
    parts = [median(lengths).assign(grouping="", code="", group="", label=page.t("All outages"))]
    for by, head in GROUPINGS.items():
        if len(names := named(page, lengths, by)) > 1:
            rows = median(lengths, by=by).reindex(list(names))
            parts.append(rows.assign(grouping=by, code=rows.index, group=page.t(head), label=list(names.values())))
    told = {"of": "members", "ci_low": "outer_low", "ci_high": "outer_high"}
    found = pd.concat(parts, ignore_index=True).rename(columns=told)
    found.loc[found["n"] < FEW, ["outer_low", "outer_high"]] = math.nan
    return found[COLUMNS]


def group_medians(page: Page, lengths: pd.DataFrame) -> Block:
    """Draw the median length of every group."""
    page, lengths = page.of(lengths), by_incident(lengths, *GROUPINGS)
    rows, focus = by_group(page, lengths), page.study.focus
    own = lengths.loc[focus].to_dict() if focus in lengths.index else {}
    known = telling(
        rows.assign(
            text=[page.t("n = {k} of {n}", k=r.n, n=r.members) for r in rows.itertuples()],
            mark=[own.get(r.grouping) == r.code for r in rows.itertuples()],
        )
    )
    if len(known[(known["grouping"] != "") & ~known["code"].isin(UNCLEAR)]) < LEAST_ROWS:
        return page.little()
    xlabel = page.t("median length of the outage (logarithmic scale)")
    said = ((r.label, f"{page.minutes(Interval(r.low, r.high))} (n = {r.n})") for r in known.itertuples())
    return page.figure(
        "f-groups",
        intervals.ranges(known, page.words, how="minutes", xlabel=xlabel),
        rows.drop(columns=["group", "label"]),
        title="{said}",
        alt="Median outage length of each group on a logarithmic axis. {rows}.",
        caption="Thick: bounds that the sources leave open; thin: 95% interval over resampled incidents. Groups with "
        "fewer than {few} known lengths, or whose bounds say nothing, are left out. n = {k} of {n}. Data version "
        "{version}.",
        unit="minutes",
        k=how_many(lengths),
        said=extremes(page, rows)
        or page.t(
            "No group surely stands out: medians {value}",
            value=round_words(page, Interval(known["low"].min(), known["high"].max())),
        ),
        rows=page.aloud(said),
        few=FEW,
    )


def extremes(page: Page, rows: pd.DataFrame) -> str:
    """Name the groups whose median is surely the shortest or longest, those too vague to be drawn considered."""
    known = rows[(rows["grouping"] != "") & (rows["n"] >= FEW)].dropna(subset=["low", "high"])
    said: list[str] = []
    for row in telling(known[~known["code"].isin(UNCLEAR)]).itertuples():
        others, group = known.drop(index=row.Index), page.words.within(head_of(page, row))
        value = round_words(page, Interval(row.low, row.high))
        if row.high < others["low"].min():
            said.insert(0, page.t("shortest median: {value} ({group})", value=value, group=group))
        elif row.low > others["high"].max():
            said.append(page.t("longest median: {value} ({group})", value=value, group=group))
    return sentence(page.words._("; ").join(said))


def head_of(page: Page, row: Any) -> str:
    """Name a group with its grouping, as the head of a row."""
    return page.words.pair(row.group, page.words.within(row.label)) if row.group else row.label


def group_table(page: Page, lengths: pd.DataFrame) -> Block:
    """Tabulate the median length of the groups of which it says something."""
    rows = by_group(page.of(lengths), by_incident(lengths, *GROUPINGS))
    rows = telling(rows[(rows["grouping"] != "sector") & ((rows["grouping"] == "") | ~rows["code"].isin(UNCLEAR))])
    if rows.empty:
        return page.dropped("Too few lengths are known to compare groups.")
    return page.table(
        "t-groups",
        rows,
        {
            "Group": partial(head_of, page),
            "Median": lambda r: Markup("<strong>{}</strong>").format(page.minutes(Interval(r.low, r.high))),
            "95% interval": lambda r: page.minutes(Interval(r.outer_low, r.outer_high)),
            "Known for": lambda r: page.t("{k} of {n}", k=r.n, n=r.members),
        },
        caption="Median length by group; groups are not adjusted for their other differences, so a gap is not an "
        "effect",
    )
