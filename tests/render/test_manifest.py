"""The manifest and the index of a folder of pages, their files, and PDFs beside them."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from conftest import until
from outages.cli import main
from outages.paths import write_whole
from outages.render import pdf, publishing
from outages.render.index import INDEX, LIST
from outages.render.manifest import MANIFEST, Manifest, read_manifest
from outages.render.pdf import PrintError, print_page
from outages.render.places import locked, page_names, place
from outages.render.planning import Job, NotebookError
from outages.render.publishing import make_all

LATER = "2999-01-01T00:00:00+00:00"


def job(**more):
    """Return a job that has run."""
    given = {"name": "a", "notebook": place("n/a.ipynb"), "lang": "en", "data_version": "1+x"}
    return Job(**given | {"parameters": {"lang": "en", "policy": "widest", "focus": ""}} | more)


def note(folder, **more):
    """Note one page."""
    manifest = Manifest(folder)
    manifest.note(job(html=PAGE, **more))
    manifest.flush()


PAGE = "<!DOCTYPE html><html><head><title>A &amp; <b>&lt;i&gt;</title></head></html>"


def test_manifest_and_index(tmp_path):
    """A page that was made stands in the manifest and in the index with its parameters, version and day; its
    title is escaped once."""
    (tmp_path / "a.en.html").write_text(PAGE, encoding="utf-8")
    note(tmp_path)
    found = read_manifest(tmp_path)["a.en.html"]
    assert found["status"] == "made" and found["made"].endswith("+00:00")
    index = (tmp_path / INDEX).read_text(encoding="utf-8")
    assert 'href="a.en.html"' in index and "policy = widest" in index and "1+x" in index and "focus =" not in index
    assert "A &amp; &lt;b&gt;&lt;i&gt;" in index and "UTC" in index


def test_a_landing_page_is_the_index(tmp_path):
    """With an English landing page the index is a copy of it, without one of the list of pages, which is always there;
    links to pages that are not there sleep in all landing pages."""
    text = PAGE + '<a href="a.en.html">A</a><a href="b.en.html">B</a><a href="pages.html#en">all</a>'
    for lang in ("fr", "en"):
        (tmp_path / f"landing.{lang}.html").write_text(text, encoding="utf-8")
        (tmp_path / "a.en.html").write_text(PAGE, encoding="utf-8")
        note(tmp_path)
        assert ((tmp_path / INDEX).read_bytes() == (tmp_path / LIST).read_bytes()) is (lang == "fr")
    index = (tmp_path / INDEX).read_text(encoding="utf-8")
    assert index == text.replace('href="b', 'data-href="b')
    assert all((tmp_path / f"landing.{lang}.html").read_text(encoding="utf-8") == index for lang in ("en", "fr"))
    listed = (tmp_path / LIST).read_text(encoding="utf-8")
    assert all(f'href="{name}"' in listed for name in ("a.en.html", "landing.fr.html", "#fr", "index.html#fr"))
    (tmp_path / "b.en.html").write_text(PAGE, encoding="utf-8")
    note(tmp_path)
    assert (tmp_path / INDEX).read_text(encoding="utf-8") == text


def test_failure_keeps_what_was_known(tmp_path):
    """A failed attempt is said, and the page before it keeps its day and parameters."""
    (tmp_path / "a.en.html").write_text(PAGE, encoding="utf-8")
    note(tmp_path)
    before = read_manifest(tmp_path)["a.en.html"]
    note(tmp_path, parameters={"policy": "press"}, wrong="no")
    after = read_manifest(tmp_path)["a.en.html"]
    assert after["status"] == "failed" and all(after[kept] == before[kept] for kept in ("made", "parameters"))
    assert "the last attempt failed" in (tmp_path / INDEX).read_text(encoding="utf-8")


ODD = (
    1,
    *({"looked": odd} for odd in ("yesterday", LATER, "2026-01-01")),
    {"made": 5},
    {"parameters": "x"},
    {"title": []},
)


@pytest.mark.parametrize(
    "broken", ["", "{", "[]", '{"reports": 3}', *(json.dumps({"reports": {"a.en.html": e}}) for e in ODD)]
)
def test_broken_manifest_is_no_manifest(tmp_path, broken):  # F17
    """A manifest that cannot be read is made anew, and pages that it does not know are listed all the same."""
    (tmp_path / MANIFEST).write_text(broken, encoding="utf-8")
    (tmp_path / "b.fr.html").write_text(PAGE, encoding="utf-8")
    assert read_manifest(tmp_path) == {}
    (tmp_path / "a.en.html").write_text(PAGE, encoding="utf-8")
    note(tmp_path)
    assert set(json.loads((tmp_path / MANIFEST).read_text())["reports"]) == {"a.en.html"}
    assert 'href="b.fr.html"' in (tmp_path / INDEX).read_text(encoding="utf-8")


def test_pdf_without_chromium(monkeypatch):
    """Without Chromium the option is refused before anything runs."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NotebookError, match="no Chromium is on the path; install one of"):
        pdf.find_chromium()
    assert main(["render", "methods", "--pdf"]) == 2


