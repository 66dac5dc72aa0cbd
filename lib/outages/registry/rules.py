"""Is a registry right? Each rule looks at all rows and lists every offender."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from outages.registry.files import (
    CITING,
    CLAIM_TABLES,
    DOCUMENT,
    FILE,
    ORIGIN,
    PLACE,
    ROW,
    TEXT,
    Problem,
    RegistryError,
    alike_rows,
    coded,
    codes,
    columns,
    numbers,
    positions,
    read_stack,
    resources,
)
from outages.registry.zones import local_offset, offset_minutes, offset_of, wrong_offsets, zones_known

Tables = dict[str, pd.DataFrame]
UNITS: dict[str, set[str | None]] = {  # None stands for a currency code
    "users_affected": {"persons"}, "lines_affected": {"lines"}, "subscriber_base": {"persons", "lines"},
    "calls_blocked": {"calls"}, "emergency_calls_failed": {"calls"}, "emergency_calls_failed_share": {"share"},
    "deaths_linked": {"persons"}, "experts_mobilised": {"persons"}, "duration_hours": {"h"},
    "fine_amount": {None}, "compensation_amount": {None},
}  # fmt: skip
WORST_QUOTE = 25  # words: longer passages in quotation marks are copied text, not facts
NOT_A_PLACE = r"(?i)excerpt|search result|snippet|^(?:page|web ?site|article|document|n/?a|-+)$"
ENDINGS = ("partial_restoration", "restored", "postmortem_published")


def at(frame: pd.DataFrame, wrong: Any, column: str, message: str | Callable[[dict[str, Any]], str]) -> list[Problem]:
    """Turn the rows that are wrong (a mask) into problems; `{value}` in a message is the cell."""
    places = np.flatnonzero(wrong)
    made = []
    for row in frame.iloc[places].to_dict("records") if len(places) else ():
        text = message(row) if callable(message) else message.format(value=str(row.get(column, ""))[:80])
        made.append(Problem(row[FILE], int(row[ROW]), column, text))
    return made


def required_cells(tables: Tables) -> Iterator[Problem]:
    """A required cell is filled."""
    for name, frame in tables.items():
        for field in resources()[name]["schema"]["fields"]:
            if field.get("constraints", {}).get("required"):
                yield from at(frame, frame[field["name"]] == "", field["name"], "is empty; it must be filled")


def allowed_cells(tables: Tables) -> Iterator[Problem]:
    """A filled cell keeps to the closed list, the pattern or the type of its column."""
    for name, frame in tables.items():
        for field in resources()[name]["schema"]["fields"]:
            column, rule = field["name"], field.get("constraints", {})
            cells = frame[column]
            filled = cells != ""
            if allowed := rule.get("enum"):
                words = "'{value}' is not allowed; use one of " + ", ".join(allowed)
                yield from at(frame, filled & ~cells.isin(allowed), column, words)
            if pattern := rule.get("pattern"):
                fits = cells.str.fullmatch(pattern.removeprefix("^").removesuffix("$"))
                yield from at(frame, filled & ~fits, column, "'{value}' does not fit; " + readable(column, pattern))
            if field["type"] in ("number", "year"):
                value = numbers(cells)
                words = "'{value}' is not a number; write 11800 or 0.11"
                yield from at(frame, filled & ~(value.abs() < float("inf")), column, words)
                if "minimum" in rule:
                    yield from at(frame, value < rule["minimum"], column, "{value} is below " + str(rule["minimum"]))
            if field["type"] == "date":
                unreal = pd.to_datetime(cells.where(filled), format="%Y-%m-%d", errors="coerce").isna()
                yield from at(frame, filled & unreal, column, "'{value}' is not a date; write 2021-06-02")


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
    for column, end in (("time_low", "low"), ("time_high", "high")):
        unreal = frame[end].isna()
        unreal &= frame[column].str.match(r"\d{4}-\d{2}-\d{2}T") if unreal.any() else False
        yield from at(frame, unreal, column, "'{value}' is not a moment of the calendar; check day, hour and offset")
    yield from at(frame, frame["low"] > frame["high"], "time_high", "'{value}' comes before time_low; exchange the two")


def offsets_fit(tables: Tables) -> Iterator[Problem]:
    """The UTC offset is the one that the incident's time zone has on that date."""
    incidents, frame = tables["incidents"], tables["events"]
    codes, zones = coded(incidents["timezone"])
    zone = np.append(codes, -1)[frame[PLACE]]
    vague = (frame["time_low"] != frame["time_high"]).to_numpy()
    off = np.zeros(len(frame), dtype=bool)
    for column, end, here in (("time_low", "low", slice(None)), ("time_high", "high", np.flatnonzero(vague))):
        written, forms = coded(frame[column].iloc[here].str[-6:])
        minutes = np.array([offset_minutes(form) for form in forms] or [0.0])[written]
        off[here] = wrong_offsets(frame[end].to_numpy()[here], minutes, zone[here], zones)
        for row in np.flatnonzero(off):
            yield from off_by(frame, int(row), column, zones[zone[row]])


