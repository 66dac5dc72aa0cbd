"""What happened when? Incidents aligned at their onset, and every claim about one incident on its local clock."""

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from outages.figures import style
from outages.figures.style import INK, LISTED, PALETTE, SOFT, Figure, short, start, theme
from outages.language import Words
from outages.stats.rows import ENDS

MARKS = {  # shape and colour of each moment, told apart by either alone
    "first_detected": ("v", PALETTE[9]),
    "detected": ("o", PALETTE[0]),
    "escalated": ("D", PALETTE[1]),
    "authority_crisis_cell": ("s", PALETTE[4]),
    "authorities_notified": ("P", PALETTE[2]),
    "first_public_statement": ("^", PALETTE[3]),
    "earliest_statement": ("2", PALETTE[3]),
    "workaround_published": ("X", PALETTE[5]),
    "partial_restoration": ("<", PALETTE[7]),
    "restored": (">", INK),
}
Stroke = tuple[str, float, str, float, float]  # colour, width of a bar, shape and size of a point, opacity
CLAIMED: Stroke = (SOFT, 3.0, "o", 4.0, 0.5)
RESULTING: Stroke = (PALETTE[0], 7.0, "D", 7.0, 1.0)
DAY, LONG = 1440.0, 2 * 1440.0  # minutes; an axis longer than this may be logarithmic
EARLY = 10  # it is where something happened in the first tenth
TICKS = (5, 15, 30, 60, 120, 180, 360, 720, *(1440 * days for days in (1, 2, 7, 14, 30, 60, 180, 365, 3650)))  # minutes
AFTER = (0, 60, 240, 1440, 4320, 10080, 43200, 129600, 525600)  # minutes
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEARS = tuple((datetime(year, 1, 1, tzinfo=UTC) - EPOCH).total_seconds() / 60 for year in (500, 9500))  # of a calendar


@theme()
def aligned_timeline(rows: pd.DataFrame, marks: pd.DataFrame, words: Words) -> Figure:
    """Draw what happened when, all incidents aligned at their onset.

    Parameters
    ----------
    rows : one row an incident with `title` and `focus`, indexed by `incident_id`
    marks : `incident_id`, `moment` (a key of `MARKS`), `low`, `high` (minutes after onset)
    """
    figure, axis = start(len(rows) * 0.78, extra=1.9)
    reach = np.nan_to_num(style.finite_top(marks)) or 60.0
    style.after_onset(axis, words, reach * 1.2, words._("onset"))
    axis.set_xlim(-1.5, reach * 1.6)
    order = [moment for moment in MARKS if moment in set(marks["moment"])]
    place = pd.Series(range(len(rows)), index=rows.index)
    middle, spread = 0.14, 0.4  # of the marks in a row, below its title
    step = spread / max(len(order) - 1, 1)
    for number, moment in enumerate(order):
        part, (shape, colour) = marks[marks["moment"] == moment], MARKS[moment]
        at = place[part["incident_id"]].to_numpy() + middle + (number - (len(order) - 1) / 2) * step
        low, high = (part[end].clip(upper=reach * 1.5).to_numpy(dtype=float) for end in ("low", "high"))
        bars = np.column_stack([low, high, np.full(len(part), math.nan)]).ravel()
        bar: style.Look = {"lw": 2, "alpha": 0.55, "solid_capstyle": "butt"}
        axis.plot(bars, np.repeat(at, 3), color=colour, zorder=2, **bar)
        open_ = low != high
        points = np.concatenate([low, high[open_]]), np.concatenate([at, at[open_]])
        axis.plot(*points, shape, ls="", color=colour, ms=6, zorder=3)
    for row in range(len(rows) - 1):
        axis.axhline(row + 0.42, color=SOFT, lw=0.5)  # above the title of the next row
    axis.axvline(0, color=INK, lw=1.2)
    style.rows_axis(axis, range(len(rows)), list(rows["title"]), list(rows["focus"]), pad=-12)  # right of the onset
    axis.set_xlabel(style.plain(words._("time after onset (linear to 10 min, then logarithmic)"), style.LINE))
    names = words.labels("moment")
    handles = [Line2D([], [], marker=MARKS[m][0], color=MARKS[m][1], lw=3, alpha=0.9, label=names[m]) for m in order]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


