"""Is a registry right, its tables taken together? Each rule looks at all rows and lists every offender."""

import datetime as dt
import functools
import re
import zoneinfo
from collections.abc import Iterator

import pandas as pd

from outages.errors import escaped
from outages.registry.files import codes, numbers
from outages.registry.form import FIRST_YEAR, FORM, LAST_YEAR, Rule, Tables, at, holds, outside
from outages.registry.schema import CITING, CLAIM_TABLES, Problem, columns

UNITS: dict[str, set[str | None]] = {  # None stands for a currency code
    "users_affected": {"persons"},
    "lines_affected": {"lines"},
    "subscriber_base": {"persons", "lines"},
    "calls_blocked": {"calls"},
    "emergency_calls_failed": {"calls"},
    "emergency_callers_failed": {"persons"},
    "emergency_calls_failed_share": {"share"},
    "complaints_counted": {"reports"},
    "deaths_linked": {"persons"},
    "experts_mobilised": {"persons"},
    "duration_hours": {"h"},
    "fine_amount": {None},
    "compensation_amount": {None},
}
YEAR, LONGEST = 525_960, 20  # minutes; years from onset to restoration, beyond which a year is misspelt
NOT_A_PLACE = re.compile(r"(?i)excerpt|search result|snippet|^(?:page|web ?site|article|document|n/?a|-+)$")
AFTER_ONSET = ("partial_restoration", "restored", "repaired", "postmortem_published")


