"""What do all figures share? Colours, sizes, theme, texts that are safe to draw, axes, and the way to SVG."""

import io
import itertools
import math
import re
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import matplotlib as mpl
import matplotlib.figure
import matplotlib.style
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation

from outages.language import Words

INK, SOFT = "#1d2330", "#6b7280"
PALETTE = (  # of colour-blind readers: seaborn's "colorblind"
    *("#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc"),
    *("#ca9161", "#fbafe4", "#949494", "#ece133", "#56b4e9"),
)
FOCUS = PALETTE[3]
SALT = "outages"  # what SVG makes its identifiers of
TICK = {"color": ".15", "labelsize": 11, "major.size": 6, "major.width": 1.25}
THEME = {  # seaborn's "whitegrid" for notebooks, so that no page has to load seaborn
    "axes.axisbelow": True,
    "axes.edgecolor": SOFT,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.linewidth": 1.25,
    "font.family": "DejaVu Sans",
    "font.size": 12,
    "grid.color": ".8",
    "grid.linewidth": 1,
    "legend.columnspacing": 1.2,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "lines.solid_capstyle": "round",
    "patch.edgecolor": "w",
    "patch.force_edgecolor": True,
    "text.color": INK,
    "xtick.bottom": False,
    "ytick.left": False,
    **{f"{side}tick.{name}": value for side in "xy" for name, value in TICK.items()},
    "text.parse_math": False,  # a dollar sign in a title begins no formula
    "svg.fonttype": "none",
    "svg.hashsalt": SALT,
}
LINE = 54  # letters that stand below an axis side by side
WIDTH, ROW = 4.2, 0.42  # inches: on a phone of 390 px letters of 8 points are 10 px high
LIFT = 6.5  # points between a row and its name above it
ROOM, GAP = 290.0, 10.0  # points from side to side for a name and its value, and between them
NAME = 8  # points: size of these
DAY = 10  # letters of the date with which an identifier begins
MANY = 24  # rows: from here on a figure names only some of its incidents
LISTED = 400  # claims of a figure: of more, only the first are drawn
SEVERAL = 12  # incidents: from here on organisations are counted instead of set out one by one
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 720, 1440, 2880, 5760, 10080, 20160, 43200, 86400, 172800)  # minutes
AFTER_ONSET = (0, 10, 30, 60, 120, 240, 480, 1440, 4320, 10080, 43200, 129600, 525600)  # minutes
Look = dict[str, Any]  # how something is drawn, as matplotlib names it
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@contextmanager
def theme() -> Iterator[None]:
    """Set what all figures share, and nothing that the user has set; for `with` or as a decorator."""
    with nullcontext() if mpl.rcParams["svg.hashsalt"] == SALT else mpl.style.context(["default", THEME]):  # once
        yield


class Figure(matplotlib.figure.Figure):
    """A matplotlib figure that keeps its theme, belongs to no backend, and shows itself in a notebook."""

    def draw(self, renderer: Any) -> None:
        """Draw the figure; ticks come into being only now."""
        with theme():
            super().draw(renderer)

    def _repr_svg_(self) -> str:
        return svg(self).decode()


def start(rows: float, *, extra: float = 1.1) -> tuple[Figure, Axes]:
    """Open a figure with room for a number of rows."""
    figure = Figure(figsize=(WIDTH, max(2.2, rows * ROW + extra)), layout="constrained")
    return figure, figure.add_subplot()


