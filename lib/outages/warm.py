"""How are many reports made for the price of few? Each in a process of its own, forked from one that has everything loaded.

A forked process starts with all imports and with the registry read, and shares nothing that it changes. The parent only watches: a process that dies or takes
too long fails alone. Where processes cannot be forked, reports run one after the other in plain kernels.
"""

import ctypes
import json
import multiprocessing
import os
import random
import shutil
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
from outages.render import Job, RenderError, in_one_line, target_of
from outages.shelf import note, write_whole

DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


@dataclass(frozen=True)
class Outcome:
    """What became of a job: `page` when it was made, otherwise what went `wrong` and the executed notebook that was `kept`, if any."""

    job: Job
    seconds: float
    page: Path | None = None
    wrong: str = ""
    kept: Path | None = None


def can_fork() -> bool:
    """Return whether processes can be forked here."""
    return "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"


def make_all(
    jobs: Sequence[Job], out: Path, *, workers: int = 1, deadline: float = 0, progress: bool = False
) -> Iterator[Outcome]:
    """Make pages and yield each outcome as it comes; the manifest and the index are brought up to date each time.

    Parameters
    ----------
    workers : how many reports are made at once
    deadline : seconds for one whole report, 0 for `outages.render.DEADLINE`
    progress : show a bar for each report (only with one worker)
    """
    out.mkdir(parents=True, exist_ok=True)
    if not can_fork():
        yield from plainly(jobs, out, progress)
        return
    preload()
    with tempfile.TemporaryDirectory(prefix="outages-") as folder:
        yield from watched(jobs, out, Path(folder), workers, deadline or rendering.DEADLINE, progress and workers == 1)


def plainly(jobs: Sequence[Job], out: Path, progress: bool) -> Iterator[Outcome]:
    """Make pages in plain kernels, one after the other."""
    for job in jobs:
        begun = time.monotonic()
        try:
            page = rendering.render(job, out, progress=progress)
            yield Outcome(job, time.monotonic() - begun, page)
        except RenderError as error:
            yield Outcome(job, time.monotonic() - begun, wrong=str(error), kept=error.kept)


def preload() -> None:
    """Load what reports need, without starting a thread."""
    import matplotlib

    # as in a kernel; taken up at the first figure
    matplotlib.rcParams["backend"] = os.environ.get("MPLBACKEND") or "module://matplotlib_inline.backend_inline"
    import nbconvert  # noqa: F401

    from outages import dossier, engine, report  # noqa: F401


def watched(
    jobs: Sequence[Job], out: Path, folder: Path, workers: int, deadline: float, progress: bool
) -> Iterator[Outcome]:
    """Fork a process for each job, at most so many at once, and end those that take too long."""
    context = multiprocessing.get_context("fork")
    waiting = list(enumerate(jobs))
    running: dict[int, tuple[Any, Job, Path, float]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                number, job = waiting.pop(0)
                place = folder / str(number)
                place.mkdir()
                process = context.Process(target=in_child, args=(job, out, place, progress, os.getpid()), daemon=True)
                process.start()
                running[process.sentinel] = (process, job, place, time.monotonic())
            ends = min(begun for *_rest, begun in running.values()) + deadline
            wait(list(running), timeout=max(ends - time.monotonic(), 0))
            for sentinel, (process, job, place, begun) in list(running.items()):
                late = time.monotonic() - begun > deadline
                if process.is_alive() and not late:
                    continue
                if process.is_alive():
                    process.kill()
                process.join()
                del running[sentinel]
                yield settled(job, out, place, time.monotonic() - begun, process.exitcode, deadline if late else 0)
    finally:
        for process, *_rest in running.values():
            process.kill()
            process.join()


def settled(job: Job, out: Path, place: Path, seconds: float, status: int | None, deadline: float) -> Outcome:
    """Return what became of a job whose process has ended, and note it in the manifest."""
    said = place / "outcome.json"
    wrong = json.loads(said.read_text(encoding="utf-8"))["wrong"] if said.exists() else died(status, deadline)
    entry: dict[str, Any] = {
        "name": job.name,
        "lang": job.lang,
        "parameters": job.parameters,
        "data_version": job.data_version,
        "key": job.key,
    }
    page = target_of(job, out)
    note(out, page.name, {**entry, "seconds": round(seconds, 2), "status": "failed" if wrong else "made"})
    if not wrong:
        return Outcome(job, seconds, page)
    executed, kept = place / f"{job.name}.{job.lang}.ipynb", None
    if executed.exists():
        rendering.FAILED.mkdir(parents=True, exist_ok=True)
        kept = rendering.FAILED / executed.name
        shutil.copyfile(executed, kept)
    return Outcome(job, seconds, wrong=wrong, kept=kept)


def died(status: int | None, deadline: float) -> str:
    """Say how a process ended that said nothing itself."""
    if deadline:
        return f"timed out after {deadline:g} seconds"
    if status is not None and status < 0:
        return f"the process died of {signal.Signals(-status).name}"
    return f"the process died with status {status}"


def in_child(job: Job, out: Path, place: Path, progress: bool, parent: int) -> None:
    """Make one page in a forked process; what went wrong is left in a file for the parent."""
    die_with(parent)
    fresh_start()
    from outages.engine import NAME

    wrong = ""
    try:
        notebook = rendering.execute(job, place / f"{job.name}.{job.lang}.ipynb", progress, engine=NAME)
        write_whole(target_of(job, out), rendering.page_of(notebook, job))
    except BaseException as error:
        wrong = in_one_line(error) or type(error).__name__
    (place / "outcome.json").write_text(json.dumps({"wrong": wrong}), encoding="utf-8")


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
