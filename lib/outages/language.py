"""How is a text, a number, an hour or an interval written for a reader of one language?"""

import csv
import functools
import gettext
import io
import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, localcontext
from numbers import Number
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_compact_decimal, format_decimal, format_percent
from markupsafe import Markup

from outages.errors import InputError, escaped, like
from outages.paths import DATA
from outages.stats.intervals import Interval
from outages.stats.rounding import MANY_DAYS, ROUND_STEPS, in_days, outward, rounded, to_step

LANGUAGES = ("en", "fr")
LOCALES = {"en": "en_GB", "fr": "fr_FR"}
SHORT = {"HK": "Hong Kong", "MO": "Macao", "US-WY": "Wyoming"}  # places whose official names nobody says
CATALOGUES = Path(__file__).parent / "locale"
VOWEL = re.compile("[aeiouâàéèêëîïôœ]", re.IGNORECASE)  # before which French `de` loses its own


def N_(message: str) -> str:
    """Mark a constant as a text to translate, where it is shown."""
    return message


@functools.cache
def catalogue(lang: str) -> gettext.NullTranslations:
    """Return the translations of a language; English is the language of the source."""
    path = CATALOGUES / f"{lang}.po"
    if not path.exists():
        return gettext.NullTranslations()
    with path.open("rb") as file, io.BytesIO() as compiled:
        write_mo(compiled, read_po(file, locale=lang))
        compiled.seek(0)
        return gettext.GNUTranslations(compiled)


@functools.cache
def code_labels(lang: str) -> dict[tuple[str, str], str]:
    """Return the label of each code of each closed list."""
    with (DATA / "reference" / "codes.csv").open(encoding="utf-8", newline="") as file:
        return {(row["column"], row["code"]): row[f"label_{lang}"] for row in csv.DictReader(file)}


@functools.cache
def organisation_names(lang: str) -> dict[str, str]:
    """Return what each organisation is called in a language, by the name under which the tables know it."""
    with (DATA / "reference" / "organisations.csv").open(encoding="utf-8", newline="") as file:
        return {row["name_en"]: row[f"name_{lang}"] or row["name_en"] for row in csv.DictReader(file)}


@functools.lru_cache(maxsize=10_000)
def decimal(value: float, locale: str) -> str:
    """Write a number with the separators of a locale; a page repeats the same small ones."""
    with localcontext(prec=400):  # babel keeps three decimals of numbers of any size
        return format_decimal(value, format="#,##0.###", locale=locale)


class Texts:
    """Texts, names and numbers in one language.

    Parameters
    ----------
    lang : `en` or `fr`

    Raises
    ------
    InputError : another language
    """

    def __init__(self, lang: str):
        if lang not in LANGUAGES:
            raise InputError(f"lang: '{escaped(lang)}' is not allowed; {like(str(lang), LANGUAGES)}")
        self.lang, self.locale = lang, LOCALES[lang]

    def _(self, message: str) -> str:
        """Return a text in the reader's language."""
        return catalogue(self.lang).gettext(message) if message else ""

    def n(self, one: str, many: str, count: int) -> str:
        """Return a text that depends on a count, with `{n}` filled in."""
        return catalogue(self.lang).ngettext(one, many, int(count)).format(n=self.number(count))

    def label(self, column: str, code: str) -> str:
        """Return the label of a code, or of those of a `;`-separated list, of which the first has its capital."""
        labels = code_labels(self.lang)
        told = [labels.get((column, one), one) for one in code.split(";") if one]
        return ", ".join([*told[:1], *map(self.within, told[1:])])

    def labels(self, column: str) -> dict[str, str]:
        """Return the label of each code of a column."""
        return {code: label for (of, code), label in code_labels(self.lang).items() if of == column}

    def party(self, name: str) -> str:
        """Return the name of an organisation, or of several separated by `;`, or that the source holds it back."""
        if name == "unnamed":
            return self._("Unnamed")
        return ", ".join(organisation_names(self.lang).get(one, one) for one in name.split(";"))

    def countries(self, codes: Iterable[str]) -> list[str]:
        """Return the names of countries, ISO 3166-1 alpha-2; `001` is the world."""
        names = {**Locale.parse(self.locale).territories, **SHORT}
        return [self._("several countries") if code == "001" else names.get(code, code) for code in codes]

    def within(self, label: str) -> str:
        """Return a label as it stands within a sentence; abbreviations keep their capitals."""
        return label if label[1:2].isupper() else label[:1].lower() + label[1:]

    def listed(self, items: list[str]) -> str:
        """Join items as a sentence does."""
        return format_list(items, locale=self.locale) if items else ""

    def pair(self, name: str, value: object) -> str:
        """Write a name and what belongs to it, with the colon of the language."""
        return self._("{name}: {value}").format(name=name, value=value)

    def clauses(self, parts: Sequence[Markup]) -> Markup:
        """Join the clauses of a sentence."""
        return Markup(self._("; ")).join(parts)

    def number(self, value: float) -> str:
        """Write a number with the separators of the language."""
        return decimal(value, self.locale)

    def compact(self, value: float) -> str:
        """Write a large count as people say it: `3.6 billion`; below a million in digits."""
        if value < 1e6:
            return self.number(round(value))
        text = format_compact_decimal(value, format_type="long", locale=self.locale, fraction_digits=1)
        return text.replace(" ", "\u00a0")

    def percent(self, share: float) -> str:
        """Write a share as a percentage with at most one decimal."""
        return format_percent(share, format="#,##0.#\u00a0%" if self.lang == "fr" else "#,##0.#%", locale=self.locale)

    def whole(self, share: float) -> str:
        """Write a share as one says it, in whole percent; 0% and 100% are none and all."""
        return self.percent(share if (near := round(share, 2)) in (0, 1) else near)

    def signed(self, value: float) -> str:
        """Write a number between -1 and 1 with its sign and two decimals."""
        return format_decimal(round(value, 2) or 0.0, format="+0.00;−0.00", locale=self.locale)


