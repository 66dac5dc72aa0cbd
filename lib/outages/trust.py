"""How far can the numbers be trusted, as a page says it?"""

from markupsafe import Markup

from outages import plots
from outages.evidence import ends
from outages.intervals import rank
from outages.lean import CLASSES, compared, same_field
from outages.page import Block, paragraph, stack, table
from outages.view import View

FEW = 20  # incidents: below this every one that lacks a field can be named


class Trust(View):
    """What is known, where sources disagree, and what so few incidents cannot say."""

    def few_note(self) -> Block:
        """Say what so few incidents cannot say."""
        _, n = self.words._, self.study.n
        how = self.study.registry.incidents["found_by"].value_counts()
        came = self.words.listed(
            [f"{self.words.label('found_by', code)} ({self.words.number(count)})" for code, count in how.items()]
        )
        text = _(
            "How the incidents came in: {came}. They were not drawn at random, so no figure here is an estimate for outages at large."
        ).format(came=came)
        if n < FEW:
            text += " " + _(
                "With n = {n}, a median is the value of one incident or lies between two, and one more incident can move it anywhere; read the rows, not the median."
            ).format(n=self.words.number(n))
        return stack(paragraph(text, "caution"))

    def completeness(self) -> Block:
        """Tabulate for how many incidents each field is known."""
        _, e = self.words._, self.evidence
        names, registry = plots.moment_names(self.words), self.study.registry
        moments = e.moments.reset_index()
        known = [(names[m], set(moments.loc[moments["moment"] == m, "incident_id"])) for m in names]
        known += [
            (
                self.words.label("measure", m),
                set(registry.measures.loc[registry.measures["measure"] == m, "incident_id"]),
            )
            for m in ("users_affected", "subscriber_base", "emergency_calls_failed")
        ]
        known += [
            (self.words.label("factor", f), set(registry.causes.loc[registry.causes["factor"] == f, "incident_id"]))
            for f in ("root_cause", "redundancy_defeated")
        ]
        known += [(_("third parties"), set(registry.third_parties["incident_id"]))]
        rows = [
            [
                name,
                _("{k} of {n}").format(k=self.words.number(len(have)), n=self.words.number(self.study.n)),
                self.lacking(have),
            ]
            for name, have in known
        ]
        caption = _("What is known, and where nothing was found (n = {n})").format(n=self.words.number(self.study.n))
        return stack(table(caption, [_("Field"), _("Known for"), _("Unknown for")], rows, key="t-completeness"))

    def lacking(self, have: set[str]) -> str:
        """Name the incidents for which nothing was found, or count them when they are many."""
        titles = [self.titles[i] for i in self.ids if i not in have]
        if not titles:
            return self.words._("none")
        return (
            self.words.listed(titles)
            if len(titles) < FEW / 2
            else self.words.n("{n} incident", "{n} incidents", len(titles))
        )

    def contradictions(self) -> Block:
        """Tabulate where sources disagree."""
        return self.evidence.contradiction_table()

    def standing(self) -> list[Markup]:
        """Say where the incident in focus stands among the others."""
        _, e, focus = self.words._, self.evidence, self.study.focus
        said = []
        for name, frame in ((_("length"), e.lengths[["low", "high"]]), (_("first public word"), e.lags["to_public"])):
            known = frame.dropna()
            if focus not in known.index:
                said.append(
                    Markup(_("{title}, {name}: unknown, so it has no rank.")).format(
                        title=self.titles[focus], name=name
                    )
                )
                continue
            place = rank(known, focus)
            form = _("{title}, {name}: {value}, rank {place} of {k}, counted from the shortest.")
            said.append(Markup(form).format(title=self.titles[focus], name=name, place=self.words.interval(place, "number"), k=self.words.number(len(known)),
                                            value=self.words.interval(ends(frame, focus), "minutes")))  # fmt: skip
        return said

    def lean(self) -> Block:
        """Tabulate the sample beside the published shares of the European scheme."""
        _, words = self.words._, self.words
        rows = compared(self.study.registry)
        if rows.empty:
            return stack(paragraph(_("No published share can be set beside this sample."), "dropped"))
        names = {f"share_{code}": words.label("root_cause", code) for code in CLASSES} | {
            "share_third_party": _("third party in the causal chain"),
            "share_emergency_calls_affected": _("emergency calls hit"),
        }
        table_rows = [
            [names[r.metric], words.interval(r.own, "percent"), f"{words.interval(r.published, 'percent')} ({r.years})"]
            for r in rows.itertuples()
        ]
        n = words.number(len(same_field(self.study.registry).incidents))
        caption = _(
            "Telecom incidents of the European Union in this study (n = {n}, worst-case bounds for what is unknown or disputed) beside the shares that ENISA published"
        ).format(n=n)
        return stack(
            table(caption, [_("Share of incidents"), _("This study"), _("ENISA, years")], table_rows, key="t-lean")
        )
