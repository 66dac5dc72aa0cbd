"""Notebooks are thin and run by name; other people's run by path; broken ones fail alone."""

import json
import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from conftest import BOTH, rendered, write_notebook
from outages.cli import main
from outages.paths import NOTEBOOKS
from outages.render import NotebookError, parameters_of, plan, planning, report_names
from outages.render.notebook import with_ids
from outages.render.order import Order

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
COMMON = [
    *("lang", "policy", "focus", "countries", "sectors", "services", "since", "until", "operator", "min_users"),
    "data",
]


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_notebook_is_thin(path):
    """No outputs, no code but calls, known tags only, parameters typed and explained."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    code = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    assert all(not c["outputs"] and c["execution_count"] is None for c in code)
    assert len({c["id"] for c in notebook["cells"]}) == len(notebook["cells"])
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    for cell in code:
        source, tags = "".join(cell["source"]), cell["metadata"].get("tags", [])
        assert set(tags) <= {"parameters", "setup", "lab"}
        assert not re.search(r"^\s*(def|class|for|while|%|!)|https?://|warnings\.", source, re.MULTILINE), source
        if "parameters" in tags:
            assert all(re.fullmatch(r"\w+: (str|int|float|bool|list) = .+  # .+", line) for line in source.splitlines())
        elif not tags:
            assert len(source.splitlines()) <= 3


def test_defaults_run_and_say_something(pages):
    """Each notebook that takes parameters runs with its defaults; the one to explore takes none."""
    made = {p.name.split(".")[0] for p in pages.glob("*.*.html")}
    assert made == set(report_names()) == {path.stem for path in PATHS} - {"explore"}
    assert all(len(list(pages.glob(f"{name}.*.html"))) == 2 for name in BOTH)
    assert all((pages / f"comparative-report.{lang}.html").stat().st_size < 400_000 for lang in ("en", "fr"))
    listed = (pages / "pages.html").read_text(encoding="utf-8")
    assert all(f'href="{p.name}"' in listed for p in pages.glob("*.*.html"))


LIMITED = ("comparative-report", "detection-and-communication")  # replay time limits, and take some of one's own
OTHERS = ("incident-dossier", "methods", "decision-note", "status-pages", "landing")  # with a subject of their own


@pytest.mark.parametrize("name", [n for n in report_names() if n not in OTHERS])
def test_reports_take_the_same_parameters(name):
    """Every report on the registry takes the parameters of the comparative report."""
    asked = parameters_of(NOTEBOOKS / f"{name}.ipynb")
    own = ["targets", "limits"] if name in LIMITED else []
    assert list(asked) == [*COMMON[:-1], *own, "data"] and asked["min_users"].type == "int"


@pytest.mark.parametrize("name", report_names())
def test_parameters_are_those_that_papermill_reads(name):
    """The reader of the parameters cell finds what papermill would, names, types, defaults and help."""
    import papermill

    theirs = papermill.inspect_notebook(str(NOTEBOOKS / f"{name}.ipynb"))
    wanted = {n: (p["inferred_type_name"].strip(), p["default"], p["help"].strip()) for n, p in theirs.items()}
    assert {n: (p.type, p.default, p.help) for n, p in parameters_of(NOTEBOOKS / f"{name}.ipynb").items()} == wanted


def test_same_inputs_give_the_same_bytes(pages, tmp_path):
    """A second run with the same inputs gives the same page, byte for byte, but for links to pages that are not beside
    it; for the dossier see tests/render/test_pool.py.
    """
    again = rendered(plan("comparative-report", {}, "fr", []), tmp_path)
    one, two = (path.read_bytes().replace(b"data-href=", b"href=") for path in (again, pages / again.name))
    assert one == two


def test_any_notebook_renders_by_path(tmp_path, refused, capsys):
    """A notebook of one's own, without kernel metadata, runs in a kernel in its folder; its parameters are optional."""
    given = new_code_cell("threshold = 3  # how many\nname = 'x'", metadata={"tags": ["parameters"]})
    cells = ["from pathlib import Path\nprint(Path('beside').exists(), threshold, name)", "'<b>&'"]
    cells.append("from IPython.display import Markdown, display\ndisplay(Markdown('*md*'))")
    cells.append(new_markdown_cell("# My <b>own</b> & *so* on\n\n## 2. Why"))
    lab = new_code_cell("1 / 0", metadata={"tags": ["lab"]})
    path = write_notebook(tmp_path / "my own.ipynb", given, new_markdown_cell(""), *cells, lab, metadata={})
    (tmp_path / "beside").touch()
    run = ["render", str(path), "-p", "threshold=7", "-p", "name=NO", "--lang", "fr", "--out", str(tmp_path / "out")]
    assert main([*run, "--quiet"]) == 0
    page = (tmp_path / "out" / "my own.fr.html").read_text(encoding="utf-8")
    assert "takes no parameter lang, and its content stays as it is" in capsys.readouterr().err
    assert "<em>md</em>" in page and '<h1 id="top">My <b>own</b> &amp; <em>so</em> on</h1>' in page
    assert '<a href="#section-2">2. Why</a>' in page
    assert "<title>My own &amp; so on</title>" in page and "True 7 NO" in page and "&lt;b&gt;&amp;" in page
    assert 'href="my%20own.fr.html"' in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    refused(["render", path, "-p", "threshold=many"], "threshold: 'many' is not allowed; write a whole number")
    refused(["render", path, "--data", tmp_path], "no parameter data")


