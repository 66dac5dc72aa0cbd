"""What does it cost? Each benchmark measures its sides in one run, in turns, in CPU seconds of the whole process tree.

    python benchmarks/run.py                        all of them, with their goals
    python benchmarks/run.py sweep -n 20 --pairs 1  one of sweep, dossier, report, unchanged, make, tickets, many, start
    python benchmarks/run.py report --before DIR    with the same command of another checkout as a further side

The other side of a sweep, a dossier and a report is what people do: for each `papermill NOTEBOOK OUT -p ...` and then
`jupyter nbconvert --to html --no-input OUT`, in the same environment.
"""

import argparse
import datetime as dt
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
FOUNDING = ("2012-07-06-orange-fr-mobile", "2021-06-02-orange-fr-emergency-calls", "2025-09-12-orange-fr-tv")
DOSSIERS = '[[report]]\nnotebook = "incident-dossier"\nparameters = { incident = "*" }\nlanguages = ["en", "fr"]\n'


@dataclass(frozen=True)
class Asked:
    """What was asked for: reports in a sweep, pairs of measurements, and another checkout."""

    n: int
    pairs: int
    before: Path | None


def cost(run: Callable[[], object]) -> float:
    """Return the CPU seconds, user and system, of all processes that a function starts and waits for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    run()
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    return now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime


def call(*words: object, root: Path = ROOT) -> str:
    """Run a command in a checkout, return what it prints, and stop when it fails."""
    own = os.environ | {"PYTHONPATH": str(root / "lib")}
    return subprocess.run(list(map(str, words)), check=True, capture_output=True, text=True, cwd=root, env=own).stdout


def outages(*words: object, root: Path = ROOT) -> str:
    """Run a command of `outages` in a checkout."""
    return call(sys.executable, "-m", "outages", *words, root=root)


def incidents(n: int, root: Path) -> list[str]:
    """Return n incidents, spread over the registry of a checkout."""
    every = [line.split()[0] for line in outages("list", "--incidents", root=root).splitlines()]
    return [every[i * len(every) // n] for i in range(n)]


def shell(notebook: str, incident: str, out: Path) -> None:
    """Make one page as a shell loop does."""
    executed, given = out / f"{notebook}-{incident}.ipynb", ("-p", "incident", incident) if incident else ()
    call(BIN / "papermill", ROOT / "notebooks" / f"{notebook}.ipynb", executed, *given, "--no-progress-bar")
    call(BIN / "jupyter", "nbconvert", "--to", "html", "--no-input", executed)


def compare(name: str, goal: str, sides: Mapping[str, Callable[[Path], object]], pairs: int, unit: int = 1) -> None:
    """Measure all sides in turns, and print each and its ratio to the first."""
    spent: dict[str, list[float]] = {side: [] for side in sides}
    for number in range(pairs):
        for side in list(sides) if number % 2 else list(sides)[::-1]:
            with tempfile.TemporaryDirectory() as place:
                spent[side].append(cost(lambda side=side, place=place: sides[side](Path(place))))
    first, *others = sides
    print(f"{name} (goal: {goal}; medians of {pairs})")
    for side, seconds in spent.items():
        print(
            f"  {side:<10}{statistics.median(seconds):8.2f} CPU s{statistics.median(seconds) / unit:8.2f} each",
            flush=True,
        )
    for side in others:
        ratios = [theirs / ours for theirs, ours in zip(spent[side], spent[first], strict=True)]
        middle = statistics.median(ratios)
        print(f"  {side} costs {middle:.2f} times as much; {first} costs {1 / middle:.2f} of it", flush=True)


def both(asked: Asked, run: Callable[[Path, Path], object]) -> dict[str, Callable[[Path], object]]:
    """Return a side for this checkout, and one for the other when there is one; each runs with a checkout and
    a folder."""
    roots = {"ours": ROOT} | ({"before": asked.before.resolve()} if asked.before else {})
    return {side: lambda place, root=root: run(root, place) for side, root in roots.items()}


def rendered(*names: str, jobs: int = 1, more: tuple[object, ...] = ()) -> Callable[[Path, Path], object]:
    """Return what makes pages in a checkout."""
    return lambda root, out: outages("render", *names, "--jobs", jobs, "--quiet", "--out", out, *more, root=root)


def sweep(asked: Asked) -> None:
    """Many dossiers with one command against the shell loop."""
    ids = incidents(asked.n, asked.before or ROOT)  # which both have
    sides = both(asked, rendered(*(f"incident-dossier-{i}" for i in ids), jobs=os.cpu_count() or 1))
    sides["shell"] = lambda out: [shell("incident-dossier", i, out) for i in ids]
    compare(f"sweep of {asked.n} dossiers", "the shell costs 15 times as much", sides, asked.pairs, asked.n)


def dossier(asked: Asked) -> None:
    """One cold dossier."""
    sides = both(asked, rendered(f"incident-dossier-{FOUNDING[0]}"))
    sides["shell"] = lambda out: shell("incident-dossier", FOUNDING[0], out)
    compare("one cold dossier", "0.35 of the shell", sides, max(asked.pairs, 5))


def report(asked: Asked) -> None:
    """The cold comparative report."""
    sides = both(asked, rendered("comparative-report"))
    sides["shell"] = lambda out: shell("comparative-report", "", out)
    compare("the cold comparative report", "0.45 of the shell", sides, asked.pairs)


def unchanged(asked: Asked) -> None:
    """A sweep over pages that are all there; they are made first, which takes some minutes."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "catalogue.toml"
        path.write_text(DOSSIERS, encoding="utf-8")

        def again(root: Path, _out: Path) -> object:
            return outages(
                "render",
                "--all",
                "--catalogue",
                path,
                "--out",
                Path(place) / root.as_posix().replace("/", "-"),
                root=root,
            )

        sides = both(asked, again)
        for side in sides.values():
            side(Path(place))
        compare("an unchanged sweep of all dossiers, English and French", "0.2 CPU s", sides, max(asked.pairs, 5))


