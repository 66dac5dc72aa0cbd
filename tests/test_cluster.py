"""Reports on a Dask cluster: the same pages, lost workers, failures alone, addresses, and what is refused in one line."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from outages import catalogue, cluster, worker
from outages import render as rendering
from outages.__main__ import main
from outages.paths import ROOT
from outages.shelf import read_manifest

psutil = pytest.importorskip("psutil")
pytest.importorskip("distributed")

DOSSIERS = '[[report]]\nnotebook = "incident-dossier"\nparameters = { incident = "*" }\nlanguages = ["en"]\n'
MARK = "import os, time\nfrom pathlib import Path\nmark = Path({mark!r})\n"
SLOW = MARK + "if not mark.exists():\n    mark.write_text(str(os.getpid()))\n    time.sleep(100)"
KILLS = """import os, signal, time
worker = next(line for line in open(f"/proc/{os.getppid()}/status") if line.startswith("PPid"))
os.kill(int(worker.split()[1]), signal.SIGKILL)
time.sleep(100)"""
WORKER = ["--host", "127.0.0.1", "--no-dashboard", "--nthreads", "1", "--memory-limit", "2GB"]


class Cluster:
    """A scheduler that has no part of the project, and workers from another copy of it, all on loopback."""

    def __init__(self, project: Path, folder: Path, deaths: int = 3):
        self.project, self.folder, self.deaths, self.started = project, folder, deaths, []
        (folder / "empty" / "outages").mkdir(parents=True)
        (folder / "empty" / "outages" / "__init__.py").touch()
        found = folder / "scheduler.json"
        own = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(found)]
        self.start("scheduler", *own, library=folder / "empty")
        until(found.exists)
        self.address = json.loads(found.read_text())["address"]

    def start(self, kind: str, *options: str, library: Path | None = None) -> subprocess.Popen:
        """Start a process of the cluster in a group of its own."""
        place = os.environ | {
            "PYTHONPATH": str(library or self.project / "lib"),
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(self.deaths),
        }
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *options]
        with (self.folder / f"{kind}.log").open("a") as log:
            started = subprocess.Popen(
                command, cwd=self.folder, env=place, stdout=log, stderr=log, start_new_session=True
            )
        self.started.append(started)
        return started

    def worker(self, nanny: str = "--no-nanny", **options) -> subprocess.Popen:
        """Start a worker."""
        return self.start(
            "worker", self.address, nanny, *WORKER, "--local-directory", str(self.folder / "local"), **options
        )

    def workers(self, count: int) -> str:
        """Have so many workers; return the address."""
        alive = [p for p in self.started[1:] if p.poll() is None]
        for _ in range(count - len(alive)):
            self.worker()
        until(lambda: len(self.known()) == count)
        return self.address

    def known(self) -> list[str]:
        """Return the addresses of the workers that the scheduler knows."""
        cluster.hush()
        return list(asyncio.run(cluster.identity(self.address))["workers"])

    def end(self) -> None:
        """End all of it."""
        for process in self.started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def until(true, seconds: float = 30.0) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return a copy of the project in another place, as on another machine."""
    copy = tmp_path_factory.mktemp("elsewhere")
    for part in ("lib/outages", "notebooks", "data", "reports/template"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "requirements.lock", copy)
    return copy


@pytest.fixture(scope="module")
def there(project, tmp_path_factory):
    """Return a cluster; `workers` gives it as many as a test wants."""
    made = Cluster(project, tmp_path_factory.mktemp("cluster"))
    yield made
    made.end()


@pytest.fixture
def own(project, tmp_path_factory):
    """Return a cluster of one test, which gives a batch up as soon as a worker has died of it."""
    made = Cluster(project, tmp_path_factory.mktemp("own"), deaths=0)
    yield made
    made.end()


