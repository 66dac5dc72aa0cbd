"""Is a registry right? Each rule looks at all rows and lists every offender."""

import re
import zoneinfo
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from outages.tables import (
    FILE,
    ORIGIN,
    ROW,
    Problem,
    RegistryError,
    codes,
    columns,
    moments,
    numbers,
    read_stack,
    resources,
)

Tables = dict[str, pd.DataFrame]
UNITS: dict[str, set[str | None]] = {  # None stands for a currency code
    "users_affected": {"persons"}, "lines_affected": {"lines"}, "subscriber_base": {"persons", "lines"},
    "calls_blocked": {"calls"}, "emergency_calls_failed": {"calls"}, "emergency_calls_failed_share": {"share"},
    "deaths_linked": {"persons"}, "experts_mobilised": {"persons"}, "duration_hours": {"h"},
    "fine_amount": {None}, "compensation_amount": {None},
}  # fmt: skip
CLAIM_TABLES = ("events", "measures", "causes", "third_parties", "recommendations")
WORST_QUOTE = 25  # words: longer passages in quotation marks are copied text, not facts
NOT_A_PLACE = r"(?i)excerpt|search result|snippet|^(?:page|web ?site|article|document|n/?a|-+)$"
ENDINGS = ("partial_restoration", "restored", "postmortem_published")


def at(frame: pd.DataFrame, column: str, message: str | Callable[[pd.Series], str]) -> list[Problem]:
    """Turn offending rows into problems; `{value}` in a message is the cell."""
    made = []
    for _, row in frame.iterrows():
        text = message(row) if callable(message) else message.format(value=str(row.get(column, ""))[:80])
        made.append(Problem(row[FILE], int(row[ROW]), column, text))
    return made


def required_cells(tables: Tables) -> Iterator[Problem]:
    """A required cell is filled."""
    for name, frame in tables.items():
        for field in resources()[name]["schema"]["fields"]:
            if field.get("constraints", {}).get("required"):
                yield from at(frame[frame[field["name"]] == ""], field["name"], "is empty; it must be filled")


def allowed_cells(tables: Tables) -> Iterator[Problem]:
    """A filled cell keeps to the closed list, the pattern or the type of its column."""
    for name, frame in tables.items():
        for field in resources()[name]["schema"]["fields"]:
            column, rule = field["name"], field.get("constraints", {})
            filled = frame[frame[column] != ""]
            if allowed := rule.get("enum"):
                wrong = filled[~filled[column].isin(allowed)]
                yield from at(wrong, column, "'{value}' is not allowed; use one of " + ", ".join(allowed))
            if pattern := rule.get("pattern"):
                wrong = filled[~filled[column].str.fullmatch(pattern.removeprefix("^").removesuffix("$"))]
                yield from at(wrong, column, "'{value}' does not fit; " + readable(column, pattern))
            if field["type"] in ("number", "year"):
                value = numbers(filled[column])
                yield from at(
                    filled[~(value.abs() < float("inf"))], column, "'{value}' is not a number; write 11800 or 0.11"
                )
                if "minimum" in rule:
                    yield from at(filled[value < rule["minimum"]], column, "{value} is below " + str(rule["minimum"]))
            if field["type"] == "date":
                wrong = filled[pd.to_datetime(filled[column], format="%Y-%m-%d", errors="coerce").isna()]
                yield from at(wrong, column, "'{value}' is not a date; write 2021-06-02")


def readable(column: str, pattern: str) -> str:
    """Say in words what a pattern asks for."""
    examples = {
        "incident_id": "write YYYY-MM-DD-operator-cc-topic, as 2021-06-02-orange-fr-emergency-calls",
        "source_id": "write publisher-year-topic in lower case, as senat-2021-rapport-297",
        "time_low": "write local time with its offset, as 2021-06-02T16:45+02:00",
        "time_high": "write local time with its offset, as 2021-06-02T16:45+02:00",
        "country": "write ISO 3166-1 alpha-2 codes in capitals separated by ';', as FR;BE, or 001 for worldwide",
        "published": "write 2021, 2021-06 or 2021-06-02",
        "url": "write a full address that starts with https://",
        "unit": "write persons, lines, calls, share, h or an ISO 4217 currency code",
    }
    listed = re.fullmatch(r"\^\((?P<codes>[a-z0-9_|]+)\)\(;.*", pattern)
    if listed:
        return "use codes separated by ';' from " + ", ".join(listed["codes"].split("|"))
    return examples.get(column, f"allowed is {pattern}")


