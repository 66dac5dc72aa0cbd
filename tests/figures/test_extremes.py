"""Figures of registries that are right but thin or extreme: each opens, and says something or why not."""

import math

import pytest
from drawings import DRAWINGS, table, texts

import outages as ou
from outages.figures.style import LISTED, MANY

INF, NAN = math.inf, math.nan
YEARS = 10 * 525_600.0  # minutes
CASES = {
    "one": [(60, 60)],
    "one length": [(60, 60)] * 3,
    "open ends": [(30, INF), (45, INF)],
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
TRIED = [(kind, case) for kind in DRAWINGS for case in CASES if kind not in OF_NAMES or case == "one"]


@pytest.mark.parametrize(("kind", "case"), TRIED)
def test_thin_and_extreme(kind, case):
    """Every kind of figure comes out of all values, well formed and with something to read."""
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


def test_of_many_rows_the_longest_and_the_one_in_focus_are_drawn():
    """However many incidents there are, a figure has few rows, and says of how many."""
    rows = table([(n + 1, n + 1) for n in range(1000)]).drop(columns="focus").rename(str)
    said = texts(ou.plot.bars(rows, focus="7"))
    assert {"Acme, 7", "Acme, 999"} <= set(said) and "Acme, 8" not in said
    assert f"drawn are {MANY + 1} of 1,000" in said


def test_of_many_claims_some_are_drawn():
    """A figure of one incident has a bound, and says of how many claims it draws some."""
    assert f"drawn are {LISTED} of 1,000" in texts(DRAWINGS["claims"](table([(n + 1, n + 2) for n in range(1000)])))
