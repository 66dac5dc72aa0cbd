"""How late were detection and communication, as a page says it? Each function takes facts or lags, one row an incident, or verdicts on time limits."""

import pandas as pd
from markupsafe import Markup

from outages.facts.impact import user_hours
from outages.facts.limits import DECIDED, VERDICTS
from outages.facts.timeline import timed_lags
from outages.figures import ecdf, matrices, style, timelines
from outages.figures.matrices import Fill
from outages.figures.style import PALETTE
from outages.language import N_, lag_names, moment_names
from outages.report.evidence import ends
from outages.report.html import Block, Cell, bullets, outside, paragraph, stack
from outages.report.length import QUARTILES, mass
from outages.report.part import Page
from outages.stats.intervals import Interval, how_many, quantile
from outages.stats.turnbull import resampled

CURVES = ("to_detection", "to_escalation", "to_authorities", "to_known_word", "to_workaround")
HOW = {  # every lag, and how it is written
    **dict.fromkeys(
        ("to_seen", "to_detection", "to_escalation", "to_authorities", "to_public", "to_known_word", "to_workaround"),
        "minutes",
    ),
    "detection_to_public": "minutes",
    "silence": "percent",
    "silent_hours": "rounded",
}
CELL = "orange-crisis-cell-30min"  # the recommendation that the what-if replays
CELL_LIMIT = 30.0  # minutes, when that recommendation is not among the limits chosen


def names(page: Page) -> dict[str, str]:
    """Return what each lag is called."""
    return lag_names(page.words) | {"silence": page.t("silence share"), "silent_hours": page.t("user-hours in silence")}


def headline(page: Page, facts: pd.DataFrame) -> Markup:
    """Say how late detection and the first public statement came: medians of lags known to within two hours, bounds over all in the small line."""
    every, after_end, facts = facts["to_known_word"], facts["to_known_word"]["after_end"], timed_lags(facts)
    word = facts["to_known_word"]
    told = (
        ("to_detection", N_("Operators whose detection is on record saw the failure after {value} (median of {k}).")),
        (
            "to_known_word",
            N_("By {value} the earliest public word on record was out (median of {k}); the true first came no later."),
        ),
        ("to_public", N_("Where a source calls a word the first, it came after {value} (median of {k}).")),
        ("silence", N_("The part of the outage that passed in silence is {value} (median of {k}).")),
    )
    parts = [Markup(page.t("<strong>Detection and communication.</strong>"))]
    for name, form in told:
        if k := how_many(facts[name]):
            value = page.median(facts[name], "t-lags", HOW[name])
            parts.append(Markup(page.words._(form)).format(value=value, k=page.words.number(k)))
    if len(parts) == 1:
        parts.append(Markup(page.t("Nothing is on record.")))
    sure = page.certainty(how_many(word), page.by_chance(word), "minutes", page.t("Earliest public word on record"))
    wider = page.t(
        "Over all {k} on record, also those known less well: {value}; for {late} more no statement was found during the outage.",
        k=how_many(every),
        value=page.minutes(quantile(every, 0.5)),
        late=int(after_end.sum()),
    )
    more = Markup(' <span class="sure">{}</span>').format(wider) if how_many(every) else Markup("")
    return Markup(" ").join(parts) + sure + more


def headline_block(page: Page, facts: pd.DataFrame) -> Block:
    """Show the answer at the head of a page about one question."""
    return stack(bullets([headline(page, facts)], "headlines"))


def offsets(page: Page) -> pd.DataFrame:
    """Return every moment after onset that a timeline marks: `incident_id`, `moment`, `low`, `high` (minutes).

    Where a source calls a statement the first, the earliest on record is left out.
    """
    found = [page.study.offset(m).loc[page.ids].dropna().assign(moment=m) for m in timelines.MARKS]
    marks = pd.concat(found).rename_axis("incident_id").reset_index()
    named = marks.loc[marks["moment"] == "first_public_statement", "incident_id"]
    return marks[(marks["moment"] != "known_word") | ~marks["incident_id"].isin(named)]


