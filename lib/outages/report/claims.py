"""How are claims and documents listed? First the sums made of the claims of an incident, then the claims themselves."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from outages.facts.policies import grouped
from outages.facts.timeline import LAGS
from outages.language import N_
from outages.report.evidence import Evidence, curators, ends, said, subject
from outages.report.html import Block, anchor, bullets, dossier_link, heading, origin_mark, outside, stack, table
from outages.report.locators import spaced
from outages.studies import ABOUT

LENGTHS = {  # how a length follows from claims, by its basis
    "moments": N_("Length: from onset ({start}) to last service back ({end}): {value}."),
    "stated": N_("Length as sources state it ({stated}), since onset or restoration is not known: {value}."),
    "both": N_(
        "Length: what both the hours ({start} to {end}) and the length that sources state ({stated}) allow: {value}."
    ),
    "conflict": N_(
        "Length: the hours ({start} to {end}) and the length that sources state ({stated}) exclude one another, "
        "so all between them is kept: {value}."
    ),
}
SUMS = {  # how other derived numbers do, in this order
    **dict.fromkeys(LAGS, N_("From {first} ({start}) to {last} ({end}): {value}.")),
    "silence": N_("Share of the outage that passed before the first public statement: {value}."),
    "user_hours": N_("User-hours: people affected ({users}) times {length}: {value}."),
    "silent_hours": N_(
        "User-hours before the first statement: people affected times the time until the first public "
        "statement or the end of the outage: {value}."
    ),
}
USED = {  # what the rules make of a claim, in the order in which a reader expects it
    "yes": N_("yes"),
    "narrows": N_("narrows"),
    "agrees": N_("agrees"),
    "no": N_("no"),
    "withdrawn": N_("no: withdrawn"),
    "": "–",
}
HOW = {"silence": "percent", "user_hours": "rounded", "silent_hours": "rounded"}  # derived numbers that are no minutes


def sums(evidence: Evidence, incident: str) -> list[Markup]:
    """Return how each derived number of an incident follows from claims, each with an id that links can point to."""
    words, names, facts = evidence.study.words, evidence.study.words.labels("moment"), evidence.facts
    moment, length = functools.partial(evidence.moment_cell, incident), ends(facts["length"], incident)
    values = {
        "users": evidence.claim_cell(incident, "users_affected", facts["users_affected"]),
        "length": words.interval(length, "minutes"),
        "stated": evidence.linked(words._("claims"), incident, "duration_hours"),
    }
    made = []
    for name, form in ({"length": LENGTHS.get(facts["length"].at[incident, "basis"], "")} | SUMS).items():
        found = ends(facts[name], incident) if name in evidence.sums else None
        if found and (name != "user_hours" or length):
            first, last = LAGS.get(name, ("onset", "restored"))
            ends_of = {"first": names[first], "last": names[last], "start": moment(first), "end": moment(last)}
            value = words.interval(found, HOW.get(name, "minutes"))
            text = Markup(words._(form)).format(**values, **ends_of, value=value)
            made.append(Markup('<span id="{}">{}</span>').format(evidence.sum_key(incident, name), text))
    return made


def claims_of(evidence: Evidence, incident: str, *, headed: bool = True) -> Block:
    """Return one incident's sums and claims, each with source and place, under its title or without one."""
    _ = evidence.study.words._
    title = evidence.study.titles[incident]
    origin = origin_mark(evidence.study.registry.incidents.at[incident, "_origin"])
    dossier = dossier_link(_("dossier"), incident, evidence.study.words.lang)
    named = heading(Markup("{}{} <small>({})</small>").format(title, origin, dossier), 3, f"i-{incident}")
    made = sums(evidence, incident)
    above = stack(named if headed else "", bullets(made, "sums") if made else "")
    if evidence.brief:
        return stack(above, merged(evidence, incident))
    head = [_("Subject"), _("Claim"), _("Used"), _("Source and location"), _("Note")]
    same = grouped(claims(evidence, incident))
    fields = {field: number for number, field in enumerate(dict.fromkeys(field for field, _about, _value in same))}
    rows, ids = [], []
    for field, about, value in sorted(same, key=lambda one: (fields[one[0]], one[1])):  # in each by time, as they are
        several = sorted(same[field, about, value], key=lambda row: list(USED).index(row["taken"]))
        key = evidence.claim_key(incident, field)
        ids.append("" if key in ids else key)  # the first row about a field carries the field's id
        told = places(evidence, several)
        rows.append([about, value, _(USED[several[0]["taken"]]), told, notes(evidence, several)])
    caption = evidence.study.words.t("{title}: claims, with the document and the place in it", title=title)
    return stack(above, table(caption, head, rows, key=f"claims-{evidence.place[incident]}", ids=ids))


