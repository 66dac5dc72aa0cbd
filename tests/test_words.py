"""French and English are complete and write numbers, hours and intervals as their readers do."""

import ast
import math
import re

import pytest
from babel.messages.pofile import read_po
from markupsafe import Markup

from catalogue import messages
from outages.facts.limits import VERDICTS
from outages.facts.timeline import LAGS, MOMENTS
from outages.language import CATALOGUES, LANGUAGES, Words, code_labels, organisation_names
from outages.paths import ROOT
from outages.stats.intervals import Interval
from outages.stats.rounding import outward

EN, FR = Words("en"), Words("fr")


def french() -> dict:
    """Return the French catalogue."""
    with (CATALOGUES / "fr.po").open("rb") as file:
        return {m.id: m for m in read_po(file, locale="fr") if m.id}


def test_every_text_is_translated_and_none_is_left_over():
    """The catalogue holds what the library and the notebooks say, all of it, and nothing else."""
    catalogue = french()
    assert messages() - set(catalogue) == set()
    assert set(catalogue) - messages() == set()
    ids = [m if isinstance(m, str) else m[0] for m in catalogue]
    assert ids == sorted(ids, key=str.casefold)  # so that a text is found, and two branches meet seldom
    assert [
        m.id for m in catalogue.values() if m.fuzzy or not all(m.string if isinstance(m.string, tuple) else [m.string])
    ] == []


def test_translations_keep_the_places_for_values():
    """A translation fills in the same values as its original."""
    places = re.compile(r"\{(\w+)\}")
    for message in french().values():
        ids, strings = (x if isinstance(x, tuple) else (x,) for x in (message.id, message.string))
        for string in strings:
            assert set(places.findall(string)) == set(places.findall(ids[-1])), message.id


def test_french_signs_keep_to_their_words():
    """No break before : ; ? ! » and %, none after « and in numbers; one kind of apostrophe."""
    strings = [s for m in french().values() for s in (m.string if isinstance(m.string, tuple) else [m.string])]
    labels = [*strings, *code_labels("fr").values(), *organisation_names("fr").values()]
    assert [s for s in labels if re.search(r" [:;?!»%](?!\w)|« |\w'\w|\d \d{3}\b", s)] == []


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["Orange"], "panne ultérieure d’Orange"),
        (["BT", "EE"], "panne ultérieure de BT et EE"),
        (Markup("<a href='x'>Épinal</a>"), "panne ultérieure d’<a"),
        ("Yettel", "panne ultérieure de Yettel"),
    ],
)
def test_french_de_keeps_to_the_name_that_follows(names, said):
    """Before a vowel it loses its own, of a link too."""
    form = "The registry holds no later outage of {operator} of which a delay or a length is known."
    assert said in FR.t(form, operator=names) and "outage of" in EN.t(form, operator=names)


def test_no_text_hides_in_an_f_string():
    """The extraction cannot see a text inside an f-string, so none may stand there."""
    for path in (ROOT / "lib" / "outages").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                calls = [n for n in ast.walk(node) if isinstance(n, ast.Call)]
                hidden = [
                    n
                    for n in calls
                    if getattr(n.func, "id", getattr(n.func, "attr", "")) in ("_", "n")
                    and n.args
                    and isinstance(n.args[0], ast.Constant)
                ]
                assert not hidden, (path.name, node.lineno)


def test_every_code_has_a_label_in_both_languages():
    """No reader meets a bare code."""
    for lang in LANGUAGES:
        assert all(code_labels(lang).values())


def test_moments_lags_and_verdicts_have_names():
    """Each has a name of its own in both languages."""
    for lang in LANGUAGES:
        for column, codes in (("moment", MOMENTS), ("lag", LAGS), ("limit_verdict", VERDICTS)):
            names = Words(lang).labels(column)
            assert set(names) == set(codes) and len(set(names.values())) == len(names)


