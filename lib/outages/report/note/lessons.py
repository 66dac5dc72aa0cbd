"""What would limits have meant, what did others do, what changed since, how was it chosen? The end of the note."""

from collections.abc import Collection

import pandas as pd
from markupsafe import Markup

from outages.facts.advice import by_theme
from outages.facts.limits import DECIDED
from outages.facts.peers import measured, public_told, standings
from outages.language import N_
from outages.report import html
from outages.report.comparison import quoted
from outages.report.evidence import ends
from outages.report.html import Block, dossier_link, dropped, each, relative, stack
from outages.report.note.evidence import claim_link, cut
from outages.report.note.ranks import VAGUE, peer_link, reasons, selection
from outages.report.worth import says
from outages.stats.rows import once
from outages.studies import Study
from outages.studies.peers import Peers
from outages.studies.selection import policy_names

THEMES, TEXT = 4, 96  # lines, characters
ACT_NAMES = {"authorities": N_("Authorities told in time"), "public": N_("Public told in time")}
NEXT_TIME = {
    "authorities": N_("authorities told after {time}"),
    "public": N_("public told after {time}"),
    "length": N_("length {time}"),
}
UNKNOWN = {  # what it is that nobody says
    "length": N_("how long it lasted"),
    "people": N_("how many people it affected"),
    "calls": N_("how many emergency calls failed"),
    "detection": N_("when the operator saw it"),
    "crisis": N_("when the crisis team met"),
    "authorities": N_("when authorities were told"),
    "public": N_("when the public was told"),
    "cause": N_("the root cause"),
    "third_party": N_("whether a third party had a part"),
}
SINCE = {"sooner": N_("sooner"), "level": N_("about as late"), "not_sooner": N_("no sooner")}


def limits(study: Study, tried: pd.DataFrame) -> Block:
    """Say what each limit would have meant, also for an outage in focus; `tried` as `Study.own_limits`."""
    if tried.empty:
        return stack()
    once("tried", tried, "act", "limit")
    words, _ = study.words, study.words._
    decided = set(tried.loc[tried["verdict"].isin(["met", "missed"]), "act"])
    acts = [act for act in ACT_NAMES if act in decided]
    if not acts:
        return dropped(_("Of no outage is it sure that it would have met or missed one of these limits."))
    own = [_("this outage")] if study.focus in set(tried["incident_id"]) else []
    heads = [_("Time limit"), *(text for act in acts for text in (_(ACT_NAMES[act]), *own))]
    body = []
    for limit, rows in tried.groupby("limit", sort=True):
        verdicts = (rows[rows["act"] == act].set_index("incident_id")["verdict"] for act in acts)
        cells = (cell for tried_on in verdicts for cell in tried_cells(study, tried_on)[: 1 + len(own)])
        body.append([words.minutes(float(limit)), *cells])
    known = tried.drop_duplicates(["act", "incident_id"]).query("verdict != 'unknown'")["act"].value_counts()
    caption = words.t(
        "Counted from the beginning of each outage; met or missed is said of what is sure: a first message may have "
        "come before the earliest on record. On record: {a} (authorities) and {p} (public) of {n} outages.",
        a=known.get("authorities", 0),
        p=known.get("public", 0),
        n=tried["incident_id"].nunique(),
    )
    key = [Markup('<i class="{}"></i>{}').format(code, words.label("limit_verdict", code)) for code in DECIDED]
    shown = Markup('{} <span class="key" aria-hidden="true">{}</span>').format(caption, Markup(" ").join(key))
    return stack(html.table(shown, heads, body, key="t-limits"))


def tried_cells(study: Study, verdicts: pd.Series) -> tuple[Markup, str]:
    """Return what a limit would have meant: for how many outages, as a bar and in words, and for the one in focus."""
    counts = {code: int((verdicts == code).sum()) for code in DECIDED}
    part = Markup('<span class="{}" style="flex-grow:{}"></span>')
    bar = Markup("").join(part.format(code, count) for code, count in counts.items() if count)
    said = study.words.t("met by {met}, missed by {missed}, unclear for {undecidable}", **counts)
    own = verdicts.get(study.focus)
    told = study.words.label("limit_verdict", own) if own in DECIDED else "–"
    return Markup('<span class="bar" aria-hidden="true">{}</span>{}').format(bar, said), told


