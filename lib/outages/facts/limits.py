"""Would the time limit have been kept? Replays every published limit on every incident."""

import functools
import math

import numpy as np
import pandas as pd

from outages.facts.timeline import Facts
from outages.registry.registry import holds_any
from outages.stats.intervals import difference, not_negative
from outages.stats.rows import ENDS, once

VERDICTS = ("met", "missed", "undecidable", "unknown", "not_applicable")
DECIDED = VERDICTS[:3]  # verdicts that say something of the incident
EU = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())
MOMENT = {"detected": "first_detected"}  # a limit that runs from discovery runs from the first discovery by anyone
NO_SINGLE_MOMENT = ("public_statement", "precursor", "onset")  # acts of which an incident has many, or that are no act


def replay(targets: pd.DataFrame, incidents: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    """Replay every time limit on every incident of which facts are given.

    Parameters
    ----------
    targets : time limits, as `communication_targets` of a registry
    incidents : incidents of a registry, these or more
    facts : what is known of them, see `outages.facts.timeline.facts`

    Returns
    -------
    One row a limit and incident: `target_id`, `incident_id`, `low`, `high` (minutes from the start of the limit to the
    act), `verdict` (`met` when the whole interval lies within the limit, `missed` when none of it does, `undecidable`
    when it straddles, `unknown` when a moment is not on record, `not_applicable` when the limit is for another sector
    or service) and `in_force` (whether the limit bound this operator on the day of onset; otherwise the verdict is a
    what-if).

    Notes
    -----
    A limit for the first public statement is met when any public statement on record is early enough, since the true
    first came no later. A limit that runs from discovery runs from the operator's own detection; where only that of
    others is on record, which may have come first, it runs from there and can be met but not missed. Limits whose event
    is no single moment of an incident (each later statement) are not replayed.
    """
    own, asked = once("replay", facts["onset"]), ["operator", "country", "sector", "services"]
    incidents = incidents[asked].astype(object).reindex(own, fill_value="")
    incidents = incidents.astype("category")  # limit after limit: each different cell is looked at once
    no_moment = targets["event"].isin(NO_SINGLE_MOMENT) | targets["counted_from"].isin(
        ["first_public_statement", "precursor"]
    )
    lag = functools.cache(lambda act, counted_from: lag_of(act, counted_from, facts))  # many limits share one
    found = [
        verdicts(target, incidents, *lag(target["event"], target["counted_from"]))
        for target in targets[~no_moment].sort_values("target_id").to_dict("records")
    ]
    columns = ["target_id", "incident_id", "low", "high", "verdict", "in_force"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def verdicts(target: dict[str, str], incidents: pd.DataFrame, lag: pd.DataFrame, can_miss: pd.Series) -> pd.DataFrame:
    """Return the verdict of one limit on each incident, as rows of `replay`; `lag` and `can_miss` as `lag_of` returns
    them.
    """
    limit, low, high = float(target["limit_minutes"]), lag["low"], lag["high"]
    roads = [~applies(target, incidents), low.isna(), (low > limit) & can_miss, high <= limit]
    verdict = np.select(roads, ["not_applicable", "unknown", "missed", "met"], "undecidable")
    found = lag.assign(verdict=verdict, in_force=binds(target, incidents), target_id=target["target_id"])
    return found.reset_index(names="incident_id")


def lag_of(act: str, counted_from: str, facts: Facts) -> tuple[pd.DataFrame, pd.Series]:
    """Return the time from the start of a limit to its act, one row an incident, and where the start that counts is on
    record.
    """
    own = facts[counted_from]
    since = own.fillna(facts[MOMENT.get(counted_from, counted_from)])
    lag = not_negative(difference(facts[act], since))
    if act == "first_public_statement":
        bound = not_negative(difference(facts["earliest_statement"], since))
        lag = lag.fillna(bound.assign(low=bound["low"] * 0))
    return lag, own["low"].notna()


def applies(target: dict[str, str], incidents: pd.DataFrame) -> pd.Series:
    """Return whether a limit is made for the sector and for any of the services that failed; an empty list fits all."""
    fits = pd.Series(True, index=incidents.index)
    for column, held in (("sectors", "sector"), ("services", "services")):
        if wanted := set(target[column].split(";")) - {""}:
            fits &= holds_any(incidents[held], wanted)
    return fits


def binds(target: dict[str, str], incidents: pd.DataFrame) -> pd.Series:
    """Return whether a limit bound each operator on the day of onset: its country or its own name, within the days in
    force.

    A limit for a special kind of provider (`addressees`) is never taken to bind: the registry does not say who is of
    that kind.
    """
    place, (first, _, last) = target["jurisdiction"], target["in_force"].partition("/")
    if target["addressees"] or not first:
        return pd.Series(False, index=incidents.index)
    own = [name for name in incidents["operator"].unique() if place.lower() in name.lower().split(";")]
    here = incidents["operator"].isin(own) | holds_any(incidents["country"], EU if place == "EU" else {place})
    ids = incidents.index  # which begin with the day of onset
    during = (ids >= first) & ((ids.str[: len(last)] <= last) if last else True)
    return here & during


def before_the_end(saved: pd.DataFrame, word: pd.DataFrame, length: pd.DataFrame) -> pd.DataFrame:
    """Return the part of saved silence that lies before the end of the outage, since silence after it costs nobody.

    With statement w, saving s and length L it is L - (w - s), at least zero and at most s. An unknown length may be
    anything.
    """
    saved, word, length = (frame[ENDS].astype(float) for frame in (saved, word, length))
    low = (length["low"].fillna(0.0) - (word["high"] - saved["low"])).clip(lower=0.0)
    high = (length["high"].fillna(math.inf) - (word["low"] - saved["high"])).clip(lower=0.0)
    return np.minimum(pd.DataFrame({"low": low, "high": high}), saved).where(saved["low"].notna())


def earlier_cell(cell: pd.DataFrame, word: pd.DataFrame, wait: pd.DataFrame, limit: float) -> pd.DataFrame:
    """Return how many minutes of silence a crisis cell within a limit would have saved, the later steps keeping their
    distances.

    Parameters
    ----------
    cell, word : minutes from onset to the operator's crisis cell and to its first public statement, one row an incident
    wait : minutes from the cell to the statement, which are known better than the difference of the two
    limit : minutes within which the cell would have opened

    Returns
    -------
    Frame of intervals in minutes, NaN where one is unknown. A statement that came before the cell, or in its minute,
    did not wait for it, so nothing is saved; where the sources leave the order open, the low end is zero.
    """
    after, before = wait["low"] > 0, wait["high"] <= 0
    late = (cell - limit).clip(lower=0.0)
    highest = np.minimum(late["high"], (word["high"] - limit).clip(lower=0.0)).mask(before, 0.0)
    saved = pd.DataFrame({"low": late["low"].where(after, 0.0), "high": highest})
    return saved.where(cell["low"].notna() & word["low"].notna())


def saved_by_earlier_cell(facts: Facts, limit: float) -> pd.DataFrame:
    """Return how much sooner the public would have heard, had the crisis cell opened within a limit: minutes, one row
    an incident, NaN where unknown.

    Where no source calls a statement the first, the earliest on record stands in; a true first may have come before the
    cell, so the low end is then zero.
    """
    lags = ("to_escalation", "to_public", "to_earliest_statement")
    cell, first, earliest = (facts[lag][ENDS] for lag in lags)
    word = first.fillna(earliest)
    said = facts["first_public_statement"].fillna(facts["earliest_statement"])
    saved = earlier_cell(cell, word, difference(said, facts["escalated"]), limit)
    saved["low"] = saved["low"].mask(first["low"].isna() & saved["low"].notna(), 0.0)
    return before_the_end(saved, word, facts["length"])
