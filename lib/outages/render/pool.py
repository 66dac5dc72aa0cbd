"""How are many reports made for the price of few? Each in a process forked from one that has everything loaded.

A process starts with all imports and with the registry read, and shares nothing that it changes. The parent only
watches: one that dies or takes too long fails alone, and the page before it stays. Where nothing can be forked, each
starts anew.
"""

import ast
import contextlib
import ctypes
import gc
import importlib
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from outages.paths import write_whole
from outages.render import notebook as notebooks
from outages.render.places import workspace
from outages.render.planning import LAB, Job, read_cells

DEADLINE = 1800.0  # seconds for a whole report
STOPS = (signal.SIGINT, signal.SIGTERM)
DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
# what every report would import by itself, each time anew
LATE = (
    "IPython.core.application IPython.core.completerlib IPython.core.logger IPython.core.magics IPython.core.oinspect "
    "matplotlib.backends.backend_svg pandas.core.methods.to_dict"
)
PAGE, WRONG = "page.html", "wrong"  # one of which a process leaves, unless it dies


@dataclass(frozen=True)
class Running:
    """A process that runs a job, the folder it writes into, and when it began."""

    process: Any
    job: Job
    folder: Path
    begun: float


def can_fork() -> bool:
    """Return whether processes can be forked here."""
    return "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"


def run_all(jobs: Sequence[Job], *, workers: int = 1, deadline: float = DEADLINE) -> Iterator[Job]:
    """Run reports, so many at once, and yield each job as it ends, with its page or with what went wrong; one that is
    wrong already comes back as it is. A whole report may take `deadline` seconds.
    """
    yield from [job for job in jobs if job.wrong]
    waiting, running = [job for job in jobs if not job.wrong], dict[int, Running]()
    if (fork := can_fork()) and waiting:
        preload(waiting)
    with workspace() as folder:
        try:
            while waiting or running:
                while waiting and len(running) < workers:
                    with held():
                        one = start(waiting.pop(0), folder, fork)
                        running[one.process.sentinel] = one
                first = min(one.begun for one in running.values())
                wait(list(running), timeout=max(first + deadline - time.monotonic(), 0))
                for sentinel, one in list(running.items()):
                    late = time.monotonic() - one.begun > deadline
                    if late or not one.process.is_alive():
                        end(one)
                        yield finished(running.pop(sentinel), deadline if late else 0)
        finally:
            for one in running.values():
                end(one)


def preload(jobs: Sequence[Job]) -> None:
    """Load what reports need, and export a page, without starting a thread."""
    notebooks.load()  # before nbformat, which would have the grammar built
    from nbformat.v4 import new_markdown_cell, new_notebook

    from outages.language import Words

    ours = {job.notebook for job in jobs if job.own}
    if ours:
        prepare_shell()
    for module in sorted({module for path in ours for module in (*LATE.split(), *modules_of(path))}):
        with contextlib.suppress(Exception):  # said by the cell that imports it
            importlib.import_module(module)
    for lang in {job.lang for job in jobs}:
        notebooks.page_of(new_notebook(cells=[new_markdown_cell("# A\n\n- b")]), Job("", Path(), {}, lang))
        Words(lang).listed(["a", "b"])
    gc.freeze()  # what is loaded stays: no process looks through it for rubbish


def modules_of(path: Path) -> Iterator[str]:
    """Yield the modules of the project that the cells of a notebook import from."""
    for source, tags, kind in read_cells(path):
        with contextlib.suppress(SyntaxError, ValueError):
            body = ast.parse(source).body if kind == "code" and LAB not in tags else []
            told = [n for n in body if isinstance(n, ast.ImportFrom)]
            named = [f"{n.module}.{alias.name}" for n in told for alias in n.names]  # most are modules of a room
            named += [alias.name for n in body if isinstance(n, ast.Import) for alias in n.names]
            yield from (name for name in named if name.split(".")[0] == "outages")


def prepare_shell() -> None:
    """Load the engine, and let figures come out alike whatever the user's matplotlib settings are.

    matplotlib would write a list of all properties into the docstring of each of its classes, a quarter of the time
    that loading it takes; no page shows them.
    """
    os.environ["MPLBACKEND"] = "agg"
    import matplotlib
    import matplotlib.artist

    matplotlib.artist.kwdoc = lambda artist: ""
    matplotlib.rcdefaults()
    matplotlib.use("agg")
    importlib.import_module("outages.render.engine")


def start(job: Job, folder: Path, fork: bool) -> Running:
    """Start a process for a job."""
    folder = Path(tempfile.mkdtemp(dir=folder))
    context: Any = multiprocessing.get_context("fork" if fork else "spawn")
    process = context.Process(target=in_child, args=(job, folder, os.getpid()))
    process.start()
    return Running(process, job, folder, time.monotonic())


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Let signals that stop a run wait: what their handler raises in a hook that runs at a fork would be lost."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end(one: Running) -> None:
    """End a process with all that it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(one.process.pid, signal.SIGKILL)
    one.process.kill()
    one.process.join()


def finished(one: Running, deadline: float) -> Job:
    """Return the job of a process that has ended, with what it left behind."""
    job = one.job
    wrong, job.html, job.executed = (text_of(one.folder / name) for name in (WRONG, PAGE, notebooks.EXECUTED))
    job.seconds = time.monotonic() - one.begun
    job.wrong = wrong or ("" if job.html else death(one.process.exitcode, deadline))
    if job.wrong and not job.executed:
        from outages.render.engine import put_together

        job.executed = put_together(one.folder / notebooks.JOURNAL)
    return job


def text_of(path: Path) -> str:
    """Return the text of a file, empty when it is not there."""
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def death(status: int | None, deadline: float) -> str:
    """Say how a process ended that said nothing itself."""
    if deadline:
        return f"timed out after {deadline:g} seconds"
    how = f"of {signal.Signals(-status).name}" if status is not None and status < 0 else f"with status {status}"
    return f"the process died {how}"


def in_child(job: Job, folder: Path, parent: int) -> None:
    """Run one report in a process of its own and leave its page, or what went wrong, in a folder."""
    os.setpgid(0, 0)  # so that what a cell has started can be ended with it
    die_with(parent)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):  # what cells start is to leave the terminal alone
        os.dup2(nowhere, descriptor)
    try:
        fresh_start(job, folder)
        write_whole(folder / PAGE, notebooks.page_of(notebooks.execute(job, folder, shell=job.own), job))
    except BaseException as error:
        write_whole(folder / WRONG, notebooks.in_one_line(error))


def die_with(parent: int) -> None:
    """Ask the system to end this process when its parent ends, however that ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the request
            os._exit(1)


def fresh_start(job: Job, folder: Path) -> None:
    """Set what a fork copies and a kernel has anew: random states, the width that pandas takes from a terminal."""
    os.environ["IPYTHONDIR"] = str(folder / "ipython")
    if not job.own:
        os.environ.pop("MPLBACKEND", None)
        return
    prepare_shell()
    import numpy as np
    import pandas as pd

    random.seed()
    np.random.seed()
    pd.set_option("display.max_columns", 20)
