"""What is known of one incident, as its page says it? Functions of claims, of one row each."""

import pandas as pd

from outages.facts.policies import AUTHORITY
from outages.figures import style, timelines
from outages.report.claims import claims_of
from outages.report.html import Block, Cell, figure, heading, paragraph, stack
from outages.report.part import Page

BEFORE, AFTER = 12 * 60, 48 * 60  # minutes before the first onset and after the last restoration that the figure shows


def identity(page: Page) -> Block:
    """Say which incident it is and what happened."""
    words, row = page.words, page.study.registry.incidents.iloc[0]
    coded = ("sector", "services", "status", "found_by")
    label = {column: words.label(column, row[column]) for column in coded}
    facts = {
        page.t("Identifier"): row["incident_id"],
        page.t("Operator"): row["operator"],
        page.t("Country"): row["country"],
        page.t("Sector"): label["sector"],
        page.t("Services"): label["services"],
        page.t("Time zone"): row["timezone"],
        page.t("Status"): label["status"],
        page.t("Found by"): label["found_by"],
    }
    if row["_origin"] != "public":
        facts[page.t("Origin")] = row["_origin"]
    return stack(
        heading(row[f"title_{words.lang}"], 2, f"i-{row['incident_id']}"),
        paragraph(row[f"summary_{words.lang}"], "lead"),
        page.table(
            "t-identity", page.t("The incident"), {page.t("What"): list(facts), page.t("Value"): list(facts.values())}
        ),
    )


def timeline(page: Page, events: pd.DataFrame) -> Block:
    """Draw every claim about the moments of the incident.

    Parameters
    ----------
    events : claims about events, as `outages.studies.Study.claims` returns them
    """
    if events.empty:
        return page.dropped("No source gives an hour, so no figure is drawn.")
    words, zone = page.words, page.study.registry.incidents["timezone"].iloc[0]
    core = events[events["about"].isin(["onset", "restored", "partial_restoration"])]
    core = core if len(core) else events
    near = (events["high"] >= core["low"].min() - BEFORE) & (events["low"] <= core["high"].max() + AFTER)
    rows = events[near].sort_values(["low", "high", "about", "source_id"], kind="stable")
    label = [
        ", ".join(filter(None, (words.label("event", r.about), words.label("actor", r.actor))))
        for r in rows.itertuples()
    ]
    rows = rows.assign(
        event=rows["about"],
        label=label,
        standing=rows["kind"].astype(object).replace(dict.fromkeys(AUTHORITY, "authority")),
    )
    told = [(r.label, words.moments(r.low, r.high, zone)) for r in rows.itertuples()]
    caption = page.t(
        "Each mark is one claim of one source; a bar is as long as the source is vague. {shown} of {all} claims; those "
        "far from the outage stand in the table only. Data version {version}.",
        shown=len(rows),
        all=len(events),
    )
    return stack(
        figure(
            style.svg(timelines.claim_timeline(rows, zone, words)),
            title=page.t("What the sources say happened, and when"),
            alt=page.t("Every claim about a moment on the local clock. {rows}.", rows=page.aloud(told)),
            caption=caption,
            key="f-timeline",
        )
    )


def claims(page: Page) -> Block:
    """Show the sums and every claim with source and place."""
    return claims_of(page.evidence, page.study.focus, level=0)


def third_parties(page: Page, named: pd.DataFrame) -> Block:
    """Tabulate who else had a part, by claim."""
    if named.empty:
        return stack(paragraph(page.t("No source names a third party.")))
    rows = list(named.sort_values(["about", "involvement", "source_id"]).itertuples())
    columns: dict[str, list[Cell]] = {
        page.t("Organisation"): [page.words.party(r.about) for r in rows],
        page.t("Role"): [page.words.label("role", r.role) for r in rows],
        page.t("Part in the incident"): [page.words.label("involvement", r.involvement) for r in rows],
        page.t("Source"): [page.evidence.source(r.source_id) for r in rows],
        page.t("Where in it"): [r.locator for r in rows],
        page.t("Note"): [r.note for r in rows],
    }
    return page.table("t-third-parties", page.t("Third parties (n = {n} claims)", n=len(rows)), columns)


def recommendations(page: Page, advice: pd.DataFrame) -> Block:
    """Tabulate what was asked for or announced."""
    if advice.empty:
        return stack(paragraph(page.t("No source makes a recommendation.")))
    rows = list(advice.sort_values(["theme", "addressee", "source_id", "locator"]).itertuples())
    columns = {
        page.t("Theme"): [page.words.label("theme", r.theme) for r in rows],
        page.t("Who is asked"): [r.addressee for r in rows],
        page.t("What"): [r.text for r in rows],
        page.t("Target"): [target(page, r.target_value, r.target_unit) for r in rows],
        page.t("Source"): [page.evidence.source(r.source_id) for r in rows],
        page.t("Where in it"): [r.locator for r in rows],
    }
    return page.table("t-recommendations", page.t("Recommendations (n = {n})", n=len(rows)), columns)


def target(page: Page, value: float, unit: str) -> str:
    """Write the number that a recommendation sets, with its unit."""
    return " ".join(filter(None, ("" if pd.isna(value) else page.words.number(value), unit))) or "–"
