"""How does a notebook become a page, and how do many? Plans, runs, folders of pages, the catalogue and its schedule."""

import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from outages.errors import InputError
from outages.render.planning import Job, NotebookError, find_notebook, parameters_of, plan, report_names

__all__ = ["Job", "NotebookError", "find_notebook", "parameters_of", "plan", "render_page", "report_names"]


def render_page(
    name: str, *, lang: str = "en", out: str | Path = "", data: Sequence[str | Path] = (), **parameters: Any
) -> Path:
    """Make one page, as `outages render` does, and return its file.

    Parameters
    ----------
    name : report, as `outages list` names it, or the path of a notebook
    lang : language of the page
    out : folder of the page; empty for `reports/html`
    data : folders laid over the public registry
    parameters : those of the report; several values of one as a list, or separated by `;`

    Raises
    ------
    InputError : what is wrong and what is allowed, or why the report failed

    Examples
    --------
    `ou.render("decision-note", lang="fr", focus="2023-06-25-bt-gb-999")`
    """
    import subprocess

    from outages.language import LANGUAGES
    from outages.studies.parameters import check_data, check_in

    check_data(data)
    check_in("lang", [lang], LANGUAGES)
    texts = {key: ";".join(map(str, v)) if isinstance(v, list | tuple) else v for key, v in parameters.items()}
    given = [part for key, value in texts.items() for part in ("-p", f"{key}={value}")]
    given += [part for path in data for part in ("--data", str(path))]
    folder = ["--out", str(out)] if out else []
    # a process of its own: a kernel has threads, so nothing is forked from it
    command = [sys.executable, "-m", "outages", "render", name, "--lang", lang, *folder, *given]
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode:
        raise InputError((ran.stderr.strip().splitlines() or ["the report failed"])[-1])
    return Path(next(line for line in ran.stdout.splitlines() if line.endswith(".html")))


class _Room(ModuleType):
    """The room can be called: `ou.render(...)` makes a page whether or not the room was entered before."""

    __call__ = staticmethod(render_page)


sys.modules[__name__].__class__ = _Room
