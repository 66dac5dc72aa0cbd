"""What would time limits have meant? Functions of verdicts, as `outages.facts.limits.replay` returns them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from outages.facts.limits import DECIDED, VERDICTS
from outages.figures import tallies
from outages.figures.style import PALETTE
from outages.figures.tallies import Fill
from outages.language import N_
from outages.report.html import Block, outside
from outages.report.part import Page
from outages.report.worth import LEAST_ROWS
from outages.stats.rows import once
from outages.studies.selection import counted_from, limit_name

FILLS = {  # of verdicts: colour and meaning
    "met": (PALETTE[0], N_("surely within the limit")),
    "missed": (PALETTE[3], N_("surely beyond it")),
    "undecidable": ("#c3c7ce", N_("unclear")),
}


def by_length(page: Page, targets: pd.Index) -> pd.DataFrame:
    """Return some limits, the shortest first."""
    rules = page.study.registry.communication_targets.set_index("target_id").loc[targets]
    return rules.loc[rules["limit_minutes"].astype(float).sort_values(kind="stable").index]


def counted(page: Page, row: Mapping[str, Any]) -> list[str]:
    """Say how many outages met or missed a limit, and for how many it is unclear or unknown; none is left out."""
    n = page.words.n
    said = {
        "met": n("{n} met", "{n} met", int(row["met"])),
        "missed": n("{n} missed", "{n} missed", int(row["missed"])),
        "undecidable": n("{n} unclear", "{n} unclear", int(row["undecidable"])),
        "unknown": n("{n} unknown", "{n} unknown", int(row.get("unknown", 0))),
    }
    return [text for verdict, text in said.items() if row.get(verdict, 0)]


def in_force(page: Page, verdicts: pd.DataFrame) -> Block:
    """Say how the limits were kept that bound the operator on the day."""
    once("verdicts", verdicts, "target_id")
    bound = verdicts.loc[verdicts["in_force"] & (verdicts["verdict"] != "not_applicable"), "verdict"]
    count = bound.value_counts().reindex(DECIDED, fill_value=0)
    if not count.sum():
        return page.dropped("No time limit that bound an operator on the day can be tested.")
    said = counted(page, count)
    if not count["missed"]:
        said.insert(bool(count["met"]), page.t("none surely missed"))
    return page.say(
        "{cases} the operator was bound on the day by a published time limit for warning authorities, telling the "
        "public or reporting afterwards; for {k} both moments are on record: {verdicts}.",
        cases=page.words.n("In {n} case", "In {n} cases", len(bound)),
        k=int(count.sum()),
        verdicts=", ".join(said),
    )


def figure(page: Page, verdicts: pd.DataFrame) -> Block:
    """Draw how each published limit would have been kept, the shortest first."""
    once("verdicts", verdicts, "target_id")
    page, rows = page.of(verdicts), verdicts[verdicts["verdict"].isin(DECIDED)]
    counts = rows.groupby(["target_id", "verdict"]).size().unstack(fill_value=0).reindex(columns=DECIDED, fill_value=0)
    if not counts[["met", "missed"]].to_numpy().any():
        return page.dropped("No time limit can be decided on these incidents, so no figure is drawn.")
    rules, total = by_length(page, counts.index), counts.sum()
    shown = counts.loc[rules.index].set_axis([limit_name(page.words, rule) for _, rule in rules.iterrows()])
    said = ((name, "/".join(map(page.words.number, row))) for name, *row in shown.itertuples())
    title = page.t(
        "{tests}: {met} surely within the limit, {missed} surely beyond it, {open} unclear",
        tests=page.words.n("{n} test", "{n} tests", int(total.sum())),
        open=total["undecidable"],
        met=total["met"],
        missed=total["missed"],
    )
    if total.sum() < LEAST_ROWS:
        return page.dropped("{said}.", said=title)
    fills = {code: Fill(colour, "", page.t(name)) for code, (colour, name) in FILLS.items()}
    xlabel = page.t("outages for which both moments are on record")
    return page.figure(
        "f-limits",
        tallies.stacked(shown, fills, page.words, xlabel=xlabel),
        rows[["incident_id", "target_id", "low", "high", "verdict", "in_force"]],
        title="{said}",
        alt="Bars of verdicts for each time limit. {rows}.",
        caption="Each limit on every outage whose sector and services it is made for, whether or not it bound the "
        "operator on the day. A limit from discovery cannot be missed where only the discovery by others is on "
        "record. n = {k} of {incidents}. Data version {version}.",
        unit="minutes",
        k=rows["incident_id"].nunique(),
        incidents=page.words.n("{n} incident", "{n} incidents", page.n),
        said=title,
        rows=page.aloud(said),
    )


def table(page: Page, verdicts: pd.DataFrame) -> Block:
    """Tabulate how every published time limit would have been kept."""
    if verdicts.empty:
        return page.say("No time limit is in the registry.")
    once("verdicts", verdicts, "target_id")
    words, sources = page.words, page.study.registry.sources.set_index("source_id")
    counts = verdicts.groupby(["target_id", "in_force", "verdict"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=VERDICTS, fill_value=0)

    def kept(rule: Any, bound: bool) -> str:
        key = (rule.Index, bound)
        return (", ".join(counted(page, counts.loc[key])) if key in counts.index else "") or "–"

    def act(rule: Any) -> str:
        event, start = words.label("event", rule.event), counted_from(words, rule.counted_from)
        return page.t("{event}, {start}", event=event, start=start)

    def years(rule: Any) -> str:
        special = page.t(" (for a special kind of provider, so a what-if)") if rule.addressees else ""
        span = " – ".join(map(words.day, rule.in_force.split("/")))
        return (span or page.t("not in force (recommendation or proposal)")) + special

    return page.table(
        "t-clocks",
        by_length(page, counts.index.unique("target_id")),
        {
            "Set by": lambda r: outside(words.countries([r.jurisdiction])[0], sources.at[r.source_id, "url"]),
            "Obligation and starting point": act,
            "Limit": lambda r: words.minutes(float(r.limit_minutes)),
            "In force": years,
            "Outages under it": lambda r: kept(r, True),
            "All others, what if": lambda r: kept(r, False),
        },
        caption="Published time limits replayed on {outages}, the shortest first; unclear: the sources are too vague; "
        "unknown: a moment is not on record; outages of other sectors or services are left out",
        outages=page.words.n("{n} outage", "{n} outages", page.of(verdicts).n),
    )
