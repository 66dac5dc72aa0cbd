"""Which incidents does somebody want to look at? Filters in JupyterLab that a table, a figure and a frame follow."""

import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import ipywidgets as w
import pandas as pd
from babel import Locale
from markupsafe import escape

from outages.facts.policies import POLICIES
from outages.language import LANGUAGES
from outages.registry.registry import holds_any, subset
from outages.report import comparison, delays, length, third_parties, users
from outages.report.html import LAB_STYLE, Block
from outages.report.part import Page
from outages.studies import Study, open_study

LISTS = ("country", "sector", "services")  # columns that hold codes


class Explorer(w.VBox):
    """Filters over one registry; a table, a figure and `incidents` follow.

    `incidents` is the frame of what is chosen, one row an incident, as `outages.studies.Study.wide` returns it.

    Parameters
    ----------
    lang : language of labels, table and figure at the start, `en` or `fr`
    data : folders laid over the public registry
    """

    def __init__(self, lang: str = "en", data: Sequence[str | Path] = ()):
        super().__init__()
        self.data, self.followers = [str(folder) for folder in data], list[Callable[[], None]]()
        self.notice, self.table, self.figure = w.HTML(), w.VBox(), w.HTML()
        self.build(lang)

    def build(self, lang: str, values: dict[str, Any] | None = None) -> None:
        """Label every filter in a language, and set it to a value; without values all are set back."""
        self.study = open_study(lang=lang, data=self.data)
        self.controls = controls(self.study)
        for name, value in (values or {}).items():
            self.controls[name].value = value
        for control in self.controls.values():
            control.observe(self.changed, names="value")
        reset = w.Button(description=self.study.words._("Reset"), icon="undo")
        reset.on_click(lambda _: self.build(self.controls["lang"].value))
        lists = [self.controls[name] for name in LISTS]
        single = [control for name, control in self.controls.items() if name not in LISTS]
        self.children = [w.HBox([w.VBox([*single, reset]), w.VBox(lists)]), self.notice, self.table, self.figure]
        self.show()

    def changed(self, change: Any) -> None:
        """Follow a filter; another language keeps the other choices."""
        values = {name: control.value for name, control in self.controls.items()}
        if change["owner"] is self.controls["lang"]:
            self.build(values["lang"], values)
        else:
            self.show()

    def show(self) -> None:
        """Show what is chosen; when it cannot be shown, nothing is left that looks as if it were right."""
        value = {name: control.value for name, control in self.controls.items()}
        if value["policy"] != self.study.policy:
            self.study = open_study(lang=value["lang"], policy=value["policy"], data=self.data)
        rows = self.study.wide()
        self.incidents = rows[chosen(rows, value)]
        self.notice.value, self.figure.value, self.table.children = "", "", []
        try:
            page = page_of(self.study, self.incidents, value["focus"])
            self.notice.value = str(comparison.scope(page).html)
            self.table.children = [table(page, self.incidents)]
            self.figure.value = LAB_STYLE + str(FIGURES[value["figure"]](page).html)
        except ValueError as error:
            self.notice.value = f"<p><strong>{escape(error)}</strong></p>"
        for follow in self.followers:
            follow()

    def follow(self, look: Callable[[pd.DataFrame], Any]) -> w.Output:
        """Return what a function makes of `incidents`, shown anew whenever the filters change."""
        from IPython.display import display

        shown = w.Output()

        def again() -> None:
            shown.clear_output(wait=True)
            with shown:
                display(look(self.incidents))

        self.followers.append(again)
        again()
        return shown


FIGURES: dict[str, Callable[[Page], Block]] = {
    "length": lambda page: length.bars(page, page.study.lengths(), page.study.offset("partial_restoration")),
    "curve": lambda page: length.curve(page, page.study.lengths()),
    "users": lambda page: users.heaviest(page, page.study.facts),
    "delays": lambda page: delays.timeline(page, delays.told_marks(page)),
    "third_parties": lambda page: third_parties.figure(page, page.study.third_parties()),
}


