"""A page says how it is cited; its figures carry what they are when copied; time limits of one's own are counted from
what is sure.
"""

import re
from html import unescape

import pytest
import yaml

import outages as ou
from conftest import rendered
from outages.figures.style import start, svg
from outages.language import Words
from outages.paths import ROOT
from outages.render.notebook import TOGETHER, unbroken
from outages.render.order import Order
from outages.report import html, note
from outages.report.comparison import citing
from outages.studies import ParameterError

FOCUS = "2021-06-02-orange-fr-emergency-calls"


def test_citation_holds_hostile_titles():
    """Title, data version, licence and BibTeX stand there; signs that HTML or BibTeX would obey do not."""
    text = str(citing(Words("en"), "A & B_{x} \\input{y} <script>", "0.1.0+abc", "page").html)
    assert "CC BY 4.0" in text and text.count("0.1.0+abc") == 2 and "<script>" not in text
    entry = unescape(re.search(r"<pre[^>]*>(.*?)</pre>", text, re.DOTALL)[1])
    assert "title = {{A \\& B\\_x inputy <script>}}" in entry
    assert entry.startswith("@misc{page,\n") and entry.count("{") == entry.count("}")


def test_a_filtered_page_as_a_publication(tmp_path):
    """Title, heading and citation say the selection; the other language sleeps until it is made; titles lead to
    dossiers.
    """
    given = {"services": "emergency_calls", "countries": "BE"}
    (job,) = Order().named(["affected-users"], given, ["en"])
    page = rendered(job, tmp_path)
    text = page.read_text(encoding="utf-8")
    title = re.search("<title>(.*?)</title>", text)[1]
    assert title.endswith(": emergency calls; Belgium") and "emergency calls; Belgium</span></h1>" in text
    assert text.index(f"“{title}”") > text.index('<section class="cite"')
    assert f'data-href="{page.name.replace(".en.", ".fr.")}"' in text and 'href="index.html#en"' in text
    assert re.search(r'(?:data-)?href="incident-dossier-2021-01-07-proximus-be-emergency-calls\.en\.html"', text)
    assert not re.search(r'(?<!data-)href="incident-dossier-', text)  # none is there


def test_data_of_ones_own_have_no_day_of_release():
    """What lies over the registry is no part of what was released that day."""
    day = Words("en").day(str(yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["date-released"]))
    for own in ((), ("tickets",)):
        text = str(citing(Words("en"), "A page", "0.1.0+abc", "page", own).html)
        assert (day in text) == ("year = " in text) == (not own)


@pytest.mark.parametrize("place", ["outside lower center", "outside upper right"])
def test_source_line_lies_below_all_else(place):
    """What a figure carries when it is copied is drawn below the lowest thing in it, also below a legend."""
    figure, axis = start(4)
    axis.plot([1, 2], label="legend")
    axis.set_xlabel("axis")
    figure.legend(loc=place)
    drawn = re.sub(r"\s+", " ", svg(figure, "Source; n = 3 of 9; whole registry").decode())
    at = {text: float(y) for y, text in re.findall(r' y="([-\d.]+)"[^>]*>(axis|legend|Source)', drawn)}
    at |= {text: float(y) for y, text in re.findall(r"translate\([-\d.]+ ([-\d.]+)\)[^>]*>(axis|legend|Source)", drawn)}
    assert len(at) == 3 and max(at["axis"], at["legend"]) + 6 < at["Source"]
    assert abs(at["axis"] - at["legend"]) > 6


def test_limits_of_ones_own_add_up():
    """Longer limits are met by no fewer; the table says the counts, the shortest limit first."""
    study = ou.study(services="emergency_calls", limits="120;30", focus=FOCUS, lang="fr")
    tried = study.own_limits()
    counts = tried.groupby(["act", "limit"])["verdict"].value_counts().unstack(fill_value=0)
    for _, rows in counts.groupby("act"):
        assert rows["met"].is_monotonic_increasing and rows["missed"].is_monotonic_decreasing
    text = str(note.limits(study, tried).html).replace("\u00a0", " ")
    assert text.index(">30 min<") < text.index(">2 h<") and text.count(">cette panne<") == 2
    for row in counts.itertuples():
        said = f"respecté par {row.met}, dépassé par {row.missed}, indécidable pour {row.undecidable}<"
        assert said in text or not row.met + row.missed


def test_limits_that_nothing_can_be_said_of():
    """Without limits nothing is shown, where no outage can be decided a sentence, without a focus no column of it."""
    undecided = ou.study(limits="1", countries="BE", since="2024-01-01")
    assert 'class="dropped"' in note.limits(undecided, undecided.own_limits()).html
    assert not note.limits(undecided, ou.study().own_limits()).html
    every = ou.study(limits="30")
    shown = note.limits(every, every.own_limits()).html
    assert shown.count("<td") == 2 and "this outage" not in shown


@pytest.mark.parametrize("limits", ["abc", "0", "30;-5", "1;2;3;4;5", "99999", "30.5", ";"])
def test_bad_limits_are_refused_in_one_line(limits):
    """Anything but one to four numbers of minutes is refused, and the message says what is allowed."""
    with pytest.raises(
        ParameterError, match=r"^limits: '.*' is not allowed; write one to four numbers of minutes"
    ) as said:
        ou.study(limits=limits)
    assert "\n" not in str(said.value) and len(str(said.value)) <= 200


def test_cells_that_hold_nothing_or_little_are_marked():
    """A phone leaves out what is empty, short values are not broken, and a row has a capital unless it is a name."""
    rows = [("share of <silence>", "–", "0 min to 18 min"), ("giffgaff", "", "1 h 24 min to 2 h 12 min")]
    shown = html.table("C", ["A", "B", "D"], rows, key="t")
    assert re.findall(r"<t[hd](?: scope=.row.)?( class=.\w+.)?>([^<]*)</t[hd]>", shown)[:6] == [
        ("", "Share of &lt;silence&gt;"),
        (' class="none"', "–"),
        (' class="short"', "0 min to 18 min"),
        ("", "giffgaff"),
        (' class="none"', ""),
        ("", "1 h 24 min to 2 h 12 min"),
    ]


def test_a_number_stays_with_what_it_counts():
    """What belongs together stands on one line in texts, and nothing changes inside tags."""
    typed = "<pre>n = 5\n3 of 9</pre>"
    page = '<p title="n = 5 of 9">Known (n = 5): 3 of 9, 3 sur 9; one of 9</p>'
    bound = '<p title="n = 5 of 9">Known (n\u00a0=\u00a05): 3\u00a0of\u00a09, 3\u00a0sur\u00a09; one of 9</p>'
    assert TOGETHER.sub(unbroken, typed + page + typed) == typed + bound + typed
