"""What a run tells: a log, a command at the end, a feed and the list of what has changed; and what odd machines
change.
"""

import json
import os
import re
import subprocess
import sys
import uuid
from dataclasses import replace
from datetime import datetime
from xml.etree import ElementTree

import pytest
from nbformat.v4 import new_notebook

from outages.cli import main
from outages.render import planning, publishing
from outages.render.index import FEED, INDEX, LAST, LIST, LONGEST, write_feed, write_index
from outages.render.manifest import Manifest
from outages.render.notebook import page_of
from outages.render.planning import Job
from outages.render.telling import telling

ATOM = "{http://www.w3.org/2005/Atom}"
DAY = "2026-01-01T00:00:00+00:00"


def put(folder, *jobs):
    """Put some pages that have run into a folder, in one run; return the jobs."""
    return list(publishing.make_all(jobs, folder))


def page(name, body="", lang="en", **more):
    """Return a job that has run."""
    html = f"<html><head><title>{name} &amp; \x1f co</title></head>{body}</html>"
    return Job(name, planning.NOTEBOOKS / "n.ipynb", {}, lang, html=html, data_version="1+x", **more)


def entries(folder):
    """Return id, title, moment and address of each entry of the feed, which must be sound."""
    root = ElementTree.parse(folder / FEED).getroot()
    found = [[one.findtext(f"{ATOM}{tag}") for tag in ("id", "title", "updated")] for one in root.iter(f"{ATOM}entry")]
    for where in (root, *root.iter(f"{ATOM}entry")):  # what RFC 4287 asks for
        assert uuid.UUID(where.findtext(f"{ATOM}id")) and where.findtext(f"{ATOM}title")
        assert datetime.fromisoformat(where.findtext(f"{ATOM}updated")).tzinfo
        assert {link.get("rel") for link in where.findall(f"{ATOM}link")} >= {"alternate"}
    assert root.tag == f"{ATOM}feed" and root.findtext(f"{ATOM}author/{ATOM}name")
    assert root.findtext(f"{ATOM}updated") == max(one[2] for one in found)
    links = [one.find(f"{ATOM}link").get("href") for one in root.iter(f"{ATOM}entry")]
    return root.findtext(f"{ATOM}id"), dict(zip(links, found, strict=True))


def test_the_feed_tells_each_change_once(tmp_path, monkeypatch):
    """A page made anew as it was is no change; one that comes out otherwise is a new entry; the feed keeps its name."""
    moments = iter(f"2026-01-0{n}T00:00:00+00:00" for n in range(1, 9))
    monkeypatch.setattr(Manifest, "__init__", begun(Manifest.__init__, moments))
    assert [job.changed for job in put(tmp_path, page("a #1"), page("b"))] == [True, True]
    own, first = entries(tmp_path)
    assert set(first) == {"a%20%231.en.html", "b.en.html"} and first["b.en.html"][1] == "b &  co"
    assert [job.changed for job in put(tmp_path, page("a #1"), page("b", "other"))] == [False, True]
    again, second = entries(tmp_path)
    assert again == own and second["a%20%231.en.html"] == first["a%20%231.en.html"]
    assert second["b.en.html"][0] != first["b.en.html"][0] and second["b.en.html"][2] == "2026-01-02T00:00:00+00:00"
    assert next(iter(second)) == "b.en.html"
    assert [job.changed for job in put(tmp_path, page("b", wrong="no"))] == [False] and entries(tmp_path) == (
        own,
        second,
    )
    index = (tmp_path / INDEX).read_text(encoding="utf-8")
    last = re.search(r"<summary>Last changed: 2 Jan 2026, 00:00 UTC</summary>\n<ul>(.*?)</ul>", index, re.DOTALL)[1]
    assert last.count("<li>") == 1 and 'href="b.en.html"' in last and f'href="{FEED}"' in index


def begun(init, moments):
    """Return a beginning of a manifest at given moments."""

    def one(self, folder):
        init(self, folder)
        self.begun = next(moments)

    return one


