"""What would time limits have meant, as a page says it? Each function takes verdicts, as `outages.facts.limits.replay`
returns them.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from outages.facts.limits import DECIDED, VERDICTS
from outages.figures import tallies
from outages.figures.style import PALETTE
from outages.figures.tallies import Fill
from outages.language import N_, Words
from outages.report.html import Block, Cell, outside, paragraph, stack
from outages.report.part import Page

GREY = "#c3c7ce"
START = {  # from when a limit is counted, after its length or what it asks for
    "onset": N_("from onset"),
    "detected": N_("from detection"),
    "first_public_statement": N_("from the first public statement"),
    "restored": N_("from restoration"),
}


def authority(page: Page, jurisdiction: str) -> str:
    """Return the country whose authority set a limit, or the name of the operator that did."""
    return page.words.countries([jurisdiction])[0]


def limit_name(page: Page, form: str, rule: dict[str, str]) -> str:
    """Write a limit into a form: who set it and for which years, how long, from what, to what."""
    years = "–".join(end[:4] for end in rule["in_force"].split("/"))
    start = START[rule["counted_from"]]
    return form.format(
        who=f"{authority(page, rule['jurisdiction'])} {years}".strip(),
        limit=page.words.minutes(float(rule["limit_minutes"])),
        start=page.t(start),
        event=page.words.within(page.words.label("event", rule["event"])),
    )


def limit_names(page: Page, form: str) -> dict[str, str]:
    """Return what each limit is called."""
    rules = page.study.registry.communication_targets.to_dict("records")
    return {rule["target_id"]: limit_name(page, form, rule) for rule in rules}


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
    count = verdicts.loc[verdicts["in_force"], "verdict"].value_counts().reindex(DECIDED, fill_value=0)
    if not count.sum():
        return page.dropped("No time limit that bound an operator on the day can be tested.")
    said = counted(page, count)
    if not count["missed"]:
        said.insert(bool(count["met"]), page.t("none surely missed"))
    form = page.words.n(
        "In {n} case the operator was bound on the day by a published time limit for warning authorities, telling "
        "the public or reporting afterwards: {{verdicts}}.",
        "In {n} cases the operator was bound on the day by a published time limit for warning authorities, telling "
        "the public or reporting afterwards: {{verdicts}}.",
        int(count.sum()),
    )
    return stack(paragraph(form.format(verdicts=", ".join(said))))


def verdict_names(words: Words) -> dict[str, str]:
    """Return what verdicts are called."""
    _ = words._
    return {"met": _("met"), "missed": _("missed"), "undecidable": _("unclear")}


def fills(page: Page) -> dict[str, Fill]:
    """Return how verdicts are shown."""
    return {
        "met": Fill(PALETTE[0], "", page.t("surely within the limit")),
        "missed": Fill(PALETTE[3], "", page.t("surely beyond it")),
        "undecidable": Fill(GREY, "", page.t("unclear")),
    }


def figure(page: Page, verdicts: pd.DataFrame) -> Block:
    """Draw how each published limit would have been kept, the shortest first."""
    words, rows = page.words, verdicts[verdicts["verdict"].isin(DECIDED)]
    counts = rows.groupby(["target_id", "verdict"]).size().unstack(fill_value=0).reindex(columns=DECIDED, fill_value=0)
    counts = counts[counts["met"] + counts["missed"] > 0]
    if counts.empty:
        return page.dropped("No time limit can be decided on these incidents, so no figure is drawn.")
    minutes = page.study.registry.communication_targets.set_index("target_id")["limit_minutes"].astype(float)
    counts = counts.loc[minutes[counts.index].sort_values(kind="stable").index]
    shown = counts.rename(index=limit_names(page, words._("{who}: {limit} {start}, {event}")))
    said = page.aloud(
        (name, "/".join(map(words.number, row))) for name, row in zip(shown.index, shown.to_numpy(), strict=True)
    )
    total = counts.sum()
    return page.figure(
        "f-limits",
        tallies.stacked(shown, fills(page), words, xlabel=page.t("outages for which both moments are on record")),
        title=page.t(
            "Of {n_all} tests {met} are surely within the limit, {missed} surely beyond",
            n_all=int(total.sum()),
            met=int(total["met"]),
            missed=int(total["missed"]),
        ),
        alt=page.t("Bars of verdicts for each time limit. {rows}.", rows=said),
        caption=words._(
            "Each limit on every outage whose sector and services it is made for, whether or not it bound the "
            "operator on the day. A limit from discovery cannot be missed where only the discovery by others is on "
            "record. n = {k} of {n} incidents. Data version {version}."
        ),
        data=rows[["incident_id", "target_id", "low", "high", "verdict", "in_force"]],
        unit="minutes",
        k=rows["incident_id"].nunique(),
    )


def table(page: Page, verdicts: pd.DataFrame) -> Block:
    """Tabulate how every published time limit would have been kept."""
    words, registry = page.words, page.study.registry
    if verdicts.empty:
        return stack(paragraph(page.t("No time limit is in the registry.")))
    counts = (
        verdicts.groupby(["target_id", "in_force", "verdict"])
        .size()
        .unstack(fill_value=0)
        .reindex(columns=VERDICTS, fill_value=0)
    )
    rules = registry.communication_targets.set_index("target_id").loc[counts.index.unique("target_id")]
    rules = rules.loc[rules["limit_minutes"].astype(float).sort_values(kind="stable").index]
    address = registry.sources.set_index("source_id")["url"]
    act = words._("{event}, {start}")
    special = page.words._(" (for a special kind of provider, so a what-if)")

    def kept(target: str, bound: bool) -> str:
        row = counts.loc[(target, bound)] if (target, bound) in counts.index else pd.Series(0, index=VERDICTS)
        return ", ".join(counted(page, row)) or "–"

    columns: dict[str, list[Cell]] = {
        page.t("Set by"): [outside(authority(page, r.jurisdiction), address[r.source_id]) for r in rules.itertuples()],
        page.t("Obligation and starting point"): [
            act.format(event=words.label("event", r.event), start=words._(START[r.counted_from]))
            for r in rules.itertuples()
        ],
        page.t("Limit"): [words.minutes(float(limit)) for limit in rules["limit_minutes"]],
        page.t("In force"): [
            (" – ".join(map(words.day, r.in_force.split("/"))) or page.t("not in force (recommendation or proposal)"))
            + (special if r.addressees else "")
            for r in rules.itertuples()
        ],
        page.t("Outages under it"): [kept(target, True) for target in rules.index],
        page.t("All others, what if"): [kept(target, False) for target in rules.index],
    }
    caption = page.t(
        "Published time limits replayed on {n} outages, the shortest first; unclear: the sources are too vague; "
        "unknown: a moment is not on record; outages of other sectors or services are left out"
    )
    return page.table("t-clocks", caption, columns)
