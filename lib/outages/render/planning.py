"""What is to be made of which notebook? Names and parameters are checked here, before pandas or papermill is loaded."""

import ast
import contextlib
import functools
import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from outages.errors import InputError, escaped, like
from outages.paths import NOTEBOOKS

LAB = "lab"  # tag of cells for those who explore, left out of pages
COHORTS = "status-pages"  # rests on the complete lists alone, and carries their version
SET_BY_OPTION = {"lang": "--lang", "data": "--data"}
READERS: dict[str, tuple[Callable[[str], Any], str]] = {  # of parameters by their type, and what may be written
    "str": (str, "a text"),
    "int": (int, "a whole number"),
    "float": (float, "a number"),
    "bool": (lambda text: {"true": True, "false": False}[text.lower()], "true or false"),
}


class NotebookError(InputError):
    """A name or a parameter that cannot be used; the message says which, why, and what is allowed."""


class BrokenNotebook(NotebookError):
    """A file that is no notebook, or whose parameters cannot be read."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a notebook: its name, type, default and help."""

    name: str
    type: str
    default: str
    help: str

    @property
    def value(self) -> Any:
        """The default, None when it is no constant."""
        with contextlib.suppress(ValueError, SyntaxError):
            return ast.literal_eval(self.default)


@dataclass
class Job:
    """One page: asked for, planned, then made or failed."""

    name: str  # of the page, without language
    notebook: Path
    parameters: dict[str, Any]  # as text until it is planned
    lang: str
    title: str = ""  # goes before the heading
    selection: str = ""  # goes after it
    data_version: str = ""
    key: str = ""  # of all that the page is made of, empty when that is not known
    report: str = ""  # the entry of the catalogue, or the notebook
    formats: tuple[str, ...] = ("html",)
    schedule: str = ""  # that of the catalogue
    # once it was run
    seconds: float = 0.0
    wrong: str = ""  # empty for a page that was made
    html: str = field(default="", repr=False)
    executed: str = field(default="", repr=False)
    page: Path | None = None
    changed: bool = False  # whether the page is another than stood there before
    pdf: Path | None = None
    unprinted: str = ""  # why there is no PDF
    kept: Path | None = None  # the executed notebook, when the job failed

    @property
    def file(self) -> str:
        """Name of the page's file."""
        return f"{self.name}.{self.lang}.html"

    @property
    def own(self) -> bool:
        """Whether the notebook is one of the project's, and so runs without a kernel."""
        return self.notebook.parent == NOTEBOOKS


