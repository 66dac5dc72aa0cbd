"""Where are pages put? Folders and addresses, what lies there, locks, and room for a run."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from outages.paths import PlaceError, reaching

LOCK, PREFIX = ".lock", ".outages-"


def place(text: str) -> Path:
    """Return the folder that a path or an address as `s3://bucket/reports` names; one away from here is like a `Path`.
    Raise PlaceError for an address that cannot be reached with what is installed.
    """
    if "://" not in text:
        return Path(text).expanduser()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # kinds of places that upath only knows by way of fsspec
            from upath import UPath

            found: Any = UPath(text)
    except (ImportError, ValueError) as error:
        known = "install outages[cluster] and the fsspec package of that kind of place, or name a folder"
        raise PlaceError(f"--out {text}: {error}; {known}") from None
    if found.protocol in ("file", "local"):
        return Path(found.path)
    with reaching(found):
        found.exists()
    return found


def page_names(folder: Path) -> set[str]:
    """Return the names of the pages and their PDFs in a folder."""
    with reaching(folder):
        names = [path.name for path in folder.iterdir()]
    return {name for name in names if name.endswith((".html", ".pdf")) and not name.startswith(".")}


@contextmanager
def locked(folder: Path, name: str = LOCK, *, wait: bool = False) -> Iterator[bool]:
    """Hold a lock of a folder of pages; gives False when another process holds it, or waits for it.

    The lock of a place away from here keeps out only other runs of this machine. OSError says that there can be none.
    """
    here = folder / name
    if not isinstance(folder, Path):
        short = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
        here = Path(tempfile.gettempdir()) / f"outages-{os.getuid()}-{short}{name}"
    with here.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(here)) from None
        yield True


@contextmanager
def workspace(parent: Path | None = None) -> Iterator[Path]:
    """Make a folder that is gone afterwards; those whose owner was killed are cleared first."""
    parent = parent or Path(tempfile.gettempdir())
    for folder in parent.glob(f"{PREFIX}*"):
        clear(folder)
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", dir=parent, ignore_cleanup_errors=True) as made:
        owned = os.open(made, os.O_RDONLY)
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(owned, fcntl.LOCK_EX)  # held as long as this process or a child of it lives
        try:
            yield Path(made)
        finally:
            os.close(owned)


def clear(folder: Path) -> None:
    """Remove a workspace when there is no process of its number here, and nobody on this machine holds its lock."""
    with contextlib.suppress(OSError, ValueError):
        try:
            os.kill(int(folder.name.split("-")[1]), 0)
        except ProcessLookupError:
            found = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(found).st_uid == os.getuid():
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(found)
