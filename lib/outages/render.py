"""How does a notebook become a page? The only module that knows papermill and nbconvert."""

import functools
import importlib
import json
import logging
import re
import sys
import types
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import escape

from outages import __version__
from outages.language import Words
from outages.paths import NOTEBOOKS, REPORTS
from outages.comparable import open_peers
from outages.shelf import TEMPLATES
from outages.studies import ParameterError, Study, open_incident, open_study

HTML, FAILED = REPORTS / "html", REPORTS / "failed"
INSIDE = "outages-inside"  # the engine that runs a notebook in the process itself, see outages.engine
GRAMMAR = "rfc3987_syntax"  # of international addresses
TIMEOUT = 900  # seconds for one cell: a page that takes longer hangs
DEADLINE = 1800.0  # seconds for a whole report
HIDDEN = {"parameters", "injected-parameters", "setup", "lab"}
LANGUAGE_NAMES = {"en": "English", "fr": "Français"}
SET_BY_OPTION = {"lang": "--lang", "data": "--data"}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a notebook: its name, type, default and help."""

    name: str
    type: str
    default: str
    help: str


@dataclass(frozen=True)
class Job:
    """One page to be made: which notebook, under which name, with which parameters, for which entry of the catalogue or which report."""

    name: str
    notebook: Path
    parameters: dict[str, Any]
    lang: str
    title: str
    data_version: str = ""
    input_hash: str = ""
    report: str = ""

    @property
    def page(self) -> str:
        """Name of the file."""
        return f"{self.name}.{self.lang}.html"


def load() -> None:
    """Load papermill and nbconvert.

    jsonschema, on which both rest, would have a grammar of international addresses built at import, which takes longer than making a page and which no notebook
    needs. It is built when somebody first asks for it instead.
    """
    if GRAMMAR not in sys.modules:
        stand_in = types.ModuleType(GRAMMAR)
        stand_in.is_valid_syntax = built_when_asked  # type: ignore[attr-defined]
        sys.modules[GRAMMAR] = stand_in
    import nbconvert  # noqa: F401
    import papermill  # noqa: F401

    if sys.modules[GRAMMAR].__spec__ is None:
        del sys.modules[GRAMMAR]


def built_when_asked(rule: str, text: str) -> bool:
    """Check an international address with the real grammar."""
    return importlib.import_module(GRAMMAR).is_valid_syntax(rule, text)


def report_names() -> list[str]:
    """Return the names of the notebooks that make reports."""
    return sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb") if parameters_cell(path) is not None)


def parameters_cell(path: Path) -> str | None:
    """Return the source of a notebook's `parameters` cell, None when it has none."""
    return cell_of(path, path.stat().st_mtime_ns)