def controls(study: Study) -> dict[str, Any]:
    """Return the filters by name, labelled in the language of a study, choices with their number of incidents."""
    _, words, rows = study.words._, study.words, study.incidents
    style = {"style": {"description_width": "9rem"}, "layout": w.Layout(width="26rem")}
    years = sorted(set(rows["year"]))
    figures = [_("Length"), _("Curve"), _("People"), _("Timeline"), _("Third parties")]
    titles = sorted((title, incident) for incident, title in study.titles.items())
    names = {"country": Locale.parse(words.locale).territories.get}
    found = {
        "lang": w.ToggleButtons(options=list(LANGUAGES), value=words.lang, description=_("Language"), **style),
        "text": w.Text(description=_("Search"), placeholder=_("title or operator"), continuous_update=False, **style),
        "policy": w.Dropdown(options=list(POLICIES), description=_("Policy"), **style),
        "focus": w.Dropdown(options=[("–", ""), *titles], description=_("In focus"), **style),
        "min_users": w.BoundedIntText(max=10**9, step=1000, description=_("People, at least"), **style),
        "years": w.SelectionRangeSlider(options=years, index=(0, len(years) - 1), description=_("Years"), **style),
        "figure": w.Dropdown(options=list(zip(figures, FIGURES, strict=True)), description=_("Figure"), **style),
    }
    heads = {"country": _("Countries"), "sector": _("Sectors"), "services": _("Services")}
    for column, head in heads.items():
        count = rows[column].str.split(";").explode().value_counts()
        label = {c: (names[column](c) if column in names else words.label(column, c)) or c for c in count.index}
        options = [(f"{label[code]} ({words.number(n)})", code) for code, n in count.items()]
        options.sort(key=lambda option: unicodedata.normalize("NFD", option[0]))  # É beside E
        found[column] = w.SelectMultiple(options=options, description=head, rows=5, **style)
    return found


def chosen(rows: pd.DataFrame, value: dict[str, Any]) -> pd.Series:
    """Return which incidents fit the values of the filters."""
    fits = rows["year"].between(*value["years"])
    fits &= (rows["users_affected_low"] >= value["min_users"]) | (value["min_users"] == 0)
    for column in LISTS:
        fits &= holds_any(rows[column], value[column]) if value[column] else True
    text = rows["title"] + " " + rows["operator"] + " " + rows.index
    return fits & text.str.contains(value["text"].strip(), case=False, regex=False)


def page_of(study: Study, rows: pd.DataFrame, focus: str) -> Page:
    """Return a page of some incidents of a study.

    Raises
    ------
    ValueError : there is none
    """
    if rows.empty:
        raise ValueError(study.words._("No incident fits. Widen the filters, or reset them."))
    own, left_out = subset(study.registry, rows.index), study.left_out + study.n - len(rows)
    return Page(replace(study, registry=own, left_out=left_out, focus=focus if focus in rows.index else ""))


def table(page: Page, rows: pd.DataFrame) -> Any:
    """Return incidents as a widget that sorts on a click and searches; lengths of time stand there as h:mm."""
    from itables.widget import ITable

    words, _ = page.words, page.words._
    shown = pd.DataFrame({_("Incident"): rows["title"], _("Country"): rows["country"], _("Sector"): rows["sector"]})
    shown[_("Sector")] = [words.label("sector", code) for code in rows["sector"]]
    shown[_("Onset")] = rows["onset"].dt.strftime("%Y-%m-%d")
    facts = {
        _("Length"): ("length_minutes", clock),
        _("Public word after"): ("to_known_word_minutes", clock),
        _("People affected"): ("users_affected", words.number),
    }
    at = len(shown.columns)
    for head, (name, write) in facts.items():
        shown[head] = [span(*ends, write) for ends in zip(rows[f"{name}_low"], rows[f"{name}_high"], strict=True)]
    for head, (name, _write) in facts.items():  # texts are sorted by the number that they stand for
        shown[f"{head} "] = rows[f"{name}_low"].fillna(-1)
    sort = [{"targets": at + k, "orderData": at + len(facts) + k} for k in range(len(facts))]
    hidden = {"targets": [order["orderData"] for order in sort], "visible": False, "searchable": False}
    language = {"search": _("Search"), "lengthMenu": "_MENU_", "info": "_START_–_END_ / _TOTAL_", "infoFiltered": ""}
    return ITable(shown, columnDefs=[*sort, hidden], language=language, pageLength=10, showIndex=False)


def clock(minutes: float) -> str:
    """Write a length of time as hours and minutes: 435 is 7:15."""
    return "{}:{:02}".format(*divmod(round(minutes), 60))


def span(low: float, high: float, write: Callable[[float], str]) -> str:
    """Write an interval in the least room, nothing when it is unknown."""
    if math.isnan(low) or math.isinf(high):
        return "" if math.isnan(low) else f"≥ {write(low)}"
    return write(low) if write(low) == write(high) else f"{write(low)}–{write(high)}"
