"""Do two people who code from the same page find the same?

The second coding stands in `second-coding/`, in the same tables. A unit is one thing that one document may say about
one incident; only documents that both coders used are compared. For moments and quantities two coders agree when some
interval of one overlaps some interval of the other; for codes when the sets of codes meet. Cohen's kappa corrects the
agreement on single codes for chance (J. Cohen, *Educational and Psychological Measurement* 20, 1960).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
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
    *(form.required_cells, form.right_cells, form.days_in_names, form.known_keys),
    *(times.real_times, rules.values_in_order, rules.units_fit),
)
SPOKEN_OF = {  # of each table: by which column fields differ, what a unit is beside its incident, what is said of it
    "events": ("event", "source_id", ["low", "high"]),
    "measures": ("measure", "source_id", ["low", "high"]),
    "causes": ("factor", "source_id", ["value", "value"]),
    "third_parties": ("", "party", ["involvement", "involvement"]),
}
CODES = (*(("causes", factor) for factor in FACTORS), ("third_parties", "third_parties"))
Coding = dict[str, pd.DataFrame]
Field = tuple[str, str]  # a table, and what it says something of
Unit = tuple[str, str]  # an incident, and the document or organisation that is spoken of
Said = dict[Unit, set[tuple[Any, Any]]]  # by unit its intervals; a code is an interval from itself to itself


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
    and none is checked. Otherwise raise RegistryError when a row is not in the form of the registry, or speaks of an
    incident or document that is not in it.
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
    return {name: tables[name][tables[name]["incident_id"].isin(ids)] for name in SPOKEN_OF}


def read_first(registry: Registry, folder: Path = FIRST) -> Coding:
    """Return the first coding: as it was frozen before differences were settled, else as the registry stands."""
    frozen = read_second(registry, folder, of_many=True) if folder.is_dir() else {}
    kept = set().union(*(rows["incident_id"] for rows in frozen.values()))
    now = {name: getattr(registry, name) for name in SPOKEN_OF}
    now = {name: rows[~rows["incident_id"].isin(kept)] for name, rows in now.items()}
    return {name: pd.concat([rows, *([frozen[name]] if frozen else [])]) for name, rows in now.items()}


def compare(registry: Registry, second: Coding) -> list[Agreement]:
    """Return the agreement on each field, on the documents that both coders used."""
    one, two = on_shared_documents(read_first(registry), second)
    return [agreement_on(field, one[field], two[field]) for field in (*ranged(one, two), *CODES)]


def disagreements(registry: Registry, second: Coding) -> list[tuple[str, str, str]]:
    """Return incident, document and field wherever two coders exclude one another on a moment or quantity."""
    one, two = on_shared_documents(read_first(registry), second)
    return [
        (*unit, field[1])
        for field in ranged(one, two)
        for unit in sorted(one[field].keys() & two[field].keys())
        if not overlap(one[field][unit], two[field][unit])
    ]


def on_shared_documents(*codings: Coding) -> list[dict[Field, Said]]:
    """Return what codings say, cut to the pairs of incident and document from which all took something."""
    named = [pd.concat([rows[["incident_id", "source_id"]] for rows in coding.values()]) for coding in codings]
    shared = set.intersection(*(set(pairs.itertuples(index=False, name=None)) for pairs in named))
    return [said(coding, shared) for coding in codings]


def said(coding: Coding, shared: set[tuple[str, str]]) -> dict[Field, Said]:
    """Return by field what a coding says of each unit, as far as it is taken from some documents."""
    found: dict[Field, Said] = defaultdict(lambda: defaultdict(set))
    for table, (column, unit, ends) in SPOKEN_OF.items():
        for row in coding[table].to_dict("records"):
            if (row["incident_id"], row["source_id"]) in shared:
                field = table, row.get(column, table)
                found[field][row["incident_id"], row[unit]].add(tuple(row[end] for end in ends))
    return found


def ranged(one: Iterable[Field], two: Iterable[Field]) -> list[Field]:
    """Return the events and measures of which either coder says something."""
    return sorted(field for field in {*one, *two} if field[0] in ("events", "measures"))


def overlap(one: set[tuple[Any, Any]], two: set[tuple[Any, Any]]) -> bool:
    """Return whether some interval of one coder meets some interval of the other, or some code is that of the other."""
    return any(a[0] <= b[1] and b[0] <= a[1] for a in one for b in two)


def agreement_on(field: Field, one: Said, two: Said) -> Agreement:
    """Return how two codings agree on a field, given what each says of each unit."""
    both = sorted(one.keys() & two.keys())
    agree = sum(overlap(one[unit], two[unit]) for unit in both)
    alone = len(one.keys() - two.keys()), len(two.keys() - one.keys())
    single = [unit for unit in both if field in CODES and len(one[unit]) == len(two[unit]) == 1]
    kappa = cohens_kappa([(min(one[unit])[0], min(two[unit])[0]) for unit in single])
    return Agreement(field[1], len(both), agree, *alone, kappa)


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
