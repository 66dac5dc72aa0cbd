"""Is each table in form, taken by itself? Each rule looks at all rows and lists every offender."""

import datetime as dt
import difflib
import functools
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any

from outages.errors import escaped
from outages.registry.countries import countries
from outages.registry.files import number, stacked
from outages.registry.schema import FILE, ORIGIN, ROW, Problem, RegistryError, Row, Rows, columns, key_of, resources

Rule = Callable[[Rows], Iterator[Problem]]
WORST_QUOTE = 25  # words: longer passages in quotation marks are copied text, not facts
LARGEST = 1e15  # no count or sum of an outage comes near
FIRST_YEAR, LAST_YEAR = 1678, 2261  # years whose moments 64 bits of nanoseconds hold
QUOTED = re.compile(r"[«\"“]([^»\"”]*)[»\"”]")
PLANES = "".join(chr(plane * 0x10000 + sign) for plane in range(17) for sign in (0xFFFE, 0xFFFF))
ODD_SIGN = re.compile(rf"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef{PLANES}]")
THIN = "\u200b\u200c\u200d\u2060\ufeff"  # blanks without width
LOCAL_TIME = "write local time with its offset, as 2021-06-02T16:45+02:00"
EXAMPLES = {
    "incident_id": "write YYYY-MM-DD-operator-cc-topic, as 2021-06-02-orange-fr-emergency-calls",
    "source_id": "write publisher-year-topic in lower case, as senat-2021-rapport-297",
    "country": "write ISO 3166-1 alpha-2 codes in capitals separated by ';', as FR;BE, or 001 for worldwide",
    "published": "write 2021, 2021-06 or 2021-06-02",
    "url": "write a full address that starts with https://",
    "unit": "write persons, lines, calls, reports, share, h or an ISO 4217 currency code",
}
OR_PLACE, PLACE = "|[^a-z;].*)$", ", or the name of a place, with its capital"  # how a pattern that allows it ends
DAYS = {"published", "in_force", "read_on", "day", "since", "until", "from"}  # a year, a month or a day, or two of them
TWINS = {"title_en": "title_fr", "title_fr": "title_en"}
OWN_WORDS = {"note", "summary_en", "summary_fr", "text_en", "text_fr"}
MISSING = {  # what to do about a key that stands in no row of a table
    "incidents": "add it there, or check the overlay together with the registry below it",
    "sources": "add the document there",
    "organisations": "add the group there first, or write its organisation_id",
    "cohorts": "describe the cohort there",
    "cohort_entries": "add the entry there",
}
ORDER = {"events": ["incident_id", "time_low", "event"], "regulator_annual": ["scheme", "year", "metric"]}


def at(rows: Iterable[Row], column: str, message: str | Callable[[Row], str]) -> Iterator[Problem]:
    """Turn rows that are wrong into problems; `{value}` in a message is the cell, `{name}` another one."""
    said = message if callable(message) else functools.partial(filled_in, message, column)
    return (Problem(row[FILE], row[ROW], column, said(row)) for row in rows)


def filled_in(message: str, column: str, row: Row) -> str:
    """Return a message with cells in it; braces of a pattern stay as they are."""
    cells = {**row, "value": row.get(column, "")}
    return re.sub(r"\{(\w+)\}", lambda found: escaped(cells.get(found[1], found[0])), message)


def faulty(
    rows: Sequence[Row], column: str, fault: Callable[[str], Any], message: str | Callable[[Row], str]
) -> Iterator[Problem]:
    """Return the rows whose filled cell has a fault as problems; each different text is looked at once."""
    wrong = {cell for cell in set(map(itemgetter(column), rows)) if cell and fault(cell)}
    return at((row for row in rows if row[column] in wrong), column, message) if wrong else iter(())


def first_rows(rows: Sequence[Row], column: str) -> dict[str, Row]:
    """Return the first row of each different cell of a column."""
    found: dict[str, Row] = {}
    for row in rows:
        found.setdefault(row[column], row)
    return found


def known_ends(
    rows: Iterable[Row], column: str, pick: Callable[[float, float], float], *key: str
) -> defaultdict[Any, float]:
    """Return the least or the greatest known number of a column in each group of rows, NaN where there is none."""
    found = defaultdict[Any, float](lambda: float("nan"))
    for row in (row for row in rows if not math.isnan(row[column])):
        group = tuple(row[name] for name in key) if len(key) > 1 else row[key[0]]
        found[group] = pick(row[column], found[group]) if group in found else row[column]
    return found


