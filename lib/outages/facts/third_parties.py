"""On whom did the outage depend, and who fell with it? `parties` has one row an incident, organisation and part."""

import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd

from outages.registry.registry import Registry
from outages.stats.inference import FEW, bootstrap, cliffs_delta, delta_interval, permutation_p, proportion
from outages.stats.intervals import Interval, known, quantile
from outages.stats.rows import in_frame, measured, once

CAUSAL = ("cause", "trigger", "propagation")
UNNAMED = "unnamed"


def in_causal_chain(registry: Registry) -> pd.Series:
    """Return for each incident whether some source places a third party in its causal chain.

    False means that no source names one, which is not the same as none being there.
    """
    causal = registry.third_parties[registry.third_parties["involvement"].isin(CAUSAL)]
    ids = registry.incidents.index
    return pd.Series(ids.isin(causal["incident_id"]), index=ids)


def parties(registry: Registry) -> pd.DataFrame:
    """Return who had which part: one row an incident, party and involvement, with role and number of claims."""
    by_part = registry.third_parties.groupby(["incident_id", "party", "involvement"], observed=True)
    roles = ("role", lambda role: ";".join(sorted(set(role))))
    return by_part.agg(role=roles, claims=("source_id", "size")).reset_index()


def causal(parties: pd.DataFrame, *, named: bool = False) -> pd.DataFrame:
    """Return the rows of the causal chain; with `named` only those of organisations that a source names."""
    rows = in_frame("parties", parties, "incident_id", "party", "involvement", "role")
    rows = rows[rows["involvement"].isin(CAUSAL)]
    return rows[rows["party"] != UNNAMED] if named else rows


def nearest(parties: pd.DataFrame) -> pd.DataFrame:
    """Return one row an incident and party: the part that stands nearest to the outage."""
    order = parties["involvement"].map([*CAUSAL, "delayed_recovery", "victim"].index)
    rows = parties.assign(order=order).sort_values("order", kind="stable")
    return rows.drop_duplicates(["incident_id", "party"]).drop(columns="order")


def incidents_of(parties: pd.DataFrame, by: str) -> pd.Series:
    """Return in how many incidents each party, role or involvement is named, most first."""
    count = in_frame("rows", parties, "incident_id", by).groupby(by, observed=True)["incident_id"].nunique()
    return count.sort_values(ascending=False, kind="stable")


def redundancy(claims: pd.DataFrame) -> pd.Series:
    """Return whether redundancy went down with the rest, `yes`, `no` or `disputed`, where a source says so.

    Parameters
    ----------
    claims : claims about `redundancy_defeated`, with `incident_id` and `value`
    """
    said = claims[claims["value"].isin(["yes", "no"])].groupby("incident_id")["value"].agg(lambda v: "/".join(set(v)))
    return said.where(said.isin(["yes", "no"]), "disputed")


def dependence(parties: pd.DataFrame, redundancy: pd.Series, n: int) -> pd.DataFrame:
    """Return the shares of dependence among n incidents: by role in the causal chain, for redundancy, for companies.

    Parameters
    ----------
    parties : who had which part
    redundancy : as the function of that name returns
    n : number of incidents, with those of which no source says anything

    Returns
    -------
    `what` (a role, `redundancy` or `same_company`), `k` found `of` so many (`k_high` with the disputed ones), `low`,
    `high` (bounds in which every silent source counts once as no and once as yes, C. F. Manski, *Partial Identification
    of Probability Distributions*, 2003), `ci_low`, `ci_high` (95% interval of the low end). `same_company` is the
    chance that two incidents taken at random depend on the same company, among the incidents with a named one; it has
    no `k`.
    """
    rows: list[tuple] = []
    roles = causal(parties).assign(role=lambda chain: chain["role"].str.split(";")).explode("role")
    for role, k in incidents_of(roles, "role").items():
        rows.append((role, k, k, n, Interval(k / n, 1.0), proportion(k, n)))
    if len(redundancy):
        yes, no = (int((redundancy == code).sum()) for code in ("yes", "no"))
        told = Interval(yes / n, 1 - no / n), proportion(yes, n)
        rows.append(("redundancy", yes, len(redundancy) - no, len(redundancy), *told))
    depended_on = companies(parties)
    rate = repeat_rate(depended_on)
    if len(depended_on) >= FEW and (found := rate()):
        rows.append(("same_company", np.nan, np.nan, len(depended_on), found, bootstrap(len(depended_on), rate)))
    values = [(*row, b.low, b.high, c.low, c.high) for *row, b, c in rows]
    return pd.DataFrame(values, columns=["what", "k", "k_high", "of", "low", "high", "ci_low", "ci_high"])


