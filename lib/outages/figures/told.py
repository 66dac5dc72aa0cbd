"""By when had users been told? Exact shares that grow with time, with time limits as lines."""

from collections.abc import Mapping, Sequence

import pandas as pd

from outages.figures import style
from outages.figures.style import INK, PALETTE, Figure, Look, start, theme
from outages.language import Words

COLOURS = (PALETTE[0], PALETTE[3], PALETTE[2], PALETTE[4], PALETTE[1], PALETTE[5])
DASHES = ((), (6, 2), (2, 1.5), (8, 2, 2, 2), (4, 1.5), (1, 1))
MOST = len(COLOURS)
APART = 1.8  # times the limit before: nearer ones would be written over each other
TICKS = (1, 5, 15, 30, 60, 120, 240, 480, 1440, 2880)  # minutes


@theme()
def told(
    drawn: Mapping[str, pd.DataFrame], words: Words, *, limits: Sequence[float], xlabel: str, ylabel: str
) -> Figure:
    """Draw one curve a name, the quickest first.

    Parameters
    ----------
    drawn : for each name `minutes`, `share`, and a band (`low`, `high`), as `outages.facts.cohorts.shares`
    limits : minutes at which a line stands from top to bottom
    """
    if not drawn:
        return style.nothing(words)
    figure, axis = start(8.2)
    for (name, curve), colour, dashes in zip(drawn.items(), COLOURS, DASHES, strict=False):
        axis.fill_between(curve["minutes"], curve["low"], curve["high"], step="post", color=colour, alpha=0.14, lw=0)
        (line,) = axis.step(curve["minutes"], curve["share"], where="post", color=colour, lw=2, label=name, zorder=3)
        if dashes:
            line.set_dashes(dashes)
    reach, written = max(curve["minutes"].max() for curve in drawn.values()), 0.0
    for limit in (limit for limit in limits if limit <= reach):
        axis.axvline(limit, color=INK, lw=1, ls=(0, (1, 2)), zorder=2)
        if limit > APART * written:
            look: Look = {"fontsize": 8, "color": INK, "va": "bottom", "rotation": 40}
            axis.text(written := limit, 1.01, words.minutes(limit), **look)
    axis.set_xscale("log")
    axis.set_xlim(1, reach)
    ticks = [tick for tick in TICKS if tick <= reach]
    axis.set_xticks(ticks, [words.minutes(tick) for tick in ticks], rotation=40, ha="right")
    axis.set_xticks([], minor=True)
    axis.set_ylim(0, 1)
    style.percent_ticks(axis.yaxis, words)
    axis.tick_params(labelsize=9)
    axis.set_xlabel(xlabel, fontsize=9)
    axis.set_ylabel(ylabel, fontsize=9)
    figure.legend(loc="outside lower center", fontsize=8, frameon=False)
    return figure
