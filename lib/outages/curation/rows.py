"""What does one row of somebody's list say? The incident, its claims, and the cells of which nothing can be made."""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from outages.curation.cells import CellError, Moment, country, hours, line, moment, quantity, slug, ticket
from outages.curation.fields import FACTORS, LENGTHS, MEASURES, OPENED, PARTY, RECORD, REQUIRED, allowed_in
from outages.curation.mapping import ListMap
from outages.curation.sheets import LeftOut, plain
from outages.curation.tables import only_zone
from outages.facts.timeline import STATEMENTS
from outages.registry.countries import WORLD, folded
from outages.registry.files import codes
from outages.registry.times import in_zone, zone_like, zones

TITLE, SUMMARY = 160, 500  # signs
BY_OPERATOR = (
    *("detected", "escalated", "authorities_notified", "first_public_statement", "public_statement"),
    *("workaround_published", "postmortem_published"),
)
Claim = tuple[str, dict[str, str]]


@dataclass
class Draft:
    """A row on its way into the registry."""

    row: int
    number: str
    thing: str
    onset: Moment = field(init=False)  # of every row that is taken
    incident: dict[str, str] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    left: list[LeftOut] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    from_record: bool = False
    end: float = 0.0  # the last that is known of it, in seconds since 1970

    @property
    def locator(self) -> str:
        """Return where the row stands in the list."""
        return f"{self.number}, {self.thing} {self.row}" if self.number else f"{self.thing} {self.row}"

    def left_out(self, column: str, reason: str, value: str = "", left: str = "row") -> LeftOut:
        """Return the row, or a cell of it, as left out."""
        return LeftOut(self.row, self.number, column, value, reason, left)


class RowError(ValueError):
    """A row that cannot be taken: in which column, why, and what stands there."""

    def __init__(self, column: str, reason: str, value: str = ""):
        super().__init__(reason)
        self.column, self.reason, self.value = column, reason, value


@dataclass(frozen=True)
class Row:
    """A row of a list, read through a map: its cells by what the writings of a column's name have in common."""

    cells: dict[str, str]
    given: ListMap
    decimal: str

    def written(self, name: str) -> str:
        """Return a cell as one line."""
        return line(self.cells.get(plain(name), ""))

    def cell(self, name: str) -> str:
        """Return a cell as one line, empty where it says that nothing is known."""
        text = self.written(name)
        return "" if text.casefold() in self.given.unknown else text

    def text(self, wanted: str) -> str:
        """Return what a row says of a field, otherwise what the map says of all rows."""
        column = self.given.columns.get(wanted)
        found = [text for name in column.names if (text := self.cell(name))] if column else []
        if column and column.join:
            found = [" ".join(found)] if len(found) == len(column.names) else found[:1]
        return found[0] if found else self.given.constants.get(wanted, "")

    def name(self, wanted: str) -> str:
        """Return the column that a field stands in, for a message."""
        column = self.given.columns.get(wanted)
        filled = [name for name in column.names if self.cell(name)] if column else []
        return (" + ".join(filled) if column and column.join else filled[0]) if filled else wanted

    def refused(self, wanted: str, reason: str) -> RowError:
        """Return what is wrong with a field, because of which the row cannot be taken."""
        return RowError(self.name(wanted), reason, self.text(wanted))

    def code(self, wanted: str) -> str:
        """Return the codes of a field, through its table; raise CellError for a text that is none."""
        text, table, allowed = self.text(wanted), self.given.codes.get(wanted, {}), allowed_in(wanted)
        if not text or folded(text) in table:
            return table[folded(text)] if text else ""
        if wanted == "country":
            return self.countries(text, table)
        if not allowed:
            return table.get("*", text)
        parts = [part.strip() for part in re.split(r"[;,|]", text) if part.strip()] or [text]
        found = [table.get(folded(part), part if part in allowed else table.get("*")) for part in parts]
        if None in found:
            raise CellError(f"is no code of {wanted}; add it to [codes.{wanted}]")
        return ";".join(dict.fromkeys(code for part in found for code in (part or "").split(";") if code))

    def countries(self, text: str, table: dict[str, str]) -> str:
        """Return the countries of a cell, each through the table or by its name."""
        parts = [part for part in re.split(r"[;,/|]", text) if part.strip()]
        if any(folded(part) in table for part in parts):
            text = ";".join(table.get(folded(part), part) for part in parts)
        try:
            return country(text)
        except CellError:
            if "*" in table:
                return table["*"]
            raise


