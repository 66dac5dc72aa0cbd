"""Which codes stand where, and how often? A matrix of codes, bars of counts, shares by year."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, PathPatch
from matplotlib.ticker import MaxNLocator

from outages.figures import style
from outages.figures.style import FOCUS, INK, PALETTE, SOFT, Figure, Look, ink_on, plain, short, start, theme
from outages.language import Words

SIGNS = {"cause": "C", "trigger": "T", "propagation": "P", "delayed_recovery": "R", "victim": "V"}
FILLS = {
    "cause": PALETTE[3],
    "trigger": PALETTE[1],
    "propagation": PALETTE[4],
    "delayed_recovery": PALETTE[8],
    "victim": PALETTE[9],
}
GAP = 0.06  # between cells


class Fill(NamedTuple):
    """How a code is shown in a matrix or a bar: colour, letter, meaning."""

    colour: str
    sign: str
    label: str


@theme()
def stacked(
    counts: pd.DataFrame,
    fills: Mapping[str, Fill],
    words: Words,
    *,
    xlabel: str,
    marked: Sequence[str] = (),
    letters: bool = False,
) -> Figure:
    """Draw counts as bars whose parts carry their number.

    Parameters
    ----------
    counts : rows by name, one column a key of `fills`; of more than `LISTED` rows the greatest are drawn
    marked : rows in bold
    letters : whether parts carry the letter of their code instead of their number
    """
    if counts.empty:
        return style.nothing(words)
    total, size = counts.sum(axis=1), 8.0 if letters else 8.5
    rows = style.most_telling(counts, total, counts.index.isin(marked))
    figure, axis = start(len(rows) * 0.62, extra=1.4 if letters else 1.5)
    left, least = np.zeros(len(rows)), 0 if letters else max(float(total.max()), 1.0) * 0.025
    for key, fill in fills.items():
        width, bar = rows[key].to_numpy(dtype=float), Look(color=fill.colour, edgecolor="white", height=0.72)
        axis.barh(range(len(rows)), width, left=left, label=fill.label, **bar)
        look = Look(color=ink_on(fill.colour), fontsize=size - 1, weight="bold", ha="center", va="center")
        for row in np.flatnonzero(width > least).tolist():
            text = fill.sign if letters else words.number(width[row])
            axis.text(left[row] + width[row] / 2, row, text, **look)
        left = left + width
    labels = [plain(str(name), 44 if letters else 52) for name in rows.index]
    axis.set_yticks(range(len(rows)), labels, fontsize=size)
    style.embolden(axis.get_yticklabels(), [name in marked for name in rows.index])
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.grid(axis="y", visible=False)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_xlabel(xlabel, fontsize=9)
    style.say_how_many(axis, words, len(rows), len(counts))
    figure.legend(loc="outside lower center", ncols=3 if letters else min(4, len(fills)), fontsize=8, frameon=False)
    return figure


def party_bars(parties: pd.DataFrame, words: Words, most: int = 16) -> Figure:
    """Draw in how many incidents each organisation had which part, those of most incidents first.

    Parameters
    ----------
    parties : `incident_id`, `party`, `involvement`
    most : how many organisations are drawn
    """
    counts = parties.groupby(["party", "involvement"])["incident_id"].nunique().unstack(fill_value=0)
    total = parties.groupby("party")["incident_id"].nunique().sort_values(ascending=False, kind="stable")
    counts = counts.loc[total.index[:most]].rename(index=words.party)
    fills = {i: Fill(FILLS[i], sign, words.label("involvement", i)) for i, sign in SIGNS.items() if i in counts}
    xlabel = words._("incidents in which a source names the organisation, by part")
    return stacked(counts, fills, words, xlabel=xlabel, letters=True)


@theme()
def matrix(
    codes: pd.DataFrame, fills: Mapping[str, Fill], words: Words, *, bold: Sequence[str] = (), wide: int = 24
) -> Figure:
    """Draw a matrix of codes, each a colour and, while there is room, a letter.

    Parameters
    ----------
    codes : names of rows and columns, keys of `fills` in the cells, empty for nothing; of more than `LISTED` rows or
        columns the fullest are drawn
    bold : rows or columns that are in focus
    wide : up to so many rows cells are large enough for letters
    """
    if codes.empty:
        return style.nothing(words)
    rows = style.most_telling(codes, codes.ne("").sum(axis=1), codes.index.isin(bold))
    rows = style.most_telling(rows.T, rows.ne("").sum(), rows.columns.isin(bold)).T
    many = len(rows) > wide
    figure, axis = start(len(rows) * (0.34 if many else 0.8), extra=2.6)
    cells = rows.to_numpy()
    for code, fill in fills.items():
        fill_cells(axis, np.argwhere(cells == code), fill, "" if many else fill.sign)
    axis.set_xlim(0, len(rows.columns))
    axis.set_ylim(len(rows), 0)
    axis.grid(visible=False)
    turned = len(rows.columns) > 5
    down = [short(str(name), 72) if many else plain(str(name), 40) for name in rows.index]
    across = [short(str(name), 46) if turned else plain(str(name), 18) for name in rows.columns]
    axis.set_yticks(np.arange(len(down)) + 0.5, down, rotation=0, fontsize=6.5 if many else 8.5)
    size = 7.5 if len(across) > 20 else 8
    axis.set_xticks(np.arange(len(across)) + 0.5, across, rotation=90 if turned else 0, fontsize=size)
    labels = [*axis.get_yticklabels(), *axis.get_xticklabels()]
    for text, name in zip(labels, [*rows.index, *rows.columns], strict=True):
        if name in bold:
            text.set(fontweight="bold", color=FOCUS)
    style.say_how_many(axis, words, len(rows), len(codes))
    shown = [fill for code, fill in fills.items() if (cells == code).any()]
    handles = [Patch(facecolor=f.colour, label=f.label if many else f"{f.sign} = {f.label}") for f in shown]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    return figure


def fill_cells(axis: Axes, cells: np.ndarray, fill: Fill, sign: str) -> None:
    """Fill cells, given as pairs of row and column, with a colour and a letter."""
    if not len(cells):
        return
    row, column = cells.T
    boxes = {"left": column + GAP, "right": column + 1 - GAP, "bottom": row + GAP, "top": row + 1 - GAP}
    axis.add_patch(PathPatch(style.rectangles(pd.DataFrame(boxes)), facecolor=fill.colour, edgecolor="none"))
    look = Look(color=ink_on(fill.colour), ha="center", va="center", fontsize=8, weight="bold")
    for y, x in cells.tolist() if sign else ():
        axis.text(x + 0.5, y + 0.5, sign, **look)


@theme()
def year_shares(table: pd.DataFrame, published: pd.DataFrame, words: Words, names: tuple[str, str]) -> Figure:
    """Draw the share of each year with its interval beside published shares.

    Parameters
    ----------
    table : indexed by `year`: `share`, `low`, `high`, `n`
    published : `year`, `share`
    names : what the two series are called
    """
    years = sorted({*table.index, *published["year"]})
    if not years:
        return style.nothing(words)
    figure, axis = start(6.4)
    place, below = {year: x for x, year in enumerate(years)}, Look(va="top", fontsize=7.5, color=SOFT)
    for year, item in table.iterrows():
        axis.plot([place[year]] * 2, [item["low"], item["high"]], color=PALETTE[0], lw=2.4, alpha=0.6)
        axis.plot([place[year]], [item["share"]], "o", color=PALETTE[0], ms=6, zorder=3)
        axis.text(place[year], -0.035, f"{int(item['n'])}", ha="center", **below)
    axis.plot([place[y] for y in published["year"]], published["share"], "D", color=PALETTE[1], ms=8, mec=INK, zorder=4)
    axis.plot([], [], "o-", color=PALETTE[0], label=names[0])
    axis.plot([], [], "D", color=PALETTE[1], mec=INK, label=names[1])
    axis.text(-0.02, -0.035, "n", ha="right", transform=axis.get_yaxis_transform(), **below)
    axis.set_ylim(0, 1)
    axis.set_xlim(-0.7, len(years) - 0.3)
    axis.set_xticks(range(len(years)), years, rotation=60 if len(years) > 10 else 0, fontsize=8.5)
    axis.tick_params(axis="x", pad=12)
    axis.grid(axis="x", visible=False)
    style.percent_ticks(axis.yaxis, words)
    figure.legend(loc="outside upper center", ncols=2, fontsize=8.5, frameon=False)
    return figure
