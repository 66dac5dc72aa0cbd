"""How long, how late, how many: what do tidy frames of intervals say together?"""

import math
from collections.abc import Iterable, Sequence
from numbers import Real

import pandas as pd

from outages.errors import InputError, escaped, like
from outages.facts.policies import POLICIES
from outages.facts.settled import COUNTS
from outages.facts.timeline import ENDS, facts, timed_lags
from outages.registry.registry import Registry
from outages.stats.inference import quantile_interval
from outages.stats.intervals import how_many, quantile
from outages.stats.turnbull import ordered, turnbull


def median(values: pd.DataFrame, by: str | Sequence[str] | None = None, q: float = 0.5) -> pd.DataFrame:
    """Return a quantile of interval values, of all rows or by group.

    Parameters
    ----------
    values : frame with `low` and `high`, as the methods of `Study` return; unknown rows are counted and left out
    by : column or columns to group by
    q : level from 0 to 1; 0.5 is the median

    Returns
    -------
    One row a group, the most known first: `n` known `of` so many, `low`, `high` (bounds that the sources leave open,
    see `outages.stats.intervals.quantile`), `ci_low`, `ci_high` (95% interval between order statistics, see
    `outages.stats.inference.quantile_interval`). Rows of different units are not told apart: group or filter them.

    Raises
    ------
    InputError : no such column or level, or low above high
    """
    columns = columns_of(values, by)
    ordered(values, "median")
    if not isinstance(q, Real) or not 0 <= q <= 1:
        raise InputError(f"q: {escaped(repr(q))} is not allowed; write a number from 0 to 1")

    def measured(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
        rows = []
        for part in parts:
            ends = [getattr(i, end, math.nan) for i in (quantile(part, q), quantile_interval(part, q)) for end in ENDS]
            rows.append((how_many(part), len(part), *ends))
        return pd.DataFrame(rows, columns=["n", "of", *ENDS, "ci_low", "ci_high"]).astype({"n": int, "of": int})

    if not columns:
        return told_unit(measured([values]).set_axis(["all"]), values)
    groups = list(values.groupby(columns, observed=True, dropna=False))
    keys = pd.DataFrame([key for key, _rows in groups], columns=columns)
    table = measured(rows for _key, rows in groups).set_index([keys[column] for column in columns])
    return told_unit(table.sort_values("n", ascending=False, kind="stable"), values)


def told_unit(found: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """Set the unit of values, where they have one, in `attrs` of what was found of them, so that it is drawn so."""
    units = values["unit"].dropna().unique() if "unit" in values else []
    found.attrs["unit"] = str(units[0]) if len(units) == 1 else values.attrs.get("unit", "minutes")
    return found


def columns_of(values: pd.DataFrame, by: str | Sequence[str] | None) -> list[str]:
    """Return the columns to group by, after a look at whether a frame has them and the two ends of intervals."""
    if by is not None and not isinstance(by, str | list | tuple):
        hint = "write the name of a column, or several; what is computed becomes a column by .assign(year=...)"
        raise InputError(f"by: {type(by).__name__} is not allowed; {hint}")
    columns = [by] if isinstance(by, str) else list(by or ())
    for name, given in (*(("values", end) for end in ENDS), *(("by", column) for column in columns)):
        if given not in (*values.columns, *values.index.names):
            hint = like(str(given), [str(column) for column in values.columns])
            raise InputError(f"{name}: there is no column '{escaped(given)}'; {hint}")
    return columns


def curve(values: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Return the share of rows whose time has passed, as Turnbull's estimate for interval-censored times.

    Returns
    -------
    One row an innermost interval (of each group): `left`, `right` (the unit of the values), its `mass`, and the `share`
    that has happened by `right`; `n` known. Where more than `outages.stats.turnbull.DISTINCT` intervals differ, they
    are classes, each 2% longer than the one before, and all below zero are one.

    Raises
    ------
    InputError : no such column
    """
    columns = columns_of(values, by)
    if len(columns) > 1:
        raise InputError("by: several columns are given; write the name of one")
    parts = []
    for key, rows in values.groupby(columns[0], observed=True, dropna=False) if columns else [("all", values)]:
        if (found := turnbull(rows)) is not None:
            mass = pd.DataFrame({"left": found.left, "right": found.right, "mass": found.mass}).query("mass > 0")
            parts.append(mass.assign(group=key, share=mass["mass"].cumsum(), n=found.n))
    names = ["group", "left", "right", "mass", "share", "n"]
    return pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)


def under_policies(registry: Registry, names: Iterable[str], services: Sequence[str] = ()) -> pd.DataFrame:
    """Return some facts under each policy as the findings say them: of `COUNTS` the greatest by its lower end, of
    others the median, of lags those timed to two hours. One row a fact and policy, `finding`, `policy`, `low`, `high`,
    `n` known; none for a fact that nobody states.

    Raises
    ------
    InputError : no such fact, or no registry
    """
    if not isinstance(registry, Registry):
        raise InputError(f"registry: {type(registry).__name__} is none; pass that of a study, as study.registry")
    rows, names = [], [names] if isinstance(names, str) else list(names)
    for policy in POLICIES:
        known = timed_lags(facts(registry, policy, services))
        for name in names:
            if name not in known:
                there = sorted(set(known.columns.get_level_values(0)))
                raise InputError(f"names: '{escaped(name)}' is no fact; {like(str(name), there)}")
            values = known[name][ENDS].dropna()
            told = values.nlargest(1, "low") if name in COUNTS else values
            if bounds := quantile(told, 0.5):
                rows.append((name, policy, bounds.low, bounds.high, len(values)))
    found = pd.DataFrame(rows, columns=["finding", "policy", "low", "high", "n"])
    return found.sort_values("finding", kind="stable").reset_index(drop=True)
