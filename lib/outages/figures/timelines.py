"""What happened when? Incidents aligned at their onset, and every claim about one incident on its local clock."""

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from matplotlib.dates import AutoDateLocator, DateFormatter, date2num
from matplotlib.lines import Line2D

from outages.figures import style
from outages.figures.style import INK, LISTED, PALETTE, SEVERAL, SOFT, Figure, plain, short, start, theme
from outages.language import Words, moment_names

MARKS = {  # shape and colour of each moment, told apart by either alone
    "seen": ("v", PALETTE[9]),
    "detected": ("o", PALETTE[0]),
    "escalated": ("D", PALETTE[1]),
    "state_cell": ("s", PALETTE[4]),
    "authorities_notified": ("P", PALETTE[2]),
    "first_public_statement": ("^", PALETTE[3]),
    "known_word": ("2", PALETTE[3]),
    "workaround_published": ("X", PALETTE[5]),
    "partial_restoration": ("<", PALETTE[7]),
    "restored": (">", INK),
}
KIND_COLOURS = {
    "authority": PALETTE[0],
    "operator": PALETTE[1],
    "academic": PALETTE[4],
    "press": PALETTE[2],
    "encyclopedia": PALETTE[7],
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEARS = tuple((datetime(year, 1, 1, tzinfo=UTC) - EPOCH).total_seconds() / 60 for year in (2, 9980))  # of a calendar


@theme()
def aligned_timeline(rows: pd.DataFrame, marks: pd.DataFrame, words: Words) -> Figure:
    """Draw what happened when, all incidents aligned at their onset.

    Parameters
    ----------
    rows : one row an incident with `title` and `focus`, indexed by `incident_id`; of more than `LISTED` those with most
        marks are drawn
    marks : `incident_id`, `moment` (a key of `MARKS`), `low`, `high` (minutes after onset)
    """
    if rows.empty:
        return style.nothing(words)
    known = marks["incident_id"].value_counts().reindex(rows.index, fill_value=0)
    drawn = style.most_telling(rows, known, rows["focus"])
    marks = marks[marks["incident_id"].isin(drawn.index)]
    many = len(drawn) > SEVERAL
    figure, axis = start(len(drawn) * (0.62 if many else 1.55), extra=1.9)
    reach = np.nan_to_num(style.finite_top(marks)) or 60.0
    style.after_onset(axis, words, reach * 1.2, words._("onset"))
    axis.set_xlim(-1.5, reach * 1.6)
    order = [moment for moment in MARKS if moment in set(marks["moment"])]
    place = pd.Series(range(len(drawn)), index=drawn.index)
    step = (0.5 if many else 0.78) / max(len(order), 1)
    for number, moment in enumerate(order):
        part, (shape, colour) = marks[marks["moment"] == moment], MARKS[moment]
        at = place[part["incident_id"]].to_numpy() + (number - (len(order) - 1) / 2) * step
        low, high = (part[end].clip(upper=reach * 1.5).to_numpy(dtype=float) for end in ("low", "high"))
        bars = np.column_stack([low, high, np.full(len(part), math.nan)]).ravel()
        axis.plot(
            bars, np.repeat(at, 3), color=colour, lw=2 if many else 3.2, alpha=0.55, solid_capstyle="butt", zorder=2
        )
        open_ = low != high
        points = np.concatenate([low, high[open_]]), np.concatenate([at, at[open_]])
        axis.plot(*points, shape, ls="", color=colour, ms=6, zorder=3)
    for incident in drawn.index.difference(marks["incident_id"]):
        text = words._("no moment after onset is known")
        axis.text(12, place[incident], text, va="center", color=SOFT, style="italic", fontsize=9)
    for row in range(len(drawn) - 1):
        axis.axhline(row + 0.5, color=SOFT, lw=0.5)
    axis.axvline(0, color=INK, lw=1.2)
    style.rows_axis(axis, list(drawn["title"]), list(drawn["focus"]))
    axis.set_ylim(len(drawn) - 0.45, -0.55)
    if many:
        axis.set_yticks(range(len(drawn)), [short(title, 58) for title in drawn["title"]], fontsize=7)
    axis.set_xlabel(words._("time after onset (linear to 10 min, then logarithmic)"), fontsize=9)
    style.say_how_many(axis, words, len(drawn), len(rows))
    names = moment_names(words)
    handles = [Line2D([], [], marker=MARKS[m][0], color=MARKS[m][1], lw=3, alpha=0.9, label=names[m]) for m in order]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    return figure


@theme()
def claim_timeline(claims: pd.DataFrame, zone: str, words: Words) -> Figure:
    """Draw every claim about the moments of one incident on its local clock, claims of one kind in one row.

    Parameters
    ----------
    claims : `label` of the row, `low`, `high` (minutes since 1970-01-01T00:00Z), `standing` (key of `KIND_COLOURS`),
        ordered; the first `LISTED` are drawn
    zone : IANA time zone of the axis
    """
    drawn = on_the_calendar(claims.dropna(subset=["low", "high"])[:LISTED])
    if drawn.empty:
        return style.nothing(words)
    counts = drawn["label"].value_counts(sort=False)
    heights = (0.5 + 0.16 * counts).clip(upper=3.2)
    bottoms = heights.cumsum() - heights
    figure, axis = start(heights.sum() * 0.8, extra=1.5)
    number = drawn.groupby("label").cumcount() + 1
    rows = drawn["label"].map(bottoms) + drawn["label"].map(heights) * number / (drawn["label"].map(counts) + 1)
    for row, item in zip(rows, drawn.itertuples(), strict=True):
        ends, colour = date2num([local(m, zone) for m in (item.low, item.high)]), KIND_COLOURS[item.standing]
        axis.plot(ends, [row, row], color=colour, lw=3.5, alpha=0.6, solid_capstyle="butt")
        axis.plot(ends, [row, row], "|", color=colour, ms=6, mew=2)
    for edge in bottoms.iloc[1:]:
        axis.axhline(edge, color=SOFT, lw=0.4)
    labels = [plain(f"{label} ({words.number(count)})") for label, count in counts.items()]
    axis.set_yticks(bottoms + heights / 2, labels, fontsize=9)
    axis.set_ylim(heights.sum(), 0)
    axis.grid(axis="y", visible=False)
    axis.xaxis.set_major_locator(AutoDateLocator(maxticks=9))
    span = max(drawn["high"].max() - drawn["low"].min(), 30)
    pattern = "%H:%M" if span < 18 * 60 else "%d/%m %H:%M" if span < 20 * 1440 else "%d/%m/%y"
    axis.xaxis.set_major_formatter(DateFormatter(pattern))
    axis.tick_params(axis="x", rotation=30, labelsize=9)
    axis.set_xlabel(words._("local time, {zone}").format(zone=zone), fontsize=9)
    style.say_how_many(axis, words, len(drawn), len(claims))
    names = {kind: words.label("kind", kind) for kind in KIND_COLOURS} | {"authority": words._("authority")}
    shown = [kind for kind in KIND_COLOURS if kind in set(drawn["standing"])]
    handles = [Line2D([], [], color=KIND_COLOURS[kind], lw=5, label=names[kind]) for kind in shown]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    return figure


def on_the_calendar(claims: pd.DataFrame) -> pd.DataFrame:
    """Return claims whose open ends reach an hour beyond the others, and all of which a calendar can hold."""
    ends = claims[["low", "high"]].clip(*YEARS).where(np.isfinite(claims[["low", "high"]]))
    first, last = ends.min().min() - 60, ends.max().max() + 60
    return claims.assign(low=ends["low"].fillna(first), high=ends["high"].fillna(last)).dropna(subset=["low", "high"])


def local(minutes: float, zone: str) -> datetime:
    """Return the hour that a clock showed, from minutes since 1970-01-01T00:00Z."""
    return (EPOCH + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
