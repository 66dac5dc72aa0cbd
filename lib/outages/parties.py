"""On whom did the outages hang, as a page says it?"""

import pandas as pd
from markupsafe import Markup

from outages import page, plots
from outages.dependence import CAUSAL, in_causal_chain, parties, share_with_third_party
from outages.page import Block, inside, paragraph, stack
from outages.view import View


def most_named(named: pd.DataFrame) -> list[str]:
    """Return up to six organisations, those of most incidents first."""
    count = named.groupby("party")["incident_id"].nunique().rename("count").reset_index()
    return count.sort_values(["count", "party"], ascending=[False, True])["party"].head(6).tolist()


class Parties(View):
    """Dependence on third parties: a sentence, a figure, a table."""

    def headline(self) -> Markup:
        """Say how often a third party stood in the causal chain."""
        _, chain = self.words._, in_causal_chain(self.study.registry)
        share = share_with_third_party(self.study.registry)
        form = _(
            "Third parties: in {k} of {n} incidents a source places another organisation in the causal chain ({which}); since the others name none, the share lies between {low} and {high}."
        )
        if chain.all():
            form = _(
                "Third parties: in all {n} incidents a source places another organisation in the causal chain ({which})."
            )
        named = parties(self.study.registry)
        named = named[named["involvement"].isin(CAUSAL)]
        which = Markup(", ").join(inside(self.words.party(p), "t-parties") for p in most_named(named))
        low, high = (self.words.percent(v) for v in (share.low, share.high)) if share else ("", "")
        return Markup(form).format(
            k=self.words.number(int(chain.sum())), n=self.words.number(self.study.n), which=which, low=low, high=high
        )

    def figure(self) -> Block:
        """Draw which organisation had which part in which incident."""
        _, named = self.words._, parties(self.study.registry)
        if named.empty:
            return stack(paragraph(_("No source names a third party, so no figure is drawn."), "dropped"))
        titles = self.titles[[i for i in self.ids if i in set(named["incident_id"])]]
        chain = int(in_causal_chain(self.study.registry).sum())
        title = _("{k} of {n} incidents name a third party in the causal chain").format(
            k=self.words.number(chain), n=self.words.number(self.study.n)
        )
        said = _("; ").join(
            f"{self.titles[i]}: "
            + ", ".join(
                f"{self.words.party(r.party)} ({self.words.label('involvement', r.involvement)})"
                for r in part.itertuples()
            )
            for i, part in named[named["incident_id"].isin(titles.index[: plots.SEVERAL])].groupby("incident_id")
        )
        alt = _("Grid of organisations and incidents with a letter for the part that each had. {rows}.").format(
            rows=said
        )
        caption = _(
            "A letter is a claim by at least one source; an empty cell means that no source says anything. n = {k} of {n} incidents with a named third party. Data version {version}."
        )
        if len(titles) <= plots.SEVERAL:
            drawn = plots.party_matrix(named, titles, self.words)
        else:
            drawn = plots.party_bars(
                named[(named["party"] != "unnamed") & (named["involvement"] != "victim")], self.words
            )
            caption = _(
                "Organisations by the number of incidents in which a source names them, with a letter for the part; two parts in one incident count twice; those that only suffered, and those that the source does not name, are left out. n = {k} of {n} incidents with a named third party. Data version {version}."
            )
        return self.drawn(drawn, title=title, alt=alt, caption=caption, known=len(titles), key="f-parties")

    def table(self) -> Block:
        """Tabulate the third parties."""
        _, named = self.words._, parties(self.study.registry)
        listed = named if self.study.n <= plots.MANY else named[named["involvement"] != "victim"]
        rows = [
            [self.words.party(r.party), self.incident_link(r.incident_id), self.words.label("role", r.role), self.words.label("involvement", r.involvement),
             inside(self.words.number(r.claims), "c", r.incident_id, "third_parties")]
            for r in listed.sort_values(["party", "incident_id", "involvement"]).itertuples()
        ]  # fmt: skip
        head = [_("Organisation"), _("Incident"), _("Role"), _("Part in the incident"), _("Claims")]
        caption = self.with_n(
            _("Third parties (named in {k} of {n} incidents); a long table leaves out those that only suffered"),
            named["incident_id"].nunique(),
        )
        return (
            stack(page.table(caption, head, rows, key="t-parties"))
            if rows
            else stack(paragraph(_("No source names a third party.")))
        )
