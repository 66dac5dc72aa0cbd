"""A page with other parameters than the catalogue's has a name of its own, readable and bounded; the standard page
stays.
"""

import re

import pytest

from conftest import INCIDENT
from outages.paths import ROOT
from outages.registry.registry import read_registry
from outages.render import NotebookError, planning, pool, publishing
from outages.render.index import awake, wake
from outages.render.order import LONGEST, Order, pairs, speaking

BT = "2023-06-25-bt-gb-999"
NAMES = {
    "comparative-report": (["comparative-report"], {}),
    "comparative-report-emergency-calls-fr-de-gb-be-us": (
        ["comparative-report"],
        {"countries": "FR;DE;GB;BE;US", "services": "emergency_calls"},
    ),
    "comparative-report-policy-widest": (["comparative-report"], {"policy": "widest"}),
    "detection-and-communication-telecom-min-users-100000": (
        ["detection-and-communication"],
        {"min_users": "100000", "sectors": "telecom"},
    ),
    "decision-note": (["decision-note"], {}),
    f"decision-note-{BT}": (["decision-note"], {"focus": BT}),
    f"decision-note-{BT}-gb-fr": (["decision-note"], {"focus": BT, "countries": "GB;FR"}),
    f"incident-dossier-{BT}": ([f"incident-dossier-{BT}"], {}),
    "telecom-report": (["telecom-report"], {}),
}


@pytest.fixture(scope="module")
def order():
    """Return an order over the public catalogue."""
    return Order()


@pytest.mark.parametrize("name", NAMES)
def test_names_say_what_was_chosen(name, order):
    """What is given stands in the name, in an order of its own; what is as by default does not."""
    names, given = NAMES[name]
    jobs = order.named(names, given, ["en", "fr"])
    assert [job.file for job in jobs] == [f"{name}.en.html", f"{name}.fr.html"]
    if "report" in name and given:
        assert order.named(names, given | {"min_users": "0"}, ["en"])[0].name == name


def test_a_report_without_parameters_is_the_standard_page(order):
    """The page under the catalogue's name is made with the catalogue's parameters, and has its key."""
    (job,) = order.named(["decision-note"], {}, ["fr"])
    entry = order.standard("decision-note.fr.html")
    assert job.parameters.items() >= entry.parameters.items()
    assert job.key == order.keys.of(entry.notebook.stem, "fr", entry.parameters)


def test_names_are_safe_and_bounded():
    """Any text gives letters, digits and hyphens; two that differ at their ends stay apart."""
    odd = speaking("page", {"operator": "Télé & Co../\x1b[2J 東京"}, ["Our Incidents"])
    assert odd == "page-tele-co-2j-our-incidents-e4af6edc"
    assert len({speaking("page", {"operator": name}, []) for name in ("東京電話", "Москва", "")}) == 3
    long = [speaking("page", {"operator": "x " * 80 + end}, []) for end in "ab"]
    assert long[0] != long[1] and all(len(name) <= LONGEST and re.fullmatch("[a-z0-9-]+", name) for name in long)


def test_pages_about_ones_own_incident_bear_the_name_that_links_have(make):
    """A note links to the dossier of its incident by name: that of an overlay's own incident bears it too."""
    order = Order([make("tickets")])
    own = INCIDENT["incident_id"]
    names = [
        order.named([n], g, ["en"])[0].file
        for n, g in ((f"incident-dossier-{own}", {}), ("decision-note", {"focus": own}))
    ]
    assert names == [f"incident-dossier-{own}.en.html", f"decision-note-{own}.en.html"]
    assert order.named([f"incident-dossier-{BT}"], {}, ["en"])[0].file == f"incident-dossier-{BT}-tickets.en.html"


@pytest.mark.parametrize("name", ["comparative-report", "telecom-report", f"incident-dossier-{BT}"])
def test_a_standard_page_is_never_overwritten(name, order):
    """A filtered page may not take the name of a page of the catalogue; with the parameters of that it may."""
    with pytest.raises(NotebookError, match="give this one another name"):
        order.named(["comparative-report"], {"countries": "FR"}, ["en"], page=name)
    given = {"sectors": "telecom;emergency_service"}
    assert order.named(["comparative-report"], given, ["en"], page="telecom-report")[0].name == "telecom-report"


