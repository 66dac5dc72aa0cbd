"""How does the sample lean? Its shares beside those that a regulator's scheme publishes for the same field."""

import pandas as pd

from outages.facts.limits import EU
from outages.facts.third_parties import in_causal_chain
from outages.facts.groups import root_causes
from outages.stats.intervals import Interval
from outages.registry.registry import Registry, holds_any
from outages.registry.files import numbers

CLASSES = ("system_failure", "human_error", "malicious_action", "natural_phenomenon")
SCHEME = "ENISA-telecom"


def same_field(registry: Registry) -> pd.Series:
    """Return which incidents the scheme could have counted: those of telecom networks in the European Union."""
    table = registry.incidents
    return (table["sector"] == "telecom") & holds_any(table["country"], EU)


def own_shares(registry: Registry, field: pd.Series) -> dict[str, Interval]:
    """Return the share of incidents of each kind among those in a field, as worst-case bounds.

    An incident counts to the low end of a root cause when its sources name that class alone, to the high end when they name it among others
    or name none: the truth is then unknown. Empty without incidents.
    """
    if not field.any():
        return {}
    named = root_causes(registry).reindex(columns=CLASSES, fill_value=False)[field]
    how_many = named.sum(axis=1)
    shares = {
        f"share_{c}": Interval(float((named[c] & (how_many == 1)).mean()), float((named[c] | (how_many == 0)).mean()))
        for c in CLASSES
    }
    third = float(in_causal_chain(registry)[field].mean())
    emergency = float(holds_any(registry.incidents["services"], {"emergency_calls"})[field].mean())
    return shares | {
        "share_third_party": Interval(third, 1.0),
        "share_emergency_calls_affected": Interval(emergency, emergency),
    }


def published(registry: Registry, metric: str) -> tuple[Interval, str] | None:
    """Return from the lowest to the highest published value of a metric, with its years, None when none is in the registry."""
    rows = registry.regulator_annual
    rows = rows[(rows["scheme"] == SCHEME) & (rows["metric"] == metric)]
    if rows.empty:
        return None
    values, years = numbers(rows["value"]), sorted(set(rows["year"]))
    return Interval(float(values.min()), float(values.max())), years[0] if len(
        years
    ) == 1 else f"{years[0]}–{years[-1]}"


def compared(registry: Registry) -> pd.DataFrame:
    """Return one row a share: `metric`, `own` and `published` (intervals), `years`; only shares that both sides have."""
    own = own_shares(registry, same_field(registry))
    rows = [(metric, share, found) for metric, share in own.items() if (found := published(registry, metric))]
    return pd.DataFrame([(m, s, f[0], f[1]) for m, s, f in rows], columns=["metric", "own", "published", "years"])
