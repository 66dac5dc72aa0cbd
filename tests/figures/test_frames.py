"""What a frame says of itself is what the figure says: whose rows, in which unit, of which code; or it is refused."""

import numpy as np
import pandas as pd
import pytest
from drawings import table, texts

import outages as ou
from outages.errors import InputError
from outages.figures import style
from outages.figures.ecdf import curves
from outages.figures.style import svg
from outages.figures.tallies import Fill, stacked
from outages.figures.timelines import MARKS, aligned_timeline
from outages.language import Words
from outages.stats.intervals import Interval
from outages.stats.turnbull import resampled

WORDS, P, NAN = Words("en"), ou.plot, float("nan")
FIRST = "2021-06-02-orange-fr-emergency-calls"


@pytest.fixture(scope="module")
def study():
    """Open the French incidents."""
    return ou.study(countries="FR", limits="30;60")


def own(n: int = 8, **columns: object) -> pd.DataFrame:
    """Return a frame of one's own, one row an incident."""
    return pd.DataFrame(
        {"low": np.arange(n) + 60.0, "high": np.arange(n) + 90.0, **columns}, [f"i{k}" for k in range(n)]
    )


def names(figure) -> list[str]:
    """Return the names of the rows."""
    return [label.get_text() for label in figure.axes[0].get_yticklabels()]


def test_no_focus_marks_nothing():
    """A code or an identifier may be empty, too."""
    rows = own(3).rename(index={"i0": ""})
    for figure in (P.bars(rows), P.curves(rows)):
        assert style.FOCUS not in svg(figure).decode() and "font: bold 8px" not in svg(figure).decode()


@pytest.mark.parametrize(
    ("draw", "label"),
    [
        (lambda s: P.bars(ou.cohort_values(ou.cohort_entries("aws-shd"), "lag")), "time (logarithmic scale)"),
        (lambda s: P.bars(s.lengths()), "length of the outage (logarithmic scale)"),
        (lambda s: P.curves(s.lengths()), "time after onset (linear to 10 min, then logarithmic)"),
        (lambda s: P.curves(s.lags(), by="lag"), "time (linear to 10 min, then logarithmic)"),
        (lambda s: P.curves(own()), "time (linear to 10 min, then logarithmic)"),
    ],
)
def test_an_axis_says_what_is_drawn(study, draw, label):
    """Minutes are time, and a length, or from onset, where the frame is one of lengths."""
    assert " ".join(draw(study).axes[0].get_xlabel().split()) == label


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: P.bars(s.users()), "several units .* filter one"),
        (lambda s: P.curves(s.users(), by="quantity"), "several units .* filter one"),
        (lambda s: P.bars(s.users().drop(columns="unit")), "no column unit"),
        (lambda s: P.bars(s.claims()), "moments on a clock"),
        (lambda s: P.bars(s.users().query("unit == 'persons'")), "plot.bars draws minutes from zero up"),
        (lambda s: P.bars(ou.cohort_values(ou.cohort_entries("aws-shd"), "silence")), "plot.bars draws minutes"),
        (lambda s: P.bars(ou.cohort_values(ou.cohort_entries(), "end_to_post")), "plot.bars draws minutes"),
        (lambda s: P.curves(own().assign(low=-1.0)), "plot.curves draws minutes from zero up"),
        (lambda s: P.bars(s.limits()), "several rows are of .*; keep one row an incident"),
        (lambda s: P.curves(s.lags()), "several rows are of .*; keep one row an incident"),
        (lambda s: P.curves(pd.concat([own(2, a="b")] * 2), by="a"), "several rows are of i0; keep one .* and a"),
        (lambda s: P.bars(own().assign(low="x")), "pass numbers"),
        (lambda s: P.bars(own(3).assign(high=[90.0, NAN, 92.0])), "row i1: high alone is empty; write inf"),
        (lambda s: P.curves(own(3).assign(low=NAN)), "row i0: low alone is empty; write -inf"),
        (lambda s: P.curves(own()["low"]), "plot.curves: Series is no frame"),
        (lambda s: P.bars(own(2).assign(low=NAN, high=NAN)), "plot.bars: nothing is known of these rows"),
        (lambda s: P.curves(own(0)), "plot.curves: nothing is known of these rows"),
        (lambda s: P.curves(own(2, by="few"), by="by"), "no group has 6 known values"),
        (lambda s: P.bars(s.lengths(), focus=FIRST[:-1]), f"focus: no row is of '.*'; did you mean {FIRST}"),
        (lambda s: P.curves(s.lags(), by="lag", focus="typo"), "focus: no row is of 'typo'; use one of"),
        *((lambda s, draw=draw: draw(own(), lang="de"), "lang: 'de' is not allowed") for draw in (P.bars, P.curves)),
        *(
            (lambda s, f=f: f(own().assign(low=100.0)), "row i0: low .100. is above high .90.")
            for f in (P.bars, P.curves)
        ),
        (lambda s: ou.curve(own().assign(low=100.0)), "row i0: low .100. is above high .90."),
    ],
)
def test_what_cannot_be_drawn_truly_is_refused(study, call, message):
    """One line says where, what is wrong, and what to do."""
    with pytest.raises(InputError, match=message) as caught:
        call(study)
    assert "\n" not in str(caught.value) and len(str(caught.value)) <= 180