def companies(parties: pd.DataFrame) -> pd.Series:
    """Return the set of named companies in the causal chain of each incident that has one."""
    return causal(parties, named=True).groupby("incident_id", observed=True)["party"].agg(frozenset)


def repeat_rate(depended_on: pd.Series) -> Callable[..., Interval | None]:
    """Return a statistic: how often two incidents taken at random depend on the same company.

    Parameters
    ----------
    depended_on : set of companies of each incident

    Returns
    -------
    Function of the numbers of drawn incidents (all once when it is given none) that returns the share as an interval of
    one point, None when fewer than two different incidents are drawn. An incident is never paired with itself.

    Notes
    -----
    Pairs are counted by inclusion and exclusion through the sets of companies that incidents depend on together: two
    incidents with companies in common hold one more of the odd sets of these than of the even ones. Companies of a
    single incident meet in no pair. So the cost grows with the incidents, not with their pairs (and doubles with each
    further recurring company of one incident). The share is the repeat rate of E. H. Simpson, *Nature* 163, 1949.
    """
    incidents_per_company = pd.Series([c for held in depended_on for c in held]).value_counts()
    recurring = set(incidents_per_company.index[incidents_per_company > 1])
    common = [sorted(held & recurring) for held in depended_on]
    sets = [
        (row, held)
        for row, names in enumerate(common)
        for k in range(len(names))
        for held in itertools.combinations(names, k + 1)
    ]
    row = np.array([r for r, _ in sets], dtype=int)
    group, distinct = pd.factorize(np.fromiter((held for _, held in sets), dtype=object, count=len(sets)))
    sign = np.array([1.0 if len(held) % 2 else -1.0 for held in distinct])
    meets_itself = np.array([bool(names) for names in common])

    def statistic(draw: np.ndarray | None = None) -> Interval | None:
        every = np.arange(len(depended_on)) if draw is None else draw
        times = np.bincount(every, minlength=len(depended_on)).astype(float)
        pairs = times.sum() ** 2 - (times**2).sum()
        if pairs <= 0:
            return None
        together = np.bincount(group, weights=times[row], minlength=len(distinct))
        share = float(((sign * together**2).sum() - (times[meets_itself] ** 2).sum()) / pairs)
        return Interval(share, share)

    return statistic


def with_and_without(values: pd.DataFrame) -> pd.Series:
    """Compare interval values with and without a third party in the causal chain; this describes, it shows no effect.

    Parameters
    ----------
    values : frame with `low`, `high` and `third_party`; unknown rows are left out

    Returns
    -------
    `n_with`, `n_without`, bounds of the medians (`median_with_low` ...), of Cliff's delta (`delta_low`, `delta_high`:
    how much more often the side with one is the longer, from -1 to 1) with its 95% interval (`ci_low`, `ci_high`), and
    `p` by permutation of Gehan's scores. NaN for fewer than `FEW` values on a side.

    Raises
    ------
    InputError : an incident stands in several rows; ends that `outages.stats.rows.measured` refuses
    """
    values = measured("with_and_without", values, "third_party")
    values = values.iloc[np.argsort(once("with_and_without", values).map(str), kind="stable")]  # draws fall on places
    one, two = (known(values[values["third_party"] == side]) for side in (True, False))
    found: dict[str, float] = {"n_with": len(one), "n_without": len(two)}
    enough = min(len(one), len(two)) >= FEW
    bounds = {"median_with": quantile(one, 0.5), "median_without": quantile(two, 0.5)}
    bounds |= {"delta": cliffs_delta(one, two), "ci": delta_interval(one, two) if enough else None}
    for name, interval in bounds.items():
        found |= {f"{name}_{end}": getattr(interval, end) if enough else np.nan for end in ("low", "high")}
    return pd.Series(found | {"p": permutation_p(one, two) if enough else np.nan})


def network(parties: pd.DataFrame) -> pd.DataFrame:
    """Return which operator was linked with whom, as `parties` in `outages.studies.Study.third_parties`.

    Returns
    -------
    One row a link and incident: `operator`, `party`, `kind` (`cause` where the operator depended on the party in the
    causal chain, `victim` where the party went down with it; two organisations may have taken one another down),
    `incident_id`. Organisations that no source names are left out, and nobody is linked with itself.
    """
    parties = in_frame("parties", parties, "incident_id", "party", "involvement", "operator")
    rows = parties[(parties["party"] != UNNAMED) & parties["involvement"].isin([*CAUSAL, "victim"])]
    kind = rows["involvement"].astype(object).where(rows["involvement"] == "victim", "cause")
    rows = rows.assign(kind=kind, operator=rows["operator"].str.split(";")).explode("operator")
    links = rows.loc[rows["party"] != rows["operator"], ["operator", "party", "kind", "incident_id"]]
    return links.drop_duplicates(ignore_index=True)