@pytest.fixture
def chromium(tmp_path, monkeypatch):
    """Return a way to have a Chromium that writes some text and ends with a status."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def made(text: str, status: int = 0) -> str:
        script = f'for a; do case $a in --print-to-pdf=*) printf "{text}" > "${{a#*=}}";; esac; done; exit {status}'
        (folder / "chromium").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "chromium").chmod(0o755)
        return str(folder / "chromium")

    return made


WHOLE = "%%PDF-1.4 {}\\n%%%%EOF\\n"


@pytest.mark.parametrize(("text", "status"), [(WHOLE.format("new"), 21), ("%%PDF-1.4 trunc", 0), ("", 0)])
def test_a_failure_of_chromium_is_no_pdf(text, status, chromium, tmp_path):  # F05
    """A PDF is one when Chromium ended well and wrote it to its end; otherwise the last one stays, and nothing
    beside it."""
    (tmp_path / "a.html").write_text(PAGE)
    print_page(tmp_path / "a.html", chromium(WHOLE.format("old")))
    with pytest.raises(PrintError):
        print_page(tmp_path / "a.html", chromium(text, status))
    assert (tmp_path / "a.pdf").read_text() == "%PDF-1.4 old\n%%EOF\n"
    assert {path.name for path in tmp_path.iterdir()} == {"a.html", "a.pdf", "bin"}


PRINT = """
import sys
import tempfile
from pathlib import Path
from outages import cli
from outages.render import pdf
cli.app.commands["list"].callback = lambda **_options: pdf.print_page(Path(sys.argv[1]), sys.argv[2])
sys.exit(cli.main(["list"]))
"""


def test_a_stop_while_a_page_is_printed_leaves_nothing(chromium, tmp_path):
    """SIGTERM, as systemd sends it, ends Chromium with all it has started, and leaves no folder (F24)."""
    browser, mark, page = chromium(""), tmp_path / "mark", tmp_path / "pages" / "a.html"
    Path(browser).write_text(f"#!/bin/sh\nsleep 99 & echo $! > '{mark}.new' && mv '{mark}.new' '{mark}'\nwait\n")
    page.parent.mkdir()
    page.write_text(PAGE)
    run = subprocess.Popen([sys.executable, "-c", PRINT, str(page), browser], stderr=subprocess.PIPE)
    until(mark.exists)
    assert len(list(page.parent.iterdir())) == 2
    run.terminate()
    assert run.communicate()[1] == b"" and run.returncode == 128 + signal.SIGTERM
    assert list(page.parent.iterdir()) == [page]
    until(lambda: not Path(f"/proc/{mark.read_text().strip()}/fd/0").exists())


def test_a_pdf_is_that_of_the_page_beside_it(chromium, tmp_path):  # F04
    """A PDF of an earlier page is not linked any more, and what was printed from the page that stands there is."""
    chromium(WHOLE.format("x"))
    linked = []
    for html, formats in (("one", ("html", "pdf")), ("one", ("html",)), ("two", ("html",)), ("two", ("html", "pdf"))):
        list(make_all([job(html=html, formats=formats)], tmp_path))
        linked.append('href="a.en.pdf"' in (tmp_path / INDEX).read_text(encoding="utf-8"))
    assert linked == [True, True, False, True]
    chromium("", 21)
    (failed,) = make_all([job(html="three", formats=("html", "pdf"))], tmp_path)
    assert failed.page and not failed.wrong and "status 21" in failed.unprinted
    known = read_manifest(tmp_path)["a.en.html"]
    assert known["status"] == "made" and known["pdf"] != known["page"]


def test_rights_of_files_are_kept(tmp_path):  # F16
    """A new file has the rights of the umask, one that is replaced keeps its own."""
    (tmp_path / "open").touch(0o644)
    before = os.umask(0o077)
    try:
        for name in ("open", "new"):
            write_whole(tmp_path / name, "x")
    finally:
        os.umask(before)
    assert [oct((tmp_path / name).stat().st_mode & 0o777) for name in ("open", "new")] == ["0o644", "0o600"]


def test_a_page_that_cannot_be_written_fails_alone(tmp_path):  # F11
    """A page whose place is taken by a folder fails with the reason, and the next one is made."""
    (tmp_path / "a.en.html").mkdir()
    (tmp_path / "a.en.html" / "x").touch()
    first, second = make_all([job(html=PAGE), job(name="b", html=PAGE)], tmp_path)
    assert "a.en.html: " in first.wrong and first.page is None and second.page.exists()


def test_where_the_checkout_cannot_be_written_notebooks_are_kept_elsewhere(tmp_path, monkeypatch):  # F11a
    """A failed report says why, its notebook is kept in the temporary folder for the user alone, and the next page is
    made.
    """
    (tmp_path / "taken").touch()
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(publishing, "FAILED", tmp_path / "taken" / "failed")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    first, second = make_all([job(wrong="ValueError: no", executed="{}"), job(name="b", html=PAGE)], tmp_path / "out")
    assert first.wrong == "ValueError: no" and second.page.exists()
    assert first.kept.is_relative_to(tmp_path / "tmp") and oct(first.kept.stat().st_mode)[-3:] == "600"


def test_only_a_held_lock_is_taken_for_one(tmp_path, monkeypatch, refused):  # F10
    """A file system without locks is said and not taken for another run."""

    def refuse(*_arguments):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(OSError, match="No locks available"), locked(tmp_path):
        pass
    refused(["render", "--all", "--out", tmp_path], "No locks available")


def test_places_away_from_this_machine(chromium, tmp_path):
    """At an address manifest, index, list of pages and PDFs are what they are in a folder; an address of this
    machine is a folder."""
    folder = place(f"memory://{tmp_path}")
    (folder / "a.en.html").write_text(PAGE, encoding="utf-8")
    note(folder)
    assert read_manifest(folder)["a.en.html"]["title"] == "A & <b><i>"
    assert 'href="a.en.html"' in (folder / INDEX).read_text(encoding="utf-8")
    assert print_page(folder / "a.en.html", chromium(WHOLE.format("x"))).read_text(encoding="utf-8").startswith("%PDF")
    assert page_names(folder) == {"a.en.html", "a.en.pdf", INDEX, LIST}
    assert place(f"file://{tmp_path}") == tmp_path


@pytest.mark.parametrize(("address", "words"), [("nosuch://x", "nosuch"), ("s3://bucket/x", "s3fs")])
def test_places_out_of_reach(address, words, monkeypatch, refused):
    """A place of an unknown kind, or without its package, is one line and status 2, before anything is made."""
    monkeypatch.setitem(sys.modules, "s3fs", None)
    refused(["render", "methods", "--out", address], words)


def test_a_place_that_does_not_answer(monkeypatch, refused):
    """A place that refuses is one line and status 2."""
    fsspec = pytest.importorskip("fsspec.implementations.memory")

    def refuse(*_arguments, **_options):
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(fsspec.MemoryFileSystem, "info", refuse)
    monkeypatch.setattr(fsspec.MemoryFileSystem, "exists", refuse)
    refused(["render", "methods", "--out", "memory://nobody/x"], "Connection refused; check the address")
