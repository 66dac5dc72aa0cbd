"""How does a notebook become a page? Its parameters are read, it is run by papermill, and what it shows is put on one page by nbconvert."""

import ast
import functools
import importlib
import json
import logging
import re
import sys
import types
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markupsafe import escape

from outages import __version__
from outages.errors import InputError
from outages.paths import NOTEBOOKS, REPORTS

TEMPLATES = REPORTS / "template"
GRAMMAR = "rfc3987_syntax"  # of international addresses
TIMEOUT = 900  # seconds for one cell in a kernel
LAB, HIDDEN = "lab", {"parameters", "injected-parameters", "setup"}
SET_BY_OPTION = {"lang": "--lang", "data": "--data"}
ALLOWED = {"int": "a whole number", "float": "a number", "bool": "true or false"}


class NotebookError(InputError):
    """A notebook or a parameter that cannot be used; the message says which, why, and what is allowed."""


class BrokenNotebook(NotebookError):
    """A file that is no notebook, or whose parameters cannot be read."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a notebook: its name, type, default and help."""

    name: str
    type: str
    default: str
    help: str


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook file."""

    source: str
    tags: frozenset[str]
    kind: str


@dataclass
class Job:
    """One page: planned, then made or failed.

    A plan has `name` and `lang` of the page, `notebook`, `parameters`, a `title` that goes before the heading, the `data_version`, the `key` of all that
    the page is made of (empty when it is not known), the `report` of the catalogue that asks for it, and its `formats`. Then come `seconds`, what went
    `wrong` (empty for a page that was made), its `html`, the `executed` notebook, and where these now are: `page`, `pdf`, `kept` (of a failed one).
    """

    name: str
    notebook: Path
    parameters: dict[str, Any]
    lang: str
    title: str = ""
    data_version: str = ""
    key: str = ""
    report: str = ""
    formats: tuple[str, ...] = ("html",)
    seconds: float = 0.0
    wrong: str = ""
    html: str = field(default="", repr=False)
    executed: str = field(default="", repr=False)
    page: Path | None = None
    pdf: Path | None = None
    unprinted: str = ""
    kept: Path | None = None

    @property
    def file(self) -> str:
        """Name of the page's file."""
        return f"{self.name}.{self.lang}.html"

    @property
    def own(self) -> bool:
        """Whether the notebook is one of the project's, and so runs without a kernel."""
        return self.notebook.parent == NOTEBOOKS


def load() -> None:
    """Load papermill and nbconvert.

    jsonschema, on which both rest, would build a grammar of international addresses when it is imported, which takes longer than making a page and which
    no notebook needs. It is built when somebody first asks for it instead.
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


def cells_of(path: Path) -> list[Cell]:
    """Return the cells of a notebook file.

    Raises
    ------
    NotebookError : the file cannot be read or is no notebook
    """
    try:
        return read_cells(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise BrokenNotebook(f"{path}: {error.strerror}; name a report, or the path of a notebook") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BrokenNotebook(
            f"{path}: is no notebook; it must be JSON with a list of cells, as Jupyter writes it"
        ) from None


@functools.cache
def read_cells(path: Path, _changed: int) -> list[Cell]:
    """Read the cells of a notebook file, once as long as it does not change."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [Cell("".join(c["source"]), frozenset(c.get("metadata", {}).get("tags", ())), c["cell_type"]) for c in cells]


def parameters_of(path: Path) -> dict[str, Parameter] | None:
    """Return the parameters of a notebook, as its first cell tagged `parameters` assigns them; None when it has no such cell.

    Raises
    ------
    NotebookError : no notebook, or that cell is not Python
    """
    source = next((cell.source for cell in cells_of(path) if "parameters" in cell.tags), None)
    if source is None:
        return None
    try:
        found = [parameter_of(node, source) for node in ast.parse(source).body]
    except (SyntaxError, ValueError) as error:
        raise BrokenNotebook(f"{path}: its parameters cell is not Python ({error})") from None
    return {parameter.name: parameter for parameter in found if parameter}


def parameter_of(node: ast.stmt, source: str) -> Parameter | None:
    """Return the parameter that a statement assigns: `name: type = default  # help`, the type also from the default."""
    targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
    value = getattr(node, "value", None)
    if len(targets) != 1 or not isinstance(targets[0], ast.Name) or value is None:
        return None
    if isinstance(node, ast.AnnAssign):
        kind = ast.unparse(node.annotation)
    else:
        kind = type(value.value).__name__ if isinstance(value, ast.Constant) else ""
    rest = source.splitlines()[node.end_lineno - 1].encode()[node.end_col_offset :].decode()  # type: ignore[operator]
    return Parameter(targets[0].id, kind, ast.get_source_segment(source, value) or "", rest.partition("#")[2].strip())


