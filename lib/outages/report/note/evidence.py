"""Why believe it? The second page of the decision note: the hours and who says so, and the peers in figures."""

import functools
import math
import re
from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup

from outages.facts.chronology import STEPS
from outages.facts.peers import COUNT_OF, measured, public_told
from outages.facts.policies import grouped, speaks_of
from outages.facts.third_parties import CAUSAL
from outages.language import N_
from outages.registry.registry import CLAIM_TABLES
from outages.report import html
from outages.report.evidence import ends, scope_text
from outages.report.html import COLUMN, Block, Cell, dossier_link, dropped, each, paragraph, sentence, stack
from outages.report.note.changes import VOICES
from outages.report.note.picture import row_names
from outages.report.note.ranks import reasons
from outages.stats.rounding import rounded
from outages.studies import Study
from outages.studies.peers import Peers
from outages.studies.tables import fields_of

SPEAKERS = VOICES | {"operator": N_("the operator")}
FIELD = {  # of the claims in a dossier behind a step or a measure
    "first_detected": ("detected",),
    "authority_crisis_cell": ("escalated",),
    "earliest_statement": ("public_statement", "first_public_statement"),
    "length": ("restored", "duration_hours"),
    "authorities": ("authorities_notified",),
    "crisis": ("escalated",),
    "detection": ("detected",),
    "public": ("first_public_statement", "public_statement"),
    "calls": ("emergency_calls_failed",),
    "people": ("users_affected",),
    "cause": ("root_cause",),
    "third_party": ("third_parties",),
}
CLASHES, PUBLISHER, PARTY = 3, 28, 16  # lines, characters
CAUSES = {
    "system_failure": N_("system"),
    "human_error": N_("human error"),
    "malicious_action": N_("malice"),
    "natural_phenomenon": N_("nature"),
}
DISPUTED = N_("disputed")
OUTSIDE = {"after_end": N_("after the end"), "before_onset": N_("before the onset")}  # of steps without a lag


def turn(study: Peers) -> Block:
    """Begin the second page."""
    _ = study.words._
    return stack(paragraph(" · ".join([study.titles[study.focus], _("page 2 of 2: why believe it")]), "kicker turn"))


@functools.lru_cache(maxsize=1)  # a note asks for every number that it links
def claimed(study: Peers) -> set[tuple[str, str]]:
    """Return the incidents and the fields of them about which the whole registry holds claims."""
    return fields_of({name: getattr(study.whole, name) for name in CLAIM_TABLES})


def claim_link(study: Peers, text: Cell, incident: str, name: str) -> Markup:
    """Link a number to the claims behind it in the dossier of its incident, to its head where there are none."""
    field = next((field for field in FIELD.get(name, (name,)) if (incident, field) in claimed(study)), "")
    return dossier_link(text, incident, study.words.lang, *(["c1", field] if field else []))


def cut(text: str, width: int) -> str:
    """Return a text, cut at a word with an ellipsis where it is too long for its line."""
    if len(text) <= width:
        return text
    return text[:width].rsplit(" ", 1)[0].rstrip(" ,;:.(") + "…"


def chronology(study: Peers, steps: pd.DataFrame) -> Block:
    """Set out what happened when and who says so, with a line a contradiction; `steps` as `Peers.chronology`."""
    _, names = study.words._, step_names(study)
    if steps.empty:
        return dropped(_("No document gives an hour."))
    lines, first = Markup(""), study.known["first_public_statement"].loc[study.focus]
    for row in steps.to_dict("records"):
        if row["step"] == "earliest_statement" and first.notna().all():  # a source calls it the first
            row |= {"step": "first_public_statement", **first}
        hour = clock(study, row["low"], row["high"])
        if row["step"] == "earliest_statement" and row["low"] < row["high"]:  # the first may have come sooner
            hour = study.words.t("by {hour}", hour=clock(study, row["high"], row["high"]))
        said = sayers(study, row["sources"], row["speakers"])
        lines += Markup('<tr><td>{}</td><th scope="row">{}</th><td>{}</td></tr>').format(
            claim_link(study, hour, study.focus, row["step"]),
            named(study, names[row["step"]], row["about"]),
            sentence(said) if any(row["speakers"][:1]) else said,  # names of newspapers keep their letters
        )
    head = each(COLUMN, (_("Local time"), _("Event"), _("Who says so")))
    form = Markup('<table class="steps" id="t-steps"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>{}')
    return stack(form.format(head, lines, clashes(study, steps)))


def named(study: Peers, name: Cell, scope: str) -> Cell:
    """Return a name with the part that it is about, where it is not what the note asks for as a whole."""
    part = scope_text(scope, study.words)
    return Markup(study.words._("{name} ({part})")).format(name=name, part=part) if part else name


def step_names(study: Peers) -> dict[str, str]:
    """Return what the steps of an outage are called."""
    own = {
        "earliest_statement": study.words._("public told, earliest message on record"),
        "repaired": study.words.within(study.words.label("event", "repaired")),
    }
    return study.words.labels("moment") | own


