"""How does the share of what has happened grow with time? Curves, each with its name, of times that are known between
two ends (Turnbull's) or exactly.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from outages.figures import style
from outages.figures.style import FOCUS, INK, PALETTE, SOFT, Figure, Look, plain, short, start, theme
from outages.language import Words
from outages.stats.intervals import Interval
from outages.stats.turnbull import Banded, Curve

COLOURS = (PALETTE[0], PALETTE[1], PALETTE[2], PALETTE[3], PALETTE[4], PALETTE[5], PALETTE[7])
EXACT_COLOURS = (PALETTE[0], PALETTE[3], PALETTE[2], PALETTE[4], PALETTE[1], PALETTE[5])
DASHES = ((), (6, 2), (2, 1.5), (8, 2, 2, 2), (4, 1.5), (1, 1), (10, 3))
POINTS = 500  # of a drawn curve
MOST_EXACT = len(EXACT_COLOURS)  # curves of one figure
APART = 1.8  # times the limit before: nearer ones would be written over each other
AXES, EDGE = 245, 30  # points: how wide the axes are about, and how far a name may reach beyond them
TICKS = (1, 5, 15, 30, 60, 120, 240, 480, 1440, 2880)  # minutes


def counted(found: Mapping[str, Banded], words: Words) -> dict[str, Banded]:
    """Return curves named with for how many each value is known; one without a name is that of all."""
    forms = {True: words._("{group}, n = {n}"), False: words._("all, n = {n}")}
    return {words.t(forms[name != ""], group=name, n=curve.curve.n): curve for name, curve in found.items()}


@theme()
def curves(
    found: Mapping[str, Banded],
    words: Words,
    *,
    ylabel: str,
    band: bool,
    focus: Mapping[str, Interval],
    xlabel: str = "",
    note: str = "",
) -> Figure:
    """Draw how the share grows with time, each curve with its name on it.

    Parameters
    ----------
    found : curves by name, one or more; a filled step says that the share lies in it
    band : whether to draw the band of resampled incidents
    focus : name and value of what is marked by a line from top to bottom
    xlabel : what the values are, empty for minutes after onset
    note : a sentence below, as on what is left out
    """
    figure, axis = start(5.4)
    ends = np.concatenate([[c.curve.left, c.curve.right] for c in found.values()], axis=None)
    reach = float(ends[np.isfinite(ends)].max(initial=60)) * 1.3
    style.after_onset(axis, words, reach, words.minutes(0))
    axis.set_xlim(-0.5, reach)
    heights = [0.5] if len(found) == 1 else np.linspace(0.84, 0.2, len(found))  # of the names, so that they stay apart
    for place, (label, curve) in enumerate(found.items()):
        colour, dashes = COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)] if len(found) > 1 else ()
        one_curve(axis, curve, reach, colour, dashes, band)
        name_curve(axis, label, curve.curve, reach, colour, heights[place])
    for name, value in focus.items():
        low, high = np.clip([value.low, value.high], 0, reach)
        axis.axvspan(low, max(high, low + 0.4), color=FOCUS, alpha=0.3, lw=1, zorder=1)
        axis.set_title(plain(name, 44), color=FOCUS, fontsize=8.5, loc="left")  # a title takes no width from the axes
    share_axis(axis, words, xlabel or words._("time after onset (linear to 10 min, then logarithmic)"), ylabel)
    if note:
        figure.supxlabel(plain(short(note, 300), 62), x=0.02, ha="left", fontsize=8, color=SOFT, style="italic")
    return figure


def share_axis(axis: Axes, words: Words, xlabel: str, ylabel: str) -> None:
    """Make the vertical axis one of shares, and name both."""
    axis.set_ylim(0, 1)
    axis.yaxis.set_major_formatter(lambda share, _: words.percent(share))
    axis.tick_params(labelsize=9)
    axis.set_xlabel(plain(xlabel, style.LINE))
    axis.set_ylabel(ylabel)


def one_curve(axis: Axes, found: Banded, reach: float, colour: str, dashes: Sequence[float], band: bool) -> None:
    """Draw one curve: a line at the low ends, filled steps up to the high ends, and its band."""
    jumps = np.concatenate([found.curve.left, found.curve.right])
    moments = np.unique([0.0, *jumps[np.isfinite(jumps) & (jumps > 0)], reach])
    if len(moments) > POINTS:  # finer than any screen
        at = np.searchsorted(moments, np.geomspace(max(moments[1], 0.1), reach, POINTS))
        moments = np.unique([0.0, *moments[at]])
    low, high = found.curve.share_by(moments)
    if band and len(found.masses):
        axis.fill_between(moments, *found.band(moments), step="post", color=colour, alpha=0.16, lw=0, zorder=1)
    axis.fill_between(moments, low, high, where=high > low, step="post", color=colour, alpha=0.5, lw=0, zorder=2)
    axis.step(moments, low, where="post", color=colour, lw=1.6, dashes=dashes, zorder=3)


def name_curve(axis: Axes, label: str, curve: Curve, reach: float, colour: str, height: float) -> None:
    """Write the name of a curve where it passes a height; near the right edge to the left of it."""
    at, told = min(curve.quantile(height).high, reach / 1.3), plain(label, 30)
    place = axis.transAxes.inverted().transform(axis.transData.transform((at, height)))[0]
    over = place * AXES + max(map(style.wide, told.split("\n"))) * 8.5 / style.NAME > AXES + EDGE
    late = over or at > reach / 12
    side: Look = {"xytext": (-7 if late else 7, -2), "ha": "right" if late else "left", "textcoords": "offset points"}
    paper: Look = {"facecolor": "white", "edgecolor": colour, "alpha": 0.7, "pad": 2, "lw": 0.8}
    axis.annotate(told, (at, height), **side, fontsize=8.5, color=INK, va="top", bbox=paper, zorder=6)


@theme()
def exact_curves(
    drawn: Mapping[str, pd.DataFrame], words: Words, *, limits: Sequence[float], xlabel: str, ylabel: str
) -> Figure:
    """Draw one curve of exactly known times a name, the quickest first, with time limits as lines.

    Parameters
    ----------
    drawn : for each name `minutes`, `share`, and a band (`low`, `high`), as `outages.facts.cohorts.shares`
    limits : minutes at which a line stands from top to bottom
    """
    figure, axis = start(6.6)
    for (name, curve), colour, dashes in zip(drawn.items(), EXACT_COLOURS, DASHES, strict=False):
        axis.fill_between(curve["minutes"], curve["low"], curve["high"], step="post", color=colour, alpha=0.14, lw=0)
        look: Look = {"color": colour, "lw": 2, "dashes": dashes, "label": name, "zorder": 3}
        axis.step(curve["minutes"], curve["share"], where="post", **look)
    reach, written = max(curve["minutes"].max() for curve in drawn.values()), 0.0
    for limit in (limit for limit in limits if limit <= reach):
        axis.axvline(limit, color=INK, lw=1, ls=(0, (1, 2)), zorder=2)
        if limit > APART * written:
            axis.text(limit, 1.01, words.minutes(limit), fontsize=8, color=INK, va="bottom", rotation=40)
            written = limit
    axis.set_xscale("log")
    axis.set_xlim(1, reach)
    ticks = [tick for tick in TICKS if tick <= reach]
    axis.set_xticks(ticks, [words.minutes(tick) for tick in ticks], rotation=40, ha="right")
    axis.set_xticks([], minor=True)
    share_axis(axis, words, xlabel, ylabel)
    figure.legend(loc="outside lower center")
    return figure
