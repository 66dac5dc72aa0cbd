"""How does a list that an operator keeps become entries of a cohort? The traps of such lists are built in."""

import json
from collections.abc import Iterable
from operator import itemgetter
from pathlib import Path
from typing import Any

import pandas as pd

from outages.curation.mapping import MapError, among, named, read_toml
from outages.curation.tables import read_table, write_tables
from outages.errors import HALF, InputError, escaped
from outages.paths import DATA, shown
from outages.registry.cohorts import COHORT_RULES, HOURS
from outages.registry.files import read_csv, stacked
from outages.registry.form import problems_of
from outages.registry.schema import FILE, ORIGIN, ROW, Row, Rows, columns, path_of
from outages.registry.times import zones

Entry = dict[str, str]
STAMPED = {"started_at", "created_at", "begin", "created"}  # fields that a machine stamps when a record is opened
PARTS = {"cohort_id": str, "format": str, "timezone": str, "columns": dict, "constants": dict}
GOOGLE = "https://status.cloud.google.com/"


class HourError(InputError):
    """A text that is no hour of an entry; the message does not say of which."""


def add_cohort(file: Path, map: Path, out: Path = DATA) -> int:
    """Turn an exported list into entries, add them to `cohorts/entries.csv` of a folder, and return how many.

    Parameters
    ----------
    file : export of a page made with Statuspage (`incidents.json` of its API), Google's `incidents.json`, or a CSV
    map : a TOML file: `cohort_id`, `format` (`statuspage`, `google` or `csv`); for a CSV also `[columns]` (column of an
        entry = column of the file), `[constants]` (column of an entry = one value for all) and, for hours without
        offset, `timezone`
    out : folder of the registry or of an overlay; its `reference/cohorts.csv`, or that of the registry, describes the
        cohort

    Raises
    ------
    InputError : the map or the file cannot be used, an onset is the start of a record, or a rule is broken; nothing is
        written then

    Notes
    -----
    On pages made with Statuspage the start of an incident is the moment of its first post by construction, so no onset
    is taken. Of Google's list `begin` is an onset only where it was set by hand, on a whole minute; as the machine
    stamps it, it is kept as `record_begin`. An entry with a single post was entered afterwards and is flagged.
    """
    asked = read_map(map)
    cohort = {"cohort_id": asked["cohort_id"], **asked["constants"]}
    found = list[Entry]()
    read = READERS.get(asked["format"])
    entries = (read(row) for row in incidents_of(file)) if read else from_csv(file, asked)
    try:
        found.extend(cohort | entry for entry in entries)
    except HourError as error:
        raise InputError(f"{shown(file)}: entry {len(found) + 1}: {error}") from None
    if not found:
        raise InputError(f"{shown(file)}: holds no entry")
    old = read_table(out, "cohort_entries")
    new = [{c: HALF.sub("?", str(row.get(c, ""))) for c in columns("cohort_entries")} for row in found]
    if wrong := problems_of(tables_with(new, out, file), COHORT_RULES):
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise InputError(f"{wrong[0].line()}{more}")
    own = {row["entry_id"] for row in old.rows if row["cohort_id"] == asked["cohort_id"]}
    if again := sorted(own.intersection(row["entry_id"] for row in new)):
        words = f"of {asked['cohort_id']} is already there; remove the old entries first"
        raise InputError(f"{shown(path_of(out, 'cohort_entries'))}: '{escaped(again[0])}' {words}")
    write_tables(out, {"cohort_entries": old._replace(rows=[*old.rows, *new])})
    return len(new)


def read_map(path: Path) -> dict[str, Any]:
    """Read and check a map; each part is there, empty where the map says nothing."""
    asked = {part: kind() for part, kind in PARTS.items()} | read_toml(path, PARTS)
    try:
        for part in ("columns", "constants"):
            asked[part] = named(asked, part, columns("cohort_entries"))
        among("format", [asked["format"]], [*READERS, "csv"])
        among("timezone", [asked["timezone"]], {"", *zones()})
    except MapError as error:
        raise MapError(f"{path.name}: {error}") from None
    if (onset := asked["columns"].get("onset")) in STAMPED:
        words = "is the start of a record, stamped when it was opened, and no onset; write it to record_begin"
        raise MapError(f'{path.name}: onset = "{onset}" {words}')
    return asked


