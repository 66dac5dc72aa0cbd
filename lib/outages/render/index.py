"""Which pages are there to read? The list of all pages of a folder, and the landing page before it if there is one."""

import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from outages.paths import write_whole
from outages.render.feed import FEED, latest
from outages.render.notebook import TEMPLATES
from outages.render.places import page_names

if TYPE_CHECKING:
    from outages.language import Words

INDEX, LIST, LANDING = "index.html", "pages.html", "landing"
LAST = 20  # pages that are named as changed last
PAGE_LINK = re.compile(r'<a ([^<>]*?)\b(?:data-)?href="([^"#:/]+\.html)(#[^"]*)?"')
NOT_REPEATED = {"lang", "data"}  # the language is the section, overlays stand in the page
LABELLED = {"services": "services", "sectors": "sector"}  # parameters of codes, and the column of the codes


def title_of(page: Path) -> str:
    """Return the title of a page, its name when it has none."""
    title = None
    with suppress(OSError), page.open("rb") as file:  # the title stands near the top
        title = re.search(r"<title>(.*?)</title>", file.read(4000).decode(errors="replace"), re.DOTALL)
    return unescape(title[1]) if title else page.name


def write_index(folder: Path, known: Mapping[str, Mapping[str, Any]], there: Collection[str] | None = None) -> None:
    """Write the list of all pages in a folder, also of those that the manifest does not know.

    It is the index, until an English landing page stands there: then that is the index too, and the list has a page of
    its own. On landing pages a link whose page is not there is put to sleep, and wakes when the page has come.

    Parameters
    ----------
    folder, known : the folder and what its manifest says
    there : the names of its pages and PDFs when they are at hand
    """
    from jinja2 import Environment, FileSystemLoader

    from outages.language import LANGUAGES, Words

    there = page_names(folder) if there is None else there
    parts = [part(Words(lang), folder, known, there) for lang in LANGUAGES]
    env = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    css = (TEMPLATES / "publication" / "publication.css").read_text(encoding="utf-8")
    landing = {name: folder / name for name in (f"{LANDING}.{lang}.html" for lang in LANGUAGES) if name in there}
    first = landing.get(f"{LANDING}.en.html")
    home = INDEX if first else ""
    listed = (
        env.get_template("index.html.j2").render(parts=parts, css=css, home=home, feed=FEED if latest(known) else "")
        + "\n"
    )
    write_whole(folder / (LIST if first else INDEX), listed)
    wake(folder, landing, there)
    if first:
        with suppress(OSError):
            write_whole(folder / INDEX, first.read_text(encoding="utf-8"))


def part(
    words: "Words", folder: Path, known: Mapping[str, Mapping[str, Any]], there: Collection[str]
) -> dict[str, Any]:
    """Return what the list says of the pages in one language, and which of them came out otherwise last."""
    from outages.report.html import heads_style

    _, changes = words._, latest(known)
    head = [_("Report"), _("Parameters"), _("Data version"), _("Made on")]
    names = sorted(name for name in there if name.endswith(f".{words.lang}.html"))
    rows = [row(name, known.get(name, {}), words, folder, there) for name in names]
    last = {name for moment, name in changes if moment == changes[0][0]}  # in one run
    changed = [one for one in rows if one["file"] in last]
    more = len(changed) - LAST
    return {
        "lang": words.lang,
        "heading": _("Reports in English"),
        "home": _("Home"),
        "none": _("No report yet."),
        "caption": _("Reports, what they were made with, and when"),
        "head": head,
        "heads": heads_style(head),
        "rows": rows,
        "last": changed[:LAST],
        "changed": _("Last changed: {moment}").format(moment=words.stamp(changes[0][0])) if changed else "",
        "more": words.n("and {n} other page", "and {n} other pages", more) if more > 0 else "",
        "feed": _("Subscribe to changes (Atom)"),
    }


def wake(folder: Path, pages: Iterable[str], there: Collection[str]) -> None:
    """Let the links of some pages lead only to pages that are there."""
    for page in (folder / name for name in pages if name.endswith(".html") and name not in (INDEX, LIST)):
        with suppress(OSError):  # gone since it was looked for, or not to be read: it stays what it is
            before = page.read_text(encoding="utf-8")
            if (after := awake(before, {*there, INDEX, LIST})) != before:
                write_whole(page, after)


def awake(page: str, there: Collection[str]) -> str:
    """Let the links of a page lead only to pages that are there; the others keep their address, for when these come."""

    def link(found: re.Match[str]) -> str:
        name = "href" if unquote(found[2]) in there else "data-href"
        return f'<a {found[1]}{name}="{found[2]}{found[3] or ""}"'

    return PAGE_LINK.sub(link, page)


def row(name: str, entry: Mapping[str, Any], words: "Words", folder: Path, there: Collection[str]) -> dict[str, str]:
    """Return what the index says of one page; a PDF is named when it was printed from the page that stands there."""
    _, made, printed = words._, entry.get("made", ""), f"{name.removesuffix('.html')}.pdf"
    given = [
        f"{k} = {words.label(LABELLED[k], str(v)) if k in LABELLED else v}"
        for k, v in entry.get("parameters", {}).items()
        if v not in ("", 0, []) and k not in NOT_REPEATED
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
