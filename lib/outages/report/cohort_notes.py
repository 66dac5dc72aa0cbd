"""What must a reader of complete lists know, as a page says it? Promises, selection, cautions, the lists."""

from functools import partial
from pathlib import Path

import pandas as pd
from babel import Locale
from markupsafe import Markup

from outages.facts.cohorts import replayed, telling
from outages.language import N_
from outages.paths import DATA
from outages.registry.files import read_stack
from outages.report.cohorts import ENOUGH, CohortPage, medians
from outages.report.html import Block, bullets, outside, paragraph, stack
from outages.studies.cohorts import cohort_entries

GOOGLE, MODELS = "gcp-status", "llm-status"
STATUSPAGE = {"github-status", MODELS}  # lists made with it
MEANS = {"onset_means": N_("Onset"), "first_post_means": N_("First post"), "restored_means": N_("End")}
MEANS |= {"left_out": N_("Left out")}  # columns of the table of lists


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
        return page.little()

    def told(k: int, n: int) -> str:
        return page.t("{share} ({k} of {n})", share=page.words.whole(k / n), k=k, n=n)

    form = N_("{share} at {name}")
    kept = [page.t(form, share=page.words.whole(r.kept / r.n), name=page.names[r.Index]) for r in rows.itertuples()]
    said = page.say("Promised updates that came on time: {shares}.", shares=kept)
    shown = page.table(
        "t-promises",
        rows,
        {
            "List": lambda r: page.names[r.Index],
            "Promised ahead, median": lambda r: page.words.minutes(r.ahead),
            "Next post by the promised minute": lambda r: told(r.kept, r.n),
            "At most 15 min late": lambda r: told(r.nearly, r.n),
            "Never followed": lambda r: page.words.number(r.none),
        },
        caption="Announcements of the kind “next update by 13:00”, and when the next post came",
    )
    return stack(said, shown)


