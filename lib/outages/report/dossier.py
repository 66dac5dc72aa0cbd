"""What is known of one incident? Its hours, its peers, its claims, who had a part, what was asked for."""

import math
from collections.abc import Sequence
from functools import partial

import pandas as pd
from markupsafe import Markup

from outages.facts import peers
from outages.facts.advice import same_requests
from outages.facts.policies import grouped, voices
from outages.facts.timeline import STATEMENTS
from outages.figures import timelines
from outages.language import N_
from outages.report import note
from outages.report.claims import claims_of
from outages.report.evidence import ends
from outages.report.html import Block, bullets, files, fold, paragraph, relative, sentence, stack
from outages.report.key_figures import voice
from outages.report.note.ranks import valued
from outages.report.part import Page
from outages.report.recommendations import NOTHING, target
from outages.stats.intervals import overlaps
from outages.studies.parameters import ParameterError
from outages.studies.peers import open_peers
from outages.studies.selection import policy_names

EDGE, SHARE = 60.0, 0.05  # minutes, and part of a long outage, that the figure shows before and after it
VAGUE = 360.0  # minutes: a moment known no better is no hour, unless the outage is longer than `PARTS` times that
PARTS, HOURS = 4, 2  # moments of known hour from which on there is a figure
OF_ANYBODY = ("onset", "authorities_notified", "workaround_published", "partial_restoration", "restored", "repaired")
OF_OPERATOR = {kind: kind for kind in ("detected", "escalated")} | {"statement": "earliest_statement"}  # what results
OF_OTHERS = {"escalated": "authority_crisis_cell"}
COLUMNS = ["event", "actor", "low", "high", "source_id", "taken"]  # of claims about events
BESIDE = ("length", "detection", "authorities", "public")  # measures that are set beside those of the peers


def timeline(page: Page) -> Block:
    """Draw the hours that matter: one row a kind of event, what results and the claims behind it."""
    words, zone = page.words, page.study.registry.incidents["timezone"].iloc[0]
    every = kinds(page)
    found = resolved(page, every)
    reach = hours(page, found)
    if reach is None:
        return page.dropped(
            "Too few moments are known to within a few hours to be drawn; what the sources say of them stands in "
            "the table of claims."
        )
    zero, low, high = reach
    claims = every.drop_duplicates(["label", "low", "high", "source_id"])
    inside, found = claims[overlaps(claims, low, high)], found[overlaps(found, low, high)]
    begun = inside["label"].map(found["low"]).fillna(inside["low"])
    rows = inside.assign(begun=begun.groupby(inside["label"]).transform("min"))
    rows = rows.sort_values(["begun", "label", "low", "high"], kind="stable")
    drawn = found.loc[[label for label in rows["label"].unique() if label in found.index]]
    more = len(claims) - len(inside)
    caption = page.joined(
        "Blue: the value used on this page ({policy}). Grey: each claim, as precise as its source.",
        "{outside}" if more else "",
        "Data version {version}.",
    )
    data = rows.assign(minutes_low=rows["low"] - zero, minutes_high=rows["high"] - zero)
    return page.figure(
        "f-timeline",
        timelines.claim_timeline(rows, zone, words, resolved=found, zero=zero, reach=(low, high)),
        data[["label", "minutes_low", "minutes_high", "source_id"]],
        title="{finding}",
        alt="One row a kind of event on the local clock. {rows}.",
        caption=caption,
        k=1,
        finding=in_short(page),
        rows=page.aloud((r.Index, words.moments(r.low, r.high, zone)) for r in drawn.itertuples()),
        policy=policy_names(words)[page.study.policy],
        outside=words.n(
            "{n} claim outside these hours is in the table.", "{n} claims outside these hours are in the table.", more
        ),
    )


def in_short(page: Page) -> str:
    """Say after which time authorities and the public were told and service was back, as far as it is known."""
    facts, words = page.study.facts, page.words
    told = [valued(page.study, facts, name) for name in ("authorities", "public")]
    said = [words.within(f"{label} {value}") for label, value, _line in told if value]
    if over := ends(facts["length"], page.study.focus):
        said.append(page.t("outage over after {time}", time=over))
    return sentence(words._("; ").join(said)) or page.t("What happened, and when")


