"""Whom did the outages hit, and how is the impact spread, as a page says it? Each function takes quantities, one row an
incident.
"""

import math

import pandas as pd
from markupsafe import Markup

from outages.facts.impact import share_of_base, top_share
from outages.facts.policies import AUTHORITY
from outages.figures import intervals
from outages.report.evidence import ends
from outages.report.html import Block, Cell, bullets, paragraph, stack
from outages.report.part import Page
from outages.report.worth import LEAST_ROWS
from outages.stats.intervals import Interval, how_many, quantile

TOP = 10  # of the heaviest outages
HEAVIEST, CALLS = 15, 8  # rows of the figure and of the short table
STATED = ("emergency_calls_failed", "emergency_calls_failed_share", "deaths_linked")
KINDS = (*AUTHORITY, "operator", "academic", "press", "encyclopedia")  # in the order in which their claims stand


def heaviest(page: Page, facts: pd.DataFrame) -> Block:
    """Draw the outages of most user-hours, ranked by what is established."""
    hours = facts["user_hours"][["low", "high"]].assign(title=page.titles, mark=page.focused).dropna(subset=["low"])
    hours = hours[hours["low"] > 0].sort_values("low", ascending=False, kind="stable")
    if len(hours) < LEAST_ROWS:
        return page.dropped("Too few outages have both a length and a number of people to be ranked by user-hours.")
    drawn = hours[(hours["low"].rank(method="first", ascending=False) <= HEAVIEST) | hours["mark"]]
    text = [page.words.interval(Interval(r.low, r.high), "compact") for r in drawn.itertuples()]
    drawn = drawn.assign(text=text, group="", label=drawn["title"], outer_low=math.nan, outer_high=math.nan)
    first = drawn.iloc[0]
    return page.figure(
        "f-user-hours",
        intervals.ranges(drawn, page.words, how="number", xlabel=page.t("user-hours (logarithmic scale)")),
        title=page.t("The heaviest: {title}, {value} user-hours", title=first["title"], value=first["text"]),
        alt=page.t(
            "Bars of user-hours on a logarithmic axis. {rows}.",
            rows=page.aloud(zip(drawn["title"], drawn["text"], strict=True)),
        ),
        caption=page.t(
            "People affected times hours: an upper reading, as if everybody had been without service from beginning "
            "to end. A bar that runs to the edge has a lower bound only. The {shown} with most, n = {k} of {n}; "
            "{below} more have an upper bound only. Outages left out, since nobody says how long they lasted, though "
            "people are counted: {left}. Data version {version}.",
            left=int((facts["users_affected"]["low"].notna() & facts["length"]["low"].isna()).sum()),
            shown=len(drawn),
            below=how_many(facts["user_hours"]) - len(hours),
            k=len(hours),
        ),
        data=drawn[["low", "high"]].rename_axis("incident_id").reset_index(),
        unit="user_hours",
        k=len(hours),
    )


def failed_calls(page: Page, facts: pd.DataFrame) -> Block:
    """Tabulate the outages in which a source counts most failed emergency calls."""
    calls = facts["emergency_calls_failed"].dropna(subset=["low"]).sort_values("low", ascending=False, kind="stable")
    if calls.empty:
        return stack(paragraph(page.t("No source counts failed emergency calls.")))
    ids = [*calls.index[:CALLS], *([page.study.focus] if page.study.focus in calls.index[CALLS:] else [])]
    columns: dict[str, list[Cell]] = {
        page.t("Incident"): [page.row_name(i) for i in ids],
        page.t("Emergency calls failed"): [page.evidence.claim_cell(i, "emergency_calls_failed", calls) for i in ids],
        page.t("Length"): [page.minutes(ends(facts["length"], i)) for i in ids],
    }
    caption = page.t("Most failed emergency calls, counted in {k} of {n} outages", k=len(calls))
    return page.table("t-failed-calls", caption, columns)


def concentration(page: Page, facts: pd.DataFrame) -> Block:
    """Say which part of the known user-hours the heaviest outages hold at the least."""
    hours = facts["user_hours"]
    share = top_share(hours, TOP) if how_many(hours) > TOP else None
    if share is None or share.low < TOP / how_many(hours) * 2:
        return page.dropped("Too little is known to say how the impact is spread.")
    form = page.t(
        "The {top} heaviest of {k} outages hold at least {share} of the known user-hours.",
        top=TOP,
        k=how_many(hours),
        share=page.words.whole(share.low),
    )
    return stack(paragraph(form))


