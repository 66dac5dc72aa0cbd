"""What is known of each incident? One row an incident, one interval a fact: resolved from claims under a policy, or
derived from such intervals.
"""

from collections.abc import Collection, Iterable, Mapping

import numpy as np
import pandas as pd

from outages.facts.impact import user_hours
from outages.facts.settled import COUNTS, MOMENTS, Moments, Quantities, Settlement, settlement
from outages.registry.registry import Registry
from outages.stats.intervals import both_ends, difference, informative, intervals, not_negative
from outages.stats.rows import ENDS

QUANTITIES = (*COUNTS, "subscriber_base", "duration_hours")
LAGS = {
    "to_first_detection": ("onset", "first_detected"),
    "to_detection": ("onset", "detected"),
    "to_escalation": ("onset", "escalated"),
    "to_authorities": ("onset", "authorities_notified"),
    "to_public": ("onset", "first_public_statement"),
    "to_earliest_statement": ("onset", "earliest_statement"),
    "to_workaround": ("onset", "workaround_published"),
    "detection_to_public": ("detected", "first_public_statement"),
}
ROUNDED = 0.031  # minutes: hours are written to the thousandth, as 1.017 for 61 minutes
HUNDREDTH = 0.301  # minutes: nor does 0.47 for 28 minutes contradict a clock
TIMED = 120.0  # minutes: a lag known less well than so says nothing in a median
STATEMENTS = ("first_public_statement", "public_statement")
SPOKEN = ("first_public_statement", "earliest_statement")  # moments that say nothing when they came after the end

Found = dict[str, dict[str, tuple[float, float]]]  # by fact and incident, its two ends
Facts = pd.DataFrame | Mapping[str, pd.DataFrame]  # as `facts` returns them, or fact by fact, which is read faster


def facts(registry: Registry, policy: str = "authority", services: Collection[str] = ()) -> pd.DataFrame:
    """Return every fact of every incident.

    Parameters
    ----------
    registry : incidents and their claims
    policy : see `outages.facts.policies.resolve`
    services : codes of the services asked for, so that claims about one of them go before claims about the whole; empty
        for none

    Returns
    -------
    One row an incident; columns `(fact, "low")` and `(fact, "high")`, NaN where nobody says anything, and `("length",
    "basis")`. Facts are `MOMENTS` (minutes since 1970-01-01T00:00Z), `QUANTITIES` (in their own unit), `LAGS` and
    `length` (minutes), `silence` (share of the outage before the first public statement), `user_hours` and
    `silent_hours` (people times hours). A lag to a statement that surely came after the end is no lag: it is unknown,
    and `("to_earliest_statement", "after_end")` is true. `(lag, "timed")` says whether the moments tell a lag to within
    two hours before what lies below zero is cut off.
    """
    return pd.concat(facts_of(registry, settlement(registry, policy, services)), axis=1)


def facts_of(registry: Registry, settled: Settlement) -> dict[str, pd.DataFrame]:
    """Return every fact of every incident, fact by fact, given what a policy makes of the claims, see `facts`."""
    index = registry.incidents.index
    known = moments(settled.moments, registry.events, index) | quantities(settled.quantities, QUANTITIES, index)
    first, earliest = known["first_public_statement"], known["earliest_statement"]
    known["first_public_statement"], known["earliest_statement"] = agreeing(first, earliest)
    parts = {
        incident for (name, incident), one in settled.quantities.items() if name == "duration_hours" and one.partial
    }
    lasted = length(known, index.isin(parts))
    since = {name: not_negative(difference(known[name], known["onset"])) for name in SPOKEN}
    late = {name: since[name]["low"] > lasted["high"] for name in SPOKEN}
    during = known | {name: known[name].mask(late[name]) for name in SPOKEN}
    starts, ends = (pd.concat({lag: during[pair[at]] for lag, pair in LAGS.items()}) for at in (0, 1))
    apart = difference(ends, starts)
    lags = not_negative(apart)
    lags["timed"] = lags["low"].notna() & (apart["high"] <= apart["low"] + TIMED)
    known |= {lag: lags.loc[lag] for lag in LAGS}
    known["to_earliest_statement"] = known["to_earliest_statement"].assign(after_end=late["earliest_statement"])
    known["length"] = lasted
    known["silence"] = silence(known, late["first_public_statement"])
    known["user_hours"] = informative(user_hours(known["users_affected"], lasted))
    waited = np.minimum(earliest_possible_statement(known), lasted[ENDS])
    known["silent_hours"] = informative(user_hours(known["users_affected"], waited))
    return known


