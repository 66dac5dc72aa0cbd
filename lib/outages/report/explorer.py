"""Which incidents does somebody want to look at? Filters in JupyterLab that a table, a figure and a frame follow."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import ipywidgets as w
import pandas as pd
from babel import Locale
from markupsafe import escape

from outages.facts.policies import POLICIES
from outages.figures.plots import moment_names
from outages.language import LANGUAGES, Words
from outages.registry.registry import holds_any, keep
from outages.report import comparison, third_parties
from outages.report.html import LAB_STYLE, Block
from outages.report.part import Page
from outages.studies import Study, open_study

LISTS, EVERY = ("country", "sector", "services"), "all"


class Explorer(w.VBox):
    """Filters over one registry, and below them the table and the figure that follow.

    `incidents` is the frame of what is chosen, one row an incident, as `outages.studies.Study.wide` returns it.

    Parameters
    ----------
    lang : language of labels, table and figure at the start, `en` or `fr`
    data : folders laid over the public registry
    """

    def __init__(self, lang: str = "en", data: Sequence[str | Path] = ()):
        super().__init__()
        self.data, self.followers = [str(folder) for folder in data], []
        self.notice, self.table, self.figure = w.HTML(), w.VBox(), w.HTML()
        self.build(lang)

    def build(self, lang: str) -> None:
        """Set every filter back, in one language."""
        self.study = open_study(lang=lang, data=self.data)
        self.every, self.controls = self.study.wide(), controls(self.study)
        reset = w.Button(description=self.study.words._("Reset"))
        reset.on_click(lambda _: self.build(self.study.words.lang))
        for control in self.controls.values():
            control.observe(self.changed, names="value")
        c = self.controls
        first = w.VBox([c["lang"], c["text"], c["policy"], c["years"], c["figure"], reset])
        self.children = [w.HBox([first, *(c[name] for name in LISTS)]), self.notice, self.table, self.figure]
        self.show()

    def changed(self, change: Any) -> None:
        """Follow a filter; another language keeps the other choices."""
        if change["owner"] is not self.controls["lang"]:
            return self.show()
        before = {name: control.value for name, control in self.controls.items()}
        self.build(change["new"])
        for name, value in before.items():
            self.controls[name].value = value

    def show(self) -> None:
        """Show what is chosen; what cannot be shown leaves nothing behind that looks as if it were right."""
        value, words = {name: control.value for name, control in self.controls.items()}, self.study.words
        self.figure.value, self.table.children, self.incidents = "", [], self.every[:0]
        try:
            self.study = replace(open_study(lang=words.lang, policy=value["policy"], data=self.data))
            self.every = self.study.wide()
            self.incidents = self.every[chosen(self.every, value)]
            if self.incidents.empty:
                raise ValueError(words._("No incident fits; choose less, or reset the filters."))
            page = Page(replace(self.study, registry=keep(self.study.registry, self.incidents.index), left_out=len(self.every) - len(self.incidents)))
            self.notice.value = str(comparison.scope(page).html)
            self.table.children = [table(self.incidents, words)]
            self.figure.value = LAB_STYLE + str(FIGURES[value["figure"]](page).html)
        except ValueError as error:
            self.notice.value = f"<p><strong>{escape(error)}</strong></p>"
        for follow in self.followers:
            follow()

    def follow(self, look: Callable[[pd.DataFrame], Any]) -> w.Output:
        """Return what a function shows of `incidents`, anew whenever the filters change."""
        from IPython.display import display

        shown = w.Output()

        def again() -> None:
            shown.clear_output(wait=True)
            with shown:
                display(look(self.incidents))

        self.followers.append(again)
        again()
        return shown
