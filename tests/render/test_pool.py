"""Forked reports: outputs as in a kernel, nothing shared, failures alone, nobody and nothing left behind."""

import importlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell

from conftest import until
from outages.render import notebook as notebooks
from outages.render import places, planning, pool
from outages.render.planning import Job, plan
from outages.render.publishing import make_all


def job_of(name: str) -> Job:
    """Return the plan of a notebook of the test, which opens no study."""
    return Job(name, planning.NOTEBOOKS / f"{name}.ipynb", {"lang": "en"}, "en")


def made_of(names, out, **options):
    """Return what became of each notebook by its name."""
    return {job.name: job for job in make_all(pool.run_all([job_of(name) for name in names], **options), out)}


def test_a_page_is_that_of_plain_papermill(pages, tmp_path):
    """A page made in a shell is that made by papermill in a kernel, byte for byte, but for links to pages that are not
    beside it.
    """
    job = plan("incident-dossier", {}, "fr")
    plain = notebooks.page_of(notebooks.execute(job, tmp_path, shell=False), job)
    assert (pages / "incident-dossier.fr.html").read_text(encoding="utf-8").replace("data-href=", "href=") == plain


def test_cells_show_values_displays_and_streams(notebook, tmp_path):
    """Values, displays, prints and magics become outputs, one state runs through the cells, and cells for the
    lab are left out."""
    cells = ["x = 1", "x + 1", "from IPython.display import HTML, display\ndisplay(HTML('<b>b</b>'))\nHTML('<i>i</i>')"]
    cells += ["print('one'); x", "x;", "%timeit -q -n1 -r1 pass", "None", "len(In), __name__"]
    name = notebook("all", *cells, new_code_cell("1 / 0", metadata={"tags": ["lab"]}), "raise ValueError('end')")
    job = made_of([name], tmp_path)[name]
    assert job.wrong == "ValueError: end" and oct(job.kept.stat().st_mode)[-3:] == "600"
    ran = [c for c in nbformat.read(job.kept, as_version=4).cells if c.cell_type == "code"][2:]
    shown = [
        [o.get("text") or (o.get("data") or {}).get("text/plain") or o.ename for o in cell.outputs] for cell in ran
    ]
    html = ["<IPython.core.display.HTML object>"] * 2
    assert shown == [[], ["2"], html, ["one\n", "1"], [], [], [], ["(11, '__main__')"], ["ValueError"]]


def test_nothing_is_shared(notebook, tmp_path):
    """What one report sets, loads, changes or draws at random, the next does not see."""
    spoil = "import builtins, os, numpy as np, pandas as pd\nbuiltins.spoiled = os.environ['SPOILED'] = 'yes'\n"
    spoil += "pd.set_option('display.max_rows', 1)\nsecret = np.random.rand()"
    look = (
        "import builtins, os, pandas as pd\nassert not hasattr(builtins, 'spoiled') and 'SPOILED' not in os.environ\n"
    )
    look += "assert pd.get_option('display.max_rows') != 1 and 'secret' not in globals()"
    draw = "import numpy as np, random\nfrom pathlib import Path\n"
    draw += "Path({!r}).write_text(repr((np.random.rand(), random.random())))"
    drawn = [tmp_path / "one", tmp_path / "two"]
    names = [
        notebook("a-spoil", spoil),
        notebook("b-look", look),
        *(notebook(p.name, draw.format(str(p))) for p in drawn),
    ]
    assert [job.wrong for job in made_of(names, tmp_path / "out", workers=2).values()] == [""] * 4
    assert drawn[0].read_text() != drawn[1].read_text()


