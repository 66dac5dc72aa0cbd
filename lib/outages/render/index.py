"""Which pages are there to read? The index of a folder of pages, made from its manifest and from what stands there."""

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outages.render.notebook import TEMPLATES
from outages.render.places import page_names, write_whole

if TYPE_CHECKING:
    from outages.language import Words

INDEX = "index.html"
NOT_REPEATED = {"lang", "data"}  # the language is the section, overlays stand in the page


def title_of(page: Path) -> str:
    """Return the title of a page, its name when it has none."""
    title = None
    with suppress(OSError), page.open("rb") as file:  # the title stands near the top
        title = re.search(r"<title>(.*?)</title>", file.read(4000).decode(errors="replace"), re.DOTALL)
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

    there = page_names(folder) if there is None else there
    parts = []
    for lang in LANGUAGES:
        words = Words(lang)
        _ = words._
        names = sorted(name for name in there if name.endswith(f".{lang}.html"))
        parts.append(
            {
                "lang": lang,
                "heading": _("Reports in English"),
                "none": _("No report yet."),
                "caption": _("Reports, what they were made with, and when"),
                "head": [_("Report"), _("Parameters"), _("Data version"), _("Made on")],
                "rows": [row(name, known.get(name, {}), words, folder, there) for name in names],
            }
        )
    env = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    css = (TEMPLATES / "publication" / "publication.css").read_text(encoding="utf-8")
    write_whole(folder / INDEX, env.get_template("index.html.j2").render(parts=parts, css=css) + "\n")


def row(name: str, entry: Mapping[str, Any], words: "Words", folder: Path, there: Collection[str]) -> dict[str, str]:
    """Return what the index says of one page; a PDF is named when it was printed from the page that stands there."""
    _, made, printed = words._, entry.get("made", ""), f"{name.removesuffix('.html')}.pdf"
    given = [
        f"{k} = {v}" for k, v in entry.get("parameters", {}).items() if v not in ("", 0, []) and k not in NOT_REPEATED
    ]
    failed = _("the last attempt failed, this is the page before it") if entry.get("status") == "failed" else ""
    return {
        "file": name,
        "title": entry.get("title") or title_of(folder / name),
        "pdf": printed if printed in there and entry.get("pdf") == entry.get("page") else "",
        "parameters": _("; ").join(given) or "–",
        "version": entry.get("data_version") or "–",
        "made": words.stamp(made) if made else "–",
        "failed": failed,
    }
