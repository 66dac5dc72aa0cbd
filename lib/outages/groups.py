"""In which groups are incidents compared? Every grouping gives each incident one code; an empty code means unknown."""

import pandas as pd

from outages.dependence import in_causal_chain
from outages.registry import Registry

DISPUTED = "disputed"


def groupings(registry: Registry) -> dict[str, pd.Series]:
    """Return the code of each incident under each grouping: `sector`, `emergency_calls`, `root_cause`, `third_party`.

    `emergency_calls` is `yes` or `no`, `third_party` is `named` or `none_named`, `root_cause` is one of the four classes, `disputed` where sources
    name several, empty where they name none.
    """
    table = registry.incidents
    hit = table["services"].str.split(";").map(lambda services: "emergency_calls" in services)
    return {
        "sector": table["sector"],
        "emergency_calls": hit.map({True: "yes", False: "no"}),
        "root_cause": root_causes(registry).map(lambda named: DISPUTED if len(named) > 1 else next(iter(named), "")),
        "third_party": in_causal_chain(registry).map({True: "named", False: "none_named"}),
    }


def root_causes(registry: Registry) -> pd.Series:
    """Return the set of root causes that sources name for each incident; an empty set where they name none."""
    causes = registry.causes[(registry.causes["factor"] == "root_cause") & (registry.causes["value"] != "unknown")]
    named = causes.groupby("incident_id")["value"].agg(set).reindex(registry.incidents.index)
    return named.map(lambda classes: classes if isinstance(classes, set) else set())
