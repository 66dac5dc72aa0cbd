"""What do all parts of a page share? The study, the evidence behind it, and the ways to name, count and link."""

import numpy as np
import pandas as pd
from markupsafe import Markup, escape

from outages.figures.plots import MANY, Figure, svg
from outages.report import html as page
from outages.report.evidence import Evidence, ends
from outages.report.html import Block, inside, origin_mark, stack
from outages.stats.inference import quantile_interval
from outages.stats.intervals import Interval, how_many, quantile
from outages.stats.turnbull import Banded
from outages.studies import Study

FEW = 6  # known values: the median of fewer has no 95% interval, so nothing is said of what chance could have moved


class View:
    """A part of a page: it knows the study and what stands behind its numbers."""

    def __init__(self, study: Study, evidence: Evidence | None = None):
        self.study, self.words, self.evidence = study, study.words, evidence or Evidence(study)
        self.titles, self.ids = study.titles, list(self.evidence.place)

    @property
    def focused(self) -> np.ndarray:
        """Whether each incident of the study is the one in focus."""
        return np.asarray(self.titles.index == self.study.focus, dtype=bool)

    def row_name(self, incident: str) -> Markup:
        """Return the title of an incident for the head of a row, with its origin when it is not public."""
        origin = self.study.registry.incidents.at[incident, "_origin"]
        return self.incident_link(incident) + origin_mark(origin)

    def incident_link(self, incident: str) -> Markup:
        """Return the title of an incident, linked to its claims where the page lists them."""
        title = self.titles[incident]
        linked = self.evidence.lists_claims and incident in self.evidence.place
        return inside(title, "i", incident) if linked else escape(title)

    def with_n(self, text: str, known: int) -> str:
        """Fill in k, n and the data version."""
        return text.format(
            k=self.words.number(known), n=self.words.number(self.study.n), version=self.study.registry.version
        )

    def of_n(self, frame: pd.DataFrame) -> str:
        """Say for how many incidents a value is known."""
        return self.words._("{k} of {n}").format(
            k=self.words.number(how_many(frame)), n=self.words.number(self.study.n)
        )

    def median(self, known: pd.DataFrame, key: str, how: str = "minutes") -> Markup:
        """Return the median of intervals, linked to the table it is taken from."""
        return inside(self.words.interval(quantile(known, 0.5), how), key)

    def shortened(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that a description in words names: all of a few, otherwise the first, the last and the one in focus."""
        if len(rows) <= MANY:
            return rows
        place = np.arange(len(rows))
        return rows[(place < 3) | (place == len(rows) - 1) | rows["focus"].to_numpy()]

    def drawn(
        self, figure: Figure, *, title: str, alt: str, caption: str, known: int, key: str, data: pd.DataFrame
    ) -> Block:
        """Return a figure with its title, its description, a caption into which n and the data version are filled, and its data as CSV."""
        label = self.words._("Data of this figure (CSV)")
        written = data.to_csv(index=False, float_format="%.6g", lineterminator="\n")
        caption = self.with_n(caption, known)
        return stack(
            page.figure(svg(figure), title=title, alt=alt, caption=caption, key=key, data=written, data_label=label)
        )

    def headline(self) -> Markup:
        """Say the answer in a sentence; each part says its own."""
        raise NotImplementedError

    def headline_block(self) -> Block:
        """Show the answer, and where the incident in focus stands, at the head of a page about one question."""
        return stack(page.bullets([self.headline()], "headlines"))

    def sure(self, known: int, chance: Interval | None, how: str, what: str = "") -> Markup:
        """Say how sure a headline is: for how many incidents the value is known, and the interval of its median."""
        _ = self.words._
        text = _("Known for {k} of {n}.").format(k=self.words.number(known), n=self.words.number(self.study.n))
        text = self.words.pair(what, text) if what else text
        if chance is not None:
            form = _("95% confidence interval of the median, if incidents were independent draws: {low} to {high}.")
            text += " " + form.format(low=self.words.end(chance.low, how), high=self.words.end(chance.high, how))
        return Markup(' <span class="sure">{}</span>').format(text)

    def marked(self, frame: pd.DataFrame) -> dict[str, Interval]:
        """Return the incident in focus with its value, empty when there is none or it is unknown."""
        focus = self.study.focus
        found = ends(frame, focus) if focus else None
        return {self.titles[focus]: found} if found else {}

    def enough(self, *frames: pd.DataFrame) -> bool:
        """Return whether each frame holds enough known values for an interval by chance."""
        return all(how_many(frame) >= FEW for frame in frames)

    def by_chance(self, known: pd.DataFrame, q: float = 0.5) -> Interval | None:
        """Return in which interval a quantile would lie in another draw of such incidents, None for too few."""
        return quantile_interval(known, q) if self.enough(known) else None

    def value(self, bounds: Interval | None, chance: Interval | None, how: str) -> str:
        """Write bounds and, in brackets, the interval by chance."""
        text = self.words.interval(bounds, how)
        if bounds is None or chance is None:
            return text
        return self.words._("{value} (95%: {low} to {high})").format(
            value=text, low=self.words.end(chance.low, how), high=self.words.end(chance.high, how)
        )

    def worth_a_row(self, *frames: pd.DataFrame) -> set[str]:
        """Return the incidents that a table lists: all of a few, otherwise those for which any of its values is known."""
        if len(self.ids) <= MANY:
            return set(self.ids)
        here = self.titles.index.isin(self.ids)
        return {i for frame in frames for i in frame[here].dropna().index}

    def classed(self, *found: Banded) -> str:
        """Say that the times of a curve were put into classes, empty when they were not."""
        if not any(one.classed for one in found):
            return ""
        return " " + self.words._("So many different times are put into classes 2% wide, to which their bounds widen.")

    def some(self, caption: str) -> str:
        """Add to the caption of a table that it lists only some of very many incidents."""
        if not self.evidence.spread:
            return caption
        text = self.words._("listed are the {k} incidents with most claims")
        return self.words._("{caption}; {more}").format(
            caption=caption, more=text.format(k=self.words.number(len(self.ids)))
        )
