"""How long did the outages last, as a page says it?"""

import functools
import math

import numpy as np
import pandas as pd
from markupsafe import Markup

from outages.figures import charts, density, plots
from outages.report import html as page
from outages.report.evidence import ends
from outages.report.html import Block, Cell, paragraph, stack
from outages.report.part import FEW, View
from outages.stats.intervals import Interval, quantile
from outages.stats.intervals import known as known_intervals
from outages.stats.turnbull import Banded, resampled, share_within

LIMITS = (60, 240, 1440, 4320)  # minutes: a working hour, half a shift, a day, three days
QUARTILES = (0.25, 0.5, 0.75)
DAY = 1440  # minutes


class Length(View):
    """Outage length: a sentence, figures, tables."""

    @functools.cached_property
    def codes(self) -> dict[str, pd.Series]:
        """Return the code of each incident under each grouping."""
        return dict(self.study.groups.items())

    @functools.cached_property
    def known(self) -> pd.DataFrame:
        """Return the known lengths in minutes, without their names."""
        return known_intervals(self.evidence.lengths)

    def headline(self) -> Markup:
        """Say how long the outages lasted, and how sure that is."""
        _, known = self.words._, self.known
        if known.empty:
            return Markup(_("Outage length: known for none of {n} incidents.")).format(
                n=self.words.number(self.study.n)
            )
        longest = self.evidence.lengths["low"].idxmax()
        form = _(
            "<strong>Outage length.</strong> The median outage lasted {median}; the longest for certain, {title}, {long}."
        )
        said = Markup(form).format(
            median=self.median(known, "t-groups"), title=self.titles[longest], long=self.length_cell(longest)
        )
        return said + self.sure(len(known), self.by_chance(known), "minutes")

    def figure(self) -> Block:
        """Draw how long each outage lasted."""
        if self.evidence.spread:
            return self.distribution()
        _, lengths = self.words._, self.evidence.lengths
        partial = self.study.offset("partial_restoration")
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
            rows=_("; ").join(self.words.pair(r.title, r.label) for r in self.shortened(rows).itertuples())
        )
        caption = _(
            "Each bar runs from the shortest to the longest length that the sources allow; a dot is a length known to the minute. n = {k} of {n}. Data version {version}."
        )
        data = rows.drop(columns=["label", "focus", "title"]).rename_axis("incident_id").reset_index()
        return self.drawn(
            plots.length_bars(rows, self.words),
            title=title,
            alt=alt,
            caption=caption,
            known=known,
            key="f-length",
            data=data,
        )

    def distribution(self) -> Block:
        """Draw how many of very many outages lasted how long."""
        _, words, known = self.words._, self.words, self.known
        if known.empty:
            return stack(paragraph(_("No length is known, so no figure is drawn."), "dropped"))
        rows = by_class(known)
        title = _("Lengths differ by a factor of {factor}").format(factor=self.factor(known))
        most = rows.loc[rows["perhaps"].idxmax()]
        fullest = Interval(most["left"], most["right"])
        alt = _("Bars of how many outages lasted how long, on a logarithmic axis; most lasted {length}.").format(
            length=words.interval(fullest, "minutes")
        )
        caption = _(
            "Outages by length in classes that are a third of a power of ten wide. Dark: surely in the class; light: perhaps, because the sources leave it open. n = {k} of {n}. Data version {version}."
        )
        figure = density.classes(rows, words, focus=self.marked(self.evidence.lengths))
        return self.drawn(figure, title=title, alt=alt, caption=caption, known=len(known), key="f-length", data=rows)

    def curve(self) -> Block:
        """Draw the share of outages that are over by each time, with a band."""
        _, known = self.words._, self.known
        found = resampled(known)
        if found is None:
            return stack(paragraph(_("No length is known, so no curve is drawn."), "dropped"))
        name = _("all, n = {n}").format(n=self.words.number(len(known)))
        drawn = charts.curves(
            [charts.Named(name, found)], self.words, xlabel=_("time after onset (linear to 10 min, then logarithmic)"),
            ylabel=_("share of outages that are over"), band=self.enough(known), focus=self.marked(self.evidence.lengths),
        )  # fmt: skip
        share = self.words.interval(share_within(known, DAY), "percent")
        title = _("After {time} {share} of the outages of known length are over").format(
            time=self.words.minutes(DAY, hours_from=60), share=share
        )
        alt = _("Curve of the share of outages that are over by each time. {rows}.").format(
            rows=self.quartile_text(found)
        )
        caption = _(
            "Turnbull's estimate for lengths known between two ends, if how vague a source is says nothing of the length; at each time the shaded band holds 95 of 100 curves of resampled incidents. {rows}. n = {k} of {n}. Data version {version}."
        ).replace("{rows}", self.quartile_text(found))
        caption += self.classed(found)
        if not self.enough(known):
            caption += " " + _("With fewer than {few} known lengths no band is drawn.").format(few=FEW)
        return self.drawn(
            drawn,
            title=title,
            alt=alt,
            caption=caption,
            known=len(known),
            key="f-curve",
            data=curve_data({"all": found}),
        )

    def quartile_text(self, found: Banded) -> str:
        """Say the quartiles of a curve and where they would lie in another draw."""
        _ = self.words._
        names = (_("first quartile {value}"), _("median {value}"), _("third quartile {value}"))
        chance = found.curve.n >= FEW
        return _("; ").join(
            name.format(value=self.value(found.curve.quantile(q), found.quantile(q) if chance else None, "minutes"))
            for name, q in zip(names, QUARTILES, strict=True)
        )

    def by_group(self, grouping: str) -> Block:
        """Draw the curves of the groups of one grouping; groups with too few known lengths are left out and named."""
        _, words = self.words._, self.words
        names = self.group_names(grouping)
        drawn, few = [], []
        for code, label in names.items():
            part = self.in_group(grouping, code)
            if self.enough(part) and (found := resampled(part)):
                drawn.append(charts.Named(_("{group}, n = {n}").format(group=label, n=words.number(len(part))), found))
            elif len(part):
                few.append(_("{group} ({n})").format(group=label, n=words.number(len(part))))
        heading_ = {"sector": _("By sector"), "emergency_calls": _("By whether emergency calls were hit"),
                    "root_cause": _("By root cause"), "third_party": _("By involvement of a third party")}[grouping]  # fmt: skip
        if not drawn:
            text = _("{heading}: no group has {few} known lengths, so no curve is drawn.").format(
                heading=heading_, few=FEW
            )
            return stack(paragraph(text, "dropped"))
        figure = charts.curves(
            drawn, words, xlabel=_("time after onset (linear to 10 min, then logarithmic)"), ylabel=_("share of outages that are over"),
            band=len(drawn) < 3, focus=self.marked(self.evidence.lengths),
        )  # fmt: skip
        said = _("; ").join(words.pair(c.label, self.quartile_text(c.found)) for c in drawn)
        alt = _("Curves of the share of outages that are over by each time. {rows}.").format(rows=said)
        caption = _(
            "Turnbull's estimate in each group; groups are described, not made alike, so a gap between curves is not an effect. n = {k} of {n}. Data version {version}."
        )
        caption += self.classed(*(c.found for c in drawn))
        if few:
            caption += " " + _("Left out for having fewer than {few} known lengths: {groups}.").format(
                few=FEW, groups=words.listed(few)
            )
        medians = _("; ").join(
            words.pair(c.label, words.interval(c.found.curve.quantile(0.5), "minutes")) for c in drawn
        )
        title = _("{heading}: medians {medians}").format(heading=heading_, medians=medians)
        data = curve_data({c.label: c.found for c in drawn})
        return self.drawn(
            figure,
            title=title,
            alt=alt,
            caption=caption,
            known=sum(c.found.curve.n for c in drawn),
            key=f"f-{grouping}",
            data=data,
        )

    def group_names(self, grouping: str) -> dict[str, str]:
        """Return the codes of a grouping and what they are called, in the order of a page."""
        _, words = self.words._, self.words
        present = set(self.codes[grouping].unique())
        names = {
            "emergency_calls": {"yes": _("emergency calls hit"), "no": _("emergency calls not named as hit")},
            "third_party": {"named": _("third party in the causal chain"), "none_named": _("no third party named")},
        }.get(grouping) or {c: words.label(grouping, c) for c in sorted(present - {"", "disputed"})}
        if grouping == "root_cause":
            names |= {"disputed": _("sources disagree"), "": _("no cause named")}
        return {code: name for code, name in names.items() if code in present}

    def in_group(self, grouping: str, code: str) -> pd.DataFrame:
        """Return the known lengths of a group."""
        return known_intervals(self.evidence.lengths[self.codes[grouping] == code])

    @functools.cached_property
    def group_rows(self) -> pd.DataFrame:
        """Return one row a group: `grouping`, `code`, `group` and `label` as read, `members`, `n` known, `low`, `high` of the median, `outer_low`, `outer_high` by chance."""
        _ = self.words._
        heads = {
            "": "",
            "sector": _("Sector"),
            "emergency_calls": _("Emergency calls"),
            "root_cause": _("Root cause"),
            "third_party": _("Third party"),
        }
        parts = [("", "", _("All incidents"))]
        parts += [(g, code, label) for g in self.codes for code, label in self.group_names(g).items()]
        rows = []
        for grouping, code, label in parts:
            members = self.members(grouping, code)
            known = known_intervals(members)
            median, chance = quantile(known, 0.5), self.by_chance(known)
            low, high = (median.low, median.high) if median else (math.nan, math.nan)
            outer = (chance.low, chance.high) if chance else (math.nan, math.nan)
            rows.append((grouping, code, heads[grouping], label, len(members), len(known), low, high, *outer))
        return pd.DataFrame(
            rows,
            columns=["grouping", "code", "group", "label", "members", "n", "low", "high", "outer_low", "outer_high"],
        )

    def groups_figure(self) -> Block:
        """Draw the median length of every group."""
        _, words = self.words._, self.words
        rows = self.group_rows
        focus = self.study.focus
        codes = {name: series.get(focus) for name, series in self.codes.items()}
        text = [
            _("n = {k} of {n}").format(k=words.number(r.n), n=words.number(r.members)) if r.n >= FEW
            else _("n = {k} of {n}: too few").format(k=words.number(r.n), n=words.number(r.members)) for r in rows.itertuples()
        ]  # fmt: skip
        few = rows["n"] < FEW
        shown = rows.assign(
            text=text, mark=[bool(focus) and codes.get(r.grouping) == r.code for r in rows.itertuples()]
        )
        if self.enough(self.known):
            shown[["low", "high"]] = shown[["low", "high"]].mask(few)
        known = shown.dropna(subset=["low"])
        if known.empty:
            return stack(paragraph(_("No length is known, so no medians are drawn."), "dropped"))
        figure = charts.ranges(shown, words, how="minutes", xlabel=_("median length of the outage (logarithmic scale)"))
        said = _("; ").join(
            words.pair(r.label, f"{words.interval(Interval(r.low, r.high), 'minutes')} (n = {r.n})")
            for r in known.itertuples()
        )
        alt = _("Median outage length of each group on a logarithmic axis. {rows}.").format(rows=said)
        caption = _(
            "Thick: bounds that the sources leave open; thin: 95% interval over resampled incidents. Groups with fewer than {few} known lengths have no mark. n = {k} of {n}. Data version {version}."
        ).replace("{few}", str(FEW))
        title = self.groups_title(known)
        data = rows[["grouping", "code", "members", "n", "low", "high", "outer_low", "outer_high"]]
        return self.drawn(
            figure, title=title, alt=alt, caption=caption, known=len(self.known), key="f-groups", data=data
        )

    def groups_title(self, known: pd.DataFrame) -> str:
        """Say which group is shortest and which longest, when there are several."""
        _, words = self.words._, self.words
        groups = known[known["grouping"] != ""]
        if len(groups) < 2:
            return _("Median outage length by group")
        short, long = groups.loc[groups["high"].idxmin()], groups.loc[groups["low"].idxmax()]
        form = _("Medians run from {short} ({short_group}) to {long} ({long_group})")
        return form.format(short=words.interval(Interval(short["low"], short["high"]), "minutes"), short_group=short["label"],
                           long=words.interval(Interval(long["low"], long["high"]), "minutes"), long_group=long["label"])  # fmt: skip

    def groups_table(self) -> Block:
        """Tabulate quartiles by group, and the share that is over within fixed times."""
        _, words = self.words._, self.words
        rows: list[list[Cell]] = []
        for r in self.group_rows.itertuples():
            members = self.members(r.grouping, r.code)
            known = known_intervals(members)
            label = words.pair(r.group, r.label) if r.group else r.label
            quartiles = [self.value(quantile(known, q), self.by_chance(known, q), "minutes") for q in QUARTILES]
            if r.grouping and not self.enough(known):
                quartiles = [_("too few")] * 3
            within = [words.interval(share_within(members, limit), "percent") for limit in LIMITS]
            rows.append(
                [
                    label,
                    words._("{k} of {n}").format(k=words.number(r.n), n=words.number(r.members)),
                    *quartiles,
                    *within,
                ]
            )
        head = [_("Group"), _("Known for"), _("First quartile"), _("Median"), _("Third quartile"),
                *[_("Over within {time}").format(time=words.minutes(limit, hours_from=60)) for limit in LIMITS]]  # fmt: skip
        caption = self.with_n(
            _(
                "Outage length by group (n = {k} of {n}): bounds that the sources leave open and, in brackets, the 95% interval over resampled incidents; the shares are worst-case bounds in which an unknown length may be short or long"
            ),
            len(self.known),
        )
        return stack(page.table(caption, head, rows, key="t-groups"))

    def members(self, grouping: str, code: str) -> pd.DataFrame:
        """Return the lengths of all incidents of a group, NaN where unknown."""
        lengths = self.evidence.lengths
        return lengths[self.codes[grouping] == code] if grouping else lengths

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
        median = self.words.interval(quantile(e.lengths, 0.5), "minutes")
        rows.append([_("Median"), "–", "–", "–", median, self.of_n(e.lengths)])
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
                self.some(self.with_n(_("Outage length (n = {k} of {n})"), int(e.lengths["low"].notna().sum()))),
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
        known = known_intervals(frame)
        low = known["low"].max() / known["high"].min() if known["high"].min() > 0 else math.inf
        high = known["high"].max() / known["low"].min() if known["low"].min() > 0 else math.inf
        bounds = Interval(max(1.0, float(math.floor(low))), math.ceil(high) if math.isfinite(high) else high)
        return self.words.interval(bounds, "number")


