"""What does a board need to know of one outage beside its peers? The first page of the decision note; every part is a
function of frames.
"""

import math

import pandas as pd
from markupsafe import Markup

from outages.curation.fields import RECORD
from outages.facts.peers import public_told
from outages.facts.settled import settled_moments
from outages.facts.timeline import moments
from outages.language import N_
from outages.report.evidence import ends
from outages.report.html import Block, dossier_link, paragraph, sentence, stack
from outages.stats.intervals import Interval
from outages.studies.peers import Peers

VAGUE, LATE = 360.0, 720.0  # minutes: a lag known no better, or a bound no lower, is no headline
LABELS = {
    "length": N_("Length"),
    "detection": N_("Detected after"),
    "authorities": N_("Authorities told after"),
    "public": N_("Public told after"),
    "calls": N_("Emergency calls lost"),
    "people": N_("People affected"),
}
UNKNOWN_LABELS = {"authorities": N_("Authorities told"), "public": N_("Public told")}
BOTH_ALIKE = N_("{authorities} for the authorities, {public} for the public: {judged}")
BOTH_APART = N_("{authorities} for the authorities, {judged}; {public} for the public, {judged_public}")
ONE_TOLD = {  # by what is missing, and whether it is known vaguely
    ("public", False): N_("{authorities} for the authorities: {judged}; when the public was told is not known"),
    ("public", True): N_("{authorities} for the authorities: {judged}; when the public was told is known only vaguely"),
    ("authorities", False): N_("{public} for the public: {judged_public}; when authorities were told is not known"),
    ("authorities", True): N_(
        "{public} for the public: {judged_public}; when authorities were told is known only vaguely"
    ),
}
NONE_TOLD = {  # by whether the length is known, and whether anything is known vaguely
    (True, False): N_("{length} of outage: {lasted}; when anybody was told is not known"),
    (True, True): N_("{length} of outage: {lasted}; when anybody was told is known only vaguely"),
    (False, False): N_("How long it lasted and when anybody was told is not known"),
    (False, True): N_("How long it lasted is not known, when anybody was told only vaguely"),
}
TO_FILL = {
    "length": N_("To be found: when it began and when the last service was back."),
    "authorities": N_("To be found: when the operator first told an authority, as in its report to the regulator."),
    "public": N_("To be found: the operator’s first message with its hour."),
    "calls": N_("To be found: how many calls failed, from call centres or the regulator."),
    "people": N_("To be found: how many people had no service, from the operator or the regulator."),
}
JUDGED = {
    "faster": N_("sooner than most of its peers"),
    "slower": N_("later than most of its peers"),
    "level": N_("neither sooner nor later than its peers"),
    "mixed": N_("sooner than some of its peers, later than others"),
    "open": N_("its place among its peers is uncertain"),
}
LASTED = {
    "faster": N_("shorter than most of its peers"),
    "slower": N_("longer than most of its peers"),
    "level": N_("neither shorter nor longer than its peers"),
    "mixed": N_("shorter than some of its peers, longer than others"),
    "open": N_("its place among its peers is uncertain"),
}


def opening(study: Peers, ranks: pd.DataFrame) -> Block:
    """Say which outage it is, where it stands in one sentence, and the four numbers that matter.

    Parameters
    ----------
    study : the outage and its peers
    ranks : as `outages.studies.peers.Peers.ranks`
    """
    _, row = study.words._, study.incidents.loc[study.focus]
    kicker = " · ".join([row["title"], study.words.day(study.focus[:10]), _("page 1 of 2")])
    names = ("length", "authorities", "public", "calls" if row["emergency_calls"] else "people")
    boxes = Markup("").join(box(study, ranks, name) for name in names)
    hours = _("Hours are those of the services named here, where sources tell them apart; the dossier is about all.")
    if onset_of_record(study):
        hours += " " + _("Its onset is the hour at which a record was opened: it may have begun sooner.")
    hours += later_part(study)
    return stack(
        paragraph(kicker, "kicker"),
        Markup('<h2 class="headline" id="headline">{}</h2>').format(headline(study, ranks)),
        paragraph(selection(study), "scope"),
        Markup('<div class="boxes">{}</div>').format(boxes),
        paragraph(hours, "scope"),
    )


def later_part(study: Peers) -> str:
    """Say where sources have the services of the study back only after the whole outage, which a reader of both would
    take for a slip.
    """
    words, events = study.words, study.registry.events
    rows = events[(events["incident_id"] == study.focus) & (events["event"] == "restored")]
    of_whole = moments(settled_moments(rows, study.policy), rows, [study.focus])["restored"]
    own, whole = (ends(found, study.focus) for found in (study.known["restored"], of_whole))
    if own is None or whole is None or own.low <= whole.high:
        return ""
    zone = study.registry.incidents.at[study.focus, "timezone"]
    form = N_("Sources differ: last service back, {services}: {own}; the whole outage: {whole}.")
    services = [words.within(words.label("services", code)) for code in study.services]
    at, late = (words.moments(found.low, found.high, zone) for found in (whole, own))
    return " " + words.t(form, services=services, own=late, whole=at)


def onset_of_record(study: Peers) -> bool:
    """Tell whether all that is known of the onset of the outage in focus is when its record was opened."""
    events = study.registry.events
    notes = events.loc[(events["incident_id"] == study.focus) & (events["event"] == "onset"), "note"]
    return len(notes) > 0 and bool(notes.astype(str).str.startswith(RECORD).all())