def kinds(page: Page) -> pd.DataFrame:
    """Return the claims about events with the `kind` of event, statements being one, and its `label` with who acted."""
    words = page.words
    events = pd.DataFrame(page.evidence.records["events"].get(page.study.focus, []), columns=COLUMNS)
    kind = events["event"].where(~events["event"].isin(STATEMENTS), "statement")
    named = {code: words.label("event", code) for code in kind.unique()} | {"statement": page.t("Public statement")}
    label = [
        ", ".join(filter(None, (named[code], words.within(words.label("actor", actor)))))
        for code, actor in zip(kind, events["actor"], strict=True)
    ]
    return events.assign(kind=kind, label=label)


def resolved(page: Page, claims: pd.DataFrame) -> pd.DataFrame:
    """Return what results for each kind of event: `low`, `high` by label, none where different claims do not contradict
    one another. What results for a moment of anybody stands at those from whose claims the policy took it.
    """
    used = claims[(claims["taken"] == "yes") & (claims["kind"] != "postmortem_published")]
    told = grouped(zip(used["label"], zip(used["low"], used["high"], strict=True), strict=True))
    found = {label: (min(low for low, _ in own), max(high for _, high in own)) for label, own in sorted(told.items())}
    for row in claims.drop_duplicates("label").itertuples():
        own = row.actor == "operator" and row.kind in OF_OPERATOR
        name = row.kind if row.kind in OF_ANYBODY else (OF_OPERATOR if own else OF_OTHERS).get(row.kind, "")
        value = ends(page.evidence.facts[name], page.study.focus) if name else None
        if value and (own or any(low <= value.high and high >= value.low for low, high in told.get(row.label, ()))):
            found[row.label] = value.low, value.high
    return pd.DataFrame.from_dict(found, orient="index", columns=["low", "high"])


def hours(page: Page, found: pd.DataFrame) -> tuple[float, float, float] | None:
    """Return the onset, and from when to when the figure reaches, an hour to either side; None without hours."""
    facts, incident = page.evidence.facts, page.study.focus
    onset, back, length = (ends(facts[name], incident) for name in ("onset", "restored", "length"))
    if onset is None:
        return None
    finite = found["high"].where(found["high"] < onset.low + 7 * timelines.DAY)
    last = back.high if back else onset.high + length.high if length else math.inf
    end = last if math.isfinite(last) else float(finite.max())
    span = max(end - onset.low, 0.0)
    timed = found[(found["high"] - found["low"] <= max(VAGUE, span / PARTS)) & (found["low"] <= end + EDGE)]
    if len(timed) < HOURS or not math.isfinite(span):
        return None
    edge = max(EDGE, span * SHARE)
    return onset.low, onset.low - edge, end + edge


def compared(page: Page, data: Sequence[str]) -> Block:
    """Say where the outage stands among its peers, and where more is said; `data` as for `outages.peers`."""
    study, words = page.study, page.words
    try:
        beside = open_peers(focus=study.focus, lang=words.lang, policy=study.policy, data=data)
    except ParameterError:  # one that is only listed has no peers
        return page.dropped("The outage is not compared: nothing is coded for it.")
    ranks = beside.ranks()
    known = [name for name in BESIDE if ranks.at[name, "peers"]]
    heads, form = note.LABELS | note.RECORD_LABELS, Markup("<b>{}.</b> {}")
    lines = [form.format(page.t(heads[name]), note.ranking(beside, ranks.loc[name], name)[0]) for name in known]
    here, whole = ([ends(peers.measured(s.known, name), study.focus) for name in BESIDE] for s in (beside, study))
    services = [words.within(words.label("services", code)) for code in beside.services]
    apart = page.t(
        "Hours here are those of {services}; the figures above are about the whole outage.", services=services
    )
    links = [
        relative(page.t("Decision note on this outage"), f"decision-note-{study.focus}.{words.lang}.html"),
        relative(page.t("Comparison of all outages"), f"comparative-report.{words.lang}.html"),
    ]
    versions = page.t(
        "(the whole registry, which the comparison rests on; {version}, everywhere else on this page, is the rows of "
        "this outage alone)"
    )
    parts = [
        paragraph(Markup("<b>{}.</b>").format(note.headline(beside, ranks))),
        bullets(lines, "plain") if lines else "",
        paragraph(f"{note.selection(beside)} {versions}", "scope"),
        paragraph(apart, "scope") if here != whole else "",
        files(*links),
    ]
    return Block(Markup('<div class="beside">{}</div>').format(Markup("").join(parts)))


