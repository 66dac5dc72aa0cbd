"""How are reports made on other machines? A Dask cluster runs `outages render` for each, from its own checkout, and the pages come back.

What goes out is text: a command, and the key of all that its page is made of here, so that a worker of another version refuses. A lost worker's reports are
made elsewhere by Dask itself.
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
from outages.render.notebook import SET_BY_OPTION, Job, in_one_line
from outages.render.workspace import workspace

CONNECT, PATIENCE = (
    10.0,
    60.0,
)  # seconds for scheduler and a first worker to answer; for a worker to come back when all are lost
RETRIES = 2
OTHER = "holds another version of the project or of the data; bring both to the same commit"
COMMAND = "import sys; from outages import cli; from outages.render.pool import die_with; die_with(int(sys.argv[1])); sys.exit(cli.main(sys.argv[2:]))"


class ClusterError(InputError):
    """A cluster that cannot be used; the message says why and what to do."""


def run_all(jobs: Sequence[Job], scheduler: str) -> Iterator[Job]:
    """Run reports on a cluster and yield each job as it ends, with its page or with what went wrong.

    Raises
    ------
    ClusterError : no cluster there, or one with another version of the project, before anything is made
    """
    from distributed import wait

    yield from (job for job in jobs if job.wrong)
    asked = [job for job in jobs if not job.wrong]
    if foreign := [job.notebook for job in asked if not job.own]:
        raise ClusterError(
            f"--scheduler: {foreign[0]} is none of the project's notebooks, which alone are on the workers"
        )
    with connected(scheduler) as client:
        for worker, answer in client.run(
            *called("refusal", [message(job) for job in asked]), on_error="return"
        ).items():
            if why := in_one_line(answer) if isinstance(answer, Exception) else answer:
                raise ClusterError(f"--scheduler {scheduler}: worker {worker} {why}")
        out = {client.submit(*called("work", message(job)), retries=RETRIES, pure=False): job for job in asked}
        while out:
            try:
                ended = wait(list(out), timeout=PATIENCE, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                if client.status == "running" and client.nthreads():
                    continue
                ended = set(out)
            for future in ended:
                yield answered(out.pop(future), future)


def answered(job: Job, future: Any) -> Job:
    """Put into a job what a worker gave back, or why it gave nothing."""
    if future.status == "finished":
        job.seconds, job.wrong, job.html = future.result()
    elif future.status == "error":
        job.wrong = in_one_line(future.exception())
    else:
        job.wrong = (
            "the scheduler was lost" if future.status in ("lost", "cancelled") else "no worker is there any more"
        )
    return job


def connected(scheduler: str) -> Any:
    """Return a client of a scheduler that has a worker.

    Raises
    ------
    ClusterError : distributed is not installed, no scheduler answers, or no worker is there
    """
    try:
        from distributed import Client
    except ImportError:
        raise ClusterError("--scheduler: distributed is not installed; install outages[cluster]") from None
    for name in [
        n for n in logging.root.manager.loggerDict if n.split(".")[0] in ("distributed", "tornado", "asyncio")
    ]:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # what matters comes back as a result
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # other versions of a library that still understand one another
            client = Client(scheduler, timeout=CONNECT, set_as_default=False, name="outages")
    except Exception as error:
        raise ClusterError(
            f"--scheduler {scheduler}: no scheduler answers there ({in_one_line(error)}); write it as tcp://host:8786"
        ) from None
    try:
        client.wait_for_workers(1, timeout=CONNECT)
    except TimeoutError:
        client.close()
        raise ClusterError(f"--scheduler {scheduler}: no worker is there; start one: dask worker {scheduler}") from None
    return client


def called(name: str, what: Any) -> tuple[Any, ...]:
    """Return a call of a function here as nothing but text, so that a worker without the project says so instead of being lost."""
    return eval, f"__import__('outages.render.cluster', fromlist=['{name}']).{name}(what)", {"what": what}


def message(job: Job) -> dict[str, Any]:
    """Return a job as it is sent: the command that makes its page, and what its key is made of."""
    own = {key: value for key, value in job.parameters.items() if key not in SET_BY_OPTION}
    data = job.parameters.get("data", [])
    command = ["render", job.notebook.stem, "--lang", job.lang, "--quiet", *(f"--data={path}" for path in data)]
    command += [f"-p{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in own.items()]
    sent = {"notebook": job.notebook.stem, "lang": job.lang, "parameters": own, "data": data}
    return {"command": command, **sent, "key": key_of(sent)}


def key_of(sent: dict[str, Any]) -> str:
    """Return the key of a page on this machine."""
    return Keys([Path(path) for path in sent["data"]]).of(sent["notebook"], sent["lang"], sent["parameters"])


def refusal(sent: Sequence[dict[str, Any]]) -> str:
    """Return why jobs cannot be run on this machine as where they come from; empty when they can."""
    for path in {path for job in sent for path in job["data"] if not Path(path).is_dir()}:
        return f"has no folder {path}; put the overlay there, under the same path"
    try:
        return "" if all(key_of(job) == job["key"] for job in sent) else OTHER
    except OSError:  # a notebook or a table that is not here
        return OTHER


def work(sent: dict[str, Any]) -> tuple[float, str, str]:
    """Make a page on a worker; return how many seconds it took, what went wrong, and the page."""
    if why := refusal([sent]):
        return 0.0, why, ""
    began = time.monotonic()
    with workspace() as folder:
        command = [sys.executable, "-c", COMMAND, str(os.getpid()), *sent["command"], "--out", str(folder)]
        ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
        pages = sorted(folder.glob(f"*.{sent['lang']}.html"))
        wrong = (ran.stderr.strip().splitlines() or [f"the command ended with status {ran.returncode}"])[-1]
        page = pages[0].read_text(encoding="utf-8") if pages else ""
        return time.monotonic() - began, "" if page and not ran.returncode else wrong, page
