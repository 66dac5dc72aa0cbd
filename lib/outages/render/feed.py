"""What has changed, for those who subscribe? An Atom feed of the pages that came out otherwise than before."""

import re
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from outages.paths import write_whole

FEED, LONGEST = "feed.xml", 100  # entries
ATOM = "http://www.w3.org/2005/Atom"
OURS = re.compile(r"<id>urn:uuid:([0-9a-f-]{36})</id>")
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def latest(known: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return when each page changed, and its file, the last first; pages of older versions of the manifest have
    none.
    """
    return sorted(((entry["changed"], name) for name, entry in known.items() if "changed" in entry), reverse=True)


def write_feed(folder: Path, known: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the feed of a folder of pages from what its manifest says; it keeps its name for good."""
    if not (changes := latest(known)[:LONGEST]):
        return
    own = uuid.uuid4()
    with suppress(OSError, ValueError, IndexError):
        own = uuid.UUID(OURS.findall((folder / FEED).read_text(encoding="utf-8"))[0])
    write_whole(
        folder / FEED, ElementTree.tostring(feed(own, changes, known), encoding="utf-8", xml_declaration=True) + b"\n"
    )


def feed(own: uuid.UUID, changes: list[tuple[str, str]], known: Mapping[str, Mapping[str, Any]]) -> ElementTree.Element:
    """Return a feed (RFC 4287) of some changes; addresses are relative to its own."""
    from outages.language import Words

    root = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
    add(root, "id", own.urn)
    add(root, "title", "Major network outages: reports that have changed")
    add(root, "updated", changes[0][0])
    add(add(root, "author"), "name", "Open registry of major network outages")
    add(root, "link", rel="self", type="application/atom+xml", href=FEED)
    add(root, "link", rel="alternate", type="text/html", href="index.html")
    for moment, name in changes:
        entry = known[name]
        lang = "fr" if name.endswith(".fr.html") else "en"
        one = add(root, "entry", **{"xml:lang": lang})
        add(one, "id", uuid.uuid5(own, f"{name} {moment}").urn)  # each change is one to read
        add(one, "title", entry.get("title") or name)
        add(one, "updated", moment)
        add(one, "link", rel="alternate", type="text/html", hreflang=lang, href=quote(name))
        _ = Words(lang)._
        add(one, "summary", _("{name}: {value}").format(name=_("Data version"), value=entry.get("data_version") or "–"))
    return root


def add(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> ElementTree.Element:
    """Add an element, without signs that XML does not know."""
    child = ElementTree.SubElement(parent, tag, attributes)
    child.text = NO_XML.sub("", text) or None
    return child
