"""Where are the incidents of a frame, and what is known of each? A map and a table made of widgets."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import ipywidgets as w
import numpy as np
import pandas as pd
from markupsafe import Markup

from outages.language import Words
from outages.report import landing
from outages.report.evidence import ends
from outages.report.html import Cell, lacking, origin_mark
from outages.report.part import Page
from outages.studies import Study

ROWS = 15  # of the table at a time
WIDTHS = ["minmax(14rem, 3fr)", "6.5rem", "minmax(6rem, 1fr)", "minmax(8rem, 2fr)"]  # of its columns
WIDTHS += [*["minmax(6rem, 1fr)"] * 3, "minmax(6.5rem, 1fr)"]
STYLE = """<style>
.outages-map { position: relative; flex: 1 1 20rem; align-self: flex-start; overflow: hidden; }
.outages-map .widget-html { flex: 1; margin: 0; }
.outages-map svg { display: block; width: 100%; fill: gray; opacity: .35; }
.outages-map .widget-button { position: absolute; translate: -50% -50%; border-radius: 50%; padding: 0; margin: 0;
  opacity: .8; }
.outages-table { overflow: auto; gap: 0; }
.outages-table .widget-html, .outages-table .widget-html-content { display: contents; }
.outages-table .widget-button { width: auto; height: auto; min-height: 2rem; margin: 0; padding: .35rem .4rem;
  display: flex; align-items: flex-start; text-align: left; white-space: normal; line-height: 1.3; background: none;
  box-shadow: none; }
.outages-table .outages-head { font-weight: bold; }
.outages-table .outages-title { text-decoration: underline; }
.outages-table .widget-html-content > span { padding: .35rem .4rem; line-height: 1.3; }
.outages-table .widget-html-content > span, .outages-table .outages-title { border-top: 1px solid rgba(128, 128, 128,
  .3); }
