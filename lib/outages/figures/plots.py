"""What do the answers look like? Every function takes frames and returns a matplotlib figure."""

import io
import math
import re
import textwrap
from collections.abc import Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, DateFormatter
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from outages.language import Words

INK, SOFT = "#1d2330", "#6b7280"
PALETTE = sns.color_palette("colorblind").as_hex()
MARKS = {  # shape and colour of each moment, told apart by either alone
    "seen": ("v", PALETTE[9]), "detected": ("o", PALETTE[0]), "escalated": ("D", PALETTE[1]), "state_cell": ("s", PALETTE[4]),
    "authorities_notified": ("P", PALETTE[2]), "first_public_statement": ("^", PALETTE[3]), "known_word": ("2", PALETTE[3]), "workaround_published": ("X", PALETTE[5]),
    "partial_restoration": ("<", PALETTE[7]), "restored": (">", INK),
}  # fmt: skip
SIGNS = {"cause": "C", "trigger": "T", "propagation": "P", "delayed_recovery": "R", "victim": "V"}
FILLS = {
    "cause": PALETTE[3],
    "trigger": PALETTE[1],
    "propagation": PALETTE[4],
    "delayed_recovery": PALETTE[8],
    "victim": PALETTE[9],
}
KIND_COLOURS = {
    "authority": PALETTE[0],
    "operator": PALETTE[1],
    "academic": PALETTE[4],
    "press": PALETTE[2],
    "encyclopedia": PALETTE[7],
}
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 720, 1440, 2880, 5760, 10080, 20160, 43200, 86400, 172800)  # minutes
WIDTH, ROW = 7.6, 0.46  # inches
MANY = 24  # rows: from here on a figure names only some of its incidents
HEAVIEST = 6  # incidents named in the plane of many
LISTED = (
    400  # incidents: a page of more sets out only some one by one, and its figures show distributions instead of rows
)
SEVERAL = 12  # incidents: from here on organisations are counted instead of set out one by one


def start(rows: float, *, extra: float = 1.1, width: float = WIDTH) -> tuple[Figure, Axes]:
    """Open a figure with room for a number of rows."""
    sns.set_theme(
        style="whitegrid", font="DejaVu Sans", rc={"axes.edgecolor": SOFT, "text.color": INK, "axes.labelcolor": INK}
    )
    return plt.subplots(figsize=(width, max(2.2, rows * ROW + extra)), layout="constrained")


def svg(figure: Figure) -> bytes:
    """Return a figure as SVG whose bytes depend on nothing but what is drawn, and close it.

    Text stays text, which keeps pages small and lets a printed page be searched. Where DejaVu Sans is missing, a font no wider stands in.
    """
    buffer = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "outages", "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    drawn = re.sub(rb"<metadata>.*?</metadata>", b"", buffer.getvalue(), flags=re.DOTALL)
    drawn = drawn.replace(b"'DejaVu Sans'", b"DejaVu Sans,Verdana,sans-serif")
    # hundredths of a point are finer than any screen
    return re.sub(rb' (?:d|x|y|transform)="[^"]*"', lambda d: re.sub(rb"(\.\d\d)\d+", rb"\1", d[0]), drawn)


def segments(
    axis: Axes,
    low: Sequence[float],
    high: Sequence[float],
    rows: Sequence[float],
    colour: str,
    *,
    width: float,
    tick: float,
) -> None:
    """Draw many intervals as one path each for bars and ends, which keeps the file small."""
    gap = [math.nan] * len(rows)
    axis.plot(
        np.ravel(np.column_stack([low, high, gap])), np.repeat(rows, 3), color=colour, lw=width, solid_capstyle="butt"
    )
    ends, places = np.concatenate([low, high]), np.concatenate([rows, rows])
    across = np.column_stack([places - tick, places + tick, np.full(len(places), math.nan)])
    axis.plot(np.repeat(ends, 3), np.ravel(across), color=colour, lw=0.9)


def ink_on(colour: str) -> str:
    """Return the colour of text that can be read on another: dark on light, white on dark (relative luminance of WCAG 2)."""
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in mpl.colors.to_rgb(colour)]
    return INK if 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2] > 0.26 else "white"


def plain(text: str, width: int = 34) -> str:
    """Wrap a text from the data and keep matplotlib from reading formulas into it."""
    return "\n".join(textwrap.wrap(text, width)).replace("$", r"\$")


