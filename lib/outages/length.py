"""How long did the outages last, as a page says it?"""

import math

import pandas as pd
from markupsafe import Markup

from outages import page, plots
from outages.evidence import ends
from outages.intervals import Interval, quantile
from outages.page import Block, Cell, stack
from outages.view import View


class Length(View):
    """Outage length: a sentence, a figure, a table."""

    def headline(self) -> Markup:
        """Say how long the outages lasted."""
        _, known = self.words._, self.evidence.lengths.dropna(subset=["low", "high"])
        if known.empty:
            return Markup(_("Outage length: known for none of {n} incidents.")).format(
                n=self.words.number(self.study.n)
            )
        shortest, longest = known["high"].idxmin(), known["low"].idxmax()
        form = _(
            "Outage length, known for {k} of {n}: from {short} ({short_title}) to {long} ({long_title}); the median lies at {median}."
        )
        return Markup(form).format(
            k=self.words.number(len(known)), n=self.words.number(self.study.n), short=self.length_cell(shortest), long=self.length_cell(longest),
            short_title=self.titles[shortest], long_title=self.titles[longest], median=self.median(known, "t-length"),
        )  # fmt: skip

    def figure(self) -> Block:
        """Draw how long each outage lasted."""
        _, lengths = self.words._, self.evidence.lengths
        partial = self.evidence.offset("partial_restoration")
        rows = pd.DataFrame({
            "title": self.titles, "low": lengths["low"], "high": lengths["high"], "focus": self.focused,
            "partial_low": partial["low"], "partial_high": partial["high"],
            "label": [self.words.interval(ends(lengths, i), "minutes") for i in self.ids],
        }).sort_values("high", kind="stable", ascending=False)  # fmt: skip
        known = int(lengths["low"].notna().sum())
        if len(rows) > plots.MANY:
            rows = rows.dropna(subset=["low", "high"])
        title = (
            _("Lengths differ by a factor of {factor}").format(factor=self.factor(lengths))
            if known > 1
            else _("Outage length")
        )
        alt = _("Horizontal bars of outage length on a logarithmic axis. {rows}.").format(
            rows=_("; ").join(f"{r.title}: {r.label}" for r in self.shortened(rows).itertuples())
        )
        caption = _(
            "Each bar runs from the shortest to the longest length that the sources allow; a dot is a length known to the minute. n = {k} of {n}. Data version {version}."
        )
        return self.drawn(
            plots.length_bars(rows, self.words), title=title, alt=alt, caption=caption, known=known, key="f-length"
        )

    def table(self) -> Block:
        """Tabulate onset, restoration and length."""
        _, e = self.words._, self.evidence
        basis = {
            "moments": _("onset and restoration"),
            "stated": _("length that sources state"),
            "both": _("both, in agreement"),
            "conflict": _("both, in conflict"),
            "": "–",
        }
        rows = [
            [
                self.row_name(i),
                e.moment_cell(i, "onset"),
                e.moment_cell(i, "partial_restoration"),
                e.moment_cell(i, "restored"),
                self.length_cell(i),
                basis[e.lengths.at[i, "basis"]],
            ]
            for i in self.ids
        ]
        known = e.lengths.dropna(subset=["low", "high"])
        rows.append(
            [_("Median"), "–", "–", "–", self.words.interval(quantile(known, 0.5), "minutes"), self.of_n(known)]
        )
        head = [
            _("Incident"),
            _("Onset"),
            _("First service back"),
            _("Last service back"),
            _("Length"),
            _("Follows from"),
        ]
        return stack(
            page.table(
                self.with_n(_("Outage length (n = {k} of {n})"), int(e.lengths["low"].notna().sum())),
                head,
                rows,
                key="t-length",
            )
        )

    def length_cell(self, incident: str) -> Cell:
        """Return a length, linked to the sum behind it."""
        return self.evidence.sum_cell(incident, "length", self.evidence.lengths, "minutes")

    def factor(self, frame: pd.DataFrame) -> str:
        """Say how many times the largest value is of the smallest, as an interval."""
        known = frame.dropna(subset=["low", "high"])
        big, small = known.loc[known["low"].idxmax()], known.loc[known["high"].idxmin()]
        low = big["low"] / small["high"]
        high = big["high"] / small["low"] if small["low"] > 0 else math.inf
        return self.words.interval(
            Interval(math.floor(low), math.ceil(high) if math.isfinite(high) else high), "number"
        )
