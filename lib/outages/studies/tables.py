"""How do facts and claims become tidy rows? One row a lag, a quantity, a time limit, a claim; the incident is the index
or a column.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from outages.facts.limits import replay
from outages.facts.third_parties import in_causal_chain
from outages.facts.timeline import LAGS, MOMENTS, Facts
from outages.registry.registry import Registry
from outages.registry.schema import CLAIM_TABLES
from outages.stats.rows import ENDS

UNITS = {
    "users_affected": "persons",
    "subscriber_base": "persons or lines",
    "lines_affected": "lines",
    "user_hours": "user-hours",
    "silent_hours": "user-hours",
    "emergency_calls_failed": "calls",
    "calls_blocked": "calls",
    "deaths_linked": "persons",
}
ABOUT = {
    "events": "event",
    "measures": "measure",
    "causes": "factor",
    "third_parties": "party",
    "recommendations": "theme",
}
CLAIM = (  # its columns
    "incident_id table about low high value involvement role actor unit bound scope speaker kind source_id locator "
    "note retracted_by selected"
)


def fields_of(claims: Mapping[str, pd.DataFrame]) -> set[tuple[str, str]]:
    """Return the incidents and the fields of them about which claims of some tables speak; third parties and
    recommendations are a field each.
    """
    found = set()
    for name, rows in claims.items():
        codes = rows[ABOUT[name]] if name in ("events", "measures", "causes") else [name] * len(rows)
        found |= set(zip(rows["incident_id"], codes, strict=True))
    return found


def told_apart(names: pd.Series, *ways: Callable[[Any], str]) -> pd.Series:
    """Return names of rows by index, where two read alike in the next of some longer ways to name a row."""
    found = names.copy()
    for way in ways:
        alike = found.index[found.duplicated(keep=False)]
        found[alike] = [way(row) for row in alike]
    return found


def attributes(registry: Registry, facts: Facts, groups: pd.DataFrame, titles: pd.Series) -> pd.DataFrame:
    """Return one row an incident with its attributes, see `outages.studies.Study.incidents`."""
    table, calls = registry.incidents, facts["emergency_calls_failed"]
    day = pd.Series(table.index.str[:10], index=table.index)
    return pd.DataFrame(
        {
            "title": titles,
            **table[["operator", "country", "sector", "services"]],
            "onset": pd.to_datetime(day, errors="coerce"),
            "year": day.str[:4].astype(int),
            "root_cause": groups["root_cause"],
            "third_party": in_causal_chain(registry),
            "emergency_calls": groups["emergency_calls"] == "yes",
            "calls_failed_low": calls["low"],
            "calls_failed_high": calls["high"],
            "found_by": table["found_by"],
            "origin": table["_origin"],
        }
    )


def lag_rows(facts: Facts) -> pd.DataFrame:
    """Return one row an incident and lag, `low` and `high` in minutes, see `outages.studies.Study.lags`."""
    rows = [facts[lag][[*ENDS, "timed"]].assign(lag=lag, start=start, end=end) for lag, (start, end) in LAGS.items()]
    return pd.concat(rows)[["lag", "start", "end", *ENDS, "timed"]]


def quantity_rows(facts: Facts) -> pd.DataFrame:
    """Return one row an incident and quantity, in its own `unit`, see `outages.studies.Study.users`."""
    rows = [facts[name][ENDS].assign(quantity=name, unit=unit) for name, unit in UNITS.items()]
    return pd.concat(rows)[["quantity", "unit", *ENDS]]


def recommendation_rows(registry: Registry, lang: str) -> pd.DataFrame:
    """Return one row a recommendation of one source, see `outages.studies.Study.recommendations`."""
    rows = registry.recommendations.set_index("incident_id")
    number = pd.to_numeric(rows["target_value"].astype(object))
    rows = rows.assign(text=rows[f"text_{lang}"], target_value=number)
    return rows[["theme", "addressee", "text", "target_value", "target_unit", "kind", "source_id", "locator"]]


def limit_rows(registry: Registry, facts: Facts) -> pd.DataFrame:
    """Return one row a time limit and incident, `low` and `high` in minutes, see `outages.studies.Study.limits`."""
    targets = registry.communication_targets
    rows = replay(targets, registry.incidents, facts)
    about = targets.set_index("target_id")[["jurisdiction", "event", "counted_from", "limit_minutes"]]
    told = rows.join(about.assign(limit_minutes=about["limit_minutes"].astype(float)), on="target_id")
    return told.set_index("incident_id")[["target_id", *about.columns, *ENDS, "verdict", "in_force"]]


def claim_rows(registry: Registry, accepted: Mapping[str, pd.Series], incident: str, about: str) -> pd.DataFrame:
    """Return one row a claim, see `outages.studies.Study.claims`; `accepted` as `outages.facts.acceptance.acceptance`
    returns it.
    """
    found = []
    for table in CLAIM_TABLES:
        rows = getattr(registry, table)
        rows = rows[rows["incident_id"] == incident] if incident else rows
        rows = rows[rows[ABOUT[table]] == about] if about else rows
        role = accepted.get(table, pd.Series("", rows.index)).loc[rows.index]
        taken = (role == "yes").astype("boolean").mask(role == "")
        found.append(rows.assign(table=table, about=rows[ABOUT[table]].astype(object), selected=taken))
    every = pd.concat([rows.astype({"selected": "boolean"}) for rows in found], ignore_index=True)
    return every.reindex(columns=CLAIM.split())


def fact_unit(fact: str) -> str:
    """Return the unit of a fact; a moment on a clock has none that could be added up."""
    others = {"silence": "share", "emergency_callers_failed": "persons"} | dict.fromkeys(MOMENTS, "moments")
    return (UNITS | others).get(fact) or unit_of(fact) or "number"


def unit_of(fact: str) -> str:
    """Return the unit that the name of a fact does not say, empty when it is none of time."""
    if fact in LAGS or fact == "length":
        return "minutes"
    return "hours" if fact == "duration_hours" else ""


def fact_columns(facts: pd.DataFrame) -> pd.DataFrame:
    """Return each fact as two columns that carry their unit, as `length_minutes_low`; moments are UTC."""
    columns: dict[str, pd.Series] = {}
    for name in dict.fromkeys(facts.columns.get_level_values(0)):
        for end, values in facts[name][ENDS].items():
            if name in MOMENTS:
                columns[f"{name}_utc_{end}"] = pd.to_datetime(values, unit="m", utc=True).dt.round("s")
            else:
                told = name.removesuffix("_hours") if unit_of(name) else name, unit_of(name), end
                columns["_".join(filter(None, told))] = values
    return pd.DataFrame(columns).assign(length_basis=facts["length"]["basis"])