def minute_ticks(axis: Axes, words: Words, low: float, high: float) -> None:
    """Label a horizontal axis of minutes with lengths of time that people use."""
    ticks = [t for t in STEPS if low <= t <= high]
    every = math.ceil(len(ticks) / 9)
    axis.set_xticks(ticks[::every], [words.minutes(t) for t in ticks[::every]])
    axis.xaxis.set_minor_locator(NullLocator())


def interval_mark(axis: Axes, low: float, high: float, row: float, colour: str, thick: float = 9) -> None:
    """Draw one interval as a bar, or as a dot where both ends are the same."""
    if low == high:
        axis.plot([low], [row], "o", color=colour, markersize=8, zorder=3)
    else:
        axis.plot([low, high], [row, row], color=colour, linewidth=thick, solid_capstyle="butt", alpha=0.6, zorder=3)
        axis.plot([low, high], [row, row], "|", color=colour, markersize=thick * 1.4, markeredgewidth=1.6, zorder=4)


def rows_axis(axis: Axes, names: Sequence[str], bold: Sequence[bool]) -> None:
    """Name the rows of an axis from top to bottom."""
    axis.set_yticks(range(len(names)), [plain(n) for n in names])
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.grid(axis="y", visible=False)
    axis.tick_params(axis="both", labelsize=9)
    for text, strong in zip(axis.get_yticklabels(), bold, strict=True):
        text.set_fontweight("bold" if strong else "normal")


def length_bars(table: pd.DataFrame, words: Words) -> Figure:
    """Draw how long each outage lasted; with more than `MANY` rows only the ends and the incident in focus are named.

    Parameters
    ----------
    table : one row an incident with `title`, `low`, `high` (minutes, NaN when unknown), `label`, `focus`, and `partial_low`,
        `partial_high` for a partial restoration on the way (minutes after onset)
    """
    many = len(table) > MANY
    figure, axis = start(len(table) * (0.13 if many else 1))
    known = table.dropna(subset=["low", "high"])
    low = max(1.0, min([known["low"].min(), known["partial_low"].min()], default=10) / 2) if len(known) else 1.0
    high = known["high"].replace(math.inf, math.nan).fillna(known["low"]).max() * 2 if len(known) else 1440.0
    high *= (high / low) ** 0.3  # room for the labels
    axis.set_xscale("log")
    axis.set_xlim(low, high)
    finite = np.flatnonzero(np.isfinite(table["high"]))
    named = {*finite[[0, -1]], *np.flatnonzero(table["focus"])} if many and len(finite) else set(range(len(table)))
    for row, item in enumerate(table.itertuples()):
        colour = PALETTE[3] if item.focus else PALETTE[0]
        if math.isnan(item.low):
            axis.text(low * 1.1, row, item.label, va="center", color=SOFT, style="italic", fontsize=9)
            continue
        right = min(item.high, high)
        if not many:
            interval_mark(axis, max(item.low, low), right, row, colour)
            if not math.isnan(item.partial_low):
                interval_mark(axis, max(item.partial_low, low), item.partial_high, row + 0.27, PALETTE[7], thick=4)
        if row in named:
            text = plain(words.pair(item.title, item.label), 48) if many else item.label
            at = (min(item.high, high / 3), row)
            paper = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1} if many else None
            axis.annotate(
                text,
                at,
                xytext=(8, 0),
                textcoords="offset points",
                va="center",
                fontsize=7.5 if many else 9,
                bbox=paper,
            )
    if many:
        place = np.arange(len(table), dtype=float)
        for chosen, colour in ((~table["focus"], PALETTE[0]), (table["focus"], PALETTE[3])):
            here = (chosen & table["low"].notna()).to_numpy()
            part = table[here]
            segments(
                axis, part["low"].clip(lower=low), part["high"].clip(upper=high), place[here], colour, width=2, tick=0.4
            )
        axis.set_yticks([])
        axis.set_ylim(len(table), -1)
        axis.set_ylabel(words._("incidents, ordered by length"), fontsize=9)
    else:
        rows_axis(axis, list(table["title"]), list(table["focus"]))
    minute_ticks(axis, words, low, high)
    axis.tick_params(axis="x", labelsize=9)
    axis.set_xlabel(words._("length of the outage (logarithmic scale)"), fontsize=9)
    if not many and table["partial_low"].notna().any():
        handles = [Line2D([], [], color=PALETTE[0], lw=7, label=words._("last service back")),
                   Line2D([], [], color=PALETTE[7], lw=4, label=words._("first service back"))]  # fmt: skip
        figure.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=8, frameon=False)
    return figure


