"""What do the answers look like? `outages.plot`: a tidy frame goes in, a matplotlib figure comes out.

Both functions take frames as `Study.lengths` returns them: minutes between `low` and `high`, one row an incident. The
figure shows itself in a notebook; `focus` is the incident to mark (empty for none), `lang` the language of labels, `en`
or `fr`. A row is of the incident in its column `incident_id` (`entry_id` in lists), else in the index. Other frames are
refused in one line (`outages.errors.InputError`); seaborn draws them as they are.
"""

import numpy as np
import pandas as pd

from outages.errors import InputError, escaped, like
from outages.figures import backend as backend  # first, as it takes care of how matplotlib is loaded
from outages.figures import ecdf, intervals, style
from outages.figures.style import Figure
from outages.language import Words
from outages.stats.inference import FEW
from outages.stats.intervals import Interval
from outages.stats.rows import ENDS, measured, once, unit_of
from outages.stats.turnbull import resampled

__all__ = ["bars", "curves"]


def __dir__() -> list[str]:
    return __all__


def bars(lengths: pd.DataFrame, *, focus: str = "", lang: str = "en") -> Figure:
    """Draw one bar an incident, the longest first: how long each outage lasted, how long something took.

    Parameters
    ----------
    lengths : as `Study.lengths`, or one lag of `Study.lags`; unknown rows are left out, and of many all but the longest

    Examples
    --------
    >>> import outages as ou
    >>> figure = ou.plot.bars(ou.study(countries="NO").lengths())
    >>> figure.axes[0].get_xlabel()
    'length of the outage (logarithmic scale)'
    """
    words, known = Words(lang), _times("plot.bars", lengths, focus)
    known = known.sort_values("low", ascending=False, kind="stable")
    rows = known[(np.arange(len(known)) < style.MANY) | known["focus"]]
    label = [words.interval(Interval(row.low, row.high), "minutes") for row in rows.itertuples()]
    xlabel = "" if "basis" in rows else words._("time (logarithmic scale)")  # only lengths say on what they rest
    figure = intervals.length_bars(rows.assign(label=label, partial_low=np.nan, partial_high=np.nan), words, xlabel)
    style.say_how_many(figure.axes[0], words, len(rows), len(known))
    return figure


def curves(values: pd.DataFrame, by: str | None = None, *, focus: str = "", lang: str = "en") -> Figure:
    """Draw by when it had happened in which share: Turnbull's curves, with a band where there are one or two.

    Parameters
    ----------
    values : as `Study.lengths`, or `Study.lags` by lag, one row an incident in each group; unknown rows are left out
    by : column to group by; the seven groups of most known values are drawn, and none with fewer than six; a line below
        says which are left out

    Examples
    --------
    >>> import outages as ou
    >>> figure = ou.plot.curves(ou.study(countries="FR").lags().query("start == 'onset'"), by="lag", lang="fr")
    >>> figure.axes[0].get_ylabel()
    'part des incidents où c’était arrivé'
    """
    words, known = Words(lang), _times("plot.curves", values, focus, *[by] if by else [])
    groups = [(_named(words, by, key), part) for key, part in known.groupby(by, observed=True)] if by else [("", known)]
    groups = sorted(groups, key=lambda group: -len(group[1]))
    drawn = [group for group in groups if len(group[1]) >= FEW or not by][: len(ecdf.COLOURS)]
    left = [words.t("{group} ({n})", group=name, n=len(part)) for name, part in groups[len(drawn) :]]
    found = {name: part for name, rows in drawn if (part := resampled(rows[ENDS]))}
    if not found:
        raise InputError(f"plot.curves: no group has {FEW} known values; filter less, or leave out by")
    marked = known[known["focus"]]
    return ecdf.curves(
        ecdf.counted(found, words),
        words,
        ylabel=words._("share of incidents where it had happened"),
        band=len(found) < 3 and len(known) >= FEW,
        focus={row.title: Interval(row.low, row.high) for row in marked.itertuples()} if len(marked) == 1 else {},
        xlabel="" if "basis" in known else words._("time (linear to 10 min, then logarithmic)"),
        note=words.t("Left out, as little is known of them: {groups}.", groups=left) if left else "",
    )


def _times(where: str, values: pd.DataFrame, focus: str, *by: str) -> pd.DataFrame:
    """Return known minutes, one row an incident (in each group), indexed by incident, with its `title` or identifier
    and whether it is in `focus`.
    """
    rows = measured(where, values, *by)
    if unit_of(where, rows) != "minutes" or (rows["low"] < 0).any():
        raise InputError(f"{where} draws minutes from zero up, as of Study.lengths(); other frames are for seaborn")
    own = once(where, rows, *by)
    if rows["low"].isna().all():
        raise InputError(f"{where}: nothing is known of these rows")
    if focus and focus not in own:
        raise InputError(f"{where}: focus: no row is of '{escaped(focus, 60)}'; {like(str(focus), map(str, own))}")
    titles = rows.get("title", own)
    named = [title if isinstance(title, str) and title else str(i) for i, title in zip(own, titles, strict=True)]
    return rows.set_axis(own).assign(title=named, focus=(own == focus) & (focus != "")).dropna(subset=ENDS)


def _named(words: Words, column: str, value: object) -> str:
    """Return what a value of a column is called."""
    if isinstance(value, bool | np.bool_):
        return words.pair(column, words._("yes") if value else words._("no"))
    return words.label(column, str(value)) or words._("unknown")
