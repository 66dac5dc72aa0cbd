"""What does the comparative report say? It puts the answers together; notebooks call them in order."""

import importlib.metadata
from collections.abc import Sequence

import pandas as pd

from outages.delays import Delays
from outages.length import Length
from outages.page import Block, Cell, bullets, paragraph, stack, table
from outages.parties import Parties
from outages.registry import CLAIM_TABLES
from outages.study import Study, open_study
from outages.trust import Trust
from outages.users import Users
from outages.view import View

LIBRARIES = ("pandas", "numpy", "matplotlib", "seaborn", "papermill", "nbconvert", "babel")


def open_report(**parameters) -> "Report":
    """Open the comparative report; parameters and errors as in `outages.study.open_study`."""
    return Report(open_study(**parameters))


class Report(View):
    """The comparative report of a study, with a part for each question."""

    def __init__(self, study: Study):
        super().__init__(study)
        self.length, self.users = Length(study, self.evidence), Users(study, self.evidence)
        self.delays, self.parties = Delays(study, self.evidence), Parties(study, self.evidence)
        self.trust = Trust(study, self.evidence)

    def scope(self) -> Block:
        """Say which incidents are compared, under which policy, on which data."""
        _, n = self.words._, self.words.n
        registry = self.study.registry
        claims = sum(len(getattr(registry, t)) for t in CLAIM_TABLES)
        text = _("{incidents}, {claims} from {sources}; contradictions are resolved under the policy “{policy}”. Data version {version}.").format(
            incidents=n("{n} incident", "{n} incidents", self.study.n),
            claims=n("{n} claim", "{n} claims", claims),
            sources=n("{n} document", "{n} documents", len(used_sources(registry))),
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
        sentences = [self.length.headline(), self.users.headline(), self.delays.headline(), self.parties.headline()]
        focus = [bullets(self.trust.standing(), "focus")] if self.study.focus else []
        return stack(bullets(sentences, "headlines"), *focus)

    def claims(self) -> Block:
        """Show every claim of every incident, with the sums made of them."""
        return stack(*[self.evidence.claims_of(i) for i in self.ids])

    def sources(self) -> Block:
        """List the documents."""
        return self.evidence.source_list()

    def colophon(self) -> Block:
        """Say with what the report was made."""
        return colophon(self.study)


def used_sources(registry) -> set[str]:
    """Return the documents that claims about incidents rest on."""
    return set(pd.concat([getattr(registry, t)["source_id"] for t in CLAIM_TABLES]))


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
