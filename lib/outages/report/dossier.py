"""What is known of one incident? One method a part of the page; the notebook calls them in order."""

import pandas as pd

from outages.figures import plots
from outages.report.comparison import colophon
from outages.report.contradictions import Contradictions
from outages.report.evidence import standing
from outages.report.html import Block, figure, heading, paragraph, stack, table
from outages.report.part import View
from outages.studies import Study, open_incident

WINDOW = (12 * 60, 48 * 60)  # minutes before the first onset and after the last restoration that the figure shows


def open_dossier(**parameters) -> "Dossier":
    """Open the dossier of one incident; parameters and errors as in `outages.studies.open_incident`."""
    return Dossier(open_incident(**parameters))


class Dossier(View):
    """The dossier of one incident."""

    def __init__(self, study: Study):
        super().__init__(study)
        self.id = study.focus
        self.incident = study.registry.incidents.loc[self.id]

    def identity(self) -> Block:
        """Say which incident it is and what happened."""
        words, row, _ = self.words, self.incident, self.words._
        facts = [
            [_("Identifier"), row["incident_id"]],
            [_("Operator"), row["operator"]],
            [_("Country"), row["country"]],
            [_("Sector"), words.label("sector", row["sector"])],
            [_("Services"), words.label("services", row["services"])],
            [_("Time zone"), row["timezone"]],
            [_("Status"), words.label("status", row["status"])],
            [_("Found by"), words.label("found_by", row["found_by"])],
        ]
        if row["_origin"] != "public":
            facts.append([_("Origin"), row["_origin"]])
        return stack(
            heading(row[f"title_{words.lang}"], 2, f"i-{self.id}"),
            paragraph(row[f"summary_{words.lang}"], "lead"),
            table(_("The incident"), [_("What"), _("Value")], facts, key="t-identity"),
        )

    def timeline_figure(self) -> Block:
        """Draw every claim about the moments of the incident."""
        words, _ = self.words, self.words._
        events = self.study.registry.events
        if events.empty:
            return stack(paragraph(_("No source gives an hour, so no figure is drawn."), "dropped"))
        start, end = self.window(events)
        shown = events[(events["high"] >= start) & (events["low"] <= end)].sort_values(
            ["low", "high", "event", "source_id"], kind="stable"
        )
        label = [
            ", ".join(p for p in (words.label("event", r.event), words.label("actor", r.actor)) if p)
            for r in shown.itertuples()
        ]
        rows = shown.assign(label=label, standing=shown["kind"].map(standing))
        said = _("; ").join(
            words.pair(r.label, words.moments(r.low, r.high, self.incident["timezone"])) for r in rows.itertuples()
        )
        alt = _("Every claim about a moment on the local clock. {rows}.").format(rows=said)
        caption = _(
            "Each mark is one claim of one source; a bar is as long as the source is vague. {shown} of {all} claims; those far from the outage stand in the table only. Data version {version}."
        ).format(shown=words.number(len(rows)), all=words.number(len(events)), version=self.study.registry.version)
        title = _("What the sources say happened, and when")
        return stack(
            figure(
                plots.svg(plots.claim_timeline(rows, self.incident["timezone"], words)),
                title=title,
                alt=alt,
                caption=caption,
                key="f-timeline",
            )
        )

    def window(self, events: pd.DataFrame) -> tuple[float, float]:
        """Return the stretch of time that the figure shows."""
        core = events[events["event"].isin(["onset", "restored", "partial_restoration"])]
        core = core if len(core) else events
        return core["low"].min() - WINDOW[0], core["high"].max() + WINDOW[1]

    def claims(self) -> Block:
        """Show the sums and every claim with source and place."""
        return self.evidence.claims_of(self.id, level=0)

    def contradictions(self) -> Block:
        """Show where sources disagree, side by side."""
        return Contradictions(self.study, self.evidence).block()

    def third_parties(self) -> Block:
        """Show who else had a part."""
        words, _ = self.words, self.words._
        claims = self.study.registry.third_parties.sort_values(["party", "involvement", "source_id"])
        if claims.empty:
            return stack(paragraph(_("No source names a third party.")))
        rows = [
            [
                words.party(r["party"]),
                words.label("role", r["role"]),
                words.label("involvement", r["involvement"]),
                self.evidence.source(r["source_id"]),
                r["locator"],
                r["note"],
            ]
            for _i, r in claims.iterrows()
        ]
        head = [_("Organisation"), _("Role"), _("Part in the incident"), _("Source"), _("Where in it"), _("Note")]
        return stack(
            table(
                _("Third parties (n = {n} claims)").format(n=words.number(len(rows))), head, rows, key="t-third-parties"
            )
        )

    def recommendations(self) -> Block:
        """Show what was asked for or announced."""
        words, _ = self.words, self.words._
        claims = self.study.registry.recommendations.sort_values(["theme", "addressee", "source_id", "locator"])
        if claims.empty:
            return stack(paragraph(_("No source makes a recommendation.")))
        rows = [
            [words.label("theme", r["theme"]), r["addressee"], r[f"text_{words.lang}"], " ".join(p for p in (target(r["target_value"], words), r["target_unit"]) if p) or "–",
             self.evidence.source(r["source_id"]), r["locator"]]
            for _i, r in claims.iterrows()
        ]  # fmt: skip
        head = [_("Theme"), _("Who is asked"), _("What"), _("Target"), _("Source"), _("Where in it")]
        return stack(
            table(_("Recommendations (n = {n})").format(n=words.number(len(rows))), head, rows, key="t-recommendations")
        )

    def sources(self) -> Block:
        """List the documents."""
        return self.evidence.source_list()

    def colophon(self) -> Block:
        """Say with what the page was made."""
        return colophon(self.study)


def target(value: str, words) -> str:
    """Write the number of a target, empty for none."""
    return words.number(float(value)) if value else ""
