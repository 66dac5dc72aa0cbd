"""What in a registry is well-formed and yet looks wrong in meaning? `check` warns; no page is refused."""

import datetime as dt
import functools
import re
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from outages.errors import escaped
from outages.registry.countries import folded
from outages.registry.files import numbers
from outages.registry.form import Rule, Tables, at, holds, looked_up, place, problems_of
from outages.registry.schema import FILE, ORIGIN, ROW, Problem
from outages.registry.times import YEAR, clock, in_local_time, of_incident, zones_of

NEAR_BASE = 0.03  # as close to the number of subscribers, "users hit" is the base itself
STALE = 730  # days since a page was read
BACK = 2 * 24 * 60  # minutes: services that came back earlier than so before "restored" were back for users
WITHIN = ("detected", "escalated", "authorities_notified", "first_public_statement", "workaround_published")
FIRM = re.compile(r"\b(?:inc|ltd|limited|plc|llc|corp|corporation|sa|sas|ag|gmbh|nv|bv|ab|asa|spa|group|holdings?)\b")


def users_equal_base(tables: Tables) -> Iterator[Problem]:
    """A count of people hit that equals the number of subscribers is a ceiling."""
    frame = tables["measures"].assign(most=numbers(tables["measures"]["value_high"]))
    base = frame[(frame["measure"] == "subscriber_base") & (frame["most"] > 0)]
    base = base[["incident_id", "most"]].drop_duplicates()
    users = frame[(frame["measure"] == "users_affected") & (frame["bound"] != "at_most")].reset_index(names="at")
    users["value"] = users["most"].fillna(numbers(users["value_low"]))
    pairs = users.drop(columns="most").merge(base, on="incident_id")
    near = pairs[(pairs["value"] / pairs["most"] - 1).abs() <= NEAR_BASE]
    words = "'{value}' is within 3 per cent of the subscriber base; if all customers are meant, write bound at_most"
    yield from at(frame, frame.index.isin(near["at"]), "value_high", words)


def back_before_restored(tables: Tables) -> Iterator[Problem]:
    """A restoration days after services were back is the repair of what was broken."""
    frame = tables["events"]
    back = frame[frame["event"].isin(["partial_restoration", "restored", "workaround_published"])]
    late = earlier(frame, back[["incident_id", "high"]], BACK) & (frame["event"] == "restored")
    words = "'{value}' comes days after a claim that services were back; if users were back then, this is repaired"
    yield from at(frame, late, "time_low", words)


def earlier(frame: pd.DataFrame, others: pd.DataFrame, by: float = 0) -> pd.Series:
    """Return which events come surely after another of their incident, by more than so many minutes."""
    first = others.groupby("incident_id")["high"].min()
    return frame["low"] - of_incident(frame, first) > by


def statement_before_the_first(tables: Tables) -> Iterator[Problem]:
    """No statement of the operator stands before the one that is called the first."""
    frame = tables["events"]
    said = frame["event"].isin(["first_public_statement", "public_statement"])
    late = earlier(frame, frame[said & frame["actor"].isin(["", "operator"])])
    late &= frame["event"] == "first_public_statement"
    words = "'{value}' is called the first statement, and an earlier one is on record; check both"
    yield from at(frame, late, "time_low", words)


def step_after_the_end(tables: Tables) -> Iterator[Problem]:
    """A step that took longer than the outage came after its end."""
    frame = tables["events"]
    end = frame[frame["event"] == "restored"].groupby("incident_id")["high"].max()
    late = frame["event"].isin(WITHIN) & (frame["low"] > of_incident(frame, end))
    yield from at(frame, late, "time_low", "'{value}' lies after the last service was back; check both hours")


