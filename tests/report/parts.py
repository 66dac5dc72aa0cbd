"""Run the parts of a notebook on a study of one's own, and check what holds for every page."""

import functools
import json
import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import outages as ou
from conftest import FOUNDING
from outages.language import Words
from outages.paths import DATA, NOTEBOOKS
from outages.registry.registry import Registry, read_registry, subset
from outages.report.html import Block
from outages.studies import Study

ORANGE = FOUNDING[2]
ABOUT = {
    "comparative-report": "",
    "outage-length": "length",
    "affected-users": "users",
    "detection-and-communication": "delays",
    "decision-note": "",
    "third-parties": "third_parties",
    "recommendations": "recommendations",
    "data-quality": "quality",
    "methods": "",
    "incident-dossier": "",
}


class Reader(HTMLParser):
    """Collect ids, links, sources, tags and handlers of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.ids, self.links, self.loads, self.tags, self.alts, self.handlers = [], [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Note a tag."""
        found = dict(attrs)
        self.tags.append(tag)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if tag == "a" and "href" in found else []
        self.loads += [found[k] for k in ("src", "srcset", "data", "poster") if k in found]
        self.loads += [found["href"]] if tag == "link" and found.get("rel") != "alternate" else []
        self.handlers += [name for name in found if name.startswith("on")]
        self.alts += [found.get("alt")] if tag == "img" else []


def study(
    ids=(), lang: str = "en", focus: str = "", policy: str = "authority", registry: Registry | None = None
) -> Study:
    """Return a study of some incidents of the registry, all for none given; that of the public one is opened once."""
    return of(registry, ids, lang, focus, policy) if registry else public(tuple(ids), lang, focus, policy)


def of(registry: Registry, ids, lang: str, focus: str, policy: str) -> Study:
    """Return a study of a registry."""
    return Study(subset(registry, ids) if len(ids) else registry, policy, Words(lang), focus=focus)


@functools.lru_cache(maxsize=20)
def public(*given) -> Study:
    """Return a study of the public registry, whose frames nobody changes."""
    return of(read_registry((), DATA), *given)


def outputs(name: str, own: Study) -> list[Any]:
    """Run the cells of a notebook on a study, those for JupyterLab too, and return what each shows."""
    names: dict[str, Any] = {}
    found = []
    for cell in json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]:
        source, tags = "".join(cell["source"]), cell["metadata"].get("tags", [])
        if cell["cell_type"] != "code" or "parameters" in tags:
            continue
        if "setup" in tags:
            exec("\n".join(line for line in source.splitlines() if re.match("from|import", line)), names)
            names |= {"study": own, "page": ou.page(own, ABOUT[name]), "data": [], "lang": own.words.lang}
            exec("\n".join(line for line in source.splitlines() if line.startswith("report =")), names)
            continue
        *before, last = source.splitlines()
        exec("\n".join(before), names)
        if re.match(r"\w+ = ", last):
            exec(last, names)
        else:
            found.append(eval(last, names))
    return found


def html_of(name: str, own: Study) -> str:
    """Return the HTML of all parts of a notebook."""
    return "\n".join(str(block.html) for block in outputs(name, own) if isinstance(block, Block))


def text_of(block: object) -> str:
    """Return what a reader reads."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", str(block))))


def checked(text: str) -> Reader:
    """Check what holds for every page: links lead somewhere, ids are unique, no number is a slip of the computer."""
    page = Reader(text)
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert all(alt and re.search(r"\d", alt) for alt in page.alts)
    shown = re.sub(r"<[^>]+>", " ", re.sub(r"<pre.*?</pre>", "", text, flags=re.DOTALL))
    slips = re.findall(r".{,60}\b(?:nan|inf|NaN|NaT|<NA>)\b.{,60}", shown)
    assert slips == []
    assert "{" not in shown
    return page
