"""What do the answers look like? `outages.plot`: a tidy frame goes in, a matplotlib figure comes out.

Each function takes frames as the methods of `outages.Study` return them, draws with defaults, and returns a figure that
shows itself in a notebook; `focus` is the incident to mark (empty for none), `lang` the language of labels, `en` or
`fr`. A row is of the incident in its column `incident_id` (`entry_id` in lists), else in the index. Values are in the
unit of the column `unit`, else of the frame's `attrs["unit"]`; without both, as after a merge, they are minutes. What
cannot be drawn truly is refused in one line (`outages.errors.InputError`).
"""

from typing import Any

import numpy as np
import pandas as pd

from outages.errors import InputError
from outages.figures import backend as backend  # first, as it takes care of how matplotlib is loaded
from outages.figures import ecdf, frames, intervals, style
from outages.figures.names import value_name
from outages.figures.style import Figure
from outages.language import Words
from outages.stats.inference import FEW
from outages.stats.intervals import Interval
from outages.stats.rows import ENDS, alone, differing, unit_of
from outages.stats.turnbull import resampled

__all__ = ["bars", "curves", "ranges"]
UNITS = {"minutes": "minutes", "share": "percent", "number": "count"}  # of an axis, and how its values are written


def __dir__() -> list[str]:
    return __all__


def bars(lengths: pd.DataFrame, *, focus: str = "", lang: str = "en") -> Figure:
    """Draw one bar a row, the longest or greatest first: how long each outage lasted, how many people it hit.

    Parameters
    ----------
    lengths : as `Study.lengths`, or other rows of one unit as `Study.lags`; unknown rows are left out of a long figure.
        Several rows of one incident are told apart by their lag, quantity or time limit

    Examples
    --------
    >>> import outages as ou
    >>> figure = ou.plot.bars(ou.study(countries="NO").lengths())
    >>> figure.axes[0].get_xlabel()
    'length of the outage (logarithmic scale)'
    """
    words, unit = Words(lang), unit_of("plot.bars", lengths)
    how = unit if unit in UNITS else "number"
    rows = frames.measured("bars", lengths, focus, signed=how == "share")
    rows = rows.sort_values("high", ascending=False, kind="stable")
    rows = rows.dropna(subset=["low", "high"]) if len(rows) > style.MANY else rows
    drawn = frames.told_apart("bars", rows, words)
    written = [_written(words, row, UNITS[how]) for row in drawn.itertuples()]
    if how == "minutes":
        drawn = drawn.assign(label=written, partial_low=float("nan"), partial_high=float("nan"))
        return intervals.length_bars(drawn, words, frames.time_label(rows, words))
    drawn = drawn.assign(label=drawn["title"], text=written, mark=drawn["focus"])
    return intervals.ranges(drawn, words, how=how, xlabel=frames.measure_label(rows, unit, words))


