"""Inside a forked process a notebook comes out as in a kernel, whatever its cells do."""

import json
import os
import re
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

# One notebook; each cell may fail. What a process writes to a descriptor arrives by a thread of the kernel's own: such cells wait for it.
# A stream is sent when a cell ends, not also whenever the kernel's clock strikes, which would cut it at another place in each run
CELLS = r"""
import asyncio, builtins, dataclasses, decimal, faulthandler, gc, getpass, inspect, io, locale, logging, multiprocessing, os, pickle, random, shutil, signal, subprocess, sys, threading, time, typing, warnings
import matplotlib, matplotlib.pyplot as plt, numpy as np, pandas as pd
from IPython.display import *
sys.stdout.flush_interval = sys.stderr.flush_interval = 3600
#--
# only a comment
#--
   
#--

#--
x = 5; x
#--
x;
#--
_, __, _i, Out, In[4:6], len(In)
#--
a = display(HTML('<b>1</b>'), display_id='a'); display('two', display_id='b')
#--
update_display(HTML('<b>new</b>'), display_id='a'); a.update(Markdown('**newer**')); update_display('nobody', display_id='none')
#--
display('again', display_id='a').update('both')
#--
print('gone'); clear_output(wait=True)
#--
print('gone'); clear_output(wait=True); print('stays')
#--
print('gone'); display('d', display_id='c'); clear_output(); print('here'); update_display('e', display_id='c')
#--
for i in range(3): clear_output(wait=True); display(i)
#--
clear_output(wait=True); 7
#--
print('a', end=''); print('b', end='', file=sys.stderr); print('c', end=''); display('D'); print('e')
#--
sys.stdout.flush_interval = sys.stderr.flush_interval = 0.2
print('slow'); time.sleep(1); print('error', file=sys.stderr); time.sleep(1); print('slow')
sys.stdout.flush_interval = sys.stderr.flush_interval = 3600
#--
sys.stdout.write('abc'); sys.stdout.flush(); sys.stdout.writelines(['d\n', 'e\n'])
#--
sys.stdout.write(b'bytes')
#--
sys.stdout.isatty(), sys.stdin.isatty(), sys.stdout.encoding, sys.stdout.errors, sys.stdout.name, type(sys.stdout).__name__, type(sys.stdout.fileno()).__name__, hasattr(sys.stdout, 'buffer')
#--
status = os.system('echo system'); time.sleep(1); status
#--
!echo shell; echo wrong >&2; exit 4
#--
_exit_code
#--
y = !echo captured
y
#--
%%bash
echo bash
exit 3
#--
run = subprocess.run(['echo', 'run']); time.sleep(1); run
#--
print('before'); subprocess.run('echo between; sleep 1', shell=True); print('after')
#--
os.write(2, b'raw\n'); time.sleep(1)
#--
threads = [threading.Thread(target=f, args=('thread',)) for f in (print, display)]
for t in threads: t.start(); t.join()
#--
late = threading.Timer(0.6, print, ('late',)); late.start()
#--
late.join(); time.sleep(0.1); 'joined'
#--
input('?')
#--
getpass.getpass()
#--
sys.stdin.read()
#--
breakpoint()
#--
import pdb; pdb.set_trace()
#--
sys.exit()
#--
sys.exit('bad')
#--
raise KeyboardInterrupt
#--
os.kill(os.getpid(), signal.SIGINT); time.sleep(1)
#--
raise asyncio.CancelledError
#--
def f(:
#--
  x = 1
 y = 2
#--
try: 1 / 0
except Exception as e: raise ValueError('chained') from e
#--
try: 1 / 0
except Exception: e = ValueError('context'); e.add_note('note'); raise e
#--
raise ExceptionGroup('group', [ValueError(1), TypeError(2)])
#--
class Base(BaseException): pass
raise Base('base')
#--
class BadText(Exception):
    def __str__(self): raise RuntimeError('bad text')
raise BadText
#--
class Bad:
    def __repr__(self): raise RuntimeError('bad repr')
    def _repr_html_(self): raise RuntimeError('bad html')
Bad()
#--
display(Bad()); 'goes on'
#--
pd.DataFrame({'a': [1]})['b']
#--
print('first'); 1 / 0
#--
warnings.warn('user'); warnings.warn('old', DeprecationWarning); warnings.warn('pending', PendingDeprecationWarning); warnings.warn('file', ResourceWarning)
#--
np.array([1.0]) / 0
#--
1 is 1
#--
"\d"
#--
logging.warning('warning'); logging.info('info'); logging.getLogger('x').error('error')
#--
logging.getLogger().level, logging.getLogger().handlers
#--
get_ipython(), type(get_ipython()), type(get_ipython().kernel).__name__, 'IPKernelApp' in get_ipython().config
#--
%who
#--
%pwd
#--
%env ENGINE=1
#--
{k: v for k, v in sorted(os.environ.items()) if k != 'JPY_PARENT_PID'}, 'JPY_PARENT_PID' in os.environ
#--
%lsmagic
#--
%%capture cap
print('captured'); display(1); 5
#--
cap.stdout, len(cap.outputs)
#--
%timeit -q -n1 -r1 pass
#--
open('ran.py', 'w').write('print(__name__, __file__, sys.argv) if "sys" in globals() else print(__name__)\nz = 5');
#--
%run ran.py one
z
#--
%load_ext autoreload
%autoreload 2
#--
%nosuch
#--
len?
#--
%config
#--
%history -n
#--
%precision 2
3.14159
#--
%xmode Plain
1 / 0
#--
%xmode Context
#--
%page x
#--
%autosave 5
#--
%%html
<b>x</b>
#--
%quickref
#--
help(len)
#--
__name__, '__file__' in globals(), __doc__, '__session__' in globals(), sys.modules['__main__'].__dict__ is globals(), getattr(sys.modules['__main__'], '__spec__', None)
#--
sys.argv[0], sys.argv[1], len(sys.argv), sys.path, os.getcwd(), sys.flags
#--
import argparse; argparse.ArgumentParser(add_help=False).parse_known_args()[0]
#--
sys.displayhook, sys.excepthook.__qualname__, sys.getrecursionlimit(), gc.isenabled(), gc.get_freeze_count(), decimal.getcontext(), locale.setlocale(locale.LC_ALL), faulthandler.is_enabled(), sys.gettrace(), sys.getprofile()
#--
[signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGHUP, signal.SIGCHLD)], signal.pthread_sigmask(signal.SIG_BLOCK, [])
#--
shutil.get_terminal_size()
#--
os.get_terminal_size()
#--
{o: pd.get_option(o) for o in sorted(pd._config.config._registered_options) if o != 'display.encoding'}
#--
np.get_printoptions(), np.geterr()
#--
plt.isinteractive(), matplotlib.get_backend(), dict(matplotlib.rcParams)
#--
threading.current_thread().name, multiprocessing.current_process().name, multiprocessing.parent_process(), multiprocessing.current_process().daemon
#--
def double(n): sys.stdout.write('in the child'); return 2 * n
with multiprocessing.get_context('fork').Pool(1) as pool: doubled = pool.map(double, [1])
time.sleep(1); print(doubled)
#--
p = multiprocessing.get_context('spawn').Process(target=print, args=('spawned',)); p.start(); p.join(); time.sleep(1); p.exitcode
#--
class C: pass
pickle.loads(pickle.dumps(C())), C
#--
@dataclasses.dataclass
class D:
    a: 'C'
typing.get_type_hints(D), D(1), inspect.getsource(D)
#--
asyncio.get_running_loop().is_running()
#--
async def job(): await asyncio.sleep(0.3); print('job'); return 'result'
async def wrong(): raise ValueError('in a task')
task = asyncio.create_task(job())
#--
await task
#--
async def later(): await asyncio.sleep(2); print('later'); return 'late'
task = asyncio.create_task(later())
#--
time.sleep(0.1); task.done()
#--
await task
#--
again = job()
try: asyncio.run(again)
finally: again.close()
#--
both = asyncio.create_task(job())
try: await asyncio.gather(both, wrong())
finally: await both
#--
again = job()
try: asyncio.get_event_loop().run_until_complete(again)
finally: again.close()
#--
decimal.getcontext().prec = 5
#--
decimal.Decimal(1) / 3
#--
plt.plot([1, 2, 3]);
#--
figure, axes = plt.subplots(figsize=(3, 2)); axes.bar(['a', 'b'], [1, 2]); print('before the figure')
#--
plt.figure(); plt.plot([1]); plt.show(); print('after the figure')
#--
figure
#--
plt.figure(); plt.close(); pd.Series([1, 2]).plot()
#--
plt.figure(); 1 / 0
#--
%matplotlib inline
plt.plot([5])
#--
%config InlineBackend.figure_formats = ['retina']
plt.figure(facecolor='none'); plt.plot([5]);
#--
plt.ioff(); plt.plot([1]);
#--
plt.gcf()
#--
picture = io.BytesIO(); figure.savefig(picture, dpi=20); Image(data=picture.getvalue(), width=10)
#--
Latex('$x$')
#--
JSON({'a': [1, None]}, expanded=True)
#--
SVG('<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>')
#--
HTML('<b>x</b>', metadata={'isolated': True})
#--
Javascript('alert(1)')
#--
class Rich:
    def _repr_html_(self): return '<i>r</i>'
    def _repr_png_(self): return b'\x89PNG\r\n\x1a\nx'
    def _repr_json_(self): return {'a': 1}, {'expanded': True}
    def _repr_markdown_(self): return None
Rich()
#--
class Bundle:
    def _repr_mimebundle_(self, include=None, exclude=None): return {'text/plain': 'p', 'application/x+json': {'a': [1, (2, 3)]}}, {'meta': 1}
Bundle()
#--
publish_display_data({'application/x': b'bytes', 'application/json': {1: float('nan'), 'd': __import__('datetime').datetime(2020, 1, 1)}}, {'m': 1})
#--
publish_display_data({'application/json': {'x': object()}})
#--
'\ud800'
#--
'x' * 200_000
#--
list(range(2000))
#--
pd.DataFrame(np.arange(2400).reshape(80, 30))
#--
print(pd.DataFrame({str(n): [n] * 3 for n in range(40)}))
#--
pd.DataFrame({'a': [1]}).style.set_uuid('u').highlight_max()
#--
import itables; itables.init_notebook_mode(all_interactive=True); pd.DataFrame({'a': [1]})
#--
import ipywidgets; slider = ipywidgets.IntSlider(3); slider
#--
from tqdm.auto import tqdm; tqdm.__mro__[1]
#--
get_ipython().events.register('post_run_cell', lambda result: print('hook', result.success))
#--
get_ipython().run_cell('print("inner"); 8').result
#--
%config InteractiveShell.ast_node_interactivity = 'all'
#--
1
2
#--
%reset -f
#--
'x' in globals(), len(In)
#--
1 / 0
""".strip("\n").split("#--\n")  # fmt: skip

