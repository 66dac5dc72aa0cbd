"""What is known of each incident? One row an incident, one interval a fact: resolved from claims under a policy, or
derived from such intervals.
"""

from collections.abc import Collection

import numpy as np
import pandas as pd

from outages.facts.policies import floors, resolve, speaks_of, standing_claims, whole_first
from outages.registry.registry import Registry
from outages.stats.intervals import difference, informative, not_negative, product

MOMENTS = (  # in the order in which a reader expects them
    "onset",
    "first_detected",
    "detected",
    "escalated",
    "authority_crisis_cell",
    "authorities_notified",
    "first_public_statement",
    "earliest_statement",
    "workaround_published",
    "partial_restoration",
    "restored",
    "repaired",
    "postmortem_published",
)
COUNTS = (
    "users_affected",
    "lines_affected",
    "calls_blocked",
    "emergency_calls_failed",
    "emergency_callers_failed",
    "deaths_linked",
)
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
TO_STATEMENT = ("to_public", "to_earliest_statement", "detection_to_public")
TIMED = 120.0  # minutes: a lag known less well than so says nothing in a median
STATEMENTS = ("first_public_statement", "public_statement")
ENDS = ["low", "high"]
CLAIM = ["incident_id", *ENDS, "part", "speaker", "kind", "retracted_by"]  # what a policy looks at: texts cost time
THING = ["measure", "incident_id"]  # that claims about quantities speak of


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
    and `("to_earliest_statement", "after_end")` is true.
    """
    events, measures = registry.events[[*CLAIM, "event", "actor"]], registry.measures[[*CLAIM, "measure"]]
    known = {**moments(events, policy, services), **quantities(measures, policy, services)}
    nothing = pd.DataFrame(np.nan, index=registry.incidents.index, columns=ENDS)
    known = {name: known.get(name, nothing).reindex(registry.incidents.index) for name in (*MOMENTS, *QUANTITIES)}
    known["first_public_statement"] = no_later(known["first_public_statement"], known["earliest_statement"])
    starts, ends = (pd.concat({lag: known[pair[at]] for lag, pair in LAGS.items()}) for at in (0, 1))
    lags = not_negative(difference(ends, starts))
    known |= {lag: lags.loc[lag] for lag in LAGS}
    known["length"] = length(known)
    late = {lag: known[lag]["low"] > known["length"]["high"] for lag in TO_STATEMENT[:2]}
    for lag in TO_STATEMENT:
        known[lag] = known[lag].mask(late.get(lag, late["to_public"]))
    known["to_earliest_statement"] = known["to_earliest_statement"].assign(after_end=late["to_earliest_statement"])
    known["silence"] = share_before(known["onset"], known["first_public_statement"], known["restored"])
    known["user_hours"] = product(known["users_affected"], known["length"][ENDS] / 60)
    waited = np.minimum(earliest_possible_statement(known), known["length"][ENDS])
    known["silent_hours"] = product(known["users_affected"], waited / 60)
    return pd.concat(known, axis=1)


def no_later(first: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return when the first statement was, which came no later than the earliest on record, where both can be so."""
    sooner = np.fmin(first["high"], known["high"])
    return first.assign(high=first["high"].where(~(known["high"] >= first["low"]), sooner))


def moments(events: pd.DataFrame, policy: str, services: Collection[str] = ()) -> dict[str, pd.DataFrame]:
    """Return when each moment was, by incident. An incident is restored with its last service, every other moment is
    that of its first.

    `detected` and `escalated` are the operator's own; `first_detected` is the first detection by anyone,
    `authority_crisis_cell` the crisis cell of an authority. `earliest_statement` is the operator's earliest public
    statement on record, whether or not a source calls it the first: different statements do not contradict one another,
    so no policy chooses between them, and the true first came no later.
    """
    events = standing_claims(events)
    by_scope = resolve(moment_claims(events, services), ["moment", "incident_id", "who", "scope"], policy)[ENDS]
    first, last = (getattr(by_scope.groupby(["moment", "incident_id"]), end)() for end in ("min", "max"))
    said = events[events["event"].isin(STATEMENTS) & (events["actor"] == "operator")]
    found = {m: (last if m == "restored" else first).loc[m] for m in first.index.unique("moment")}
    return found | {"earliest_statement": said.groupby("incident_id", observed=True)[ENDS].min()}


