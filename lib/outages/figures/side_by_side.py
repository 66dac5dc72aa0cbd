"""Who was told when? One outage and its peers, aligned at their onset, with three marks: authorities, public, and how
long it lasted.
"""

import math

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MultipleLocator

from outages.figures.style import SOFT, Figure, Look, embolden, plain, theme
from outages.language import Words

AUTHORITIES, PUBLIC, BAR, SHADE = "#0b4f8a", "#c2500a", "#c9cdd4", "#fdeedd"
STEPS = (15, 30, 60, 120, 180, 240, 360, 720, 1440, 2880)  # minutes between two ticks
CLOSE = 20.0  # minutes: a lag known better than so is drawn as one point


@theme()
def side_by_side(
    rows: pd.DataFrame, words: Words, *, limit: float = math.nan, limit_name: str = "", narrow: bool = False
) -> Figure:
    """Draw outages under one another from their onset.

    Parameters
    ----------
    rows : from top to bottom: `label`, `focus`, `first` (whether the word to the public is surely the first), and
        `low`, `high` in minutes after onset of three things, as `length_low`, `authorities_low`, `public_low` ...;
        unknown ends are NaN
    limit, limit_name : a time limit in minutes to draw as a line, NaN for none, and what it is
    narrow : for a phone: names stand above their rows
    """
    size = (3.9, 0.42 * len(rows) + 1.5) if narrow else (7.6, 0.245 * len(rows) + 1.15)
    figure = Figure(figsize=size, layout="constrained")
    axis = figure.add_subplot()
    reach = farthest(rows)
    axis.set_xlim(0, reach * 1.03)
    rows = rows.assign(latest=~rows["first"] | (rows["public_low"] == 0))  # nobody says how early the public was told
    for at, row in enumerate(rows.to_dict("records")):
        if row["focus"]:
            axis.axhspan(at - 0.5, at + 0.5, color=SHADE, zorder=0, lw=0)
        outage_bar(axis, row["length_low"], row["length_high"], at, reach)
        mark(axis, row["authorities_low"], row["authorities_high"], at - 0.16, reach, AUTHORITIES, "s")
        mark(axis, row["public_low"], row["public_high"], at + 0.16, reach, PUBLIC, "o", latest=row["latest"])
        if all(math.isnan(row[f"{name}_low"]) for name in ("length", "authorities", "public")):
            axis.text(reach / 100, at, words._("not known"), fontsize=7.5, va="center", color=SOFT, style="italic")
        if narrow:
            paper = {"fc": SHADE if row["focus"] else "white", "ec": "none", "pad": 0.5}  # no line strikes it
            look: Look = {"va": "center", "weight": "bold" if row["focus"] else "normal", "bbox": paper}
            axis.text(0, at - 0.36, plain(row["label"], 60), fontsize=7.5, **look)
    if not math.isnan(limit):
        axis.axvline(limit, color=AUTHORITIES, lw=1, ls=(0, (4, 2)), zorder=1.5)
        name = plain(limit_name, 46 if narrow else 90)
        axis.text(limit + reach / 150, -0.62, name, fontsize=7.5, color=AUTHORITIES, va="bottom")
    axis.set_ylim(len(rows) - 0.45, (-1.15 if narrow else -0.6) - (0.35 if limit_name else 0))
    axis.set_yticks(range(len(rows)), [""] * len(rows) if narrow else list(rows["label"]), fontsize=8)
    embolden(axis.get_yticklabels(), list(rows["focus"]))
    step = next((step for step in STEPS if reach / step <= (5 if narrow else 10)), STEPS[-1])
    axis.xaxis.set_major_locator(MultipleLocator(step))
    axis.xaxis.set_major_formatter(lambda value, _: words.minutes(value))
    axis.tick_params(axis="x", labelsize=7.5)
    axis.grid(axis="y", visible=False)
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.set_xlabel(words._("time since the outage began"), fontsize=7.5)
    figure.legend(handles=signs(rows, words), loc="outside upper right", ncols=2 if narrow else 4, fontsize=7.5)
    return figure


def signs(rows: pd.DataFrame, words: Words) -> list[Artist]:
    """Return what the legend explains: the marks that there are, and the bar of the outage."""
    told = ((AUTHORITIES, "s", words._("authorities told")), (PUBLIC, "o", words._("public told")))
    marks: list[Artist] = [
        Line2D([], [], marker=shape, color=colour, lw=2, ms=5, label=name) for colour, shape, name in told
    ]
    if (rows["latest"] & rows["public_high"].notna()).any():
        sign: Look = {"marker": "<", "color": PUBLIC, "lw": 1, "ms": 5}
        marks.append(Line2D([], [], label=words._("public told at the latest"), **sign))
    return [*marks, Patch(color=BAR, label=words._("outage"))]


def farthest(rows: pd.DataFrame) -> float:
    """Return how far the axis reaches: over the marks of known hour, and the outage in focus if not much longer."""
    names = ("authorities", "public")
    marks = pd.concat([rows[f"{name}_high"].where(rows[f"{name}_high"] - rows[f"{name}_low"] <= 120) for name in names])
    told = marks.max() if marks.notna().any() else 60.0
    own = rows.loc[rows["focus"], "length_high"].max()
    return float(max(told * 1.15, min(own * 1.05, told * 3) if math.isfinite(own) else 0.0, 60.0))


def outage_bar(axis: Axes, low: float, high: float, at: float, reach: float) -> None:
    """Draw how long an outage lasted: surely in full colour, perhaps in light; an arrow where it goes on."""
    if math.isnan(low):
        return
    axis.barh(at, min(low, reach), height=0.34, color=BAR, lw=0, zorder=1)
    if high > low and low < reach:
        axis.barh(at, min(high, reach) - low, left=low, height=0.34, color=BAR, alpha=0.45, lw=0, zorder=1)
    if high > reach:
        axis.plot([reach * 1.012], [at], ">", color=SOFT, ms=3.5, zorder=1, clip_on=False)


def mark(
    axis: Axes, low: float, high: float, at: float, reach: float, colour: str, shape: str, *, latest: bool = False
) -> None:
    """Draw when something happened: a point where the hour is known well, else a bar from end to end; where it came no
    later than at the end, an arrow that points back from there.
    """
    if math.isnan(low) or low > reach:
        return
    end = min(high, reach)
    if latest:
        axis.plot([low, end], [at, at], color=colour, lw=1, zorder=3, alpha=0.5, solid_capstyle="butt")
        axis.plot([end], [at], "<" if high <= reach else ">", color=colour, ms=5.5, zorder=4, mec="white", mew=0.6)
        return
    if high - low <= CLOSE:
        axis.plot([(low + end) / 2], [at], shape, color=colour, ms=5.5, zorder=4, mec="white", mew=0.6)
        return
    axis.plot([low, end], [at, at], color=colour, lw=2, zorder=3, solid_capstyle="butt")
    closed = [low] if high > reach else [low, end]
    axis.plot(closed, [at] * len(closed), "|", color=colour, ms=5, mew=1.4, zorder=3)
    if high > reach:
        axis.plot([reach], [at], ">", color=colour, ms=3.5, zorder=3)
    elif high - low <= 120:
        axis.plot([(low + end) / 2], [at], shape, color=colour, ms=4.5, zorder=4, mec="white", mew=0.6)
