"""What was recommended after the outages, to whom, and with which targets, as a page says it?"""

import pandas as pd

from outages.figures import charts, plots
from outages.figures.charts import Fill
from outages.report import html as page
from outages.report.html import Block, Cell, paragraph, stack
from outages.report.part import View


class Advice(View):
    """What was recommended: a figure, tables."""

    @property
    def rows(self) -> pd.DataFrame:
        """Return the recommendations of the study."""
        return self.study.registry.recommendations

    @property
    def listed(self) -> pd.DataFrame:
        """Return the recommendations that tables list: all, or those after the incidents that a page of very many sets out."""
        return self.evidence.own.recommendations

    def themes(self) -> Block:
        """Draw themes by incidents, or how many incidents name each theme when they are many."""
        _, words, rows = self.words._, self.words, self.rows
        if rows.empty:
            return stack(paragraph(_("No source makes a recommendation."), "dropped"))
        counts = rows.groupby("theme")["incident_id"].nunique().sort_values(ascending=False, kind="stable")
        ids = list(self.titles.index[self.titles.index.isin(rows["incident_id"])])
        if len(ids) > plots.LISTED:
            return self.theme_bars()
        most = words.label("theme", str(counts.index[0]))
        title = _("Asked for most often: {theme}, in {k} of {n} incidents with recommendations").format(
            theme=most, k=words.number(int(counts.iloc[0])), n=words.number(len(ids))
        )
        said = _("; ").join(words.pair(words.label("theme", str(t)), c) for t, c in counts.items())
        caption = _(
            "Recommendations and announced measures by theme; n = {k} of {n} incidents with any. Data version {version}."
        )
        grid = (
            rows.drop_duplicates(["theme", "incident_id"])
            .assign(code="yes")
            .pivot(index="theme", columns="incident_id", values="code")
        )
        grid = (
            grid.reindex(index=counts.index, columns=ids)
            .fillna("")
            .rename(index=lambda t: words.label("theme", t), columns=self.titles)
        )
        bold = [self.titles[self.study.focus]] if self.study.focus else []
        if len(ids) > plots.MANY:  # with many incidents they are the rows
            grid = grid.T
        figure = charts.matrix(
            grid, {"yes": Fill(plots.PALETTE[0], "•", _("asked for or announced"))}, words, bold=bold
        )
        data = rows[["incident_id", "theme", "addressee", "target_value", "target_unit"]]
        return self.drawn(
            figure,
            title=title,
            alt=_("Matrix of themes and incidents. {rows}.").format(rows=said),
            caption=caption,
            known=len(ids),
            key="f-themes",
            data=data,
        )

    def theme_bars(self) -> Block:
        """Draw in how many incidents each theme is asked of whom."""
        _, words, rows = self.words._, self.words, self.rows
        if rows.empty:
            return stack(paragraph(_("No source makes a recommendation."), "dropped"))
        counts = rows.groupby("theme")["incident_id"].nunique().sort_values(ascending=False, kind="stable")
        shown = counts.rename("incidents").to_frame().rename(index=lambda t: words.label("theme", t))
        own = {words.label("theme", t) for t in rows.loc[rows["incident_id"] == self.study.focus, "theme"]}
        figure = charts.stacked(
            shown,
            {"incidents": Fill(plots.PALETTE[0], "", _("incidents in which a source asks for it or announces it"))},
            words,
            xlabel=_("incidents"),
            marked=sorted(own),
        )
        n = rows["incident_id"].nunique()
        title = _("Asked for most often: {theme}, in {k} of {n} incidents with recommendations").format(
            theme=shown.index[0], k=words.number(int(counts.iloc[0])), n=words.number(n)
        )
        said = _("; ").join(
            words.pair(name, r.incidents) for name, r in zip(shown.index, shown.itertuples(), strict=True)
        )
        caption = _(
            "Recommendations and announced measures by theme; n = {k} of {n} incidents with any. Data version {version}."
        )
        return self.drawn(
            figure,
            title=title,
            alt=_("Bars of themes. {rows}.").format(rows=said),
            caption=caption,
            known=n,
            key="f-theme-counts",
            data=counts.rename("incidents").reset_index(),
        )

    def targets(self) -> Block:
        """Tabulate the recommendations that set a number."""
        _, words = self.words._, self.words
        rows = self.listed[self.listed["target_value"] != ""].sort_values(["theme", "incident_id", "source_id"])
        if rows.empty:
            return stack(paragraph(_("No recommendation sets a number.")))
        cells: list[list[Cell]] = [
            [words.label("theme", r["theme"]), f"{words.number(float(r['target_value']))} {r['target_unit']}", r[f"text_{words.lang}"], r["addressee"], self.row_name(r["incident_id"]),
             self.evidence.source(r["source_id"])]
            for r in rows.to_dict("records")
        ]  # fmt: skip
        head = [_("Theme"), _("Target"), _("What"), _("Who is asked"), _("Incident"), _("Source")]
        caption = _(
            "Recommendations with a number (n = {k} of {n} claims; one request in two documents counts twice)"
        ).format(k=words.number(int((self.rows["target_value"] != "").sum())), n=words.number(len(self.rows)))
        return stack(page.table(self.some(caption), head, cells, key="t-targets"))

    def addressees(self) -> Block:
        """Tabulate who was asked for what, by theme."""
        _, words = self.words._, self.words
        if self.rows.empty:
            return stack(paragraph(_("No source makes a recommendation.")))
        counts = self.rows.groupby("addressee").agg(
            n=("incident_id", "size"),
            incidents=("incident_id", "nunique"),
            themes=("theme", lambda t: ";".join(sorted(set(t)))),
        )
        counts = counts.sort_values(["n"], ascending=False, kind="stable").head(30)
        cells: list[list[Cell]] = [
            [str(who), words.number(r.n), words.number(r.incidents), words.label("theme", str(r.themes))]
            for who, r in zip(counts.index, counts.itertuples(), strict=True)
        ]
        caption = _("Who is asked most (n = {n} claims; one request in two documents counts twice)").format(
            n=words.number(len(self.rows))
        )
        return stack(
            page.table(
                caption,
                [_("Who is asked"), _("Recommendations"), _("Incidents"), _("Themes")],
                cells,
                key="t-addressees",
            )
        )

    def table(self) -> Block:
        """Tabulate every recommendation."""
        _, words = self.words._, self.words
        rows = self.listed.sort_values(["theme", "incident_id", "source_id", "locator"])
        cells: list[list[Cell]] = [
            [words.label("theme", r["theme"]), r[f"text_{words.lang}"], r["addressee"], self.row_name(r["incident_id"]), self.evidence.source(r["source_id"]), r["locator"]] for r in rows.to_dict("records")
        ]  # fmt: skip
        head = [_("Theme"), _("What"), _("Who is asked"), _("Incident"), _("Source"), _("Where in it")]
        if not cells:
            return stack(paragraph(_("No source makes a recommendation.")))
        caption = _("Recommendations (n = {n} claims; one request in two documents counts twice)").format(
            n=words.number(len(self.rows))
        )
        return stack(page.table(self.some(caption), head, cells, key="t-recommendations"))
