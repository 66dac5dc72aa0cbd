"""What does a worker of a cluster do with the reports that it is given? It has a fresh process run them, and hands on what that one says.

A worker has threads and may be forbidden to have children, so it forks nothing itself. The process asks first whether this machine holds what the reports
were asked of, then runs them as `outages.warm` does. Nothing here loads pandas in the worker, and what the worker has loaded long ago makes no page.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from outages import __version__
from outages.catalogue import NOTEBOOKS, Keys

BEAT = 1.0  # seconds between two looks at whether anybody still wants the reports
ELSEWHERE = ("lang", "data")  # parameters that a key has already


def work(batch: str) -> dict[str, Any]:
    """Run a batch of reports as a task of Dask; return the worker's address, and what `ask` returns."""
    from distributed import get_worker

    worker = get_worker()
    return {"worker": worker.address} | ask(batch, wanted(worker), worker.local_directory)


def look(batch: str) -> dict[str, Any]:
    """Ask whether a batch could be run here."""
    return ask(batch)


def wanted(worker: Any) -> Callable[[], bool]:
    """Return a function that tells whether anybody still waits for the task that runs in this thread."""
    key = worker.get_current_task()

    def still() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state != "cancelled"

    return still


def ask(batch: str, still: Callable[[], bool] = lambda: True, folder: str | None = None) -> dict[str, Any]:
    """Have a fresh process answer; return its `answers`, line by line, the `status` with which it ended, and the last thing that it `said` beside them.

    Parameters
    ----------
    batch : what `message` returned
    still : tells whether the answers are still wanted; the process is ended when they are not
    folder : where it keeps its files, so that they go with the worker's
    """
    command = [sys.executable, "-m", "outages.worker", str(os.getpid())]
    where = os.environ | ({"TMPDIR": folder} if folder else {})
    with (
        text_file() as asked,
        text_file() as answers,
        text_file() as beside,
    ):  # files, because a pipe that nobody reads stops who writes
        asked.write(batch)
        asked.seek(0)
        process = subprocess.Popen(command, stdin=asked, stdout=answers, stderr=beside, env=where)
        try:
            while process.poll() is None and still():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(BEAT)
        finally:
            process.kill()
            process.wait()
        answers.seek(0)
        beside.seek(0)
        said = beside.read().strip().splitlines()
        return {"answers": answers.read().splitlines(), "status": process.returncode, "said": said[-1] if said else ""}


def text_file() -> Any:
    """Return a file that is gone when it is closed."""
    return tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")


def message(jobs: Iterable[Mapping[str, Any]], run: bool) -> str:
    """Return a batch as it is sent: reports without any path of the sender's but those of overlays, and whether to run them or only to compare."""
    return json.dumps({"version": __version__, "run": run, "jobs": list(jobs)})


def key_of(job: Mapping[str, Any], known: dict[tuple[str, ...], Keys]) -> str:
    """Return the hash of all that a page is made of on this machine; `known` keeps what several pages share."""
    overlays = tuple(job["parameters"].get("data", ()))
    keys = known.setdefault(overlays, Keys([Path(path) for path in overlays]))
    own = {name: value for name, value in job["parameters"].items() if name not in ELSEWHERE}
    return keys.of(job["notebook"], job["lang"], own)


def refusal(batch: Mapping[str, Any]) -> str:
    """Return why a batch cannot be run on this machine as where it comes from; empty when it can."""
    for path in sorted({path for job in batch["jobs"] for path in job["parameters"].get("data", ())}):
        if not Path(path).is_dir():
            return f"has no folder {path}; put the overlay there, under the same path"
    known: dict[tuple[str, ...], Keys] = {}
    try:
        same = batch["version"] == __version__ and all(key_of(job, known) == job["key"] for job in batch["jobs"])
    except OSError:  # a notebook or a table that is not here
        same = False
    return "" if same else "holds another version of the project or of the data; bring both to the same commit"


def main(parent: int) -> None:
    """Answer a batch from standard input with a line of JSON for each report, or for why none is run."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)  # what a library or a cell prints is no answer
        batch = json.load(sys.stdin)
        if why := refusal(batch):
            answers.write(json.dumps({"refused": why}) + "\n")
        elif batch["run"]:
            run(batch["jobs"], parent, lambda answer: print(json.dumps(answer), file=answers, flush=True))


def run(jobs: Iterable[Mapping[str, Any]], parent: int, say: Callable[[dict[str, Any]], None]) -> None:
    """Run reports and say what became of each; an executed notebook goes back only when it failed."""
    from outages import warm
    from outages.render import Job

    warm.die_with(parent)
    planned = [
        Job(j["name"], NOTEBOOKS / f"{j['notebook']}.ipynb", j["parameters"], j["lang"], j["title"], input_hash=str(n))
        for n, j in enumerate(jobs)
    ]
    for result in warm.run_all(planned):
        executed = result.executed if result.wrong else ""
        say({
            "number": int(result.job.input_hash), "seconds": result.seconds, "wrong": result.wrong, "page": result.page, "executed": executed,
        })  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]))
