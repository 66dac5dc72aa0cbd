"""What is this, what does it find, and which outages are in it? The parts of the landing page."""

import json
import math
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
from markupsafe import Markup

from outages.facts.third_parties import CAUSAL
from outages.language import N_
from outages.paths import REPORTS
from outages.report import findings as four
from outages.report import html
from outages.report.part import Page
from outages.stats.intervals import Interval

WORLD = REPORTS / "template" / "publication" / "world.json"  # says where it comes from
NO_CAUSE = {"": N_("cause unknown"), "disputed": N_("disputed")}
COUNTRY, SERVICES, CAUSE, THIRD = 3, 4, 7, 8  # columns of the table that can be chosen from


def opening(page: Page) -> html.Block:
    """Say in three sentences what this is; outages of one's own are no part of the registry."""
    public = page.study.incidents.query("origin == 'public'")
    said = page.say(
        "This is an open registry of {n} major outages of telephone, internet, emergency-call and cloud services since "
        "{since}. For each it keeps what regulators, operators, courts and the press have said: when it began, who "
        "noticed, when the public was told, whom it hit and why, with the document and the place in it. Anyone may "
        "check it, correct it and use it, to learn where an outage stands and how the public could be told sooner "
        "next time.",
        "lead",
        n=len(public),
        since=str(public["year"].min()),
    )
    own = page.words.n(
        "This page adds {n} outage from folders of your own; the folder stands behind its title.",
        "This page adds {n} outages from folders of your own; the folder stands behind each title.",
        page.n - len(public),
    )
    return html.stack(said, page.say("{own}", own=own) if page.n > len(public) else "")


def findings(
    page: Page, lengths: pd.DataFrame, facts: pd.DataFrame, one_by_one: pd.DataFrame, parties: pd.DataFrame
) -> html.Block:
    """Show the four findings, each with the page that goes into it; parameters as in `outages.report.findings.four`."""
    told = page if page.evidence.elsewhere else Page(page.study, "quality")  # no claims here that links could lead to
    cards = (
        (four.length(told, lengths), "outage-length", N_("How long they last")),
        (four.users(told, facts), "affected-users", N_("Whom they hit")),
        (four.delays(told, one_by_one), "detection-and-communication", N_("When they are noticed and announced")),
        (four.third_parties(told, parties), "third-parties", N_("Which other organisations had a part")),
    )
    lang = page.words.lang
    shown = [
        html.paragraph(said, "finding") + html.paragraph(html.relative(page.t(about), f"{name}.{lang}.html"), "more")
        for said, name, about in cards
    ]
    return html.stack(html.bullets(shown, "cards four"))


def table(page: Page, facts: pd.DataFrame, incidents: pd.DataFrame, parties: pd.DataFrame) -> html.Block:
    """Tabulate all incidents, latest first, and lay out what a script fills to choose among them."""
    rows = incidents.sort_values("onset", ascending=False, kind="stable")
    shown = page.table(
        "t-outages",
        rows,
        {
            "Outage": lambda r: html.dossier_link(r.title, r.Index, page.words.lang) + html.origin_mark(r.origin),
            **cells(page, facts, parties),
        },
        caption="All {n} outages. Length: from onset to the last service back. Delay in telling: from onset to the "
        "operator’s earliest known public statement. Where sources differ or are vague, both ends. A linked title "
        "leads to the dossier.",
        folded=False,
    )
    more = Markup('<button id="more" type="button" hidden>{}</button>').format(page.t("Show all these outages"))
    return html.stack(tools(page, rows), shown, more)


def cells(page: Page, facts: pd.DataFrame, parties: pd.DataFrame) -> dict[str, Callable[[Any], html.Cell]]:
    """Return what the table of outages says of each beside its title, a function of its row by head."""
    words, late = page.words, facts["to_earliest_statement"]["after_end"]
    chain = parties[parties["involvement"].isin(CAUSAL)].groupby("incident_id")["party"].unique()
    none = page.t("none known in the causal chain")

    def delay(row: Any) -> Markup:
        if late[row.Index]:
            return html.datum(page.t("after the end"), math.inf, math.inf)
        return time(page, facts["to_earliest_statement"].loc[row.Index], N_("delay unknown"))

    def cause(row: Any) -> html.Cell:
        code = row.root_cause
        return html.lacking(page.t(NO_CAUSE[code])) if code in NO_CAUSE else words.label("root_cause", code)

    def third(row: Any) -> html.Cell:
        return ", ".join(map(words.party, chain[row.Index])) if row.Index in chain.index else html.lacking(none)

    return {
        page.t("Date"): lambda r: html.day(words.short_day(r.Index[:10], with_day=True), r.Index[:10]),
        page.t("Operator"): lambda r: words.party(r.operator),
        page.t("Country"): lambda r: ", ".join(words.countries(r.country.split(";"))),
        page.t("Services"): lambda r: words.label("services", r.services),
        page.t("Length"): lambda r: time(page, facts["length"].loc[r.Index], N_("length unknown")),
        page.t("Delay in telling"): delay,
        page.t("Cause"): cause,
        page.t("Third party"): third,
    }


