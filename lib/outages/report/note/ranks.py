"""What does a board need to know of one outage beside its peers? The first page of the decision note."""

import functools
from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup

from outages.curation.fields import RECORD
from outages.facts.peers import COUNT_OF, LAG_OF, LEVEL, measured, public_told, untimed
from outages.facts.timeline import LAGS, Facts
from outages.language import N_
from outages.report.evidence import ends
from outages.report.html import Block, dossier_link, paragraph, sentence, stack
from outages.stats.intervals import Interval
from outages.studies import Study
from outages.studies.peers import Peers
from outages.studies.tables import told_apart

JUDGED_LAGS = ("authorities", "public")  # what a headline judges
VAGUE = 360.0  # minutes: a lag known no better is no headline
LABELS = {
    "length": N_("Length"),
    "detection": N_("Detected by the operator after"),
    "authorities": N_("Authorities told after"),
    "public": N_("Public told after"),
    "calls": N_("Emergency calls failed"),
    "people": N_("People affected"),
}
RECORD_LABELS = {  # what has no lag
    "detection": N_("Detected by the operator"),
    "authorities": N_("Authorities told"),
    "public": N_("Public told"),
}
SPOKEN = {  # of a message that no source calls the first the earliest on record is told
    ("authorities", True): N_("{time} for the authorities"),
    ("public", True): N_("{time} for the public"),
    ("public", False): N_("{time} to the earliest message to the public on record"),
}
UNSPOKEN = {  # by who was told, "" for anybody, and whether it is known vaguely
    ("authorities", False): N_("when authorities were told is not known"),
    ("authorities", True): N_("when authorities were told is known only vaguely"),
    ("public", False): N_("when the public was told is not known"),
    ("public", True): N_("when the public was told is known only vaguely"),
    ("", False): N_("when anybody was told is not known"),
    ("", True): N_("when anybody was told is known only vaguely"),
}
NO_LENGTH = {  # by which of onset and end no source gives
    ("onset",): N_("To be found: when it began."),
    ("restored",): N_("To be found: when the last service was back."),
    ("onset", "restored"): N_("To be found: when it began and when the last service was back."),
}
TO_FILL = {
    "authorities": N_("To be found: when the operator first told an authority, as in its report to the regulator."),
    "public": N_("To be found: the operator’s first message with its hour."),
    "calls": N_("To be found: how many calls failed, from call centres or the regulator."),
    "people": N_("To be found: how many people had no service, from the operator or the regulator."),
}
JUDGED = {
    "faster": N_("sooner than most of its peers"),
    "slower": N_("later than most of its peers"),
    "level": N_("level with most of its peers"),
    "ahead": N_("level with most of its peers or sooner"),
    "behind": N_("level with most of its peers or later"),
    "mixed": N_("sooner than some of its peers, later than others"),
    "open": N_("its place among its peers is uncertain"),
}
LASTED = {
    "faster": N_("shorter than most of its peers"),
    "slower": N_("longer than most of its peers"),
    "level": N_("as long as most of its peers"),
    "ahead": N_("as long as most of its peers or shorter"),
    "behind": N_("as long as most of its peers or longer"),
    "mixed": N_("shorter than some of its peers, longer than others"),
    "open": N_("its place among its peers is uncertain"),
}


def opening(study: Peers, ranks: pd.DataFrame) -> Block:
    """Say which outage it is, where it stands in one sentence, and four numbers; `ranks` as `Peers.ranks`."""
    _, row = study.words._, study.incidents.loc[study.focus]
    kicker = " · ".join([row["title"], study.words.day(study.focus[:10]), _("page 1 of 2")])
    names = ("length", "authorities", "public", "calls" if row["emergency_calls"] else "people")
    boxes = Markup("").join(box(study, ranks, name) for name in names)
    hours = _("Hours are those of the services named here, where sources tell them apart; the dossier is about all.")
    if onset_of_record(study):
        hours += " " + _("Its onset is the hour at which a record was opened: it may have begun sooner.")
    return stack(
        paragraph(kicker, "kicker"),
        Markup('<h2 class="headline" id="headline">{}</h2>').format(headline(study, ranks)),
        paragraph(selection(study), "scope"),
        Markup('<div class="boxes">{}</div>').format(boxes),
        paragraph(hours, "scope"),
    )


