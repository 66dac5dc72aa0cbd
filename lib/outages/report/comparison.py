"""What does the comparative report say? It puts the answers together; notebooks call them in order."""

import importlib.metadata
from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup

from outages.facts.third_parties import in_causal_chain
from outages.registry.files import TEXT
from outages.registry.registry import CLAIM_TABLES, Registry
from outages.report import delays, length, users
from outages.report.evidence import Evidence, ends
from outages.report.html import Block, Cell, bullets, paragraph, stack, table
from outages.report.part import View
from outages.report.quality import Trust
from outages.report.recommendations import Advice
from outages.report.third_parties import Parties
from outages.studies import Study, open_study

LIBRARIES = ("pandas", "numpy", "scipy", "networkx", "matplotlib", "seaborn", "papermill", "nbconvert", "babel")


def open_report(about: str = "", **parameters) -> "Report":
    """Open the comparative report, or a page about one question; other parameters and errors as in `outages.studies.open_study`.

    Parameters
    ----------
    about : `length`, `users`, `delays`, `parties`, `advice` or `quality`; empty for all
    """
    return Report(open_study(**parameters), about)


class Report(View):
    """The comparative report of a study, with a part for each question."""

    def __init__(self, study: Study, about: str = ""):
        super().__init__(study, Evidence(study, about))
        self.parties = Parties(study, self.evidence)
        self.trust, self.advice = Trust(study, self.evidence), Advice(study, self.evidence)

    def scope(self) -> Block:
        """Say which incidents are compared, under which policy, on which data."""
        _, n = self.words._, self.words.n
        registry = self.study.registry
        claims = sum(len(getattr(registry, t)) for t in CLAIM_TABLES)
        text = _("{incidents}, {claims} from {sources}; contradictions are resolved under the policy “{policy}”. Data version {version}.").format(
            incidents=n("{n} incident", "{n} incidents", self.study.n),
            claims=n("{n} claim", "{n} claims", claims),
            sources=n("{n} document", "{n} documents", documents(registry)),
            policy=self.study.policy, version=registry.version,
        )  # fmt: skip
        if self.study.left_out:
            text += " " + n(
                "{n} further incident of the registry is outside the filters or not coded.",
                "{n} further incidents of the registry are outside the filters or not coded.",
                self.study.left_out,
            )
        if self.study.overlays:
            text += " " + _(
                "Laid over the public registry: {names}. Rows from there carry the name in brackets."
            ).format(names=", ".join(self.study.overlays))
        return stack(paragraph(text, "scope"))

    def summary(self) -> Block:
        """Answer the four questions in a sentence each, and say where the incident in focus stands."""
        facts = self.study.facts
        sentences = [length.headline(self, facts["length"]), users.headline(self, facts), delays.headline(self, facts), self.parties.headline()]
        focus = [bullets(self.trust.standing(), "focus")] if self.study.focus else []
        return stack(bullets(sentences, "headlines"), *focus)

    def incidents(self) -> Block:
        """Tabulate the incidents, each with what the four answers rest on."""
        _, e, chain = self.words._, self.evidence, in_causal_chain(self.study.registry)
        rows: list[list[Cell]] = [
            [self.row_name(i), e.moment_cell(i, "onset"), e.sum_cell(i, "length", e.lengths, "minutes"), e.claim_cell(i, "users_affected", e.users),
             e.sum_cell(i, "user_hours", e.user_hours, "rounded"), self.word_cell(i), e.sum_cell(i, "silence", e.silence, "percent"),
             e.linked(_("named"), i, "third_parties") if chain[i] else "–"]
            for i in self.ids
        ]  # fmt: skip
        frames = (e.lengths[["low", "high"]], e.users, e.user_hours, e.lags["to_known_word"], e.silence)
        rows.append(
            [
                _("Known for"),
                self.of_n(e.at["onset"]),
                *[self.of_n(frame) for frame in frames],
                self.with_n("{k}", int(chain.sum())),
            ]
        )
        head = [
            _("Incident"),
            _("Onset"),
            _("Length"),
            _("People affected"),
            _("User-hours"),
            _("Public word after"),
            _("Silence share"),
            _("Third party in the causal chain"),
        ]
        caption = _(
            "The incidents (n = {n}); a public word in brackets is the earliest on record, not called the first by any source"
        ).format(n=self.words.number(self.study.n))
        return stack(table(self.some(caption), head, rows, key="t-incidents"))

    def word_cell(self, incident: str) -> Cell:
        """Return the lag to the first public word, or in brackets to the earliest on record."""
        e = self.evidence
        if ends(e.lags["to_public"], incident):
            return e.sum_cell(incident, "to_public", e.lags["to_public"], "minutes")
        known = e.sum_cell(incident, "to_known_word", e.lags["to_known_word"], "minutes")
        return Markup("[{}]").format(known) if ends(e.lags["to_known_word"], incident) else known

    def claims(self) -> Block:
        """Show the claims of every incident that the page rests on, with the sums made of them."""
        return stack(*[self.evidence.claims_of(i) for i in self.ids])

    def sources(self) -> Block:
        """List the documents."""
        return self.evidence.source_list()

    def colophon(self) -> Block:
        """Say with what the report was made."""
        return colophon(self.study)


def documents(registry: Registry) -> int:
    """Return on how many documents the claims about incidents rest."""
    named = [pd.Series(getattr(registry, table)["source_id"].unique(), dtype=TEXT) for table in CLAIM_TABLES]
    return pd.concat(named).nunique()


def colophon(study: Study) -> Block:
    """Say under which policy, with which parameters, data and libraries a page was made."""
    _ = study.words._
    given = [f"{name} = {value}" for name, value in study.parameters.items() if value] + [f"lang = {study.words.lang}"]
    versions = [f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES]
    rows: Sequence[Sequence[Cell]] = [
        [_("Policy"), policy_text(study)],
        [_("Parameters"), _("; ").join(given)],
        [_("Data version"), study.registry.version],
        [_("Overlays"), ", ".join(study.overlays) or _("none")],
        [_("Libraries"), ", ".join(versions)],
    ]
    return stack(table(_("How this page was made"), [_("What"), _("Value")], rows, key="t-colophon"))


def policy_text(study: Study) -> str:
    """Describe a policy in words."""
    _ = study.words._
    order = _(
        "regulators, courts, parliaments and governments, then operators, academics, press, encyclopedias; claims of the same rank that differ give an interval that holds them all"
    )
    return {
        "authority": _("authority: {order}").format(order=order),
        "operator": _("operator: the operator's own account first, then {order}").format(order=order),
        "press": _("press: press first, then {order}").format(order=order),
        "earliest": _("earliest: of several claims the lowest"),
        "latest": _("latest: of several claims the highest"),
        "widest": _("widest: the interval that holds all claims"),
    }[study.policy]
