"""How long did the outages last, as a page says it? Each function takes lengths, one row an incident, and sets a figure
or a table of them.
"""

import pandas as pd

from outages.figures import ecdf, intervals
from outages.language import N_
from outages.report.evidence import ends
from outages.report.html import Block, sentence
from outages.report.part import Page, by_incident
from outages.report.worth import LEAST_ROWS, enough, says
from outages.stats.inference import FEW
from outages.stats.intervals import how_many, quantile
from outages.stats.intervals import known as known_intervals
from outages.stats.turnbull import Banded, resampled, share_within

QUARTILES = {
    0.25: N_("first quartile {value}"),
    0.5: N_("median {value}"),
    0.75: N_("third quartile {value}"),
}
DAY = 1440  # minutes
LONGEST = 10  # outages in the figure
OVER = N_("share of outages that are over")  # what curves of lengths show
BASIS = {
    "moments": N_("onset and restoration"),
    "stated": N_("length that sources state"),
    "both": N_("both, in agreement"),
    "conflict": N_("both, in conflict"),
}


def bars(page: Page, lengths: pd.DataFrame, partial: pd.DataFrame) -> Block:
    """Draw the longest outages, and the one in focus: how long each lasted.

    Parameters
    ----------
    lengths, partial : as `outages.studies.Study.lengths`, and `.offset` of the partial restoration
    """
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
    if share is not None and says(share, "percent"):
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
    """Say the quartiles of lengths and where they would lie in another draw: the same medians as everywhere, not those
    of the curve.
    """
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