def agreeing(first: pd.DataFrame, earliest: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return when the statement that sources call the first was, and the earliest on record: where both can be so, the
    first came no later than the earliest, and nothing on record came before the first.
    """
    (first_low, first_high), (low, high) = both_ends(first), both_ends(earliest)
    can = (high >= first_low) & (low <= first_high)
    most, least = np.where(can, np.fmin(first_high, high), first_high), np.where(can, np.fmax(first_low, low), low)
    return intervals(first_low, most, first.index), intervals(least, high, first.index)


def moments(settled: Moments, events: pd.DataFrame, incidents: Collection[str]) -> dict[str, pd.DataFrame]:
    """Return when each moment was, by incident. An incident is restored with its last service, every other moment is
    that of its first.

    `detected` and `escalated` are the operator's own; `first_detected` is the first detection by anyone,
    `authority_crisis_cell` the crisis cell of an authority. `earliest_statement` is the operator's earliest public
    statement on record, whether or not a source calls it the first: different statements do not contradict one another,
    so no policy chooses between them, and the true first came no later.
    """
    found: Found = {}
    for (moment, incident), every in settled.items():
        pick = max if moment == "restored" else min
        found.setdefault(moment, {})[incident] = pick(one.low for one in every), pick(one.high for one in every)
    earliest = statements(events).groupby("incident_id")[ENDS].min()
    found["earliest_statement"] = dict(zip(earliest.index, earliest.itertuples(index=False), strict=True))
    return framed(found, MOMENTS, incidents)


def statements(events: pd.DataFrame) -> pd.DataFrame:
    """Return the standing claims about public statements of the operator."""
    said = events["event"].isin(STATEMENTS) & (events["actor"] == "operator") & (events["retracted_by"] == "")
    return events[said]


def framed(found: Found, names: Iterable[str], incidents: Collection[str]) -> dict[str, pd.DataFrame]:
    """Return the ends that were found as one frame a name, one row an incident, NaN where nothing was."""
    index, frames = pd.Index(incidents), dict[str, pd.DataFrame]()
    at = {incident: row for row, incident in enumerate(index.to_numpy(object))}
    for name in names:
        known = {at[incident]: ends for incident, ends in found.get(name, {}).items() if incident in at}
        rows = np.full((len(index), 2), np.nan)
        if known:
            rows[list(known)] = list(known.values())
        frames[name] = pd.DataFrame(rows, index, ENDS)
    return frames


def quantities(settled: Quantities, measures: Iterable[str], incidents: Collection[str]) -> dict[str, pd.DataFrame]:
    """Return some measures by incident, each in its own unit.

    Claims about a service that was asked for go before claims about the whole incident, these before claims about
    parts. Where there are only parts, the largest bounds a count of the whole from below and nothing bounds it from
    above: parts may overlap and must not be added. Where floors are all that is said of the whole, a part that is more
    raises them. A length of a part stands for the whole where no hours do.
    """
    found: Found = {}
    for (measure, incident), (results, larger, partial) in settled.items():
        low = max(one.low for one in (*results, *larger))
        high = np.inf if partial and measure in COUNTS else max(one.high for one in results)
        if low > 0 or high < np.inf:  # otherwise it says nothing
            found.setdefault(measure, {})[incident] = low, high
    return framed(found, measures, incidents)


def length(known: dict[str, pd.DataFrame], of_part: np.ndarray) -> pd.DataFrame:
    """Return how long each outage lasted, in minutes, and on what that rests; `of_part` says where only lengths of
    parts are stated.

    Two roads lead there: from onset to restoration, and the length that a source states. Where both are known the
    outage is as long as both allow; where they exclude one another, anything from the shorter to the longer, but the
    length of a part contradicts no longer whole. `basis` names the road: `moments`, `stated`, `both`, `conflict`, or
    empty when neither is known.
    """
    clock = not_negative(difference(known["restored"], known["onset"]))
    partial = not_negative(difference(known["partial_restoration"], known["onset"]))
    (clock_low, clock_high), stated = both_ends(clock), [hours * 60 for hours in both_ends(known["duration_hours"])]
    with np.errstate(invalid="ignore"):
        low, high = (np.where(abs(exact - exact.round()) > ROUNDED, exact, exact.round()) for exact in stated)
    high = np.where((clock_low > high) & (clock_low - high <= HUNDREDTH), clock_low, high)
    low = np.where((low > clock_high) & (low - clock_high <= HUNDREDTH), clock_high, low)
    high = np.where(of_part & (clock_low > high), np.inf, high)
    apart = (clock_low > high) | (low > clock_high)
    shortest = np.where(apart, np.fmin(clock_low, low), np.fmax(clock_low, low))
    longest = np.where(apart, np.fmax(clock_high, high), np.fmin(clock_high, high))
    early = longest < partial["low"].to_numpy()  # the first service cannot be back after the last
    found = informative(intervals(shortest, np.where(early, partial["high"], longest), clock.index))
    by_clock, both = ~np.isnan(clock_low), ~np.isnan(clock_low) & ~np.isnan(low)
    roads = [found["low"].isna(), apart | early, both, by_clock]
    return found.assign(basis=np.select(roads, ["", "conflict", "both", "moments"], "stated"))


def timed(lag: pd.DataFrame) -> pd.DataFrame:
    """Return the lags that are `timed`, others as unknown: what medians, curves and ranks rest on. A moment known by
    its day only gives none, however short the lag that it leaves: which lags count must not depend on how long they
    are.
    """
    return lag[ENDS].where(lag["timed"])


def timed_lags(facts: pd.DataFrame) -> pd.DataFrame:
    """Return facts in which a lag that is not `timed` is unknown."""
    names = dict.fromkeys(facts.columns.get_level_values(0))
    return pd.concat({name: timed(facts[name]) if name in LAGS else facts[name] for name in names}, axis=1)


def earliest_possible_statement(known: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the lag to the first public statement; where only the earliest on record is known, from zero up to it,
    since the first came no later.
    """
    (low, high), (earliest, latest) = both_ends(known["to_public"]), both_ends(known["to_earliest_statement"])
    called = ~np.isnan(low)
    return intervals(np.where(called, low, earliest * 0), np.where(called, high, latest), known["to_public"].index)


def share_before(onset: pd.DataFrame, word: pd.DataFrame, back: pd.DataFrame) -> pd.DataFrame:
    """Return the part of the time from `onset` to `back` that lies before `word`, as intervals, NaN where one is
    unknown.

    With onset o, statement w and restoration r, (w - o) / (r - o) falls with o and r and grows with w, so its ends lie
    at the ends of the three intervals. A statement after restoration counts as 1; a share from none to all says nothing
    and is unknown, as is that of an outage that may have had no length.
    """
    (begun, begun_last), (said, said_last), (end, end_last) = map(both_ends, (onset, word, back))
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.clip((said - begun_last) / (end_last - begun_last), 0, 1)
        high = np.clip((said_last - begun) / (end - begun), 0, 1)
    low, high = np.where(said >= end_last, 1.0, low), np.where(said_last >= end, 1.0, high)
    told = (end_last > begun_last) & ~np.isnan(low) & ~np.isnan(high)
    return informative(intervals(np.where(told, low, np.nan), np.where(told, high, np.nan), onset.index), 1)


def silence(known: Mapping[str, pd.DataFrame], late: pd.Series) -> pd.DataFrame:
    """Return the part of each outage that lies before the first public statement, as intervals, NaN where unknown.

    Two roads lead there, as to the length: the hours, and the lag as a part of the length. Where the length rests on
    the hours alone these are taken, where it rests on a stated length too what both allow, else the lag by the length.
    `late` says where the statement surely came after the end.
    """
    hours = share_before(known["onset"], known["first_public_statement"], known["restored"])
    (early, last), (shortest, longest) = both_ends(known["to_public"]), both_ends(known["length"])
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = (np.where(late, 1.0, np.clip(share, 0, 1)) for share in (early / longest, last / shortest))
    least, most = both_ends(hours)
    basis = known["length"]["basis"].to_numpy()
    both = (basis == "both") & (np.fmax(least, low) <= np.fmin(most, high))
    roads = [basis == "moments", both]
    low, high = np.select(roads, [least, np.fmax(least, low)], low), np.select(roads, [most, np.fmin(most, high)], high)
    return informative(intervals(low, high, hours.index), 1)


def first_detected_by(events: pd.DataFrame) -> pd.DataFrame:
    """Return who may have seen each outage first.

    Returns
    -------
    One row an incident and actor with a detection on record: `incident_id`, `actor`, `first` (`surely` when it saw
    before all others on record, `perhaps` when the intervals leave it open, `only` when no other observer is on
    record), `operator` (whether the operator's own detection is on record). Later observers are left out. Nobody on
    record saw the others first, which does not mean that nobody did.
    """
    told = events[(events["event"] == "detected") & (events["actor"] != "")]
    seen = told.groupby(["incident_id", "actor"], observed=True)[ENDS].min().reset_index()
    by_incident = seen.groupby("incident_id", observed=True)
    perhaps = seen["low"] <= by_incident["high"].transform("min")
    alone = perhaps.groupby(seen["incident_id"], observed=True).transform("sum") == 1
    how = np.select([by_incident["actor"].transform("size") == 1, alone], ["only", "surely"], "perhaps")
    own = (seen["actor"] == "operator").groupby(seen["incident_id"], observed=True).transform("any")
    return seen[["incident_id", "actor"]].assign(first=how, operator=own)[perhaps].reset_index(drop=True)
