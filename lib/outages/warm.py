"""How are many reports run for the price of few? Each in a process of its own, forked from one that has everything loaded.

A forked process starts with all imports and with the registry read, and shares nothing that it changes. The parent only watches: a process that dies or takes
too long fails alone. Where processes cannot be forked, each report starts a process and a plain kernel of its own.
"""

import contextlib
import ctypes
import json
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

from outages import render as rendering
from outages.render import Job, in_one_line

DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
PAGE, EXECUTED, OUTCOME = "page.html", "executed.ipynb", "outcome.json"  # what a process leaves in its folder


@dataclass(frozen=True)
class Result:
    """What became of a job: its `page`, or what went `wrong`, and the `executed` notebook as far as it came."""

    job: Job
    seconds: float
    wrong: str = ""
    page: str = ""
    executed: str = ""


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


def run_all(jobs: Sequence[Job], *, workers: int = 1, deadline: float = 0, progress: bool = False) -> Iterator[Result]:
    """Run reports and yield each result as it comes.

    Parameters
    ----------
    workers : how many reports run at once
    deadline : seconds for one whole report, 0 for `outages.render.DEADLINE`
    progress : show a bar for each report (only with one worker)
    """
    forked = can_fork()
    if forked:
        preload()
    deadline = deadline or rendering.DEADLINE
    waiting = list(enumerate(jobs))
    running: dict[int, Running] = {}
    with tempfile.TemporaryDirectory(prefix="outages-") as folder:
        try:
            while waiting or running:
                while waiting and len(running) < workers:
                    number, job = waiting.pop(0)
                    started = start(job, Path(folder) / str(number), forked, progress and workers == 1)
                    running[started.process.sentinel] = started
                ends = min(r.begun for r in running.values()) + deadline
                wait(list(running), timeout=max(ends - time.monotonic(), 0))
                for sentinel, one in list(running.items()):
                    late = time.monotonic() - one.begun > deadline
                    if late or not one.process.is_alive():
                        end(one)
                        yield result_of(running.pop(sentinel), deadline if late else 0)
        finally:
            for one in running.values():
                end(one)


def preload() -> None:
    """Load what reports need, without starting a thread."""
    import matplotlib

    # as in a kernel; taken up at the first figure
    matplotlib.rcParams["backend"] = os.environ.get("MPLBACKEND") or "module://matplotlib_inline.backend_inline"
    rendering.load()
    from outages import engine, report  # noqa: F401


def start(job: Job, folder: Path, forked: bool, progress: bool) -> Running:
    """Start a process for a job."""
    folder.mkdir()
    context: Any = multiprocessing.get_context("fork" if forked else "spawn")
    process = context.Process(target=in_child, args=(job, folder, forked, progress, os.getpid()))
    process.start()
    return Running(process, job, folder, time.monotonic())


def end(one: Running) -> None:
    """End a process with all that it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(one.process.pid, signal.SIGKILL)
    one.process.kill()
    one.process.join()


def result_of(one: Running, deadline: float) -> Result:
    """Return what a process that has ended left behind."""
    said, page, executed = (left(one.folder / name) for name in (OUTCOME, PAGE, EXECUTED))
    wrong = json.loads(said)["wrong"] if said else died(one.process.exitcode, deadline)
    return Result(one.job, time.monotonic() - one.begun, wrong, page, executed)


def left(path: Path) -> str:
    """Return the text of a file, empty when it is not there."""
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def died(status: int | None, deadline: float) -> str:
    """Say how a process ended that said nothing itself."""
    if deadline:
        return f"timed out after {deadline:g} seconds"
    if status is not None and status < 0:
        return f"the process died of {signal.Signals(-status).name}"
    return f"the process died with status {status}"


def in_child(job: Job, folder: Path, forked: bool, progress: bool, parent: int) -> None:
    """Run one report in a process of its own and leave page, executed notebook and outcome in a folder."""
    os.setpgid(0, 0)  # so that what a cell has started can be ended with it
    die_with(parent)
    if forked:
        fresh_start()
    wrong = ""
    try:
        notebook = rendering.execute(job, folder / EXECUTED, progress, engine=rendering.INSIDE if forked else None)
        (folder / PAGE).write_text(rendering.page_of(notebook, job), encoding="utf-8")
    except BaseException as error:
        wrong = in_one_line(error) or type(error).__name__
    (folder / OUTCOME).write_text(json.dumps({"wrong": wrong}), encoding="utf-8")


def die_with(parent: int) -> None:
    """Ask the system to end this process when its parent ends, however that ends (Linux); nobody is left behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the request
            os._exit(1)


def fresh_start() -> None:
    """Set what a fork copies and a fresh kernel has anew: random states, and the option that pandas sets by where it is imported."""
    import numpy as np
    import pandas as pd

    random.seed()
    np.random.seed()
    pd.set_option("display.max_columns", 20)  # as in a kernel; at import from a terminal pandas sets 0
