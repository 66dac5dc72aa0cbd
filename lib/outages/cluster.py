"""How are reports made on other machines? A Dask cluster runs them and gives the pages back.

Reports go out in small batches, so that a lost worker costs little: Dask has its batches done again elsewhere. When several workers have died on a batch, its
reports are tried once more, each by itself, to find the one that kills.
"""

import asyncio
import json
import logging
import math
import queue
import re
import time
import uuid
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from outages.catalogue import Keys
from outages.errors import InputError
from outages.render import Job, in_one_line
from outages.warm import Result, died
from outages.worker import key_of, message

FORM = re.compile(r"(tcp|tls|ucx|wss?)://\S+:\d+/?")
CONNECT = 10.0  # seconds for the scheduler to answer, and for a first worker to be there
PATIENCE = 60.0  # seconds without any worker after which nobody waits longer
BEAT = 5.0  # seconds between two looks at whether workers are there
SHARE, BATCH = 4, 8  # batches that each thread gets, if there are reports enough; reports in a batch at most
NOISY = ("distributed", "tornado", "asyncio")


class ClusterError(InputError):
    """A cluster that cannot be used; the message says why and what to do."""


def run_all(jobs: Sequence[Job], scheduler: str) -> Iterator[Result]:
    """Run reports on a cluster and yield each result as it comes.

    Connects and compares at once, so that nothing is begun that cannot be done.

    Parameters
    ----------
    jobs : reports
    scheduler : address of a Dask scheduler

    Raises
    ------
    ClusterError : no cluster there, or one with another version of the project
    """
    if not FORM.fullmatch(scheduler):
        raise ClusterError(f"--scheduler {scheduler}: is no address; write it as tcp://host:8786")
    client = connected(scheduler)
    try:
        sent = described(jobs)
        compare(client, sent, scheduler)
        threads = sum(client.nthreads().values())
    except BaseException:
        client.close()
        raise
    return Sweep(client, jobs, sent).results(max(1, min(BATCH, math.ceil(len(jobs) / (SHARE * max(threads, 1))))))


def described(jobs: Sequence[Job]) -> list[dict[str, Any]]:
    """Return jobs as they are sent, each with the hash of all that its page is made of here."""
    known: dict[tuple[str, ...], Keys] = {}
    sent: list[dict[str, Any]] = [
        {"name": j.name, "notebook": j.notebook.stem, "parameters": j.parameters, "lang": j.lang, "title": j.title}
        for j in jobs
    ]
    return [job | {"key": key_of(job, known)} for job in sent]


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
    hush()
    try:
        kind = asyncio.run(identity(scheduler)).get("type")
        if kind != "Scheduler":
            raise ClusterError(f"--scheduler {scheduler}: that is a {kind}; give the address of the scheduler")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # other versions of a library that still understand one another
            client = Client(scheduler, timeout=CONNECT, set_as_default=False, name="outages")
    except ClusterError:
        raise
    except Exception as error:
        raise ClusterError(f"--scheduler {scheduler}: no scheduler answers there ({in_one_line(error)})") from None
    try:
        client.wait_for_workers(1, timeout=CONNECT)
    except TimeoutError:
        client.close()
        raise ClusterError(f"--scheduler {scheduler}: no worker is there; start one: dask worker {scheduler}") from None
    return client


async def identity(address: str) -> Mapping[str, Any]:
    """Ask who answers at an address; a client that fails to connect would leave a thread behind."""
    from distributed.core import rpc

    async with rpc(address, timeout=CONNECT) as there:
        return await asyncio.wait_for(there.identity(), CONNECT)


def hush() -> None:
    """Keep what distributed logs from the terminal: what matters comes back as a result."""
    for name in {*NOISY, *(n for n in logging.root.manager.loggerDict if n.split(".")[0] in NOISY)}:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def compare(client: Any, sent: Sequence[Mapping[str, Any]], scheduler: str) -> None:
    """Have every worker compare what it holds with what is here.

    Raises
    ------
    ClusterError : a worker holds something else, or lacks the project
    """
    for worker, answer in client.run(*called("look", message(sent, run=False)), on_error="return").items():
        if isinstance(answer, ImportError):
            raise ClusterError(lacking(worker, in_one_line(answer)))
        if isinstance(answer, OSError):  # it has gone meanwhile; whoever comes instead is asked with each batch
            continue
        if isinstance(answer, Exception):
            raise ClusterError(f"--scheduler {scheduler}: worker {worker}: {in_one_line(answer)}")
        refuse(worker, answer)


def called(name: str, batch: str) -> tuple[Any, ...]:
    """Return a call of a function of `outages.worker` as nothing but text: the scheduler needs no package to read it, and a worker without it says so.

    A function would be sent by its name, and a worker that cannot find that loses its connection.
    """
    return eval, f"__import__('outages.worker').worker.{name}(batch)", {"batch": batch}