def claims(page: Page) -> Block:
    """Show the sums and every claim with source and place."""
    return claims_of(page.evidence, page.study.focus, headed=False)


def third_parties(page: Page, named: pd.DataFrame) -> Block:
    """Tabulate who else had a part, and whose word that is; `named` are claims as in a registry."""
    if named.empty:
        return page.say("No source names a third party.")
    words, rows = page.words, named.assign(voice=voices(named))
    return page.table(
        "t-third-parties",
        rows.groupby(["party", "involvement"], observed=True),
        {
            "Organisation": lambda part: words.party(part[0][0]),
            "Role": lambda part: words.label("role", ";".join(sorted(set(part[1]["role"])))),
            "Part in the incident": lambda part: words.label("involvement", part[0][1]),
            "Who says so": lambda part: words.clauses(said(page, part[1])),
        },
        caption="Third parties, as named by those who speak (n = {claims}); a name is no finding of fault",
        claims=words.n("{n} claim", "{n} claims", len(rows)),
    )


def said(page: Page, group: pd.DataFrame) -> list[Markup]:
    """Write whose word something is, with the documents, voice by voice."""
    form, join, documents = Markup("{} {}"), Markup(" ").join, group.groupby("voice")["source_id"].unique()
    return [form.format(voice(page, c), join(map(page.evidence.source, ids))) for c, ids in documents.items()]


def recommendations(page: Page, advice: pd.DataFrame) -> Block:
    """Tabulate what was asked for or announced, the same request once; `advice` as `Study.recommendations`."""
    if advice.empty:
        return page.say(NOTHING)
    every, words, keys = page.study.registry.recommendations, page.words, ["theme", "source_id", "locator", "text"]
    every = every.assign(text=every[f"text_{words.lang}"], same=same_requests(every)).drop_duplicates(keys)
    rows = advice.merge(every[[*keys, "same"]], on=keys).assign(size=lambda rows: rows["text"].str.len())
    rows = rows.sort_values(["theme", "addressee", "size"], ascending=[True, True, False], kind="stable")
    folded = list(grouped(zip(rows["same"], rows.to_dict("records"), strict=True)).values())
    more = len(rows) - len(folded)
    same = words.n("{n} more says the same and is folded in", "{n} more say the same and are folded in", more)
    counted = words.n("{n} request or announcement", "{n} requests and announcements", len(folded))
    shown = page.table(
        "t-recommendations",
        folded,
        {
            "Theme": lambda group: words.label("theme", group[0]["theme"]),
            "Addressee": lambda group: words.party(group[0]["addressee"]),
            "Request": lambda group: group[0]["text"],
            "Value": partial(goal, page),
            "Source and location": lambda group: words.clauses(list(dict.fromkeys(map(page.evidence.located, group)))),
        },
        caption="{said}",
        folded=False,
        said=page.t("; ").join([counted, same] if more else [counted]),
    )
    return stack(page.say("What a source asked for, or what was announced, in our own words."), shown)


def goal(page: Page, group: list[dict]) -> str:
    """Write the number that a request sets."""
    row = next((row for row in group if pd.notna(row["target_value"])), group[0])
    return target(page.words, row["target_value"], row["target_unit"])


def record(page: Page) -> Block:
    """Say how the incident is kept in the registry, folded away."""
    words, row = page.words, page.study.registry.incidents.iloc[0]
    shown = page.pairs(
        "t-identity",
        {
            "Identifier": Markup("<code>{}</code>").format(row["incident_id"]),
            "Time zone": row["timezone"],
            "Sector": words.label("sector", row["sector"]),
            "Status": words.label("status", row["status"]),
            "Found by": words.label("found_by", row["found_by"]),
            **({} if row["_origin"] == "public" else {N_("Origin"): row["_origin"]}),
        },
        caption="How the registry keeps it",
    )
    return fold(page.t("About this record"), shown)