def read_cells(path: Path) -> list[tuple[str, frozenset[str], str]]:
    """Return source, tags and kind of each cell of a notebook file; raise BrokenNotebook when it is none."""
    try:
        return cells_of(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise BrokenNotebook(f"{path}: {error.strerror}; name a report, or the path of a notebook") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BrokenNotebook(f"{path}: is no notebook; it must be JSON with a list of cells") from None


@functools.cache
def cells_of(path: Path, _changed: int) -> list[tuple[str, frozenset[str], str]]:
    """Read the cells of a notebook file, once as long as it does not change."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [("".join(c["source"]), frozenset(c.get("metadata", {}).get("tags", ())), c["cell_type"]) for c in cells]


def parameters_of(path: Path) -> dict[str, Parameter] | None:
    """Return the parameters of a notebook, as its cell tagged `parameters` assigns them; None when it has no such cell.
    Raise BrokenNotebook for what is no notebook, or when that cell is not Python.
    """
    source = next((source for source, tags, _kind in read_cells(path) if "parameters" in tags), None)
    try:
        return None if source is None else assigned(source)
    except (SyntaxError, ValueError) as error:
        raise BrokenNotebook(f"{path}: its parameters cell is not Python ({error})") from None


@functools.cache
def assigned(source: str) -> dict[str, Parameter]:
    """Return the parameters that a cell assigns."""
    found = [parameter_of(node, source) for node in ast.parse(source).body]
    return {parameter.name: parameter for parameter in found if parameter}


def parameter_of(node: Any, source: str) -> Parameter | None:
    """Return the parameter that a statement assigns, `name: type = default  # help`; the type may be left out."""
    noted = isinstance(node, ast.AnnAssign)
    targets, value = [node.target] if noted else getattr(node, "targets", []), getattr(node, "value", None)
    if len(targets) != 1 or not isinstance(targets[0], ast.Name) or value is None:
        return None
    kind = type(value.value).__name__ if isinstance(value, ast.Constant) else type(value).__name__.lower()
    last = source.splitlines()[node.end_lineno - 1].encode()
    about = last[node.end_col_offset :].decode().partition("#")[2].strip()
    one_line = value.lineno == node.end_lineno
    default = last[value.col_offset : value.end_col_offset].decode() if one_line else ast.unparse(value)
    return Parameter(targets[0].id, ast.unparse(node.annotation) if noted else kind, default, about)


def notebooks() -> dict[str, dict[str, Parameter] | BrokenNotebook | None]:
    """Return the parameters of each notebook of the project, or why it cannot be used; None when it takes none."""
    found: dict[str, dict[str, Parameter] | BrokenNotebook | None] = {}
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        try:
            found[path.stem] = parameters_of(path)
        except BrokenNotebook as error:
            found[path.stem] = error
    return found


def report_names() -> list[str]:
    """Return the names of the notebooks that make reports, without those that cannot be read."""
    return [name for name, found in notebooks().items() if isinstance(found, dict)]


def find_notebook(name: str) -> tuple[Path, dict[str, str]]:
    """Return the notebook behind a name, and the parameters that the name gives: `NAME` is a notebook of the project,
    `NAME-INCIDENT` that one for an incident, `FOLDER/NAME.ipynb` any notebook. Raise NotebookError for another name.
    """
    if name.endswith(".ipynb"):
        return Path(name).expanduser().resolve(), {}
    known = notebooks()
    if known.get(name) is not None:
        return NOTEBOOKS / f"{name}.ipynb", {}
    for stem, parameters in known.items():
        if name.startswith(f"{stem}-") and isinstance(parameters, dict) and "incident" in parameters:
            return NOTEBOOKS / f"{stem}.ipynb", {"incident": name.removeprefix(f"{stem}-")}
    raise NotebookError(f"report '{escaped(name)}' is unknown; {like(name, report_names())} (`outages list` shows all)")


def typed(parameter: Parameter, text: str) -> Any:
    """Read a parameter given as text; where a text is wanted it stays as it is, also `NO`, `1e5` and dates."""
    read, wanted = READERS.get(parameter.type, (ast.literal_eval, "a value as Python has it"))
    try:
        return read(text)
    except (ValueError, KeyError, SyntaxError):
        raise NotebookError(f"{parameter.name}: '{escaped(text)}' is not allowed; write {wanted}") from None


def choosing(notebook: Path, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters that choose something: those that are not as by default, and the incident, if named."""
    known = parameters_of(notebook) or {}
    values = {key: typed(known[key], given[key]) for key in known if key in given}
    return {key: v for key, v in values.items() if v != known[key].value or (v and key in ("incident", "focus"))}


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
    allowed = sorted(set(known) - set(SET_BY_OPTION) - set(preset))
    for key in given:
        if key in SET_BY_OPTION:
            raise NotebookError(f"{key}: set it with {SET_BY_OPTION[key]}")
        if key not in allowed:
            offer = like(key, allowed) if allowed else "it takes none but --lang and --data"
            raise NotebookError(f"{escaped(key, 40)}: report '{escaped(name, 60)}' has no such parameter; {offer}")
    if overlays and "data" not in known:
        raise NotebookError(f"--data: notebook '{name}' has no parameter data; leave it out")
    options = {"lang": lang, "data": [str(path.resolve()) for path in overlays]}
    values = preset | {key: typed(known[key], text) for key, text in given.items()}
    values |= {key: value for key, value in options.items() if key in known}
    job = Job(notebook.stem if name.endswith(".ipynb") else name, notebook, values, lang, report=notebook.stem)
    if job.own:
        open_first(job, known)
    return job


def open_first(job: Job, known: Mapping[str, Parameter]) -> None:
    """Open the study that a notebook will open, to see that it can, and for title and data version of its page."""
    from outages.studies.parameters import limits_of
    from outages.studies.selection import selection

    if limits := job.parameters.get("limits"):  # one of each, sorted, for title and name
        job.parameters["limits"] = ";".join(map(str, limits_of(limits)))
    if job.notebook.stem == COHORTS:
        from outages.report.cohorts import CohortPage

        page = CohortPage(**job.parameters)
        tried = selection(page.words, {"limits": job.parameters.get("limits")})
        job.selection = page.words._("; ").join(filter(None, [tried, page.study.selection]))
        job.data_version = page.study.registry.version
        return
    from outages.studies import open_incident, open_study

    if "incident" in known:
        study = fitting(open_incident, **{"incident": known["incident"].value, **job.parameters})
    elif "peers" in known:
        from outages.studies.peers import open_peers

        study = fitting(open_peers, **{"focus": known["focus"].value, **job.parameters})
    else:
        study = fitting(open_study, **job.parameters)
    job.title = study.titles.get(study.focus, "")
    job.selection = selection(study.words, job.parameters, study.overlays, study.registry.communication_targets)
    job.data_version = study.registry.version


def fitting(ask: Callable[..., Any], **given: Any) -> Any:
    """Open a study with those of the parameters of a notebook that it takes; the others are the notebook's own."""
    known = inspect.signature(ask).parameters
    return ask(**{key: value for key, value in given.items() if key in known})