def timeline(page: Page, marks: pd.DataFrame) -> Block:
    """Draw all incidents aligned at their onset; `marks` as `offsets` returns them."""
    called, rows = moment_names(page.words), best_known(page, marks)
    if marks.empty:
        return page.dropped("No incident has an onset and a later moment, so no figure is drawn.")
    first = page.study.facts["to_public"].dropna()
    title = page.t("No first public word is on record")
    if len(first):
        span = Interval(first["low"].min(), first["high"].max())
        title = page.t("First public word: {value} after onset", value=page.minutes(span))
    told = marks[marks["incident_id"].isin(rows.index[: style.SEVERAL])]
    said = page.words._("; ").join(
        f"{page.titles[i]}: "
        + ", ".join(f"{called[r.moment]} {page.minutes(Interval(r.low, r.high))}" for r in part.itertuples())
        for i, part in told.groupby("incident_id")
    )
    caption = page.words._(
        "Each mark is a moment, each bar the interval that the sources allow. A moment that no source gives is not drawn. n = {k} of {n}. Data version {version}."
    )
    if len(rows) < page.study.n:
        form = page.words._("Drawn are the {shown} incidents for which most moments are known.")
        caption += " " + form.format(shown=len(rows))
    drawn = marks[marks["incident_id"].isin(rows.index)]
    return page.figure(
        "f-lags",
        timelines.aligned_timeline(rows, drawn, page.words),
        title=title,
        alt=page.t("Time axis for each incident, aligned at onset. {rows}.", rows=said),
        caption=caption,
        data=drawn[["incident_id", "moment", "low", "high"]],
        k=marks["incident_id"].nunique(),
    )


def best_known(page: Page, marks: pd.DataFrame) -> pd.DataFrame:
    """Return the incidents that the figure sets out: all of a few, otherwise those with most moments before restoration."""
    rows = pd.DataFrame({"title": page.titles, "focus": page.focused}).loc[page.ids]
    if len(rows) <= style.MANY:
        return rows
    early = marks[~marks["moment"].isin(["partial_restoration", "restored"])]
    count = early.groupby("incident_id").size().reindex(rows.index, fill_value=0) + 100 * rows["focus"]
    return rows.loc[sorted(count.sort_values(ascending=False, kind="stable").index[: style.MANY])]


def curves(page: Page, facts: pd.DataFrame) -> Block:
    """Draw the curves of all lags on one axis, of those known to within two hours."""
    facts = timed_lags(facts)
    called, word = names(page), facts["to_known_word"]
    found = {name: curve for name in CURVES if (curve := resampled(facts[name]))}
    if not found:
        return page.dropped("No lag is known, so no curves are drawn.")
    form = page.words._("{group}, n = {n}")
    drawn = [ecdf.Named(form.format(group=called[n], n=page.words.number(f.curve.n)), f) for n, f in found.items()]
    said = page.aloud((called[n], page.minutes(quantile(facts[n], 0.5))) for n in found)
    title = page.t("Lags after onset")
    if "to_known_word" in found:
        title = page.t("Half had spoken by {value}", value=page.minutes(quantile(word, 0.5)))
    caption = page.t(
        "Turnbull's estimate for each lag among the incidents for which it is known to within two hours, if how vague a source is says nothing of the lag; lines rest on different incidents and must not be subtracted from one another. Medians: {rows}. Data version {version}.",
        rows=said,
    )
    if page.marked(word):
        caption += " " + page.t("The vertical mark is the earliest public word on record of the incident in focus.")
    axes = {
        "xlabel": page.t("time after onset (linear to 10 min, then logarithmic)"),
        "ylabel": page.t("share of incidents where it had happened"),
    }
    return page.figure(
        "f-lag-curves",
        ecdf.curves(drawn, page.words, **axes, band=False, focus=page.marked(word)),
        title=title,
        alt=page.t("Curves of lags after onset. Medians: {rows}.", rows=said),
        caption=caption,
        data=mass(found).rename(columns={"group": "lag"}),
        k=max(c.found.curve.n for c in drawn),
    )


