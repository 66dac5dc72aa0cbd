"""Does any input of others bring a traceback, an escape sequence, or a change to a page? `python tests/fuzz/run.py
50000 --seed 1`
"""

import argparse
import os
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / part) for part in ("lib", "tests", "tests/fuzz", "tests/report")]

import doors  # noqa: E402
from hypothesis import HealthCheck, Phase, given, seed, settings  # noqa: E402

from outages.errors import LINE, InputError  # noqa: E402

OUTCOMES = ("inputs", "refused", "accepted", "faults")


def outcome(door: doors.Door, value: Any) -> str | doors.Batch:
    """Push an input through a door and return how many were refused and accepted, or what is wrong."""
    try:
        lines = door.enter(value)
    except InputError as error:
        lines = [str(error)]
    except (Exception, SystemExit) as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "/lib/outages/" in frame.filename]
        where = ours[-1] if ours else last
        return f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}: {str(error)[:300]!r}"
    if isinstance(lines, doors.Batch):
        return lines
    if bad := [line for line in lines or () if len(line) > LINE or not line.isprintable()]:
        return f"no line of {LINE} signs: {bad[0][:400]!r}"
    if sorted(os.listdir(doors.PLACE)) != ["out", "room", "small"]:
        return f"a file outside the folders: {sorted(os.listdir(doors.PLACE))}"
    if (doors.PLACE / "out" / "methods.en.html").read_bytes() != b"<title>old</title>":
        return "a page was changed"
    return doors.Batch(int(bool(lines)), int(not lines))


def pushed(name: str, number: int, start: int) -> tuple[Counter[str], dict[str, str]]:
    """Push so many inputs through a door; return counts of outcomes, and one input for each kind of fault."""
    counts, faults = Counter[str](), dict[str, str]()
    door = doors.DOORS[name]

    @seed(start)
    @settings(
        max_examples=number,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(door.inputs)
    def push(value: Any) -> None:
        shown = ascii(value)[:600]
        found = outcome(door, value)
        if isinstance(found, doors.Batch):
            counts.update(found._asdict() | {"inputs": sum(found)})
        else:
            counts.update(inputs=1, faults=1)
            faults.setdefault(found.partition(": ")[0], f"{found}\n    {shown}")

    push()
    return counts, faults


def run(number: int, start: int = 1, only: str = "") -> tuple[dict[str, Counter[str]], list[str]]:
    """Push inputs through all doors; return the counts of each, and the faults."""
    found: dict[str, Counter[str]] = {}
    faults: list[str] = []
    names = [name for name in doors.DOORS if only in name]
    weight = sum(doors.DOORS[name].weight for name in names)
    here = os.getcwd()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        doors.enter(Path(folder).resolve())
        try:
            for name in names:
                door = doors.DOORS[name]
                share = max(round(number * door.weight / weight / door.at_once), 1)
                begun = time.monotonic()
                found[name], wrong = pushed(name, share, start)
                found[name]["seconds"] = round(time.monotonic() - begun)
                faults += [f"{name}: {fault}" for fault in wrong.values()]
                print(f"{name}: {dict(found[name])}", file=sys.stderr, flush=True)
        finally:
            os.chdir(here)
    return found, faults


def table(found: dict[str, Counter[str]]) -> str:
    """Return the counts by door as a table in Markdown."""
    total = sum(found.values(), Counter[str]())
    head = ["door", *OUTCOMES]
    rows = [[name, *(f"{counts[o]:,}" for o in OUTCOMES)] for name, counts in [*found.items(), ("all", total)]]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("inputs", type=int, nargs="?", default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--door", default="", help="those alone whose name holds this")
    asked = parser.parse_args()
    counts, wrong = run(asked.inputs, asked.seed, asked.door)
    print(table(counts))
    print("\n".join(wrong))
    sys.exit(bool(wrong))