def time(page: Page, ends: pd.Series, lacking: str) -> Markup:
    """Return a length of time with the minutes by which it is sorted: its low end, then its high end."""
    low, high = float(ends["low"]), float(ends["high"])
    if math.isnan(low) or (low == 0 and math.isinf(high)):
        return html.lacking(page.t(lacking))
    return html.datum(page.words.interval(Interval(low, high), "round_minutes"), low, high)


def tools(page: Page, incidents: pd.DataFrame) -> Markup:
    """Lay out search, filters, map and timeline; they are hidden until a script fills them from the table."""
    t = page.t
    among = Markup('data-column="{}" data-any="{}"').format(THIRD, t("in the causal chain"))
    chosen = [
        chooser(t("Country"), t("all countries"), f'data-column="{COUNTRY}"'),
        chooser(t("Service"), t("all services"), f'data-column="{SERVICES}"'),
        chooser(t("Cause"), t("all causes"), f'data-column="{CAUSE}"'),
        chooser(t("Third party"), t("with or without"), among),
        chooser(t("From (year)"), t("the first"), 'data-year="from"'),
        chooser(t("To (year)"), t("the last"), 'data-year="to"'),
    ]
    form = Markup(
        '<form class="choose" role="search" aria-label="{}" autocomplete="off">'
        '<label class="find">{}<input type="search" '
        'placeholder="{}"></label>{}<button type="reset">{}</button></form>'
    ).format(t("Choose outages"), t("Search"), t("operator, country, supplier …"), Markup("").join(chosen), t("Reset"))
    years = Markup('<div class="years" role="toolbar" aria-label="{}"></div>').format(t("Outages by year"))
    shown = page.words._("{shown} of {all} outages shown")
    status = Markup('<p class="shown" role="status" data-form="{}"></p>').format(shown)
    return Markup('<div id="tools" hidden data-pair="{}">{}{}{}{}</div>').format(
        page.words.pair("{name}", "{count}"), form, world(page, incidents["country"]), years, status
    )


def chooser(label: str, every: str, attributes: str) -> Markup:
    """Return a choice that a script fills."""
    return Markup('<label>{}<select {}><option value="">{}</option></select></label>').format(
        label, Markup(attributes), every
    )


def world(page: Page, countries: Iterable[str]) -> Markup:
    """Return a map of the world with a button at each country of the incidents; a script sizes them."""
    land, places = outline()
    codes = sorted({code for cell in countries for code in cell.split(";")} & set(places))
    form = Markup('<button type="button"{} style="left:{:.1f}%;top:{:.1f}%">{}</button>')
    nowhere = Markup(' class="nowhere"')
    named = zip(codes, page.words.countries(codes), strict=True)
    buttons = [form.format(nowhere if code == "001" else "", *places[code], name) for code, name in named]
    return Markup('<div class="map">{}<div role="toolbar" aria-label="{}">{}</div></div>').format(
        land, page.t("Outages by country"), Markup("").join(buttons)
    )


def outline() -> tuple[Markup, dict[str, tuple[float, float]]]:
    """Return the land of the world as SVG, and where on it each country is, in percent from the left and the top."""
    drawn = json.loads(WORLD.read_text(encoding="utf-8"))
    wide, high = drawn["size"]
    land = Markup('<svg viewBox="0 0 {} {}" aria-hidden="true"><path d="{}"/></svg>').format(wide, high, drawn["land"])
    places = {code: (100 * x / wide, 100 * y / high) for code, (x, y) in drawn["points"].items()}
    return land, places | {"001": (5.0, 101.0)}  # no country: in the open sea


def foot(page: Page) -> html.Block:
    """Say what to cite, under which licence, and whose the map is."""
    return page.say(
        "Data version {version}, licence CC BY 4.0; name the version when you cite. Not a random sample: famous "
        "outages and talkative regulators are over-represented. Map: Natural Earth, public domain; names and places "
        "of countries imply no opinion on their status.",
        "scope",
    )