def test_feed_and_list_are_bounded(tmp_path):
    """A run over many pages gives a feed of so many entries, and names some of them on the list."""
    names = [f"p{n:03}.fr.html" for n in range(LONGEST + 20)]
    known = {name: {"changed": DAY, "title": name} for name in names}
    write_feed(tmp_path, known)
    assert len(entries(tmp_path)[1]) == LONGEST
    write_index(tmp_path, known, names)
    shown = (tmp_path / INDEX).read_text(encoding="utf-8")
    assert shown.count("<li>") == LAST + 1 and "<li>et 100 autres pages</li>" in shown


def test_feed_and_list_speak_the_languages_of_their_pages(tmp_path):
    """Where all pages are French, so are they; without any page the list is English."""
    put(tmp_path, page("a", lang="fr"))
    feed, listed = ((tmp_path / name).read_text(encoding="utf-8") for name in (FEED, INDEX))
    assert 'xml:lang="fr">' in feed and "rapports modifiés</title>" in feed
    assert '<html lang="fr">' in listed and "English" not in listed and "No report yet" not in listed
    put(tmp_path, page("a"))
    feed, listed = ((tmp_path / name).read_text(encoding="utf-8") for name in (FEED, INDEX))
    assert "that have changed</title>" in feed and listed.count("<section") == 2


def test_landing_page_and_list_name_the_feed(tmp_path):
    """Readers of feeds find it from the landing page, its copy and the list; from no other page, and not before it is
    there.
    """
    landing = page_of(new_notebook(metadata={"outages": {"layout": "landing"}}), page("landing"))
    write_index(tmp_path, {})
    alternate = f'<link rel="alternate" type="application/atom+xml" href="{FEED}">'
    assert alternate in landing and alternate not in page_of(new_notebook(), page("a"))
    assert FEED not in (tmp_path / INDEX).read_text(encoding="utf-8")
    put(tmp_path, replace(page("landing"), html=landing))
    assert all(alternate in (tmp_path / name).read_text(encoding="utf-8") for name in (INDEX, LIST))
    assert (tmp_path / FEED).exists()


def test_log_and_notice(tmp_path):
    """The log has a line a page, appended; the command gets what was made, changed and failed, once at the end."""
    out, log, got = tmp_path / "out", tmp_path / "log", tmp_path / "got"
    said = []
    for number, body in enumerate(("", "other")):
        with telling(out, log, f"tee -a '{got}'", said.append, "--all") as told:
            for job in put(out, page("a"), page("b", body), page("c", wrong="no\nway")):
                told.note(job)
            told.unchanged(["d.en.html"])
            assert got.exists() == bool(number)
    lines = [line.split("\t") for line in log.read_text().splitlines()]
    assert [line[1:] for line in lines[:4]] == [
        ["a.en.html", "made", "0.0", ""],
        ["b.en.html", "made", "0.0", ""],
        ["c.en.html", "failed", "0.0", "no\\nway"],
        ["d.en.html", "unchanged", "0.0", ""],
    ]
    assert len(lines) == 8 and datetime.fromisoformat(lines[0][0]).utcoffset().seconds == 0 and said == []
    first, second = map(json.loads, got.read_text().splitlines())
    assert first["changed"] == first["made"] == second["made"] == ["a.en.html", "b.en.html"]
    assert second["changed"] == ["b.en.html"] and second["failed"] == [{"name": "c.en.html", "reason": "no\nway"}]
    assert second["folder"] == str(out) and datetime.fromisoformat(second["at"]).tzinfo


NOTICES = {
    "a status": ("sh -c 'echo no mailer >&2; exit 3'", "ended with status 3; no mailer"),
    "no such command": ("/nowhere/mail", "No such file"),
    "no command": ("'", "No closing quotation"),
    "one that reads nothing": ("true", ""),
}


@pytest.mark.parametrize("name", NOTICES)
def test_a_notice_that_fails_is_one_line(name, tmp_path):
    """What the command does fails nothing; nothing is run when nothing was made."""
    command, words = NOTICES[name]
    said = []
    with telling(tmp_path, tmp_path, command, said.append, ""):
        pass
    assert said == []
    with telling(tmp_path, tmp_path, command, said.append, "") as told:
        told.note(page("a"))
        told.note(page("b"))
    assert said[0] == f"--log {tmp_path}: Is a directory; the run goes on without"
    assert len(said) == (2 if words else 1) and words in said[-1]