def summary(page: Page, facts: pd.DataFrame) -> Block:
    """Tabulate the quartiles of every lag, of those known to within two hours."""
    facts = timed_lags(facts)
    words, values = page.words, [(facts[name], how) for name, how in HOW.items()]
    called, chance = names(page), [page.by_chance(frame) for frame, _how in values]
    quarters = [[words.interval(quantile(frame, q), how) for frame, how in values] for q in QUARTILES]
    interval = [
        page.t("{low} to {high}", low=words.end(i.low, how), high=words.end(i.high, how)) if i else page.t("too few")
        for i, (_frame, how) in zip(chance, values, strict=True)
    ]
    columns: dict[str, list[Cell]] = {
        page.t("What"): [called[name] for name in HOW],
        page.t("Known for"): [page.of_n(frame) for frame, _how in values],
        page.t("First quartile"): quarters[0],
        page.t("Median"): quarters[1],
        page.t("Third quartile"): quarters[2],
        page.t("Median, 95% interval over resampled incidents"): interval,
    }
    return page.table(
        "t-lags",
        page.t("Lags known to within two hours, and silence (n = {n}): bounds that the sources leave open"),
        columns,
    )


def table(page: Page, facts: pd.DataFrame) -> Block:
    """Tabulate every lag of every incident."""
    listed = page.has_value(*[facts[name] for name in HOW])
    ids, called = [i for i in page.ids if i in listed], names(page)
    columns: dict[str, list[Cell]] = {
        page.t("Incident"): [*map(page.row_name, ids), page.t("Median"), page.t("Known for")]
    }
    for name, how in HOW.items():
        cells = [page.evidence.sum_cell(i, name, facts[name], how) for i in ids]
        columns[called[name]] = [*cells, page.words.interval(quantile(facts[name], 0.5), how), page.of_n(facts[name])]
    caption = page.t(
        "Lags of each incident (n = {n}; those with none known are left out of a long table), their medians, and for how many each is known"
    )
    return page.table("t-incident-lags", page.some(caption), columns)


def first_seen(page: Page, seen: pd.DataFrame) -> Block:
    """Draw who saw the outages first; `seen` as `outages.facts.timeline.first_detected_by` returns it."""
    words = page.words
    if seen.empty:
        return page.dropped("No source says who saw an outage first.")
    order = ["surely", "perhaps", "only"]
    counts = seen.groupby(["actor", "first"]).size().unstack(fill_value=0).reindex(columns=order, fill_value=0)
    counts = counts.sort_values(order, ascending=False)
    fills = {
        "surely": Fill(PALETTE[0], "", page.t("before anyone else on record")),
        "perhaps": Fill(PALETTE[1], "", page.t("perhaps: the hours leave it open")),
        "only": Fill("#c3c7ce", "", page.t("the only one on record")),
    }
    named = counts.rename(index={code: words.label("actor", code) for code in counts.index})
    own = seen.loc[seen["incident_id"] == page.study.focus, "actor"]
    several = seen.loc[seen["first"] != "only", "incident_id"].nunique()
    said = page.aloud(
        (name, " + ".join(map(str, row))) for name, row in zip(named.index, named.to_numpy(), strict=True)
    )
    form = words._("Of {n} incidents with several observers on record the operator surely saw {k} first")
    return page.figure(
        "f-seen",
        matrices.stacked(
            named, fills, words, xlabel=page.t("incidents"), marked=[words.label("actor", a) for a in own]
        ),
        title=form.format(k=words.number(int(counts["surely"].get("operator", 0))), n=words.number(several)),
        alt=page.t("Bars of who saw outages first. {rows}.", rows=said),
        caption=words._(
            "First among those whose detection a source reports. Where only one observer is on record, others may have seen it sooner. n = {k} of {n}. Data version {version}."
        ),
        data=counts.rename_axis("actor").reset_index(),
        k=seen["incident_id"].nunique(),
    )


def what_if_limit(page: Page) -> float:
    """Return within how many minutes an internal inquiry asked for the crisis cell."""
    limits = page.study.registry.communication_targets.set_index("target_id")["limit_minutes"]
    return float(limits.get(CELL, CELL_LIMIT))


