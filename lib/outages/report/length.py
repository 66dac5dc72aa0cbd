"""How long did the outages last, as a page says it? Each function takes lengths, one row an incident, and sets a figure or a table of them."""

import math

import pandas as pd
from markupsafe import Markup

from outages.figures import ecdf, intervals, style
from outages.language import N_
from outages.report.evidence import ends
from outages.report.html import Block, bullets, stack
from outages.report.part import FEW, Page
from outages.stats.intervals import Interval, how_many, quantile
from outages.stats.intervals import known as known_intervals
from outages.stats.turnbull import Banded, resampled, share_within

QUARTILES = (0.25, 0.5, 0.75)
DAY = 1440  # minutes
AXIS = ("time after onset (linear to 10 min, then logarithmic)", N_("share of outages that are over"))
BASIS = {
    "moments": N_("onset and restoration"),
    "stated": N_("length that sources state"),
    "both": N_("both, in agreement"),
    "conflict": N_("both, in conflict"),
}


def headline(page: Page, lengths: pd.DataFrame) -> Markup:
    """Say how long the outages lasted, and how sure that is."""
    known = known_intervals(lengths)
    if known.empty:
        return Markup(page.t("Outage length: known for none of {n} incidents."))
    longest = lengths["low"].idxmax()
    form = page.words._(
        "<strong>Outage length.</strong> The median outage lasted {median}; the longest for certain, {title}, {long}."
    )
    said = Markup(form).format(
        median=page.median(known, "t-groups"), title=page.titles[longest], long=cell(page, lengths, longest)
    )
    return said + page.certainty(len(known), page.by_chance(known), "minutes")


def bars(page: Page, lengths: pd.DataFrame, partial: pd.DataFrame) -> Block:
    """Draw how long each outage lasted."""
    rows = (
        lengths[["low", "high"]]
        .join(partial.add_prefix("partial_"))
        .assign(title=page.titles, focus=page.focused, label=[page.minutes(ends(lengths, i)) for i in lengths.index])
    )
    rows, k = rows.sort_values("high", kind="stable", ascending=False), how_many(lengths)
    rows = rows.dropna(subset=["low", "high"]) if len(rows) > style.MANY else rows
    return page.figure(
        "f-length",
        intervals.length_bars(rows, page.words),
        k=k,
        data=rows[["low", "high", "partial_low", "partial_high"]].rename_axis("incident_id").reset_index(),
        title=page.t("Lengths differ by a factor of {factor}", factor=factor(page, lengths))
        if k > 1
        else page.t("Outage length"),
        alt=page.t(
            "Horizontal bars of outage length on a logarithmic axis. {rows}.",
            rows=page.aloud((r.title, r.label) for r in page.shortened(rows).itertuples()),
        ),
        caption=page.t(
            "Each bar runs from the shortest to the longest length that the sources allow; a dot is a length known to the minute. n = {k} of {n}. Data version {version}.",
            k=k,
        ),
    )


def headline_block(page: Page, lengths: pd.DataFrame) -> Block:
    """Show the answer at the head of a page about one question."""
    return stack(bullets([headline(page, lengths)], "headlines"))


def curve(page: Page, lengths: pd.DataFrame) -> Block:
    """Draw the share of outages that are over by each time, with a band."""
    known, found = known_intervals(lengths), resampled(lengths)
    if found is None:
        return page.dropped("No length is known, so no curve is drawn.")
    named, said = (
        ecdf.Named(page.words._("all, n = {n}").format(n=page.words.number(len(known))), found),
        quartiles(page, known),
    )
    few = "" if page.enough(known) else " " + page.t("With fewer than {few} known lengths no band is drawn.", few=FEW)
    return page.figure(
        "f-curve",
        ecdf.curves(
            [named],
            page.words,
            xlabel=page.t(AXIS[0]),
            ylabel=page.t(AXIS[1]),
            band=page.enough(known),
            focus=page.marked(lengths),
        ),
        k=len(known),
        data=mass({"all": found}),
        title=page.t(
            "After {time} {share} of the outages of known length are over",
            time=page.words.minutes(DAY),
            share=page.words.interval(share_within(known, DAY), "percent"),
        ),
        alt=page.t("Curve of the share of outages that are over by each time. {rows}.", rows=said),
        caption=page.t(
            "Turnbull's estimate for lengths known between two ends, if how vague a source is says nothing of the length; at each time the shaded band holds 95 of 100 curves of resampled incidents. {rows}. n = {k} of {n}. Data version {version}.",
            rows=said,
            k=len(known),
        )
        + few,
    )


def quartiles(page: Page, values: pd.DataFrame) -> str:
    """Say the quartiles of lengths and where they would lie in another draw: the same medians as everywhere, not those of the curve."""
    names = (N_("first quartile {value}"), N_("median {value}"), N_("third quartile {value}"))
    found = [page.value(quantile(values, q), page.by_chance(values, q), "minutes") for q in QUARTILES]
    return page.words._("; ").join(page.t(name, value=value) for name, value in zip(names, found, strict=True))


def table(page: Page, lengths: pd.DataFrame) -> Block:
    """Tabulate onset, restoration and length."""
    moment, ids = page.evidence.moment_cell, page.ids
    columns = {
        page.t("Incident"): [*map(page.row_name, ids), page.t("Median")],
        page.t("Onset"): [*(moment(i, "onset") for i in ids), "–"],
        page.t("First service back"): [*(moment(i, "partial_restoration") for i in ids), "–"],
        page.t("Last service back"): [*(moment(i, "restored") for i in ids), "–"],
        page.t("Length"): [*(cell(page, lengths, i) for i in ids), page.minutes(quantile(lengths, 0.5))],
        page.t("Follows from"): [
            *(page.t(BASIS[b]) if b else "–" for b in lengths.loc[ids, "basis"]),
            page.of_n(lengths),
        ],
    }
    return page.table("t-length", page.some(page.t("Outage length (n = {k} of {n})", k=how_many(lengths))), columns)


def cell(page: Page, lengths: pd.DataFrame, incident: str) -> str:
    """Return a length, linked to the sum behind it."""
    return page.evidence.sum_cell(incident, "length", lengths, "minutes")


def factor(page: Page, lengths: pd.DataFrame) -> str:
    """Say how many times the largest value is of the smallest, as an interval."""
    low = lengths["low"].max() / lengths["high"].min() if lengths["high"].min() > 0 else math.inf
    high = lengths["high"].max() / lengths["low"].min() if lengths["low"].min() > 0 else math.inf
    return page.words.interval(
        Interval(max(1.0, float(math.floor(low))), math.ceil(high) if math.isfinite(high) else high), "number"
    )


def mass(found: dict[str, Banded]) -> pd.DataFrame:
    """Return the mass of curves as rows: `group`, `left`, `right` (minutes), `mass`."""
    parts = [
        pd.DataFrame({"group": name, "left": b.curve.left, "right": b.curve.right, "mass": b.curve.mass})
        for name, b in found.items()
    ]
    return pd.concat(parts, ignore_index=True).query("mass > 0")
