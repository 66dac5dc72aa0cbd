"""What is compared, where are the claims, how was the page made and is it cited? What all reports share."""

import importlib.metadata
import re
from collections.abc import Sequence

import pandas as pd
import yaml
from markupsafe import Markup

from outages.language import N_, Words
from outages.paths import ROOT
from outages.registry.registry import CLAIM_TABLES
from outages.report import claims as lists
from outages.report.evidence import EVERYTHING, curators, ends
from outages.report.html import Block, Cell, fold, outside, relative, stack
from outages.report.part import Page, by_incident
from outages.studies.selection import policy_names

USED = ("pandas", "numpy", "matplotlib", "papermill", "nbconvert", "babel")
LIBRARIES = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in USED)
LICENCE = ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/")  # of the data, see LICENSE-DATA
NAMES = (  # in CITATION.cff
    N_("The outage registry contributors"),
    N_("Open registry and comparative study of major network outages"),
)
CITING = Markup(
    '<section class="cite" id="cite" aria-labelledby="cite-head"><h2 id="cite-head">{}</h2><p>{}</p>{}</section>'
)


def scope(page: Page) -> Block:
    """Say which incidents are compared, how contradictions are resolved, on which data."""
    study, n = page.study, page.words.n
    tables = {table: getattr(study.registry, table) for table in CLAIM_TABLES}
    shown = page.evidence.shown if page.evidence.about == EVERYTHING else tables
    named = [rows["source_id"] for rows in shown.values()]
    codes = {c for cell in study.incidents["country"] for c in cell.split(";")}
    places, world = len(codes - {"001"}), "001" in codes  # which stands for more countries than one
    first, last = str(study.incidents["year"].min()), str(study.incidents["year"].max())
    form = page.joined(
        "{incidents} in {countries}, {period}: {claims} from {sources}. Where sources disagree: {policy}. Data "
        "version {version}.",
        "Selection: {chosen}." if study.selection else "",
        "{more}" if study.selection and study.left_out else "",
        "What sources say of these services alone goes before what they say of the whole outage: lengths and lags "
        "may differ from those of the same outages on pages of all."
        if study.services
        else "",
        "Laid over the public registry: {names}. Rows from there carry the name in brackets." if study.overlays else "",
    )
    return page.say(
        form,
        "scope",
        incidents=n("{n} outage", "{n} outages", study.n),
        countries=n("{n} country", "{n} countries", places) if places > world else page.t("several countries"),
        period=page.t("{first} to {last}", first=first, last=last) if first < last else first,
        claims=n("{n} claim", "{n} claims", sum(map(len, named))),
        sources=n("{n} document", "{n} documents", len(set().union(*named))),
        policy=policy_names(page.words)[study.policy],
        chosen=study.selection,
        more=n(
            "{n} further outage of the registry does not fit it.",
            "{n} further outages of the registry do not fit it.",
            study.left_out,
        ),
        names=", ".join(study.overlays),
    )


def incidents(page: Page, facts: pd.DataFrame, attributes: pd.DataFrame) -> Block:
    """Tabulate the incidents, folded away; `facts` and `attributes` as `Study.facts` and `Study.incidents`."""
    e, chain, known = page.evidence, attributes["third_party"], ("length", "users_affected", "to_earliest_statement")
    facts = by_incident(facts)
    frames = {name: facts[name] for name in (*known, "to_public")}

    def told_after(incident: str) -> Cell:
        first, earliest = (ends(frames[name], incident) for name in ("to_public", "to_earliest_statement"))
        return Markup("{}" if first or not earliest else "[{}]").format(e.statement_cell(incident, frames))

    return page.table(
        "t-incidents",
        page.ids,
        {
            "Incident": page.row_name,
            "Length": lambda i: e.sum_cell(i, "length", frames["length"], "minutes"),
            "People affected": lambda i: e.claim_cell(i, "users_affected", frames["users_affected"]),
            "Public told after": told_after,
            "Third party in the causal chain": lambda i: page.t("yes") if chain[i] else "–",
        },
        caption="Outages (n = {n}); a statement in brackets is the earliest known, and no source calls it the first",
        foot=[[page.t("Known for"), *(page.of_n(frames[name]) for name in known), page.words.number(int(chain.sum()))]],
        some=True,
    )


def claims(page: Page) -> Block:
    """Show the claims of every incident with the sums made of them, folded away, or say on which page they stand."""
    if page.evidence.elsewhere:
        return page.say(
            "Every linked number leads to its claims on the {page}, and from there to the document and the place "
            "in it.",
            page=relative(page.t("page of claims"), page.evidence.elsewhere),
        )
    parts = [lists.claims_of(page.evidence, i) for i in page.ids]
    return fold(page.t("Claims behind the numbers, by outage"), *parts) if page.study.n > 1 else stack(*parts)


def sources(page: Page) -> Block:
    """List the documents that claims on the page rest on, folded away when there are many."""
    if not page.evidence.numbers or page.evidence.elsewhere:
        return stack()
    shown = lists.sources(page.evidence)
    many = page.words.n("{n} document", "{n} documents", len(page.evidence.numbers))
    return fold(many, shown) if page.study.n > 1 else shown


def colophon(page: Page) -> Block:
    """Say under which policy, with which parameters, data and libraries a page was made."""
    study, lang = page.study, page.words.lang
    given = [f"{name} = {value}" for name, value in study.parameters.items() if value] + [f"lang = {lang}"]
    made = page.pairs(
        "t-colophon",
        {
            "Policy": relative(policy_names(page.words)[study.policy], f"methods.{lang}.html"),
            "Parameters": Markup("<code>{}</code>").format(page.t("; ").join(given)),
            "Data version": study.registry.version,
            "Overlays": ", ".join(study.overlays) or page.t("none"),
            "Libraries": LIBRARIES,
        },
        caption="Parameters, data and libraries",
    )
    return fold(page.t("How this page was made"), made)


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
