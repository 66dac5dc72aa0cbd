"""Which of the nearest outages told whom, and when? The figure of the decision note."""

import math
from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup

from outages.facts.peers import compared, public_told
from outages.figures.side_by_side import side_by_side
from outages.figures.style import svg
from outages.language import N_, Words
from outages.report.html import Block, data_address, download, dropped, files, stack
from outages.report.note.ranks import selection
from outages.stats.intervals import Interval
from outages.studies.peers import Peers
from outages.studies.tables import told_apart

WIDTH = 26  # characters of an operator in the name of a row


def rows(study: Peers) -> pd.DataFrame:
    """Return the rows of the figure, sorted by first word: the numbers of the note with `label`, `focus`, and `first`,
    whether a source calls the word to the public the first.
    """
    found = numbers(study)
    word = found[["authorities_high", "public_high"]].min(axis=1).sort_values(kind="stable")
    label, first = row_names(study, list(found.index)), public_told(study.known)["first"]
    return found.assign(label=label, focus=found.index == study.focus, first=first).loc[word.index]


def row_names(study: Peers, incidents: Sequence[str]) -> list[str]:
    """Return operator, month and countries of outages, of the focus and those that read alike with the day."""
    short = pd.Series({i: row_name(study, i, with_day=i == study.focus) for i in incidents})
    return list(told_apart(short, lambda i: row_name(study, i, with_day=True), str))


def row_name(study: Peers, incident: str, *, with_day: bool) -> str:
    """Return operator, month or day, and countries of an outage."""
    row = study.incidents.loc[incident]
    operator = study.words.party(row["operator"])
    operator = operator if len(operator) <= WIDTH else f"{operator[: WIDTH - 1].rstrip(' ,')}…"
    day = study.words.short_day(incident[:10], with_day=with_day)
    countries = row["country"].split(";")
    where = countries[0] if len(countries) == 1 else f"{countries[0]}+{len(countries) - 1}"
    return f"{operator}, {day}" + ("" if where == "001" else f" ({where})")


def figure(study: Peers, rows: pd.DataFrame) -> Block:
    """Draw the outage beside its peers, once for a page and once for a phone; a sentence where no peer is timed."""
    words, _ = study.words, study.words._
    if len(rows) < 2:
        return dropped(
            _("Of no comparable outage is it known to within two hours when anybody was told, so nothing is drawn.")
        )
    limit, name = own_limit(study)
    source = words._("; ").join([selection(study), _("open registry of major network outages")])
    wide, narrow = (side_by_side(rows, words, limit=limit, limit_name=name, narrow=small) for small in (False, True))
    pictures = [  # a srcset ends at a space; on a phone the source is too small to read
        data_address(svg(picture, line)).replace(" ", "%20") for picture, line in ((wide, source), (narrow, ""))
    ]
    table = numbers(study).to_csv(float_format="%.6g", lineterminator="\n")
    kept = files(download(_("Numbers of this note (CSV)"), table, f"decision-note-{study.focus}.csv"))
    form = Markup(
        '<figure id="f-side-by-side"><picture><source media="(max-width: 40rem)" srcset="{}">'
        '<img alt="{}" src="{}"></picture>{}</figure>'
    )
    return stack(form.format(pictures[1], aloud(rows, words), pictures[0], kept))


def numbers(study: Peers) -> pd.DataFrame:
    """Return the numbers of the note, one row an outage, lags and lengths in minutes; the one in focus first."""
    values = compared(study.known)
    ends = pd.concat([frame.add_prefix(f"{name}_") for name, frame in values.items()], axis=1)
    chosen = [study.focus, *study.peers()]
    return study.incidents.loc[chosen, ["operator", "country"]].join(ends.loc[chosen])


def own_limit(study: Peers) -> tuple[float, str]:
    """Return the limit in minutes asked of the operator after the outage, and what it is; NaN without one."""
    found = study.changes()
    asked = found[found["limit"].notna()]
    if asked.empty:
        return math.nan, ""
    limit, words = float(asked["limit"].iloc[0]), study.words
    form = N_("{limit}: limit asked for, crisis team")
    if "operator" in asked["voices"].iloc[0]:
        form = N_("{limit}: the operator’s own goal for its crisis team")
    return limit, words.t(form, limit=words.minutes(limit))


def aloud(rows: pd.DataFrame, words: Words) -> str:
    """Say the rows of the figure in words."""
    named = {"length": words._("length"), "authorities": words._("authorities told"), "public": words._("public told")}
    said = []
    for row in rows.to_dict("records"):
        values = {text: (row[f"{key}_low"], row[f"{key}_high"]) for key, text in named.items()}
        known = {text: Interval(low, high) for text, (low, high) in values.items() if pd.notna(low)}
        told = ", ".join(f"{text} {words.interval(value, 'round_minutes')}" for text, value in known.items())
        said.append(words.pair(row["label"], told or words._("unknown")))
    return words._("; ").join(said)
