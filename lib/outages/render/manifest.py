"""Which pages have been made, when, and with what? The manifest of a folder of pages; its files are replaced whole, by one run at a time.

The folder is one of this machine or, with an address such as `s3://bucket/reports`, any place that fsspec reaches.
"""

import fcntl
import hashlib
import json
import os
import stat
import tempfile
import time
import warnings
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from outages.errors import InputError
from outages.render.notebook import Job

MANIFEST, LOCK = "manifest.json", ".lock"
PAUSE = 2.0  # seconds between two writings of the manifest and the index while reports are made
MOMENTS = ("looked", "made", "failed")


class PlaceError(InputError):
    """An address for pages that cannot be used."""


def place(text: str) -> Path:
    """Return the folder that a path or an address names; places away from this machine behave like a `Path`.

    Raises
    ------
    PlaceError : the address cannot be reached with what is installed
    """
    if "://" not in text:
        return Path(text).expanduser()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # kinds of places that upath only knows by way of fsspec
            from upath import UPath

            found: Any = UPath(text)
        if found.protocol in ("file", "local"):
            return Path(found.path)
        with reaching(found):
            found.exists()
    except PlaceError:
        raise
    except (ImportError, ValueError) as error:
        known = "install outages[cluster] and the fsspec package of that kind of place"
        raise PlaceError(f"--out {text}: {error}; {known}, or name a folder") from None
    return found


@contextmanager
def reaching(folder: Path) -> Iterator[None]:
    """Say in one line what went wrong with a place away from this machine, whatever its package raises."""
    try:
        yield
    except ImportError:
        raise
    except Exception as error:
        if isinstance(folder, Path):
            raise
        what = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise PlaceError(f"--out {folder}: {what}; check the address and your rights there") from None


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never half of it; its rights stay, or are those of the umask."""
    content = content.encode() if isinstance(content, str) else content
    if not isinstance(path, Path):  # such places take a file at once
        with reaching(path):
            path.write_bytes(content)
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~umask())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def umask() -> int:
    """Return the rights that new files lack."""
    os.umask(mask := os.umask(0o077))
    return mask


@contextmanager
def locked(folder: Path, name: str = LOCK, *, wait: bool = False) -> Iterator[bool]:
    """Hold a lock of a folder of pages while the block runs; gives False when another process holds it, or waits for it.

    The lock of a place away from this machine keeps out only other runs of this machine.

    Raises
    ------
    OSError : no lock can be had there
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


def read_manifest(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what the manifest of a folder says of each page; what is in no order, or of a moment to come, counts as never made."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["reports"]
        return {str(name): entry for name, entry in found.items() if in_order(entry)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def in_order(entry: Any) -> bool:
    """Return whether an entry of a manifest has the form that is written here."""
    if not isinstance(entry, dict) or not isinstance(entry.get("parameters", {}), dict):
        return False
    texts = [value for key, value in entry.items() if key not in ("parameters", "duration_seconds")]
    try:
        moments = [datetime.fromisoformat(entry[key]) for key in MOMENTS if key in entry]
        return all(isinstance(text, str) for text in texts) and all(moment <= datetime.now(UTC) for moment in moments)
    except (TypeError, ValueError):
        return False


def page_names(folder: Path) -> set[str]:
    """Return the names of the pages and their PDFs in a folder."""
    with reaching(folder):
        names = [path.name for path in folder.iterdir()]
    return {name for name in names if name.endswith((".html", ".pdf")) and not name.startswith(".")}


def text_hash(text: str) -> str:
    """Return what tells one version of a page from another; that of a PDF is that of the page it was printed from."""
    return hashlib.sha256(text.encode()).hexdigest()[:20]


class Manifest:
    """Keeps the manifest and the index of a folder of pages while reports are made.

    Both are written at most every `PAUSE` seconds and by `flush`, so that many pages cost no more than few; whoever is killed in between loses the notes of
    the last pages, which are then made again. What other runs note in the meantime is kept.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.notes: dict[str, dict[str, Any]] = {}
        self.written = time.monotonic()

    def note(self, job: Job) -> None:
        """Note what became of a page."""
        entry: dict[str, Any] = {"name": job.name, "lang": job.lang, "notebook": job.notebook.stem}
        entry |= {"parameters": job.parameters, "input_hash": job.key, "data_version": job.data_version}
        entry |= {
            "duration_seconds": round(job.seconds, 2),
            "status": "failed" if job.wrong else "made",
            "looked": now(),
        }
        if job.wrong:
            entry["error"] = job.wrong
        else:
            entry["page"] = text_hash(job.html)
        if job.pdf:
            entry["pdf"] = entry["page"]
        self.notes[job.file] = entry
        if time.monotonic() - self.written > PAUSE:
            with suppress(OSError, PlaceError):  # said at the end, when it is so still
                self.flush()

    def flush(self) -> None:
        """Write the manifest and the index."""
        from outages.render.index import title_of, write_index

        self.written = time.monotonic()
        with locked(self.folder, ".manifest.lock", wait=True):
            known, there = read_manifest(self.folder), page_names(self.folder)
            for page, entry in self.notes.items():
                known[page] = merged(known.get(page, {}), entry)
            known = {n: known[n] for n in sorted(known) if n in there or known[n].get("status") == "failed"}
            for name, entry in known.items():
                if name in there and (name in self.notes or "title" not in entry):
                    entry["title"] = title_of(self.folder / name)
            write_manifest(self.folder, known)
            write_index(self.folder, known, there)
        self.notes = {}


def now() -> str:
    """Return this moment as it is written into the manifest."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def merged(before: Mapping[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """Return what the manifest says of a page after an attempt, given what it said before."""
    if entry["status"] == "made":
        return {k: before[k] for k in ("pdf",) if k in before} | entry | {"made": entry["looked"]}
    standing = ("made", "parameters", "data_version", "title", "page", "pdf")  # of the page that stands there
    return entry | {k: before[k] for k in standing if k in before} | {"failed": entry["looked"]}


def note_looked(folder: Path, pages: Collection[str]) -> None:
    """Note that pages were looked at and are still what they would be."""
    with locked(folder, ".manifest.lock", wait=True):
        known, moment = read_manifest(folder), now()
        write_manifest(folder, {n: entry | ({"looked": moment} if n in pages else {}) for n, entry in known.items()})


def write_manifest(folder: Path, known: Mapping[str, Mapping[str, Any]]) -> None:
    """Write what is known of each page."""
    write_whole(folder / MANIFEST, json.dumps({"reports": known}, ensure_ascii=False, indent=1) + "\n")
