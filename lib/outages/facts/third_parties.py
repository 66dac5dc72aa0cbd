"""On whom did the outage depend, and who fell with it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from outages.registry.registry import Registry
from outages.stats.intervals import Interval

if TYPE_CHECKING:
    from networkx import DiGraph

CAUSAL = ("cause", "trigger", "propagation")
UNNAMED = "unnamed"


def in_causal_chain(registry: Registry) -> pd.Series:
    """Return for each incident whether some source places a third party in its causal chain.

    False means that no source names one, which is not the same as none being there.
    """
    causal = registry.third_parties[registry.third_parties["involvement"].isin(CAUSAL)]
    ids = registry.incidents.index
    return pd.Series(ids.isin(causal["incident_id"]), index=ids)


def share_with_third_party(registry: Registry) -> Interval | None:
    """Return the share of incidents with a third party in the causal chain as worst-case bounds.

    The low end counts the incidents for which a source names one, the high end also all for which nobody names any: their truth is
    unknown (bounds of C. F. Manski, *Partial Identification of Probability Distributions*, Springer 2003, chapter 1). None without incidents.
    """
    named = in_causal_chain(registry)
    return Interval(float(named.mean()), 1.0) if len(named) else None


def parties(registry: Registry) -> pd.DataFrame:
    """Return who had which part: one row an incident, party and involvement, with role and number of claims."""
    by_part = registry.third_parties.groupby(["incident_id", "party", "involvement"], observed=True)
    return by_part.agg(role=("role", lambda roles: ";".join(sorted(set(roles)))), claims=("source_id", "size")).reset_index()


def by_year(registry: Registry, field: pd.Series) -> pd.DataFrame:
    """Return one row a year of onset: `n` incidents of a field, `named` of them with a third party in the causal chain."""
    chain = in_causal_chain(registry)[field]
    return chain.groupby(chain.index.str[:4].rename("year")).agg(n="size", named="sum").astype(int)


def by_role(registry: Registry) -> pd.Series:
    """Return in how many incidents a third party of each role stands in the causal chain, most first; an incident may count under several roles."""
    named = registry.third_parties[registry.third_parties["involvement"].isin(CAUSAL)]
    return named.groupby("role", observed=True)["incident_id"].nunique().sort_values(ascending=False, kind="stable")


def redundancy(registry: Registry) -> pd.Series:
    """Return for each incident whether redundancy went down with the rest: `yes`, `no`, `disputed`, or empty when no source says."""
    said = registry.causes[registry.causes["factor"] == "redundancy_defeated"]
    ids = registry.incidents.index
    yes, no = (ids.isin(said.loc[said["value"] == code, "incident_id"]) for code in ("yes", "no"))
    return pd.Series(np.select([yes & no, yes, no], ["disputed", "yes", "no"], ""), index=ids)


def companies(registry: Registry) -> pd.Series:
    """Return the set of named companies in the causal chain of each incident that has one."""
    chain = registry.third_parties
    chain = chain[chain["involvement"].isin(CAUSAL) & (chain["party"] != UNNAMED)]
    return chain.groupby("incident_id", observed=True)["party"].agg(frozenset)


def shared(depended_on: pd.Series, draw: np.ndarray | None = None) -> Interval | None:
    """Return how often two incidents taken at random depend on the same company (repeat rate of E. H. Simpson, *Nature* 163, 1949).

    Incidents that depend on the same set of companies are counted together.

    Parameters
    ----------
    depended_on : set of companies of each incident
    draw : numbers of the incidents to take, with repetition; all once by default. An incident is never paired with itself.

    Returns
    -------
    The share as an interval of one point, None when fewer than two different incidents are drawn.
    """
    counts = np.bincount(np.arange(len(depended_on)) if draw is None else draw, minlength=len(depended_on)).astype(float)
    kinds = list(dict.fromkeys(depended_on))
    meets = np.array([[bool(one & two) for two in kinds] for one in kinds], dtype=float)
    weight = np.bincount([kinds.index(kind) for kind in depended_on], weights=counts, minlength=len(kinds))
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
