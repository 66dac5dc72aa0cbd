"""On whom did the outages depend, as a page says it? Functions of `parties`: one row an incident, organisation and part."""

import math
from collections.abc import Mapping

import pandas as pd
from markupsafe import Markup

from outages.facts import third_parties as facts
from outages.facts.groups import SCHEME, counted_by_scheme
from outages.facts.third_parties import UNNAMED, causal, incidents_of
from outages.figures import charts, network, plots
from outages.figures.charts import Fill
from outages.report.evidence import lag_names
from outages.report.html import Block, bullets, inside, paragraph, stack
from outages.report.part import Page
from outages.stats.inference import FEW, MANY
from outages.stats.intervals import Interval

COLUMNS, ROWS = 34, 30  # incidents and organisations in the matrix of the causal chain
NAMED = 6  # organisations in the sentence


def headline(page: Page, parties: pd.DataFrame) -> Markup:
    """Say how often a third party stood in the causal chain."""
    _, chain, n = page.words._, causal(parties), page.study.n
    k = chain.index.nunique()
    form = _(
        "<strong>Dependence on third parties.</strong> In {k} of {n} incidents a source places another organisation in "
        "the causal chain ({which})."
    )
    if k == n:
        form = _(
            "<strong>Dependence on third parties.</strong> In all {n} incidents a source places another organisation "
            "in the causal chain ({which})."
        )
    if not k:
        form = _(
            "<strong>Dependence on third parties.</strong> In none of {n} incidents does a source place another "
            "organisation in the causal chain."
        )
    count = incidents_of(causal(parties, named=True), "party")
    which = [inside(page.words.party(party), "t-parties") for party in count.index[:NAMED]]
    said = Markup(form).format(k=page.words.number(k), n=page.words.number(n), which=Markup(", ").join(which))
    if k == n:
        return said
    text = _("No name is not proof that there was nobody, so the share lies between {low} and {high}.")
    bounds = text.format(low=page.words.percent(k / n), high=page.words.percent(1.0))
    return said + Markup(' <span class="sure">{}</span>').format(bounds)


def headline_block(page: Page, parties: pd.DataFrame) -> Block:
    """Show the answer at the head of a page about one question."""
    return stack(bullets([headline(page, parties)], "headlines"))


def figure(page: Page, parties: pd.DataFrame) -> Block:
    """Draw which organisation had which part in which incident, or of many incidents in how many."""
    if parties.empty:
        return page.dropped("No source names a third party, so no figure is drawn.")
    ids = parties.index.unique()
    if len(ids) <= plots.SEVERAL:
        drawn, data = matrix(page, parties), parties[["party", "involvement", "role"]].reset_index()
        alt = page.t(
            "Grid of organisations and incidents with a letter for the part that each had. {rows}.",
            rows=who_had_what(page, parties),
        )
        caption = page.words._(
            "A letter is a claim by at least one source; an empty cell means that no source says anything. n = {k} of "
            "{n} incidents with a named third party. Data version {version}."
        )
    else:
        counted = parties[(parties["party"] != UNNAMED) & (parties["involvement"] != "victim")]
        drawn = plots.party_bars(counted.reset_index(), page.words)
        data = counted.groupby(["party", "involvement"]).size().rename("incidents").reset_index()
        alt = page.t(
            "Bars of how many incidents name each organisation, by part. {rows}.", rows=who_had_what(page, parties)
        )
        caption = page.words._(
            "Organisations by the number of incidents in which a source names them, with a letter for the part; two "
            "parts in one incident count twice; those that only suffered, and those that the source does not name, are "
            "left out. n = {k} of {n} incidents with a named third party. Data version {version}."
        )
    title = page.t("{k} of {n} incidents name a third party in the causal chain", k=causal(parties).index.nunique())
    return page.figure("f-parties", drawn, title=title, alt=alt, caption=caption, data=data, k=len(ids))