@contextmanager
def listing(draft: Draft, row: Row, wanted: str) -> Iterator[None]:
    """List the cell of a field that an incident may lack when nothing can be made of it."""
    try:
        yield
    except CellError as error:
        draft.left.append(draft.left_out(row.name(wanted), str(error), row.text(wanted), "cell"))


def fill(draft: Draft, row: Row) -> None:
    """Read a row into a draft; raise RowError when it cannot be taken."""
    draft.number = ticket(row.text("number")[:80])
    for name, texts in row.given.keep.items():
        if folded(row.written(name)) not in texts:
            raise RowError(name, "is not among the rows that [keep] names", row.written(name))
    for name, texts in row.given.drop.items():
        if folded(row.written(name)) in texts:
            raise RowError(name, "is among the rows that [drop] names", row.written(name))
    draft.incident |= {wanted: required(row, wanted) for wanted in REQUIRED}
    draft.incident |= {"timezone": zone_of(row, draft.incident["country"]), "status": "coded"}
    draft.incident["found_by"] = coded(draft, row, "found_by") or "contribution"
    onset_of(draft, row)
    events(draft, row)
    for wanted in filter(row.text, [*MEASURES, *LENGTHS]):
        with listing(draft, row, wanted):
            draft.claims.append(("measures", measure(row, wanted)))
    for wanted in FACTORS:
        if value := coded(draft, row, wanted):
            draft.claims += [("causes", {"factor": wanted, "value": one}) for one in value.split(";")]
    third_party(draft, row)
    words(draft, row)
    draft.unknown = {wanted for wanted in row.given.columns if not row.text(wanted)}
    draft.unknown -= {"onset"} if draft.from_record else set()  # said apart


def required(row: Row, wanted: str) -> str:
    """Return what every incident must have."""
    try:
        found = row.code(wanted)
    except CellError as error:
        raise row.refused(wanted, str(error)) from None
    if not found and row.text(wanted):
        raise row.refused(wanted, f"has no code yet in [codes.{wanted}]")
    if not found:
        raise row.refused(wanted, f"{wanted} is empty; give what stands for it in [constants]")
    return found


def coded(draft: Draft, row: Row, wanted: str) -> str:
    """Return the codes of a field that an incident may lack; a text that is none is listed."""
    with listing(draft, row, wanted):
        return row.code(wanted)
    return ""


def zone_of(row: Row, where: str) -> str:
    """Return the zone in which the hours of an incident are given: its own, its country's, that of the file, UTC."""
    named = row.code("timezone") or only_zone(where) or row.code("zone")
    if named and named not in zones():
        raise RowError(row.name("timezone"), f"is not an IANA time zone; {zone_like(named)}", named)
    return named or ("UTC" if where == WORLD else row.given.zone) or "UTC"


def read_moment(row: Row, wanted: str) -> Moment:
    """Return the moment that a field names."""
    zone = row.code("zone") or row.given.zone
    if zone and zone not in zones():
        raise CellError(f"stands beside '{zone}', which is not an IANA time zone; add it to [codes.zone]")
    return moment(row.text(wanted), row.given.formats, zone)


