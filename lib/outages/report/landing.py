"""What is this, what does it find, and which outages are in it? The parts of the landing page."""

import json
import math
from collections.abc import Iterable

import pandas as pd
from markupsafe import Markup

from outages.facts.third_parties import CAUSAL
from outages.facts.timeline import timed
from outages.language import N_
from outages.paths import REPORTS
from outages.report import html
from outages.report.part import Page
from outages.stats.intervals import Interval, how_many, quantile

WORLD = REPORTS / "template" / "publication" / "world.json"  # says where it comes from
MANY_PEOPLE = 1_000_000
SHARES = (  # from the top, the first that is reached
    (3 / 4, N_("three outages in four")),
    (2 / 3, N_("two outages in three")),
    (1 / 2, N_("half of the outages")),
    (1 / 3, N_("one outage in three")),
    (1 / 4, N_("one outage in four")),
    (1 / 5, N_("one outage in five")),
    (1 / 10, N_("one outage in ten")),
)
OTHERS = (  # pages beside those that the findings link to
    ("recommendations", N_("What was recommended")),
    ("status-pages", N_("How fast operators tell their users")),
    ("data-quality", N_("How reliable the data are")),
    ("methods", N_("Methods")),
)
NO_CAUSE = {"": N_("cause unknown"), "disputed": N_("sources disagree")}
DATE, COUNTRY, SERVICES, CAUSE, THIRD = 1, 3, 4, 7, 8  # columns of the table that can be chosen from


def opening(page: Page) -> html.Block:
    """Say in three sentences what this is."""
    since = page.study.incidents["year"].min()
    text = page.t(
        "This is an open registry of {n} major outages of telephone, internet, emergency-call and cloud services since "
        "{since}. For each it keeps what regulators, operators, courts and the press have said: when it began, who "
        "noticed, when the public was told, whom it hit and why, with the document and the place in it. Anyone may "
        "check it, correct it and use it, to learn where an outage stands and how the next one could be told sooner.",
        since=str(since),
    )
    return html.stack(html.paragraph(text, "lead"))


def findings(page: Page, facts: pd.DataFrame, incidents: pd.DataFrame) -> html.Block:
    """Say each of the four findings in a sentence, with bounds and number of cases in a small line."""
    told = (
        ("outage-length", N_("How long they last"), length(page, facts["length"])),
        ("affected-users", N_("Whom they hit"), users(page, facts["users_affected"], incidents["emergency_calls"])),
        ("detection-and-communication", N_("When they are seen and told"), delays(page, facts)),
        ("third-parties", N_("On whom operators depend"), third_parties(page, incidents["third_party"])),
    )
    cards = [
        Markup("\n").join(
            (
                Markup("<h3>{}</h3>").format(link(page, name, page.t(head))),
                html.paragraph(said, "finding"),
                html.paragraph(small.replace(" = ", "\u00a0=\u00a0"), "small"),
            )
        )
        for name, head, (said, small) in told
    ]
    return html.stack(html.bullets(cards, "cards"))


def length(page: Page, lengths: pd.DataFrame) -> tuple[str, str]:
    """Say how long half of the outages lasted."""
    if not page.enough(lengths):
        return page.t("Too few lengths are known to say."), ""
    median = quantile(lengths[["low", "high"]].dropna(), 0.5)
    return (
        page.t("Half of the outages were over after {time}.", time=in_round(page, median)),
        page.t("Median: {median}; length known for {k} of {n}.", median=bounds(page, median), k=how_many(lengths)),
    )


def users(page: Page, people: pd.DataFrame, calls: pd.Series) -> tuple[str, str]:
    """Say in how many outages a million people were hit, and in how many emergency calls."""
    said = page.t(
        "A million people or more were hit in at least {many} of them, emergency calls in {share}.",
        many=int((people["low"] >= MANY_PEOPLE).sum()),
        share=at_least(page, calls),
    )
    small = page.t("People are counted for {k} of {n}; emergency calls were affected in {calls}.",
                   k=how_many(people), calls=int(calls.sum()))  # fmt: skip
    return said, small


def delays(page: Page, facts: pd.DataFrame) -> tuple[str, str]:
    """Say after what time half of the operators had noticed, and had told the public."""
    seen, word = timed(facts["to_detection"]), timed(facts["to_known_word"])
    if not page.enough(seen, word):
        return page.t("Too few hours are known to say."), ""
    noticed, told = (quantile(lags.dropna(), 0.5) for lags in (seen, word))
    return (
        page.t(
            "Half of the operators had noticed after {noticed}; half had told the public after {told}.",
            noticed=in_round(page, noticed),
            told=in_round(page, told),
        ),
        page.t(
            "Medians: detection {noticed} (n = {seen}); earliest known statement {told} (n = {word}). Delays known to "
            "within two hours.",
            noticed=bounds(page, noticed),
            told=bounds(page, told),
            seen=how_many(seen),
            word=how_many(word),
        ),
    )


