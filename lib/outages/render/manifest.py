"""Which pages have been made, when, and with what? The manifest of a folder of pages."""

import hashlib
import json
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from outages.paths import PlaceError, write_whole
from outages.render.index import title_of, write_feed, write_index
from outages.render.places import locked, page_names
from outages.render.planning import Job

MANIFEST, LOCK = "manifest.json", ".manifest.lock"
PAUSE = 2.0  # seconds between two writings of the manifest and the index while reports are made
STANDING = ("made", "changed", "parameters", "data_version", "title", "page", "pdf")  # said of the page, not of a try
Entries = dict[str, dict[str, Any]]


def read_manifest(folder: Path) -> Entries:
    """Return what the manifest says of each page; what is in no order, or of a moment to come, counts as never made."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["reports"]
        return {str(name): entry for name, entry in found.items() if in_order(entry)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def in_order(entry: Any) -> bool:
    """Return whether an entry has the form that is written here."""
    try:
        texts = {key: value for key, value in entry.items() if key not in ("parameters", "duration_seconds")}
        moments = [texts[key] for key in ("looked", "made", "changed", "failed") if key in texts]
        past = all(datetime.fromisoformat(moment) <= datetime.now(UTC) for moment in moments)
        texts_only = all(isinstance(text, str) for text in texts.values())
        return past and texts_only and isinstance(entry.get("parameters", {}), dict)
    except (AttributeError, TypeError, ValueError):
        return False


class Manifest:
    """Keeps the manifest, the index and the feed of a folder while pages are made.

    All are written at most every `PAUSE` seconds and by `flush`; whoever is killed in between loses the notes of the
    last pages, which are then made again. What other runs note in the meantime is kept.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.notes: Entries = {}
        self.begun, self.before = now(), {name: entry.get("page") for name, entry in read_manifest(folder).items()}
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
        # what tells one version of a page from another; that of a PDF is that of the page from which it was printed
        version = hashlib.sha256(job.html.encode()).hexdigest()[:20]
        entry |= {"error": job.wrong} if job.wrong else {"page": version}
        job.changed = not job.wrong and self.before.get(job.file) != version
        entry |= {"changed": self.begun} if job.changed else {}
        self.notes[job.file] = entry | ({"pdf": version} if job.pdf else {})
        if time.monotonic() - self.written > PAUSE:
            with suppress(OSError, PlaceError):  # said at the end, when it is so still
                self.flush()

    def flush(self) -> None:
        """Write the manifest, the index and the feed."""
        self.written = time.monotonic()
        with locked(self.folder, LOCK, wait=True):
            known, there = read_manifest(self.folder), page_names(self.folder)
            for page, entry in self.notes.items():
                known[page] = merged(known.get(page, {}), entry)
            known = {n: known[n] for n in sorted(known) if n in there or known[n].get("status") == "failed"}
            for name, entry in known.items():
                if name in there and (name in self.notes or "title" not in entry):
                    entry["title"] = title_of(self.folder / name)
            write_manifest(self.folder, known)
            write_index(self.folder, known, there)
            write_feed(self.folder, known)
        self.notes = {}


def now() -> str:
    """Return this moment as it is written into the manifest."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def merged(before: Mapping[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """Return what the manifest says of a page after an attempt, given what it said before."""
    if entry["status"] == "made":
        return {key: before[key] for key in ("pdf", "changed") if key in before} | entry | {"made": entry["looked"]}
    return entry | {key: before[key] for key in STANDING if key in before} | {"failed": entry["looked"]}


def note_looked(folder: Path, pages: Collection[str]) -> None:
    """Note that pages were looked at and are still what they would be."""
    with locked(folder, LOCK, wait=True):
        known, moment = read_manifest(folder), now()
        write_manifest(folder, {n: entry | ({"looked": moment} if n in pages else {}) for n, entry in known.items()})


def write_manifest(folder: Path, known: Mapping[str, Mapping[str, Any]]) -> None:
    """Write what is known of each page."""
    write_whole(folder / MANIFEST, json.dumps({"reports": known}, ensure_ascii=False, indent=1) + "\n")
