"""Which map does a list perhaps need? Proposes one from its header, in English and French, as a start."""

import datetime as dt
import json
import re
from collections.abc import Sequence
from pathlib import Path

from outages.curation.cells import CellError, folded, moment
from outages.curation.fields import FACTORS, OPENED, PARTY, REQUIRED, hint
from outages.curation.sheets import Sheet, read_sheet

DAYS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y", "%d.%m.%y", "%d/%b/%y", "%d %b %Y"),
    *("%d %B %Y", "%b %d, %Y", "%A, %B %d, %Y"),
)
CLOCKS = (" %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", " %Hh%M", "")
FORMATS = [day + clock for day in DAYS for clock in CLOCKS]
LOOKED_AT = 200  # cells of a column
WORDS = {  # what names of columns hold, the most telling words first
    "number": "incident number|incident id|issue key|ticket|reference|numero|number|ref|key|id|n|no",
    "title": "short description|title|summary|titre|objet|subject|libelle|resume|name|intitule",
    "operator": "operator|operateur|company|carrier",
    "third_party": "third party|provider|fournisseur|prestataire|sous traitant|vendor|supplier|tiers",
    "country": "country|pays",
    "services": "services affected|affected services|business service|service impacte|service|services|component s",
    "onset": "outage start|impact start|start of outage|debut de la panne|debut incident|date de debut"
    "|start time|start date|started at|started|start|begin|began|debut|onset|downtime start",
    OPENED: "opened|created|ouvert|ouverture|date d ouverture|creation|date de creation|cree|reported|signale",
    "detected": "detected|detection|detecte|detection time|date de detection",
    "first_public_statement": "first public statement|first communication|premiere communication|premiere parole",
    "authorities_notified": "authorities notified|regulator|notification autorite|autorites prevenues|regulateur|arcep",
    "escalated": "crisis cell|cellule de crise|escalated|escalade|major incident declared",
    "restored": "restored|outage end|impact end|retablissement|retabli|date de fin|fin de la panne|fin incident"
    "|end time|end date|ended|resolved at|resolved|resolution|resolu|fin|end|downtime end",
    "users_affected": "users affected|customers affected|affected users|affected customers|clients impactes"
    "|clients touches|utilisateurs touches|nombre de clients|nb clients|abonnes impactes|users impacted"
    "|customers impacted|subscribers affected|clients affected|customers|clients",
    "lines_affected": "lines affected|lignes touchees|lignes impactees|sites impactes",
    "duration_minutes": "duration minutes|duration min|duree min|duree minutes|duree en minutes",
    "duration_hours": "duration hours|duration h|duree h|duree heures|duree en heures|duration|duree",
    "root_cause": "root cause|cause racine|cause category|cause premiere|cause",
    "zone": "time zone|timezone|tz|fuseau horaire|fuseau",
}
NOISE = re.compile(  # what names of columns hold beside such words
    r"\b(?:date|heure|datetime|timestamp|time|at|de|du|d|la|le|l|of|the|custom field|u|incident|reelle?|effective"
    r"|actual|real|utc|gmt|local|locale)\b"
)
LIKE_A_MOMENT = re.compile(r"\d\D+\d|\d{6}")
NO_ONSET = 'onset = "" # no column looks like the hour at which the outage began'
FROM_RECORD = "# opened is the start of the record, which stands in for the onset and says so; better name an onset"
KINDS = r"\b(?:priority|priorite|severity|gravite|severite|type|state|status|statut|etat)\b"  # names of columns
MOMENTS = ("onset", OPENED, "detected", "first_public_statement", "authorities_notified", "escalated", "restored")


def guess(file: Path | str) -> str:
    """Return a map for a list of incidents, as TOML with remarks: what was found, what has to be filled in. Raise
    ListError when the list cannot be read.
    """
    path = Path(file).expanduser()
    sheet = read_sheet(path, [word for words in WORDS.values() for word in words.split("|")])
    fields = guessed(sheet)
    read_as = ", ".join(sheet.read_as)
    told = [f"# A start for {path.name}, read as {read_as}. Read it through, and fill in what is empty."]
    places = {field: place(column, sheet.columns) for field, column in fields.items()}
    told += ["", "[columns]", *(f"{field} = {written(columns)}" for field, columns in places.items())]
    if "onset" not in fields:
        told.append(FROM_RECORD if OPENED in fields else NO_ONSET)
    rest = [column for column in sheet.columns if column not in fields.values()]
    told += [f"# not used: {', '.join(map(quoted, rest))}"] if rest else []
    needed = [field for field in (*REQUIRED, *(PARTY if PARTY[0] in fields else ())) if field not in fields]
    told += ["", "[constants]", *(f'{field} = "" # {hint(field)}' for field in needed)]
    told += kept(sheet)
    told += [one for field in ("services", *FACTORS) if field in fields for one in table(field, sheet, fields[field])]
    return "\n".join([*told, *times(sheet, [places[field] for field in MOMENTS if field in places])]) + "\n"


