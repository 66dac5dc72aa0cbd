"""Forked reports: the same outputs as in a kernel, nothing shared, failures alone, nobody left behind."""

import json
import os
import signal
import subprocess
import sys
import time

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from outages import render as rendering
from outages import warm
from outages.engine import NAME
from outages.making import make_all
from outages.render import Job, execute, plan

CELLS = [
    "import numpy as np, pandas as pd, os, random, sys\nx = 1", "x + 1", "print('one'); print('two', file=sys.stderr); x", "from IPython.display import HTML, display\ndisplay(HTML('<b>b</b>'))\nHTML('<i>i</i>')",
    "pd.DataFrame({str(n): [n] for n in range(30)})", "pd.get_option('display.max_columns'), pd.get_option('display.max_rows')", "None", "x;", "'x' in globals(), 'pd' in globals(), __name__",
    "import asyncio\nawait asyncio.sleep(0)\n'awaited'", "%timeit -n1 -r1 -q pass", "len(In), In[1]",
]  # fmt: skip


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """Make jobs of notebooks with given cells, and keep what fails in a folder of the test."""
    monkeypatch.setattr(rendering, "FAILED", tmp_path / "failed")

    def made(name: str, *cells: str) -> Job:
        path = tmp_path / f"{name}.ipynb"
        kernel = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
        nbformat.write(new_notebook(cells=[new_code_cell(c) for c in cells], metadata=kernel), path)
        return Job(name, path, {}, "en", "")

    return made


def made_of(jobs, out, **options):
    """Return the outcome of each job by name."""
    return {o.job.name: o for o in make_all(warm.run_all(jobs, **options), out)}


def test_outputs_are_those_of_a_kernel(notebook, tmp_path):
    """Cell by cell the same outputs and counts as a plain papermill run gives: values, displays, streams, magics, awaits."""
    job = notebook("all", *CELLS)
    plain = execute(job, tmp_path / "plain.ipynb", False)
    code = (
        "import sys; from pathlib import Path; from outages import warm; from outages.render import Job, execute; warm.preload(); warm.fresh_start();"
        f"execute(Job('all', Path({str(job.notebook)!r}), {{}}, 'en', ''), Path({str(tmp_path / 'forked.ipynb')!r}), False, engine={NAME!r})"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    forked = nbformat.read(tmp_path / "forked.ipynb", as_version=4)
    for one, two in zip(plain.cells, forked.cells, strict=True):
        assert (one.outputs, one.execution_count) == (two.outputs, two.execution_count), one.source


def test_real_pages_are_the_same(pages, tmp_path):
    """A dossier made in a forked process, as for the other tests, is that made in a kernel, byte for byte."""
    job = plan("incident-dossier", {}, "en", [])
    plain = rendering.page_of(execute(job, tmp_path / "plain.ipynb", False), job)
    assert plain == (pages / "incident-dossier.en.html").read_text(encoding="utf-8")


def test_nothing_is_shared(notebook, tmp_path):
    """What one report sets, loads, changes or draws at random, the next does not see."""
    spoil = "import builtins, os, numpy as np, pandas as pd\nbuiltins.spoiled = os.environ['SPOILED'] = 'yes'\npd.set_option('display.max_rows', 1)\nopen('seen', 'w').close() if False else None\nsecret = np.random.rand()"
    look = "import builtins, os, pandas as pd\nassert not hasattr(builtins, 'spoiled') and 'SPOILED' not in os.environ and pd.get_option('display.max_rows') != 1 and 'secret' not in globals()"
    draw = "import numpy as np, random\nfrom pathlib import Path\nPath({!r}).write_text(repr((np.random.rand(), random.random())))"
    places = [tmp_path / "one", tmp_path / "two"]
    jobs = [
        notebook("a-spoil", spoil),
        notebook("b-look", look),
        *[notebook(p.name, draw.format(str(p))) for p in places],
    ]
    assert [o.wrong for o in made_of(jobs, tmp_path / "out", workers=2).values()] == [""] * 4
    assert places[0].read_text() != places[1].read_text()


def test_failures_stay_alone(notebook, tmp_path):
    """An exception, a death, a kill, a hang: each fails alone with one line, the executed notebook is kept, the last page stays, the others are made."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "raises.en.html").write_text("old", encoding="utf-8")
    bad = {
        "raises": ("1 / 0", "ZeroDivisionError: division by zero"), "exits": ("import os; os._exit(7)", "the process died with status 7"),
        "killed": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "the process died of SIGKILL"), "hangs": ("while True: pass", "timed out after 6 seconds"),
    }  # fmt: skip
    jobs = [notebook(name, "'before'", code) for name, (code, _said) in bad.items()] + [notebook("good", "'fine'")]
    made = made_of(jobs, out, workers=3, deadline=6.0)
    for name, (_code, said) in bad.items():
        assert made[name].wrong == said and made[name].page is None
        assert "before" in str(nbformat.read(made[name].kept, as_version=4).cells)
    assert made["good"].page.exists() and (out / "raises.en.html").read_text() == "old"
    status = {n: e["status"] for n, e in json.loads((out / "manifest.json").read_text())["reports"].items()}
    assert status == {f"{n}.en.html": "failed" for n in bad} | {"good.en.html": "made"}


def test_killed_parent_leaves_nobody(notebook, tmp_path):
    """When the parent is killed in the middle, its reports end with it, no page is half-written, and the next run makes all."""
    mark, out = tmp_path / "mark", tmp_path / "out"
    slow = (
        f"import os, time\nfrom pathlib import Path\nPath({str(mark)!r}).write_text(str(os.getpid()))\ntime.sleep(60)"
    )
    job, good = notebook("slow", slow), notebook("good", "'fine'")
    code = f"""
from pathlib import Path
from outages import warm
from outages.making import make_all
from outages.render import Job
list(make_all(warm.run_all([Job('good', Path({str(good.notebook)!r}), {{}}, 'en', ''), Job('slow', Path({str(job.notebook)!r}), {{}}, 'en', '')]), Path({str(out)!r})))
"""
    parent = subprocess.Popen([sys.executable, "-c", code])
    for _ in range(600):
        if mark.exists() and mark.read_text():
            break
        time.sleep(0.1)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    child = int(mark.read_text())
    for _ in range(100):
        try:
            os.kill(child, 0)
            time.sleep(0.1)
        except ProcessLookupError:
            break
    else:
        pytest.fail("the report outlived its parent")
    assert (out / "good.en.html").read_text(encoding="utf-8").rstrip().endswith("</html>") and not (
        out / "slow.en.html"
    ).exists()
    assert made_of([notebook("slow", "'quick now'"), good], out)["slow"].page.exists()


def test_without_fork_plain_kernels_run(notebook, tmp_path, monkeypatch):
    """Where processes cannot be forked, a report runs in a kernel."""
    monkeypatch.setattr(warm, "can_fork", lambda: False)
    made = made_of([notebook("good", "'fine'"), notebook("bad", "1 / 0")], tmp_path / "out")
    assert made["good"].page.exists() and "ZeroDivisionError" in made["bad"].wrong and made["bad"].kept.exists()
