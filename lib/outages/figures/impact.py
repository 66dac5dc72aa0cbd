"""How long, and how many people? Incidents in the plane of both, with lines of equal user-hours."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch

from outages.figures import style
from outages.figures.style import FOCUS, PALETTE, SEVERAL, SOFT, Figure, Look, plain, start, theme
from outages.language import Words

HEAVIEST = 6  # incidents named in the plane of many


@theme()
def harm_plane(table: pd.DataFrame, words: Words) -> Figure:
    """Draw incidents in the plane of length and users with lines of equal user-hours.

    Parameters
    ----------
    table : one row an incident with `title`, `focus`, `low`, `high` (minutes), `users_low`, `users_high`; those with NaN
        are left out; of more than `LISTED` those of most user-hours are drawn
    """
    known = table.dropna(subset=["low", "high", "users_low", "users_high"])
    if known.empty:
        return style.sentence(
            words._("No incident has both a length and a number of people affected, so no figure is drawn.")
        )
    harm = known["low"] * known["users_low"]
    ranked = known.assign(weight=harm.rank(ascending=False, method="first").astype(int))
    drawn = style.most_telling(ranked, harm, ranked["focus"])
    figure, axis = start(8)
    axis.set_xscale("log")
    axis.set_yscale("log")
    x = limits(max(5.0, drawn["low"].min() / 3), style.finite_top(drawn))
    y = limits(
        max(1.0, drawn["users_low"].replace(0, math.nan).min() / 4), style.finite_top(drawn, "users_low", "users_high")
    )
    axis.set_xlim(*x)
    axis.set_ylim(*y)
    equal_user_hours(axis, words, x, y)
    many = len(drawn) > SEVERAL
    box = drawn.assign(
        left=drawn["low"].clip(*x),
        right=drawn["high"].clip(*x),
        bottom=drawn["users_low"].clip(*y),
        top=drawn["users_high"].clip(*y),
    )
    for chosen, colour in ((~box["focus"], PALETTE[0]), (box["focus"], FOCUS)):
        if chosen.any():
            boxes(axis, box[chosen], colour, many)
    named = box[(box["weight"] <= HEAVIEST) | box["focus"]] if many else box
    look = Look(xytext=(3, -5), textcoords="offset points", fontsize=8, va="top", zorder=4)
    for item in named.itertuples():
        text = str(item.weight) if many else plain(item.title, 30)
        axis.annotate(text, (item.left, item.bottom), weight="bold" if many else "normal", **look)
    if many:
        lines = [f"{item.weight}  {plain(item.title, 110)}" for item in named.sort_values("weight").itertuples()]
        figure.text(0.01, -0.01, "\n".join(lines), va="top", fontsize=8)
    style.minute_ticks(axis, words, *x)
    style.number_ticks(axis.yaxis, words)
    axis.tick_params(labelsize=9)
    axis.set_xlabel(words._("length of the outage (logarithmic scale)"), fontsize=9)
    axis.set_ylabel(words._("people affected (logarithmic scale)"), fontsize=9)
    style.say_how_many(axis, words, len(drawn), len(known))
    return figure


def limits(low: float, top: float) -> tuple[float, float]:
    """Return from where to where a logarithmic axis runs that begins at `low` and leaves room above `top`."""
    return low, max(top, low) * 6


def equal_user_hours(axis: Axes, words: Words, x: tuple[float, float], y: tuple[float, float]) -> None:
    """Draw the lines on which length times people is one, ten, a hundred ... user-hours."""
    for exponent in range(12):
        across = 10.0**exponent / (np.array(x) / 60)
        axis.plot(x, across, color=SOFT, linewidth=0.7, linestyle=(0, (4, 3)), zorder=1)
        at = 10.0**exponent / (y[1] / 1.5) * 60
        if x[0] * 1.3 < at < x[1] / 1.5:
            text = words._("{n} user-hours").format(n=words.number(10**exponent))
            axis.text(at, y[1] / 1.5, text, fontsize=7, color=SOFT, rotation=-32, ha="left", va="top")


def boxes(axis: Axes, box: pd.DataFrame, colour: str, many: bool) -> None:
    """Draw what the sources allow as boxes with a strong corner at their low ends, or points where nothing is open."""
    face = Look(facecolor=colour, edgecolor=colour, alpha=0.05 if many else 0.25, zorder=2)
    axis.add_patch(PathPatch(style.rectangles(box), **face))
    gap = box["left"] * math.nan
    corner = ([box["left"], box["left"], box["right"], gap], [box["top"], box["bottom"], box["bottom"], box["bottom"]])
    axis.plot(*[np.column_stack(side).ravel() for side in corner], color=colour, lw=1 if many else 2.2, zorder=3)
    point = box if many else box[(box["left"] == box["right"]) & (box["bottom"] == box["top"])]
    axis.plot(point["left"], point["bottom"], "o", ls="", color=colour, ms=3 if many else 6, zorder=3)
