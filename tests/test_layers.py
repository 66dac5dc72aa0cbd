"""Imports point one way, public things are documented, notebooks stay thin, start-up stays light."""

import ast
import subprocess
import sys

import pytest

from outages.paths import ROOT

LIBRARY = ROOT / "lib" / "outages"
ORDER = (  # a module imports only from modules to its left
    "__init__", "paths", "errors", "intervals", "tables", "zones", "checks", "store", "registry", "claims", "words", "timeline", "harm", "dependence", "groups", "survival", "chance", "sensitivity", "clocks", "lean", "agreement", "status", "skeleton",
    "dictionary", "page", "plots", "charts", "density", "study", "evidence", "view", "contradictions", "length", "users", "delays", "parties", "trust", "advice", "report", "dossier", "explore",
    "render/planning", "render/places", "render/catalogue", "render/keys", "render/schedule", "render/notebook", "render/index", "render/manifest", "render/pdf", "render/engine", "render/pool",
    "render/cluster", "render/making", "render/order", "render/__init__", "cli", "__main__",
)  # fmt: skip
ONLY = {
    "papermill": {"render/notebook", "render/engine"},
    "nbconvert": {"render/notebook"},
    "seaborn": {"plots", "charts"},
    "matplotlib": {"plots", "charts", "density", "render/pool"},
    "scipy": {"chance"},
    "networkx": {"dependence", "parties"},
    "csv": {"tables", "words", "skeleton", "render/catalogue", "render/keys"},
}


def imported(name: str) -> set[str]:
    """Return the modules that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse((LIBRARY / f"{name}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"outages.{a.name}" for a in node.names} if node.module == "outages" else {node.module}
    return found


def test_every_module_has_its_place():
    """The picture holds all modules."""
    assert {path.relative_to(LIBRARY).with_suffix("").as_posix() for path in LIBRARY.rglob("*.py")} == set(ORDER)


@pytest.mark.parametrize("name", ORDER)
def test_imports_point_one_way(name):
    """A module imports only what stands before it."""
    own = {m.removeprefix("outages.").replace(".", "/") for m in imported(name) if m.startswith("outages.")}
    packages = {"__version__", "render", *(n for n in own if n.startswith("render/") and n not in ORDER)}
    assert own - packages <= set(ORDER[: ORDER.index(name)])
    for library, homes in ONLY.items():
        assert name in homes or not any(m.split(".")[0] == library for m in imported(name)), library


@pytest.mark.parametrize("name", ORDER)
def test_public_things_say_what_they_do(name):
    """Every module, class and public function has a docstring and types."""
    tree = ast.parse((LIBRARY / f"{name}.py").read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.FunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
            and node not in nested(tree)
        ):
            assert ast.get_docstring(node), node.name


def nested(tree: ast.Module) -> set[ast.AST]:
    """Return the functions inside functions."""
    outer = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    return {inner for f in outer for inner in ast.walk(f) if inner is not f and isinstance(inner, ast.FunctionDef)}


def test_start_up_is_light():
    """Checking or asking for help loads neither figures nor notebooks."""
    code = "import sys, outages.cli, outages.checks; print([m for m in ('matplotlib', 'seaborn', 'papermill', 'nbconvert', 'scipy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
