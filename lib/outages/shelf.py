"""Which pages have been made, when, and with what? The manifest of a folder of pages, and the index made from it."""

import json
import os
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outages.paths import REPORTS

if TYPE_CHECKING:
    from outages.words import Words

MANIFEST, INDEX, LOCK = "manifest.json", "index.html", ".lock"
TEMPLATES = REPORTS / "template"
UNSAID = {
    "lang",
    "data",
}  # parameters that the index does not repeat: the language is the section, overlays stand in the page


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one, never half of it."""
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
def locked(folder: Path) -> Iterator[bool]:
    """Hold the lock of a folder of pages while the block runs; gives False when another process holds it."""
    import fcntl

    with (folder / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def read_manifest(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what the manifest of a folder says of each page; empty when there is none or it cannot be read."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["reports"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return (
        {str(name): entry for name, entry in found.items() if isinstance(entry, dict)}
        if isinstance(found, dict)
        else {}
    )


def note(folder: Path, page: str, entry: Mapping[str, Any]) -> None:
    """Write into the manifest what was made of a page, keep what was known of it before, and write the index anew.

    Parameters
    ----------
    page : name of the file without folder
    entry : `name`, `lang`, `parameters`, `data_version`, `seconds`, `status` (`made` or `failed`)
    """
    known = read_manifest(folder)
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    before = known.get(page, {})
    entry = {**entry, "looked": moment}
    if entry["status"] == "made":
        known[page] = {**entry, "made": moment}
    else:  # the page that stands there is the one before
        known[page] = {
            **entry,
            **{k: before[k] for k in ("made", "parameters", "data_version") if k in before},
            "failed": moment,
        }
    known = {
        name: known[name] for name in sorted(known) if (folder / name).exists() or known[name].get("status") == "failed"
    }
    write_whole(folder / MANIFEST, json.dumps({"reports": known}, ensure_ascii=False, indent=1) + "\n")
    write_index(folder, known)


def looked(folder: Path, pages: Collection[str]) -> None:
    """Note that pages were looked at and are still what they would be."""
    known = read_manifest(folder)
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    known = {name: {**entry, "looked": moment} if name in pages else entry for name, entry in known.items()}
    write_whole(folder / MANIFEST, json.dumps({"reports": known}, ensure_ascii=False, indent=1) + "\n")


def write_index(folder: Path, known: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the list of all pages in a folder, those first that no manifest knows."""
    from jinja2 import Environment, FileSystemLoader

    from outages.words import LANGUAGES, Words

    parts = []
    for lang in LANGUAGES:
        words = Words(lang)
        _ = words._
        rows = [row(path, known.get(path.name, {}), words) for path in sorted(folder.glob(f"*.{lang}.html"))]
        parts.append({
            "lang": lang, "heading": _("Reports in English"), "none": _("No report yet."), "rows": rows,
            "caption": _("Reports, what they were made with, and when"), "head": [_("Report"), _("Parameters"), _("Data version"), _("Made on")],
        })  # fmt: skip
    env = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    css = (TEMPLATES / "publication" / "publication.css").read_text(encoding="utf-8")
    write_whole(folder / INDEX, env.get_template("index.html.j2").render(parts=parts, css=css) + "\n")


def row(path: Path, entry: Mapping[str, Any], words: "Words") -> dict[str, str]:
    """Return what the index says of one page."""
    with path.open(encoding="utf-8") as file:  # the title stands near the top
        title = re.search(r"<title>(.*?)</title>", file.read(4000), re.DOTALL)
    given = entry.get("parameters", {})
    made = entry.get("made", "")
    printed = path.with_suffix(".pdf")
    return {
        "file": path.name, "title": unescape(title[1]) if title else path.name, "pdf": printed.name if printed.exists() else "",
        "parameters": words._("; ").join(f"{k} = {v}" for k, v in given.items() if v not in ("", 0, []) and k not in UNSAID) or "–",
        "version": entry.get("data_version", "–"), "made": words.stamp(made) if made else "–",
        "failed": words._("the last attempt failed, this is the page before it") if entry.get("status") == "failed" else "",
    }  # fmt: skip
