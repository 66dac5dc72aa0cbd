"""How are reports made on other machines? A Dask cluster runs `outages render` for each, from its own checkout.

What goes out is a command and the key of all that its page is made of, so that a worker of another version refuses;
what comes back is the page. Dask itself has a lost worker's reports made elsewhere.
"""

import logging
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from outages.errors import InputError
from outages.render.keys import Keys
from outages.render.notebook import in_one_line
from outages.render.places import workspace
from outages.render.planning import SET_BY_OPTION, Job

CONNECT, PATIENCE = 10.0, 60.0  # seconds for scheduler and a first worker to answer; for a worker to come back
RETRIES = 2
RUN = """import sys
from outages import cli
from outages.render.pool import die_with
die_with(int(sys.argv[1]))  # a command ends when the worker that runs it does
sys.exit(cli.main(sys.argv[2:]))
"""
OTHER = "holds another version of the project or of the data; bring both to the same commit"


def run_all(jobs: Sequence[Job], scheduler: str) -> Iterator[Job]:
    """Run reports on a cluster and yield each job as it ends, with its page or with what went wrong. Raise InputError,
    before anything is made, when no cluster is there, or one with another version of the project.
    """
    asked = [job for job in jobs if not job.wrong]
    for job in (job for job in asked if not job.own):
        raise InputError(f"--scheduler: {job.notebook} is none of the project's notebooks, which the workers have")
    with connected(scheduler) as client:
        from distributed import wait

        for worker, why in client.run(*called("refusal", list(map(message, asked))), on_error="return").items():
            if why:
                raise InputError(f"worker {worker} {in_one_line(why) if isinstance(why, Exception) else why}")
        yield from [job for job in jobs if job.wrong]
        out = {client.submit(*called("work", message(job)), retries=RETRIES, pure=False): job for job in asked}
        while out:
            try:
                ended = wait(list(out), timeout=PATIENCE, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                if client.status == "running" and client.nthreads():
                    continue
                ended = set(out)  # nobody is left
            for future in ended:
                yield answered(out.pop(future), future)


def answered(job: Job, future: Any) -> Job:
    """Put into a job what a worker gave back, or why it gave nothing."""
    if future.status == "finished":
        job.seconds, job.wrong, job.html = future.result()
    else:
        lost = f"no worker has made it ({future.status})"
        job.wrong = in_one_line(future.exception()) if future.status == "error" else lost
    return job


def connected(scheduler: str) -> Any:
    """Return a client of a scheduler that has a worker; raise InputError when there is none."""
    try:
        from distributed import Client
    except ImportError:
        raise InputError("--scheduler: distributed is not installed; install outages[cluster]") from None
    logging.disable()  # what matters comes back as a result
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # other versions of a library that still understand one another
            client = Client(scheduler, timeout=CONNECT, name="outages")
    except Exception as error:
        why = f"no scheduler answers there ({in_one_line(error)}); write it as tcp://host:8786"
        raise InputError(f"--scheduler {scheduler}: {why}") from None
    try:
        client.wait_for_workers(1, timeout=CONNECT)
    except TimeoutError:
        client.close()
        raise InputError(f"--scheduler {scheduler}: no worker is there; start one: dask worker {scheduler}") from None
    return client


def called(name: str, what: Any) -> tuple[Any, ...]:
    """Return a call of a function here as nothing but text, so that a worker without the project says so."""
    return eval, f"__import__('outages.render.cluster', fromlist=['{name}']).{name}(what)", {"what": what}


def message(job: Job) -> dict[str, Any]:
    """Return a job as it is sent: the command that makes its page, and the key with what that is made of."""
    given = {key: value for key, value in job.parameters.items() if key not in SET_BY_OPTION}
    data = job.parameters.get("data", [])
    words = ["render", job.notebook.stem, "--lang", job.lang, "--quiet", *(f"--data={path}" for path in data)]
    words += [f"--name={job.name}", f"--catalogue={os.devnull}"]  # names are given here
    words += [f"-p{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in given.items()]
    sent = {"command": words, "data": data, "page": (job.notebook.stem, job.lang, given)}
    return sent | {"key": key_of(sent)}


def key_of(sent: dict[str, Any]) -> str:
    """Return the key of a page on this machine."""
    return Keys([Path(path) for path in sent["data"]]).of(*sent["page"])


def refusal(what: Sequence[dict[str, Any]]) -> str:
    """Return why jobs cannot be run on this machine as where they come from; empty when they can."""
    for path in {path for sent in what for path in sent["data"] if not Path(path).is_dir()}:
        return f"has no folder {path}; put the overlay there, under the same path"
    try:
        return "" if all(key_of(sent) == sent["key"] for sent in what) else OTHER
    except OSError:  # a table that is not here
        return OTHER


def work(what: dict[str, Any]) -> tuple[float, str, str]:
    """Make a page on a worker; return how many seconds it took, what went wrong, and the page."""
    if why := refusal([what]):
        return 0.0, f"the worker {why}", ""
    began = time.monotonic()
    with workspace() as folder:
        words = [sys.executable, "-c", RUN, str(os.getpid()), *what["command"], "--out", str(folder)]
        ran = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
        pages = [path.read_text(encoding="utf-8") for path in folder.glob(f"*.{what['page'][1]}.html")]
    errors = ran.stderr.strip().splitlines() or [f"the command ended with status {ran.returncode}"]
    return time.monotonic() - began, errors[-1] if ran.returncode or not pages else "", "".join(pages[:1])