@pytest.fixture
def notebook(project, tmp_path, monkeypatch):
    """Return a maker of notebooks that this machine and the cluster have alike."""
    monkeypatch.setattr(rendering, "NOTEBOOKS", project / "notebooks")
    monkeypatch.setattr(catalogue, "NOTEBOOKS", project / "notebooks")
    monkeypatch.setattr(rendering, "FAILED", tmp_path / "failed")
    made = []

    def build(name: str, code: str) -> str:
        cells = [new_code_cell('lang = "en"\ndata = []', metadata={"tags": ["parameters"]})]
        cells += [new_markdown_cell(f"# {name}"), new_code_cell(code)]
        kernel = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
        made.append(project / "notebooks" / f"{name}.ipynb")
        nbformat.write(new_notebook(cells=cells, metadata=kernel), made[-1])
        return name

    yield build
    for path in made:
        path.unlink()


def said(capsys) -> str:
    """Return the one line on standard error."""
    error = capsys.readouterr().err
    assert error.count("\n") == 1, error
    return error


def test_pages_are_the_same(there, tmp_path, monkeypatch, capsys):
    """A sweep gives byte for byte the pages that are made here; a second run finds nothing to do."""
    listed = tmp_path / "catalogue.toml"
    listed.write_text(DOSSIERS, encoding="utf-8")
    sweep = ["render", "--changed", "incident-dossier-2021-06-08*", "--catalogue", str(listed)]
    far = [*sweep, "--scheduler", there.workers(2), "--out", str(tmp_path / "far")]
    monkeypatch.setattr(cluster, "SHARE", 1)  # more than one report in a batch
    assert main(far) == 0
    error = capsys.readouterr().err
    assert "[2/2]" in error and error.count("\n") == 5
    assert main([*sweep, "--jobs", "2", "--out", str(tmp_path / "here")]) == 0
    pages = sorted(path.name for path in (tmp_path / "here").glob("*.*.html"))
    assert len(pages) == 2 and all(
        (tmp_path / "far" / name).read_bytes() == (tmp_path / "here" / name).read_bytes() for name in pages
    )
    capsys.readouterr()
    assert main(far) == 0 and "2 unchanged, 0 to make" in capsys.readouterr().err


def test_a_killed_worker_loses_nothing(there, notebook, tmp_path, capsys):
    """When a worker is killed in the middle of a batch, its processes end with it, another makes the pages, and none is half-written."""
    mark, out = tmp_path / "mark", tmp_path / "out"
    names = [notebook("slow", SLOW.format(mark=str(mark))), notebook("plain", "'fine'")]
    chain = []

    def kill() -> None:
        until(lambda: mark.exists() and mark.read_text())
        report = psutil.Process(int(mark.read_text()))
        chain.extend([report, *report.parents()[:2]])
        chain[2].kill()

    killer = threading.Thread(target=kill)
    killer.start()
    assert main(["render", *names, "--scheduler", there.workers(2), "--out", str(out)]) == 0
    killer.join()
    assert len(there.known()) == 1
    gone(chain)
    made = read_manifest(out)
    assert {name: entry["status"] for name, entry in made.items()} == {"slow.en.html": "made", "plain.en.html": "made"}
    assert all((out / name).read_text(encoding="utf-8").rstrip().endswith("</html>") for name in made)
    assert {path.name for path in out.glob(".*")} <= {".lock", ".manifest.lock"}
    assert "failed:" not in capsys.readouterr().err


def gone(processes) -> None:
    """Wait until processes are no more."""
    _gone, alive = psutil.wait_procs(processes, timeout=15)
    assert all(process.status() == psutil.STATUS_ZOMBIE for process in alive)


def test_a_report_that_kills_workers_fails_alone(own, notebook, tmp_path, capsys):
    """A report on which workers die again and again fails with a clear line; one that was sent with it is made."""
    names = [notebook("kills", KILLS), notebook("plain", "'fine'")]
    own.worker("--nanny")  # it starts the worker again
    until(own.known)
    assert main(["render", *names, "--scheduler", own.address, "--out", str(tmp_path / "out"), "--quiet"]) == 1
    assert "kills.en failed: its worker died each time it was tried, also by itself" in said(capsys)
    assert read_manifest(tmp_path / "out")["plain.en.html"]["status"] == "made"


