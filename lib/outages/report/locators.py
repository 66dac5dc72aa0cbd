"""Where in a document does something stand, in the reader's language? A locator is a list of English parts."""

import functools
import re

from markupsafe import Markup

from outages.language import N_, Words

COUNTED = N_(  # before or after a number; the translation has as many entries
    "paragraph; paragraphs; sentence; sentences; section; sections; chapter; part; page; pages; table; figure; annex; "
    "slide; footnote; item; items; point; bullet; bullets; line; entry; update; update of; question; answer; "
    "answer to question; recommendation; recital"
)
WHOLE = N_(
    "whole page; title; heading; date line; caption; abstract; introduction; summary; background; background section; "
    "timeline; table; list; section; article; entry; paragraph; box; update; incident report; preliminary report; "
    "quoted statement; quoted notice; root cause; only paragraph; first paragraphs; opening paragraphs; "
    "opening sentences; last paragraph; last paragraphs; last paragraph but one; last paragraph shown; last sentence; "
    "last item; second and later paragraphs; paragraph on the cause; paragraph on the outage; "
    "paragraph on restoration; paragraph on the hours; paragraph on the start; paragraph on the upgrade; "
    "paragraph on the fire; paragraph on compensation; paragraph on customers; paragraph on the measures; "
    "paragraph on the investigation; paragraph quoting the spokesman; paragraph quoting the chief executive; "
    "paragraph quoting the chief operating officer; paragraph quoting the operator; section on the cause; "
    "section on what happened; list of recommendations; list of best practices"
)
COUNT = re.findall(r"\w+", "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth")
ORDINALS = {"opening": 1} | {word: number for number, word in enumerate(COUNT, 1)}
ORDINAL = re.compile(rf"\b(?:{'|'.join(ORDINALS)})\b")
NUMBER = r"(?:\d+(?:[.:]\d+)*|[IVX]+|[A-H])"
NUMBERS = rf"{NUMBER}(?:(?: and | to | of |, ){NUMBER})*"
PARTS = re.compile(r"""(?P<what>[\w ]+) (?P<mark>['"])(?P<title>.+?)(?P=mark)(?=, |$)|(?P<plain>[^,]+)""")
FORMS = (re.compile(rf"(?P<n>{NUMBERS}) (?P<what>.+)"), re.compile(rf"(?P<what>.+?) (?P<n>{NUMBERS})"))


def located(locator: str, words: Words, language: str = "en") -> Markup | str:
    """Write a place in a document; what cannot be read stays in English, marked as such, a title in its own language.

    Parameters
    ----------
    language : of the document, in which its titles are

    Examples
    --------
    >>> str(located("second and third paragraphs, last sentence", Words("fr")))
    '§\xa02 et 3, dernière phrase'
    >>> str(located("section 'Que faire ?', table 2, diary", Words("fr"), "fr"))
    'section «\xa0<span lang="fr">Que faire ?</span>\xa0», tableau\xa02, <span lang="en">diary</span>'
    """
    if words.lang == "en":
        return locator
    return Markup(", ").join(part(found, words, language) for found in PARTS.finditer(locator))


def part(found: re.Match[str], words: Words, language: str) -> Markup | str:
    """Write one part of a locator."""
    whole, counted = (entries(every, words._(every)) for every in (WHOLE, COUNTED))
    if (what := (found["what"] or "").strip()) in whole:
        form = Markup('{} «\xa0<span lang="{}">{}</span>\xa0»')
        return form.format(whole[what], language, spaced(found["title"], language))
    text = found[0].strip()
    plain = text[:1].lower() + text[1:]
    if plain in whole:
        return whole[plain]
    plain = ORDINAL.sub(lambda one: str(ORDINALS[one[0]]), plain)
    if re.fullmatch(NUMBERS, plain):
        return numbers(plain, words)
    for order in FORMS:
        if (read := order.fullmatch(plain)) and read["what"] in counted:
            return f"{counted[read['what']]}\xa0{numbers(read['n'], words)}"
    return Markup('<span lang="en">{}</span>').format(text)


@functools.cache  # a page has thousands of locators
def entries(message: str, translated: str) -> dict[str, str]:
    """Return the translation of each entry of a list."""
    return dict(zip(message.split("; "), translated.split("; "), strict=True))


def numbers(written: str, words: Words) -> str:
    """Write one number, several, or from where to where."""
    if " of " in written:
        k, of = written.split(" of ", 1)
        return words._("{k} of {of}").format(k=k, of=of)
    low, to, high = written.partition(" to ")
    if to:
        return words._("{low} to {high}").format(low=low, high=high)
    return words.listed(re.split(r" and |, ", written))


def spaced(text: str, language: str) -> str:
    """Return a text so that no line begins with the signs before which French sets a space."""
    return re.sub(" (?=[:;?!»])", "\xa0", text.replace("« ", "«\xa0")) if language == "fr" else text
