"""How do the findings move when contradicting claims are resolved by another rule?"""

import numpy as np
import pandas as pd

from outages.facts.policies import POLICIES, numbered, quantities
from outages.facts.impact import user_hours
from outages.stats.intervals import known_only, quantile
from outages.registry.registry import Registry, keep_where
from outages.registry.files import PLACE, coded
from outages.facts.timeline import lags, lengths, moments_of, silence_share


def findings(registry: Registry, policy: str) -> dict[str, pd.DataFrame]:
    """Return what the headlines are medians of, under a policy: frames of intervals, one row an incident."""
    moments = moments_of(registry, policy)
    length = lengths(registry, policy, moments)[["low", "high"]]
    users = quantities(registry.measures, "users_affected", registry.incidents.index, policy)
    return {
        "length": length,
        "to_known_word": lags(registry, policy, moments)["to_known_word"],
        "silence": silence_share(registry, policy, moments),
        "users": users,
        "user_hours": user_hours(users, length),
    }


def under_policies(registry: Registry, known: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the median of each finding under each policy.

    Parameters
    ----------
    known : what `findings` returns under any policy

    Returns
    -------
    One row a finding and policy: `finding`, `policy`, `low`, `high` (bounds of the median, in the unit of the finding: minutes, a share, persons, user-hours),
    `n`. A finding that is known for no incident has no row.

    Notes
    -----
    Incidents of which no two claims speak of the same thing come out alike under every policy and are resolved once.
    """
    several = contested(registry)
    moved = keep_where(registry, several)
    alike = {finding: middle(known_only(values, ~several), int(several.sum())) for finding, values in known.items()}
    rows = []
    for policy in POLICIES:
        for finding, own in findings(moved, policy).items():
            near, left_out = alike[finding]
            values = pd.concat([near, known_only(own)])
            if median := quantile(values, 0.5):
                rows.append((finding, policy, median.low, median.high, len(values) + left_out))
    found = pd.DataFrame(rows, columns=["finding", "policy", "low", "high", "n"])
    return found.sort_values("finding", kind="stable").reset_index(drop=True)


def middle(values: pd.DataFrame, few: int) -> tuple[pd.DataFrame, int]:
    """Return the ends that may hold the median when up to a few values join, low and high each by itself, and how many values are left out.

    As many of the lowest are left out as of the highest, so that the median of the rest is that of all.
    """
    n = len(values)
    out = max((n - few) // 2 - 1, 0)
    ends = {
        end: np.partition(values[end], [out, n - 1 - out])[out : n - out] if out else values[end]
        for end in ("low", "high")
    }
    return pd.DataFrame(ends), 2 * out


def contested(registry: Registry) -> np.ndarray:
    """Return which incidents have several claims of one event or of one measure, so that a policy may have to choose."""
    several = np.zeros(len(registry.incidents), dtype=bool)
    for table, column in (("events", "event"), ("measures", "measure")):
        place = getattr(registry, table)[PLACE].to_numpy()
        group, first = numbered([place, coded(getattr(registry, table)[column])[0]])
        several[place[first[np.bincount(group, minlength=len(first)) > 1]]] = True
    return several
