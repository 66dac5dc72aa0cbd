"""What is compared, what are the answers in a sentence each, and how was the page made? What all reports share."""

import importlib.metadata
from collections.abc import Mapping

import pandas as pd
from markupsafe import Markup

from outages.registry.registry import CLAIM_TABLES
from outages.report import claims as lists
from outages.report import delays, length, quality, third_parties, users
from outages.report.evidence import ends
from outages.report.html import Block, Cell, bullets, paragraph, stack
from outages.report.part import Page

LIBRARIES = ("pandas", "numpy", "scipy", "networkx", "matplotlib", "seaborn", "papermill", "nbconvert", "babel")


def scope(page: Page) -> Block:
    """Say which incidents are compared, under which policy, on which data."""
    study, n = page.study, page.words.n
    named = [getattr(study.registry, table)["source_id"] for table in CLAIM_TABLES]
    text = page.t(
        "{incidents}, {claims} from {sources}; contradictions are resolved under the policy “{policy}”. Data version "
        "{version}.",
        incidents=n("{n} incident", "{n} incidents", study.n),
        claims=n("{n} claim", "{n} claims", sum(map(len, named))),
        sources=n("{n} document", "{n} documents", len(set().union(*named))),
        policy=study.policy,
    )
    if study.left_out:
        text += " " + n(
            "{n} further incident of the registry is outside the filters or not coded.",
            "{n} further incidents of the registry are outside the filters or not coded.",
            study.left_out,
        )
    if study.overlays:
        text += " " + page.t(
            "Laid over the public registry: {names}. Rows from there carry the name in brackets.",
            names=", ".join(study.overlays),
        )
    return stack(paragraph(text, "scope"))


def summary(page: Page, lengths: pd.DataFrame, facts: pd.DataFrame, parties: pd.DataFrame) -> Block:
    """Answer the four questions in a sentence each, and say where the incident in focus stands."""
    sentences = [*headlines(page, lengths, facts), third_parties.headline(page, parties)]
    focus = [bullets(quality.standing(page), "focus")] if page.study.focus else []
    return stack(bullets(sentences, "headlines"), *focus)


def headlines(page: Page, lengths: pd.DataFrame, facts: pd.DataFrame) -> list[Markup]:
    """Return the answers about length, users and delays."""
    return [length.headline(page, lengths), users.headline(page, facts), delays.headline(page, facts)]


def incidents(page: Page, facts: pd.DataFrame, attributes: pd.DataFrame) -> Block:
    """Tabulate the incidents, each with what the four answers rest on.

    Parameters
    ----------
    facts : one row an incident, see `outages.studies.Study.facts`
    attributes : one row an incident, see `outages.studies.Study.incidents`
    """
    e, ids, chain = page.evidence, page.ids, attributes["third_party"]
    sums = {"length": "minutes", "user_hours": "rounded", "silence": "percent"}
    frames = {name: facts[name] for name in ("onset", "users_affected", "to_public", "to_known_word", *sums)}
    cell = {name: [e.sum_cell(i, name, frames[name], how) for i in ids] for name, how in sums.items()}
    known = {name: page.of_n(frame) for name, frame in frames.items()}
    named = [e.linked(page.t("named"), i, "third_parties") if chain[i] else "–" for i in ids]
    columns = {
        page.t("Incident"): [*map(page.row_name, ids), page.t("Known for")],
        page.t("Onset"): [*(e.moment_cell(i, "onset") for i in ids), known["onset"]],
        page.t("Length"): [*cell["length"], known["length"]],
        page.t("People affected"): [
            *(e.claim_cell(i, "users_affected", frames["users_affected"]) for i in ids),
            known["users_affected"],
        ],
        page.t("User-hours"): [*cell["user_hours"], known["user_hours"]],
        page.t("Public word after"): [*(statement_cell(page, frames, i) for i in ids), known["to_known_word"]],
        page.t("Silence share"): [*cell["silence"], known["silence"]],
        page.t("Third party in the causal chain"): [*named, page.words.number(int(chain.sum()))],
    }
    caption = page.t(
        "The incidents (n = {n}); a public word in brackets is the earliest on record, not called the first by any "
        "source"
    )
    return page.table("t-incidents", page.some(caption), columns)


def statement_cell(page: Page, frames: Mapping[str, pd.DataFrame], incident: str) -> Cell:
    """Return the lag to the first public statement, or in brackets to the earliest on record."""
    first, known = ("to_public", "to_known_word")
    name = first if ends(frames[first], incident) else known
    text = page.evidence.sum_cell(incident, name, frames[name], "minutes")
    return Markup("[{}]").format(text) if name == known and ends(frames[known], incident) else text


def claims(page: Page) -> Block:
    """Show the claims of every incident that the page rests on, with the sums made of them."""
    return stack(*[lists.claims_of(page.evidence, i) for i in page.ids])


def sources(page: Page) -> Block:
    """List the documents that claims on the page rest on."""
    return lists.sources(page.evidence)


def colophon(page: Page) -> Block:
    """Say under which policy, with which parameters, data and libraries a page was made."""
    study, lang = page.study, page.words.lang
    given = [f"{name} = {value}" for name, value in study.parameters.items() if value] + [f"lang = {lang}"]
    made = {
        page.t("Policy"): policy_text(page),
        page.t("Parameters"): page.t("; ").join(given),
        page.t("Data version"): study.registry.version,
        page.t("Overlays"): ", ".join(study.overlays) or page.t("none"),
        page.t("Libraries"): ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES),
    }
    columns = {page.t("What"): list(made), page.t("Value"): list(made.values())}
    return page.table("t-colophon", page.t("How this page was made"), columns)


def policy_text(page: Page) -> str:
    """Describe the policy in words."""
    order = page.t(
        "regulators, courts, parliaments and governments, then operators, academics, press, encyclopedias; claims of "
        "the same rank that differ give an interval that holds them all"
    )
    return {
        "authority": page.t("authority: {order}", order=order),
        "operator": page.t("operator: the operator's own account first, then {order}", order=order),
        "press": page.t("press: press first, then {order}", order=order),
        "earliest": page.t("earliest: of several claims the lowest"),
        "latest": page.t("latest: of several claims the highest"),
        "widest": page.t("widest: the interval that holds all claims"),
    }[page.study.policy]