@pytest.mark.parametrize(
    ("words", "interval", "how", "text"),
    [
        (EN, Interval(435, 435), "minutes", "7 h 15 min"),
        (EN, Interval(105, 135), "minutes", "1 h 45 min to 2 h 15 min"),
        (EN, Interval(36, 44), "minutes", "36 min to 44 min"),
        (EN, Interval(720, math.inf), "minutes", "at least 12 h"),
        (FR, Interval(720, math.inf), "minutes", "au moins 12 h"),
        (FR, Interval(4 * 1440, 4 * 1440 + 120), "minutes", "4 j à 4 j 2 h"),
        (EN, Interval(2424, 7500), "minutes", "1 d 16 h to 5 d 5 h"),
        (EN, Interval(60, 1439), "minutes", "1 h to 24 h"),
        (EN, Interval(272220, 275100), "minutes", "189 d to 192 d"),
        (EN, Interval(11750, 11850), "number", "11,750 to 11,850"),
        (FR, Interval(11750, 11850), "number", "11 750 à 11 850"),
        (EN, Interval(0.267, 0.318), "percent", "26.7% to 31.8%"),
        (FR, Interval(0.267, 0.318), "percent", "26,7 % à 31,8 %"),
        (EN, Interval(0, math.inf), "number", "unknown"),
        (FR, None, "minutes", "inconnu"),
        (EN, Interval(1_234_567, 2_345_678), "rounded", "1,230,000 to 2,350,000"),
        (FR, Interval(3.0e9, 3.6e9), "compact", "3 à 3,6 milliards"),
        (EN, Interval(374_100_000, 374_100_000), "compact", "374.1 million"),
        (EN, Interval(29_350, 29_350), "compact", "29,350"),
        (FR, Interval(29_350, 31_350), "compact", "29 350 à 31 350"),
        (EN, Interval(0.183, 0.483), "whole", "18% to 49%"),
        (EN, Interval(0.29, 0.57), "whole", "29% to 57%"),
        (EN, Interval(0.727, 0.727), "whole", "73%"),
        (EN, Interval(0.8954, math.inf), "percent", "at least 89.5%"),
        (EN, Interval(2.0, 2.5), "minutes", "2 min to 3 min"),
        (EN, Interval(0, 795), "round_minutes", "at most 13 h 30 min"),
        (EN, Interval(61, 114), "round_minutes", "1 h to 1 h 55 min"),
        (EN, Interval(62, 62), "round_minutes", "1 h 2 min"),
        (EN, Interval(3.0e9, 3.6156e9), "compact", "3 to 3.7 billion"),
        (EN, Interval(95_250_000, math.inf), "compact", "at least 95.2 million"),
    ],
)
def test_intervals_are_written_for_the_reader(words, interval, how, text):
    """Separators, units and words follow the language; spaces that must not break do not."""
    assert re.sub(r"[\u00a0\u202f]", " ", words.interval(interval, how)) == text


def test_rounding_goes_outward():
    """A rounded interval still holds the exact one."""
    from decimal import ROUND_CEILING, ROUND_FLOOR

    assert outward(19999.0, ROUND_CEILING) == 20000 and outward(19999.0, ROUND_FLOOR) == 19900
    assert outward(math.inf, ROUND_CEILING) == math.inf and outward(0.0, ROUND_FLOOR) == 0


def bound(text: str) -> str:
    """Return a text with spaces that must not break where it has `~`."""
    return text.replace("~", "\u00a0")


def test_moments_are_local():
    """A moment is shown in the time zone of its incident, the day once when both ends share it."""
    assert EN.moments(27044085, 27044085, "Europe/Paris") == "2 Jun 2021, 16:45"
    assert EN.moments(27044085, 27044100, "Europe/Paris") == "2 Jun 2021, 16:45–17:00"
    assert FR.moments(27044085, 27044520, "Europe/Paris") == bound("2~juin 2021, 16~h~45 – 3~juin 2021, 0~h~00")
    day, end = 27043080, 27043080 + 1439  # the whole of 2 June 2021 in Paris
    assert EN.moments(day, end, "Europe/Paris") == "2 Jun 2021"
    assert FR.moments(day, end + 1440, "Europe/Paris") == bound("2~juin 2021 – 3~juin 2021")
    assert FR.moments(day, day + 60, "Europe/Paris") == bound("2~juin 2021, 0~h~00–1~h~00")  # no first of a month
    assert FR.moments(day - 1440, day + 29 * 1440 - 1, "Europe/Paris") == "juin 2021"
    assert (EN.day("2021-06"), FR.day("2021-06-02"), EN.day("2021"), EN.day("")) == (
        "June 2021",
        bound("2~juin 2021"),
        "2021",
        "",
    )
    assert (FR.day("2021-06-01"), EN.day("2021-06-01")) == (bound("1er~juin 2021"), "1 June 2021")


def test_another_language_is_refused():
    """A language that is not offered is named with those that are."""
    with pytest.raises(ValueError, match="en, fr"):
        Words("de")


def test_both_ends_of_a_length_of_time_have_one_unit():
    """Where one end is days, so is the other from a day on, in a sentence and in a cell."""
    assert EN.writer(2430, 7500, "round_minutes")(2430) == "1\u00a0d\u00a016\u00a0h"
    assert EN.writer(630, 7500, "round_minutes")(630) == "10\u00a0h\u00a030\u00a0min"
    assert EN.interval(Interval(2430, 7500), "round_minutes") == "1\u00a0d\u00a016\u00a0h to 5\u00a0d\u00a05\u00a0h"