def clock(study: Peers, low: float, high: float) -> str:
    """Write an interval of moments, without the day where it is that of the outage."""
    words, zone = study.words, study.registry.incidents.at[study.focus, "timezone"]
    noon = pd.Timestamp(f"{study.focus[:10]} 12:00", tz=zone).timestamp() / 60
    day = words.moment(noon, zone).split(", ")[0]
    return words.moments(low, high, zone).removeprefix(f"{day}, ")


def sayers(study: Study, sources: Sequence[str], speakers: Sequence[str] = ()) -> str:
    """Say who published some documents, the first two by name, the others by number, and whose words they pass on."""
    words, passed = study.words, dict(zip(sources, speakers, strict=False))
    publisher = study.registry.sources.set_index("source_id")["publisher"].astype(object)
    short = {source: cut(re.split(r" \(|, ", publisher[source])[0], PUBLISHER) for source in sources}
    names = list(dict.fromkeys((passed.get(source, ""), short[source]) for source in sources))
    more = [words.n("{n} more", "{n} more", len(names) - 2)] if len(names) > 2 else []
    said = [(SPEAKERS.get(who), ", ".join(read)) for who, read in grouped(names[:2]).items()]
    return ", ".join([*(f"{words._(who)} ({read})" if who else read for who, read in said), *more])


def clashes(study: Peers, steps: pd.DataFrame) -> Markup:
    """Say in one line each where no single hour fits all claims."""
    words, names, events, lines = study.words, step_names(study), study.registry.events, []
    for row in steps[steps["early"].notna()].to_dict("records"):
        told: dict[str, Cell] = {}
        for end, who in (("early", "one"), ("late", "other")):
            claim = events.loc[int(row[end])]
            scope = "" if speaks_of(claim["scope"], study.services) else claim["scope"]
            told[end] = clock(study, claim["low"], claim["high"])
            told[who] = named(study, sayers(study, [claim["source_id"]], [claim["speaker"]]), scope)
        text = Markup(words._("{early} according to {one}, {late} according to {other}")).format(**told)
        what = words.t("Contradiction, {what}", what=names[row["step"]])
        lines.append((STEPS.index(row["step"]), Markup(words.pair("{}", "{}.")).format(what, text)))
    items = each("<li>{}</li>", (text for _rank, text in sorted(lines)[:CLASHES]))
    return Markup('<ul class="clashes">{}</ul>').format(items) if items else items


def table(study: Peers, rows: pd.DataFrame) -> Block:
    """Tabulate the outage and its peers, `rows` as of the figure; every number leads to its claims."""
    words, _ = study.words, study.words._
    count = "calls" if study.incidents.at[study.focus, "emergency_calls"] else "people"
    heads = [_("Outage"), _("Length"), _("Authorities"), _("Public"), _("Crisis team")]
    heads += [_("Calls lost") if count == "calls" else _("People"), _("Cause"), _("Third party")]
    parties, body = study.third_parties(), []
    for incident, label in zip(rows.index, row_names(study, list(rows.index)), strict=True):
        cells = [cell(study, incident, name) for name in ("length", "authorities", "public", "crisis", count)]
        others = cause(study, incident), third(study, incident, parties)
        body.append([dossier_link(label, incident, words.lang), *cells, *others])
    caption = _(
        "Delays from the beginning of the outage; of messages to the public the earliest on record counts. "
        "≤ at the latest, ≥ at least, – not known."
    )
    ids = ["own" if focus else "" for focus in rows["focus"]]
    return stack(html.table(caption, heads, body, key="t-peers", ids=ids))


def cell(study: Peers, incident: str, name: str) -> Cell:
    """Return one number of the table with a link to its claims; where it is unknown a dash, or what is known."""
    value, why = ends(measured(study.known, name), incident), reasons(study)
    if value is None:
        known = OUTSIDE.get(why.at[incident, name], "") if name in why else ""
        return claim_link(study, study.words._(known), incident, name) if known else "–"
    low, high = value.low, value.high
    if name == "public" and low < high and not public_told(study.known).at[incident, "first"]:
        low = 0.0
    return claim_link(study, compact(study, low, high, name in COUNT_OF), incident, name)


def compact(study: Peers, low: float, high: float, counted: bool) -> str:
    """Write an interval in as few signs as a table needs."""
    low, high, how = rounded(low, high, "count" if counted else "round_minutes")
    write = study.words.writer(low, high, how)
    one, two = write(low), "" if math.isinf(high) else write(high)
    if not two:
        return f"≥\u00a0{one}"
    return two if one == two else f"≤\u00a0{two}" if low == 0 else f"{one}–{two}"


def cause(study: Peers, incident: str) -> Cell:
    """Return the root cause of an outage, linked to its claims."""
    code = study.groups.at[incident, "root_cause"]
    return claim_link(study, study.words._(CAUSES.get(code, DISPUTED)), incident, "cause") if code else "–"


def third(study: Peers, incident: str, rows: pd.DataFrame) -> Cell:
    """Return the third parties in the causal chain of an outage, the first by name, linked to the claims."""
    named = rows[(rows["incident_id"] == incident) & rows["involvement"].isin(CAUSAL)]
    parties = [cut(study.words.party(str(party)), PARTY) for party in dict.fromkeys(named["party"])]
    if not parties:
        return "–"
    more = f" +{len(parties) - 1}" if len(parties) > 1 else ""
    return claim_link(study, parties[0] + more, incident, "third_party")