def selection(study: Peers) -> str:
    """Say among which outages the one in focus stands."""
    words, _ = study.words, study.words._
    years = sorted({int(year) for year in study.incidents["year"]})
    span = f"{years[0]}–{years[-1]}" if len(years) > 1 else f"{years[0]}"
    parts = [words.n("{n} outage", "{n} outages", study.n) + f", {span}"]
    if study.overlays:
        ours = (study.registry.incidents["_origin"] != "public").sum()
        parts.append(words.t("{n} of them from “{names}”", n=ours, names=list(study.overlays)))
    services = [words.within(words.label("services", code)) for code in study.services]
    parts.append(words.pair(_("services"), ", ".join(services)))
    if countries := [c for c in study.parameters["countries"].split(";") if c]:
        parts.append(words.pair(_("countries"), words.listed(words.countries(countries))))
    return " · ".join([*parts, words.pair(_("data"), study.registry.version)])


def headline(study: Peers, ranks: pd.DataFrame) -> str:
    """Return one sentence from a fixed set, chosen by what is known and by the ranks."""
    words, _ = study.words, study.words._
    told = {name: spoken(study, ranks, name) for name in ("authorities", "public")}
    judged = {name: _(JUDGED[ranks.at[name, "verdict"]]) for name in told}
    length, missing = ends(ranks, "length"), [name for name in told if not told[name]]
    vague = bool(ranks.loc[missing, "low"].notna().any())
    if not missing:
        form = BOTH_ALIKE if judged["authorities"] == judged["public"] else BOTH_APART
    elif len(missing) == 1:
        form = ONE_TOLD[missing[0], vague]
    else:
        form = NONE_TOLD[bool(length and math.isfinite(length.high)), vague]
    text = words.t(
        form,
        **told,
        judged=judged["authorities"],
        judged_public=judged["public"],
        lasted=_(LASTED[ranks.at["length", "verdict"]]),
        length=words.about(length) if length else "",
    )
    return sentence(text)


def spoken(study: Peers, ranks: pd.DataFrame, name: str) -> str:
    """Return a lag as a headline says it, empty when it is unknown or too vague; a statement that no source calls the
    first bounds the lag from above only.
    """
    value = ends(ranks, name)
    if value is None:
        return ""
    if name == "public" and not public_told(study.known).at[study.focus, "first"]:
        return study.words.about(Interval(0.0, value.high)) if value.high <= LATE else ""
    return study.words.about(value) if value.high - value.low <= VAGUE else ""


def box(study: Peers, ranks: pd.DataFrame, name: str) -> Markup:
    """Return one of the four boxes: the value in round form, its rank in words and the peer at the end of the field, or
    what would fill it.
    """
    _ = study.words._
    value, label, lines = ends(ranks, name), _(LABELS[name]), list[Markup | str]()
    if value is None:
        late = name == "public" and bool(study.known["to_earliest_statement"].at[study.focus, "after_end"])
        text, label = _("after the end") if late else _("not known"), _(UNKNOWN_LABELS.get(name, LABELS[name]))
        lines.append(_("The earliest statement on record came when service was back.") if late else _(TO_FILL[name]))
    else:
        if name == "public" and not public_told(study.known).at[study.focus, "first"]:
            label = _("Public told at the latest after")
            value = Interval(value.high, value.high)
        text = written(study, value, name)
        lines += ranking(study, ranks.loc[name], name)
    small = Markup("<br>").join(lines)
    form = Markup('<div class="box"><p class="what">{}</p><p class="value{}">{}</p><p class="small">{}</p></div>')
    return form.format(label, "" if value else " none", text, small)


def written(study: Peers, value: Interval, name: str) -> str:
    """Write a value in round form, a count as the dossier does."""
    return study.words.interval(value, "count" if name in ("calls", "people") else "round_minutes")


def ranking(study: Peers, row: pd.Series, name: str) -> list[Markup | str]:
    """Say in words where a value stands, and which peer marks the end of the field."""
    words, n = study.words, study.words.n
    sooner, level, later, open_ = (int(row[code]) for code in ("sooner", "level", "not_sooner", "open"))
    if not row["peers"]:
        return [words._("Known too vaguely, here or of the peers, to be ranked.")]
    peers, form = int(row["peers"]), N_("Fastest: {peer}, {value}.")
    if name == "length":
        first = n("{n} peer of known length:", "{n} peers of known length:", peers)
        form = N_("Shortest: {peer}, {value}.")
        ahead, behind = n("{n} shorter", "{n} shorter", sooner), n("{n} longer", "{n} longer", later)
    elif name in ("calls", "people"):
        first = n("{n} peer with a count:", "{n} peers with a count:", peers)
        form = N_("Most: {peer}, {value}.")
        ahead = n("{n} with fewer", "{n} with fewer", sooner)
        behind = n("{n} with as many or more", "{n} with as many or more", later)
    else:
        first = n("{n} peer timed to within two hours:", "{n} peers timed to within two hours:", peers)
        ahead, behind = n("{n} sooner", "{n} sooner", sooner), n("{n} later", "{n} later", later)
    even, unclear = n("{n} level", "{n} level", level), n("{n} unclear", "{n} unclear", open_)
    said = ((ahead, sooner), (even, level), (behind, later), (unclear, open_))
    lines: list[Markup | str] = [f"{first} {', '.join(text for text, count in said if count)}."]
    if row["best"]:
        value = written(study, Interval(float(row["best_low"]), float(row["best_high"])), name)
        lines.append(words.t(form, peer=peer_link(study, row["best"]), value=value))
    return lines


def peer_link(study: Peers, incident: str, *place: str) -> Markup:
    """Return operator and year of an outage, linked to its dossier or a place in it."""
    operator = study.words.party(study.incidents.at[incident, "operator"].partition(";")[0]).partition(" (")[0]
    return dossier_link(f"{operator} {incident[:4]}", incident, study.words.lang, *place)