class Dates(Texts):
    """Moments and days, in one language."""

    def moment(self, minutes: float, zone: str, *, with_day: bool = True) -> str:
        """Write a moment, given in minutes since 1970-01-01T00:00Z, in local time; with its offset on a day of two."""
        moment = datetime.fromtimestamp(minutes * 60, UTC).astimezone(ZoneInfo(zone))
        midnight = moment.replace(hour=0, minute=0, fold=0)
        changes = midnight.utcoffset() != (midnight + timedelta(days=1)).utcoffset()
        return self.dated(moment, ("d MMM y, HH:mm" if with_day else "HH:mm") + (" '('xxx')'" if changes else ""))

    def dated(self, moment: datetime, pattern: str) -> str:
        """Write a date or a moment; French has the first as `1er`, hours as `16 h 45`, and keeps a day to its month."""
        if self.lang == "fr":
            pattern = pattern.replace("HH:mm", "H\u00a0'h'\u00a0mm").replace("d MMM", "d\u00a0MMM")
        text = format_datetime(moment, pattern, locale=self.locale)
        return f"1er{text[1:]}" if self.lang == "fr" and pattern[0] == "d" and text[:2] == "1\u00a0" else text

    def stamp(self, written: str) -> str:
        """Write the moment at which a page was made, given in UTC as ISO 8601."""
        return self.dated(datetime.fromisoformat(written).astimezone(UTC), "d MMM y, HH:mm 'UTC'")

    def moments(self, low: float, high: float, zone: str) -> str:
        """Write an interval of moments in local time, the day once; whole days and months without hours."""
        if low == high:
            return self.moment(low, zone)
        first, last = (datetime.fromtimestamp(m * 60, UTC).astimezone(ZoneInfo(zone)) for m in (low, high))
        if (first.hour, first.minute, last.hour, last.minute) == (0, 0, 23, 59):
            whole = first.day == 1 == (last + timedelta(days=1)).day and f"{first:%Y%m}" == f"{last:%Y%m}"
            days = (self.dated(end, "MMMM y" if whole else "d MMM y") for end in (first, last))
            return " \u2013 ".join(dict.fromkeys(days))
        one = first.date() == last.date()
        return self.moment(low, zone) + ("\u2013" if one else " \u2013 ") + self.moment(high, zone, with_day=not one)

    def day(self, written: str) -> str:
        """Write a date as far as it is known: year, month or day."""
        year, month, day = ([int(p) for p in written.split("-")] + [0, 0])[:3] if written else (0, 0, 0)
        if not month:
            return written
        return self.dated(datetime(year, month, day or 1), "d MMMM y" if day else "MMMM y")

    def short_day(self, written: str, *, with_day: bool = False) -> str:
        """Write month and year of a date in short, with its day if asked."""
        return self.dated(datetime.fromisoformat(written), "d MMM y" if with_day else "MMM y")


