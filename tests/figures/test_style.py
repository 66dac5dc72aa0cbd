"""Figures depend on nothing but what is drawn: no setting of the user, no backend, no library that is not needed."""

import os
import subprocess
import sys

import matplotlib as mpl
import pytest
from drawings import DRAWINGS, table

from outages.figures import intervals
from outages.figures.style import INK, fitted, ink_on, minute_ticks, start, svg
from outages.language import Words

DRAW = """
import hashlib, sys, warnings
sys.path.insert(0, {tests!r})
from drawings import DRAWINGS, table
from outages.figures.style import svg
drawn = b"".join(svg(DRAWINGS[kind](table([(5, 60), (7, 90)]))) for kind in ("bars", "ranges", "stacked"))
loaded = [name for name in ("seaborn", "matplotlib.pyplot", "scipy") if name in sys.modules]
print(hashlib.sha256(drawn).hexdigest(), loaded)
"""


def drawn_by(folder, **environment: str) -> str:
    """Return the hash of all figures as another process draws them, and what of the unneeded it loaded."""
    code = DRAW.format(tests=os.path.dirname(__file__))
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(folder), **environment},
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_settings_of_the_user_change_nothing(tmp_path):
    """A dark matplotlibrc and any backend, known or not, give the bytes of a plain surrounding; no library is loaded
    that figures do not need.
    """
    plain = drawn_by(tmp_path)
    assert plain.endswith(" []\n")
    dark = "savefig.facecolor: black\naxes.facecolor: black\nfont.size: 30\nlines.marker: o\nsvg.fonttype: path\n"
    (tmp_path / "matplotlibrc").write_text(dark + "axes.grid: False\naxes.formatter.use_locale: True\n")
    assert [drawn_by(tmp_path, MPLBACKEND=backend) for backend in ("module://nowhere", "nonsense")] == [plain] * 2


@pytest.mark.parametrize("kind", ["bars", "ranges", "aligned", "stacked"])
def test_settings_of_the_process_change_nothing_and_are_kept(kind):
    """Settings at the time of drawing have no say, not even on ticks that are made late; nor are they changed."""
    want = svg(DRAWINGS[kind](table([(5, 60), (7, 90)])))
    with mpl.rc_context(
        {"axes.facecolor": "black", "xtick.color": "red", "font.size": 30, "savefig.facecolor": "black"}
    ):
        before = dict(mpl.rcParams)
        figure = DRAWINGS[kind](table([(5, 60), (7, 90)]))
        assert figure._repr_svg_().encode() == want
        assert dict(mpl.rcParams) == before
    assert isinstance(figure, mpl.figure.Figure)


@pytest.mark.parametrize(
    ("low", "high"), [(1, 1), (1, 1e6), (5, 6), (3, 4), (170_000, 175_000), (2e5, 3e5), (1e27, 2e27), (1, 1e30)]
)
def test_an_axis_of_minutes_has_one_to_nine_ticks(low, high):
    """Some tick lies between any two ends, and labels do not crowd."""
    _, axis = start(1)
    minute_ticks(axis, Words("en"), low, high)
    assert 1 <= len(axis.get_xticks()) <= 10 and all(low * 0.9 <= tick <= high * 1.1 for tick in axis.get_xticks())


def test_ink_can_be_read():
    """Dark on light, white on dark."""
    assert ink_on("#ece133") == INK and ink_on("#0173b2") == "white"


def test_a_name_that_is_cut_keeps_its_date_if_there_is_room():
    """Words go from the end of what happened; the month by which two outages differ stays as long as it can."""
    name = "Acme: emergency calls and mobile network of the whole country, June 2021"
    assert fitted(name, 1000) == name
    assert fitted(name, 200) == "Acme: emergency calls and mobile…, June 2021"
    assert fitted(name, 45) == "Acme…" and fitted(name, 1) == "…"


def test_a_name_without_blanks_is_cut_by_letters():
    """An identifier has no words; what comes after it stays."""
    own = "2022-06-14-google-us-console-instances"
    assert fitted(own, 100).startswith("2022-06-14-goo")
    assert fitted(f"{own}, public", 130).startswith("2022-06-14-") and fitted(f"{own}, public", 130).endswith(
        ", public"
    )


def test_names_of_rows_use_the_width_there_is():
    """A name is cut only where it would run into its value or over the edge, and then as little as can be."""
    name = "KT: western Seoul cut off by the Ahyeon exchange fire"
    long = " ".join(["cable"] * 40)
    rows = table([(5, 60), (7, 90), (8, 80)]).assign(title=[name, long, long], focus=[False, False, True])
    figure = intervals.length_bars(rows.assign(label=["50 d to 52 d"] * 3), Words("en"))
    figure.draw_without_rendering()
    (axis,) = figure.axes
    labels, values = axis.get_yticklabels(), axis.texts
    assert labels[0].get_text() == name and all("…" in label.get_text() for label in labels[1:])
    for label, value in zip(labels, values, strict=True):
        free = value.get_window_extent().x0 - label.get_window_extent().x1
        assert free > 0 and (label is labels[0] or free < 60)