# Notebooks whose cells have tags, or whose end matters
NOTEBOOKS = {
    "battery": [(cell, ["raises-exception"]) for cell in CELLS],
    "skips": [("1", []), ("1 / 0", ["raises-exception"]), ("2", ["skip-execution"]), ("3", [])],
    "stops": [("1", []), ("1 / 0", []), ("'never'", [])],
    "exits": [("import sys; sys.exit(0)", []), ("'never'", [])],
    "quits": [("quit", [])],
    "displays": [
        ("one = display('old', display_id='a'); display('old', display_id='b');", []),
        ("from IPython.display import update_display\none.update('new'); update_display('newer', display_id='b')", []),
    ],
    "output": [
        ("import ipywidgets\nout = ipywidgets.Output()\nout", []),
        ("with out: print('inside'); display(1)\nprint('outside')", []),
        ("out.outputs, ipywidgets.Image(value=b'x').value", []),
    ],
    "terminal": [
        ("import os, subprocess, sys, threading, time\nos.system('echo LEAK'); time.sleep(1); os.write(2, b'LEAK'); time.sleep(1)", []),
        ("!echo LEAK\ntime.sleep(1); subprocess.run(['echo', 'LEAK']); time.sleep(1)\nprint('LEAK', file=sys.__stderr__, flush=True); time.sleep(1)", []),
        ("threading.Timer(0.2, print, ('LEAK',)).start()", []),
    ],
}  # fmt: skip

