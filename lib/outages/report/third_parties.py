"""On whom did the outages hang, as a page says it?"""

import pandas as pd
from markupsafe import Markup

from outages.facts.groups import SCHEME, counted_by_scheme
from outages.facts.third_parties import (
    CAUSAL,
    UNNAMED,
    by_role,
    by_year,
    companies,
    in_causal_chain,
    network,
    parties,
    redundancy,
    share_with_third_party,
    shared,
)
from outages.figures import charts, plots
from outages.figures.charts import Fill
from outages.registry.files import numbers
from outages.report import html as page
from outages.report.evidence import lag_names
from outages.report.html import Block, Cell, inside, paragraph, stack
from outages.report.part import FEW, View
from outages.stats.inference import MANY, bootstrap, cliffs_delta, delta_interval, permutation_p, proportion
from outages.stats.intervals import Interval, quantile
from outages.stats.intervals import known as known_intervals

OPERATORS, SUPPLIERS, VICTIMS = 12, 22, 26  # nodes of each column of the graph
WIDE = 34  # incidents: columns of the matrix


def most_named(named: pd.DataFrame) -> list[str]:
    """Return up to six organisations, those of most incidents first."""
    count = named.groupby("party")["incident_id"].nunique().rename("count").reset_index()
    return count.sort_values(["count", "party"], ascending=[False, True])["party"].head(6).tolist()


