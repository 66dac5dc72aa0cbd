"""Figures of registries that are right but thin or extreme: each opens, and says something or why not."""

import math

import pytest
from drawings import DRAWINGS, WORDS, table, texts

from outages.figures.intervals import ranges
from outages.figures.style import NAMED, TELLING, svg

INF, NAN = math.inf, math.nan
YEARS = 10 * 525_600.0  # minutes
CASES = {
    "none": [],
    "one": [(60, 60)],
    "one length": [(60, 60)] * 3,
    "open ends": [(30, INF), (45, INF)],
    "nothing known": [(NAN, NAN)] * 2,
    "nothing known of many": [(NAN, NAN)] * 30,
    "zero": [(0, 0)],
    "below a minute": [(0, 0.5), (0.1, 0.2)],
    "one minute and ten years": [(1, 1), (YEARS, YEARS)],
    "years only": [(YEARS, YEARS)] * 2,
    "from zero to ten years": [(0, YEARS)],
    "1e27": [(1e27, 1e27)],
    "1 and 1e27": [(1, 1), (1e27, INF), (NAN, NAN)],
    "many of one length": [(60, 60)] * 25,
    "many with open ends": [(60, INF)] * 25,
}
OF_NAMES = ("stacked", "parties", "graph")  # figures that do not depend on the values
TRIED = [(kind, case) for kind in DRAWINGS for case in CASES if kind not in OF_NAMES or case in ("none", "one")]


@pytest.mark.parametrize(("kind", "case"), TRIED)
def test_thin_and_extreme(kind, case):
    """Every kind of figure comes out of every kind of registry, well formed and with something to read."""
    said = texts(DRAWINGS[kind](table(CASES[case])))
    assert said and not any(word in text for text in said for word in ("nan", "inf"))


@pytest.mark.parametrize("low", [-1e12, 0.0, 1.0, 4.3e9, 1e27])
def test_hours_outside_the_calendar(low):
    """Moments that no calendar holds are drawn at its end."""
    assert texts(DRAWINGS["claims"](table([(low, low + 30), (low, INF)])))


@pytest.mark.parametrize("kind", DRAWINGS)
def test_any_text_gives_a_picture_that_opens(kind):
    """Characters that no XML may hold are left out, tags stay text, dollar signs begin no formula."""
    title = "A\x0b\x13\x00\ufffe\uffffB & <b> $x_{2$ \\alpha 故障"
    said = texts(DRAWINGS[kind](table([(5, 60), (7, 90)], title)))
    assert kind == "panels" or any("AB & <b> $x_{2$ \\alpha 故障" in text for text in said)


@pytest.mark.parametrize("kind", DRAWINGS)
def test_what_is_drawn_is_bounded(kind):
    """However many incidents there are, a figure draws a few hundred at most and says so."""
    many = svg(DRAWINGS[kind](table([(n + 1, n + 2) for n in range(1000)])))
    assert len(many) < 400_000
    if kind not in ("panels", "curves", "parties", "graph"):
        assert b"of 1,000" in many


def test_the_most_telling_rows_and_the_one_in_focus_are_drawn():
    """Of too many rows the greatest stay, and the one in focus."""
    rows = table([(n + 1, n + 1) for n in range(NAMED + 1)], focus=7)
    said = texts(ranges(rows, WORDS, how="minutes", xlabel="x"))
    assert {"Acme, 7", f"Acme, {NAMED}"} <= set(said) and "Acme, 8" not in said
    assert f"drawn are {TELLING + 1} of {NAMED + 1}" in said