def rectangles(boxes: pd.DataFrame) -> Path:
    """Return many rectangles (`left`, `right`, `bottom`, `top`) as one path, which keeps the file small."""
    corners = boxes[["left", "bottom", "right", "bottom", "right", "top", "left", "top", "left", "bottom"]].to_numpy(
        dtype=float
    )
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY] * len(boxes)
    return Path(corners.reshape(-1, 2), codes)


def harm_plane(table: pd.DataFrame, words: Words) -> Figure:
    """Draw incidents in the plane of length and users with lines of equal user-hours.

    Parameters
    ----------
    table : one row an incident with `title`, `focus`, `low`, `high` (minutes) and `users_low`, `users_high`; rows with NaN are left out
    """
    figure, axis = start(8, width=WIDTH)
    axis.set_xscale("log")
    axis.set_yscale("log")
    known = table.dropna(subset=["low", "high", "users_low", "users_high"])
    x = (max(5.0, known["low"].min() / 3), known["high"].replace(math.inf, math.nan).fillna(known["low"]).max() * 6)
    top = known["users_high"].replace(math.inf, math.nan).fillna(known["users_low"]).max() * 6
    y = (max(1.0, known["users_low"].replace(0, math.nan).min() / 4), top)
    axis.set_xlim(*x)
    axis.set_ylim(*y)
    for exponent in range(0, 12):
        hours = np.array([x[0], x[1]]) / 60
        axis.plot([x[0], x[1]], 10.0**exponent / hours, color=SOFT, linewidth=0.7, linestyle=(0, (4, 3)), zorder=1)
        at = 10.0**exponent / (y[1] / 1.5) * 60
        if x[0] * 1.3 < at < x[1] / 1.5:
            text = words._("{n} user-hours").format(n=words.number(10**exponent))
            axis.text(at, y[1] / 1.5, text, fontsize=7, color=SOFT, rotation=-32, ha="left", va="top")
    many = len(known) > SEVERAL
    weight = (known["low"] * known["users_low"]).rank(ascending=False, method="first").astype(int)
    box = pd.DataFrame({
        "left": known["low"].clip(lower=x[0]), "right": known["high"].clip(upper=x[1]), "bottom": known["users_low"].clip(lower=y[0]), "top": known["users_high"].clip(upper=y[1]),
    })  # fmt: skip
    for chosen, colour in ((~known["focus"], PALETTE[0]), (known["focus"], PALETTE[3])):
        part = box[chosen]
        if len(part):
            axis.add_patch(
                PathPatch(rectangles(part), facecolor=colour, edgecolor=colour, alpha=0.05 if many else 0.25, zorder=2)
            )
            corner = (
                [part["left"], part["left"], part["right"], part["left"] * math.nan],
                [part["top"], part["bottom"], part["bottom"], part["bottom"]],
            )
            axis.plot(
                *[np.ravel(np.column_stack(side)) for side in corner], color=colour, lw=1 if many else 2.2, zorder=3
            )
            point = part if many else part[(part["left"] == part["right"]) & (part["bottom"] == part["top"])]
            axis.plot(point["left"], point["bottom"], "o", ls="", color=colour, ms=3 if many else 6, zorder=3)
    for item in known.itertuples():
        text = str(weight[item.Index]) if many else plain(item.title, 30)
        if not many or item.focus or weight[item.Index] <= HEAVIEST:
            at = (box.at[item.Index, "left"], box.at[item.Index, "bottom"])
            axis.annotate(
                text,
                at,
                xytext=(3, -5),
                textcoords="offset points",
                fontsize=8,
                va="top",
                zorder=4,
                weight="bold" if many else "normal",
            )
    if many:
        listed = known.assign(weight=weight).sort_values("weight")
        listed = listed[(listed["weight"] <= HEAVIEST) | listed["focus"]]
        figure.text(
            0.01,
            -0.01,
            "\n".join(f"{r.weight}  {plain(r.title, 110)}" for r in listed.itertuples()),
            va="top",
            fontsize=8,
        )
    minute_ticks(axis, words, *x)
    axis.yaxis.set_major_formatter(FuncFormatter(lambda v, _: words.number(v)))
    axis.tick_params(labelsize=9)
    axis.set_xlabel(words._("length of the outage (logarithmic scale)"), fontsize=9)
    axis.set_ylabel(words._("people affected (logarithmic scale)"), fontsize=9)
    return figure


