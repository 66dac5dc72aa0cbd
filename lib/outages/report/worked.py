"""How does a rule of resolution work on a real case? Claims about one thing, what is made of each, and the result."""

import pandas as pd
from markupsafe import Markup

from outages.facts.policies import standing_claims
from outages.report.evidence import ends, stated
from outages.report.html import Block, Cell, dossier_link, paragraph, stack
from outages.report.part import Page
from outages.studies import ABOUT, Study

TABLES = ("events", "measures")


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
    voice = standing_claims(rows.assign(retracted_by=""))["voice"]
    told = pd.DataFrame(
        {
            "said": [written(page, row, zone) for row in rows.to_dict("records")],
            "scope": [known(page, "services", scope) for scope in rows["scope"]],
            "voice": [known(page, "speaker", code) or page.words.label("kind", code) for code in voice],
            "used": study.accepted[table].loc[rows.index],
        }
    )
    same = told.value_counts(sort=False).reset_index(name="documents")
    used = {"yes": page.t("yes"), "narrows": page.t("narrows"), "agrees": page.t("agrees"), "no": page.t("no")}
    used |= {"withdrawn": page.t("withdrawn"), "": "–"}
    order = same["used"].map(list(used).index)
    same = same.assign(order=order).sort_values(["order", "said"], kind="stable")
    columns: dict[str, list[Cell]] = {
        page.t("Claim"): [page.words.pair(r.scope, r.said) if r.scope else r.said for r in same.itertuples()],
        page.t("Who speaks"): list(same["voice"]),
        page.t("Documents"): [page.words.number(n) for n in same["documents"]],
        page.t("Used"): [used[code] for code in same["used"]],
    }
    value = page.t("unknown")
    if result is not None:
        value = (
            page.words.moments(result.low, result.high, zone)
            if table == "events"
            else page.words.interval(result, "number")
        )
    link = dossier_link(study.titles[incident], incident, page.words.lang)
    asked = [page.words.within(page.words.label("services", code)) for code in study.services]
    of = page.t(" ({services} asked for)", services=page.words.listed(asked)) if asked else ""
    caption = Markup(page.words.pair("{}", "{}{}")).format(link, page.words.label(ABOUT[table], about), of)
    key = f"t-{'-'.join(filter(None, (about, *study.services)))}"
    said = Markup(page.words._("Result: <strong>{value}</strong>.")).format(value=value)
    return stack(page.table(key, caption, columns), paragraph(said))


def known(page: Page, column: str, code: str) -> str:
    """Return the label of a code, empty when the list does not hold it."""
    label = page.words.label(column, code)
    return "" if label == code else label


def written(page: Page, row: dict, zone: str) -> str:
    """Write what a claim says: a moment in local time, or a quantity as its source states it."""
    return page.words.moments(row["low"], row["high"], zone) if "event" in row else stated(row, page.words)


def late(page: Page, facts: pd.DataFrame) -> Block:
    """Say how many lags to the earliest known statement are timed, known less well, or lie after the end."""
    from outages.facts.timeline import timed
    from outages.report.findings import curated

    every = curated(page, facts)["to_known_word"]
    known = int(every["low"].notna().sum())
    text = page.t(
        "Earliest known statement: {k} lags are timed to within two hours and make the medians and curves, {vague} are "
        "known less well, and for {late} the statement came surely after the end.",
        k=int(timed(every)["low"].notna().sum()),
        vague=known - int(timed(every)["low"].notna().sum()),
        late=int(every["after_end"].sum()),
    )
    if left := len(facts) - len(every):
        form = "{n_left} outages of one operator’s complete list are left to the page on complete lists."
        text += " " + page.t(form, n_left=left)
    return stack(paragraph(text))
