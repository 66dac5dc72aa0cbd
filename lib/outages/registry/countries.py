"""Which countries are there, and what do people call them?"""

import difflib
import functools
import importlib.resources
import re
import unicodedata

from babel import Locale
from babel.core import get_global

WORLD = "001"
FORMER = {"turkey": "TR", "ivory coast": "CI", "macau": "MO", "viet nam": "VN", "great britain": "GB", "england": "GB"}
FORMER |= {"scotland": "GB", "wales": "GB", "northern ireland": "GB", "uae": "AE", "russian federation": "RU"}
NAMED_IN = ("en", "fr", "de", "es", "it", "nl", "pt")  # languages in which names of countries are known


@functools.cache
def countries() -> dict[str, str]:
    """Return the English name of each alpha-2 code of ISO 3166-1, from the table that comes with the time zones."""
    text = importlib.resources.files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")
    return dict(line.split("\t", 1) for line in text.splitlines() if not line.startswith("#"))


@functools.cache
def country_names() -> dict[str, str]:
    """Return the code of each country by its codes and its names in some languages, folded."""
    known = dict.fromkeys((WORLD, "worldwide", "global", "international", "monde entier"), WORLD) | FORMER
    known |= {
        folded(name.partition("(")[0]): code for code, name in countries().items() if not name.startswith("Korea")
    }
    for language in NAMED_IN:
        names = Locale(language).territories
        known |= {folded(names[code]): code for code in (*countries(), WORLD) if code in names}
    aliases = get_global("territory_aliases").items()
    known |= {folded(alias): codes[0] for alias, codes in aliases if codes[0] in countries() and not alias.isdigit()}
    return known | {code.casefold(): code for code in countries()}


def code_of(name: str) -> str:
    """Return the code of the country that a name or a code means, empty for none."""
    return country_names().get(folded(name), "")


def meant(name: str) -> str:
    """Return the code of the country that a name means, misspelt or not, empty where none is near."""
    names = (known for known in country_names() if len(known) > 3)  # of codes any is near any other
    return code_of(name) or code_of("".join(difflib.get_close_matches(folded(name), names, n=1, cutoff=0.75)))


def folded(text: str) -> str:
    """Return a name without case, accents and signs."""
    bare = unicodedata.normalize("NFKD", text.replace("’", "'")).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[\W_]+", " ", bare).casefold().split()) or text.strip().casefold()
