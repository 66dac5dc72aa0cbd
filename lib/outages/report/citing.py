"""How is a page cited, under which licence, and where are its data? As CITATION.cff says it."""

import re
from collections.abc import Sequence

import yaml
from markupsafe import Markup

from outages.language import N_, Words
from outages.paths import ROOT
from outages.report.evidence import curators
from outages.report.html import Block, fold, outside

LICENCE = ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/")  # of the data, see LICENSE-DATA
NAMES = (  # in CITATION.cff
    N_("The outage registry contributors"),
    N_("Open registry and comparative study of major network outages"),
)
CITING = Markup(
    '<section class="cite" id="cite" aria-labelledby="cite-head"><h2 id="cite-head">{}</h2><p>{}</p>{}</section>'
)


def citing(words: Words, title: str, version: str, key: str, own: Sequence[str] = ()) -> Block:
    """Say how to cite a page, in words and for BibTeX.

    Parameters
    ----------
    title, version : of the page, and of the data that it rests on
    key : of the BibTeX entry
    own : folders laid over the registry, which its licence does not cover
    """
    _, about = words._, yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    authors = " and ".join(author["name"] for author in about["authors"])
    day = "" if own else str(about["date-released"])  # what others add is no part of the release
    address = about.get("url") or about.get("repository-code") or ""
    data = words.t("data version {version}", version=version)
    names = [named(authors, words), quoted(title, words), named(about["title"], words), data]
    said = Markup("{}. ").format(Markup(", ").join([*names, *([words.day(day)] if day else [])]))
    said += Markup("{}. ").format(outside(address, address)) if address else ""
    said += words.t(
        "Data under {licence}, to be downloaded under each figure; all tables are in the folder {folder} of the "
        "project.",
        licence=outside(*LICENCE),
        folder=Markup("<code>data</code>"),
    )
    if own:
        kept = N_("What comes from {names} is no part of the registry, and this licence does not cover it.")
        said += Markup(" {}").format(words.t(kept, names=[quoted(name, words) for name in own]))
    fields = {
        "author": authors,
        "title": title,
        "howpublished": about["title"],
        "year": day[:4],
        "note": ", ".join(filter(None, [f"Data version {version}", day, LICENCE[0]])),
    }
    for name, text in fields.items():  # signs that would begin a command or a group are left out
        fields[name] = re.sub(r"([&%$#_])", r"\\\1", re.sub(r"[\\~^{}]", "", text))
    lines = [f"  {name} = {{{{{text}}}}}," for name, text in fields.items() if text]
    lines += [f"  url = {{{address}}},"] if address else []
    entry = Markup('<pre lang="en" tabindex="0" aria-label="BibTeX">@misc{{{},\n{}\n}}</pre>')
    shown = fold("BibTeX", entry.format(key, "\n".join(lines)))
    return Block(CITING.format(_("How to cite"), said, shown.html))


def named(text: str, words: Words) -> Markup | str:
    """Return a name in the reader's language, as it stands where it has none."""
    said = words._(text)
    return said if said != text else curators(text, words)


def quoted(text: str, words: Words) -> str:
    """Return a text in the quotation marks of the reader's language."""
    return f"“{text}”" if words.lang == "en" else f"«\u00a0{text}\u00a0»"
