"""What must a reader of complete lists know, as a page says it? Promises, selection, cautions, the lists."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from babel import Locale
from markupsafe import Markup

from outages.facts.cohorts import replayed, telling
from outages.paths import DATA
from outages.registry.files import read_stack
from outages.report.cohort_page import ENOUGH, CohortPage, medians, name_of, small, whole
from outages.report.html import Block, Cell, bullets, outside, stack


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
            share.format(
                share=whole(page, r[column] / r["n"]), k=page.words.number(r[column]), n=page.words.number(r["n"])
            )
            for _, r in rows.iterrows()
        ]

    columns: dict[str, Sequence[Cell]] = {
        page.t("List"): [name_of(page, c) for c in rows.index],
        page.t("Promised ahead, median"): [page.words.minutes(m) for m in rows["ahead"]],
        page.t("Next post by the promised minute"): told_of("kept"),
        page.t("At most 15 min late"): told_of("nearly"),
        page.t("Never followed"): [page.words.number(k) for k in rows["none"]],
    }
    best, least = (rows["kept"] / rows["n"]).idxmax(), (rows["kept"] / rows["n"]).idxmin()
    said = page.t(
        "{best} posts {high} of its promised updates on time, {least} {low}.",
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
        "grave": page.t("Severe"),
        "mild": page.t("Minor"),
        "before": page.t("Posted until 2023"),
        "since": page.t("Posted since 2024"),
    }
    stated = pd.DataFrame({name: part.groupby("cohort_id")["stated"].mean() for name, part in parts.items()})
    counts = (
        pd.DataFrame({name: part.groupby("cohort_id").size() for name, part in parts.items()}).fillna(0).astype(int)
    )
    stated = stated.sort_values("all")
    form = page.words._("{share} of {n}")

    def cells(name: str) -> list[str]:
        known = zip(stated[name], counts.loc[stated.index, name], strict=True)
        return [form.format(share=whole(page, s), n=page.words.number(n)) if n >= ENOUGH else "–" for s, n in known]

    gap = (stated["grave"] - stated["mild"]).where(
        (counts[["grave", "mild"]] >= ENOUGH).all(axis=1).reindex(stated.index)
    )
    widest = gap.idxmax()
    said = page.t(
        "{name} states an onset for {grave} of its severe outages and {mild} of its minor ones: what holds "
        "for outages with an onset need not hold for all.",
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
        raw=page.words.minutes(raw.at[most, "median"]),
        stated=page.words.minutes(stated.at[most, "median"]),
    )
    why = page.t(
        "That field is stamped by the machine when the entry is opened, and corrected by hand in some entries"
        " only. On pages made with Statuspage (GitHub, OpenAI, Anthropic) the start of a record is the moment"
        " of its first post by construction: the lag would be zero, and means nothing."
    )
    n = page.t("n = {low_n} and {high_n}.", low_n=int(raw.at[most, "n"]), high_n=int(stated.at[most, "n"]))
    return stack(Markup("<p>{}{} {}</p>").format(said, small(n), why))


def caution(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Say what may not be concluded."""
    google = entries.loc[entries["cohort_id"] == "gcp-status", "year"].value_counts()
    few = entries["stated"].groupby(entries["cohort_id"]).mean().get("llm-status", 0.0)
    items = [
        page.t(
            "No ranking of operators. Operators differ in what they post: most Swedish tickets are local and "
            "a third name a power cut, many AWS entries concern one zone, and no list says how many users "
            "were affected."
        ),
        page.t(
            "A status page is not the operator’s voice. What is measured here is the first post on that page. "
            "Operators also write to customers privately and on other pages: on 14 December 2020 the Google Cloud "
            "entry came 99 minutes after the one on the Workspace page."
        ),
        page.t(
            "A stated onset is not random. Google’s reports and corrected fields are of the more serious "
            "outages; OpenAI, Anthropic and Character.AI state an onset for {share} of their outages, so no "
            "share is given for them.",
            share=whole(page, float(few)),
        ),
        page.t(
            "No trend in outages. Google posted {before} outages in 2023 and {after} in 2025: it changed what it "
            "publishes.",
            before=int(google.get(2023, 0)),
            after=int(google.get(2025, 0)),
        ),
        page.t(
            "Not quite complete. Google incidents begun from 16 to 29 March 2023 are missing, and the Oracle list "
            "holds only what was open when somebody looked, so long outages are more likely to be in it."
        ),
        page.t(
            "No totals across lists. Entries of one event overlap, so entries and events are counted apart, and lists "
            "are never pooled with one another or with the curated incidents."
        ),
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
        means = Markup(" ").join(
            Markup("<em>{}</em> {}").format(page.words.pair(name, ""), text) for name, text in told.items() if text
        )
        archive = outside(
            Markup("<code>{}</code>").format(row["archive"]), f"https://github.com/{row['archive'].split(' ')[0]}"
        )
        title = Markup("<strong>{}</strong>").format(row[f"title_{page.words.lang}"])
        items.append(
            Markup("{} ({}). {} {}").format(title, head, means, page.words.pair(page.t("Archive"), "") + archive)
        )
    said = page.t(
        "False alarms and planned work are entries but no outages. Times that a flag puts in doubt count as unknown. "
        "Each list is named with the public archive and the commit that was read."
    )
    said += " " + page.t(
        "This is the only published measurement of this kind that we found, which does not mean that it is the first."
    )
    return stack(Markup("<p>{}</p>").format(said), bullets(items, "sources"))


def colophon(page: CohortPage) -> Block:
    """Say with which data a page was made."""
    rows = {
        page.t("Data version"): page.study.registry.version,
        page.t("Language"): page.words.lang,
        page.t("Time limits, in minutes"): page.t("; ").join(map(str, page.limits)),
        page.t("Overlays"): page.t("; ").join(map(str, page.data)) or page.t("none"),
    }
    columns: dict[str, Sequence[Cell]] = {page.t("Element"): list(rows), page.t("Value"): list(rows.values())}
    return page.table("t-colophon", page.t("How this page was made"), columns)


def place(page: CohortPage, jurisdiction: str) -> str:
    """Return the name of a country in the reader's language, of anything else as it stands."""
    return Locale.parse(page.words.locale).territories.get(jurisdiction, jurisdiction)


def replay_table(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Tabulate how published limits for first public statements would have been kept."""
    tables, _ = read_stack([DATA, *map(Path, page.data)], ["communication_targets", "sources"])
    targets, address = tables["communication_targets"], tables["sources"].set_index("source_id")["url"]
    rows = replayed(entries, page.cohorts.reset_index(), targets)
    rows = rows[rows["applies"] & rows["cohort_id"].isin(telling(entries))]
    if rows.empty:
        return page.dropped("No published limit speaks of first statements of such operators.")
    about = targets.set_index("target_id")
    at = [about.loc[t] for t in rows["target_id"]]
    columns: dict[str, Sequence[Cell]] = {
        page.t("Limit"): [
            outside(
                page.words.pair(place(page, t["jurisdiction"]), page.words.minutes(float(t["limit_minutes"]))),
                address[t["source_id"]],
            )
            for t in at
        ],
        page.t("List"): [name_of(page, c) for c in rows["cohort_id"]],
        page.t("Met"): [page.words.number(k) for k in rows["met"]],
        page.t("Missed"): [page.words.number(k) for k in rows["missed"]],
        page.t("Unknown"): [page.words.number(k) for k in rows["unknown"]],
        page.t("Outages bound by it"): [page.words.number(k) for k in rows["in_force"]],
    }
    caption = page.t(
        "Published limits for a first public statement, replayed on lists of operators of the sector they are made "
        "for: a comparison of delays, not a finding of breach"
    )
    return page.table("t-replay", caption, columns)
