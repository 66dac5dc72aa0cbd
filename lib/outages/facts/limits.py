"""Would the clock have been kept? Replays every published time limit on every incident."""

import functools
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from outages.stats.intervals import difference
from outages.registry.registry import Registry, holds_any
from outages.registry.files import coded
from outages.facts.timeline import moments_of, not_negative

VERDICTS = ("met", "missed", "undecidable", "unknown", "not_applicable")
DECIDED = 3  # verdicts: the first so many say something of the incident
EU = {
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
}  # fmt: skip
MOMENT = {"detected": "seen"}  # a limit that runs from discovery runs from the first discovery by anyone


@dataclass(frozen=True)
class Replayed:
    """Every time limit replayed on every incident.

    `decided` has one row for each limit and incident with a verdict: `target_id`, `incident_id`, `low`, `high` (minutes from the start of the clock to the act),
    `verdict` (`met` when the whole interval lies within the limit, `missed` when none of it does, `undecidable` when it straddles) and `in_force` (whether the
    limit bound this operator on the day of onset; otherwise the verdict is a what-if). `counts` has one row a limit and counts all incidents by verdict under
    the two heads `in_force` and `what_if`; beside those three a verdict may be `unknown`, when a moment is not on record, or `not_applicable`, when the limit is
    for another sector or service.
    """

    decided: pd.DataFrame
    counts: pd.DataFrame


def replay(registry: Registry, policy: str, moments: dict[str, pd.DataFrame] | None = None) -> Replayed:
    """Replay every time limit on every incident.

    Notes
    -----
    A limit for the first public word is met when any public word on record is early enough, since the true first came no later.
    A limit that runs from discovery runs from the operator's own detection; where only that of others is on record, which may have come first, it runs
    from there and can be met but not missed. Limits whose event is no single moment of an incident (each later public word) are not replayed.
    """
    moments = moments_of(registry, policy) if moments is None else moments
    incidents, days = registry.incidents.index, days_of(registry.incidents)
    lag_between = functools.cache(lambda act, start: lag_of(act, start, moments))  # many limits share their moments
    decided: list[pd.DataFrame] = []
    counts: dict[str, np.ndarray] = {}
    for target in registry.communication_targets.sort_values("target_id").to_dict("records"):
        if (
            target["event"] in ("public_statement", "precursor", "onset")
            or target["counted_from"] == "first_public_statement"
        ):
            continue
        lag, can_miss = lag_between(target["event"], target["counted_from"])
        verdict = verdicts(lag, float(target["limit_minutes"]), can_miss, applies(target, registry.incidents))
        bound = binds(target, registry.incidents, days)
        counts[target["target_id"]] = np.bincount(verdict + len(VERDICTS) * ~bound, minlength=2 * len(VERDICTS))
        rows = np.flatnonzero(verdict < DECIDED)
        decided.append(lag.iloc[rows].assign(
            target_id=target["target_id"], incident_id=incidents[rows], verdict=np.array(VERDICTS)[verdict[rows]], in_force=bound[rows],
        ))  # fmt: skip
    columns = ["target_id", "incident_id", "low", "high", "verdict", "in_force"]
    heads = pd.MultiIndex.from_product([["in_force", "what_if"], VERDICTS])
    tally = pd.DataFrame(list(counts.values()), index=pd.Index(list(counts), name="target_id"), columns=heads)
    return Replayed(pd.concat(decided, ignore_index=True)[columns] if decided else pd.DataFrame(columns=columns), tally)


