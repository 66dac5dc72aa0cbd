"""Which incidents does somebody want to look at? Filters, a sortable table and a figure that follow one another in JupyterLab."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from outages.facts.policies import POLICIES
from outages.language import LANGUAGES, Words
from outages.registry.files import RegistryError, codes
from outages.report.comparison import Report
from outages.report.evidence import lag_names
from outages.studies import ParameterError, open_study

FITTED = "<style>.outages-figure img {{ width: 100%; height: auto; }}</style><div class='outages-figure'>{}</div>"


class Explorer:
    """Filters, figure and table of one registry.

    Parameters
    ----------
    lang : language of labels and figures at the start, `en` or `fr`
    data : folders laid over the public registry
    """

    def __init__(self, lang: str = "en", data: Sequence[str | Path] = ()):
        self.data = [str(folder) for folder in data]
        self.chosen: dict[str, Any] = {"lang": lang, "policy": "authority"}
        self.figure = "length"
        self.report = self.opened()

    def opened(self) -> Report:
        """Return the report of the incidents chosen."""
        return Report(open_study(**self.chosen, data=self.data))

    def choose(self, **filters: Any) -> str:
        """Take other filters, as `outages.studies.open_study` names them; return what is wrong with them, empty when they were taken."""
        before = self.chosen
        self.chosen = {**before, **filters}
        try:
            self.report = self.opened()
        except (ParameterError, RegistryError) as error:
            self.chosen = before
            return str(error)
        return ""

    def table(self) -> pd.DataFrame:
        """Return one row an incident: title, country, sector, and low and high ends of length, people, lags (minutes) and silence share."""
        e, incidents = self.report.evidence, self.report.study.registry.incidents
        frames = {"length": e.lengths, "users": e.users, "user_hours": e.user_hours, **e.lags, "silence": e.silence}
        ends = {f"{name}_{end}": frame[end] for name, frame in frames.items() for end in ("low", "high")}
        told = incidents[["country", "sector", "services"]].assign(title=self.report.titles)
        return pd.concat([told[["title", "country", "sector", "services"]], pd.DataFrame(ends)], axis=1)

    def picture(self):
        """Return the figure that is chosen, with its title and caption."""
        parts = {
            "length": self.report.length.figure, "curve": self.report.length.curve, "users": self.report.users.figure,
            "delays": self.report.delays.figure, "parties": self.report.parties.figure,
        }  # fmt: skip
        return parts[self.figure]()

    def sortable(self):
        """Return the table as a widget that sorts on a click and searches."""
        from itables.widget import ITable

        shown = self.table()
        names = self.names()
        shown = shown.assign(**{c: shown[c].round(3) for c in shown.select_dtypes("number")}).rename(columns=names)
        return ITable(shown.reset_index(), pageLength=15, scrollX=True, classes="display compact nowrap")

    def names(self) -> dict[str, str]:
        """Return the heads of the table."""
        _ = self.report.words._
        lags = lag_names(self.report.study)
        named = {
            "length": _("Length"),
            "users": _("People affected"),
            "user_hours": _("User-hours"),
            **lags,
            "silence": _("silence share"),
        }
        low, high = _("{name}, low"), _("{name}, high")
        return {
            f"{key}_{end}": form.format(name=name)
            for key, name in named.items()
            for end, form in (("low", low), ("high", high))
        }

    def show(self):
        """Return filters, figure and table as one widget."""
        import ipywidgets as w

        words = Words(self.chosen["lang"])
        _, incidents = words._, self.report.study.registry.incidents
        years = sorted(set(incidents["incident_id"].str[:4].astype(int)))
        countries = sorted({c for cell in incidents["country"] for c in cell.split(";")})
        wide = {"description_width": "8rem"}
        several = {"rows": 5, "style": wide}
        titles = sorted(zip(self.report.titles, incidents.index, strict=True))
        controls = {
            "lang": w.ToggleButtons(options=list(LANGUAGES), value=words.lang, description=_("Language"), style=wide),
            "policy": w.Dropdown(options=list(POLICIES), description=_("Policy"), style=wide),
            "focus": w.Dropdown(options=[("–", ""), *titles], description=_("In focus"), style=wide),
            "countries": w.SelectMultiple(options=countries, description=_("Countries"), **several),
            "sectors": w.SelectMultiple(options=[(words.label("sector", c), c) for c in codes()["sector"]], description=_("Sectors"), **several),
            "services": w.SelectMultiple(options=[(words.label("services", c), c) for c in codes()["services"]], description=_("Services"), **several),
            "years": w.SelectionRangeSlider(options=years, index=(0, len(years) - 1), description=_("Years"), style=wide),
            "min_users": w.BoundedIntText(value=0, max=10**9, step=1000, description=_("People, at least"), style=wide),
            "figure": w.ToggleButtons(options=[(_("Length"), "length"), (_("Curve"), "curve"), (_("People"), "users"), (_("Timeline"), "delays"), (_("Third parties"), "parties")], description=_("Figure"), style=wide),
        }  # fmt: skip
        said, figure, table = w.HTML(), w.HTML(), w.Output()

        def follow(_change: Any = None) -> None:
            first, last = controls["years"].value
            wrong = self.choose(
                lang=controls["lang"].value, policy=controls["policy"].value, focus=controls["focus"].value, min_users=controls["min_users"].value,
                since=f"{first}-01-01", until=f"{last}-12-31", **{name: ";".join(controls[name].value) for name in ("countries", "sectors", "services")},
            )  # fmt: skip
            self.figure = controls["figure"].value
            said.value = page_line(wrong) if wrong else str(self.report.scope().html)
            if not wrong:
                figure.value = FITTED.format(self.picture().html)
                with table:
                    table.clear_output(wait=True)
                    display_widget(self.sortable())

        for control in controls.values():
            control.observe(follow, names="value")
        follow()
        left = w.VBox(list(controls.values()), layout=w.Layout(width="26rem", flex="0 0 auto"))
        return w.VBox([w.HBox([left, w.VBox([said, figure], layout=w.Layout(flex="1 1 auto"))]), table])


def page_line(text: str) -> str:
    """Return a message as harmless HTML."""
    from markupsafe import escape

    return f"<p><strong>{escape(text)}</strong></p>"


def display_widget(widget: Any) -> None:
    """Show a widget where the output is captured."""
    from IPython.display import display

    display(widget)
