"""Which incidents does somebody want to look at? Filters that map, table, figure, frame and dossier follow."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import ipywidgets as w
import pandas as pd
from babel import Locale
from markupsafe import Markup

from outages.language import LANGUAGES, Words
from outages.registry.registry import holds_any, subset
from outages.report import comparison, contradictions, delays, dossier, key_figures, length, third_parties, users
from outages.report.html import LAB_STYLE, Block, download, stack
from outages.report.part import Page
from outages.report.widgets import STYLE, Table, button, columns, folded, size, world
from outages.studies import Study, open_study
from outages.studies.selection import policy_names

LISTS = ("country", "sector", "services")  # columns that hold codes


class Explorer(w.VBox):
    """Filters over one registry; map, table, figure, download and `incidents` follow, and a click on a title opens the
    dossier.

    `incidents` is the frame of what is chosen, one row an incident, as `outages.studies.Study.wide` returns it.

    Parameters
    ----------
    lang : language of everything that is shown at the start, `en` or `fr`
    data : folders laid over the public registry
    """

    def __init__(self, lang: str = "en", data: Sequence[str | Path] = ()):
        super().__init__()
        self.data, self.followers = [str(folder) for folder in data], list[Callable[[], None]]()
        self.notice, self.dossier, self.figure = (w.HTML() for _ in range(3))
        for text in (self.notice, self.dossier, self.figure):
            text.add_class("jp-RenderedHTMLCommon")
        self.study = open_study(lang=lang, data=self.data)
        self.build(lang)

    def build(self, lang: str, values: dict[str, Any] | None = None) -> None:
        """Label everything in a language, and set each filter to a value; without values all are set back."""
        self.study = part_of(self.study, words=Words(lang))
        self.controls, self.table = controls(self.study), Table(self.study.words, self.read)
        for name, value in (values or {}).items():
            self.controls[name].value = value
        for control in self.controls.values():
            control.observe(self.changed, names="value")
        again = self.study.words._("Reset")
        reset = button(lambda: self.build(self.controls["lang"].value), description=again, icon="undo")
        self.download, self.opened = w.HTML(), ("", "")
        self.map, self.dots = world(self.study, self.toggle)
        lists = [self.controls[name] for name in LISTS]
        single = [control for name, control in self.controls.items() if name not in LISTS]
        single += [w.HBox([reset, self.download])]
        top = w.HBox([w.VBox(single), w.VBox(lists), self.map], layout=w.Layout(flex_flow="row wrap"))
        style = w.HTML(LAB_STYLE + STYLE)
        self.children = [style, top, self.notice, self.table, self.dossier, self.figure]
        self.show()

    def changed(self, change: Any) -> None:
        """Follow a filter; another language keeps the other choices."""
        if change["owner"] is self.controls["lang"]:
            self.build(change["new"], self.values)
        else:
            self.show()

    def toggle(self, country: str) -> None:
        """Choose a country, or choose it no longer."""
        self.controls["country"].value = tuple({*self.controls["country"].value} ^ {country})

    def read(self, incident: str) -> None:
        """Show the dossier of an incident, and mark it in the figure."""
        self.controls["focus"].value = incident

    @property
    def values(self) -> dict[str, Any]:
        """What every control is set to."""
        return {name: control.value for name, control in self.controls.items()}

    def show(self) -> None:
        """Show what is chosen; when nothing is, nothing is left that looks as if it were right."""
        value = self.values
        if value["policy"] != self.study.policy:
            self.study = open_study(lang=value["lang"], policy=value["policy"], data=self.data)
        rows, words = self.study.wide(), self.study.words
        fits = filters(rows, value)
        self.incidents = rows[fits.all(axis="columns")]
        self.figure.value = self.download.value = ""
        size(self.dots, rows[fits.drop(columns="country").all(axis="columns")], value["country"], words)
        if (value["focus"], value["policy"]) != self.opened:
            self.opened = value["focus"], value["policy"]
            self.dossier.value = dossier_of(self.study, value["focus"]) if value["focus"] else ""
        if self.incidents.empty:
            names = {name: control.description for name, control in self.controls.items()}
            self.notice.value = nothing(fits, names, words)
            self.table.fill(pd.DataFrame(), lambda _: pd.DataFrame())
        else:
            page = page_of(self.study, self.incidents, value["focus"])
            self.notice.value = str(comparison.scope(page).html)
            label = words.n("Download {n} outage (CSV)", "Download {n} outages (CSV)", len(self.incidents))
            self.download.value = str(download(label, self.incidents.to_csv(index_label="incident_id"), "outages.csv"))
            self.table.fill(*columns(page, self.incidents))
            self.figure.value = str(FIGURES[value["figure"]](page).html)
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
    "delays": lambda page: delays.timeline(page, page.study.lags()),
    "third_parties": lambda page: third_parties.figure(page, page.study.third_parties()),
}


def controls(study: Study) -> dict[str, Any]:
    """Return the filters by name, labelled in the language of a study, choices with their number of incidents."""
    _, words, rows = study.words._, study.words, study.incidents
    style = {"style": {"description_width": "8rem"}, "layout": w.Layout(width="20rem")}
    years = sorted(set(rows["year"]))
    figures = [_("Length"), _("Curve"), _("People"), _("Timeline"), _("Third parties")]
    titles = sorted((title, incident) for incident, title in study.titles.items())
    languages = [(str(Locale(lang).get_display_name(lang)).capitalize(), lang) for lang in LANGUAGES]
    policies = [(name, code) for code, name in policy_names(words).items()]
    hint = _("title, operator or identifier")
    found = {
        "lang": w.Dropdown(options=languages, value=words.lang, description=_("Language"), **style),
        "text": w.Text(description=_("Search"), placeholder=hint, continuous_update=False, **style),
        "years": w.SelectionRangeSlider(options=years, index=(0, len(years) - 1), description=_("Years"), **style),
        "min_users": w.BoundedIntText(max=10**9, step=1000, description=_("People, at least"), **style),
        "policy": w.Dropdown(options=policies, description=_("Policy"), **style),
        "figure": w.Dropdown(options=list(zip(figures, FIGURES, strict=True)), description=_("Figure"), **style),
        "focus": w.Dropdown(options=[("–", ""), *titles], description=_("Dossier"), **style),
    }
    for column, head in zip(LISTS, (_("Countries"), _("Sectors"), _("Services")), strict=True):
        count = rows[column].str.split(";").explode().value_counts()
        named = words.countries(count.index) if column == "country" else [words.label(column, c) for c in count.index]
        options = [(f"{name} ({words.number(n)})", c) for name, (c, n) in zip(named, count.items(), strict=True)]
        options.sort(key=lambda option: unicodedata.normalize("NFD", option[0]))  # É beside E
        found[column] = w.SelectMultiple(options=options, description=head, rows=5, **style)
    return found


def filters(rows: pd.DataFrame, value: dict[str, Any]) -> pd.DataFrame:
    """Return which incidents fit each filter, one column a filter."""
    surely = (rows["users_affected_low"] >= value["min_users"]) | (value["min_users"] == 0)
    fits = {"years": rows["year"].between(*value["years"]), "min_users": surely}
    for column in LISTS:
        fits[column] = holds_any(rows[column], value[column]) if value[column] else rows["year"] > 0
    text = folded(rows["title"] + " " + rows["operator"] + " " + rows.index)
    words = folded(pd.Series(value["text"].split(), dtype=str))
    fits["text"] = text.map(lambda known: all(word in known for word in words))
    return pd.DataFrame(fits)


def nothing(fits: pd.DataFrame, names: dict[str, str], words: Words) -> str:
    """Say that nothing is chosen, and which filters would have to give way."""
    alone = [f for f in fits if fits.drop(columns=f).all(axis="columns").any()]
    named = words._("; ").join(names[f] for f in alone or [f for f in fits if not fits[f].all()])
    told = words.t("No outage fits. Filters to loosen: {filters}.", filters=named)
    return str(Markup("<p><strong>{}</strong></p>").format(told))


def part_of(study: Study, **changes: Any) -> Study:
    """Return a study in another language or of fewer incidents; what is known is not worked out again."""
    found = replace(study, **changes)
    ids = found.registry.incidents.index
    vars(found)["_known"] = {name: values.loc[ids] for name, values in study.known.items()}
    return found


def page_of(study: Study, rows: pd.DataFrame, focus: str) -> Page:
    """Return a page of some incidents of a study, without links to claims."""
    own, left_out = subset(study.registry, rows.index), study.left_out + study.n - len(rows)
    return Page(part_of(study, registry=own, left_out=left_out, focus=focus if focus in rows.index else ""), "quality")


def dossier_of(study: Study, incident: str) -> str:
    """Return the dossier of one incident."""
    page = Page(part_of(study, registry=subset(study.registry, [incident]), focus=incident))
    parts = (
        key_figures.opening(page, page.study.facts),
        dossier.timeline(page),
        dossier.recommendations(page, page.study.recommendations()),
        dossier.third_parties(page, page.study.registry.third_parties),
        contradictions.in_short(page),
        dossier.claims(page),
        comparison.sources(page),
        dossier.record(page),
    )
    return str(Markup('<div class="outages-dossier">{}</div>').format(stack(*parts).html))