def who_had_what(page: Page, parties: pd.DataFrame) -> str:
    """Say in words who had which part in the first incidents."""
    part = parties.assign(
        text=[
            f"{page.words.party(r.party)} ({page.words.label('involvement', r.involvement)})"
            for r in parties.itertuples()
        ]
    )
    by_incident = part.groupby(level=0)["text"].agg(", ".join).head(plots.SEVERAL)
    return page.words._("; ").join(f"{page.titles[i]}: {text}" for i, text in by_incident.items())


def matrix(page: Page, parties: pd.DataFrame) -> plots.Figure:
    """Draw organisations by incidents; where one had several parts, the one nearest to the cause is shown."""
    rank = parties["involvement"].map(list(plots.SIGNS).index)
    first = (
        parties.assign(rank=rank).rename_axis("incident_id").reset_index().sort_values(["rank", "party"], kind="stable")
    )
    grid = first.drop_duplicates(["party", "incident_id"]).pivot(
        index="party", columns="incident_id", values="involvement"
    )
    titles = page.titles[page.titles.index.isin(parties.index)]
    grid = grid.reindex(index=first["party"].unique(), columns=titles.index).fillna("")
    grid = grid.rename(index=page.words.party, columns=titles)
    fills = {
        part: Fill(plots.FILLS[part], sign, page.words.label("involvement", part)) for part, sign in plots.SIGNS.items()
    }
    rows = grid.T if len(titles) > plots.SEVERAL else grid
    return charts.matrix(rows, fills, page.words, bold=focus_title(page), wide=40)


def focus_title(page: Page) -> list[str]:
    """Return the title of the incident in focus, none without one."""
    return [page.titles[page.study.focus]] if page.study.focus else []


def causal_matrix(page: Page, parties: pd.DataFrame) -> Block:
    """Draw the companies that are named in most incidents by these incidents."""
    named = causal(parties, named=True)
    if named.empty:
        return page.dropped("No source names a third party in a causal chain, so no figure is drawn.")
    order = incidents_of(named, "party")
    kept = named[named["party"].isin(order.index[:ROWS])]
    ids = sorted(kept.index.unique(), key=lambda i: (i != page.study.focus, i))[:COLUMNS]
    kept = kept[kept.index.isin(ids)]
    return page.figure(
        "f-company-matrix",
        matrix(page, kept),
        title=page.t(
            "{k} organisations stand in the causal chain of {n} incidents", k=len(order), n=named.index.nunique()
        ),
        alt=page.t(
            "Grid of organisations and incidents with a letter for the part that each had. {rows}.",
            rows=who_had_what(page, kept),
        ),
        caption=page.words._(
            "Companies and incidents of the causal chain; companies of most incidents are taken first when there is no "
            "room for all. n = {k} of {n} incidents drawn. Data version {version}."
        ),
        data=kept[["party", "involvement", "role"]].reset_index(),
        k=len(ids),
    )


def graph(page: Page, parties: pd.DataFrame) -> Block:
    """Draw who depended on whom and who fell."""
    whole = facts.network(parties)
    if not whole.number_of_edges():
        return page.dropped("No source names an organisation on which another hung, so no graph is drawn.")
    rows = [(one, two, edge["kind"], len(edge["incidents"])) for one, two, edge in whole.edges(data=True)]
    edges = pd.DataFrame(rows, columns=["from", "to", "kind", "incidents"])
    own = page.study.registry.incidents["operator"].get(page.study.focus, "")
    drawn, columns = network.columns(whole, set(parties["operator"]), own)
    heads = (
        page.t("On whom it hung: cause, trigger or way of spreading"),
        page.t("Operator of the incident"),
        page.t("Fell with it"),
    )
    times = edges.groupby("kind")["incidents"].sum()
    caption = page.words._(
        "Lines are thicker the more incidents stand behind them; solid lines carry the cause, dashed lines the damage. "
        "Drawn are the operators with most lines, {drawn} of {all} lines. n = {k} of {n} incidents. Data version "
        "{version}."
    )
    for name, count in {"{drawn}": drawn.number_of_edges(), "{all}": len(edges)}.items():
        caption = caption.replace(name, page.words.number(count))
    said = page.words._("; ").join(
        f"{page.words.party(one[1])} → {page.words.party(two[1])}" for one, two in drawn.edges
    )
    return page.figure(
        "f-graph",
        charts.layered(drawn, columns, heads, page.words, bold=[own]),
        title=page.t(
            "{causes} times another organisation pulled an operator down, {victims} times an operator pulled others "
            "down",
            causes=int(times.get("cause", 0)),
            victims=int(times.get("victim", 0)),
        ),
        alt=page.t("Graph in three columns. {rows}.", rows=said),
        caption=caption,
        data=edges,
        k=len(set().union(*(edge["incidents"] for *_, edge in whole.edges(data=True)))),
    )


