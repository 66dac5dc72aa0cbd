"""How far can the numbers be trusted, as a page says it?"""

import math
from collections.abc import Mapping

import pandas as pd
from markupsafe import Markup

from outages.curation.agreement import compare, disagreements
from outages.facts.groups import CLASSES, counted_by_scheme
from outages.facts.policies import POLICIES
from outages.facts.third_parties import companies
from outages.figures import intervals
from outages.figures.names import moment_names
from outages.language import N_
from outages.report.evidence import ends
from outages.report.html import Block, bullets, fold, paragraph, sentence, stack
from outages.report.part import Page
from outages.report.worth import says
from outages.stats.inference import FEW
from outages.stats.intervals import Interval, how_many
from outages.studies.selection import policy_names

NAMED = 20  # incidents: below this every one that lacks a field can be named
FINDINGS = ("length", "to_known_word", "silence", "users_affected", "user_hours")
KEYS = {"users_affected": "users"}  # what a finding is called in the data of the figure
HOW = {"length": "minutes", "to_known_word": "minutes", "silence": "percent", "users": "number", "user_hours": "number"}


def small_sample_note(page: Page) -> Block:
    """Say how the incidents came in, and what so few of them cannot say."""
    how = page.study.incidents["found_by"].value_counts()
    came = [
        f"{page.words.within(page.words.label('found_by', code))} ({page.words.number(k)})" for code, k in how.items()
    ]
    text = page.t(
        "How the incidents came in: {came}. They were not drawn at random, so no figure here is an estimate for "
        "outages at large.",
        came=page.words.listed(came),
    )
    if page.study.n < NAMED:
        text += " " + page.t(
            "With n = {n}, a median is the value of one incident or lies between two, and one more incident can move "
            "it anywhere; read the rows, not the median."
        )
    unsaid = left_unsaid(page)
    if not unsaid:
        return stack(paragraph(text, "caution"))
    head = page.t("Not computed, for fewer than {few} known values", few=FEW)
    return stack(paragraph(text, "caution"), fold(head, bullets(unsaid, "plain")))


def left_unsaid(page: Page) -> list[str]:
    """Return the statements that the incidents are too few for, each with how many values are known."""
    known, chain = page.study.facts, page.study.incidents["third_party"]
    asked = {
        page.t("interval of the median length"): [known["length"]],
        page.t("interval of the median lag to the earliest known statement"): [known["to_known_word"]],
        page.t("interval of the median lag to detection"): [known["to_detection"]],
        page.t("interval of the median share of the outage before the first statement"): [known["silence"]],
        page.t("interval of the median of people affected"): [known["users_affected"]],
        page.t("length with against without a third party"): [known["length"][chain], known["length"][~chain]],
    }
    counts = {name: [how_many(frame) for frame in frames] for name, frames in asked.items()}
    counts[page.t("concentration on companies")] = [len(companies(page.study.third_parties()))]
    form = page.words._("{statement} (known: {counts})")
    return [
        form.format(statement=name, counts=" / ".join(map(page.words.number, found)))
        for name, found in counts.items()
        if min(found) < FEW
    ]


def field_name(page: Page, field: str) -> str:
    """Return what a field of the registry is called."""
    if field == "third_parties":
        return page.t("Third parties")
    labels = (page.words.label(column, field) for column in ("event", "measure", "factor"))
    return next((label for label in labels if label != field), field)


def fact_names(page: Page, known: pd.DataFrame) -> dict[str, str]:
    """Return what each column is called, a moment or a field, as the head of a row."""
    moments = moment_names(page.words)
    names = {column: moments.get(column) or field_name(page, column) for column in known}
    return {column: sentence(name) for column, name in names.items()}


