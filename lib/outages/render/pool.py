"""How are many reports made for the price of few? Each in a process of its own, forked from one that has everything loaded; its page replaces the last one whole.

A forked process starts with all imports and with the registry read, and shares nothing that it changes. The parent only watches: a process that dies or takes
too long fails alone, and the page before it stays. Where processes cannot be forked, each report starts one anew.
"""

import ast
import contextlib
import ctypes
import importlib
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from outages.paths import REPORTS
from outages.render import notebook as notebooks
from outages.render.manifest import Manifest, reaching, write_whole
from outages.render.notebook import Job
from outages.render.pdf import PrintError, find_chromium, print_page
from outages.render.workspace import workspace

FAILED = REPORTS / "failed"
DEADLINE = 1800.0  # seconds for a whole report
DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
PAGE, EXECUTED, JOURNAL, OUTCOME = "page.html", "executed.ipynb", "journal", "outcome.json"  # what a process leaves


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


def run_all(jobs: Sequence[Job], *, workers: int = 1, deadline: float = 0, progress: bool = False) -> Iterator[Job]:
    """Run reports and yield each job as it ends, with its page or with what went wrong.

    Parameters
    ----------
    jobs : plans; one that is wrong already comes back as it is
    workers : how many reports run at once
    deadline : seconds for one whole report, 0 for `DEADLINE`
    progress : show a bar for each report (only with one worker)
    """
    yield from (job for job in jobs if job.wrong)
    waiting = [job for job in jobs if not job.wrong]
    deadline, fork, running = deadline or DEADLINE, can_fork(), dict[int, Running]()
    if waiting and fork:
        preload(waiting)
    with workspace() as folder:
        try:
            while waiting or running:
                while waiting and len(running) < workers:
                    one = start(waiting.pop(0), folder, fork, progress and workers == 1)
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
    """Load what reports need, and export an empty page, without starting a thread."""
    from nbformat.v4 import new_notebook

    notebooks.load()
    ours = {job.notebook for job in jobs if job.own}
    if ours:
        prepare_figures()
        importlib.import_module("outages.render.engine")
    for module in sorted({module for path in ours for module in modules_of(path)}):
        with contextlib.suppress(Exception):  # said by the cell that imports it
            importlib.import_module(module)
    for lang in {job.lang for job in jobs}:
        notebooks.page_of(new_notebook(), Job("", Path(), {}, lang))


def modules_of(path: Path) -> Iterator[str]:
    """Yield the modules of the project that the cells of a notebook import from."""
    for cell in notebooks.cells_of(path):
        with contextlib.suppress(SyntaxError, ValueError):
            body = ast.parse(cell.source).body if cell.kind == "code" and notebooks.LAB not in cell.tags else []
            yield from (
                n.module for n in body if isinstance(n, ast.ImportFrom) and (n.module or "").startswith("outages")
            )


def prepare_figures() -> None:
    """Let figures come out alike whatever the user's matplotlib settings are."""
    os.environ["MPLBACKEND"] = "agg"
    import matplotlib

    matplotlib.rcdefaults()
    matplotlib.use("agg")


def start(job: Job, folder: Path, fork: bool, progress: bool) -> Running:
    """Start a process for a job."""
    folder = Path(tempfile.mkdtemp(dir=folder))
    context: Any = multiprocessing.get_context("fork" if fork else "spawn")
    process = context.Process(target=in_child, args=(job, folder, progress, os.getpid()))
    process.start()
    return Running(process, job, folder, time.monotonic())


def end(one: Running) -> None:
    """End a process with all that it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(one.process.pid, signal.SIGKILL)
    one.process.kill()
    one.process.join()


def finished(one: Running, deadline: float) -> Job:
    """Return the job of a process that has ended, with what it left behind."""
    from outages.render.engine import put_together

    job, outcome = one.job, text_of(one.folder / OUTCOME)
    job.seconds, job.html = time.monotonic() - one.begun, text_of(one.folder / PAGE)
    job.wrong = json.loads(outcome)["wrong"] if outcome else death(one.process.exitcode, deadline)
    job.executed = text_of(one.folder / EXECUTED) or put_together(one.folder / JOURNAL)
    return job


def text_of(path: Path) -> str:
    """Return the text of a file, empty when it is not there."""
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def death(status: int | None, deadline: float) -> str:
    """Say how a process ended that said nothing itself."""
    if deadline:
        return f"timed out after {deadline:g} seconds"
    if status is not None and status < 0:
        return f"the process died of {signal.Signals(-status).name}"
    return f"the process died with status {status}"


def in_child(job: Job, folder: Path, progress: bool, parent: int) -> None:
    """Run one report in a process of its own and leave page, executed notebook and outcome in a folder."""
    os.setpgid(0, 0)  # so that what a cell has started can be ended with it
    die_with(parent)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ["IPYTHONDIR"] = str(folder / "ipython")
    bar = away_from_terminal(progress)
    fresh_start(job.own)
    wrong = ""
    try:
        executed = notebooks.execute(job, folder / EXECUTED, shell=job.own, bar=bar, journal=folder / JOURNAL)
        (folder / PAGE).write_text(notebooks.page_of(executed, job), encoding="utf-8")
    except BaseException as error:
        wrong = notebooks.in_one_line(error)
    (folder / OUTCOME).write_text(json.dumps({"wrong": wrong}), encoding="utf-8")


def die_with(parent: int) -> None:
    """Ask the system to end this process when its parent ends, however that ends (Linux); nobody is left behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the request
            os._exit(1)