def years(page: Page, incidents: pd.DataFrame) -> Block:
    """Draw the share of each year beside the shares that ENISA published."""
    field = counted_by_scheme(incidents)
    shares = facts.by_year(incidents[field] if field.any() else incidents)  # without a European one, all
    annual = page.study.registry.regulator_annual
    annual = annual[(annual["scheme"] == SCHEME) & (annual["metric"] == "share_third_party")].drop_duplicates(
        ["year", "value"]
    )
    published = pd.DataFrame({"year": annual["year"].astype(int), "share": annual["value"].astype(float)})
    names = (
        page.t("this study: share in which a source names one, 95% interval"),
        page.t("ENISA: share of reported incidents"),
    )
    n, k, join = int(shares["n"].sum()), int(shares["named"].sum()), page.words._("; ").join
    theirs = join(
        page.t("ENISA {year}: {share}", year=str(int(r.year)), share=page.words.percent(r.share))
        for r in published.itertuples()
    )
    title = page.t("A third party is named in {share} of the {n} incidents drawn", share=page.words.percent(k / n), n=n)
    said = join(
        page.t("{year}: {named} of {n}", year=str(r.Index), named=r.named, n=str(r.n)) for r in shares.itertuples()
    )
    return page.figure(
        "f-years",
        charts.year_shares(shares, published, page.words, names),
        title=title + (page.t("; {theirs}", theirs=theirs) if theirs else ""),
        alt=page.t("Share of incidents with a third party by year. {rows}.", rows=said),
        caption=page.words._(
            "Telecom incidents in the European Union (all incidents when there is none). Wilson intervals of the share "
            "in which a source names a third party: a lower bound, since silence is not absence. Below each year the "
            "number of incidents. n = {k} of {n}. Data version {version}."
        ),
        data=shares.reset_index(),
        k=n,
    )


def roles(page: Page, shares: pd.DataFrame) -> Block:
    """Tabulate roles, redundancy and concentration, as `outages.facts.third_parties.dependence` returns them."""
    if shares.empty:
        return page.dropped("No source says anything of third parties or redundancy.")
    what, found = [], []
    for row in shares.itertuples():
        if row.what == "same_company":
            what.append(page.t("Two incidents at random hang on the same company"))
            found.append(page.t("pairs of {n} incidents with a named company", n=row.of))
        elif row.what == "redundancy":
            what.append(page.t("Redundancy went down with the rest"))
            found.append(page.t("{k} of {n} where a source says", k=row.k, n=row.of))
        else:
            what.append(page.t("Third party: {role}", role=page.words.label("role", row.what)))
            found.append(page.t("{k} of {n}", k=row.k, n=row.of))
    caption = page.t(
        "Roles in the causal chain, redundancy and concentration (n = {n}); the bounds of roles and redundancy count "
        "every silent source both ways, the concentration rests on incidents with a named company alone"
    )
    columns = {
        page.t("What"): what,
        page.t("Found in"): found,
        page.t("Share, with worst-case bounds"): [
            page.words.interval(Interval(r.low, r.high), "percent") for r in shares.itertuples()
        ],
        page.t("95% interval of the low end"): [
            chance(page, r.ci_low, r.ci_high, "percent") for r in shares.itertuples()
        ],
    }
    return page.table("t-roles", caption, columns)


def chance(page: Page, low: float, high: float, how: str) -> str:
    """Write an interval by chance."""
    if math.isnan(low):
        return page.t("too few")
    return page.t("{low} to {high}", low=page.words.end(low, how), high=page.words.end(high, how))