.widget-html a[download] { text-decoration: underline; }
.outages-table .none { opacity: .6; }
.outages-dossier { max-height: 45rem; overflow: auto; border: 1px solid gray; padding: 0 1rem; }
</style>"""


def button(act: Callable[[], object], kind: str = "", **traits: Any) -> w.Button:
    """Return a button that does something."""
    found = w.Button(**traits)
    found.on_click(lambda _: act())
    return found.add_class(kind) if kind else found


class Table(w.VBox):
    """A table of a few rows at a time: a click on a head sorts, a click on a title calls `opened` with the incident."""

    def __init__(self, words: Words, opened: Callable[[str], None]):
        super().__init__()
        self.words, self.opened, self.first, self.by, self.rising = words, opened, 0, 1, False
        self.order, self.ids = pd.DataFrame(), list[str]()
        self.heads = [button(partial(self.sort, k), "outages-head") for k in range(len(WIDTHS))]
        self.titles = [button(partial(self.click, k), "outages-title") for k in range(ROWS)]
        self.cells = [w.HTML() for _ in range(ROWS)]
        rows = [widget for row in zip(self.titles, self.cells, strict=True) for widget in row]
        grid = w.GridBox([*self.heads, *rows], layout=w.Layout(grid_template_columns=" ".join(WIDTHS)))
        narrow = w.Layout(width="3rem")
        self.back = button(lambda: self.turn(-ROWS), icon="chevron-left", tooltip=words._("Rows before"), layout=narrow)
        self.on = button(lambda: self.turn(ROWS), icon="chevron-right", tooltip=words._("Rows after"), layout=narrow)
        self.told = w.Label()
        self.children = [w.HBox([self.told, self.back, self.on]), grid.add_class("outages-table")]

    def fill(self, order: pd.DataFrame, write: Callable[[list[str]], pd.DataFrame]) -> None:
        """Show other rows: by what each column is sorted, and what writes the texts of some rows."""
        if set(order.index) != set(self.order.index):
            self.first = 0
        self.order, self.write = order, write
        self.layout.display = "none" if order.empty else ""
        self.draw()

    def sort(self, column: int) -> None:
        """Sort by a column, by the same once more the other way round."""
        self.rising = not self.rising if column == self.by else True
        self.by, self.first = column, 0
        self.draw()

    def turn(self, step: int) -> None:
        """Show the rows after or before."""
        self.first += step
        self.draw()

    def click(self, row: int) -> None:
        """Open the incident of a row."""
        self.opened(self.ids[row])

    def draw(self) -> None:
        """Write heads and rows."""
        n, end = len(self.order), min(self.first + ROWS, len(self.order))
        if n:
            by = self.order.iloc[:, self.by]
            self.ids = list(by.sort_values(ascending=self.rising, kind="stable").index[self.first : end])
            texts = self.write(self.ids)
            for k, (head, name) in enumerate(zip(self.heads, self.order.columns, strict=True)):
                head.description = f"{name} {'▲' if self.rising else '▼'}" if k == self.by else name
        for k, (title, cells) in enumerate(zip(self.titles, self.cells, strict=True)):
            title.layout.display = cells.layout.display = "" if self.first + k < end else "none"
            if self.first + k < end:
                title.description, *rest = texts.loc[self.ids[k]]
                cells.value = str(Markup("").join(Markup("<span>{}</span>").format(cell) for cell in rest))
        self.back.disabled, self.on.disabled = self.first == 0, end == n
        self.told.value = self.words.t("Outages {first} to {last} of {n}", first=self.first + 1, last=end, n=n)


def columns(page: Page, rows: pd.DataFrame) -> tuple[pd.DataFrame, Callable[[list[str]], pd.DataFrame]]:
    """Return by what each column of the table is sorted, unknown last, and what writes the texts of some rows."""
    words, study = page.words, page.study
    users = study.facts["users_affected"]

    def hit(row: Any) -> Cell:
        found = ends(users, row.Index)
        return words.interval(found, "compact") if found else lacking(words._("unknown"))

    said = landing.cells(page, study.facts, study.third_parties()) | {
        page.t("Outage"): lambda row: row.title + origin_mark(row.origin),
        page.t("People affected"): hit,
    }

    def write(ids: list[str]) -> pd.DataFrame:
        told = [[said[head](row) for head in order] for row in rows.loc[ids].itertuples()]
        return pd.DataFrame(told, ids, order.columns, dtype=object)

    order = pd.DataFrame(
        {
            page.t("Outage"): folded(rows["title"]),
            page.t("Date"): rows["onset"],
            page.t("Country"): [", ".join(words.countries(codes.split(";"))) for codes in rows["country"]],
            page.t("Services"): [words.label("services", codes) for codes in rows["services"]],
            page.t("Length"): least(rows, "length_minutes"),
            page.t("Delay in telling"): least(rows, "to_earliest_statement_minutes"),
            page.t("People affected"): least(rows, "users_affected"),
            page.t("Cause"): [words.label("root_cause", code) or None for code in rows["root_cause"]],
        },
        rows.index,
    )
    return order, write


def least(rows: pd.DataFrame, name: str) -> pd.Series:
    """Return the low ends of an interval; what is between nothing and anything is unknown."""
    low = rows[f"{name}_low"]
    return low.mask((low == 0) & np.isinf(rows[f"{name}_high"]))


def folded(text: pd.Series) -> pd.Series:
    """Return texts without capitals and accents."""
    return text.str.normalize("NFKD").str.replace("[\u0300-\u036f]", "", regex=True).str.casefold()


def world(study: Study, choose: Callable[[str], None]) -> tuple[w.Box, dict[str, w.Button]]:
    """Return a map with a dot for each country, and the dots; a click chooses the country."""
    land, places = landing.outline()
    count = study.incidents["country"].str.split(";").explode().value_counts()
    known = [code for code in count.index if code in places]
    sides = {code: dict(zip(("left", "top"), (f"{at:.1f}%" for at in places[code]), strict=True)) for code in known}
    dots = {code: button(partial(choose, code), layout=w.Layout(**sides[code])) for code in known}  # largest undermost
    return w.Box([w.HTML(str(land)), *dots.values()]).add_class("outages-map"), dots


def size(dots: dict[str, w.Button], rows: pd.DataFrame, chosen: Sequence[str], words: Words) -> None:
    """Make each dot as large as there are incidents in its country, hide those without, mark those chosen."""
    count = rows["country"].str.split(";").explode().value_counts()
    for (code, dot), name in zip(dots.items(), words.countries(dots), strict=True):
        n = int(count.get(code, 0))
        with dot.hold_sync(), dot.layout.hold_sync():  # a kernel that sends a thousand messages at once loses some
            dot.layout.width = dot.layout.height = f"{6 + 2.2 * n**0.5:.0f}px"
            dot.layout.display = "" if n else "none"
            dot.tooltip, dot.button_style = f"{name} ({words.number(n)})", "warning" if code in chosen else "info"
