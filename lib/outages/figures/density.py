"""How are very many incidents drawn? As distributions: rows of their own nobody could read."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.patches import PathPatch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from outages.figures.style import FOCUS, PALETTE, Figure, minute_ticks, plain, rectangles, start
from outages.language import Words
from outages.stats.intervals import Interval

SHADES = ("#dbe7f0", "#b4cfe2", "#83afd0", "#4d8ab8", "#0f6399", "#06385a")  # of cells, from few incidents to many


def classes(table: pd.DataFrame, words: Words, *, focus: Mapping[str, Interval]) -> Figure:
    """Draw how many outages lasted how long, by classes.

    Parameters
    ----------
    table : one row a class with `left`, `right` (minutes), `surely`, `perhaps` (incidents in it, the sure ones included)
    focus : name and value of what is marked by a line from top to bottom
    """
    figure, axis = start(7.0)
    ends = np.append(table["left"].clip(lower=1.0), table["left"].iloc[-1] * 10 ** (1 / 3))
    axis.set_xscale("log")
    axis.set_xlim(ends[0], ends[-1])
    for column, colour, label in (
        ("perhaps", SHADES[1], words._("perhaps in the class")),
        ("surely", PALETTE[0], words._("surely in the class")),
    ):
        axis.bar(
            ends[:-1],
            table[column],
            width=np.diff(ends),
            align="edge",
            color=colour,
            edgecolor="white",
            lw=0.6,
            label=label,
            zorder=2,
        )
    for name, value in focus.items():
        axis.axvspan(
            max(value.low, ends[0]),
            max(min(value.high, ends[-1]), value.low * 1.03),
            color=FOCUS,
            alpha=0.5,
            lw=1,
            zorder=3,
        )
        axis.text(
            max(value.low, ends[0]),
            1.02,
            plain(name, 60),
            color=FOCUS,
            fontsize=8.5,
            va="bottom",
            transform=axis.get_xaxis_transform(),
        )
    minute_ticks(axis, words, ends[0], ends[-1])
    axis.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda count, _: words.number(count)))
    axis.grid(axis="x", visible=False)
    axis.tick_params(labelsize=9)
    axis.set_xlabel(words._("length of the outage (logarithmic scale)"), fontsize=9)
    axis.set_ylabel(words._("incidents"), fontsize=9)
    figure.legend(loc="outside lower center", ncols=2, fontsize=8.5, frameon=False)
    return figure


def cells(table: pd.DataFrame, words: Words, focus: pd.DataFrame) -> Figure:
    """Draw how many incidents lie where in the plane of length and users, in cells of a fifth of a power of ten.

    Parameters
    ----------
    table : one row a cell with `length` (minutes) and `users` where it begins, `incidents`
    focus : the incident to mark, if any: `title`, `low`, `users_low`
    """
    figure, axis = start(9)
    axis.set_xscale("log")
    axis.set_yscale("log")
    step = 10 ** (1 / 5)
    level = np.minimum(np.floor(np.log10(table["incidents"])), len(SHADES) - 1).astype(int)
    for shade in sorted(set(level)):
        part = table[level == shade]
        box = pd.DataFrame(
            {
                "left": part["length"],
                "right": part["length"] * step,
                "bottom": part["users"],
                "top": part["users"] * step,
            }
        )
        low, high = 10**shade, 10 ** (shade + 1) - 1
        label = words.interval(Interval(low, high), "number")
        axis.add_patch(
            PathPatch(rectangles(box), facecolor=SHADES[shade], edgecolor="white", lw=0.3, zorder=2, label=label)
        )
    for item in focus.itertuples():
        axis.plot([item.low], [item.users_low], "D", color=FOCUS, ms=8, mec="white", zorder=4)
        axis.annotate(
            plain(item.title, 40),
            (item.low, item.users_low),
            xytext=(8, 4),
            textcoords="offset points",
            fontsize=8.5,
            color=FOCUS,
            weight="bold",
            zorder=5,
        )
    axis.set_xlim(table["length"].min(), table["length"].max() * step)
    axis.set_ylim(table["users"].min(), table["users"].max() * step)
    minute_ticks(axis, words, *axis.get_xlim())
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value)))
    axis.tick_params(labelsize=9)
    axis.set_xlabel(words._("length of the outage (logarithmic scale)"), fontsize=9)
    axis.set_ylabel(words._("people affected (logarithmic scale)"), fontsize=9)
    figure.legend(
        loc="outside lower center", ncols=3, fontsize=8, frameon=False, title=words._("incidents"), title_fontsize=8.5
    )
    return figure
