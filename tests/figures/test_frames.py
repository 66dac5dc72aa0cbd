"""What a frame says of itself is what the figure says: whose rows, in which unit, of which code; or it is refused."""

import numpy as np
import pandas as pd
import pytest
from drawings import texts

import outages as ou
from outages.errors import InputError
from outages.figures import frames, style
from outages.figures.ecdf import curves
from outages.figures.style import svg
from outages.figures.tallies import Fill, stacked
from outages.language import Words
from outages.stats.intervals import Interval
from outages.stats.turnbull import resampled

WORDS, P, NAN = Words("en"), ou.plot, float("nan")
FIRST, SECOND = "2021-06-02-orange-fr-emergency-calls", "2012-07-06-orange-fr-mobile"


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


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize(("rows", "of"), [("incidents", "emergency_calls"), ("limits", "in_force"), ("lags", "timed")])
def test_yes_and_no_both_have_a_bar(study, rows, of, lang):
    """A column of truth values is no mask."""
    found = getattr(study, rows)
    told = names(P.counts(found if rows == "incidents" else found(), of=of, by="sector", lang=lang))
    yes, no = Words(lang)._("yes"), Words(lang)._("no")
    assert sorted(name.split()[-1] for name in told) == sorted([yes, no])


def test_counts_are_of_all_rows():
    """A row without a value is unknown, not left out."""
    figure = P.counts(own(4, of=["a", "a", None, "b"], by="x"), of="of", by="by")
    assert sorted(names(figure)) == ["a", "b", "unknown"]


def test_heads_of_claims_hold_no_fact(study):
    """Claims alone say no fact: narrowing them and choosing among services is not theirs."""
    figure = P.claims(ou.study().claims("2021-01-07-proximus-be-emergency-calls"), zone="Europe/Brussels")
    heads = [text.get_text() for text in figure.axes[0].texts if text.get_fontweight() == "bold"]
    assert "Onset" in heads and not any(sign.isdigit() for head in heads for sign in head)


def test_no_focus_marks_nothing():
    """A code or an identifier may be empty, too."""
    rows = own(3).rename(index={"i0": ""})
    for figure in (P.ranges(rows), P.bars(rows), P.curves(rows), P.counts(rows.assign(a="b", c="d"), of="a", by="c")):
        assert style.FOCUS not in svg(figure).decode() and "font: bold 8px" not in svg(figure).decode()


@pytest.mark.parametrize(
    ("draw", "label"),
    [
        (
            lambda s: P.bars(s.users().query("quantity == 'users_affected'")),
            "Users affected (people), logarithmic scale",
        ),
        (lambda s: P.bars(s.users().query("quantity == 'user_hours'")), "user-hours, logarithmic scale"),
        (lambda s: P.curves(ou.study().users().query("unit == 'persons'"), by="quantity"), "people, logarithmic scale"),
        (lambda s: P.curves(ou.cohort_values(ou.cohort_entries("aws-shd"), "silence")), "share"),
        (lambda s: P.bars(ou.cohort_values(ou.cohort_entries("aws-shd"), "lag")), "time (logarithmic scale)"),
        (lambda s: P.bars(s.limits()), "time (logarithmic scale)"),
        (lambda s: P.bars(s.lengths()), "length of the outage (logarithmic scale)"),
        (lambda s: P.curves(s.lengths()), "time after onset (linear to 10 min, then logarithmic)"),
        (lambda s: P.curves(s.lags(), by="lag"), "time (linear to 10 min, then logarithmic)"),
        (lambda s: P.curves(own()), "time (linear to 10 min, then logarithmic)"),
    ],
)
def test_an_axis_says_what_is_drawn(study, draw, label):
    """Minutes are time, and a length, or from onset, where the frame says so; others are numbers of their unit."""
    figure = draw(study)
    assert " ".join(figure.axes[0].get_xlabel().split()) == label
    others = label.startswith(("Users", "user", "people"))
    assert not others or not any(text.endswith(("\xa0d", "\xa0min", "\xa0h")) for text in texts(figure))


