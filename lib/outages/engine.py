"""How does a notebook run inside this process? A papermill engine without a kernel process, for processes that run one notebook and end.

The kernel is ipykernel's own, only without sockets: what it would send is handed to papermill's own client, in the same process. So outputs and execution
counts are, cell by cell, those of a plain papermill run. Not the same are: addresses, times, random ids and the numbers of threads; when garbage is
collected; how much of an endless recursion is shown; the order of what comes at once from both file descriptors; what is loaded already, and so what a
module says when it is imported; `sys.orig_argv` and a script's folder in `sys.path`; `%connect_info` and `%subshell`; a cell after `exit()`, which never
runs here; and the time that one cell may take, which is not limited here.
"""

import asyncio
import os
import sys
import threading
import warnings
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import copy_context
from importlib.util import find_spec
from multiprocessing import process
from types import ModuleType, SimpleNamespace
from typing import Any

from tqdm import auto  # noqa: F401  for papermill: once a kernel is loaded, it would choose a bar for notebooks

# isort: split
import zmq
from ipykernel import ipkernel, kernelapp
from ipykernel.iostream import IOPubThread
from nbclient.client import timestamp
from nbclient.exceptions import CellExecutionComplete, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from papermill.log import logger
from tornado.ioloop import IOLoop
from traitlets import Any as Whatever

from outages.render import INSIDE

NAME = INSIDE
FILTERS = warnings.filters[:]  # as they are before somebody who runs a notebook silences warnings
PAUSE = 0.05  # seconds between two cells, for tasks that go on


class Wire:
    """What the kernel has for a socket: each message is handed over instead of being sent."""

    def __init__(self, app: "IPKernelApp", take: Callable[[dict[str, Any]], None]):
        self.context, self.session, self.take = app.context, app.session, take

    def send_multipart(self, parts: list[bytes], *_args: Any, **_options: Any) -> None:
        """Hand a message over, as it is after its way through JSON."""
        _, frames = self.session.feed_identities(parts)
        self.take(self.session.deserialize(frames))


class IPythonKernel(ipkernel.IPythonKernel):
    """The kernel, with neither debugger nor subshells; it has the name of the real one, for cells that look."""

    shell_stream: Any = Whatever()
    debugger_class: Any = Whatever()  # the real one loads slowly
    _supports_kernel_subshells = False  # type: ignore[assignment]

    def __init__(self, **options: Any):
        sys.modules["ipykernel.debugger"] = absent = ModuleType("ipykernel.debugger")
        absent._is_debugpy_available = False  # type: ignore[attr-defined]
        super().__init__(**options)
        del sys.modules["ipykernel.debugger"]

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        """Do nothing, for nothing is queued."""


class IPKernelApp(kernelapp.IPKernelApp):
    """The application around a kernel: it sets up all that a cell can see, and nothing that listens."""

    client: Any = None

    def init_sockets(self) -> None:
        """Make the thread that takes in outputs."""
        self.context = zmq.Context()
        self.configure_tornado_logger()
        self.iopub_thread = IOPubThread(Wire(self, self.client.receive), pipe=True)
        self.iopub_thread.start()
        self.iopub_socket = self.iopub_thread.background_socket

    def init_kernel(self) -> None:
        """Make the kernel."""
        self.kernel = IPythonKernel.instance(
            parent=self, session=self.session, iopub_thread=self.iopub_thread, iopub_socket=self.iopub_socket,
            shell_stream=Wire(self, self.client.reply), log=self.log, profile_dir=self.profile_dir, user_ns=self.user_ns,
            shell_channel_thread=SimpleNamespace(parent_thread=threading.current_thread()),
        )  # fmt: skip
        self.kernel.io_loop = IOLoop.current()
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count

    def nothing(self, **_options: Any) -> None:
        """Do without this part."""

    init_connection_file = init_poller = init_heartbeat = write_connection_file = log_connection_info = nothing