def off_by(frame: pd.DataFrame, row: int, column: str, zone: str) -> Iterator[Problem]:
    """Say of a row that seems to have another offset than its zone if it has; an hour that the clock goes through twice may have either."""
    cell = frame[column].iat[row]
    expected, given = local_offset(cell, zone), offset_of(cell)
    if expected not in (None, given):
        words = f"the offset {given} does not fit {zone} on that date; write {expected}"
        yield Problem(frame[FILE].iat[row], int(frame[ROW].iat[row]), column, words)


def known_zones(tables: Tables) -> Iterator[Problem]:
    """A time zone is one of the IANA database."""
    frame = tables["incidents"]
    unknown = [zone for zone in frame["timezone"].unique() if zone and zone not in zones_known()]
    words = "'{value}' is not an IANA time zone; write for example Europe/Paris"
    yield from at(frame, frame["timezone"].isin(unknown), "timezone", words)


def known_incidents(tables: Tables) -> Iterator[Problem]:
    """A claim, and a pointer to a successor, speak of an incident that is in the registry."""
    words = "'{value}' is not in incidents.csv; add it there, or check the overlay together with the registry below it"
    for name in CLAIM_TABLES:
        frame = tables[name]
        yield from at(frame, (frame[PLACE] < 0) & (frame["incident_id"] != ""), "incident_id", words)
    frame = tables["incidents"]
    pointing = np.array(frame["superseded_by"] != "")
    if pointing.any():
        pointing[pointing] = positions(frame["superseded_by"][pointing], frame["incident_id"]) < 0
    yield from at(frame, pointing, "superseded_by", words)


def known_sources(tables: Tables) -> Iterator[Problem]:
    """A claim names a document that is in the registry."""
    for name in CITING:
        frame = tables[name]
        unknown = (frame[DOCUMENT] < 0) & (frame["source_id"] != "")
        yield from at(frame, unknown, "source_id", "'{value}' is not in sources.csv; add the document there")


def unique_keys(tables: Tables) -> Iterator[Problem]:
    """A key stands once in a table; two registries laid over one another do not share a key."""
    for name, resource in resources().items():
        key = resource["schema"].get("primaryKey")
        if not key:
            continue
        key = [key] if isinstance(key, str) else key
        frame = tables[name]
        again = frame.duplicated(key[0] if len(key) == 1 else key)
        if not again.any():
            continue
        again &= (frame[key] != "").all(axis=1)
        first = {tuple(row[c] for c in key): f"{row[FILE]}:{int(row[ROW])}" for row in frame[~again].to_dict("records")}

        def words(row: dict[str, Any], key: list[str] = key, first: dict[tuple[str, ...], str] = first) -> str:
            return f"'{' '.join(row[c] for c in key)}' is already at {first[tuple(row[c] for c in key)]}; every key must be its own"

        yield from at(frame, again, key[-1], words)


