"""In which groups are incidents compared, and how does the sample lean? Every grouping gives each incident one code; an
empty code means unknown.
"""

import functools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from outages.facts.limits import EU
from outages.facts.third_parties import in_causal_chain
from outages.facts.timeline import MOMENTS
from outages.registry.files import TEXT
from outages.registry.registry import Registry, holds_any
from outages.stats.inference import proportion
from outages.stats.intervals import Interval
from outages.stats.rows import in_frame

COMPLETE_LIST = "systematic_year"  # how an outage was found that comes from an operator's complete list
DISPUTED = "disputed"
CLASSES = ("system_failure", "human_error", "malicious_action", "natural_phenomenon")
SCHEME = "ENISA-telecom"
CALLS = "share_emergency_calls_affected"
FIELDS = (  # of which completeness is told beside the moments
    "users_affected",
    "subscriber_base",
    "emergency_calls_failed",
    "root_cause",
    "redundancy_defeated",
    "third_parties",
)


def groupings(registry: Registry) -> pd.DataFrame:
    """Return the code of each incident under each grouping: columns `sector`, `emergency_calls`, `root_cause`,
    `third_party`.

    `emergency_calls` is `yes` or `no`, `third_party` is `named` or `none_named`, `root_cause` is one of the four
    classes, `disputed` where sources name several, empty where they name none.
    """
    incidents, named = registry.incidents, root_causes(registry)
    one = (
        named.idxmax(axis=1).where(named.any(axis=1), "")
        if len(named.columns)
        else pd.Series("", index=incidents.index)
    )
    calls, chain = holds_any(incidents["services"], {"emergency_calls"}), in_causal_chain(registry)
    return pd.DataFrame(
        {
            "sector": incidents["sector"],
            "emergency_calls": np.where(calls, "yes", "no"),
            "root_cause": one.mask(named.sum(axis=1) > 1, DISPUTED),
            "third_party": np.where(chain, "named", "none_named"),
        },
        index=incidents.index,
        dtype=TEXT,
    )


def unpooled(incidents: pd.DataFrame) -> pd.DataFrame:
    """Return the outages on which lags rest: those found one by one, or those of a complete list where these are more,
    since what made the news and a list of all that happened are never pooled.

    Parameters
    ----------
    incidents : with `found_by`, as `outages.studies.Study.incidents`
    """
    listed = in_frame("incidents", incidents, "found_by")["found_by"] == COMPLETE_LIST
    return incidents[listed if listed.mean() > 0.5 else ~listed]


def root_causes(registry: Registry) -> pd.DataFrame:
    """Return which root causes sources name for each incident: one column a class, True where a source names it."""
    causes = registry.causes[(registry.causes["factor"] == "root_cause") & (registry.causes["value"] != "unknown")]
    ids = registry.incidents.index
    named = {
        code: ids.isin(causes.loc[causes["value"] == code, "incident_id"]) for code in sorted(causes["value"].unique())
    }
    return pd.DataFrame(named, index=ids)


def known_fields(facts: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """Return what is known: one row an incident, True where a moment has a value or a claim gives a field one.

    A claim that says "unknown" gives none.

    Parameters
    ----------
    facts : see `outages.facts.timeline.facts`
    claims : with `incident_id`, `table`, `about` and `value`, as `outages.studies.Study.claims` returns them
    """
    known = {moment: facts[moment]["low"].notna() for moment in MOMENTS}
    claims = claims[claims["value"] != "unknown"]
    for field in FIELDS:
        told = claims.loc[(claims["about"] == field) | (claims["table"] == field), "incident_id"]
        known[field] = pd.Series(facts.index.isin(told), index=facts.index)
    return pd.DataFrame(known)


def counted_by_scheme(incidents: pd.DataFrame) -> pd.Series:
    """Return which incidents the European scheme could have counted: those of telecom networks in the European
    Union.
    """
    return (incidents["sector"] == "telecom") & holds_any(incidents["country"], EU)


def own_shares(registry: Registry, field: pd.Series) -> dict[str, Interval]:
    """Return the share of incidents of each kind among those in a field, as worst-case bounds.

    An incident counts to the low end of a root cause when its sources name that class alone, to the high end when they
    name it among others or name none: the truth is then unknown. Empty without incidents.
    """
    if not field.any():
        return {}
    named = root_causes(registry).reindex(columns=CLASSES, fill_value=False)[field]
    classes = named.sum(axis=1)
    shares = {
        f"share_{c}": Interval(float((named[c] & (classes == 1)).mean()), float((named[c] | (classes == 0)).mean()))
        for c in CLASSES
    }
    third = float(in_causal_chain(registry)[field].mean())
    emergency = float(holds_any(registry.incidents["services"], {"emergency_calls"})[field].mean())
    return shares | {
        "share_third_party": Interval(third, 1.0),
        CALLS: Interval(emergency, emergency),
    }


def published_share(registry: Registry, metric: str) -> tuple[Interval, list[str]] | None:
    """Return from the lowest to the highest published value of a metric, with its years in order, None when none is in
    the registry.
    """
    rows = registry.regulator_annual
    rows = rows[(rows["scheme"] == SCHEME) & (rows["metric"] == metric)]
    if rows.empty:
        return None
    values = rows["value"].astype(float)
    return Interval(float(values.min()), float(values.max())), sorted(set(rows["year"]))


def beside_published(registry: Registry, services: Sequence[str] = ()) -> pd.DataFrame:
    """Return how shares of incidents stand beside those published for incidents of the same years.

    Parameters
    ----------
    registry : incidents and published shares
    services : by which the incidents were chosen: then no share of services is compared

    Returns
    -------
    One row a share that both sides have: `metric`, `low`, `high` (worst-case bounds), `ci_low` (low end of the 95%
    interval of the low bound), `ci_high` (high end of that of the high one), `n` incidents, `published_low`,
    `published_high`, `years` (the first and the last that are published).
    """
    counted, year, rows = counted_by_scheme(registry.incidents), registry.incidents.index.str[:4], []

    @functools.cache  # many shares are published of the same years
    def of_years(years: tuple[str, ...]) -> tuple[int, dict[str, Interval]]:
        field = counted & year.isin(years)
        return int(field.sum()), own_shares(registry, field)

    for metric in (*(f"share_{code}" for code in CLASSES), "share_third_party", CALLS):
        found = published_share(registry, metric)
        if not found or (services and metric == CALLS):
            continue
        published, years = found
        n, shares = of_years(tuple(years))
        if own := shares.get(metric):
            low, high = (proportion(round(end * n), n) for end in (own.low, own.high))
            span = "–".join(sorted({years[0], years[-1]}))
            rows.append((metric, own.low, own.high, low.low, high.high, n, published.low, published.high, span))
    ends = ["low", "high", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=["metric", *ends, "n", "published_low", "published_high", "years"])
