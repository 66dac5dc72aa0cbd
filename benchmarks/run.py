"""What does a report cost? Each benchmark measures both sides in one run, interleaved, in CPU seconds of the whole process tree, and prints the ratio.

    python benchmarks/run.py            all
    python benchmarks/run.py sweep      one of sweep, cold, unchanged, registry
    python benchmarks/run.py sweep -n 20 --pairs 2

The other side is what people do: for each report `papermill NOTEBOOK OUT -p ...` and then `jupyter nbconvert --to html --no-input OUT`, in the same environment.
"""

import argparse
import datetime as dt
import itertools
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import nbformat

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "notebooks" / "incident-dossier.ipynb"
BIN = Path(sys.executable).parent
CPUS = os.cpu_count()


def cost(run: Callable[[], object]) -> float:
    """Return the CPU seconds, user and system, of all processes that a function starts and waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def call(*command: object) -> None:
    """Run a command and stop when it fails."""
    subprocess.run(
        [str(part) for part in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT
    )


def incidents(n: int) -> list[str]:
    """Return n incidents, spread over the registry."""
    listed = subprocess.run(
        [sys.executable, "-m", "outages", "list", "--incidents"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    every = [line.split()[0] for line in listed.splitlines()]
    return [every[i * len(every) // n] for i in range(n)]


def shell_loop(ids: list[str], out: Path) -> None:
    """Make dossiers as a shell loop does."""
    for incident in ids:
        executed = out / f"{incident}.ipynb"
        call(BIN / "papermill", NOTEBOOK, executed, "-p", "incident", incident, "--no-progress-bar")
        call(BIN / "jupyter", "nbconvert", "--to", "html", "--no-input", executed)


def one_command(ids: list[str], out: Path, jobs: int) -> None:
    """Make dossiers with one command."""
    call(
        sys.executable,
        "-m",
        "outages",
        "render",
        *[f"incident-dossier-{i}" for i in ids],
        "--out",
        out,
        "--jobs",
        jobs,
        "--quiet",
    )


def same_outputs(ids: list[str], loop: Path) -> None:
    """Check that both ways give the same outputs cell by cell; stop when they do not."""
    code = (
        "import sys, json; from pathlib import Path; from outages import warm; from outages.render import execute, plan; from outages.engine import NAME; warm.preload();"
        "warm.fresh_start(); job = plan('incident-dossier-' + sys.argv[1], {}, 'en', []); execute(job, Path(sys.argv[2]), False, engine=NAME)"
    )
    for incident in ids:
        made = loop / f"{incident}.inside.ipynb"
        call(sys.executable, "-c", code, incident, made)
        one, two = (nbformat.read(p, as_version=4).cells for p in (loop / f"{incident}.ipynb", made))
        pairs = zip(
            *(
                [c for c in cells if c.cell_type == "code" and "injected-parameters" not in c.metadata.get("tags", [])]
                for cells in (one, two)
            ),
            strict=True,
        )
        assert all((a.outputs, a.execution_count) == (b.outputs, b.execution_count) for a, b in pairs), incident


def compare(
    name: str, ours: Callable[[Path], object], theirs: Callable[[Path], object], pairs: int, unit: int
) -> float:
    """Measure both sides in turns and print the median of the ratios of pairs."""
    ratios = []
    for number in range(pairs):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
            sides = [(ours, Path(one)), (theirs, Path(two))]
            spent = {
                side: cost(lambda side=side, place=place: side(place))
                for side, place in (sides if number % 2 else sides[::-1])
            }
        ratios.append(spent[theirs] / spent[ours])
        print(
            f"{name}: pair {number + 1}: ours {spent[ours]:.1f} CPU s, shell {spent[theirs]:.1f} CPU s ({spent[ours] / unit:.2f} and {spent[theirs] / unit:.2f} a report)",
            flush=True,
        )
    print(
        f"{name}: the shell costs {statistics.median(ratios):.2f} times as much (median of {pairs} pairs, {CPUS} CPUs)",
        flush=True,
    )
    return statistics.median(ratios)


def sweep(n: int, pairs: int) -> None:
    """Compare a sweep of n dossiers with the shell loop; the goal is at least 4.5 times."""
    ids = incidents(n)
    with tempfile.TemporaryDirectory() as place:
        checked = ids[:: max(n // 3, 1)]
        shell_loop(checked, Path(place))
        same_outputs(checked, Path(place))
        print(f"sweep: outputs equal cell by cell for {len(checked)} of {n}", flush=True)
    compare(f"sweep of {n}", lambda out: one_command(ids, out, CPUS or 1), lambda out: shell_loop(ids, out), pairs, n)


def cold(_n: int, pairs: int) -> None:
    """Compare one cold report with the shell pair; the goal is at most 0.6 of it."""
    names = itertools.cycle(incidents(7))
    one = {"id": ""}

    def ours(out: Path) -> None:
        one["id"] = next(names)
        one_command([one["id"]], out, 1)

    ratio = compare("one cold report", ours, lambda out: shell_loop([next(names)], out), max(pairs, 5), 1)
    print(f"one cold report: {1 / ratio:.2f} of the shell pair")


def unchanged(n: int, _pairs: int) -> None:
    """Measure a run over at least 300 unchanged reports; the goal is under one CPU second."""
    catalogue = '[[report]]\nnotebook = "incident-dossier"\nparameters = { incident = "*" }\nlanguages = ["en", "fr"]\n'
    with tempfile.TemporaryDirectory() as place:
        path, out = Path(place) / "catalogue.toml", Path(place) / "out"
        path.write_text(catalogue, encoding="utf-8")
        code = (
            "import sys, json; from pathlib import Path; from outages.catalogue import Keys, read_catalogue; path, out = map(Path, sys.argv[1:]); out.mkdir(); keys = Keys();"
            "known = {e.page: {'input_hash': keys.of(e.notebook, e.lang, e.parameters), 'status': 'made'} for e in read_catalogue(path)}; [(out / p).touch() for p in known];"
            "(out / 'manifest.json').write_text(json.dumps({'reports': known})); print(len(known))"
        )
        made = int(
            subprocess.run([sys.executable, "-c", code, path, out], capture_output=True, text=True, check=True).stdout
        )
        spent = [
            cost(lambda: call(sys.executable, "-m", "outages", "render", "--all", "--catalogue", path, "--out", out))
            for _ in range(5)
        ]
        still = json.loads((out / "manifest.json").read_text())["reports"]
    assert len(still) == made >= 300
    print(f"unchanged sweep of {made} reports: {statistics.median(spent):.2f} CPU s (median of 5)")


HEADS = {
    "incidents": "incident_id,title_en,title_fr,operator,country,sector,services,timezone,summary_en,summary_fr,status,found_by,superseded_by",
    "events": "incident_id,event,time_low,time_high,actor,scope,source_id,locator,note",
    "measures": "incident_id,measure,value_low,value_high,unit,bound,scope,source_id,locator,note",
    "causes": "incident_id,factor,value,source_id,locator,note",
    "sources": "source_id,kind,publisher,title,published,language,url,read_on,archive_url",
}
SERVICES = ("mobile_voice;sms", "fixed_internet;tv", "emergency_calls;fixed_voice", "mobile_data", "fixed_voice")
CAUSES = ("system_failure", "human_error", "malicious_action", "natural_phenomenon", "unknown")


def tickets(n: int, folder: Path) -> None:
    """Write an overlay of n tickets: onset, restoration and people hit of each, a detection and a cause of every other, a public word of every tenth."""
    pick, document = random.Random(1), "ourselves-2026-tickets"
    rows: dict[str, list[tuple[str, ...]]] = {name: [] for name in HEADS}
    rows["sources"] = [(document, "operator", "Ourselves", "Tickets", "2026-01-01", "en", "", "2026-01-01", "")]
    for number in range(n):
        start = dt.datetime(2015, 1, 1) + dt.timedelta(minutes=pick.randrange(10 * 365 * 1440))
        lasted, users = int(pick.lognormvariate(5, 1.3)) + 1, str(int(pick.lognormvariate(6, 2)) + 1)
        incident, where = f"{start:%Y-%m-%d}-ourselves-se-t{number:06d}", f"ticket {number}"
        title = f"Ticket {number}"
        rows["incidents"].append((incident, title, title, "Ourselves", "SE", "telecom", pick.choice(SERVICES), "Etc/GMT-1", "", "", "coded", "contribution", ""))  # fmt: skip
        moments = [("onset", 0, ""), ("restored", lasted, "")]
        moments += [("detected", min(lasted, pick.randrange(30)), "operator")] if number % 2 else []
        moments += [("first_public_statement", pick.randrange(200), "operator")] if number % 10 == 0 else []
        for event, after, actor in moments:
            at = f"{start + dt.timedelta(minutes=after):%Y-%m-%dT%H:%M}+01:00"
            rows["events"].append((incident, event, at, at, actor, "", document, where, ""))
        rows["measures"].append((incident, "users_affected", users, users, "persons", "exact", "", document, where, ""))
        if number % 2:
            rows["causes"].append((incident, "root_cause", pick.choice(CAUSES), document, where, ""))
    rows["events"].sort(key=lambda row: (row[0], row[2], row[1]))
    folder.mkdir()
    for name, head in HEADS.items():
        lines = rows[name] if name == "events" else sorted(rows[name])
        (folder / f"{name}.csv").write_text("\n".join([head, *map(",".join, lines), ""]), encoding="utf-8")


def as_parquet(folder: Path, target: Path) -> None:
    """Write the tables of a folder as Parquet."""
    import pandas as pd

    target.mkdir()
    for path in folder.glob("*.csv"):
        pd.read_csv(path, dtype=str, keep_default_na=False).to_parquet(target / f"{path.stem}.parquet")


def registry(_n: int, pairs: int) -> None:
    """Compare the comparative report with 150 and with 500,000 tickets laid over the registry; the goal is at most 3 CPU seconds more."""
    with tempfile.TemporaryDirectory() as place:
        few, many, parquet = (Path(place) / name for name in ("few", "many", "parquet"))
        tickets(150, few)
        tickets(500_000, many)
        as_parquet(many, parquet)

        def spent(folder: Path, cache: Path) -> float:
            os.environ["XDG_CACHE_HOME"] = str(cache)
            return cost(lambda: call(sys.executable, "-m", "outages", "render", "comparative-report", "--quiet", "--data", folder, "--out", Path(place) / "out"))  # fmt: skip

        more: dict[str, list[float]] = {}
        for number in range(pairs):
            fresh = Path(place) / f"cache-{number}"
            base = spent(few, fresh)
            for name, folder in (("CSV, first", many), ("CSV, again", many), ("Parquet, first", parquet), ("Parquet, again", parquet)):  # fmt: skip
                took = spent(folder, fresh)
                more.setdefault(name, []).append(took - base)
                print(f"registry: pair {number + 1}: 150 tickets {base:.1f} CPU s, 500,000 as {name} {took:.1f} CPU s", flush=True)  # fmt: skip
    for name, seconds in more.items():
        print(f"registry: 500,000 tickets as {name} cost {statistics.median(seconds):.1f} CPU s more than 150 (median of {pairs})", flush=True)  # fmt: skip


def main() -> None:
    """Run the benchmarks asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = {"sweep": sweep, "cold": cold, "unchanged": unchanged, "registry": registry}
    parser.add_argument("which", nargs="*", choices=[*every, []], help="benchmarks (default: all)")
    parser.add_argument("-n", type=int, default=100, help="reports of the sweep (default: 100)")
    parser.add_argument("--pairs", type=int, default=3, help="pairs of measurements (default: 3)")
    asked = parser.parse_args()
    for name in asked.which or every:
        every[name](asked.n, asked.pairs)


if __name__ == "__main__":
    main()
