"""What does a frame say of itself? Which incident a row is of, what it is called, in which unit its values are."""

from functools import partial

import pandas as pd

from outages.errors import InputError, escaped, like
from outages.figures.names import code_name, lag_names, value_name
from outages.language import Words
from outages.registry.times import zone_like, zones
from outages.stats.rows import OWN, alone, differing, in_frame, lacks
from outages.stats.rows import measured as as_numbers


def time_zone(zone: str) -> str:
    """Return the name of a time zone; InputError where the IANA database has none of this name."""
    if zone not in zones():
        raise InputError(f"zone: '{escaped(zone)}' is not allowed; {zone_like(zone)}")
    return zone


def identified(function: str, values: pd.DataFrame, focus: str, *columns: str) -> pd.DataFrame:
    """Return a frame indexed by what its rows are of, each with a `title`, no two incidents the same one, and whether
    it is in `focus`.

    The identifier is a column of `OWN`, else the index: `merge` and `reset_index` turn one into the other. A row
    without a title has its identifier for one.

    Raises
    ------
    InputError : it is no frame, a column is not there, or no row is of what is in focus
    """
    in_frame(f"plot.{function}", values)
    if lacking := [str(column) for column in columns if not isinstance(column, str) or column not in values]:
        raise lacks(f"plot.{function}", escaped(", ".join(lacking), 60))
    own = next((column for column in OWN if column in values), "")
    ids = (values[own] if own else values.index.to_series()).astype(str).to_numpy(dtype=object)
    if focus and focus not in ids:
        raise InputError(f"plot.{function}: focus: no row is of '{escaped(focus, 60)}'; {like(str(focus), ids)}")
    found = values.drop(columns=[own] if own else []).set_axis(pd.Index(ids, name="incident_id"))
    titles = found["title"].astype(object) if "title" in found else pd.Series(ids, found.index)
    titles = titles.where(titles.notna() & titles.ne(""), ids).astype(str)
    whose = pd.DataFrame({"title": titles.to_numpy(), "own": ids}).drop_duplicates()
    shared = set(whose.loc[whose["title"].duplicated(), "title"])
    told = [f"{i} – {title}" if title in shared and i != title else title for i, title in zip(ids, titles, strict=True)]
    return found.assign(title=told, focus=(ids == focus) & (focus != ""))


def measured(function: str, values: pd.DataFrame, focus: str, *columns: str, signed: bool = False) -> pd.DataFrame:
    """Return a frame as `identified` does, with `low` and `high` as numbers.

    Raises
    ------
    InputError : a column is not there or holds no numbers, low is above high, one end alone is empty, or, unless
        `signed`, a value is below zero, which no logarithmic axis holds
    """
    found = as_numbers(f"plot.{function}", identified(function, values, focus, "low", "high", *columns))
    below = found.loc[found["low"] < 0, "low"]
    if len(below) and not signed:
        where = f"plot.{function}: row {escaped(below.index[0], 60)}: {below.iloc[0]:g} is below zero"
        raise InputError(f"{where}, which no logarithmic axis holds; filter, as .query('low >= 0')")
    return found


def told_apart(function: str, rows: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Return rows whose titles say which of several of one incident each is.

    Raises
    ------
    InputError : two rows of one incident would have the same title
    """
    if columns := differing(rows):
        brief = rows
        if {"lag", "start", "end"} <= set(rows):  # where a lag begins goes without saying when that is the onset
            brief = rows.assign(lag=rows["end"].where(rows["start"] == "onset", rows["lag"]))
        kinds = zip(*(brief[column].map(partial(value_name, words, column)) for column in columns), strict=True)
        told = [" · ".join(names) for names in kinds]  # without commas, so that a cut leaves it whole
        rows = rows.assign(title=rows["title"] + ", " + told)
    alone(f"plot.{function}", rows.index.to_series(), rows[["title"]], "name each in a column title, or filter them")
    return rows


def measure_label(rows: pd.DataFrame, unit: str, words: Words) -> str:
    """Return what values in another unit than minutes are, for an axis."""
    kinds = rows["quantity"].unique() if "quantity" in rows else []
    name = code_name(words, "quantity", str(kinds[0])) if len(kinds) == 1 else ""
    of = code_name(words, "unit", unit)
    if unit == "share":
        return name or words._("share")
    name = words.t("{name} ({part})", name=name, part=of) if name and of not in name else name or of
    return words.t("{name}, logarithmic scale", name=name)


def time_label(rows: pd.DataFrame, words: Words) -> str:
    """Return what times are, for a logarithmic axis; empty for the lengths of outages."""
    lags = rows["lag"].unique() if "lag" in rows else []
    if len(lags) == 1 and lags[0] in lag_names(words):
        return lag_names(words)[lags[0]]
    if "basis" in rows and not len(lags):  # only `Study.lengths` says on what it rests
        return ""
    label, limits = words._("time (logarithmic scale)"), rows["target_id"].unique() if "target_id" in rows else []
    return words.pair(str(limits[0]), label) if len(limits) == 1 else label


def elapsed_label(rows: pd.DataFrame, words: Words) -> str:
    """Return from when times are counted, for an axis that begins at zero: empty for the onset, where that is known."""
    starts = next((rows[column] for column in ("start", "counted_from") if column in rows), None)
    onset = starts.eq("onset").all() if starts is not None else "basis" in rows or {"act", "limit"} <= set(rows)
    return "" if onset else words._("time (linear to 10 min, then logarithmic)")
