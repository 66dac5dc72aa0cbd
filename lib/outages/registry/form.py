"""Is each table in form, taken by itself? Each rule looks at all rows and lists every offender."""

import datetime as dt
import difflib
import functools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from outages.errors import escaped
from outages.registry.countries import countries
from outages.registry.files import numbers
from outages.registry.schema import FILE, ORIGIN, ROW, Problem, columns, key_of, resources

Tables = dict[str, pd.DataFrame]
Rule = Callable[[Tables], Iterator[Problem]]
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


def at(frame: pd.DataFrame, wrong: Any, column: str, message: str | Callable[[dict[str, Any]], str]) -> list[Problem]:
    """Turn the rows that are wrong (a mask) into problems; `{value}` in a message is the cell, `{name}` another one."""
    if not wrong.any():
        return []
    rows = frame[wrong].to_dict("records")
    said = message if callable(message) else functools.partial(filled_in, message, column)
    return [Problem(row[FILE], int(row[ROW]), column, said(row)) for row in rows]


def filled_in(message: str, column: str, row: dict[str, Any]) -> str:
    """Return a message with cells in it; braces of a pattern stay as they are."""
    cells = {**row, "value": row.get(column, "")}
    return re.sub(r"\{(\w+)\}", lambda found: escaped(cells.get(found[1], found[0])), message)


def holds(cells: pd.Series, fault: Callable[[str], Any]) -> pd.Series:
    """Return which filled cells have a fault; each different text is looked at once."""
    faulty = [cell for cell in cells.unique().tolist() if cell and fault(cell)]
    return cells.isin(faulty) if faulty else pd.Series(False, index=cells.index)


def outside(cells: pd.Series, allowed: Collection[str]) -> pd.Series:
    """Return which filled cells are not among those allowed."""
    return holds(cells, lambda cell: cell not in allowed)


def looked_up(keys: pd.Series, texts: pd.Series) -> pd.Series:
    """Return the text of each key in a table indexed by keys, empty where there is none."""
    known = texts.to_dict()
    return pd.Series([known.get(key, "") for key in keys.tolist()], index=keys.index, dtype=str)


def place(row: Mapping[str, Any]) -> str:
    """Return where a row stands, for a message about another row."""
    return f"{'/'.join(Path(row[FILE]).parts[-2:])}:{int(row[ROW])}"


def fields(tables: Tables) -> Iterator[tuple[pd.DataFrame, str, dict[str, Any]]]:
    """Yield each column of each table with its description."""
    for name, frame in ((name, frame) for name, frame in tables.items() if len(frame)):
        yield from ((frame, field["name"], field) for field in resources()[name]["schema"]["fields"])


def required_cells(tables: Tables) -> Iterator[Problem]:
    """A required cell is filled."""
    for frame, column, field in fields(tables):
        if field.get("constraints", {}).get("required"):
            empty = frame[column] == ""
            if other := TWINS.get(column):  # one language of titles is enough for an overlay
                empty &= (frame[other] == "") | (frame.get(ORIGIN, "public") == "public")
            yield from at(frame, empty, column, "is empty; it must be filled")


def listed_codes(tables: Tables) -> Iterator[Problem]:
    """A filled cell keeps to the closed list of its column."""
    for frame, column, field in fields(tables):
        if allowed := field.get("constraints", {}).get("enum"):
            here = functools.partial(not_among, column, allowed)
            yield from at(frame, outside(frame[column], set(allowed)), column, here)


def not_among(column: str, allowed: list[str], row: dict[str, Any]) -> str:
    """Say that a cell is not allowed, and what is: what looks most like it first, since a long line is cut."""
    near = difflib.get_close_matches(row[column], allowed, n=3)
    return f"'{escaped(row[column])}' is not allowed; use one of {', '.join(dict.fromkeys([*near, *allowed]))}"


def patterns_kept(tables: Tables) -> Iterator[Problem]:
    """A filled cell keeps to the pattern of its column."""
    for frame, column, field in fields(tables):
        if pattern := field.get("constraints", {}).get("pattern"):
            fits, cells = re.compile(pattern).fullmatch, frame[column].unique().tolist()
            wrong = frame[column].isin([cell for cell in cells if cell and not fits(cell)])
            yield from at(frame, wrong, column, "'{value}' does not fit; " + readable(column, pattern))


def readable(column: str, pattern: str) -> str:
    """Say in words what a pattern asks for."""
    if listed := re.fullmatch(r"\^\((?P<codes>[a-z0-9_|]+)\)\(;.*", pattern):
        return "use codes separated by ';' from " + ", ".join(listed["codes"].split("|"))
    return LOCAL_TIME if r"T\d{2}" in pattern else EXAMPLES.get(column, f"allowed is {pattern}")


def real_numbers(tables: Tables) -> Iterator[Problem]:
    """A number is one, and of a size that an outage can have."""
    for frame, column, field in fields(tables):
        if field["type"] in ("number", "year", "integer"):
            value, filled = numbers(frame[column]), frame[column] != ""
            wrong = filled & ~(value.abs() < float("inf"))
            yield from at(frame, wrong, column, "'{value}' is not a number; write 11800 or 0.11")
            large = filled & ~wrong & (value.abs() > LARGEST)
            yield from at(frame, large, column, "{value} is too large for an outage")
            least = field.get("constraints", {}).get("minimum", -float("inf"))
            yield from at(frame, value < least, column, f"{{value}} is below {least}")


