"""How late were detection and communication, as a page says it?"""

import pandas as pd
from markupsafe import Markup

from outages import page, plots
from outages.clocks import VERDICTS, replay, tally
from outages.evidence import lag_names
from outages.intervals import Interval, quantile
from outages.page import Block, Cell, outside, paragraph, stack
from outages.view import View


class Delays(View):
    """Detection and communication: a sentence, a figure, a table."""

    def headline(self) -> Markup:
        """Say how late detection and the first public word came."""
        _, e = self.words._, self.evidence
        seen, told, gap = (e.lags[name].dropna() for name in ("to_detection", "to_public", "detection_to_public"))
        silence = e.silence.dropna()
        say = [
            self.phrase(_("detection by the operator"), seen),
            self.phrase(_("first public word"), told),
            self.phrase(_("earliest public word on record"), e.lags["to_known_word"].dropna()),
            self.phrase(_("from detection to first public word"), gap),
        ]
        text = Markup(_("Detection and communication after onset: {parts}")).format(parts=self.words.clauses(say))
        if len(silence):
            form = (
                _("; the silence share, known for {k} of {n}, is {median}")
                if len(silence) == 1
                else _("; the median silence share, known for {k} of {n}, is {median}")
            )
            text += Markup(form).format(
                k=self.words.number(len(silence)),
                n=self.words.number(self.study.n),
                median=self.median(silence, "t-lags", "percent"),
            )
        return text + "."

    def phrase(self, name: str, known: pd.DataFrame) -> Markup:
        """Say the median of one lag with its n."""
        _, count = self.words._, {"k": self.words.number(len(known)), "n": self.words.number(self.study.n)}
        form = {0: _("{name} unknown for all {n}"), 1: _("{name} {median} (known for {k} of {n})")}.get(
            len(known), _("{name} {median} (median of {k}; n = {n})")
        )
        return Markup(form).format(name=name, median=self.median(known, "t-lags"), **count)

    def figure(self) -> Block:
        """Draw all incidents aligned at their onset."""
        _, names = self.words._, plots.moment_names(self.words)
        marks = (
            pd.concat([self.evidence.offset(m).dropna().assign(moment=m) for m in plots.MARKS])
            .rename_axis("incident_id")
            .reset_index()
        )
        named = set(marks.loc[marks["moment"] == "first_public_statement", "incident_id"])
        marks = marks[(marks["moment"] != "known_word") | ~marks["incident_id"].isin(named)]
        rows = self.best_known(marks)
        if marks.empty:
            return stack(paragraph(_("No incident has an onset and a later moment, so no figure is drawn."), "dropped"))
        told = self.evidence.lags["to_public"].dropna()
        known = len(set(marks["incident_id"]))
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
        return self.drawn(
            plots.aligned_timeline(rows, marks[marks["incident_id"].isin(rows.index)], self.words),
            title=title,
            alt=alt,
            caption=caption,
            known=known,
            key="f-lags",
        )

    def best_known(self, marks: pd.DataFrame) -> pd.DataFrame:
        """Return the incidents that the figure sets out: all of a few, otherwise those with most moments before restoration."""
        rows = pd.DataFrame({"title": self.titles, "focus": self.focused}, index=pd.Index(self.ids))
        if len(rows) <= plots.MANY:
            return rows
        early = marks[~marks["moment"].isin(["partial_restoration", "restored"])]
        count = early.groupby("incident_id").size().reindex(rows.index, fill_value=0) + 100 * rows["focus"]
        return rows.loc[sorted(count.sort_values(ascending=False, kind="stable").index[: plots.MANY])]

    def table(self) -> Block:
        """Tabulate every lag."""
        _, e = self.words._, self.evidence
        frames = {**{name: (lag, "minutes") for name, lag in e.lags.items()}, "silence": (e.silence, "percent")}
        told = self.worth_a_row(*[lag for lag, _how in frames.values()])
        names = lag_names(self.study) | {"silence": _("silence share")}
        rows: list[list[Cell]] = [
            [self.row_name(i), *[e.sum_cell(i, name, lag, how) for name, (lag, how) in frames.items()]]
            for i in self.ids
            if i in told
        ]
        rows.append([_("Median"), *[self.words.interval(quantile(lag, 0.5), how) for lag, how in frames.values()]])
        rows.append([_("Known for"), *[self.of_n(lag) for lag, _how in frames.values()]])
        caption = _(
            "Lags of each incident (n = {n}; those with none known are left out of a long table), their medians, and for how many each is known"
        ).format(n=self.words.number(self.study.n))
        return stack(page.table(caption, [_("Incident"), *[names[name] for name in frames]], rows, key="t-lags"))

    def clocks(self) -> Block:
        """Tabulate how every published time limit would have been kept."""
        _, words = self.words._, self.words
        targets = self.study.registry.communication_targets.set_index("target_id")
        counts = tally(replay(self.study.registry, self.study.policy))
        if counts.empty:
            return stack(paragraph(_("No time limit is in the registry.")))
        rows: list[list[Cell]] = []
        for target, count in counts.iterrows():
            rule = targets.loc[target]
            act = _("{event}, from {start}").format(
                event=words.label("event", rule["event"]), start=words.label("event", rule["counted_from"])
            )
            split = [
                " / ".join(words.number(count[(head, verdict)]) for verdict in VERDICTS)
                for head in ("in_force", "what_if")
            ]
            source = self.study.registry.sources.set_index("source_id").loc[rule["source_id"]]
            page_ = outside(rule["jurisdiction"], source["url"])
            rows.append(
                [
                    page_,
                    act,
                    words.minutes(float(rule["limit_minutes"])),
                    rule["in_force"] or _("a recommendation or proposal"),
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
            "Published time limits replayed on n = {n} incidents: met / missed / undecidable because the sources are vague / unknown"
        ).format(n=words.number(self.study.n))
        return stack(page.table(caption, head, rows, key="t-clocks"))
