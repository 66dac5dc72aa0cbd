"""On whom did the outage hang?"""

import pandas as pd

from outages.intervals import Interval
from outages.registry import Registry

CAUSAL = ("cause", "trigger", "propagation")


def in_causal_chain(registry: Registry) -> pd.Series:
    """Return for each incident whether some source places a third party in its causal chain.

    False means that no source names one, which is not the same as none being there.
    """
    named = registry.third_parties[registry.third_parties["involvement"].isin(CAUSAL)]
    return registry.incidents["incident_id"].isin(named["incident_id"])


def share_with_third_party(registry: Registry) -> Interval | None:
    """Return the share of incidents with a third party in the causal chain as worst-case bounds.

    The low end counts the incidents for which a source names one, the high end also all for which nobody names any: their truth is
    unknown (bounds of C. F. Manski, *Partial Identification of Probability Distributions*, Springer 2003, chapter 1). None without incidents.
    """
    named = in_causal_chain(registry)
    return Interval(float(named.mean()), 1.0) if len(named) else None


def parties(registry: Registry) -> pd.DataFrame:
    """Return who had which part: one row an incident, party and involvement, with role and number of claims."""
    claims = registry.third_parties
    counted = claims.groupby(["incident_id", "party", "involvement"]).agg(
        role=("role", lambda roles: ";".join(sorted(set(roles)))), claims=("source_id", "size")
    )
    return counted.reset_index()
