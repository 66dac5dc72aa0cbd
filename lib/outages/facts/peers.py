"""Which outages are like this one, and where does it stand among them?"""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from outages.facts.limits import lag_of, verdicts
from outages.facts.timeline import LAGS, Facts, timed
from outages.stats.intervals import both_ends, difference, intervals
from outages.stats.rows import ENDS, once

CLEAR = 2 / 3  # share of the peers that can be told from which on "most" is said
DECIDED = 3  # peers that must be told apart before anything is said of most of them
LEVEL = 60.0  # minutes: two lags that differ by no more are level
UNKNOWN_SIZE = 0.5  # distance between two outages of which one has no known size
STANDINGS = ("sooner", "level", "not_sooner", "open")
LAG_OF = {"detection": "to_detection", "crisis": "to_escalation", "authorities": "to_authorities"}
COUNT_OF = {"calls": "emergency_calls_failed", "people": "users_affected"}
MEASURES = ("length", *LAG_OF, "public", *COUNT_OF)  # what outages are set side by side by
NOBODY = ("", np.nan, np.nan)  # where no peer is known
ACTS = {"authorities": "authorities_notified", "public": "first_public_statement"}  # that limits are tried on


def distances(incidents: pd.DataFrame, facts: Facts, focus: str) -> pd.DataFrame:
    """Return how far each other incident is from the one in focus.

    Parameters
    ----------
    incidents : attributes, as `outages.studies.Study.incidents`
    facts : what is known, as `outages.facts.timeline.facts`
    focus : identifier

    Returns
    -------
    One row an incident but the focus, nearest first: `services` (1 less the share of services that both or either
    lost), `scale` (1 where one hit several countries and the other did not), `size` (how many powers of ten lie between
    the people hit, or else between the calls lost), `years` (tens of years between the onsets), and their sum,
    `distance`.
    """
    services = incidents["services"].str.split(";").map(set)
    shared = services.map(lambda own: len(own & services[focus]) / max(len(own | services[focus]), 1))
    wide = incidents["country"].str.contains(";|001")
    size = pd.concat([log_of(facts[name]) for name in ("users_affected", "emergency_calls_failed")], axis=1)
    apart = (size - size.loc[focus]).abs().bfill(axis=1).iloc[:, 0].fillna(UNKNOWN_SIZE)
    found = pd.DataFrame(
        {
            "services": 1 - shared,
            "scale": (wide != wide[focus]).astype(float),
            "size": apart,
            "years": (incidents["year"] - incidents.at[focus, "year"]).abs() / 10,
        }
    )
    return found.assign(distance=found.sum(axis=1)).drop(index=focus).sort_values("distance", kind="stable")


def log_of(values: pd.DataFrame) -> pd.Series:
    """Return the decimal logarithm of the middle of an interval, of its one end where the other is open; NaN where
    unknown or not above zero.
    """
    low, high = values["low"].where(values["low"] > 0), values["high"].where(np.isfinite(values["high"]))
    middle = (low.fillna(high) + high.fillna(low)) / 2
    return np.log10(middle.where(middle > 0))


def public_told(facts: Facts) -> pd.DataFrame:
    """Return how long the public waited for the operator's word: `low`, `high` in minutes, whether that is `timed`, and
    whether a source calls it the first (`first`).

    Where none does it is the earliest on record, and the true first came no later.
    """
    lags = facts["to_public"], facts["to_earliest_statement"]
    called = lags[0]["low"].notna().to_numpy()
    (low, high), (least, most) = map(both_ends, lags)
    timed = np.where(called, *(lag["timed"].to_numpy(bool) for lag in lags))
    found = intervals(np.where(called, low, least), np.where(called, high, most), lags[0].index)
    return found.assign(timed=timed, first=called)


def untimed(facts: Facts) -> pd.DataFrame:
    """Return why a step has no lag after the onset.

    Returns
    -------
    One row an incident, one column a step (those of `LAG_OF`, and `public`): `unknown` where no source gives its hour,
    `no_onset` where none gives that of the onset, `after_end` where the earliest statement on record surely came after
    the end, `before_onset` where the step surely came before the onset; empty where it has a lag.
    """
    onset, found = facts["onset"], {}
    for step, lag in (LAG_OF | {"public": "to_earliest_statement"}).items():
        moment, late = facts[LAGS[lag][1]], facts[lag].get("after_end", False)
        roads = [measured(facts, step)["low"].notna(), moment["low"].isna(), onset["low"].isna(), late]
        roads.append(moment["high"] < onset["low"])
        found[step] = np.select(roads, ["", "unknown", "no_onset", "after_end", "before_onset"], "unknown")
    return pd.DataFrame(found, index=onset.index)


def compared(facts: Facts) -> dict[str, pd.DataFrame]:
    """Return what outages are set side by side by: `low`, `high` of each of `MEASURES`, see `measured`."""
    return {name: measured(facts, name)[ENDS] for name in MEASURES}


def measured(facts: Facts, name: str) -> pd.DataFrame:
    """Return one of `MEASURES`: `low`, `high` by incident, lags and lengths in minutes, and of lags whether they are
    `timed`.
    """
    return public_told(facts) if name == "public" else facts[(LAG_OF | COUNT_OF).get(name, name)]


