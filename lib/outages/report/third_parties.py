"""On whom did the outages depend, as a page says it? `parties` has one row an incident, organisation and part."""

import math
from collections import Counter
from collections.abc import Mapping

import pandas as pd
from markupsafe import Markup

from outages.facts import third_parties as facts
from outages.facts.third_parties import UNNAMED, incidents_of
from outages.figures import network, style, tallies
from outages.language import N_
from outages.report.findings import curated
from outages.report.html import Block, Cell, paragraph, stack
from outages.report.part import Page
from outages.report.worth import LEAST_BAR, differ, says
from outages.stats.inference import FEW, MANY
from outages.stats.intervals import Interval

BARS = 16  # organisations in the figure
COUNTED = {  # beside roles, after which they stand
    "redundancy": N_("Redundancy went down with the rest"),
    "same_company": N_("Two incidents at random depend on the same company"),
}


def figure(page: Page, parties: pd.DataFrame) -> Block:
    """Draw which organisations were named in more than one outage, and in which part."""
    counted = parties[(parties["party"] != UNNAMED) & (parties["involvement"] != "victim")]
    often = incidents_of(counted, "party")
    if not differ(often):
        return page.dropped("No organisation is named in more than one outage; the table lists each.")
    counted = facts.nearest(counted[counted["party"].isin(often.index[often >= LEAST_BAR][:BARS])])
    first = often.index[0]
    return page.figure(
        "f-parties",
        tallies.party_bars(counted.reset_index(), page.words),
        title=page.t("Named most often: {name}, in {k} outages", name=page.words.party(first), k=int(often.iloc[0])),
        alt=page.t(
            "Bars of how many incidents name each organisation, by part. {rows}.", rows=who_had_what(page, counted)
        ),
        caption=page.words._(
            "Organisations that sources name in more than one outage, not counting those that only suffered; an "
            "incident counts once, by the nearest part: the cause before the trigger. n = {k} of {n} incidents. Data "
            "version {version}."
        ),
        data=counted.groupby(["party", "involvement"]).size().rename("incidents").reset_index(),
        k=counted.index.nunique(),
    )


def who_had_what(page: Page, parties: pd.DataFrame) -> str:
    """Say in words who had which part in the first incidents."""
    part = parties["involvement"].map(lambda part: page.words.label("involvement", part))
    text = parties["party"].map(page.words.party) + " (" + part + ")"
    by_incident = text.groupby(level=0).agg(", ".join).head(style.SEVERAL)
    return page.aloud((page.titles[incident], text) for incident, text in by_incident.items())


def graph(page: Page, parties: pd.DataFrame) -> Block:
    """Draw who depended on whom and who fell."""
    whole = facts.network(parties)
    if not whole.number_of_edges():
        return page.dropped("No source names an organisation on which another depended, so no graph is drawn.")
    rows = [(one, two, edge["kind"], len(edge["incidents"])) for one, two, edge in whole.edges(data=True)]
    edges = pd.DataFrame(rows, columns=["from", "to", "kind", "incidents"])
    own = page.study.registry.incidents["operator"].get(page.study.focus, "")
    operators = set(parties["operator"].str.split(";").explode())
    drawn, columns = network.columns(whole, operators, own.partition(";")[0])
    first = page.t("Depended on: cause, trigger or way of spreading")
    if not drawn.number_of_edges():
        return page.dropped("No operator has two organisations to be linked with, so no graph is drawn.")
    heads = (first, page.t("Operator of the incident"), page.t("Went down with it"))
    depended = Counter(edges.loc[edges["kind"] == "cause", "to"])
    took = Counter(edges.loc[edges["kind"] == "victim", "from"])
    most = max((name for _, name in columns[1]), key=lambda name: depended[name] + took[name])
    caption = page.words._(
        "The thicker a line, the more incidents it stands for; solid lines lead to the outage, dashed lines to those "
        "it took down. Shown are operators with two lines or more, at most five to the left and four to the right of "
        "each: {drawn} of {all} lines. n = {k} of {n} incidents. Data version {version}."
    )
    for name, count in {"{drawn}": drawn.number_of_edges(), "{all}": len(edges)}.items():
        caption = caption.replace(name, page.words.number(count))
    party = page.words.party
    said = page.words._("; ").join(f"{party(one)} → {party(two)}" for (_, one), (_, two) in drawn.edges)
    return page.figure(
        "f-graph",
        network.layered(drawn, columns, heads, page.words, bold=[own]),
        title=page.t(
            "Of the operators drawn, {name} has the most links: {depended} to organisations on which it depended, "
            "{took} to those that it took down",
            name=party(most),
            depended=depended[most],
            took=took[most],
        ),
        alt=page.t("Graph in three columns, lines: {lines}. {rows}.", lines=drawn.number_of_edges(), rows=said),
        caption=caption,
        data=edges,
        k=len(set().union(*(edge["incidents"] for *_, edge in whole.edges(data=True)))),
    )