def same_address(tables: Tables) -> Iterator[Problem]:
    """One address is one source."""
    frame = tables["sources"]
    address = frame["url"].str.replace(r"^https?://(www\.)?", "", regex=True).str.replace(r"/$", "", regex=True)
    again = address.duplicated() & (address != "")
    if again.any():
        first = frame.assign(address=address).drop_duplicates("address").set_index("address")["source_id"]
        yield from at(
            frame.assign(address=address), again, "url",
            lambda row: f"the same page is source '{first[row['address']]}'; use that source_id",
        )  # fmt: skip


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
    currency = frame["unit"].isin([unit for unit in frame["unit"].unique() if re.fullmatch("[A-Z]{3}", unit)])
    for measure, allowed in UNITS.items():
        fits = frame["unit"].isin([u for u in allowed if u]) | (currency if None in allowed else False)
        words = " or ".join(sorted(u or "an ISO 4217 currency code" for u in allowed))
        yield from at(
            frame, (frame["measure"] == measure) & ~fits, "unit", f"'{{value}}' does not fit {measure}; use {words}"
        )


def shares_below_one(tables: Tables) -> Iterator[Problem]:
    """A share lies between 0 and 1."""
    frame = tables["measures"]
    shares = frame["unit"] == "share"
    for column in ("value_low", "value_high") if shares.any() else ():
        yield from at(
            frame, shares & (numbers(frame[column]) > 1), column, "{value} is above 1; write eleven per cent as 0.11"
        )


def users_within_base(tables: Tables) -> Iterator[Problem]:
    """No source counts more users hit than it counts subscribers, for the same services."""
    frame = tables["measures"]
    base = frame[frame["measure"] == "subscriber_base"]
    users = frame[(frame["measure"] == "users_affected") & frame[PLACE].isin(base[PLACE])]
    key = ["incident_id", "source_id", "scope"]
    most = base.assign(base=numbers(base["value_high"])).dropna(subset="base").groupby(key)["base"].max()
    counted = users.assign(low=numbers(users["value_low"])).join(most, on=key)
    yield from at(
        counted,
        counted["low"] > counted["base"],
        "value_low",
        lambda row: f"{row['value_low']} is above the subscriber base {row['base']:.0f} of the same source; check both",
    )


def order_of_events(tables: Tables) -> Iterator[Problem]:
    """No event precedes the onset that its source gives, no restoration any onset; no precursor follows it."""
    frame = tables["events"]
    event, names = coded(frame["event"])
    is_onset = (event == names.index("onset")) if "onset" in names else np.zeros(len(frame), dtype=bool)
    place = frame[PLACE].to_numpy()
    source = place * (len(tables["sources"]) + 1) + frame[DOCUMENT].to_numpy()
    same = least_of(frame["low"].to_numpy(), source, is_onset)
    anyone = least_of(frame["low"].to_numpy(), place, is_onset)
    ending, fixed = np.isin(event, places_of(ENDINGS, names)), np.isin(event, places_of(("onset", "precursor"), names))
    onset = np.where(np.isnan(same) & ending, anyone, same)
    later = ~fixed & (frame["high"].to_numpy() < onset)
    yield from at(frame, later, "time_high", "'{value}' comes before the onset; check the day and the hour of both")
    early = np.isin(event, places_of(("precursor",), names)) & (frame["low"].to_numpy() > same)
    yield from at(
        frame, early, "time_low", "'{value}' comes after the onset, so it is no precursor; check the event and the hour"
    )


def places_of(codes: Sequence[str], names: list[str]) -> list[int]:
    """Return the numbers of those codes that are among the names."""
    return [names.index(code) for code in codes if code in names]


