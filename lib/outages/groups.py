"""In which groups are incidents compared? Every grouping gives each incident one code; an empty code means unknown."""

import numpy as np
import pandas as pd

from outages.dependence import in_causal_chain
from outages.registry import Registry, holds_any
from outages.tables import PLACE

DISPUTED = "disputed"


def groupings(registry: Registry) -> dict[str, pd.Series]:
    """Return the code of each incident under each grouping: `sector`, `emergency_calls`, `root_cause`, `third_party`.

    `emergency_calls` is `yes` or `no`, `third_party` is `named` or `none_named`, `root_cause` is one of the four classes, `disputed` where sources
    name several, empty where they name none.
    """
    table = registry.incidents
    named = root_causes(registry)
    one = pd.Series("", index=table.index)
    for code in named:
        one = one.mask(named[code], code)
    return {
        "sector": table["sector"],
        "emergency_calls": yes_or(holds_any(table["services"], {"emergency_calls"}), "yes", "no"),
        "root_cause": one.mask(named.sum(axis=1) > 1, DISPUTED),
        "third_party": yes_or(in_causal_chain(registry), "named", "none_named"),
    }


def yes_or(holds: pd.Series, yes: str, no: str) -> pd.Series:
    """Return one code where something holds and another where not."""
    return pd.Series(no, index=holds.index).mask(holds, yes)


def root_causes(registry: Registry) -> pd.DataFrame:
    """Return which root causes sources name for each incident: one column a class, True where a source names it."""
    causes = registry.causes[
        ((registry.causes["factor"] == "root_cause") & (registry.causes["value"] != "unknown")).to_numpy()
    ]
    found = pd.DataFrame(False, index=registry.incidents.index, columns=sorted(causes["value"].unique()))
    for code in found:
        here = np.zeros(len(found), dtype=bool)
        here[causes[PLACE][(causes["value"] == code).to_numpy()]] = True
        found[code] = here
    return found