def ranked(facts: Facts, focus: str) -> pd.DataFrame:
    """Return where an outage stands among the others.

    Parameters
    ----------
    facts : what is known, as `outages.facts.timeline.facts`
    focus : identifier

    Returns
    -------
    One row a measure of `MEASURES`: `low`, `high` of the focus (NaN where unknown), how many `peers` it can be set
    beside and how many of them are `sooner` (or shorter, or fewer), `level`, `not_sooner`, `open`, the `verdict`, and
    the peer that marks the end of the field (`best`, `best_low`, `best_high`): the fastest or shortest for sure; of
    counts, the highest for sure. Lags stand only beside lags that are timed to within two hours, and only if they are
    so themselves.
    """
    rows = {}
    for name in MEASURES:
        values = measured(facts, name)
        lag, count = name not in ("length", *COUNT_OF), name in COUNT_OF
        beside = timed(values) if lag else values
        found = standings(beside, focus, LEVEL if lag else 0.0)
        known = others_known(beside, focus)
        if count:
            best = max(known, key=lambda one: one[1:], default=NOBODY)
        else:
            best = min((one for one in known if one[2] < np.inf), key=lambda one: (one[2], one[1]), default=NOBODY)
        told = {code: list(found).count(code) for code in STANDINGS}
        row = dict(values.loc[focus, ENDS]) | {"peers": len(found), **told, "verdict": verdict(found)}
        rows[name] = row | dict(zip(("best", "best_low", "best_high"), best, strict=True))
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("measure")


def sooner_by(facts: Facts, measure: str, focus: str, peer: str) -> pd.Series:
    """Return by how many minutes a step of the focus would have come sooner at the pace of a peer: `low`, `high`, not
    below zero.

    Where no source calls the focus's word to the public the first, a true first may have come at that pace, so the low
    end is zero.
    """
    values = measured(facts, measure)
    saved = difference(values.loc[[focus]], values.loc[[peer]].set_axis([focus])).clip(lower=0.0).loc[focus]
    unsure = measure == "public" and not public_told(facts).at[focus, "first"]
    return saved.where([not unsure, True], 0.0)


def own_limits(minutes: Sequence[int], facts: Facts) -> pd.DataFrame:
    """Return what time limits of one's own, counted from onset, would have met.

    Returns
    -------
    One row a limit, act and incident: `limit` (minutes), `act` (a key of `ACTS`), `incident_id`, `low`, `high`,
    `verdict` (as `outages.facts.limits.replay`).
    """
    anyone = dict.fromkeys(("sectors", "services", "jurisdiction", "in_force", "addressees"), "")
    incidents = pd.DataFrame(index=once("own_limits", facts["onset"]))  # of which such a limit asks nothing
    lags = {act: lag_of(event, "onset", facts) for act, event in ACTS.items()}
    rows = []
    for limit in sorted(minutes):
        target = {"target_id": f"{limit}", "limit_minutes": f"{limit}", **anyone}
        rows += [verdicts(target, incidents, *lag).assign(limit=limit, act=act) for act, lag in lags.items()]
    columns = ["limit", "act", "incident_id", *ENDS, "verdict"]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)


def standings(values: pd.DataFrame, focus: str, level: float = LEVEL) -> pd.Series:
    """Return where each other incident stands beside the one in focus.

    Parameters
    ----------
    values : `low`, `high`, one row an incident, unknown rows left out of the result
    focus : identifier
    level : two values that differ by no more are level

    Returns
    -------
    `sooner` (surely less than the focus), `not_sooner` (surely as much or more), `level` (no more than `level` between
    any two values that they may have), or `open` (the sources leave it open). Empty when the focus itself is unknown.
    """
    low, high = values.loc[focus, ENDS]
    others = others_known(values, focus) if pd.notna(low) else []
    return pd.Series({name: standing(first, last, low, high, level) for name, first, last in others}, dtype=object)


def others_known(values: pd.DataFrame, focus: str) -> list[tuple[str, float, float]]:
    """Return the other incidents of which a value is known: identifier and the two ends."""
    every = zip(values.index, *both_ends(values), strict=True)
    return [one for one in every if one[0] != focus and not math.isnan(one[1])]


def standing(other_low: float, other_high: float, low: float, high: float, level: float) -> str:
    """Return where another interval stands beside one's own, see `standings`."""
    if max(other_high - low, high - other_low) <= level:
        return "level"
    if other_high < low:
        return "sooner"
    return "not_sooner" if other_low >= high else "open"


def verdict(found: pd.Series) -> str:
    """Return what most peers did: `faster` (the focus was sooner than most), `slower`, `level` (most are), `mixed`
    where neither side is clear, `ahead` or `behind` where those that are not level are all on one side and only both
    together are most, or `open` when too few, or not most of them, can be told apart, or most of those that can are not
    most of all.
    """
    sooner, later, level = (list(found).count(code) for code in ("sooner", "not_sooner", "level"))
    told = sooner + later + level
    most = len(found) / 2
    if told < DECIDED or told <= most:
        return "open"
    if level > most and bool(sooner) == bool(later):
        return "level"
    if min(later, sooner) and max(later, sooner) < CLEAR * told:
        return "mixed"
    if max(later, sooner) > most:
        return "faster" if later > sooner else "slower"
    if min(later, sooner):
        return "open"
    return "ahead" if later else "behind"


def with_timed_lag(facts: Facts, lags: tuple[str, ...] = ("to_authorities", "to_earliest_statement")) -> pd.Series:
    """Return which incidents have at least one of some lags known to within two hours."""
    return pd.concat([timed(facts[lag])["low"].notna() for lag in lags], axis=1).any(axis=1)