def svg(figure: matplotlib.figure.Figure, source: str = "") -> bytes:
    """Return a figure as SVG whose bytes depend on nothing but what is drawn, with its source in small letters below.

    Text stays text, which keeps pages small and lets a printed page be searched. Where DejaVu Sans is missing, a font
    no wider stands in.
    """
    buffer = io.BytesIO()
    with theme(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # the reader's browser may have it
        if source:  # below all that is laid out, so that it lies on nothing
            if engine := figure.get_layout_engine():
                engine.execute(figure)
                figure.set_layout_engine("none")
            for legend in figure.legends:  # stay where they are, when the line makes the figure longer
                legend.set_bbox_to_anchor((0, 0, 1, 1), figure.transFigure)
            wide = round(figure.get_figwidth() * 18)
            figure.text(0.005, -0.05 / figure.get_figheight(), plain(source, wide), va="top", color=SOFT, fontsize=7.4)
        figure.savefig(
            buffer, format="svg", bbox_inches="tight", pad_inches=0.06, metadata={"Date": None, "Creator": None}
        )
    drawn = clean(buffer.getvalue().decode()).encode()
    drawn = re.sub(rb"<metadata>.*?</metadata>", b"", drawn, flags=re.DOTALL)
    drawn = drawn.replace(b"'DejaVu Sans'", b"DejaVu Sans,Verdana,sans-serif")
    # hundredths of a point are finer than any screen
    return re.sub(rb' (?:d|x|y|transform)="[^"]*"', lambda d: re.sub(rb"(\.\d\d)\d+", rb"\1", d[0]), drawn)


def clean(text: str) -> str:
    """Leave out the characters that no SVG may hold."""
    return NOT_IN_XML.sub("", text)


def plain(text: str, width: int = 34) -> str:
    """Wrap a text from the data; “n = 5” stays together."""
    return "\n".join(textwrap.wrap(clean(text).replace("n = ", "n\u00a0=\u00a0"), width))


def short(text: str, width: int) -> str:
    """Cut a text from the data to one line."""
    return textwrap.shorten(clean(text), width, placeholder="…")


def wide(text: str, bold: bool = False) -> float:
    """Return how many points a text takes as the name of a row."""
    font = get_font(findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")))
    font.set_size(NAME, 7200)  # so fine that no hinting rounds the letters
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")
        font.set_text(clean(text))
    return font.get_width_height()[0] / 6400


def fitted(text: str, room: float, bold: bool = False) -> str:
    """Cut a text from the data to the words that stand in so many points, with its date at the end if there is room."""
    whole = short(text, 150)  # more of the narrowest do not fit into any row
    head, comma, date = whole.rpartition(", ")
    word = range(len(head.partition(" ")[0]) - 1, DAY, -1) if comma else ()  # of an identifier, which has no words
    heads = [*shorter(head), *(head[:n] + "…" for n in word)]
    cuts = (whole, *(cut + comma + date for cut in heads), *shorter(whole))
    letters = (whole[:n] + "…" for n in range(len(whole) - 1, 0, -1))
    return next((cut for cut in itertools.chain(cuts, letters) if wide(cut, bold) <= room), "…")


def shorter(text: str) -> list[str]:
    """Return what is left of a text without its last word, its last two, and so on."""
    return [text.rsplit(" ", n)[0].rstrip(" \xa0,;:") + "…" for n in range(1, text.count(" ") + 1)]


def ink_on(colour: str) -> str:
    """Return the colour of text that can be read on another, by the relative luminance of WCAG 2."""
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in mpl.colors.to_rgb(colour)]
    return INK if 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2] > 0.26 else "white"


@theme()
def say_how_many(axis: Axes, words: Words, drawn: int, of: int) -> None:
    """Say above a figure that it draws only some of its rows."""
    if drawn < of:
        said = words.t("drawn are {k} of {n}", k=drawn, n=of)
        axis.set_title(said, loc="left", fontsize=8.5, color=SOFT, style="italic")


def finite_top(values: pd.DataFrame) -> float:
    """Return the greatest end of intervals that is not open, NaN without rows."""
    return float(values["high"].replace(math.inf, math.nan).fillna(values["low"]).max())


def minute_ticks(axis: Axes, words: Words, low: float, high: float) -> None:
    """Label a logarithmic axis of minutes with lengths of time that people use, at least one."""
    ticks: list[float] = [t for t in STEPS if low <= t <= high]
    ticks = ticks or [float(round(math.sqrt(low) * math.sqrt(high)))]
    every = math.ceil(len(ticks) / 7)
    axis.set_xticks(ticks[::every], [words.minutes(t) for t in ticks[::every]])
    axis.minorticks_off()


def after_onset(axis: Axes, words: Words, last: float, zero: str) -> None:
    """Make the horizontal axis one of minutes after onset, with ticks up to `last`; `zero` names the first."""
    axis.set_xscale("symlog", linthresh=10, linscale=0.35)
    ticks = [t for t in AFTER_ONSET if t <= last]
    axis.set_xticks(ticks, [words.minutes(t) if t else zero for t in ticks], rotation=40, ha="right")
    axis.minorticks_off()


def rows_axis(
    axis: Axes,
    places: Sequence[float],
    names: Sequence[str],
    bold: Sequence[bool] = (),
    values: Sequence[str] = (),
    pad: float = -3,
) -> None:
    """Name the rows of an axis from top to bottom, each above its row with its value at the right, so that a narrow
    figure keeps its width.
    """
    values = values or [""] * len(names)
    bold = bold or [False] * len(names)
    room = ROOM + 3 * pad
    rooms = [room - GAP - wide(value) if value else room for value in values]
    axis.set_yticks(places, [fitted(*row) for row in zip(names, rooms, bold, strict=True)])
    axis.set_ylim(max(places) + 0.5, min(places) - 0.8)
    axis.grid(axis="y", visible=False)
    axis.tick_params(axis="both", labelsize=8.5)
    axis.tick_params(axis="y", length=0, pad=pad, labelsize=NAME)
    up = ScaledTranslation(0, LIFT / 72, axis.figure.dpi_scale_trans)
    for label in axis.get_yticklabels():  # the layout need not make room for what stands within
        label.set(ha="left", va="bottom", transform=label.get_transform() + up, in_layout=False)
        label.set_bbox({"fc": "white", "ec": "none", "pad": 0.5})  # grid lines do not strike it
    embolden(axis.get_yticklabels(), bold)
    look: Look = {"transform": axis.get_yaxis_transform() + up, "ha": "right", "va": "bottom", "fontsize": NAME}
    for at, value in zip(places, values, strict=True):
        axis.text(0.995, at, value, **look)


def embolden(labels: Sequence[Text], bold: Sequence[bool]) -> None:
    """Set the labels of what is in focus in bold."""
    for text, strong in zip(labels, bold, strict=True):
        text.set_fontweight("bold" if strong else "normal")
