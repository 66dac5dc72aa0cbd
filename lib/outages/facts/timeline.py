"""When did it happen, and how long did each step take? All results are intervals in minutes."""

import numpy as np
import pandas as pd

from outages.facts.policies import extreme, numbered, quantities, resolve_groups, whole_or_parts
from outages.stats.intervals import difference, framed, informative, is_known
from outages.registry.registry import Registry
from outages.registry.files import PLACE, coded

MOMENTS = (  # in the order in which a reader expects them
    "onset", "seen", "detected", "escalated", "state_cell", "authorities_notified", "first_public_statement", "known_word",
    "workaround_published", "partial_restoration", "restored", "postmortem_published",
)  # fmt: skip
BASES = ("", "moments", "stated", "both", "conflict")  # roads to a length
MOMENT_OF = {"detected": "seen"}  # the moment that a claim speaks of, where it is called otherwise than the event
CLAIM_GROUP = ["incident_id", "moment", "actor", "scope"]  # claims that agree in these speak of the same thing
LAGS = {
    "to_seen": ("onset", "seen"),
    "to_detection": ("onset", "detected"),
    "to_escalation": ("onset", "escalated"),
    "to_authorities": ("onset", "authorities_notified"),
    "to_public": ("onset", "first_public_statement"),
    "to_known_word": ("onset", "known_word"),
    "to_workaround": ("onset", "workaround_published"),
    "detection_to_public": ("detected", "first_public_statement"),
}


def moment_claims(registry: Registry) -> pd.DataFrame:
    """Return the claims that moments are resolved from, with the `moment` each speaks of.

    A claim of detection by the operator stands twice, for `seen` and for `detected`. Only for `seen` does it matter who saw: two
    people who see a failure at two hours do not contradict one another, two hours of one restoration do.
    """
    rows, moment, actor, _group = moment_rows(registry)
    claims = registry.events[[PLACE, "incident_id", "event", "scope", "source_id", "kind", "low", "high"]].iloc[rows]
    return claims.assign(moment=pd.Categorical.from_codes(moment, categories=list(MOMENTS)), actor=actor)


def moment_rows(registry: Registry) -> tuple[np.ndarray, np.ndarray, pd.Categorical, np.ndarray]:
    """Return the rows of events that moments are resolved from, the place in `MOMENTS` of what each speaks of, who matters for it, and the number of incident, moment and actor."""
    events, seen = registry.events, MOMENTS.index("seen")
    event, names = coded(events["event"])
    who = events["actor"].astype("category").cat
    operator = (events["actor"] == "operator").to_numpy()
    moment = np.array(
        [MOMENTS.index(MOMENT_OF.get(name, name)) if MOMENT_OF.get(name, name) in MOMENTS else -1 for name in names]
        or [-1]
    )[event]
    moment = np.where((moment == MOMENTS.index("escalated")) & ~operator, MOMENTS.index("state_cell"), moment)
    own = np.flatnonzero((moment == seen) & operator)
    rows = np.concatenate([np.flatnonzero(moment >= 0), own])
    moment = np.concatenate([moment[moment >= 0], np.full(len(own), MOMENTS.index("detected"))])
    actors = sorted({"", *who.categories})  # "" comes first and stands for the actor of any other moment
    code = np.where(moment == seen, who.codes.to_numpy()[rows].astype("int64") + (len(actors) - len(who.categories)), 0)
    group, first = numbered([events[PLACE].to_numpy()[rows], moment, code])
    kept = whole_or_parts((events["scope"] == "").to_numpy()[rows], group, len(first))
    actor = pd.Categorical.from_codes(code[kept], categories=actors)
    return rows[kept], moment[kept], actor, group[kept]


def moments_of(registry: Registry, policy: str) -> dict[str, pd.DataFrame]:
    """Return when each moment of each incident was, resolved under a policy.

    `detected` and `escalated` are the operator's own; `seen` is the first detection by anyone, `state_cell` the crisis cell of an
    authority. Claims about the whole incident go before claims about single services. Where there are only the latter, they are
    resolved apart: the incident is restored with its last service, every other moment is that of its first. `known_word` is the
    operator's earliest public word on record, `first_public_statement` the one that a source calls the first.

    Returns
    -------
    For each of `MOMENTS` a frame with `low` and `high` (minutes since 1970-01-01T00:00Z), one row an incident, NaN where no source gives it.
    """
    index, events = registry.incidents.index, registry.events
    rows, moment, _actor, group = moment_rows(registry)
    group, first = numbered([group, coded(events["scope"])[0][rows]])
    by_scope = resolve_groups(events[["low", "high", "kind"]].iloc[rows], group, len(first), policy)
    moment, place = moment[first], events[PLACE].to_numpy()[rows[first]]
    found = {}
    for number, name in enumerate(MOMENTS):
        here, choose = moment == number, np.maximum if name == "restored" else np.minimum
        ends = {
            end: extreme(choose, by_scope[end].to_numpy()[here], place[here], len(index)) for end in ("low", "high")
        }
        found[name] = pd.DataFrame(ends, index=index)
    return found | {"known_word": earliest_word(registry)}


def earliest_word(registry: Registry) -> pd.DataFrame:
    """Return the earliest public word of each operator that is on record, whether or not a source calls it the first.

    Different words do not contradict one another, so no policy chooses between them. The true first word was no later.
    """
    index, events = registry.incidents.index, registry.events
    said = events["event"].isin(["first_public_statement", "public_statement"]) & (events["actor"] == "operator")
    word = events[[PLACE, "low", "high"]][said.to_numpy()]
    return pd.DataFrame(
        {end: extreme(np.minimum, word[end].to_numpy(), word[PLACE].to_numpy(), len(index)) for end in ("low", "high")},
        index=index,
    )