def test_failures_come_back(there, notebook, tmp_path, capsys):
    """A report that raises or dies fails alone; its executed notebook is kept here, and what it prints is no answer."""
    bad = notebook("raises", "import os\nos.system('echo printed')\nprint('before')\n1 / 0")
    names = [bad, notebook("dies", "import os\nos._exit(7)"), notebook("plain", "import os\nos.write(1, b'{}\\n')")]
    assert main(["render", *names, "--scheduler", there.workers(2), "--out", str(tmp_path / "out"), "--quiet"]) == 1
    error = capsys.readouterr().err
    assert "raises.en failed: ZeroDivisionError: division by zero; the executed notebook is" in error
    assert "dies.en failed: the process died with status 7" in error and error.count("\n") == 2
    kept = nbformat.read(tmp_path / "failed" / "raises.en.ipynb", as_version=4)
    assert "before" in str(kept.cells) and (tmp_path / "out" / "plain.en.html").exists()


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_pages_go_to_an_address(kind, there, notebook, tmp_path, capsys):
    """Pages, manifest and index go to an address that fsspec knows."""
    from upath import UPath

    out = f"{kind}://{tmp_path}/out"
    name = notebook("plain", "'fine'")
    assert main(["render", name, "--scheduler", there.workers(2), "--out", out]) == 0
    assert {p.name for p in UPath(out).iterdir()} >= {"plain.en.html", "manifest.json", "index.html"}
    assert "plain" in UPath(out, "index.html").read_text(encoding="utf-8")
    assert capsys.readouterr().out.strip().endswith("out/plain.en.html")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_who_is_stopped_leaves_nothing_running(sent, there, notebook, project, tmp_path):
    """When the one who asked stops or dies, the reports that are under way end too."""
    mark = tmp_path / "mark"
    name = notebook("slow", SLOW.format(mark=str(mark)))
    command = ["render", name, "--scheduler", there.workers(2), "--out", str(tmp_path / "out")]
    asks = subprocess.Popen(
        [sys.executable, "-m", "outages", *command], env=os.environ | {"PYTHONPATH": str(project / "lib")}, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # ignored where the tests run in the background
    )  # fmt: skip
    until(lambda: mark.exists() and mark.read_text())
    report = psutil.Process(int(mark.read_text()))
    chain = [report, report.parent()]
    asks.send_signal(sent)
    assert asks.communicate()[1] == "" and asks.returncode == (130 if sent == signal.SIGINT else -sent)
    gone(chain)
    assert len(there.known()) == 2 and not (tmp_path / "out" / "slow.en.html").exists()


def test_a_lost_scheduler_fails_what_is_left(own, notebook, tmp_path, monkeypatch, capsys):
    """When the scheduler is lost, what was not made has failed."""
    mark = tmp_path / "mark"
    name = notebook("slow", SLOW.format(mark=str(mark)))

    def kill() -> None:
        until(lambda: mark.exists() and mark.read_text())
        own.started[0].kill()

    killer = threading.Thread(target=kill)
    killer.start()
    assert main(["render", name, "--scheduler", own.workers(1), "--out", str(tmp_path / "out")]) == 1
    killer.join()
    assert "slow.en failed: " in said(capsys)


def test_nobody_left_to_work(own, notebook, tmp_path, monkeypatch, capsys):
    """When no worker is left, what was not made has failed after a while."""
    mark = tmp_path / "mark"
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    monkeypatch.setattr(cluster, "BEAT", 0.5)
    name = notebook("slow", SLOW.format(mark=str(mark)))

    def kill() -> None:
        until(lambda: mark.exists() and mark.read_text())
        own.started[1].kill()

    killer = threading.Thread(target=kill)
    killer.start()
    assert main(["render", name, "--scheduler", own.workers(1), "--out", str(tmp_path / "out")]) == 1
    killer.join()
    assert "slow.en failed: no worker was there for 1 seconds" in said(capsys)