def guessed(sheet: Sheet) -> dict[str, str]:
    """Return the column that each field perhaps stands in: the one that is named most tellingly; no column twice, and
    for a moment none without a cell that looks like one.
    """
    scores = []
    for place, column in enumerate(sheet.columns):
        name = " ".join(NOISE.sub(" ", spaced(column)).split())
        timed = any(LIKE_A_MOMENT.search(row[column]) for row in sheet.rows.values())
        for field, words in WORDS.items():
            known = words.split("|") if timed or field not in MOMENTS else []
            for rank, word in enumerate(known):
                if spaced(column) == word or name == word:
                    scores.append((rank / len(known), place, field, column))
                elif len(word) > 3 and re.search(rf"\b{re.escape(word)}\b", spaced(column)):
                    scores.append((1 + rank / len(known), place, field, column))
    found: dict[str, str] = {}
    for _, _, field, column in sorted(scores):
        if field not in found and column not in found.values():
            found[field] = column
    return {field: found[field] for field in WORDS if field in found}


def place(column: str, columns: Sequence[str]) -> list[str]:
    """Return the columns in which a field stands: a column of days together with its column of hours."""
    for day, hour in (("date", "time"), ("date", "heure"), ("jour", "heure"), ("day", "hour")):
        other = re.sub(rf"\b{day}\b", hour, spaced(column))
        if other != spaced(column) and (found := [name for name in columns if spaced(name) == other]):
            return [column, found[0]]
    return [column]


def written(columns: Sequence[str]) -> str:
    """Return where a field stands as TOML writes it."""
    names = ", ".join(map(quoted, columns))
    return f"{{ join = [{names}] }}" if len(columns) > 1 else names


def spaced(column: str) -> str:
    """Return the words of a column's name: `resolvedAt`, `resolved_at` and `Resolved at` are the same."""
    return folded(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column))


def table(field: str, sheet: Sheet, column: str) -> list[str]:
    """Return a table of codes to be filled in, with the texts that stand in a column most often."""
    texts = list(dict.fromkeys(row[column].strip() for row in sheet.rows.values() if row[column].strip()))[:20]
    return ["", f"[codes.{field}] # {hint(field)}", *(f'{quoted(" ".join(one.split())[:60])} = ""' for one in texts)]


def kept(sheet: Sheet) -> list[str]:
    """Return remarks that choose rows: columns of few values by which trackers tell an outage from another ticket."""
    told = []
    for column in (c for c in sheet.columns if re.search(KINDS, spaced(c))):
        texts = list(dict.fromkeys(" ".join(row[column].split())[:60] for row in sheet.rows.values()))
        if 2 <= len(texts) <= 12:
            told.append(f"# {quoted(column)} = [{', '.join(map(quoted, texts))}]")
    return ["", "[keep] # which rows are outages? Take a # away and leave only what is one", *told] if told else []


def times(sheet: Sheet, places: Sequence[Sequence[str]]) -> list[str]:
    """Return how moments are written: the forms that fit the cells, and whether a zone is needed."""
    rows = list(sheet.rows.values())[:LOOKED_AT]
    cells = [cell for place in places for row in rows if (cell := " ".join(row[c].strip() for c in place).strip())]
    told, forms, tried = ["", "[times]"], list[str](), in_one_order(cells)
    for cell in cells:
        if not fits(cell, forms) and (fitting := [form for form in tried if fits(cell, [form])]):
            forms.append(max(fitting, key=lambda form: sum(fits(one, [form]) for one in cells)))
    bare = any(fits(cell, forms) and not fits(cell, forms, "") for cell in cells)
    told += ['zone = "" # hours have no offset: in which zone are they written, as Europe/Paris'] if bare else []
    told += [f"formats = [{', '.join(map(quoted, forms))}]"] if forms else []
    told += [f"# {form}: day or month first? Both fit every cell" for form in forms if swapped(form) in tried]
    unread = [cell for cell in dict.fromkeys(cells) if not fits(cell, forms)]
    return told + ([f"# no form is known for {', '.join(map(quoted, unread[:3]))}"] if unread else [])


def in_one_order(cells: Sequence[str]) -> list[str]:
    """Return the written forms that a list is perhaps kept in: those with the day before the month, or those with the
    month before the day where these fit more of the cells; all where both fit as many.
    """
    other = [swapped(form) or form for form in FORMATS]
    one, two = (sum(fits(cell, order) for cell in cells) for order in (FORMATS, other))
    return FORMATS if one > two else other if two > one else list(dict.fromkeys([*FORMATS, *other]))


def swapped(form: str) -> str:
    """Return a written form with day and month exchanged; empty where they do not stand side by side in numbers."""
    other = re.sub(r"^%([dm])([/.-])%([dm])", r"%\3\2%\1", form)
    return other if other != form else ""


def fits(cell: str, formats: Sequence[str], zone: str = "UTC") -> bool:
    """Return whether a cell is a moment."""
    try:
        return moment(cell, formats, zone).low > dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
    except CellError:
        return False


def quoted(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps("".join(c if c.isprintable() else " " for c in text), ensure_ascii=False)  # the same there