def aligned_timeline(rows: pd.DataFrame, marks: pd.DataFrame, words: Words) -> Figure:
    """Draw what happened when, all incidents aligned at their onset.

    Parameters
    ----------
    rows : one row an incident with `title` and `focus`, indexed by `incident_id`
    marks : `incident_id`, `moment`, `low`, `high` (minutes after onset)
    """
    many = len(rows) > SEVERAL
    figure, axis = start(len(rows) * (0.62 if many else 1.55), extra=1.9)
    axis.set_xscale("symlog", linthresh=10, linscale=0.35)
    reach = marks["high"].replace(math.inf, math.nan).max() if len(marks) else 60.0
    axis.set_xlim(-1.5, reach * 1.6)
    order = [m for m in MARKS if m in set(marks["moment"])]
    place = {incident: row for row, incident in enumerate(rows.index)}
    step = (0.5 if many else 0.78) / max(len(order), 1)
    for number, moment in enumerate(order):
        part = marks[marks["moment"] == moment]
        shape, colour = MARKS[moment]
        at = part["incident_id"].map(place).to_numpy(dtype=float) + (number - (len(order) - 1) / 2) * step
        low, high = part["low"].to_numpy(dtype=float), part["high"].clip(upper=reach * 1.5).to_numpy(dtype=float)
        bars = np.ravel(np.column_stack([low, high, np.full(len(part), math.nan)]))
        axis.plot(
            bars, np.repeat(at, 3), color=colour, lw=2 if many else 3.2, alpha=0.55, solid_capstyle="butt", zorder=2
        )
        apart = low != high
        axis.plot(
            np.concatenate([low, high[apart]]),
            np.concatenate([at, at[apart]]),
            shape,
            ls="",
            color=colour,
            ms=6,
            zorder=3,
        )
    for incident in sorted(set(rows.index) - set(marks["incident_id"])):
        text = words._("no moment after onset is known")
        axis.text(12, place[incident], text, va="center", color=SOFT, style="italic", fontsize=9)
    for row in range(len(rows) - 1):
        axis.axhline(row + 0.5, color=SOFT, lw=0.5)
    axis.axvline(0, color=INK, lw=1.2)
    rows_axis(axis, list(rows["title"]), list(rows["focus"]))
    axis.set_ylim(len(rows) - 0.45, -0.55)
    if many:
        axis.set_yticks(
            range(len(rows)),
            [textwrap.shorten(t, 58, placeholder="…").replace("$", r"\$") for t in rows["title"]],
            fontsize=7,
        )
    ticks = [
        0,
        *[t for t in (5, 10, 30, 60, 120, 240, 480, 1440, 4320, 10080, 43200, 129600, 525600) if t <= reach * 1.2],
    ]
    axis.set_xticks(ticks, [words._("onset") if t == 0 else words.minutes(t) for t in ticks], rotation=30, ha="right")
    axis.xaxis.set_minor_locator(NullLocator())
    axis.set_xlabel(words._("time after onset (linear to 10 min, then logarithmic)"), fontsize=9)
    names = moment_names(words)
    handles = [Line2D([], [], marker=MARKS[m][0], color=MARKS[m][1], lw=3, alpha=0.9, label=names[m]) for m in order]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    return figure


def moment_names(words: Words) -> dict[str, str]:
    """Return what each moment is called."""
    return {
        "onset": words._("onset"), "seen": words._("first seen by anyone"), "detected": words._("detected by the operator"),
        "escalated": words._("operator's crisis process"), "state_cell": words._("authorities' crisis cell"),
        "authorities_notified": words._("authorities told"), "first_public_statement": words._("first public word"), "known_word": words._("earliest public word on record"),
        "workaround_published": words._("workaround published"), "partial_restoration": words._("first service back"),
        "restored": words._("last service back"), "postmortem_published": words._("post-mortem published"),
    }  # fmt: skip


