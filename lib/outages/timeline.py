"""When did it happen, and how long did each step take? All results are intervals in minutes."""

import numpy as np
import pandas as pd

from outages.claims import quantities, resolve, whole_first
from outages.intervals import difference, informative
from outages.registry import Registry

MOMENTS = (  # in the order in which a reader expects them
    "onset", "seen", "detected", "escalated", "state_cell", "authorities_notified", "first_public_statement", "known_word",
    "workaround_published", "partial_restoration", "restored", "postmortem_published",
)  # fmt: skip
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
    events = registry.events[~registry.events["event"].isin(["precursor", "public_statement"])]
    detected, escalated = events["event"] == "detected", events["event"] == "escalated"
    moment = events["event"].mask(detected, "seen").mask(escalated & (events["actor"] != "operator"), "state_cell")
    own = events[detected & (events["actor"] == "operator")].assign(moment="detected")
    claims = pd.concat([events.assign(moment=moment), own])
    claims["actor"] = claims["actor"].where(claims["moment"] == "seen", "")
    return whole_first(claims, ["incident_id", "moment", "actor"])


def moments_of(registry: Registry, policy: str) -> pd.DataFrame:
    """Return when each moment of each incident was, resolved under a policy.

    `detected` and `escalated` are the operator's own; `seen` is the first detection by anyone, `state_cell` the crisis cell of an
    authority. Claims about the whole incident go before claims about single services. Where there are only the latter, they are
    resolved apart: the incident is restored with its last service, every other moment is that of its first. `known_word` is the
    operator's earliest public word on record, `first_public_statement` the one that a source calls the first.

    Returns
    -------
    Frame indexed by `incident_id` and `moment` with `low`, `high` (minutes since 1970-01-01T00:00Z), `claims`, `used`, `disagree`.
    """
    by_scope = resolve(moment_claims(registry), CLAIM_GROUP, policy).reset_index()
    last = by_scope["moment"].isin(["restored"])
    groups = ["incident_id", "moment"]
    picked = [
        part.groupby(groups).agg(
            low=("low", how), high=("high", how),
            claims=("claims", "sum"), used=("used", "sum"), disagree=("disagree", "any"),
        )
        for part, how in ((by_scope[last], "max"), (by_scope[~last], "min"))
    ]  # fmt: skip
    found = pd.concat([*picked, earliest_word(registry)])
    return found.sort_index()[["low", "high", "claims", "used", "disagree"]]


def earliest_word(registry: Registry) -> pd.DataFrame:
    """Return the earliest public word of each operator that is on record, whether or not a source calls it the first.

    Different words do not contradict one another, so no policy chooses between them. The true first word was no later.
    """
    said = registry.events[registry.events["event"].isin(["first_public_statement", "public_statement"])]
    said = said[said["actor"] == "operator"]
    word = said.groupby("incident_id").agg(
        low=("low", "min"), high=("high", "min"), claims=("high", "size"), used=("high", "size")
    )
    return word.assign(disagree=False, moment="known_word").set_index("moment", append=True)


def at_moment(moments: pd.DataFrame, name: str, incidents: pd.Index) -> pd.DataFrame:
    """Return one moment of each incident, NaN where no source gives it."""
    if name not in moments.index.get_level_values("moment"):
        return pd.DataFrame({"low": float("nan"), "high": float("nan")}, index=incidents)
    return moments.xs(name, level="moment")[["low", "high"]].reindex(incidents)


def not_negative(lag: pd.DataFrame) -> pd.DataFrame:
    """Cut what lies before zero: nothing is detected, told or restored before it begins.

    Where all of it lies before zero, two claims contradict one another, and nothing is known of the distance.
    """
    return informative(lag.clip(lower=0.0).where(lag["high"] >= 0))


def lags(registry: Registry, policy: str, moments: pd.DataFrame | None = None) -> dict[str, pd.DataFrame]:
    """Return every lag of `LAGS` as a frame of intervals in minutes, one row an incident, NaN where a moment is unknown.

    `moments`, here and below, is what `moments_of` returns, when it is at hand.
    """
    moments = moments_of(registry, policy) if moments is None else moments
    index = registry.incidents.index
    return {
        name: not_negative(difference(at_moment(moments, end, index), at_moment(moments, start, index)))
        for name, (start, end) in LAGS.items()
    }