def lag_of(act: str, counted_from: str, moments: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the time from the start of a clock to its act, one row an incident, and where the start that counts is on record."""
    own, start = moments[counted_from], MOMENT.get(counted_from, counted_from)
    since = own if start == counted_from else own.where(own["low"].notna(), moments[start])
    lag = not_negative(difference(moments[act], since))
    if act == "first_public_statement":
        bound = not_negative(difference(moments["known_word"], since))
        unnamed = lag["low"].isna() & bound["low"].notna()
        lag = lag.mask(unnamed, bound.assign(low=0.0))
    return lag, own["low"].notna().to_numpy()


def verdicts(lag: pd.DataFrame, limit: float, can_miss: np.ndarray, fits: np.ndarray) -> np.ndarray:
    """Return the place of each incident's verdict in `VERDICTS`."""
    low, high = lag["low"].to_numpy(), lag["high"].to_numpy()
    return np.select([~fits, np.isnan(low), (low > limit) & can_miss, high <= limit], [4, 3, 1, 0], 2)


def applies(target: dict[str, str], incidents: pd.DataFrame) -> np.ndarray:
    """Return whether a limit is made for the sector and for any of the services that failed; an empty list fits all."""
    fits = np.ones(len(incidents), dtype=bool)
    for column, held in (("sectors", "sector"), ("services", "services")):
        if wanted := set(target[column].split(";")) - {""}:
            fits &= holds_any(incidents[held], wanted).to_numpy()
    return fits


def days_of(incidents: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
    """Return the place of each incident's local day of onset among the days, and these, as `YYYY-MM-DD`."""
    return coded(incidents["incident_id"].str[:10])


def binds(
    target: dict[str, str], incidents: pd.DataFrame, days: tuple[np.ndarray, list[str]] | None = None
) -> np.ndarray:
    """Return whether a limit bound each operator on the day of onset: its country or its own name, within the days in force.

    `days` is what `days_of` returns, when it is at hand.
    A limit for a special kind of provider (`addressees`) is never taken to bind: the registry does not say who is of that kind.
    """
    place, (first, _, last) = target["jurisdiction"], target["in_force"].partition("/")
    if target["addressees"] or not first:
        return np.zeros(len(incidents), dtype=bool)
    operator, names = coded(incidents["operator"])
    here = np.array([name.lower() == place.lower() for name in names], dtype=bool)[operator]
    here |= holds_any(incidents["country"], EU if place == "EU" else {place}).to_numpy()
    day_of, written = days or days_of(incidents)
    during = [day[: len(first)] >= first and (not last or day[: len(last)] <= last) for day in written]
    return here & np.array(during, dtype=bool)[day_of]


def before_the_end(saved: pd.DataFrame, word: pd.DataFrame, length: pd.DataFrame) -> pd.DataFrame:
    """Return the part of saved silence that lies before the end of the outage, since silence after it costs nobody.

    With word w, saving s and length L it is L - (w - s), at least zero and at most s. An unknown length may be anything.
    """
    ends = {"low": length["low"].fillna(0.0), "high": length["high"].fillna(math.inf)}
    low = (ends["low"] - (word["high"] - saved["low"])).clip(lower=0.0)
    high = (ends["high"] - (word["low"] - saved["high"])).clip(lower=0.0)
    kept = pd.DataFrame({"low": np.minimum(low, saved["low"]), "high": np.minimum(high, saved["high"])})
    return kept.where(saved["low"].notna())


def earlier_cell(cell: pd.DataFrame, word: pd.DataFrame, limit: float) -> pd.DataFrame:
    """Return how many minutes of silence a crisis cell within a limit would have saved, the later steps keeping their distances.

    Parameters
    ----------
    cell, word : minutes from onset to the operator's crisis cell and to its first public word, one row an incident
    limit : minutes from onset in which the cell would have opened

    Returns
    -------
    Frame with `low` and `high`, NaN where one of the two is unknown. A word that came before the cell did not wait for it, so nothing is saved; where the
    sources leave the order open, the low end is zero.
    """
    after, before = word["low"] >= cell["high"], word["high"] < cell["low"]
    late = {end: (cell[end] - limit).clip(lower=0.0) for end in ("low", "high")}
    highest = np.minimum(late["high"], (word["high"] - limit).clip(lower=0.0)).mask(before, 0.0)
    saved = pd.DataFrame({"low": late["low"].where(after, 0.0), "high": highest})
    return saved.where(cell["low"].notna() & word["low"].notna())
