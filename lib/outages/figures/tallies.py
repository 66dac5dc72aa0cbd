"""How often does each code occur? Bars of counts."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from outages.figures import style
from outages.figures.style import PALETTE, Figure, Look, ink_on, start, theme
from outages.language import Words

FILLS = {
    "cause": PALETTE[3],
    "trigger": PALETTE[1],
    "propagation": PALETTE[4],
    "delayed_recovery": PALETTE[8],
    "victim": PALETTE[9],
}
MARK = 28  # points: what stands beside a label of a legend


class Fill(NamedTuple):
    """How a code is shown in a bar: colour, letter, meaning."""

    colour: str
    sign: str
    label: str


@theme()
def stacked(
    rows: pd.DataFrame,
    fills: Mapping[Any, Fill],
    words: Words,
    *,
    xlabel: str,
    marked: Sequence[str] = (),
    letters: bool = False,
) -> Figure:
    """Draw counts as bars whose parts carry their number.

    Parameters
    ----------
    rows : counts by name, one column a key of `fills`
    marked : rows in bold
    letters : whether parts carry the letter of their code instead of their number
    """
    figure, axis = start(len(rows) * 0.68, extra=1.4 if letters else 1.5)
    left, least = np.zeros(len(rows)), 0 if letters else max(float(rows.sum(axis=1).max()), 1.0) * 0.025
    high = min(0.42, 0.09 + 0.085 * len(rows))  # a figure of few rows is no lower, and a bar must not cover its name
    for key, fill in fills.items():
        width, bar = rows[key].to_numpy(dtype=float), Look(color=fill.colour, edgecolor="white", height=high)
        axis.barh(range(len(rows)), width, left=left, label=fill.label, **bar)
        look = Look(color=ink_on(fill.colour), fontsize=8, weight="bold", ha="center", va="center")
        for row in np.flatnonzero(width > least).tolist():
            text = fill.sign if letters else words.number(width[row])
            axis.text(left[row] + width[row] / 2, row, text, **look)
        left = left + width
    style.rows_axis(axis, range(len(rows)), [str(name) for name in rows.index], [name in marked for name in rows.index])
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_xlabel(style.plain(xlabel, style.LINE))
    figure.legend(loc="outside lower center", ncols=abreast([fill.label for fill in fills.values()]))
    return figure


def abreast(labels: Sequence[str]) -> int:
    """Return in how many columns a legend is no wider than the figure, at most three."""
    for number in range(min(3, len(labels)), 1, -1):
        columns = np.array_split(np.array(labels), number)
        if sum(max(map(style.wide, column)) + MARK for column in columns) <= style.WIDTH * 72:
            return number
    return 1


def party_bars(parties: pd.DataFrame, words: Words) -> Figure:
    """Draw in how many incidents each organisation had which part, those of most incidents first.

    Parameters
    ----------
    parties : `incident_id`, `party`, `involvement`, one row an incident and party
    """
    counts = parties.groupby(["party", "involvement"])["incident_id"].nunique().unstack(fill_value=0)
    total = parties.groupby("party")["incident_id"].nunique().sort_values(ascending=False, kind="stable")
    counts = counts.loc[total.index].rename(index=words.party)
    names = {part: words.label("involvement", part) for part in FILLS if part in counts}
    fills = {part: Fill(FILLS[part], name[:1], f"{name} ({name[:1]})") for part, name in names.items()}
    xlabel = words._("incidents in which a source names the organisation, by part")
    return stacked(counts, fills, words, xlabel=xlabel, letters=True)
