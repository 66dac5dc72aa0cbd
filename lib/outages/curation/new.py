"""How does a new incident begin? Writes its first row, so that the curator fills in instead of copying."""

import csv
import re
import zoneinfo
from pathlib import Path

from babel.core import get_global

from outages.registry.files import columns, read_stack, resources
from outages.registry.rules import format_folder


class SkeletonError(ValueError):
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
    RegistryError : the folder's tables cannot be read
    """
    match = re.fullmatch(
        r"(\d{4}-\d{2}-\d{2})-([a-z0-9]+(?:-[a-z0-9]+)*?)-([a-z]{2})-([a-z0-9]+(?:-[a-z0-9]+)*)", incident
    )
    if not match:
        raise SkeletonError(
            f"'{incident}' is no identifier; write YYYY-MM-DD-operator-cc-topic, as 2021-06-02-orange-fr-emergency-calls"
        )
    country = match[3].upper()
    if (folder / "incidents.csv").exists() and incident in set(read_stack([folder])[0]["incidents"]["incident_id"]):
        raise SkeletonError(f"'{incident}' is already in {folder / 'incidents.csv'}; choose another topic word")
    row = dict.fromkeys(columns("incidents"), "")
    row |= {"incident_id": incident, "operator": operator or match[2].title(), "country": country, "status": "listed", "found_by": found_by,
            "sector": "telecom", "timezone": only_zone(country)}  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    for table in ("incidents", "sources", "events", "measures", "causes", "third_parties", "recommendations"):
        append(folder / resources()[table]["path"], columns(table), [row] if table == "incidents" else [])
    format_folder(folder)
    return [
        name for name in ("title_en", "title_fr", "services", "timezone", "summary_en", "summary_fr") if not row[name]
    ]


def append(path: Path, header: list[str], rows: list[dict[str, str]]) -> None:
    """Add rows to a table, which is begun with its header when it is not there."""
    begun = path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n", restval="")
        if not begun:
            writer.writeheader()
        writer.writerows(rows)


def only_zone(country: str) -> str:
    """Return the time zone of a country that has one alone, empty for the others."""
    zones = [z for z in get_global("territory_zones").get(country, []) if z in zoneinfo.available_timezones()]
    return zones[0] if len(zones) == 1 else ""