def moment_of(events: pd.DataFrame) -> pd.Series:
    """Return the moment that each claim about an event speaks of: what others detect or open is a moment of its own."""
    others, event = events["actor"] != "operator", events["event"].astype(object)
    moment = event.mask(others & (event == "detected"), "first_detected")
    return moment.mask(others & (event == "escalated"), "authority_crisis_cell")


def moment_claims(events: pd.DataFrame, services: Collection[str] = ()) -> pd.DataFrame:
    """Return the claims that moments are resolved from, with the `moment` each speaks of and `who` matters for it.

    A claim of detection by the operator stands twice, for `first_detected` and for `detected`. Only for the former does
    it matter who saw: two people who see a failure at two hours do not contradict one another, two hours of one
    restoration do.
    """
    moment = moment_of(events)
    own = moment == "detected"
    moment = moment.mask(own, "first_detected")
    told = events.assign(moment=moment, who=events["actor"].astype(object).where(moment == "first_detected", ""))
    claims = pd.concat([told, told[own].assign(moment="detected", who="")])
    return whole_first(claims[claims["moment"].isin(MOMENTS)], ["incident_id", "moment", "who"], services)


def quantities(measures: pd.DataFrame, policy: str, services: Collection[str] = ()) -> dict[str, pd.DataFrame]:
    """Return each quantity by incident, in its own unit.

    Claims about a service that was asked for go before claims about the whole incident, these before claims about
    parts. Where there are only parts, the largest bounds a count of the whole from below and nothing bounds it from
    above: parts may overlap and must not be added. Where floors are all that is said of the whole, a part that is more
    raises them. A length of a part stands for the whole.
    """
    claims = standing_claims(measures)
    parts = resolve(whole_first(claims, THING, services), [*THING, "scope"], policy)[ENDS].reset_index("scope")
    asked = [not scope or speaks_of(scope, services) for scope in parts["scope"]]
    found, has_whole = parts.groupby(THING)[ENDS].max(), pd.Series(asked, parts.index, dtype=bool).groupby(THING).any()
    found["high"] = found["high"].mask(~has_whole & found.index.isin(COUNTS, level="measure"), np.inf)
    if len(larger := largest_parts(claims, policy, services)):
        more = resolve(larger, [*THING, "scope"], policy)["low"].groupby(THING).max()
        found["low"] = np.fmax(found["low"], more.reindex(found.index))
    known = informative(found)
    return {m: known.loc[m] for m in known.index.unique("measure")}


def largest_parts(claims: pd.DataFrame, policy: str, services: Collection[str] = ()) -> pd.DataFrame:
    """Return the claims about the largest part of a count that is more than the floors that alone are of the whole."""
    claims = claims[claims["measure"].isin(COUNTS)].assign(scope=lambda rows: rows["part"])
    thing = pd.MultiIndex.from_frame(claims[THING])
    divided = claims[thing.isin(thing[claims["scope"] != ""])]
    if divided.empty:
        return divided
    whole = whole_first(divided, THING, services).query("scope == ''")
    least = resolve(whole[floors(whole).groupby([whole[c] for c in THING]).transform("all")], THING, policy)["low"]
    parts = divided[pd.MultiIndex.from_frame(divided[THING]).isin(least.index) & (divided["scope"] != "")]
    if parts.empty:
        return parts
    lows = resolve(parts, [*THING, "scope"], policy)["low"].rename("most").reset_index("scope")
    more = lows[lows["most"] > least.reindex(lows.index)]
    most = more[more["most"] == more.groupby(THING)["most"].transform("max")].set_index("scope", append=True)
    return parts[pd.MultiIndex.from_frame(parts[[*THING, "scope"]]).isin(most.index)]


