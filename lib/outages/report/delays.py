"""How late were detection and communication? Functions of facts or lags, one row an incident, or of verdicts."""

from functools import partial

import numpy as np
import pandas as pd
from markupsafe import Markup

from outages.facts.timeline import LAGS, timed, timed_lags
from outages.figures import ecdf, style, timelines
from outages.language import N_
from outages.report.evidence import ends
from outages.report.findings import apart, round_words
from outages.report.html import Block, paragraph, sentence, stack
from outages.report.length import mass
from outages.report.part import Page, by_incident
from outages.report.worth import LEAST_ROWS, enough, says
from outages.stats.inference import FEW
from outages.stats.intervals import Interval, how_many, quantile
from outages.stats.rows import ENDS, measured, once
from outages.stats.turnbull import resampled

CURVES = ("to_earliest_statement", "to_authorities")
LEAST_OF_CURVE = 10  # lags
DRAWN_LAGS = ("to_detection", "to_authorities", "to_earliest_statement")
DRAWN = style.SEVERAL  # outages side by side, beside the soonest and the latest
HOW = dict.fromkeys(LAGS, "minutes") | {"silence": "percent", "silent_hours": "rounded"}  # how every lag is written
SUMMED = [name for name in HOW if name not in ("detection_to_public", "silent_hours")]  # in the short table
CELL = "orange-crisis-cell-30min"  # the recommendation that the what-if replays
CELL_LIMIT = 30.0  # minutes, when that recommendation is not among the limits chosen


def names(page: Page) -> dict[str, str]:
    """Return what each lag is called."""
    return page.words.labels("lag") | {
        "silence": page.t("share of the outage before the first statement"),
        "silent_hours": page.t("user-hours before the first statement"),
    }


def timeline(page: Page, lags: pd.DataFrame) -> Block:
    """Draw who noticed, told authorities and spoke when, where the statement is timed to two hours, soonest first, of
    very many a spread with the soonest and the latest; `lags` as `outages.studies.Study.lags`.
    """
    page, lags = page.of(lags), measured("lags", lags, "lag", "timed")
    once("lags", lags, "lag")
    marks = lags[lags["timed"] & lags["lag"].isin(DRAWN_LAGS)].rename(columns={"end": "moment"})
    earliest = marks[marks["lag"] == "to_earliest_statement"].set_index("incident_id")
    said, marks = earliest.sort_values(ENDS[::-1], kind="stable"), marks[marks["incident_id"].isin(earliest.index)]
    if len(said) < LEAST_ROWS:
        return page.dropped("Too few statements are timed to within two hours to be drawn side by side.")
    kept = said.index.isin([page.study.focus, said["high"].idxmin(), said["low"].idxmax()])
    most = marks["incident_id"].value_counts().reindex(said.index)
    among = said[(most >= most.nlargest(DRAWN).min()) | kept]
    spread = among.index[np.linspace(0, len(among) - 1, min(DRAWN, len(among))).round().astype(int)]
    shown = said[said.index.isin(spread) | kept]
    rows = pd.DataFrame({"title": page.titles[shown.index], "focus": shown.index == page.study.focus})
    drawn, called = marks[marks["incident_id"].isin(rows.index)], page.words.labels("moment")
    first = drawn[drawn["incident_id"].isin(rows.index[: style.SEVERAL])]
    quick, slow = said["high"].min(), said["low"].max()
    title = N_("Among statements timed to two hours: the earliest within {quick}, the latest after {slow}")
    if quick == 0:
        title = N_("Among statements timed to two hours: the earliest at once, the latest after {slow}")
    if quick >= slow:  # so vague that neither is told from the other
        title = N_("When operators noticed, told authorities and spoke")
    told = first["moment"].map(called) + [f" {page.minutes(Interval(r.low, r.high))}" for r in first.itertuples()]
    return page.figure(
        "f-lags",
        timelines.aligned_timeline(rows, drawn, page.words),
        drawn[["incident_id", "moment", "low", "high"]],
        title=title,
        alt="Time axis for each incident, aligned at onset. {rows}.",
        caption="Outages whose earliest known statement is timed to within two hours, the soonest first; shown are the "
        "{shown} of which most is known, spread over that order where they are more. A missing mark means that no "
        "source gives the moment. n = {k} of {n}. Data version {version}.",
        unit="minutes",
        k=len(said),
        quick=page.words.minutes(quick),
        slow=page.words.minutes(slow),
        rows=page.aloud((page.titles[i], ", ".join(part)) for i, part in told.groupby(first["incident_id"])),
        shown=len(rows),
    )


