"""How fast do operators tell their users, as a page says it? Complete lists, never pooled with curated incidents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from babel import Locale
from markupsafe import Markup

from outages import __version__
from outages.cohort_lists import open_cohorts, version_of
from outages.facts.cohorts import exact, posted_after_the_end, replayed, shares, telling, within
from outages.figures import intervals
from outages.figures.told import MOST, told
from outages.language import Words
from outages.paths import DATA
from outages.registry.files import read_stack
from outages.report.html import Block, Cell, bullets, outside, stack
from outages.report.part import FEW, Page
from outages.stats.inference import proportion, quantile_interval
from outages.stats.intervals import Interval, how_many, quantile
from outages.stats.turnbull import share_within

LIMITS = (15, 30, 60)  # minutes of published limits for first statements
GRID = np.concatenate([np.arange(1.0, 60.0), np.geomspace(60, 2880, 140)])  # minutes at which curves are drawn


@dataclass(frozen=True)
class Lists:
    """What a page on complete lists stands on, in the place of a study."""

    version: str
    n: int = 0
    focus: str = ""
    titles: pd.Series = field(default_factory=lambda: pd.Series(dtype=str))

    @property
    def registry(self) -> "Lists":
        """The holder of the data version."""
        return self


class CohortPage(Page):
    """A page on complete lists: it writes in the reader's language, and sets figures and tables around frames."""

    def __init__(self, lang: str, data: Sequence[Path | str]):
        self.words, self.data = Words(lang), tuple(data)
        self.study: Any = Lists(f"{__version__}+{version_of(data)}")
        self.cohorts = open_cohorts(data)
        self.names = names(self.cohorts, lang)


def open_page(lang: str = "en", data: Sequence[Path | str] = ()) -> CohortPage:
    """Open a page on the cohorts of the registry, in `en` or `fr`, with folders laid over it."""
    return CohortPage(lang, data)


def names(cohorts: pd.DataFrame, lang: str) -> dict[str, str]:
    """Return a short name of each cohort: its operator, where that is one and keeps one list only, else its title."""
    operator = cohorts["operator"]
    alone = ~operator.duplicated(keep=False) & ~operator.str.contains(";")
    return operator.where(alone, cohorts[f"title_{lang}"]).to_dict()


def name_of(page: CohortPage, cohort: str) -> str:
    """Return the short name of a cohort."""
    return page.names[cohort]


def rough(page: Page, minutes: float) -> str:
    """Write a length of time as one says it: to the minute below an hour, to five minutes above."""
    return page.words.minutes(minutes if minutes < 60 else 5 * round(minutes / 5), hours_from=60)


def whole(page: Page, share: float) -> str:
    """Write a share as one says it, in whole percent."""
    return page.words.percent(round(share, 2))


def small(text: str) -> Markup:
    """Set bounds and numbers in small type behind a finding."""
    return Markup(' <span class="sure">{}</span>').format(text)