def places(evidence: Evidence, rows: Sequence[Mapping[str, Any]]) -> Markup:
    """Return where some claims stand: the number of each document, the place in it, its origin if not public."""
    return evidence.study.words.clauses([evidence.located(row) + origin_mark(row["_origin"]) for row in rows])


def notes(evidence: Evidence, rows: Sequence[Mapping[str, Any]]) -> Markup:
    """Return the curators' notes on some claims, with the number of the document where there are several."""
    told = [(evidence.numbers[row["source_id"]], row["note"]) for row in rows if row.get("note", "")]
    text = " ".join(f"[{number}] {note}" if len(rows) > 1 else note for number, note in told)
    return Markup("{}").format(curators(text, evidence.study.words))


def merged(evidence: Evidence, incident: str) -> Markup:
    """Return the claims of an incident on a page of many: claims that say the same share a line."""
    lines, keys = [], set()
    for (field, about, value), several in grouped(claims(evidence, incident)).items():
        key = evidence.claim_key(incident, field)
        mark = Markup("") if key in keys else Markup(' id="{}"').format(key)
        keys.add(key)
        lines.append(Markup("<li{}><b>{}</b> {} – {}</li>").format(mark, about, value, places(evidence, several)))
    return Markup('<ul class="claims">{}</ul>').format(Markup("\n").join(lines)) if lines else Markup("")


def claims(evidence: Evidence, incident: str) -> Iterator[tuple[tuple[str, str, str], Mapping[str, Any]]]:
    """Yield each claim of an incident: its field, about what it is and what it says, as written, and the row."""
    words, zone = evidence.study.words, evidence.study.registry.incidents.at[incident, "timezone"]
    for name in ("events", "measures", "causes"):
        for row in evidence.records[name].get(incident, []):
            yield (row[ABOUT[name]], subject({"scope": ""} | row, words), said(row, words, zone)), row
    for row in evidence.records["third_parties"].get(incident, []):
        part = words.within(words.label("involvement", row["involvement"]))
        value = words._("; ").join([words.label("role", row["role"]), part])
        yield ("third_parties", words.party(row["party"]), value), row


def sources(evidence: Evidence) -> Block:
    """Return every document that a claim on the page rests on."""
    rows = evidence.study.registry.sources
    rows = rows[rows["source_id"].isin(evidence.numbers)].sort_values("source_id")
    form = Markup('<li id="{}">{}</li>')
    items = [form.format(anchor("s", row["source_id"]), document(evidence, row)) for row in rows.to_dict("records")]
    return stack(Markup('<ul class="sources">{}</ul>').format(Markup("").join(items)))


def document(evidence: Evidence, row: Mapping[str, Any]) -> Markup:
    """Write a document with its number; a page of many incidents leaves out when it was read and its identifier."""
    words = evidence.study.words
    copy = Markup(" ({})").format(outside(words._("lasting copy"), row["archive_url"])) if row["archive_url"] else ""
    read = words._("Read on {day}").format(day=words.day(row["read_on"]))
    kept = Markup(' <span class="kept">{}. <code>{}</code></span>').format(read, row["source_id"])
    name, bracket, remark = row["publisher"].partition(" (")
    language = "" if row["title"].startswith("[") else row["language"]  # a description: nobody noted in which language
    title = spaced(row["title"], row["language"])
    stop = "" if title[-1:] in ("?", "!", "…") and not copy else "."
    return Markup('[{}] <span lang="{}">{}</span>{}, <cite lang="{}">{}</cite>{}{} {}{}.{}{}').format(
        evidence.numbers[row["source_id"]],
        row["language"],
        name,
        curators(bracket + remark, words),
        language,
        outside(title, row["url"]) if row["url"] else title,
        copy,
        stop,
        words.label("kind", row["kind"]),
        f", {words.day(row['published'])}" if row["published"] else "",
        "" if evidence.brief else kept,
        origin_mark(row["_origin"]),
    )