def real_times(tables: Tables) -> Iterator[Problem]:
    """A time is a moment that the calendar knows, and low does not come after high."""
    frame = tables["events"]
    low, high = moments(frame["time_low"]), moments(frame["time_high"])
    for column, moment in (("time_low", low), ("time_high", high)):
        fits = frame[column].str.match(r"\d{4}-\d{2}-\d{2}T")
        yield from at(
            frame[fits & moment.isna()], column, "'{value}' is not a moment of the calendar; check day, hour and offset"
        )
    yield from at(frame[low > high], "time_high", "'{value}' comes before time_low; exchange the two")


def offsets_fit(tables: Tables) -> Iterator[Problem]:
    """The UTC offset is the one that the incident's time zone has on that date."""
    zones = tables["incidents"].drop_duplicates("incident_id").set_index("incident_id")["timezone"]
    frame = tables["events"].assign(zone=lambda f: f["incident_id"].map(zones))
    for column in ("time_low", "time_high"):
        for _, row in frame[frame["zone"].notna()].iterrows():
            expected = local_offset(row[column], row["zone"])
            if expected and expected != offset_of(row[column]):
                message = (
                    f"the offset {offset_of(row[column])} does not fit {row['zone']} on that date; write {expected}"
                )
                yield Problem(row[FILE], int(row[ROW]), column, message)


def offset_of(cell: str) -> str:
    """Return the offset of a written time, `+00:00` for Z."""
    return "+00:00" if cell.endswith("Z") else cell[-6:]


def local_offset(cell: str, zone: str) -> str | None:
    """Return the offset that a zone has at a written local time, None when either cannot be read."""
    try:
        moment = datetime.fromisoformat(cell).replace(tzinfo=zoneinfo.ZoneInfo(zone))
    except (ValueError, zoneinfo.ZoneInfoNotFoundError, OSError):
        return None
    first, second = moment.isoformat()[-6:], moment.replace(fold=1).isoformat()[-6:]
    return offset_of(cell) if offset_of(cell) in (first, second) else first


def known_zones(tables: Tables) -> Iterator[Problem]:
    """A time zone is one of the IANA database."""
    frame = tables["incidents"]
    wrong = frame[(frame["timezone"] != "") & ~frame["timezone"].isin(zoneinfo.available_timezones())]
    yield from at(wrong, "timezone", "'{value}' is not an IANA time zone; write for example Europe/Paris")


def known_incidents(tables: Tables) -> Iterator[Problem]:
    """A claim, and a pointer to a successor, speak of an incident that is in the registry."""
    known = set(tables["incidents"]["incident_id"])
    for name in CLAIM_TABLES:
        frame = tables[name]
        wrong = frame[(frame["incident_id"] != "") & ~frame["incident_id"].isin(known)]
        yield from at(
            wrong,
            "incident_id",
            "'{value}' is not in incidents.csv; add it there, or check the overlay together with the registry below it",
        )
    frame = tables["incidents"]
    wrong = frame[(frame["superseded_by"] != "") & ~frame["superseded_by"].isin(known)]
    yield from at(
        wrong,
        "superseded_by",
        "'{value}' is not in incidents.csv; add it there, or check the overlay together with the registry below it",
    )


def known_sources(tables: Tables) -> Iterator[Problem]:
    """A claim names a document that is in the registry."""
    known = set(tables["sources"]["source_id"])
    for name in (*CLAIM_TABLES, "regulator_annual", "communication_targets"):
        frame = tables[name]
        wrong = frame[(frame["source_id"] != "") & ~frame["source_id"].isin(known)]
        yield from at(wrong, "source_id", "'{value}' is not in sources.csv; add the document there")


