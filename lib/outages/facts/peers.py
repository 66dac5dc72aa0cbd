"""Which outages are like this one, and where does it stand among them?"""

import numpy as np
import pandas as pd

from outages.facts.timeline import ENDS, timed

CLEAR = 2 / 3  # share of the peers that can be told from which on "most" is said
DECIDED = 3  # peers that must be told apart before anything is said of most of them
LEVEL = 60.0  # minutes: two lags that differ by no more are level
UNKNOWN_SIZE = 0.5  # distance between two outages of which one has no known size
STANDINGS = ("sooner", "level", "not_sooner", "open")


def distances(incidents: pd.DataFrame, facts: pd.DataFrame, focus: str) -> pd.DataFrame:
    """Return how far each other incident is from the one in focus.

    Parameters
    ----------
    incidents : attributes, as `outages.studies.Study.incidents`
    facts : what is known, as `outages.facts.timeline.facts`
    focus : identifier

    Returns
    -------
    One row an incident but the focus, nearest first: `services` (1 less the share of services that both or either lost), `scale` (1 where one hit emergency
    calls or several countries and the other did not), `size` (how many powers of ten lie between the people hit, or else between the calls lost), `years`
    (tens of years between the onsets), and their sum, `distance`.
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
    """Return the decimal logarithm of the middle of an interval, of its one end where the other is open; NaN where unknown or not above zero."""
    low, high = values["low"].where(values["low"] > 0), values["high"].where(np.isfinite(values["high"]))
    middle = (low.fillna(high) + high.fillna(low)) / 2
    return np.log10(middle.where(middle > 0))


def standings(values: pd.DataFrame, focus: str) -> pd.Series:
    """Return where each other incident stands beside the one in focus.

    Parameters
    ----------
    values : `low`, `high`, one row an incident, unknown rows left out of the result
    focus : identifier

    Returns
    -------
    `sooner` (surely less than the focus), `not_sooner` (surely as much or more), `level` (no more than an hour between any two values that they may have),
    or `open` (the sources leave it open). Empty when the focus itself is unknown.
    """
    low, high = values.loc[focus, ENDS]
    others = values[ENDS].drop(index=focus).dropna() if pd.notna(low) else values[ENDS].iloc[:0]
    farthest = np.maximum(others["high"] - low, high - others["low"])
    roads = [farthest <= LEVEL, others["high"] < low, others["low"] >= high]
    return pd.Series(np.select(roads, ["level", "sooner", "not_sooner"], "open"), index=others.index)


def verdict(standing: pd.Series) -> str:
    """Return what most peers did: `faster` (the focus was sooner than most), `slower`, `level`, or `open` when too few can be told apart."""
    counts = standing.value_counts()
    sooner, later, level = (int(counts.get(code, 0)) for code in ("sooner", "not_sooner", "level"))
    told = sooner + later + level
    if told < DECIDED:
        return "open"
    return "faster" if later >= CLEAR * told else "slower" if sooner >= CLEAR * told else "level"


def with_timed_lag(facts: pd.DataFrame, lags: tuple[str, ...] = ("to_authorities", "to_known_word")) -> pd.Series:
    """Return which incidents have at least one of some lags known to within two hours."""
    return pd.concat([timed(facts[lag])["low"].notna() for lag in lags], axis=1).any(axis=1)
