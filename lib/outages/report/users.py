"""Whom did the outages hit, and how is the impact spread? Functions of quantities, one row an incident."""

from functools import partial

import pandas as pd
from markupsafe import Markup

from outages.facts.impact import share_of_base, top_share
from outages.facts.policies import ORDER, voices
from outages.figures import intervals
from outages.language import N_
from outages.report.evidence import ends, stated
from outages.report.html import Block, bullets
from outages.report.key_figures import voice
from outages.report.part import Page, by_incident
from outages.report.worth import LEAST_ROWS
from outages.stats.intervals import Interval, how_many, quantile

TOP = 10  # of the heaviest outages
HEAVIEST, CALLS = 15, 8  # rows of the figure and of the short table
STATED = ("emergency_calls_failed", "emergency_calls_failed_share", "deaths_linked")


def heaviest(page: Page, facts: pd.DataFrame) -> Block:
    """Draw the outages of most user-hours, ranked by what is established."""
    page, facts = page.of(facts), by_incident(facts)
    hours = facts.loc[facts["user_hours"]["low"] > 0, "user_hours"][["low", "high"]]
    hours = hours.sort_values("low", ascending=False, kind="stable").assign(mark=lambda t: t.index == page.study.focus)
    if len(hours) < LEAST_ROWS:
        return page.dropped("Too few outages have both a length and a number of people to be ranked by user-hours.")
    drawn = hours[(hours["low"].rank(method="first", ascending=False) <= HEAVIEST) | hours["mark"]]
    text = [page.words.interval(Interval(r.low, r.high), "compact") for r in drawn.itertuples()]
    drawn = drawn.assign(text=text, label=page.titles)
    below = how_many(facts["user_hours"]) - len(hours)
    bounded = page.words.n("; {n} more has an upper bound only", "; {n} more have an upper bound only", below)
    xlabel = page.t("user-hours (logarithmic scale)")
    return page.figure(
        "f-user-hours",
        intervals.ranges(drawn, page.words, how="number", xlabel=xlabel),
        drawn[["low", "high"]].rename_axis("incident_id").reset_index(),
        title="The heaviest by the lower end: “{name}”, {value} user-hours",
        alt="Bars of user-hours on a logarithmic axis. {rows}.",
        caption="People affected times hours: an upper reading, as if everybody had been without service from "
        "beginning to end. A bar that runs to the edge has a lower bound only. The {shown} with most, n = {k} of "
        "{n}{below}. Outages left out, since nobody says how long they lasted, though people are counted: {left}. Data "
        "version {version}.",
        unit="user_hours",
        k=len(hours),
        name=drawn["label"].iloc[0],
        value=text[0],
        rows=page.aloud(zip(drawn["label"], text, strict=True)),
        shown=len(drawn),
        below=bounded if below else "",
        left=int((facts["users_affected"]["low"].notna() & facts["length"]["low"].isna()).sum()),
    )


def failed_calls(page: Page, facts: pd.DataFrame) -> Block:
    """Tabulate the outages in which a source counts most failed emergency calls."""
    page, facts = page.of(facts), by_incident(facts)
    calls = facts["emergency_calls_failed"].dropna(subset=["low"]).sort_values("low", ascending=False, kind="stable")
    if calls.empty:
        return page.say("No source counts failed emergency calls.")
    return page.table(
        "t-failed-calls",
        [*calls.index[:CALLS], *(i for i in calls.index[CALLS:] if i == page.study.focus)],
        {
            "Incident": page.row_name,
            "Emergency calls failed": lambda i: page.evidence.claim_cell(i, "emergency_calls_failed", calls),
            "Length": lambda i: page.minutes(ends(facts["length"], i)),
        },
        caption="Most failed emergency calls, counted in {k} of {n} outages",
        k=len(calls),
    )


def concentration(page: Page, facts: pd.DataFrame) -> Block:
    """Say which part of the known user-hours the heaviest outages hold at the least."""
    hours = by_incident(facts)["user_hours"]
    share = top_share(hours, TOP) if how_many(hours) > TOP else None
    if share is None or share < TOP / how_many(hours) * 2:
        return page.dropped("Too little is known to say how the impact is spread.")
    return page.say(
        "The {top} heaviest of {k} outages hold at least {share} of the known user-hours.",
        top=TOP,
        k=how_many(hours),
        share=page.words.whole(share),
    )


