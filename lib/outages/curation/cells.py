"""What does a cell of somebody's list mean: which moment, number, country? Raises where it cannot be told."""

import contextlib
import datetime as dt
import functools
import re
import zlib
from collections.abc import Callable, Sequence
from html import unescape
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import get_month_names

from outages.registry.countries import WORLD, country_names, folded
from outages.registry.form import FIRST_YEAR, LARGEST, LAST_YEAR, ODD_SIGN, QUOTED, THIN, WORST_QUOTE

EPOCHS = {"epoch": 1.0, "epoch_ms": 1000.0}
ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)")
AT_LEAST = r">=?|≥|at least|more than|over|au moins|plus de"
AT_MOST = r"<=?|≤|at most|up to|less than|under|au plus|moins de|jusqu'à"
ABOUT = r"~|≈|about|around|approx\.?|ca\.?|environ|env\.?"
QUALIFIED = re.compile(rf"(?i)(?:(?P<at_least>{AT_LEAST})|(?P<at_most>{AT_MOST})|(?P<about>{ABOUT}))?\s*(?P<rest>.+)")
RANGE = re.compile(r"(?i)(?P<low>\d[\d\s.,']*?)\s*(?:-|–|to|à|bis)\s*(?P<high>\d[\d\s.,']*)")
SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?0?\d")
CLOCK = re.compile(r"(?:(?P<d>\d+)\s*(?:d|days?|j|jours?)[ ,]*)?(?P<h>\d+):(?P<m>\d{2})(?::(?P<s>\d{2})(?:\.\d+)?)?")
UNITS = {"d": "d|days?|j|jours?", "h": "h|hrs?|hours?|heures?", "m": "m|mn|mins?|minutes?", "s": "s|secs?|seconde?s?"}
PARTS = "".join(rf"(?:(?P<{unit}>\d[\d\s.,'’]*?)\s*(?:{names})\.?(?![^\W\d])[ ,]*)?" for unit, names in UNITS.items())
SPOKEN = re.compile(rf"(?i)(?=\d){PARTS}")
AFTER_HOURS = re.compile(r"(?i)(?<=\dh|\sh)\s*(\d{1,2})$")  # minutes without their unit
MARKUP = re.compile(  # what a tracker writes around a text; `<5` and `<name>` are none
    r"(?is)<(style|script)\b(?:(?!<\1\b).)*?</\1\s*>|<!--(?:(?!<!--).)*?-->"  # none in another: no text takes long
    r"|</?(?:(?P<inline>a|b|i|u|em|strong|span|font|code|su[bp])|p|br|div|[dou]l|d[dt]|li|t[rdh]|table|tbody|thead|h[1-6]|hr"
    r"|img|pre|blockquote|html|head|body|meta|o:p)(?:\s[^<>]*)?/?>"
)


class CellError(ValueError):
    """A cell that says nothing that can be used; the message is the reason, without the value."""


class Moment(NamedTuple):
    """Between two ends, with what has to be said of it."""

    low: dt.datetime
    high: dt.datetime
    note: str = ""


class Quantity(NamedTuple):
    """A figure with the ends that its bound asks for."""

    low: str
    high: str
    bound: str