def lacking(worker: str, why: str) -> str:
    """Say that a worker cannot load the project."""
    why = why.removeprefix("ModuleNotFoundError(").strip('"()')  # as distributed wraps it
    return f"worker {worker} cannot load the package outages ({why}); install the project there, at the same commit"


def refuse(worker: str, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the answers of a worker's process.

    Raises
    ------
    ClusterError : it refused, or could not start
    """
    answers = [json_of(line) for line in answer["answers"]]
    for one in answers:
        if "refused" in one:
            raise ClusterError(f"worker {worker} {one['refused']}")
    if answer["status"] == 1 and not answers:
        raise ClusterError(lacking(worker, answer["said"]))
    return answers


def json_of(line: str) -> dict[str, Any]:
    """Read one line of JSON; a line that was cut off says nothing."""
    try:
        return json.loads(line)
    except ValueError:
        return {}


class Sweep:
    """The reports of one run on a cluster, each by its number, and which batch is out for which of them."""

    def __init__(self, client: Any, jobs: Sequence[Job], sent: Sequence[Mapping[str, Any]]):
        self.client, self.jobs, self.sent = client, jobs, sent
        self.out: dict[str, tuple[Any, list[int]]] = {}
        self.suspects: list[int] = []  # reports on whose batch workers died
        self.alone = False  # whether suspects are being tried
        self.ended: queue.SimpleQueue[str] = queue.SimpleQueue()

    def results(self, size: int) -> Iterator[Result]:
        """Yield the result of each report; what is left is cancelled when nobody asks for more."""
        try:
            for first in range(0, len(self.jobs), size):
                self.submit(list(range(len(self.jobs)))[first : first + size])
            seen = time.monotonic()
            while self.out:
                try:
                    future, numbers = self.out.pop(self.ended.get(timeout=BEAT))
                except queue.Empty:
                    seen = time.monotonic() if self.workers() else seen
                    if time.monotonic() - seen > PATIENCE:
                        yield from self.abandoned()
                    continue
                seen = time.monotonic()
                yield from self.settled(future, numbers)
                if not self.out and self.suspects:
                    self.alone = True
                    self.submit([self.suspects.pop(0)])
        finally:
            self.client.close()

    def submit(self, numbers: list[int]) -> None:
        """Send a batch."""
        batch = message([self.sent[n] for n in numbers], run=True)
        future = self.client.submit(*called("work", batch), key=f"outages-{uuid.uuid4().hex}", pure=False)
        self.out[future.key] = future, numbers
        future.add_done_callback(lambda done: self.ended.put(done.key))

    def workers(self) -> int:
        """Return how many workers there are now."""
        try:
            return len(self.client.nthreads())
        except Exception:  # the scheduler is away as well
            return 0

    def settled(self, future: Any, numbers: list[int]) -> Iterator[Result]:
        """Yield the results of a batch that has ended, or mark its reports as suspects."""
        from distributed import KilledWorker

        try:
            answer = future.result(timeout=PATIENCE)  # it may have to be made again, when its worker died with it
        except ImportError as error:  # on a worker that came later
            raise ClusterError(lacking("that came later", in_one_line(error))) from None
        except Exception as error:
            if isinstance(error, KilledWorker) and not self.alone:
                self.suspects += numbers
                return
            killed = isinstance(error, KilledWorker)
            wrong = "its worker died each time it was tried, also by itself" if killed else in_one_line(error)
            yield from (Result(self.jobs[n], 0.0, wrong) for n in numbers)
            return
        yield from self.read(answer, numbers)

    def read(self, answer: Mapping[str, Any], numbers: list[int]) -> Iterator[Result]:
        """Yield what a worker says of each report of a batch; one of which it says nothing has failed with its process."""
        answers = {a["number"]: a for a in refuse(answer["worker"], answer) if "number" in a}
        for place, number in enumerate(numbers):
            said = answers.get(place)
            if said:
                result = Result(self.jobs[number], said["seconds"], said["wrong"], said["page"], said["executed"])
            else:
                beside = f" ({answer['said']})" if answer["said"] else ""
                result = Result(self.jobs[number], 0.0, f"on {answer['worker']} {died(answer['status'], 0)}{beside}")
            yield result

    def abandoned(self) -> Iterator[Result]:
        """Yield a failure for each report that is left when no worker is."""
        left = sorted([n for _future, numbers in self.out.values() for n in numbers] + self.suspects)
        self.out, self.suspects = {}, []
        yield from (Result(self.jobs[n], 0.0, f"no worker was there for {PATIENCE:g} seconds") for n in left)