def curves(page: Page, facts: pd.DataFrame) -> Block:
    """Draw by when operators had spoken and told authorities, of lags known to within two hours."""
    page, facts, called = page.of(facts), timed_lags(by_incident(facts)), names(page)
    known = [name for name in CURVES if how_many(facts[name]) >= LEAST_OF_CURVE]
    found = {name: curve for name in known if (curve := resampled(facts[name]))}
    if not found:
        return page.dropped(
            "Fewer than {few} lags are timed to within two hours, so no curve is drawn.", few=LEAST_OF_CURVE
        )
    word = facts["to_earliest_statement"]
    drawn = ecdf.counted({called[name]: curve for name, curve in found.items()}, page.words)
    title, middle, marked = N_("Lags after onset"), quantile(word, 0.5), page.marked(word)
    value = ""
    if "to_earliest_statement" in found and says(middle):
        title, value = N_("The typical (median) timed statement came {value} after onset"), round_words(page, middle)
    caption = page.joined(
        "Turnbull's estimate (the curve that best fits times known only between two ends) among the incidents for "
        "which the lag is known to within two hours; band: 95 of 100 curves of resampled incidents. Lines rest on "
        "different incidents and must not be subtracted from one another. Medians: {rows}. Data version {version}.",
        "The vertical mark is the earliest known public statement of the incident in focus." if marked else "",
    )
    ylabel = page.t("share of incidents where it had happened")
    return page.figure(
        "f-lag-curves",
        ecdf.curves(drawn, page.words, ylabel=ylabel, band=True, focus=marked),
        mass(found).rename(columns={"group": "lag"}),
        title=title,
        alt="Curves of lags after onset. Medians: {rows}.",
        caption=caption,
        unit="minutes",
        k=max(curve.curve.n for curve in found.values()),
        value=value,
        rows=page.aloud((called[n], page.minutes(quantile(facts[n], 0.5))) for n in found),
    )


def summary(page: Page, facts: pd.DataFrame) -> Block:
    """Tabulate the quartiles of the lags known to within two hours, of which enough are."""
    facts, words, called = timed_lags(by_incident(facts)), page.words, names(page)
    shown = [n for n in SUMMED if enough(facts[n]) and says(quantile(facts[n], 0.5), HOW[n])]
    if not shown:
        return page.dropped("Fewer than {few} values of each lag are timed to within two hours.", few=FEW)

    def bounds(q: float, name: str) -> str:
        return words.interval(quantile(facts[name], q), HOW[name])

    return page.table(
        "t-lags",
        shown,
        {
            "Lag": lambda name: called[name],
            "Median": lambda name: Markup("<strong>{}</strong>").format(bounds(0.5, name)),
            "95% interval": lambda name: words.interval(page.confidence_interval(facts[name]), HOW[name]),
            "First quartile": partial(bounds, 0.25),
            "Third quartile": partial(bounds, 0.75),
            "Known for": lambda name: page.t("{k} of {n}", k=how_many(facts[name]), n=len(facts)),
        },
        caption="Lags known to within two hours: bounds that the sources leave open. Rows rest on different "
        "outages and must not be subtracted from one another",
    )


