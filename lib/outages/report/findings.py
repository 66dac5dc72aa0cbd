"""What does the study find? The four answers in round words, with bounds and numbers in small type behind each."""

import math
from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup

from outages.facts.groups import COMPLETE_LIST
from outages.facts.policies import voices
from outages.facts.third_parties import causal, incidents_of
from outages.facts.timeline import TIMED, timed_lags
from outages.language import N_
from outages.report.html import Block, Cell, bullets, relative, sentence, stack
from outages.report.key_figures import voice
from outages.report.part import Page, by_incident
from outages.report.quality import field_name
from outages.report.worth import LEAST_BAR, enough, says
from outages.stats.inference import FEW, proportion
from outages.stats.intervals import Interval, how_many, quantile
from outages.stats.intervals import known as known_intervals
from outages.stats.turnbull import share_within

DAY = 1440.0  # minutes
NAMED = 4  # organisations in the sentence
SMALL = 20  # outages: of fewer a share is said as a count
SHARES = {  # of the outages, as one says them
    1 / 10: N_("one in ten outages"),
    1 / 5: N_("one in five outages"),
    1 / 4: N_("one in four outages"),
    1 / 3: N_("one in three outages"),
    1 / 2: N_("half of the outages"),
    2 / 3: N_("two in three outages"),
    3 / 4: N_("three in four outages"),
    9 / 10: N_("nine in ten outages"),
}
MOST = {
    "users_affected": N_("Most people affected, by the lower end: {value}, according to {voices} ({title})."),
    "emergency_calls_failed": N_(
        "Most failed emergency calls, by the lower end: {value}, according to {voices} ({title})."
    ),
}
TYPICAL = {
    "to_earliest_statement": N_(
        "The operator’s earliest known statement typically (median) came {value} after onset, where it is timed ({k} "
        "of {n} outages)."
    ),
    "to_authorities": N_("Authorities were typically told {value} after onset, where that is timed ({k})."),
    "to_detection": N_("The operator typically noticed {value} after onset, where that is timed ({k})."),
}
RESTS = (  # what the others are made of
    *("onset", "restored", "duration_hours", "users_affected", "emergency_calls_failed"),
    *("detected", "authorities_notified", "first_public_statement"),
)
NEAR = 0.02  # a share so near to one of these is said so
WITHIN_A_DAY = {  # whether all did: what is said behind another sentence, and alone
    False: (
        N_("Of these, {share} ended within a day."),
        N_("Of the {k} outages of known length, {share} ended within a day."),
    ),
    True: (N_("All of these ended within a day."), N_("All {k} outages of known length ended within a day.")),
}


def four(
    page: Page, lengths: pd.DataFrame, facts: pd.DataFrame, one_by_one: pd.DataFrame, parties: pd.DataFrame
) -> Block:
    """Answer the four questions in a sentence or two each; parameters as `outages.studies.Study` returns them,
    `one_by_one` those of the facts on which lags rest, see `outages.facts.groups.unpooled`.
    """
    found = (length(page, lengths), users(page, facts), delays(page, one_by_one), third_parties(page, parties))
    return stack(bullets(found, "headlines"))


def one(finding: Markup) -> Block:
    """Show the answer at the head of a page about one question."""
    return stack(bullets([finding], "headlines"))


def told(page: Page, head: str, sentences: Sequence[Cell], small: Sequence[Cell] = ()) -> Markup:
    """Set a finding: what it is about, its sentences, and in small type what they rest on."""
    said = Markup(" ").join([Markup("<strong>{}</strong>").format(page.words._(head)), *sentences])
    return said + Markup(' <span class="sure">{}</span>').format(Markup(" ").join(small)) if small else said


def round_words(page: Page, value: Interval) -> str:
    """Write an interval of minutes in round words: one value where both ends round to it, else wider, never less."""
    write, low = page.words.rough, page.words.rough(value.low, math.floor)
    if math.isinf(value.high):
        return page.t("more than {value}", value=low)
    if value.low <= 0:
        return page.t("at most {value}", value=write(value.high, math.ceil))
    if write(value.low) == write(value.high):
        return page.t("about {value}", value=write(value.low))
    return page.t("between {low} and {high}", low=low, high=write(value.high, math.ceil))


def share_of_outages(page: Page, share: float) -> str:
    """Say about which share of the outages, in words where one is near, otherwise in whole percent."""
    nearest = min(SHARES, key=lambda known: abs(known - share))
    if abs(nearest - share) <= NEAR:
        return page.words._(SHARES[nearest])
    return page.t("{share} of the outages", share=page.words.whole(share))


def share_between(page: Page, share: Interval) -> str:
    """Say a share of which the sources leave the end open: about its low end or more where a word is near, else both
    ends in whole percent, rounded as in the title of the figure.
    """
    if share.low < share.high and min(abs(known - share.low) for known in SHARES) <= NEAR:
        return page.t("about {share} or more", share=share_of_outages(page, share.low))
    return page.words.interval(share, "whole")


