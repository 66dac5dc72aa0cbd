"""Whom did the outages hit, and how is the harm spread, as a page says it?"""

import functools
import math

import numpy as np
import pandas as pd
from markupsafe import Markup

from outages.facts.impact import share_of_base, top_share
from outages.facts.policies import AUTHORITY
from outages.figures import charts, density, plots
from outages.report import html as page
from outages.report.evidence import ends
from outages.report.html import Block, Cell, paragraph, stack
from outages.report.part import View
from outages.stats.intervals import Interval, how_many, quantile
from outages.stats.intervals import known as known_intervals

TOP = (1, 3, 5, 10)  # of the heaviest incidents


class Users(View):
    """Affected users: a sentence, figures, tables."""

    def headline(self) -> Markup:
        """Say how many people were hit, and how the harm is spread."""
        _, e = self.words._, self.evidence
        users, hours, calls = known_intervals(e.users), known_intervals(e.user_hours), known_intervals(e.failed_calls)
        parts = [Markup(_("<strong>Affected users.</strong>"))]
        if len(users):
            most = e.users["low"].idxmax()
            form = _("The largest count of people hit for certain is {users} ({title}).")
            parts.append(
                Markup(form).format(title=self.titles[most], users=e.claim_cell(most, "users_affected", e.users))
            )
        else:
            parts.append(Markup(_("No source counts the people hit.")))
        three = self.top_shares.query("quantity == 'user_hours' and k == 3")
        if len(three):
            share = Interval(three["low"].iat[0], three["high"].iat[0])
            form = _("The three heaviest of {n} incidents hold {share} of the known user-hours.")
            parts.append(
                Markup(form).format(
                    n=self.words.number(len(hours)),
                    share=page.inside(self.words.interval(share, "percent"), "t-concentration"),
                )
            )
        if len(calls):
            most = e.failed_calls["low"].idxmax()
            form = _("Failed emergency calls are counted for {k} of {n}, most for certain at {title} ({value}).")
            parts.append(Markup(form).format(k=self.words.number(len(calls)), n=self.words.number(self.study.n), title=self.titles[most],
                                             value=e.claim_cell(most, "emergency_calls_failed", e.failed_calls)))  # fmt: skip
        text = _("People known for {k} of {n}, user-hours for {h}; user-hours are an upper reading.").format(
            k=self.words.number(len(users)), n=self.words.number(self.study.n), h=self.words.number(len(hours))
        )
        return Markup(" ").join(parts) + Markup(' <span class="sure">{}</span>').format(text)

    def figure(self) -> Block:
        """Draw incidents in the plane of length and users."""
        _, e = self.words._, self.evidence
        rows = e.lengths[["low", "high"]].assign(
            title=self.titles,
            users_low=e.users["low"],
            users_high=e.users["high"],
            focus=self.focused,
        )
        known = rows.dropna(subset=["low", "high", "users_low", "users_high"])
        if known.empty:
            return stack(
                paragraph(
                    _("No incident has both a length and a number of people affected, so no figure is drawn."),
                    "dropped",
                )
            )
        if self.evidence.spread:
            return self.density(known)
        most = (known["low"] * known["users_low"]).idxmax()
        title = _("Most user-hours: {title}").format(title=self.titles[most])
        alt = _(
            "Plane of outage length and people affected, both logarithmic, with lines of equal user-hours. {rows}."
        ).format(
            rows=_("; ").join(
                f"{r.title}: {self.words.interval(Interval(r.low, r.high), 'minutes')}, {self.words.interval(Interval(r.users_low, r.users_high), 'number')}"
                for r in self.shortened(known).itertuples()
            )
        )
        caption = _(
            "Each box spans what the sources allow; an open end runs to the edge. Lines join equal user-hours. n = {k} of {n}: for the others length or users are unknown. Data version {version}."
        )
        data = known.drop(columns=["title", "focus"]).rename_axis("incident_id").reset_index()
        return self.drawn(
            plots.harm_plane(rows, self.words),
            title=title,
            alt=alt,
            caption=caption,
            known=len(known),
            key="f-users",
            data=data,
        )

    def density(self, known: pd.DataFrame) -> Block:
        """Draw how many of very many incidents lie where in the plane of length and users."""
        _, words = self.words._, self.words
        most = (known["low"] * known["users_low"]).idxmax()
        rows = by_cell(known)
        title = _("Most user-hours: {title}").format(title=self.titles[most])
        full = rows.loc[rows["incidents"].idxmax()]
        alt = _("Plane of outage length and people affected, both logarithmic, in cells that are darker the more incidents lie in them; the fullest, at {length} and {users} people, holds {k}.").format(
            length=words.minutes(full["length"]), users=words.number(full["users"]), k=words.number(full["incidents"]))  # fmt: skip
        caption = _(
            "Each incident counts where the low ends of its length and of its people lie: it lasted and hit at least so much. Cells are a fifth of a power of ten wide. n = {k} of {n}: for the others length or users are unknown. Data version {version}."
        )
        focus = known[known["focus"]]
        return self.drawn(
            density.cells(rows, words, focus),
            title=title,
            alt=alt,
            caption=caption,
            known=len(known),
            key="f-users",
            data=rows,
        )

    @functools.cached_property
    def top_shares(self) -> pd.DataFrame:
        """Return which share of the people and of the user-hours the heaviest incidents hold: `quantity`, `k`, `n`, `low`, `high`."""
        rows = []
        for quantity, values in (("users", self.evidence.users), ("user_hours", self.evidence.user_hours)):
            n = how_many(values)
            counts = [k for k in TOP if k < n]
            for k in counts:
                if share := top_share(values, k):
                    rows.append((quantity, k, n, share.low, share.high))
        return pd.DataFrame(rows, columns=["quantity", "k", "n", "low", "high"])

    def concentration(self) -> Block:
        """Draw and tabulate how much of the harm the heaviest incidents hold."""
        _, words = self.words._, self.words
        rows = self.top_shares
        if rows.empty:
            return stack(paragraph(_("Too few counts of people are known to say how the harm is spread."), "dropped"))
        names = {"users": _("People hit"), "user_hours": _("User-hours")}
        text = [words.interval(Interval(r.low, r.high), "percent") for r in rows.itertuples()]
        label = [
            _("the heaviest incident") if r.k == 1 else _("the {n} heaviest incidents").format(n=words.number(r.k))
            for r in rows.itertuples()
        ]
        shown = rows.assign(group=[f"{names[r.quantity]}, n = {r.n}" for r in rows.itertuples()], label=label, text=text,
                            outer_low=math.nan, outer_high=math.nan, mark=False)  # fmt: skip
        figure = charts.ranges(shown, words, how="share", xlabel=_("share of the known total"))
        said = _("; ").join(words.pair(f"{r.group}, {r.label}", r.text) for r in shown.itertuples())
        last = shown.iloc[-1]
        title = _("{label} of {n} hold {share} of the total").format(
            label=last["label"], n=words.number(last["n"]), share=last["text"]
        )
        title = title[0].upper() + title[1:]
        caption = _(
            "Sharp bounds among the incidents with a known count: a count that a source only bounds from below may be without limit, so the high end reaches 100%. n = {k} of {n}. Data version {version}."
        )
        drawn = self.drawn(
            figure,
            title=title,
            alt=_("Bars of shares. {rows}.").format(rows=said),
            caption=caption,
            known=int(last["n"]),
            key="f-concentration",
            data=rows,
        )
        table = page.table(
            _("Share of the known total that the heaviest incidents hold"), [_("What, held by whom"), _("Share")],
            [[words.pair(r.group, r.label), r.text] for r in shown.itertuples()], key="t-concentration",
        )  # fmt: skip
        return stack(drawn, table)

    def calls_and_deaths(self) -> Block:
        """Tabulate failed emergency calls and linked deaths, each claim with the standing of its source."""
        _, words = self.words._, self.words
        claims = self.study.registry.measures
        claims = claims[
            claims["measure"].isin(["emergency_calls_failed", "emergency_calls_failed_share", "deaths_linked"])
        ]
        if self.evidence.spread:
            claims = claims[claims["incident_id"].isin(self.ids)]
        if claims.empty:
            return stack(paragraph(_("No source counts failed emergency calls or links a death.")))
        order = {
            kind: place for place, kind in enumerate((*AUTHORITY, "operator", "academic", "press", "encyclopedia"))
        }
        claims = claims.assign(rank=claims["kind"].map(order).astype("int64")).sort_values(
            ["incident_id", "measure", "rank", "low", "source_id"]
        )
        rows: list[list[Cell]] = []
        for (incident, measure), said in claims.groupby(["incident_id", "measure"]):
            told: dict[tuple[str, str], list[Markup]] = {}
            for record in said.to_dict("records"):
                stated = (self.evidence.stated(record), words.label("kind", record["kind"]))
                told.setdefault(stated, []).append(self.evidence.source(record["source_id"]))
            form = Markup(_("{value}: {kind} {sources}"))
            lines = [form.format(value=v, kind=kind, sources=Markup(" ").join(s)) for (v, kind), s in told.items()]
            rows.append(
                [self.row_name(str(incident)), words.label("measure", str(measure)), page.bullets(lines, "plain")]
            )
        incidents = claims.groupby("measure")["incident_id"].nunique()
        caption = _(
            "Failed emergency calls (n = {calls} incidents) and deaths that a source links (n = {deaths} incidents), with who says so; a death linked is not a death proved"
        ).format(
            calls=words.number(int(incidents.get("emergency_calls_failed", 0))),
            deaths=words.number(int(incidents.get("deaths_linked", 0))),
        )
        return stack(
            page.table(
                self.some(caption), [_("Incident"), _("What"), _("Stated, and who says so")], rows, key="t-calls"
            )
        )

    def table(self) -> Block:
        """Tabulate who was hit."""
        _, e = self.words._, self.evidence
        told = self.worth_a_row(e.users, e.failed_calls, e.deaths)
        share = share_of_base(e.users, e.base)
        rows = [
            [self.row_name(i), e.claim_cell(i, "users_affected", e.users), e.claim_cell(i, "subscriber_base", e.base), self.words.interval(ends(share, i), "percent"),
             e.sum_cell(i, "user_hours", e.user_hours, "rounded"),
             e.claim_cell(i, "emergency_calls_failed", e.failed_calls), e.claim_cell(i, "deaths_linked", e.deaths)]
            for i in self.ids
            if i in told
        ]  # fmt: skip
        frames = (
            (e.users, "number"),
            (e.base, "number"),
            (share, "percent"),
            (e.user_hours, "rounded"),
            (e.failed_calls, "number"),
        )
        rows.append([_("Median"), *[self.words.interval(quantile(frame, 0.5), how) for frame, how in frames], "–"])
        rows.append([_("Known for"), *[self.of_n(frame) for frame, _how in frames], self.of_n(e.deaths)])
        head = [
            _("Incident"),
            _("People affected"),
            _("Subscriber base"),
            _("Share of the base"),
            _("User-hours"),
            _("Emergency calls failed"),
            _("Deaths that a source links"),
        ]
        caption = self.some(
            self.with_n(
                _(
                    "Affected users (people known for {k} of {n}); incidents with none of these figures are left out of a long table; deaths are linked by a source, not proved: the claims say with what standing"
                ),
                how_many(e.users),
            )
        )
        return stack(page.table(caption, head, rows, key="t-users"))


def by_cell(known: pd.DataFrame) -> pd.DataFrame:
    """Count incidents by the low ends of length and people, in cells of a fifth of a power of ten: `length` (minutes) and `users` where a cell begins, `incidents`."""
    steps = {name: np.floor(5 * np.log10(known[name].clip(lower=1.0))) for name in ("low", "users_low")}
    counts = pd.DataFrame(steps).value_counts(sort=False).rename("incidents").reset_index()
    return pd.DataFrame(
        {
            "length": 10 ** (counts["low"] / 5),
            "users": 10 ** (counts["users_low"] / 5),
            "incidents": counts["incidents"],
        }
    )
