"""How do lengths differ between groups, as a page says it? Groups are described, not made alike: no gap is an
effect.
"""

import math
from collections.abc import Iterator

import pandas as pd
from markupsafe import Markup

from outages.figures import ecdf, intervals
from outages.language import N_
from outages.report.findings import round_words
from outages.report.html import Block, Cell
from outages.report.length import AXIS, QUARTILES, mass, quartiles
from outages.report.part import Page
from outages.report.worth import LEAST_ROWS, enough, telling
from outages.stats.inference import FEW
from outages.stats.intervals import Interval, how_many, quantile
from outages.stats.intervals import known as known_intervals
from outages.stats.turnbull import resampled, share_within

LIMITS = (60, 240, 1440, 4320)  # minutes: a working hour, half a shift, a day, three days
HEADS = {
    "sector": "Sector",
    "emergency_calls": N_("Emergency calls"),
    "root_cause": N_("Root cause"),
    "third_party": "Third party",
}
BY = {
    "sector": N_("By sector"),
    "emergency_calls": N_("By whether emergency calls were affected"),
    "root_cause": N_("By root cause"),
    "third_party": N_("By involvement of a third party"),
}
NAMES = {
    ("emergency_calls", "yes"): N_("affected"),
    ("emergency_calls", "no"): N_("no effect reported"),
    ("third_party", "named"): N_("one in the causal chain, named or not"),
    ("third_party", "none_named"): N_("no source tells of one"),
    ("root_cause", "disputed"): N_("disputed"),
    ("root_cause", ""): N_("no cause named"),
}


def curves(page: Page, lengths: pd.DataFrame, by: str) -> Block:
    """Draw the curves of the groups of one grouping; groups with too few known lengths are left out and named."""
    parts = {label: known_intervals(lengths[here]) for _code, label, here in groups(page, by)}
    found = {label: curve for label, part in parts.items() if enough(part) and (curve := resampled(part))}
    few = [
        page.words._("{group} ({n})").format(group=label, n=page.words.number(len(part)))
        for label, part in parts.items()
        if 0 < len(part) < FEW
    ]
    heading = page.t(BY[by])
    if not found:
        return page.dropped(
            "{heading}: no group has {few} known lengths, so no curve is drawn.", heading=heading, few=FEW
        )
    drawn = [
        ecdf.Named(page.words._("{group}, n = {n}").format(group=label, n=page.words.number(f.curve.n)), f)
        for label, f in found.items()
    ]
    left_out = (
        " "
        + page.t(
            "Left out for having fewer than {few} known lengths: {groups}.", few=FEW, groups=page.words.listed(few)
        )
        if few
        else ""
    )
    k = sum(f.curve.n for f in found.values())
    return page.figure(
        f"f-{by}",
        ecdf.curves(
            drawn,
            page.words,
            xlabel=page.t(AXIS[0]),
            ylabel=page.t(AXIS[1]),
            band=len(drawn) < 3,
            focus=page.marked(lengths),
        ),
        unit="minutes",
        k=k,
        data=mass({c.label: c.found for c in drawn}),
        title=page.t(
            "{heading}. Medians: {medians}",
            heading=heading,
            medians=page.aloud((g, page.minutes(quantile(parts[g], 0.5))) for g in found),
        ),
        alt=page.t(
            "Curves of the share of outages that are over by each time. {rows}.",
            rows=page.aloud((c.label, quartiles(page, parts[g])) for g, c in zip(found, drawn, strict=True)),
        ),
        caption=page.t(
            "Turnbull's estimate in each group; groups are not adjusted for their other differences, so a gap"
            " between curves is not an effect. n = {k} of {n}. Data version {version}.",
            k=k,
        )
        + left_out,
    )


def groups(page: Page, by: str) -> Iterator[tuple[str, str, pd.Series]]:
    """Yield code, name and members (a mask) of each group of a grouping that has members."""
    codes = page.study.groups[by]
    order = {"emergency_calls": ["yes", "no"], "third_party": ["named", "none_named"]}.get(by) or [
        *sorted(set(codes) - {"", "disputed"}),
        "disputed",
        "",
    ]
    for code in order:
        if (here := codes == code).any() and (code or by == "root_cause"):
            yield code, page.t(NAMES[by, code]) if (by, code) in NAMES else page.words.label(by, code), here


def by_group(page: Page, lengths: pd.DataFrame) -> pd.DataFrame:
    """Return one row a group: `grouping`, `code`, `label`, `lengths` of its members, `n` known, bounds of the median
    (`low`, `high`) and by chance (`outer_low`, `outer_high`).
    """
    every = [("", "", page.t("All outages"), lengths)] + [
        (by, code, label, lengths[here]) for by in HEADS for code, label, here in groups(page, by) if not here.all()
    ]
    rows = []
    for by, code, label, members in every:
        bounds, chance = quantile(members, 0.5), page.by_chance(known_intervals(members))
        ends_ = [getattr(i, end, math.nan) for i in (bounds, chance) for end in ("low", "high")]
        rows.append(
            (by, code, page.t(HEADS[by]) if by else "", label, members, len(members), how_many(members), *ends_)
        )
    columns = [
        "grouping",
        "code",
        "group",
        "label",
        "lengths",
        "members",
        "n",
        "low",
        "high",
        "outer_low",
        "outer_high",
    ]
    return pd.DataFrame(rows, columns=columns)


