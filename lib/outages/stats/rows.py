"""May rows be computed with together? A frame of intervals holds numbers, in one unit, and of each thing one row."""

import pandas as pd

from outages.errors import InputError, escaped, like

ENDS = ["low", "high"]
OWN = ("incident_id", "entry_id")  # columns that say of what a row is, in the order in which they are looked for
SEVERAL = ("lag", "quantity", "target_id", "act", "limit")  # columns by which rows of one incident differ
ONLY = {"low": "high", "high": "low"}


def in_frame(where: str, values: object, *columns: str) -> pd.DataFrame:
    """Return what was given if it is a frame with each of some columns, or levels of its index, once.

    Raises
    ------
    InputError : it is none, or a column is not there, or twice
    """
    if not isinstance(values, pd.DataFrame):
        raise InputError(f"{where}: {type(values).__name__} is no frame; of a frame take columns by [[...]], not [...]")
    there = [*values.columns, *filter(None, values.index.names)]
    for column in columns:
        if (times := there.count(column)) != 1:
            hint = "leave one" if times else like(str(column), [str(one) for one in there])
            said = "several columns are called" if times else "there is no column"
            raise InputError(f"{where}: {said} '{escaped(column)}'; {hint}")
    return values


def measured(where: str, values: object, *columns: str) -> pd.DataFrame:
    """Return a frame with `low` and `high` as numbers; an open end is infinite, both are NaN where nothing is known.

    Raises
    ------
    InputError : as `in_frame`; an end is no number, or is empty beside one that is filled; low is above high
    """
    rows = in_frame(where, values, *ENDS, *columns)
    for end in ENDS:
        if pd.api.types.is_bool_dtype(rows[end]) or rows[end].dtype.kind in "mMc":
            raise InputError(f"{where}: {end}: {rows[end].dtype} is not allowed; pass numbers, times as minutes")
    try:
        numbers = {end: rows[end].astype(float) for end in ENDS}
    except (TypeError, ValueError) as error:
        raise InputError(f"{where}: low, high: {escaped(str(error))}; pass numbers") from None
    rows = rows.assign(**numbers)
    for end, other in ONLY.items():
        if (half := rows[end].isna() & rows[other].notna()).any():
            row, sign = escaped(rows.index[half][0], 60), "-" if end == "low" else ""
            raise InputError(f"{where}: row {row}: {end} alone is empty; write {sign}inf for open, or leave both empty")
    ordered(rows, where)
    return rows


def ordered(values: pd.DataFrame, where: str = "curve") -> None:
    """Refuse rows whose low end is above their high end; InputError names the place and the first of them."""
    low, high = (values[end].to_numpy(float) for end in ENDS)
    wrong = values[low > high]
    if len(wrong):
        row, low, high = escaped(wrong.index[0], 60), wrong["low"].iloc[0], wrong["high"].iloc[0]
        raise InputError(f"{where}: row {row}: low ({low:g}) is above high ({high:g}); exchange or correct them")


def unit_of(where: str, values: pd.DataFrame) -> str:
    """Return the one unit of a frame: that of its column `unit`, else of `attrs["unit"]`; without both it is minutes.

    A merge loses `attrs`; the silence of a list, whose frames have none, is known by its column.

    Raises
    ------
    InputError : it is no frame, or rows have several units, or are claims about moments
    """
    values = in_frame(where, values)
    if values.attrs.get("unit") == "moments" or ("table" in values and values["table"].eq("events").any()):
        raise InputError(f"{where}: rows are moments on a clock; filter them out")
    units = values["unit"].dropna().unique() if "unit" in values else []
    if len(units) > 1:
        some, query = escaped(", ".join(map(str, units)), 60), f".query(\"unit == '{units[0]}'\")"
        raise InputError(f"{where}: rows have several units ({some}); filter one, as {query}")
    if len(units) or "unit" in values:
        return str(units[0]) if len(units) else "number"
    silence = values["silence"].astype(float) if "silence" in values else pd.Series(dtype=float)
    if silence.notna().any() and silence.equals(values["low"].astype(float)):
        return "share"
    told = str(values.attrs.get("unit") or "minutes")
    if told.startswith("see "):
        said = f"the frame has no column {told.removeprefix('see ')}; pass it as the methods of Study return it"
        raise InputError(f"{where}: {said}")
    return told


def differing(rows: pd.DataFrame) -> list[str]:
    """Return the columns that say which of several rows of an incident one is, as a lag or a quantity."""
    texts = [c for c in SEVERAL if c in rows and (c == "limit" or not pd.api.types.is_numeric_dtype(rows[c]))]
    return [column for column in texts if rows[column].nunique() > 1]


def own_names(values: pd.DataFrame) -> pd.Index | None:
    """Return of what each row is, from a column of `OWN` or an index of that name; None where neither is there."""
    column = next((name for name in OWN if name in values or name in values.index.names), "")
    if column in values:  # of facts it is a frame of one column
        return pd.Index(values[column].squeeze(axis="columns") if values.columns.nlevels > 1 else values[column])
    return values.index.get_level_values(column) if column else None


def once(where: str, values: pd.DataFrame, *by: str) -> pd.Index:
    """Return of what each row is: the values of a column of `OWN`, else the index; refuse several rows of one with the
    same in some columns.
    """
    own = own_names(in_frame(where, values, *by))
    own = values.index.to_flat_index() if own is None else own
    alone(where, own, values[list(by)], f"keep one row an incident{''.join(f' and {name}' for name in by)}")
    return own.rename("incident_id")


def alone(where: str, own: pd.Index, groups: pd.DataFrame, advice: str) -> None:
    """Refuse several rows of one thing within a group; the message ends with what to do.

    Parameters
    ----------
    own, groups : of what each row is, and the columns that make its group
    """
    keys = dict(enumerate([own.array, *(groups[column].array for column in groups)]))
    twice = own[pd.DataFrame(keys).duplicated()]
    if len(twice):
        raise InputError(f"{where}: several rows are of {escaped(twice[0], 60)}; {advice}")