def completeness(page: Page, known: pd.DataFrame) -> Block:
    """Tabulate for how many incidents each field is known; see `outages.facts.groups.known_fields`."""
    columns = {
        page.t("Field"): [sentence(name) for name in fact_names(page, known).values()],
        page.t("Known for"): [page.t("{k} of {n}", k=int(known[field].sum())) for field in known],
        page.t("Unknown for"): [lacking(page, known.index[~known[field]]) for field in known],
    }
    return page.table("t-completeness", page.t("What is known, and where nothing was found (n = {n})"), columns)


def lacking(page: Page, ids: pd.Index) -> str:
    """Name the incidents for which nothing was found, or count them when they are many."""
    if not len(ids):
        return page.t("none")
    if len(ids) >= NAMED / 2:
        return page.words.n("{n} incident", "{n} incidents", len(ids))
    return page.t("; ").join(page.titles[ids])


def policies(page: Page, found: pd.DataFrame) -> Block:
    """Draw how each headline moves under another policy; see `outages.studies.under_policies`."""
    if found.empty:
        return page.dropped("No headline can be computed, so none can move.")
    found = found.replace({"finding": KEYS})
    names = {
        "length": page.t("median length"),
        "to_known_word": page.t("median lag to the earliest known statement"),
        "silence": page.t("median share of the outage before the first statement"),
        "users": page.t("median of people affected"),
        "user_hours": page.t("median of user-hours"),
    }
    factors = {finding: movement(rows) for finding, rows in found.groupby("finding", sort=False)}
    ordered = sorted(factors, key=lambda finding: -factors[finding])
    called = policy_names(page.words)
    label = [page.t("{policy}, n = {n}", policy=called[r.policy], n=r.n) for r in found.itertuples()]
    shown = found.assign(label=label, mark=found["policy"] == page.study.policy, finding=found["finding"].map(names))
    said = [
        (f"{names[r.finding]}, {called[r.policy]}", page.words.interval(Interval(r.low, r.high), HOW[r.finding]))
        for r in found.itertuples()
    ]
    title = page.t("How the headlines move with the rule that resolves contradictions")
    factor = factors[ordered[0]]
    if factor == 1:
        title = page.t("The headlines are the same under every rule that resolves contradictions")
    elif math.isfinite(factor):
        title = page.t(
            "Which rule resolves contradictions moves the {finding} most: up to {factor} times",
            finding=names[ordered[0]],
            factor=math.ceil(factor * 10) / 10,
        )
    caption = page.words._(
        "Bounds of each median under each of {policies} policies, the one of this report in another colour; a finding "
        "whose rows agree does not depend on the policy. A bar that runs to the edge has no upper bound. All lags "
        "count here, those timed less well than to two hours too. The share of third parties uses all claims and does "
        "not move. Data version {version}."
    )
    return page.figure(
        "f-policies",
        intervals.panels(shown, page.words, {names[finding]: HOW[finding] for finding in ordered}),
        title=title,
        alt=page.t("Ranges of each headline under each policy. {rows}.", rows=page.aloud(said)),
        caption=caption.replace("{policies}", page.words.number(len(POLICIES))),
        data=found.assign(unit=found["finding"].map(HOW)).rename(columns={"low": "value_low", "high": "value_high"}),
        k=int(found["n"].max()),
    )


def movement(rows: pd.DataFrame) -> float:
    """Return by what factor a finding moves between policies, the larger of both ends."""
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
    columns = {
        page.t("Field"): [field_name(page, row.field) for row in found],
        page.t("Coded by both"): [number(row.both) for row in found],
        page.t("Agree"): [number(row.agree) for row in found],
        page.t("Share"): [page.words.whole(row.agree / row.both) for row in found],
        page.t("Found by both, of all found"): [
            page.words.whole(row.both / (row.both + row.first_only + row.second_only)) for row in found
        ],
        page.t("Only first"): [number(row.first_only) for row in found],
        page.t("Only second"): [number(row.second_only) for row in found],
        page.t("Cohen's kappa"): ["–" if row.kappa is None else number(round(row.kappa, 2)) for row in found],
    }
    caption = page.t(
        "Two coders on the same documents (n = {n} incidents coded twice): they agree when intervals overlap or codes "
        "meet. Share: of what both coded. –: kappa is for codes only, and needs more than one",
        n=len(twice),
    )
    shown = page.table("t-agreement", caption, columns)
    apart = disagreements(page.study.registry, second)
    said = [page.words.pair(page.titles[i], f"{field_name(page, field)} ({source})") for i, source, field in apart]
    return stack(shown, paragraph(page.t("Not yet settled:")), bullets(said, "plain")) if said else shown


