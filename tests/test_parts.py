"""All parts of all reports come out on few incidents and on many, in both languages, and say what they leave unsaid."""

import json
import random
import re

import pytest

from outages.paths import DATA, NOTEBOOKS
from outages.registry.registry import Registry, keep, read_registry
from outages.report.comparison import Report
from outages.study import ParameterError, Study, open_incident, open_study
from outages.language import Words
from test_data import FOUNDING
from test_pages import Reader

DEEP = {
    "comparative-report": "", "outage-length": "length", "affected-users": "users", "detection-and-communication": "delays", "third-parties": "parties",
    "recommendations": "advice", "data-quality": "quality",
}  # fmt: skip


@pytest.fixture(scope="module")
def registry() -> Registry:
    """Read the registry once."""
    return read_registry((), DATA)


def calls(name: str) -> list[str]:
    """Return the calls of a notebook."""
    cells = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    return ["".join(c["source"]) for c in cells if c["cell_type"] == "code" and not c["metadata"].get("tags")]


def whole(name: str, registry: Registry, lang: str, focus: str = "") -> str:
    """Return the HTML of all parts of a notebook."""
    report = Report(Study(registry, "authority", Words(lang), focus=focus), DEEP[name])
    return "\n".join(str(eval(call, {"report": report}).html) for call in calls(name))


def checked(text: str) -> Reader:
    """Check what holds for every page: links lead somewhere, ids are unique, no number is a slip of the computer."""
    page = Reader(text)
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    shown = re.sub(r"<[^>]+>", " ", re.sub(r"<pre.*?</pre>", "", text, flags=re.DOTALL))
    slips = [shown[max(m.start() - 60, 0) : m.end() + 60] for m in re.finditer(r"\b(nan|inf|NaN|NaT)\b", shown)]
    assert slips == []
    assert "{" not in re.sub(r"<style.*?</style>", "", shown)
    return page


@pytest.mark.parametrize("name", DEEP)
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_parts_on_the_founding_incidents(name, lang, registry):
    """The four founding incidents alone give every figure or say why not, with one of them in focus."""
    text = whole(name, keep(registry, FOUNDING), lang, FOUNDING[0])
    checked(text)
    assert text.count("<figure") + text.count('class="dropped"') >= (1 if name == "recommendations" else 2)
    if lang == "fr":
        assert " of " not in re.sub(r"<[^>]+>", " ", re.sub(r"<(pre|cite|li|td|th).*?</\1>", "", text, flags=re.DOTALL))


@pytest.mark.parametrize("seed", [1, 2])
def test_parts_on_any_incidents(seed, registry):
    """Any few incidents give every part of the comparison."""
    drawn = random.Random(seed).sample(list(registry.incidents.index), 2 if seed == 1 else 27)
    for name in DEEP:
        checked(whole(name, keep(registry, sorted(drawn)), "en", sorted(drawn)[0]))


def test_one_incident_says_what_it_leaves_unsaid(registry):
    """With one incident no interval by chance is given, and the list of what is left unsaid is long."""
    report = Report(Study(keep(registry, FOUNDING[:1]), "authority", Words("en")))
    assert len(report.trust.dropped()) == 7
    assert "95%" not in str(report.length.groups_table().html).split("<tbody>")[1]
    assert report.trust.dropped()[0] in str(report.trust.few_note().html)
    # of the ways in which incidents come in, those alone that occur
    assert "(0)" not in str(report.trust.few_note().html)
    assert not Report(Study(registry, "authority", Words("en"))).trust.dropped()


def test_focus_is_marked_everywhere(registry):
    """A focus changes every figure in which the incident can be seen, and each says its rank."""
    few = keep(registry, FOUNDING)
    for part in (
        "length.figure",
        "length.curve",
        "length.groups_figure",
        "users.figure",
        "delays.figure",
        "delays.first_seen",
        "parties.figure",
        "advice.theme_bars",
    ):
        drawn = []
        for focus in ("", "2012-07-06-orange-fr-mobile"):
            owner, method = part.split(".")
            report = Report(Study(few, "authority", Words("en"), focus=focus))
            drawn.append(str(getattr(getattr(report, owner), method)().html))
        assert drawn[0] != drawn[1] or "dropped" in drawn[0], part


def test_min_users_and_targets(registry):
    """Only incidents that surely hit so many people stay; only the limits asked for are replayed."""
    study = open_study(min_users=1_000_000)
    assert 0 < study.n < 60 and (Report(study).evidence.users["low"] >= 1_000_000).all()
    one = open_study(targets="orange-crisis-cell-30min", countries="FR")
    assert list(one.registry.communication_targets["target_id"]) == ["orange-crisis-cell-30min"]
    for wrong in ({"min_users": -1}, {"targets": "nobody"}, {"min_users": 10**12}):
        with pytest.raises(ParameterError):
            open_study(**wrong)


def test_parameters_of_the_wrong_kind():
    """A parameter written by hand with quotes too few or too many is refused in one line that names it."""
    wrong = {"min_users": "1000000", "since": 2012, "sectors": ["telecom"], "lang": 1, "data": "folder"}
    for name, value in wrong.items():
        with pytest.raises(ParameterError, match=rf"^{name}: [^\n]*; write [^\n]+$"):
            open_study(**{name: value})
    with pytest.raises(ParameterError, match="incident: 2012 is not a text"):
        open_incident(incident=2012)


def test_same_table_same_sentence(registry):
    """The medians of the headlines stand in the tables that they link to, on any policy."""
    for policy in ("widest", "latest"):
        report = Report(Study(registry, policy, Words("fr")))
        tables = {
            "t-groups": report.length.groups_table,
            "t-lags": report.delays.summary,
            "t-concentration": report.users.concentration,
        }
        said = re.findall(r'href="#(t-[a-z]+)">([^<]+)<', str(report.summary().html))
        assert {key for key, _ in said} >= set(tables)
        for key, number in said:
            assert key not in tables or number in str(tables[key]().html)