def figure_replaced(tables: Tables) -> Iterator[Problem]:
    """A figure that a later document of the same speaker contradicts has been replaced by it."""
    frame, sources = tables["measures"], tables["sources"].drop_duplicates("source_id").set_index("source_id")
    low, high = numbers(frame["value_low"]).fillna(0), numbers(frame["value_high"]).fillna(float("inf"))
    frame = frame.assign(low=low, high=high)
    said = frame["speaker"].mask(frame["speaker"] == "", looked_up(frame["source_id"], sources["kind"]))
    publisher = looked_up(frame["source_id"], sources["publisher"])
    frame["who"] = said.where(said == "operator", said + " " + publisher)
    frame["day"] = looked_up(frame["source_id"], sources["published"])
    group = ["incident_id", "measure", "scope", "unit", "who"]
    old = frame[(frame["retracted_by"] == "") & (frame["day"] != "")].reset_index(names="at")
    latest = old.sort_values("day", kind="stable").drop_duplicates(group, keep="last")
    pairs = old.merge(latest, on=group, suffixes=("", "_new"))
    apart = (pairs["high"] < pairs["low_new"]) | (pairs["high_new"] < pairs["low"])
    later = [one[: len(two)] < two[: len(one)] for one, two in zip(pairs["day"], pairs["day_new"], strict=True)]
    replaced = pairs[apart & pd.Series(later, index=pairs.index, dtype=bool)].set_index("at")
    figure = frame["value_low"].mask(frame["value_low"] == "", frame["value_high"])
    by = frame.assign(other=looked_up(frame.index.to_series(), replaced["source_id_new"]), figure=figure)
    words = "a later document of the same speaker ({other}) contradicts '{figure}'; if it replaces it, name it here"
    yield from at(by, by["other"] != "", "retracted_by", words)


def odd_moments(tables: Tables) -> Iterator[Problem]:
    """Nothing has been seen or read in the future, and few outages last longer than a year."""
    now = dt.datetime.now(dt.UTC)
    frame, ahead = tables["events"], now.timestamp() / 60 + 24 * 60
    yield from at(frame, frame["low"] > ahead, "time_low", "'{value}' lies in the future; check the year")
    tomorrow = (now + dt.timedelta(days=1)).date().isoformat()
    for column in ("published", "read_on"):
        words = "'{value}' lies in the future; check the year"
        wrong = holds(tables["sources"][column], lambda cell: cell > tomorrow)
        yield from at(tables["sources"], wrong, column, words)
    onset = frame[frame["event"] == "onset"].groupby("incident_id")["high"].max()
    long = (frame["event"] == "restored") & (frame["low"] - of_incident(frame, onset) > YEAR)
    yield from at(frame, long, "time_low", "'{value}' is more than a year after the onset; check the year")


def pages_read_long_ago(tables: Tables) -> Iterator[Problem]:
    """Pages move and change: all that were read long ago are told in one line, at the one that was read first."""
    frame, now = tables["sources"], dt.datetime.now(dt.UTC).date()
    limit = (now - dt.timedelta(days=STALE)).isoformat()
    old = frame[holds(frame["read_on"], lambda cell: "" < cell < limit)].sort_values("read_on", kind="stable")
    words = f"pages cited that were last read more than two years ago: {len(old)} of {len(frame)}; read them again"
    yield from at(old[:1], old["read_on"][:1] != "", "read_on", words)


def summer_in_winter_time(tables: Tables) -> Iterator[Problem]:
    """Where winter time is UTC, `+00:00` in summer may be a slip for the local clock."""
    frame = tables["events"]
    zone = zones_of(frame, tables["incidents"])
    western = holds(zone, lambda name: not clock(name).utcoffset(dt.datetime(2020, 1, 1)))
    for column in ("time_low", "time_high"):
        moved = western & frame[column].str.endswith("+00:00") & (in_local_time(frame[column], zone) != frame[column])
        words = "'{value}' is taken for UTC, which the local clock is ahead of then; if UTC is meant, write Z"
        yield from at(frame, moved, column, words)


