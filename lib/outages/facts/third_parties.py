"""On whom did the outage hang, and who fell with it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from outages.stats.intervals import Interval
from outages.registry.registry import Registry
from outages.registry.files import PLACE

if TYPE_CHECKING:
    from networkx import DiGraph

CAUSAL = ("cause", "trigger", "propagation")
UNNAMED = "unnamed"


def in_causal_chain(registry: Registry) -> pd.Series:
    """Return for each incident whether some source places a third party in its causal chain.

    False means that no source names one, which is not the same as none being there.
    """
    chain = np.zeros(len(registry.incidents), dtype=bool)
    chain[registry.third_parties[PLACE][registry.third_parties["involvement"].isin(CAUSAL)]] = True
    return pd.Series(chain, index=registry.incidents.index)


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


def by_year(registry: Registry, field: pd.Series) -> pd.DataFrame:
    """Return one row a year of onset: `n` incidents of a field, `named` of them with a third party in the causal chain."""
    chain = in_causal_chain(registry)[field]
    year = registry.incidents["incident_id"][field].str[:4].rename("year")
    return chain.groupby(year).agg(n="size", named="sum").astype(int)


def by_role(registry: Registry) -> pd.Series:
    """Return in how many incidents a third party of each role stands in the causal chain, most first; an incident may count under several roles."""
    named = registry.third_parties[registry.third_parties["involvement"].isin(CAUSAL)]
    return named.groupby("role")["incident_id"].nunique().sort_values(ascending=False, kind="stable")


def redundancy(registry: Registry) -> pd.Series:
    """Return for each incident whether redundancy went down with the rest: `yes`, `no`, `disputed`, or empty when no source says."""
    said = registry.causes[(registry.causes["factor"] == "redundancy_defeated").to_numpy()]
    place = np.zeros(len(registry.incidents), dtype=int)
    for number, code in ((1, "yes"), (2, "no")):
        named = said[PLACE][(said["value"] == code).to_numpy()]
        place[named] |= number
    codes = pd.Categorical.from_codes(place, categories=["", "yes", "no", "disputed"])
    return pd.Series(codes, index=registry.incidents.index)


def companies(registry: Registry) -> pd.Series:
    """Return the set of named companies in the causal chain of each incident that has one."""
    chain = registry.third_parties
    chain = chain[chain["involvement"].isin(CAUSAL) & (chain["party"] != UNNAMED)]
    return chain.groupby("incident_id")["party"].agg(frozenset)


def shared(hung_on: pd.Series, draw: np.ndarray | None = None) -> Interval | None:
    """Return how often two incidents taken at random hang on the same company (repeat rate of E. H. Simpson, *Nature* 163, 1949).

    Incidents that hang on the same set of companies are counted together.

    Parameters
    ----------
    hung_on : set of companies of each incident
    draw : numbers of the incidents to take, with repetition; all once by default. An incident is never paired with itself.

    Returns
    -------
    The share as an interval of one point, None when fewer than two different incidents are drawn.
    """
    counts = np.bincount(np.arange(len(hung_on)) if draw is None else draw, minlength=len(hung_on)).astype(float)
    kinds = list(dict.fromkeys(hung_on))
    place = {kind: number for number, kind in enumerate(kinds)}
    meets = np.array([[bool(one & two) for two in kinds] for one in kinds], dtype=float)
    weight = np.bincount([place[kind] for kind in hung_on], weights=counts, minlength=len(kinds))
    itself = (counts**2).sum()
    pairs = counts.sum() ** 2 - itself
    if pairs <= 0:
        return None
    share = float((weight @ meets @ weight - itself) / pairs)
    return Interval(share, share)


def network(registry: Registry) -> DiGraph:
    """Return who depended on whom: an edge from each company in a causal chain to the operator, and from the operator to each victim.

    Edges carry `incidents` (the set of identifiers) and `kind` (`cause` or `victim`). Organisations that no source names are left out.
    """
    from networkx import DiGraph

    graph = DiGraph()
    operator = registry.incidents["operator"]
    rows = registry.third_parties[registry.third_parties["party"] != UNNAMED]
    for row in rows.itertuples():
        fell = operator[row.incident_id]
        if row.party == fell or row.involvement not in (*CAUSAL, "victim"):
            continue
        kind = "victim" if row.involvement == "victim" else "cause"
        ends = (fell, row.party) if kind == "victim" else (row.party, fell)
        if not graph.has_edge(*ends):
            graph.add_edge(*ends, incidents=set(), kind=kind)
        graph.edges[ends]["incidents"].add(row.incident_id)
        if kind == "cause":  # an edge that is both is drawn as what weighs more
            graph.edges[ends]["kind"] = "cause"
    return graph