def tables_with(new: Iterable[Row], out: Path, file: Path) -> Rows:
    """Return the tables of cohorts with new entries alone, as the rules look at them."""
    folders = [DATA, out] if out != DATA and path_of(out, "cohorts").exists() else [DATA]
    tables, unread = stacked(folders, ["cohorts"])
    if unread:
        raise InputError(unread[0].line())
    entries = sorted(new, key=itemgetter("cohort_id", "entry_id"))
    placed = [row | {FILE: shown(file), ORIGIN: "public", ROW: n} for n, row in enumerate(entries, 1)]
    return {**tables, "cohort_entries": placed, "cohort_promises": []}


def incidents_of(file: Path) -> list[dict[str, Any]]:
    """Return the incidents of a JSON export."""
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{shown(file)}: cannot be read as JSON ({escaped(str(error))})") from None
    found = read.get("incidents") if isinstance(read, dict) else read
    if not isinstance(found, list):
        raise InputError(f"{shown(file)}: holds no list of incidents")
    if odd := [number for number, row in enumerate(found, 1) if not isinstance(row, dict) or not row.get("id")]:
        words = "of the list is no incident with its id; mend it, or take it out"
        raise InputError(f"{shown(file)}: entry {odd[0]} {words}")
    return found


def records_in(row: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the records that stand in a field of an incident."""
    found = row.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def from_statuspage(row: dict[str, Any]) -> Entry:
    """Return the entry of an incident of Statuspage; nothing in it is an onset."""
    posts = [u for u in records_in(row, "incident_updates") if u.get("status") != "postmortem"]
    told = [hour(u.get("display_at") or u.get("created_at")) for u in posts]
    return {
        "entry_id": str(row["id"]),
        "service": listed(c.get("name") for c in records_in(row, "components")),
        "first_post": min(told, default=""),
        "restored": hour(row.get("resolved_at")),
        "restored_basis": "resolved_post" if row.get("resolved_at") else "",
        "severity": str(row.get("impact") or ""),
        "posts": str(len(posts)),
        "flag": "single_post" if len(posts) == 1 else "",
        "url": str(row.get("shortlink") or ""),
    }


def from_google(row: dict[str, Any]) -> Entry:
    """Return the entry of an incident of Google's list; `begin` is an onset only where it was set by hand."""
    posts = [hour(u.get("when") or u.get("created")) for u in records_in(row, "updates")]
    begin = hour(row.get("begin"))
    by_hand = bool(begin) and pd.Timestamp(begin).second == 0
    levels = (str(row.get("severity") or ""), str(row.get("status_impact") or "").lower())
    return {
        "entry_id": str(row["id"]),
        "region": listed(p.get("id") for p in records_in(row, "previously_affected_locations")),
        "service": listed(p.get("title") for p in records_in(row, "affected_products")),
        "onset": begin if by_hand else "",
        "onset_basis": "begin_by_hand" if by_hand else "",
        "record_begin": begin,
        "first_post": min(posts, default=""),
        "restored": hour(row.get("end")),
        "restored_basis": "end_field" if row.get("end") else "",
        "severity": "/".join(filter(None, levels)),
        "posts": str(len(posts)),
        "url": GOOGLE + str(row["uri"]) if row.get("uri") else "",
    }


def from_csv(file: Path, asked: dict[str, Any]) -> Iterable[Entry]:
    """Yield the entries of a CSV whose columns a map names."""
    table, wanted, timed = read_csv(file), asked["columns"], HOURS["cohort_entries"]
    if table.problems:
        raise InputError(table.problems[0].line())
    for missing in (column for column in wanted.values() if column not in table.header):
        raise InputError(f"{shown(file)}: has no column '{escaped(missing)}'; it has {', '.join(table.header)}")
    for row in table.rows:
        yield {k: hour(row[v], asked["timezone"]) if k in timed else row[v] for k, v in wanted.items()}


def hour(written: object, zone: str = "") -> str:
    """Return a moment to the second with its offset; empty for none. Raise HourError for a text that is no moment, or
    has no offset while no time zone is given, or one that shows it never or twice.
    """
    if not written:
        return ""
    try:
        moment = pd.Timestamp(str(written))
        if moment.tzinfo is None:
            moment = moment.tz_localize(zone) if zone else moment
    except (ValueError, KeyError):
        twice = f", or the clocks of {zone} show it never or twice" if zone else ""
        raise HourError(f"'{escaped(written)}' is no moment{twice}; write 2021-06-02T16:45+02:00") from None
    if moment.tzinfo is None:
        raise HourError(f"'{escaped(written)}' has no UTC offset; name the time zone of the list in the map")
    return moment.isoformat(timespec="seconds")


def listed(names: Iterable[object]) -> str:
    """Join names with semicolons, each once."""
    return ";".join(dict.fromkeys(str(name).replace(";", ",") for name in names if name))


READERS = {"statuspage": from_statuspage, "google": from_google}