@theme()
def claim_timeline(
    claims: pd.DataFrame,
    zone: str,
    words: Words,
    *,
    resolved: pd.DataFrame,
    zero: float,
    reach: tuple[float, float],
) -> Figure:
    """Draw the moments of one incident, one row a kind of event: what results large, the claims small behind it.

    Parameters
    ----------
    claims : `label` of the row, `low`, `high` (minutes since 1970-01-01T00:00Z), one row a claim; the first `LISTED`
        are drawn
    zone : IANA time zone of the axis
    resolved : `low`, `high` by label: what results; rows without it show claims alone
    zero : when the outage began; where much happened early in a time longer than `LONG`, the axis counts from there,
        logarithmically
    reach : from when to when is drawn; what goes on beyond is cut with an arrow, and written as it is
    """
    drawn = on_the_calendar(claims.dropna(subset=["low", "high"])[:LISTED])
    values = on_the_calendar(resolved)
    every = pd.concat([drawn[ENDS], values[ENDS]])
    first, last = max(float(every["low"].min()), reach[0]), min(float(every["high"].max()), reach[1])
    ends = first - zero, last - zero

    def hours(low: float, high: float) -> str:
        return clock(low, high, zone, words, max(last, high) - min(first, low) >= DAY)

    same = drawn.groupby(["label", *ENDS], sort=False).size().rename("times").reset_index()
    claimed = dict(iter(same.groupby("label")))
    order = list(dict.fromkeys(drawn["label"]))
    height = 0.35 * len(order) + 0.7
    figure = Figure(figsize=(style.WIDTH, height))
    axis = figure.add_axes((0.03, 0.57 / height, 0.94, 1 - 0.65 / height))
    for at, label in enumerate(order):
        own, head = claimed[label], label
        spans(axis, own[ENDS].to_numpy(float) - zero, ends, at + 0.55, CLAIMED)
        if label in values.index:
            value = values.loc[label, ENDS].to_numpy(float)
            spans(axis, value[np.newaxis] - zero, ends, at + 0.55, RESULTING)
            told = hours(*value)
            head = words.pair(short(label, 61 - len(told)), told)
        most = own.loc[own["times"].idxmax()]
        said = hours(most["low"], most["high"])
        text = words.t("{k} of {n} sources say {value}", k=most["times"], n=own["times"].sum(), value=said)
        name_row(axis, at + 0.12, head, text if most["times"] > 1 else "")
    edges = np.arange(1, len(order)) - 0.12
    axis.hlines(edges, 0, 1, transform=axis.get_yaxis_transform(), color=SOFT, lw=0.3)
    axis.set_ylim(len(order) - 0.1, -0.15)
    axis.set_yticks([])
    axis.tick_params(axis="x", labelsize=style.NAME)
    axis.spines[["top", "right", "left"]].set_visible(False)
    later = values["low"] - zero
    if last - zero > LONG and ((later > 0) & (later < (last - zero) / EARLY)).any():
        long_axis(axis, words, first - zero, last - zero)
    else:
        clock_axis(axis, zone, words, zero, (first, last))
    style.say_how_many(axis, words, len(drawn), len(claims))
    return figure


def name_row(axis: Axes, at: float, head: str, beside: str) -> None:
    """Write the head of a row at the left, and at the right what stands beside it where there is room."""
    paper = {"fc": "white", "ec": "none", "pad": 0.5}  # no line strikes it
    look: style.Look = {"transform": axis.get_yaxis_transform(), "fontsize": style.NAME, "va": "center", "bbox": paper}
    axis.text(0, at, short(head, 64), weight="bold", **look)
    if beside and len(head) + len(beside) < 60:
        axis.text(1, at, beside, color=SOFT, ha="right", **look)


