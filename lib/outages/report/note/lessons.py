"""What would limits have meant, what did others do, what has changed since, and how was it all chosen? The end of the
decision note.
"""

import math

import pandas as pd
from markupsafe import Markup

from outages.facts.advice import by_theme
from outages.facts.limits import DECIDED
from outages.facts.peers import compared, public_told, standings
from outages.language import N_
from outages.report.citing import quoted
from outages.report.html import Block, dossier_link, heads_style, paragraph, relative, stack
from outages.report.limits import verdict_names
from outages.report.note.evidence import claim_link, cut
from outages.report.note.ranks import peer_link, selection
from outages.stats.intervals import Interval
from outages.studies.peers import Peers

THEMES, TEXT = 4, 96  # lines, characters
ACT_NAMES = {"authorities": N_("Authorities told in time"), "public": N_("Public told in time")}
SINCE = {"sooner": N_("sooner"), "level": N_("about as late"), "not_sooner": N_("no sooner")}


def limits(study: Peers, tried: pd.DataFrame) -> Block:
    """Say what each time limit would have meant: surely met, surely missed, open, and for the outage in focus.

    Parameters
    ----------
    tried : as `outages.studies.peers.Peers.own_limits`
    """
    words, _ = study.words, study.words._
    decided = tried[tried["verdict"].isin(["met", "missed"])]
    acts = [act for act in ACT_NAMES if act in set(decided["act"])]
    if not acts:
        return stack(
            paragraph(_("Of no outage is it sure that it would have met or missed one of these limits."), "dropped")
        )
    heads = [_("Time limit"), *(text for act in acts for text in (_(ACT_NAMES[act]), _("this outage")))]
    body = []
    for limit, rows in tried.groupby("limit", sort=True):
        cells = [
            cell
            for act in acts
            for cell in tried_cells(study, rows[rows["act"] == act].set_index("incident_id")["verdict"])
        ]
        tds = Markup("").join(Markup("<td>{}</td>").format(text) for text in cells)
        body.append(Markup('<tr><th scope="row">{}</th>{}</tr>').format(words.minutes(float(limit)), tds))
    on_record = {
        act: int((rows.drop_duplicates("incident_id")["verdict"] != "unknown").sum())
        for act, rows in tried.groupby("act")
    }
    form = _(
        "Counted from the beginning of each outage; met or missed is said of what is sure. On record: {a} "
        "(authorities) and {p} (public) of {n} outages."
    )
    caption = form.format(
        a=words.number(on_record["authorities"]), p=words.number(on_record["public"]), n=words.number(study.n)
    )
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(text) for text in heads)
    made = Markup(
        '<table class="limits" id="t-limits"{}><caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table>'
    )
    key = [Markup('<i class="{}"></i>{}').format(code, verdict_names(words)[code]) for code in DECIDED]
    shown = Markup('{} <span class="key" aria-hidden="true">{}</span>').format(caption, Markup(" ").join(key))
    return stack(made.format(heads_style(heads), shown, head, Markup("").join(body)))


def tried_cells(study: Peers, verdicts: pd.Series) -> tuple[Markup, str]:
    """Return how many outages would have met or missed a limit, as a bar and in words, and what it would have meant for
    the one in focus.
    """
    words, _ = study.words, study.words._
    counts = {code: int((verdicts == code).sum()) for code in DECIDED}
    bar = Markup("").join(
        Markup('<span class="{}" style="flex-grow:{}"></span>').format(code, count)
        for code, count in counts.items()
        if count
    )
    said = _("met by {met}, missed by {missed}, unclear for {undecidable}").format(
        **{code: words.number(n) for code, n in counts.items()}
    )
    own = verdict_names(words).get(str(verdicts[study.focus]), "–")
    return Markup('<span class="bar" aria-hidden="true">{}</span>{}').format(bar, said), own


def others(study: Peers, asked: pd.DataFrame) -> Block:
    """Say what operators were asked for, or announced, after the other outages: by theme, with one request each, one
    with a number if there is one.

    Parameters
    ----------
    asked : as `outages.studies.peers.Peers.asked`
    """
    words, _, n = study.words, study.words._, study.words.n
    elsewhere = asked[asked["incident_id"] != study.focus]
    if elsewhere.empty:
        return stack(paragraph(_("No document on the other outages asks operators for a change."), "dropped"))
    lines = []
    for theme, counts in by_theme(elsewhere).head(THEMES).iterrows():
        rows = elsewhere[elsewhere["theme"] == theme]
        row = rows.iloc[0]
        said = n("asked for after {n} outage", "asked for after {n} outages", int(counts["incidents"]))
        if counts["announced"]:
            said += words._("; ") + n("announced after {n}", "announced after {n}", int(counts["announced"]))
        link = peer_link(study, row["incident_id"], "t-recommendations")
        form = Markup("<li><b>{}</b> ({}). {} {}</li>")
        lines.append(
            form.format(
                words.label("theme", str(theme)),
                said,
                cut(str(row[f"text_{words.lang}"]), TEXT),
                Markup("({})").format(link),
            )
        )
    return stack(Markup('<ul class="others">{}</ul>').format(Markup("").join(lines)))