RUN = """
import json, multiprocessing, sys
from pathlib import Path
from outages import warm
from outages.render import Job, execute

def one(path, engine):
    try:
        execute(Job(path.stem, path, {}, "en", ""), target / path.name, bool(engine) and path.stem == "terminal", engine=engine)
        said = ""
    except Exception as error:
        said = f"{type(error).__name__} {getattr(error, 'ename', '')}"
    (target / f"{path.stem}.json").write_text(json.dumps(said))

def forked(path):
    warm.fresh_start()
    one(path, "outages-inside")

target = Path(sys.argv[1])
paths = [Path(path) for path in sys.argv[2:]]
if target.name == "inside":
    warm.preload()
for path in paths:
    if target.name == "inside":
        process = multiprocessing.get_context("fork").Process(target=forked, args=(path,), daemon=True)
        process.start()
        process.join()
    else:
        one(path, None)
"""


@pytest.fixture(scope="module")
def ways(tmp_path_factory):
    """Run all notebooks in kernels and in forked processes, both at once, and return what came out, what was said and what the terminals got."""
    place = tmp_path_factory.mktemp("engine")
    kernel = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    for name, cells in NOTEBOOKS.items():
        nodes = [new_code_cell(source, metadata={"tags": tags}) for source, tags in cells]
        nbformat.write(new_notebook(cells=nodes, metadata=kernel), place / f"{name}.ipynb")
    paths = [str(place / f"{name}.ipynb") for name in NOTEBOOKS]
    # A kernel that finds itself in pytest leaves the file descriptors alone
    environment = {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"}

    def begin(way):
        (place / way).mkdir(exist_ok=True)
        return subprocess.Popen(
            [sys.executable, "-c", RUN, str(place / way), *paths], cwd=place, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    runs = {way: begin(way) for way in ("plain", "inside")}
    found = {}
    for way, run in runs.items():
        try:
            terminal = run.communicate("typed\n", timeout=150)
        except subprocess.TimeoutExpired:
            run.kill()
            # on a busy machine a message between a kernel and papermill may be lost, and both wait for ever
            assert way == "plain"
            run = begin(way)
            terminal = run.communicate("typed\n", timeout=240)
        assert run.returncode == 0, terminal
        books = {name: nbformat.read(place / way / f"{name}.ipynb", as_version=4) for name in NOTEBOOKS}
        said = {name: json.loads((place / way / f"{name}.json").read_text()) for name in NOTEBOOKS}
        found[way] = books, said, terminal
    return found


def shown(cell):
    """Return what a cell put out and its count as lines, without what can never be the same."""
    text = json.dumps([cell.get("outputs"), cell.get("execution_count")], indent=1, sort_keys=True, ensure_ascii=False)
    for pattern, put in ((r"0x[0-9a-f]+", "ADDRESS"), (r"ipykernel_\d+", "ipykernel"), (r"[0-9a-f]{8}([-_]?[0-9a-f]{4}){3}[-_]?[0-9a-f]{12}", "ID")):  # fmt: skip
        text = re.sub(pattern, put, text)
    return text.splitlines()


def cells_of(ways, way, name):
    """Return the cells that ran, without the notes that papermill puts before a failed one."""
    return [cell for cell in ways[way][0][name].cells if cell.cell_type == "code"]


@pytest.mark.parametrize("index", range(len(CELLS)), ids=[f"{n}-{c.strip()[:30]}" for n, c in enumerate(CELLS)])
def test_a_cell_is_as_in_a_kernel(ways, index):
    """Whatever a cell does, its outputs and its count are those of a plain papermill run."""
    plain, inside = (cells_of(ways, way, "battery")[index] for way in ("plain", "inside"))
    assert (plain.execution_count is None) == (not plain.source.strip())
    assert shown(inside) == shown(plain), f"\n{plain.source}"


@pytest.mark.parametrize("name", [name for name in NOTEBOOKS if name != "battery"])
def test_a_notebook_ends_as_in_a_kernel(ways, name):
    """Tags, errors, exits, widgets, file descriptors: the same cells run, with the same outputs, and the same is said at the end."""
    for plain, inside in zip(*(cells_of(ways, way, name) for way in ("plain", "inside")), strict=True):
        assert shown(inside) == shown(plain), f"\n{plain.source}"
        assert inside.metadata.keys() == plain.metadata.keys()
        assert inside.metadata.get("execution", {}).keys() == plain.metadata.get("execution", {}).keys()
    assert ways["inside"][1][name] == ways["plain"][1][name]


def test_tags_and_errors_are_respected(ways):
    """A cell that may fail lets the next one run, one that is to be skipped is not counted, one that fails ends the run; exit without a status is no error."""
    counts = {name: [cell.execution_count for cell in cells_of(ways, "inside", name)] for name in NOTEBOOKS}
    assert counts["skips"] == [1, 2, None, 3] and counts["stops"] == [1, 2, None] and counts["exits"] == [1, None]
    said = ways["inside"][1]
    assert said["stops"] == "PapermillExecutionError ZeroDivisionError" and said["exits"] == said["quits"] == ""


def test_displays_are_updated_across_cells(ways):
    """A display that a later cell updates is changed where it stands."""
    first, second = cells_of(ways, "inside", "displays")
    assert [o.data["text/plain"] for o in first.outputs] == ["'new'", "'newer'"] and second.outputs == []


def test_pyplot_figures_are_shown(ways):
    """A figure that a cell only draws is shown as a picture."""
    drawn = next(c for c in cells_of(ways, "inside", "battery") if c.source.startswith("plt.plot([1, 2, 3])"))
    assert [list(output.data) for output in drawn.outputs] == [["image/png", "text/plain"]]


def test_the_terminal_is_left_alone(ways):
    """Nothing that cells write, at whatever level, gets to the terminal, and nothing is read from it; the progress bar is there and not in the outputs."""
    _books, _said, (out, err) = ways["inside"]
    assert "LEAK" not in out + err and "100%" in err
    text = str(cells_of(ways, "inside", "terminal"))
    assert text.count("LEAK\\n") + text.count("LEAK\\r\\n") >= 3 and "cell/s" not in text
    assert "typed" not in str(cells_of(ways, "inside", "battery")[:60])


def test_notebooks_are_valid(ways):
    """What is written is a valid notebook with the language and the widgets of a plain run."""
    for name in NOTEBOOKS:
        plain, inside = (ways[way][0][name] for way in ("plain", "inside"))
        nbformat.validate(inside)
        assert inside.metadata.get("language_info") == plain.metadata.get("language_info")
        states = [
            sorted(
                re.sub("[0-9a-f]{32}", "ID", json.dumps(state, sort_keys=True)) for state in widgets["state"].values()
            )
            for book in (plain, inside)
            for widgets in book.metadata.get("widgets", {"": {"state": {}}}).values()
        ]
        assert states[0] == states[1], name
