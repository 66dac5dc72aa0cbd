"""How are values drawn that are known only between two ends? One row a value: lengths, medians, findings."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, MultipleLocator, NullFormatter

from outages.figures import style
from outages.figures.style import FOCUS, PALETTE, WIDTH, Figure, Look, plain, short, start, theme
from outages.language import Words

PLAIN = {"group": "", "outer_low": math.nan, "outer_high": math.nan, "mark": False}  # of a row that says no more


def mark(axis: Axes, low: float, high: float, row: float, colour: str, thick: float = 9, beyond: float = 1) -> None:
    """Draw one interval as a bar, or as a dot where both ends are the same.

    What is unknown is not drawn; what lies beyond the axis ends at its edge, or at so many times its right end.
    """
    if math.isnan(low):
        return
    left, right = axis.get_xlim()
    low, high = np.clip([low, high], left, right * beyond)
    if low == high:
        axis.plot([low], [row], "o", color=colour, markersize=8, zorder=3)
    else:
        axis.plot([low, high], [row, row], color=colour, linewidth=thick, solid_capstyle="butt", alpha=0.6, zorder=3)
        axis.plot([low, high], [row, row], "|", color=colour, markersize=thick * 1.4, markeredgewidth=1.6, zorder=4)


@theme()
def length_bars(rows: pd.DataFrame, words: Words, xlabel: str = "") -> Figure:
    """Draw how long each outage lasted.

    Parameters
    ----------
    rows : one row an incident with `title`, `low`, `high` (minutes, NaN when unknown), `label`, `focus`, and
        `partial_low`, `partial_high` for a partial restoration on the way (minutes after onset)
    """
    figure, axis = start(len(rows) * 0.72)
    axis.set_xscale("log")
    low, high = axis.set_xlim(*length_limits(rows))
    for place, item in enumerate(rows.itertuples()):
        mark(axis, item.low, item.high, place, FOCUS if item.focus else PALETTE[0])
        if not math.isnan(item.low):
            mark(axis, item.partial_low, item.partial_high, place, PALETTE[7], thick=4)
    style.rows_axis(axis, range(len(rows)), list(rows["title"]), list(rows["focus"]), list(rows["label"]))
    style.minute_ticks(axis, words, low, high)
    axis.set_xlabel(plain(xlabel or words._("length of the outage (logarithmic scale)"), style.LINE))
    if rows["partial_low"].notna().any():
        services = ((PALETTE[0], 7, words._("last service back")), (PALETTE[7], 4, words._("first service back")))
        handles = [Line2D([], [], color=colour, lw=thick, label=label) for colour, thick, label in services]
        figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


def length_limits(rows: pd.DataFrame) -> tuple[float, float]:
    """Return from where to where an axis of lengths runs: all known ends."""
    known = rows.dropna(subset=["low", "high"])
    if known.empty:
        return 1.0, 1440.0**1.3
    low = max(1.0, known[["low", "partial_low"]].min().min() / 2)
    high = max(style.finite_top(known) * 2, low * 2)
    return low, high


@theme()
def ranges(rows: pd.DataFrame, words: Words, *, how: str, xlabel: str) -> Figure:
    """Draw one row an interval, rows of a group under its head.

    Parameters
    ----------
    rows : `label`, `low`, `high` (bounds), `text` (at the right), and if there are any `group`, `outer_low`,
        `outer_high` (interval by chance, NaN for none), `mark` (in focus); some end is known
    how : `minutes` (logarithmic), `share`, or `number` (logarithmic)
    """
    rows = rows.assign(**{name: value for name, value in PLAIN.items() if name not in rows})
    ends = rows[["low", "high", "outer_low", "outer_high"]].to_numpy(dtype=float)
    heads = rows["group"].ne(rows["group"].shift()) & rows["group"].ne("")
    places = np.arange(len(rows)) + heads.cumsum() * 0.95
    figure, axis = start((len(rows) + 0.8 * heads.sum()) * 0.72, extra=1.2)
    value_axis(axis, words, how, ends[np.isfinite(ends)])
    for at, head, item in zip(places, heads, rows.itertuples(), strict=True):
        colour = FOCUS if item.mark else PALETTE[0]
        if head:
            look: Look = {"fontsize": 8.5, "weight": "bold", "transform": axis.get_yaxis_transform()}
            axis.text(0.01, at - 0.95, short(item.group, 60), **look)
        if not math.isnan(item.outer_low):
            outer = np.clip([item.outer_low, item.outer_high], *axis.get_xlim())
            axis.plot(outer, [at, at], color=colour, lw=1.4, zorder=2)
        mark(axis, item.low, item.high, at, colour)
    style.rows_axis(axis, places, list(rows["label"]), values=list(rows["text"]))
    axis.set_xlabel(plain(xlabel, style.LINE))
    return figure


def value_axis(axis: Axes, words: Words, how: str, values: np.ndarray) -> None:
    """Make the horizontal axis one of minutes, shares or numbers that holds some values."""
    if how == "share":
        axis.set_xlim(0.0, 1.0)
        axis.xaxis.set_major_formatter(lambda share, _: words.percent(share))
        return
    positive = values[values > 0]
    left = max(1.0, positive.min(initial=math.inf) / 1.5) if len(positive) else 1.0
    axis.set_xscale("log")
    axis.set_xlim(left, max(positive.max(initial=100), left) * 1.6)
    if how == "minutes":
        style.minute_ticks(axis, words, left * 1.15, axis.get_xlim()[1])
    else:
        axis.xaxis.set_major_locator(LogLocator(numticks=5))
        axis.xaxis.set_major_formatter(lambda value, _: words.number(value))
        axis.xaxis.set_minor_formatter(NullFormatter())


@theme()
def panels(table: pd.DataFrame, words: Words, units: Mapping[str, str]) -> Figure:
    """Draw several findings under one another, each on an axis of its own, one row a rule.

    Parameters
    ----------
    table : `finding`, `label` of the row, `low`, `high`, `mark`
    units : `minutes`, `percent` or `number` of each finding, in the order of the panels; a finding's key is its title
    """
    parts = {finding: table[table["finding"] == finding] for finding in units}
    sizes = [len(part) for part in parts.values()]
    figure = Figure(figsize=(WIDTH, 0.56 * len(parts) + 0.18 * sum(sizes)), layout="constrained")
    axes = figure.subplots(len(parts), 1, squeeze=False, height_ratios=sizes)
    for axis, (finding, part) in zip(axes[:, 0], parts.items(), strict=True):
        known = part[["low", "high"]].to_numpy(dtype=float)
        reach = known[np.isfinite(known)].max(initial=0) * 1.15
        axis.set_xlim(0, reach or 1.0)
        for row, item in enumerate(part.itertuples()):
            mark(axis, item.low, item.high, row, PALETTE[1] if item.mark else PALETTE[0], thick=6, beyond=1.2 / 1.15)
        axis.set_yticks(range(len(part)), list(part["label"]), fontsize=8.5)
        axis.set_ylim(len(part) - 0.4, -0.6)
        axis.set_title(plain(finding, 42), fontsize=9.5, loc="right", weight="bold")
        step = next((step for step in style.STEPS if reach / step <= 4), 0)
        axis.xaxis.set_major_locator(MultipleLocator(step) if step and units[finding] == "minutes" else MaxNLocator(2))
        write = words.compact if units[finding] == "number" else getattr(words, units[finding])
        axis.xaxis.set_major_formatter(lambda value, _, write=write: write(value))
        axis.tick_params(axis="x", labelsize=8.5)
        axis.grid(axis="y", visible=False)
    return figure