def unique_keys(tables: Tables) -> Iterator[Problem]:
    """A key stands once in a table; two registries laid over one another do not share a key."""
    for name, resource in resources().items():
        key = resource["schema"].get("primaryKey")
        if not key:
            continue
        key = [key] if isinstance(key, str) else key
        frame = tables[name]
        again = frame[frame.duplicated(key) & (frame[key] != "").all(axis=1)]
        first = frame.drop_duplicates(key).set_index(key)
        for _, row in again.iterrows():
            home = first.loc[row[key[0]] if len(key) == 1 else tuple(row[key])]
            where = f"{home[FILE]}:{int(home[ROW])}"
            message = f"'{' '.join(row[key])}' is already at {where}; every key must be its own"
            yield Problem(row[FILE], int(row[ROW]), key[-1], message)


def same_address(tables: Tables) -> Iterator[Problem]:
    """One address is one source."""
    frame = tables["sources"]
    address = frame["url"].str.replace(r"^https?://(www\.)?", "", regex=True).str.replace(r"/$", "", regex=True)
    first = frame.assign(address=address).drop_duplicates("address").set_index("address")["source_id"]
    again = frame[address.duplicated() & (address != "")]
    yield from at(again, "url", lambda row: f"the same page is source '{first[address[row.name]]}'; use that source_id")


def values_in_order(tables: Tables) -> Iterator[Problem]:
    """A quantity has the ends that its bound asks for, low not above high, none below zero."""
    frame = tables["measures"]
    low, high, bound = numbers(frame["value_low"]), numbers(frame["value_high"]), frame["bound"]
    yield from at(frame[low > high], "value_high", "{value} is below value_low; exchange the two")
    yield from at(frame[low < 0], "value_low", "{value} is below 0")
    yield from at(
        frame[bound.isin(["exact", "about"]) & ~(low == high)],
        "bound",
        "'{value}' needs value_low and value_high, equal",
    )
    yield from at(frame[(bound == "range") & ~(low < high)], "bound", "'range' needs value_low below value_high")
    yield from at(
        frame[(bound == "at_least") & (low.isna() | high.notna())],
        "bound",
        "'at_least' needs value_low alone; empty value_high",
    )
    yield from at(
        frame[(bound == "at_most") & (high.isna() | low.notna())],
        "bound",
        "'at_most' needs value_high alone; empty value_low",
    )


def units_fit(tables: Tables) -> Iterator[Problem]:
    """A unit fits its measure."""
    frame = tables["measures"]
    for measure, allowed in UNITS.items():
        rows = frame[frame["measure"] == measure]
        currency = rows["unit"].str.fullmatch("[A-Z]{3}") if None in allowed else False
        wrong = rows[~(rows["unit"].isin([u for u in allowed if u]) | currency)]
        words = " or ".join(sorted(u or "an ISO 4217 currency code" for u in allowed))
        yield from at(wrong, "unit", f"'{{value}}' does not fit {measure}; use {words}")


def shares_below_one(tables: Tables) -> Iterator[Problem]:
    """A share lies between 0 and 1."""
    frame = tables["measures"]
    for column in ("value_low", "value_high"):
        wrong = frame[(frame["unit"] == "share") & (numbers(frame[column]) > 1)]
        yield from at(wrong, column, "{value} is above 1; write eleven per cent as 0.11")


def users_within_base(tables: Tables) -> Iterator[Problem]:
    """No source counts more users hit than it counts subscribers, for the same services."""
    frame = tables["measures"].assign(low=lambda f: numbers(f["value_low"]), high=lambda f: numbers(f["value_high"]))
    key = ["incident_id", "source_id", "scope"]
    users = frame[(frame["measure"] == "users_affected") & frame["low"].notna()]
    base = frame[(frame["measure"] == "subscriber_base") & frame["high"].notna()]
    most = base.groupby(key)["high"].max().rename("base")
    wrong = users.join(most, on=key)
    yield from at(
        wrong[wrong["low"] > wrong["base"]],
        "value_low",
        lambda row: f"{row['value_low']} is above the subscriber base {row['base']:.0f} of the same source; check both",
    )