def bounds(page: Page, values: pd.DataFrame) -> str:
    """Write the median as exactly as the sources allow it, its interval by chance, and for how many it is known."""
    chance = page.confidence_interval(values)
    text = page.t("Median {value}", value=quantile(values, 0.5))
    text += "" if chance is None else page.t("; 95% interval {interval}", interval=chance)
    return text + page.t("; n = {k} of {n}.", k=how_many(values), n=len(values))


def length(page: Page, lengths: pd.DataFrame) -> Markup:
    """Say how long the outages lasted; `lengths` as `outages.studies.Study.lengths`."""
    page, lengths = page.of(lengths), by_incident(lengths)
    known, head = known_intervals(lengths), N_("Length.")
    if known.empty:
        any_of = N_("No source says how long any of the {n} outages lasted.")
        one = N_("No source says how long it lasted.")
        return told(page, head, [page.t(one if page.n == 1 else any_of)])
    if not enough(lengths):
        span = Interval(float(known["low"].min()), float(known["high"].max()))
        text = page.t("Known for {k} of {n}: {value}.", k=len(known), n=len(lengths), value=span)
        return told(page, head, [text])
    middle, within, sentences = quantile(known, 0.5), share_within(known, DAY), list[Cell]()
    small = [bounds(page, lengths)]
    if says(middle):
        form = N_("Of the {k} outages of known length, the typical (median) one lasted {value}.")
        sentences.append(page.t(form, k=len(known), value=round_words(page, middle)))
    if says(within, "percent") and within.low > 0.5:
        form, alone = WITHIN_A_DAY[within.low == 1]
        sentences.append(page.t(form if sentences else alone, k=len(known), share=share_between(page, within)))
        sure = int((known["high"] <= DAY).sum())
        chance = page.words.interval(proportion(sure, len(known)), "whole")
        form = N_("Surely within a day: {sure} of {k}; 95% interval {chance}.")
        small.append(page.t(form, sure=sure, k=len(known), chance=chance))
    return told(page, head, sentences, small)


def users(page: Page, facts: pd.DataFrame) -> Markup:
    """Say how many people and calls were affected; `facts` as `outages.studies.Study.facts`."""
    page, facts = page.of(facts), by_incident(facts)
    rows, head, sentences = page.study.registry.measures, N_("People."), list[Cell]()
    rows = rows[page.study.accepted["measures"].isin(["yes", "narrows"])]
    for name, form in MOST.items():
        if (facts[name]["low"] > 0).any():
            most, low = facts[name]["low"].idxmax(), facts[name]["low"].max()
            value = page.evidence.claim_cell(most, name, facts[name], "compact")
            behind = rows[(rows["incident_id"] == most) & (rows["measure"] == name) & (rows["low"] == low)]
            whose = list(dict.fromkeys(voice(page, code) for code in voices(behind)))
            sentences.append(page.t(form, value=value, voices=whose, title=page.incident_link(most)))
    if not sentences:
        none = N_("No source says how many people, at the least, were affected, or how many calls failed.")
        return told(page, head, [page.t(none)])
    small = page.t(
        "People counted for {k} of {n}, failed emergency calls for {calls}; outages that nobody counted may "
        "have been worse.",
        k=how_many(facts["users_affected"]),
        calls=how_many(facts["emergency_calls_failed"]),
    )
    return told(page, head, sentences, [small])


def apart(page: Page, facts: pd.DataFrame) -> list[Cell]:
    """Say which outages of the study are not among the facts, as a complete list is never pooled with others."""
    words, listed = page.words, page.study.incidents["found_by"] == COMPLETE_LIST
    of_list = listed.reindex(facts.index).any()
    if not (left := int((listed.drop(facts.index, errors="ignore") != of_list).sum())):
        return []
    form = N_("Not counted: {outages} of one operator’s complete list (“{page}”).")
    if of_list:
        form = N_("These are outages of a complete list; not counted, as found one by one: {outages}.")
    name = words._("# How fast operators tell their users")[2:]
    link = relative(name, f"status-pages.{words.lang}.html")
    return [words.t(form, outages=words.n("{n} outage", "{n} outages", left), page=link)]


