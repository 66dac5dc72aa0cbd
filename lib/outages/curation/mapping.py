"""Which column of somebody's list means what? Reads the map that is kept beside a list, alone or on top of a preset."""

import datetime as dt
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from outages.curation.cells import EPOCHS
from outages.curation.fields import LENGTHS, MEASURES, OPENED, PARTY, REQUIRED, allowed_in, fields, hint
from outages.curation.sheets import ListError
from outages.errors import escaped, like
from outages.registry.countries import folded
from outages.registry.files import codes
from outages.registry.times import zone_like, zones

PRESETS = Path(__file__).parent / "presets"
UNKNOWN = (
    *("unknown", "n/a", "#n/a", "#n/d", "-", "--", "?", "null", "none", "nan", "nat", "tbd", "not known", "(empty)"),
    *("inconnu", "inconnue", "non renseigné", "non communiqué", "sans objet", "n/d"),
)
SOURCE = {"id": "", "publisher": "", "title": "", "kind": "operator", "language": "en", "published": "", "url": ""}
FILE = ("encoding", "separator", "sheet", "records")
TABLES = ("file", "source", "columns", "constants", "codes", "times", "numbers", "keep", "drop", "notes")
PARTS: dict[str, type] = {"preset": str, "unknown": list, **dict.fromkeys(TABLES, dict)}
KINDS: dict[type, str] = {str: "a text, in quotes", list: "a list", dict: "a table"}
LONGEST = 60.0  # days from onset to restoration, beyond which a row is listed


class MapError(ListError):
    """A map that cannot be used; the message says which part, why, and what is allowed."""


@dataclass(frozen=True)
class Column:
    """Where a field stands: the first filled one of some columns, or several put together with a blank."""

    names: tuple[str, ...]
    join: bool = False
    must: bool = True


@dataclass(frozen=True)
class ListMap:
    """What the columns of a list mean."""

    columns: dict[str, Column]
    constants: dict[str, str]
    codes: dict[str, dict[str, str]]
    notes: dict[str, str]
    keep: dict[str, frozenset[str]]
    drop: dict[str, frozenset[str]]
    source: dict[str, str]
    file: dict[str, str]
    zone: str
    formats: tuple[str, ...]
    decimal: str
    longest_days: float
    unknown: frozenset[str]
    may_lack: frozenset[str] = frozenset()

    @property
    def names(self) -> list[str]:
        """Return every column that the map names."""
        used = [name for column in self.columns.values() for name in column.names]
        return list(dict.fromkeys([*used, *self.keep, *self.drop]))