def roles(page: Page, shares: pd.DataFrame) -> Block:
    """Tabulate roles, redundancy and concentration, as `outages.facts.third_parties.dependence` returns them."""
    if shares.empty:
        return page.dropped("No source says anything of third parties or redundancy.")
    rows = sorted(shares.itertuples(), key=lambda row: (row.what in COUNTED, row.what == "other"))
    _, number = page.words._, page.words.number
    what = {code: _(text) for code, text in COUNTED.items()}
    found = {
        "redundancy": _("{k} of {n} where a source says"),
        "same_company": _("pairs of {n} incidents with a named company"),
    }
    role, of = _("Third party: {role}"), _("{k} of {n}")
    columns = {
        _("Subject"): [what.get(r.what) or role.format(role=page.words.label("role", r.what)) for r in rows],
        _("Found in"): [found.get(r.what, of).format(k=number(r.k), n=number(r.of)) for r in rows],
        _("Share, with worst-case bounds"): [
            of_those_told(page, r.k / r.of, bounds) if r.what == "redundancy" else bounds
            for r, bounds in ((r, share(page, Interval(r.low, r.high))) for r in rows)
        ],
        _("95% interval of the low end"): [chance(page, r.ci_low, r.ci_high, "percent") for r in rows],
    }
    caption = page.t(
        "Roles in the causal chain, redundancy and concentration (n = {n}); the bounds of roles and redundancy count "
        "every silent source both ways, the concentration rests on incidents with a named company alone"
    )
    return page.table("t-roles", caption, columns)


def share(page: Page, bounds: Interval) -> str:
    """Write bounds of a share; of those that leave nearly everything open the lower end."""
    return page.words.interval(bounds if says(bounds, "percent") else Interval(bounds.low, math.inf), "percent")


def of_those_told(page: Page, told: float, bounds: str) -> str:
    """Write a share of the incidents of which a source says something before the bounds of all."""
    return page.t("{told} of these; {bounds} of all {n}", told=page.words.percent(told), bounds=bounds)


def chance(page: Page, low: float, high: float, how: str) -> str:
    """Write an interval by chance."""
    if math.isnan(low):
        return page.t("too few")
    return page.t("{low} to {high}", low=page.words.end(low, how), high=page.words.end(high, how))


def comparison(page: Page, lengths: pd.DataFrame, statements: pd.DataFrame) -> Block:
    """Tabulate length, and the lag to the earliest statement, with and without a third party in the causal chain."""
    rows = {
        page.t("Length of the outage"): facts.with_and_without(lengths),
        page.t("Delay to the earliest known statement"): facts.with_and_without(curated(page, statements)),
    }
    enough = {name: row for name, row in rows.items() if not math.isnan(row["delta_low"])}
    form, number = page.words._("{name} ({a} with, {b} without)"), page.words.number
    few = [
        form.format(name=page.words.within(n), a=number(r["n_with"]), b=number(r["n_without"]))
        for n, r in rows.items()
        if n not in enough
    ]
    form = page.words._("No comparison for having fewer than {few} values on a side: {names}.")
    left_out = form.format(few=FEW, names=page.words.listed(few))
    shown: list[Block | Markup] = [paragraph(longer(page, name, row)) for name, row in enough.items()]
    shown += [comparison_table(page, enough)] if enough else []
    return stack(*shown, *([paragraph(left_out, "dropped")] if few else []))