def since(study: Peers, later: pd.DataFrame, known: pd.DataFrame) -> Block:
    """Say how the same operator did next time, on the same measures.

    Parameters
    ----------
    later, known : as `outages.studies.peers.Peers.since`
    """
    words, _ = study.words, study.words._
    operator = words.party(study.incidents.at[study.focus, "operator"])
    if len(later) < 2:
        return stack(
            paragraph(
                _("The registry holds no later outage of {operator} of which a delay or a length is known.").format(
                    operator=operator
                ),
                "dropped",
            )
        )
    items = []
    for incident in later.index[1:]:
        title = dossier_link(later.at[incident, "title"], str(incident), words.lang)
        items.append(
            Markup("<li>{}</li>").format(
                Markup(_("{name}: {value}")).format(name=title, value=next_time(study, str(incident), known))
            )
        )
    return stack(Markup('<ul class="since">{}</ul>').format(Markup("").join(items)))


def next_time(study: Peers, incident: str, known: pd.DataFrame) -> Markup:
    """Say what is known of one later outage, and whether authorities and public were told sooner than in the one in
    focus.
    """
    words, _ = study.words, study.words._
    names = {
        "authorities": _("authorities told after {time}"),
        "public": _("public told after {time}"),
        "length": _("length {time}"),
    }
    told = []
    for measure, text in names.items():
        values = compared(known)[measure]
        low, high = values.loc[incident]
        if math.isnan(low) or math.isnan(high) or (low == 0 and math.isinf(high)):
            continue
        first_known = measure != "public" or low == high or public_told(known).at[incident, "first"]
        written = words.interval(Interval(low if first_known else 0.0, high), "round_minutes")
        how = SINCE.get(standings(values, study.focus).get(incident, "open"), "") if measure != "length" else ""
        told.append(
            Markup(text).format(time=claim_link(study, written, incident, measure)) + (f" ({_(how)})" if how else "")
        )
    return Markup(_("; ")).join(told)


def foot(study: Peers, ranks: pd.DataFrame) -> Block:
    """Say how the outages were chosen and the contradictions resolved, what is not known, how to cite, and where more
    stands.
    """
    words, _ = study.words, study.words._
    names = {
        "authorities": _("when authorities were told"),
        "public": _("when the public was told"),
        "crisis": _("when the crisis team met"),
        "detection": _("when the operator saw it"),
        "length": _("how long it lasted"),
        "people": _("how many people it affected"),
    }
    unknown = [text for name, text in names.items() if pd.isna(ranks.at[name, "low"])]
    cite = _(
        "To cite: Open registry of major network outages, data {version}, "
        "decision note on {title}. Tables under CC BY 4.0."
    )
    title = quoted(study.titles[study.focus], words)
    parts = [
        selection(study)
        + ". "
        + _(
            "Peers are the nearest by services, scale, size and year. Where sources contradict one another, {rule}."
        ).format(rule=rule(study)),
        *([words.pair(_("Not known"), words.listed(unknown)) + "."] if unknown else []),
        *([] if study.overlays else [cite.format(version=study.registry.version, title=title)]),
    ]
    links = [
        dossier_link(_("Dossier of this outage"), study.focus, words.lang),
        relative(_("Comparison of all outages"), f"comparative-report.{words.lang}.html"),
    ]
    text = Markup(" ").join(parts)
    return stack(Markup('<p class="foot">{}<br>{}</p>').format(text, Markup(" · ").join(links)))


def rule(study: Peers) -> str:
    """Say in words how contradictions are resolved."""
    _ = study.words._
    return {
        "authority": _("official sources go first"),
        "operator": _("the operator goes first"),
        "press": _("the press goes first"),
        "earliest": _("the lowest value is taken"),
        "latest": _("the highest value is taken"),
        "widest": _("all that they say is kept"),
    }[study.policy]