def what_if(page: Page, facts: pd.DataFrame, saved: pd.DataFrame) -> Block:
    """Tabulate how much silence an earlier crisis cell would have saved; `saved` as `outages.facts.limits.saved_by_earlier_cell` returns it."""
    known, first = saved.dropna(), facts["to_public"]
    if known.empty:
        return page.dropped(
            "What an earlier crisis cell would have saved cannot be said: no incident has both the hour of the cell and a public word."
        )
    e, hours = page.evidence, user_hours(facts["users_affected"], saved)
    ids = [i for i in known.index if i in set(page.ids)]
    word = {i: "to_public" if pd.notna(first.at[i, "low"]) else "to_known_word" for i in ids}
    columns: dict[str, list[Cell]] = {
        page.t("Incident"): [*map(page.row_name, ids), page.t("Median")],
        page.t("Crisis cell after"): [
            *(e.sum_cell(i, "to_escalation", facts["to_escalation"], "minutes") for i in ids),
            "–",
        ],
        page.t("First or earliest known word after"): [
            *(e.sum_cell(i, word[i], facts[word[i]], "minutes") for i in ids),
            "–",
        ],
        page.t("Silence saved"): [*(page.minutes(ends(saved, i)) for i in ids), page.minutes(quantile(known, 0.5))],
        page.t("User-hours of silence saved"): [*(page.words.interval(ends(hours, i), "rounded") for i in ids), "–"],
    }
    caption = page.t(
        "If the crisis cell had opened within {limit} and later steps had kept their distances (n = {k} of {n} with both hours): silence saved before the end of the outage; a word that came before the cell saves nothing; where the order is open, or no source calls the word the first, the low end is zero",
        limit=page.words.minutes(what_if_limit(page)),
        k=len(known),
    )
    return page.table("t-what-if", page.some(caption), columns)


def limit_name(page: Page, form: str, rule: dict[str, str]) -> str:
    """Write a limit into a form: who set it and for which years, how long, from what, to what."""
    years = "–".join(end[:4] for end in rule["in_force"].split("/"))
    return form.format(
        who=f"{rule['jurisdiction']} {years}".strip(),
        limit=page.words.minutes(float(rule["limit_minutes"])),
        start=page.words.label("event", rule["counted_from"]),
        event=page.words.label("event", rule["event"]),
    )


def limit_names(page: Page, form: str) -> dict[str, str]:
    """Return what each limit is called."""
    rules = page.study.registry.communication_targets.to_dict("records")
    return {rule["target_id"]: limit_name(page, form, rule) for rule in rules}


def verdict_fills(page: Page) -> dict[str, Fill]:
    """Return how verdicts are shown: in force that day (with `+`) dark, what-ifs light."""
    kinds = {
        "met": (PALETTE[0], "#01466e", "✓", page.t("met")),
        "missed": (PALETTE[3], "#7a3100", "✗", page.t("missed")),
        "undecidable": (PALETTE[8], "#6e6812", "?", page.t("undecidable: the sources are vague")),
    }
    dark = {
        f"{code}+": Fill(colour, f"{sign}!", page.t("{verdict}, in force that day", verdict=name))
        for code, (_light, colour, sign, name) in kinds.items()
    }
    return dark | {
        code: Fill(colour, sign, page.t("{verdict}, what if", verdict=name))
        for code, (colour, _dark, sign, name) in kinds.items()
    }


