"""Do the moments of a registry hold: real hours, the offsets of their zones, in the order of an outage?"""

import contextlib
import datetime as dt
import functools
import math
import re
import zoneinfo
from collections import defaultdict
from collections.abc import Iterator, Sequence

from outages.errors import like
from outages.registry.files import MINUTE, minutes_of
from outages.registry.form import FIRST_YEAR, LAST_YEAR, Rule, at, faulty, fields, first_rows, known_ends
from outages.registry.schema import FILE, ROW, Problem, Row, Rows

YEAR, LONGEST = 525_960, 20  # minutes; years from onset to restoration, beyond which a year is misspelt
WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T.*(?:Z|[+-][0-9]{2}:[0-9]{2})")
FOUR = re.compile("[0-9]{4}")
# whatever its offset, a moment between these is one of the years that can be
EARLIEST, LATEST = minutes_of(f"{FIRST_YEAR}-01-02T00:00Z"), minutes_of(f"{LAST_YEAR}-12-30T00:00Z")
AFTER_ONSET = ("partial_restoration", "restored", "repaired", "postmortem_published")


def real_times(tables: Rows) -> Iterator[Problem]:
    """A time is a moment that the calendar knows, and low does not come after high."""
    rows = tables["events"]
    for column, end in (("time_low", "low"), ("time_high", "high")):
        odd = [row for row in rows if row[column] and not EARLIEST < row[end] < LATEST]
        unreal = "'{value}' is not a moment of the calendar; check day, hour and offset"
        yield from at((row for row in odd if math.isnan(row[end]) and WRITTEN.fullmatch(row[column])), column, unreal)
        far = f"'{{value}}' lies outside the years {FIRST_YEAR} to {LAST_YEAR}"
        yield from at((row for row in odd if in_no_year(row[column])), column, far)
    early = (row for row in rows if row["low"] > row["high"])
    yield from at(early, "time_high", "'{value}' comes before time_low; exchange the two")


def in_no_year(cell: str) -> bool:
    """Return whether a text begins with a year outside those that a moment can have."""
    return not f"{FIRST_YEAR}" <= cell[:4] <= f"{LAST_YEAR}" and bool(FOUR.match(cell))


def known_zones(tables: Rows) -> Iterator[Problem]:
    """A time zone is one of the IANA database."""
    words = "'{value}' is not an IANA time zone; write for example Europe/Paris"
    for rows, column, _field in fields(tables):
        if column == "timezone":
            yield from faulty(rows, column, lambda cell: cell not in zones(), words)


@functools.cache
def zones() -> frozenset[str]:
    """Return the names of the IANA database."""
    return frozenset(zoneinfo.available_timezones())


def zone_like(zone: str) -> str:
    """Say which zone was perhaps meant, as by its town alone."""
    towns = {name.rpartition("/")[2].casefold(): name for name in sorted(zones(), reverse=True)}
    return like(str(zone), sorted(zones()), lambda town: towns.get(town, ""))


def offsets_fit(tables: Rows) -> Iterator[Problem]:
    """The UTC offset is the one that the incident's time zone has at that hour, or the time is written in UTC."""
    zone = zones_of(tables["incidents"])
    for column in ("time_low", "time_high"):
        for row in tables["events"]:
            if said := offset_fault(row[column], zone[row["incident_id"]]):
                yield Problem(row[FILE], row[ROW], column, said)


def zones_of(incidents: Sequence[Row]) -> defaultdict[str, str]:
    """Return the time zone of each incident, empty where it is unknown."""
    known = {name: row["timezone"] for name, row in first_rows(incidents, "incident_id").items()}
    return defaultdict(str, {name: zone for name, zone in known.items() if zone in zones()})


clock = functools.cache(zoneinfo.ZoneInfo)  # its own cache keeps eight zones


