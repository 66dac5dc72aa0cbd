"""Somebody's own list becomes an overlay: every row an incident with its claims, or listed with the reason."""

import contextlib
import csv
import datetime as dt
import doctest
import io
import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import outages as ou
from outages.cli import main
from outages.curation import cells, importer, records
from outages.curation.cells import CellError, country, hours, moment, number, quantity
from outages.curation.fields import fields
from outages.curation.guess import guess
from outages.curation.importer import import_list
from outages.curation.mapping import MapError, among, presets, read_map
from outages.curation.sheets import ListError, read_sheet
from outages.errors import InputError
from outages.registry.registry import check_folders, read_registry
from outages.report import note

FIXTURES = Path(__file__).parent / "fixtures"
CONSTANTS = {"operator": "Acme", "country": "FR", "sector": "telecom", "services": "mobile_voice"}
COLUMNS = {"number": "No", "title": "Title", "onset": "Start", "restored": "End", "users_affected": "Users"}
ROWS = [
    ["No", "Title", "Start", "End", "Users"],
    ["7", "Appels coupés", "30/03/2024 21:45", "31/03/2024 03:30", "1 250,0"],
    ["8", "SMS", "02/05/2024 08:15", "", "inconnu"],
]
TODAY = dt.date(2026, 11, 26)


def toml(**parts) -> str:
    """Write a map."""

    def value(one) -> str:
        return json.dumps(one, ensure_ascii=False)

    texts = [f"{name} = {value(part)}" for name, part in parts.items() if not isinstance(part, dict)]
    for name, part in parts.items():
        if isinstance(part, dict):
            tables = {key: sub for key, sub in part.items() if isinstance(sub, dict)}
            texts += [f"[{name}]", *(f"{value(k)} = {value(v)}" for k, v in part.items() if k not in tables)]
            for key, sub in tables.items():
                texts += [f"[{name}.{key}]", *(f"{value(k)} = {value(v)}" for k, v in sub.items())]
    return "\n".join(texts)


def proposal(folder: Path, *rows) -> str:
    """Return the map that is proposed for a list."""
    (folder / "list.csv").write_text(written(rows, ";"), encoding="utf-8")
    return guess(folder / "list.csv")


@pytest.fixture
def base(make):
    """Return a small registry below the overlay."""
    return make("base")


@pytest.fixture
def bring(tmp_path, base):
    """Return a function that imports a list (bytes, text or rows) through a map into `ours`."""

    def run(content, name="list.csv", *, replace=False, **parts):
        if isinstance(content, list):
            content = "\n".join(";".join(row) for row in content)
        file = content if isinstance(content, Path) else tmp_path / name
        if file != content:
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        given = {"columns": COLUMNS, "constants": CONSTANTS} if "preset" not in parts else {}
        times = {"zone": "Europe/Paris", "formats": ["%d/%m/%Y %H:%M", "%d/%m/%Y"]}
        map = tmp_path / "map.toml"
        map.write_text(toml(**{**given, "times": times, **parts}), encoding="utf-8")
        return import_list(file, map, tmp_path / "ours", replace=replace, base=base, today=TODAY)

    return run


def table(result, name: str) -> pd.DataFrame:
    """Return a table of the overlay."""
    return pd.read_csv(result.folder / f"{name}.csv", dtype=str, keep_default_na=False)


def errors(result) -> list:
    """Return what `outages check` says against the overlay."""
    return [p for p in check_folders([result.folder.parent / "base", result.folder]) if p.level == "error"]