def order_of_events(tables: Tables) -> Iterator[Problem]:
    """No event precedes the onset that its source gives, no restoration any onset; no precursor follows it."""
    frame = tables["events"].assign(low=lambda f: moments(f["time_low"]), high=lambda f: moments(f["time_high"]))
    onsets = frame[frame["event"] == "onset"]
    same = onsets.groupby(["incident_id", "source_id"])["low"].min().rename("onset")
    anyone = onsets.groupby("incident_id")["low"].min().rename("anyone")
    joined = frame.join(same, on=["incident_id", "source_id"]).join(anyone, on="incident_id")
    joined["onset"] = joined["onset"].fillna(joined["anyone"].where(joined["event"].isin(ENDINGS)))
    later = joined[~joined["event"].isin(["onset", "precursor"]) & (joined["high"] < joined["onset"])]
    yield from at(later, "time_high", "'{value}' comes before the onset; check the day and the hour of both")
    early = joined[(joined["event"] == "precursor") & (joined["low"] > joined["onset"])]
    yield from at(
        early, "time_low", "'{value}' comes after the onset, so it is no precursor; check the event and the hour"
    )


def id_fits_incident(tables: Tables) -> Iterator[Problem]:
    """The date and the country in an identifier are those of the incident."""
    frame = tables["incidents"]
    for _, row in frame.iterrows():
        countries = row["country"].lower().split(";")
        if row["country"] and row["country"] != "001" and not set(countries) & set(row["incident_id"].split("-")[3:]):
            yield Problem(
                row[FILE],
                int(row[ROW]),
                "incident_id",
                f"'{row['incident_id']}' names none of the countries {row['country']}; write the code in lower case",
            )
    onsets = tables["events"][tables["events"]["event"] == "onset"]
    days = onsets.assign(
        low=onsets["time_low"].str[:10], high=onsets["time_high"].str[:10], day=onsets["incident_id"].str[:10]
    )
    outside = ~((days["low"] <= days["day"]) & (days["day"] <= days["high"]))
    none_fits = outside.groupby(days["incident_id"]).transform("all")
    yield from at(
        days[none_fits], "time_low", "no onset of this incident falls on the date in its identifier; '{value}' does not"
    )


def codes_fit_factor(tables: Tables) -> Iterator[Problem]:
    """The value of a cause belongs to its factor."""
    frame = tables["causes"]
    for factor in ("root_cause", "technical_cause", "trigger", "redundancy_defeated"):
        allowed = codes()[factor]
        wrong = frame[(frame["factor"] == factor) & ~frame["value"].isin(allowed)]
        yield from at(wrong, "value", f"'{{value}}' is not a {factor}; use one of {', '.join(allowed)}")


def speaker_named(tables: Tables) -> Iterator[Problem]:
    """Whoever detected or escalated is named."""
    frame = tables["events"]
    silent = frame[frame["event"].isin(["detected", "escalated"]) & (frame["actor"] == "")]
    yield from at(silent, "actor", "is empty; a detection or escalation needs who did it")


def locators_lead_somewhere(tables: Tables) -> Iterator[Problem]:
    """A locator names a place in the document."""
    for name in CLAIM_TABLES:
        frame = tables[name]
        vague = frame[frame["locator"].str.contains(NOT_A_PLACE)]
        yield from at(
            vague, "locator", "'{value}' is no place in a document; name the section, paragraph, heading or page"
        )


def own_words(tables: Tables) -> Iterator[Problem]:
    """Text is the curator's own: no long quotation, no note that stands on two incidents."""
    quoted = re.compile(r"[«\"“]([^»\"”]*)[»\"”]")
    for name, frame in tables.items():
        for column in [c for c in columns(name) if c in ("note", "summary_en", "summary_fr", "text_en", "text_fr")]:
            long = frame[column].map(lambda cell: any(len(q.split()) > WORST_QUOTE for q in quoted.findall(cell)))
            yield from at(
                frame[long.astype(bool)], column, f"quotes more than {WORST_QUOTE} words; say it in your own words"
            )


