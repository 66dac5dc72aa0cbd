"""What was recommended, to whom, with which targets, as a page says it? `advice` has one row a recommendation."""

import pandas as pd

from outages.facts.third_parties import incidents_of
from outages.figures import style, tallies
from outages.figures.tallies import Fill
from outages.language import Words
from outages.report.html import Block, Cell, paragraph, stack
from outages.report.part import Page

THEMES = 6  # of the short table
NAMED, NEAR = 3, 0.95  # themes in the title, and how frequent beside the first


def nothing(page: Page) -> Block:
    """Say that nothing was recommended."""
    return stack(paragraph(page.t("No source makes a recommendation.")))


def title(page: Page, count: pd.Series, n: int) -> str:
    """Name the theme of most incidents, and those that are about as frequent."""
    shown = count[count >= NEAR * count.iloc[0]][:NAMED]
    label, number = page.words.label, page.words.number
    named = [f"{page.words.within(label('theme', str(theme)))} ({number(k)})" for theme, k in shown.items()]
    return page.t(
        "Asked for or announced most often: {themes}, of {n} outages",
        themes=page.words.listed(named),
        n=n,
    )


def caption(page: Page) -> str:
    """Return the caption of both figures."""
    return page.words._(
        "Recommendations and announced measures by theme; {k} of {n} incidents have any. Data version {version}."
    )


def short(page: Page, advice: pd.DataFrame) -> Block:
    """Tabulate the themes of most outages."""
    if advice.empty:
        return nothing(page)
    count, n = incidents_of(advice, "theme"), advice.index.nunique()
    columns: dict[str, list[Cell]] = {
        page.t("Theme"): [page.words.label("theme", str(theme)) for theme in count.index[:THEMES]],
        page.t("Outages"): [page.t("{k} of {of}", k=int(k), of=n) for k in count[:THEMES]],
    }
    caption_ = page.t("What is asked for or announced most often, among the outages with recommendations")
    return stack(paragraph(title(page, count, n) + "."), page.table("t-themes", caption_, columns))


def theme_bars(page: Page, advice: pd.DataFrame) -> Block:
    """Draw in how many incidents each theme is asked for."""
    if advice.empty:
        return page.dropped("No source makes a recommendation.")
    count = incidents_of(advice, "theme").rename("incidents")
    shown = count.rename(index=lambda theme: page.words.label("theme", theme))
    own = {page.words.label("theme", theme) for theme in advice.loc[advice.index == page.study.focus, "theme"]}
    fills = {"incidents": Fill(style.PALETTE[0], "", page.t("incidents in which a source asks for it or announces it"))}
    n = advice.index.nunique()
    return page.figure(
        "f-theme-counts",
        tallies.stacked(shown.to_frame(), fills, page.words, xlabel=page.t("incidents"), marked=sorted(own)),
        title=title(page, count, n),
        alt=page.t("Bars of themes. {rows}.", rows=page.aloud(shown.items())),
        caption=caption(page),
        data=count.reset_index(),
        k=n,
    )


def targets(page: Page, advice: pd.DataFrame) -> Block:
    """Tabulate the recommendations that set a number."""
    numbered = advice[advice["target_value"].notna()]
    rows = list(
        numbered[numbered.index.isin(page.ids)]
        .reset_index()
        .sort_values(["theme", "incident_id", "source_id"])
        .itertuples()
    )
    if not rows:
        return stack(paragraph(page.t("No recommendation sets a number.")))
    columns = {
        page.t("Theme"): [page.words.label("theme", r.theme) for r in rows],
        page.t("Value"): [target(page.words, r.target_value, r.target_unit) for r in rows],
        page.t("Request"): [r.text for r in rows],
        page.t("Addressee"): [page.words.party(r.addressee) for r in rows],
        page.t("Incident"): [page.row_name(r.incident_id) for r in rows],
        page.t("Source"): [page.evidence.source(r.source_id) for r in rows],
    }
    caption = page.t(
        "Recommendations with a number (n = {k} of {n} claims; one request in two documents counts twice)",
        k=len(numbered),
        n=len(advice),
    )
    return page.table("t-targets", page.some(caption), columns)


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
    if unit == "days":
        return (
            words.n("{n} day", "{n} days", int(value))
            if value == int(value)
            else words.number(value) + "\xa0" + words._("d")
        )
    return f"{words.number(value)}\xa0{words.label('unit', unit)}"


def addressees(page: Page, advice: pd.DataFrame) -> Block:
    """Tabulate who was asked for what, by theme."""
    if advice.empty:
        return nothing(page)
    asked = advice.rename_axis("incident_id").reset_index().groupby("addressee")
    count = asked.agg(
        n=("incident_id", "size"),
        incidents=("incident_id", "nunique"),
        themes=("theme", lambda t: ";".join(sorted(set(t)))),
    )
    count = count.sort_values("n", ascending=False, kind="stable").head(30)
    columns = {
        page.t("Addressee"): [page.words.party(str(name)) for name in count.index],
        page.t("Recommendations"): [page.words.number(n) for n in count["n"]],
        page.t("Incidents"): [page.words.number(n) for n in count["incidents"]],
        page.t("Themes"): [page.words.label("theme", themes) for themes in count["themes"]],
    }
    caption = page.t(
        "Addressees named most often (n = {n} claims; one request in two documents counts twice)", n=len(advice)
    )
    return page.table("t-addressees", caption, columns)


def table(page: Page, advice: pd.DataFrame) -> Block:
    """Tabulate every recommendation."""
    rows = list(
        advice[advice.index.isin(page.ids)]
        .reset_index()
        .sort_values(["theme", "incident_id", "source_id", "locator"])
        .itertuples()
    )
    if not rows:
        return nothing(page)
    columns = {
        page.t("Theme"): [page.words.label("theme", r.theme) for r in rows],
        page.t("Request"): [r.text for r in rows],
        page.t("Addressee"): [page.words.party(r.addressee) for r in rows],
        page.t("Incident"): [page.row_name(r.incident_id) for r in rows],
        page.t("Source and location"): [page.evidence.located(r._asdict()) for r in rows],
    }
    caption = page.t("Recommendations (n = {n} claims; one request in two documents counts twice)", n=len(advice))
    return page.table("t-recommendations", page.some(caption), columns)