def moment(text: str, formats: Sequence[str], zone: str) -> Moment:
    """Return the moment that a cell names, in one of some `formats` of `strptime`, as `epoch` or `epoch_ms`, or as ISO
    8601 has it; hours without an offset are written in a zone, empty when the map names none.
    """
    told, only_day = written(text, formats)
    if told.tzinfo is None and not zone:
        raise CellError("hour without offset or zone; name the zone of the file in the map, [times] zone")
    if not FIRST_YEAR < told.year < LAST_YEAR:
        raise CellError(f"outside the years {FIRST_YEAR + 1} to {LAST_YEAR - 1}")
    if told.tzinfo is not None:
        return Moment(told, told)
    here = ZoneInfo(zone)
    if only_day:
        return Moment(told.replace(tzinfo=here), told.replace(hour=23, minute=59, tzinfo=here), "Day only.")
    either = sorted(told.replace(tzinfo=here, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    if all(one.astimezone(here).replace(tzinfo=None) != told for one in either):
        raise CellError(f"no such hour on that day in {zone}, the clocks went forward")
    return Moment(either[0], either[1], "The clock showed this hour twice." if either[0] != either[1] else "")


def written(text: str, formats: Sequence[str]) -> tuple[dt.datetime, bool]:
    """Return the date and hour as they are written, and whether there is no hour."""
    utc = re.fullmatch(r"(.*\d(?:\s?[AaPp][Mm])?)\s*(?:UTC|GMT|Z)", text)
    bare, added = (utc[1], dt.UTC) if utc else (text, None)
    for form in formats:
        with contextlib.suppress(ValueError, OverflowError, OSError):
            if form in EPOCHS:
                return dt.datetime.fromtimestamp(float(bare) / EPOCHS[form], dt.UTC), False
            found = dt.datetime.strptime(english(bare), form)
            return found.replace(tzinfo=found.tzinfo or added), not re.search(r"%[HIXcfsT]", form)
    with contextlib.suppress(ValueError):
        if ISO.match(bare):
            found = dt.datetime.fromisoformat(bare)
            return found.replace(tzinfo=found.tzinfo or added), len(bare) == len("2021-06-02")
    raise CellError("fits no form of a moment that the map names, [times] formats")


def english(text: str) -> str:
    """Return a date with French names of months in English, which `strptime` knows."""
    return re.sub(r"[^\W\d_]+\.?", lambda word: months().get(word[0].rstrip(".").casefold(), word[0]), text)


@functools.cache
def months() -> dict[str, str]:
    """Return the English abbreviation of each French name of a month."""
    names = [(n, name) for width in ("wide", "abbreviated") for n, name in get_month_names(width, locale="fr").items()]
    return {name.rstrip(".").casefold(): get_month_names("wide", locale="en")[n][:3] for n, name in names}


def number(text: str, decimal: str = ".") -> float:
    """Return a number, with signs between thousands as people write them.

    Examples
    --------
    >>> number("1 234,5", ","), number("12,000"), number("7.25")
    (1234.5, 12000.0, 7.25)
    """
    bare = re.sub(r"[\s\u00a0\u202f'’]", "", text)
    thousands = re.escape({",": ".", ".": ","}.get(decimal, ","))
    if not re.fullmatch(rf"-?(?:[0-9]+|[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+)(?:{re.escape(decimal)}[0-9]+)?", bare):
        raise CellError(f"is no number with decimal sign '{decimal}'")
    found = float(re.sub(thousands, "", bare).replace(decimal, "."))
    if not 0 <= found <= LARGEST:
        raise CellError("is below zero, or too large for an outage")
    return found


def count(text: str, decimal: str) -> str:
    """Return a number of things as the registry writes it; `25.000` may mean thousands, and is refused."""
    found = number(text, decimal)
    if not found.is_integer() or re.search(rf"{re.escape(decimal)}\d{{3}}\s*$", text):
        words = f"is no whole number, read with the decimal sign '{decimal}'; set the other in [numbers] decimal"
        raise CellError(f"{words} if it stands between thousands")
    return str(int(found))


def quantity(text: str, decimal: str = ".", read: Callable[[str, str], str] = count) -> Quantity:
    """Return a figure and how it is qualified: `> 200`, `about 11 800`, `200 to 300`.

    Examples
    --------
    >>> tuple(quantity("about 1,200")), tuple(quantity("> 200")), tuple(quantity("200-300"))
    (('1200', '1200', 'about'), ('200', '', 'at_least'), ('200', '300', 'range'))
    """
    said = QUALIFIED.fullmatch(text)
    rest = said["rest"] if said else text
    bound = next((name for name in ("at_least", "at_most", "about") if said and said[name]), "exact")
    if SCIENTIFIC.fullmatch(rest):  # a spreadsheet writes so what it has rounded
        rest, bound = str(int(float(rest.replace(",", ".")))), "about"
    if rest.endswith("+") and bound == "exact":
        rest, bound = rest[:-1], "at_least"
    span = RANGE.fullmatch(rest) if bound == "exact" else None
    low, high = (read(part, decimal) for part in (span.group("low", "high") if span else (rest, rest)))
    if span and float(low) >= float(high):
        raise CellError("is a range whose ends stand the wrong way round")
    ends = {"at_least": (low, ""), "at_most": ("", high)}.get(bound, (low, high))
    return Quantity(*ends, "range" if span else bound)


def hours(text: str, decimal: str, per_hour: float) -> Quantity:
    """Return a length in hours, from a clock (`1 d 02:30`), parts with their units (`about 1 h 30`, `90 min`), or a
    number of units of which so many make an hour.

    Examples
    --------
    >>> tuple(hours("1 d 02:30", ".", 1)), tuple(hours("> 1 200 min", ".", 1))
    (('26.5', '26.5', 'exact'), ('20', '', 'at_least'))
    """

    def length(part: str, decimal: str) -> str:
        if told := CLOCK.fullmatch(part) or SPOKEN.fullmatch(AFTER_HOURS.sub(r" \1 min", part)):
            days, hour, minute, second = (number(told[unit], decimal) if told[unit] else 0.0 for unit in "dhms")
            return f"{number(f'{days * 24 + hour + minute / 60 + second / 3600:.10f}'):.10g}"
        return f"{number(part, decimal) / per_hour:.10g}"

    return quantity(text, decimal, length)


def country(text: str) -> str:
    """Return the codes of the countries that a cell names, separated by `;`; `001` for the world.

    Examples
    --------
    >>> country("Royaume-Uni"), country("UK / France"), country("Worldwide")
    ('GB', 'GB;FR', '001')
    """
    parts = [text] if folded(text) in country_names() else re.split(r"[;,/|]|\band\b|\bet\b", text)
    found = [country_names().get(folded(part)) for part in parts if part.strip()]
    if not found or None in found:
        raise CellError("is no country; write its name or ISO code, or add it to [codes.country]")
    codes = list(dict.fromkeys(code for code in found if code))
    return WORLD if WORLD in codes else ";".join(codes)


def line(text: str, most: int = 0) -> str:
    """Return a text as a cell of the registry may hold it: one line of signs that show, no long quotations."""
    text = text.encode("utf-8", "replace").decode()  # JSON may hold halves of signs
    text = " ".join(ODD_SIGN.sub(" ", re.sub(f"[{THIN}]", "", text)).split())
    if any(len(quote.split()) > WORST_QUOTE for quote in QUOTED.findall(text)):
        text = re.sub(r"[«»\"“”]", "", text).strip()
    return text if not most or len(text) <= most else text[: most - 1].rstrip() + "…"


def unmarked(text: str) -> str:
    """Return a text without the tags and entities of HTML.

    Examples
    --------
    >>> unmarked("<p>Panne<br />R&amp;D&nbsp;: <b>x</b> &lt;5</p>").split()
    ['Panne', 'R&D', ':', 'x', '<5']
    """
    if "<" in text:
        text = MARKUP.sub(lambda tag: "" if tag["inline"] else " ", text)
    return re.sub(r"&#?\w+;", lambda sign: unescape(sign[0]), text) if "&" in text else text


def slug(text: str, most: int = 40) -> str:
    """Return a text as a part of an identifier; one that has no Latin letters gets a number of its own."""
    plain = re.sub(r"[^a-z0-9]+", "-", folded(text)).strip("-")
    return plain[:most].rstrip("-") or f"x{zlib.crc32(text.encode('utf-8', 'replace')):08x}"
