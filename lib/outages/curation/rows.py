"""What does one row of somebody's list say? The incident, its claims, and the cells of which nothing can be made."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from outages.curation.cells import CellError, Moment, country, hours, line, moment, quantity, slug
from outages.curation.fields import FACTORS, LENGTHS, MEASURES, OPENED, PARTY, RECORD, REQUIRED, allowed_in
from outages.curation.mapping import Column, ListMap
from outages.curation.sheets import LeftOut, plain
from outages.curation.tables import only_zone
from outages.facts.timeline import STATEMENTS
from outages.registry.countries import WORLD, folded
from outages.registry.files import codes
from outages.registry.times import in_zone, zone_like, zones

TITLE, SUMMARY = 160, 500  # signs
THOUSANDS = re.compile(r"\d{1,3}(?: \d{3})+")  # as a spreadsheet may set the number of a ticket
BY_OPERATOR = (
    *("detected", "escalated", "authorities_notified", "first_public_statement", "public_statement"),
    *("workaround_published", "postmortem_published"),
)
Claim = tuple[str, dict[str, str]]


@dataclass
class Draft:
    """A row of a list on its way into the registry: its cells, read through a map, and what was made of them."""

    row: int
    thing: str
    cells: dict[str, str]  # by what the writings of a column's name have in common
    given: ListMap
    decimal: str
    number: str = ""
    onset: Moment = field(init=False)  # of every row that is taken
    incident: dict[str, str] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    left: list[LeftOut] = field(default_factory=list)
    from_record: bool = False
    end: float = 0.0  # the last that is known of it, in seconds since 1970

    @property
    def locator(self) -> str:
        """Return where the row stands in the list."""
        return f"{self.number}, {self.thing} {self.row}" if self.number else f"{self.thing} {self.row}"

    def left_out(self, column: str, reason: str, value: str = "", left: str = "row") -> LeftOut:
        """Return the row, or a cell of it, as left out."""
        return LeftOut(self.row, self.number, column, value, reason, left)

    def refused(self, wanted: str, reason: str) -> "RowError":
        """Return what is wrong with a field, because of which the row cannot be taken."""
        return RowError(self.left_out(self.name(wanted), reason, self.text(wanted)))

    @contextmanager
    def reading(self, wanted: str, *, must: bool = False) -> Iterator[None]:
        """List the cell of a field when nothing can be made of it, or refuse the row that must have it."""
        try:
            yield
        except CellError as error:
            if must:
                raise self.refused(wanted, str(error)) from None
            self.left.append(self.left_out(self.name(wanted), str(error), self.text(wanted), "cell"))

    def written(self, column: str) -> str:
        """Return a cell as one line."""
        return line(self.cells.get(plain(column), ""))

    def filled(self, wanted: str) -> dict[str, str]:
        """Return the cells that say something of a field, by column: the first, or all of those that are joined."""
        column = self.given.columns.get(wanted, Column(()))
        found = {
            name: text for name in column.names if (text := self.written(name)).casefold() not in self.given.unknown
        }
        return found if column.join and len(found) == len(column.names) else dict([*found.items()][:1])

    def text(self, wanted: str) -> str:
        """Return what a row says of a field, otherwise what the map says of all rows."""
        return " ".join(self.filled(wanted).values()) or self.given.constants.get(wanted, "")

    def name(self, wanted: str) -> str:
        """Return the column that a field stands in, for a message."""
        return " + ".join(self.filled(wanted)) or wanted

    def code(self, wanted: str) -> str:
        """Return the codes of a field, through its table; raise CellError for a text that is none."""
        text, table, allowed = self.text(wanted), self.given.codes.get(wanted, {}), allowed_in(wanted)
        if not text or folded(text) in table:
            return table[folded(text)] if text else ""
        if wanted == "country":
            return countries(text, table)
        if not allowed:
            return table.get("*", text)
        parts = [part.strip() for part in re.split(r"[;,|]", text) if part.strip()] or [text]
        found = [table.get(folded(part), part if part in allowed else table.get("*")) for part in parts]
        if None in found:
            raise CellError(f"is no code of {wanted}; add it to [codes.{wanted}]")
        return ";".join(dict.fromkeys(code for part in found for code in (part or "").split(";") if code))


class RowError(ValueError):
    """A row that cannot be taken; `left` is how it is listed."""

    def __init__(self, left: LeftOut):
        super().__init__(left.reason)
        self.left = left._replace(value=line(left.value, 200))


def countries(text: str, table: Mapping[str, str]) -> str:
    """Return the countries of a cell, each through a table or by its name."""
    parts = [part for part in re.split(r"[;,/|]", text) if part.strip()]
    if any(folded(part) in table for part in parts):
        text = ";".join(table.get(folded(part), part) for part in parts)
    try:
        return country(text)
    except CellError:
        if "*" in table:
            return table["*"]
        raise


def fill(draft: Draft) -> None:
    """Read the cells of a row; raise RowError when it cannot be taken."""
    number = draft.text("number")[:80]
    draft.number = number.replace(" ", "") if THOUSANDS.fullmatch(number) else number  # in one spelling
    for name, texts in draft.given.keep.items():
        if folded(draft.written(name)) not in texts:
            raise RowError(draft.left_out(name, "is not among the rows that [keep] names", draft.written(name)))
    for name, texts in draft.given.drop.items():
        if folded(draft.written(name)) in texts:
            raise RowError(draft.left_out(name, "is among the rows that [drop] names", draft.written(name)))
    draft.incident |= {wanted: coded(draft, wanted, must=True) for wanted in REQUIRED}
    draft.incident |= {"timezone": zone_of(draft, draft.incident["country"]), "status": "coded"}
    draft.incident["found_by"] = coded(draft, "found_by") or "contribution"
    onset_of(draft)
    events(draft)
    for wanted in filter(draft.text, [*MEASURES, *LENGTHS]):
        with draft.reading(wanted):
            draft.claims.append(("measures", measure(draft, wanted)))
    for wanted in FACTORS:
        if value := coded(draft, wanted):
            draft.claims += [("causes", {"factor": wanted, "value": one}) for one in value.split(";")]
    party, *about = draft.text(PARTY[0]), *(coded(draft, wanted) for wanted in PARTY[1:])
    if party and all(about):
        told = {"party": line(party, 120), "role": about[0], "involvement": about[1]}
        draft.claims.append(("third_parties", told))
    words(draft)


def coded(draft: Draft, wanted: str, *, must: bool = False) -> str:
    """Return the codes of a field; a text that is none is listed, or refused where every incident must have one."""
    with draft.reading(wanted, must=must):
        found = draft.code(wanted)
        if must and not found:
            empty = f"{wanted} is empty; give what stands for it in [constants]"
            raise CellError(f"has no code yet in [codes.{wanted}]" if draft.text(wanted) else empty)
        return found
    return ""


def zone_of(draft: Draft, where: str) -> str:
    """Return the zone in which the hours of an incident are given: its own, its country's, that of the file, UTC."""
    named = draft.code("timezone") or only_zone(where) or draft.code("zone")
    if named and named not in zones():
        why = f"is not an IANA time zone; {zone_like(named)}"
        raise RowError(draft.left_out(draft.name("timezone"), why, named))
    return named or ("UTC" if where == WORLD else draft.given.zone) or "UTC"


