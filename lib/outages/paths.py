"""Where do the registry, the notebooks and the reports live, has a file changed, and how is one replaced whole?"""

import functools
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from outages.errors import InputError

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


def stack(folders: Iterable[Path | str]) -> list[Path]:
    """Return folders that are laid over one another, each `~` as the home that it stands for."""
    return [Path(folder).expanduser() for folder in folders]


def shown(path: Path | str) -> str:
    """Return a path as a reader at the prompt would write it."""
    if not isinstance(path, Path | str):  # away from this machine
        return str(path)
    whole, here = os.path.abspath(path), os.getcwd()
    return os.path.relpath(whole, here) if whole.startswith(here + os.sep) else whole


class PlaceError(InputError):
    """An address for pages that cannot be used."""


@contextmanager
def reaching(folder: Path) -> Iterator[None]:
    """Say in one line what went wrong with a place away from this machine, whatever its package raises."""
    try:
        yield
    except Exception as error:
        if isinstance(folder, Path):
            raise
        what = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise PlaceError(f"--out {folder}: {what}; check the address, your rights there, and its package") from None


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader sees the old one or the new one; its rights stay, or are those of the umask."""
    content = content.encode("utf-8", "replace") if isinstance(content, str) else content
    if not isinstance(path, Path):  # such places take a file at once
        with reaching(path):
            path.write_bytes(content)
        return
    import tempfile  # here, since most commands write nothing

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.umask(mask := os.umask(0o077))
        os.chmod(name, stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