class Parties(View):
    """Dependence on third parties: a sentence, figures, tables."""

    def headline(self) -> Markup:
        """Say how often a third party stood in the causal chain."""
        _, chain = self.words._, in_causal_chain(self.study.registry)
        share = share_with_third_party(self.study.registry)
        form = _(
            "<strong>Dependence on third parties.</strong> In {k} of {n} incidents a source places another organisation in the causal chain ({which})."
        )
        if chain.all():
            form = _(
                "<strong>Dependence on third parties.</strong> In all {n} incidents a source places another organisation in the causal chain ({which})."
            )
        if not chain.any():
            form = _(
                "<strong>Dependence on third parties.</strong> In none of {n} incidents does a source place another organisation in the causal chain."
            )
        named = parties(self.study.registry)
        named = named[named["involvement"].isin(CAUSAL) & (named["party"] != UNNAMED)]
        which = Markup(", ").join(inside(self.words.party(p), "t-parties") for p in most_named(named))
        said = Markup(form).format(
            k=self.words.number(int(chain.sum())), n=self.words.number(self.study.n), which=which
        )
        if share is None or chain.all():
            return said
        text = _("No name is not proof that there was nobody, so the share lies between {low} and {high}.").format(
            low=self.words.percent(share.low), high=self.words.percent(share.high)
        )
        return said + Markup(' <span class="sure">{}</span>').format(text)

    def figure(self) -> Block:
        """Draw which organisation had which part in which incident."""
        _, named = self.words._, parties(self.study.registry)
        if named.empty:
            return stack(paragraph(_("No source names a third party, so no figure is drawn."), "dropped"))
        titles = self.titles[self.titles.index.isin(named["incident_id"])]
        chain = int(in_causal_chain(self.study.registry).sum())
        title = _("{k} of {n} incidents name a third party in the causal chain").format(
            k=self.words.number(chain), n=self.words.number(self.study.n)
        )
        caption = _(
            "A letter is a claim by at least one source; an empty cell means that no source says anything. n = {k} of {n} incidents with a named third party. Data version {version}."
        )
        alt = _("Grid of organisations and incidents with a letter for the part that each had. {rows}.")
        if len(titles) <= plots.SEVERAL:
            drawn = self.matrix(named, titles)
        else:
            drawn = plots.party_bars(
                named[(named["party"] != UNNAMED) & (named["involvement"] != "victim")], self.words
            )
            alt = _("Bars of how many incidents name each organisation, by part. {rows}.")
            caption = _(
                "Organisations by the number of incidents in which a source names them, with a letter for the part; two parts in one incident count twice; those that only suffered, and those that the source does not name, are left out. n = {k} of {n} incidents with a named third party. Data version {version}."
            )
        return self.drawn(drawn, title=title, alt=alt.format(rows=self.who_had_what(named, titles)), caption=caption, known=len(titles), key="f-parties",
                          data=named[["incident_id", "party", "involvement", "role"]] if len(titles) <= plots.SEVERAL else party_counts(named))  # fmt: skip

    def who_had_what(self, named: pd.DataFrame, titles: pd.Series) -> str:
        """Say in words who had which part in the first incidents."""
        return self.words._("; ").join(
            f"{self.titles[i]}: "
            + ", ".join(
                f"{self.words.party(r.party)} ({self.words.label('involvement', r.involvement)})"
                for r in part.itertuples()
            )
            for i, part in named[named["incident_id"].isin(titles.index[: plots.SEVERAL])].groupby("incident_id")
        )

    def fills(self) -> dict[str, Fill]:
        """Return how the parts are shown."""
        return {
            part: Fill(plots.FILLS[part], plots.SIGNS[part], self.words.label("involvement", part))
            for part in plots.SIGNS
        }

    def matrix(self, named: pd.DataFrame, titles: pd.Series) -> plots.Figure:
        """Draw organisations by incidents; where one had several parts, the one nearest to the cause is shown."""
        rank = list(plots.SIGNS)
        first = named.assign(rank=named["involvement"].map(rank.index)).sort_values(["rank", "party"], kind="stable")
        grid = first.drop_duplicates(["party", "incident_id"]).pivot(
            index="party", columns="incident_id", values="involvement"
        )
        grid = grid.reindex(index=list(dict.fromkeys(first["party"])), columns=titles.index).fillna("")
        bold = [self.titles[self.study.focus]] if self.study.focus else []
        grid = grid.rename(index=self.words.party, columns=titles)
        return charts.matrix(
            grid.T if len(titles) > plots.SEVERAL else grid, self.fills(), self.words, bold=bold, wide=40
        )

    def company_matrix(self) -> Block:
        """Draw the companies that are named in most incidents by these incidents."""
        _, named = self.words._, parties(self.study.registry)
        named = named[(named["party"] != UNNAMED) & named["involvement"].isin(CAUSAL)]
        if named.empty:
            return stack(
                paragraph(_("No source names a third party in a causal chain, so no figure is drawn."), "dropped")
            )
        order = named.groupby("party")["incident_id"].nunique().sort_values(ascending=False, kind="stable")
        kept = named[named["party"].isin(order.index[:30])]
        ids = list(dict.fromkeys(kept.sort_values(["incident_id"])["incident_id"]))
        ids = sorted(sorted(ids, key=lambda i: i != self.study.focus)[:WIDE])
        kept = kept[kept["incident_id"].isin(ids)]
        title = _("{k} organisations stand in the causal chain of {n} incidents").format(
            k=self.words.number(len(order)), n=self.words.number(named["incident_id"].nunique())
        )
        alt = _("Grid of organisations and incidents with a letter for the part that each had. {rows}.").format(
            rows=self.who_had_what(kept, self.titles[ids])
        )
        caption = _(
            "Companies and incidents of the causal chain; companies of most incidents are taken first when there is no room for all. n = {k} of {n} incidents drawn. Data version {version}."
        )
        return self.drawn(
            self.matrix(kept, self.titles[ids]),
            title=title,
            alt=alt,
            caption=caption,
            known=len(ids),
            key="f-company-matrix",
            data=kept[["incident_id", "party", "involvement", "role"]],
        )

    def graph(self) -> Block:
        """Draw who depended on whom and who fell."""
        _, words = self.words._, self.words
        whole = network(self.study.registry)
        if not whole.number_of_edges():
            return stack(
                paragraph(_("No source names an organisation on which another hung, so no graph is drawn."), "dropped")
            )
        edges = pd.DataFrame(
            [(one, two, e["kind"], len(e["incidents"])) for one, two, e in whole.edges(data=True)],
            columns=["from", "to", "kind", "incidents"],
        )
        drawn, columns = self.columns(whole)
        heads = (
            _("On whom it hung: cause, trigger or way of spreading"),
            _("Operator of the incident"),
            _("Fell with it"),
        )
        own = self.study.registry.incidents["operator"].get(self.study.focus, "")
        figure = charts.layered(drawn, columns, heads, words, bold=[own])
        causes, victims = edges[edges["kind"] == "cause"], edges[edges["kind"] == "victim"]
        title = _(
            "{causes} times another organisation pulled an operator down, {victims} times an operator pulled others down"
        ).format(
            causes=words.number(int(causes["incidents"].sum())), victims=words.number(int(victims["incidents"].sum()))
        )
        said = _("; ").join(f"{words.party(one[1])} → {words.party(two[1])}" for one, two in drawn.edges)
        caption = _("Lines are thicker the more incidents stand behind them; solid lines carry the cause, dashed lines the damage. Drawn are the operators with most lines, {drawn} of {all} lines. n = {k} of {n} incidents. Data version {version}.").replace(
            "{drawn}", words.number(drawn.number_of_edges())).replace("{all}", words.number(whole.number_of_edges()))  # fmt: skip
        incidents = set().union(*(e["incidents"] for _one, _two, e in whole.edges(data=True)))
        return self.drawn(
            figure,
            title=title,
            alt=_("Graph in three columns. {rows}.").format(rows=said),
            caption=caption,
            known=len(incidents),
            key="f-graph",
            data=edges,
        )

    def columns(self, whole) -> tuple:
        """Return the part of the graph that is drawn, with nodes placed in three columns, and these columns."""
        from networkx import DiGraph

        operators = set(self.study.registry.incidents["operator"]) & set(whole)
        focus = self.study.registry.incidents["operator"].get(self.study.focus, "")
        weight = {
            o: (o == focus, sum(e["kind"] == "cause" for *_ends, e in whole.in_edges(o, data=True)), whole.degree(o))
            for o in operators
        }
        chosen = sorted(operators, key=lambda o: (weight[o], o), reverse=True)[:OPERATORS]
        drawn = DiGraph()
        for operator in chosen:
            before = [(one, e) for one, _two, e in whole.in_edges(operator, data=True) if e["kind"] == "cause"]
            after = [(two, e) for _one, two, e in whole.out_edges(operator, data=True) if e["kind"] == "victim"]
            for one, edge in sorted(before, key=lambda x: (-len(x[1]["incidents"]), x[0]))[:5]:
                drawn.add_edge((0, one), (1, operator), **edge)
            for two, edge in sorted(after, key=lambda x: (-len(x[1]["incidents"]), x[0]))[:4]:
                drawn.add_edge((1, operator), (2, two), **edge)
        columns = [[node for node in drawn if node[0] == x] for x in range(3)]
        columns[1] = [(1, o) for o in chosen if (1, o) in drawn]
        place = {node: y for y, node in enumerate(columns[1])}
        near = {
            n: min(place[m] for m in [*drawn.successors(n), *drawn.predecessors(n)]) for x in (0, 2) for n in columns[x]
        }
        for x, most in ((0, SUPPLIERS), (2, VICTIMS)):
            columns[x] = sorted(columns[x], key=lambda n: (near[n], n[1]))
            drawn.remove_nodes_from(columns[x][most:])
            columns[x] = columns[x][:most]
        return drawn, [column for column in columns]

    def years(self) -> Block:
        """Draw the share of each year beside the shares that ENISA published."""
        _, words = self.words._, self.words
        field = counted_by_scheme(self.study.registry)
        field = field if field.any() else ~field  # without a European one, all
        counts = by_year(self.study.registry, field)
        rows = pd.DataFrame([(y, r.named / r.n, *ends_of(proportion(int(r.named), int(r.n))), r.n, r.named) for y, r in zip(counts.index, counts.itertuples(), strict=True)],
                            columns=["year", "share", "low", "high", "n", "named"]).set_index("year")  # fmt: skip
        annual = self.study.registry.regulator_annual
        annual = annual[(annual["scheme"] == SCHEME) & (annual["metric"] == "share_third_party")].drop_duplicates(
            ["year", "value"]
        )
        published = pd.DataFrame({"year": annual["year"], "share": numbers(annual["value"])})
        names = (
            _("this study: share in which a source names one, 95% interval"),
            _("ENISA: share of reported incidents"),
        )
        figure = charts.year_shares(rows, published, words, names)
        said = _("; ").join(
            _("{year}: {named} of {n}").format(year=y, named=words.number(r.named), n=words.number(r.n))
            for y, r in zip(rows.index, rows.itertuples(), strict=True)
        )
        theirs = _("; ").join(
            _("ENISA {year}: {share}").format(year=r.year, share=words.percent(r.share)) for r in published.itertuples()
        )
        total = int(rows["named"].sum())
        title = _("A third party is named in {share} of the {n} incidents drawn").format(
            share=words.percent(total / max(int(rows["n"].sum()), 1)), n=words.number(int(rows["n"].sum()))
        )
        if theirs:
            title += _("; {theirs}").format(theirs=theirs)
        caption = _(
            "Telecom incidents in the European Union (all incidents when there is none). Wilson intervals of the share in which a source names a third party: a lower bound, since silence is not absence. Below each year the number of incidents. n = {k} of {n}. Data version {version}."
        )
        return self.drawn(
            figure,
            title=title,
            alt=_("Share of incidents with a third party by year. {rows}.").format(rows=said),
            caption=caption,
            known=int(field.sum()),
            key="f-years",
            data=rows.reset_index(),
        )

    def roles(self) -> Block:
        """Tabulate roles, redundancy and concentration: the shares of this dependence."""
        _, words = self.words._, self.words
        n, registry = self.study.n, self.study.registry
        rows: list[list[Cell]] = []
        for role, count in by_role(registry).items():
            interval = proportion(int(count), n)
            rows.append([_("Third party: {role}").format(role=words.label("role", str(role))), _("{k} of {n}").format(k=words.number(int(count)), n=words.number(n)),
                         words.interval(Interval(count / n, 1.0), "percent"), self.chance_text(interval, "percent")])  # fmt: skip
        down = redundancy(registry).value_counts()
        said = int(down.get("yes", 0) + down.get("no", 0) + down.get("disputed", 0))
        if said:
            yes = int(down.get("yes", 0))
            sharp = Interval(yes / n, 1 - int(down.get("no", 0)) / n)
            rows.append([_("Redundancy went down with the rest"), _("{k} of {n} where a source says").format(k=words.number(yes), n=words.number(said)), words.interval(sharp, "percent"),
                         self.chance_text(proportion(yes, said), "percent")])  # fmt: skip
        hung = companies(registry)
        met = shared(hung) if len(hung) >= FEW else None
        if met:
            drawn = bootstrap(len(hung), lambda draw: shared(hung, draw))
            rows.append(
                [
                    _("Two incidents at random hang on the same company"),
                    _("pairs of {n} incidents with a named company").format(n=words.number(len(hung))),
                    words.interval(met, "percent"),
                    self.chance_text(drawn, "percent"),
                ]
            )
        if not rows:
            return stack(paragraph(_("No source says anything of third parties or redundancy."), "dropped"))
        head = [
            _("What"),
            _("Found in"),
            _("Share, with worst-case bounds"),
            _("95% interval of the low end"),
        ]
        caption = _(
            "Roles in the causal chain, redundancy and concentration (n = {n}); the bounds of roles and redundancy count every silent source both ways, the concentration rests on incidents with a named company alone"
        ).format(n=words.number(n))
        return stack(page.table(caption, head, rows, key="t-roles"))

    def chance_text(self, interval: Interval | None, how: str) -> str:
        """Write an interval by chance."""
        if interval is None:
            return self.words._("too few")
        return self.words._("{low} to {high}").format(
            low=self.words.end(interval.low, how), high=self.words.end(interval.high, how)
        )

    def p_text(self, p: float | None) -> str:
        """Write a p-value; one that rounds to nothing is said to be below what is written."""
        if p is None:
            return "–"
        return self.words.number(round(p, 3)) if p >= 0.0005 else f"< {self.words.number(0.001)}"

    def comparison(self) -> Block:
        """Tabulate length and public lag with and without a third party."""
        _, words, e = self.words._, self.words, self.evidence
        chain = in_causal_chain(self.study.registry)
        rows: list[list[Cell]] = []
        few = []
        names = lag_names(self.study)
        for name, frame in (
            (_("length of the outage"), e.lengths[["low", "high"]]),
            (names["to_known_word"], e.lags["to_known_word"]),
        ):
            one, two = known_intervals(frame[chain]), known_intervals(frame[~chain])
            if not self.enough(one, two):
                few.append(
                    _("{name} ({a} with, {b} without)").format(
                        name=name, a=words.number(len(one)), b=words.number(len(two))
                    )
                )
                continue
            delta, interval, p = cliffs_delta(one, two), delta_interval(one, two), permutation_p(one, two)
            rows.append([name, *[_("{median} (n = {n})").format(median=words.interval(quantile(side, 0.5), "minutes"), n=words.number(len(side))) for side in (one, two)],
                         words.interval(delta, "signed"), self.chance_text(interval, "signed"), self.p_text(p)])  # fmt: skip
        parts: list[Markup | Block] = []
        if rows:
            head = [
                _("What"),
                _("Median with a third party"),
                _("Median without a named one"),
                _("Cliff's delta, bounds"),
                _("95% interval"),
                _("p by permutation"),
            ]
            caption = _(
                "With and without a third party in the causal chain. Delta is how much more often the first side is the longer, from −1 to 1; p is the share of shuffles that differ as much by Gehan's scores"
            )
            if self.study.n > MANY:
                more = _(
                    "with so many values, interval and p are the normal limits that resampling and shuffling approach"
                )
                caption = _("{caption}; {more}").format(caption=caption, more=more)
            parts.append(page.table(caption, head, rows, key="t-comparison"))
            text = _(
                "What this cannot say: incidents were not drawn at random, sources that name a supplier may also be those that tell more, and “without” means that nobody is named. It describes the registry; it is not the effect of having a supplier."
            )
            parts.append(paragraph(text, "caution"))
        if few:
            parts.append(
                paragraph(
                    _("No comparison for having fewer than {few} values on a side: {names}.").format(
                        few=FEW, names=words.listed(few)
                    ),
                    "dropped",
                )
            )
        return stack(*parts)

    def table(self) -> Block:
        """Tabulate the third parties."""
        _, named = self.words._, parties(self.study.registry)
        listed = named if self.study.n <= plots.MANY else named[named["involvement"] != "victim"]
        listed = listed[listed["incident_id"].isin(self.ids)] if self.evidence.spread else listed
        rows = [
            [self.words.party(r.party), self.incident_link(r.incident_id), self.words.label("role", r.role), self.words.label("involvement", r.involvement),
             self.evidence.linked(self.words.number(r.claims), r.incident_id, "third_parties")]
            for r in listed.sort_values(["party", "incident_id", "involvement"]).itertuples()
        ]  # fmt: skip
        head = [_("Organisation"), _("Incident"), _("Role"), _("Part in the incident"), _("Claims")]
        caption = self.with_n(
            _("Third parties (named in {k} of {n} incidents); a long table leaves out those that only suffered"),
            named["incident_id"].nunique(),
        )
        caption = self.some(caption)
        return (
            stack(page.table(caption, head, rows, key="t-parties"))
            if rows
            else stack(paragraph(_("No source names a third party.")))
        )


def ends_of(interval: Interval) -> tuple[float, float]:
    """Return both ends."""
    return interval.low, interval.high


def party_counts(named: pd.DataFrame) -> pd.DataFrame:
    """Return in how many incidents each organisation had which part, victims left out."""
    named = named[(named["party"] != UNNAMED) & (named["involvement"] != "victim")]
    return named.groupby(["party", "involvement"])["incident_id"].nunique().rename("incidents").reset_index()
