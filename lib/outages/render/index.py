"""Which pages are there to read, and which have changed? The list of all pages of a folder, the landing page before it
if there is one, and an Atom feed of the pages that came out otherwise than before.
"""

import functools
import re
import uuid
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from outages.paths import write_whole
from outages.render.notebook import TEMPLATES
from outages.render.places import page_names

if TYPE_CHECKING:
    from outages.language import Words

INDEX, LIST, LANDING, FEED = "index.html", "pages.html", "landing", "feed.xml"
LAST, LONGEST = 20, 100  # pages that are named as changed last, and entries of the feed
OURS = re.compile(r"<id>urn:uuid:([0-9a-f-]{36})</id>")
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
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
    """Write the list of all pages in a folder, `there` when their names are at hand, also of those that the manifest
    does not know. It is the index too, until an English landing page stands there: then that is. On landing pages a
    link whose page is not there is put to sleep, and wakes when the page has come.
    """
    from outages.language import LANGUAGES, Words

    there = page_names(folder) if there is None else there
    landing = [name for name in (f"{LANDING}.{lang}.html" for lang in LANGUAGES) if name in there]
    home = INDEX if f"{LANDING}.en.html" in landing else ""
    spoken = [lang for lang in LANGUAGES if any(name.endswith(f".{lang}.html") for name in there)]
    parts = [part(Words(lang), folder, known, there) for lang in spoken or ["en"]]
    css = (TEMPLATES / "publication" / "publication.css").read_text(encoding="utf-8")
    feed = FEED if latest(known) else ""
    listed = template("index.html.j2").render(parts=parts, css=css, home=home, feed=feed)
    write_whole(folder / LIST, listed)
    wake(folder, landing, there)
    first = listed
    with suppress(OSError):
        first = (folder / f"{LANDING}.en.html").read_text(encoding="utf-8")
    write_whole(folder / INDEX, first)


@functools.cache
def template(name: str) -> Any:
    """Return a template of pages, read once."""
    from jinja2 import Environment, FileSystemLoader

    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, keep_trailing_newline=True).get_template(
        name
    )


def latest(known: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return when each page changed, and its file, the last first; older manifests do not say it."""
    return sorted(((entry["changed"], name) for name, entry in known.items() if "changed" in entry), reverse=True)


def write_feed(folder: Path, known: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the feed (RFC 4287) of a folder of pages from what its manifest says; it keeps its name for good."""
    from outages.language import Words

    own, entries = uuid.uuid4(), []
    with suppress(OSError, ValueError, IndexError):
        own = uuid.UUID(OURS.findall((folder / FEED).read_text(encoding="utf-8"))[0])
    for moment, name in latest(known)[:LONGEST]:
        lang, entry = "fr" if name.endswith(".fr.html") else "en", known[name]
        told = {"file": name, "lang": lang, "moment": moment, "title": entry.get("title") or name}
        told["id"] = uuid.uuid5(own, f"{name} {moment}").urn  # each change is one to read
        told["summary"] = Words(lang).pair(Words(lang)._("Data version"), entry.get("data_version") or "–")
        entries.append(told)
    if entries:
        lang = min(entry["lang"] for entry in entries)  # French where all pages are
        title = Words(lang)._("Major network outages: reports that have changed")
        told = {"own": own, "lang": lang, "title": title, "entries": entries, "feed": FEED, "index": INDEX}
        write_whole(folder / FEED, NO_XML.sub("", template("feed.xml.j2").render(told)))


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
        "title": _("Major network outages: reports"),
        "name": _("Major network outages"),
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
    asleep = {True: "", False: "data-"}
    return PAGE_LINK.sub(lambda a: f'<a {a[1]}{asleep[unquote(a[2]) in there]}href="{a[2]}{a[3] or ""}"', page)


def row(name: str, entry: Mapping[str, Any], words: "Words", folder: Path, there: Collection[str]) -> dict[str, str]:
    """Return what the index says of one page; a PDF is named when it was printed from the page that stands there."""
    _, made, printed = words._, entry.get("made", ""), f"{name.removesuffix('.html')}.pdf"
    chosen = {k: v for k, v in entry.get("parameters", {}).items() if v not in ("", 0, []) and k not in NOT_REPEATED}
    given = [f"{k} = {words.label(LABELLED[k], str(v)) if k in LABELLED else v}" for k, v in chosen.items()]
    return {
        "file": name,
        "title": entry.get("title") or title_of(folder / name),
        "pdf": printed if printed in there and entry.get("pdf") == entry.get("page") else "",
        "parameters": _("; ").join(given) or "–",
        "version": entry.get("data_version") or "–",
        "made": words.stamp(made) if made else "–",
        "failed": _("the last attempt failed, this is the page before it") if entry.get("status") == "failed" else "",
    }
