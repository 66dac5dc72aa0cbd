"""Where do sources exclude one another, and how does a rule settle a real case?"""

from functools import partial
from typing import Any

import pandas as pd
from markupsafe import Markup

from outages.facts.policies import disagreements, grouped, voices
from outages.language import N_
from outages.report.claims import USED
from outages.report.evidence import ends, said, subject
from outages.report.html import Block, bullets, dossier_link, paragraph, stack
from outages.report.part import Page
from outages.stats.intervals import Interval
from outages.studies import ABOUT, Study
from outages.studies.selection import policy_names

THING = ["table", "about", "actor", "scope"]  # of an incident, on which several claims may speak


def contradictions(page: Page, several: pd.DataFrame) -> Block:
    """Tabulate the claims that cannot all be true; `several` as `outages.facts.policies.disagreements`."""
    apart = several[several["disagree"] & several["incident_id"].isin(page.ids)]
    if apart.empty:
        return page.say("No two claims about the same thing exclude one another.")
    about = ({ABOUT[r.table]: r.about, "actor": r.actor, "scope": r.scope} for r in apart.itertuples())
    text = pd.Series([subject(one, page.words) for one in about], apart.index, dtype=object)
    rows, told = apart.assign(text=text), statements(page, apart)
    return page.table(
        "t-contradictions",
        rows.sort_values(["incident_id", "text"], kind="stable"),
        {
            "Incident": lambda r: page.incident_link(r.incident_id),
            "About": lambda r: r.text,
            "Sources and what they say": lambda r: bullets(told[r.Index], "plain"),
            "Used": partial(used, page),
        },
        caption="Claims that cannot all be true, and what the policy “{policy}” makes of them (n = {n})",
        policy=policy_names(page.words)[page.study.policy],
        n=len(rows),
    )


def in_short(page: Page) -> Block:
    """Say of one incident in a line each where claims about the same thing exclude one another, and how far they go."""
    study, words, lines = page.study, page.words, list[str]()
    found, zone = disagreements(study.registry, study.policy), study.registry.incidents.at[study.focus, "timezone"]
    apart = set(found.loc[found["disagree"], THING].itertuples(index=False, name=None))
    for table in ("events", "measures", "causes"):
        claims = page.evidence.records[table].get(study.focus, [])
        told = [row for row in claims if row["retracted_by"] == "" and row.get("value") != "unknown"]
        same = grouped(((table, row[ABOUT[table]], row.get("actor", ""), row.get("scope", "")), row) for row in told)
        for rows in [rows for thing, rows in same.items() if thing in apart]:
            if table == "causes":
                value = words.listed(list(dict.fromkeys(words.within(said(row, words, zone)) for row in rows)))
            else:
                first, last = min(rows, key=lambda row: row["high"]), max(rows, key=lambda row: row["low"])
                form = N_("from “{first}” to “{last}”")
                value = page.t(form, first=said(first, words, zone), last=said(last, words, zone))
            lines.append(page.t("{name}: {value}", name=subject({"scope": ""} | rows[0], words), value=value))
    return stack(bullets(lines, "sums") if lines else paragraph(page.t("No two claims exclude one another.")))


def statements(page: Page, several: pd.DataFrame) -> dict[int, list[Markup]]:
    """Write the claims about each thing with their sources in front, by the row of the thing."""
    found, zones = dict[int, list[Markup]](), page.study.registry.incidents["timezone"]
    for table, things in several.groupby("table"):
        rows = getattr(page.study.registry, str(table))
        rows = rows[rows["value"] != "unknown"] if table == "causes" else rows.sort_values(["low", "high", "source_id"])
        rows = rows.assign(about=rows[ABOUT[str(table)]].astype(object))
        keys = ["incident_id", "about", *(column for column in ("actor", "scope") if column in rows)]
        for row in things[keys].reset_index(names="thing").merge(rows, on=keys).to_dict("records"):
            text = said(row, page.words, zones[row["incident_id"]])
            told = Markup("{} {}").format(page.evidence.source(row["source_id"]), text)
            found.setdefault(row["thing"], []).append(told)
    return found


def used(page: Page, row: Any) -> str:
    """Write what the policy takes: a moment or a quantity; a dash for a cause."""
    if row.table == "causes":
        return "–"
    if row.table == "events":
        return page.words.moments(row.low, row.high, page.study.registry.incidents.at[row.incident_id, "timezone"])
    if row.about == "duration_hours":
        return page.minutes(Interval(row.low * 60, row.high * 60))
    return page.words.interval(Interval(row.low, row.high), "percent" if row.about.endswith("share") else "number")


def example(page: Page, study: Study, incident: str, about: str, actor: str = "") -> Block:
    """Tabulate the claims about one thing with who speaks, and say what a study resolves them to.

    Parameters
    ----------
    study : incidents under a policy, with or without services asked for
    incident, about : identifier, and the code of an event or a measure
    actor : of an event; empty for all
    """
    table = "events" if known(page, "event", about) else "measures"
    rows = getattr(study.registry, table)
    rows = rows[(rows["incident_id"] == incident) & (rows[ABOUT[table]] == about)]
    rows = rows[rows["actor"] == actor] if actor else rows
    if rows.empty:
        return page.dropped("The case stands in the public registry only.")
    result = ends(study.facts[about], incident)
    zone = study.registry.incidents.at[incident, "timezone"]
    told = pd.DataFrame(
        {
            "said": [said(row, page.words, zone) for row in rows.to_dict("records")],
            "scope": [known(page, "services", scope) for scope in rows["scope"]],
            "voice": [known(page, "speaker", code) or page.words.label("kind", code) for code in voices(rows)],
            "used": study.accepted[table].loc[rows.index],
        }
    )
    same = told.value_counts(sort=False).reset_index(name="documents")
    same = same.assign(order=same["used"].map(list(USED).index)).sort_values(["order", "said"], kind="stable")
    value = page.words.interval(result, "number")
    if result is not None and table == "events":
        value = page.words.moments(result.low, result.high, zone)
    link = dossier_link(study.titles[incident], incident, page.words.lang)
    asked = [page.words.within(page.words.label("services", code)) for code in study.services]
    of = page.t(" ({services} asked for)", services=asked) if asked else ""
    shown = page.table(
        f"t-{'-'.join(filter(None, (about, *study.services)))}",
        same,
        {
            "Claim": lambda r: page.words.pair(r.scope, r.said) if r.scope else r.said,
            "Who speaks": lambda r: r.voice,
            "Documents": lambda r: page.words.number(r.documents),
            "Used": lambda r: page.t(USED[r.used]),
        },
        caption="{said}",
        said=Markup(page.words.pair("{}", "{}{}")).format(
            link, page.words.within(page.words.label(ABOUT[table], about)), of
        ),
    )
    return stack(shown, paragraph(page.t("Result: <strong>{value}</strong>.", value=value)))


def known(page: Page, column: str, code: str) -> str:
    """Return the label of a code, empty when the list does not hold it."""
    label = page.words.label(column, code)
    return "" if label == code else label