def report_names() -> list[str]:
    """Return the names of the notebooks that make reports, without those that cannot be read."""
    return [name for name, found in notebooks().items() if isinstance(found, dict)]


def notebooks() -> dict[str, dict[str, Parameter] | NotebookError | None]:
    """Return the parameters of each notebook of the project by its name, or why it cannot be used; None for one that takes none."""
    found: dict[str, dict[str, Parameter] | NotebookError | None] = {}
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        try:
            found[path.stem] = parameters_of(path)
        except NotebookError as error:
            found[path.stem] = error
    return found


def find_notebook(name: str) -> tuple[Path, dict[str, str]]:
    """Return the notebook behind a report's name, and the parameters that the name gives.

    `NAME` is a notebook of the project, `NAME-INCIDENT` is that notebook for one incident if it has such a parameter, `FOLDER/NAME.ipynb` is any notebook.

    Raises
    ------
    NotebookError : no report has this name, or its notebook cannot be used
    """
    if name.endswith(".ipynb"):
        return Path(name).expanduser().resolve(), {}
    known = notebooks()
    if isinstance(known.get(name), NotebookError | dict):
        return NOTEBOOKS / f"{name}.ipynb", {}
    for stem, parameters in known.items():
        if name.startswith(f"{stem}-") and isinstance(parameters, dict) and "incident" in parameters:
            return NOTEBOOKS / f"{stem}.ipynb", {"incident": name.removeprefix(f"{stem}-")}
    offer = f"use one of {', '.join(report_names())} (`outages list` shows their parameters), or the path of a notebook"
    raise NotebookError(f"report '{name[:80]}' is unknown; {offer}")


def typed(parameter: Parameter, text: str) -> Any:
    """Read a parameter given as text: a text stays as it is, also `NO`, `1e5` and dates.

    Raises
    ------
    NotebookError : the text does not fit the parameter's type
    """
    try:
        match parameter.type:
            case "str" | "":
                return text
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "bool":
                return {"true": True, "false": False}[text.lower()]
            case _:
                return ast.literal_eval(text)
    except (ValueError, KeyError, SyntaxError):
        wanted = ALLOWED.get(parameter.type, f"{parameter.type} as Python has it")
        raise NotebookError(f"{parameter.name}: '{text[:80]}' is not allowed; write {wanted}") from None


def plan(name: str, given: Mapping[str, str], lang: str, overlays: Sequence[Path] = ()) -> Job:
    """Check everything that can be checked before a notebook runs.

    Parameters
    ----------
    name : report, or path of a notebook
    given : parameters as text
    lang : language of the page
    overlays : folders laid over the public registry

    Raises
    ------
    InputError : what is wrong and what is allowed
    """
    notebook, preset = find_notebook(name)
    known = parameters_of(notebook) or {}
    for key in given:
        if key in SET_BY_OPTION:
            raise NotebookError(f"{key}: set it with {SET_BY_OPTION[key]}")
        if key not in known or key in preset:
            allowed = sorted(set(known) - set(SET_BY_OPTION) - set(preset))
            offer = f"use {', '.join(allowed)}" if allowed else "it takes none but --lang and --data"
            raise NotebookError(f"{key[:80]}: report '{name}' has no such parameter; {offer}")
    if overlays and "data" not in known:
        raise NotebookError(f"--data: notebook '{name}' has no parameter data; leave it out")
    values = preset | {key: typed(known[key], text) for key, text in given.items()}
    ours = {"lang": lang, "data": [str(path.resolve()) for path in overlays]}
    job = Job(notebook.stem if name.endswith(".ipynb") else name, notebook, values, lang, report=notebook.stem)
    job.parameters |= {key: value for key, value in ours.items() if key in known}
    if job.own:
        open_first(job, known)
    return job


def open_first(job: Job, known: Mapping[str, Parameter]) -> None:
    """Open the study that a notebook will open, to see that it can, and for the title and the data version of the page."""
    from outages.study import open_incident, open_study

    if "incident" in known:
        study = open_incident(**{"incident": ast.literal_eval(known["incident"].default), **job.parameters})
        job.title = study.titles.iloc[0]
    else:
        study = open_study(**job.parameters)
    job.data_version = study.registry.version