def organisations_known(tables: Tables) -> Iterator[Problem]:
    """Operators, third parties and addressees stand in organisations.csv under one name, once that table has rows.

    An overlay may bring names of its own, but not another name of one that is listed.
    """
    listed = tables.get("organisations", pd.DataFrame())
    if not len(listed):
        return
    alias = {a: row.name_en for row in listed.itertuples() for a in [row.name_fr, *names_in(row.aliases)] if a}
    known = {*listed["name_en"], "unnamed"}

    def told(column: str, row: dict[str, str]) -> str:
        """Say which names of a cell are not known, and the name that is when one is an alias."""
        unknown = [f"{n} (there {alias[n]})" if n in alias else n for n in names_in(row[column]) if n not in known]
        return f"'{escaped('; '.join(unknown))}' is no name_en of reference/organisations.csv; add it or use that name"

    naming = {"incidents": "operator", "third_parties": "party", "recommendations": "addressee"}
    for frame, column in ((tables[table], column) for table, column in naming.items()):
        first = frame.drop_duplicates(column)
        wrong = holds(first[column], lambda cell: not known.issuperset(names_in(cell)))
        other_name = holds(first[column], lambda cell: alias.keys() & names_in(cell))
        wrong &= first[ORIGIN].isin(listed[ORIGIN]) | other_name
        yield from at(first, wrong, column, functools.partial(told, column))


def near_duplicate_names(tables: Tables) -> Iterator[Problem]:
    """One organisation has one spelling."""
    listed = [(tables["incidents"], "operator"), (tables["third_parties"], "party")]
    listed += [(tables["organisations"], "name_en")] if "organisations" in tables else []
    first: dict[str, tuple[str, str]] = {}
    for frame, column in listed:
        for row in frame.drop_duplicates(column).to_dict("records"):
            for name in names_in(row[column]):
                other, where = first.setdefault(bare(name), (name, place(row)))
                if other != name:
                    both = f"'{escaped(name, 40)}' and '{escaped(other, 40)}' ({where})"
                    yield Problem(row[FILE], int(row[ROW]), column, f"{both} look like one; use one spelling")


def names_in(cell: str) -> list[str]:
    """Return the names that a cell lists, separated by `;`."""
    return [name.strip() for name in cell.split(";")]


def bare(name: str) -> str:
    """Return what is left of a name without case, accents, signs and legal form."""
    return FIRM.sub("", folded(name)).replace(" ", "") or name


DOUBTS: tuple[Rule, ...] = (
    *(users_equal_base, back_before_restored, statement_before_the_first, step_after_the_end, figure_replaced),
    *(odd_moments, pages_read_long_ago, summer_in_winter_time, organisations_known, near_duplicate_names),
)


def doubts_of(tables: Tables, judged: pd.DataFrame | None = None) -> list[Problem]:
    """Return every doubt as a warning.

    Parameters
    ----------
    judged : doubts that were looked into (`incident_id`, `rule`) and are passed over; one that no longer exists is a
        doubt itself
    """
    of_row = {
        (file, int(row)): incident
        for name in ("incidents", "events", "measures")
        for file, row, incident in tables[name][[FILE, ROW, "incident_id"]].itertuples(index=False)
    }
    found: dict[tuple[str, str], list[Problem]] = {}
    for rule in DOUBTS:
        for problem in problems_of(tables, (rule,)):
            key = of_row.get((problem.file, problem.row), ""), rule.__name__
            found.setdefault(key, []).append(replace(problem, level="warning"))
    if judged is None:
        return [problem for doubts in found.values() for problem in doubts]
    known = pd.MultiIndex.from_frame(judged[["incident_id", "rule"]])
    left = [problem for key, doubts in found.items() if key not in known for problem in doubts]
    words = "no such doubt about {incident_id} is left; delete the row"
    gone = at(judged, ~known.isin(list(found)), "rule", words)
    return [*left, *(replace(problem, level="warning") for problem in gone)]