def make(asked: Asked) -> None:
    """The pages of `make report` when nothing has changed."""
    names = ["comparative-report", *(f"incident-dossier-{i}" for i in FOUNDING)]
    with tempfile.TemporaryDirectory() as place:

        def again(root: Path, _out: Path) -> object:
            return outages(
                "render", "--changed", *names, "--out", Path(place) / root.as_posix().replace("/", "-"), root=root
            )

        sides = both(asked, again)
        for side in sides.values():
            side(Path(place))
        compare("make report, unchanged", "0.5 CPU s", sides, max(asked.pairs, 5))


def start(asked: Asked) -> None:
    """What a person waits for, beside an interpreter that does nothing."""
    for words in (["--help"], ["list"], ["list", "--incidents"], ["check"]):
        sides = both(asked, lambda root, _out, words=words: outages(*words, root=root))
        sides["pass"] = lambda _out: call(sys.executable, "-c", "pass")
        compare(f"outages {' '.join(words)}", "0.3 CPU s, but for check", sides, max(asked.pairs, 5))


def tickets(asked: Asked) -> None:
    """The comparative report with 20,000 incidents more."""
    with_tickets(asked, 20_000, "at most 3 CPU s more than without")


def many(asked: Asked) -> None:
    """The comparative report with 500,000 incidents more."""
    with_tickets(asked, 500_000, "none: measured and said")


def with_tickets(asked: Asked, n: int, goal: str) -> None:
    """Compare the comparative report with and without an overlay of n tickets."""
    with tempfile.TemporaryDirectory() as place:
        write_tickets(n, Path(place) / "tickets")
        more = both(asked, rendered("comparative-report", more=("--data", Path(place) / "tickets")))
        less = both(asked, rendered("comparative-report"))
        sides = {f"{side} {size}": run for side in more for size, run in (("few", less[side]), ("many", more[side]))}
        compare(f"the comparative report with {n:,} tickets", goal, sides, asked.pairs)


HEADS = {
    "incidents": "incident_id,title_en,title_fr,operator,country,sector,services,timezone,"
    "summary_en,summary_fr,status,found_by,superseded_by",
    "events": "incident_id,event,time_low,time_high,actor,scope,source_id,locator,note",
    "measures": "incident_id,measure,value_low,value_high,unit,bound,scope,source_id,locator,note",
    "causes": "incident_id,factor,value,source_id,locator,note",
    "sources": "source_id,kind,publisher,title,published,language,url,read_on,archive_url",
}
SERVICES = ("mobile_voice;sms", "fixed_internet;tv", "emergency_calls;fixed_voice", "mobile_data", "fixed_voice")
CAUSES = ("system_failure", "human_error", "malicious_action", "natural_phenomenon", "unknown")


def write_tickets(n: int, folder: Path) -> None:
    """Write an overlay of n tickets: onset, restoration and people hit of each, what else of every second or tenth."""
    pick, document = random.Random(1), "ourselves-2026-tickets"
    rows: dict[str, list[tuple[str, ...]]] = {name: [] for name in HEADS}
    rows["sources"] = [(document, "operator", "Ourselves", "Tickets", "2026-01-01", "en", "", "2026-01-01", "")]
    for number in range(n):
        start = dt.datetime(2015, 1, 1) + dt.timedelta(minutes=pick.randrange(10 * 365 * 1440))
        lasted, users = int(pick.lognormvariate(5, 1.3)) + 1, str(int(pick.lognormvariate(6, 2)) + 1)
        incident, where = f"{start:%Y-%m-%d}-ourselves-se-t{number:06d}", f"ticket {number}"
        title = f"Ticket {number}"
        row = (incident, title, title, "Ourselves", "SE", "telecom", pick.choice(SERVICES), "Etc/GMT-1")
        rows["incidents"].append((*row, "", "", "coded", "contribution", ""))
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


def main() -> None:
    """Run the benchmarks asked for."""
    every = {f.__name__: f for f in (sweep, dossier, report, unchanged, make, start, tickets, many)}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", nargs="*", choices=[*every, []], help="benchmarks (default: all)")
    parser.add_argument("-n", type=int, default=100, help="reports of the sweep (default: 100)")
    parser.add_argument("--pairs", type=int, default=3, help="pairs of measurements (default: 3)")
    parser.add_argument("--before", type=Path, help="another checkout, measured beside this one")
    asked = parser.parse_args()
    for name in asked.which or every:
        every[name](Asked(asked.n, asked.pairs, asked.before))


if __name__ == "__main__":
    main()
