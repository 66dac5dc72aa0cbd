"""In which groups are incidents compared? Every grouping gives each incident one code; an empty code means unknown."""

import numpy as np
import pandas as pd

from outages.facts.third_parties import in_causal_chain
from outages.registry.registry import Registry, holds_any
from outages.registry.files import PLACE

DISPUTED = "disputed"


def groupings(registry: Registry) -> dict[str, pd.Series]:
    """Return the code of each incident under each grouping: `sector`, `emergency_calls`, `root_cause`, `third_party`.

    `emergency_calls` is `yes` or `no`, `third_party` is `named` or `none_named`, `root_cause` is one of the four classes, `disputed` where sources
    name several, empty where they name none.
    """
    table = registry.incidents
    named = root_causes(registry)
    one = np.zeros(len(table), dtype=int)
    for place, code in enumerate(named, 1):
        one[named[code].to_numpy()] = place
    one[named.to_numpy().sum(axis=1) > 1] = len(named.columns) + 1
    calls, chain = holds_any(table["services"], {"emergency_calls"}).to_numpy(), in_causal_chain(registry).to_numpy()
    return {
        "sector": table["sector"],
        "emergency_calls": grouped(calls, ["no", "yes"], table.index),
        "root_cause": grouped(one, ["", *named, DISPUTED], table.index),
        "third_party": grouped(chain, ["none_named", "named"], table.index),
    }


def grouped(place: np.ndarray, codes: list[str], names: pd.Index) -> pd.Series:
    """Return the code that stands at each place of a list."""
    return pd.Series(pd.Categorical.from_codes(place.astype("int8"), categories=codes), index=names)


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
