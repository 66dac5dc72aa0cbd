"""Files that are no tables, tables under other names, and tables from elsewhere are named in a line each."""

import os
import re

import pandas as pd
import pytest

from conftest import CAUSE, INCIDENT, ONSET, TABLES
from outages.registry.files import codes, numbers
from outages.registry.registry import check_folders, read_registry
from outages.registry.schema import RegistryError, columns

HEADER = ",".join(columns("causes")).encode()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b'incident_id,factor\n"open', "CSV"),
        (b"incident_id,factor,value,source_id,locator\n", "note"),
        (b"incident_id,factor,value,source_id,locator,note\na,b\n", "cells"),
        (b"incident_id,factor,value,source_id,locator,note\na,b,c,d,e,f,\n", "cells"),
        (b'incident_id,factor,value,source_id,locator,note\na,b,c,d,e,"x"y\n', "CSV"),
        (b"incident_id,factor,value,source_id,locator,note,note\n", "twice"),
        (b"incident_id,factor,value,source_id,locator,note,\n", "no name"),
        (b"", "missing"),
        (HEADER + b"\n" + b"x" * 200_000, "CSV|cells"),  # how long a cell may be is set for the whole process
    ],
)
def test_unreadable_files_are_named(damage, words, make):
    """A file that is no table gives a line, not a traceback."""
    folder = make()
    (folder / "causes.csv").write_bytes(damage)
    problems = check_folders([folder])
    assert problems and all(p.file.endswith("causes.csv") and "\n" not in str(p) for p in problems)
    assert any(re.search(words, p.message) for p in problems)


@pytest.mark.parametrize(
    ("start", "separator", "ending", "words"),
    [
        ("\ufeff", ",", "\n", "a byte order mark"),
        ("", ",", "\r\n", "CRLF"),
        ("\ufeff", ";", "\r\n", "a byte order mark and CR or CRLF line ends and semicolons"),
        ("", "\t", "\n", "tabs"),
        ("", ",", "\n\n,,,,\n", "has empty rows; run"),
    ],
)
def test_habits_of_spreadsheets_are_one_line_a_file(start, separator, ending, words, make):
    """What a spreadsheet did to a file is one line that says what mends it."""
    folder = make()
    text = start + separator.join(columns("causes")) + ending
    (folder / "causes.csv").write_text(text, encoding="utf-8", newline="")
    (problem,) = check_folders([folder])
    assert words in problem.message and problem.message.endswith("run `outages format`")


def test_missing_folder_and_missing_incidents(tmp_path, make):
    """A folder that is not there, one with an impossible name, one named twice, one without incidents, are told."""
    for folder in (tmp_path / "nowhere", tmp_path / ("x" * 5000), tmp_path / "a\0b"):
        assert "is not there" in str(check_folders([folder])[0]) and len(str(check_folders([folder])[0])) <= 200
    folder = make()
    (again,) = check_folders([folder, folder / ".." / folder.name])
    assert "is named twice; name it once" in str(again)
    assert "is a file; name the folder that it is in" in str(check_folders([folder / "incidents.csv"])[0])
    (folder / "incidents.csv").unlink()
    assert any("starts with its incidents" in p.message for p in check_folders([folder]))


@pytest.mark.parametrize("name", ["Measures.csv", "measure.csv", "measures.xlsx", "mesures.csv", "reference/code.csv"])
def test_tables_under_other_names_are_told(name, make):
    """A table under a slightly other name, which nobody would read, is told."""
    folder = make(measures=[])
    (folder / "measures.csv").unlink()
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).touch()
    (problem,) = check_folders([folder])
    assert problem.file.endswith(name) and "is not read" in problem.message


def test_other_files_are_nobodys_business(make):
    """Files that look like no table, and spare copies beside a table, are left alone."""
    folder = make()
    for name in ("notes.txt", "raw_export.csv", "measures-old.csv", "measures.xlsx"):
        (folder / name).write_text("x", encoding="utf-8")
    assert check_folders([folder]) == []


