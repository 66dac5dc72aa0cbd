"""Which claims and sums does a page show? All, or those that numbers of its question or of many incidents rest on."""

import pandas as pd

from outages.errors import InputError, escaped, like
from outages.facts.timeline import LAGS, STATEMENTS
from outages.figures.style import LISTED, MANY
from outages.registry.registry import CLAIM_TABLES, Registry, subset
from outages.studies import ABOUT, Study

LENGTH = {"onset", "partial_restoration", "restored", "duration_hours"}
WARNING = {"detected", "escalated", "authorities_notified", "workaround_published"}
USERS = {"users_affected", "subscriber_base", "emergency_calls_failed", "deaths_linked"}
COUNTED_ONCE = ["emergency_calls_failed", "emergency_calls_failed_share", "deaths_linked"]  # listed claim by claim
EVERY_FIELD = {*LENGTH, *STATEMENTS, *WARNING, *USERS, "root_cause", "redundancy_defeated", "third_parties"}
FIELDS = {  # of the claims that a page about one question shows; "" is all questions on a page of many incidents
    "": EVERY_FIELD,
    "length": LENGTH | {"root_cause", "third_parties"},
    "users": LENGTH | USERS | {"emergency_calls_failed_share"},
    "delays": {*LENGTH, *STATEMENTS, *WARNING, "postmortem_published", "users_affected"},
    "third_parties": {*LENGTH, *STATEMENTS, "third_parties", "redundancy_defeated"},
    "recommendations": set[str](),
    "quality": set[str](),
    "everything": EVERY_FIELD,
}
ALL_SUMS = {"length", *LAGS, "silence", "silent_hours", "user_hours"}
SUMS = {  # that a page about one question shows; "" is all questions on a page of many incidents
    "": {"length", "user_hours", "to_known_word", "to_public", "to_escalation", "silence"},
    "length": {"length"},
    "users": {"length", "user_hours"},
    "delays": ALL_SUMS,
    "third_parties": {"length", "to_known_word"},
    "recommendations": set[str](),
    "quality": set[str](),
    "everything": ALL_SUMS,
}


def check_about(about: str) -> None:
    """Check that a question is one that pages answer.

    Raises
    ------
    InputError : it is not
    """
    if about not in FIELDS:
        raise InputError(f"about: '{escaped(about)}' is not allowed; {like(about, filter(None, FIELDS))}")


def visible_sums(study: Study, about: str) -> set[str]:
    """Return the names of the derived numbers whose sums a page shows."""
    return SUMS[about] if about or study.n > MANY else ALL_SUMS


def listed(study: Study, about: str) -> Registry:
    """Return the incidents that a page sets out: all, or of very many those with most claims and the one in focus."""
    registry = study.registry
    if study.n <= LISTED:
        return registry
    tables = ("recommendations",) if about == "recommendations" else CLAIM_TABLES
    told = pd.concat([getattr(registry, table)["incident_id"] for table in tables]).value_counts()
    order = told.reindex(registry.incidents.index, fill_value=0).sort_values(ascending=False, kind="stable")
    return subset(registry, {*order.index[: LISTED // 2], study.focus})


def visible_claims(study: Study, about: str, own: Registry) -> dict[str, pd.DataFrame]:
    """Return the claims of each table that a page shows of the incidents that it sets out."""
    everything = about == "quality" or not (about or study.n > MANY)
    return {t: getattr(own, t) if everything else claims_about(study, about, t, getattr(own, t)) for t in CLAIM_TABLES}


def claims_about(study: Study, about: str, table: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the claims of a table that a page about a question shows; of many incidents only supporting ones."""
    if table == "recommendations":
        return rows if about == "recommendations" else rows[(rows["target_value"] != "") & (about == "")]
    if table == "third_parties":
        return rows[(table in FIELDS[about]) & ((rows["involvement"] != "victim") | (study.n <= MANY))]
    here = rows[ABOUT[table]].isin(FIELDS[about])
    return rows[here & supporting(study, table, rows)] if study.n > MANY else rows[here]


def supporting(study: Study, table: str, rows: pd.DataFrame) -> pd.Series:
    """Return which claims numbers rest on: selected ones, earliest statements, failed calls, deaths, causes."""
    selected = study.selected[table]
    if selected is None:
        return pd.Series(True, index=rows.index)
    taken = pd.Series(rows.index.isin(selected), index=rows.index)
    if table == "measures":
        return taken | rows["measure"].isin(COUNTED_ONCE)
    said = rows[rows["event"].isin(STATEMENTS) & (rows["actor"] == "operator")]
    first = [said[end] == said.groupby("incident_id")[end].transform("min") for end in ("low", "high")]
    return taken | rows.index.isin(said.index[first[0] | first[1]])