def longer(page: Page, name: str, row: pd.Series) -> str:
    """Say which side is the longer, or that neither surely is."""
    form = N_("{name}: no clear difference between outages with and without a third party.")
    if row["ci_low"] > 0:
        form = N_("{name}: longer with a third party.")
    elif row["ci_high"] < 0:
        form = N_("{name}: shorter with a third party.")
    return page.t(form, name=name)


def comparison_table(page: Page, compared: Mapping[str, pd.Series]) -> Block:
    """Tabulate quantities that are known often enough on either side."""

    def interval(row: pd.Series, name: str, how: str) -> str:
        return page.words.interval(Interval(row[f"{name}_low"], row[f"{name}_high"]), how)

    def median(row: pd.Series, side: str) -> str:
        return page.t("{median} (n = {n})", median=interval(row, f"median_{side}", "minutes"), n=int(row[f"n_{side}"]))

    rows, _ = list(compared.values()), page.words._
    columns = {
        _("Subject"): list(compared),
        _("Median with a third party"): [median(row, "with") for row in rows],
        _("Median without one"): [median(row, "without") for row in rows],
        _("Cliff's delta, bounds"): [interval(row, "delta", "signed") for row in rows],
        _("95% interval"): [chance(page, row["ci_low"], row["ci_high"], "signed") for row in rows],
        _("p by permutation"): [p_value(page, row["p"]) for row in rows],
    }
    caption = _(
        "With and without a third party in the causal chain. Cliff's delta is how much more often the first side is "
        "the "
        "longer, from −1 to 1; p is the share of shuffles that differ as much by Gehan's scores (of each "
        "value: how many others are surely shorter, less how many are surely longer)"
    )
    if page.study.n > MANY:
        more = _("with so many values, interval and p are the normal limits that resampling and shuffling approach")
        caption = _("{caption}; {more}").format(caption=caption, more=more)
    return page.table("t-comparison", caption, columns)


def p_value(page: Page, p: float) -> str:
    """Write a p-value; one that rounds to nothing is said to be below what is written."""
    return page.words.number(round(p, 3)) if p >= 0.0005 else f"< {page.words.number(0.001)}"


def table(page: Page, parties: pd.DataFrame) -> Block:
    """Tabulate the third parties; a long table leaves out those that only suffered."""
    listed = parties if page.study.n <= style.MANY else parties[parties["involvement"] != "victim"]
    listed = listed[listed.index.isin(page.ids)]
    if listed.empty:
        return stack(paragraph(page.t("No source names a third party.")))
    rows = list(listed.reset_index().sort_values(["party", "incident_id", "involvement"]).itertuples())
    linked, number = page.evidence.linked, page.words.number
    columns: dict[str, list[Cell]] = {
        page.t("Organisation"): [page.words.party(r.party) for r in rows],
        page.t("Incident"): [page.incident_link(r.incident_id) for r in rows],
        page.t("Role"): [page.words.label("role", r.role) for r in rows],
        page.t("Part in the incident"): [page.words.label("involvement", r.involvement) for r in rows],
        page.t("Claims"): [linked(number(r.claims), r.incident_id, "third_parties") for r in rows],
    }
    caption = page.t(
        "Third parties: in the causal chain of {chain} of {n} incidents; with those that only suffered or slowed the "
        "recovery, sources tell of one in {k}. A long table leaves out those that only suffered",
        chain=facts.causal(parties).index.nunique(),
        k=parties.index.nunique(),
    )
    return page.table("t-parties", page.some(caption), columns)
