"""Rooms stand in one order, imports point one way, public things are documented, start-up stays light."""

import ast
import functools
import importlib
import subprocess
import sys

import pytest

import outages as ou
from outages.paths import ROOT

LIBRARY = ROOT / "lib" / "outages"
FLOORS = (  # a room imports only from rooms on floors before its own
    {"rooms", "errors"},
    {"__init__", "paths"},
    {"stats"},
    {"registry", "language"},
    {"facts", "figures"},
    {"studies"},
    {"curation"},
    {"report"},
    {"render"},
    {"cli"},
    {"__main__"},
)
ONLY = {  # libraries that are known in one place
    "papermill": {"render"},
    "nbconvert": {"render"},
    "matplotlib": {"figures", "render"},
    "click": {"cli"},
    "openpyxl": {"curation"},
}
PUBLIC = (
    "Study cohort_entries cohort_promises cohort_values cohorts curve incident median page peers plot render study "
    "under_policies"
)
MODULES = sorted(path.relative_to(LIBRARY).with_suffix("").as_posix() for path in LIBRARY.rglob("*.py"))


def room_of(module: str) -> str:
    """Return the room in which a module stands."""
    return module.split("/")[0]


@functools.cache
def parsed(module: str) -> ast.Module:
    """Return what stands in a module."""
    return ast.parse((LIBRARY / f"{module}.py").read_text(encoding="utf-8"))


def imported(module: str) -> set[str]:
    """Return what a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"outages.{a.name}" for a in node.names} if node.module == "outages" else {node.module}
    return found - {"outages.__version__"}


def test_every_room_has_its_floor():
    """Ten rooms at most, and the ground they stand on."""
    assert {room_of(module) for module in MODULES} == set().union(*FLOORS)
    folders = {path.name for path in LIBRARY.iterdir() if path.is_dir()} - {"locale", "__pycache__"}
    assert len(folders) <= 10


def test_newcomers_find_the_rooms():
    """CONTRIBUTING lists every room with the question that it answers, in the order of the floors."""
    listed = [line.split("|")[1:3] for line in (ROOT / "CONTRIBUTING.md").read_text().splitlines() if line[:3] == "| `"]
    order = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
    rooms = [name.strip(" `") for name, _question in listed]
    assert sorted(rooms) == sorted(path.parent.name for path in LIBRARY.glob("*/__init__.py"))
    assert rooms == sorted(rooms, key=order.__getitem__)
    for room, (_name, question) in zip(rooms, listed, strict=True):
        told = " ".join((ast.get_docstring(parsed(f"{room}/__init__")) or "").split())
        assert told.startswith(question.strip()), room


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_one_way(module):
    """A room knows only what stands below it."""
    floor, every = next(n for n, rooms in enumerate(FLOORS) if room_of(module) in rooms), imported(module)
    below = set().union(*FLOORS[:floor], {room_of(module)})
    named = {m.removeprefix("outages.").split(".")[0] for m in every if m.startswith("outages.")}
    late = {"cli"} if module == "render/cluster" else set()  # a worker runs the command itself
    assert named - late <= below
    for library, homes in ONLY.items():
        assert room_of(module) in homes or not any(m.split(".")[0] == library for m in every), library


@pytest.mark.parametrize("module", MODULES)
def test_modules_stay_small_and_say_what_they_do(module):
    """No module above 300 lines, no class above 120; every module that holds something, every public class and function
    has a docstring.
    """
    tree, text = parsed(module), (LIBRARY / f"{module}.py").read_text(encoding="utf-8")
    assert text.count("\n") <= 300 and (ast.get_docstring(tree) or not tree.body)
    outer = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inner = {f for one in outer for f in ast.walk(one) if f is not one}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            assert (node.end_lineno or 0) - node.lineno < 120, node.name
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_") and node not in inner:
            assert ast.get_docstring(node), node.name


def test_the_face_is_pinned():
    """What a person types in a notebook; each name is there."""
    assert sorted(set(ou.__all__) - {"__version__"}) == PUBLIC.split()
    for name in PUBLIC.split():
        assert getattr(ou, name) is not None
    with pytest.raises(AttributeError, match="it has study"):
        ou.load  # noqa: B018


ROOMS = sorted(room_of(module) for module in MODULES if module.endswith("/__init__") and module.count("/") == 1)


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_its_question_and_hands_on_its_names(room):
    """What a room answers stands at its door, and each name that it hands on is there."""
    entered = importlib.import_module(f"outages.{room}")
    assert "?" in entered.__doc__.split("\n\n")[0]
    handed = [] if room == "cli" else entered.__all__  # a command line is typed, not imported
    assert room == "cli" or handed
    for name in handed:
        found = getattr(entered, name)
        module = sys.modules.get(f"outages.{room}.{name}")
        assert found is not None and found is not module, f"{name} is a module as well, which would stand in its way"


def test_start_up_is_light():
    """Asking for help loads neither pandas nor figures nor notebooks."""
    heavy = ("pandas", "matplotlib", "papermill", "nbconvert")
    code = f"import sys, outages.cli; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