@pytest.mark.usefixtures("notebook")
def test_a_notebook_of_the_project_may_have_parameters_of_its_own(tmp_path):
    """Only those of a study choose outages; what is its own is handed to the notebook alone."""
    cell = new_code_cell('lang: str = "en"  # language\nfirst: int = 2015  # year', metadata={"tags": ["parameters"]})
    write_notebook(planning.NOTEBOOKS / "own.ipynb", cell, "f'since {first}'")
    assert main(["render", "own", "-p", "first=2020", "--out", str(tmp_path), "--quiet"]) == 0
    page = (tmp_path / "own-first-2020.en.html").read_text(encoding="utf-8")
    assert "since 2020" in page and '<p class="nav-title">' not in page  # as it has no headings


def test_a_kernel_that_is_not_there_is_named_with_those_that_are(tmp_path, capsys):
    """As of a notebook from somebody else's conda environment."""
    kernel = {"name": "conda-env-theirs-py", "display_name": "theirs", "language": "python"}
    path = write_notebook(tmp_path / "theirs.ipynb", "1", metadata={"kernelspec": kernel})
    assert main(["render", str(path), "--out", str(tmp_path / "out"), "--quiet"]) == 1
    assert "No such kernel named conda-env-theirs-py; install it, or save the notebook with one of python3" in (
        capsys.readouterr().err
    )


BROKEN = {
    "no JSON": ("{", "is no notebook"),
    "a list": ("[]", "is no notebook"),
    "null": ("null", "is no notebook"),
    "no cells": ('{"cells": 5}', "is no notebook"),
    "no Python": ("x = = 3", "its parameters cell is not Python"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_notebook_fails_alone(name, notebook, tmp_path, capsys, refused):
    """A notebook that cannot be used is named in one line; the list and the other reports go on."""
    notebook("good", "'fine'")
    text, words = BROKEN[name]
    bad = planning.NOTEBOOKS / "bad.ipynb"
    if name == "no Python":
        write_notebook(bad, new_code_cell(text, metadata={"tags": ["parameters"]}))
    else:
        bad.write_text(text)
    assert main(["list"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("good\n") and "bad.ipynb: " in shown.err and shown.err.count("\n") == 1
    refused(["render", "bad"], words, "bad.ipynb")
    jobs = Order()
    assert [bool(job.wrong) for job in jobs.named([str(bad)] * 2, {}, [])] == [True, True]


TYPED = [("str", text, text) for text in ("NO", "1e5", "2021-06-02", "true", "007", "[1]")]  # YAML would change these
TYPED += [("int", "5", 5), ("float", "1e5", 1e5), ("bool", "true", True), ("list", "[1, 'a']", [1, "a"])]


@pytest.mark.parametrize(("kind", "text", "value"), TYPED)
def test_a_text_stays_a_text(kind, text, value):
    """Numbers, truth and lists are read as such, and what is to be a text is handed on as it was typed."""
    assert planning.typed(planning.Parameter("x", kind, "", ""), text) == value


@pytest.mark.parametrize(("kind", "text"), [("int", "five"), ("bool", "yes"), ("list", "open('x')")])
def test_what_does_not_fit_its_type_is_refused(kind, text):
    """Nothing is run, and nothing taken for what it is not."""
    with pytest.raises(NotebookError, match=r"x: .* is not allowed"):
        planning.typed(planning.Parameter("x", kind, "", ""), text)


def test_a_heading_keeps_its_spaces_that_must_not_break():
    """In the table of contents a sign stays with the word before it, and tags are left out."""
    _html, (found,) = with_ids("## De <b>qui</b>\N{NO-BREAK SPACE}? R&D", 0, "")
    assert found["text"] == "De qui\N{NO-BREAK SPACE}? R&amp;D"