def place(row: Mapping[str, Any]) -> str:
    """Return where a row stands, for a message about another row."""
    return f"{'/'.join(Path(row[FILE]).parts[-2:])}:{int(row[ROW])}"


def fields(tables: Rows) -> Iterator[tuple[Sequence[Row], str, dict[str, Any]]]:
    """Yield each column of each table that has rows, with its description."""
    for name, rows in ((name, rows) for name, rows in tables.items() if rows):
        yield from ((rows, field["name"], field) for field in resources()[name]["schema"]["fields"])


def required_cells(tables: Rows) -> Iterator[Problem]:
    """A required cell is filled."""
    for rows, column, field in fields(tables):
        if field.get("constraints", {}).get("required"):
            empty = [row for row in rows if not row[column]]
            if other := TWINS.get(column):  # one language of titles is enough for an overlay
                untold = [row for row in empty if row[ORIGIN] != "public" and not row[other] and column < other]
                yield from at(untold, column, f"is empty; it or {other} must be filled")
                empty = [row for row in empty if row[ORIGIN] == "public"]
            yield from at(empty, column, "is empty; it must be filled")


def right_cells(tables: Rows) -> Iterator[Problem]:
    """A filled cell keeps to what its column asks for."""
    for rows, column, field in fields(tables):
        different = set(map(itemgetter(column), rows)) - {""}
        for fault, message in checks(column, field):
            if wrong := set(filter(fault, different)):
                yield from at((row for row in rows if row[column] in wrong), column, message)


def checks(column: str, field: Mapping[str, Any]) -> Iterator[tuple[Callable[[str], Any], str | Callable[[Row], str]]]:
    """Yield what can be wrong with a filled cell of a column, as a test of its text, and how that is told."""
    asked = field.get("constraints", {})
    blank = "holds a line break, a control sign or a blank at its end ('{value}'); write one trimmed line"
    yield not_one_line, blank
    if allowed := asked.get("enum"):
        yield (lambda cell: cell not in allowed), functools.partial(not_among, column, allowed)
    if pattern := asked.get("pattern"):
        fits = re.compile(pattern).fullmatch
        yield (lambda cell: not fits(cell)), "'{value}' does not fit; " + readable(column, pattern)
    if field["type"] in ("number", "year", "integer"):
        least = asked.get("minimum", -math.inf)
        yield (lambda cell: not math.isfinite(number(cell))), "'{value}' is not a number; write 11800 or 0.11"
        yield (lambda cell: LARGEST < abs(number(cell)) < math.inf), "{value} is too large for an outage"
        yield (lambda cell: number(cell) < least), f"{{value}} is below {least}"
    if column in DAYS:
        words = "'{value}' is not a date of the calendar; write 2021-06-02"
        yield (lambda cell: not all(map(is_day, cell.split("/")))), words
    if column == "country":
        words = "'{value}' is no country of ISO 3166-1; write alpha-2 codes, as GB for the United Kingdom"
        yield no_country, words
    if column in OWN_WORDS:
        yield quotes_much, f"quotes more than {WORST_QUOTE} words; say it in your own words"


def not_among(column: str, allowed: list[str], row: dict[str, Any]) -> str:
    """Say that a cell is not allowed, and what is: what looks most like it first, since a long line is cut."""
    near = difflib.get_close_matches(row[column], allowed, n=3)
    return f"'{escaped(row[column])}' is not allowed; use one of {', '.join(dict.fromkeys([*near, *allowed]))}"


def readable(column: str, pattern: str) -> str:
    """Say in words what a pattern asks for."""
    if codes := listed_codes(pattern):
        return f"use codes separated by ';' from {', '.join(codes)}" + PLACE * pattern.endswith(OR_PLACE)
    return LOCAL_TIME if r"T\d{2}" in pattern else EXAMPLES.get(column, f"allowed is {pattern}")


def listed_codes(pattern: str) -> list[str]:
    """Return the codes of which a pattern allows a list separated by `;`."""
    listed = re.match(r"\^\(+([a-z0-9_|]+)\)\(;", pattern)
    return listed[1].split("|") if listed else []


