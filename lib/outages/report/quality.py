"""How far can the numbers be trusted, as a page says it?"""

import math
from collections.abc import Mapping

import pandas as pd
from markupsafe import Markup

from outages.curation.agreement import compare, disagreements
from outages.facts.groups import CALLS, CLASSES
from outages.facts.peers import ranked
from outages.facts.settled import COUNTS
from outages.figures import intervals
from outages.language import N_
from outages.report import note
from outages.report.html import Block, bullets, paragraph, sentence, stack
from outages.report.part import Page
from outages.stats.inference import FEW
from outages.stats.intervals import Interval
from outages.studies.selection import policy_names
from outages.studies.tables import unit_of

MOVED = 1.1  # factor by which a policy moves what is drawn, where any moves something so far
NAMED = 20  # incidents: below this every one that lacks a field can be named
HEADLINES = {  # of all outages: what is called how, and how it is written
    "length": (N_("median length"), "minutes"),
    "users_affected": (N_("most people affected"), "number"),
    "emergency_calls_failed": (N_("most failed emergency calls"), "number"),
}
LAGS = {  # of outages found one by one
    "to_earliest_statement": (N_("median lag to the earliest known statement"), "minutes"),
    "to_authorities": (N_("median lag to authorities told"), "minutes"),
    "to_detection": (N_("median lag to the operator’s detection"), "minutes"),
}


def small_sample_note(page: Page) -> Block:
    """Say how the incidents came in, and what so few of them cannot say."""
    words, how = page.words, page.study.incidents["found_by"].value_counts()
    came = [f"{words.within(words.label('found_by', code))} ({words.number(k)})" for code, k in how.items()]
    text = page.joined(
        "How the incidents came in: {came}. They were not drawn at random, so no figure here is an estimate for "
        "outages at large.",
        "With n = {n}, a median is the value of one incident or lies between two, and one more incident can move "
        "it anywhere; read the rows, not the median."
        if page.study.n < NAMED
        else "",
    )
    return page.say(text, "caution", came=came)


def field_name(page: Page, field: str) -> str:
    """Return what a field of the registry is called."""
    if field == "third_parties":
        return page.t("Third parties")
    labels = (page.words.label(column, field) for column in ("event", "measure", "factor"))
    return next((label for label in labels if label != field), field)


def completeness(page: Page, known: pd.DataFrame) -> Block:
    """Tabulate for how many incidents each field is known; see `outages.facts.groups.known_fields`."""
    page, moments = page.of(known), page.words.labels("moment")

    def lacking(field: str) -> str:
        """Name the incidents for which nothing was found, or count them when they are many."""
        ids = known.index[~known[field]]
        if len(ids) >= NAMED / 2:
            return page.words.n("{n} incident", "{n} incidents", len(ids))
        return page.t("; ").join(page.titles[ids]) or page.t("none")

    return page.table(
        "t-completeness",
        known.columns,
        {
            "Field": lambda field: sentence(moments.get(field) or field_name(page, field)),
            "Known for": lambda field: page.t("{k} of {n}", k=known[field].sum()),
            "Unknown for": lacking,
        },
        caption="What is known, and where nothing was found (n = {n})",
    )


def policies(page: Page, found: pd.DataFrame) -> Block:
    """Draw how each headline moves under another policy; see `outages.studies.under_policies`."""
    found = found[found["finding"].isin(COUNTS) | (found["n"] >= FEW)].reset_index(drop=True)
    if found.empty:
        return page.little()
    told = {f: (f, unit_of(f) or "number") for f in found["finding"]} | HEADLINES | LAGS
    names = {finding: page.t(name) for finding, (name, _) in told.items()}
    factors = found.groupby("finding", sort=False).apply(movement).sort_values(ascending=False, kind="stable")
    called, factor = policy_names(page.words), factors.iloc[0]
    if factor == 1:
        return page.dropped("The headlines are the same under every rule that resolves contradictions.")
    found = found[found["finding"].map(factors) >= min(factor, MOVED)].reset_index(drop=True)
    unbounded = math.isinf(found.loc[found["finding"] == factors.index[0], "high"].max())
    label = [page.t("{policy}, n = {n}", policy=called[r.policy], n=r.n) for r in found.itertuples()]
    shown = found.assign(label=label, mark=found["policy"] == page.study.policy, finding=found["finding"].map(names))
    how = found["finding"].map({finding: how for finding, (_, how) in told.items()})
    said = [
        (f"{names[r.finding]}, {called[r.policy]}", page.words.interval(Interval(r.low, r.high), how[r.Index]))
        for r in found.itertuples()
    ]
    data = found.replace({"finding": {"users_affected": "users"}}).assign(unit=how)
    title = N_("Some rules that resolve contradictions bring this down to nothing: {finding}")
    if math.isinf(factor) and unbounded:
        title = N_("Some rules that resolve contradictions leave this without an upper bound: {finding}")
    elif math.isfinite(factor):
        title = N_("Most sensitive to the rule that resolves contradictions: {finding}, by a factor of up to {factor}")
    return page.figure(
        "f-policies",
        intervals.panels(
            shown, page.words, {names[f]: told[f][1] for f in factors.index if f in set(found["finding"])}
        ),
        data.rename(columns={"low": "value_low", "high": "value_high"}),
        title=title,
        alt="Ranges of each headline under each policy. {rows}.",
        caption="Bounds of each finding under each of {policies} policies, the one of this report in another colour; "
        "what no policy moves by a tenth is left out. A bar that runs to the edge has no upper bound. "
        "Medians of lags rest on lags timed to two hours, of a complete list or of outages found one by one. The share "
        "of third parties uses all claims and does not move. Data version {version}.",
        k=int(found["n"].max()),
        finding=[names[finding] for finding in factors.index[factors == factor]],
        factor=math.ceil(factor * 10) / 10 if math.isfinite(factor) else 0,
        rows=page.aloud(said),
        policies=found["policy"].nunique(),
    )


