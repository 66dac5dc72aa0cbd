"""On whom did the outages depend, as a page says it? `parties` has one row an incident, organisation and part."""

import math
from collections.abc import Mapping

import pandas as pd
from markupsafe import Markup

from outages.facts import third_parties as facts
from outages.facts.third_parties import UNNAMED, causal, incidents_of
from outages.figures import matrices, network, style
from outages.figures.matrices import Fill
from outages.language import lag_names
from outages.report.html import Block, Cell, bullets, inside, paragraph, stack
from outages.report.part import Page
from outages.stats.inference import FEW, MANY
from outages.stats.intervals import Interval

COLUMNS, ROWS = 34, 30  # incidents and organisations in the matrix of the causal chain
NAMED = 6  # organisations in the sentence


def headline(page: Page, parties: pd.DataFrame) -> Markup:
    """Say how often a third party stood in the causal chain."""
    _, number, n, k = page.words._, page.words.number, page.study.n, causal(parties).index.nunique()
    form = _(
        "<strong>Dependence on third parties.</strong> In {k} of {n} incidents a source places another organisation in "
        "the causal chain ({which})."
    )
    every = _(
        "<strong>Dependence on third parties.</strong> In all {n} incidents a source places another organisation "
        "in the causal chain ({which})."
    )
    none = _(
        "<strong>Dependence on third parties.</strong> In none of {n} incidents does a source place another "
        "organisation in the causal chain."
    )
    count = incidents_of(causal(parties, named=True), "party")
    which = Markup(", ").join(inside(page.words.party(party), "t-parties") for party in count.index[:NAMED])
    said = Markup({0: none, n: every}.get(k, form)).format(k=number(k), n=number(n), which=which)
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
    title = page.t("{k} of {n} incidents name a third party in the causal chain", k=causal(parties).index.nunique())
    if parties.index.nunique() <= style.SEVERAL:
        caption = page.words._(
            "A letter is a claim by at least one source; an empty cell means that no source says anything. "
            "n = {k} of {n} incidents with a named third party. Data version {version}."
        )
        return grid(page, "f-parties", parties, title, caption)
    counted = parties[(parties["party"] != UNNAMED) & (parties["involvement"] != "victim")]
    said = who_had_what(page, parties)
    return page.figure(
        "f-parties",
        matrices.party_bars(counted.reset_index(), page.words),
        title=title,
        alt=page.t("Bars of how many incidents name each organisation, by part. {rows}.", rows=said),
        caption=page.words._(
            "Organisations by the number of incidents in which a source names them, with a letter for the part; two "
            "parts in one incident count twice; those that only suffered, and those that the source does not name, are "
            "left out. n = {k} of {n} incidents with a named third party. Data version {version}."
        ),
        data=counted.groupby(["party", "involvement"]).size().rename("incidents").reset_index(),
        k=parties.index.nunique(),
    )


def causal_matrix(page: Page, parties: pd.DataFrame) -> Block:
    """Draw the companies that are named in most incidents by these incidents."""
    named = causal(parties, named=True)
    if named.empty:
        return page.dropped("No source names a third party in a causal chain, so no figure is drawn.")
    order = incidents_of(named, "party")
    kept = named[named["party"].isin(order.index[:ROWS])]
    ids = sorted(kept.index.unique(), key=lambda i: (i != page.study.focus, i))[:COLUMNS]
    form = page.words._("{k} organisations stand in the causal chain of {n} incidents")
    title = form.format(k=page.words.number(len(order)), n=page.words.number(named.index.nunique()))
    caption = page.words._(
        "Companies and incidents of the causal chain; companies of most incidents are taken first when there is no "
        "room for all. n = {k} of {n} incidents drawn. Data version {version}."
    )
    return grid(page, "f-company-matrix", kept[kept.index.isin(ids)], title, caption)