def test_a_run_that_cannot_begin_is_told(tmp_path, capsys):
    """A catalogue that cannot be read stands in the log and in the notice; the status stays; so does a faulty entry."""
    catalogue, log, got = tmp_path / "catalogue.toml", tmp_path / "log", tmp_path / "got"
    run = ["render", "--due", "--catalogue", str(catalogue), "--out", str(tmp_path / "out"), "--log", str(log)]
    run += ["--notify", f"tee -a {got}"]
    assert main(run) == 2 and "the catalogue is missing" in capsys.readouterr().err
    catalogue.write_text('report = ["x"]', encoding="utf-8")  # F20
    assert main(run) == 1 and "report 1: is no table" in capsys.readouterr().err
    failed = [json.loads(line)["failed"][0] for line in got.read_text().splitlines()]
    assert [one["name"] for one in failed] == ["--due", "catalogue.toml: report 1"]
    assert [line.split("\t")[1:3] for line in log.read_text().splitlines()] == [[n["name"], "failed"] for n in failed]
    assert main(["render", "--changed", "nope*", "--out", str(tmp_path / "out"), "--log", str(log)]) == 2
    assert log.read_text().splitlines()[-1].split("\t")[1] == "nope*"


def test_a_faulty_entry_is_said_with_what_is_due(notebook, tmp_path, capsys):
    """An entry that cannot be used is named whenever others are made (F03, F20), and not again at every quarter of an
    hour.
    """
    catalogue, log = tmp_path / "catalogue.toml", tmp_path / "log"
    entry = '[[report]]\nnotebook = "{}"\nschedule = "0 5 1 * *"\n'
    catalogue.write_text(entry.format("nobody") + entry.format(notebook("mine", "1")), encoding="utf-8")
    run = ["render", "--due", "--catalogue", str(catalogue), "--out", str(tmp_path / "out"), "--log", str(log)]
    assert main([*run, "--quiet"]) == 1 and "report 1: notebook: 'nobody' is unknown" in capsys.readouterr().err
    assert [line.split("\t")[2] for line in log.read_text().splitlines()] == ["failed", "made"]
    assert main(run) == 0 and capsys.readouterr() == ("", "")
    catalogue.write_text(entry.format("nobody"), encoding="utf-8")
    assert main(run) == 1 and "nobody" in capsys.readouterr().err


RUN = """
import sys
from pathlib import Path
import outages.paths
outages.paths.NOTEBOOKS = Path(sys.argv[1])
from outages.cli import main
sys.exit(main(["render", "mine", "--quiet", *sys.argv[2:]]))
"""
WARN = [name for name in os.environ if name.startswith(("LC_", "LANG"))]
PLAIN = dict.fromkeys(WARN) | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
MACHINES = {  # F16, F22d
    "no home, LANG=C, no such TZ": ("", PLAIN | {"HOME": None, "TZ": "Nowhere/Never"}),
    "home not there, far TZ, warnings": ("", {"HOME": "/nowhere", "TZ": "Asia/Kolkata", "PYTHONWARNINGS": "error"}),
    "closed streams, umask": ("umask 077; exec <&- >&- 2>&-; ", {}),
}


@pytest.mark.parametrize("name", MACHINES)
def test_odd_machines(name, notebook, tmp_path):
    """Whatever folder, home, language, clock, warnings, streams and rights: the page is made, and read by those who
    may.
    """
    notebook("mine", "'é'")
    folder = tmp_path / "été 50 % #1 ?"
    folder.mkdir()
    before, given = MACHINES[name]
    env = {k: v for k, v in (os.environ | given).items() if v is not None}
    words = [sys.executable, "-c", RUN, str(planning.NOTEBOOKS), "--out", "pages #2", "--log", "le log %"]
    ran = subprocess.run(["bash", "-c", f'{before}exec "$@"', "run", *words], cwd=folder, env=env, capture_output=True)
    assert ran.returncode == 0 and ran.stderr == b"", ran.stderr
    made = folder / "pages #2" / "mine.en.html"
    assert "é" in made.read_text(encoding="utf-8") and "made" in (folder / "le log %").read_text(encoding="utf-8")
    assert (made.stat().st_mode & 0o077 == 0) == ("umask" in before)