def movement(rows: pd.DataFrame) -> float:
    """Return by what factor a finding moves between policies, the larger of both ends."""
    if rows["low"].nunique() == rows["high"].nunique() == 1 and math.isfinite(rows["high"].max()):
        return 1.0
    ends = [rows[end] for end in ("low", "high") if rows[end].min() > 0 and math.isfinite(rows[end].min())]
    return float(max((values.max() / values.min() for values in ends), default=math.inf))


def agreement(page: Page, second: Mapping[str, pd.DataFrame]) -> Block:
    """Tabulate how two coders agree; see `outages.curation.agreement.read_second`."""
    second = {name: rows[rows["incident_id"].isin(page.titles.index)] for name, rows in second.items()}
    twice = set().union(*(rows["incident_id"] for rows in second.values()))
    found = [row for row in compare(page.study.registry, second) if row.both] if twice else []
    if not found:
        return page.dropped("None of these incidents was coded twice.")
    number = page.words.number

    def share(k: int, of: int) -> str:
        return page.words.whole(k / of) if of >= FEW else "–"

    shown = page.table(
        "t-agreement",
        found,
        {
            "Field": lambda row: field_name(page, row.field),
            "Coded by both": lambda row: number(row.both),
            "Agree": lambda row: number(row.agree),
            "Share": lambda row: share(row.agree, row.both),
            "Found by both, of all found": lambda row: share(row.both, row.both + row.first_only + row.second_only),
            "Only first": lambda row: number(row.first_only),
            "Only second": lambda row: number(row.second_only),
            "Cohen's kappa": lambda row: "–" if row.kappa is None else number(round(row.kappa, 2)),
        },
        caption="Two coders on the same documents (n = {n} incidents coded twice): they agree when intervals overlap "
        "or codes meet. Share: of what both coded. –: fewer than {few}; kappa is for codes only, and needs more than "
        "one",
        n=len(twice),
        few=FEW,
    )
    apart = disagreements(page.study.registry, second)
    said = [page.words.pair(page.titles[i], f"{field_name(page, field)} ({source})") for i, source, field in apart]
    return stack(shown, paragraph(page.t("Not yet settled:")), bullets(said, "plain")) if said else shown


def standing(page: Page) -> Block:
    """Say in words where the incident in focus stands among the others, as its note does; nothing without one."""
    study, focus = page.study, page.study.focus
    if not focus:
        return stack()
    ranks, said = ranked(study.known, focus), dict[str, Markup]()
    for name in note.LABELS:
        label, value, line = note.valued(study, study.known, name)
        rank = Markup(" ").join([line] if line else note.ranking(study, ranks.loc[name], name))
        if value:
            said[name] = Markup("<b>{}</b> {}. {}").format(label, value, rank)
    return stack(
        page.say("Where “{title}” stands:", "focus", title=page.titles[focus]),
        bullets(list(said.values()), "focus") if said else "",
        paragraph(note.not_known(study, note.LABELS.keys() - said), "dropped"),
    )


def selection_bias(page: Page, shares: pd.DataFrame) -> Block:
    """Tabulate the sample beside published shares; see `outages.facts.groups.beside_published`."""
    words = page.words
    shares = shares[(shares["n"] >= FEW) & (shares["high"] - shares["low"] < 1)]  # not of everything
    if shares.empty:
        return page.dropped("Too few telecom incidents of the European Union to be set beside ENISA's counts.")
    names = {f"share_{code}": words.label("root_cause", code) for code in CLASSES} | {
        "share_third_party": page.t("Third party in the causal chain"),
        CALLS: page.t("Emergency calls affected"),
    }

    def share(low: float, high: float) -> str:
        return words.interval(Interval(low, high), "whole")

    shown = page.table(
        "t-bias",
        shares,
        {
            "Share of incidents": lambda r: names[r.metric],
            "This study": lambda r: share(r.low, r.high),
            "n": lambda r: words.number(r.n),
            "95% interval": lambda r: share(r.ci_low, r.ci_high),
            "ENISA, years": lambda r: f"{share(r.published_low, r.published_high)} ({r.years})",
        },
        caption="Telecom incidents of the European Union in this study (n of the same years, worst-case bounds for "
        "what is unknown or disputed, 95% interval of both ends) beside the shares that ENISA published",
    )
    more = [names[r.metric].lower() for r in shares.itertuples() if r.ci_low > r.published_high]
    less = [names[r.metric].lower() for r in shares.itertuples() if r.ci_high < r.published_low]
    apart = page.joined(
        "More frequent here than in ENISA's count of all reported incidents: {more}." if more else "",
        "Less frequent: {less}." if less else "",
    )
    none = N_(
        "No share lies clearly apart from ENISA's count of all reported incidents; of so few incidents of the same "
        "years only a large difference would."
    )
    return stack(page.say(apart or none, more=more, less=less), shown)