def written(rows, separator: str) -> str:
    """Write rows as a spreadsheet does."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize(("separator", "said"), [(";", "semicolons"), (",", "commas"), ("\t", "tabs")])
def test_whatever_a_spreadsheet_writes_is_read(separator, said, bring, tmp_path):
    """Encodings, separators, decimal commas, lines above the header, empty rows and columns, a total below."""
    above = [["Incidents 2024", "", "", "", ""], ["", "", "", "", ""]]
    rows = [*above, *ROWS, ["", "", "", "", ""], ["Total", "", "", "", "1 250"]]
    rows[3] = [*ROWS[1][:4], "1 250" if separator == "," else "1 250,0"]
    text, sheets = written([["", *row, ""] for row in rows], separator), []
    for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"):
        (tmp_path / "list.csv").write_bytes(text.encode(encoding))
        sheets.append(read_sheet(tmp_path / "list.csv", COLUMNS.values()))
        assert said in sheets[-1].read_as[0] and "header in row 3" in sheets[-1].read_as
    assert all(replace(sheet, read_as=[]) == replace(sheets[0], read_as=[]) for sheet in sheets)
    result = bring(text.encode("utf-16-le"))
    assert said in result.notes[0] and "header in row 3" in result.notes[0]
    assert result.taken == 2 and result.left_out["reason"].tolist() == ["is a total"]
    assert table(result, "incidents")["title_en"].tolist() == ["Appels coupés", "SMS"]
    assert table(result, "measures")["value_low"].tolist() == ["1250"]
    assert not errors(result)


def test_workbook_is_read_as_it_looks(bring, tmp_path):
    """Cells of dates, days, hours and numbers; the first sheet that holds something."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.create_sheet("2024")
    sheet.append(["Incidents of the year"])
    sheet.append(["No", "Title", "Start", "End", "Users"])
    sheet.append([7, "Calls", dt.datetime(2024, 3, 30, 21, 45), dt.datetime(2024, 3, 31, 3, 30), 1250.0])
    sheet.append([8, "=1+1", dt.date(2024, 5, 2), None, "n/a"])
    book.save(tmp_path / "book.xlsx")
    result = bring(tmp_path / "book.xlsx")
    assert "sheet '2024'" in result.notes[0] and result.taken == 2
    events = table(result, "events")
    assert events["time_low"].tolist() == ["2024-03-30T21:45+01:00", "2024-03-31T03:30+02:00", "2024-05-02T00:00+02:00"]
    assert events["time_high"].iloc[-1] == "2024-05-02T23:59+02:00" and events["note"].iloc[-1] == "Day only."


