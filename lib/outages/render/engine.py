"""How does a notebook run inside this process? In one IPython shell that keeps what cells show.

For processes that run one notebook and end. Not as in a kernel: prints, displays and values of a cell come in this
order, displays are not updated or cleared, there are no widgets, and what is written at file descriptors is lost.
"""

import json
from pathlib import Path
from typing import Any, ClassVar

from IPython.core.displayhook import DisplayHook
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat.v4 import new_output
from papermill.engines import Engine, papermill_engines
from traitlets.config import Config


class LastValue(DisplayHook):
    """Keeps the value of a cell's last line instead of printing it."""

    values: ClassVar[list[Any]] = []

    def write_output_prompt(self) -> None:
        """Write no `Out[1]:`."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Keep the value in every format that it has."""
        count = self.prompt_count
        self.values.append(new_output("execute_result", format_dict, metadata=md_dict or {}, execution_count=count))


class Shell(InteractiveShell):
    """The shell that cells run in."""

    displayhook_class = LastValue
    trace: ClassVar[list[str]] = []

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        """Keep a traceback instead of printing it."""
        Shell.trace = stb


class ShellEngine(Engine):
    """Run the cells of a notebook in this process; the first error ends the run."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, *, journal: Path, **_: Any) -> None:
        """Run cell by cell, noting each; papermill raises the error of a cell afterwards."""
        shell = Shell.instance(config=Config({"HistoryManager": {"enabled": False}}))
        note(journal, nb_man.nb)
        for index, cell in enumerate(nb_man.nb.cells):
            nb_man.cell_start(cell, index)
            error = run(shell, cell) if cell.cell_type == "code" and cell.source.strip() else None
            if error:
                nb_man.cell_exception(cell, index, exception=error)
            nb_man.cell_complete(cell, index)
            note(journal, [index, cell])
            if error:
                break


def run(shell: InteractiveShell, cell: Any) -> BaseException | None:
    """Run one cell, put its outputs into it, and return its error."""
    with capture_output() as seen:
        done = shell.run_cell(cell.source, store_history=True)
    streams = (("stdout", seen.stdout), ("stderr", seen.stderr))
    cell.outputs = [new_output("stream", name=name, text=text) for name, text in streams if text]
    cell.outputs += [new_output("display_data", d.data, metadata=d.metadata or {}) for d in seen.outputs]
    cell.outputs += LastValue.values
    LastValue.values = []
    cell.execution_count = shell.execution_count - 1
    if error := done.error_before_exec or done.error_in_exec:
        cell.outputs.append(new_output("error", ename=type(error).__name__, evalue=str(error), traceback=Shell.trace))
    return error


def note(journal: Path, what: Any) -> None:
    """Append a line to a journal: the notebook first, then each cell that has run, with its place."""
    with journal.open("a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\n")


def put_together(journal: Path) -> str:
    """Return the notebook of a journal as far as it came, for a process that died; empty when it had not begun."""
    if not journal.exists():
        return ""
    first, *cells = journal.read_text(encoding="utf-8").split("\n")[:-1] or [""]
    notebook = json.loads(first or "null")
    for index, cell in map(json.loads, cells):
        notebook["cells"][index] = cell
    return json.dumps(notebook, indent=1) if notebook else ""


papermill_engines.register("shell", ShellEngine)