def selection_table(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Tabulate how selective a stated onset is: by severity and by period."""
    both = entries.groupby("cohort_id").agg(stated=("stated", "any"), posts=("first_post", "count"))
    rows = entries[entries["cohort_id"].isin(both.index[both["stated"].astype(bool) & (both["posts"] > 0)])]
    parts = {
        N_("All outages"): rows,
        N_("Severe"): rows[rows["grade"] == "grave"],
        N_("Minor"): rows[rows["grade"] == "mild"],
        N_("Posted until 2023"): rows[rows["year"] < 2024],
        N_("Posted since 2024"): rows[rows["year"] >= 2024],
    }
    all_, grave, mild, *_ = parts
    stated = {head: part.groupby("cohort_id")["stated"].agg(["mean", "size"]) for head, part in parts.items()}
    order = stated[all_]["mean"].sort_values().index
    shares = pd.DataFrame({head: found["mean"].where(found["size"] >= ENOUGH) for head, found in stated.items()})

    def share(head: str, cohort: str) -> str:
        if pd.isna(value := shares.at[cohort, head]):
            return "–"
        return page.t("{share} of {n}", share=page.words.whole(value), n=stated[head].at[cohort, "size"])

    said, apart = stack(), (shares[grave] - shares[mild]).loc[order].dropna()
    if len(apart):
        widest = apart.idxmax()
        said = page.say(
            "{name} states an onset for {grave} of its severe outages and {mild} of its minor ones: what holds "
            "for outages with an onset need not hold for all.",
            name=page.names[widest],
            grave=page.words.whole(shares.at[widest, grave]),
            mild=page.words.whole(shares.at[widest, mild]),
        )
    shown = page.table(
        "t-selection",
        order,
        {"List": lambda c: page.names[c], **{head: partial(share, head) for head in parts}},
        caption="Share of the posted outages for which an onset is stated",
    )
    return stack(said, shown)


def naive(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Say what a reading of the raw fields would have said instead."""
    raw, stated = medians(entries, "record_to_post").query("n >= @ENOUGH"), medians(entries, "lag")
    times = (stated["median"].loc[raw.index] / raw["median"].clip(lower=1)).dropna()
    if times.empty:
        return page.little()
    most = times.idxmax()
    said = page.t(
        "Whoever takes the raw start field of {name} for the onset finds {raw} instead of {stated}.",
        name=page.names[most],
        raw=page.words.minutes(raw.at[most, "median"]),
        stated=page.words.minutes(stated.at[most, "median"]),
    )
    why = page.joined(
        "That field is stamped by the machine when the entry is opened, and corrected by hand in some entries only.",
        "On pages made with Statuspage (GitHub, OpenAI, Anthropic) the start of a record is the moment of its "
        "first post by construction: the lag would be zero, and means nothing."
        if STATUSPAGE & set(entries["cohort_id"])
        else "",
    )
    n = page.t("n = {low_n} and {high_n}.", low_n=raw.at[most, "n"], high_n=stated.at[most, "n"])
    return stack(paragraph(Markup('{} <span class="sure">{}</span> {}').format(said, n, why)))


def caution(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Say what may not be concluded of single lists in the frame; the numbers are those of whole lists."""
    google, models = (cohort_entries(name, data=page.data) for name in (GOOGLE, MODELS))
    years, share = google["year"].value_counts(), page.words.whole(models["stated"].mean())
    known = {
        GOOGLE: N_(
            "No trend in outages. Google posted {before} outages in 2023 and {after} in 2025: it changed what it "
            "publishes."
        ),
        MODELS: N_(
            "OpenAI, Anthropic and Character.AI state an onset for {share} of their outages, so no share is given "
            "for them."
        ),
    }
    held = [text for cohort, text in known.items() if (entries["cohort_id"] == cohort).any()]
    told = page.t(page.joined(*held), share=share, before=years.get(2023, 0), after=years.get(2025, 0))
    return stack(paragraph(told, "caution") if held else "")


def lists(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Say what each list in the frame holds as a whole, what its hours mean, and where it was read."""
    tail, items, words = "_fr" if page.words.lang == "fr" else "", [], page.words
    for _, row in page.cohorts[page.cohorts.index.isin(entries["cohort_id"])].iterrows():
        head = page.t(
            "{start} to {end}, {k} outages of {n} entries",
            start=words.day(row["from"]),
            end=words.day(row["until"]),
            k=int(row["outages"]),
            n=int(row["entries"]),
        )
        told = {name: text for column, name in MEANS.items() if (text := row[column + tail])}
        form = Markup("<em>{}</em> {}")
        means = Markup(" ").join(
            form.format(words.pair(page.t(name), ""), words.within(text)) for name, text in told.items()
        )
        archive = Markup("<code>{}</code>").format(row["archive"])
        archive = outside(archive, f"https://github.com/{row['archive'].split(' ')[0]}")
        title = Markup("<strong>{}</strong>").format(row[f"title_{words.lang}"])
        items.append(Markup("{} ({}). {} {}").format(title, head, means, words.pair(page.t("Archive"), "") + archive))
    return stack(bullets(items, "sources"))


def colophon(page: CohortPage) -> Block:
    """Say with which data a page was made."""
    return page.pairs(
        "t-colophon",
        {
            "Data version": page.study.registry.version,
            "Language": Locale.parse(page.words.locale).language_name,
            "Time limits, in minutes": page.t("; ").join(map(str, page.limits)),
            "Overlays": page.t("; ").join(map(str, page.data)) or page.t("none"),
        },
        caption="How this page was made",
    )


def replay_table(page: CohortPage, entries: pd.DataFrame) -> Block:
    """Tabulate how published limits for first public statements would have been kept."""
    if not telling(entries):
        return page.little()
    tables, _ = read_stack([DATA, *map(Path, page.data)], ["communication_targets", "sources"])
    targets, address = tables["communication_targets"], tables["sources"].set_index("source_id")["url"]
    rows = replayed(entries, page.cohorts.reset_index(), targets)
    rows = rows[rows["applies"] & rows["cohort_id"].isin(telling(entries))]
    rules, number = targets.set_index("target_id"), page.words.number

    def limit(row) -> Markup:
        rule = rules.loc[row.target_id]
        place, time = page.words.countries([rule["jurisdiction"]])[0], page.words.minutes(float(rule["limit_minutes"]))
        return outside(page.words.pair(place, time), address[rule["source_id"]])

    return page.table(
        "t-replay",
        rows,
        {
            "Limit": limit,
            "List": lambda r: page.names[r.cohort_id],
            "Met": lambda r: number(r.met),
            "Missed": lambda r: number(r.missed),
            "Unknown": lambda r: number(r.unknown),
            "Outages bound by it": lambda r: number(r.in_force),
        },
        caption="Published limits for a first public statement, replayed on lists of operators of the sector they are "
        "made for: a comparison of delays, not a finding of breach",
    )
