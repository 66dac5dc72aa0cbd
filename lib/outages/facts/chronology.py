"""What happened in one outage, hour by hour, who says so, and where do they contradict one another?"""

from collections.abc import Collection

import pandas as pd

from outages.facts.policies import MANY_TIMES, Claim, Settled, settle, speaks_of, told_of
from outages.facts.settled import settled_moments
from outages.facts.timeline import moments, statements
from outages.stats.rows import ENDS

STEPS = (  # in the order in which they are left out when there is no room, the last first
    *(
        "onset",
        "detected",
        "authorities_notified",
        "earliest_statement",
        "restored",
        "escalated",
        "first_detected",
        "authority_crisis_cell",
    ),
    *("partial_restoration", "workaround_published", "repaired", "postmortem_published"),
)
UNOPPOSED = (*MANY_TIMES, "earliest_statement", "first_detected")  # claims about these do not contradict one another


def chronology(
    events: pd.DataFrame, incident: str, policy: str, services: Collection[str] = (), rows: int = 10
) -> pd.DataFrame:
    """Return the steps of an outage in their order.

    Parameters
    ----------
    events : claims about moments, as in a registry
    incident : identifier
    policy, services : as for `outages.facts.timeline.facts`
    rows : how many steps at most

    Returns
    -------
    One row a `step` (one of `outages.facts.timeline.MOMENTS`; `first_detected` only where that was not the operator's
    own detection): `low`, `high` (minutes since 1970-01-01T00:00Z), `sources` (identifiers of the documents behind that
    interval, each once, see `givers`; of the earliest statement on record, those that bound it from above), `speakers`
    (whose words each passes on, empty for its own), where no single hour fits all claims, the `early` and the `late`
    claim farthest apart (rows of `events`, else missing), and `about`: the services asked for that the step speaks of,
    where claims about the whole outage exclude it, otherwise empty.
    """
    columns = ["step", *ENDS, "sources", "speakers", "early", "late", "about"]
    own = events[events["incident_id"] == incident]
    if own.empty:
        return pd.DataFrame(columns=columns)
    settled = settled_moments(own, policy, services)
    known = moments(settled, own, [incident])
    of_whole = settled_moments(own[own["part"] == ""], policy)
    said, found = [claim for (claim,) in told_of(statements(own), [], policy)], []
    for step in [step for step in STEPS if known[step]["low"].notna().any()][:rows]:
        low, high = known[step].loc[incident]
        results, whole = settled.get((step, incident), []), of_whole.get((step, incident), [])
        told = sorted({claim for one in results for claim in one.told})
        if step == "earliest_statement":
            behind = near_first([claim for claim in said if claim.high == high], low, high)
        else:
            behind = givers(told, results, policy, low, high)
        passed = own.loc[[claim.row for claim in behind]].drop_duplicates("source_id")
        fits = [claim.overlaps(low, high) for one in whole for claim in one.told]
        of_part = bool(fits) and not any(fits) and step not in MANY_TIMES
        about = [s for s in services if any(speaks_of(claim.part, [s]) for claim in told)] if of_part else []
        early, late = (None, None) if step in UNOPPOSED else apart(told)
        voices = list(passed["source_id"]), list(passed["speaker"])
        found.append((step, low, high, *voices, early, late, ";".join(about)))
    table = pd.DataFrame(found, columns=columns)
    ends = table.set_index("step")[ENDS]
    both = [ends.loc[step] for step in ("first_detected", "detected") if step in ends.index]
    again = len(both) > 1 and both[0].equals(both[1])
    table = table[table["step"] != "first_detected"] if again else table
    said = table["step"] == "earliest_statement"  # the first may have come sooner
    shown = table["low"].mask(said, table["high"])
    in_order = table.assign(shown=shown).sort_values(["shown", "high"], kind="stable", ignore_index=True)
    return in_order.drop(columns="shown")


def givers(told: list[Claim], results: list[Settled], policy: str, low: float, high: float) -> list[Claim]:
    """Return the claims behind a resolved moment: one that gives each end, then others that the policy takes of those
    that overlap it.
    """
    by_end = [claim for claim in told if claim.low == low], [claim for claim in told if claim.high == high]
    ends = [near_first(settle(claims, policy).taken, low, high)[0] for claims in by_end if claims]
    taken = sorted({claim for one in results for claim in one.taken if claim.overlaps(low, high)})
    return [*ends, *near_first(taken, low, high)]


def near_first(claims: list[Claim], low: float, high: float) -> list[Claim]:
    """Return claims in the order of how far their ends lie from a resolved moment."""
    return sorted(claims, key=lambda claim: abs(claim.low - low) + abs(claim.high - high))


def apart(claims: list[Claim]) -> tuple[int | None, int | None]:
    """Return the rows of the two claims that lie farthest apart, None where some hour fits all."""
    early, late = min(claims, key=lambda claim: claim.high), max(claims, key=lambda claim: claim.low)
    return (early.row, late.row) if late.low > early.high else (None, None)
