"""Every kind of figure drawn from the same few intervals, for the tests of figures."""

import math
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence

import pandas as pd

from outages.figures.ecdf import curves
from outages.figures.intervals import length_bars, panels, ranges
from outages.figures.network import layered
from outages.figures.style import Figure, svg
from outages.figures.tallies import Fill, party_bars, stacked
from outages.figures.timelines import aligned_timeline, claim_timeline
from outages.language import Words
from outages.stats.turnbull import resampled

Ends = Sequence[tuple[float, float]]
WORDS, FILL = Words("en"), Fill("#0173b2", "C", "Cause")


def table(ends: Ends, title: str = "Acme, {n}", focus: int = 0) -> pd.DataFrame:
    """Return one row an incident, with every column that any figure asks for."""
    rows = pd.DataFrame(list(ends), columns=["low", "high"], dtype=float)
    names = [title.replace("{n}", str(n)) for n in range(len(rows))]
    more = {"title": names, "label": names, "text": names, "group": "", "outer_low": math.nan, "outer_high": math.nan}
    own = [n == focus for n in range(len(rows))]
    partial = {"partial_low": rows["low"] / 2, "partial_high": rows["high"] / 2}
    return rows.assign(**more, **partial, focus=own, mark=own, finding="all", standing="press")


def aligned(rows: pd.DataFrame) -> Figure:
    """Draw the intervals as moments after onset."""
    marks = rows.dropna().rename_axis("incident_id").reset_index().assign(moment="restored")
    return aligned_timeline(rows, marks, WORDS)


def graph(rows: pd.DataFrame) -> Figure:
    """Draw each incident as an organisation that depended on one supplier."""
    links = pd.DataFrame({"operator": rows["title"], "party": "Supplier", "kind": "cause", "incidents": 1})
    columns = [["Supplier"], list(rows["title"]), []]
    return layered(links, columns, ("from", "of", "to"), WORDS, bold=list(rows["title"][rows["focus"]]))


def turnbull(rows: pd.DataFrame) -> Figure:
    """Draw the curve of the intervals."""
    drawn = {rows["title"].iloc[0]: resampled(rows)}
    return curves(drawn, WORDS, ylabel="y", band=True, focus={})


def claims(rows: pd.DataFrame) -> Figure:
    """Draw the intervals as claims from which nothing results."""
    none, forever = pd.DataFrame(columns=["low", "high"], dtype=float), (-math.inf, math.inf)
    return claim_timeline(rows, "Europe/Paris", WORDS, resolved=none, zero=0.0, reach=forever)


def codes(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one code an incident."""
    return pd.DataFrame({"field": "cause"}, index=list(rows["title"]))


DRAWINGS: dict[str, Callable[[pd.DataFrame], Figure]] = {
    "bars": lambda rows: length_bars(rows, WORDS),
    "ranges": lambda rows: ranges(rows, WORDS, how="minutes", xlabel="x"),
    "numbers": lambda rows: ranges(rows, WORDS, how="number", xlabel="x"),
    "panels": lambda rows: panels(rows, WORDS, {"all": "minutes"}),
    "curves": turnbull,
    "aligned": aligned,
    "claims": claims,
    "stacked": lambda rows: stacked(codes(rows).eq("cause").astype(int), {"field": FILL}, WORDS, xlabel="x"),
    "parties": lambda rows: party_bars(rows.assign(incident_id=1, party=rows["title"], involvement="cause"), WORDS),
    "graph": graph,
}


def texts(figure: Figure) -> list[str]:
    """Return the texts of a figure, read from its SVG as a browser reads it."""
    root = ET.fromstring(svg(figure))
    return ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]
