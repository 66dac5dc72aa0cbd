"""On whom did the outages depend, as a page says it? `parties` has one row an incident, organisation and part."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from outages.facts import third_parties as facts
from outages.facts.third_parties import UNNAMED, incidents_of
from outages.figures import style, tallies
from outages.figures.network import layered, most_linked
from outages.language import N_
from outages.report.html import Block, stack
from outages.report.part import Page
from outages.report.worth import LEAST_BAR, LEAST_ROWS, differ, says
from outages.stats.inference import FEW, MANY
from outages.stats.intervals import Interval
from outages.stats.rows import in_frame

LEAST_P = 0.0005  # any less rounds to nothing
BARS = 16  # organisations in the figure
COUNTED = {  # beside roles, after which they stand: what it is, and in how many it is found
    "redundancy": (N_("Redundancy went down with the rest"), N_("{found} of {n} where a source says")),
    "same_company": (
        N_("Two incidents at random depend on the same company"),
        N_("pairs of {n} incidents with a named company"),
    ),
}


def figure(page: Page, parties: pd.DataFrame) -> Block:
    """Draw which organisations were named in more than one outage, and in which part."""
    parties = in_frame("parties", parties, "incident_id", "party", "involvement")
    counted = parties[(parties["party"] != UNNAMED) & (parties["involvement"] != "victim")]
    often = incidents_of(counted, "party")
    if not differ(often):
        return page.dropped("No organisation is named in more than one outage; the table lists each.")
    counted = facts.nearest(counted[counted["party"].isin(often.index[often >= LEAST_BAR][:BARS])])
    part = counted["involvement"].astype(object).map(lambda part: page.words.label("involvement", part))
    text = counted["party"].astype(object).map(page.words.party) + " (" + part + ")"
    parts = text.groupby(counted["incident_id"]).agg(", ".join).head(style.SEVERAL)
    return page.figure(
        "f-parties",
        tallies.party_bars(counted, page.words),
        counted.groupby(["party", "involvement"]).size().rename("incidents").reset_index(),
        title="Named most often: {name}, in {most} outages",
        alt="Bars of how many incidents name each organisation, by part. {rows}.",
        caption="Organisations that sources name in more than one outage, not counting those that only suffered; an "
        "incident counts once, by the nearest part: the cause before the trigger. n = {k} of {incidents}. Data "
        "version {version}.",
        k=counted["incident_id"].nunique(),
        incidents=page.words.n("{n} incident", "{n} incidents", page.n),
        name=page.words.party(often.index[0]),
        most=often.iloc[0],
        rows=page.aloud((page.titles[incident], text) for incident, text in parts.items()),
    )


def graph(page: Page, parties: pd.DataFrame) -> Block:
    """Draw who depended on whom and who fell."""
    network = facts.network(parties)
    if network.empty:
        return page.dropped("No source names an organisation on which another depended, so no graph is drawn.")
    links = network.groupby(["operator", "party", "kind"], as_index=False).agg(incidents=("incident_id", "size"))
    own, party = page.study.registry.incidents["operator"].get(page.study.focus, ""), page.words.party
    drawn, columns = most_linked(links, own.partition(";")[0])
    if len(drawn) < LEAST_ROWS:
        return page.dropped("No operator has two organisations to be linked with, so no graph is drawn.")
    first = page.t("In the causal chain: cause, trigger or way of spreading")
    heads = (first, page.t("Operator of the incident"), page.t("Went down with it"))
    every = pd.crosstab(links["operator"], links["kind"]).loc[sorted(set(drawn["operator"]))]
    most = every.sum(axis=1).idxmax()
    alone = N_("{name} is linked with {linked}")
    several = N_("No operator drawn is linked with more organisations than {name}: {linked}")
    return page.figure(
        "f-graph",
        layered(drawn, columns, heads, page.words, bold=[own]),
        directed(links),
        title=several if len(columns[1]) > 1 else alone,
        alt="Graph in three columns, lines: {lines}. {rows}.",
        caption="The thicker a line, the more incidents it stands for; solid lines lead to the outage, dashed lines to "
        "those that went down with it. Shown are the operators with most organisations in the causal chain, as many as "
        "there is room for, with at most five to the left and four to the right of each: {lines} of {all} lines. n = "
        "{k} of {incidents}. Data version {version}.",
        incidents=page.words.n("{n} incident", "{n} incidents", page.n),
        k=network.merge(drawn[["operator", "party", "kind"]])["incident_id"].nunique(),
        name=party(most),
        linked=linked_with(page, *every.loc[most].reindex(["cause", "victim"], fill_value=0)),
        lines=len(drawn),
        rows=page.words._("; ").join(
            f"{party(one)} → {party(two)}" for one, two, *_ in directed(drawn).itertuples(False)
        ),
        all=len(links),
    )


def linked_with(page: Page, chain: int, took: int) -> list[str]:
    """Say how many organisations are in the causal chain of an operator's outages, and how many went down with it."""
    n = page.words.n
    before = n("{n} organisation in the causal chain", "{n} organisations in the causal chain", chain)
    after = n("{n} organisation that went down with it", "{n} organisations that went down with it", took)
    return [text for text, k in ((before, chain), (after, took)) if k]


