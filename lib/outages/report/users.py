"""Whom did the outages hit, and how is the impact spread, as a page says it? Each function takes quantities, one row an incident."""

import math

import pandas as pd
from markupsafe import Markup

from outages.facts.impact import share_of_base, top_share
from outages.facts.policies import AUTHORITY
from outages.figures import impact, intervals
from outages.language import N_
from outages.report.evidence import ends
from outages.report.html import Block, bullets, inside, paragraph, stack
from outages.report.part import Page
from outages.stats.intervals import Interval, how_many, quantile

TOP = (1, 3, 5, 10)  # of the heaviest incidents
STATED = ("emergency_calls_failed", "emergency_calls_failed_share", "deaths_linked")
KINDS = (*AUTHORITY, "operator", "academic", "press", "encyclopedia")  # in the order in which their claims stand


def headline(page: Page, facts: pd.DataFrame) -> Markup:
    """Say how many people were hit, and how the impact is spread."""
    users, hours, calls = facts["users_affected"], facts["user_hours"], facts["emergency_calls_failed"]
    parts = [Markup(page.t("<strong>Affected users.</strong>"))]
    if how_many(users):
        most = users["low"].idxmax()
        form = page.words._("The largest count of people hit for certain is {users} ({title}).")
        cell = page.evidence.claim_cell(most, "users_affected", users)
        parts.append(Markup(form).format(title=page.titles[most], users=cell))
    else:
        parts.append(Markup(page.t("No source counts the people hit.")))
    if how_many(hours) > 3 and (three := top_share(hours, 3)):
        form = page.words._("The three heaviest of {n} incidents hold {share} of the known user-hours.")
        share = inside(page.words.interval(three, "percent"), "t-concentration")
        parts.append(Markup(form).format(n=page.words.number(how_many(hours)), share=share))
    if how_many(calls):
        most = calls["low"].idxmax()
        form = page.words._("Failed emergency calls are counted for {k} of {n}, most for certain at {title} ({value}).")
        cell = page.evidence.claim_cell(most, "emergency_calls_failed", calls)
        k, n = page.words.number(how_many(calls)), page.words.number(page.study.n)
        parts.append(Markup(form).format(k=k, n=n, title=page.titles[most], value=cell))
    text = N_("People known for {k} of {n}, user-hours for {h}; user-hours are an upper reading.")
    sure = page.t(text, k=how_many(users), h=how_many(hours))
    return Markup(" ").join(parts) + Markup(' <span class="sure">{}</span>').format(sure)


def headline_block(page: Page, facts: pd.DataFrame) -> Block:
    """Show the answer at the head of a page about one question."""
    return stack(bullets([headline(page, facts)], "headlines"))


def plane(page: Page, lengths: pd.DataFrame, users: pd.DataFrame) -> Block:
    """Draw incidents in the plane of length and users."""
    rows = lengths[["low", "high"]].join(users.add_prefix("users_")).assign(title=page.titles, focus=page.focused)
    rows = rows[["low", "high", "title", "users_low", "users_high", "focus"]]
    known = rows.dropna()
    if known.empty:
        return page.dropped("No incident has both a length and a number of people affected, so no figure is drawn.")
    most = (known["low"] * known["users_low"]).idxmax()
    said = page.words._("; ").join(
        f"{r.title}: {page.minutes(Interval(r.low, r.high))}, {page.words.interval(Interval(r.users_low, r.users_high), 'number')}"
        for r in page.shortened(known).itertuples()
    )
    return page.figure(
        "f-users",
        impact.harm_plane(rows, page.words),
        title=page.t("Most user-hours: {title}", title=page.titles[most]),
        alt=page.t(
            "Plane of outage length and people affected, both logarithmic, with lines of equal user-hours. {rows}.",
            rows=said,
        ),
        caption=page.words._(
            "Each box spans what the sources allow; an open end runs to the edge. Lines join equal user-hours. n = {k} of {n}: for the others length or users are unknown. Data version {version}."
        ),
        data=known.drop(columns=["title", "focus"]).rename_axis("incident_id").reset_index(),
        k=len(known),
    )


