"""What was this outage, in one look? The head of a dossier: the numbers that matter, with who says so."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from outages.facts.peers import public_told
from outages.facts.settled import settled_moments
from outages.facts.third_parties import CAUSAL, UNNAMED
from outages.facts.timeline import STATEMENTS, moments
from outages.language import N_
from outages.report.evidence import ends
from outages.report.html import Block, Cell, heading, origin_mark, paragraph, sentence, stack
from outages.report.note.changes import VOICES
from outages.report.note.evidence import sayers
from outages.report.note.lessons import not_known
from outages.report.note.ranks import valued
from outages.report.part import Page
from outages.stats.intervals import difference, not_negative
from outages.studies import ABOUT

Figure = tuple[str, Cell, str, Sequence[str]]  # label, value (empty when unknown), field of the claims, documents
EMERGENCY = "emergency_calls"
DEATHS = N_("Deaths that sources link to the outage (no proof of cause)")
PRINT = {"press": N_("the press"), "encyclopedia": N_("an encyclopedia")}  # kinds of document without a speaker


def opening(page: Page, facts: pd.DataFrame) -> Block:
    """Say which incident it is, what happened, and the key figures; `facts` as `outages.studies.Study.facts`."""
    words, row = page.words, page.study.registry.incidents.iloc[0]
    services = words.listed([words.within(words.label("services", code)) for code in row["services"].split(";")])
    countries = words.listed(words.countries(row["country"].split(";")))
    kicker = " · ".join([words.party(row["operator"]), countries, words.day(page.study.focus[:10]), services])
    return stack(
        heading(row[f"title_{words.lang}"], 2, f"i-{row['incident_id']}"),
        paragraph(kicker + origin_mark(row["_origin"]), "scope"),
        paragraph(row[f"summary_{words.lang}"], "lead"),
        key_figures(page, facts),
    )


def key_figures(page: Page, facts: pd.DataFrame) -> Block:
    """Set out the numbers that matter, large, with who says so; those that nobody gives in one line."""
    found = {
        "length": length(page, facts),
        "people": count(page, facts, "users_affected", page.t("People affected")),
        "calls": count(page, facts, "emergency_calls_failed", page.t("Emergency calls failed")),
        "deaths": count(page, facts, "deaths_linked", page.t(DEATHS)),
        **dict(zip(("detection", "detection of calls"), detection(page, facts), strict=False)),
        "authorities": lag(page, facts, "authorities", "authorities_notified"),
        "public": public(page, facts),
        "cause": cause(page),
        "third_party": third_party(page),
    }
    form = Markup('<div><dt>{}</dt><dd class="value">{}</dd><dd>{}</dd></div>')
    boxes = [form.format(label, text, told(page, field, docs)) for label, text, field, docs in found.values() if text]
    unknown = not_known(page.study, [name for name, figure in found.items() if not figure[1]])
    shown = Markup('<dl class="figures">{}</dl>').format(Markup("").join(boxes)) if boxes else ""
    return stack(shown, paragraph(unknown, "scope") if unknown else "")


def told(page: Page, field: str, sources: Sequence[str]) -> Cell:
    """Say which documents give a number, linked to the claims."""
    text = page.evidence.linked(sayers(page.study, sources) or page.t("claims"), page.study.focus, field)
    if field != "third_parties":
        return text
    voices = dict.fromkeys(voice(page, row["speaker"] or row["kind"]) for row in causal_claims(page))
    return Markup("{} ({})").format(page.t("according to {voices}", voices=list(voices)), text)


def used(page: Page, table: str, about: str, actor: str = "") -> list[str]:
    """Return the documents whose claims about something are used, those of one actor alone if one is named."""
    rows = page.evidence.records[table].get(page.study.focus, [])
    rows = [row for row in rows if row["taken"] == "yes" and row[ABOUT[table]] == about]
    return [row["source_id"] for row in rows if not actor or row["actor"] == actor]


def length(page: Page, facts: pd.DataFrame) -> Figure:
    """Return how long the outage lasted, by the clock or as sources state it."""
    incident, found = page.study.focus, ends(facts["length"], page.study.focus)
    stated = facts.at[incident, ("length", "basis")] == "stated"
    table, field = ("measures", "duration_hours") if stated else ("events", "restored")
    value = page.evidence.sum_cell(incident, "length", facts["length"], "minutes") if found else ""
    return page.t("Length"), value, field, used(page, table, field)


def count(page: Page, facts: pd.DataFrame, measure: str, label: str) -> Figure:
    """Return how many people or calls were hit."""
    found = ends(facts[measure], page.study.focus)
    value = page.words.interval(found, "count") if found else ""
    return label, value, measure, used(page, "measures", measure)


def lag(page: Page, facts: pd.DataFrame, name: str, event: str) -> Figure:
    """Return how long after the onset something happened, or what else is known of when it did."""
    sources = used(page, "events", event, "operator") or used(page, "events", event)
    return *valued(page.study, facts, name)[:2], event, sources


def detection(page: Page, facts: pd.DataFrame) -> list[Figure]:
    """Return after what time the operator noticed; a second time where claims about emergency calls say otherwise."""
    study, incident = page.study, page.study.focus
    found = [lag(page, facts, "detection", "detected")]
    events = study.registry.events
    scoped = events["scope"].str.split(";").map(lambda codes: EMERGENCY in codes)
    own = events[scoped & (events["event"] == "detected") & (events["actor"] == "operator")]
    if own.empty or not found[0][1]:
        return found
    seen = moments(settled_moments(own, study.policy, [EMERGENCY]), own, [incident])["detected"]
    after = ends(not_negative(difference(seen, facts["onset"].loc[seen.index])), incident)
    value = page.words.interval(after, "round_minutes") if after else ""
    label = page.t("Failure of emergency calls detected by the operator after")
    return found if value in ("", found[0][1]) else [*found, (label, value, "detected", list(own["source_id"]))]


def public(page: Page, facts: pd.DataFrame) -> Figure:
    """Return after what time the public was told: at the latest, where no source calls the statement the first."""
    first, rows = public_told(facts).at[page.study.focus, "first"], page.evidence.records["events"]
    said = [r for r in rows.get(page.study.focus, []) if r["event"] in STATEMENTS[: 1 if first else 2]]
    said = [r for r in said if r["actor"] == "operator" and r["taken"] != "withdrawn"]
    sources = [r["source_id"] for r in said if r["high"] == min(other["high"] for other in said)]
    field = STATEMENTS[0] if first else "earliest_statement"
    return *valued(page.study, facts, "public")[:2], field, sources


def cause(page: Page) -> Figure:
    """Return the root cause as sources name it."""
    code = page.study.groups.at[page.study.focus, "root_cause"]
    rows = page.evidence.records["causes"].get(page.study.focus, [])
    rows = [row for row in rows if row["factor"] == "root_cause" and row["value"] != "unknown"]
    named = page.words.label("root_cause", code)
    if code == "disputed":
        said = dict.fromkeys(page.words.within(page.words.label("root_cause", row["value"])) for row in rows)
        named = page.words.pair(page.t("Disputed"), ", ".join(said))
    return page.t("Root cause"), named, "root_cause", [row["source_id"] for row in rows]


def third_party(page: Page) -> Figure:
    """Return the organisations that a source places in the causal chain."""
    rows = causal_claims(page)
    names = list(dict.fromkeys(page.words.party(r["party"]) for r in rows if r["party"] != UNNAMED))
    if len(names) < len({r["party"] for r in rows}):
        names.append(page.t("a third party that the source does not name"))
    text, sources = ", ".join(names), [r["source_id"] for r in rows]
    return page.t("Third party in the causal chain"), sentence(text), "third_parties", sources


def causal_claims(page: Page) -> list[dict[str, Any]]:
    """Return the claims that place a third party in the causal chain."""
    rows = page.evidence.records["third_parties"].get(page.study.focus, [])
    return [row for row in rows if row["involvement"] in CAUSAL]


def voice(page: Page, code: str) -> str:
    """Return whose word something is, as it stands within a sentence."""
    return page.t((VOICES | PRINT)[code])
