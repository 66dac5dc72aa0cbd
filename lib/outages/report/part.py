"""What do all parts of a page share? Texts, links to claims, and ways to set a figure, a table or a sentence."""

import copy
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self

import pandas as pd
from markupsafe import Markup

from outages.errors import InputError, escaped
from outages.figures.style import MANY, Figure, svg
from outages.language import Words
from outages.report import html
from outages.report.evidence import Evidence, ends
from outages.report.worth import enough
from outages.stats.inference import quantile_interval
from outages.stats.intervals import Interval, how_many, quantile
from outages.stats.rows import ENDS, in_frame, measured, once, own_names
from outages.studies import Study

FOLDED = 40  # rows: a longer table is folded away


def by_incident(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return lengths, with some columns, or facts indexed by incident, with ends that are numbers: `merge` makes a
    column of that index.

    Raises
    ------
    InputError : an incident stands in several rows, or is a column of facts; columns and ends that
        `outages.stats.rows.measured` refuses
    """
    if frame.columns.nlevels > 1 and "incident_id" in frame:
        raise InputError("frame: incident_id is a column of facts; make it the index by .set_index('incident_id')")
    rows = frame.set_axis(once("frame", frame))
    rows = rows.loc[:, rows.columns.get_level_values(0) != "incident_id"]
    if rows.columns.nlevels == 1:
        return measured("frame", rows, *columns)
    low, high = (rows.xs(end, axis=1, level=-1) for end in ENDS)
    right = low.dtypes.eq(float).all() and high.dtypes.eq(float).all() and low.isna().equals(high.isna())
    if right and not (low > high).any(axis=None):
        return rows
    names = dict.fromkeys(rows.columns.get_level_values(0))
    return pd.concat({name: measured(str(name), rows[name]) for name in names}, axis=1)


class Writer:
    """How a study is told: its texts, numbers and intervals in the reader's language."""

    study: Study
    words: Words
    titles: pd.Series
    evidence: Evidence
    ids: list[str]
    some: frozenset[str] | None = None  # incidents, on a page that is of some of its study's alone

    @property
    def n(self) -> int:
        """Number of incidents of which the page speaks."""
        return self.study.n if self.some is None else len(self.some)

    def of(self, frame: pd.DataFrame) -> Self:
        """Return the page as it is of the incidents of a frame alone: `{n}` is their number, tables list no others.

        Raises
        ------
        InputError : an incident that is not of the study
        """
        narrowed, own = copy.copy(self), own_names(in_frame("frame", frame))
        narrowed.some = frozenset((frame.index if own is None else own).tolist())
        if strange := sorted(map(str, narrowed.some - set(self.titles.index.tolist()))):
            raise InputError(f"incident_id: '{escaped(strange[0])}' is none of this study; lay rows over it by `data`")
        narrowed.ids = [i for i in self.evidence.place if i in narrowed.some]
        return narrowed

    def t(self, message: str, **values: object) -> str:
        """Return a text with values filled in, as `outages.language.Words.t`; `{n}` is the number of incidents."""
        return self.words.t(message, **({"n": self.n, "version": self.study.registry.version} | values))

    def joined(self, *messages: str) -> str:
        """Return texts as one, with values still to be filled in; an empty one is left out."""
        return " ".join(self.words._(message) for message in messages if message)

    def minutes(self, value: Interval | None) -> str:
        """Write an interval of minutes."""
        return self.words.interval(value, "minutes")

    def aloud(self, pairs: Iterable[tuple[object, object]]) -> str:
        """Say rows in words, for those who cannot see a figure."""
        return self.words._("; ").join(self.words.pair(str(name), value) for name, value in pairs)

    def source(self, title: str, k: int) -> str:
        """Return what a figure carries when it is copied: what it says, of how many, which, and where it is from."""
        known = self.t("n = {k} of {n}" if self.n else "{k} entries drawn", k=k)
        chosen = self.study.selection or (self.t("whole registry") if self.study.n else "")
        if self.n < self.study.n:
            chosen = self.t("{chosen}: {k} of {n} outages", chosen=chosen, k=self.n, n=self.study.n)
        if self.study.n == 1:
            known, chosen = "", self.titles.iloc[0]
        origin = [self.t("open registry of major network outages"), self.t("data version {version}")]
        said = Markup(title.replace("\xa0", "&nbsp;")).striptags()  # which takes any other space for one to break at
        return self.words._("; ").join(filter(None, (said, known, chosen, *origin)))

    def of_n(self, frame: pd.DataFrame) -> str:
        """Say for how many incidents of a frame a value is known."""
        return self.t("{k} of {n}", k=how_many(frame), n=len(frame))

    def confidence_interval(self, values: pd.DataFrame, q: float = 0.5) -> Interval | None:
        """Return in which interval a quantile would lie in another draw of such incidents, None for too few."""
        return quantile_interval(values, q) if enough(values) else None

    def quantile(self, values: pd.DataFrame, q: float) -> str:
        """Write the bounds of a quantile of minutes and, in brackets, its interval by chance."""
        text, chance = self.minutes(quantile(values, q)), self.confidence_interval(values, q)
        if chance is None:
            return text
        if math.isinf(chance.high) and chance.low > 0:
            return self.t("{value} (95%: {low} or more)", value=text, low=self.words.end(chance.low, "minutes"))
        return self.t("{value} (95%: {interval})", value=text, interval=chance)

    def say(self, message: str, kind: str = "", **values: object) -> html.Block:
        """Set a sentence; `kind` is a class of the style sheet."""
        return html.stack(html.paragraph(self.t(message, **values), kind))

    def dropped(self, message: str, **values: object) -> html.Block:
        """Say why something is not shown."""
        return self.say(message, "dropped", **values)

    def little(self) -> html.Block:
        """Say that there is nothing to show."""
        return self.dropped("The sources say too little here.")

    def marked(self, frame: pd.DataFrame) -> dict[str, Interval]:
        """Return the incident in focus with its value, empty when there is none or it is unknown."""
        focus = self.study.focus
        found = ends(frame, focus) if focus in frame.index else None
        return {self.titles[focus]: found} if found else {}


class Page(Writer):
    """A study on a page: it writes in the reader's language, links to claims, and sets figures and tables around
    frames.

    Parameters
    ----------
    study : what is shown
    about : the question of the page, `length`, `users`, `delays`, `third_parties`, `recommendations` or `quality`, so
        that it lists only the claims that its numbers rest on; `everything` for the page of claims; empty for all
        questions
    """

    def __init__(self, study: Study, about: str = ""):
        self.study, self.words, self.evidence = study, study.words, Evidence(study, about)
        self.titles, self.ids = study.titles, list(self.evidence.place)

    def _repr_html_(self) -> str:
        """Return the style in which JupyterLab shows what the parts return; a rendered page has its own."""
        return html.LAB_STYLE

    def figure(
        self,
        key: str,
        drawn: Figure,
        data: pd.DataFrame,
        *,
        title: str,
        alt: str,
        caption: str,
        k: int,
        unit: str = "",
        **values: object,
    ) -> html.Block:
        """Set a figure.

        Parameters
        ----------
        key : id on the page
        drawn : the figure
        data : the frame behind it, offered as CSV
        title, alt, caption : messages: what it says, what it shows in words, how to read it; `values`, `{k}`, `{n}` and
            `{version}` are filled in
        k : for how many of the incidents of the page it is known
        unit : of the ends of its intervals, which the file says in the names of their columns
        """
        title, alt, caption = (self.t(text, **({"k": k} | values)) for text in (title, alt, caption))
        ends = {c: f"{c}_{unit}" for c in data if unit and str(c).split("_")[-1] in ("low", "high", "left", "right")}
        written = data.rename(columns=ends).to_csv(index=False, float_format="%.6g", lineterminator="\n")
        image, label = svg(drawn, self.source(title, k)), self.words._("Data (CSV)")
        return html.stack(
            html.figure(image, title=title, alt=alt, caption=caption, key=key, data=written, data_label=label)
        )

    def table(
        self,
        key: str,
        rows: pd.DataFrame | Iterable[Any],
        columns: Mapping[str, Callable[[Any], html.Cell]],
        *,
        caption: str,
        foot: Iterable[Sequence[html.Cell]] = (),
        some: bool = False,
        folded: bool = True,
        **values: object,
    ) -> html.Block:
        """Set a table of what is written of each of some things; of none it is said that there is nothing to show.

        Parameters
        ----------
        key : id on the page
        rows : the things; the rows of a frame are named tuples
        columns : what is written of a thing by head, a message; the first names the rows
        caption : a message, in which `values` are filled in
        foot : rows below
        some : whether it lists only the incidents with most claims where they are very many
        folded : whether a long one is folded under its caption
        """
        things = rows.itertuples() if isinstance(rows, pd.DataFrame) else rows
        told = [[write(thing) for write in columns.values()] for thing in things]
        if not told:
            return self.little()
        caption = self.t(caption, **values)
        if some and self.evidence.spread:
            more = self.t("listed are the {k} incidents with most claims", k=len(self.ids))
            caption = self.t("{caption}; {more}", caption=caption, more=more)
        shown = html.table(caption, [self.words._(head) for head in columns], [*told, *foot], key=key)
        return html.fold(caption, shown) if folded and len(told) > FOLDED else html.stack(shown)

    def pairs(self, key: str, told: Mapping[str, html.Cell], *, caption: str) -> html.Block:
        """Set a table of values by name, both as they are written."""
        name, value = (lambda pair: self.words._(pair[0])), (lambda pair: pair[1])
        return self.table(key, told.items(), {"Element": name, "Value": value}, caption=caption)

    def row_name(self, incident: str) -> Markup:
        """Return the title of an incident for the head of a row, with its origin when it is not public."""
        return self.incident_link(incident) + html.origin_mark(self.study.registry.incidents.at[incident, "_origin"])

    def incident_link(self, incident: str) -> Markup:
        """Return a title linked to its claims on a page of them, where its dossier is linked, else to that."""
        title, here = self.titles[incident], self.evidence
        if here.lists_claims and not here.elsewhere and incident in here.place:
            return html.inside(title, "i", incident)
        return html.dossier_link(title, incident, self.words.lang)

    def with_value(self, *frames: pd.DataFrame) -> list[str]:
        """Return the incidents that a table lists: all of a few, otherwise those with any value known."""
        if len(self.ids) <= MANY:
            return self.ids
        known = {i for frame in frames for i in frame.dropna().index}
        return [i for i in self.ids if i in known]