@functools.cache
def cell_of(path: Path, _changed: int) -> str | None:
    """Read the `parameters` cell of a notebook, once as long as it does not change."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    tagged = [c for c in cells if "parameters" in c.get("metadata", {}).get("tags", [])]
    return "".join(tagged[0]["source"]) if tagged else None


def parameters_of(path: Path) -> dict[str, Parameter]:
    """Return the parameters of a notebook as papermill reads them from its `parameters` cell."""
    return dict(inspected(path, path.stat().st_mtime_ns))


@functools.cache
def inspected(path: Path, _changed: int) -> dict[str, Parameter]:
    """Have papermill inspect a notebook, once as long as it does not change."""
    load()
    import papermill

    found = papermill.inspect_notebook(str(path))
    return {
        name: Parameter(name, p["inferred_type_name"].strip() or "str", p["default"], p["help"].strip())
        for name, p in found.items()
    }


def find_notebook(name: str) -> tuple[Path, dict[str, str]]:
    """Return the notebook behind a report's name.

    `NAME` is a notebook; `NAME-INCIDENT` is that notebook for one incident, if it has such a parameter.

    Raises
    ------
    ParameterError : no report has this name
    """
    names = report_names()
    if name in names:
        return NOTEBOOKS / f"{name}.ipynb", {}
    for stem in names:
        path = NOTEBOOKS / f"{stem}.ipynb"
        if name.startswith(f"{stem}-") and re.search(r"^incident\b", parameters_cell(path) or "", re.MULTILINE):
            return path, {"incident": name.removeprefix(f"{stem}-")}
    raise ParameterError(
        f"report '{name}' is unknown; use one of {', '.join(names)} (`outages list` shows their parameters)"
    )


def typed(parameter: Parameter, text: str) -> Any:
    """Read a parameter given as text.

    Raises
    ------
    ParameterError : the text does not fit the parameter's type
    """
    readers: dict[str, Callable[[str], Any]] = {
        "str": str,
        "int": int,
        "float": float,
        "bool": {"true": True, "false": False}.__getitem__,
    }
    words = {"int": "a whole number", "float": "a number", "bool": "true or false"}
    if parameter.type not in readers:
        raise ParameterError(f"{parameter.name}: a {parameter.type} cannot be given with -p")
    try:
        return readers[parameter.type](text)
    except (ValueError, KeyError):
        raise ParameterError(f"{parameter.name}: '{text}' is not allowed; write {words[parameter.type]}") from None


def plan(name: str, given: Mapping[str, str], lang: str, overlays: Sequence[Path]) -> Job:
    """Check everything that can be checked before a kernel starts.

    Parameters
    ----------
    name : report
    given : parameters as text
    lang : language of the page
    overlays : folders laid over the public registry

    Raises
    ------
    ParameterError, RegistryError : what is wrong and what is allowed
    """
    notebook, preset = find_notebook(name)
    known = parameters_of(notebook)
    for key in given:
        if key in SET_BY_OPTION:
            raise ParameterError(f"{key}: set it with {SET_BY_OPTION[key]}")
        if key not in known or key in preset:
            allowed = sorted(set(known) - set(SET_BY_OPTION) - set(preset))
            offer = f"use {', '.join(allowed)}" if allowed else "it takes none but --lang and --data"
            raise ParameterError(f"{key}: report '{name}' has no such parameter; {offer}")
    values = preset | {key: typed(known[key], text) for key, text in given.items()}
    values |= {"lang": lang, "data": [str(path.resolve()) for path in overlays]}
    study = open_for(values, known)
    title = study.titles[study.focus] if {"incident", "peers"} & set(known) else ""
    return Job(name, notebook, values, lang, title, study.registry.version, report=notebook.stem)


def open_for(values: Mapping[str, Any], known: Mapping[str, Parameter]) -> Study:
    """Open the study that a notebook will open, to see that it can."""
    if "incident" in known:
        return open_incident(**{"incident": known["incident"].default.strip("\"'"), **values})
    if "peers" in known:
        return open_peers(**{"focus": known["focus"].default.strip("\"'"), **values})
    return open_study(**values)


def execute(job: Job, executed: Path, progress: bool, *, engine: str | None = None) -> Any:
    """Run a notebook with papermill, in a kernel or with another engine."""
    load()
    import papermill
    from traitlets.config import Config

    for noisy in ("papermill", "traitlets"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return papermill.execute_notebook(
            str(job.notebook), str(executed), parameters=job.parameters, kernel_name="python3", engine_name=engine,
            progress_bar={"desc": f"{job.name}.{job.lang}", "file": sys.stderr} if progress else False,
            execution_timeout=TIMEOUT, start_timeout=120, config=Config({"KernelManager": {"transport_encryption": "required"}}),
        )  # fmt: skip


def in_one_line(error: BaseException) -> str:
    """Return what went wrong in one line: the exception of a failing cell, or the first line of what was said."""
    name, value = getattr(error, "ename", ""), getattr(error, "evalue", "")
    text = f"{name}: {value}" if name else str(error) or type(error).__name__
    return re.sub(r"\x1b\[[0-9;]*m", "", text).strip().splitlines()[0]


def page_of(notebook: Any, job: Job) -> str:
    """Convert an executed notebook to one page in the language of the job."""
    from nbconvert import HTMLExporter

    words = Words(job.lang)
    contents: list[dict[str, str]] = []
    heading = ""
    cells = []
    for cell in notebook.cells:
        if HIDDEN & set(cell.metadata.get("tags", [])):
            continue
        if cell.cell_type == "markdown":
            cell.source, found = with_ids(words._(cell.source), len(contents))
            contents += [entry for entry in found if entry["level"] == "2"]
            heading = heading or next((entry["text"] for entry in found if entry["level"] == "1"), "")
        cells.append(cell)
    notebook.cells = cells
    exporter = HTMLExporter(
        template_name="publication", extra_template_basedirs=[str(TEMPLATES)],
        exclude_input=True, exclude_input_prompt=True, exclude_output_prompt=True, exclude_anchor_links=True,
    )  # fmt: skip
    layout = notebook.metadata.get("outages", {}).get("layout", "")
    styles = [TEMPLATES / "publication" / f"{name}.css" for name in ("publication", layout) if name]
    others = [{"lang": lang, "href": f"{job.name}.{lang}.html", "text": name} for lang, name in LANGUAGE_NAMES.items() if lang != job.lang]
    labels = {"contents": words._("Contents"), "skip": words._("Skip to the text"), "home": words._("All reports")}
    resources = {
        "lang": job.lang, "version": __version__, "title": str(escape(f"{job.title} – {heading}" if job.title else heading)),
        "css": "\n".join(path.read_text(encoding="utf-8") for path in styles), "layout": layout, "others": others,
        "contents": contents, "words": labels, "home": "index.html",
    }  # fmt: skip
    page, _ = exporter.from_notebook_node(notebook, resources=resources)
    return page


def with_ids(markdown: str, count: int) -> tuple[str, list[dict[str, str]]]:
    """Give the headings of a Markdown text ids for the table of contents, numbered on from `count`."""
    found: list[dict[str, str]] = []

    def tagged(match: re.Match[str]) -> str:
        level, text = str(len(match[1])), match[2].strip()
        entry = {
            "level": level,
            "text": str(escape(text)),
            "id": f"section-{count + len(found) + 1}" if level == "2" else "top",
        }
        found.append(entry)
        return f'<h{level} id="{entry["id"]}">{entry["text"]}</h{level}>'

    return re.sub(r"^(#{1,3}) (.+)$", tagged, markdown, flags=re.MULTILINE), found