def grid(page: Page, key: str, parties: pd.DataFrame, title: str, caption: str) -> Block:
    """Draw organisations by incidents; where one had several parts, the one nearest to the cause is shown."""
    rank = parties["involvement"].map(list(matrices.SIGNS).index)
    rows = parties.assign(rank=rank).reset_index().sort_values(["rank", "party"], kind="stable")
    codes = rows.drop_duplicates(["party", "incident_id"]).set_index(["party", "incident_id"])["involvement"].unstack()
    titles = page.titles[page.titles.index.isin(parties.index)]
    codes = codes.reindex(index=rows["party"].unique(), columns=titles.index).fillna("")
    codes = codes.rename(index=page.words.party, columns=titles)
    label = {part: page.words.label("involvement", part) for part in matrices.SIGNS}
    fills = {part: Fill(matrices.FILLS[part], sign, label[part]) for part, sign in matrices.SIGNS.items()}
    bold = [page.titles[page.study.focus]] if page.study.focus else []
    codes = codes.T if len(titles) > style.SEVERAL else codes
    said = who_had_what(page, parties)
    return page.figure(
        key,
        matrices.matrix(codes, fills, page.words, bold=bold, wide=40),
        title=title,
        alt=page.t("Grid of organisations and incidents with a letter for the part that each had. {rows}.", rows=said),
        caption=caption,
        data=parties[["party", "involvement", "role"]].reset_index(),
        k=len(titles),
    )


def who_had_what(page: Page, parties: pd.DataFrame) -> str:
    """Say in words who had which part in the first incidents."""
    part = parties["involvement"].map(lambda part: page.words.label("involvement", part))
    text = parties["party"].map(page.words.party) + " (" + part + ")"
    by_incident = text.groupby(level=0).agg(", ".join).head(style.SEVERAL)
    return page.words._("; ").join(f"{page.titles[i]}: {text}" for i, text in by_incident.items())


def graph(page: Page, parties: pd.DataFrame) -> Block:
    """Draw who depended on whom and who fell."""
    whole = facts.network(parties)
    if not whole.number_of_edges():
        return page.dropped("No source names an organisation on which another hung, so no graph is drawn.")
    rows = [(one, two, edge["kind"], len(edge["incidents"])) for one, two, edge in whole.edges(data=True)]
    edges = pd.DataFrame(rows, columns=["from", "to", "kind", "incidents"])
    own = page.study.registry.incidents["operator"].get(page.study.focus, "")
    operators = set(parties["operator"].str.split(";").explode())
    drawn, columns = network.columns(whole, operators, own.partition(";")[0])
    first = page.t("On whom it hung: cause, trigger or way of spreading")
    heads = (first, page.t("Operator of the incident"), page.t("Fell with it"))
    times = {kind: int(edges.loc[edges["kind"] == kind, "incidents"].sum()) for kind in ("cause", "victim")}
    caption = page.words._(
        "Lines are thicker the more incidents stand behind them; solid lines carry the cause, dashed lines the damage. "
        "Drawn are the operators with most lines, {drawn} of {all} lines. "
        "n = {k} of {n} incidents. Data version {version}."
    )
    for name, count in {"{drawn}": drawn.number_of_edges(), "{all}": len(edges)}.items():
        caption = caption.replace(name, page.words.number(count))
    party = page.words.party
    said = page.words._("; ").join(f"{party(one)} → {party(two)}" for (_, one), (_, two) in drawn.edges)
    return page.figure(
        "f-graph",
        network.layered(drawn, columns, heads, page.words, bold=[own]),
        title=page.t(
            "{causes} times another organisation pulled an operator down, "
            "{victims} times an operator pulled others down",
            causes=times["cause"],
            victims=times["victim"],
        ),
        alt=page.t("Graph in three columns, lines: {lines}. {rows}.", lines=drawn.number_of_edges(), rows=said),
        caption=caption,
        data=edges,
        k=len(set().union(*(edge["incidents"] for *_, edge in whole.edges(data=True)))),
    )