def test_a_dashboard_before_the_list_is_not_the_list(bring, tmp_path):
    """Of several sheets the one is read whose header has most of the names looked for, and that is said."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["Incidents 2024", "Total", "Moyenne"], ["T1", 1, 2]):
        book.active.append(row)
    tickets = book.create_sheet("Tickets")
    for row in ROWS:
        tickets.append(row)
    book.save(tmp_path / "book.xlsx")
    assert bring(tmp_path / "book.xlsx").notes[0].startswith("read as workbook, sheet 'Tickets' (of Sheet, Tickets)")
    assert "workbook, sheet 'Tickets' (of Sheet, Tickets)" in guess(tmp_path / "book.xlsx")


def test_presets_read_what_the_tools_write(bring):
    """ServiceNow (CSV and Table API), Jira and statuspage.io: moments, numbers, and what is left out, with reasons."""
    constants = {"constants": CONSTANTS}
    result = bring(
        FIXTURES / "servicenow.csv", preset="servicenow", columns={"users_affected": "Customers affected"}, **constants
    )
    assert "WINDOWS-1252" in result.notes[0].upper() and result.taken == 3
    events, left = table(result, "events"), result.left_out.set_index("number")
    assert events["time_low"].tolist()[:2] == ["2024-03-30T21:45+01:00", "2024-03-31T03:30+02:00"]
    assert left.loc["INC0010003", "reason"] == "the end comes before the onset"
    assert left.loc["INC0010004", "reason"] == "the outage has no length"
    assert "2 of 3 onsets are the start of a record" in "\n".join(result.notes)
    assert table(result, "measures")["value_low"].tolist() == ["1250000"] and result.unknown["users_affected"] == 2

    result = bring(FIXTURES / "servicenow.json", preset="servicenow", times={"zone": "UTC"}, **constants)
    assert table(result, "events")["time_low"].tolist()[0] == "2024-03-30T21:50:12+01:00"

    result = bring(FIXTURES / "jira.csv", preset="jira", times={"zone": "Europe/Paris"}, **constants)
    assert table(result, "events")["time_low"].tolist() == [
        *("2024-05-11T15:05+02:00", "2024-05-11T20:40+02:00", "2024-06-02T00:01+02:00", "2024-06-02T06:30+02:00")
    ]
    assert result.left_out["row"].tolist() == [4] and "more cells than the header" in result.left_out["reason"][0]

    french = [
        ["Clé de ticket", "Création", "Résolution", "Résolu"],
        ["N-1", "11/05/2024 15:05", "Terminé", "11/05/2024 16:05"],
    ]
    assert len(table(bring(french, preset="jira", **constants), "events")) == 2, "how it was resolved is not when"

    services = {"sector": "cloud", "services": "cloud", "timezone": "America/Chicago"}
    result = bring(FIXTURES / "statuspage.json", preset="statuspage", constants=services, times={})
    assert table(result, "incidents")["incident_id"].tolist() == [
        *("2024-02-20-acme-cloud-001-x0ljvc9m1wxj", "2024-03-09-acme-cloud-001-y0ljvc9m1wxk")
    ]
    said = table(result, "events").query("event == 'public_statement'")
    assert said["time_low"].tolist() == ["2024-03-09T23:58-06:00"], "one at the start of its record says nothing"
    assert set(result.left_out["left"]) == {"row", "cell"} and len(result.left_out) == 3


def test_utc_is_turned_into_the_zone_of_the_incident(bring):
    """The moment stays, its local date makes the identifier, and the number is kept."""
    rows = [["No", "Title", "Start", "End", "Users"], ["9632825", "Codespaces", "2022-03-26T01:43Z", "", ""]]
    result = bring(rows, constants={**CONSTANTS, "country": "001", "timezone": "America/Los_Angeles"})
    assert table(result, "events")["time_low"].tolist() == ["2022-03-25T18:43-07:00"]
    assert table(result, "incidents")["incident_id"].tolist() == ["2022-03-25-acme-001-9632825"]
    assert table(result, "events")["locator"].tolist() == ["9632825, row 2"]
    source = table(result, "sources").iloc[0]
    assert len(table(result, "sources")) == 1 and source["read_on"] == "2026-11-26"


def test_identifiers_are_unique_and_the_same_at_the_next_run(bring):
    """Same day and title give two; the same number and onset are listed; a second run changes no table."""
    head = ["No", "Title", "Start", "End", "Users"]
    rows = [["", "Panne à Brest", f"02/05/2024 0{hour}:00", "", ""] for hour in (8, 9)] + [ROWS[1], ROWS[1]]
    result = bring([head, *rows])
    ids = table(result, "incidents")["incident_id"].tolist()
    assert ids == ["2024-03-30-acme-fr-7", "2024-05-02-acme-fr-panne-a-brest", "2024-05-02-acme-fr-panne-a-brest-2"]
    assert result.left_out["reason"].tolist() == ["another row has this number and onset, and ends no earlier"]
    before = {path.name: path.read_bytes() for path in result.folder.iterdir()}
    again = bring([head, *rows])
    assert {path.name: path.read_bytes() for path in again.folder.iterdir()} == before


def test_of_a_ticket_that_was_opened_again_the_last_end_stands(bring):
    """One number in two spellings and one onset are one incident; the row that ends last is taken, the other listed."""
    first = ["2025052", "Appels coupés", "30/03/2024 21:45", "31/03/2024 03:30", ""]
    again = ["2\u202f025 052", *first[1:3], "31/03/2024 09:00", ""]
    result = bring([ROWS[0], first, again])
    assert table(result, "incidents")["incident_id"].tolist() == ["2024-03-30-acme-fr-2025052"]
    assert table(result, "events")["time_high"].tolist()[-1] == "2024-03-31T09:00+02:00"
    assert result.left_out[["row", "value"]].to_numpy().tolist() == [[2, "3"]]
    assert "1: number: another row has this number and onset" in "\n".join(result.lines())


def test_the_html_of_a_tracker_is_read_as_its_text(bring):
    """Tags and entities go, and with them comments and styles; what only looks like a tag stays."""
    told = "<style>p {}</style><p>Bonjour,<br />le <b>lien</b>&nbsp;R&amp;D &lt;b&gt; est coupé</p> <5 <nom@site>"
    result = bring(written([[*ROWS[0], "Text"], [*ROWS[1], told]], ","), columns={**COLUMNS, "summary": "Text"})
    assert table(result, "incidents")["summary_en"].tolist() == ["Bonjour, le lien R&D <b> est coupé <5 <nom@site>"]


LENGTHS = {  # what is read in a column of minutes, with decimal commas
    ("1.5", "1.5", "exact"): ("1h30", "1 h 30", "90 min", "1,5 heures", "90"),
    ("1.5", "1.5", "about"): ("environ 1 h 30 min",),
    ("20", "", "at_least"): ("> 1 200 min",),
    ("51", "51", "exact"): ("2 j 3 h",),
    ("76", "76", "exact"): ("3 days, 4 hours",),
    ("0.3333333333", "0.3333333333", "exact"): ("0:20",),
    None: ("3 mois", "2-3 h", "h"),
}


@pytest.mark.parametrize(("text", "expected"), [(text, said) for said, texts in LENGTHS.items() for text in texts])
def test_lengths_are_read_as_the_pages_write_them(text, expected):
    """A cell that says its unit is read in it, in a column of minutes too; the rest is never guessed."""
    with pytest.raises(CellError) if expected is None else contextlib.nullcontext():
        assert hours(text, ",", 60) == expected


def test_a_folder_with_other_tables_is_left_alone(bring, tmp_path):
    """Tables that a hand has changed stay, unless they shall be replaced; a failed import changes nothing."""
    result = bring(ROWS)
    path = result.folder / "incidents.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("SMS", "Texts"), encoding="utf-8")
    with pytest.raises(ListError, match=r"changed since \(incidents\.csv\)"):
        bring(ROWS)
    assert "Texts" in path.read_text(encoding="utf-8")
    with pytest.raises(ListError, match="no row can be taken"):
        bring([ROWS[0], ["7", "x", "soon", "", ""]], replace=True)
    assert "Texts" in path.read_text(encoding="utf-8")
    assert bring(ROWS, replace=True).taken == 2 and "Texts" not in path.read_text(encoding="utf-8")


def test_codes_countries_and_unknown_texts(bring):
    """Tables of codes, names of countries, `UK`; what is no code is listed; a constant stands for an empty cell."""
    rows = [
        ["No", "Start", "Pays", "Service", "Cause"],
        ["1", "02/05/2024 08:15", "Royaume-Uni", "Voix, SMS", "Incendie"],
        ["2", "03/05/2024 08:15", "UK", "Voix", "Mystère"],
        ["3", "04/05/2024 08:15", "", "Voix", "Inconnue"],
        ["4", "05/05/2024 08:15", "Atlantide", "Voix", ""],
        ["5", "06/05/2024 08:15", "France, Belgique", "Minitel", ""],
    ]
    columns = {"number": "No", "onset": "Start", "country": "Pays", "services": "Service", "root_cause": "Cause"}
    tables = {"services": {"Voix": "mobile_voice", "SMS": "sms"}, "root_cause": {"incendie": "system_failure"}}
    result = bring(rows, columns=columns, codes=tables)
    found = table(result, "incidents")
    assert found["country"].tolist() == ["GB", "GB", "FR"] and found["services"][0] == "mobile_voice;sms"
    assert found["timezone"].tolist() == ["Europe/London", "Europe/London", "Europe/Paris"]
    assert table(result, "causes")["value"].tolist() == ["system_failure"]
    left = result.left_out.set_index("number")["reason"]
    assert "no country" in left["4"] and "[codes.services]" in left["5"] and "[codes.root_cause]" in left["2"]
    assert result.unknown["root_cause"] == 1


def test_rows_are_chosen_by_what_their_cells_say_also_none_and_unknown(bring):
    """`none`, as the impact of a notice at statuspage.io, is a text to choose by, though it says nothing of a field."""
    rows = [[*ROWS[0], "Impact"], [*ROWS[1], "none"], [*ROWS[2], "Unknown"]]
    assert bring(rows, drop={"Impact": ["none"]}).left_out["value"].tolist() == ["none"]
    assert bring(rows, keep={"Impact": ["unknown"]}).left_out["value"].tolist() == ["none"]


def test_one_language_of_titles_is_enough_for_an_overlay(bring, base):
    """A French list gives French titles; a reader of English sees them too."""
    result = bring(ROWS, source={"language": "fr"})
    found = table(result, "incidents")
    assert found["title_fr"].tolist() == ["Appels coupés", "SMS"] and not found["title_en"].any()
    registry = read_registry([result.folder], base)
    mine = registry.incidents[registry.incidents["_origin"] == "ours"]
    assert mine["title_en"].tolist() == mine["title_fr"].tolist() == ["Appels coupés", "SMS"]


def test_days_hours_and_clocks_that_change(bring):
    """An hour that the clock shows twice is an interval; one that never was, and months, are listed."""
    rows = [
        ROWS[0],
        ["1", "twice", "27/10/2024 02:30", "27/10/2024 05:00", ""],
        ["2", "never", "31/03/2024 02:30", "", ""],
        ["3", "months", "01/01/2024 00:00", "01/06/2024 00:00", ""],
    ]
    result = bring(rows)
    first = table(result, "events").iloc[0]
    assert (first["time_low"], first["time_high"]) == ("2024-10-27T02:30+02:00", "2024-10-27T02:30+01:00")
    reasons = result.left_out["reason"].tolist()
    assert "no such hour" in reasons[0] and "set [times] longest_days" in reasons[1]
    assert bring(rows, times={"zone": "Europe/Paris", "formats": ["%d/%m/%Y %H:%M"], "longest_days": 200}).taken == 2


NUMBERS = [("1 234,5", ",", 1234.5), ("1.234.567", ",", 1234567), ("12,000", ".", 12000), ("12\u202f000", ".", 12000)]


@pytest.mark.parametrize(
    ("text", "decimal", "expected"), [*NUMBERS, *((t, ".", None) for t in ("1,5", "1e999", "-3", "٣"))]
)
def test_numbers_are_never_guessed(text, decimal, expected):
    """Signs between thousands stand in threes, or the number is listed."""
    with pytest.raises(CellError) if expected is None else contextlib.nullcontext():
        assert number(text, decimal) == expected


def test_cells_of_their_own():
    """Examples in docstrings hold; qualified figures, French months, names of countries in several languages."""
    assert not any(doctest.testmod(module).failed for module in (cells, records, importer))
    assert quantity("environ 11 800").bound == "about" and quantity("3.00E+05").low == "300000"
    for thousands, decimal in (("25.000", "."), ("12,000", ",")):
        with pytest.raises(CellError, match="between thousands"):
            quantity(thousands, decimal)
    assert quantity("au moins 200") == ("200", "", "at_least") and quantity("<50") == ("", "50", "at_most")
    written = moment("2 juin 2021 16h45", ("%d %b %Y %Hh%M",), "Europe/Paris"), moment("1622645100", ("epoch",), "")
    assert [one.low.isoformat() for one in written] == ["2021-06-02T14:45:00+00:00"] * 2
    named = {"Norway": "NO", "NO": "NO", "Allemagne": "DE", "USA": "US", "Côte d'Ivoire": "CI"}
    assert {name: country(name) for name in named} == named


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"constants": {**CONSTANTS, "country": ""}}, "country is missing"),
        ({"constants": {**CONSTANTS, "sector": "Telecom"}}, "did you mean telecom"),
        ({"constants": {**CONSTANTS, "timezone": "Paris"}}, "not an IANA time zone; did you mean Europe/Paris"),
        ({"columns": {"onset": "Start", "restore": "End"}}, "did you mean restored"),
        ({"constants": {**CONSTANTS, "third_party": "Nokia", "third_party_role": ""}}, "third_party_role is missing"),
        ({"columns": {"onset": "Beginn"}}, "the list has no column 'Beginn'"),
        ({"columns": {"restored": "End"}}, "onset is missing"),
        ({"columns": {"onset": ""}}, "onset is empty; name the column"),
        ({"columns": {"onset": 5}}, "not a list of texts"),
        ({"times": {"formats": ["%H:%M"]}}, "gives no day"),
        ({"source": {"published": 2021}}, "put it in quotes"),
        ({"codes": {"services": {"Voice": "voice"}}}, "no code of services"),
        ({"keep": {"Priority": ["1"]}}, "has no column 'Priority'"),
        ({"unknown": "-"}, "must be a list"),
        ({"preset": "remedy"}, "use one of jira, servicenow, statuspage"),
        ({"nonsense": {}}, "no part of a map"),
        ({"times": {"formats": ["%d/%m/%Y %H:%M"]}}, "name the zone of the file"),
        ({"file": {"encoding": "klingon"}}, "is not klingon"),
    ],
)
def test_a_map_that_cannot_be_used_is_one_line(parts, said, bring):
    """Where, what, what is allowed."""
    with pytest.raises(ListError) as caught:
        bring(ROWS, **parts)
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\x00", b'a,b\n"x', b"PK\x03\x04 no", b"\xd0\xcf\x11\xe0 old", b"{]", b"[[[", b"[]"]
)
@pytest.mark.parametrize("name", ["list.csv", "list.json", "list.xlsx"])
def test_a_file_that_is_no_list_is_one_line(content, name, bring):
    """Empty, broken, locked, something else."""
    with pytest.raises(ListError) as caught:
        bring(content, name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b'[{"a": 1}, 5]', b'{"all": {"rows": [{"a": 1}, null, []]}}', b'{"a": 1}\n"b"'])
def test_an_entry_of_a_list_that_is_no_record_is_named(content, bring):
    """Nothing that stands in a list is passed over in silence."""
    with pytest.raises(ListError, match=r"^list\.json: entry 2 of the list is no record; mend it, or take it out$"):
        bring(content, "list.json")


@pytest.mark.parametrize("name", ["servicenow", "jira", "statuspage"])
def test_presets_need_only_what_no_tool_knows(name, tmp_path):
    """A preset is a map once it is said who, where, what."""
    (tmp_path / "map.toml").write_text(toml(preset=name, constants=CONSTANTS), encoding="utf-8")
    assert name in presets() and {"opened", "restored", "number"} <= set(read_map(tmp_path / "map.toml").columns)
    with pytest.raises(MapError, match="is missing"):
        read_map(name)


HEADERS = {
    "Incident ID;Title;Start Time;End Time;Customers Affected": "number title onset restored users_affected",
    "Numéro;Libellé;Date de début;Date de fin;Nb clients": "number title onset restored users_affected",
    "Incident ID;Title;Start (UTC);End (UTC);Customers affected": "number title onset restored users_affected",
    "number;short_description;opened_at;resolved_at;country": "number title opened restored country",
}


@pytest.mark.parametrize(("header", "fields"), HEADERS.items())
def test_a_map_is_proposed_from_the_header(header, fields, base, tmp_path, capsys):
    """In English and French; what is proposed is TOML, reads the hours, and lacks only what has to be filled in."""
    rows = [header.split(";"), ["1", "x", "28/02/2024 08:15", "28/02/2024 09:15", "France"]]
    file, proposed = tmp_path / "list.csv", proposal(tmp_path, *rows)
    found = tomllib.loads(proposed)
    assert set(found["columns"]) == set(fields.split()) and found["times"]["formats"] == ["%d/%m/%Y %H:%M"]
    filled = proposed.replace('operator = ""', 'operator = "Acme"').replace('sector = ""', 'sector = "telecom"')
    filled = filled.replace('services = ""', 'services = "sms"').replace('zone = ""', 'zone = "Europe/Paris"')
    (tmp_path / "map.toml").write_text(filled.replace('country = ""', 'country = "FR"'), encoding="utf-8")
    assert main(["import", str(file), "--guess"]) == 0 and capsys.readouterr().out == proposed
    result = import_list(file, tmp_path / "map.toml", tmp_path / "ours", base=base)
    assert "1 incident with" in "\n".join(result.lines())


def test_a_guess_tells_providers_ends_and_numbers_and_looks_at_cells(tmp_path):
    """A provider is a third party, of which role and part are asked; yes and no are no moment."""
    header = ["N° d'incident", "Fournisseur", "Début de l'incident", "fin_réelle", "is_escalated"]
    found = tomllib.loads(proposal(tmp_path, header, ["1", "Nokia", "2024-05-02 08:15", "2024-05-02", "true"]))
    assert list(found["columns"]) == ["number", "third_party", "onset", "restored"]
    empty = {"operator", "country", "sector", "services", "third_party_role", "third_party_involvement"}
    assert set(found["constants"]) == empty


def test_a_guess_reads_a_day_with_its_hour_and_prefers_columns_of_ones_own(tmp_path):
    """The forms are those of day and hour together; `u_outage_end` of ServiceNow says more than `resolved_at`."""
    header = ["number", "Date de début", "Heure de début", "resolved_at", "u_outage_end", "tz", "Info régulateur"]
    row = ["7", "30/03/2024", "21h45", "2024-04-02 10:00", "2024-03-31 03:30", "UTC", "2024-03-30 23:00"]
    found = tomllib.loads(proposal(tmp_path, header, row))
    assert found["columns"]["onset"] == {"join": ["Date de début", "Heure de début"]}
    assert found["times"]["formats"][:1] == ["%d/%m/%Y %Hh%M"] and "authorities_notified" in found["columns"]
    assert (found["columns"]["restored"], found["columns"]["zone"]) == ("u_outage_end", "tz")


@pytest.mark.parametrize(
    ("cells", "formats", "asked"),
    [
        (["3/4/23 8:15 AM", "3/5/23 1:15 PM", "3/13/23 1:15 PM"], ["%m/%d/%y %I:%M %p"], False),
        (["3/4/23 8:15", "3/13/23 13:15"], ["%m/%d/%y %H:%M"], False),
        (["3/4/23 8:15", "13/3/23 13:15"], ["%d/%m/%y %H:%M"], False),
        (["3/4/23 8:15", "5/3/23 13:15"], ["%d/%m/%y %H:%M"], True),
        (["3.4.2023 8:15", "5.3.2023 13:15"], ["%d.%m.%Y %H:%M"], True),
        (["29/10/2023 02:30", "06/11/2023"], ["%d/%m/%Y %H:%M", "%d/%m/%Y"], False),
        (["10/29/2023 02:30", "11/06/2023"], ["%m/%d/%Y %H:%M", "%m/%d/%Y"], False),
        (["2023-04-03 8:15"], ["%Y-%m-%d %H:%M"], False),
    ],
)
def test_day_or_month_first_is_one_order_in_a_list(cells, formats, asked, tmp_path):
    """What one cell settles holds for all; only where nothing settles it the reader is asked."""
    proposed = proposal(tmp_path, ["number", "onset"], *([str(n), cell] for n, cell in enumerate(cells)))
    assert tomllib.loads(proposed)["times"].get("formats") == formats
    assert ("day or month first?" in proposed) is asked and "no form is known" not in proposed


SERVICENOW = """number,opened_at,resolved_at,short_description,business_service,priority,state
INC1,2024-03-30 21:45:00,2024-03-31 03:30:00,Calls fail,Voice,1 - Critical,Closed
INC2,2024-05-02 08:15:00,,Late texts,SMS,4 - Low,On Hold
INC3,(empty),(empty),Which day?,Voice,1 - Critical,Canceled
"""


def test_a_newcomer_is_led_from_an_export_to_a_note(base, tmp_path, monkeypatch):
    """The proposal shows which rows may be chosen; what it left empty is named; the last line is the command of a
    note.
    """
    file, map, ours = tmp_path / "incident.csv", tmp_path / "map.toml", Path("my tickets")
    monkeypatch.chdir(tmp_path)
    file.write_text(SERVICENOW, encoding="utf-8")
    proposed = guess(file)
    choice = '# "priority" = ["1 - Critical", "4 - Low"]\n# "state" = ["Closed", "On Hold", "Canceled"]\n'
    assert choice in proposed
    for field, value in {**CONSTANTS, "zone": "Europe/Paris", '"Voice"': "mobile_voice"}.items():
        proposed = proposed.replace(f'{field} = ""', f'{field} = "{value}"')
    map.write_text(proposed, encoding="utf-8")
    result = import_list(file, map, ours, base=base)
    why = ["has no code yet in [codes.services]", "the onset is unknown, so that the incident has no day"]
    assert result.taken == 1 and result.left_out["reason"].tolist() == why
    assert result.newest == "2024-03-30-acme-fr-inc1"
    command = f"outages render decision-note --data '{ours}' --out ~/private-reports -p focus={result.newest}"
    assert result.lines()[-1].endswith(command)
    map.write_text(proposed.replace('# "priority" = ["1 - Critical", "4 - Low"]', 'priority = ["1 - Critical"]'))
    assert import_list(file, map, ours, base=base).left_out["column"].tolist() == ["priority", "onset"]
    assert [p for p in check_folders([base, ours]) if p.column == "operator"] == []


texts = st.text(st.characters(codec="utf-8"), max_size=30)
odd = st.sampled_from(
    ["\x1b[2J", "\x00", "=1+1", "9999-12-31T23:59:59Z", "0001-01-01", "1e400", "\ufeff", "\u202e", "NaN", "inf"]
)
moments_ = st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30)).map(lambda one: one.isoformat(sep=" "))
anything = st.one_of(texts, odd, moments_, st.sampled_from(["02/05/2024 08:15", "FR", "Mobile", "12,5", ">3", ""]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(anything, min_size=6, max_size=7), min_size=1, max_size=4), separator=st.sampled_from(";,\t")
)
def test_any_text_in_any_cell_is_taken_or_listed(rows, separator, bring, tmp_path):
    """Never a traceback: each row is taken or listed, or the whole refused in one line; what is taken is in order."""
    columns = {**COLUMNS, "country": "Pays", "zone": "Zone"}
    text = written([[*ROWS[0], "Pays", "Zone"], *rows], separator)
    try:
        result = bring(text, columns=columns, replace=True, constants={**CONSTANTS, "country": "FR"})
    except InputError as error:
        assert "\n" not in str(error) and str(error).isprintable()
        return
    listed = result.left_out[result.left_out["left"] == "row"]
    filled = sum(any(cell.strip("\ufeff \t\r\n\x1c\x1d\x1e\x1f\x85") for cell in row) for row in rows)
    assert result.taken + len(listed) >= filled - 1
    assert not errors(result)
    assert all("\n" not in told for told in result.lines())


@given(st.binary(max_size=300))
def test_any_bytes_are_a_list_or_one_line(content):
    """No file makes the reader stumble."""
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "list.csv"
        file.write_bytes(content)
        try:
            read_sheet(file, ["Start"])
        except ListError as error:
            assert str(error).isprintable()


@pytest.mark.parametrize("start", ["onset", "opened"])
def test_a_note_says_that_its_onset_is_the_start_of_a_record(bring, tmp_path, start):
    """Where only the hour of the ticket is known, the length may be longer; where the onset is, nothing is said."""
    columns = {name: column for name, column in COLUMNS.items() if name != "onset"}
    bring(ROWS, columns={**columns, start: "Start"})
    incident = next(row["incident_id"] for row in csv.DictReader((tmp_path / "ours" / "incidents.csv").open()))
    study = ou.peers(focus=incident, data=[tmp_path / "ours"])
    assert ("a record was opened" in str(note.opening(study, study.ranks()).html)) == (start == "opened")


def test_notes_stand_at_hours_and_numbers(bring):
    """A part of the map that would be passed over is refused."""
    with pytest.raises(MapError, match=r"\[notes\] root_cause: is not known"):
        bring(ROWS, notes={"root_cause": "x"})


def test_a_field_that_is_none_is_told_the_nearest():
    """Fields are offered in the order of the tables at every start, before them what looks like what was written."""
    with pytest.raises(MapError, match=r"is not known; use one of \d+, as sector, number, title, title_en"):
        among("[columns]", ["start"], fields())