ADDRESSES = {
    "no_address": ("somewhere", "write it as tcp://host:8786"),
    "no_port": ("tcp://127.0.0.1", "write it as tcp://host:8786"),
    "nobody": ("tcp://127.0.0.1:9", "no scheduler answers there"),
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_wrong_address(name, tmp_path, monkeypatch, capsys):
    """An address of a wrong form or where nobody answers is one line and status 2, and nothing is made."""
    monkeypatch.setattr(cluster, "CONNECT", 0.5)
    address, words = ADDRESSES[name]
    assert main(["render", "methods", "--scheduler", address, "--out", str(tmp_path / "out")]) == 2
    assert words in said(capsys) and not (tmp_path / "out").exists()


def refused(address: str, capsys, out: Path) -> str:
    """Ask for a page that a cluster refuses; return the line."""
    assert main(["render", "methods", "--scheduler", address, "--out", str(out)]) == 2
    assert not (out / "methods.en.html").exists()
    return said(capsys)


def test_no_worker(own, tmp_path, monkeypatch, capsys):
    """A scheduler without workers, a worker in place of the scheduler, a worker without the project: one line each."""
    monkeypatch.setattr(cluster, "CONNECT", 1.0)
    assert f"no worker is there; start one: dask worker {own.address}" in refused(own.address, capsys, tmp_path)
    own.worker(library=own.folder / "empty")
    until(own.known)
    assert "that is a Worker; give the address of the scheduler" in refused(own.known()[0], capsys, tmp_path)
    line = refused(own.address, capsys, tmp_path)
    assert f"worker {own.known()[0]} cannot load the package outages" in line and "outages.worker" in line
    monkeypatch.setattr(cluster, "compare", lambda *_: None)  # as when it comes later
    assert "cannot load the package outages" in refused(own.address, capsys, tmp_path)


def test_another_version(there, project, tmp_path, monkeypatch, capsys):
    """A worker with other data refuses before anything is made, also one that comes later."""
    address, table = there.workers(2), project / "data" / "sources.csv"
    before = table.read_bytes()
    table.write_bytes(before + b"\n")
    try:
        first = refused(address, capsys, tmp_path / "out")
        assert "holds another version of the project or of the data; bring both to the same commit" in first
        assert any(known in first for known in there.known()) and not (tmp_path / "out").exists()
        monkeypatch.setattr(cluster, "compare", lambda *_: None)
        assert "holds another version" in refused(address, capsys, tmp_path / "out")
    finally:
        table.write_bytes(before)


def test_overlays_must_be_there(tmp_path, make):
    """A worker without an overlay says which; with it, it refuses when the rows are others."""
    job = {"name": "methods", "notebook": "methods", "lang": "en", "title": "", "parameters": {"lang": "en", "data": [str(make("ours"))]}}  # fmt: skip
    sent = json.loads(worker.message([job | {"key": worker.key_of(job, {})}], run=True))
    assert worker.refusal(sent) == ""
    with (tmp_path / "ours" / "sources.csv").open("a", encoding="utf-8") as file:
        file.write("x\n")
    assert "another version" in worker.refusal(sent)
    shutil.rmtree(tmp_path / "ours")
    assert worker.refusal(sent) == f"has no folder {tmp_path}/ours; put the overlay there, under the same path"


def test_what_does_not_go_together(tmp_path, monkeypatch, capsys):
    """`--jobs` with a cluster, and a cluster without the library for it, are refused."""
    assert main(["render", "methods", "--scheduler", "tcp://127.0.0.1:9", "--jobs", "2"]) == 2
    assert "--jobs does not go with --scheduler" in said(capsys)
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["render", "methods", "--scheduler", "tcp://127.0.0.1:9", "--out", str(tmp_path / "out")]) == 2
    assert "install outages[cluster]" in said(capsys) and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("address", "words"), [("nosuch://x", "nosuch"), ("s3://bucket/x", "s3fs"), ("ftp://127.0.0.1:9/x", "refused")]
)
def test_places_out_of_reach(address, words, monkeypatch, capsys):
    """A place of an unknown kind, without its package, or that does not answer is one line and status 2, before anything is made."""
    monkeypatch.setitem(sys.modules, "s3fs", None)
    assert main(["render", "methods", "--out", address]) == 2
    assert words in said(capsys)