class Bar:
    """Where a progress bar is written: a terminal that may speak no UTF-8 or go away, for which no report fails."""

    def __init__(self) -> None:
        self.file = os.fdopen(os.dup(2), "w", errors="replace")

    def write(self, text: str) -> None:
        """Write to the terminal, if there still is one."""
        with contextlib.suppress(OSError, ValueError):
            self.file.write(text)
            self.file.flush()

    def flush(self) -> None:
        """Do nothing, since `write` does."""


def away_from_terminal(progress: bool) -> Bar | None:
    """Keep what cells start from reading and writing the terminal; only a progress bar stays there."""
    bar = Bar() if progress else None
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    return bar


def fresh_start(own: bool) -> None:
    """Set what a fork copies and a new process has anew: random states, the options that pandas sets by where it is imported, the backend of figures."""
    if not own:
        os.environ.pop("MPLBACKEND", None)
        return
    prepare_figures()
    importlib.import_module("outages.render.engine")
    import numpy as np
    import pandas as pd

    random.seed()
    np.random.seed()
    pd.set_option("display.max_columns", 20)  # as in a kernel; at import from a terminal pandas sets 0


def make_all(jobs: Iterable[Job], out: Path) -> Iterator[Job]:
    """Put the pages of jobs that have run into a folder, and yield each; the manifest and the index are kept up to date.

    Parameters
    ----------
    jobs : what `run_all` here or that of `outages.render.cluster` yields
    out : folder, also one away from this machine, see `outages.render.manifest.place`
    """
    with reaching(out):
        out.mkdir(parents=True, exist_ok=True)
    manifest = Manifest(out)
    try:
        for job in jobs:
            put(job, out)
            manifest.note(job)
            yield job
    finally:
        manifest.flush()


def put(job: Job, out: Path) -> None:
    """Write the page of a job and print it if wanted, or keep the notebook of one that failed."""
    if not job.wrong:
        try:
            write_whole(out / job.file, job.html)
            job.page = out / job.file
        except OSError as error:
            job.wrong = f"{out / job.file}: {error.strerror or error}"
    if job.wrong:
        keep(job)
    elif "pdf" in job.formats:
        try:
            job.pdf = print_page(out / job.file, find_chromium())
        except (PrintError, notebooks.NotebookError, OSError) as error:
            job.unprinted = str(error)


def keep(job: Job) -> None:
    """Keep the executed notebook of a failed report, for the user's eyes alone: in the checkout, else in a temporary folder, else not."""
    for make in (lambda: FAILED, lambda: Path(tempfile.mkdtemp(prefix="outages-failed-"))) if job.executed else ():
        with contextlib.suppress(OSError):
            (folder := make()).mkdir(parents=True, exist_ok=True)
            kept = folder / f"{job.name}.{job.lang}.ipynb"
            kept.touch(0o600)
            kept.chmod(0o600)
            write_whole(kept, job.executed)
            job.kept = kept
            return


def summary(made: Sequence[Job], unchanged: Sequence[str] = ()) -> Iterator[str]:
    """Yield the lines of a table that says for each report how many pages were made, failed, and have not changed, and how long they took.

    `unchanged` names the report of each page that has not changed.
    """
    head = ("report", "pages", "made", "failed", "unchanged", "seconds", "longest")
    names = sorted({*unchanged, *(job.report for job in made)})
    rows = [line_of(n, [job for job in made if job.report == n], unchanged.count(n)) for n in names]
    rows += [line_of("all", made, len(unchanged))] if len(rows) > 1 else []
    wide = max(len(row[0]) for row in [head, *rows])
    for row in [head, *rows]:
        yield f"{row[0]:<{wide}}" + "".join(f"{cell:>11}" for cell in row[1:])


def line_of(name: str, made: Sequence[Job], unchanged: int) -> tuple[str, ...]:
    """Return one row of the summary."""
    failed, seconds = sum(bool(job.wrong) for job in made), [job.seconds for job in made]
    counts = (len(made) + unchanged, len(made) - failed, failed, unchanged)
    return (name, *map(str, counts), f"{sum(seconds):.1f}", f"{max(seconds, default=0):.1f}")
