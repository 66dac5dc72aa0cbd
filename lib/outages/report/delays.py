"""How late were detection and communication, as a page says it?"""

import functools

import pandas as pd
from markupsafe import Markup

from outages.facts.impact import user_hours
from outages.facts.limits import DECIDED, VERDICTS, replay, saved_by_earlier_cell
from outages.facts.timeline import first_detected_by
from outages.figures import charts, plots
from outages.figures.charts import Fill
from outages.figures.plots import PALETTE
from outages.report import html as page
from outages.report.evidence import ends, lag_names
from outages.report.html import Block, Cell, outside, paragraph, stack
from outages.report.part import View
from outages.stats.intervals import Interval, quantile
from outages.stats.intervals import known as known_intervals
from outages.stats.turnbull import resampled

CURVES = ("to_detection", "to_escalation", "to_authorities", "to_known_word", "to_workaround")
CELL = "orange-crisis-cell-30min"  # the recommendation that the what-if replays
CELL_LIMIT = 30.0  # minutes, when that recommendation is not among the limits chosen


class Delays(View):
    """Detection and communication: a sentence, figures, tables."""

    def headline(self) -> Markup:
        """Say how late detection and the first public word came."""
        _, e = self.words._, self.evidence
        seen, told, word = (known_intervals(e.lags[name]) for name in ("to_detection", "to_public", "to_known_word"))
        silence = known_intervals(e.silence)
        parts = [Markup(_("<strong>Detection and communication.</strong>"))]
        if len(seen):
            parts.append(
                self.said(
                    _("Operators whose detection is on record saw the failure after {value} (median of {k})."), seen
                )
            )
        if len(word):
            parts.append(
                self.said(
                    _(
                        "By {value} the earliest public word on record was out (median of {k}); the true first came no later."
                    ),
                    word,
                )
            )
        if len(told):
            parts.append(
                self.said(_("Where a source calls a word the first, it came after {value} (median of {k})."), told)
            )
        if len(silence):
            form = _("The part of the outage that passed in silence is {value} (median of {k}).")
            parts.append(
                Markup(form).format(value=self.median(silence, "t-lags", "percent"), k=self.words.number(len(silence)))
            )
        if len(parts) == 1:
            parts.append(Markup(_("Nothing is on record.")))
        name = _("Earliest public word on record")
        return Markup(" ").join(parts) + self.sure(len(word), self.by_chance(word), "minutes", name)

    def said(self, form: str, known: pd.DataFrame) -> Markup:
        """Fill a median and its n into a sentence."""
        return Markup(form).format(value=self.median(known, "t-lags"), k=self.words.number(len(known)))

    def figure(self) -> Block:
        """Draw all incidents aligned at their onset."""
        _, names = self.words._, plots.moment_names(self.words)
        here = self.titles.index.isin(self.ids)
        marks = (
            pd.concat([self.study.offset(m)[here].dropna().assign(moment=m) for m in plots.MARKS])
            .rename_axis("incident_id")
            .reset_index()
        )
        named = set(marks.loc[marks["moment"] == "first_public_statement", "incident_id"])
        marks = marks[(marks["moment"] != "known_word") | ~marks["incident_id"].isin(named)]
        rows = self.best_known(marks)
        if marks.empty:
            return stack(paragraph(_("No incident has an onset and a later moment, so no figure is drawn."), "dropped"))
        told = known_intervals(self.evidence.lags["to_public"])
        title = (_("First public word: {value} after onset").format(value=self.words.interval(Interval(told["low"].min(), told["high"].max()), "minutes"))
                 if len(told) else _("No first public word is on record"))  # fmt: skip
        said = _("; ").join(
            f"{self.titles[i]}: "
            + ", ".join(
                f"{names[r.moment]} {self.words.interval(Interval(r.low, r.high), 'minutes')}"
                for r in part.itertuples()
            )
            for i, part in marks[marks["incident_id"].isin(rows.index[: plots.SEVERAL])].groupby("incident_id")
        )
        alt = _("Time axis for each incident, aligned at onset. {rows}.").format(rows=said)
        caption = _(
            "Each mark is a moment, each bar the interval that the sources allow. A moment that no source gives is not drawn. n = {k} of {n}. Data version {version}."
        )
        if len(rows) < self.study.n:
            caption += " " + _("Drawn are the {shown} incidents for which most moments are known.").format(
                shown=len(rows)
            )
        drawn = marks[marks["incident_id"].isin(rows.index)]
        return self.drawn(
            plots.aligned_timeline(rows, drawn, self.words),
            title=title,
            alt=alt,
            caption=caption,
            known=marks["incident_id"].nunique(),
            key="f-lags",
            data=drawn[["incident_id", "moment", "low", "high"]],
        )

    def best_known(self, marks: pd.DataFrame) -> pd.DataFrame:
        """Return the incidents that the figure sets out: all of a few, otherwise those with most moments before restoration."""
        rows = pd.DataFrame({"title": self.titles, "focus": self.focused}).loc[self.ids]
        if len(rows) <= plots.MANY:
            return rows
        early = marks[~marks["moment"].isin(["partial_restoration", "restored"])]
        count = early.groupby("incident_id").size().reindex(rows.index, fill_value=0) + 100 * rows["focus"]
        return rows.loc[sorted(count.sort_values(ascending=False, kind="stable").index[: plots.MANY])]

    def curves(self) -> Block:
        """Draw the curves of all lags on one axis."""
        _, words, e = self.words._, self.words, self.evidence
        names = lag_names(self.study)
        drawn = [
            (name, charts.Named(_("{group}, n = {n}").format(group=names[name], n=words.number(found.curve.n)), found))
            for name in CURVES
            if (found := resampled(e.lags[name]))
        ]
        if not drawn:
            return stack(paragraph(_("No lag is known, so no curves are drawn."), "dropped"))
        figure = charts.curves([c for _name, c in drawn], words, xlabel=_("time after onset (linear to 10 min, then logarithmic)"),
                               ylabel=_("share of incidents where it had happened"), band=False, focus=self.marked(e.lags["to_known_word"]))  # fmt: skip
        medians = {c.label: words.interval(c.found.curve.quantile(0.5), "minutes") for _name, c in drawn}
        said = _("; ").join(words.pair(label, value) for label, value in medians.items())
        title = (
            _("Half had spoken by {value}").format(
                value=words.interval(quantile(e.lags["to_known_word"], 0.5), "minutes")
            )
            if "to_known_word" in dict(drawn)
            else _("Lags after onset")
        )
        caption = _(
            "Turnbull's estimate for each lag among the incidents for which it is on record, if how vague a source is says nothing of the lag; lines rest on different incidents and must not be subtracted from one another. Medians: {rows}. Data version {version}."
        ).replace("{rows}", said)
        caption += self.classed(*(c.found for _name, c in drawn))
        if self.study.focus and self.marked(e.lags["to_known_word"]):
            caption += " " + _("The vertical mark is the earliest public word on record of the incident in focus.")
        data = pd.concat(
            [
                pd.DataFrame(
                    {"lag": name, "left": c.found.curve.left, "right": c.found.curve.right, "mass": c.found.curve.mass}
                )
                for name, c in drawn
            ]
        )
        return self.drawn(figure, title=title, alt=_("Curves of lags after onset. Medians: {rows}.").format(rows=said), caption=caption,
                          known=max(c.found.curve.n for _name, c in drawn), key="f-lag-curves", data=data[data["mass"] > 0])  # fmt: skip

    def frames(self) -> dict[str, tuple[pd.DataFrame, str]]:
        """Return every lag, the silence share and the user-hours in silence, with how each is written."""
        e = self.evidence
        return {
            **{name: (lag, "minutes") for name, lag in e.lags.items()},
            "silence": (e.silence, "percent"),
            "silent_hours": (e.silent_hours, "rounded"),
        }

    def frame_names(self) -> dict[str, str]:
        """Return what each of them is called."""
        _ = self.words._
        return lag_names(self.study) | {"silence": _("silence share"), "silent_hours": _("user-hours in silence")}

    def summary(self) -> Block:
        """Tabulate the quartiles of every lag."""
        _, words, names = self.words._, self.words, self.frame_names()
        rows: list[list[Cell]] = []
        for name, (frame, how) in self.frames().items():
            values = known_intervals(frame)
            cells = [words.interval(quantile(values, q), how) for q in (0.25, 0.5, 0.75)]
            chance = self.by_chance(values)
            interval = (
                _("{low} to {high}").format(low=words.end(chance.low, how), high=words.end(chance.high, how))
                if chance
                else _("too few")
            )
            rows.append([names[name], self.of_n(frame), *cells, interval])
        head = [
            _("What"),
            _("Known for"),
            _("First quartile"),
            _("Median"),
            _("Third quartile"),
            _("Median, 95% interval over resampled incidents"),
        ]
        caption = _("Lags and silence (n = {n}): bounds that the sources leave open").format(
            n=words.number(self.study.n)
        )
        return stack(page.table(caption, head, rows, key="t-lags"))

    def table(self) -> Block:
        """Tabulate every lag of every incident."""
        _, e = self.words._, self.evidence
        frames, names = self.frames(), self.frame_names()
        told = self.worth_a_row(*[lag for lag, _how in frames.values()])
        rows: list[list[Cell]] = [
            [self.row_name(i), *[e.sum_cell(i, name, lag, how) for name, (lag, how) in frames.items()]]
            for i in self.ids
            if i in told
        ]
        rows.append([_("Median"), *[self.words.interval(quantile(lag, 0.5), how) for lag, how in frames.values()]])
        rows.append([_("Known for"), *[self.of_n(lag) for lag, _how in frames.values()]])
        caption = self.some(
            _(
                "Lags of each incident (n = {n}; those with none known are left out of a long table), their medians, and for how many each is known"
            ).format(n=self.words.number(self.study.n))
        )
        return stack(
            page.table(caption, [_("Incident"), *[names[name] for name in frames]], rows, key="t-incident-lags")
        )

    def first_seen(self) -> Block:
        """Draw who saw the outages first."""
        _, words = self.words._, self.words
        seen = first_detected_by(self.study.registry.events)
        if seen.empty:
            return stack(paragraph(_("No source says who saw an outage first."), "dropped"))
        counts = (
            seen.groupby(["actor", "first"])
            .size()
            .unstack(fill_value=0)
            .reindex(columns=["surely", "perhaps", "only"], fill_value=0)
        )
        counts = counts.sort_values(["surely", "perhaps", "only"], ascending=False)
        named = counts.rename(index={code: words.label("actor", code) for code in counts.index})
        fills = {
            "surely": Fill(PALETTE[0], "", _("before anyone else on record")),
            "perhaps": Fill(PALETTE[1], "", _("perhaps: the hours leave it open")),
            "only": Fill("#c3c7ce", "", _("the only one on record")),
        }
        marked = [words.label("actor", a) for a in seen.loc[seen["incident_id"] == self.study.focus, "actor"]]
        known = seen["incident_id"].nunique()
        figure = charts.stacked(named, fills, words, xlabel=_("incidents"), marked=marked)
        said = _("; ").join(
            words.pair(name, f"{r.surely} + {r.perhaps} + {r.only}")
            for name, r in zip(named.index, named.itertuples(), strict=True)
        )
        several = seen.loc[seen["first"] != "only", "incident_id"].nunique()
        own = int(counts["surely"].get("operator", 0))
        title = _("Of {n} incidents with several observers on record the operator surely saw {k} first").format(
            k=words.number(own), n=words.number(several)
        )
        caption = _(
            "First among those whose detection a source reports. Where only one observer is on record, others may have seen it sooner. n = {k} of {n}. Data version {version}."
        )
        data = counts.rename_axis("actor").reset_index()
        return self.drawn(
            figure,
            title=title,
            alt=_("Bars of who saw outages first. {rows}.").format(rows=said),
            caption=caption,
            known=known,
            key="f-seen",
            data=data,
        )

    def what_if(self) -> Block:
        """Tabulate how much silence a crisis cell within half an hour would have saved."""
        _, words, e = self.words._, self.words, self.evidence
        limits = self.study.registry.communication_targets.set_index("target_id")["limit_minutes"]
        limit = float(limits.get(CELL, CELL_LIMIT))
        first = e.lags["to_public"]
        word = first.where(first["low"].notna(), e.lags["to_known_word"])
        saved = saved_by_earlier_cell(self.study.facts, limit)
        known = saved.dropna()
        if known.empty:
            return stack(
                paragraph(
                    _(
                        "What an earlier crisis cell would have saved cannot be said: no incident has both the hour of the cell and a public word."
                    ),
                    "dropped",
                )
            )
        hours = user_hours(e.users, saved)
        rows: list[list[Cell]] = []
        for incident in known.index[known.index.isin(self.ids)]:
            called_first = pd.notna(first.at[incident, "low"])
            rows.append([self.row_name(incident), e.sum_cell(incident, "to_escalation", e.lags["to_escalation"], "minutes"),
                         e.sum_cell(incident, "to_public" if called_first else "to_known_word", word, "minutes"), words.interval(ends(saved, incident), "minutes"),
                         words.interval(ends(hours, incident), "rounded")])  # fmt: skip
        rows.append(
            [
                _("Median"),
                "–",
                "–",
                words.interval(quantile(known, 0.5), "minutes"),
                "–",
            ]
        )
        head = [
            _("Incident"),
            _("Crisis cell after"),
            _("First or earliest known word after"),
            _("Silence saved"),
            _("User-hours of silence saved"),
        ]
        caption = _(
            "If the crisis cell had opened within {limit} and later steps had kept their distances (n = {k} of {n} with both hours): silence saved before the end of the outage; a word that came before the cell saves nothing; where the order is open, or no source calls the word the first, the low end is zero"
        ).format(limit=words.minutes(limit), k=words.number(len(known)), n=words.number(self.study.n))
        return stack(page.table(self.some(caption), head, rows, key="t-what-if"))

    def code_fills(self) -> dict[str, Fill]:
        """Return how verdicts are shown: in force that day (with `+`) dark, what-ifs light."""
        _ = self.words._
        kinds = {
            "met": (PALETTE[0], "#01466e", "✓", _("met")), "missed": (PALETTE[3], "#7a3100", "✗", _("missed")),
            "undecidable": (PALETTE[8], "#6e6812", "?", _("undecidable: the sources are vague")),
        }  # fmt: skip
        dark = {
            k + "+": Fill(d, sign + "!", _("{verdict}, in force that day").format(verdict=name))
            for k, (_l, d, sign, name) in kinds.items()
        }
        return dark | {
            k: Fill(light, sign, _("{verdict}, what if").format(verdict=name))
            for k, (light, _d, sign, name) in kinds.items()
        }

    @functools.cached_property
    def verdicts(self) -> pd.DataFrame:
        """Return the verdict of every limit on every incident."""
        return replay(self.study.registry.communication_targets, self.study.registry.incidents, self.study.facts)

    @property
    def decided(self) -> pd.DataFrame:
        """Return the verdicts that say something."""
        return self.verdicts[self.verdicts["verdict"].isin(DECIDED)].reset_index(drop=True)

    def clock_names(self) -> dict[str, str]:
        """Return what each limit is called: who set it, what, from what, how long."""
        _ = self.words._
        form = _("{who}: {limit} from “{start}” to “{event}”")
        return {
            r["target_id"]: self.clock_name(form, r)
            for r in self.study.registry.communication_targets.to_dict("records")
        }

    def clock_name(self, form: str, rule: dict[str, str]) -> str:
        """Write a limit into a form: who set it and for which years, how long, from what, to what."""
        words = self.words
        years = "–".join(end[:4] for end in rule["in_force"].split("/"))
        return form.format(
            who=f"{rule['jurisdiction']} {years}".strip(), limit=words.minutes(float(rule["limit_minutes"])),
            start=words.label("event", rule["counted_from"]), event=words.label("event", rule["event"]),
        )  # fmt: skip

    def no_clocks(self) -> Block:
        """Say that no limit can be replayed."""
        text = self.words._("No time limit can be replayed on these incidents, so no figure is drawn.")
        return stack(paragraph(text, "dropped"))

    def clocks_figure(self) -> Block:
        """Draw how every published time limit would have been kept, where it can be decided."""
        _, words = self.words._, self.words
        decided = self.decided
        if decided.empty:
            return self.no_clocks()
        fills = self.code_fills()
        code = decided["verdict"] + decided["in_force"].map({True: "+", False: ""})
        counts = decided.groupby(["target_id", code]).size().unstack(fill_value=0)
        counts = counts.reindex(columns=list(fills), fill_value=0)
        names = self.clock_names()
        unknown = self.verdicts["verdict"].eq("unknown").groupby(self.verdicts["target_id"]).sum()
        shown = counts.rename(
            index=lambda t: _("{name} (unknown for {n})").format(name=names[t], n=words.number(int(unknown[t])))
        )
        focus = decided.loc[decided["incident_id"] == self.study.focus, "target_id"]
        marked = [label for target, label in zip(counts.index, shown.index, strict=True) if target in set(focus)]
        figure = charts.stacked(shown, fills, words, xlabel=_("incidents, in force or as a what-if"), marked=marked)
        said = _("; ").join(
            words.pair(label, "/".join(words.number(count) for count in row))
            for label, row in zip(shown.index, shown.to_numpy(), strict=True)
        )
        bound = decided.loc[decided["in_force"], "verdict"].value_counts().reindex(VERDICTS[:3], fill_value=0)
        title = _("Limits in force that day: {met} met, {missed} missed, {undecidable} undecidable").format(
            **{verdict: words.number(int(count)) for verdict, count in bound.items()}
        )
        caption = _(
            "Each limit on every incident for which both moments are on record and whose sector and services it is made for; dark: in force that day, light: what if. A limit from discovery cannot be missed where only the discovery by others is on record. n = {k} of {n} incidents. Data version {version}."
        )
        return self.drawn(figure, title=title, alt=_("Bars of verdicts for each time limit. {rows}.").format(rows=said), caption=caption,
                          known=decided["incident_id"].nunique(), key="f-clocks", data=counts.reset_index() if self.evidence.spread else decided)  # fmt: skip

    def clock_matrix(self) -> Block:
        """Draw incident by clock: the verdicts of all limits on the incidents for which any can be decided."""
        _, words = self.words._, self.words
        decided = self.decided
        if self.evidence.spread:
            decided = decided[decided["incident_id"].isin(self.ids)]
        if decided.empty:
            return self.no_clocks()
        rules = self.study.registry.communication_targets.to_dict("records")
        names = {r["target_id"]: self.clock_name(_("{who}: {event}, {limit}"), r) for r in rules}
        ids = sorted(set(decided["incident_id"]))
        cells = decided.assign(code=decided["verdict"] + decided["in_force"].map({True: "+", False: ""}))
        grid = cells.pivot(index="incident_id", columns="target_id", values="code").reindex(ids).fillna("")
        grid = grid.rename(index=self.titles, columns=names)
        fills = self.code_fills()
        figure = charts.matrix(grid, fills, words, bold=[self.titles[self.study.focus]] if self.study.focus else [])
        counts = decided.groupby(["in_force", "verdict"]).size()
        said = _("; ").join(words.pair(fills[v + ("+" if f else "")].label, n) for (f, v), n in counts.items())
        in_force = int(decided["in_force"].sum())
        title = _("{k} of {n} verdicts are of a limit in force that day").format(
            k=words.number(in_force), n=words.number(len(decided))
        )
        caption = _(
            "Incident by time limit; an empty cell means that a moment is not on record or the limit does not fit. n = {k} of {n} incidents. Data version {version}."
        )
        return self.drawn(
            figure,
            title=title,
            alt=_("Matrix of verdicts. {rows}.").format(rows=said),
            caption=caption,
            known=len(ids),
            key="f-clock-matrix",
            data=cells[["incident_id", "target_id", "low", "high", "verdict", "in_force"]],
        )

    def force_text(self, rule: pd.Series) -> str:
        """Say since when a limit is in force, and whom it binds when that is a special kind of provider."""
        since = rule["in_force"] or self.words._("a recommendation or proposal")
        return since + (self.words._(" (for a special kind of provider, so a what-if)") if rule["addressees"] else "")

    def clocks(self) -> Block:
        """Tabulate how every published time limit would have been kept."""
        _, words = self.words._, self.words
        targets = self.study.registry.communication_targets.set_index("target_id")
        counts = self.verdicts.groupby(["target_id", "in_force", "verdict"]).size().unstack(fill_value=0)
        if counts.empty:
            return stack(paragraph(_("No time limit is in the registry.")))
        sources = self.study.registry.sources
        address = sources[sources["source_id"].isin(targets["source_id"])].set_index("source_id")["url"]
        rows: list[list[Cell]] = []
        for target in counts.index.unique("target_id"):
            rule = targets.loc[target]
            act = _("{event}, from {start}").format(
                event=words.label("event", rule["event"]), start=words.label("event", rule["counted_from"])
            )
            split = [
                " / ".join(words.number(counts[verdict].get((target, in_force), 0) if verdict in counts else 0) for verdict in VERDICTS)
                for in_force in (True, False)
            ]
            rows.append(
                [
                    outside(rule["jurisdiction"], address[rule["source_id"]]),
                    act,
                    words.minutes(float(rule["limit_minutes"])),
                    self.force_text(rule),
                    *split,
                ]
            )
        head = [
            _("Who set it"),
            _("What, counted from what"),
            _("Limit"),
            _("In force"),
            _("Incidents under it"),
            _("All others, what if"),
        ]
        caption = _(
            "Published time limits replayed on n = {n} incidents: met / missed / undecidable because the sources are vague / unknown / not applicable, being made for another sector or service"
        ).format(n=words.number(self.study.n))
        return stack(page.table(caption, head, rows, key="t-clocks"))
