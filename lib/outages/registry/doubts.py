"""What in a registry is well-formed and yet looks wrong in meaning? `check` warns; no page is refused."""

import datetime as dt
import functools
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

from outages.errors import escaped
from outages.registry.countries import folded
from outages.registry.files import number
from outages.registry.form import Rule, at, faulty, first_rows, known_ends, place
from outages.registry.schema import FILE, ORIGIN, ROW, Problem, Row, Rows
from outages.registry.times import YEAR

NEAR_BASE = 0.03  # as close to the number of subscribers, "users hit" is the base itself
STALE = 730  # days since a page was read
BACK = 2 * 24 * 60  # minutes: services that came back earlier than so before "restored" were back for users
WITHIN = ("detected", "escalated", "authorities_notified", "first_public_statement", "workaround_published")
NAMING = {"incidents": "operator", "third_parties": "party", "recommendations": "addressee"}
FIRM = re.compile(r"\b(?:inc|ltd|limited|plc|llc|corp|corporation|sa|sas|ag|gmbh|nv|bv|ab|asa|spa|group|holdings?)\b")


def users_equal_base(tables: Rows) -> Iterator[Problem]:
    """A count of people hit that equals the number of subscribers is a ceiling."""
    bases = defaultdict[str, set[float]](set)
    for row in (row for row in tables["measures"] if row["measure"] == "subscriber_base"):
        bases[row["incident_id"]] |= {most for most in [number(row["value_high"])] if most > 0}
    words = "'{value}' is within 3 per cent of the subscriber base; if all customers are meant, write bound at_most"
    for row in tables["measures"]:
        if row["measure"] == "users_affected" and row["bound"] != "at_most":
            low, high = number(row["value_low"]), number(row["value_high"])
            users = low if math.isnan(high) else high
            near = any(abs(users / base - 1) <= NEAR_BASE for base in bases[row["incident_id"]])
            yield from at([row] if near else [], "value_high", words)


def after_others(rows: Sequence[Row], others: Iterable[Row], kind: str, by: float = 0) -> Iterator[Row]:
    """Yield the events of a kind that come surely after another one of their incident, by more than so many minutes."""
    ends = known_ends(others, "high", min, "incident_id")
    return (row for row in rows if row["event"] == kind and row["low"] - ends[row["incident_id"]] > by)


def back_before_restored(tables: Rows) -> Iterator[Problem]:
    """A restoration days after services were back is the repair of what was broken."""
    names = ("partial_restoration", "restored", "workaround_published")
    back = (row for row in tables["events"] if row["event"] in names)
    words = "'{value}' comes days after a claim that services were back; if users were back then, this is repaired"
    yield from at(after_others(tables["events"], back, "restored", BACK), "time_low", words)


def statement_before_the_first(tables: Rows) -> Iterator[Problem]:
    """No statement of the operator stands before the one that is called the first."""
    names = ("first_public_statement", "public_statement")
    said = (row for row in tables["events"] if row["event"] in names and row["actor"] in ("", "operator"))
    words = "'{value}' is called the first statement, and an earlier one is on record; check both"
    yield from at(after_others(tables["events"], said, names[0]), "time_low", words)


def step_after_the_end(tables: Rows) -> Iterator[Problem]:
    """A step that took longer than the outage came after its end."""
    rows = tables["events"]
    end = known_ends((row for row in rows if row["event"] == "restored"), "high", max, "incident_id")
    late = (row for row in rows if row["event"] in WITHIN and row["low"] > end[row["incident_id"]])
    yield from at(late, "time_low", "'{value}' lies after the last service was back; check both hours")


def figure_replaced(tables: Rows) -> Iterator[Problem]:
    """A figure that a later document of the same speaker contradicts has been replaced by it."""
    sources, latest = first_rows(tables["sources"], "source_id"), dict[tuple[Any, ...], tuple[str, Row]]()
    old = list[tuple[tuple[Any, ...], str, Row]]()
    for row in tables["measures"]:
        source = sources.get(row["source_id"], {"kind": "", "publisher": "", "published": ""})
        who, day = row["speaker"] or source["kind"], source["published"]
        who = who if who == "operator" else f"{who} {source['publisher']}"
        group = (row["incident_id"], row["measure"], row["scope"], row["unit"], who)
        if day and not row["retracted_by"]:
            old.append((group, day, row))
            if group not in latest or day >= latest[group][0]:
                latest[group] = day, row
    words = "a later document of the same speaker ({other}) contradicts '{figure}'; if it replaces it, name it here"
    for group, day, row in old:
        last, new = latest[group]
        if day[: len(last)] < last[: len(day)] and apart(row, new):
            told = {"other": new["source_id"], "figure": row["value_low"] or row["value_high"]}
            yield from at([row | told] if new["source_id"] else [], "retracted_by", words)


def apart(one: Row, two: Row) -> bool:
    """Return whether two figures exclude one another; an end that is not known is open."""
    (low, high), (least, most) = (
        [open if math.isnan(end := number(row[c])) else end for c, open in (("value_low", 0), ("value_high", math.inf))]
        for row in (one, two)
    )
    return high < least or most < low