def length(known: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return how long each outage lasted, in minutes, and on what that rests.

    Two roads lead there: from onset to restoration, and the length that a source states. Where both are known the
    outage is as long as both allow; where they exclude one another, anything from the shorter to the longer. `basis`
    names the road: `moments`, `stated`, `both`, `conflict`, or empty when neither is known.
    """
    clock, stated = not_negative(difference(known["restored"], known["onset"])), known["duration_hours"] * 60
    partial = not_negative(difference(known["partial_restoration"], known["onset"]))
    low, high = (pd.concat([clock[end], stated[end]], axis=1) for end in ENDS)
    apart = low.max(axis=1) > high.min(axis=1)
    found = pd.DataFrame(
        {"low": low.max(axis=1).mask(apart, low.min(axis=1)), "high": high.min(axis=1).mask(apart, high.max(axis=1))}
    )
    early = found["high"] < partial["low"]  # the first service cannot be back after the last
    found["high"] = found["high"].mask(early, partial["high"])
    found = informative(found)
    roads = [found["low"].isna(), apart | early, low.notna().all(axis=1), clock["low"].notna()]
    return found.assign(basis=np.select(roads, ["", "conflict", "both", "moments"], "stated"))


def timed(lag: pd.DataFrame) -> pd.DataFrame:
    """Return the lags that are known to within two hours, others as unknown: what medians, curves and ranks rest on. A
    moment known by its day only gives none.
    """
    return lag[ENDS].where(lag["high"] - lag["low"] <= TIMED)


def timed_lags(facts: pd.DataFrame) -> pd.DataFrame:
    """Return facts in which a lag that is not `timed` is unknown."""
    names = dict.fromkeys(facts.columns.get_level_values(0))
    return pd.concat({name: timed(facts[name]) if name in LAGS else facts[name] for name in names}, axis=1)


def earliest_possible_statement(known: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the lag to the first public statement; where only the earliest on record is known, from zero up to it,
    since the first came no later.
    """
    bound = known["to_earliest_statement"][ENDS].assign(low=known["to_earliest_statement"]["low"] * 0)
    return known["to_public"].fillna(bound)


def share_before(onset: pd.DataFrame, word: pd.DataFrame, back: pd.DataFrame) -> pd.DataFrame:
    """Return the part of the time from `onset` to `back` that lies before `word`, as intervals, NaN where one is
    unknown.

    With onset o, statement w and restoration r, (w - o) / (r - o) falls with o and r and grows with w, so its ends lie
    at the ends of the three intervals. A statement after restoration counts as 1; a share from none to all says nothing
    and is unknown, as is that of an outage that may have had no length.
    """
    low = (
        ((word["low"] - onset["high"]) / (back["high"] - onset["high"]))
        .clip(0, 1)
        .mask(word["low"] >= back["high"], 1.0)
    )
    high = (
        ((word["high"] - onset["low"]) / (back["low"] - onset["low"])).clip(0, 1).mask(word["high"] >= back["low"], 1.0)
    )
    says = (back["high"] > onset["high"]) & ((low > 0) | (high < 1)) & low.notna() & high.notna()
    return pd.DataFrame({"low": low, "high": high}).where(says)


def first_detected_by(events: pd.DataFrame) -> pd.DataFrame:
    """Return who may have seen each outage first.

    Returns
    -------
    One row an incident and actor with a detection on record: `incident_id`, `actor`, `first` (`surely` when it saw
    before all others on record, `perhaps` when the intervals leave it open, `only` when no other observer is on
    record). Later observers are left out. Nobody on record saw the others first, which does not mean that nobody did.
    """
    told = events[(events["event"] == "detected") & (events["actor"] != "")]
    seen = told.groupby(["incident_id", "actor"], observed=True)[ENDS].min().reset_index()
    by_incident = seen.groupby("incident_id", observed=True)
    perhaps = seen["low"] <= by_incident["high"].transform("min")
    alone = perhaps.groupby(seen["incident_id"], observed=True).transform("sum") == 1
    how = np.select([by_incident["actor"].transform("size") == 1, alone], ["only", "surely"], "perhaps")
    return seen[["incident_id", "actor"]].assign(first=how)[perhaps].reset_index(drop=True)
