"""How does a new incident begin? Writes its first row, so that the curator fills in instead of copying."""

import functools
import re
from pathlib import Path

import pandas as pd
from babel.core import get_global

from outages.curation.format import read_table, write_tables
from outages.errors import InputError, escaped
from outages.registry.countries import countries
from outages.registry.files import Table
from outages.registry.form import is_day
from outages.registry.schema import CLAIM_TABLES, columns, resources, shown
from outages.registry.times import zones

FORM = (
    r"(?P<day>\d{4}-\d{2}-\d{2})-(?P<operator>[a-z0-9]+(?:-[a-z0-9]+)*?)-(?P<country>[a-z]{2})-[a-z0-9]+(?:-[a-z0-9]+)*"
)
EXAMPLE = "write YYYY-MM-DD-operator-cc-topic, as 2021-06-02-orange-fr-emergency-calls"


class SkeletonError(InputError):
    """An incident that cannot be begun; the message says why and what is allowed."""


def new_incident(incident: str, folder: Path, *, operator: str = "", found_by: str = "contribution") -> list[str]:
    """Add the row of a new incident to a folder and return what is left to fill in.

    Parameters
    ----------
    incident : identifier, `YYYY-MM-DD-operator-cc-topic`
    folder : folder of the registry or of an overlay; made when it is not there
    operator : name of the operator; the word of the identifier when empty
    found_by : how the incident came in

    Raises
    ------
    SkeletonError : the identifier has another form or is already there
    RegistryError : the folder's tables cannot be read; nothing is written then
    """
    match = re.fullmatch(FORM, incident)
    if not match:
        raise SkeletonError(f"'{escaped(incident)}' is no identifier; {EXAMPLE}")
    country = match["country"].upper()
    if not is_day(match["day"]):
        raise SkeletonError(f"'{match['day']}' is no day of the calendar; {EXAMPLE}")
    if country not in countries():
        raise SkeletonError(f"'{match['country']}' is no country of ISO 3166-1, as gb, fr or be; {EXAMPLE}")
    row = {
        "incident_id": incident,
        "operator": operator or match["operator"].title(),
        "country": country,
        "sector": "telecom",
        "timezone": only_zone(country),
        "status": "listed",
        "found_by": found_by,
    }
    paths = {name: folder / resources()[name]["path"] for name in ("incidents", "sources", *CLAIM_TABLES)}
    tables = {name: read_table(path, name) if path.exists() else begun(name) for name, path in paths.items()}
    frame = tables["incidents"].frame
    if incident in set(frame["incident_id"]):
        raise SkeletonError(f"'{incident}' is already in {shown(paths['incidents'])}; choose another topic word")
    longer = pd.concat([frame, pd.DataFrame([row])], ignore_index=True).fillna("")
    folder.mkdir(parents=True, exist_ok=True)
    write_tables(paths, tables | {"incidents": tables["incidents"]._replace(frame=longer)})
    left = ("title_en", "title_fr", "services", "timezone", "summary_en", "summary_fr")
    return [name for name in left if not row.get(name)]


def begun(name: str) -> Table:
    """Return a table that has its header only."""
    return Table(pd.DataFrame(columns=columns(name), dtype=str), [], [], [])


@functools.cache
def only_zone(country: str) -> str:
    """Return the time zone of a country that has one alone, empty for the others."""
    known = [zone for zone in get_global("territory_zones").get(country, []) if zone in zones()]
    return known[0] if len(known) == 1 else ""