def onset_of_record(study: Peers) -> bool:
    """Tell whether all that is known of the onset of the outage in focus is when its record was opened."""
    events = study.registry.events
    notes = events.loc[(events["incident_id"] == study.focus) & (events["event"] == "onset"), "note"]
    return len(notes) > 0 and bool(notes.astype(str).str.startswith(RECORD).all())


def selection(study: Peers) -> str:
    """Say among which outages the one in focus stands."""
    words, _ = study.words, study.words._
    years = sorted({int(incident[:4]) for incident in study.registry.incidents.index})
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
    """Return one sentence of fixed clauses, chosen by what is known and by the ranks."""
    words, _ = study.words, study.words._
    told = {name: text for name in JUDGED_LAGS if (text := spoken(study, ranks, name))}
    judged = {name: _(JUDGED[ranks.at[name, "verdict"]]) for name in told}
    if len(told) == 2 and len(set(judged.values())) == 1:
        clauses = [words.t("{authorities}, {public}: {judged}", **told, judged=judged["public"])]
    else:
        clauses = [words.t("{told}, {judged}", told=text, judged=judged[name]) for name, text in told.items()]
    if not told:
        length, lasted = ends(ranks, "length"), _(LASTED[ranks.at["length", "verdict"]])
        form = N_("{length} of outage: {lasted}") if length else N_("how long it lasted is not known")
        clauses.append(words.t(form, length=words.about(length) if length else "", lasted=lasted))
    return sentence(_("; ").join(clauses + unspoken(study, ranks, [name for name in JUDGED_LAGS if name not in told])))


def spoken(study: Peers, ranks: pd.DataFrame, name: str) -> str:
    """Return a lag as a headline says it, empty when it is unknown or too vague."""
    value, first = ends(ranks, name), name != "public" or bool(public_told(study.known).at[study.focus, "first"])
    if value is None or value.high - value.low > VAGUE:
        return ""
    return study.words.t(SPOKEN[name, first], time=study.words.about(value if first else Interval(0, value.high)))