def days_in_names(tables: Rows) -> Iterator[Problem]:
    """The day with which an identifier begins is one of the calendar."""
    words = "'{value}' begins with a day that the calendar does not have"
    yield from faulty(tables.get("incidents", []), "incident_id", lambda cell: not is_day(cell[:10]), words)


def is_day(text: str) -> bool:
    """Return whether a text is a year, a month or a day of the calendar; an empty one is an open end."""
    try:
        year, month, day = (int(part) for part in [*text.split("-"), "1", "1"][:3])
        return FIRST_YEAR <= dt.date(year, month, day).year <= LAST_YEAR
    except (ValueError, OverflowError):
        return not text


def no_country(cell: str) -> bool:
    """Return whether codes are in form, and one of them is that of no country."""
    return bool(re.fullmatch("[A-Z;]+", cell) and set(cell.split(";")) - countries().keys())


def quotes_much(cell: str) -> bool:
    """Return whether a text holds a long quotation."""
    return any(len(quoted.split()) > WORST_QUOTE for quoted in QUOTED.findall(cell))


def not_one_line(cell: str) -> bool:
    """Return whether a text has a blank at an end, or signs that a page cannot show."""
    if cell.isprintable():  # settles most, and then a blank is a plain one
        return cell != cell.strip(" ")
    return bool(ODD_SIGN.search(cell)) or cell != cell.strip().strip(THIN)


def unique_keys(tables: Rows) -> Iterator[Problem]:
    """A key stands once in a table; two registries laid over one another do not share a key."""
    for name, rows in tables.items():
        first: dict[tuple[str, ...], Row] = {}
        for row in rows if (key := key_of(name)) else ():
            cells = tuple(row[column] for column in key)
            if all(cells) and (one := first.setdefault(cells, row)) is not row:
                told = f"'{escaped(' '.join(cells))}' is already at {escaped(place(one))}; every key must be its own"
                yield Problem(row[FILE], row[ROW], key[-1], told)


def known_keys(tables: Rows) -> Iterator[Problem]:
    """What points to a row of another table finds it there, where that table is at hand."""
    for name, rows in tables.items():
        for key in resources()[name]["schema"].get("foreignKeys", ()):
            other, names, own = key["reference"]["resource"] or name, key["reference"]["fields"], key["fields"]
            if other in tables:
                known, named = set(map(itemgetter(*names), tables[other])), itemgetter(*own)
                unknown = (row for row in rows if row[own[-1]] and named(row) not in known)
                words = f"'{{value}}' is not in {resources()[other]['path']}; {MISSING[other]}"
                yield from at(unknown, own[-1], words)


def in_order(tables: Rows) -> Iterator[Problem]:
    """Rows of a CSV table stand in canonical order."""
    for name, whole in tables.items():
        files = defaultdict[str, list[Row]](list)
        for row in whole:
            files[row[FILE]].append(row)
        for file, rows in files.items():
            cells = list(map(itemgetter(*sort_columns(name)), rows))
            after = zip(pairwise(cells), rows[1:], strict=True)
            early = next((row for (one, two), row in after if one > two), None)
            if early and not file.endswith(".parquet"):
                words = "stands out of order; run `outages format`, for an overlay `outages format FOLDER`"
                yield Problem(file, early[ROW], "(row)", words)


def sort_columns(table: str) -> list[str]:
    """Return the columns that put a table into canonical order: by key, claims by incident, kind, moment and source."""
    first = ORDER.get(table, [])
    return first + [c for c in columns(table) if c not in first]


FORM: tuple[Rule, ...] = (required_cells, right_cells, days_in_names, unique_keys, known_keys, in_order)


def problems_of(tables: Rows, rules: Iterable[Rule]) -> list[Problem]:
    """Return everything that is wrong with tables, each offence once."""
    return sorted({problem for rule in rules for problem in rule(tables)})


def read_right(folders: Iterable[Path], rules: Iterable[Rule], names: Sequence[str] | None = None) -> Rows:
    """Read tables of a stack of folders that keep some rules.

    Raises
    ------
    RegistryError : a table cannot be read, or a rule is broken
    """
    rows, unread = stacked(folders, names)
    if problems := unread or problems_of(rows, rules):
        raise RegistryError(problems)
    return rows
