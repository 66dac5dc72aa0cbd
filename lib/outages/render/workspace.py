"""Where does a run keep what it needs only while it lasts? In a folder that goes with it, at the latest when the next run begins."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = ".outages-"


@contextmanager
def workspace(parent: Path | None = None) -> Iterator[Path]:
    """Make a folder that is gone afterwards, in the temporary folder or another; those whose owner was killed are cleared first."""
    parent = parent or Path(tempfile.gettempdir())
    for left in parent.glob(f"{PREFIX}*"):
        clear(left)
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", dir=parent, ignore_cleanup_errors=True) as made:
        owned = os.open(made, os.O_RDONLY)
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(owned, fcntl.LOCK_EX)  # held as long as this process or a child of it lives
        try:
            yield Path(made)
        finally:
            os.close(owned)


def clear(folder: Path) -> None:
    """Remove a folder of ours when its owner is gone: no process of that number here, and nobody anywhere on this machine who holds its lock."""
    try:
        os.kill(int(folder.name.removeprefix(PREFIX).split("-")[0]), 0)
    except ProcessLookupError:
        with contextlib.suppress(OSError):
            found = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(found).st_uid == os.getuid():
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(found)
    except (ValueError, PermissionError):
        pass