def lengths(registry: Registry, policy: str, moments: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return how long each outage lasted, in minutes.

    Two roads lead there: from onset to restoration, and the length that a source states. Where both are known the outage is as
    long as both allow; where they exclude one another, anything from the shorter to the longer. `basis` names the road:
    `moments`, `stated`, `both`, `conflict`, or empty when neither is known.
    """
    moments = moments_of(registry, policy) if moments is None else moments
    index = registry.incidents.index
    clock = not_negative(difference(at_moment(moments, "restored", index), at_moment(moments, "onset", index)))
    stated = quantities(registry.measures, "duration_hours", index, policy) * 60
    both = clock.notna().all(axis=1) & stated.notna().all(axis=1)
    inner = pd.DataFrame({"low": np.fmax(clock["low"], stated["low"]), "high": np.fmin(clock["high"], stated["high"])})
    outer = pd.DataFrame({"low": np.fmin(clock["low"], stated["low"]), "high": np.fmax(clock["high"], stated["high"])})
    apart = both & (inner["low"] > inner["high"])
    one = clock.where(clock.notna().all(axis=1), stated)
    length = one.where(~both, inner).where(~apart, outer)
    partial = not_negative(
        difference(at_moment(moments, "partial_restoration", index), at_moment(moments, "onset", index))
    )
    early = length["high"] < partial["low"]  # the first service cannot be back after the last
    length = pd.DataFrame({"low": length["low"], "high": length["high"].mask(early, partial["high"])})
    apart |= early
    basis = np.select(
        [apart, both, clock["low"].notna(), stated["low"].notna()], ["conflict", "both", "moments", "stated"], ""
    )
    length = informative(length)
    return length.assign(basis=np.where(length["low"].isna(), "", basis))


def silence_share(registry: Registry, policy: str, moments: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the part of each outage that passed before the operator's first public word, between 0 and 1."""
    moments = moments_of(registry, policy) if moments is None else moments
    index = registry.incidents.index
    return share_before(*(at_moment(moments, m, index) for m in ("onset", "first_public_statement", "restored")))


def share_before(onset: pd.DataFrame, word: pd.DataFrame, back: pd.DataFrame) -> pd.DataFrame:
    """Return the part of the time from `onset` to `back` that lies before `word`, as intervals, NaN where one is unknown.

    With onset o, word w and restoration r, (w - o) / (r - o) falls with o and r and grows with w, so its ends lie at the ends of the
    three intervals. A word after restoration counts as 1.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        low = (word["low"] - onset["high"]) / (back["high"] - onset["high"])
        high = (word["high"] - onset["low"]) / (back["low"] - onset["low"])
    late_low, late_high = word["low"] >= back["high"], word["high"] >= back["low"]
    share = pd.DataFrame({"low": low.mask(late_low, 1.0), "high": high.mask(late_high, 1.0)}).clip(0.0, 1.0)
    # an outage that may have had no length has no share, and a share from none to all says nothing
    says = (back["high"] > onset["high"]) & ((share["low"] > 0) | (share["high"] < 1))
    return share.where(share.notna().all(axis=1) & says)


def first_seen_by(registry: Registry) -> pd.DataFrame:
    """Return who may have seen each outage first.

    Returns
    -------
    One row an incident and actor with a detection on record: `incident_id`, `actor`, `first` (`surely` when it saw before all others on record,
    `perhaps` when the intervals leave it open, `only` when no other observer is on record). Later observers are left out. Nobody on record saw the others first, which does not mean that nobody did.
    """
    claims = registry.events[(registry.events["event"] == "detected") & (registry.events["actor"] != "")]
    seen = claims.groupby(["incident_id", "actor"])[["low", "high"]].min().reset_index()
    groups = seen.groupby("incident_id")
    earliest_end = groups["high"].transform("min")
    perhaps = seen[seen["low"] <= earliest_end]
    alone = perhaps.groupby("incident_id")["actor"].transform("size") == 1
    one = perhaps["incident_id"].map(groups.size()) == 1
    found = perhaps[["incident_id", "actor"]].assign(first=np.select([one, alone], ["only", "surely"], "perhaps"))
    return found.reset_index(drop=True)
