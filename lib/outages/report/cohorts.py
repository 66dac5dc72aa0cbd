"""How fast do operators tell their users, as a page says it? Complete lists, never pooled with curated incidents."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from outages.facts.cohorts import exact, posted_after_the_end, shares, telling, within
from outages.figures.told import MOST, told
from outages.report.cohort_page import GRID, CohortPage, medians, name_of, names, small, whole
from outages.report.cohort_page import open_page as open_page
from outages.report.html import Block, Cell, bullets, stack
from outages.report.part import Page
from outages.stats.inference import FEW, proportion
from outages.stats.intervals import Interval, how_many, quantile
from outages.stats.turnbull import share_within
from outages.studies.cohorts import open_cohorts


def headline(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Say what the page found."""
    sentences = (in_time, silent_share, after_the_end, alerted)
    return stack(bullets([found for said in sentences if (found := said(page, entries))], "headlines"))


def in_time(page: CohortPage, entries: pd.DataFrame) -> Markup | None:
    """Say who would have met the time limit in the middle."""
    rows = within(entries[entries["cohort_id"].isin(telling(entries))], [page.middle]).sort_values(
        "share", ascending=False
    )
    if len(rows) < 2:
        return None
    best, others = rows.iloc[0], rows.iloc[1:]
    form = page.words._(
        "<strong>Within {limit}.</strong> {best_share} of the outages of {best} had a first post by then, and {low} "
        "to {high} of those of {others}."
    )
    said = Markup(form).format(
        limit=page.words.minutes(page.middle),
        best_share=whole(page, best["share"]),
        best=name_of(page, best["cohort_id"]),
        low=whole(page, others["share"].min()),
        high=whole(page, others["share"].max()),
        others=page.words.listed([name_of(page, c) for c in others["cohort_id"]]),
    )
    of_n = [f"{name_of(page, r.cohort_id)} {page.words.number(r.known)}" for r in rows.itertuples()]
    return said + small(page.t("Outages whose onset and first post are known: {rows}.", rows=page.words.listed(of_n)))