def execute(job: Job, executed: Path, *, shell: bool, bar: Any = False, journal: Path | None = None) -> Any:
    """Run a notebook with papermill and return it executed; cells tagged `lab` are left out before.

    Parameters
    ----------
    executed : file that it is written to, in a kernel after each cell, in a shell at the end
    shell : run it in a shell inside this process, see `outages.render.engine`, and not in a kernel
    bar : file that a progress bar is written to
    journal : file that a shell notes each cell in, see `outages.render.engine.put_together`

    Raises
    ------
    papermill.PapermillExecutionError : a cell failed
    """
    load()
    import nbformat
    import papermill
    from traitlets.config import Config

    for noisy in ("papermill", "traitlets"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    options: dict[str, Any] = {"engine_name": "shell", "journal": journal} if shell else {"cwd": job.notebook.parent}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        notebook = nbformat.read(job.notebook, as_version=4)
        notebook.cells = [cell for cell in notebook.cells if LAB not in cell.metadata.get("tags", [])]
        kernel = notebook.metadata.get("kernelspec", {})
        return papermill.execute_notebook(
            notebook,
            str(executed),
            parameters=job.parameters,
            kernel_name=kernel.get("name") or "python3",
            language=kernel.get("language") or notebook.metadata.get("language_info", {}).get("name") or "python",
            request_save_on_cell_execute=not shell,
            progress_bar={"desc": f"{job.name}.{job.lang}", "file": bar, "ascii": True} if bar else False,
            execution_timeout=TIMEOUT,
            start_timeout=120,
            config=Config({"KernelManager": {"transport_encryption": "required"}}),
            **options,
        )


def in_one_line(error: BaseException) -> str:
    """Return what went wrong in one line: the exception of a failing cell, or the first line of any other message."""
    name, value = getattr(error, "ename", ""), getattr(error, "evalue", "")
    text = re.sub(r"\x1b\[[0-9;]*m", "", f"{name}: {value}" if name else str(error)).strip()
    return text.splitlines()[0] if text else type(error).__name__


@functools.cache
def exporter() -> Any:
    """Return an exporter that stops at what the template gives, where nbconvert's own would parse the whole page and write it a second time."""
    from nbconvert import HTMLExporter, TemplateExporter

    class PageExporter(HTMLExporter):
        """The HTML exporter without its second parse."""

        from_notebook_node = TemplateExporter.from_notebook_node

    return PageExporter(
        template_name="publication", extra_template_basedirs=[str(TEMPLATES)], exclude_anchor_links=True
    )


def page_of(notebook: Any, job: Job) -> str:
    """Convert an executed notebook to one page in the language of the job."""
    from outages.words import Words

    _ = Words(job.lang)._
    contents: list[dict[str, str]] = []
    heading = ""
    notebook.cells = [cell for cell in notebook.cells if not HIDDEN & set(cell.metadata.get("tags", []))]
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source:
            cell.source, found = with_ids(_(cell.source), len(contents))
            contents += [entry for entry in found if entry["level"] == "2"]
            heading = heading or next((entry["text"] for entry in found if entry["level"] == "1"), "")
    heading = heading or str(escape(job.name))
    resources = {
        "lang": job.lang,
        "version": __version__,
        "title": f"{escape(job.title)} – {heading}" if job.title else heading,
        "css": (TEMPLATES / "publication" / "publication.css").read_text(encoding="utf-8"),
        "contents": contents,
        "words": {"contents": _("Contents"), "skip": _("Skip to the text"), "home": _("All reports")},
        "home": "index.html",
    }
    return exporter().from_notebook_node(notebook, resources=resources)[0]


def with_ids(markdown: str, count: int) -> tuple[str, list[dict[str, str]]]:
    """Give the headings of a Markdown text ids for the table of contents, numbered on from `count`."""
    found: list[dict[str, str]] = []

    def tagged(match: re.Match[str]) -> str:
        level, text = str(len(match[1])), str(escape(match[2].strip()))
        place = f"section-{count + len(found) + 1}" if level == "2" else "top"
        found.append({"level": level, "text": text, "id": place})
        return f'<h{level} id="{place}">{text}</h{level}>'

    return re.sub(r"^(#{1,3}) (.+)$", tagged, markdown, flags=re.MULTILINE), found
