"""Tables leave for pandas, R, DuckDB and spreadsheets with units and a codebook; an overlay may stand alone."""

import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import outages as ou
from conftest import CLAIM, INCIDENT, USERS
from outages.cli import main
from outages.curation.export import KINDS, TABLES, export, exported
from outages.errors import InputError

WHATS = [*TABLES, "entries"]


@pytest.fixture(scope="module")
def study():
    """The incidents of one country."""
    return ou.study(countries="FR")


@pytest.fixture(scope="module")
def files(study, tmp_path_factory):
    """Every table in every kind of file."""
    pytest.importorskip("openpyxl")
    folder = tmp_path_factory.mktemp("export")
    every = [(what, end) for what in WHATS for end in KINDS if (what, end) != ("entries", ".xlsx")]  # 13,000 rows
    return {(what, end): export(study, what, folder / f"{what}{end}") for what, end in every}


def read(path):
    """Read a table as pandas does by itself; `NA` is Namibia."""
    readers = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".json": pd.read_json, ".xlsx": pd.read_excel}
    more = {"keep_default_na": False, "na_values": [""]} if path.suffix in (".csv", ".xlsx") else {}
    return readers[path.suffix](path, **more)


@pytest.mark.parametrize("what", WHATS)
def test_every_kind_of_file_says_the_same(what, files, study):
    """Columns, rows, numbers; open ends are empty while the other end is filled."""
    frame = exported(study, what)
    for end in [end for kind, end in files if kind == what]:
        found = read(files[what, end][0])
        assert len(found) == len(frame)
        if len(frame):
            assert list(found.columns) == list(frame.columns)
            for column in frame.select_dtypes("float"):
                values = pd.to_numeric(found[column]).astype(float)
                np.testing.assert_allclose(values, frame[column], rtol=1e-12)
                assert not np.isinf(values).any()


@pytest.mark.parametrize("what", WHATS)
def test_the_codebook_explains_every_column(what, files):
    """A meaning each, a unit for every number, and the unit of ends in their names or beside them."""
    table, book = files[what, ".parquet"]
    frame, codebook = read(table), read(book).set_index("column")
    assert list(codebook.index) == list(frame.columns) and codebook["meaning"].str.len().min() > 5
    ends = [c for c in frame.select_dtypes(["float", "datetimetz"]) if c != "year"]
    assert codebook.loc[ends, "unit"].fillna("").ne("").all(), codebook.loc[ends]
    bare = [c for c in ends if re.fullmatch("low|high", c)]
    assert not bare


def test_numbers_are_those_of_the_study(files, study):
    """A length in the CSV is that of the frame; lags carry minutes, moments are UTC."""
    lengths = read(files["lengths", ".csv"][0]).set_index("incident_id")
    mine = study.lengths()
    known = np.isfinite(mine["high"])
    exact = pytest.approx(mine.loc[known, "high"].tolist(), rel=1e-14)  # a file has fifteen digits
    assert lengths.loc[known, "high_minutes"].tolist() == exact and known.sum() > 5
    claims = read(files["claims", ".csv"][0])
    onset = claims[(claims["about"] == "onset") & (claims["incident_id"] == "2021-06-02-orange-fr-emergency-calls")]
    assert "2021-06-02T14:45:00Z" in set(onset["time_low_utc"]) and onset["value_low"].isna().all()


def test_texts_are_no_formulas(make, tmp_path):
    """A title that begins with an equals sign stays a text in a workbook."""
    pytest.importorskip("openpyxl")
    study = ou.study(base=make(incidents=[{**INCIDENT, "title_en": '=HYPERLINK("http://x")', "country": "FR"}]))
    path, _ = export(study, "incidents", tmp_path / "x.xlsx")
    assert read(path)["title"].tolist() == ['=HYPERLINK("http://x")']


@pytest.mark.parametrize(
    ("what", "to", "said"),
    [
        ("tickets", "x.csv", "export one of incidents, claims"),
        ("lags", "x.rds", "use one of .csv"),
        ("lags", "nowhere/x.csv", "is no folder"),
    ],
)
def test_what_cannot_be_exported_is_one_line(what, to, said, study, tmp_path):
    """Which table, which kind, which folder."""
    with pytest.raises(InputError, match=re.escape(said)):
        export(study, what, tmp_path / to)
    assert not list(tmp_path.iterdir())


def test_a_failed_export_leaves_what_was_there(study, tmp_path, monkeypatch):
    """The old file stays until the new one is complete."""
    path, _ = export(study, "lengths", tmp_path / "x.csv")
    before = path.read_bytes()
    monkeypatch.setattr(pd.DataFrame, "to_csv", lambda *_args, **_more: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        export(study, "lengths", path)
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 2


def test_the_command_takes_the_filters_of_a_study(tmp_path, capsys):
    """Countries and a date narrow the table; what is not allowed is one line."""
    run = ["export", "lengths", "--to", str(tmp_path / "x.csv")]
    assert main([*run, "--countries", "FR", "--since", "2020-01-01"]) == 0
    assert capsys.readouterr().out.count("wrote ") == 2
    found = read(tmp_path / "x.csv")
    assert len(found) and (found["onset"] >= "2020-01-01").all() and (found["country"].str.contains("FR")).all()
    assert main([*run, "--countries", "Atlantis"]) == 2 and "countries" in capsys.readouterr().err


def test_an_overlay_stands_alone_or_beside_the_public_ones(make):
    """As base it is the whole study; as data it is told apart by its origin."""
    mine = make("mine", measures=[{**USERS, "value_low": "5", "value_high": "5"}])
    alone, beside = ou.study(base=str(mine)), ou.study(data=[str(mine)])
    assert alone.n == 1 and alone.overlays == ("mine",) and not len(alone.limits())
    assert alone.lengths()["low"].tolist() == [120.0]
    assert beside.n > 1 and beside.incidents.query("origin == 'mine'").index.tolist() == [CLAIM["incident_id"]]


def test_duckdb_reads_what_is_exported(files):
    """The lines of the README."""
    duckdb = pytest.importorskip("duckdb")
    path = files["lags", ".parquet"][0]
    medians = "select sector, median(low_minutes), count(*)"
    rows = duckdb.sql(f"{medians} from '{path}' where lag = 'to_earliest_statement' and timed group by all").fetchall()
    assert rows and all(n > 0 for *_, n in rows)
    counted = duckdb.sql(f"select count(*) from '{files['claims', '.csv'][0]}'").fetchall()
    assert counted == [(len(read(files["claims", ".csv"][0])),)]


def test_reading_a_list_loads_no_figures():
    """Import and export start light."""
    code = "import sys, outages.curation.export, outages.curation.importer; print('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"
