"""When, and of what, do operators tell sooner, as a page says it? Groups of entries, promises, and what may not be concluded."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from outages.facts.cohorts import LENGTH_CLASSES, posted_after_the_end, shares, telling
from outages.figures import intervals
from outages.figures.told import told
from outages.report.cohorts import GRID, CohortPage, medians, name_of, rough, small, whole
from outages.report.html import Block, Cell, bullets, outside, stack
from outages.report.part import FEW
from outages.stats.inference import proportion

ENOUGH = 20  # known lags of a group, below which it is not shown
ORDER: dict[str, tuple[str, ...]] = {
    "hours": ("working", "other"),
    "days": ("week", "weekend"),
    "grade": ("grave", "mild"),
    "length_class": LENGTH_CLASSES,
    "cause": ("power_loss", "cable_cut", "hardware_failure", "misconfiguration", "overload", "software_bug", "several"),
}


def finding(page: CohortPage, by: str, turned: bool) -> str:
    """Return the sentence that states what a grouping shows; `turned` when it shows the reverse of what one expects."""
    _ = page.words._
    return {
        ("hours", False): _("Outside working hours the first post comes later: {slow} instead of {quick} at {name}"),
        ("hours", True): _("Outside working hours the first post comes sooner: {quick} instead of {slow} at {name}"),
        ("days", False): _("At weekends the first post comes later: {slow} instead of {quick} at {name}"),
        ("days", True): _("At weekends the first post comes sooner: {quick} instead of {slow} at {name}"),
        ("grade", False): _("Grave outages are announced sooner: {quick} instead of {slow} at {name}"),
        ("grade", True): _("Grave outages are announced later: {slow} instead of {quick} at {name}"),
        ("length_class", False): _("The longer the outage, the later the first post: {quick} to {slow} at {name}"),
        ("length_class", True): _("The longer the outage, the sooner the first post: {slow} to {quick} at {name}"),
    }.get((by, turned), _("At {name} the first post comes after {quick} ({quick_group}) to {slow} ({slow_group})"))


def note(page: CohortPage, by: str) -> str:
    """Return how a grouping is to be read."""
    return {
        "hours": page.t("Working hours: Monday to Friday, 8 to 18 h where the operator sits."),
        "days": page.t("By the day on which the outage began where the operator sits."),
        "grade": page.t("As each list itself grades; lists grade differently."),
        "length_class": page.t(
            "By the length of the whole outage: one that is soon over cannot be announced late unless it is after its end, so part of this is arithmetic."
        ),
        "cause": page.t("Words in the operator’s own text, good for splitting a list; no finding on causes."),
    }[by]


def heading(page: CohortPage, by: str) -> str:
    """Return what a grouping is called."""
    return {
        "hours": page.t("By working hours"),
        "days": page.t("By day of the week"),
        "grade": page.t("By severity"),
        "length_class": page.t("By length"),
        "cause": page.t("By cause"),
    }[by]


def label_of(page: CohortPage, code: str) -> str:
    """Return what a group is called."""
    return {
        "working": page.t("working hours"),
        "other": page.t("nights and weekends"),
        "week": page.t("Monday to Friday"),
        "weekend": page.t("weekend"),
        "grave": page.t("grave"),
        "mild": page.t("mild"),
        "several": page.t("several causes"),
        "under 1 h": page.t("under 1 h"),
        "1 to 4 h": page.t("1 to 4 h"),
        "4 to 24 h": page.t("4 to 24 h"),
        "over a day": page.t("over a day"),
    }.get(code) or page.words.label("technical_cause", code)


def by_group(page: CohortPage, entries: pd.DataFrame, by: str) -> Block:
    """Draw the median lag of each group in each list; where in no list the groups lie apart, say so instead.

    Parameters
    ----------
    by : `hours`, `days`, `grade`, `length_class` or `cause`, see `outages.facts.cohorts.grouped`
    """
    rows = group_medians(entries, by)
    apart = contrasts(rows)
    if apart.empty:
        said = "{heading}: in no list do the groups lie further apart than chance could put them, so no figure is drawn."
        return page.dropped(said, heading=heading(page, by))
    best = apart.loc[(apart["slow"] / apart["quick"].clip(lower=1)).idxmax()]
    order = ORDER[by]
    turned = order.index(best["slow_code"]) < order.index(best["quick_code"])
    title = finding(page, by, turned).format(
        slow=rough(page, best["slow"]),
        quick=rough(page, best["quick"]),
        name=name_of(page, best["cohort_id"]),
        slow_group=label_of(page, best["slow_code"]).lower(),
        quick_group=label_of(page, best["quick_code"]).lower(),
    )
    shown = rows[rows["cohort_id"].isin(apart["cohort_id"])]
    table = shown.assign(low=shown["median"], high=shown["median"], outer_low=shown["ci_low"], outer_high=shown["ci_high"], mark=False)
    table = table.assign(
        group=[name_of(page, c) for c in table["cohort_id"]],
        label=[label_of(page, code) for code in table["code"]],
        text=[page.t("{median}, n = {n}", median=rough(page, r.median), n=int(r.n)) for r in table.itertuples()],
    )
    others = [name_of(page, c) for c in rows["cohort_id"].unique() if c not in set(apart["cohort_id"])]
    caption = page.t("Dot: median time from onset to first post; line: its 95% interval.") + " " + note(page, by)
    if others:
        caption += " " + page.t("Not drawn, as the groups do not lie apart: {lists}.", lists=page.words.listed(others))
    return page.figure(
        f"f-by-{by}",
        intervals.ranges(table, page.words, how="minutes", xlabel=page.t("median time from onset to first post (logarithmic scale)")),
        title=title,
        alt=page.aloud((f"{r.group}, {r.label}", r.text) for r in table.itertuples()),
        caption=caption,
        data=rows[["cohort_id", "code", "n", "of", "median", "ci_low", "ci_high"]],
        k=int(rows["n"].sum()),
    )


def group_medians(entries: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return one row a list and group with enough known lags: `cohort_id`, `code`, `median`, `ci_low`, `ci_high`, `n`, `of`."""
    found = []
    for cohort in telling(entries):
        own = entries.loc[entries["cohort_id"] == cohort, ["cohort_id", by, "lag"]]
        parts = {code: own[own[by] == code] for code in ORDER[by]}
        known = {code: medians(part, "lag").iloc[0] for code, part in parts.items() if part["lag"].count() >= ENOUGH}
        if len(known) > 1:
            found += [{"cohort_id": cohort, "code": code, **row} for code, row in known.items()]
    columns = ["cohort_id", "code", "median", "ci_low", "ci_high", "n", "of"]
    return pd.DataFrame(found, columns=columns)