def top_shares(facts: pd.DataFrame) -> pd.DataFrame:
    """Return which share of the people and of the user-hours the heaviest incidents hold: `quantity`, `k`, `n`, `low`, `high`."""
    rows = []
    for name, values in (("users", facts["users_affected"]), ("user_hours", facts["user_hours"])):
        for k in TOP:
            if k < how_many(values) and (share := top_share(values, k)):
                rows.append((name, k, how_many(values), share.low, share.high))
    return pd.DataFrame(rows, columns=["quantity", "k", "n", "low", "high"])


def concentration(page: Page, shares: pd.DataFrame) -> Block:
    """Draw and tabulate how much of the impact the heaviest incidents hold; `shares` as `top_shares` returns them."""
    if shares.empty:
        return page.dropped("Too few counts of people are known to say how the harm is spread.")
    names = {"users": page.t("People hit"), "user_hours": page.t("User-hours")}
    heaviest = [
        page.t("the heaviest incident")
        if k == 1
        else page.words._("the {n} heaviest incidents").format(n=page.words.number(k))
        for k in shares["k"]
    ]
    shown = shares.assign(
        group=[f"{names[r.quantity]}, n = {r.n}" for r in shares.itertuples()],
        label=heaviest,
        text=[page.words.interval(Interval(r.low, r.high), "percent") for r in shares.itertuples()],
        outer_low=math.nan,
        outer_high=math.nan,
        mark=False,
    )
    rows = [(page.words.pair(r.group, r.label), r.text) for r in shown.itertuples()]
    last = shown.iloc[-1]
    form = page.words._("{label} of {n} hold {share} of the total")
    title = form.format(label=last["label"], n=page.words.number(last["n"]), share=last["text"])
    said = page.aloud((f"{r.group}, {r.label}", r.text) for r in shown.itertuples())
    drawn = page.figure(
        "f-concentration",
        intervals.ranges(shown, page.words, how="share", xlabel=page.t("share of the known total")),
        title=title[0].upper() + title[1:],
        alt=page.t("Bars of shares. {rows}.", rows=said),
        caption=page.words._(
            "Sharp bounds among the incidents with a known count: a count that a source only bounds from below may be without limit, so the high end reaches 100%. n = {k} of {n}. Data version {version}."
        ),
        data=shares,
        k=int(last["n"]),
    )
    columns = {page.t("What, held by whom"): [head for head, _ in rows], page.t("Share"): [share for _, share in rows]}
    return stack(
        drawn,
        page.table("t-concentration", page.t("Share of the known total that the heaviest incidents hold"), columns),
    )


def calls_and_deaths(page: Page, measures: pd.DataFrame) -> Block:
    """Tabulate failed emergency calls and linked deaths, each claim with the standing of its source; `measures` is the claim table."""
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
        "Failed emergency calls (n = {calls} incidents) and deaths that a source links (n = {deaths} incidents), with who says so; a death linked is not a death proved",
        calls=int(k.get("emergency_calls_failed", 0)),
        deaths=int(k.get("deaths_linked", 0)),
    )
    heads = [page.t("Incident"), page.t("What"), page.t("Stated, and who says so")]
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
    frames = ((users, "number"), (base, "number"), (share, "percent"), (hours, "rounded"), (calls, "number"))
    foot = [(page.words.interval(quantile(frame, 0.5), how), page.of_n(frame)) for frame, how in frames]
    cells = {
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
        "Affected users (people known for {k} of {n}); incidents with none of these figures are left out of a long table; deaths are linked by a source, not proved: the claims say with what standing",
        k=how_many(users),
    )
    columns = {head: [*column, *foot] for (head, column), foot in zip(cells.items(), feet, strict=True)}
    return page.table("t-users", page.some(caption), columns)