def test_the_page_that_stood_there_stays(tmp_path, refused, monkeypatch):
    """On the command line too: one line, status 2, and the standard page as it was; bad names are refused."""
    monkeypatch.setattr(pool, "run_all", lambda *_a, **_k: pytest.fail("a report was run"))
    page = tmp_path / "comparative-report.en.html"
    page.write_text("standard")
    filtered = ["render", "comparative-report", "-p", "countries=FR", "--out", str(tmp_path)]
    for name in ("comparative-report", "../x", "a/b", ".hidden"):
        refused([*filtered, "--name", name])
    refused(["render", "methods", "comparative-report", "--name", "x"])
    refused(["render", "--all", "--name", "x"])
    assert page.read_text() == "standard" and [p.name for p in tmp_path.iterdir()] == [page.name]


def test_examples_of_the_readme_leave_standard_pages_alone(order):
    """No example with parameters makes a page under a name of the catalogue that is made otherwise."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = [line for line in re.findall(r"outages render (.*?)(?: +#.*)?$", readme, re.MULTILINE) if " -p " in line]
    assert len(shown) >= 3
    for line in shown:
        name, given = line.split()[0], pairs(re.findall(r'-p "?(\w+=(?:"[^"]*"|\S+))', line))
        given = {key: value.strip('"') for key, value in given.items()}
        if name.endswith(".ipynb") or "--data" in line:
            continue
        job = order.named([name], given, ["en"], page="".join(re.findall(r"--name (\S+)", line)))[0]
        assert job.name != name and not order.standard(job.file)


def test_titles_say_the_selection(order):
    """Title and heading name filters and overlays, in the language of the page."""
    given = {"services": "emergency_calls", "countries": "FR;DE"}
    said = [job.selection for job in order.named(["comparative-report"], given, ["en", "fr"])]
    assert said == ["emergency calls; France, Germany", "appels d’urgence\u00a0; France, Allemagne"]


@pytest.mark.parametrize("limit", read_registry().communication_targets["target_id"])
def test_a_limit_in_a_title_is_said_in_words(order, limit):
    """Who set it, how long it is and what it asks for, whatever it counts from, not its identifier."""
    said = [job.selection for job in order.named(["comparative-report"], {"targets": limit}, ["en", "fr"])]
    assert all(": " in text and limit not in text for text in said) and said[0] != said[1]


def test_links_sleep_until_their_page_is_there(tmp_path):
    """A link to a page that is not there leads nowhere; it wakes when the page comes, and only links of this folder
    do.
    """
    text = (
        '<a id="x" href="b.en.html#c">b</a> <a href="#here">i</a> '
        '<a href="https://x.org/b.en.html">o</a> <a href="sub/b.html">s</a>'
    )
    spaced = '<a href="a%20b.en.html#x">A</a>'
    assert awake(spaced, {"b.en.html"}) == spaced.replace("href", "data-href")
    assert awake(spaced.replace("href", "data-href"), {"a b.en.html"}) == spaced
    asleep = awake(text, set())
    assert asleep == text.replace(' href="b.en', ' data-href="b.en')
    (tmp_path / "a.en.html").write_text(asleep)
    wake(tmp_path, ["a.en.html"], {"a.en.html"})
    assert (tmp_path / "a.en.html").read_text() == asleep
    job = planning.Job("b", tmp_path / "b.ipynb", {}, "en", html="<title>b</title>")
    list(publishing.make_all([job], tmp_path))
    assert (tmp_path / "a.en.html").read_text() == text


@pytest.mark.parametrize(
    ("option", "given", "said"),
    [
        ("--name", "Acm\udcff", "name one report"),
        ("-p", "a=\udcff", "is not UTF-8"),
        ("--data", "", "no name in UTF-8"),
    ],
)
def test_names_that_are_not_utf_8_are_one_line(option, given, said, refused, make, tmp_path):
    """A byte of another encoding comes in as half of a sign, which no page can hold: in a name, a value, a folder."""
    refused(["render", "claims", option, given or make("s\udcffg"), "--out", tmp_path / "out"], said)
