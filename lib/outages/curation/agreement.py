"""Do two people who code from the same page find the same?

The second coding stands in `second-coding/`, in the same tables. A unit is one thing that one document may say about
one incident; only documents that both coders used are compared. For moments and quantities two coders agree when some
interval of one overlaps some interval of the other; for codes when the sets of codes meet. Cohen's kappa corrects the
agreement on single codes for chance (J. Cohen, *Educational and Psychological Measurement* 20, 1960).
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from outages.curation.fields import FACTORS
from outages.paths import DATA
from outages.registry import form, rules, times
from outages.registry.files import framed, stacked
from outages.registry.registry import Registry, with_ends
from outages.registry.schema import CLAIM_TABLES, RegistryError

FIRST, SECOND = DATA / "first-coding", DATA / "second-coding"
RULES = (
    *(form.required_cells, form.listed_codes, form.patterns_kept, form.real_numbers, form.real_days, form.known_keys),
    *(times.real_times, rules.values_in_order, rules.units_fit),
)
TABLES = ("events", "measures", "causes", "third_parties")
RANGED = (("events", "event"), ("measures", "measure"))
Coding = dict[str, pd.DataFrame]
Unit = tuple[str, str]  # an incident, and the document or organisation that is spoken of


class Agreement(NamedTuple):
    """How two coders agree on one field.

    `both` units were coded by both, `agree` of them alike; `first_only` and `second_only` were coded by one. `kappa` is
    Cohen's, for fields with one code a unit, None elsewhere.
    """

    field: str
    both: int
    agree: int
    first_only: int
    second_only: int
    kappa: float | None


def read_second(registry: Registry, folder: Path = SECOND, *, of_many: bool = False) -> Coding:
    """Read a coding of incidents of a registry.

    `of_many` says that the registry is cut to some of the incidents that were coded: rows about others are left out,
    and none is checked.

    Raises
    ------
    RegistryError : a row is not in the form of the registry, or speaks of an incident or document that is not in it
    """
    rows, unread = stacked([folder])
    claims = {name: rows[name] for name in CLAIM_TABLES}
    if not of_many:
        known = {name: getattr(registry, name).to_dict("records") for name in ("incidents", "sources")}
        problems = [p for p in unread if p.row or p.column == "(folder)"]
        if problems := problems + form.problems_of(claims | known, RULES):
            raise RegistryError(problems)
    tables = {name: framed(name, found) for name, found in claims.items()}
    tables["measures"] = with_ends(tables["measures"])
    ids = registry.incidents.index
    return {name: tables[name][tables[name]["incident_id"].isin(ids)] for name in TABLES}


def read_first(registry: Registry, folder: Path = FIRST) -> Coding:
    """Return the first coding: as it was frozen before differences were settled, else as the registry stands."""
    frozen = read_second(registry, folder, of_many=True) if folder.is_dir() else {}
    kept = set().union(*(rows["incident_id"] for rows in frozen.values()))
    now = {name: getattr(registry, name) for name in TABLES}
    now = {name: rows[~rows["incident_id"].isin(kept)] for name, rows in now.items()}
    return {name: pd.concat([rows, *([frozen[name]] if frozen else [])]) for name, rows in now.items()}


def compare(registry: Registry, second: Coding, first: Coding | None = None) -> list[Agreement]:
    """Return the agreement on each field, on the documents that both coders used."""
    one, two = on_shared_documents(read_first(registry) if first is None else first, second)
    found = [agreement_on(field, a, b, overlap) for field, a, b in ranged_fields(one, two)]
    for field in FACTORS:
        a, b = (codes_of(c["causes"][c["causes"]["factor"] == field], "value") for c in (one, two))
        found.append(agreement_on(field, a, b, meet))
    a, b = (codes_of(c["third_parties"], "involvement", "party") for c in (one, two))
    return [*found, agreement_on("third_parties", a, b, meet)]


def disagreements(registry: Registry, second: Coding, first: Coding | None = None) -> list[tuple[str, str, str]]:
    """Return incident, document and field wherever two coders exclude one another on a moment or quantity."""
    one, two = on_shared_documents(read_first(registry) if first is None else first, second)
    return [
        (*unit, field)
        for field, a, b in ranged_fields(one, two)
        for unit in sorted(set(a) & set(b))
        if not overlap(a[unit], b[unit])
    ]


def on_shared_documents(first: Coding, second: Coding) -> tuple[Coding, Coding]:
    """Return two codings cut to the pairs of incident and document from which both took something."""
    key = ["incident_id", "source_id"]
    used = [pd.MultiIndex.from_frame(pd.concat([coding[name][key] for name in TABLES])) for coding in (first, second)]
    shared = used[0].intersection(used[1].unique())
    one, two = (
        {name: rows[pd.MultiIndex.from_frame(rows[key]).isin(shared)] for name, rows in coding.items()}
        for coding in (first, second)
    )
    return one, two


def ranged_fields(one: Coding, two: Coding) -> list[tuple[str, dict, dict]]:
    """Return each event and measure with the intervals that either coder gives for each unit."""
    found = []
    for name, column in RANGED:
        for field in sorted(set(one[name][column]) | set(two[name][column])):
            found.append((field, *(ranges(coding[name][coding[name][column] == field]) for coding in (one, two))))
    return found


def overlap(one: list[tuple[float, float]], two: list[tuple[float, float]]) -> bool:
    """Return whether some interval of one coder meets some interval of the other."""
    return any(a[0] <= b[1] and b[0] <= a[1] for a in one for b in two)


def ranges(rows: pd.DataFrame) -> dict[Unit, list[tuple[float, float]]]:
    """Return the intervals that each document gives for each incident."""
    found: dict[Unit, list[tuple[float, float]]] = {}
    for row in rows.itertuples():
        found.setdefault((row.incident_id, row.source_id), []).append((row.low, row.high))
    return found


def codes_of(rows: pd.DataFrame, column: str, unit: str = "source_id") -> dict[Unit, set[str]]:
    """Return the codes that were given to each unit of each incident."""
    return rows.groupby(["incident_id", unit])[column].agg(set).to_dict()


def meet(one: set[str], two: set[str]) -> bool:
    """Return whether the codes of one coder meet those of the other."""
    return bool(one & two)


def agreement_on(field: str, one: dict, two: dict, alike: Callable[[Any, Any], bool]) -> Agreement:
    """Return how two codings agree on a field, given what each says of each unit."""
    both = sorted(set(one) & set(two))
    agree = sum(alike(one[u], two[u]) for u in both)
    codes = [(*one[u], *two[u]) for u in both if alike is meet and len(one[u]) == len(two[u]) == 1]
    return Agreement(field, len(both), agree, len(set(one) - set(two)), len(set(two) - set(one)), cohens_kappa(codes))


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