def calls_and_deaths(page: Page, measures: pd.DataFrame) -> Block:
    """Tabulate failed calls and linked deaths with whose word each is; `measures` is the claim table."""
    claims = measures[measures["measure"].isin(STATED) & measures["incident_id"].isin(page.ids)]
    claims = claims.assign(voice=voices(claims), rank=voices(claims).map(ORDER))
    claims = claims.sort_values(["incident_id", "measure", "rank", "low", "source_id"])
    count = claims[claims["high"] > 0].groupby("measure")["incident_id"].nunique()
    calls, deaths = (count.get(measure, 0) for measure in ("emergency_calls_failed", "deaths_linked"))
    return page.table(
        "t-calls",
        claims.groupby(["incident_id", "measure"]),
        {
            "Incident": lambda about: page.row_name(about[0][0]),
            "Subject": lambda about: page.words.label("measure", about[0][1]),
            "Stated, and who says so": lambda about: who_says_so(page, about[1]),
        },
        caption="Failed emergency calls (n = {calls}) and deaths that a source links (n = {deaths}), with who says "
        "so; n counts the incidents with a figure above 0; a death linked is not a death proved",
        some=True,
        calls=page.words.n("{n} incident", "{n} incidents", calls),
        deaths=page.words.n("{n} incident", "{n} incidents", deaths),
    )


def who_says_so(page: Page, claims: pd.DataFrame) -> Markup:
    """Write what is stated, each figure once, with whose word it is and the sources; what was withdrawn says so."""
    told: dict[tuple[str, str], list[Markup]] = {}
    for claim in claims.to_dict("records"):
        who = voice(page, claim["voice"])
        who = page.t("{voice}, withdrawn since", voice=who) if claim["retracted_by"] else who
        told.setdefault((stated(claim, page.words), who), []).append(page.evidence.source(claim["source_id"]))
    form = N_("{value}: {voice} {sources}")
    return bullets([page.t(form, value=v, voice=k, sources=Markup(" ").join(s)) for (v, k), s in told.items()], "plain")


def table(page: Page, facts: pd.DataFrame) -> Block:
    """Tabulate who was hit."""
    page, facts = page.of(facts), by_incident(facts)
    share = share_of_base(facts["users_affected"], facts["subscriber_base"])
    how = {  # each column with how its median is written
        "users_affected": "count",
        "subscriber_base": "count",
        "share": "percent",
        "user_hours": "rounded",
        "emergency_calls_failed": "count",
    }
    frames = {name: share if name == "share" else facts[name] for name in (*how, "deaths_linked")}
    medians = [page.words.interval(quantile(frames[name], 0.5), form) for name, form in how.items()]
    claim = {name: partial(page.evidence.claim_cell, measure=name, frame=frame) for name, frame in frames.items()}
    return page.table(
        "t-users",
        page.with_value(*(facts[name] for name in ("users_affected", "emergency_calls_failed", "deaths_linked"))),
        {
            "Incident": page.row_name,
            "People affected": claim["users_affected"],
            "Subscriber base": claim["subscriber_base"],
            "Share of the base": lambda i: page.words.interval(ends(share, i), "percent"),
            "User-hours": lambda i: page.evidence.sum_cell(i, "user_hours", frames["user_hours"], "rounded"),
            "Emergency calls failed": claim["emergency_calls_failed"],
            "Deaths that a source links": claim["deaths_linked"],
        },
        caption="Affected users (people known for {k} of {n}); incidents with none of these figures are left out of a "
        "long table; deaths are those that a source links to the outage, which does not prove that it caused them; the "
        "claims say who links them",
        foot=[
            [page.t("Median"), *medians, "–"],
            [page.t("Known for"), *(page.of_n(frame) for frame in frames.values())],
        ],
        some=True,
        k=how_many(facts["users_affected"]),
    )