def ranges(values: pd.DataFrame, *, unit: str = "", focus: str = "", lang: str = "en") -> Figure:
    """Draw one row an interval with, thin, the interval by chance.

    Parameters
    ----------
    values : as `outages.median`; of several columns that it is grouped by the first become heads
    unit : `minutes`, `share` or `number`; that of the frame when empty

    Examples
    --------
    >>> import outages as ou
    >>> medians = ou.median(ou.study(sectors="telecom").lengths(), by="third_party")
    >>> [label.get_text() for label in ou.plot.ranges(medians).axes[0].get_yticklabels()]
    ['third_party: no', 'third_party: yes']
    """
    if unit not in ("", *UNITS):
        raise InputError(f"plot.ranges: unit {unit!r} is not one of {', '.join(UNITS)}")
    unit = unit or unit_of("plot.ranges", values)
    how = unit if unit in UNITS else "number"
    words, index = Words(lang), values.index
    keys = [key if isinstance(key, tuple) else (key,) for key in index]
    labels = [
        [value_name(words, str(name), value) for name, value in zip(index.names, key, strict=True)] for key in keys
    ]
    rows = frames.measured("ranges", values, focus, signed=how == "share")
    rows = frames.told_apart("ranges", rows, words) if "title" in values else rows
    rows = rows.assign(
        group=[", ".join(label[:-1]) for label in labels],
        label=rows["title"] if "title" in values else [label[-1] for label in labels],
        outer_low=rows.get("ci_low", float("nan")),
        outer_high=rows.get("ci_high", float("nan")),
    )
    xlabel = {
        "minutes": words._("time (logarithmic scale)"),
        "share": words._("share"),
        "number": words._("number (logarithmic scale)"),
    }.get(unit) or frames.measure_label(rows, unit, words)
    rows = rows.iloc[np.argsort(pd.factorize(rows["group"])[0], kind="stable")]
    text = [
        words.t("n = {k} of {n}", k=row.n, n=row.of) if "of" in rows else _written(words, row, UNITS[how])
        for row in rows.itertuples()
    ]
    return intervals.ranges(rows.assign(text=text, mark=rows["focus"]), words, how=how, xlabel=xlabel)


def curves(values: pd.DataFrame, by: str | None = None, *, focus: str = "", lang: str = "en") -> Figure:
    """Draw by when it had happened in which share: Turnbull's curves, with a band where there are one or two.

    Parameters
    ----------
    values : as `Study.lengths`, or other rows of one unit, one row an incident in each group; unknown rows are left out
    by : column to group by; the seven groups of most known values are drawn, and none with fewer than six; a line below
        says which are left out

    Examples
    --------
    >>> import outages as ou
    >>> figure = ou.plot.curves(ou.study(countries="FR").lags().query("start == 'onset'"), by="lag", lang="fr")
    >>> figure.axes[0].get_ylabel()
    'part des incidents où c’était arrivé'
    """
    words, unit = Words(lang), unit_of("plot.curves", values)
    how, times = UNITS.get(unit, "number"), unit == "minutes"
    rows = frames.measured("curves", values, focus, *[by] if by else [])
    known = rows.dropna(subset=["low", "high"])
    others = [f"pass by={column!r}" for column in differing(known) if not by]
    alone("plot.curves", known.index.to_series(), known[[by] if by else []], " or ".join([*others, "filter to one"]))
    groups = [(value_name(words, by, key), part) for key, part in known.groupby(by, observed=True)] if by else []
    most = sorted(groups, key=lambda group: -len(group[1])) if by else [("", known)]
    drawn = [group for group in most if len(group[1]) >= FEW or not by][: len(ecdf.COLOURS)]
    many = sum(len(part) >= FEW for _, part in most)
    few = [words.t("{group} ({n})", group=name, n=len(part)) for name, part in most[many:]] if by else []
    notes = [words.t("Drawn are the {k} largest of {n} groups.", k=len(drawn), n=many)] if many > len(drawn) else []
    notes += [words.t("Left out for having fewer than {few} known values: {groups}.", few=FEW, groups=few)] * bool(few)
    scale = 100 if how == "percent" else 1
    found = {name: part for name, rows in drawn if (part := resampled(rows[ENDS] * scale))}
    marked = known.loc[known["focus"], ENDS] * scale
    return ecdf.curves(
        ecdf.counted(found, words),
        words,
        ylabel=words._("share of incidents where it had happened" if times else "share of incidents with at most that"),
        band=len(found) < 3 and len(known) >= FEW,
        focus={known.loc[focus, "title"]: Interval(*marked.iloc[0])} if len(marked) == 1 else {},
        how=how,
        xlabel=frames.elapsed_label(rows, words) if times else frames.measure_label(rows, unit, words),
        note=" ".join(notes),
    )


def _written(words: Words, row: Any, how: str) -> str:
    """Write the interval of a row, NaN for unknown."""
    return words.interval(Interval(row.low, row.high) if row.low <= row.high else None, how)