def party_bars(parties: pd.DataFrame, words: Words, most: int = 16) -> Figure:
    """Draw in how many incidents each organisation had which part, those of most incidents first.

    Parameters
    ----------
    parties : `incident_id`, `party`, `involvement`
    most : how many organisations are drawn
    """
    counts = parties.groupby(["party", "involvement"])["incident_id"].nunique().unstack(fill_value=0)
    counts = counts.reindex(columns=[i for i in SIGNS if i in counts.columns])
    total = parties.groupby("party")["incident_id"].nunique()
    counts = counts.loc[total.sort_values(ascending=False, kind="stable").index[:most]]
    figure, axis = start(len(counts) * 0.62, extra=1.4)
    left = np.zeros(len(counts))
    for involvement in counts.columns:
        width = counts[involvement].to_numpy()
        axis.barh(
            range(len(counts)),
            width,
            left=left,
            color=FILLS[involvement],
            edgecolor="white",
            height=0.72,
            label=words.label("involvement", involvement),
        )
        for row, (at, size) in enumerate(zip(left, width, strict=True)):
            if size:
                axis.text(
                    at + size / 2,
                    row,
                    SIGNS[involvement],
                    ha="center",
                    va="center",
                    color=ink_on(FILLS[involvement]),
                    fontsize=7,
                    weight="bold",
                )
        left = left + width
    axis.set_yticks(range(len(counts)), [plain(words.party(p), 44) for p in counts.index], fontsize=8)
    axis.set_ylim(len(counts) - 0.4, -0.6)
    axis.grid(axis="y", visible=False)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_xlabel(words._("incidents in which a source names the organisation, by part"), fontsize=9)
    figure.legend(loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    return figure


def claim_timeline(claims: pd.DataFrame, zone: str, words: Words) -> Figure:
    """Draw every claim about the moments of one incident on its local clock, claims of one kind in one row.

    Parameters
    ----------
    claims : `label` of the row, `low`, `high` (minutes since 1970-01-01T00:00Z), `standing` (key of `KIND_COLOURS`), ordered
    zone : IANA time zone of the axis
    """
    counts = claims["label"].value_counts(sort=False)
    heights = (0.5 + 0.16 * counts).clip(upper=3.2)
    bottoms = heights.cumsum() - heights
    figure, axis = start(heights.sum() * 0.8, extra=1.5)
    taken = dict.fromkeys(counts.index, 0)
    for item in claims.itertuples():
        place, taken[item.label] = taken[item.label], taken[item.label] + 1
        row = bottoms[item.label] + heights[item.label] * (place + 1) / (counts[item.label] + 1)
        ends = [
            pd.Timestamp(m * 60, unit="s", tz="UTC").tz_convert(zone).tz_localize(None) for m in (item.low, item.high)
        ]
        colour = KIND_COLOURS[item.standing]
        axis.plot(ends, [row, row], color=colour, lw=3.5, alpha=0.6, solid_capstyle="butt")
        axis.plot(ends, [row, row], "|", color=colour, ms=6, mew=2)
    for edge in bottoms.iloc[1:]:
        axis.axhline(edge, color=SOFT, lw=0.4)
    axis.set_yticks(
        bottoms + heights / 2, [plain(f"{label} ({words.number(counts[label])})") for label in counts.index], fontsize=9
    )
    axis.set_ylim(heights.sum(), 0)
    axis.grid(axis="y", visible=False)
    axis.xaxis.set_major_locator(AutoDateLocator(maxticks=9))
    span = max(claims["high"].max() - claims["low"].min(), 30)
    pattern = "%H:%M" if span < 18 * 60 else "%d/%m %H:%M" if span < 20 * 1440 else "%d/%m/%y"
    axis.xaxis.set_major_formatter(DateFormatter(pattern))
    axis.tick_params(axis="x", rotation=30, labelsize=9)
    axis.set_xlabel(words._("local time, {zone}").format(zone=zone), fontsize=9)
    names = {"authority": words._("authority"), **{k: words.label("kind", k) for k in KIND_COLOURS if k != "authority"}}
    handles = [
        Line2D([], [], color=c, lw=5, label=names[k]) for k, c in KIND_COLOURS.items() if k in set(claims["standing"])
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    return figure