def not_negative(lag: pd.DataFrame) -> pd.DataFrame:
    """Cut what lies before zero: nothing is detected, told or restored before it begins.

    Where all of it lies before zero, two claims contradict one another, and nothing is known of the distance.
    """
    low, high = (np.maximum(lag[end].to_numpy(), 0.0) for end in ("low", "high"))
    return informative(framed(low, high, lag.index, lag["high"].to_numpy() >= 0))


def lags(registry: Registry, policy: str, moments: dict[str, pd.DataFrame] | None = None) -> dict[str, pd.DataFrame]:
    """Return every lag of `LAGS` as a frame of intervals in minutes, one row an incident, NaN where a moment is unknown.

    `moments`, here and below, is what `moments_of` returns, when it is at hand.
    """
    moments = moments_of(registry, policy) if moments is None else moments
    return {name: not_negative(difference(moments[end], moments[start])) for name, (start, end) in LAGS.items()}


def lengths(registry: Registry, policy: str, moments: dict[str, pd.DataFrame] | None = None) -> pd.DataFrame:
    """Return how long each outage lasted, in minutes.

    Two roads lead there: from onset to restoration, and the length that a source states. Where both are known the outage is as
    long as both allow; where they exclude one another, anything from the shorter to the longer. `basis` names the road:
    `moments`, `stated`, `both`, `conflict`, or empty when neither is known.
    """
    moments = moments_of(registry, policy) if moments is None else moments
    index = registry.incidents.index
    clock = not_negative(difference(moments["restored"], moments["onset"]))
    stated = quantities(registry.measures, "duration_hours", index, policy) * 60
    by_clock, by_word = is_known(clock), is_known(stated)
    lows, highs = ([road[end].to_numpy() for road in (clock, stated)] for end in ("low", "high"))
    apart = by_clock & by_word & (np.fmax(*lows) > np.fmin(*highs))
    low = np.where(apart, np.fmin(*lows), np.fmax(*lows))
    high = np.where(apart, np.fmax(*highs), np.fmin(*highs))
    partial = not_negative(difference(moments["partial_restoration"], moments["onset"]))
    early = high < partial["low"].to_numpy()  # the first service cannot be back after the last
    high = np.where(early, partial["high"].to_numpy(), high)
    length = informative(framed(low, high, index, by_clock | by_word))
    road = np.select([~is_known(length), apart | early, by_clock & by_word, by_clock], [0, 4, 3, 1], 2)
    return length.assign(basis=pd.Categorical.from_codes(road, list(BASES)))


def silence_share(registry: Registry, policy: str, moments: dict[str, pd.DataFrame] | None = None) -> pd.DataFrame:
    """Return the part of each outage that passed before the operator's first public word, between 0 and 1."""
    moments = moments_of(registry, policy) if moments is None else moments
    return share_before(*(moments[m] for m in ("onset", "first_public_statement", "restored")))


def share_before(onset: pd.DataFrame, word: pd.DataFrame, back: pd.DataFrame) -> pd.DataFrame:
    """Return the part of the time from `onset` to `back` that lies before `word`, as intervals, NaN where one is unknown.

    With onset o, word w and restoration r, (w - o) / (r - o) falls with o and r and grows with w, so its ends lie at the ends of the
    three intervals. A word after restoration counts as 1.
    """
    (start, began), (said, told), (over, ended) = (
        (when["low"].to_numpy(), when["high"].to_numpy()) for when in (onset, word, back)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(said >= ended, 1.0, np.clip((said - began) / (ended - began), 0.0, 1.0))
        high = np.where(told >= over, 1.0, np.clip((told - start) / (over - start), 0.0, 1.0))
    # an outage that may have had no length has no share, and a share from none to all says nothing
    says = (ended > began) & ((low > 0) | (high < 1))
    return framed(low, high, onset.index, ~np.isnan(low) & ~np.isnan(high) & says)


def first_seen_by(registry: Registry) -> pd.DataFrame:
    """Return who may have seen each outage first.

    Returns
    -------
    One row an incident and actor with a detection on record: `incident_id`, `actor`, `first` (`surely` when it saw before all others on record,
    `perhaps` when the intervals leave it open, `only` when no other observer is on record). Later observers are left out. Nobody on record saw the others first, which does not mean that nobody did.
    """
    events = registry.events
    told = ((events["event"] == "detected") & (events["actor"] != "")).to_numpy()
    claims = events[[PLACE, "incident_id", "actor", "low", "high"]][told]
    group, first = numbered([claims[PLACE].to_numpy(), pd.factorize(claims["actor"], sort=True)[0]])
    low, high = (extreme(np.minimum, claims[end].to_numpy(), group, len(first)) for end in ("low", "high"))
    seen, n = claims.iloc[first], len(registry.incidents)
    place = seen[PLACE].to_numpy()
    perhaps = low <= extreme(np.minimum, high, place, n)[place]
    only, alone = np.bincount(place, minlength=n) == 1, np.bincount(place[perhaps], minlength=n) == 1
    how = np.select([only[place], alone[place]], ["only", "surely"], "perhaps")
    return seen[["incident_id", "actor"]].assign(first=how)[perhaps].reset_index(drop=True)