def delays(page: Page, facts: pd.DataFrame) -> Markup:
    """Say how late operators noticed and told, in medians of timed lags; `facts` as `outages.studies.Study.facts`."""
    facts = by_incident(facts)
    every, timed, head = facts["to_earliest_statement"], timed_lags(facts), N_("Detection and communication.")
    sentences, exact, called = list[Cell](), list[tuple[str, str]](), page.words.labels("lag")
    for name, form in TYPICAL.items():
        if enough(timed[name]) and says(middle := quantile(timed[name], 0.5)):
            value = round_words(page, middle)
            sentences.append(page.t(form, k=how_many(timed[name]), n=len(facts), value=value))
            exact.append((called[name], page.quantile(timed[name], 0.5)))
    if not sentences:
        text = page.t(
            "Too few moments are timed to within two hours to say when operators spoke (n = {k} of {n}).",
            k=how_many(timed["to_earliest_statement"]),
            n=len(facts),
        )
        return told(page, head, [text], apart(page, facts))
    small: list[Cell] = [sentence(page.aloud(exact)) + ".", page.t("Timed: to within two hours.")]
    middle = quantile(every, 0.5)
    if middle is not None and how_many(every) > how_many(timed["to_earliest_statement"]):  # a late one may be untimed
        late, form = every["low"] > TIMED, N_("Over all {k} known lags the median is {value}.")
        beyond = int((late & timed["to_earliest_statement"]["low"].isna()).sum())
        left = page.words.n("{n} is left out as not timed", "{n} are left out as not timed", beyond)
        if beyond:
            form = N_(
                "That favours prompt statements: of {late} surely later than two hours {beyond}; median of all {k} "
                "known lags: {value}."
            )
        small.append(page.t(form, late=int(late.sum()), beyond=left, k=how_many(every), value=middle))
    small.append(page.t("The first statement may have come sooner than the earliest known."))
    if none := int(every["after_end"].eq(True).sum()):
        form = N_("For {late} of {n} no statement was found during the outage.")
        small.append(page.t(form, late=none, n=len(facts)))
    return told(page, head, sentences, [*small, *apart(page, facts)])


def third_parties(page: Page, parties: pd.DataFrame) -> Markup:
    """Say how often a third party stood in the causal chain; `parties` as `outages.studies.Study.third_parties`."""
    n, k, head = page.n, causal(parties)["incident_id"].nunique(), N_("Third parties.")
    if not k:
        one = N_("No source places another organisation in the causal chain.")
        among = N_("In none of the {n} outages does a source place another organisation in the causal chain.")
        return told(page, head, [page.t(one if n == 1 else among)])
    form = N_("In about {share} a source places another organisation in the causal chain.")
    if n < SMALL:
        form = N_("In {k} of the {n} outages a source places another organisation in the causal chain.")
    if k == n:
        form = N_("In each of them a source places another organisation in the causal chain.")
    if n == 1:
        form = N_("A source places another organisation in the causal chain.")
    sentences: list[Cell] = [page.t(form, share=share_of_outages(page, k / n), k=k)]
    count = incidents_of(causal(parties, named=True), "party")
    again = count[count >= LEAST_BAR][:NAMED]
    if len(again):
        names = [page.t("{name} ({k})", name=page.words.party(name), k=times) for name, times in again.items()]
        sentences.append(page.t("Named in the causal chain more than once: {names}.", names=names))
    elif len(count) > 1:
        sentences.append(page.t("No organisation is named there in more than one outage."))
    text = page.t(
        "{k} of {n}; in {suppliers} of these a supplier, a carrier or a utility. No name is no proof that nobody was "
        "involved, so the share may be higher.",
        k=k,
        suppliers=causal(parties).query("role != 'other'")["incident_id"].nunique(),
    )
    return told(page, head, sentences, [text] if k < n else [])


def sources(page: Page, claims: pd.DataFrame, several: pd.DataFrame) -> Markup:
    """Say how much of what the findings rest on has several documents, and how often claims exclude one another;
    `claims`, `several` as `outages.studies.Study.claims` and `outages.facts.policies.disagreements`.
    """
    head, both = N_("Sources."), several[several["about"].isin(RESTS)]
    rests = claims[claims["about"].isin(RESTS)].groupby(["incident_id", "about"], observed=True)["source_id"].nunique()
    k, n, apart = int((rests > 1).sum()), len(rests), both.loc[both["disagree"], "about"].value_counts()
    if min(n, len(both)) < FEW:
        return told(page, head, [page.t("Too few values have several claims to say how often these agree.")])
    text = page.t(
        "About {told} of the values behind the headlines stand in more than one document. Where several claims are "
        "about the same thing, they exclude one another in about {apart} of the cases.",
        told=page.words.whole(k / n),
        apart=page.words.whole(apart.sum() / len(both)),
    )
    about = [page.t("{name} ({k})", name=page.words.within(field_name(page, f)), k=times) for f, times in apart.items()]
    form = N_("{k} of {values} values; of {several} with several claims {apart} exclude one another: {about}.")
    small = [page.t(form, k=k, values=n, apart=int(apart.sum()), several=len(both), about=about or page.t("none"))]
    return told(page, head, [text], [*small, page.t("Documents that agree may repeat one another.")])