def contrasts(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a list with two groups whose 95% intervals lie apart, those that differ most: their medians and codes."""
    found: list[dict[str, Any]] = []
    for cohort, part in rows.groupby("cohort_id", sort=False):
        pairs = part.merge(part, how="cross", suffixes=("_slow", "_quick"))
        pairs = pairs[pairs["ci_low_slow"] > pairs["ci_high_quick"]]
        if len(pairs):
            far = pairs.loc[(pairs["median_slow"] / pairs["median_quick"].clip(lower=1)).idxmax()]
            codes = {"slow_code": far["code_slow"], "quick_code": far["code_quick"]}
            found.append({"cohort_id": cohort, "slow": far["median_slow"], "quick": far["median_quick"], **codes})
    return pd.DataFrame(found, columns=["cohort_id", "slow", "quick", "slow_code", "quick_code"])


def alert(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Draw by when engineers had been alerted and by when the page had told, in the entries that tell both hours."""
    both = entries.dropna(subset=["onset_to_alert", "lag", "alert_to_post"])
    if len(both) < FEW:
        return page.dropped("Too few entries tell the hour of the alert, so nothing is drawn.")
    first, then = both["onset_to_alert"].median(), both["lag"].median()
    title = page.words._("Alerted after {first}, announced after {then}")
    if then > 2 * first:
        title = page.words._("Alerted after {first}, announced after {then}: the time goes between knowing and telling")
    form = page.words._("{what}: half within {median}")
    drawn = {
        form.format(what=page.t("engineers alerted"), median=rough(page, first)): shares(both["onset_to_alert"], GRID),
        form.format(what=page.t("first post"), median=rough(page, then)): shares(both["lag"], GRID),
    }
    by = both["detected_by"].value_counts()
    said = [page.words.pair(page.words.label("detected_by", code), int(k)) for code, k in by.items()]
    caption = page.t(
        "Time after onset in the {n} reports of {cohort} that tell onset, alert and post. Band: 95% interval at each time. Alerted by: {by}. Such reports are written for the graver outages.",
        n=len(both),
        cohort=page.words.listed([name_of(page, c) for c in both["cohort_id"].unique()]),
        by=page.words._("; ").join(said),
    )
    return page.figure(
        "f-alert",
        told(
            drawn,
            page.words,
            limits=(),
            xlabel=page.t("time after onset (logarithmic scale)"),
            ylabel=page.t("share of the reports"),
        ),
        title=title.format(first=rough(page, first), then=rough(page, then)),
        alt=page.words.listed(list(drawn)),
        caption=caption,
        data=both[["cohort_id", "entry_id", "onset_to_alert", "alert_to_post", "lag", "length"]],
        k=len(both),
    )


def late_table(page: CohortPage, entries: pd.DataFrame, events: pd.DataFrame) -> Block:
    """Tabulate how many outages were posted only when they were over, by entry and by event, and by length."""
    counted = {page.t("Entries"): posted_after_the_end(entries), page.t("Events (entries joined)"): posted_after_the_end(events)}
    late = posted_after_the_end(entries)
    form = page.words._("Entries, outage of {length}")
    counted |= {form.format(length=label_of(page, code)): part for code in LENGTH_CLASSES if len(part := late[late["length_class"] == code])}
    known = {name: rows for name, rows in counted.items() if len(rows)}
    k = {name: int(rows["late"].sum()) for name, rows in known.items()}
    chance = {name: proportion(k[name], len(rows)) for name, rows in known.items()}
    columns: dict[str, Sequence[Cell]] = {
        page.t("Counted"): list(known),
        page.t("Posted after the end"): [page.t("{k} of {n}", k=k[name], n=len(rows)) for name, rows in known.items()],
        page.t("Share"): [whole(page, k[name] / len(rows)) for name, rows in known.items()],
        page.t("95% interval"): [page.words.interval(c, "percent") for c in chance.values()],
    }
    caption = page.t(
        "First post after the end of the outage. Only onsets that were set afterwards count, by a report or by hand: an outage whose onset stands in its first posts can hardly be over by then"
    )
    return page.table("t-late", caption, columns)


def promises_table(page: CohortPage, promises: pd.DataFrame) -> Block:
    """Tabulate how many promised updates came in time."""
    rows = promises.groupby("cohort_id").agg(
        n=("late", "size"),
        ahead=("ahead", "median"),
        kept=("late", lambda late: (late <= 0).sum()),
        nearly=("late", lambda late: (late <= 15).sum()),
        none=("followed", lambda followed: (~followed).sum()),
    )
    rows = rows[rows["n"] >= ENOUGH].sort_values("n", ascending=False)
    if rows.empty:
        return page.dropped("Too few updates are promised, so none are counted.")
    share = page.words._("{share} ({k} of {n})")

    def told_of(column: str) -> list[str]:
        return [
            share.format(share=whole(page, r[column] / r["n"]), k=page.words.number(r[column]), n=page.words.number(r["n"]))
            for _, r in rows.iterrows()
        ]

    columns: dict[str, Sequence[Cell]] = {
        page.t("List"): [name_of(page, c) for c in rows.index],
        page.t("Promised ahead, median"): [rough(page, m) for m in rows["ahead"]],
        page.t("Next post by the promised minute"): told_of("kept"),
        page.t("At most 15 min late"): told_of("nearly"),
        page.t("Never followed"): [page.words.number(k) for k in rows["none"]],
    }
    best, least = (rows["kept"] / rows["n"]).idxmax(), (rows["kept"] / rows["n"]).idxmin()
    said = page.t(
        "{best} keeps {high} of its promised updates to the minute, {least} {low}.",
        best=name_of(page, best),
        high=whole(page, rows.at[best, "kept"] / rows.at[best, "n"]),
        least=name_of(page, least),
        low=whole(page, rows.at[least, "kept"] / rows.at[least, "n"]),
    )
    caption = page.t("Announcements of the kind “next update by 13:00”, and when the next post came")
    return stack(Markup("<p>{}</p>").format(said), page.table("t-promises", caption, columns))


def selection_table(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Tabulate how selective a stated onset is: by severity and by period."""
    some = entries.groupby("cohort_id")["stated"].any() & entries.groupby("cohort_id")["first_post"].count().gt(0)
    rows = entries.loc[entries["cohort_id"].map(some), ["cohort_id", "stated", "year", "grade"]]
    year = rows["year"]
    parts = {
        "all": rows,
        "grave": rows[rows["grade"] == "grave"],
        "mild": rows[rows["grade"] == "mild"],
        "before": rows[year < 2024],
        "since": rows[year >= 2024],
    }
    heads = {
        "all": page.t("All outages"),
        "grave": page.t("Grave"),
        "mild": page.t("Mild"),
        "before": page.t("Posted until 2023"),
        "since": page.t("Posted since 2024"),
    }
    stated = pd.DataFrame({name: part.groupby("cohort_id")["stated"].mean() for name, part in parts.items()})
    counts = pd.DataFrame({name: part.groupby("cohort_id").size() for name, part in parts.items()}).fillna(0).astype(int)
    stated = stated.sort_values("all")
    form = page.words._("{share} of {n}")

    def cells(name: str) -> list[str]:
        known = zip(stated[name], counts.loc[stated.index, name], strict=True)
        return [form.format(share=whole(page, s), n=page.words.number(n)) if n >= ENOUGH else "–" for s, n in known]

    gap = (stated["grave"] - stated["mild"]).where((counts[["grave", "mild"]] >= ENOUGH).all(axis=1).reindex(stated.index))
    widest = gap.idxmax()
    said = page.t(
        "{name} states an onset for {grave} of its grave outages and {mild} of its mild ones: what is said of outages with an onset is not said of all.",
        name=name_of(page, widest),
        grave=whole(page, stated.at[widest, "grave"]),
        mild=whole(page, stated.at[widest, "mild"]),
    )
    columns: dict[str, Sequence[Cell]] = {
        page.t("List"): [name_of(page, c) for c in stated.index],
        **{heads[name]: cells(name) for name in parts},
    }
    caption = page.t("Share of the posted outages for which an onset is stated")
    return stack(Markup("<p>{}</p>").format(said), page.table("t-selection", caption, columns))


def naive(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Say what a reading of the raw fields would have said instead."""
    raw, stated = medians(entries, "record_to_post").query("n >= @ENOUGH"), medians(entries, "lag")
    if raw.empty:
        return page.dropped("No list has a raw start field, so there is nothing to compare.")
    wrong = {c: stated.at[c, "median"] / max(raw.at[c, "median"], 1.0) for c in raw.index}
    most = max(wrong, key=lambda c: wrong[c])
    said = page.t(
        "Whoever takes the raw start field of {name} for the onset finds {raw} instead of {stated}.",
        name=name_of(page, most),
        raw=rough(page, raw.at[most, "median"]),
        stated=rough(page, stated.at[most, "median"]),
    )
    why = page.t(
        "That field is stamped by the machine when the entry is opened, and mended by hand in some entries only. On pages made with Statuspage (GitHub, OpenAI, Anthropic) the start of a record is the moment of its first post by construction: the lag would be zero, and means nothing."
    )
    n = page.t("n = {low_n} and {high_n}.", low_n=int(raw.at[most, "n"]), high_n=int(stated.at[most, "n"]))
    return stack(Markup("<p>{}{} {}</p>").format(said, small(n), why))


def joined_table(page: CohortPage, entries: pd.DataFrame, events: pd.DataFrame) -> Block:
    """Tabulate entries and events of the lists where several entries make up one event."""
    one, all_in = medians(entries, "lag"), medians(events, "lag")
    lists = [c for c in telling(entries) if one.at[c, "of"] != all_in.at[c, "of"]]
    if not lists:
        return page.dropped("No list joins entries to events.")
    columns: dict[str, Sequence[Cell]] = {page.t("List"): [name_of(page, c) for c in lists]}
    for what, rows, found in ((page.t("Entries"), entries, one), (page.t("Events"), events, all_in)):
        columns[what] = [page.words.number(found.at[c, "of"]) for c in lists]
        columns[page.t("{what}: half within", what=what)] = [rough(page, found.at[c, "median"]) for c in lists]
        met = [rows.loc[(rows["cohort_id"] == c) & rows["lag"].notna(), "lag"].le(30).mean() for c in lists]
        columns[page.t("{what}: within 30 min", what=what)] = [whole(page, m) for m in met]
    caption = page.t("Counted by entry and by event: an event begins with its first onset and is told by the first post of any of its entries")
    return page.table("t-joined", caption, columns)


def caution(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Say what may not be concluded."""
    google = entries.loc[entries["cohort_id"] == "gcp-status", "year"].value_counts()
    few = entries["stated"].groupby(entries["cohort_id"]).mean().get("llm-status", 0.0)
    items = [
        page.t("No ranking of operators. What is worth a post differs: most Swedish tickets are local and a third name a power cut, many AWS entries concern one zone, and no list says how many users were affected."),
        page.t("A status page is not the operator’s voice. Here is measured the first post on that page. Operators also write to customers privately and on other pages: on 14 December 2020 the Google Cloud entry came 99 minutes after the one on the Workspace page."),
        page.t("A stated onset is not random. Google’s reports and corrected fields are of the graver outages; OpenAI, Anthropic and Character.AI state an onset for {share} of their outages, so no share is given for them.", share=whole(page, float(few))),
        page.t("No trend in outages. Google posted {before} outages in 2023 and {after} in 2025: it changed what it publishes.", before=int(google.get(2023, 0)), after=int(google.get(2025, 0))),
        page.t("Not quite complete. Google incidents begun from 16 to 29 March 2023 are missing, and the Oracle list holds only what was open when somebody looked, so long outages are more likely to be in it."),
        page.t("No sum over lists. Entries of one event overlap, so entries and events are counted apart, and lists are never pooled with one another or with the curated incidents."),
        page.t("This is the only published measurement of this kind that we found, which does not mean that it is the first."),
    ]
    return stack(Markup('<div class="caution">{}</div>').format(bullets(items, "plain")))


def lists(page: CohortPage) -> Block:
    """Say what each list holds, what its hours mean, and where it was read."""
    tail, items = "_fr" if page.words.lang == "fr" else "", []
    for _, row in page.cohorts.iterrows():
        told = {
            page.t("Onset"): row["onset_means" + tail],
            page.t("First post"): row["first_post_means" + tail],
            page.t("End"): row["restored_means" + tail],
            page.t("Left out"): row["left_out" + tail],
        }
        head = page.t(
            "{start} to {end}, {k} outages of {n} entries",
            start=page.words.day(row["from"]),
            end=page.words.day(row["until"]),
            k=int(row["outages"]),
            n=int(row["entries"]),
        )
        means = Markup(" ").join(Markup("<em>{}</em> {}").format(page.words.pair(name, ""), text) for name, text in told.items() if text)
        archive = outside(row["archive"], f"https://github.com/{row['archive'].split(' ')[0]}")
        title = Markup("<strong>{}</strong>").format(row[f"title_{page.words.lang}"])
        items.append(Markup("{} ({}). {} {}").format(title, head, means, page.words.pair(page.t("Archive"), "") + archive))
    said = page.t("False alarms and planned work are entries, no outages. Hours that a flag doubts count as unknown. Each list is named with the public archive and the commit that was read.")
    return stack(Markup("<p>{}</p>").format(said), bullets(items, "sources"))


def colophon(page: CohortPage) -> Block:
    """Say with which data a page was made."""
    flags = {"lang": page.words.lang, "data": page.t("; ").join(map(str, page.data)) or page.t("none")}
    columns: dict[str, Sequence[Cell]] = {
        page.t("What"): [page.t("Data version"), page.t("Language"), page.t("Overlays")],
        page.t("Value"): [page.study.registry.version, flags["lang"], flags["data"]],
    }
    return page.table("t-colophon", page.t("How this page was made"), columns)