def standing(page: Page) -> Block:
    """Say in words where the incident in focus stands among the others; nothing without one."""
    focus, known = page.study.focus, page.study.facts
    if not focus:
        return Block(Markup(""))
    asked = {
        page.t("length"): ("length", "minutes"),
        page.t("number of people affected"): ("users_affected", "number"),
        page.t("emergency calls failed"): ("emergency_calls_failed", "number"),
        page.t("noticed by the operator after"): ("to_detection", "minutes"),
        page.t("authorities told after"): ("to_authorities", "minutes"),
        page.t("earliest known statement after"): ("to_known_word", "minutes"),
    }
    said, lacking = [], []
    for name, (fact, how) in asked.items():
        own, others = ends(known[fact], focus), known[fact].drop(index=focus).dropna(subset=["low", "high"])
        if own is None or not says(own, how):
            lacking.append(name)
            continue
        lower, higher = int((others["high"] < own.low).sum()), int((others["low"] > own.high).sum())
        form = page.t(
            "{name}: {value}. Of {k} others {lower} are surely lower, {higher} surely higher; {level} unclear.",
            name=name,
            value=page.words.interval(own, how),
            k=len(others),
            lower=lower,
            higher=higher,
            level=len(others) - lower - higher,
        )
        said.append(sentence(form))
    head = paragraph(page.t("Where “{title}” stands", title=page.titles[focus]), "focus")
    rest = [paragraph(page.t("Not known: {names}.", names=page.words.listed(lacking)), "dropped")] if lacking else []
    return stack(head, bullets(said, "focus"), *rest) if said else stack(head, *rest)


def selection_bias(page: Page, shares: pd.DataFrame) -> Block:
    """Tabulate the sample beside published shares; see `outages.facts.groups.beside_published`."""
    n = int(counted_by_scheme(page.study.incidents).sum())
    if shares.empty or n < FEW:
        return page.dropped("Too few telecom incidents of the European Union to be set beside ENISA's counts.")
    names = {f"share_{code}": page.words.label("root_cause", code) for code in CLASSES} | {
        "share_third_party": page.t("Third party in the causal chain"),
        "share_emergency_calls_affected": page.t("Emergency calls affected"),
    }
    percent = [[page.words.interval(share, "whole") for share in shares[side]] for side in ("own", "published")]
    columns = {
        page.t("Share of incidents"): [names[metric] for metric in shares["metric"]],
        page.t("This study"): percent[0],
        page.t("ENISA, years"): [
            f"{share} ({years})" for share, years in zip(percent[1], shares["years"], strict=True)
        ],
    }
    caption = page.t(
        "Telecom incidents of the European Union in this study (n = {n}, worst-case bounds for what is unknown or "
        "disputed) beside the shares that ENISA published",
        n=n,
    )
    apart = {
        N_("More frequent here than in ENISA's count of all reported incidents: {names}."): [
            names[r.metric] for r in shares.itertuples() if r.own.low > r.published.high
        ],
        N_("Less frequent: {names}."): [names[r.metric] for r in shares.itertuples() if r.own.high < r.published.low],
    }
    said = [
        page.t(form, names=page.words.listed([name.lower() for name in found]))
        for form, found in apart.items()
        if found
    ]
    text = " ".join(said) or page.t("No share lies clearly apart from ENISA's count of all reported incidents.")
    return stack(paragraph(text), page.table("t-bias", caption, columns))
