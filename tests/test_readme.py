"""What the README shows, and what that of reports shows, runs as printed."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell

from conftest import INCIDENT, ONSET, RESTORED, SOURCE, write_notebook, write_registry
from outages.paths import ROOT

README = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "reports/README.md"))


def blocks(language: str) -> list[str]:
    """Return the code blocks of a language."""
    return [
        code
        for name, code in re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
        if name == language
    ]


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """Return a folder with the files that the examples read."""
    from outages.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    rows = "incident_id,team\n2021-06-02-orange-fr-emergency-calls,ours\n2023-06-25-bt-gb-999,theirs\n"
    (tmp_path / "mine.csv").write_text(rows, encoding="utf-8")
    assert main(["export", "lags", "--to", "lags.csv"]) == 0


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("code", blocks("python"), ids=lambda code: code.split("#")[0].split("\n")[0][:40])
def test_python_examples_run(code, beside, capsys):
    """Each block runs by itself, and prints something."""
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out.strip()


def test_commands_are_those_of_the_command_line():
    """Every command that is shown is one that there is, and so is every option."""
    from outages.cli import app

    shown = re.findall(r"(?m)(?:^|python -m )outages ([a-z]+) ?([^\n#`|]*)", "\n".join(blocks("")))
    assert len(shown) > 15
    for name, rest in shown:
        assert name in app.commands, name
        known = {option for parameter in app.commands[name].params for option in parameter.opts}
        sub = getattr(app.commands[name], "commands", {})
        known |= {option for command in sub.values() for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", rest)) <= known, (name, rest)


LINES = [line.split(" #")[0].strip() for block in blocks("") for line in block.splitlines()]
ENDS = ("time_low", "time_high")
TICKETS = """No,Outage start,Title,Voice
INC0012345,30/03/2024 21:45,Calls fail,Voix mobile
"""
MAP = """[columns]
number = "No"
title = "Title"
onset = "Outage start"
services = "Voice"
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """Return a home with what the README takes to be there: tickets and their map, an overlay, a notebook."""
    folder = tmp_path_factory.mktemp("home")
    for name, words in (("python", ""), ("outages", " -m outages")):
        (folder / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)}{words} "$@"\n')
        (folder / name).chmod(0o755)
    (folder / "tickets.csv").write_text(TICKETS, encoding="utf-8")
    parts = re.split(r"(?m)^(?=\[)", blocks("toml")[0])  # what is printed, for a list with these columns
    shown = "".join(part for part in parts if not re.match(r"preset|\[(columns|keep)\]", part))
    (folder / "shown.toml").write_text(MAP + shown, encoding="utf-8")
    code = 'lang: str = "en"  # language\ndata: list = []\nthreshold: int = 1  # least'
    cell = new_code_cell(code, metadata={"tags": ["parameters"]})
    write_notebook(folder / "mine.ipynb", cell, "print(threshold)")
    name = "2026-03-01-ourselves-fr-mobile"
    ours = {"incident_id": name, "source_id": "ours"}
    events = [{**row, **ours, **{c: row[c].replace("2020", "2026") for c in ENDS}} for row in (ONSET, RESTORED)]
    tables = {"incidents": [{**INCIDENT, "incident_id": name}], "sources": [{**SOURCE, "source_id": "ours", "url": ""}]}
    write_registry(folder / "our-incidents", {**tables, "events": events})
    return folder


def environment(home: Path) -> dict[str, str]:
    """Return next to nothing: a home, a path, and the library that is tried."""
    return {"HOME": str(home), "PATH": f"{home}{os.pathsep}{os.defpath}", "PYTHONPATH": str(ROOT / "lib")}


def test_commands_that_make_no_page_run_as_printed(home, monkeypatch, capsys):
    """In order, in a home that holds nothing else, in a shell where one is needed; the map that is printed is that of
    the import.
    """
    from outages.cli import main

    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    commands = [line for line in LINES if re.match(r"(python -m )?outages (?!render|schedule)", line)]
    assert len(commands) > 9
    for command in commands:
        if set(command) & set("|>"):
            done = subprocess.run(["sh", "-c", command], env=environment(home), capture_output=True, text=True)
            status, said = done.returncode, done.stderr
        else:
            words = shlex.split(command.removeprefix("python -m "))[1:]
            status, said = main([os.path.expanduser(word) for word in words]), capsys.readouterr().err
        assert (status, "Traceback" in said) == (0, False), (command, said)
        if "--guess" in command:
            assert 'onset = "Outage start"' in (home / "map.toml").read_text(encoding="utf-8")
            (home / "shown.toml").replace(home / "map.toml")
    left = (home / "tickets" / "left-out.csv").read_text(encoding="utf-8").splitlines()
    assert len(left) == 1 and "mobile_voice" in (home / "tickets" / "incidents.csv").read_text(encoding="utf-8")


def test_pages_that_are_asked_for_can_be_made(home, monkeypatch):
    """Each `render` with names is planned as typed: reports, incidents, parameters, overlays, a notebook of one's
    own.
    """
    from outages.cli import app
    from outages.render import plan
    from outages.render.order import pairs

    monkeypatch.setenv("HOME", str(home))
    asked = [shlex.split(line.split("outages render ")[1]) for line in LINES if "outages render " in line]
    found = [app.commands["render"].make_context("render", [*map(os.path.expanduser, words)]).params for words in asked]
    named = [one for one in found if one["names"] and not one["every"]]
    assert len(named) > 8
    for one in named:
        for name in one["names"]:
            assert not plan(name, pairs(one["parameters"]), (one["langs"] or ["en"])[0], one["data"]).wrong, one


@pytest.mark.parametrize(
    "target",
    sorted(set(re.findall(r"\bmake ([a-z]+)\b", "\n".join(re.findall(r"(?m)^make .*$|`make [a-z]+`", README))))),
)
def test_targets_of_make_are_there(target):
    """What is said to be made has a rule that make can follow."""
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout, done.stderr