def test_the_incident_is_in_a_column_or_in_the_index(study):
    """Merging or resetting the index changes no figure, nor what is in focus."""
    mine = pd.DataFrame({"incident_id": [*study.incidents.index], "team": "a"})
    for rows, draw in (
        (study.lengths(), lambda r: P.bars(r, focus=FIRST)),
        (study.lags(), lambda r: P.curves(r, by="lag", focus=FIRST)),
    ):
        want = svg(draw(rows))
        assert svg(draw(rows.merge(mine, on="incident_id"))) == want == svg(draw(rows.reset_index()))


def test_a_row_without_title_has_its_identifier():
    """So have entries of lists; two incidents of one title have a bar each."""
    assert names(P.bars(own(3, title=[NAN, "b", ""])))[::-1] == ["i0", "b", "i2"]
    entries = ou.cohort_values(ou.cohort_entries("github-status"), "lag")
    assert set(names(P.bars(entries))) <= set(entries["entry_id"])
    assert names(P.bars(own(2, title="Acme"))) == ["Acme", "Acme"]


def test_a_long_name_in_focus_leaves_the_axes_their_width():
    """It stands above in lines as wide as the axes."""

    def width(focus: dict) -> float:
        figure = curves({"": resampled(own())}, WORDS, ylabel="y", band=False, focus=focus)
        figure.draw_without_rendering()
        return figure.axes[0].get_position().width

    assert width({"operator " * 20: Interval(400.0, 500.0)}) == pytest.approx(width({}), rel=0.02)


@pytest.mark.parametrize("rows", range(1, 7))
@pytest.mark.parametrize("label", ["short", "a code of quite some length"])
def test_a_bar_covers_no_name_and_a_legend_fits(rows, label):
    """However few bars there are, and however long the names of their parts."""
    fills = {n: Fill(style.PALETTE[n], "", f"{label} {n}") for n in range(6)}
    counts = pd.DataFrame(1, index=[f"row {n}" for n in range(rows)], columns=list(fills))
    figure = stacked(counts, fills, WORDS, xlabel="x")
    figure.draw_without_rendering()
    axis, (legend,) = figure.axes[0], figure.legends
    for name, bar in zip(axis.get_yticklabels(), axis.patches, strict=False):
        below, above = sorted(axis.transData.transform([(0, bar.get_y()), (0, bar.get_y() + bar.get_height())])[:, 1])
        assert below < above <= name.get_window_extent().y0 + 1
    assert legend.get_window_extent().x0 >= 0 and legend.get_window_extent().x1 <= figure.bbox.width


def test_groups_too_small_for_a_curve_are_named():
    """One incident is no share; and the largest groups alone are drawn."""
    groups = [f"g{n}" for n in range(9) for _ in range(7)] + ["few"] * 2
    said = " ".join(" ".join(texts(P.curves(own(len(groups), by=groups), by="by"))).split())
    assert "few (2)" in said and "few, n" not in said and "g7 (7), g8 (7)" in said


@pytest.mark.parametrize("rows", [2, 6, 30])
def test_marks_stand_below_the_titles(rows):
    """In figures of few incidents and of many."""
    incidents = table([(n, 2 * n) for n in range(rows)]).rename_axis("incident_id")
    marks = pd.concat([incidents.reset_index().assign(moment=moment) for moment in MARKS])
    figure = aligned_timeline(incidents, marks, WORDS)
    figure.draw_without_rendering()
    axis = figure.axes[0]
    titles = [label.get_window_extent().y0 for label in axis.get_yticklabels()]
    for line in (line for line in axis.lines if line.get_marker() not in ("None", None, "")):
        for x, y in line.get_xydata():
            row = min(range(len(titles)), key=lambda n, y=y: abs(y - 0.14 - n))
            assert axis.transData.transform((x, y))[1] < titles[row] - 1


def test_only_public_names_are_offered():
    """As the tabulator key shows them."""
    assert dir(P) == P.__all__