def onset_of(draft: Draft, row: Row) -> None:
    """Set the onset: that of the row, otherwise the start of the record, which says so."""
    wanted = "onset" if row.text("onset") else OPENED
    if not row.text(wanted):
        raise row.refused("onset", "the onset is unknown, so that the incident has no day")
    draft.from_record = wanted == OPENED
    try:
        draft.onset = read_moment(row, wanted)
        draft.claims.append(event(draft, row, "onset", draft.onset, RECORD if draft.from_record else ""))
    except CellError as error:
        raise row.refused(wanted, str(error)) from None


def event(draft: Draft, row: Row, code: str, when: Moment, note: str = "") -> Claim:
    """Return the claim that something happened at a moment."""
    low, high = (in_zone(end, draft.incident["timezone"]) for end in (when.low, when.high))
    notes = line(" ".join(filter(None, [note, when.note, row.given.notes.get(code, "")])))
    actor = "operator" if code in BY_OPERATOR else ""
    return "events", {"event": code, "time_low": low, "time_high": high, "actor": actor, "note": notes}


def events(draft: Draft, row: Row) -> None:
    """Read the other moments of a row; one that cannot be is listed, an end that cannot be takes the row with it."""
    for code in (code for code in codes()["event"] if code != "onset" and row.text(code)):
        with listing(draft, row, code):
            when = read_moment(row, code)
            if code == "restored":
                length_fits(draft.onset, when, row)
                draft.end = when.high.timestamp()
            if (when.low > draft.onset.low) if code == "precursor" else (when.high < draft.onset.low):
                raise CellError(f"comes {'after' if code == 'precursor' else 'before'} the onset")
            if draft.from_record and code in STATEMENTS and when.low <= draft.onset.high:
                raise CellError("is the start of the record itself, and says nothing on how soon users were told")
            draft.claims.append(event(draft, row, code, when))


def length_fits(onset: Moment, end: Moment, row: Row) -> None:
    """Refuse a row whose end is not after its onset, or comes months later: one of the two hours is wrong."""
    longest = row.given.longest_days
    if end.high < onset.low:
        raise row.refused("restored", "the end comes before the onset")
    if end.high == onset.low:
        raise row.refused("restored", "the outage has no length")
    if end.low - onset.high > dt.timedelta(days=min(longest, 1e6)):
        why = f"the outage is longer than {longest:g} days; if that is right, set [times] longest_days"
        raise row.refused("restored", why)


def measure(row: Row, wanted: str) -> dict[str, str]:
    """Return the claim of a quantity."""
    code, unit = ("duration_hours", "h") if wanted in LENGTHS else (wanted, MEASURES[wanted])
    text, decimal = row.text(wanted), row.decimal
    found = hours(text, decimal, LENGTHS[wanted]) if wanted in LENGTHS else quantity(text, decimal)
    claim = {"measure": code, "value_low": found.low, "value_high": found.high, "bound": found.bound, "unit": unit}
    return {**claim, "note": line(row.given.notes.get(wanted, ""))}


def third_party(draft: Draft, row: Row) -> None:
    """Read who else had a part in an outage."""
    party, role, involvement = row.text(PARTY[0]), *(coded(draft, row, wanted) for wanted in PARTY[1:])
    if party and role and involvement:
        draft.claims.append(("third_parties", {"party": line(party, 120), "role": role, "involvement": involvement}))


def words(draft: Draft, row: Row) -> None:
    """Write title and summary; a title in one language is enough for an overlay."""
    language = "fr" if row.given.source["language"] == "fr" else "en"
    for kind, most in (("title", TITLE), ("summary", SUMMARY)):
        told = {lang: row.text(f"{kind}_{lang}") for lang in ("en", "fr")}
        told[language] = told[language] or row.text(kind)
        draft.incident |= {f"{kind}_{lang}": line(text, most) for lang, text in told.items()}
    if not (draft.incident["title_en"] or draft.incident["title_fr"]):
        draft.incident[f"title_{language}"] = line(f"{draft.incident['operator']}, {draft.locator}", TITLE)
    draft.incident["topic"] = slug(row.text("topic")) if row.text("topic") else ""
