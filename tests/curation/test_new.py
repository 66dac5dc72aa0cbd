"""Beginning an incident writes its first row, and never damages a table."""

import pandas as pd
import pytest

from conftest import INCIDENT
from outages.cli import main
from outages.curation.tables import new_incident
from outages.errors import InputError
from outages.registry.registry import check_folders
from outages.registry.schema import RegistryError

NEW = "2026-03-01-ourselves-fr-mobile"


def test_new_incident_begins_an_overlay(tmp_path, capsys):
    """`outages new` writes the row, names on one line, and says what is left, as the check does."""
    folder = tmp_path / "ours"
    assert main(["new", NEW, "--dir", str(folder), "--operator", "Our\rselves"]) == 0
    said = capsys.readouterr().out
    assert "title_en, title_fr, services" in said and f"outages check {folder}" in said
    problems = check_folders([folder])
    assert {p.column for p in problems} == {"title_en", "services"} and all(p.row == 2 for p in problems)
    assert ",Our selves,FR," in (written := (folder / "incidents.csv").read_text(encoding="utf-8"))
    assert "Europe/Paris" in written


def test_a_worldwide_incident_is_begun(tmp_path):
    """It has no country, and no zone that would be the only one."""
    new_incident("2026-03-01-acme-cloud-001-api", tmp_path)
    row = pd.read_csv(tmp_path / "incidents.csv", dtype=str, keep_default_na=False).loc[0]
    assert (row["operator"], row["country"], row["timezone"]) == ("Acme-Cloud", "001", "")
    assert not any("country" in p.message or p.column == "incident_id" for p in check_folders([tmp_path]))


@pytest.mark.parametrize("name", ["march", "2026-03-01-ourselves", NEW, "2021-06-02-orange-fr-emergency-calls"])
def test_bad_new_incident_is_one_line(name, tmp_path, refused):
    """A malformed or taken identifier, also one of the public registry, is refused in one line, and nothing changes."""
    main(["new", NEW, "--dir", str(tmp_path)])
    before = (tmp_path / "incidents.csv").read_bytes()
    refused(["new", name, "--dir", tmp_path])
    assert (tmp_path / "incidents.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "words"), [("2026-02-31-acme-fr-mobile", "no day"), ("2026-03-01-acme-uk-mobile", "no country")]
)
def test_impossible_days_and_countries(name, words, tmp_path):
    """A day that the calendar does not have, and a country that is none, begin no incident."""
    with pytest.raises(InputError, match=words):
        new_incident(name, tmp_path / "ours")
    assert not (tmp_path / "ours").exists()


def saved(path, damage):
    """Write a table as somebody else would leave it."""
    text = path.read_text(encoding="utf-8")
    if damage == "no last line end":
        text = text.removesuffix("\n")
    if damage == "CRLF and a byte order mark":
        text = "\ufeff" + text.replace("\n", "\r\n")
    if damage in ("own column", "other order"):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        frame = frame.assign(ours="x, y") if damage == "own column" else frame[frame.columns[::-1]]
        text = frame.to_csv(index=False)
    path.write_text(text, encoding="utf-8", newline="")


@pytest.mark.parametrize("damage", ["no last line end", "CRLF and a byte order mark", "own column", "other order"])
def test_new_beside_rows_of_others(damage, make):
    """The row is added to a table as it stands, and the rows that were there keep their cells."""
    folder = make()
    saved(folder / "incidents.csv", damage)
    new_incident(NEW, folder)
    frame = pd.read_csv(folder / "incidents.csv", dtype=str, keep_default_na=False).set_index("incident_id")
    assert list(frame.index) == [INCIDENT["incident_id"], NEW]
    assert frame.loc[INCIDENT["incident_id"], "operator"] == "Acme" and frame.loc[NEW, "country"] == "FR"
    assert damage != "own column" or frame["ours"].tolist() == ["x, y", ""]


def test_a_table_that_cannot_be_read_is_left_alone(make):
    """A broken table is named, and no file changes."""
    folder = make()
    (folder / "causes.csv").write_bytes(b"\xff")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(RegistryError, match="UTF-8"):
        new_incident(NEW, folder)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
