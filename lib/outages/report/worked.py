"""How does a rule of resolution work on a real case? Claims about one thing, what is made of each, and the result."""

import pandas as pd
from markupsafe import Markup

from outages.facts.policies import voices
from outages.facts.timeline import timed
from outages.report.claims import USED
from outages.report.evidence import ends, said
from outages.report.findings import apart
from outages.report.html import Block, dossier_link, paragraph, stack
from outages.report.part import Page
from outages.stats.intervals import how_many
from outages.studies import ABOUT, Study


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


def late(page: Page, facts: pd.DataFrame) -> Block:
    """Say how many lags to the earliest known statement are timed, known less well, or lie after the end."""
    every = facts["to_earliest_statement"]
    k = how_many(timed(every))
    text = page.t(
        "Earliest known statement: {k} lags are timed to within two hours and make the medians and curves, {vague} "
        "are known less well, and for {late} the statement came surely after the end.",
        k=k,
        vague=how_many(every) - k,
        late=every["after_end"].sum(),
    )
    return stack(paragraph(Markup(" ").join([text, *apart(page, facts)])))
