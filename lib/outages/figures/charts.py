"""What do distributions, shares and networks look like? Every function takes frames and returns a matplotlib figure."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.patches import Patch, PathPatch
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from outages.figures.plots import (
    INK,
    PALETTE,
    SOFT,
    WIDTH,
    Axes,
    Figure,
    ink_on,
    interval_mark,
    minute_ticks,
    plain,
    rectangles,
    start,
)
from outages.language import Words
from outages.stats.intervals import Interval
from outages.stats.turnbull import Banded

TICKS = (0, 5, 10, 30, 60, 120, 240, 480, 1440, 4320, 10080, 43200, 129600, 525600)  # minutes
COLOURS = (PALETTE[0], PALETTE[1], PALETTE[2], PALETTE[3], PALETTE[4], PALETTE[5], PALETTE[7])
DASHES = ((), (6, 2), (2, 1.5), (8, 2, 2, 2), (4, 1.5), (1, 1), (10, 3))
FOCUS = PALETTE[3]
STEPS = 500  # of a drawn curve


class Named(NamedTuple):
    """A curve with its name."""

    label: str
    found: Banded


class Fill(NamedTuple):
    """How a code is shown in a matrix or a bar: colour, letter, meaning."""

    colour: str
    sign: str
    label: str


def spread_heights(count: int) -> list[float]:
    """Return at which height each of several curves carries its name, so that the names stay apart."""
    return [0.5] if count == 1 else list(np.linspace(0.84, 0.2, count))


def curves(
    drawn: Sequence[Named], words: Words, *, xlabel: str, ylabel: str, band: bool, focus: Mapping[str, Interval]
) -> Figure:
    """Draw how the share grows with time, each curve with its name on it.

    Parameters
    ----------
    drawn : curves in minutes; a filled step says that the share lies somewhere in it
    band : whether to draw the band of resampled incidents
    focus : name and value of what is marked by a line from top to bottom
    """
    figure, axis = start(7.4)
    ends = np.concatenate([np.concatenate([c.found.curve.left, c.found.curve.right]) for c in drawn])
    finite = ends[np.isfinite(ends)]
    reach = float(max([60.0, *finite])) * 1.3
    axis.set_xscale("symlog", linthresh=10, linscale=0.35)
    for place, (label, found) in enumerate(drawn):
        colour, dashes = COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)]
        jumps = np.concatenate([found.curve.left, found.curve.right])
        moments = np.unique([0.0, *jumps[np.isfinite(jumps) & (jumps > 0)], reach])
        if len(moments) > STEPS:  # finer than any screen
            moments = np.unique(
                [0.0, *moments[np.searchsorted(moments, np.geomspace(max(moments[1], 0.1), reach, STEPS))]]
            )
        low, high = found.curve.share_by(moments)
        if band and len(found.masses):
            axis.fill_between(moments, *found.band(moments), step="post", color=colour, alpha=0.16, lw=0, zorder=1)
        axis.fill_between(moments, low, high, where=high > low, step="post", color=colour, alpha=0.5, lw=0, zorder=2)
        (line,) = axis.step(moments, low, where="post", color=colour, lw=1.6, zorder=3)
        if dashes and len(drawn) > 1:
            line.set_dashes(dashes)
        height = spread_heights(len(drawn))[place]
        at = min(found.curve.quantile(height).high, reach / 1.3)
        late = at > reach / 12  # near the right edge the name goes to the left of its curve
        axis.annotate(plain(label, 40), (at, height), xytext=(-7 if late else 7, -2), textcoords="offset points", fontsize=8.5, color=INK, va="top", ha="right" if late else "left",
                      bbox={"facecolor": "white", "edgecolor": colour, "alpha": 0.88, "pad": 2, "lw": 0.8}, zorder=6)  # fmt: skip
    for name, value in focus.items():
        axis.axvspan(value.low, max(min(value.high, reach), value.low + 0.4), color=FOCUS, alpha=0.3, lw=1, zorder=1)
        axis.text(min(max(value.low, 0), reach / 4), 1.02, plain(name, 60), color=FOCUS, fontsize=8.5, va="bottom")
    axis.set_ylim(0, 1.0)
    axis.set_xlim(-0.5, reach)
    axis.yaxis.set_major_formatter(FuncFormatter(lambda share, _: words.percent(share)))
    ticks = [t for t in TICKS if t <= reach]
    axis.set_xticks(ticks, [words.minutes(t) for t in ticks], rotation=30, ha="right")
    axis.xaxis.set_minor_locator(NullLocator())
    axis.tick_params(labelsize=9)
    axis.set_xlabel(xlabel, fontsize=9)
    axis.set_ylabel(ylabel, fontsize=9)
    return figure


def share_axis(axis: Axes, words: Words, low: float = 0.0, high: float = 1.0) -> None:
    """Make the horizontal axis one of shares."""
    axis.set_xlim(low, high)
    axis.xaxis.set_major_formatter(FuncFormatter(lambda share, _: words.percent(share)))


def ranges(table: pd.DataFrame, words: Words, *, how: str, xlabel: str) -> Figure:
    """Draw one row an interval, rows of a group under its head.

    Parameters
    ----------
    table : `group`, `label`, `low`, `high` (bounds), `outer_low`, `outer_high` (interval by chance, NaN for none), `text` (at the right), `mark` (in focus)
    how : `minutes` (logarithmic), `share`, or `number` (logarithmic)
    """
    heads = table["group"].ne(table["group"].shift()) & table["group"].ne("")
    rows = np.arange(len(table)) + heads.cumsum() * 0.95
    figure, axis = start((len(table) + 0.8 * heads.sum()) * 0.62, extra=1.2)
    ends = table[["low", "high", "outer_low", "outer_high"]].to_numpy(dtype=float)
    finite = ends[np.isfinite(ends)]
    right = 1.0
    if how == "share":
        share_axis(axis, words, min(0.0, finite.min(initial=0)), 1.0)
    else:
        positive = finite[finite > 0]
        left, right = max(1.0, positive.min(initial=10**12) / 1.5), positive.max(initial=100) * 1.6
        axis.set_xscale("log")
        axis.set_xlim(left, right)
    for at, head, item in zip(rows, heads, table.itertuples(), strict=True):
        colour = FOCUS if item.mark else PALETTE[0]
        if head:
            axis.text(
                -0.01,
                at - 0.9,
                plain(item.group, 60),
                transform=axis.get_yaxis_transform(),
                ha="right",
                va="center",
                fontsize=9,
                weight="bold",
            )
        if not math.isnan(item.outer_low):
            axis.plot(
                [max(item.outer_low, axis.get_xlim()[0]), min(item.outer_high, right)],
                [at, at],
                color=colour,
                lw=1.4,
                zorder=2,
            )
        if not math.isnan(item.low):
            interval_mark(axis, max(item.low, axis.get_xlim()[0]), min(item.high, right), at, colour)
        axis.text(1.01, at, item.text, transform=axis.get_yaxis_transform(), va="center", fontsize=8.5)
    axis.set_yticks(rows, [plain(label, 44) for label in table["label"]], fontsize=9)
    axis.set_ylim(rows.max() + 0.6, -0.7)
    axis.grid(axis="y", visible=False)
    axis.tick_params(axis="x", labelsize=9)
    axis.set_xlabel(xlabel, fontsize=9)
    if how == "minutes":
        minute_ticks(axis, words, left * 1.15, right)
    elif how == "number":
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value)))
    return figure


def panels(table: pd.DataFrame, words: Words, units: Mapping[str, str]) -> Figure:
    """Draw several findings under one another, each on an axis of its own, one row a rule.

    Parameters
    ----------
    table : `finding`, `label` of the row, `low`, `high`, `mark`
    units : `minutes`, `percent` or `number` of each finding, in the order of the panels; a finding's key is its title
    """
    start(1)  # sets the theme
    plt.close("all")
    sizes = [int((table["finding"] == finding).sum()) for finding in units]
    figure, axes = plt.subplots(
        len(units),
        1,
        figsize=(WIDTH, 0.62 * len(units) + 0.21 * sum(sizes)),
        layout="constrained",
        squeeze=False,
        height_ratios=sizes,
    )
    for axis, (finding, unit) in zip(axes[:, 0], units.items(), strict=True):
        part = table[table["finding"] == finding]
        known = part[["low", "high"]].to_numpy(dtype=float)
        known = known[np.isfinite(known)]
        for row, item in enumerate(part.itertuples()):
            colour = PALETTE[1] if item.mark else PALETTE[0]
            right = item.high if math.isfinite(item.high) else known.max() * 1.2
            interval_mark(axis, item.low, right, row, colour, thick=6)
        axis.set_yticks(range(len(part)), list(part["label"]), fontsize=8.5)
        axis.set_ylim(len(part) - 0.4, -0.6)
        axis.set_xlim(0, (known.max() if len(known) else 1.0) * 1.15 or 1.0)
        axis.set_title(plain(finding, 80), fontsize=9.5, loc="left", weight="bold")
        axis.xaxis.set_major_locator(MaxNLocator(5))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _, unit=unit: getattr(words, unit)(value)))
        axis.tick_params(axis="x", labelsize=8.5)
        axis.grid(axis="y", visible=False)
    return figure


def stacked(
    counts: pd.DataFrame, fills: Mapping[str, Fill], words: Words, *, xlabel: str, marked: Sequence[str] = ()
) -> Figure:
    """Draw counts as bars whose parts carry their number.

    Parameters
    ----------
    counts : rows by name, one column a key of `fills`
    marked : rows in bold
    """
    figure, axis = start(len(counts) * 0.62, extra=1.5)
    left = np.zeros(len(counts))
    widest = max(float(counts.sum(axis=1).max()), 1.0)
    for key, fill in fills.items():
        width = counts[key].to_numpy(dtype=float)
        axis.barh(
            range(len(counts)), width, left=left, color=fill.colour, edgecolor="white", height=0.72, label=fill.label
        )
        for row, (at, size) in enumerate(zip(left, width, strict=True)):
            if size > widest * 0.025:
                axis.text(
                    at + size / 2,
                    row,
                    words.number(size),
                    ha="center",
                    va="center",
                    color=ink_on(fill.colour),
                    fontsize=7.5,
                    weight="bold",
                )
        left = left + width
    axis.set_yticks(range(len(counts)), [plain(str(name), 52) for name in counts.index], fontsize=8.5)
    for text, name in zip(axis.get_yticklabels(), counts.index, strict=True):
        text.set_fontweight("bold" if name in marked else "normal")
    axis.set_ylim(len(counts) - 0.4, -0.6)
    axis.grid(axis="y", visible=False)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_xlabel(xlabel, fontsize=9)
    figure.legend(loc="outside lower center", ncols=min(4, len(fills)), fontsize=8, frameon=False)
    return figure


def matrix(
    codes: pd.DataFrame, fills: Mapping[str, Fill], words: Words, *, bold: Sequence[str] = (), wide: int = 24
) -> Figure:
    """Draw a matrix of codes, each a colour and, while there is room, a letter.

    Parameters
    ----------
    codes : names of rows and columns, keys of `fills` in the cells, empty for nothing
    bold : rows or columns that are in focus
    wide : up to so many rows cells are large enough for letters
    """
    many = len(codes) > wide
    figure, axis = start(len(codes) * (0.34 if many else 0.8), extra=2.6)
    gap = 0.06
    for code, fill in fills.items():
        rows, columns = np.nonzero((codes == code).to_numpy())
        if len(rows):
            boxes = pd.DataFrame(
                {"left": columns + gap, "right": columns + 1 - gap, "bottom": rows + gap, "top": rows + 1 - gap}
            )
            axis.add_patch(PathPatch(rectangles(boxes), facecolor=fill.colour, edgecolor="none"))
        for row, column in zip(rows, columns, strict=True) if not many else ():
            axis.text(
                column + 0.5,
                row + 0.5,
                fill.sign,
                ha="center",
                va="center",
                fontsize=8,
                weight="bold",
                color=ink_on(fill.colour),
            )
    axis.set_xlim(0, len(codes.columns))
    axis.set_ylim(len(codes), 0)
    axis.grid(visible=False)
    size = 6.5 if many else 8.5
    axis.set_yticks(
        np.arange(len(codes)) + 0.5,
        [
            textwrap.shorten(str(name), 72, placeholder="…").replace("$", r"\$") if many else plain(str(name), 40)
            for name in codes.index
        ],
        rotation=0,
        fontsize=size,
    )
    turned = len(codes.columns) > 5
    axis.set_xticks(np.arange(len(codes.columns)) + 0.5, [textwrap.shorten(str(name), 46, placeholder="…").replace("$", r"\$") if turned else plain(str(name), 18) for name in codes.columns], rotation=90 if turned else 0,
                    fontsize=7.5 if len(codes.columns) > 20 else 8)  # fmt: skip
    for text, name in [
        *zip(axis.get_yticklabels(), codes.index, strict=True),
        *zip(axis.get_xticklabels(), codes.columns, strict=True),
    ]:
        if name in bold:
            text.set_fontweight("bold")
            text.set_color(FOCUS)
    present = {code for column in codes for code in codes[column]}
    handles = [
        Patch(facecolor=fill.colour, label=f"{fill.sign} = {fill.label}" if not many else fill.label)
        for code, fill in fills.items()
        if code in present
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    return figure


def year_shares(table: pd.DataFrame, published: pd.DataFrame, words: Words, names: tuple[str, str]) -> Figure:
    """Draw the share of each year with its interval beside published shares.

    Parameters
    ----------
    table : indexed by `year`: `share`, `low`, `high`, `n`
    published : `year`, `share`
    names : what the two series are called
    """
    figure, axis = start(6.4)
    years = sorted({*table.index, *published["year"]})
    place = {year: x for x, year in enumerate(years)}
    for year, item in table.iterrows():
        axis.plot([place[year]] * 2, [item["low"], item["high"]], color=PALETTE[0], lw=2.4, alpha=0.6)
        axis.plot([place[year]], [item["share"]], "o", color=PALETTE[0], ms=6, zorder=3)
        axis.text(place[year], -0.035, f"{int(item['n'])}", ha="center", va="top", fontsize=7.5, color=SOFT)
    axis.plot([place[y] for y in published["year"]], published["share"], "D", color=PALETTE[1], ms=8, mec=INK, zorder=4)
    axis.plot([], [], "o-", color=PALETTE[0], label=names[0])
    axis.plot([], [], "D", color=PALETTE[1], mec=INK, label=names[1])
    axis.text(-0.02, -0.035, "n", ha="right", va="top", fontsize=7.5, color=SOFT, transform=axis.get_yaxis_transform())
    axis.set_ylim(0, 1)
    axis.set_xlim(-0.7, len(years) - 0.3)
    axis.set_xticks(range(len(years)), years, rotation=60 if len(years) > 10 else 0, fontsize=8.5)
    axis.tick_params(axis="x", pad=12)
    axis.grid(axis="x", visible=False)
    axis.yaxis.set_major_formatter(FuncFormatter(lambda share, _: words.percent(share)))
    figure.legend(loc="outside upper center", ncols=2, fontsize=8.5, frameon=False)
    return figure


def layered(
    graph, columns: Sequence[Sequence[tuple[int, str]]], heads: Sequence[str], words: Words, *, bold: Sequence[str] = ()
) -> Figure:
    """Draw a directed graph in three columns: on whom it hung, whose network it was, who fell.

    Parameters
    ----------
    graph : networkx graph whose edges carry `incidents` and `kind`; nodes are pairs of column and name
    columns : the nodes of each column from top to bottom
    heads : the heads of the columns
    bold : names in focus
    """
    tallest = max(len(column) for column in columns)
    figure, axis = start(tallest * 0.66, extra=1.0)
    place: dict[tuple[int, str], tuple[int, float]] = {}
    for number, column in enumerate(columns):
        for order, node in enumerate(column):
            place[node] = (number, (order + 0.5) * tallest / len(column))
    for one, two, edge in graph.edges(data=True):
        (x0, y0), (x1, y1) = place[one], place[two]
        colour = PALETTE[3] if edge["kind"] == "cause" else PALETTE[9]
        bend = np.linspace(0, 1, 24)
        ease = bend * bend * (3 - 2 * bend)
        axis.plot(x0 + 0.02 + (x1 - x0 - 0.04) * bend, y0 + (y1 - y0) * ease, color=colour, lw=0.7 + 1.1 * len(edge["incidents"]), alpha=0.6, zorder=1,
                  linestyle="-" if edge["kind"] == "cause" else (0, (4, 2)))  # fmt: skip
    sides = {0: ("right", -0.03), 1: ("center", 0.0), 2: ("left", 0.03)}
    for node, (x, y) in place.items():
        side, shift = sides[x]
        strong = node[1] in bold
        box = (
            {"facecolor": "white", "edgecolor": FOCUS if strong else SOFT, "pad": 1.6, "lw": 0.6, "alpha": 0.95}
            if x == 1
            else None
        )
        axis.text(
            x + shift,
            y,
            plain(words.party(node[1]), 34),
            ha=side,
            va="center",
            fontsize=7.5,
            zorder=5,
            bbox=box,
            weight="bold" if strong else "normal",
        )
        if x != 1:
            axis.plot([x], [y], "o", color=INK, ms=3.2, zorder=4)
    for x, head in enumerate(heads):
        axis.text(x, -0.7, plain(head, 26), ha=sides[x][0], va="bottom", fontsize=8.5, weight="bold")
    axis.set_xlim(-0.85, 2.85)
    axis.set_ylim(tallest + 0.2, -1.6)
    axis.axis("off")
    return figure