def spans(axis: Axes, ends: np.ndarray, reach: tuple[float, float], at: float, stroke: Stroke) -> None:
    """Draw intervals, one a row, as bars with a mark at each end, an arrow where they go on, or as points."""
    colour, lw, shape, size, alpha = stroke
    low, high = np.clip(ends, *reach).T
    point, early, late = ends[:, 0] == ends[:, 1], ends[:, 0] < reach[0], ends[:, 1] > reach[1]
    bars = np.column_stack([low[~point], high[~point], np.full((~point).sum(), math.nan)]).ravel()
    ticks = np.concatenate([low[~point & ~early], high[~point & ~late]])
    bar: style.Look = {"lw": lw, "alpha": alpha * 0.7, "solid_capstyle": "butt"}
    tip: style.Look = {"ls": "none", "ms": lw + 2, "mew": 1.2, "alpha": alpha}
    dot: style.Look = {"ls": "none", "ms": size, "mew": 0.5, "mec": "white", "alpha": alpha, "marker": shape}
    for places, look in (
        *((low[point], dot), (bars, bar)),
        *((ticks, {**tip, "marker": "|"}), (low[early], {**tip, "marker": "<"}), (high[late], {**tip, "marker": ">"})),
    ):
        if len(places):  # limits are set by the axis, so that nothing need be found out as by `plot`
            axis.add_line(Line2D(places, np.full(len(places), at), color=colour, zorder=lw, **look))


def clock_axis(axis: Axes, zone: str, words: Words, zero: float, ends: tuple[float, float]) -> None:
    """Make the horizontal axis one of the local clock, with the day where it begins."""
    first, last = ends
    edge = max(5.0, (last - first) / 60)
    months = TICKS[-1] * math.ceil((last - first) / TICKS[-1] / 6)
    step = next((step for step in TICKS if (last - first) / step <= 6), months)
    moment = local(first, zone)
    ticks = np.arange(first + (-(moment.hour * 60 + moment.minute)) % min(step, DAY), last + edge, step)
    days = [local(tick, zone).date().isoformat() for tick in ticks]
    labels = []
    for number, (tick, day) in enumerate(zip(ticks, days, strict=True)):
        hour = words.moment(tick, zone, with_day=False) if step < DAY else ""
        begins = number == 0 or day != days[number - 1]
        labels.append("\n".join(filter(None, (hour, words.short_day(day, with_day=True) if begins else ""))))
    axis.set_xticks(ticks - zero, labels, rotation=0 if step < DAY else 20)
    axis.set_xlim(first - zero - edge, last - zero + edge)
    axis.set_xlabel(words._("local time, {zone}").format(zone=zone), fontsize=style.NAME)


def long_axis(axis: Axes, words: Words, first: float, last: float) -> None:
    """Make the horizontal axis one of the time after the beginning, so that the first hours of weeks can be read."""
    axis.set_xscale("symlog", linthresh=60, linscale=0.5)
    ticks = [tick for tick in AFTER if tick <= last]
    axis.set_xticks(ticks, [words.minutes(tick) if tick else words._("onset") for tick in ticks])
    axis.minorticks_off()
    axis.set_xlim(max(first, -60.0) - 10, last * 1.3)
    axis.set_xlabel(words._("time after onset (linear to 1 h, then logarithmic)"), fontsize=style.NAME)


def clock(low: float, high: float, zone: str, words: Words, with_day: bool) -> str:
    """Write an interval of moments in few signs: without its year, a day without hours as a day."""
    year = f" {local(low, zone).year}"
    if high - low >= DAY - 60 and local(low, zone).hour == local(low, zone).minute == 0:
        days = [words.short_day(local(m, zone).date().isoformat(), with_day=True) for m in (low, high)]
        return " – ".join(dict.fromkeys(days)).replace(year, "")
    apart = local(low, zone).date() != local(high, zone).date() and (with_day or high - low >= DAY / 2)
    told = [words.moment(m, zone, with_day=day).replace(year, "") for m, day in ((low, with_day), (high, apart))]
    return told[0] if low == high else (" – " if apart else "–").join(told)


def on_the_calendar(claims: pd.DataFrame) -> pd.DataFrame:
    """Return claims whose open ends reach an hour beyond the others, and all of which a calendar can hold."""
    ends = claims[["low", "high"]].clip(*YEARS).where(np.isfinite(claims[["low", "high"]]))
    first, last = ends.min().min() - 60, ends.max().max() + 60
    return claims.assign(low=ends["low"].fillna(first), high=ends["high"].fillna(last)).dropna(subset=["low", "high"])


def local(minutes: float, zone: str) -> datetime:
    """Return the hour that a clock showed, from minutes since 1970-01-01T00:00Z."""
    return (EPOCH + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
