"""What do the answers look like? `outages.plot`: a tidy frame goes in, a matplotlib figure comes out.

Each function takes frames as the methods of `outages.Study` return them, draws with defaults, and returns a figure that
shows itself in a notebook; `focus` is the incident to mark, `lang` the language of labels, `en` or `fr`.
"""

from typing import Any

import numpy as np
import pandas as pd

from outages.errors import InputError
from outages.figures import backend as backend  # first, as it takes care of how matplotlib is loaded
from outages.figures import ecdf, intervals, style, tallies, timelines
from outages.figures.names import lag_names
from outages.figures.style import Figure
from outages.language import Words
from outages.stats.intervals import Interval, how_many
from outages.stats.intervals import known as known_rows
from outages.stats.turnbull import resampled

__all__ = ["bars", "claims", "counts", "curves", "ranges", "timeline"]
FEWEST = 6  # known values for a band
DAY = 1440  # minutes
UNITS = {"minutes": "minutes", "share": "percent", "number": "number"}  # of an axis, and how its values are written


def bars(lengths: pd.DataFrame, *, focus: str = "", lang: str = "en") -> Figure:
    """Draw how long each outage lasted, the longest first.

    Parameters
    ----------
    lengths : as `Study.lengths`, or other rows in minutes as `Study.lags`; unknown rows are left out of a long figure

    Examples
    --------
    >>> import outages as ou
    >>> figure = ou.plot.bars(ou.study(countries="NO").lengths())
    >>> figure.axes[0].get_xlabel()
    'length of the outage (logarithmic scale)'
    """
    words, rows = Words(lang), _named("bars", lengths, focus, lang).sort_values("high", ascending=False, kind="stable")
    rows = rows.dropna(subset=["low", "high"]) if len(rows) > style.MANY else rows
    written = [_written(words, row, "minutes") for row in rows.itertuples()]
    lags, names = rows.get("lag", pd.Series(dtype=object)), lag_names(words)
    xlabel = names.get(str(lags.iloc[0]), "") if lags.nunique() == 1 else ""
    if lags.nunique() > 1:
        xlabel, rows = words._("time (logarithmic scale)"), rows.assign(title=rows["title"] + ", " + lags.map(names))
    rows = rows.assign(label=written, partial_low=float("nan"), partial_high=float("nan"))
    return intervals.length_bars(rows, words, xlabel)


def ranges(values: pd.DataFrame, *, unit: str = "minutes", focus: str = "", lang: str = "en") -> Figure:
    """Draw one row an interval with, thin, the interval by chance.

    Parameters
    ----------
    values : as `outages.median`; of several columns that it is grouped by the first become heads
    unit : `minutes`, `share` or `number`

    Examples
    --------
    >>> import outages as ou
    >>> medians = ou.median(ou.study(sectors="telecom").lengths(), by="third_party")
    >>> [label.get_text() for label in ou.plot.ranges(medians).axes[0].get_yticklabels()]
    ['third_party: no', 'third_party: yes']
    """
    if unit not in UNITS:
        raise InputError(f"plot.ranges: unit {unit!r} is not one of {', '.join(UNITS)}")
    words, index = Words(lang), values.index
    keys = [key if isinstance(key, tuple) else (key,) for key in index]
    labels = [
        [_value_name(words, str(name), value) for name, value in zip(index.names, key, strict=True)] for key in keys
    ]
    rows = _named("ranges", values, focus, lang).assign(
        group=[", ".join(label[:-1]) for label in labels],
        label=[label[-1] for label in labels],
        outer_low=values.get("ci_low", float("nan")),
        outer_high=values.get("ci_high", float("nan")),
    )
    xlabel = {
        "minutes": words._("time (logarithmic scale)"),
        "share": words._("share"),
        "number": words._("number (logarithmic scale)"),
    }[unit]
    rows = rows.iloc[np.argsort(pd.factorize(rows["group"])[0], kind="stable")]
    text = [
        words.t("n = {k} of {n}", k=row.n, n=row.of) if "of" in rows else _written(words, row, UNITS[unit])
        for row in rows.itertuples()
    ]
    if "title" in values:
        rows = rows.assign(label=rows["title"])
    return intervals.ranges(rows.assign(text=text, mark=rows["focus"]), words, how=unit, xlabel=xlabel)


def curves(values: pd.DataFrame, by: str | None = None, *, focus: str = "", lang: str = "en") -> Figure:
    """Draw by when it had happened in which share: Turnbull's curves, with a band where there are one or two.

    Parameters
    ----------
    values : as `Study.lengths` or `Study.lags`; unknown rows are left out
    by : column to group by; the seven groups of most known values are drawn

    Examples
    --------
    >>> import outages as ou
    >>> figure = ou.plot.curves(ou.study(countries="FR").lags().query("start == 'onset'"), by="lag", lang="fr")
    >>> figure.axes[0].get_ylabel()
    'part des incidents où c’était arrivé'
    """
    words, rows = Words(lang), _named("curves", values, focus, lang, *[by] if by else [])
    groups = rows.groupby(by, observed=True) if by else [("", rows)]
    found = [(key, part) for key, group in groups if (part := resampled(group))]
    most = sorted(found, key=lambda one: -one[1].curve.n)[: len(ecdf.COLOURS)]
    drawn = ecdf.counted({_value_name(words, by, key) if by else "": part for key, part in most}, words)
    marked = known_rows(rows[rows["focus"]])
    own = {rows.loc[rows["focus"], "title"].iloc[0]: Interval(*marked.iloc[0])} if len(marked) == 1 else {}
    return ecdf.curves(
        drawn,
        words,
        ylabel=words._("share of incidents where it had happened"),
        band=len(drawn) < 3 and how_many(rows) >= FEWEST,
        focus=own,
    )


