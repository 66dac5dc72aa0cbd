"""How far can the numbers be trusted, as a page says it?"""

import math

import numpy as np
import pandas as pd
from markupsafe import Markup

from outages.curation.agreement import SECOND, compare, disagreements, read_second
from outages.facts.groups import CLASSES, beside_published, counted_by_scheme
from outages.facts.policies import POLICIES
from outages.facts.third_parties import companies, in_causal_chain
from outages.figures import charts, plots
from outages.figures.charts import Fill
from outages.registry.files import PLACE
from outages.report.contradictions import Contradictions
from outages.report.evidence import ends
from outages.report.html import Block, Cell, bullets, paragraph, stack, table
from outages.report.part import FEW, View
from outages.stats.intervals import Interval, how_many, rank
from outages.studies import under_policies

MEASURES = ("users_affected", "subscriber_base", "emergency_calls_failed")
FINDINGS = {"length": "length", "to_known_word": "to_known_word", "silence": "silence", "users_affected": "users", "user_hours": "user_hours"}
NAMED = 20  # incidents: below this every one that lacks a field can be named
UNITS = {
    "length": "minutes",
    "to_known_word": "minutes",
    "silence": "percent",
    "users": "number",
    "user_hours": "number",
}


class Trust(View):
    """What is known, where sources disagree, how findings move, and what so few incidents cannot say."""

    def few_note(self) -> Block:
        """Say what so few incidents cannot say."""
        _, n = self.words._, self.study.n
        how = self.study.registry.incidents["found_by"].value_counts()
        came = self.words.listed(
            [
                f"{self.words.label('found_by', code)} ({self.words.number(count)})"
                for code, count in how.items()
                if count
            ]
        )
        text = _(
            "How the incidents came in: {came}. They were not drawn at random, so no figure here is an estimate for outages at large."
        ).format(came=came)
        if n < NAMED:
            text += " " + _(
                "With n = {n}, a median is the value of one incident or lies between two, and one more incident can move it anywhere; read the rows, not the median."
            ).format(n=self.words.number(n))
        dropped = self.dropped()
        note = [
            paragraph(
                _("Left unsaid, for too few incidents (fewer than {few} known values):").format(few=FEW), "dropped"
            ),
            bullets(dropped, "plain dropped"),
        ]
        return stack(paragraph(text, "caution"), *(note if dropped else []))

    def dropped(self) -> list[str]:
        """Return the statements that the incidents are too few for, each with how many values are known."""
        _, e = self.words._, self.evidence
        chain = in_causal_chain(self.study.registry)
        asked = [
            (_("interval of the median length"), [e.lengths]),
            (_("interval of the median lag to the earliest public word"), [e.lags["to_known_word"]]),
            (_("interval of the median lag to detection"), [e.lags["to_detection"]]),
            (_("interval of the median silence share"), [e.silence]),
            (_("interval of the median of people hit"), [e.users]),
            (_("length with against without a third party"), [e.lengths[chain], e.lengths[~chain]]),
        ]
        said = [
            _("{statement} (known: {counts})").format(
                statement=name, counts=" / ".join(self.words.number(how_many(f)) for f in frames)
            )
            for name, frames in asked
            if not self.enough(*[f[["low", "high"]] for f in frames])
        ]
        hung = len(companies(self.study.registry))
        if hung < FEW:
            said.append(
                _("{statement} (known: {counts})").format(
                    statement=_("concentration on companies"), counts=self.words.number(hung)
                )
            )
        return said

    def fields(self) -> list[tuple[str, np.ndarray]]:
        """Return each field of the study and for which of its incidents it is known."""
        _, e = self.words._, self.evidence
        names, registry = plots.moment_names(self.words), self.study.registry
        known = [(names[m], e.at[m]["low"].notna().to_numpy()) for m in names]
        for name, column, fields in (
            ("measures", "measure", MEASURES),
            ("causes", "factor", ("root_cause", "redundancy_defeated")),
        ):
            rows = getattr(registry, name)
            known += [
                (self.words.label(column, f), self.told(rows[PLACE][(rows[column] == f).to_numpy()])) for f in fields
            ]
        return [*known, (_("third parties"), self.told(registry.third_parties[PLACE]))]

    def told(self, places: pd.Series) -> np.ndarray:
        """Return for each incident of the study whether it is among some places."""
        found = np.zeros(self.study.n, dtype=bool)
        found[places] = True
        return found

    def completeness(self) -> Block:
        """Tabulate for how many incidents each field is known."""
        _ = self.words._
        rows = [
            [
                name,
                _("{k} of {n}").format(k=self.words.number(int(have.sum())), n=self.words.number(self.study.n)),
                self.lacking(have),
            ]
            for name, have in self.fields()
        ]
        caption = _("What is known, and where nothing was found (n = {n})").format(n=self.words.number(self.study.n))
        return stack(table(caption, [_("Field"), _("Known for"), _("Unknown for")], rows, key="t-completeness"))

    def completeness_matrix(self) -> Block:
        """Draw incident by field: what is known."""
        _, fields = self.words._, self.fields()
        here = self.titles.index.isin(self.ids)
        grid = pd.DataFrame(
            {name: np.where(have[here], "known", "") for name, have in fields},
            index=list(self.titles[here]),
        )
        fills = {"known": Fill(plots.PALETTE[0], "•", _("at least one source says it"))}
        bold = [self.titles[self.study.focus]] if self.study.focus else []
        share = float(np.mean([have.mean() for _name, have in fields]))
        title = _("{share} of the cells are filled").format(share=self.words.percent(share))
        said = _("; ").join(self.words.pair(name, int(have.sum())) for name, have in fields)
        caption = _(
            "Incident by field; an empty cell means that no source read so far says it. n = {k} of {n}. Data version {version}."
        )
        data = grid.eq("known").astype(int).set_axis(self.ids, axis=0).rename_axis("incident_id").reset_index()
        return self.drawn(charts.matrix(grid, fills, self.words, bold=bold), title=title, alt=_("Matrix of what is known. {rows}.").format(rows=said), caption=caption,
                          known=self.study.n, key="f-completeness", data=data)  # fmt: skip

    def lacking(self, have: np.ndarray) -> str:
        """Name the incidents for which nothing was found, or count them when they are many."""
        lacking = np.flatnonzero(~have)
        if not len(lacking):
            return self.words._("none")
        if len(lacking) >= NAMED / 2:
            return self.words.n("{n} incident", "{n} incidents", len(lacking))
        return self.words.listed(list(self.titles.iloc[lacking]))

    def contradictions(self) -> Block:
        """Tabulate where sources disagree."""
        return Contradictions(self.study, self.evidence).block()

    def finding_names(self) -> dict[str, str]:
        """Return what each headline is called."""
        _ = self.words._
        return {
            "length": _("median length"), "to_known_word": _("median lag to the earliest public word on record"), "silence": _("median silence share"),
            "users": _("median of people hit"), "user_hours": _("median of user-hours"),
        }  # fmt: skip

    def policies(self) -> Block:
        """Draw how each headline moves when another policy resolves the contradictions."""
        _, words = self.words._, self.words
        found = under_policies(self.study.registry, FINDINGS).replace({"finding": FINDINGS})
        if found.empty:
            return stack(paragraph(_("No headline can be computed, so none can move."), "dropped"))
        names = self.finding_names()
        ordered = sorted(dict.fromkeys(found["finding"]), key=lambda f: -movement(found[found["finding"] == f]))
        shown = found.assign(
            label=[_("{policy}, n = {n}").format(policy=r.policy, n=words.number(r.n)) for r in found.itertuples()],
            mark=found["policy"] == self.study.policy, finding=found["finding"].map(names), key=found["finding"],
        )  # fmt: skip
        figure = charts.panels(shown, words, {names[f]: UNITS[f] for f in ordered})
        said = _("; ").join(
            words.pair(f"{r.finding}, {r.policy}", words.interval(Interval(r.low, r.high), UNITS[r.key]))
            for r in shown.itertuples()
        )
        most = ordered[0]
        form = _("Which rule resolves contradictions moves the {finding} most: up to {factor} times")
        factor = movement(found[found["finding"] == most])
        title = (
            form.format(finding=names[most], factor=words.number(math.ceil(factor * 10) / 10))
            if math.isfinite(factor)
            else _("How the headlines move with the rule that resolves contradictions")
        )
        caption = _(
            "Bounds of each median under each of {policies} policies, the one of this report in another colour; a finding whose rows agree does not hang on the policy. The share of third parties uses all claims and does not move. Data version {version}."
        ).replace("{policies}", words.number(len(POLICIES)))
        return self.drawn(
            figure,
            title=title,
            alt=_("Ranges of each headline under each policy. {rows}.").format(rows=said),
            caption=caption,
            known=int(found["n"].max()),
            key="f-policies",
            data=found,
        )

    def agreement(self) -> Block:
        """Tabulate how two coders agree on the incidents of the study that were coded twice."""
        _, words, registry = self.words._, self.words, self.study.registry
        second = read_second(registry, SECOND, of_many=True)
        second = {name: rows[rows[PLACE] >= 0] for name, rows in second.items()}
        twice = set().union(*(set(rows["incident_id"]) for rows in second.values()))
        found = [a for a in compare(registry, second) if a.both] if twice else []
        if not found:
            return stack(paragraph(_("None of these incidents was coded twice."), "dropped"))
        rows: list[list[Cell]] = [
            [self.field_name(a.field), words.number(a.both), words.number(a.agree), words.percent(a.agree / a.both), words.number(a.first_only), words.number(a.second_only),
             "–" if a.kappa is None else words.number(round(a.kappa, 2))]
            for a in found
        ]  # fmt: skip
        head = [
            _("Field"),
            _("Coded by both"),
            _("Agree"),
            _("Share"),
            _("Only first"),
            _("Only second"),
            _("Cohen's kappa"),
        ]
        caption = _(
            "Two coders on the same documents (n = {n} incidents coded twice): they agree when intervals overlap or codes meet. The first coding is taken as the registry stands, after settled differences were mended"
        ).format(n=words.number(len(twice)))
        parts: list[Markup | Block] = [table(caption, head, rows, key="t-agreement")]
        apart = disagreements(registry, second)
        if apart:
            said = [words.pair(self.titles[i], f"{self.field_name(field)} ({source})") for i, source, field in apart]
            parts += [paragraph(_("Not yet settled:")), bullets(said, "plain")]
        return stack(*parts)

    def field_name(self, field: str) -> str:
        """Return what a field of the registry is called."""
        if field == "third_parties":
            return self.words._("third parties")
        for column in ("event", "measure", "factor"):
            label = self.words.label(column, field)
            if label != field:
                return label
        return field

    def standing(self) -> list[Markup]:
        """Say where the incident in focus stands among the others."""
        _, e, focus = self.words._, self.evidence, self.study.focus
        said = []
        asked = (
            (_("length"), e.lengths[["low", "high"]], "minutes"), (_("people hit"), e.users, "number"), (_("first public word"), e.lags["to_public"], "minutes"),
            (_("earliest public word on record"), e.lags["to_known_word"], "minutes"), (_("silence share"), e.silence, "percent"),
        )  # fmt: skip
        for name, frame, how in asked:
            value = ends(frame, focus)
            if value is None:
                said.append(
                    Markup(_("{title}, {name}: unknown, so it has no rank.")).format(
                        title=self.titles[focus], name=name
                    )
                )
                continue
            place = rank(frame, focus)
            form = _("{title}, {name}: {value}, rank {place} of {k}, counted from the lowest.")
            said.append(Markup(form).format(title=self.titles[focus], name=name, place=self.words.interval(place, "place"), k=self.words.number(how_many(frame)),
                                            value=self.words.interval(value, how)))  # fmt: skip
        return said

    def lean(self) -> Block:
        """Tabulate the sample beside the published shares of the European scheme."""
        _, words = self.words._, self.words
        rows = beside_published(self.study.registry)
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
        n = words.number(int(counted_by_scheme(self.study.registry).sum()))
        caption = _(
            "Telecom incidents of the European Union in this study (n = {n}, worst-case bounds for what is unknown or disputed) beside the shares that ENISA published"
        ).format(n=n)
        return stack(
            table(caption, [_("Share of incidents"), _("This study"), _("ENISA, years")], table_rows, key="t-lean")
        )


def movement(rows: pd.DataFrame) -> float:
    """Return by what factor a finding moves between policies, the larger of both ends."""
    ends = [rows[end] for end in ("low", "high") if rows[end].min() > 0 and math.isfinite(rows[end].min())]
    return float(max((values.max() / values.min() for values in ends), default=math.inf))
