"""What should be changed, who asks for it, and what would it have brought that day? Part of the decision note's first
page.
"""

import math
from typing import Any

import pandas as pd
from markupsafe import Markup

from outages.language import N_
from outages.report.html import Block, dossier_link, paragraph, stack
from outages.report.note.ranks import peer_link
from outages.stats.intervals import Interval
from outages.studies.peers import Peers

CHANGES = 3  # lines
MEASURES = {
    "crisis_process": N_("Open the crisis team sooner"),
    "authority_notification": N_("Tell the authorities sooner"),
    "public_communication": N_("Tell the public sooner"),
    "supervision": N_("Watch the service itself, end to end"),
    "change_management": N_("Test changes before they go live"),
    "redundancy": N_("Double what must not fail alone"),
    "fallback_route": N_("Prepare another way to reach the service"),
    "supplier_management": N_("Bind and check suppliers"),
    "migration": N_("Finish the move to the new network"),
}
VOICES = {
    "operator": N_("the operator itself"),
    "supplier": N_("a supplier"),
    "regulator": N_("the regulator"),
    "government": N_("the government"),
    "parliament": N_("parliament"),
    "court": N_("a court"),
    "academic": N_("researchers"),
    "member": N_("a member of parliament"),
    "monitor": N_("an outside monitor"),
    "witness": N_("people affected"),
}


def to_change(study: Peers, changes: pd.DataFrame) -> Block:
    """Say what to change in three lines at most: what it would have brought that day, who asks for it, and after how
    many other outages.

    Parameters
    ----------
    changes : as `outages.studies.peers.Peers.changes`
    """
    _, chosen = study.words._, changes[changes["theme"].isin(MEASURES)].head(CHANGES)
    if chosen.empty:
        return stack(
            paragraph(_("No document asks operators for a change after this outage or a comparable one."), "dropped")
        )
    items = Markup("").join(Markup("<li>{}</li>").format(change(study, row)) for row in chosen.to_dict("records"))
    elsewhere = paragraph(
        _("No document on this outage asks its operator for a change; after comparable ones this was asked for:")
    )
    return stack(Markup("") if chosen["own"].any() else elsewhere, Markup('<ol class="changes">{}</ol>').format(items))


def change(study: Peers, row: dict[str, Any]) -> Markup:
    """Return one line: the change and its effect, then, small, who asks for it."""
    words, _ = study.words, study.words._
    theme = row["theme"]
    title = _(MEASURES[theme])
    if not math.isnan(row["limit"]):
        title = _("Open the crisis team within {limit}").format(limit=words.minutes(row["limit"]))
    asked: list[Markup] = []
    if row["own"]:
        named = words.listed([_(text) for voice, text in VOICES.items() if voice in row["voices"]])
        voices = _("Asked for by {voices}").format(voices=named) if named else _("Read in the press")
        asked.append(dossier_link(voices, study.focus, words.lang, "t-recommendations"))
    if row["others"] and row["own"]:
        asked.append(
            Markup(
                words.n(
                    "also asked for after {n} other outage", "also asked for after {n} other outages", row["others"]
                )
            )
        )
    elif row["others"]:
        asked.append(Markup(words.n("After {n} other outage", "After {n} other outages", row["others"])))
    effect = brought(study, row)
    told = words.pair(title, "") if effect else f"{title}."
    form = Markup('<b>{}</b>{} <span class="small">{}.</span>')
    return form.format(told.rstrip(), Markup(" {}.").format(effect) if effect else "", Markup(", ").join(asked))


def brought(study: Peers, row: dict[str, Any]) -> Markup | str:
    """Say what a change would have brought on the day; empty when it cannot be counted, or may be anything."""
    words, _ = study.words, study.words._
    low, high = row["low"], row["high"]
    if pd.isna(high) or (low == 0 and math.isinf(high)):
        return ""
    if high == 0:
        return _("that day the public would have heard no sooner") if not row["peer"] else ""
    gain = words.interval(Interval(0.0 if low < 1 else float(low), float(high)), "round_minutes")
    if low < 1:
        gain = _("up to {value}").format(value=words.round_minutes(high))
    if not row["peer"]:
        return _("{gain} less silence that day").format(gain=gain)
    return Markup(_("{gain} sooner at the pace of {peer}")).format(gain=gain, peer=peer_link(study, row["peer"]))


def caution(study: Peers) -> Block:
    """Say in two sentences what the page cannot carry."""
    words, _ = study.words, study.words._
    timed = words.number(int(study.distances()["timed"].sum()))
    form = _(
        "Of {n} comparable outages only {k} have a delay known to within two hours; the figure shows the nearest. "
        "The registry is biased towards outages that were talked about: it is no random sample."
    )
    return stack(paragraph(form.format(k=timed, n=words.number(study.n - 1)), "caution"))