def timeline(lags: pd.DataFrame, *, focus: str = "", lang: str = "en") -> Figure:
    """Draw what happened when after onset, for the incidents of which most moments are known.

    Parameters
    ----------
    lags : as `Study.lags`

    Examples
    --------
    >>> import outages as ou
    >>> figure = ou.plot.timeline(ou.study(countries="NO").lags())
    >>> figure.axes[0].get_xticklabels()[0].get_text()
    'onset'
    """
    rows = _named("timeline", lags, focus, lang, "start", "end").dropna(subset=["low", "high"])
    rows = rows[(rows["start"] == "onset") & rows["end"].isin(timelines.MARKS)]
    told = rows.index[rows["end"] == "first_public_statement"]
    marks = rows[(rows["end"] != "earliest_statement") | ~rows.index.isin(told)].rename(columns={"end": "moment"})
    marks = marks.rename_axis("incident_id").reset_index()
    incidents = rows[~rows.index.duplicated()][["title", "focus"]]
    known = rows.index.value_counts().reindex(incidents.index) + 100 * incidents["focus"]
    shown = incidents.loc[sorted(known.sort_values(ascending=False, kind="stable").index[: style.MANY])]
    return timelines.aligned_timeline(shown, marks, Words(lang))


def counts(rows: pd.DataFrame, of: str, by: str, *, focus: str = "", lang: str = "en") -> Figure:
    """Draw in how many incidents each value of a column occurs, split by the codes of another.

    Parameters
    ----------
    rows : indexed by incident, as `Study.third_parties` or `Study.limits`
    of, by : columns: what has a bar, and what its parts are

    Examples
    --------
    >>> import outages as ou
    >>> figure = ou.plot.counts(ou.study(countries="NO").limits(), of="target_id", by="verdict")
    """
    words, rows = Words(lang), _named("counts", rows.assign(low=0.0, high=0.0), focus, lang, of, by)
    each = rows.rename_axis("incident_id").reset_index().drop_duplicates(["incident_id", of, by])
    table = each.groupby([of, by], observed=True).size().unstack(fill_value=0)
    table = table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    names = {value: _value_name(words, of, value) for value in table.index}
    fills = {
        code: tallies.Fill(
            tallies.FILLS.get(str(code), style.PALETTE[number % len(style.PALETTE)]), "", _value_name(words, by, code)
        )
        for number, code in enumerate(table.columns)
    }
    own = [names[value] for value in rows.loc[rows["focus"], of].unique()]
    return tallies.stacked(table.rename(index=names), fills, words, xlabel=words._("incidents"), marked=own)


def claims(claims: pd.DataFrame, *, zone: str = "UTC", lang: str = "en") -> Figure:
    """Draw what each source says of the moments of an incident, on a clock.

    Parameters
    ----------
    claims : as `Study.claims` of one incident; moments more than a day away from the outage are left out
    zone : IANA time zone of the clock

    Examples
    --------
    >>> import outages as ou
    >>> found = ou.study(countries="FR").claims("2012-07-06-orange-fr-mobile")
    >>> figure = ou.plot.claims(found, zone="Europe/Paris")
    """
    words = Words(lang)
    told = _named("claims", claims, "", lang, "table", "about", "actor", "selected").query("table == 'events'")
    core = told[told["about"].isin(["onset", "partial_restoration", "restored"])]
    if len(core):
        told = told[(told["high"] > core["low"].min() - DAY) & (told["low"] < core["high"].max() + DAY)]
    names = [(words.label("event", row.about), words.label("actor", row.actor)) for row in told.itertuples()]
    rows = told.assign(label=[", ".join(filter(None, pair)) for pair in names])
    taken = rows[rows["selected"].fillna(False).astype(bool)].groupby("label").agg({"low": "min", "high": "max"})
    return timelines.claim_timeline(rows.sort_values(["low", "high"], kind="stable"), zone, words, resolved=taken)


def _named(function: str, values: pd.DataFrame, focus: str, lang: str, *columns: str) -> pd.DataFrame:
    """Return a frame whose rows have a `title`, no two incidents the same one, and say whether they are in `focus`."""
    lacking = [column for column in ("low", "high", *columns) if column not in values]
    if lacking:
        raise InputError(
            f"plot.{function}: the frame has no column {', '.join(lacking)}; pass it as the methods of Study return it"
        )
    index = values.index.to_series().astype(str)
    title = index
    if "title" in values:
        title = style.told_apart(values["title"].astype(str)[~values.index.duplicated()]).reindex(values.index)
    return values.assign(
        title=title, focus=index == focus, low=values["low"].astype(float), high=values["high"].astype(float)
    )


def _value_name(words: Words, column: str, value: object) -> str:
    """Return what a value of a column is called."""
    if isinstance(value, bool | np.bool_):
        return words.pair(column, words._("yes") if value else words._("no"))
    if column == "lag":
        return lag_names(words).get(str(value), str(value))
    if column == "party":
        return words.party(str(value))
    return words.label(column, str(value)) or words._("unknown")


def _written(words: Words, row: Any, how: str) -> str:
    """Write the interval of a row."""
    return words.interval(Interval(row.low, row.high) if row.low <= row.high else None, how)
