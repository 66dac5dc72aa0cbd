"""Would the clock have been kept? Replays every published time limit on every incident."""

import math

import numpy as np
import pandas as pd

from outages.intervals import difference
from outages.registry import Registry
from outages.timeline import at_moment, moments_of, not_negative

VERDICTS = ("met", "missed", "undecidable", "unknown", "not_applicable")
EU = {
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
}  # fmt: skip
MOMENT = {"detected": "seen"}  # a limit that runs from discovery runs from the first discovery by anyone


def replay(registry: Registry, policy: str, moments: pd.DataFrame | None = None) -> pd.DataFrame:
    """Replay every time limit on every incident.

    Returns
    -------
    One row a limit and incident: `target_id`, `incident_id`, `low`, `high` (minutes from the start of the clock to the act),
    `verdict` (`met` when the whole interval lies within the limit, `missed` when none of it does, `undecidable` when it straddles,
    `unknown` when a moment is not on record, `not_applicable` when the limit is for another sector or service) and `in_force` (whether the limit bound this operator on the day of onset; otherwise the
    verdict is a what-if).

    Notes
    -----
    A limit for the first public word is met when any public word on record is early enough, since the true first came no later.
    A limit that runs from discovery runs from the operator's own detection; where only that of others is on record, which may have come first, it runs
    from there and can be met but not missed. Limits whose event is no single moment of an incident (each later public word) are not replayed.
    """
    moments = moments_of(registry, policy) if moments is None else moments
    incidents = registry.incidents.index
    found = []
    for target in registry.communication_targets.to_dict("records"):
        act, start = target["event"], MOMENT.get(target["counted_from"], target["counted_from"])
        if act in ("public_statement", "precursor", "onset") or start == "first_public_statement":
            continue
        since, own = at_moment(moments, start, incidents), at_moment(moments, target["counted_from"], incidents)
        since = own.where(own["low"].notna(), since)
        lag = not_negative(difference(at_moment(moments, act, incidents), since))
        if act == "first_public_statement":
            bound = not_negative(difference(at_moment(moments, "known_word", incidents), since))
            unnamed = lag["low"].isna() & bound["low"].notna()
            lag = lag.mask(unnamed, bound.assign(low=0.0))
        limit = float(target["limit_minutes"])
        verdict = (
            pd.Series("undecidable", index=incidents)
            .mask(lag["high"] <= limit, "met")
            .mask((lag["low"] > limit) & own["low"].notna(), "missed")
            .mask(lag["low"].isna(), "unknown")
            .mask(~applies(target, registry.incidents), "not_applicable")
        )
        found.append(lag.assign(
            target_id=target["target_id"], incident_id=incidents, verdict=verdict,
            in_force=[binds(target, row) for row in registry.incidents.to_dict("records")],
        ))  # fmt: skip
    columns = ["target_id", "incident_id", "low", "high", "verdict", "in_force"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def applies(target: dict[str, str], incidents: pd.DataFrame) -> pd.Series:
    """Return whether a limit is made for the sector and for any of the services that failed; an empty list fits all."""
    sectors, services = (set(target[column].split(";")) - {""} for column in ("sectors", "services"))
    fits = incidents["sector"].isin(sectors) if sectors else pd.Series(True, index=incidents.index)
    hit = incidents["services"].map(lambda cell: not services or bool(services & set(cell.split(";"))))
    return fits & hit


def binds(target: dict[str, str], incident: dict[str, str]) -> bool:
    """Return whether a limit bound an operator on the day of onset: its country or its own name, within the days in force.

    A limit for a special kind of provider (`addressees`) is never taken to bind: the registry does not say who is of that kind.
    """
    if target["addressees"]:
        return False
    place, countries = target["jurisdiction"], set(incident["country"].split(";"))
    here = (
        place in countries or (place == "EU" and bool(countries & EU)) or place.lower() == incident["operator"].lower()
    )
    first, _, last = target["in_force"].partition("/")
    day = incident["incident_id"][:10]
    return bool(here and first and first <= day[: len(first)] and (not last or day[: len(last)] <= last))


def tally(replayed: pd.DataFrame) -> pd.DataFrame:
    """Count verdicts: one row a limit, columns `met`, `missed`, `undecidable`, `unknown` under the two heads `in_force` and `what_if`."""
    kind = replayed["in_force"].map({True: "in_force", False: "what_if"})
    counts = (
        replayed.assign(kind=kind)
        .groupby(["target_id", "kind", "verdict"])
        .size()
        .unstack(["kind", "verdict"], fill_value=0)
    )
    heads = pd.MultiIndex.from_product([["in_force", "what_if"], VERDICTS])
    return counts.reindex(columns=heads, fill_value=0)


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