@functools.lru_cache(maxsize=100_000)
def offset_fault(cell: str, zone: str) -> str:
    """Say how a written time does not fit its zone, empty where it does or is in UTC; no advice moves the moment."""
    try:
        written = dt.datetime.fromisoformat(cell)
        offset = written.utcoffset()
        if not zone or not offset:
            return ""
        here = clock(zone)
        local = written.astimezone(here)
        if abs((local.utcoffset() or dt.timedelta()) - offset) < MINUTE:
            return ""
        wall = written.replace(tzinfo=here)
        if wall.astimezone(dt.UTC).astimezone(here).replace(tzinfo=None) != written.replace(tzinfo=None):
            return f"'{cell}': no such hour on that day in {zone}, the clocks went forward; check the hour"
    except (ValueError, OverflowError):
        return ""  # told by other rules
    moved, kept = local.isoformat(timespec="minutes"), wall.isoformat(timespec="minutes")
    given = written.isoformat()[-6:]
    return f"the offset {given} does not fit {zone} then; write {moved} for the same moment, {kept} for the same hour"


def in_local_time(cell: str, zone: str) -> str:
    """Return a written time, if it is in UTC, in the local time of a zone; as it stands where it cannot be read."""
    if cell.endswith(("Z", "+00:00")) and zone not in ("", "UTC"):
        with contextlib.suppress(ValueError, OverflowError):
            return in_zone(dt.datetime.fromisoformat(cell), zone)
    return cell


def in_zone(moment: dt.datetime, zone: str) -> str:
    """Return a moment as the registry writes it, in local time; in UTC where the zone kept an odd local time then."""
    local = moment.astimezone(clock(zone))
    odd = (local.utcoffset() or dt.timedelta()).total_seconds() % 60
    kept = moment.astimezone(dt.UTC) if odd else local
    return kept.isoformat(timespec="seconds" if kept.second else "minutes")


def order_of_events(tables: Rows) -> Iterator[Problem]:
    """No event precedes the onset that its source gives, no restoration any onset; no precursor follows it."""
    rows, key = tables["events"], ("incident_id", "source_id")
    onsets = [row for row in rows if row["event"] == "onset"]
    of_source, anyone = known_ends(onsets, "low", min, *key), known_ends(onsets, "low", min, "incident_id")
    for row in rows:
        same, any_onset, event = of_source[row[key[0]], row[key[1]]], anyone[row["incident_id"]], row["event"]
        onset = any_onset if math.isnan(same) and event in AFTER_ONSET else same
        if event not in ("onset", "precursor") and row["high"] < onset:
            yield from at([row], "time_high", "'{value}' comes before the onset; check the day and the hour of both")
        if event == "precursor" and row["low"] > same:
            words = "'{value}' comes after the onset, so it is no precursor; check the event and the hour"
            yield from at([row], "time_low", words)
        if event == "restored" and row["low"] - any_onset > LONGEST * YEAR:
            words = f"'{{value}}' is more than {LONGEST} years after the onset; check the year"
            yield from at([row], "time_low", words)


def id_fits_incident(tables: Rows) -> Iterator[Problem]:
    """The date and the country in an identifier are those of the incident."""
    words = "'{value}' names none of the countries {country}; write the code in lower case"
    foreign = (
        row
        for row in tables["incidents"]
        if row["country"] not in ("", "001")
        and not any(f"-{code.lower()}-" in f"{row['incident_id']}-" for code in row["country"].split(";"))
    )
    yield from at(foreign, "incident_id", words)
    zone, fitting = zones_of(tables["incidents"]), set()
    onsets = [row for row in tables["events"] if row["event"] == "onset" and not math.isnan(row["low"])]
    for row in onsets:
        first, last = (in_local_time(row[c], zone[row["incident_id"]])[:10] for c in ("time_low", "time_high"))
        if first <= row["incident_id"][:10] <= last:
            fitting.add(row["incident_id"])
    words = "no onset of this incident falls on the date in its identifier; '{value}' does not"
    yield from at((row for row in onsets if row["incident_id"] not in fitting), "time_low", words)


TIMES: tuple[Rule, ...] = (known_zones, real_times, offsets_fit, order_of_events, id_fits_incident)
