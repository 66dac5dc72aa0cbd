"""Notebooks made for the tests of this room, and ways to wait."""

import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from outages.render import keys, making, order, planning

KERNEL = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
PARAMETERS = new_code_cell(
    'lang: str = "en"  # language\ndata: list = []  # folders', metadata={"tags": ["parameters"]}
)


def write(path: Path, *cells, metadata=KERNEL) -> Path:
    """Write a notebook; texts are code."""
    nodes = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    nbformat.write(new_notebook(cells=nodes, metadata=metadata), path)
    return path


@pytest.fixture
def notebook(tmp_path, monkeypatch) -> Callable[..., str]:
    """Return a maker of notebooks of the project, in a folder of the test, with parameters and a heading before some code."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for module in (planning, order, keys):
        monkeypatch.setattr(module, "NOTEBOOKS", folder)
    monkeypatch.setattr(making, "FAILED", tmp_path / "failed")

    def made(name: str, *cells) -> str:
        write(folder / f"{name}.ipynb", PARAMETERS, new_markdown_cell(f"# {name}"), *cells)
        return name

    return made


def until(true: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.05)
