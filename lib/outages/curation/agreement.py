"""Do two people who code from the same page find the same?

The second coding stands in `second-coding/`, in the same tables. A unit is one thing that one document may say about one incident;
only documents that both coders used are compared. For moments and quantities two coders agree when some interval of one overlaps some
interval of the other; for codes when the sets of codes meet. Cohen's kappa corrects the agreement on single codes for chance (J. Cohen,
*Educational and Psychological Measurement* 20, 1960).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from outages.paths import DATA
from outages.registry.files import RegistryError, prepared, read_stack
from outages.registry.registry import Registry, keep, with_ends
from outages.registry.rules import (
    allowed_cells,
    known_incidents,
    known_sources,
    real_times,
    required_cells,
    units_fit,
    values_in_order,
)  # fmt: skip

SECOND = DATA / "second-coding"
RULES = (required_cells, allowed_cells, known_incidents, known_sources, real_times, values_in_order, units_fit)
TABLES = ("events", "measures", "causes", "third_parties")


class Agreement(NamedTuple):
    """How two coders agree on one field.

    `both` units were coded by both, `agree` of them alike; `first_only` and `second_only` were coded by one. `kappa` is Cohen's, for fields
    with one code a unit, None elsewhere.
    """

    field: str
    both: int
    agree: int
    first_only: int
    second_only: int
    kappa: float | None


def read_second(registry: Registry, folder: Path = SECOND, *, of_many: bool = False) -> dict[str, pd.DataFrame]:
    """Read the second coding of a registry.

    `of_many` says that the registry is cut to some of the incidents that were coded twice; rows are then not checked against it.

    Raises
    ------
    RegistryError : a row is not in the form of the registry, or speaks of an incident or document that is not in it
    """
    tables, unread = read_stack([folder], prepare=False)
    incidents, sources = registry.incidents.reset_index(drop=True), registry.sources
    if of_many:
        incidents = among(incidents, "incident_id", tables)
        sources = among(sources, "source_id", tables)
    tables["incidents"], tables["sources"] = incidents, sources
    unread = [p for p in unread if p.column != "(file)"]
    every = prepared(tables)
    mine = {name: every[name] for name in (*TABLES, "incidents", "sources")}
    rules = () if of_many else RULES
    problems = {p for rule in rules for p in rule(every if rule in (known_incidents, known_sources) else mine)}
    problems = {p for p in problems if "second-coding" in p.file}
    if not of_many and (unread or problems):
        raise RegistryError([*unread, *problems])
    return {
        "events": every["events"],
        "measures": with_ends(every["measures"]),
        "causes": every["causes"],
        "third_parties": every["third_parties"],
    }


def among(rows: pd.DataFrame, column: str, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the rows whose key the tables of a second coding name."""
    named = rows[column].isin(set().union(*(tables[name][column] for name in TABLES)))
    return rows[named].reset_index(drop=True)


def compare(registry: Registry, second: dict[str, pd.DataFrame]) -> list[Agreement]:
    """Return the agreement on each field, on the documents that both coders used."""
    first = coded_first(registry, second)
    pairs = shared_documents(first, second)
    first, second = ({name: on_pairs(coding[name], pairs) for name in TABLES} for coding in (first, second))
    found = []
    for name, column in (("events", "event"), ("measures", "measure")):
        for field in sorted(set(first[name][column]) | set(second[name][column])):
            one, two = (ranges(coding[name][coding[name][column] == field]) for coding in (first, second))
            both = sorted(set(one) & set(two))
            agree = sum(any(a[0] <= b[1] and b[0] <= a[1] for a in one[u] for b in two[u]) for u in both)
            found.append(Agreement(field, len(both), agree, len(set(one) - set(two)), len(set(two) - set(one)), None))
    for field in ("root_cause", "technical_cause", "trigger", "redundancy_defeated"):
        coded = [codes_of(c["causes"][c["causes"]["factor"] == field], "value") for c in (first, second)]
        found.append(code_agreement(field, *coded))
    parts = [codes_of(c["third_parties"], "involvement", "party") for c in (first, second)]
    return [*found, code_agreement("third_parties", *parts)]