def others(study: Peers, asked: pd.DataFrame) -> Block:
    """Say what was asked after the other outages, a request a theme; `asked` as `outages.studies.peers.Peers.asked`."""
    words, _, n = study.words, study.words._, study.words.n
    elsewhere = asked[asked["incident_id"] != study.focus]
    if elsewhere.empty:
        return dropped(_("No document on the other outages asks operators for a change."))
    lines, form = Markup(""), Markup("<li><b>{}</b> ({}). {} ({})</li>")
    for theme, counts in by_theme(elsewhere).head(THEMES).iterrows():
        row = elsewhere[elsewhere["theme"] == theme].iloc[0]
        said = n("asked for after {n} outage", "asked for after {n} outages", int(counts["incidents"]))
        if counts["announced"]:
            said += words._("; ") + n("announced after {n}", "announced after {n}", int(counts["announced"]))
        text = cut(str(row[f"text_{words.lang}"]), TEXT)
        link = peer_link(study, row["incident_id"], "t-recommendations")
        lines += form.format(words.label("theme", str(theme)), said, text, link)
    return stack(Markup('<ul class="others">{}</ul>').format(lines))


def since(study: Peers, later: pd.DataFrame, known: pd.DataFrame) -> Block:
    """Say how the operator did next time on the same measures; parameters as `outages.studies.peers.Peers.since`."""
    words = study.words
    if len(later) < 2:
        operator = list(map(words.party, study.incidents.at[study.focus, "operator"].split(";")))
        form = N_("The registry holds no later outage of {operator} of which a delay or a length is known.")
        return dropped(words.t(form, operator=operator))
    told = {incident: text for incident in later.index[1:] if (text := next_time(study, str(incident), known))}
    lines = (
        words.t("{name}: {value}", name=dossier_link(later.at[incident, "title"], incident, words.lang), value=text)
        for incident, text in told.items()
    )
    more = later.attrs["more"] + len(later) - 1 - len(told)
    rest = [words.n("{n} further one is not shown", "{n} further ones are not shown", more)] if more else []
    return stack(Markup('<ul class="since">{}</ul>').format(each("<li>{}</li>", [*lines, *rest])))


def next_time(study: Peers, incident: str, known: pd.DataFrame) -> Markup:
    """Say what is known of a later outage, and whether it was told sooner; empty where that is next to nothing."""
    words, told = study.words, list[Markup]()
    for measure, form in NEXT_TIME.items():
        values = measured(known, measure)
        value = ends(values, incident)
        if value is None or not says(value) or (measure != "length" and value.high - value.low > VAGUE):
            continue
        if measure == "public" and not public_told(known).at[incident, "first"]:
            form = N_("earliest message to the public on record after {time}")
        written = words.interval(value, "round_minutes")
        how = SINCE.get(standings(values, study.focus).get(incident, "open"), "") if measure != "length" else ""
        text = words.t(form, time=claim_link(study, written, incident, measure))
        told.append(Markup(text) + (f" ({words._(how)})" if how else ""))
    return words.clauses(told)


def foot(study: Peers, ranks: pd.DataFrame) -> Block:
    """Say how outages were chosen and contradictions resolved, what is not known, how to cite, where more stands."""
    words, _ = study.words, study.words._
    why = reasons(study).loc[study.focus]
    missing = [name for name in ranks.index[ranks["low"].isna()] if why.get(name, "unknown") == "unknown"]
    form = N_("Peers are the nearest by services, scale, size and year. Where sources contradict one another: {rule}.")
    parts = [f"{selection(study)}. {words.t(form, rule=policy_names(words)[study.policy])}"]
    if unknown := not_known(study, missing):
        parts.append(unknown)
    if not study.overlays:
        cite = N_(
            "To cite: Open registry of major network outages, data {version}, "
            "decision note on {title}. Tables under CC BY 4.0."
        )
        title = quoted(study.titles[study.focus], words)
        parts.append(words.t(cite, version=study.registry.version, title=title))
    links = [
        dossier_link(_("Dossier of this outage"), study.focus, words.lang),
        relative(_("Comparison of all outages"), f"comparative-report.{words.lang}.html"),
    ]
    return stack(Markup('<p class="foot">{}<br>{}</p>').format(" ".join(parts), Markup(" · ").join(links)))


def not_known(study: Study, names: Collection[str]) -> str:
    """Say in a line what it is that nobody gives, of some keys of `UNKNOWN`; empty where that is nothing."""
    words, hit = study.words, study.incidents.at[study.focus, "emergency_calls"]
    said = [words._(text) for name, text in UNKNOWN.items() if name in names and (hit or name != "calls")]
    return words.pair(words._("Not known"), words.listed(said)) + "." if said else ""