def one_line_cells(tables: Tables) -> Iterator[Problem]:
    """A cell is one line without leading or trailing blanks."""
    for name, frame in tables.items():
        for column in columns(name):
            wrong = frame[frame[column].str.contains(r"[\x00-\x1f]|^\s|\s$")]
            yield from at(
                wrong, column, "holds a line break, a control sign or a blank at its end; write one trimmed line"
            )


def no_row_twice(tables: Tables) -> Iterator[Problem]:
    """No claim stands twice."""
    for name in CLAIM_TABLES:
        frame = tables[name]
        yield from at(frame[frame.duplicated(columns(name))], "(row)", "the same row stands above; delete one")


def sources_used(tables: Tables) -> Iterator[Problem]:
    """Every document carries a claim."""
    names = (*CLAIM_TABLES, "regulator_annual", "communication_targets")
    used = set(pd.concat([tables[name]["source_id"] for name in names]))
    frame = tables["sources"]
    yield from at(
        frame[~frame["source_id"].isin(used)],
        "source_id",
        "no claim rests on '{value}'; add the claim or delete the row",
    )


def in_order(tables: Tables) -> Iterator[Problem]:
    """Rows stand in canonical order."""
    for name in tables:
        for _, frame in tables[name].groupby([FILE, ORIGIN], sort=False):
            expected = canonical(frame, name)[ROW].tolist()
            moved = [i for i, (a, b) in enumerate(zip(expected, frame[ROW], strict=True)) if a != b]
            if moved:
                row = frame.iloc[moved[0]]
                yield Problem(row[FILE], int(row[ROW]), "(row)", "stands out of order; run `outages format`")


def canonical(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Return rows in canonical order: by key, claims by incident, kind, moment and source."""
    first = {
        "events": ["incident_id", "time_low", "event"],
        "regulator_annual": ["scheme", "year", "metric"],
    }.get(table, [])
    rest = [c for c in columns(table) if c not in first]
    return frame.sort_values(first + rest, kind="stable")


RULES: tuple[Callable[[Tables], Iterator[Problem]], ...] = (
    required_cells, allowed_cells, unique_keys, known_incidents, known_sources, known_zones, real_times, offsets_fit,
    order_of_events, id_fits_incident, values_in_order, units_fit, shares_below_one, users_within_base,
    codes_fit_factor, speaker_named, locators_lead_somewhere, own_words, one_line_cells, no_row_twice,
    same_address, sources_used, in_order,
)  # fmt: skip


def problems_of(tables: Tables) -> list[Problem]:
    """Return everything that is wrong with tables of text, each offence once."""
    return sorted({problem for rule in RULES for problem in rule(tables)})


def check_folders(folders: Sequence[Path]) -> list[Problem]:
    """Return everything that is wrong with a stack of registry folders, in the order of files and rows."""
    tables, unread = read_stack(folders)
    return sorted({*unread, *problems_of(tables)}) if not unread else sorted(unread)


def format_folder(folder: Path) -> list[Path]:
    """Write every table of a folder in canonical order and form; return the files that changed.

    Raises
    ------
    RegistryError : a table cannot be read; nothing is written then
    """
    tables, unread = read_stack([folder])
    unread = [p for p in unread if p.row or p.column != "(file)"]
    if unread:
        raise RegistryError(unread)
    changed = []
    for name, resource in resources().items():
        path = folder / resource["path"]
        if not path.exists():
            continue
        text = canonical(tables[name], name).drop(columns=[FILE, ROW, ORIGIN]).to_csv(index=False, lineterminator="\n")
        if text.encode() != path.read_bytes():
            beside = path.with_suffix(".csv.new")
            beside.write_bytes(text.encode())
            beside.replace(path)
            changed.append(path)
    return changed
