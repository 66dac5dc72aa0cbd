"""How does the share of what has happened grow with time? Turnbull's curves, each with its name on it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from outages.figures import style
from outages.figures.style import FOCUS, INK, PALETTE, Figure, Look, plain, start, theme
from outages.language import Words
from outages.stats.intervals import Interval
from outages.stats.turnbull import Banded, Curve

COLOURS = (PALETTE[0], PALETTE[1], PALETTE[2], PALETTE[3], PALETTE[4], PALETTE[5], PALETTE[7])
DASHES = ((), (6, 2), (2, 1.5), (8, 2, 2, 2), (4, 1.5), (1, 1), (10, 3))
POINTS = 500  # of a drawn curve
MOST = 2 * len(COLOURS)  # curves of one figure


class Named(NamedTuple):
    """A curve with its name."""

    label: str
    found: Banded


@theme()
def curves(
    drawn: Sequence[Named], words: Words, *, xlabel: str, ylabel: str, band: bool, focus: Mapping[str, Interval]
) -> Figure:
    """Draw how the share grows with time, each curve with its name on it.

    Parameters
    ----------
    drawn : curves in minutes, of which the first `MOST` are drawn; a filled step says that the share lies in it
    band : whether to draw the band of resampled incidents
    focus : name and value of what is marked by a line from top to bottom
    """
    if not drawn:
        return style.nothing(words)
    drawn = drawn[:MOST]
    figure, axis = start(7.4)
    ends = np.concatenate([[c.found.curve.left, c.found.curve.right] for c in drawn], axis=None)
    reach = float(ends[np.isfinite(ends)].max(initial=60)) * 1.3
    style.after_onset(axis, words, reach, words.minutes(0))
    heights = [0.5] if len(drawn) == 1 else np.linspace(0.84, 0.2, len(drawn))  # of the names, so that they stay apart
    for place, (label, found) in enumerate(drawn):
        colour, dashes = COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)] if len(drawn) > 1 else ()
        one_curve(axis, found, reach, colour, dashes, band)
        name_curve(axis, label, found.curve, reach, colour, heights[place])
    for name, value in focus.items():
        low, high = np.clip([value.low, value.high], 0, reach)
        axis.axvspan(low, max(high, low + 0.4), color=FOCUS, alpha=0.3, lw=1, zorder=1)
        axis.text(min(low, reach / 4), 1.02, plain(name, 60), color=FOCUS, fontsize=8.5, va="bottom")
    axis.set_ylim(0, 1.0)
    axis.set_xlim(-0.5, reach)
    style.percent_ticks(axis.yaxis, words)
    axis.tick_params(labelsize=9)
    axis.set_xlabel(xlabel, fontsize=9)
    axis.set_ylabel(ylabel, fontsize=9)
    return figure


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
    (line,) = axis.step(moments, low, where="post", color=colour, lw=1.6, zorder=3)
    if dashes:
        line.set_dashes(dashes)


def name_curve(axis: Axes, label: str, curve: Curve, reach: float, colour: str, height: float) -> None:
    """Write the name of a curve where it passes a height; near the right edge to the left of it."""
    at = min(curve.quantile(height).high, reach / 1.3)
    late = at > reach / 12
    side: Look = {"xytext": (-7 if late else 7, -2), "ha": "right" if late else "left", "textcoords": "offset points"}
    paper: Look = {"facecolor": "white", "edgecolor": colour, "alpha": 0.88, "pad": 2, "lw": 0.8}
    axis.annotate(plain(label, 40), (at, height), **side, fontsize=8.5, color=INK, va="top", bbox=paper, zorder=6)
