"""Where do sources exclude one another, as a page says it?"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from markupsafe import Markup

from outages.facts.policies import resolve
from outages.report.html import Block, bullets, paragraph, stack, table
from outages.report.part import View
from outages.stats.intervals import Interval

Writer = Callable[[Mapping[str, Any]], str]
MOMENT, QUANTITY = ["incident_id", "event", "actor", "scope"], ["incident_id", "measure", "scope"]  # the same thing
MANY_TIMES = ("precursor", "public_statement", "postmortem_published")  # different ones do not contradict one another


class Contradiction(NamedTuple):
    """Claims about the same thing that exclude one another, and what the policy takes."""

    incident: str
    about: str
    said: list[Markup]
    taken: str


class Contradictions(View):
    """Claims that cannot all be true: side by side, or counted where there are many."""

    def block(self) -> Block:
        """Show the contradictions side by side; a page of many incidents that is not about them only counts them by field."""
        return self.counts() if self.evidence.brief and self.evidence.about_ != "quality" else self.side_by_side()

    def found(self) -> list[Contradiction]:
        """Return where sources exclude one another: moments and quantities that no value fits, and different root causes."""
        e, shown = self.evidence, self.evidence.shown
        found = self.apart(shown["events"].iloc[once(shown["events"])], MOMENT, e.when, e.when)
        found += self.apart(shown["measures"], QUANTITY, e.stated, self.quantity)
        causes = shown["causes"]
        causes = causes[causes["factor"].isin(["root_cause", "redundancy_defeated"])]
        for (incident, factor), same in causes[causes["value"] != "unknown"].groupby(["incident_id", "factor"]):
            if same["value"].nunique() > 1:
                said = self.said(same, lambda row: self.words.label(row["factor"], row["value"]))
                found.append(Contradiction(incident, self.words.label("factor", factor), said, "–"))
        return sorted(found, key=lambda c: (c.incident, c.about))

    def apart(self, claims: pd.DataFrame, by: list[str], write: Writer, write_taken: Writer) -> list[Contradiction]:
        """Return the groups of claims that no single value fits."""
        resolved = resolve(claims, by, self.study.policy)
        groups = dict(iter(claims.groupby(by)))
        found = []
        for _, outcome in resolved[resolved["disagree"]].reset_index().iterrows():
            same = groups[tuple(outcome[by])].sort_values(["low", "high", "source_id"])
            about = self.evidence.about(outcome)
            found.append(Contradiction(outcome["incident_id"], about, self.said(same, write), write_taken(outcome)))
        return found

    def said(self, claims: pd.DataFrame, write: Writer) -> list[Markup]:
        """Write claims with their sources in front."""
        return [
            Markup("{} {}").format(self.evidence.source(row["source_id"]), write(row)) for _, row in claims.iterrows()
        ]

    def quantity(self, outcome: Mapping[str, Any]) -> str:
        """Write a resolved quantity."""
        hours, share = outcome["measure"] == "duration_hours", outcome["measure"].endswith("share")
        scale = 60 if hours else 1
        value = Interval(outcome["low"] * scale, outcome["high"] * scale)
        return self.words.interval(value, "minutes" if hours else "percent" if share else "number")

    def side_by_side(self) -> Block:
        """Tabulate the contradictions."""
        _, found = self.words._, self.found()
        if not found:
            return stack(paragraph(_("No two claims about the same thing exclude one another.")))
        rows = [[self.titles[c.incident], c.about, bullets(c.said, "plain"), c.taken] for c in found]
        caption = _("Claims that cannot all be true, and what the policy “{policy}” makes of them (n = {n})").format(
            policy=self.study.policy, n=self.words.number(len(rows))
        )
        head = [_("Incident"), _("About"), _("Sources and what they say"), _("Taken")]
        return stack(table(caption, head, rows, key="t-contradictions"))

    def counts(self) -> Block:
        """Tabulate in how many incidents sources exclude one another, field by field."""
        _, words, registry = self.words._, self.words, self.study.registry
        told: list[list[Markup | str]] = []
        for every, by in ((registry.events.iloc[once(registry.events)], MOMENT), (registry.measures, QUANTITY)):
            field, resolved = by[1], resolve(every, by, self.study.policy).reset_index()
            several = resolved[resolved["claims"] > 1].groupby(field)["incident_id"].nunique()
            apart = resolved[resolved["disagree"]].groupby(field)["incident_id"].nunique()
            told += [
                [words.label(field, str(code)), words.number(int(n)), words.number(int(apart.get(code, 0)))]
                for code, n in several.items()
            ]
        caption = _(
            "In how many incidents several claims speak of the same thing, and in how many they cannot all be true (n = {n}); the page on data quality sets them side by side"
        ).format(n=words.number(self.study.n))
        return stack(table(caption, [_("Field"), _("Several claims"), _("Not all true")], told, key="t-contradictions"))


def once(events: pd.DataFrame) -> np.ndarray:
    """Return the places of the claims about moments that there is one of."""
    return np.flatnonzero(~events["event"].isin(MANY_TIMES))