def least_of(values: np.ndarray, keys: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return for each row the least of the chosen values with the same key, NaN where none is chosen."""
    back, found = pd.factorize(keys)
    least = np.full(len(found), np.inf)
    np.minimum.at(least, back[chosen], np.where(np.isnan(values[chosen]), np.inf, values[chosen]))
    return np.where(np.isinf(least), np.nan, least)[back]


def id_fits_incident(tables: Tables) -> Iterator[Problem]:
    """The date and the country in an identifier are those of the incident."""
    frame = tables["incidents"]
    country, cells = coded(frame["country"])
    named = np.zeros(len(frame), dtype=bool)
    for rows in alike_rows(country):
        cell = cells[country[rows[0]]]
        words = f"-(?:{'|'.join(map(re.escape, cell.lower().split(';')))})(?:-|$)"
        named[rows] = True if cell in ("", "001") else frame["incident_id"].take(rows).str.contains(words)
    yield from at(
        frame,
        ~named,
        "incident_id",
        lambda row: (
            f"'{row['incident_id']}' names none of the countries {row['country']}; write the code in lower case"
        ),
    )
    is_onset = (tables["events"]["event"] == "onset").to_numpy()
    first, day, last = (tables["events"][c][is_onset].str[:10] for c in ("time_low", "incident_id", "time_high"))
    outside = ~((first <= day) & (day <= last))
    if outside.any():
        onsets = tables["events"][is_onset]
        none_fits = outside.groupby(onsets["incident_id"]).transform("all")
        yield from at(
            onsets,
            none_fits,
            "time_low",
            "no onset of this incident falls on the date in its identifier; '{value}' does not",
        )


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
        yield from at(tables[name], tables[name]["locator"].str.contains(NOT_A_PLACE), "locator", words)


def own_words(tables: Tables) -> Iterator[Problem]:
    """Text is the curator's own: no long quotation, no note that stands on two incidents."""
    quoted = re.compile(r"[«\"“]([^»\"”]*)[»\"”]")
    for name, frame in tables.items():
        for column in [c for c in columns(name) if c in ("note", "summary_en", "summary_fr", "text_en", "text_fr")]:
            held = frame[frame[column].str.contains('[«"“]')]
            long = [any(len(q.split()) > WORST_QUOTE for q in quoted.findall(cell)) for cell in held[column]]
            yield from at(held, long, column, f"quotes more than {WORST_QUOTE} words; say it in your own words")


def one_line_cells(tables: Tables) -> Iterator[Problem]:
    """A cell is one line without leading or trailing blanks."""
    for name, frame in tables.items():
        for column in columns(name):
            words = "holds a line break, a control sign or a blank at its end; write one trimmed line"
            yield from at(frame, not_one_line(frame[column]), column, words)


def not_one_line(column: pd.Series) -> np.ndarray:
    """Return which cells hold a control sign, or a blank at an end; looks at their bytes, since most cells of a large table are in order."""
    import pyarrow as pa

    if isinstance(column.dtype, pd.CategoricalDtype):
        return not_one_line(column.cat.categories.to_series())[column.cat.codes]
    text = pa.array(column.astype(TEXT))
    text = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    _valid, offsets, data = text.buffers()
    ends = np.frombuffer(offsets, dtype="int64")[text.offset : text.offset + len(text) + 1]
    held = np.frombuffer(data, dtype="uint8") if data is not None and data.size else np.zeros(1, dtype="uint8")
    filled = ends[1:] > ends[:-1]
    first, last = held[np.where(filled, ends[:-1], 0)], held[np.where(filled, ends[1:] - 1, 0)]
    wrong = filled & ((first <= 32) | (last <= 32))
    signs = np.flatnonzero(held[ends[0] : ends[-1]] < 32) + ends[0] if len(ends) > 1 else np.array([], dtype="int64")
    wrong[np.searchsorted(ends, signs, side="right") - 1] = True
    return wrong


def no_row_twice(tables: Tables) -> Iterator[Problem]:
    """No claim stands twice."""
    for name in CLAIM_TABLES:
        frame = tables[name]
        about = next(
            (coded(frame[c])[0] for c in ("measure", "factor") if c in frame), np.zeros(len(frame), dtype="int64")
        )
        about = frame["low"].fillna(0.0).to_numpy().astype("int64") if "low" in frame else about
        quick = pd.Series(frame[PLACE].to_numpy() + (about << 32))  # alike in these two: few, and cheap to find
        alike = frame[quick.duplicated(keep=False).to_numpy()]
        yield from at(alike, alike.duplicated(columns(name)), "(row)", "the same row stands above; delete one")


def sources_used(tables: Tables) -> Iterator[Problem]:
    """Every document carries a claim."""
    frame = tables["sources"]
    unused = np.ones(len(frame), dtype=bool)
    for name in CITING:
        named = tables[name][DOCUMENT].to_numpy()
        unused[named[named >= 0]] = False
    yield from at(
        frame,
        unused,
        "source_id",
        "no claim rests on '{value}'; add the claim or delete the row",
    )


def in_order(tables: Tables) -> Iterator[Problem]:
    """Rows of a CSV table stand in canonical order."""
    for name, whole in tables.items():
        files, names = coded(whole[FILE])
        starts = np.flatnonzero(np.diff(files, prepend=-1))  # the rows of a file lie together
        for first, end in zip(starts, np.append(starts, len(files))[1:], strict=True):
            frame = whole.iloc[first:end]
            if names[files[first]].endswith(".parquet") or ordered(frame, sort_columns(name)):
                continue
            expected = canonical(frame, name)[ROW].tolist()
            moved = [i for i, (a, b) in enumerate(zip(expected, frame[ROW], strict=True)) if a != b]
            row = frame.iloc[moved[0]]
            yield Problem(row[FILE], int(row[ROW]), "(row)", "stands out of order; run `outages format`")


def ordered(frame: pd.DataFrame, by: Sequence[str]) -> bool:
    """Return whether rows are sorted by some columns, looking only at neighbours."""
    one: slice | np.ndarray = slice(None, -1)
    two: slice | np.ndarray = slice(1, None)
    for column in by:
        category = isinstance(frame[column].dtype, pd.CategoricalDtype)  # these stand in the order of their texts
        cells = frame[column].cat.codes.to_numpy() if category else frame[column].array
        here, there = cells[one], cells[two]
        if (here > there).any():
            return False
        alike = np.flatnonzero(here == there)
        one = alike if isinstance(one, slice) else one[alike]
        two = one + 1
        if not len(one):
            break
    return True


def sort_columns(table: str) -> list[str]:
    """Return the columns that put a table into canonical order: by key, claims by incident, kind, moment and source."""
    first = {
        "events": ["incident_id", "time_low", "event"],
        "regulator_annual": ["scheme", "year", "metric"],
    }.get(table, [])
    return first + [c for c in columns(table) if c not in first]


def canonical(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Return rows in canonical order."""
    return frame.sort_values(sort_columns(table), kind="stable")


RULES: tuple[Callable[[Tables], Iterator[Problem]], ...] = (
    required_cells, allowed_cells, unique_keys, known_incidents, known_sources, known_zones, real_times, offsets_fit,
    order_of_events, id_fits_incident, values_in_order, units_fit, shares_below_one, users_within_base,
    codes_fit_factor, speaker_named, locators_lead_somewhere, own_words, one_line_cells, no_row_twice,
    same_address, sources_used, in_order,
)  # fmt: skip


def problems_of(tables: Tables) -> list[Problem]:
    """Return everything that is wrong with tables of text, each offence once."""
    return sorted({problem for rule in RULES for problem in rule(tables)})


def format_folder(folder: Path) -> list[Path]:
    """Write every table of a folder in canonical order and form; return the files that changed.

    Raises
    ------
    RegistryError : a table cannot be read; nothing is written then
    """
    tables, unread = read_stack([folder], prepare=False)
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
