"""Where do the registry, the notebooks and the reports live, and has a file of theirs changed?"""

import functools
import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
NOTEBOOKS = ROOT / "notebooks"
REPORTS = ROOT / "reports"


def file_hash(path: Path) -> bytes:
    """Return the SHA-256 of a file, worked out once in a process while it stays as it is."""
    seen = path.stat()
    return hash_of(path, seen.st_size, seen.st_mtime_ns)


@functools.lru_cache(maxsize=1000)
def hash_of(path: Path, _size: int, _time: int) -> bytes:
    """Return the SHA-256 of a file of some size and time."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