class Words(Dates):
    """Everything that depends on the reader's language; here lengths of time and intervals."""

    def t(self, message: str, **values: object) -> str:
        """Return a text with values filled in: numbers as the language writes them, an interval as minutes, several
        names as a list. With tags in the message, or a value that is Markup, it is Markup, and all else is escaped.
        """

        def told(value: Any) -> object:
            if isinstance(value, Number | list):
                return self.listed(value) if isinstance(value, list) else self.number(value)  # type: ignore[arg-type]
            return self.interval(value, "minutes") if isinstance(value, Interval) else value

        tagged = "</" in message or any(isinstance(value, Markup) for value in values.values())
        form, text = (Markup if tagged else str), self._(message)
        filled = {name: told(value) for name, value in values.items()}
        for name, value in filled.items() if "de {" in text else ():
            if f"de {{{name}}}" in text and VOWEL.match(Markup(value).striptags()):
                text = text.replace(f"de {{{name}}}", f"d’{{{name}}}")
        return form(text).format(**filled)

    def minutes(self, value: float, *, days_from: int = 48) -> str:
        """Write a length of time: minutes, from an hour on hours (`1 h 45 min`, in French `1 h 45`), then days."""
        total = round(value)
        if total < 60:
            return f"{total}\u00a0min"
        if total < days_from * 60:
            hours, rest = divmod(total, 60)
            after = f"\u00a0{rest:02d}" if self.lang == "fr" else f"\u00a0{rest}\u00a0min"
            return f"{hours}\u00a0h" + (after if rest else "")
        days, rest = (round(total / 1440), 0) if total >= MANY_DAYS * 1440 else divmod(round(total / 60), 24)
        return f"{self.number(days)}\u00a0" + self._("d") + (f"\u00a0{rest}\u00a0h" if rest else "")

    def round_minutes(self, value: float) -> str:
        """Write a length of time as people say it: to five minutes from an hour on, to half an hour from twelve on."""
        return self.minutes(to_step(value, ROUND_STEPS, round))

    def rough(self, value: float, way: Callable[[float], int] = round) -> str:
        """Write a length of time in round words, from five minutes to whole days; ends of intervals `way` outward."""
        return self.minutes(to_step(value, ((5, 1), (60, 5), (180, 15), (2880, 60), (math.inf, 1440)), way))

    def about(self, value: Interval) -> str:
        """Write a length of time in a few words: one end where the other says nothing, the middle where the ends lie
        close, both ends otherwise; to the minute where it is known so well.

        Examples
        --------
        >>> Words("fr").about(Interval(105, 150)), Words("fr").about(Interval(0, 180))
        ('environ 2\xa0h', 'au plus 3\xa0h')
        """
        if value.low == 0 or math.isinf(value.high):
            return self.interval(value, "round_minutes")
        if value.low == value.high:
            return self.minutes(value.high)
        if value.high - value.low <= max(10, value.low / 20):
            write, middle = self.rough if value.low >= 2880 else self.round_minutes, (value.low + value.high) / 2
            return self._("about {value}").format(value=write(middle))
        if value.high - value.low <= 60:
            return self._("about {value}").format(value=self.minutes(15 * max(round((value.low + value.high) / 30), 1)))
        return self.interval(value, "round_minutes")

    def end(self, value: float, how: str) -> str:
        """Write one end of an interval by chance, without a bound when it has none."""
        if math.isinf(value):
            return self._("no limit")
        return self.number(outward(value, ROUND_CEILING)) if how == "rounded" else getattr(self, how)(value)

    def writer(self, low: float, high: float, how: str) -> Callable[[float], str]:
        """Return what writes both ends of an interval: days for both where one is more than two and none below one."""
        days = how in ("minutes", "round_minutes") and in_days(low, high)
        return functools.partial(self.minutes, days_from=24) if days else getattr(self, how)

    def interval(self, value: Interval | None, how: str) -> str:
        """Write an interval of minutes, shares, or numbers.

        Parameters
        ----------
        value : the interval, None for unknown
        how : the method that writes an end, `rounded` (three significant digits), or `count` (so from `EXACT` on); ends
            that are rounded are so outward
        """
        if value is None or math.isnan(value.low):
            return self._("unknown")
        low, high, how = rounded(value.low, value.high, how)
        write = self.writer(low, high, how)
        if low == high or (math.isfinite(high) and write(low) == write(high)):
            return write(low)
        if math.isinf(high):
            return self._("unknown") if low == 0 else self._("at least {value}").format(value=write(low))
        if low == 0 and how in ("number", "compact", "round_minutes", "minutes"):
            return self._("at most {value}").format(value=write(high))
        first, last = write(low), write(high)
        if how == "compact" and first[-1].isalpha() and last.endswith(first.split()[-1]):
            first = first.rsplit(maxsplit=1)[0]  # “3 to 3.6 billion”
        return self._("{low} to {high}").format(low=first, high=last)
