"""What happened in one outage, hour by hour, who says so, and where do they contradict one another?"""

from collections.abc import Collection

import pandas as pd

from outages.facts.policies import MANY_TIMES, preferred, speaks_of, standing_claims
from outages.facts.timeline import ENDS, STATEMENTS, moment_claims, moments
from outages.stats.intervals import overlaps

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
    interval, each once, see `givers`; of the earliest statement on record, those that bound it from above), where no
    single hour fits all claims, the `early` and the `late` claim farthest apart (rows of `events`, else missing), and
    `about`: the services asked for that the step speaks of, where claims about the whole outage exclude it, otherwise
    empty.
    """
    columns = ["step", *ENDS, "sources", "early", "late", "about"]
    own = events[events["incident_id"] == incident]
    if own.empty:
        return pd.DataFrame(columns=columns)
    known = moments(own, policy, services)
    claims = moment_claims(standing_claims(own), services)
    whole = moment_claims(standing_claims(own[own["part"] == ""]))
    found = []
    for step in [step for step in STEPS if step in known and incident in known[step].index][:rows]:
        low, high = known[step].loc[incident, ENDS]
        told = spoken(own) if step == "earliest_statement" else claims[claims["moment"] == step]
        behind = (
            near_first(told[told["high"] == told["high"].min()], low, high)
            if step == "earliest_statement"
            else givers(told, policy, low, high)
        )
        sources = list(dict.fromkeys(behind["source_id"]))
        others = whole[whole["moment"] == step]
        apart_of_whole = len(others) and step not in MANY_TIMES and not overlaps(others, low, high).any()
        about = [s for s in services if any(speaks_of(scope, [s]) for scope in told["scope"])] if apart_of_whole else []
        early, late = (
            (None, None) if step in ("earliest_statement", "first_detected", "postmortem_published") else apart(told)
        )
        found.append((step, low, high, sources, early, late, ";".join(about)))
    table = pd.DataFrame(found, columns=columns)
    ends = table.set_index("step")[ENDS]
    both = [ends.loc[step] for step in ("first_detected", "detected") if step in ends.index]
    again = len(both) > 1 and both[0].equals(both[1])
    table = table[table["step"] != "first_detected"] if again else table
    said = table["step"] == "earliest_statement"  # the first may have come sooner
    shown = table["low"].mask(said, table["high"])
    in_order = table.assign(shown=shown).sort_values(["shown", "high"], kind="stable", ignore_index=True)
    return in_order.drop(columns="shown")


def spoken(events: pd.DataFrame) -> pd.DataFrame:
    """Return the claims about public statements of the operator."""
    standing = standing_claims(events)
    return standing[standing["event"].isin(STATEMENTS) & (standing["actor"] == "operator")]


def givers(claims: pd.DataFrame, policy: str, low: float, high: float) -> pd.DataFrame:
    """Return the claims behind a resolved moment: one that gives each end, then others that the policy takes of those
    that overlap it.
    """
    taken = preferred(claims, ["moment", "who", "scope"], policy)
    fit = near_first(taken[overlaps(taken, low, high)], low, high)
    ends = [
        near_first(preferred(claims[claims[end] == value], ["moment"], policy), low, high)[:1]
        for end, value in zip(ENDS, (low, high), strict=True)
    ]
    return pd.concat([*ends, fit])


def near_first(claims: pd.DataFrame, low: float, high: float) -> pd.DataFrame:
    """Return claims in the order of how far their ends lie from a resolved moment."""
    off = (claims["low"] - low).abs() + (claims["high"] - high).abs()
    return claims.loc[off.sort_values(kind="stable").index]


def apart(claims: pd.DataFrame) -> tuple[int | None, int | None]:
    """Return the rows of the two claims that lie farthest apart, None where some hour fits all."""
    if claims.empty or claims["low"].max() <= claims["high"].min():
        return None, None
    return claims["high"].idxmin(), claims["low"].idxmax()
