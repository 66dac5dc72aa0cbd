"""What is compared, where are the claims, and how was the page made? What all reports share."""

import importlib.metadata

import pandas as pd
from markupsafe import Markup

from outages.language import N_
from outages.registry.registry import CLAIM_TABLES
from outages.report import claims as lists
from outages.report.evidence import EVERYTHING, ends
from outages.report.html import Block, Cell, fold, paragraph, relative, stack
from outages.report.part import Page, by_incident
from outages.studies.selection import policy_names

USED = ("pandas", "numpy", "matplotlib", "papermill", "nbconvert", "babel")
LIBRARIES = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in USED)


def scope(page: Page) -> Block:
    """Say which incidents are compared, how contradictions are resolved, on which data."""
    study, words, n = page.study, page.words, page.words.n
    tables = {table: getattr(study.registry, table) for table in CLAIM_TABLES}
    shown = page.evidence.shown if page.evidence.about == EVERYTHING else tables
    named = [rows["source_id"] for rows in shown.values()]
    codes = {c for cell in study.incidents["country"] for c in cell.split(";")}
    places, world = len(codes - {"001"}), "001" in codes  # which stands for more countries than one
    first, last = str(study.incidents["year"].min()), str(study.incidents["year"].max())
    said = [
        page.t(
            "{incidents} in {countries}, {period}: {claims} from {sources}. Where sources disagree: {policy}. Data "
            "version {version}.",
            incidents=n("{n} outage", "{n} outages", study.n),
            countries=n("{n} country", "{n} countries", places) if places > world else page.t("several countries"),
            period=page.t("{first} to {last}", first=first, last=last) if first < last else first,
            claims=n("{n} claim", "{n} claims", sum(map(len, named))),
            sources=n("{n} document", "{n} documents", len(set().union(*named))),
            policy=policy_names(words)[study.policy],
        )
    ]
    if study.selection:
        said.append(page.t("Selection: {chosen}.", chosen=study.selection))
        more = n(
            "{n} further outage of the registry does not fit it.",
            "{n} further outages of the registry do not fit it.",
            study.left_out,
        )
        said += [more] if study.left_out else []
    if study.services:
        form = N_(
            "What sources say of these services alone goes before what they say of the whole outage: lengths and lags "
            "may differ from those of the same outages on pages of all."
        )
        said.append(page.t(form))
    if study.overlays:
        form = N_("Laid over the public registry: {names}. Rows from there carry the name in brackets.")
        said.append(page.t(form, names=", ".join(study.overlays)))
    return stack(paragraph(" ".join(said), "scope"))


def incidents(page: Page, facts: pd.DataFrame, attributes: pd.DataFrame) -> Block:
    """Tabulate the incidents, folded away.

    Parameters
    ----------
    facts : one row an incident, see `outages.studies.Study.facts`
    attributes : one row an incident, see `outages.studies.Study.incidents`
    """
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
        foot=[
            [page.t("Known for"), *(page.of_n(frames[name]) for name in known), page.words.number(int(chain.sum()))],
        ],
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
