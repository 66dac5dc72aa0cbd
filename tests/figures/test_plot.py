"""The face for notebooks: a tidy frame in, a figure out, in either language, with errors of one line."""

import doctest

import matplotlib.figure
import pandas as pd
import pytest
from drawings import texts

import outages as ou
from outages import figures
from outages.errors import InputError
from outages.facts.third_parties import network
from outages.figures.network import most_linked
from outages.language import LANGUAGES, Words

FOCUS = "2012-07-06-orange-fr-mobile"


@pytest.fixture(scope="module")
def study():
    """Open the French incidents."""
    return ou.study(countries="FR")


def drawn(study, lang: str = "en") -> dict[str, matplotlib.figure.Figure]:
    """Return what each public name draws of a study."""
    lengths, lags, plot = study.lengths(), study.lags(), ou.plot
    return {
        "bars": plot.bars(lengths, lang=lang),
        "curves": plot.curves(lags, by="lag", lang=lang),
    }


def test_public_names():
    """Few names, pinned; each has an example."""
    assert figures.__all__ == ["bars", "curves"]
    assert all(">>> " in getattr(figures, name).__doc__ for name in figures.__all__)
    assert ou.plot is figures


def test_examples_run():
    """The examples of the docstrings give what they say."""
    ran = doctest.testmod(figures)
    assert ran.failed == 0 < ran.attempted


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_name_draws_a_study(study, lang):
    """Frames as a study returns them become figures that show themselves, in both languages."""
    for name, figure in drawn(study, lang).items():
        shown = figure._repr_svg_()
        assert isinstance(figure, matplotlib.figure.Figure) and shown.startswith("<?xml"), name
        assert shown.count("<text") > 3, name


def test_registry_of_one_incident(make):
    """One incident of known length gives both figures; one of which nothing is known but its onset gives a line."""
    assert all(texts(draw(ou.study(base=make("whole")).lengths())) for draw in (ou.plot.bars, ou.plot.curves))
    lengths = ou.study(base=make("onset", events=[])).lengths()
    for draw in (ou.plot.bars, ou.plot.curves):
        with pytest.raises(InputError, match="nothing is known"):
            draw(lengths)


def test_focus_changes_every_figure_in_which_an_incident_is_seen(study):
    """The incident in focus is marked."""
    for draw in (ou.plot.bars, ou.plot.curves):
        assert draw(study.lengths())._repr_svg_() != draw(study.lengths(), focus=FOCUS)._repr_svg_()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ou.plot.bars(pd.DataFrame({"low": [1.0]})), "plot.bars: there is no column 'high'"),
        (lambda: ou.plot.curves(pd.DataFrame({"low": [1.0], "high": [1.0]}), by="town"), "there is no column 'town'"),
        (lambda: ou.plot.curves(ou.study().lengths(), by=["sector"]), r"there is no column '\[.*sector.*\]'"),
    ],
)
def test_frames_that_cannot_be_drawn_are_one_line(call, message):
    """The message says what is missing."""
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", [1e27, 1e300, 10**30])
def test_numbers_of_any_size_are_written(value):
    """A number of hundreds of digits is no error."""
    assert Words("en").number(value).startswith("1,") or "9" in Words("en").number(value)


def test_the_network_names_only_operators_with_two_lines():
    """Every operator drawn has two lines or more, nobody stands without one, and the focus stays in any case."""
    own = ou.study()
    parties = own.third_parties()
    links = network(parties).value_counts(["operator", "party", "kind"]).reset_index(name="incidents")
    for focus in ("", "LG Uplus"):
        drawn, (left, middle, right) = most_linked(links, focus)
        lines = drawn["operator"].value_counts()
        assert set(lines.index) == set(middle) and len(lines) > 2 and lines.drop(focus, errors="ignore").min() >= 2
        assert {*drawn["party"]} == {*left, *right} and (focus in lines or not focus)
