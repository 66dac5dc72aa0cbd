"""How long, how late, how many: what do tidy frames of intervals say together?"""

import math
from collections.abc import Iterable, Sequence
from numbers import Real

import numpy as np
import pandas as pd

from outages.errors import InputError, escaped, like
from outages.facts.policies import POLICIES
from outages.facts.settled import COUNTS
from outages.facts.timeline import facts, timed_lags
from outages.registry.registry import Registry
from outages.stats.inference import quantile_interval
from outages.stats.intervals import how_many, quantile
from outages.stats.rows import ENDS, OWN, alone, differing, in_frame, measured, own_names, unit_of
from outages.stats.turnbull import turnbull


def median(values: pd.DataFrame, by: str | Sequence[str] | None = None, q: float = 0.5) -> pd.DataFrame:
    """Return a quantile of interval values, of all rows or by group.

    Parameters
    ----------
    values : frame with `low` and `high`, as the methods of `Study` return; unknown rows are counted and left out
    by : column or columns to group by
    q : level above 0 and below 1; 0.5 is the median

    Returns
    -------
    One row a group, the most known first: `n` known `of` so many, `low`, `high` (bounds that the sources leave open,
    see `outages.stats.intervals.quantile`), `ci_low`, `ci_high` (95% interval between order statistics, see
    `outages.stats.inference.quantile_interval`; a median of fewer than six gets 0 to infinity), in the unit of the
    values: that in `attrs["unit"]`, or, where groups differ in it, in a column `unit`.

    Raises
    ------
    InputError : no such column or level; an end is no number or is empty alone, or low is above high; a group holds
        several rows of one incident, or of several units

    Examples
    --------
    >>> import outages as ou
    >>> ou.median(ou.study(countries="FR").users(), by="quantity").at["user_hours", "unit"]
    'user-hours'
    """
    rows, columns = poolable("median", values, by)
    if not isinstance(q, Real) or not 0 < q < 1:
        raise InputError(f"q: {escaped(repr(q))} is not allowed; write a number above 0 and below 1")
    groups = list(rows.groupby(columns, observed=True, dropna=False)) if columns else [("all", rows)]
    found, units = [], []
    for _key, part in groups:
        ends = [getattr(i, end, math.nan) for i in (quantile(part, q), quantile_interval(part, q)) for end in ENDS]
        found.append((how_many(part), len(part), *ends))
        part.attrs = rows.attrs  # which grouping may drop
        units.append(unit_of("median", part))
    table = pd.DataFrame(found, columns=["n", "of", *ENDS, "ci_low", "ci_high"]).astype({"n": int, "of": int})
    if several := len(set(units)) > 1:
        table = table.assign(unit=units)
    table.attrs["unit"] = "see unit" if several else units[0] if units else values.attrs.get("unit", "minutes")
    keys = pd.DataFrame([key for key, _part in groups], columns=columns or [None])
    order = np.argsort(-table["n"].to_numpy(), kind="stable")
    return table.set_index([keys[column] for column in keys]).iloc[order]


def poolable(where: str, values: pd.DataFrame, by: str | Sequence[str] | None) -> tuple[pd.DataFrame, list[str]]:
    """Return a frame with its ends as numbers, and the columns to group by, after a look at whether each group holds
    an incident once.
    """
    columns: list = list(by) if isinstance(by, list | tuple) else [by] if by is not None else []
    if wrong := [type(one).__name__ for one in columns if not isinstance(one, str)]:
        hint = "write the name of a column, or several; what is computed becomes a column by .assign(year=...)"
        raise InputError(f"by: {wrong[0]} is not allowed; {hint}")
    columns, rows = list(dict.fromkeys(columns)), measured(where, values)
    in_frame("by", rows, *columns)
    keys = pd.DataFrame({c: rows[c] if c in rows else rows.index.get_level_values(c) for c in columns}, rows.index)
    for column in columns:
        if not keys[column].map(pd.api.types.is_hashable).all():
            raise InputError(f"by: {escaped(column)} holds lists; give each value a row, as .explode({column!r})")
    own = own_names(rows)
    if own is not None and not set(columns) & set(OWN):
        named = [[*columns, column] for column in differing(rows) if column not in columns]
        ways = [f"pass by={names if columns else names[0]!r}" for names in named]
        keys = keys if "cohort_id" not in rows else keys.assign(cohort_id=rows["cohort_id"])  # lists may share names
        alone(where, own, keys, " or ".join([*ways, "keep one of each"]))
    return rows, columns


def curve(values: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Return the share of rows whose time has passed, as Turnbull's estimate for interval-censored times.

    Returns
    -------
    One row an innermost interval (of each group): `left`, `right` (in the unit of the values, which `attrs["unit"]`
    says), its `mass`, and the `share` that has happened by `right`; `n` known. Where more than
    `outages.stats.turnbull.DISTINCT` intervals differ, they are classes, each 2% longer than the one before, and all
    below zero are one.

    Raises
    ------
    InputError : as `median`, and where groups are of several units
    """
    rows, columns = poolable("curve", values, by)
    if len(columns) > 1:
        raise InputError("by: several columns are given; write the name of one")
    unit, parts = unit_of("curve", rows), []
    for key, part in rows.groupby(columns[0], observed=True, dropna=False) if columns else [("all", rows)]:
        if (found := turnbull(part)) is not None:
            mass = pd.DataFrame({"left": found.left, "right": found.right, "mass": found.mass}).query("mass > 0")
            parts.append(mass.assign(group=key, share=mass["mass"].cumsum(), n=found.n))
    names = ["group", "left", "right", "mass", "share", "n"]
    steps = pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)
    steps.attrs["unit"] = unit
    return steps


def under_policies(registry: Registry, names: Iterable[str], services: Sequence[str] = ()) -> pd.DataFrame:
    """Return some facts under each policy as the findings say them: of `COUNTS` the greatest by its lower end, of
    others the median, of lags those timed to two hours. One row a fact and policy, `finding`, `policy`, `low`, `high`,
    `n` known; none for a fact that nobody states.

    Parameters
    ----------
    registry : that of a study, as `study.registry`
    names : facts, as `length`, a lag or a quantity (`study.known` has all)
    services : that of a study too

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
