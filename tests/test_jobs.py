"""Jobs of jupyter-scheduler: in a real Jupyter server, by its REST API, the notebooks run as they do from the command line."""

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

from outages.paths import NOTEBOOKS
from outages.render import execute, plan
from test_pages import Reader

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("jupyter_scheduler") is None, reason="jupyter-scheduler is not installed"
)

INCIDENT = "2012-07-06-orange-fr-mobile"
JOBS = {  # what is typed into the form of a job: its values stand in the notebook as they are, so a text carries its quotes
    "good": ("incident-dossier", {"incident": f'"{INCIDENT}"', "lang": '"fr"'}),
    "filtered": ("comparative-report", {"min_users": "1000000", "sectors": '"telecom"', "data": "[]"}),
    "unquoted": ("incident-dossier", {"lang": "fr"}),
    "not allowed": ("incident-dossier", {"lang": '"de"'}),
    "quoted number": ("comparative-report", {"min_users": '"1000000"'}),
}
ENDED = {"COMPLETED", "FAILED"}  # a new job is STOPPED until its process begins
PATIENCE = 180.0  # seconds for anything that is waited for; on two cores all jobs together take a quarter of it


@dataclass(frozen=True)
class Server:
    """A running Jupyter server: where it listens, its token, and the folder that it shows."""

    address: str
    token: str
    root: Path

    def raw(self, method: str, path: str, body: object = None) -> bytes:
        """Send a request and return what is answered."""
        sent = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(self.address + path, sent, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Send a request to the scheduler and return the JSON that is answered."""
        return json.loads(self.raw(method, f"scheduler/{path}", body) or "null")

    def begin(self, name: str) -> str:
        """Make a job and return its identifier."""
        notebook, parameters = JOBS[name]
        return self.call("POST", "jobs", asked(name, notebook, parameters))["job_id"]


@dataclass(frozen=True)
class Made:
    """A job that has ended: how, what was said, and the notebook and the page that it left."""

    status: str
    said: str
    notebook: Any
    page: str


def asked(name: str, notebook: str, parameters: Mapping[str, str], **more: str) -> dict[str, object]:
    """Return what the form of a job sends."""
    return {
        "name": name, "input_uri": f"{notebook}.ipynb", "runtime_environment_name": "python",
        "output_formats": ["ipynb", "html"], "parameters": parameters, **more,
    }  # fmt: skip


def wait_for(what: str, found: Callable[[], Any]) -> Any:
    """Call until something is found, and return it."""
    end = time.monotonic() + PATIENCE
    while not (it := found()):
        assert time.monotonic() < end, f"{what} did not come in {PATIENCE:.0f} seconds"
        time.sleep(0.2)
    return it


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a Jupyter server in a folder with copies of two notebooks, with a home of its own, and end it with all that it started."""
    folder = tmp_path_factory.mktemp("jupyter")
    root, home, runtime, log = (folder / name for name in ("notebooks", "home", "runtime", "log"))
    root.mkdir()
    home.mkdir()
    for notebook in {notebook for notebook, _ in JOBS.values()}:
        shutil.copy(NOTEBOOKS / f"{notebook}.ipynb", root)
    own = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "IPYTHON", "XDG_"))}
    own |= {"HOME": str(home), "JUPYTER_RUNTIME_DIR": str(runtime)}
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"]
    with log.open("wb") as said:
        # begun in its folder, as by `make lab`: elsewhere jupyter-scheduler would put outputs where the server does not look for them
        process = subprocess.Popen(
            command, env=own, cwd=root, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
        )

    def ready() -> Server | None:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        for path in runtime.glob("jpserver-*.json"):
            try:
                known = json.loads(path.read_text(encoding="utf-8"))
                found = Server(known["url"], known["token"], root)
                found.raw("GET", "api/status")
                return found
            except (ValueError, urllib.error.URLError):  # the file is being written, or nobody listens yet
                pass
        return None

    try:
        yield wait_for("the server", ready)
    finally:
        # the group holds the server and the processes of its jobs; a kernel ends when the process of its job has ended
        for sent in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, sent)
                process.wait(10)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass


