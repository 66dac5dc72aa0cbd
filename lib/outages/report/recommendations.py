"""What was recommended, to whom, with which targets, as a page says it? `advice` has one row a recommendation."""

import pandas as pd
from markupsafe import Markup

from outages.facts.third_parties import incidents_of
from outages.figures import style, tallies
from outages.figures.tallies import Fill
from outages.language import N_, Words
from outages.report.findings import share_of_outages, told
from outages.report.html import Block, paragraph, sentence, stack
from outages.report.part import Page
from outages.report.worth import LEAST_BAR, differ
from outages.stats.inference import FEW, proportion
from outages.stats.rows import in_frame

THEMES = 6  # of the short table
NAMED, NEAR = 3, 0.95  # themes in the title, and how frequent beside the first
NOTHING = N_("No source makes a recommendation.")


def leading(page: Page, count: pd.Series) -> list[str]:
    """Name the theme of most incidents, and those that are about as frequent, with their numbers."""
    words, shown = page.words, count[count >= NEAR * count.iloc[0]]
    named = [f"{words.within(words.label('theme', str(theme)))} ({words.number(k)})" for theme, k in shown.items()]
    named[NAMED:] = [words.n("{n} more", "{n} more", len(named) - NAMED)] if len(named) > NAMED else []
    return named


def most_often(page: Page, advice: pd.DataFrame) -> str:
    """Say what is asked for after most incidents; nothing where each theme stands alone."""
    count = incidents_of(advice, "theme")
    if count.iloc[0] < LEAST_BAR:
        return page.t("No theme was asked for or announced after more than one outage")
    form = N_("Asked for or announced most often: {themes}, of {n} outages")
    return page.t(form, themes=leading(page, count), n=advice["incident_id"].nunique())


def finding(page: Page, advice: pd.DataFrame) -> Markup:
    """Say for the head of a page what is asked for after most incidents, and after about which share."""
    head, count, n = N_("Recommendations."), incidents_of(advice, "theme"), advice["incident_id"].nunique()
    if n < FEW or count.iloc[0] < LEAST_BAR:
        return told(page, head, [f"{most_often(page, advice)}." if n else page.t(NOTHING)])
    themes, k = leading(page, count), int(count.iloc[0])
    form = N_("Most often asked for or announced are {themes}, each after about {share} among those with any.")
    if len(themes) == 1:
        form = N_("Most often asked for or announced is {themes}, after about {share} among those with any.")
    small = N_("Any are on record for {k} of {n}; others may have had some; 95% interval of the first share {chance}.")
    chance = page.words.interval(proportion(k, n), "whole")
    text = page.t(form, themes=themes, share=share_of_outages(page, k / n))
    return told(page, head, [text], [page.t(small, k=n, chance=chance)])


def short(page: Page, advice: pd.DataFrame) -> Block:
    """Tabulate the themes of most outages."""
    if advice.empty:
        return page.say(NOTHING)
    shown = page.table(
        "t-themes",
        incidents_of(advice, "theme")[:THEMES].items(),
        {
            "Theme": lambda row: page.words.label("theme", row[0]),
            "Outages": lambda row: page.t("{k} of {of}", k=row[1], of=advice["incident_id"].nunique()),
        },
        caption="What is asked for or announced most often, among the outages with recommendations",
    )
    return stack(paragraph(most_often(page, advice) + "."), shown)


def theme_bars(page: Page, advice: pd.DataFrame) -> Block:
    """Draw in how many incidents each theme is asked for."""
    count = incidents_of(advice, "theme").rename("incidents")
    if not differ(count):
        return page.little()
    shown = count.rename(index=lambda theme: page.words.label("theme", theme))
    own = {page.words.label("theme", theme) for theme in advice.loc[advice["incident_id"] == page.study.focus, "theme"]}
    fills = {"incidents": Fill(style.PALETTE[0], "", page.t("incidents in which a source asks for it or announces it"))}
    return page.figure(
        "f-theme-counts",
        tallies.stacked(shown.to_frame(), fills, page.words, xlabel=page.t("incidents"), marked=sorted(own)),
        count.reset_index(),
        title="{said}",
        alt="Bars of themes. {rows}.",
        caption="Recommendations and announced measures by theme; {k} of {n} incidents have any. Data version "
        "{version}.",
        k=advice["incident_id"].nunique(),
        said=most_often(page, advice),
        rows=page.aloud(shown.items()),
    )


