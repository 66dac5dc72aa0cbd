"""How fast do operators tell their users? Complete lists, never pooled with curated incidents."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from outages import __version__
from outages.facts.cohorts import exact, grouped, joined, shares, telling, within
from outages.facts.groups import COMPLETE_LIST
from outages.figures import ecdf
from outages.language import N_, Words
from outages.paths import DATA
from outages.registry.registry import read_registry
from outages.report.html import Block, Cell, bullets, stack
from outages.report.part import Page, by_incident
from outages.report.worth import enough
from outages.stats.intervals import Interval, how_many, quantile
from outages.stats.turnbull import share_within
from outages.studies.cohorts import open_cohorts, version_of
from outages.studies.opening import overlay_names
from outages.studies.parameters import check_common, check_texts, limits_of
from outages.studies.selection import selection

GRID = np.concatenate([np.arange(1.0, 60.0), np.geomspace(60, 2880, 140)])  # minutes at which curves are drawn
ENOUGH = 20  # known values of a list or a group, below which it is not shown


class CohortPage(Page):
    """A page on complete lists: it writes in the reader's language, and sets figures and tables around frames.

    Parameters
    ----------
    lang : `en` or `fr`
    data : folders laid over the public registry
    limits : time limits for a first post, in minutes, separated by `;`
    """

    def __init__(self, lang: str = "en", data: Sequence[str] = (), limits: str = "15;30;60"):
        check_common(lang, "authority", data, DATA)
        check_texts(limits=limits)
        self.words, self.data, self.limits = Words(lang), tuple(data), limits_of(limits)
        self.middle = self.limits[len(self.limits) // 2]  # the time limit of which most is said
        overlays = overlay_names(read_registry(data)) if data else ()  # which are thereby checked whole
        version, chosen = f"{__version__}+{version_of(data)}", selection(self.words, {}, overlays)
        self.study: Any = SimpleNamespace(registry=SimpleNamespace(version=version), n=0, selection=chosen)  # no study
        self.cohorts = open_cohorts(data)
        self.names = names(self.cohorts, lang)


def names(cohorts: pd.DataFrame, lang: str) -> dict[str, str]:
    """Return a short name of each cohort: its operator, where that is one and keeps one list only, else its title."""
    operator = cohorts["operator"]
    alone = ~operator.duplicated(keep=False) & ~operator.str.contains(";")
    return operator.where(alone, cohorts[f"title_{lang}"]).to_dict()


def medians(entries: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return one row a cohort: the `median` of a measure, `n` known `of` all."""
    return entries.groupby("cohort_id", sort=False)[measure].agg(median="median", n="count", of="size")


