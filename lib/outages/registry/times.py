"""Do the moments of a registry hold: real hours, the offsets of their zones, in the order of an outage?"""

import contextlib
import datetime as dt
import functools
import zoneinfo
from collections.abc import Iterator

import pandas as pd

from outages.registry.form import FIRST_YEAR, LAST_YEAR, Rule, Tables, at, looked_up, outside
from outages.registry.schema import Problem

YEAR, LONGEST = 525_960, 20  # minutes; years from onset to restoration, beyond which a year is misspelt
AFTER_ONSET = ("partial_restoration", "restored", "repaired", "postmortem_published")


def real_times(tables: Tables) -> Iterator[Problem]:
    """A time is a moment that the calendar knows, and low does not come after high."""
    frame = tables["events"]
    for column, end in (("time_low", "low"), ("time_high", "high")):
        unreal = frame[end].isna() & frame[column].str.contains(r"^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$")
        yield from at(frame, unreal, column, "'{value}' is not a moment of the calendar; check day, hour and offset")
        year = pd.to_numeric(frame[column].str.extract("^([0-9]{4})", expand=False))
        yield from at(
            frame,
            (year < FIRST_YEAR) | (year > LAST_YEAR),
            column,
            f"'{{value}}' lies outside the years {FIRST_YEAR} to {LAST_YEAR}",
        )
    yield from at(frame, frame["low"] > frame["high"], "time_high", "'{value}' comes before time_low; exchange the two")


def known_zones(tables: Tables) -> Iterator[Problem]:
    """A time zone is one of the IANA database."""
    words = "'{value}' is not an IANA time zone; write for example Europe/Paris"
    for frame in (table for table in tables.values() if "timezone" in table):
        yield from at(frame, outside(frame["timezone"], zones()), "timezone", words)


@functools.cache
def zones() -> frozenset[str]:
    """Return the names of the IANA database."""
    return frozenset(zoneinfo.available_timezones())


def offsets_fit(tables: Tables) -> Iterator[Problem]:
    """The UTC offset is the one that the incident's time zone has at that hour, or the time is written in UTC."""
    frame = tables["events"]
    zone = zones_of(frame, tables["incidents"]).tolist()
    for column in ("time_low", "time_high"):
        said = list(map(offset_fault, frame[column].tolist(), zone))
        if any(said):
            here = frame.assign(said=said)
            yield from at(here, here["said"] != "", column, lambda row: row["said"])


def zones_of(claims: pd.DataFrame, incidents: pd.DataFrame) -> pd.Series:
    """Return the time zone of the incident of each claim, empty where it is unknown."""
    known = incidents.drop_duplicates("incident_id").set_index("incident_id")["timezone"]
    return looked_up(claims["incident_id"], known[known.isin(zones())])


clock = functools.cache(zoneinfo.ZoneInfo)  # its own cache keeps eight zones


@functools.lru_cache(maxsize=100_000)
def offset_fault(cell: str, zone: str) -> str:
    """Say how a written time does not fit its zone, empty where it does or is in UTC; no advice moves the moment."""
    try:
        written = dt.datetime.fromisoformat(cell)
        if not zone or not written.utcoffset():
            return ""
        here = clock(zone)
        local, wall = written.astimezone(here), written.replace(tzinfo=here)
        if abs(local.replace(tzinfo=None) - written.replace(tzinfo=None)) < dt.timedelta(minutes=1):
            return ""
        if wall.astimezone(dt.UTC).astimezone(here).replace(tzinfo=None) != written.replace(tzinfo=None):
            return f"'{cell}': no such hour on that day in {zone}, the clocks went forward; check the hour"
    except (ValueError, OverflowError):
        return ""  # told by other rules
    moved, kept = local.isoformat(timespec="minutes"), wall.isoformat(timespec="minutes")
    given = written.isoformat()[-6:]
    return f"the offset {given} does not fit {zone} then; write {moved} for the same moment, {kept} for the same hour"