def read_moment(draft: Draft, wanted: str) -> Moment:
    """Return the moment that a field names."""
    zone = draft.code("zone") or draft.given.zone
    if zone and zone not in zones():
        raise CellError(f"stands beside '{zone}', which is not an IANA time zone; add it to [codes.zone]")
    return moment(draft.text(wanted), draft.given.formats, zone)


def onset_of(draft: Draft) -> None:
    """Set the onset: that of the row, otherwise the start of the record, which says so."""
    wanted = "onset" if draft.text("onset") else OPENED
    if not draft.text(wanted):
        raise draft.refused("onset", "the onset is unknown, so that the incident has no day")
    draft.from_record = wanted == OPENED
    with draft.reading(wanted, must=True):
        draft.onset = read_moment(draft, wanted)
        draft.claims.append(event(draft, "onset", draft.onset, RECORD if draft.from_record else ""))


def event(draft: Draft, code: str, when: Moment, note: str = "") -> Claim:
    """Return the claim that something happened at a moment."""
    low, high = (in_zone(end, draft.incident["timezone"]) for end in (when.low, when.high))
    notes = line(" ".join(filter(None, [note, when.note, draft.given.notes.get(code, "")])))
    actor = "operator" if code in BY_OPERATOR else ""
    return "events", {"event": code, "time_low": low, "time_high": high, "actor": actor, "note": notes}


def events(draft: Draft) -> None:
    """Read the other moments of a row; one that cannot be is listed, an end that cannot be takes the row with it."""
    for code in (code for code in codes()["event"] if code != "onset" and draft.text(code)):
        with draft.reading(code):
            when = read_moment(draft, code)
            if code == "restored":
                length_fits(draft, when)
                draft.end = when.high.timestamp()
            if (when.low > draft.onset.low) if code == "precursor" else (when.high < draft.onset.low):
                raise CellError(f"comes {'after' if code == 'precursor' else 'before'} the onset")
            if draft.from_record and code in STATEMENTS and when.low <= draft.onset.high:
                raise CellError("is the start of the record itself, and says nothing on how soon users were told")
            draft.claims.append(event(draft, code, when))


def length_fits(draft: Draft, end: Moment) -> None:
    """Refuse a row whose end is not after its onset, or comes months later: one of the two hours is wrong."""
    onset, longest = draft.onset, draft.given.longest_days
    if end.high < onset.low:
        raise draft.refused("restored", "the end comes before the onset")
    if end.high == onset.low:
        raise draft.refused("restored", "the outage has no length")
    if end.low - onset.high > dt.timedelta(days=min(longest, 1e6)):
        why = f"the outage is longer than {longest:g} days; if that is right, set [times] longest_days"
        raise draft.refused("restored", why)


def measure(draft: Draft, wanted: str) -> dict[str, str]:
    """Return the claim of a quantity."""
    code, unit = ("duration_hours", "h") if wanted in LENGTHS else (wanted, MEASURES[wanted])
    text, decimal = draft.text(wanted), draft.decimal
    found = hours(text, decimal, LENGTHS[wanted]) if wanted in LENGTHS else quantity(text, decimal)
    claim = {"measure": code, "value_low": found.low, "value_high": found.high, "bound": found.bound, "unit": unit}
    return {**claim, "note": line(draft.given.notes.get(wanted, ""))}


def words(draft: Draft) -> None:
    """Write title and summary; a title in one language is enough for an overlay."""
    language = "fr" if draft.given.source["language"] == "fr" else "en"
    for kind, most in (("title", TITLE), ("summary", SUMMARY)):
        told = {lang: draft.text(f"{kind}_{lang}") for lang in ("en", "fr")}
        told[language] = told[language] or draft.text(kind)
        draft.incident |= {f"{kind}_{lang}": line(text, most) for lang, text in told.items()}
    if not (draft.incident["title_en"] or draft.incident["title_fr"]):
        draft.incident[f"title_{language}"] = line(f"{draft.incident['operator']}, {draft.locator}", TITLE)
    draft.incident["topic"] = slug(draft.text("topic")) if draft.text("topic") else ""
