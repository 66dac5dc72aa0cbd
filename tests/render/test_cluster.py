"""Reports on a Dask cluster: the same pages, lost workers, failures alone, and what is refused in one line."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from conftest import until
from outages.cli import main
from outages.render import cluster, planning
from outages.render.manifest import read_manifest

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore")  # what distributed says of itself
DOSSIER = "incident-dossier"


@pytest.fixture(scope="module")
def scheduler():
    """Return the address of a cluster with one worker, in this process."""
    with distributed.LocalCluster(
        1, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address=None
    ) as here:
        yield here.scheduler_address


def said(capsys) -> str:
    """Return the one line on standard error."""
    error = capsys.readouterr().err
    assert error.count("\n") == 1, error
    return error


def test_pages_are_the_same_and_failures_come_back(scheduler, tmp_path, capsys, monkeypatch, pages):
    """A page comes back as it is made here, also to an address; a report that fails does so alone, with the
    worker's line."""
    far = f"memory://{tmp_path}/far"
    message, sent = cluster.message, []

    def spoiled(job):
        """Ask for a parameter that the worker refuses, in place of the second page."""
        sent.append(message(job))
        return sent[-1] | ({"command": [*sent[-1]["command"], "-ppolcy=x"]} if job.lang == "fr" else {})

    monkeypatch.setattr(cluster, "message", spoiled)
    assert main(["render", DOSSIER, "--lang", "both", "--scheduler", scheduler, "--out", far, "--quiet"]) == 1
    assert f"{DOSSIER}.fr failed: outages render: polcy: report" in said(capsys)
    from upath import UPath

    made = [folder.joinpath(f"{DOSSIER}.en.html").read_text(encoding="utf-8") for folder in (UPath(far), pages)]
    assert len({text.replace("data-href=", "href=") for text in made}) == 1  # links to pages that are not beside it
    assert {name: entry["status"] for name, entry in read_manifest(UPath(far)).items()} == {
        f"{DOSSIER}.en.html": "made",
        f"{DOSSIER}.fr.html": "failed",
    }


def test_a_killed_worker_loses_nothing(tmp_path, capsys, monkeypatch):
    """When a worker is killed in the middle, another makes its report, and what it had started ends with it."""
    mark = tmp_path / "mark"
    slow = cluster.RUN.replace(
        "sys.exit",
        f"""import os, time, pathlib
mark = pathlib.Path({str(mark)!r})
if not mark.exists():
    mark.write_text(f"{{sys.argv[1]}} {{os.getpid()}}")
    time.sleep(99)
sys.exit""",
    )
    with distributed.LocalCluster(1, threads_per_worker=1, dashboard_address=None) as here:
        here.scheduler.allowed_failures = 5

        def kill():
            until(lambda: mark.exists() and mark.read_text())
            os.kill(int(mark.read_text().split()[0]), signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        with distributed.Client(here, set_as_default=False) as client:
            client.run(exec, f"import outages.render.cluster as c; c.RUN = {slow!r}", {}, nanny=False)
        status = main(["render", "methods", "--scheduler", here.scheduler_address, "--out", str(tmp_path), "--quiet"])
        killer.join()
    assert status == 0 and (tmp_path / "methods.en.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert not Path(f"/proc/{mark.read_text().split()[1]}").exists()


def test_a_worker_of_another_version_refuses(scheduler, tmp_path, capsys, monkeypatch):
    """A worker that holds other data, lacks an overlay or the project refuses before anything is made, and one
    that comes later too."""
    monkeypatch.setattr(
        cluster, "message", lambda job: {"command": [], "data": [], "page": ("methods", "en", {}), "key": "x"}
    )
    run = ["render", "methods", "--scheduler", scheduler, "--out", str(tmp_path / "out")]
    assert main(run) == 2
    error = said(capsys)
    assert "holds another version of the project or of the data; bring both to the same commit" in error
    assert "worker tcp://" in error and not (tmp_path / "out" / "methods.en.html").exists()
    assert cluster.work(cluster.message(None)) == (0.0, f"the worker {cluster.OTHER}", "")
    lacking = {"data": [str(tmp_path / "nowhere")], "page": (), "key": ""}
    assert cluster.refusal([lacking]) == f"has no folder {tmp_path}/nowhere; put the overlay there, under the same path"
    monkeypatch.setattr(cluster, "called", lambda *_: (eval, "__import__('no_such_package')"))
    assert main(run) == 2 and "No module named 'no_such_package'" in said(capsys)


def test_nobody_left_to_work(scheduler, tmp_path, capsys, monkeypatch):
    """When no worker is left, what was not made has failed after a while."""
    job = planning.Job("a", Path("a.ipynb"), {}, "en")
    pending = distributed.Future.__new__(distributed.Future)
    monkeypatch.setattr(type(pending), "status", "pending", raising=False)
    assert cluster.answered(job, pending).wrong == "no worker has made it (pending)"


@pytest.mark.parametrize("address", ["somewhere", "tcp://127.0.0.1", "tcp://127.0.0.1:9"])
def test_wrong_address(address, tmp_path, monkeypatch, capsys):
    """An address of a wrong form or where nobody answers is one line and status 2, and nothing is made."""
    monkeypatch.setattr(cluster, "CONNECT", 0.5)
    assert main(["render", "methods", "--scheduler", address, "--out", str(tmp_path / "out")]) == 2
    assert "no scheduler answers there" in said(capsys) and not (tmp_path / "out" / "methods.en.html").exists()


def test_no_worker(tmp_path, monkeypatch, capsys):
    """A scheduler without workers is one line."""
    monkeypatch.setattr(cluster, "CONNECT", 1.0)
    with distributed.LocalCluster(
        n_workers=0, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address=None
    ) as here:
        assert main(["render", "methods", "--scheduler", here.scheduler_address, "--out", str(tmp_path / "out")]) == 2
    assert "no worker is there; start one: dask worker tcp://" in said(capsys)


def test_what_does_not_go_together(tmp_path, monkeypatch, capsys, notebook):
    """`--jobs`, other people's notebooks, and a cluster without the library for it, are refused."""
    there = ["--scheduler", "tcp://127.0.0.1:9", "--out", str(tmp_path / "out")]
    assert main(["render", "methods", *there, "--jobs", "2"]) == 2 and "--jobs does not go with" in said(capsys)
    path = planning.NOTEBOOKS.parent / "mine.ipynb"
    path.write_text('{"cells": []}')
    assert main(["render", str(path), *there]) == 2 and "none of the project's notebooks" in said(capsys)
    monkeypatch.setitem(sys.modules, "distributed", None)
    notebook("own")
    monkeypatch.setattr(planning, "open_first", lambda *_: None)
    assert main(["render", "own", *there]) == 2 and "install outages[cluster]" in said(capsys)
