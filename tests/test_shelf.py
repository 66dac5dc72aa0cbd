"""The manifest and the index of a folder of pages."""

import json

import pytest

from outages.pdf import print_page
from outages.shelf import INDEX, MANIFEST, Shelf, listed, place, read_manifest
from outages.studies import ParameterError

ENTRY = {
    "name": "a",
    "lang": "en",
    "parameters": {"lang": "en", "policy": "widest", "focus": ""},
    "data_version": "1+x",
    "duration_seconds": 1.0,
    "status": "made",
}


def note(folder, page, entry):
    """Note one page."""
    shelf = Shelf(folder)
    shelf.note(page, entry)
    shelf.flush()


PAGE = "<!DOCTYPE html><html><head><title>A &amp; <b>&lt;i&gt;</title></head></html>"


def test_manifest_and_index(tmp_path):
    """A page that was made stands in the manifest and in the index with its parameters, version and day; its title is escaped once."""
    (tmp_path / "a.en.html").write_text(PAGE, encoding="utf-8")
    note(tmp_path, "a.en.html", ENTRY)
    found = read_manifest(tmp_path)["a.en.html"]
    assert found["status"] == "made" and found["made"].endswith("+00:00")
    index = (tmp_path / INDEX).read_text(encoding="utf-8")
    assert 'href="a.en.html"' in index and "policy = widest" in index and "1+x" in index and "focus =" not in index
    assert "A &amp; &lt;b&gt;&lt;i&gt;" in index and "UTC" in index


def test_failure_keeps_what_was_known(tmp_path):
    """A failed attempt is said, and the page before it keeps its day and parameters."""
    (tmp_path / "a.en.html").write_text(PAGE, encoding="utf-8")
    note(tmp_path, "a.en.html", ENTRY)
    before = read_manifest(tmp_path)["a.en.html"]
    note(tmp_path, "a.en.html", {**ENTRY, "parameters": {"policy": "press"}, "status": "failed"})
    after = read_manifest(tmp_path)["a.en.html"]
    assert (
        after["status"] == "failed" and after["made"] == before["made"] and after["parameters"] == before["parameters"]
    )
    assert "the last attempt failed" in (tmp_path / INDEX).read_text(encoding="utf-8")


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"reports": 3}', '{"reports": {"a": 1}}'])
def test_broken_manifest_is_no_manifest(tmp_path, broken):
    """A manifest that cannot be read is made anew, and pages that it does not know are listed all the same."""
    (tmp_path / MANIFEST).write_text(broken, encoding="utf-8")
    (tmp_path / "b.fr.html").write_text(PAGE, encoding="utf-8")
    assert read_manifest(tmp_path) == {}
    (tmp_path / "a.en.html").write_text(PAGE, encoding="utf-8")
    note(tmp_path, "a.en.html", ENTRY)
    assert set(json.loads((tmp_path / MANIFEST).read_text())["reports"]) == {"a.en.html"}
    assert 'href="b.fr.html"' in (tmp_path / INDEX).read_text(encoding="utf-8")


def test_pdf_without_chromium(monkeypatch):
    """Without Chromium the option is refused before anything runs."""
    from outages.pdf import find_chromium

    monkeypatch.setenv("PATH", "")
    with pytest.raises(ParameterError, match="no Chromium is on the path; install one of"):
        find_chromium()


def test_places_away_from_this_machine(tmp_path):
    """At an address manifest, index, list of pages and PDFs are what they are in a folder; an address of this machine is a folder."""
    folder = place(f"memory://{tmp_path}")
    (folder / "a.en.html").write_text(PAGE, encoding="utf-8")
    note(folder, "a.en.html", ENTRY)
    assert read_manifest(folder)["a.en.html"]["title"] == "A & <b><i>"
    assert 'href="a.en.html"' in (folder / INDEX).read_text(encoding="utf-8")
    chromium = tmp_path / "chromium"
    chromium.write_text('#!/bin/sh\nfor a; do case $a in --print-to-pdf=*) echo PDF > "${a#*=}";; esac; done\n')
    chromium.chmod(0o755)
    assert print_page(folder / "a.en.html", str(chromium)).read_text(encoding="utf-8") == "PDF\n"
    assert listed(folder) == {"a.en.html", "a.en.pdf", INDEX}
    assert place(f"file://{tmp_path}") == tmp_path
