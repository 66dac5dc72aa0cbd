"""Were these tables found right before? Then no other process needs to hold them against every rule again."""

import contextlib
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from outages.paths import DATA, REPORTS, file_hash, write_whole
from outages.registry.files import folder_hash
from outages.registry.form import Rule, Tables, problems_of
from outages.registry.schema import Problem

FOUND_RIGHT = REPORTS / ".checked"
KEPT = 100  # stacks of folders


def mark_of(folders: Sequence[Path], names: Sequence[str] | None = None) -> str:
    """Return what changes with any table of a stack, and with any rule; empty for a stack that is not remembered. It is
    taken before the tables are read.
    """
    if folders[0] != DATA:
        return ""
    found = hashlib.sha256(folder_hash(folders, names).encode())
    rules = sorted(Path(__file__).parent.glob("*.py"))
    for path in (*rules, DATA / "datapackage.json", DATA / "reference" / "codes.csv"):
        found.update(file_hash(path))
    return found.hexdigest()


def problems_unless_right(mark: str, tables: Tables, rules: Iterable[Rule]) -> list[Problem]:
    """Return everything that is wrong with tables; those that were found right before are not looked at again."""
    if mark and mark in marks():
        return []
    problems = problems_of(tables, rules)
    if mark and not problems:
        remember(mark)
    return problems


def marks() -> list[str]:
    """Return the stacks that were found right, the last one at the end."""
    with contextlib.suppress(OSError, ValueError):
        return FOUND_RIGHT.read_text(encoding="utf-8").split()
    return []


def remember(mark: str) -> None:
    """Note that a stack was found right; where nothing can be written it is looked at again next time."""
    with contextlib.suppress(OSError):
        write_whole(FOUND_RIGHT, "\n".join([*marks()[1 - KEPT :], mark]))
