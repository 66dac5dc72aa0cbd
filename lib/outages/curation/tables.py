"""How does a table begin, and come into canonical order and form? Mends what spreadsheets do to it, and says what."""

import functools
import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from babel.core import get_global

from outages.errors import InputError, escaped
from outages.paths import DATA, shown, write_whole
from outages.registry.countries import WORLD, countries
from outages.registry.files import Table, header_problems, read_csv
from outages.registry.form import EXAMPLES, is_day, sort_columns
from outages.registry.schema import CLAIM_TABLES, RegistryError, columns, path_of, resources
from outages.registry.times import zones

WORDS = "[a-z0-9]+(?:-[a-z0-9]+)*"
FORM = rf"(?P<day>\d{{4}}-\d{{2}}-\d{{2}})-(?P<operator>{WORDS}?)-(?P<country>[a-z]{{2}}|{WORLD})-{WORDS}"
EXAMPLE = EXAMPLES["incident_id"]


def new_incident(incident: str, folder: Path, *, operator: str = "") -> list[str]:
    """Add the row of a new incident to a folder, so that the curator fills in, and return what is left to fill in.

    Parameters
    ----------
    incident : identifier, `YYYY-MM-DD-operator-cc-topic`
    folder : folder of the registry or of an overlay; made when it is not there
    operator : name of the operator; the word of the identifier when empty

    Raises
    ------
    InputError : the identifier has another form or is already there, or a table cannot be read; nothing is written then
    """
    match = re.fullmatch(FORM, incident)
    if not match:
        raise InputError(f"'{escaped(incident)}' is no identifier; {EXAMPLE}")
    country = match["country"].upper()
    if not is_day(match["day"]):
        raise InputError(f"'{match['day']}' is no day of the calendar; {EXAMPLE}")
    if country not in (WORLD, *countries()):
        raise InputError(f"'{match['country']}' is no country of ISO 3166-1, as gb, fr or be, nor {WORLD}; {EXAMPLE}")
    row = {
        "incident_id": incident,
        "operator": " ".join(operator.split()) or match["operator"].title(),
        "country": country,
        "sector": "telecom",
        "timezone": only_zone(country),
        "status": "listed",
        "found_by": "contribution",
    }
    tables = {name: read_table(folder, name) for name in ("incidents", "sources", *CLAIM_TABLES)}
    known = tables["incidents"]
    for place, rows in ((folder, known.rows), (DATA, read_table(DATA, "incidents").rows)):  # an overlay lies over these
        if incident in {row["incident_id"] for row in rows}:
            path = shown(path_of(place, "incidents"))
            raise InputError(f"'{escaped(incident)}' is already in {path}; choose another topic word")
    write_tables(folder, tables | {"incidents": known._replace(rows=[*known.rows, row])})
    left = ("title_en", "title_fr", "services", "timezone", "summary_en", "summary_fr")
    return [name for name in left if not row.get(name)]


@functools.cache
def only_zone(country: str) -> str:
    """Return the time zone of a country that has one alone, empty for the others and for the world."""
    known = [zone for zone in get_global("territory_zones").get(country, []) if zone in zones()]
    return known[0] if len(known) == 1 and country != WORLD else ""


def format_folder(folder: Path) -> dict[Path, str]:
    """Write every table of a folder in canonical order and form; return what was mended in each file that changed.
    Raise RegistryError when a table cannot be read; nothing is written then.
    """
    return write_tables(folder, {n: read_table(folder, n) for n in resources() if path_of(folder, n).exists()})


def read_table(folder: Path, name: str) -> Table:
    """Read the CSV file of a table with all its columns, whatever separates its cells; without a file it has no row.
    Raise RegistryError for a file that is no table of this kind.
    """
    path = path_of(folder, name)
    found = read_csv(path) if path.exists() else Table(columns(name))
    if problems := found.problems or header_problems(found.header, name, shown(path)):
        raise RegistryError(problems)
    return found


def write_tables(folder: Path, tables: Mapping[str, Table]) -> dict[Path, str]:
    """Write tables into a folder in canonical form, each as a whole; return what was mended in those that changed."""
    mended = {}
    for name, table in tables.items():
        path, text = path_of(folder, name), canonical_text(table, name).encode()
        if path.exists() and path.read_bytes() == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
        added = [f"column {c} added" for c in columns(name) if c not in table.header]
        mended[path] = "; ".join([*(f"had {habit}" for habit in table.habits), *added]) or "put in order"
    return mended


def canonical_text(table: Table, name: str) -> str:
    """Return a table as CSV: the descriptor's columns first, rows in order, points for decimal commas."""
    names = [*columns(name), *(c for c in table.header if c not in columns(name))]
    rows = pd.DataFrame(list(table.rows), columns=names, dtype=object).fillna("")
    if any("semicolons" in habit for habit in table.habits):
        numbers = [f["name"] for f in resources()[name]["schema"]["fields"] if f["type"] == "number"]
        rows[numbers] = rows[numbers].replace(r"^(-?\d+),(\d+)$", r"\1.\2", regex=True)
    return rows.sort_values(sort_columns(name), kind="stable").to_csv(index=False, lineterminator="\n")
