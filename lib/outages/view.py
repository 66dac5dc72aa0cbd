"""What do all parts of a page share? The study, the evidence behind it, and the ways to name, count and link."""

import pandas as pd
from markupsafe import Markup

from outages import page
from outages.evidence import Evidence
from outages.intervals import quantile
from outages.page import Block, inside, origin_mark, stack
from outages.plots import MANY, Figure, svg
from outages.study import Study


class View:
    """A part of a page: it knows the study and what stands behind its numbers."""

    def __init__(self, study: Study, evidence: Evidence | None = None):
        self.study, self.words, self.evidence = study, study.words, evidence or Evidence(study)
        self.titles, self.ids = study.titles, list(study.registry.incidents.index)

    @property
    def focused(self) -> list[bool]:
        """Whether each incident is the one in focus."""
        return [incident == self.study.focus for incident in self.ids]

    def row_name(self, incident: str) -> Markup:
        """Return the title of an incident for the head of a row, with its origin when it is not public."""
        origin = self.study.registry.incidents.at[incident, "_origin"]
        return self.incident_link(incident) + origin_mark(origin)

    def incident_link(self, incident: str) -> Markup:
        """Return the title of an incident, linked to its claims."""
        return inside(self.titles[incident], "i", incident)

    def with_n(self, text: str, known: int) -> str:
        """Fill in k, n and the data version."""
        return text.format(
            k=self.words.number(known), n=self.words.number(self.study.n), version=self.study.registry.version
        )

    def of_n(self, frame: pd.DataFrame) -> str:
        """Say for how many incidents a value is known."""
        return self.words._("{k} of {n}").format(
            k=self.words.number(len(frame.dropna())), n=self.words.number(self.study.n)
        )

    def median(self, known: pd.DataFrame, key: str, how: str = "minutes") -> Markup:
        """Return the median of intervals, linked to the table it is taken from."""
        return inside(self.words.interval(quantile(known, 0.5), how), key)

    def shortened(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that a description in words names: all of a few, otherwise the first, the last and the one in focus."""
        if len(rows) <= MANY:
            return rows
        return rows[[place in (0, 1, 2, len(rows) - 1) or focus for place, focus in enumerate(rows["focus"])]]

    def drawn(self, figure: Figure, *, title: str, alt: str, caption: str, known: int, key: str) -> Block:
        """Return a figure with its title, its description and a caption into which n and the data version are filled."""
        return stack(page.figure(svg(figure), title=title, alt=alt, caption=self.with_n(caption, known), key=key))

    def worth_a_row(self, *frames: pd.DataFrame) -> set[str]:
        """Return the incidents that a table lists: all of a few, otherwise those for which any of its values is known."""
        return set(self.ids) if len(self.ids) <= MANY else {i for frame in frames for i in frame.dropna().index}