def medians(entries: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return one row a cohort: the `median` of a measure, its 95% interval (`ci_low`, `ci_high`), `n` known `of` so many."""
    rows = {}
    for cohort, part in entries.groupby("cohort_id", sort=False)[measure]:
        known = part.dropna()
        chance = quantile_interval(pd.DataFrame({"low": known, "high": known}), 0.5) if len(known) >= FEW else None
        ends = [getattr(chance, end, np.nan) for end in ("low", "high")]
        rows[cohort] = (known.median(), *ends, len(known), len(part))
    return pd.DataFrame.from_dict(rows, orient="index", columns=["median", "ci_low", "ci_high", "n", "of"])


def headline(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Say what the page found."""
    sentences = (half_an_hour, silent_share, after_the_end, alerted)
    return stack(bullets([found for said in sentences if (found := said(page, entries))], "headlines"))


def half_an_hour(page: CohortPage, entries: pd.DataFrame) -> Markup | None:
    """Say who would have met a limit of thirty minutes."""
    rows = within(entries[entries["cohort_id"].isin(telling(entries))], [30]).sort_values("share", ascending=False)
    if len(rows) < 2:
        return None
    best, others = rows.iloc[0], rows.iloc[1:]
    form = page.words._(
        "<strong>Half an hour.</strong> A first post within 30 minutes: {best_share} of the outages of {best}, {low} to {high} of those of {others}."
    )
    said = Markup(form).format(
        best_share=whole(page, best["share"]),
        best=name_of(page, best["cohort_id"]),
        low=whole(page, others["share"].min()),
        high=whole(page, others["share"].max()),
        others=page.words.listed([name_of(page, c) for c in others["cohort_id"]]),
    )
    of_n = [f"{name_of(page, r.cohort_id)} {page.words.number(r.known)}" for r in rows.itertuples()]
    return said + small(page.t("Outages whose onset is stated: {rows}.", rows=page.words.listed(of_n)))


def silent_share(page: CohortPage, entries: pd.DataFrame) -> Markup | None:
    """Say how much of an outage passed before the first post."""
    rows = medians(entries[entries["cohort_id"].isin(telling(entries))], "silence").query("n >= 20").sort_values("median")
    if len(rows) < 2:
        return None
    form = page.words._(
        "<strong>Silence.</strong> When they are announced, half of the outages are at least {low_share} over at {low}, and {high_share} at {high}."
    )
    low, high = rows.iloc[0], rows.iloc[-1]
    return Markup(form).format(
        low_share=whole(page, low["median"]),
        low=name_of(page, rows.index[0]),
        high_share=whole(page, high["median"]),
        high=name_of(page, rows.index[-1]),
    ) + small(page.t("n = {low_n} and {high_n}.", low_n=int(low["n"]), high_n=int(high["n"])))


def after_the_end(page: CohortPage, entries: pd.DataFrame) -> Markup | None:
    """Say how many outages were posted only when they were over."""
    late = posted_after_the_end(entries)
    if late.empty:
        return None
    k, n = int(late["late"].sum()), len(late)
    chance, cohorts = proportion(k, n), page.words.listed([name_of(page, c) for c in late["cohort_id"].unique()])
    form = page.words._("<strong>After the end.</strong> {cohorts} posted {share} of its outages only when they were over.")
    numbers = page.t(
        "{k} of {n} whose onset was set afterwards; 95% interval {low} to {high}.",
        k=k,
        n=n,
        low=page.words.percent(chance.low),
        high=page.words.percent(chance.high),
    )
    return Markup(form).format(cohorts=cohorts, share=whole(page, k / n)) + small(numbers)


def alerted(page: CohortPage, entries: pd.DataFrame) -> Markup | None:
    """Say where the time goes between onset, alert and post."""
    both = entries.dropna(subset=["alert_to_post"])
    if len(both) < FEW:
        return None
    first, then = both["onset_to_alert"].median(), both["alert_to_post"].median()
    form = page.words._(
        "<strong>Where the time goes.</strong> At {cohort} the engineers are alerted after {first}; the first post takes another {then} (medians)."
    )
    if first > then:
        form = page.words._(
            "<strong>Where the time goes.</strong> At {cohort} noticing takes longer than telling: {first} until the alert, {then} from there to the first post (medians)."
        )
    cohort = page.words.listed([name_of(page, c) for c in both["cohort_id"].unique()])
    said = Markup(form).format(cohort=cohort, first=rough(page, first), then=rough(page, then))
    return said + small(page.t("n = {low_n} and {high_n}.", low_n=int(both["onset_to_alert"].count()), high_n=len(both)))


def limits_table(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Tabulate how many outages of each list would have met limits of 15, 30 and 60 minutes."""
    rows, given = within(entries, LIMITS), telling(entries)
    rows = rows[rows["cohort_id"].isin(entries.loc[entries["first_post"].notna() & entries["onset"].notna(), "cohort_id"])]
    order = [*given, *sorted(set(rows["cohort_id"]) - set(given))]
    cell = rows.set_index(["cohort_id", "limit"])
    middle = medians(entries, "lag")

    def met(cohort: str, limit: float) -> Cell:
        row = cell.loc[(cohort, limit)]
        if cohort not in given:
            return page.t("too few onsets")
        share, of_n = whole(page, row["share"]), page.t("{k} of {n}", k=int(row["met"]), n=int(row["known"]))
        return Markup("<strong>{}</strong><br>{}").format(share, of_n)

    def worst(cohort: str) -> str:
        row = cell.loc[(cohort, 30)]
        return page.words.interval(Interval(round(row["low"], 2), round(row["high"], 2)), "percent")

    columns: dict[str, Sequence[Cell]] = {
        page.t("List"): [page.cohorts.at[c, f"title_{page.words.lang}"] for c in order],
        **{page.t("Within {limit}", limit=page.words.minutes(m)): [met(c, m) for c in order] for m in LIMITS},
        page.t("Half within"): [rough(page, middle.at[c, "median"]) if c in given else "–" for c in order],
        page.t("Onset and post known"): [page.t("{k} of {n}", k=int(middle.at[c, "n"]), n=int(middle.at[c, "of"])) for c in order],
        page.t("30 min, if the others are counted both ways"): [worst(c) for c in order],
    }
    caption = page.t(
        "First post on the status page, counted from the stated onset. Shares are of the outages that state one; where fewer than half do, none is given. Data version {version}"
    )
    if without := [name_of(page, c) for c in entries["cohort_id"].unique() if c not in order]:
        caption += ". " + page.t("Not listed, as they give no onset or no posts: {lists}", lists=page.words.listed(without))
    return page.table("t-limits", caption, columns)


def curves(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Draw the share of outages with a first post by each time after the onset, one curve a list."""
    rows, order = medians(entries, "lag"), telling(entries)[:MOST]
    if not order:
        return page.dropped("No list states enough onsets, so no curve is drawn.")
    found = {c: shares(entries.loc[entries["cohort_id"] == c, "lag"], GRID) for c in order}
    form = page.words._("{name}: half within {median} (n = {n})")
    label = {
        c: form.format(name=name_of(page, c), median=rough(page, rows.at[c, "median"]), n=page.words.number(rows.at[c, "n"]))
        for c in order
    }
    title = page.t(
        "Half of the outages are announced within {quick} at {first}, within {slow} at {last}",
        quick=rough(page, rows.at[order[0], "median"]),
        first=name_of(page, order[0]),
        slow=rough(page, rows.at[order[-1], "median"]),
        last=name_of(page, order[-1]),
    )
    left = [name_of(page, c) for c in rows.index if c not in order and rows.at[c, "n"]]
    caption = page.t(
        "Share of the outages whose onset is stated that had a first post on the status page by each time. Band: 95% interval at each time. Dotted lines: limits of {limits}. Lists differ in what they hold: curves describe, they do not rank.",
        limits=page.words.listed([page.words.minutes(m) for m in LIMITS]),
    )
    if left:
        caption += " " + page.t("Not drawn, since too few entries state an onset: {lists}.", lists=page.words.listed(left))
    data = pd.concat([f.assign(cohort_id=c, n=rows.at[c, "n"]) for c, f in found.items()], ignore_index=True)
    return page.figure(
        "f-told",
        told(
            {label[c]: f for c, f in found.items()},
            page.words,
            limits=LIMITS,
            xlabel=page.t("time from onset to first post (logarithmic scale)"),
            ylabel=page.t("share of outages with a first post"),
        ),
        title=title,
        alt=page.t("Curves of the share of outages with a first post. {rows}.", rows=page.words.listed(list(label.values()))),
        caption=caption,
        data=data[["cohort_id", "minutes", "share", "low", "high", "n"]],
        k=int(rows.loc[order, "n"].sum()),
    )


def silence(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Draw which share of each outage passed before the first post."""
    rows = medians(entries[entries["cohort_id"].isin(telling(entries))], "silence").query("n >= 20").sort_values("median")
    if rows.empty:
        return page.dropped("No list states enough onsets, posts and ends, so silence is not measured.")
    quartiles = entries["silence"].groupby(entries["cohort_id"]).quantile([0.25, 0.75]).unstack()
    table = pd.DataFrame(
        {
            "group": "",
            "label": [name_of(page, c) for c in rows.index],
            "low": rows["median"],
            "high": rows["median"],
            "outer_low": quartiles[0.25],
            "outer_high": quartiles[0.75],
            "text": [page.t("n = {k} of {n}", k=int(r.n), n=int(r.of)) for r in rows.itertuples()],
            "mark": False,
        },
        index=rows.index,
    )
    return page.figure(
        "f-silence",
        intervals.ranges(table, page.words, how="share", xlabel=page.t("share of the outage before the first post")),
        title=page.t(
            "At {last} half of the outages are at least {share} over when they are announced",
            last=name_of(page, rows.index[-1]),
            share=whole(page, rows["median"].iloc[-1]),
        ),
        alt=page.aloud((name_of(page, c), whole(page, r["median"])) for c, r in rows.iterrows()),
        caption=page.t(
            "Dot: median; line: the middle half of outages. An outage posted only after its end counts as wholly silent. Only entries that state onset, first post and end."
        ),
        data=table.drop(columns=["group", "mark", "text"]).rename_axis("cohort_id").reset_index(),
        k=int(rows["n"].sum()),
    )


def place(page: Page, jurisdiction: str) -> str:
    """Return the name of a country in the reader's language, of anything else as it stands."""
    return Locale.parse(page.words.locale).territories.get(jurisdiction, jurisdiction)


def replay_table(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Tabulate how published limits for first public statements would have been kept."""
    tables, _ = read_stack([DATA, *map(Path, page.data)], ["communication_targets", "sources"])
    targets, address = tables["communication_targets"], tables["sources"].set_index("source_id")["url"]
    rows = replayed(entries, page.cohorts.reset_index(), targets)
    rows = rows[rows["applies"] & rows["cohort_id"].isin(telling(entries))]
    if rows.empty:
        return page.dropped("No published limit speaks of first statements of such operators.")
    about = targets.set_index("target_id")
    at = [about.loc[t] for t in rows["target_id"]]
    columns: dict[str, Sequence[Cell]] = {
        page.t("Limit"): [
            outside(page.words.pair(place(page, t["jurisdiction"]), page.words.minutes(float(t["limit_minutes"]))), address[t["source_id"]])
            for t in at
        ],
        page.t("List"): [name_of(page, c) for c in rows["cohort_id"]],
        page.t("Met"): [page.words.number(k) for k in rows["met"]],
        page.t("Missed"): [page.words.number(k) for k in rows["missed"]],
        page.t("Unknown"): [page.words.number(k) for k in rows["unknown"]],
        page.t("In force there that day"): [page.words.number(k) for k in rows["in_force"]],
    }
    caption = page.t(
        "Published limits for a first public statement, replayed on lists of operators of the sector they are made for: a comparison of delays, no finding of breach"
    )
    return page.table("t-replay", caption, columns)


def beside(page: Page, statements: pd.DataFrame, entries: pd.DataFrame, data: Sequence[Path | str] = ()) -> Block:
    """Set the lags of curated incidents and of complete lists side by side; nothing is pooled.

    Parameters
    ----------
    page : of a study
    statements : time from onset to the first or earliest known public statement of each incident, `low` and `high` in minutes
    entries : as `outages.cohort_entries`
    """
    cohorts = open_cohorts(data)
    short, order = names(cohorts, page.words.lang), telling(entries)
    legs: Mapping[str, pd.DataFrame] = {
        page.t("Curated incidents, first or earliest known statement"): statements,
        **{page.t("List of {name}", name=short[c]): exact(entries[entries["cohort_id"] == c], "lag") for c in order},
    }
    columns: dict[str, Sequence[Cell]] = {
        page.t("Leg"): list(legs),
        page.t("Known for"): [page.t("{k} of {n}", k=how_many(leg), n=len(leg)) for leg in legs.values()],
        page.t("Half within"): [page.minutes(quantile(leg, 0.5)) for leg in legs.values()],
        **{
            page.t("Within {limit}, of those known", limit=page.words.minutes(m)): [
                page.words.interval(share_within(leg.dropna(subset=["low", "high"]), m), "percent") for leg in legs.values()
            ]
            for m in (30, 60)
        },
    }
    if not order:
        return page.dropped("No list states enough onsets to stand beside the curated incidents.")
    middle = medians(entries, "lag")
    form = page.words._(
        "On complete lists half of the outages are announced within {quick} ({first}) to {slow} ({last}). These are first posts on a status page, exact to the minute; the curated incidents were found because they were in the news. The two are not added up."
    )
    said = form.format(
        quick=rough(page, middle.at[order[0], "median"]),
        first=short[order[0]],
        slow=rough(page, middle.at[order[-1], "median"]),
        last=short[order[-1]],
    )
    caption = page.t("Time from onset to first statement: curated incidents and complete lists, side by side")
    return stack(Markup("<p>{}</p>").format(said), page.table("t-beside", caption, columns))