def calls_and_deaths(page: Page, measures: pd.DataFrame) -> Block:
    """Tabulate failed emergency calls and linked deaths, each claim with the standing of its source; `measures` is the
    claim table.
    """
    claims = measures[measures["measure"].isin(STATED) & measures["incident_id"].isin(page.ids)]
    if claims.empty:
        return stack(paragraph(page.t("No source counts failed emergency calls or links a death.")))
    claims = claims.assign(rank=claims["kind"].astype(object).map(KINDS.index))
    claims = claims.sort_values(["incident_id", "measure", "rank", "low", "source_id"])
    rows = [
        (page.row_name(incident), page.words.label("measure", measure), who_says_so(page, said))
        for (incident, measure), said in claims.groupby(["incident_id", "measure"])
    ]
    k = claims.groupby("measure")["incident_id"].nunique()
    caption = page.t(
        "Failed emergency calls (n = {calls} incidents) and deaths that a source links (n = {deaths} incidents), "
        "with who says so; a death linked is not a death proved",
        calls=int(k.get("emergency_calls_failed", 0)),
        deaths=int(k.get("deaths_linked", 0)),
    )
    heads = [page.t("Incident"), page.t("Subject"), page.t("Stated, and who says so")]
    return page.table("t-calls", page.some(caption), dict(zip(heads, zip(*rows, strict=True), strict=True)))


def who_says_so(page: Page, claims: pd.DataFrame) -> Markup:
    """Write what is stated, each figure once, with the kind of source and the sources."""
    told: dict[tuple[str, str], list[Markup]] = {}
    for claim in claims.to_dict("records"):
        stated = (page.evidence.stated(claim), page.words.label("kind", claim["kind"]))
        told.setdefault(stated, []).append(page.evidence.source(claim["source_id"]))
    form = Markup(page.words._("{value}: {kind} {sources}"))
    return bullets(
        [form.format(value=v, kind=kind, sources=Markup(" ").join(s)) for (v, kind), s in told.items()], "plain"
    )


def table(page: Page, facts: pd.DataFrame) -> Block:
    """Tabulate who was hit."""
    users, base, calls, deaths, hours = (
        facts[name]
        for name in ("users_affected", "subscriber_base", "emergency_calls_failed", "deaths_linked", "user_hours")
    )
    share, e = share_of_base(users, base), page.evidence
    listed = page.has_value(users, calls, deaths)
    ids = [i for i in page.ids if i in listed]
    frames = ((users, "count"), (base, "count"), (share, "percent"), (hours, "rounded"), (calls, "count"))
    foot = [(page.words.interval(quantile(frame, 0.5), how), page.of_n(frame)) for frame, how in frames]
    cells: dict[str, list[Markup | str]] = {
        page.t("Incident"): [page.row_name(i) for i in ids],
        page.t("People affected"): [e.claim_cell(i, "users_affected", users) for i in ids],
        page.t("Subscriber base"): [e.claim_cell(i, "subscriber_base", base) for i in ids],
        page.t("Share of the base"): [page.words.interval(ends(share, i), "percent") for i in ids],
        page.t("User-hours"): [e.sum_cell(i, "user_hours", hours, "rounded") for i in ids],
        page.t("Emergency calls failed"): [e.claim_cell(i, "emergency_calls_failed", calls) for i in ids],
        page.t("Deaths that a source links"): [e.claim_cell(i, "deaths_linked", deaths) for i in ids],
    }
    feet = [(page.t("Median"), page.t("Known for")), *foot, ("–", page.of_n(deaths))]
    caption = page.t(
        "Affected users (people known for {k} of {n}); incidents with none of these figures are left out of a long "
        "table; deaths are those that a source links to the outage, which does not prove that it caused them; the "
        "claims say who links them",
        k=how_many(users),
    )
    columns = {head: [*column, *below] for (head, column), below in zip(cells.items(), feet, strict=True)}
    return page.table("t-users", page.some(caption), columns)