def listed(page: Page, advice: pd.DataFrame, *by: str) -> pd.DataFrame:
    """Return the recommendations of the incidents that the page sets out, sorted."""
    wanted = ("incident_id", "theme", "addressee", "text", "target_value", "target_unit", "source_id", "locator")
    advice = in_frame("advice", advice, *wanted)
    return advice[advice["incident_id"].isin(page.ids)].sort_values(["theme", "incident_id", "source_id", *by])


def targets(page: Page, advice: pd.DataFrame) -> Block:
    """Tabulate the recommendations that set a number."""
    numbered = in_frame("advice", advice, "target_value")
    numbered = numbered[numbered["target_value"].notna()]
    return page.table(
        "t-targets",
        listed(page, numbered),
        {
            "Theme": lambda r: page.words.label("theme", r.theme),
            "Value": lambda r: target(page.words, r.target_value, r.target_unit),
            "Request": lambda r: r.text,
            "Addressee": lambda r: page.words.party(r.addressee),
            "Incident": lambda r: page.row_name(r.incident_id),
            "Source": lambda r: page.evidence.source(r.source_id),
        },
        caption="Recommendations with a number (n = {k} of {claims}; one request in two documents counts twice)",
        some=True,
        k=len(numbered),
        claims=page.words.n("{n} claim", "{n} claims", len(advice)),
    )


def target(words: Words, value: float, unit: str) -> str:
    """Write the number that a recommendation sets, with its unit; a dash for none.

    Examples
    --------
    >>> target(Words("fr"), 0.997, "share"), target(Words("en"), 1, "days"), target(Words("fr"), 90, "min")
    ('99,7\xa0%', '1 day', '1\xa0h\xa030')
    """
    if pd.isna(value):
        return unit or "–"
    if unit in ("min", "h"):
        return words.minutes(value * (60 if unit == "h" else 1))
    if unit == "share":
        return words.percent(value)
    if unit == "days" and value == int(value):
        return words.n("{n} day", "{n} days", int(value))
    named = words._("d") if unit == "days" else words.label("unit", unit)
    return f"{words.number(value)}\xa0{named}"


def addressees(page: Page, advice: pd.DataFrame) -> Block:
    """Tabulate who was asked for what, by theme."""
    asked = in_frame("advice", advice, "addressee", "incident_id", "theme").groupby("addressee")
    count = asked.agg(
        n=("incident_id", "size"),
        incidents=("incident_id", "nunique"),
        themes=("theme", lambda t: sorted(page.words.within(page.words.label("theme", one)) for one in set(t))),
    )
    return page.table(
        "t-addressees",
        count.sort_values("n", ascending=False, kind="stable").head(20),
        {
            "Addressee": lambda r: page.words.party(r.Index),
            "Recommendations": lambda r: page.words.number(r.n),
            "Incidents": lambda r: page.words.number(r.incidents),
            "Themes": lambda r: sentence(", ".join(r.themes)),
        },
        caption="Addressees named most often (n = {claims}; one request in two documents counts twice)",
        claims=page.words.n("{n} claim", "{n} claims", len(advice)),
    )


def table(page: Page, advice: pd.DataFrame) -> Block:
    """Tabulate every recommendation."""
    return page.table(
        "t-recommendations",
        listed(page, advice, "locator"),
        {
            "Theme": lambda r: page.words.label("theme", r.theme),
            "Request": lambda r: r.text,
            "Addressee": lambda r: page.words.party(r.addressee),
            "Incident": lambda r: page.row_name(r.incident_id),
            "Source and location": lambda r: page.evidence.located(r._asdict()),
        },
        caption="Recommendations (n = {claims}; one request in two documents counts twice)",
        some=True,
        claims=page.words.n("{n} claim", "{n} claims", len(advice)),
    )