def third_parties(page: Page, named: pd.Series) -> tuple[str, str]:
    """Say in which part of the outages a third party stands in the chain of causes."""
    return (
        page.t("Another organisation had a part in the cause of {share}.", share=at_least(page, named)),
        page.t("Named in {k} of {n}; that no source names one does not prove that there was none.", k=int(named.sum())),
    )


def at_least(page: Page, holds: pd.Series) -> str:
    """Return a share as the largest simple fraction that it reaches."""
    share = float(holds.mean())
    simple = next((text for least, text in SHARES if share >= least), "")
    if simple:
        return page.t("at least {share}", share=page.t(simple))
    return page.t("{share} of the outages", share=page.words.percent(share))


def in_round(page: Page, time: Interval | None) -> str:
    """Return a length of time in round words: at most its end where it may be nothing, roughly its middle otherwise."""
    if time is None or math.isinf(time.high):
        return bounds(page, time)
    form, minutes = (
        (N_("{time} at most"), time.high) if time.low == 0 else (N_("roughly {time}"), (time.low + time.high) / 2)
    )
    n = page.words.n
    if minutes < 55:
        said = n("{n} minute", "{n} minutes", max(5 * math.ceil(minutes / 5), 5))
    elif minutes < 2160:
        said = n("{n} hour", "{n} hours", round(minutes / 60))
    else:
        said = n("{n} day", "{n} days", round(minutes / 1440))
    return page.t(form, time=said.replace(" ", "\u00a0"))


def bounds(page: Page, time: Interval | None) -> str:
    """Return both ends of a length of time."""
    return page.words.interval(time, "round_minutes")


def link(page: Page, name: str, text: str) -> Markup:
    """Link to a page of the same folder and language."""
    return html.relative(text, f"{name}.{page.words.lang}.html")


def readings(page: Page) -> html.Block:
    """Link to the decision note, the comparative report and the other pages."""
    doors = (
        ("decision-note", N_("The outage of 2 June 2021: decision note"),
         N_("Emergency calls at Orange: was the operator slow to speak beside its peers, and what should change? Two pages.")),
        ("comparative-report", N_("Comparative report"),
         N_("The four questions with figures and tables, and every number down to the document it comes from.")),
    )  # fmt: skip
    cards = [
        Markup("<h3>{}</h3>").format(link(page, name, page.t(head))) + html.paragraph(page.t(about), "small")
        for name, head, about in doors
    ]
    more = [link(page, name, page.t(head)) for name, head in OTHERS]
    more.append(html.relative(page.t("All pages"), f"pages.html#{page.words.lang}"))
    return html.stack(html.bullets(cards, "cards"), html.bullets(more, "others"))


def table(page: Page, facts: pd.DataFrame, incidents: pd.DataFrame, parties: pd.DataFrame) -> html.Block:
    """Tabulate all incidents, latest first, and lay out what a script fills to choose among them."""
    rows, words = incidents.sort_values("onset", ascending=False, kind="stable"), page.words
    chain = parties[parties["involvement"].isin(CAUSAL)].groupby(level=0)["party"].unique()
    late = facts["to_known_word"]["after_end"]
    columns = {
        page.t("Outage"): [
            html.dossier_link(r.title, str(r.Index), words.lang) + html.origin_mark(r.origin) for r in rows.itertuples()
        ],
        page.t("Date"): [
            html.day(words.short_day(str(i)[:10], with_day=True), str(i)[:10]) for i in rows.index
        ],
        page.t("Operator"): [", ".join(names.split(";")) for names in rows["operator"]],
        page.t("Country"): [", ".join(words.countries(codes.split(";"))) for codes in rows["country"]],
        page.t("Services"): [words.label("services", codes) for codes in rows["services"]],
        page.t("Length"): [time(page, facts["length"].loc[i], N_("length unknown")) for i in rows.index],
        page.t("Told after"): [
            html.datum(page.t("after the end"), math.inf)
            if late[i]
            else time(page, facts["to_known_word"].loc[i], N_("delay unknown"))
            for i in rows.index
        ],
        page.t("Cause"): [
            html.lacking(page.t(NO_CAUSE[code])) if code in NO_CAUSE else words.label("root_cause", code)
            for code in rows["root_cause"]
        ],
        page.t("Third party"): [
            ", ".join(map(words.party, chain[i])) if i in chain.index else html.lacking(page.t("no third party named"))
            for i in rows.index
        ],
    }  # fmt: skip
    caption = page.t(
        "All {n} outages. Length: from onset to the last service back. Told after: from onset to the operator’s earliest "
        "known public statement. Where sources differ or are vague, both ends. A linked title leads to the dossier."
    )
    heads = [
        words.pair(head, "") for head in map(page.t, (N_("length"), N_("told after"), N_("cause"), N_("third party")))
    ]
    named = "--length:'{}';--told:'{}';--cause:'{}';--third:'{}'"  # what a phone writes before the cells of a card
    told = Markup('<div style="{}">').format(named.format(*heads))
    return html.stack(tools(page, rows), told, page.table("t-outages", caption, columns), Markup("</div>"))