def test_rows_of_one_incident_are_told_apart(study):
    """Each row says its lag, quantity or limit; the name of a limit of one's own is its length."""
    for rows in (study.limits(), study.lags(), study.own_limits(), study.users().query("unit == 'user-hours'")):
        known = rows.dropna(subset=["low", "high"])
        told = frames.told_apart("bars", frames.measured("bars", known, ""), WORDS)
        assert not told["title"].duplicated().any()
    assert any(name.endswith("public · 30 min") for name in names(P.bars(study.own_limits())))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: P.bars(s.users()), "several units .* filter one"),
        (lambda s: P.curves(s.users(), by="quantity"), "several units .* filter one"),
        (lambda s: P.bars(s.users().drop(columns="unit")), "no column unit"),
        (lambda s: P.bars(s.claims()), "moments on a clock"),
        (lambda s: P.bars(pd.concat([own(2), own(2)])), "several rows are of i1; name each"),
        (lambda s: P.curves(s.lags()), "several rows are of .*by='lag'"),
        (lambda s: P.curves(pd.concat([own(2), own(2)])), "several rows are of i0; filter"),
        (lambda s: P.bars(ou.cohort_values(ou.cohort_entries(), "end_to_post")), "below zero"),
        (lambda s: P.curves(own().assign(low=-1.0)), "row i0: -1 is below zero"),
        (lambda s: P.ranges(own().assign(low=-1.0)), "row i0: -1 is below zero"),
        (lambda s: P.timeline(s.lags().query("start == 'detected'")), "no row starts at onset"),
        (lambda s: P.claims(s.claims()), "about .* incidents; filter one"),
        (lambda s: P.counts(own(a="b"), of="a", by="a"), "name two columns"),
        (lambda s: P.bars(own().assign(low="x")), "pass numbers"),
        (lambda s: P.bars(own(3).assign(high=[90.0, NAN, 92.0])), "row i1: high alone is empty; write inf"),
        (lambda s: P.ranges(own(3).assign(low=NAN)), "row i0: low alone is empty; write -inf"),
        (lambda s: P.curves(own()["low"]), "plot.curves: Series is no frame"),
        (lambda s: P.bars(s.lengths(), focus=FIRST[:-1]), f"focus: no row is of '.*'; did you mean {FIRST}"),
        (lambda s: P.timeline(s.lags(), focus="typo"), "focus: no row is of 'typo'; use one of"),
        (lambda s: P.claims(s.claims(FIRST), zone="Paris"), "zone: 'Paris' is not allowed; did you mean Europe/Paris"),
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
        (study.lags(), lambda r: P.timeline(r, focus=FIRST)),
        (study.lengths(), lambda r: P.bars(r, focus=FIRST)),
        (study.lengths(), lambda r: P.curves(r, focus=FIRST)),
        (study.third_parties(), lambda r: P.counts(r, of="party", by="involvement", focus=FIRST)),
    ):
        want = svg(draw(rows))
        assert svg(draw(rows.merge(mine, on="incident_id"))) == want == svg(draw(rows.reset_index()))
    for rows, of in ((study.own_limits(), "act"), (study.claims(), "kind")):
        assert texts(P.counts(rows, of=of, by="incident_id" if of == "act" else "table"))


def test_a_row_without_title_has_its_identifier():
    """So have entries of lists, and two incidents of one title."""
    assert names(P.bars(own(3, title=[NAN, "b", ""])))[::-1] == ["i0", "b", "i2"]
    entries = ou.cohort_values(ou.cohort_entries("github-status"), "lag")
    assert set(names(P.bars(entries))) <= set(entries["entry_id"])
    found = frames.identified("bars", pd.DataFrame({"title": ["Acme", "Acme", "Other"]}, ["a", "b", "c"]), "")
    assert found["title"].tolist() == ["a – Acme", "b – Acme", "Other"]


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


def test_many_codes_have_colours_that_differ():
    """What is beyond the colours that can be told apart is one part, which says how many codes it holds."""
    codes = [f"c{n}" for n in range(12) for _ in range(20 - n)]
    figure = P.counts(pd.DataFrame({"by": codes, "of": "a"}), of="of", by="by")
    drawn = [handle.get_facecolor() for handle in figure.legends[0].legend_handles]
    assert len(set(drawn)) == len(drawn) == 9 and figure.legends[0].get_texts()[-1].get_text() == "4 others"
    assert sum(bar.get_width() for bar in figure.axes[0].patches) == len(codes)


def test_groups_too_small_for_a_curve_are_named():
    """One incident is no share; and the largest groups alone are drawn."""
    groups = [f"g{n}" for n in range(9) for _ in range(7)] + ["few"] * 2
    said = " ".join(" ".join(texts(P.curves(own(len(groups), by=groups), by="by"))).split())
    assert "few (2)" in said and "few, n" not in said and "Drawn are the 7 largest of 9 groups." in said
    assert "few (2)" in " ".join(texts(P.curves(own(2, by="few"), by="by")))


def test_marks_stand_below_the_titles():
    """In figures of few incidents and of many."""
    for countries in ("NO", "FR", ""):
        figure = P.timeline(ou.study(countries=countries).lags())
        figure.draw_without_rendering()
        axis = figure.axes[0]
        titles = [label.get_window_extent().y0 for label in axis.get_yticklabels()]
        for line in (line for line in axis.lines if line.get_marker() not in ("None", None, "")):
            for x, y in line.get_xydata():
                row = min(range(len(titles)), key=lambda n, y=y: abs(y - 0.14 - n))
                assert axis.transData.transform((x, y))[1] < titles[row] - 1


def test_codes_are_written_as_labels():
    """A quantity, a unit, a country, a verdict, a day."""
    shown = names(P.ranges(ou.median(ou.study().users(), by=["unit", "quantity"]), unit="number", lang="fr"))
    assert "Utilisateurs touchés" in shown and not any("_" in name for name in shown)
    days = own(2, onset=pd.to_datetime(["2021-06-02", "2012-07-06"]))
    assert sorted(names(P.ranges(ou.median(days, by="onset")))) == ["2 June 2021", "6 July 2012"]
    assert names(P.ranges(ou.median(own(2, year=2021.0), by="year"))) == ["2021"]
    assert names(P.ranges(ou.median(own(2, country="FR;NO"), by="country"))) == ["France, Norway"]


def test_only_public_names_are_offered():
    """As the tabulator key shows them."""
    assert dir(P) == P.__all__
