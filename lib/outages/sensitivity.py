"""How do the findings move when contradicting claims are resolved by another rule?"""

import pandas as pd

from outages.claims import POLICIES, quantities
from outages.harm import user_hours
from outages.intervals import quantile
from outages.registry import Registry
from outages.timeline import lags, lengths, moments_of, silence_share


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


def under_policies(registry: Registry) -> pd.DataFrame:
    """Return the median of each finding under each policy.

    Returns
    -------
    One row a finding and policy: `finding`, `policy`, `low`, `high` (bounds of the median, in the unit of the finding: minutes, a share, persons, user-hours),
    `n`. A finding that is known for no incident has no row.
    """
    rows = [
        (finding, policy, median.low, median.high, len(values.dropna()))
        for policy in POLICIES
        for finding, values in findings(registry, policy).items()
        if (median := quantile(values, 0.5))
    ]
    found = pd.DataFrame(rows, columns=["finding", "policy", "low", "high", "n"])
    return found.sort_values("finding", kind="stable").reset_index(drop=True)