def real_times(tables: Tables) -> Iterator[Problem]:
    """A time is a moment that the calendar knows, and low does not come after high."""
    frame = tables["events"]
    for column, end in (("time_low", "low"), ("time_high", "high")):
        unreal = frame[end].isna() & frame[column].str.match(r"\d{4}-\d{2}-\d{2}T")
        yield from at(frame, unreal, column, "'{value}' is not a moment of the calendar; check day, hour and offset")
        far = holds(frame[column], lambda cell: cell[:4].isdigit() and not FIRST_YEAR <= int(cell[:4]) <= LAST_YEAR)
        yield from at(frame, far, column, f"'{{value}}' lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
    yield from at(frame, frame["low"] > frame["high"], "time_high", "'{value}' comes before time_low; exchange the two")


def known_zones(tables: Tables) -> Iterator[Problem]:
    """A time zone is one of the IANA database."""
    frame = tables["incidents"]
    wrong = outside(frame["timezone"], zones())
    yield from at(frame, wrong, "timezone", "'{value}' is not an IANA time zone; write for example Europe/Paris")


@functools.cache
def zones() -> frozenset[str]:
    """Return the names of the IANA database."""
    return frozenset(zoneinfo.available_timezones())


def offsets_fit(tables: Tables) -> Iterator[Problem]:
    """The UTC offset is the one that the incident's time zone has at that hour, or the time is written in UTC."""
    frame = tables["events"]
    zone = zones_of(frame, tables["incidents"]).tolist()
    low, high = (list(zip(frame[column].tolist(), zone, strict=True)) for column in ("time_low", "time_high"))
    faults = {pair: said for pair in {*low, *high} if (said := offset_fault(*pair))}
    for column, pairs in (("time_low", low), ("time_high", high)):
        wrong = pd.Series([pair in faults for pair in pairs], index=frame.index, dtype=bool)
        here = frame.assign(said=[faults.get(pair, "") for pair in pairs]) if faults else frame
        yield from at(here, wrong, column, lambda row: row["said"])


def zones_of(claims: pd.DataFrame, incidents: pd.DataFrame) -> pd.Series:
    """Return the time zone of the incident of each claim, empty where it is unknown."""
    known = incidents.drop_duplicates("incident_id").set_index("incident_id")["timezone"]
    return claims["incident_id"].map(known[known.isin(zones())]).fillna("")


clock = functools.cache(zoneinfo.ZoneInfo)  # its own cache keeps eight zones


def offset_fault(cell: str, zone: str) -> str:
    """Say how a written time does not fit its zone, never with advice that moves the moment; empty where it fits or is in UTC."""
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
    try:
        return dt.datetime.fromisoformat(cell).astimezone(clock(zone)).isoformat(timespec="minutes")
    except (ValueError, OverflowError):
        return cell


def known_incidents(tables: Tables) -> Iterator[Problem]:
    """A claim, and a pointer to a successor, speak of an incident that is in the registry."""
    words = "'{value}' is not in incidents.csv; add it there, or check the overlay together with the registry below it"
    known = set(tables["incidents"]["incident_id"].tolist())
    pointers = [*((tables[name], "incident_id") for name in CLAIM_TABLES), (tables["incidents"], "superseded_by")]
    for frame, column in pointers:
        yield from at(frame, outside(frame[column], known), column, words)


def successors_end(tables: Tables) -> Iterator[Problem]:
    """Who follows the pointers to successors comes to an end."""
    frame = tables["incidents"]
    after = {row.incident_id: row.superseded_by for row in frame[frame["superseded_by"] != ""].itertuples()}
    ended, circling = set[str](), set[str]()
    for start in after:
        way, here = dict[str, None](), start
        while here in after and here not in way and here not in ended:
            way[here] = None
            here = after[here]
        circling |= set(way) if here in way or here in circling else set()
        ended |= set(way)
    words = "'{value}' leads in a circle, so that no incident is left; name the one that stands"
    yield from at(frame, frame["incident_id"].isin(circling), "superseded_by", words)


def known_sources(tables: Tables) -> Iterator[Problem]:
    """A claim names documents that are in the registry."""
    known = set(tables["sources"]["source_id"].tolist())
    for frame, column in citing(tables):
        unknown = outside(frame[column], known)
        yield from at(frame, unknown, column, "'{value}' is not in sources.csv; add the document there")


def citing(tables: Tables) -> list[tuple[pd.DataFrame, str]]:
    """Return the tables whose rows name documents, each with the column that does."""
    frames = [tables[name] for name in CITING if name in tables]
    return [(frame, column) for frame in frames for column in ("source_id", "retracted_by") if column in frame]


def same_address(tables: Tables) -> Iterator[Problem]:
    """One address is one source."""
    address = tables["sources"]["url"].str.replace(r"^https?://(?:www\.)?", "", regex=True).str.removesuffix("/")
    frame = tables["sources"].assign(address=address)
    first = frame.drop_duplicates("address").set_index("address")["source_id"]
    words = "the same page is source '{}'; use that source_id"
    again = address.duplicated() & (address != "")
    yield from at(frame, again, "url", lambda row: words.format(escaped(first[row["address"]])))


def values_in_order(tables: Tables) -> Iterator[Problem]:
    """A quantity has the ends that its bound asks for, low not above high, none below zero."""
    frame = tables["measures"]
    low, high, bound = numbers(frame["value_low"]), numbers(frame["value_high"]), frame["bound"]
    yield from at(frame, low > high, "value_high", "{value} is below value_low; exchange the two")
    yield from at(frame, low < 0, "value_low", "{value} is below 0")
    asked = {
        "exact": (low == high, "'{value}' needs value_low and value_high, equal"),
        "about": (low == high, "'{value}' needs value_low and value_high, equal"),
        "range": (low < high, "'range' needs value_low below value_high"),
        "at_least": (low.notna() & high.isna(), "'at_least' needs value_low alone; empty value_high"),
        "at_most": (high.notna() & low.isna(), "'at_most' needs value_high alone; empty value_low"),
    }
    for code, (fits, words) in asked.items():
        yield from at(frame, (bound == code) & ~fits, "bound", words)


def units_fit(tables: Tables) -> Iterator[Problem]:
    """A unit fits its measure."""
    frame = tables["measures"]
    currency = frame["unit"].str.fullmatch("[A-Z]{3}")
    for measure, allowed in UNITS.items():
        fits = frame["unit"].isin([u for u in allowed if u]) | (currency & (None in allowed))
        words = " or ".join(sorted(u or "an ISO 4217 currency code" for u in allowed))
        wrong = (frame["measure"] == measure) & ~fits
        yield from at(frame, wrong, "unit", f"'{{value}}' does not fit {measure}; use {words}")


def shares_below_one(tables: Tables) -> Iterator[Problem]:
    """A share lies between 0 and 1."""
    frame = tables["measures"]
    for column in ("value_low", "value_high"):
        above = (frame["unit"] == "share") & (numbers(frame[column]) > 1)
        yield from at(frame, above, column, "{value} is above 1; write eleven per cent as 0.11")


def users_within_base(tables: Tables) -> Iterator[Problem]:
    """No source counts more users hit than it counts subscribers, for the same services and in the same unit."""
    frame, key = tables["measures"], ["incident_id", "source_id", "scope", "unit"]
    frame = frame.assign(users=numbers(frame["value_low"]), most=numbers(frame["value_high"]))
    base = frame[frame["measure"] == "subscriber_base"].groupby(key)["most"].max().rename("subscribers")
    counted = frame[frame["measure"] == "users_affected"].join(base, on=key)
    words = "{} is above the subscriber base {:.0f} of the same source; check both"
    above = counted["users"] > counted["subscribers"]
    yield from at(counted, above, "value_low", lambda row: words.format(escaped(row["value_low"]), row["subscribers"]))


def order_of_events(tables: Tables) -> Iterator[Problem]:
    """No event precedes the onset that its source gives, no restoration any onset; no precursor follows it."""
    frame = tables["events"]
    onsets = frame[frame["event"] == "onset"]
    same = frame.join(
        onsets.groupby(["incident_id", "source_id"])["low"].min().rename("o"), on=["incident_id", "source_id"]
    )["o"]
    anyone = frame["incident_id"].map(onsets.groupby("incident_id")["low"].min())
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
    words = "'{}' names none of the countries {}; write the code in lower case"
    yield from at(
        frame,
        ~pd.Series(named, index=frame.index, dtype=bool),
        "incident_id",
        lambda row: words.format(escaped(row["incident_id"]), escaped(row["country"])),
    )
    onsets = tables["events"][(tables["events"]["event"] == "onset") & tables["events"]["low"].notna()]
    zone = zones_of(onsets, frame)
    first, last = (in_local_time(onsets[column], zone).str[:10] for column in ("time_low", "time_high"))
    day = onsets["incident_id"].str[:10]
    outside = ~((first <= day) & (day <= last))
    none_fits = outside.groupby(onsets["incident_id"]).transform("all")
    words = "no onset of this incident falls on the date in its identifier; '{value}' does not"
    yield from at(onsets, none_fits, "time_low", words)


def codes_fit_factor(tables: Tables) -> Iterator[Problem]:
    """The value of a cause belongs to its factor."""
    frame = tables["causes"]
    for factor in ("root_cause", "technical_cause", "trigger", "redundancy_defeated"):
        allowed = codes()[factor]
        wrong = (frame["factor"] == factor) & ~frame["value"].isin(allowed)
        yield from at(frame, wrong, "value", f"'{{value}}' is not a {factor}; use one of {', '.join(allowed)}")


def speaker_named(tables: Tables) -> Iterator[Problem]:
    """Whoever detected or escalated is named."""
    frame = tables["events"]
    silent = (frame["actor"] == "") & frame["event"].isin(["detected", "escalated"])
    yield from at(frame, silent, "actor", "is empty; a detection or escalation needs who did it")


def locators_lead_somewhere(tables: Tables) -> Iterator[Problem]:
    """A locator names a place in the document."""
    words = "'{value}' is no place in a document; name the section, paragraph, heading or page"
    for name in CLAIM_TABLES:
        yield from at(tables[name], holds(tables[name]["locator"], NOT_A_PLACE.search), "locator", words)


def no_row_twice(tables: Tables) -> Iterator[Problem]:
    """No claim stands twice."""
    for name in CLAIM_TABLES:
        again = tables[name].duplicated(columns(name))
        yield from at(tables[name], again, "(row)", "the same row stands above; delete one")


def sources_used(tables: Tables) -> Iterator[Problem]:
    """Every document carries a claim."""
    cited = {cell for frame, column in citing(tables) for cell in frame[column].unique().tolist()}
    frame = tables["sources"]
    unused = outside(frame["source_id"], cited)
    yield from at(frame, unused, "source_id", "no claim rests on '{value}'; add the claim or delete the row")


RULES: tuple[Rule, ...] = (
    *FORM,
    *(known_incidents, successors_end, known_sources, known_zones, real_times, offsets_fit, order_of_events),
    *(id_fits_incident, values_in_order, units_fit, shares_below_one, users_within_base, codes_fit_factor),
    *(speaker_named, locators_lead_somewhere, no_row_twice, same_address, sources_used),
)