def headline(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Say how many outages would have met the time limit in the middle."""
    rows = within(entries[entries["cohort_id"].isin(telling(entries))], [page.middle])
    if rows.empty:
        return page.little()
    form = N_("{share} of {n} at {name}")
    told = [
        page.t(form, share=page.words.whole(r.share), n=r.known, name=page.names[r.cohort_id])
        for r in rows.sort_values("share", ascending=False).itertuples()
    ]
    said = page.t(
        "<strong>Within {limit}.</strong> Outages with a first post by then, of those whose onset and first post are "
        "known: {shares}.",
        limit=page.words.minutes(page.middle),
        shares=told,
    )
    return stack(bullets([said], "headlines"))


def halves(page: Page, lags: pd.Series, names: Mapping[str, str]) -> list[str]:
    """Write the first and the last of some medians of minutes by list."""
    ends = dict.fromkeys((lags.index[0], lags.index[-1]))  # of one list both are the same
    return [page.t("within {median} at {name}", median=page.words.minutes(lags[c]), name=names[c]) for c in ends]


def limits_table(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Tabulate how many outages of each list would have met the time limits of the page."""
    rows, given, words = within(entries, page.limits), telling(entries), page.words
    cell, middle = rows.set_index(["cohort_id", "limit"]), medians(entries, "lag")

    def met(limit: float, cohort: str) -> Cell:
        row = cell.loc[(cohort, limit)]
        share, of_n = words.whole(row["share"]), page.t("{k} of {n}", k=row["met"], n=row["known"])
        return Markup("<strong>{}</strong><br>{}").format(share, of_n)

    def worst(cohort: str) -> str:
        row = cell.loc[(cohort, page.middle)]
        return words.interval(Interval(row["low"], row["high"]), "whole")

    caption = [
        page.t(
            "First post on the status page or ticket feed, counted from the stated onset. Shares are of the outages of "
            "which both are known. Data version {version}"
        )
    ]
    if without := [page.names[c] for c in entries["cohort_id"].unique() if c not in given]:
        caption.append(
            page.t("Not listed, as both are known of fewer than half of the outages: {lists}", lists=without)
        )
    return page.table(
        "t-limits",
        given,
        {
            "List": lambda c: page.cohorts.at[c, f"title_{words.lang}"],
            **{page.t("Within {limit}", limit=words.minutes(m)): partial(met, m) for m in page.limits},
            "Half within": lambda c: words.minutes(middle.at[c, "median"]),
            "Onset and post known": lambda c: page.t("{k} of {n}", k=middle.at[c, "n"], n=middle.at[c, "of"]),
            page.t("Within {limit}, whatever the unknown lags", limit=words.minutes(page.middle)): worst,
        },
        caption="{said}",
        said=". ".join(caption),
    )


def curves(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Draw the share of outages with a first post by each time after the onset, one curve a list."""
    rows, order = medians(entries, "lag"), telling(entries)[: ecdf.MOST_EXACT]
    if not order:
        return page.little()
    found = {c: shares(entries.loc[entries["cohort_id"] == c, "lag"], GRID) for c in order}
    half = {c: page.words.minutes(rows.at[c, "median"]) for c in order}
    form = N_("{name}: half within {median} (n = {n})")
    drawn = {page.t(form, name=page.names[c], median=half[c], n=rows.at[c, "n"]): found[c] for c in order}
    lines = [page.words.minutes(m) for m in page.limits if m <= GRID[-1]]
    left = [page.names[c] for c in rows.index if c not in order and rows.at[c, "n"]]
    caption = page.joined(
        "Share of the outages that had a first post on the status page or ticket feed by each time, of those whose "
        "onset and first post are known. Band: 95% interval at each time. Lists differ in what they hold: curves "
        "describe, they do not rank.",
        "Dotted lines: limits of {limits}." if lines else "",
        "Not drawn, since too few entries state an onset: {lists}." if left else "",
    )
    data = pd.concat([f.assign(cohort_id=c, n=rows.at[c, "n"]) for c, f in found.items()], ignore_index=True)
    xlabel = page.t("time from onset to first post (logarithmic scale)")
    ylabel = page.t("share of outages with a first post")
    return page.figure(
        "f-told",
        ecdf.exact_curves(drawn, page.words, limits=page.limits, xlabel=xlabel, ylabel=ylabel),
        data[["cohort_id", "minutes", "share", "low", "high", "n"]],
        title="Half of the outages are announced {halves}",
        alt="Curves of the share of outages with a first post. {rows}.",
        caption=caption,
        unit="share",
        k=int(rows.loc[order, "n"].sum()),
        halves=halves(page, rows.loc[order, "median"], page.names),
        rows=list(drawn),
        limits=lines,
        lists=page.words._("; ").join(left),
    )


def events_of(page: CohortPage, entries: pd.DataFrame) -> pd.DataFrame:
    """Return the events that some entries make up, as `outages.cohort_entries` returns those of all."""
    return grouped(joined(entries), page.cohorts["timezone"]) if len(entries) else entries


def joined_table(page: CohortPage, entries: pd.DataFrame, events: pd.DataFrame) -> Block:
    """Tabulate entries and events of the lists where several entries make up one event."""
    size, joint = entries["cohort_id"].value_counts(), events["cohort_id"].value_counts()
    lists = [c for c in telling(entries) if c in joint and size[c] != joint[c]]

    def columns(what: str, rows: pd.DataFrame) -> dict[str, Callable[[str], str]]:
        found, met = medians(rows, "lag"), within(rows, [page.middle]).set_index("cohort_id")["share"]
        limit = page.t("{what}: within {limit}", what=what, limit=page.words.minutes(page.middle))
        return {
            what: lambda c: page.words.number(found.at[c, "of"]),
            page.t("{what}: half within", what=what): lambda c: page.words.minutes(found.at[c, "median"]),
            limit: lambda c: page.words.whole(met[c]),
        }

    return page.table(
        "t-joined",
        lists,
        {"List": page.names.__getitem__, **columns(page.t("Entries"), entries), **columns(page.t("Events"), events)},
        caption="Counted by entry and by event: an event begins with its first onset and is announced by the first "
        "post of any of its entries",
    )


def beside(page: Page, statements: pd.DataFrame, entries: pd.DataFrame, data: Sequence[Path | str] = ()) -> Block:
    """Set lags of curated incidents (`statements`: minutes from onset to the first or earliest known one) and those of
    complete lists (`entries`, as `outages.cohort_entries`) side by side; nothing is pooled. `page` is of a study.
    """
    short, order, middle = names(open_cohorts(data), page.words.lang), telling(entries), medians(entries, "lag")
    if not order:
        return page.little()
    statements = by_incident(statements)
    found_by = page.study.incidents.loc[statements.index, "found_by"]
    if (found_by == COMPLETE_LIST).any():
        return page.dropped("No comparison with the operators’ own lists: these outages are of such a list themselves.")

    def half(leg: tuple[str, pd.DataFrame]) -> str:
        return page.minutes(quantile(leg[1], 0.5)) if enough(leg[1]) else page.t("too few")

    def within_limit(limit: int, leg: tuple[str, pd.DataFrame]) -> str:
        if not enough(leg[1]):
            return page.t("too few")
        return page.words.interval(share_within(leg[1].dropna(subset=["low", "high"]), limit), "whole")

    said = page.say(
        "On the operators’ own lists half of the entries are announced {halves}. These are first posts on a status "
        "page, exact to the minute; the curated incidents were found one by one, {k} of {n} by searching the "
        "news. The two are not added up.",
        halves=halves(page, middle.loc[order, "median"], short),
        k=int((found_by == "news_search").sum()),
        n=len(found_by),
    )
    legs = {
        page.t("Curated incidents, first or earliest known statement"): statements,
        **{page.t("List: {name}", name=short[c]): exact(entries[entries["cohort_id"] == c], "lag") for c in order},
    }
    shown = page.table(
        "t-beside",
        legs.items(),
        {
            "Set of outages": lambda leg: leg[0],
            "Known for": lambda leg: page.t("{k} of {n}", k=how_many(leg[1]), n=len(leg[1])),
            "Half within": half,
            **{
                page.t("Within {limit}, of those known", limit=page.words.minutes(m)): partial(within_limit, m)
                for m in (30, 60)
            },
        },
        caption="Time from onset to first statement: curated incidents and the operators’ own lists, side by side",
    )
    return stack(said, shown)
