"""How does a notebook run inside this process? A papermill engine without a kernel process, for processes that run one notebook and end.

The shell is IPython's own, so that results, displays, streams and errors come out as a kernel sends them. It is meant for a process forked for one
report: nothing is cleaned up afterwards.
"""

import io
import os
import sys
import tempfile
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from nbformat.v4 import new_output
from papermill.engines import Engine, papermill_engines
from traitlets.config import Config

from outages.render import INSIDE

NAME = INSIDE


class Collector:
    """The outputs of the cell that runs."""

    def __init__(self) -> None:
        self.outputs: list[Any] = []
        self.count = 0

    def stream(self, name: str, text: str) -> None:
        """Take text written to a stream; text that follows on the same stream is joined, as nbclient does."""
        if text and self.outputs and self.outputs[-1].output_type == "stream" and self.outputs[-1].name == name:
            self.outputs[-1].text += text
        elif text:
            self.outputs.append(new_output("stream", name=name, text=text))


class Stream(io.TextIOBase):
    """A stream that writes into the outputs."""

    def __init__(self, collector: Collector, name: str):
        self.collector, self.stream_name = collector, name

    def write(self, text: str) -> int:
        """Take a text."""
        self.collector.stream(self.stream_name, text)
        return len(text)

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True


class Hook(DisplayHook):
    """Take the value of a cell's last line."""

    collector: Collector

    def write_output_prompt(self) -> None:
        """Write no prompt."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Take the value in all its formats."""
        count = self.collector.count
        self.collector.outputs.append(
            new_output("execute_result", data=dict(format_dict), metadata=md_dict or {}, execution_count=count)
        )

    def finish_displayhook(self) -> None:
        """Write nothing."""


class Publisher(DisplayPublisher):
    """Take what a cell displays."""

    collector: Collector

    def publish(self, data: Any, metadata: Any = None, **_more: Any) -> None:  # type: ignore[override]
        """Take a display."""
        self.collector.outputs.append(new_output("display_data", data=dict(data), metadata=metadata or {}))

    def clear_output(self, wait: bool = False) -> None:
        """Forget what the cell has put out."""
        self.collector.outputs.clear()


class Shell(InteractiveShell):
    """A shell that hands its errors over instead of printing them."""

    collector: Collector

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        self.collector.outputs.append(new_output("error", ename=etype.__name__, evalue=str(evalue), traceback=stb))


def new_shell(collector: Collector) -> Shell:
    """Return a shell with a fresh namespace and no history on disk."""
    os.environ.setdefault("IPYTHONDIR", tempfile.gettempdir())
    config = Config({"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "NoColor"}})
    Shell.collector = Hook.collector = Publisher.collector = collector
    return Shell.instance(config=config, displayhook_class=Hook, display_pub_class=Publisher)


class InsideEngine(Engine):
    """Run the cells of a notebook in a shell of this process."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **_options: Any) -> None:
        """Run cell by cell and stop at the first error; papermill raises it afterwards."""
        collector = Collector()
        shell = new_shell(collector)
        for index, cell in enumerate(nb_man.nb.cells):
            nb_man.cell_start(cell, index)
            try:
                if cell.cell_type == "code" and cell.source.strip():
                    run_cell(shell, collector, cell)
            finally:
                nb_man.cell_complete(cell, cell_index=index)
            if cell.cell_type == "code" and any(o.output_type == "error" for o in cell.outputs):
                nb_man.cell_exception(cell, cell_index=index)
                break


def run_cell(shell: Shell, collector: Collector, cell: Any) -> None:
    """Run one cell and put its outputs into it, also while it runs."""
    collector.count += 1
    collector.outputs = cell.outputs = []
    cell.execution_count = collector.count
    kept = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Stream(collector, "stdout"), Stream(collector, "stderr")
    try:
        shell.run_cell(cell.source, store_history=True)
    finally:
        sys.stdout, sys.stderr = kept


papermill_engines.register(NAME, InsideEngine)