def unspoken(study: Peers, ranks: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Say what is known of those lags that a headline does not judge: where the hour has none it says what there is."""
    words, clauses, vague = study.words, list[str](), list[bool]()
    for name in names:
        label, value, _line = on_record(study, name)
        if value:
            clauses.append(f"{words.within(label)} {value}")
        else:
            vague.append(bool(pd.notna(ranks.at[name, "low"])))
            clauses.append(words._(UNSPOKEN[name, vague[-1]]))
    alike = len(vague) == len(JUDGED_LAGS) and len(set(vague)) == 1
    return [words._(UNSPOKEN["", vague[0]])] if alike else clauses


@functools.lru_cache(maxsize=2)  # each step of a page asks, on a dossier also beside its peers
def reasons(study: Study) -> pd.DataFrame:
    """Return why a step has no lag, see `outages.facts.peers.untimed`."""
    return untimed(study.known)


def on_record(study: Study, name: str) -> tuple[str, str, str]:
    """Return what is known of a step (a column of `untimed`) that has no lag though its hour is on record: what it is
    called, what there is in a few words, and a sentence; empty words where there is a lag or no hour.
    """
    words, _, known = study.words, study.words._, study.known
    first = name != "public" or known["first_public_statement"].loc[study.focus].notna().all()
    label = _(RECORD_LABELS[name]) if first else _("Earliest message to the public on record")
    why = reasons(study).at[study.focus, name]
    if why in ("", "unknown"):
        return label, "", ""
    moment = LAGS[LAG_OF.get(name, "to_earliest_statement")][1]
    at, onset = (known[one].loc[study.focus] for one in (moment, "onset"))
    hour = words.moments(at["low"], at["high"], study.registry.incidents.at[study.focus, "timezone"])
    if why == "after_end":
        after = words.interval(Interval(at["low"] - onset["high"], at["high"] - onset["low"]), "round_minutes")
        line = _("Counted from the beginning; service was back by then.")
        return label, words.t("after the end ({time})", time=after), line
    if why == "before_onset":
        return label, _("before the onset that sources give"), f"{hour}."
    return label, hour, _(NO_LENGTH["onset",])


def box(study: Peers, ranks: pd.DataFrame, name: str) -> Markup:
    """Return a box: a value in round form, its rank and the peer at the end of the field, or what would fill it."""
    _, known, facts = study.words._, ends(ranks, name) is not None, study.known
    label, text, line = valued(study, facts, name)
    missing = tuple(end for end in ("onset", "restored") if facts[end].loc[study.focus].isna().any())
    to_fill = line or _(NO_LENGTH.get(missing, "") if name == "length" else TO_FILL[name])
    small = Markup("<br>").join(ranking(study, ranks.loc[name], name) if known else [to_fill])
    form = Markup('<div class="box"><p class="what">{}</p><p class="value{}">{}</p><p class="small">{}</p></div>')
    return form.format(label, "" if known else " none", text or _("not known"), small)


def valued(study: Study, facts: Facts, name: str) -> tuple[str, str, str]:
    """Return what a measure of the focus is called and its value in round form, or else what is known of it, see
    `on_record`; of messages to the public when the earliest on record came at the latest.
    """
    value, label = ends(measured(facts, name), study.focus), study.words._(LABELS[name])
    if value is None:
        return on_record(study, name) if name in RECORD_LABELS else (label, "", "")
    if name == "public" and not public_told(facts).at[study.focus, "first"]:
        value = Interval(0, value.high)
    return label, written(study, value, name), ""


def written(study: Study, value: Interval, name: str) -> str:
    """Write a value in round form, a count as the dossier does."""
    return study.words.interval(value, "count" if name in COUNT_OF else "round_minutes")


def ranking(study: Study, row: pd.Series, name: str) -> list[Markup | str]:
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
    elif name in COUNT_OF:
        first = n("{n} peer with a count:", "{n} peers with a count:", peers)
        form = N_("Most: {peer}, {value}.")
        ahead = n("{n} with fewer", "{n} with fewer", sooner)
        behind = n("{n} with as many or more", "{n} with as many or more", later)
    else:
        first = n("{n} peer timed to within two hours:", "{n} peers timed to within two hours:", peers)
        if name == "public":  # the true first may have come at any time before
            first = n(
                "{n} peer timed to within two hours by the earliest message on record:",
                "{n} peers timed to within two hours by the earliest message on record:",
                peers,
            )
        ahead, behind = n("{n} sooner", "{n} sooner", sooner), n("{n} later", "{n} later", later)
    even, unclear = n("{n} level", "{n} level", level), n("{n} unclear", "{n} unclear", open_)
    if name in ("public", *LAG_OF):
        even = words.t("{counted} (± {time})", counted=even, time=words.minutes(LEVEL))
    said = ((ahead, sooner), (even, level), (behind, later), (unclear, open_))
    lines: list[Markup | str] = [f"{first} {', '.join(text for text, count in said if count)}."]
    if row["best"]:
        value = written(study, Interval(float(row["best_low"]), float(row["best_high"])), name)
        lines.append(words.t(form, peer=peer_link(study, row["best"]), value=value))
    return lines


def peer_link(study: Study, incident: str, *place: str) -> Markup:
    """Return operator and year of an outage, linked to its dossier or a place in it."""
    return dossier_link(peer_names(study)[incident], incident, study.words.lang, *place)


@functools.lru_cache(maxsize=1)  # a note links many
def peer_names(study: Study) -> pd.Series:
    """Return operator and year of each outage; where they would read alike, the day, or else the identifier."""
    words, operators = study.words, study.registry.incidents["operator"].astype(object)
    short = operators.map(lambda names: words.party(names.partition(";")[0]).partition(" (")[0])
    day = functools.partial(words.short_day, with_day=True)
    dated = short + [f" {incident[:4]}" for incident in short.index]
    return told_apart(dated, lambda i: f"{short[i]} {day(i[:10])}", lambda i: f"{short[i]} {i}")