def presets() -> list[str]:
    """Return the names of the maps that come with the library."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def read_map(where: Path | str) -> ListMap:
    """Read a map, a TOML file or the name of a preset; raise MapError when it cannot be used."""
    path = PRESETS / f"{where}.toml" if str(where) in presets() else Path(where)
    if not path.exists():
        raise MapError(f"{escaped(path)}: is no file and no preset; presets are {', '.join(presets())}")
    given, below = read_toml(path, PARTS), dict[str, Any]()
    try:
        if name := given.pop("preset", ""):
            among("preset", [name], presets())
            below = read_toml(PRESETS / f"{name}.toml", PARTS)
        # a field of one's own replaces that of the preset, columns as well as constants
        whole = below | given | {part: below.get(part, {}) | given.get(part, {}) for part in TABLES}
        return built(whole, frozenset([*below.get("keep", {}), *below.get("drop", {})]))
    except MapError as error:
        raise MapError(f"{path.name}: {error}") from None


def read_toml(path: Path, parts: Mapping[str, type]) -> dict[str, Any]:
    """Return what a TOML file holds, which may be some parts, each of its kind."""
    try:
        found = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise MapError(f"{path.name}: cannot be read as TOML in UTF-8 ({escaped(error)})") from None
    for part, value in found.items():
        if part not in parts:
            raise MapError(f"{path.name}: [{escaped(part)}] is no part of a map; {like(part, parts)}")
        if not isinstance(value, parts[part]):
            raise MapError(f"{path.name}: {part} must be {KINDS[parts[part]]}")
    return found


def built(given: dict[str, Any], may_lack: frozenset[str]) -> ListMap:
    """Return the map that a TOML file describes; a file may lack the columns by which a preset keeps and drops rows."""
    for part in ("columns", "codes"):
        among(f"[{part}]", given[part], fields())
    among("[times]", given["times"], ("zone", "formats", "longest_days"))
    times, decimal = given["times"], named(given, "numbers", ("decimal",)).get("decimal", "")
    if decimal not in ("", ".", ","):
        raise MapError("[numbers] decimal: write '.' or ','")
    if times.get("zone") == "":
        raise MapError("[times] zone is empty; say where hours have no offset, as Europe/Paris, or leave the line out")
    days = times.get("longest_days", LONGEST)
    if isinstance(days, bool) or not isinstance(days, int | float) or not days > 0:
        raise MapError("[times] longest_days: write a number above 0")
    unknown = texts("unknown", given.get("unknown", list(UNKNOWN)))
    found = ListMap(
        columns={field: column(field, value) for field, value in given["columns"].items()},
        constants=named(given, "constants", fields()),
        codes={field: table(field, value) for field, value in given["codes"].items()},
        notes=named(given, "notes", (*codes()["event"], *MEASURES, *LENGTHS)),
        keep=rows_by(given, "keep"),
        drop=rows_by(given, "drop"),
        source=SOURCE | named(given, "source", SOURCE),
        file=named(given, "file", FILE),
        zone=text("[times] zone", times.get("zone", "")),
        formats=tuple(texts("[times] formats", times.get("formats", []))),
        decimal=decimal,
        longest_days=days,
        unknown=frozenset(one.strip().casefold() for one in ["", *unknown]),
        may_lack=may_lack,
    )
    checked(found)
    return found


def checked(found: ListMap) -> None:
    """Refuse a map that lacks what every incident needs, or names what is not allowed."""
    lacking = [n for n in REQUIRED if n not in found.columns and not found.constants.get(n)]
    if lacking:
        more = f" (so {'is' if len(lacking) == 2 else 'are'} {', '.join(lacking[1:])})" if lacking[1:] else ""
        offer = f"{hint(lacking[0])}, or name its column in [columns]"
        raise MapError(f"[constants] {lacking[0]} is missing{more}; {offer}")
    if "onset" not in found.columns and OPENED not in found.columns:
        raise MapError("[columns] onset is missing; name the column with the hour at which users began to be hit")
    told = {*found.columns, *(name for name, value in found.constants.items() if value)}
    for field in PARTY[1:] if PARTY[0] in told else ():
        if field not in told:
            raise MapError(f"[constants] {field} is missing beside third_party; {hint(field)}")
    for field, table in [*found.codes.items(), *((field, {"": value}) for field, value in found.constants.items())]:
        allowed = allowed_in(field)
        for code in (code for value in table.values() for code in value.split(";") if allowed and value):
            if code not in allowed:
                raise MapError(f"'{escaped(code)}' is no code of {field}; {like(code, allowed)}")
    for zone in filter(None, [found.zone, found.constants.get("timezone"), found.constants.get("zone")]):
        if zone not in zones():
            raise MapError(f"'{escaped(zone)}' is not an IANA time zone; {zone_like(zone)}")
    for form in found.formats:
        if form not in EPOCHS and not is_format(form):
            offer = f"write for example %d/%m/%Y %H:%M, or one of {', '.join(EPOCHS)}"
            raise MapError(f"[times] formats: '{escaped(form)}' gives no day; {offer}")


def is_format(form: str) -> bool:
    """Return whether a written form gives back the day that it is given."""
    day = dt.datetime(2021, 6, 22, 14, 45, tzinfo=dt.UTC)
    try:
        return dt.datetime.strptime(day.strftime(form), form).date() == day.date()
    except (ValueError, re.error):
        return False


def column(field: str, value: Any) -> Column:
    """Return where a field stands: a name, a list of names, or `{join = [...]}`."""
    if value == "":
        raise MapError(f"[columns] {field} is empty; name the column of the list that says it")
    if isinstance(value, str):
        return Column((value,))
    if isinstance(value, dict) and set(value) == {"join"}:
        return Column(tuple(texts(f"[columns] {field}", value["join"])), join=True)
    return Column(tuple(texts(f"[columns] {field}", value)), must=False)


def table(field: str, value: Any) -> dict[str, str]:
    """Return a table from what cells say to codes; `*` stands for everything else."""
    if not isinstance(value, dict):
        raise MapError(f"[codes.{field}] must be a table, as 'Voice' = 'mobile_voice'")
    return {key if key == "*" else folded(key): text(f"[codes.{field}] {key}", code) for key, code in value.items()}


def named(given: dict[str, Any], part: str, allowed: Collection[str]) -> dict[str, str]:
    """Return a part that gives texts to some names."""
    among(f"[{part}]", given[part], allowed)
    return {name: text(f"[{part}] {name}", value) for name, value in given[part].items()}


def rows_by(given: dict[str, Any], part: str) -> dict[str, frozenset[str]]:
    """Return a part that chooses rows by what their cells say, folded."""
    return {name: frozenset(map(folded, texts(f"[{part}] {name}", value))) for name, value in given[part].items()}


def text(where: str, value: Any) -> str:
    """Return a value that must be a text; numbers and days of TOML are refused, since their writing may be lost."""
    if not isinstance(value, str):
        raise MapError(f"{escaped(where)}: {escaped(value)} is not a text; put it in quotes")
    return value


def texts(where: str, value: Any) -> list[str]:
    """Return a value that must be a list of texts."""
    if not isinstance(value, list):
        raise MapError(f"{escaped(where)}: {escaped(value)} is not a list of texts; write ['one', 'two']")
    return [text(where, one) for one in value]


def among(where: str, given: Iterable[str], allowed: Collection[str]) -> None:
    """Refuse names that mean nothing."""
    for name in given:
        if name not in allowed:
            raise MapError(f"{where} {escaped(name)}: is not known; {like(name, allowed)}")
