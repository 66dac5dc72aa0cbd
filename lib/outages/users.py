"""Whom did the outages hit, as a page says it?"""

from markupsafe import Markup

from outages import page, plots
from outages.intervals import Interval
from outages.page import Block, paragraph, stack
from outages.view import View


class Users(View):
    """Affected users: a sentence, a figure, a table."""

    def headline(self) -> Markup:
        """Say how many people were hit."""
        _, e = self.words._, self.evidence
        known, hours = e.users.dropna(), e.user_hours.dropna()
        calls = e.failed_calls.dropna()
        parts = [
            Markup(_("People affected, known for {k} of {n}")).format(
                k=self.words.number(len(known)), n=self.words.number(self.study.n)
            )
        ]
        if len(known):
            most = known["low"].idxmax()
            form = _("most at {title} ({users})")
            parts.append(
                Markup(form).format(title=self.titles[most], users=e.claim_cell(most, "users_affected", e.users))
            )
        if len(hours):
            most = hours["low"].idxmax()
            form = _("user-hours can be bounded for {k} of {n}, most at {title} ({value})")
            parts.append(Markup(form).format(k=self.words.number(len(hours)), n=self.words.number(self.study.n), title=self.titles[most],
                                             value=e.sum_cell(most, "user_hours", e.user_hours, "rounded")))  # fmt: skip
        if len(calls):
            most = calls["low"].idxmax()
            form = _("failed emergency calls are counted for {k} of {n}, most at {title} ({value})")
            parts.append(Markup(form).format(k=self.words.number(len(calls)), n=self.words.number(self.study.n), title=self.titles[most],
                                             value=e.claim_cell(most, "emergency_calls_failed", e.failed_calls)))  # fmt: skip
        return self.words.clauses(parts) + "."

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
        return self.drawn(
            plots.harm_plane(rows, self.words), title=title, alt=alt, caption=caption, known=len(known), key="f-users"
        )

    def table(self) -> Block:
        """Tabulate who was hit."""
        _, e = self.words._, self.evidence
        told = self.worth_a_row(e.users, e.failed_calls, e.deaths)
        rows = [
            [self.row_name(i), e.claim_cell(i, "users_affected", e.users), e.claim_cell(i, "subscriber_base", e.base), e.sum_cell(i, "user_hours", e.user_hours, "rounded"),
             e.claim_cell(i, "emergency_calls_failed", e.failed_calls), e.claim_cell(i, "deaths_linked", e.deaths)]
            for i in self.ids
            if i in told
        ]  # fmt: skip
        head = [
            _("Incident"),
            _("People affected"),
            _("Subscriber base"),
            _("User-hours"),
            _("Emergency calls failed"),
            _("Deaths that a source links"),
        ]
        caption = self.with_n(
            _(
                "Affected users (people known for {k} of {n}); incidents with none of these figures are left out of a long table; deaths are linked by a source, not proved: the claims say with what standing"
            ),
            len(e.users.dropna()),
        )
        return stack(page.table(caption, head, rows, key="t-users"))