def table(page: Page, facts: pd.DataFrame) -> Block:
    """Tabulate every lag of every incident."""
    page, facts, called = page.of(facts), by_incident(facts), names(page)
    columns = {
        sentence(called[name]): partial(page.evidence.sum_cell, name=name, frame=facts[name], how=how)
        for name, how in HOW.items()
    }
    medians = [page.words.interval(quantile(facts[name], 0.5), how) for name, how in HOW.items()]
    return page.table(
        "t-incident-lags",
        page.with_value(*(facts[name] for name in HOW)),
        {"Incident": page.row_name, **columns},
        caption="Lags of each incident (n = {n}; those with none known are left out of a long table), their medians, "
        "and for how many each is known",
        foot=[[page.t("Median"), *medians], [page.t("Known for"), *(page.of_n(facts[name]) for name in HOW)]],
        some=True,
    )


def late(page: Page, facts: pd.DataFrame) -> Block:
    """Say how many lags to the earliest known statement are timed, known less well, or lie after the end."""
    every = facts["to_earliest_statement"]
    k = how_many(timed(every))
    text = page.t(
        "Earliest known statement: {k} lags are timed to within two hours and make the medians and curves, {vague} "
        "are known less well, and for {late} the statement came surely after the end.",
        k=k,
        vague=how_many(every) - k,
        late=every["after_end"].sum(),
    )
    return stack(paragraph(Markup(" ").join([text, *apart(page, facts)])))


def first_seen(page: Page, seen: pd.DataFrame) -> Block:
    """Say who noticed first, the operator or others; `seen` as `outages.facts.timeline.first_detected_by`."""
    once("seen", seen, "actor")
    several = seen[seen["operator"] & (seen["first"] != "only")]
    n = several["incident_id"].nunique()
    if not n:
        return page.little()
    surely = several[several["first"] == "surely"]
    own = int((surely["actor"] == "operator").sum())
    form = N_("Where sources say when the operator and when others noticed {outages}, it is not sure who was first.")
    if len(surely):
        form = N_(
            "Where sources say when the operator and when others noticed {outages}, the operator was surely first in "
            "{own} and somebody else in {others}{rest}."
        )
    return page.say(
        form,
        outages=page.words.n("({n} outage)", "({n} outages)", n),
        own=own,
        others=len(surely) - own,
        rest=page.t("; the rest is unclear") if len(surely) < n else "",
    )


def what_if_limit(page: Page) -> float:
    """Return within how many minutes an internal inquiry asked for the crisis cell."""
    limits = page.study.registry.communication_targets.set_index("target_id")["limit_minutes"]
    return float(limits.get(CELL, CELL_LIMIT))


def what_if(page: Page, facts: pd.DataFrame, saved: pd.DataFrame) -> Block:
    """Say in how many outages an earlier crisis cell would have brought word sooner, and by how much; `saved` as
    `outages.facts.limits.saved_by_earlier_cell` returns it.
    """
    page, facts = page.of(facts), by_incident(facts)
    known = by_incident(saved).reindex(facts.index).dropna()
    gain, e = known[known["high"] > 0], page.evidence
    if known.empty:
        return page.little()
    found = page.say(
        "Outages with both hours on record: {k}. The public would surely have heard sooner in {sure}, perhaps in "
        "{perhaps}, no sooner in {none}.",
        k=len(known),
        sure=int((gain["low"] > 0).sum()),
        perhaps=int((gain["low"] == 0).sum()),
        none=len(known) - len(gain),
    )
    if gain.empty:
        return found
    shown = page.table(
        "t-what-if",
        [i for i in gain.index if i in set(page.ids)],
        {
            "Incident": page.row_name,
            "Crisis team after": lambda i: e.sum_cell(i, "to_escalation", facts["to_escalation"], "minutes"),
            "First or earliest known statement after": lambda i: e.statement_cell(i, facts),
            "Silence saved": lambda i: page.minutes(ends(gain, i)),
        },
        caption="If the crisis team had met within {limit} and each later step had followed as long after it as it "
        "did: silence saved before the end of the outage, where there may be any; a statement made before it met, or "
        "in that minute, is unchanged; where the order is open, or no source calls the statement the first, the low "
        "end is zero",
        some=True,
        limit=page.words.minutes(what_if_limit(page)),
    )
    return stack(found, shown)
