"""Tables come into canonical form without losing a cell, and what a spreadsheet did to them is mended."""

import csv

import pytest

from conftest import ONSET, RESTORED, USERS
from outages.curation.tables import format_folder
from outages.registry.registry import check_folders, read_registry
from outages.registry.schema import RegistryError, columns

PERCENT = USERS | {"measure": "emergency_calls_failed_share", "unit": "share"}
PERCENT |= dict.fromkeys(("value_low", "value_high"), "0.11")


def test_format_puts_rows_in_order_and_loses_none(make):
    """Formatting repairs the order, keeps every cell, and a second run changes nothing."""
    folder = make(events=[RESTORED, {**ONSET, "note": 'quotes "and", commas'}])
    assert {p.name: said for p, said in format_folder(folder).items()} == {"events.csv": "put in order"}
    assert check_folders([folder]) == []
    assert 'quotes ""and"", commas' in (folder / "events.csv").read_text(encoding="utf-8")
    assert format_folder(folder) == {}


@pytest.mark.parametrize(
    ("separator", "start", "ending"),
    [(";", "\ufeff", "\r\n"), ("\t", "", "\n"), (",", "\ufeff", "\r\n"), (",", "", "\n\n")],
)
def test_what_spreadsheets_do_is_mended(separator, start, ending, make):
    """A file saved by a spreadsheet comes back byte for byte; decimal commas are those of semicolons."""
    folder = make(measures=[PERCENT, USERS])
    right = {path: path.read_bytes() for path in folder.glob("*.csv")}
    for path in right:
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        if separator == ";":
            rows = [[cell.replace("0.11", "0,11") for cell in row] for row in rows]
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write(start)
            csv.writer(file, delimiter=separator, lineterminator=ending).writerows(rows)
    assert len(check_folders([folder])) == len(right)
    said = format_folder(folder)
    assert set(said) == set(right) and all(text.startswith("had ") for text in said.values())
    assert {path: path.read_bytes() for path in right} == right


def test_own_columns_and_rights_are_kept(make):
    """Columns of one's own stay behind the others, and the rights of a file are kept."""
    folder = make()
    path = folder / "events.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([f"_row,{lines[0]}", f"b,{lines[2]}", f"a,{lines[1]}"]), encoding="utf-8")
    path.chmod(0o600)
    format_folder(folder)
    assert path.read_text(encoding="utf-8").splitlines() == [f"{lines[0]},_row", f"{lines[1]},a", f"{lines[2]},b"]
    assert path.stat().st_mode & 0o777 == 0o600 and len(read_registry(base=folder).events) == 2


def test_columns_of_the_second_model_are_added(make):
    """A table written before the second data model gets its columns."""
    folder = make()
    path = folder / "causes.csv"
    old = [line.removesuffix(",,") for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("\n".join([old[0].removesuffix(",speaker,retracted_by"), *old[1:]]), encoding="utf-8")
    assert list(format_folder(folder).values()) == ["column speaker added; column retracted_by added"]
    assert path.read_text(encoding="utf-8").splitlines()[0] == ",".join(columns("causes"))


def test_an_unreadable_table_stops_all(make):
    """Nothing is written when one table cannot be read."""
    folder = make(events=[RESTORED, ONSET])
    (folder / "sources.csv").write_bytes(b"\xff")
    before = (folder / "events.csv").read_bytes()
    with pytest.raises(RegistryError):
        format_folder(folder)
    assert (folder / "events.csv").read_bytes() == before
