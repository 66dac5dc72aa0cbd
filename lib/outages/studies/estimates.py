"""How long, how late, how many: what do tidy frames of intervals say together?"""

from collections.abc import Iterable, Sequence

import pandas as pd

from outages.facts.policies import POLICIES
from outages.facts.timeline import ENDS, facts
from outages.registry.registry import Registry
from outages.stats.inference import quantile_interval
from outages.stats.intervals import how_many, quantile
from outages.stats.turnbull import turnbull


def median(values: pd.DataFrame, by: str | Sequence[str] | None = None, q: float = 0.5) -> pd.DataFrame:
    """Return a quantile of interval values, of all rows or by group.

    Parameters
    ----------
    values : frame with `low` and `high`, as the methods of `Study` return; unknown rows are counted and left out
    by : columns to group by
    q : level; 0.5 is the median

    Returns
    -------
    One row a group: `n` known `of` so many, `low`, `high` (bounds that the sources leave open, see
    `outages.stats.intervals.quantile`), `ci_low`, `ci_high` (95% interval between order statistics, see
    `outages.stats.inference.quantile_interval`).
    """

    def row(rows: pd.DataFrame) -> pd.Series:
        bounds, interval = quantile(rows, q), quantile_interval(rows, q)
        ends = [getattr(i, end, float("nan")) for i in (bounds, interval) for end in ENDS]
        return pd.Series([how_many(rows), len(rows), *ends], index=["n", "of", *ENDS, "ci_low", "ci_high"])

    if by is None:
        return row(values).to_frame("all").T.astype({"n": int, "of": int})
    columns = [by] if isinstance(by, str) else list(by)
    found = {key: row(rows) for key, rows in values.groupby(columns if len(columns) > 1 else columns[0], observed=True)}
    names = columns[0] if len(columns) == 1 else None
    measured = ["n", "of", *ENDS, "ci_low", "ci_high"]
    table = pd.DataFrame.from_dict(found, orient="index", columns=None if found else measured).astype(
        {"n": int, "of": int}
    )
    return table.rename_axis(names or columns).sort_values("n", ascending=False, kind="stable")


def curve(values: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Return the share of rows whose time has passed, as Turnbull's estimate for interval-censored times.

    Returns
    -------
    One row an innermost interval (of each group): `left`, `right` (the unit of the values), its `mass`, and the `share`
    that has happened by `right`; `n` known.
    """
    parts = []
    for key, rows in [("all", values)] if by is None else values.groupby(by, observed=True):
        if (found := turnbull(rows)) is not None:
            mass = pd.DataFrame({"left": found.left, "right": found.right, "mass": found.mass}).query("mass > 0")
            parts.append(mass.assign(group=key, share=mass["mass"].cumsum(), n=found.n))
    columns = ["group", "left", "right", "mass", "share", "n"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def under_policies(registry: Registry, names: Iterable[str], services: Sequence[str] = ()) -> pd.DataFrame:
    """Return the median of some facts under each policy: one row a fact and policy, `finding`, `policy`, `low`, `high`,
    `n`; none for a fact that nobody states.
    """
    rows = []
    for policy in POLICIES:
        known = facts(registry, policy, services)
        for name in names:
            if bounds := quantile(known[name], 0.5):
                rows.append((name, policy, bounds.low, bounds.high, how_many(known[name])))
    found = pd.DataFrame(rows, columns=["finding", "policy", "low", "high", "n"])
    return found.sort_values("finding", kind="stable").reset_index(drop=True)