def silent_share(page: CohortPage, entries: pd.DataFrame) -> Markup | None:
    """Say how much of an outage passed before the first post."""
    rows = (
        medians(entries[entries["cohort_id"].isin(telling(entries))], "silence").query("n >= 20").sort_values("median")
    )
    if len(rows) < 2:
        return None
    form = page.words._(
        "<strong>Silence.</strong> By the time they are announced, half of the outages have run for at least "
        "{low_share} of their length at {low}, and {high_share} at {high}."
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
    form = page.words._(
        "<strong>After the end.</strong> Of the outages of {cohorts} whose onset was set afterwards, {share} were "
        "posted only when they were over."
    )
    numbers = page.t(
        "{k} of {n}; 95% interval {low} to {high}.",
        k=k,
        n=n,
        low=whole(page, chance.low),
        high=whole(page, chance.high),
    )
    return Markup(form).format(cohorts=cohorts, share=whole(page, k / n)) + small(numbers)


def alerted(page: CohortPage, entries: pd.DataFrame) -> Markup | None:
    """Say by when engineers are alerted and by when the page tells, in the entries that tell both."""
    both = entries.dropna(subset=["onset_to_alert", "lag", "alert_to_post"])
    if len(both) < FEW:
        return None
    form = page.words._(
        "<strong>Where the time goes.</strong> At {cohort} the engineers are alerted after {first}; the first post "
        "comes {then} after the onset (medians)."
    )
    cohort = page.words.listed([name_of(page, c) for c in both["cohort_id"].unique()])
    first, then = (page.words.minutes(both[name].median()) for name in ("onset_to_alert", "lag"))
    return Markup(form).format(cohort=cohort, first=first, then=then) + small(page.t("n = {k}.", k=len(both)))


def limits_table(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Tabulate how many outages of each list would have met the time limits of the page."""
    rows, given = within(entries, page.limits), telling(entries)
    rows = rows[
        rows["cohort_id"].isin(entries.loc[entries["first_post"].notna() & entries["onset"].notna(), "cohort_id"])
    ]
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
        row = cell.loc[(cohort, page.middle)]
        return page.words.interval(Interval(row["low"], row["high"]), "whole")

    columns: dict[str, Sequence[Cell]] = {
        page.t("List"): [page.cohorts.at[c, f"title_{page.words.lang}"] for c in order],
        **{page.t("Within {limit}", limit=page.words.minutes(m)): [met(c, m) for c in order] for m in page.limits},
        page.t("Half within"): [page.words.minutes(middle.at[c, "median"]) if c in given else "–" for c in order],
        page.t("Onset and post known"): [
            page.t("{k} of {n}", k=int(middle.at[c, "n"]), n=int(middle.at[c, "of"])) for c in order
        ],
        page.t("Within {limit}, whatever the unknown lags", limit=page.words.minutes(page.middle)): [
            worst(c) for c in order
        ],
    }
    caption = page.t(
        "First post on the status page or ticket feed, counted from the stated onset. Shares are of the outages of "
        "which both are known; where these are fewer than half, none is given. Data version {version}"
    )
    if without := [name_of(page, c) for c in entries["cohort_id"].unique() if c not in order]:
        caption += ". " + page.t(
            "Not listed, as they give no onset or no posts: {lists}", lists=page.words.listed(without)
        )
    return page.table("t-limits", caption, columns)


def curves(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Draw the share of outages with a first post by each time after the onset, one curve a list."""
    rows, order = medians(entries, "lag"), telling(entries)[:MOST]
    if not order:
        return page.dropped("No list states enough onsets, so no curve is drawn.")
    found = {c: shares(entries.loc[entries["cohort_id"] == c, "lag"], GRID) for c in order}
    form = page.words._("{name}: half within {median} (n = {n})")
    label = {
        c: form.format(
            name=name_of(page, c), median=page.words.minutes(rows.at[c, "median"]), n=page.words.number(rows.at[c, "n"])
        )
        for c in order
    }
    title = page.t(
        "Half of the outages are announced within {quick} at {first}, within {slow} at {last}",
        quick=page.words.minutes(rows.at[order[0], "median"]),
        first=name_of(page, order[0]),
        slow=page.words.minutes(rows.at[order[-1], "median"]),
        last=name_of(page, order[-1]),
    )
    left = [name_of(page, c) for c in rows.index if c not in order and rows.at[c, "n"]]
    caption = page.t(
        "Share of the outages that had a first post on the status page or ticket feed by each time, of those whose "
        "onset and first post are known. Band: 95% interval at each time. Lists differ in what they hold: curves "
        "describe, they do not rank."
    )
    if lines := [page.words.minutes(m) for m in page.limits if m <= GRID[-1]]:
        caption += " " + page.t("Dotted lines: limits of {limits}.", limits=page.words.listed(lines))
    if left:
        caption += " " + page.t(
            "Not drawn, since too few entries state an onset: {lists}.", lists=page.words.listed(left)
        )
    data = pd.concat([f.assign(cohort_id=c, n=rows.at[c, "n"]) for c, f in found.items()], ignore_index=True)
    return page.figure(
        "f-told",
        told(
            {label[c]: f for c, f in found.items()},
            page.words,
            limits=page.limits,
            xlabel=page.t("time from onset to first post (logarithmic scale)"),
            ylabel=page.t("share of outages with a first post"),
        ),
        title=title,
        alt=page.t(
            "Curves of the share of outages with a first post. {rows}.", rows=page.words.listed(list(label.values()))
        ),
        caption=caption,
        data=data[["cohort_id", "minutes", "share", "low", "high", "n"]],
        unit="share",
        k=int(rows.loc[order, "n"].sum()),
    )


def joined_table(page: CohortPage, entries: pd.DataFrame, events: pd.DataFrame) -> Block:
    """Tabulate entries and events of the lists where several entries make up one event."""
    one, all_in = medians(entries, "lag"), medians(events, "lag")
    lists = [c for c in telling(entries) if one.at[c, "of"] != all_in.at[c, "of"]]
    if not lists:
        return page.dropped("No list joins entries to events.")
    columns: dict[str, Sequence[Cell]] = {page.t("List"): [name_of(page, c) for c in lists]}
    for what, rows, found in ((page.t("Entries"), entries, one), (page.t("Events"), events, all_in)):
        columns[what] = [page.words.number(found.at[c, "of"]) for c in lists]
        columns[page.t("{what}: half within", what=what)] = [page.words.minutes(found.at[c, "median"]) for c in lists]
        met = [rows.loc[(rows["cohort_id"] == c) & rows["lag"].notna(), "lag"].le(page.middle).mean() for c in lists]
        columns[page.t("{what}: within {limit}", what=what, limit=page.words.minutes(page.middle))] = [
            whole(page, m) for m in met
        ]
    caption = page.t(
        "Counted by entry and by event: an event begins with its first onset and is announced by the first post of "
        "any of its entries"
    )
    return page.table("t-joined", caption, columns)


def beside(page: Page, statements: pd.DataFrame, entries: pd.DataFrame, data: Sequence[Path | str] = ()) -> Block:
    """Set the lags of curated incidents and of complete lists side by side; nothing is pooled.

    Parameters
    ----------
    page : of a study
    statements : time from onset to the first or earliest known public statement, `low` and `high` in minutes
    entries : as `outages.cohort_entries`
    """
    cohorts = open_cohorts(data)
    short, order = names(cohorts, page.words.lang), telling(entries)
    legs: Mapping[str, pd.DataFrame] = {
        page.t("Curated incidents, first or earliest known statement"): statements,
        **{page.t("List: {name}", name=short[c]): exact(entries[entries["cohort_id"] == c], "lag") for c in order},
    }
    columns: dict[str, Sequence[Cell]] = {
        page.t("Set of outages"): list(legs),
        page.t("Known for"): [page.t("{k} of {n}", k=how_many(leg), n=len(leg)) for leg in legs.values()],
        page.t("Half within"): [page.minutes(quantile(leg, 0.5)) for leg in legs.values()],
        **{
            page.t("Within {limit}, of those known", limit=page.words.minutes(m)): [
                page.words.interval(share_within(leg.dropna(subset=["low", "high"]), m), "whole")
                for leg in legs.values()
            ]
            for m in (30, 60)
        },
    }
    if not order:
        return page.dropped("No list states enough onsets to stand beside the curated incidents.")
    middle = medians(entries, "lag")
    form = page.words._(
        "On the operators’ own lists half of the outages are announced within {quick} ({first}) to {slow} ({last}). "
        "These are first posts on a status page, exact to the minute; the curated incidents were found because they "
        "were in the news. The two are not added up."
    )
    said = form.format(
        quick=page.words.minutes(middle.at[order[0], "median"]),
        first=short[order[0]],
        slow=page.words.minutes(middle.at[order[-1], "median"]),
        last=short[order[-1]],
    )
    caption = page.t("Time from onset to first statement: curated incidents and the operators’ own lists, side by side")
    return stack(Markup("<p>{}</p>").format(said), page.table("t-beside", caption, columns))