def odd_moments(tables: Rows) -> Iterator[Problem]:
    """Nothing has been seen or read in the future, and few outages last longer than a year."""
    now, words = dt.datetime.now(dt.UTC), "'{value}' lies in the future; check the year"
    rows, ahead = tables["events"], now.timestamp() / 60 + 24 * 60
    yield from at((row for row in rows if row["low"] > ahead), "time_low", words)
    tomorrow = (now + dt.timedelta(days=1)).date().isoformat()
    for column in ("published", "read_on"):
        yield from faulty(tables["sources"], column, lambda cell: cell > tomorrow, words)
    onset = known_ends((row for row in rows if row["event"] == "onset"), "high", max, "incident_id")
    long = (row for row in rows if row["event"] == "restored" and row["low"] - onset[row["incident_id"]] > YEAR)
    yield from at(long, "time_low", "'{value}' is more than a year after the onset; check the year")


def pages_read_long_ago(tables: Rows) -> Iterator[Problem]:
    """Pages move and change: all that were read long ago are told in one line, at the one that was read first."""
    limit = (dt.datetime.now(dt.UTC).date() - dt.timedelta(days=STALE)).isoformat()
    old = [row for row in tables["sources"] if "" < row["read_on"] < limit]
    many = f"{len(old)} of {len(tables['sources'])}"
    words = f"pages cited that were last read more than two years ago: {many}; read them again"
    yield from at(sorted(old, key=itemgetter("read_on"))[:1], "read_on", words)


def organisations_known(tables: Rows) -> Iterator[Problem]:
    """Operators, third parties and addressees stand in organisations.csv under one name, once that table has rows.

    An overlay may bring names of its own, but not another name of one that is listed.
    """
    if not (listed := tables.get("organisations")):
        return
    alias = {a: row["name_en"] for row in listed for a in [row["name_fr"], *names_in(row["aliases"])] if a}
    known, where = {"unnamed", *(row["name_en"] for row in listed)}, {row[ORIGIN] for row in listed}

    def told(column: str, row: Row) -> str:
        """Say which names of a cell are not known, and the name that is when one is an alias."""
        unknown = [f"{n} (there {alias[n]})" if n in alias else n for n in names_in(row[column]) if n not in known]
        return f"'{escaped('; '.join(unknown))}' is no name_en of reference/organisations.csv; add it or use that name"

    for table, column in NAMING.items():
        for cell, row in first_rows(tables[table], column).items():
            names = set(names_in(cell)) if cell else set()
            if not names <= known and (row[ORIGIN] in where or alias.keys() & names):
                yield from at([row], column, functools.partial(told, column))


def near_duplicate_names(tables: Rows) -> Iterator[Problem]:
    """One organisation has one spelling."""
    first: dict[str, tuple[str, str]] = {}
    for table, column in (("incidents", "operator"), ("third_parties", "party"), ("organisations", "name_en")):
        for row in first_rows(tables.get(table, ()), column).values():
            for name in names_in(row[column]):
                other, where = first.setdefault(bare(name), (name, place(row)))
                if other != name:
                    both = f"'{escaped(name, 40)}' and '{escaped(other, 40)}' ({where})"
                    yield Problem(row[FILE], row[ROW], column, f"{both} look like one; use one spelling")


def names_in(cell: str) -> list[str]:
    """Return the names that a cell lists, separated by `;`."""
    return [name.strip() for name in cell.split(";")]


@functools.cache
def bare(name: str) -> str:
    """Return what is left of a name without case, accents, signs and legal form."""
    return FIRM.sub("", folded(name)).replace(" ", "") or name


DOUBTS: tuple[Rule, ...] = (
    *(users_equal_base, back_before_restored, statement_before_the_first, step_after_the_end, figure_replaced),
    *(odd_moments, pages_read_long_ago, organisations_known, near_duplicate_names),
)


def doubts_of(tables: Rows, judged: Sequence[Row] | None = None) -> list[Problem]:
    """Return every doubt as a warning.

    Parameters
    ----------
    judged : doubts that were looked into (`incident_id`, `rule`) and are passed over; one that no longer exists is a
        doubt itself
    """
    claims = (row for name in ("incidents", "events", "measures") for row in tables[name])
    of_row = {(row[FILE], row[ROW]): row["incident_id"] for row in claims}
    found: dict[tuple[str, str], list[Problem]] = defaultdict(list)
    for rule in DOUBTS:
        for problem in rule(tables):
            found[of_row.get((problem.file, problem.row), ""), rule.__name__].append(problem)
    known = {(row["incident_id"], row["rule"]) for row in judged or ()}
    words = "no such doubt about {incident_id} is left; delete the row"
    gone = at((row for row in judged or () if (row["incident_id"], row["rule"]) not in found), "rule", words)
    left = (problem for key, doubts in found.items() if key not in known for problem in doubts)
    return [replace(problem, level="warning") for problem in sorted({*left, *gone})]