@pytest.fixture(scope="module")
def made(server: Server) -> dict[str, Made]:
    """Make all jobs, one after the other since kernels that start at once may take one another's ports, and fetch what they left."""

    def ended(job: str) -> Callable[[], Any]:
        return lambda: (it := server.call("GET", f"jobs/{job}"))["status"] in ENDED and it

    def fetched(job: str) -> Callable[[], Any]:
        return lambda: (it := server.call("GET", f"jobs/{job}"))["downloaded"] and it

    found = {}
    for name in JOBS:
        job = server.begin(name)
        wait_for(f"the end of the job '{name}'", ended(job))
        server.call("GET", f"jobs/{job}/download_files")
        it = wait_for(f"what the job '{name}' left", fetched(job))
        files = {f["file_format"]: server.root / f["file_path"] for f in it["job_files"]}
        found[name] = Made(
            it["status"],
            re.sub(r"\x1b\[[0-9;]*m", "", it["status_message"] or ""),
            nbformat.read(files["ipynb"], as_version=4),
            files["html"].read_text(encoding="utf-8"),
        )
    return found


def own_cells(notebook: Any) -> list[Any]:
    """Return the code cells of an executed notebook without that which brought its parameters."""
    return [
        c for c in notebook.cells
        if c.cell_type == "code" and "injected-parameters" not in c.metadata.get("tags", [])
    ]  # fmt: skip


def test_job_gives_what_papermill_gives(made, tmp_path):
    """Cell by cell the outputs of a job are those of a plain papermill run with the same parameters, and its page holds them."""
    job = made["good"]
    assert (job.status, job.said) == ("COMPLETED", "")
    plain = execute(plan(f"incident-dossier-{INCIDENT}", {}, "fr", []), tmp_path / "plain.ipynb", False)
    for one, two in zip(own_cells(plain), own_cells(job.notebook), strict=True):
        assert (one.source, one.outputs, one.execution_count) == (two.source, two.outputs, two.execution_count)
    shown = [
        o.data["text/html"] for c in own_cells(job.notebook) for o in c.outputs if "text/html" in o.get("data", {})
    ]
    assert len(shown) > 5 and set(Reader("".join(shown)).ids) <= set(Reader(job.page).ids)
    assert "Orange : " in job.page and "Fuseau horaire" in job.page and "Time zone" not in job.page


def test_numbers_and_lists_reach_the_report(made):
    """A number and a list written without quotes narrow the comparison as they do on the command line."""
    job = made["filtered"]
    assert (job.status, job.said) == ("COMPLETED", "")
    study = plan("comparative-report", {"min_users": "1000000", "sectors": "telecom"}, "en", [])
    assert study.data_version in job.page and "min_users" in job.page


def test_forgotten_quotes_are_named(made):
    """A text without quotes fails in the cell that was injected, and the line and what is wrong with it are said and kept."""
    job = made["unquoted"]
    assert job.status == "FAILED" and "lang = fr" in job.said and job.said.strip().endswith("name 'fr' is not defined")
    (kept,) = [c for c in job.notebook.cells if "injected-parameters" in c.metadata.get("tags", [])]
    assert [o.ename for o in kept.outputs] == ["NameError"] and "is not defined" in job.page


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("not allowed", "ParameterError: lang: 'de' is not allowed; use en, fr"),
        (
            "quoted number",
            "ParameterError: min_users: '1000000' is not allowed; write a number without quotes, 0 or more",
        ),
    ],
)
def test_wrong_value_is_said_in_one_line(made, name, said):
    """A value that is not allowed fails with the line that the library says, and no way through the library around it."""
    job = made[name]
    assert job.status == "FAILED" and job.said.strip().splitlines()[-1] == said and "study.py" not in job.said
    (failed,) = [o for c in own_cells(job.notebook) for o in c.outputs]
    assert failed.traceback == [said]


def test_schedule_is_taken(server):
    """A job with a cron schedule in a time zone is accepted, listed, and gone when it is deleted."""
    when = {"schedule": "0 6 * * 1", "timezone": "Europe/Paris"}
    made = server.call("POST", "job_definitions", asked("each Monday", *JOBS["good"], **when))["job_definition_id"]
    (listed,) = server.call("GET", "job_definitions")["job_definitions"]
    assert listed["job_definition_id"] == made and listed["active"] and listed["parameters"] == JOBS["good"][1]
    assert {key: listed[key] for key in when} == when
    server.call("DELETE", f"job_definitions/{made}")
    assert server.call("GET", "job_definitions")["job_definitions"] == []


def test_jupyterlab_offers_jobs(server):
    """JupyterLab in the same environment loads the extension, so that nobody has to enable it."""
    assert b"@jupyterlab/scheduler" in server.raw("GET", "lab")
    assert [e["output_formats"] for e in server.call("GET", "runtime_environments")] == [
        [{"name": "ipynb", "label": "Notebook"}, {"name": "html", "label": "HTML"}]
    ]