class Client(PapermillNotebookClient):
    """Papermill's client, with the kernel in this process."""

    def execute(self, **_options: Any) -> Any:
        """Run all cells, as papermill does."""
        self.reset_execution_trackers()
        self.process, self.request, self.sent = os.getpid(), "", list[dict[str, Any]]()
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        IPKernelApp.client = self
        self.app: Any = IPKernelApp.instance()
        self.app.initialize()
        self.context = copy_context()  # one for all cells
        self.kc = SimpleNamespace(session=self.app.session, shell_channel=SimpleNamespace(send=self.sent.append))
        self.papermill_execute_cells()
        self.nb.metadata["language_info"] = self.app.kernel.language_info
        self.set_widgets_metadata()
        return self.nb

    def execute_cell(self, cell: Any, cell_index: int, **_options: Any) -> Any:
        """Run one cell, as nbclient does; its outputs are in it while it runs."""
        if (
            cell.cell_type != "code"
            or not cell.source.strip()
            or self.skip_cells_with_tag in cell.metadata.get("tags", [])
        ):
            return cell
        if self.app.shell.exit_now:
            raise DeadKernelError("Kernel died")
        cell.metadata["execution"], cell.outputs, self.clear_before_next_output = {}, [], False
        self.running, self.index, self.done = cell, cell_index, Future[None]()
        self.replied: dict[str, Any] | None = None
        content = {"code": cell.source, "silent": False, "store_history": True, "user_expressions": {}}
        message = self.app.session.msg("execute_request", content | {"allow_stdin": False, "stop_on_error": True})
        self.request = message["header"]["msg_id"]
        self.ask(message)
        if os.getpid() != self.process:
            os._exit(0)  # a copy that the cell has made is not to run the rest
        self.done.result()
        if self.replied is None:
            raise DeadKernelError("The kernel could not run a cell")
        while self.sent:  # what widgets have said meanwhile
            self.ask(self.sent.pop(0))
        if asyncio.all_tasks(self.loop):
            self.loop.run_until_complete(asyncio.sleep(PAUSE))
        self.loop.run_until_complete(self._check_raise_for_error(cell, cell_index, self.replied))
        return cell

    def ask(self, message: dict[str, Any]) -> None:
        """Let the kernel handle a message."""
        parts = [zmq.Frame(part) for part in self.app.session.serialize(message)]
        handled: Coroutine[Any, Any, None] = self.app.kernel.shell_main(None, parts)
        self.loop.run_until_complete(self.loop.create_task(handled, context=self.context))

    def reply(self, message: dict[str, Any]) -> None:
        """Take the kernel's word on how the running cell ended."""
        if message["msg_type"] == "execute_reply":
            self.replied = message
            self.running.metadata["execution"]["shell.execute_reply"] = timestamp(message)

    def receive(self, message: dict[str, Any]) -> None:
        """Take an output of the running cell, in the thread for outputs; what belongs to an earlier cell comes too late."""
        if message["parent_header"].get("msg_id") != self.request or self.done.done():
            return
        try:
            self.process_message(message, self.running, self.index)
        except CellExecutionComplete:
            self.done.set_result(None)
        except Exception as error:
            self.done.set_exception(error)


@contextmanager
def away_from_terminal(bar: Any) -> Iterator[None]:
    """Keep cells from reading and writing the terminal, also at file descriptors; only the progress bar stays there.

    Errors are seen there again afterwards. Standard output is not, for the sake of threads that a notebook leaves behind.
    """
    stream, kept, nowhere = sys.stderr, os.dup(2), os.open(os.devnull, os.O_RDWR)
    if bar:
        bar.fp = os.fdopen(os.dup(2), "w")
        bar.sp = bar.status_printer(bar.fp)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    try:
        yield
    finally:
        sys.stderr = stream
        os.dup2(kept, 2)


def look_like_a_kernel() -> None:
    """Set what a cell can see of the process to what it is in a kernel."""
    launcher = find_spec("ipykernel_launcher")
    sys.argv = [
        str(launcher and launcher.origin),
        "-f",
        f"kernel-{os.getpid()}.json",
        "--HistoryManager.hist_file=:memory:",
    ]
    os.environ.update(JPY_PARENT_PID=str(os.getppid()), PYDEVD_USE_FRAME_EVAL="NO")
    if sys.path[0] in ("", os.getcwd()):
        del sys.path[0]  # the kernel puts it behind the standard library
    sys.breakpointhook = lambda *_args, **_options: None  # no debugger is attached
    for name in ("tqdm.auto", "tqdm.autonotebook"):  # they choose a kind of bar when they are imported
        sys.modules.pop(name, None)
    here: Any = process.current_process()
    here._config["daemon"], here._name = False, "MainProcess"  # else it may have no children, as a kernel may
    process._parent_process = None  # type: ignore[attr-defined]


class InsideEngine(Engine):
    """Run the cells of a notebook in this process."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **_options: Any) -> None:
        """Run cell by cell and stop at the first error; papermill raises it afterwards."""
        with away_from_terminal(nb_man.pbar), warnings.catch_warnings():
            warnings.filters[:] = FILTERS  # type: ignore[index]
            look_like_a_kernel()
            Client(nb_man, log=logger).execute()


papermill_engines.register(NAME, InsideEngine)