def group_medians(page: Page, lengths: pd.DataFrame) -> Block:
    """Draw the median length of every group."""
    rows, k = by_group(page, lengths), how_many(lengths)
    shown = rows.assign(
        text=[
            page.words._("n = {k} of {n}").format(k=page.words.number(r.n), n=page.words.number(r.members))
            for r in rows.itertuples()
        ],
        mark=[
            bool(page.study.focus) and page.study.focus in r.lengths.index and r.grouping != ""
            for r in rows.itertuples()
        ],
    )
    known = telling(shown)
    apart = known[(known["grouping"] != "") & ~known["code"].isin(["", "disputed"])]
    if len(apart) < LEAST_ROWS:
        return page.dropped("Too few lengths are known in any two groups to compare their medians.")
    return page.figure(
        "f-groups",
        intervals.ranges(
            known, page.words, how="minutes", xlabel=page.t("median length of the outage (logarithmic scale)")
        ),
        unit="minutes",
        k=k,
        title=extremes(page, rows) or page.t("Median outage length by group"),
        data=rows[["grouping", "code", "members", "n", "low", "high", "outer_low", "outer_high"]],
        alt=page.t(
            "Median outage length of each group on a logarithmic axis. {rows}.",
            rows=page.aloud(
                (r.label, f"{page.minutes(Interval(r.low, r.high))} (n = {r.n})") for r in known.itertuples()
            ),
        ),
        caption=page.t(
            "Thick: bounds that the sources leave open; thin: 95% interval over resampled incidents. Groups with "
            "fewer than {few} known lengths, or whose bounds say nothing, are left out. n = {k} of {n}. Data version "
            "{version}.",
            few=str(FEW),
            k=k,
        ),
    )


def extremes(page: Page, rows: pd.DataFrame) -> str:
    """Name the groups drawn whose median is surely the shortest or the longest: those too vague to be drawn may be so
    too.
    """
    known = rows[(rows["grouping"] != "") & (rows["n"] >= FEW)].dropna(subset=["low", "high"])
    said: list[str] = []
    for row in telling(known[~known["code"].isin(["", "disputed"])]).itertuples():
        others = known.drop(index=row.Index)
        value = round_words(page, Interval(row.low, row.high))
        if row.high < others["low"].min():
            said.insert(0, page.t("Shortest median: {value} ({group})", value=value, group=row.label))
        elif row.low > others["high"].max():
            said.append(page.t("Longest median: {value} ({group})", value=value, group=row.label))
    return page.words._("; ").join(said)


def short_table(page: Page, lengths: pd.DataFrame) -> Block:
    """Tabulate the median length of the groups of which it says something."""
    rows = telling(
        by_group(page, lengths).query("grouping != 'sector' and code not in ('', 'disputed') or grouping == ''")
    )
    if rows.empty:
        return page.dropped("Too few lengths are known to compare groups.")
    columns: dict[str, list[Cell]] = {
        page.t("Group"): [page.words.pair(r.group, r.label) if r.group else r.label for r in rows.itertuples()],
        page.t("Median"): [
            Markup("<strong>{}</strong>").format(page.minutes(Interval(r.low, r.high))) for r in rows.itertuples()
        ],
        page.t("95% interval"): [page.minutes(Interval(r.outer_low, r.outer_high)) for r in rows.itertuples()],
        page.t("Known for"): [page.t("{k} of {n}", k=r.n, n=r.members) for r in rows.itertuples()],
    }
    return page.table(
        "t-groups",
        page.t(
            "Median length by group; groups are not adjusted for their other differences, so a gap is not an effect"
        ),
        columns,
    )


def group_table(page: Page, lengths: pd.DataFrame) -> Block:
    """Tabulate quartiles by group, and the share that is over within fixed times."""
    rows = by_group(page, lengths)

    def quartile(r, q: float) -> str:
        return (
            page.t("too few")
            if r.grouping and r.n < FEW
            else page.value(quantile(r.lengths, q), page.by_chance(known_intervals(r.lengths), q), "minutes")
        )

    columns = {
        page.t("Group"): [page.words.pair(r.group, r.label) if r.group else r.label for r in rows.itertuples()],
        page.t("Known for"): [
            page.words._("{k} of {n}").format(k=page.words.number(r.n), n=page.words.number(r.members))
            for r in rows.itertuples()
        ],
        **{
            page.t(name): [quartile(r, q) for r in rows.itertuples()]
            for name, q in zip(("First quartile", "Median", "Third quartile"), QUARTILES, strict=True)
        },
        **{
            page.t("Over within {time}", time=page.words.minutes(limit)): [
                page.words.interval(share_within(r.lengths, limit), "whole") for r in rows.itertuples()
            ]
            for limit in LIMITS
        },
    }
    caption = page.t(
        "Outage length by group (n = {k} of {n}): bounds that the sources leave open and, in brackets, the 95% "
        "interval over resampled incidents; the shares are worst-case bounds in which an unknown length may be short "
        "or long",
        k=how_many(lengths),
    )
    return page.table("t-groups", caption, columns)
