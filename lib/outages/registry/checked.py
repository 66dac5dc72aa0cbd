"""Were these tables found right before? Then no other process needs to hold them against every rule again."""

import contextlib
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from outages.paths import DATA, REPORTS, file_hash
from outages.registry.files import folder_hash

FOUND_RIGHT = REPORTS / ".checked"
KEPT = 100  # stacks of folders


def mark_of(folders: Sequence[Path]) -> str:
    """Return what changes with any table of a stack, and with any rule."""
    found = hashlib.sha256(folder_hash(folders).encode())
    rules = sorted(Path(__file__).parent.glob("*.py"))
    for path in (*rules, DATA / "datapackage.json", DATA / "reference" / "codes.csv"):
        found.update(file_hash(path))
    return found.hexdigest()


def marks() -> list[str]:
    """Return the stacks that were found right, the last one at the end."""
    with contextlib.suppress(OSError, ValueError):
        return FOUND_RIGHT.read_text(encoding="utf-8").split()
    return []


def found_right(mark: str) -> bool:
    """Return whether a stack was found right."""
    return mark in marks()


def remember(mark: str) -> None:
    """Note that a stack was found right; where nothing can be written it is looked at again next time."""
    beside = FOUND_RIGHT.with_name(f"{FOUND_RIGHT.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        beside.write_text("\n".join([*marks()[1 - KEPT :], mark]), encoding="utf-8")
        os.replace(beside, FOUND_RIGHT)
    with contextlib.suppress(OSError):
        beside.unlink(missing_ok=True)