def years(page: Page, shares: pd.DataFrame, published: pd.DataFrame) -> Block:
    """Draw shares by year (`facts.third_parties.by_year`) beside those that ENISA published (`year`, `share`)."""
    ours = page.t("this study: share in which a source names one, 95% interval")
    n, percent, join = int(shares["n"].sum()), page.words.percent, page.words._("; ").join
    told = [page.t("{year}: {named} of {n}", year=str(r.Index), named=r.named, n=r.n) for r in shares.itertuples()]
    theirs = [page.t("ENISA {year}: {share}", year=str(y), share=percent(share)) for y, share in published.values]
    share = percent(int(shares["named"].sum()) / max(n, 1))
    title = page.t("A third party is named in {share} of the {n} incidents drawn", share=share, n=n)
    return page.figure(
        "f-years",
        matrices.year_shares(shares, published, page.words, (ours, page.t("ENISA: share of reported incidents"))),
        title=title + (page.t("; {theirs}", theirs=join(theirs)) if theirs else ""),
        alt=page.t("Share of incidents with a third party by year. {rows}.", rows=join(told)),
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
    rows, _, number = list(shares.itertuples()), page.words._, page.words.number
    what = {
        "redundancy": _("Redundancy went down with the rest"),
        "same_company": _("Two incidents at random hang on the same company"),
    }
    found = {
        "redundancy": _("{k} of {n} where a source says"),
        "same_company": _("pairs of {n} incidents with a named company"),
    }
    role, of = _("Third party: {role}"), _("{k} of {n}")
    columns = {
        _("What"): [what.get(r.what) or role.format(role=page.words.label("role", r.what)) for r in rows],
        _("Found in"): [found.get(r.what, of).format(k=number(r.k), n=number(r.of)) for r in rows],
        _("Share, with worst-case bounds"): [page.words.interval(Interval(r.low, r.high), "percent") for r in rows],
        _("95% interval of the low end"): [chance(page, r.ci_low, r.ci_high, "percent") for r in rows],
    }
    caption = page.t(
        "Roles in the causal chain, redundancy and concentration (n = {n}); the bounds of roles and redundancy count "
        "every silent source both ways, the concentration rests on incidents with a named company alone"
    )
    return page.table("t-roles", caption, columns)


def chance(page: Page, low: float, high: float, how: str) -> str:
    """Write an interval by chance."""
    if math.isnan(low):
        return page.t("too few")
    return page.t("{low} to {high}", low=page.words.end(low, how), high=page.words.end(high, how))


def comparison(page: Page, lengths: pd.DataFrame, statements: pd.DataFrame) -> Block:
    """Tabulate length, and the lag to the earliest statement, with and without a third party in the causal chain."""
    rows = {
        page.t("length of the outage"): facts.with_and_without(lengths),
        lag_names(page.words)["to_known_word"]: facts.with_and_without(statements),
    }
    enough = {name: row for name, row in rows.items() if not math.isnan(row["delta_low"])}
    form, number = page.words._("{name} ({a} with, {b} without)"), page.words.number
    few = [
        form.format(name=n, a=number(r["n_with"]), b=number(r["n_without"])) for n, r in rows.items() if n not in enough
    ]
    caution = page.t(
        "What this cannot say: incidents were not drawn at random, sources that name a supplier may also be those that "
        "tell more, and “without” means that nobody is named. It describes the registry; it is not the effect of "
        "having a supplier."
    )
    form = page.words._("No comparison for having fewer than {few} values on a side: {names}.")
    left_out = form.format(few=FEW, names=page.words.listed(few))
    shown: list[Block | Markup] = [comparison_table(page, enough), paragraph(caution, "caution")] if enough else []
    return stack(*shown, *([paragraph(left_out, "dropped")] if few else []))


def comparison_table(page: Page, compared: Mapping[str, pd.Series]) -> Block:
    """Tabulate quantities that are known often enough on either side."""

    def interval(row: pd.Series, name: str, how: str) -> str:
        return page.words.interval(Interval(row[f"{name}_low"], row[f"{name}_high"]), how)

    def median(row: pd.Series, side: str) -> str:
        return page.t("{median} (n = {n})", median=interval(row, f"median_{side}", "minutes"), n=int(row[f"n_{side}"]))

    rows, _ = list(compared.values()), page.words._
    columns = {
        _("What"): list(compared),
        _("Median with a third party"): [median(row, "with") for row in rows],
        _("Median without a named one"): [median(row, "without") for row in rows],
        _("Cliff's delta, bounds"): [interval(row, "delta", "signed") for row in rows],
        _("95% interval"): [chance(page, row["ci_low"], row["ci_high"], "signed") for row in rows],
        _("p by permutation"): [p_value(page, row["p"]) for row in rows],
    }
    caption = _(
        "With and without a third party in the causal chain. Delta is how much more often the first side is the "
        "longer, from −1 to 1; p is the share of shuffles that differ as much by Gehan's scores"
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
        "Third parties (named in {k} of {n} incidents); a long table leaves out those that only suffered",
        k=parties.index.nunique(),
    )
    return page.table("t-parties", page.some(caption), columns)