def test_failures_stay_alone(notebook, tmp_path):
    """An exception, a death, a kill, a hang: each fails in one line, its notebook is kept as far as it came,
    the last page stays."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "raises.en.html").write_text("old", encoding="utf-8")
    bad = {
        "raises": ("1 / 0", "ZeroDivisionError: division by zero"),
        "exits": ("import os; os._exit(7)", "the process died with status 7"),
        "killed": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "the process died of SIGKILL"),
        "hangs": ("import time; time.sleep(99)", "timed out after 4 seconds"),
    }
    names = [notebook(name, "'before'", code, "'after'") for name, (code, _said) in bad.items()]
    made = made_of([*names[:-1], notebook("good", "'fine'")], out, workers=3)
    made |= made_of(names[-1:], out, deadline=4.0)
    for name, (_code, said) in bad.items():
        kept = nbformat.read(made[name].kept, as_version=4)
        assert made[name].wrong == said and made[name].page is None
        assert [len(cell.outputs) for cell in kept.cells if cell.source in ("'before'", "'after'")] == [1, 0]
    assert made["good"].page.exists() and (out / "raises.en.html").read_text() == "old"
    status = {n: e["status"] for n, e in json.loads((out / "manifest.json").read_text())["reports"].items()}
    assert status == {f"{n}.en.html": "failed" for n in bad} | {"good.en.html": "made"}
    assert "the last attempt failed" in (out / "index.html").read_text(encoding="utf-8")


RUN = """
import sys
from pathlib import Path
from outages.render import publishing, planning, pool
planning.NOTEBOOKS = publishing.FAILED = Path(sys.argv[1])
jobs = [planning.Job(name, planning.NOTEBOOKS / f"{name}.ipynb", {}, "en") for name in sys.argv[3:]]
list(publishing.make_all(pool.run_all(jobs), Path(sys.argv[2])))
"""


def test_a_killed_run_leaves_nobody_and_nothing(notebook, tmp_path, monkeypatch):  # F24
    """When a run is killed, its reports end with it, no page is half-written, and the next run clears its
    folder and makes all."""
    mark, out, room = tmp_path / "mark", tmp_path / "out", tmp_path / "tmp"
    room.mkdir()
    write = (
        f"import os, time\nfrom pathlib import Path\nPath({str(mark)!r}).write_text(str(os.getpid()))\ntime.sleep(60)"
    )
    names = [notebook("good", "'fine'"), notebook("slow", write)]
    command = [sys.executable, "-c", RUN, str(planning.NOTEBOOKS), str(out), *names]
    run = subprocess.Popen(command, env=os.environ | {"TMPDIR": str(room)})
    until(lambda: mark.exists() and mark.read_text())
    run.send_signal(signal.SIGKILL)
    run.wait()
    until(lambda: not Path(f"/proc/{mark.read_text()}").exists())
    assert (out / "good.en.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert not (out / "slow.en.html").exists() and len(list(room.iterdir())) == 1
    with places.workspace(room) as mine:
        assert list(room.iterdir()) == [mine]
        places.clear(mine)
        assert mine.exists()
    assert list(room.iterdir()) == []


def test_a_stop_that_comes_while_a_process_is_forked_is_obeyed(notebook, tmp_path):
    """A hook of the fork swallows what a handler raises; the stop waits until the process is known, and ends it too."""
    stop = "os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), 15))"
    begin = f"import os, signal, sys\nsignal.signal(15, lambda *_: sys.exit(143))\n{stop}\n"
    names = [notebook("slow", "import time\ntime.sleep(60)"), notebook("good", "'fine'")]
    command = [sys.executable, "-c", begin + RUN, str(planning.NOTEBOOKS), str(tmp_path / "out"), *names]
    assert subprocess.run(command, timeout=50).returncode == 143


def test_without_fork_processes_begin_anew(notebook, tmp_path, monkeypatch):
    """Where processes cannot be forked, each report runs in one that starts anew."""
    monkeypatch.setattr(pool, "can_fork", lambda: False)
    assert made_of([notebook("good", "'fine'")], tmp_path)["good"].page.exists()


def test_surroundings_change_and_fail_nothing(notebook, tmp_path):  # F15, F22b
    """Settings of matplotlib and a backend that is not there change nothing, IPython's folder in the home is not made,
    and no report fails on a terminal that speaks no UTF-8 and has gone away.
    """
    (tmp_path / "matplotlibrc").write_text("savefig.facecolor: black\n")
    look = "import matplotlib as mpl, matplotlib.pyplot as plt\nplt.figure()\n"
    look += "assert mpl.rcParams['savefig.facecolor'] == 'auto' and mpl.get_backend() == 'agg'"
    names, home = [notebook("figure", look), notebook("page", "'é'")], tmp_path / "home"
    home.mkdir()
    own = {k: v for k, v in os.environ.items() if k != "IPYTHONDIR"}
    own |= {"HOME": str(home), "MPLBACKEND": "module://nowhere", "MPLCONFIGDIR": str(tmp_path)}
    own |= {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    command = [sys.executable, "-c", RUN, str(planning.NOTEBOOKS)]
    read, gone = os.pipe()
    os.close(read)
    subprocess.run([*command, str(tmp_path / "out"), *names], env=own, cwd=tmp_path, stderr=gone, check=True)
    os.close(gone)
    assert all((tmp_path / "out" / f"{name}.en.html").exists() for name in names) and not (home / ".ipython").exists()


def test_the_grammar_of_addresses_is_not_built():
    asked = "import sys; from outages.render.pool import preload; preload([]); print('rfc3987_syntax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout == "False\n"


def test_what_is_loaded_before_the_fork_is_there():
    """Each module that reports would import late can be imported under the name that stands in the list."""
    for module in pool.LATE.split():
        importlib.import_module(module)
