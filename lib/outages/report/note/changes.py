"""What should be changed, who asks for it, and what would it have brought that day? The end of the first page."""

import math
from typing import Any

import pandas as pd
from markupsafe import Markup

from outages.language import N_
from outages.report.html import Block, dossier_link, dropped, each, paragraph, stack
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
    """Say what to change, at most in three lines; `changes` as `outages.studies.peers.Peers.changes`."""
    _, chosen = study.words._, changes[changes["theme"].isin(MEASURES)].head(CHANGES)
    if chosen.empty:
        return dropped(_("No document asks operators for a change after this outage or a comparable one."))
    items = each("<li>{}</li>", (change(study, row) for row in chosen.to_dict("records")))
    elsewhere = _(
        "No document on this outage asks its operator for a change; after comparable ones this was asked for:"
    )
    shown = Markup('<ol class="changes">{}</ol>').format(items)
    return stack(Markup("") if chosen["own"].any() else paragraph(elsewhere), shown)


def change(study: Peers, row: dict[str, Any]) -> Markup:
    """Return one line: the change and its effect, then, small, who asks for it."""
    words, _, n = study.words, study.words._, study.words.n
    title = _(MEASURES[row["theme"]])
    if not math.isnan(row["limit"]):
        title = words.t("Open the crisis team within {limit}", limit=words.minutes(row["limit"]))
    asked: list[Markup | str] = []
    if row["own"]:
        named = [_(text) for voice, text in VOICES.items() if voice in row["voices"]]
        voices = words.t("Asked for by {voices}", voices=named) if named else _("Read in the press")
        asked.append(dossier_link(voices, study.focus, words.lang, "t-recommendations"))
    if row["others"]:
        also = n("also asked for after {n} other outage", "also asked for after {n} other outages", row["others"])
        asked.append(also if row["own"] else n("After {n} other outage", "After {n} other outages", row["others"]))
    effect = brought(study, row)
    told, effect = (words.pair(title, "").rstrip(), Markup(" {}.").format(effect)) if effect else (f"{title}.", "")
    return Markup('<b>{}</b>{} <span class="small">{}.</span>').format(told, effect, Markup(", ").join(asked))


def brought(study: Peers, row: dict[str, Any]) -> Markup | str:
    """Say what a change would have brought on the day; empty when it cannot be counted, or may be anything."""
    words, low, high = study.words, row["low"], row["high"]
    if pd.isna(high) or (low == 0 and math.isinf(high)):
        return ""
    if high == 0:
        return "" if row["peer"] else words._("that day the public would have heard no sooner")
    gain = words.interval(Interval(0.0 if low < 1 else float(low), float(high)), "round_minutes")
    if not row["peer"]:
        return words.t("{gain} less silence that day", gain=gain)
    return words.t("{gain} sooner at the pace of {peer}", gain=gain, peer=peer_link(study, row["peer"]))


def caution(study: Peers) -> Block:
    """Say in two sentences what the page cannot carry."""
    text = study.words.t(
        "Comparable outages with a delay known to within two hours: {k} of {n}; the figure shows the nearest. "
        "The registry is biased towards outages that were talked about: it is no random sample.",
        k=study.distances()["timed"].sum(),
        n=study.n - 1,
    )
    return stack(paragraph(text, "caution"))
