"""Whom did the outage hit, and how hard?"""

import pandas as pd

from outages.claims import quantities
from outages.intervals import product
from outages.registry import Registry
from outages.timeline import lengths


def user_hours(registry: Registry, policy: str) -> pd.DataFrame:
    """Return users hit times hours of outage: an upper reading, since not every user is hit from onset to restoration."""
    hours = lengths(registry, policy)[["low", "high"]] / 60
    return product(quantities(registry.measures, "users_affected", registry.incidents.index, policy), hours)