def test_a_link_to_itself(make):
    """A table that links to itself cannot be read."""
    folder = make()
    (folder / "incidents.csv").unlink()
    os.symlink("incidents.csv", folder / "incidents.csv")
    assert "cannot be read" in check_folders([folder])[0].message
    with pytest.raises(RegistryError):
        read_registry(base=folder)


def test_own_columns_break_nothing(make):
    """Columns of one's own, whatever their names, stay in the file and change nothing that is read."""
    folder = make()
    expected = read_registry(base=folder)
    for path in folder.glob("*.csv"):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        own = {"_row", "_file", "_origin", "_place", "index", "low", "high", "base", "kind", "zone"} - set(frame)
        frame = frame.assign(**dict.fromkeys(sorted(own), "7"))
        frame.to_csv(path, index=False, lineterminator="\n")
    assert check_folders([folder]) == []
    found = read_registry(base=folder)
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(found, name), getattr(expected, name))


def test_columns_of_the_second_model_may_be_missing(make):
    """A table written before the second data model is read with empty cells there."""
    folder = make()
    frame = pd.read_csv(folder / "events.csv", dtype=str, keep_default_na=False)
    frame.drop(columns=["speaker", "retracted_by"]).to_csv(folder / "events.csv", index=False, lineterminator="\n")
    assert check_folders([folder]) == [] and (read_registry(base=folder).events["speaker"] == "").all()


def as_parquet(folder, to):
    """Write the tables of a folder as Parquet, with numbers, moments and nulls of their own kinds."""
    to.mkdir()
    for path in folder.glob("*.csv"):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        if path.stem == "measures":
            frame = frame.assign(value_low=frame["value_low"].astype(float), value_high=frame["value_high"].astype(int))
            frame = frame.assign(note=None)
        if path.stem == "events":
            frame = frame.assign(time_low=pd.to_datetime(frame["time_low"], utc=True))
            frame = frame.assign(actor=frame["actor"].astype("category"))
        frame.to_parquet(to / f"{path.stem}.parquet")
    return to


def test_parquet_says_what_csv_says(make, tmp_path):
    """The same tables as Parquet give the same registry; both at once are refused."""
    folder = make(causes=[CAUSE, {**CAUSE, "factor": "trigger", "value": "attack"}])
    parquet = as_parquet(folder, tmp_path / "parquet")
    one, two = read_registry(base=folder), read_registry(base=parquet)
    for name in TABLES:
        a, b = getattr(one, name)[columns(name)], getattr(two, name)[columns(name)]
        pd.testing.assert_frame_equal(a, b)
    (parquet / "incidents.csv").write_bytes((folder / "incidents.csv").read_bytes())
    with pytest.raises(RegistryError, match=r"stands beside incidents\.csv; keep one"):
        read_registry(base=parquet)


@pytest.mark.parametrize("content", [b"no parquet", None])
def test_broken_parquet_is_one_line(content, make):
    """A file that is no Parquet, or holds a moment without time zone, is named in one line."""
    folder = make()
    (folder / "events.csv").unlink()
    if content:
        (folder / "events.parquet").write_bytes(content)
    else:
        naive = pd.DataFrame([ONSET]).assign(time_low=pd.Timestamp("2020-03-01 10:00"))
        naive.to_parquet(folder / "events.parquet")
    (problem,) = check_folders([folder])
    assert "events.parquet" in problem.file and "cannot be read as Parquet" in problem.message
    assert "\n" not in str(problem)


def test_numbers_and_codes():
    """A cell is a number or none; closed lists come from the public registry."""
    assert numbers(pd.Series(["11800", "0.11", "", "many"])).fillna(-1).tolist() == [11800, 0.11, -1, -1]
    assert "onset" in codes()["event"] and INCIDENT["sector"] in codes()["sector"]