def in_local_time(cells: pd.Series, zone: pd.Series) -> pd.Series:
    """Return written times with those in UTC turned into the local time of their zone, the same moments."""
    utc = cells.str.endswith(("Z", "+00:00")) & ~zone.isin(["", "UTC"])
    local = [local_time(cell, name) for cell, name in zip(cells[utc].tolist(), zone[utc].tolist(), strict=True)]
    return cells.mask(utc, pd.Series(local, index=cells.index[utc], dtype=str)) if local else cells


def local_time(cell: str, zone: str) -> str:
    """Return a written time in the local time of a zone; as it stands where it cannot be read."""
    with contextlib.suppress(ValueError, OverflowError):
        return in_zone(dt.datetime.fromisoformat(cell), zone)
    return cell


def in_zone(moment: dt.datetime, zone: str) -> str:
    """Return a moment as the registry writes it, in local time; in UTC where the zone kept an odd local time then."""
    local = moment.astimezone(clock(zone))
    odd = (local.utcoffset() or dt.timedelta()).total_seconds() % 60
    kept = moment.astimezone(dt.UTC) if odd else local
    return kept.isoformat(timespec="seconds" if kept.second else "minutes")


def of_incident(claims: pd.DataFrame, values: pd.Series) -> pd.Series:
    """Return for each claim the value of its incident, NaN where there is none."""
    return claims["incident_id"].map(values).astype("float64")


def order_of_events(tables: Tables) -> Iterator[Problem]:
    """No event precedes the onset that its source gives, no restoration any onset; no precursor follows it."""
    frame = tables["events"]
    onsets = frame[frame["event"] == "onset"]
    key = ["incident_id", "source_id"]
    same = frame.join(onsets.groupby(key)["low"].min().rename("o"), on=key)["o"]
    anyone = of_incident(frame, onsets.groupby("incident_id")["low"].min())
    onset = same.mask(same.isna() & frame["event"].isin(AFTER_ONSET), anyone)
    later = ~frame["event"].isin(["onset", "precursor"]) & (frame["high"] < onset)
    yield from at(frame, later, "time_high", "'{value}' comes before the onset; check the day and the hour of both")
    early = (frame["event"] == "precursor") & (frame["low"] > same)
    words = "'{value}' comes after the onset, so it is no precursor; check the event and the hour"
    yield from at(frame, early, "time_low", words)
    long = (frame["event"] == "restored") & (frame["low"] - anyone > LONGEST * YEAR)
    yield from at(frame, long, "time_low", f"'{{value}}' is more than {LONGEST} years after the onset; check the year")


def id_fits_incident(tables: Tables) -> Iterator[Problem]:
    """The date and the country in an identifier are those of the incident."""
    frame = tables["incidents"]
    named = [
        cell in ("", "001") or any(f"-{code.lower()}-" in f"{name}-" for code in cell.split(";"))
        for name, cell in zip(frame["incident_id"].tolist(), frame["country"].tolist(), strict=True)
    ]
    words = "'{value}' names none of the countries {country}; write the code in lower case"
    yield from at(frame, ~pd.Series(named, index=frame.index, dtype=bool), "incident_id", words)
    onsets = tables["events"][(tables["events"]["event"] == "onset") & tables["events"]["low"].notna()]
    zone = zones_of(onsets, frame)
    first, last = (in_local_time(onsets[column], zone).str[:10] for column in ("time_low", "time_high"))
    day = onsets["incident_id"].str[:10]
    outside = ~((first <= day) & (day <= last))
    none_fits = outside.groupby(onsets["incident_id"]).transform("all")
    words = "no onset of this incident falls on the date in its identifier; '{value}' does not"
    yield from at(onsets, none_fits, "time_low", words)


TIMES: tuple[Rule, ...] = (known_zones, real_times, offsets_fit, order_of_events, id_fits_incident)