def directed(links: pd.DataFrame) -> pd.DataFrame:
    """Return from whom to whom each link leads: from the causal chain to the operator, from it to the victim."""
    cause, one, two = links["kind"] == "cause", links["party"], links["operator"]
    kind = links["kind"].where(~cause, "causal_chain")
    ends = {"from": one.where(cause, two), "to": two.where(cause, one), "kind": kind}
    return links.assign(**ends)[["from", "to", "kind", "incidents"]]


def roles(page: Page, shares: pd.DataFrame) -> Block:
    """Tabulate roles, redundancy and concentration, as `outages.facts.third_parties.dependence` returns them."""

    def subject(row: Any) -> str:
        role = page.words.within(page.words.label("role", row.what))
        return page.t(COUNTED[row.what][0] if row.what in COUNTED else "Third party: {role}", role=role)

    def share(row: Any) -> str:
        """Write bounds of a share; of those that leave nearly everything open the lower end, of too few nothing."""
        if page.n < FEW:
            return page.t("too few")
        bounds = Interval(row.low, row.high if says(Interval(row.low, row.high), "percent") else math.inf)
        text = page.words.interval(bounds, "percent")
        if row.what != "redundancy":
            return text
        if row.of < FEW:
            return page.t("{bounds} of all {n}", bounds=text)
        told = page.words.interval(Interval(row.k / row.of, row.k_high / row.of), "percent")
        return page.t("{told} of these; {bounds} of all {n}", told=told, bounds=text)

    def found(row: Any) -> str:
        return page.words.interval(Interval(row.k, row.k_high) if row.k >= 0 else None, "count")

    return page.table(
        "t-roles",
        sorted(shares.itertuples(), key=lambda row: (row.what in COUNTED, row.what == "other")),
        {
            "Subject": subject,
            "Found in": lambda r: page.t(COUNTED.get(r.what, ("", "{k} of {n}"))[1], k=r.k, n=r.of, found=found(r)),
            "Share, with worst-case bounds": share,
            "95% interval of the low end": lambda r: chance(
                page, r.ci_low if page.n >= FEW else math.nan, r.ci_high, "percent"
            ),
        },
        caption="Roles in the causal chain, redundancy and concentration (n = {n}); the bounds of roles and redundancy "
        "count every silent source both ways, the concentration rests on incidents with a named company alone",
    )


def chance(page: Page, low: float, high: float, how: str) -> str:
    """Write an interval by chance."""
    if math.isnan(low):
        return page.t("too few")
    return page.t("{low} to {high}", low=page.words.end(low, how), high=page.words.end(high, how))


