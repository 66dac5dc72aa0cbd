"""Which pages have been made, when, and with what? The manifest of a folder of pages, and the index made from it.

The folder is one of this machine or, with an address such as `s3://bucket/reports`, any place that fsspec reaches.
"""

import hashlib
import json
import os
import re
import tempfile
import time
import warnings
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outages.errors import InputError
from outages.paths import REPORTS

if TYPE_CHECKING:
    from outages.language import Words

MANIFEST, INDEX, LOCK = "manifest.json", "index.html", ".lock"
TEMPLATES = REPORTS / "template"
PAUSE = 2.0  # seconds between two writings of the manifest and the index while reports are made
UNSAID = {"lang", "data"}  # not repeated in the index: the language is the section, overlays stand in the page


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
    except (ImportError, ValueError) as error:
        if isinstance(error, PlaceError):
            raise
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
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise PlaceError(f"--out {folder}: {said}; check the address and your rights there") from None


def opened(folder: Path) -> None:
    """Make a folder for pages if there is none."""
    with reaching(folder):
        folder.mkdir(parents=True, exist_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one, never half of it."""
    if not isinstance(path, Path):  # such places take a file at once
        with reaching(path):
            path.write_text(text, encoding="utf-8")
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def locked(folder: Path, name: str = LOCK, *, wait: bool = False) -> Iterator[bool]:
    """Hold a lock of a folder of pages while the block runs; gives False when another process holds it, or waits for it.

    The lock of a place away from this machine keeps out only other runs of this machine.
    """
    import fcntl

    away = Path(tempfile.gettempdir()) / f"outages-{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}{name}"
    with (folder / name if isinstance(folder, Path) else away).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError:
            yield False
            return
        yield True


def read_manifest(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what the manifest of a folder says of each page; empty when there is none or it cannot be read."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["reports"]
        return {str(name): entry for name, entry in found.items() if isinstance(entry, dict)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


class Shelf:
    """Keeps the manifest and the index of a folder of pages while reports are made.

    Both are written at most every `PAUSE` seconds and by `flush`, so that many pages cost no more than few; whoever is killed in between loses the notes of
    the last pages, which are then made again. What other runs note in the meantime is kept.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.noted: dict[str, dict[str, Any]] = {}
        self.written = time.monotonic()

    def note(self, page: str, entry: Mapping[str, Any]) -> None:
        """Note what became of a page.

        Parameters
        ----------
        page : name of the file without folder
        entry : `name`, `lang`, `notebook`, `parameters`, `input_hash`, `data_version`, `duration_seconds`, `status` (`made` or `failed`), `error`
        """
        self.noted[page] = {**entry, "looked": now()}
        if time.monotonic() - self.written > PAUSE:
            self.flush()

    def flush(self) -> None:
        """Write the manifest and the index."""
        with locked(self.folder, ".manifest.lock", wait=True):
            known = read_manifest(self.folder)
            for page, entry in self.noted.items():
                known[page] = settled(known.get(page, {}), entry)
            there = listed(self.folder)
            known = {
                name: known[name] for name in sorted(known) if name in there or known[name].get("status") == "failed"
            }
            for name, entry in known.items():
                if name in there and (name in self.noted or "title" not in entry):
                    entry["title"] = title_of(self.folder / name)
            write_manifest(self.folder, known)
            write_index(self.folder, known, there)
        self.noted, self.written = {}, time.monotonic()


def now() -> str:
    """Return this moment as it is written into the manifest."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def settled(before: Mapping[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """Return what the manifest says of a page after an attempt, given what it said before."""
    if entry["status"] == "made":
        return {**{k: v for k, v in entry.items() if k != "error"}, "made": entry["looked"]}
    kept = {
        k: before[k] for k in ("made", "parameters", "data_version", "title") if k in before
    }  # of the page that stands there
    return {**entry, **kept, "failed": entry["looked"]}


def looked(folder: Path, pages: Collection[str]) -> None:
    """Note that pages were looked at and are still what they would be."""
    with locked(folder, ".manifest.lock", wait=True):
        known = read_manifest(folder)
        moment = now()
        write_manifest(folder, {n: {**entry, "looked": moment} if n in pages else entry for n, entry in known.items()})


def write_manifest(folder: Path, known: Mapping[str, Mapping[str, Any]]) -> None:
    """Write what is known of each page."""
    write_whole(folder / MANIFEST, json.dumps({"reports": known}, ensure_ascii=False, indent=1) + "\n")


def listed(folder: Path) -> set[str]:
    """Return the names of the pages and their PDFs in a folder."""
    with reaching(folder):
        names = [path.name for path in folder.iterdir()]
    return {name for name in names if name.endswith((".html", ".pdf")) and not name.startswith(".")}


def title_of(page: Path) -> str:
    """Return the title of a page, its name when it has none."""
    with page.open(encoding="utf-8") as file:  # the title stands near the top
        title = re.search(r"<title>(.*?)</title>", file.read(4000), re.DOTALL)
    return unescape(title[1]) if title else page.name


def write_index(folder: Path, known: Mapping[str, Mapping[str, Any]], there: Collection[str] | None = None) -> None:
    """Write the list of all pages in a folder, also of those that the manifest does not know.

    Parameters
    ----------
    folder, known : the folder and what its manifest says
    there : the names of its pages and PDFs when they are at hand
    """
    from jinja2 import Environment, FileSystemLoader

    from outages.language import LANGUAGES, Words

    there = listed(folder) if there is None else there
    parts = []
    for lang in LANGUAGES:
        words = Words(lang)
        _ = words._
        names = sorted(name for name in there if name.endswith(f".{lang}.html"))
        rows = [row(name, known.get(name, {}), words, folder, there) for name in names]
        parts.append({
            "lang": lang, "heading": _("Reports in English"), "none": _("No report yet."), "rows": rows,
            "caption": _("Reports, what they were made with, and when"), "head": [_("Report"), _("Parameters"), _("Data version"), _("Made on")],
        })  # fmt: skip
    env = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    css = (TEMPLATES / "publication" / "publication.css").read_text(encoding="utf-8")
    write_whole(folder / INDEX, env.get_template("index.html.j2").render(parts=parts, css=css) + "\n")


def row(name: str, entry: Mapping[str, Any], words: "Words", folder: Path, there: Collection[str]) -> dict[str, str]:
    """Return what the index says of one page."""
    given = entry.get("parameters", {})
    made = entry.get("made", "")
    printed = f"{name.removesuffix('.html')}.pdf"
    return {
        "file": name, "title": entry.get("title") or title_of(folder / name), "pdf": printed if printed in there else "",
        "parameters": words._("; ").join(f"{k} = {v}" for k, v in given.items() if v not in ("", 0, []) and k not in UNSAID) or "–",
        "version": entry.get("data_version", "–"), "made": words.stamp(made) if made else "–",
        "failed": words._("the last attempt failed, this is the page before it") if entry.get("status") == "failed" else "",
    }  # fmt: skip