def time(page: Page, ends: pd.Series, lacking: str) -> Markup:
    """Return a length of time with the minutes by which it is sorted: its middle, its low end where it has no other."""
    low, high = float(ends["low"]), float(ends["high"])
    if math.isnan(low) or (low == 0 and math.isinf(high)):
        return html.lacking(page.t(lacking))
    return html.datum(bounds(page, Interval(low, high)), low if math.isinf(high) else (low + high) / 2)


def tools(page: Page, incidents: pd.DataFrame) -> Markup:
    """Lay out search, filters, map and timeline; they are hidden until a script fills them from the table."""
    t = page.t
    chosen = [
        chooser(t("Country"), t("all"), f'data-column="{COUNTRY}"'),
        chooser(t("Service"), t("all"), f'data-column="{SERVICES}"'),
        chooser(t("Cause"), t("all"), f'data-column="{CAUSE}"'),
        chooser(t("Third party"), t("all"), Markup('data-column="{}" data-any="{}"').format(THIRD, t("named"))),
        chooser(t("From"), t("the first"), 'data-year="from"'),
        chooser(t("To"), t("the last"), 'data-year="to"'),
    ]
    form = Markup(
        '<form class="choose" role="search" aria-label="{}" autocomplete="off"><label class="find">{}<input type="search" '
        'placeholder="{}"></label>{}<button type="reset">{}</button></form>'
    ).format(t("Choose outages"), t("Search"), t("operator, country, supplier …"), Markup("").join(chosen), t("Reset"))
    years = Markup('<div class="years" role="toolbar" aria-label="{}"></div>').format(t("Outages by year"))
    status = Markup('<p class="shown" role="status" data-form="{}"></p>').format(
        t("{shown} of {all} outages shown", shown="{shown}", all="{all}")
    )
    form_of_pair = page.words.pair("{name}", "{count}")
    return Markup('<div id="tools" hidden data-pair="{}">{}{}{}{}</div>').format(
        form_of_pair, form, world(page, incidents["country"]), years, status
    )


def chooser(label: str, every: str, attributes: str) -> Markup:
    """Return a choice that a script fills."""
    return Markup('<label>{}<select {}><option value="">{}</option></select></label>').format(
        label, Markup(attributes), every
    )


def world(page: Page, countries: Iterable[str]) -> Markup:
    """Return a map of the world with a button at each country of the incidents; a script sizes them."""
    drawn = json.loads(WORLD.read_text(encoding="utf-8"))
    wide, high = drawn["size"]
    places = drawn["points"] | {"001": (0.07 * wide, 0.93 * high)}  # no country: in the open sea
    codes = sorted({code for cell in countries for code in cell.split(";")} & set(places))
    buttons = [
        Markup('<button type="button"{} style="left:{:.1f}%;top:{:.1f}%">{}</button>').format(
            Markup(' class="nowhere"' if code == "001" else ""),
            100 * places[code][0] / wide,
            100 * places[code][1] / high,
            name,
        )
        for code, name in zip(codes, page.words.countries(codes), strict=True)
    ]
    return Markup(
        '<div class="map"><svg viewBox="0 0 {} {}" aria-hidden="true"><path d="{}"/></svg><div role="toolbar" '
        'aria-label="{}">{}</div></div>'
    ).format(wide, high, drawn["land"], page.t("Outages by country"), Markup("").join(buttons))


def foot(page: Page) -> html.Block:
    """Say what to cite, under which licence, and whose the map is."""
    text = page.t(
        "Data version {version}, licence CC BY 4.0; name the version when you cite. Not a random sample: famous outages "
        "and talkative regulators are over-represented. Map: Natural Earth, public domain; names and places of countries "
        "imply no opinion on their status."
    )
    return html.stack(html.paragraph(text, "scope"))
