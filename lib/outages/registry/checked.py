"""Were these tables found right before? Then no other process needs to hold them against every rule again."""

import contextlib
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from outages.paths import DATA, REPORTS, file_hash, write_whole
from outages.registry.files import folder_hash, stacked
from outages.registry.form import Rule, problems_of
from outages.registry.schema import RegistryError, Rows

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


def read_right(folders: Sequence[Path], rules: Iterable[Rule], names: Sequence[str] | None = None) -> Rows:
    """Read tables of a stack of folders; those that were found right before are not held against the rules again.

    Raises
    ------
    RegistryError : a table cannot be read, or a rule is broken
    """
    mark = mark_of(folders, names)
    rows, unread = stacked(folders, names)
    if unread:
        raise RegistryError(unread)
    if mark not in (right := marks()):
        if problems := problems_of(rows, rules):
            raise RegistryError(problems)
        with contextlib.suppress(OSError):  # where nothing can be written they are looked at again next time
            if mark:
                write_whole(FOUND_RIGHT, "\n".join([*right[1 - KEPT :], mark]))
    return rows


def marks() -> list[str]:
    """Return the stacks that were found right, the last one at the end."""
    with contextlib.suppress(OSError, ValueError):
        return FOUND_RIGHT.read_text(encoding="utf-8").split()
    return []