def coded_first(registry: Registry, second: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the claims of the registry about the incidents that a second coding speaks of."""
    own = keep(registry, set().union(*(second[name]["incident_id"] for name in TABLES)))
    return {name: getattr(own, name) for name in TABLES}


def shared_documents(first: dict[str, pd.DataFrame], second: dict[str, pd.DataFrame]) -> set[tuple[str, str]]:
    """Return the pairs of incident and document from which both coders took something."""
    pairs = [
        set().union(*(zip(c[n]["incident_id"], c[n]["source_id"], strict=True) for n in TABLES))
        for c in (first, second)
    ]
    return pairs[0] & pairs[1]


def on_pairs(rows: pd.DataFrame, pairs: set[tuple[str, str]]) -> pd.DataFrame:
    """Keep the rows of some pairs of incident and document."""
    pair = pd.MultiIndex.from_frame(rows[["incident_id", "source_id"]])
    return rows[pair.isin(pairs)]


def ranges(rows: pd.DataFrame) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """Return the intervals that each document gives for each incident."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for row in rows.itertuples():
        found.setdefault((row.incident_id, row.source_id), []).append((row.low, row.high))
    return found


def codes_of(rows: pd.DataFrame, column: str, unit: str = "source_id") -> dict[tuple[str, str], set[str]]:
    """Return the codes that were given to each unit of each incident."""
    found: dict[tuple[str, str], set[str]] = {}
    for incident, part, code in zip(rows["incident_id"], rows[unit], rows[column], strict=True):
        found.setdefault((incident, part), set()).add(code)
    return found


def code_agreement(field: str, one: dict, two: dict) -> Agreement:
    """Return how two codings agree on the codes of a field."""
    both = sorted(set(one) & set(two))
    agree = sum(bool(one[u] & two[u]) for u in both)
    single = [(next(iter(one[u])), next(iter(two[u]))) for u in both if len(one[u]) == len(two[u]) == 1]
    return Agreement(field, len(both), agree, len(set(one) - set(two)), len(set(two) - set(one)), cohens_kappa(single))


def cohens_kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Return Cohen's kappa of paired codes, None where chance alone would give full agreement or there are no pairs.

    Examples
    --------
    >>> round(cohens_kappa([("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15), 3)
    0.4
    """
    if not pairs:
        return None
    one, two = (pd.Series(side).value_counts(normalize=True) for side in zip(*pairs, strict=True))
    chance = float(one.mul(two, fill_value=0).sum())
    seen = sum(a == b for a, b in pairs) / len(pairs)
    return None if chance == 1 else (seen - chance) / (1 - chance)


def as_table(found: Sequence[Agreement]) -> str:
    """Return agreements as a Markdown table."""
    lines = [
        "| field | coded by both | agree | share | only first | only second | Cohen's kappa |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for a in found:
        share = f"{a.agree / a.both:.2f}" if a.both else "–"
        kappa = "–" if a.kappa is None else f"{a.kappa:.2f}"
        lines.append(f"| `{a.field}` | {a.both} | {a.agree} | {share} | {a.first_only} | {a.second_only} | {kappa} |")
    return "\n".join(lines)


def disagreements(registry: Registry, second: dict[str, pd.DataFrame]) -> list[tuple[str, str, str]]:
    """Return incident, document and field wherever two coders exclude one another on a moment or quantity."""
    first = coded_first(registry, second)
    pairs = shared_documents(first, second)
    found = []
    for name, column in (("events", "event"), ("measures", "measure")):
        one, two = (on_pairs(coding[name], pairs) for coding in (first, second))
        for field in sorted(set(one[column]) & set(two[column])):
            a, b = ranges(one[one[column] == field]), ranges(two[two[column] == field])
            for unit in sorted(set(a) & set(b)):
                if not any(x[0] <= y[1] and y[0] <= x[1] for x in a[unit] for y in b[unit]):
                    found.append((*unit, field))
    return found