def real_days(tables: Tables) -> Iterator[Problem]:
    """A year, month or day is one of the calendar, also the day in an identifier."""
    for frame, column, _field in fields(tables):
        if column in DAYS:
            wrong = holds(frame[column], lambda cell: not all(map(is_day, cell.split("/"))))
            yield from at(frame, wrong, column, "'{value}' is not a date of the calendar; write 2021-06-02")
    frame = tables.get("incidents", pd.DataFrame({"incident_id": []}, dtype=str))
    wrong = holds(frame["incident_id"], lambda cell: not is_day(cell[:10]))
    yield from at(frame, wrong, "incident_id", "'{value}' begins with a day that the calendar does not have")


def is_day(text: str) -> bool:
    """Return whether a text is a year, a month or a day of the calendar; an empty one is an open end."""
    try:
        year, month, day = (int(part) for part in [*text.split("-"), "1", "1"][:3])
        return FIRST_YEAR <= dt.date(year, month, day).year <= LAST_YEAR
    except (ValueError, OverflowError):
        return not text


def known_countries(tables: Tables) -> Iterator[Problem]:
    """A country is one of ISO 3166-1."""
    words = "'{value}' is no country of ISO 3166-1; write alpha-2 codes, as GB for the United Kingdom"
    for frame in (table for table in tables.values() if "country" in table):
        codes = frame["country"].where(frame["country"].str.fullmatch("[A-Z;]+"), "")
        yield from at(frame, holds(codes, lambda cell: set(cell.split(";")) - countries().keys()), "country", words)


def own_words(tables: Tables) -> Iterator[Problem]:
    """Text is the curator's own: no long quotation."""
    words = f"quotes more than {WORST_QUOTE} words; say it in your own words"
    for frame, column, _field in fields(tables):
        if column in OWN_WORDS:
            long = holds(frame[column], lambda cell: any(len(q.split()) > WORST_QUOTE for q in QUOTED.findall(cell)))
            yield from at(frame, long, column, words)


def one_line_cells(tables: Tables) -> Iterator[Problem]:
    """A cell is one line of signs that can be shown, without leading or trailing blanks of any kind."""
    words = "holds a line break, a control sign or a blank at its end ('{value}'); write one trimmed line"
    for frame, column, _field in fields(tables):
        yield from at(frame, holds(frame[column], not_one_line), column, words)


def not_one_line(cell: str) -> bool:
    """Return whether a text has a blank at an end, or signs that a page cannot show."""
    odd = not cell.isprintable() and ODD_SIGN.search(cell)  # the first question is quick, and settles most
    return bool(odd) or cell != cell.strip().strip(THIN)


def unique_keys(tables: Tables) -> Iterator[Problem]:
    """A key stands once in a table; two registries laid over one another do not share a key."""
    for name, frame in tables.items():
        if not (key := key_of(name)):
            continue
        again = frame.duplicated(key) & (frame[key] != "").all(axis=1)
        if again.any():
            one = frame.drop_duplicates(key)
            first = dict(zip(together(one, key), map(place, one.to_dict("records")), strict=True))
            cells = together(frame, key)
            told = frame.assign(_key=cells.str.replace("\0", " "), _first=cells.map(first))
            yield from at(told, again, key[-1], "'{_key}' is already at {_first}; every key must be its own")


def known_keys(tables: Tables) -> Iterator[Problem]:
    """What points to a row of another table finds it there, where that table is at hand."""
    for name, frame in tables.items():
        for key in resources()[name]["schema"].get("foreignKeys", ()):
            other, names = key["reference"]["resource"] or name, key["reference"]["fields"]
            if other in tables:
                known = set(together(tables[other], names).tolist())
                unknown = (frame[key["fields"][-1]] != "") & outside(together(frame, key["fields"]), known)
                words = f"'{{value}}' is not in {resources()[other]['path']}; {MISSING[other]}"
                yield from at(frame, unknown, key["fields"][-1], words)


def together(frame: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    """Return the cells of some columns as one text a row."""
    return functools.reduce(lambda one, two: one + "\0" + two, (frame[name] for name in names))


def in_order(tables: Tables) -> Iterator[Problem]:
    """Rows of a CSV table stand in canonical order."""
    for name, whole in tables.items():
        for file, frame in whole.groupby(FILE, sort=False):
            rows = list(zip(*(frame[c].tolist() for c in sort_columns(name)), strict=True))
            if str(file).endswith(".parquet") or all(one <= two for one, two in pairwise(rows)):
                continue
            order = sorted(range(len(rows)), key=rows.__getitem__)
            moved = next(i for i, row in enumerate(order) if i != row)
            yield Problem(str(file), int(frame[ROW].iloc[moved]), "(row)", "stands out of order; run `outages format`")


def sort_columns(table: str) -> list[str]:
    """Return the columns that put a table into canonical order: by key, claims by incident, kind, moment and source."""
    first = ORDER.get(table, [])
    return first + [c for c in columns(table) if c not in first]


FORM: tuple[Rule, ...] = (
    *(required_cells, listed_codes, patterns_kept, real_numbers, real_days, known_countries),
    *(own_words, one_line_cells, unique_keys, known_keys, in_order),
)


def problems_of(tables: Tables, rules: Iterable[Rule] = FORM) -> list[Problem]:
    """Return everything that is wrong with tables of text, each offence once."""
    return sorted({problem for rule in rules for problem in rule(tables)})
