"""How does a notebook become a page, and how do many? Plans, runs, folders of pages, the catalogue and its schedule."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from outages.errors import InputError
from outages.render.planning import Job, NotebookError, find_notebook, parameters_of, plan, report_names

__all__ = ["Job", "NotebookError", "find_notebook", "parameters_of", "plan", "render_page", "report_names"]


def render_page(name: str, *, lang: str = "en", out: str | Path = "", **parameters: Any) -> Path:
    """Make one page, as `outages render` does, and return its file.

    Parameters
    ----------
    name : report, as `outages list` names it, or the path of a notebook
    lang : language of the page
    out : folder of the page; empty for `reports/html`
    parameters : those of the report

    Raises
    ------
    InputError : what is wrong and what is allowed, or why the report failed

    Examples
    --------
    `ou.render("decision-note", lang="fr", focus="2023-06-25-bt-gb-999")`
    """
    import subprocess

    given = [part for key, value in parameters.items() for part in ("-p", f"{key}={value}")]
    folder = ["--out", str(out)] if out else []
    # a process of its own: a kernel has threads, so nothing is forked from it
    command = [sys.executable, "-m", "outages", "render", name, "--lang", lang, *folder, *given]
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode:
        raise InputError((ran.stderr.strip().splitlines() or ["the report failed"])[-1])
    return Path(next(line for line in ran.stdout.splitlines() if line.endswith(".html")))


class _Room(ModuleType):
    """The room itself can be called, so that `ou.render(...)` makes a page whether or not the room was entered
    before.
    """

    def __call__(self, name: str, **options: Any) -> Path:
        return render_page(name, **options)


sys.modules[__name__].__class__ = _Room