def decided(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Return the verdicts that say something, with the `code` under which each is drawn."""
    rows = verdicts[verdicts["verdict"].isin(DECIDED)]
    return rows.assign(code=rows["verdict"] + rows["in_force"].map({True: "+", False: ""})).reset_index(drop=True)


def no_limits(page: Page) -> Block:
    """Say that no limit can be replayed."""
    return page.dropped("No time limit can be replayed on these incidents, so no figure is drawn.")


def limits_figure(page: Page, verdicts: pd.DataFrame) -> Block:
    """Draw how every published time limit would have been kept, where it can be decided; `verdicts` as `outages.facts.limits.replay` returns them."""
    words, rows, fills = page.words, decided(verdicts), verdict_fills(page)
    if rows.empty:
        return no_limits(page)
    counts = rows.groupby(["target_id", "code"]).size().unstack(fill_value=0).reindex(columns=list(fills), fill_value=0)
    called = limit_names(page, words._("{who}: {limit} from “{start}” to “{event}”"))
    unknown = verdicts["verdict"].eq("unknown").groupby(verdicts["target_id"]).sum()
    form = words._("{name} (unknown for {n})")
    shown = counts.rename(index=lambda t: form.format(name=called[t], n=words.number(int(unknown[t]))))
    focus = set(rows.loc[rows["incident_id"] == page.study.focus, "target_id"])
    marked = [label for target, label in zip(counts.index, shown.index, strict=True) if target in focus]
    said = page.aloud(
        (label, "/".join(words.number(count) for count in row))
        for label, row in zip(shown.index, shown.to_numpy(), strict=True)
    )
    bound = rows.loc[rows["in_force"], "verdict"].value_counts().reindex(DECIDED, fill_value=0)
    return page.figure(
        "f-clocks",
        matrices.stacked(shown, fills, words, xlabel=page.t("incidents, in force or as a what-if"), marked=marked),
        title=page.t(
            "Limits in force that day: {met} met, {missed} missed, {undecidable} undecidable",
            **{verdict: int(count) for verdict, count in bound.items()},
        ),
        alt=page.t("Bars of verdicts for each time limit. {rows}.", rows=said),
        caption=words._(
            "Each limit on every incident for which both moments are on record and whose sector and services it is made for; dark: in force that day, light: what if. A limit from discovery cannot be missed where only the discovery by others is on record. n = {k} of {n} incidents. Data version {version}."
        ),
        data=counts.reset_index() if page.evidence.spread else rows.drop(columns="code"),
        k=rows["incident_id"].nunique(),
    )


def limits_matrix(page: Page, verdicts: pd.DataFrame) -> Block:
    """Draw incident by limit: the verdicts of all limits on the incidents for which any can be decided."""
    words, fills, rows = page.words, verdict_fills(page), decided(verdicts)
    rows = rows[rows["incident_id"].isin(page.ids)]
    if rows.empty:
        return no_limits(page)
    ids = sorted(set(rows["incident_id"]))
    grid = rows.pivot(index="incident_id", columns="target_id", values="code").reindex(ids).fillna("")
    grid = grid.rename(index=page.titles, columns=limit_names(page, words._("{who}: {event}, {limit}")))
    counts = rows.groupby(["in_force", "verdict"]).size()
    said = page.aloud((fills[v + ("+" if f else "")].label, n) for (f, v), n in counts.items())
    form = words._("{k} of {n} verdicts are of a limit in force that day")
    return page.figure(
        "f-clock-matrix",
        matrices.matrix(grid, fills, words, bold=[page.titles[page.study.focus]] if page.study.focus else []),
        title=form.format(k=words.number(int(rows["in_force"].sum())), n=words.number(len(rows))),
        alt=page.t("Matrix of verdicts. {rows}.", rows=said),
        caption=words._(
            "Incident by time limit; an empty cell means that a moment is not on record or the limit does not fit. n = {k} of {n} incidents. Data version {version}."
        ),
        data=rows[["incident_id", "target_id", "low", "high", "verdict", "in_force"]],
        k=len(ids),
    )


def limits_table(page: Page, verdicts: pd.DataFrame) -> Block:
    """Tabulate how every published time limit would have been kept."""
    words, registry = page.words, page.study.registry
    if verdicts.empty:
        return stack(paragraph(page.t("No time limit is in the registry.")))
    counts = (
        verdicts.groupby(["target_id", "in_force", "verdict"])
        .size()
        .unstack(fill_value=0)
        .reindex(columns=VERDICTS, fill_value=0)
    )
    rules = registry.communication_targets.set_index("target_id").loc[counts.index.unique("target_id")]
    address = registry.sources.set_index("source_id")["url"]
    form = words._("{event}, from {start}")
    acts = [
        form.format(event=words.label("event", r.event), start=words.label("event", r.counted_from))
        for r in rules.itertuples()
    ]

    def split(in_force: bool) -> list[str]:
        table = counts.reindex([(target, in_force) for target in rules.index], fill_value=0)
        return [" / ".join(map(words.number, row)) for row in table.to_numpy()]

    special = page.words._(" (for a special kind of provider, so a what-if)")
    force = [
        (r.in_force or page.t("a recommendation or proposal")) + (special if r.addressees else "")
        for r in rules.itertuples()
    ]
    columns: dict[str, list[Cell]] = {
        page.t("Who set it"): [outside(r.jurisdiction, address[r.source_id]) for r in rules.itertuples()],
        page.t("What, counted from what"): acts,
        page.t("Limit"): [words.minutes(float(limit)) for limit in rules["limit_minutes"]],
        page.t("In force"): force,
        page.t("Incidents under it"): split(True),
        page.t("All others, what if"): split(False),
    }
    caption = page.t(
        "Published time limits replayed on n = {n} incidents: met / missed / undecidable because the sources are vague / unknown / not applicable, being made for another sector or service"
    )
    return page.table("t-clocks", caption, columns)