def by_class(known: pd.DataFrame) -> pd.DataFrame:
    """Count lengths by classes of a third of a power of ten: `left`, `right` (minutes), `surely` and `perhaps` in it, the sure ones included."""
    finite = known["high"].replace(math.inf, math.nan).fillna(known["low"])
    steps = np.arange(0, math.ceil(3 * math.log10(max(float(finite.max()), 10))) + 1)
    edges = np.concatenate([[0.0], 10 ** (steps[1:] / 3), [math.inf]])
    low, high = np.sort(known["low"]), np.sort(known["high"])
    left, right = edges[:-1], edges[1:]
    started, ended = np.searchsorted(low, right, side="left"), np.searchsorted(high, left, side="left")
    first, last = (np.searchsorted(edges, known[end].to_numpy(), side="right") - 1 for end in ("low", "high"))
    surely = np.bincount(first[first == np.minimum(last, len(left) - 1)], minlength=len(left))[: len(left)]
    return pd.DataFrame({"left": left, "right": right, "surely": surely, "perhaps": started - ended})


def curve_data(found: dict[str, Banded]) -> pd.DataFrame:
    """Return the mass of curves as rows: `group`, `left`, `right` (minutes), `mass`."""
    parts = [
        pd.DataFrame({"group": name, "left": b.curve.left, "right": b.curve.right, "mass": b.curve.mass}).query(
            "mass > 0"
        )
        for name, b in found.items()
    ]
    return pd.concat(parts, ignore_index=True)