def comparison(page: Page, lengths: pd.DataFrame, statements: pd.DataFrame) -> Block:
    """Tabulate length, and the lag to the earliest statement, with and without a third party in the causal chain."""
    rows = {
        page.t("Length of the outage"): facts.with_and_without(lengths),
        page.t("Delay to the earliest known statement"): facts.with_and_without(statements),
    }
    enough = {name: row for name, row in rows.items() if not math.isnan(row["delta_low"])}
    few = [
        page.t("{name} ({a} with, {b} without)", name=page.words.within(name), a=row["n_with"], b=row["n_without"])
        for name, row in rows.items()
        if name not in enough
    ]
    left_out = N_("No comparison, since fewer than {few} values are known on a side: {names}.")
    same = N_("{name}: no clear difference between outages with and without a third party.")
    longer, shorter = N_("{name}: longer with a third party."), N_("{name}: shorter with a third party.")
    found = {n: longer if row["ci_low"] > 0 else shorter if row["ci_high"] < 0 else same for n, row in enough.items()}
    return stack(
        *(page.say(form, name=name) for name, form in found.items()),
        comparison_table(page, enough) if enough else "",
        page.dropped(left_out, few=FEW, names=few) if few else "",
    )


def comparison_table(page: Page, compared: Mapping[str, pd.Series]) -> Block:
    """Tabulate quantities that are known often enough on either side."""

    def interval(row: pd.Series, name: str, how: str) -> str:
        return page.words.interval(Interval(row[f"{name}_low"], row[f"{name}_high"]), how)

    number, least = page.words.number, f"< {page.words.number(0.001)}"

    def median(row: pd.Series, side: str) -> str:
        return page.t("{median} (n = {n})", median=interval(row, f"median_{side}", "minutes"), n=row[f"n_{side}"])

    limits = N_("; with so many values, interval and p are the normal limits that resampling and shuffling approach")
    return page.table(
        "t-comparison",
        compared.items(),
        {
            "Subject": lambda row: row[0],
            "Median with a third party": lambda row: median(row[1], "with"),
            "Median without one": lambda row: median(row[1], "without"),
            "Cliff's delta, bounds": lambda row: interval(row[1], "delta", "signed"),
            "95% interval": lambda row: chance(page, row[1]["ci_low"], row[1]["ci_high"], "signed"),
            "p by permutation": lambda row: number(round(row[1]["p"], 3)) if row[1]["p"] >= LEAST_P else least,
        },
        caption="With and without a third party in the causal chain. Cliff's delta is how much more often the first "
        "side is the longer, from −1 to 1; p is the share of shuffles that differ as much by Gehan's scores (of each "
        "value: how many others are surely shorter, less how many are surely longer){limits}",
        limits=page.t(limits) if page.study.n > MANY else "",
    )


def table(page: Page, parties: pd.DataFrame) -> Block:
    """Tabulate the third parties; a long table leaves out those that only suffered."""
    parties = in_frame("parties", parties, "incident_id", "party", "involvement", "role", "claims")
    listed = parties if page.n <= style.MANY else parties[parties["involvement"] != "victim"]
    listed = listed[listed["incident_id"].isin(page.ids)]
    if listed.empty:
        return page.say("No source names a third party.")
    linked, number = page.evidence.linked, page.words.number
    return page.table(
        "t-parties",
        listed.sort_values(["party", "incident_id", "involvement"]),
        {
            "Organisation": lambda r: page.words.party(r.party),
            "Incident": lambda r: page.incident_link(r.incident_id),
            "Role": lambda r: page.words.label("role", r.role),
            "Part in the incident": lambda r: page.words.label("involvement", r.involvement),
            "Claims": lambda r: linked(number(r.claims), r.incident_id, "third_parties"),
        },
        caption="Third parties: in the causal chain of {chain} of {incidents}; with those that only suffered or "
        "slowed the recovery, sources tell of one in {k}. A long table leaves out those that only suffered",
        some=True,
        chain=facts.causal(parties)["incident_id"].nunique(),
        incidents=page.words.n("{n} incident", "{n} incidents", page.n),
        k=parties["incident_id"].nunique(),
    )