def comparison(page: Page, lengths: pd.DataFrame, statements: pd.DataFrame) -> Block:
    """Tabulate length, and the lag to the earliest statement, with and without a third party in the causal chain."""
    compared = {
        page.t("length of the outage"): facts.with_and_without(lengths),
        lag_names(page.study)["to_known_word"]: facts.with_and_without(statements),
    }
    enough = {name: row for name, row in compared.items() if not math.isnan(row["delta_low"])}
    parts: list[Markup | Block] = []
    if enough:
        parts = [
            comparison_table(page, enough),
            paragraph(
                page.t(
                    "What this cannot say: incidents were not drawn at random, sources that name a supplier may also "
                    "be those that tell more, and “without” means that nobody is named. It describes the registry; it "
                    "is not the effect of having a supplier."
                ),
                "caution",
            ),
        ]
    few = [
        page.t("{name} ({a} with, {b} without)", name=name, a=int(row["n_with"]), b=int(row["n_without"]))
        for name, row in compared.items()
        if name not in enough
    ]
    if few:
        said = page.t(
            "No comparison for having fewer than {few} values on a side: {names}.",
            few=FEW,
            names=page.words.listed(few),
        )
        parts.append(paragraph(said, "dropped"))
    return stack(*parts)


def comparison_table(page: Page, compared: Mapping[str, pd.Series]) -> Block:
    """Tabulate quantities that are known often enough on either side."""

    def interval(row: pd.Series, name: str, how: str) -> str:
        return page.words.interval(Interval(row[f"{name}_low"], row[f"{name}_high"]), how)

    def median(row: pd.Series, side: str) -> str:
        return page.t("{median} (n = {n})", median=interval(row, f"median_{side}", "minutes"), n=int(row[f"n_{side}"]))

    rows = list(compared.values())
    columns = {
        page.t("What"): list(compared),
        page.t("Median with a third party"): [median(row, "with") for row in rows],
        page.t("Median without a named one"): [median(row, "without") for row in rows],
        page.t("Cliff's delta, bounds"): [interval(row, "delta", "signed") for row in rows],
        page.t("95% interval"): [chance(page, row["ci_low"], row["ci_high"], "signed") for row in rows],
        page.t("p by permutation"): [p_value(page, row["p"]) for row in rows],
    }
    caption = page.t(
        "With and without a third party in the causal chain. Delta is how much more often the first side is the "
        "longer, from −1 to 1; p is the share of shuffles that differ as much by Gehan's scores"
    )
    if page.study.n > MANY:
        more = page.t(
            "with so many values, interval and p are the normal limits that resampling and shuffling approach"
        )
        caption = page.t("{caption}; {more}", caption=caption, more=more)
    return page.table("t-comparison", caption, columns)


def p_value(page: Page, p: float) -> str:
    """Write a p-value; one that rounds to nothing is said to be below what is written."""
    if math.isnan(p):
        return "–"
    return page.words.number(round(p, 3)) if p >= 0.0005 else f"< {page.words.number(0.001)}"


def table(page: Page, parties: pd.DataFrame) -> Block:
    """Tabulate the third parties; a long table leaves out those that only suffered."""
    listed = parties if page.study.n <= plots.MANY else parties[parties["involvement"] != "victim"]
    listed = listed[listed.index.isin(page.ids)]
    if listed.empty:
        return stack(paragraph(page.t("No source names a third party.")))
    rows = list(listed.reset_index().sort_values(["party", "incident_id", "involvement"]).itertuples())
    linked, number = page.evidence.linked, page.words.number
    columns = {
        page.t("Organisation"): [page.words.party(r.party) for r in rows],
        page.t("Incident"): [page.incident_link(r.incident_id) for r in rows],
        page.t("Role"): [page.words.label("role", r.role) for r in rows],
        page.t("Part in the incident"): [page.words.label("involvement", r.involvement) for r in rows],
        page.t("Claims"): [linked(number(r.claims), r.incident_id, "third_parties") for r in rows],
    }
    caption = page.t(
        "Third parties (named in {k} of {n} incidents); a long table leaves out those that only suffered",
        k=parties.index.nunique(),
    )
    return page.table("t-parties", page.some(caption), columns)
