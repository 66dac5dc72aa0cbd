"""How do facts leave for a reader's own tools? Tidy tables, units in their names, a codebook beside."""

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from outages.curation.codebook import codebook
from outages.errors import InputError, escaped
from outages.paths import write_whole
from outages.registry.cohorts import read_cohorts
from outages.registry.schema import resources
from outages.studies import Study

LONGEST_NAME = 200  # bytes, with room for what is put before and behind it
LARGEST_SHEET = 1_048_575  # rows of a workbook below its header


def export(study: Study, what: str, to: Path | str, overlays: Sequence[Path | str] = ()) -> tuple[Path, Path]:
    """Write a table of a study, and beside it a codebook with the meaning and the unit of each column.

    An end that is open is empty while the other is filled: nobody says how high it goes. Both empty is unknown.

    Parameters
    ----------
    study : incidents and the policy that resolves their claims
    what : a key of `TABLES`
    to : file; its ending says the kind
    overlays : folders whose entries of cohorts are added to those of the public registry

    Returns
    -------
    The table and the codebook that were written.

    Raises
    ------
    InputError : another table or kind of file, or a folder that is not there
    """
    path = Path(to).expanduser()
    if what not in (names := [*TABLES, "entries"]):
        raise InputError(f"'{escaped(what)}' is no table; export one of {', '.join(names)}")
    if path.suffix.lower() not in KINDS:
        raise InputError(f"--to {escaped(path.name)}: the ending says the kind; use one of {', '.join(KINDS)}")
    if not path.name.isprintable() or len(path.name.encode()) > LONGEST_NAME:
        raise InputError(f"--to {escaped(path.name)}: is no name of a file; write a short one of signs that show")
    if not path.parent.is_dir():
        raise InputError(f"--to {escaped(path.parent)}: is no folder; make it, or name another")
    frame, beside = exported(study, what, overlays), path.with_suffix(".codebook.csv")
    write_whole(path, KINDS[path.suffix.lower()](frame))
    write_whole(beside, as_csv(codebook(frame, what)))
    return path, beside


def exported(study: Study, what: str, overlays: Sequence[Path | str] = ()) -> pd.DataFrame:
    """Return a table as it is written: identifiers as a column, units in the names, open ends empty."""
    frame = entries(overlays) if what == "entries" else TABLES[what](study)
    numbers = frame.select_dtypes("float").columns
    return frame.assign(**{column: frame[column].replace([np.inf, -np.inf], np.nan) for column in numbers})


def claims(study: Study) -> pd.DataFrame:
    """Return one row a claim: moments as UTC, quantities in the unit of the row."""
    frame = study.claims()
    timed = frame["table"] == "events"
    when = {end: pd.to_datetime(frame[end].astype(float).where(timed), unit="m", utc=True) for end in ("low", "high")}
    found = {f"time_{end}_utc": moments.dt.round("s") for end, moments in when.items()}
    found |= {f"value_{end}": frame[end].astype(float).mask(timed) for end in ("low", "high")}
    first = ["incident_id", "table", "about", *found]
    told = frame.assign(**found).drop(columns=["low", "high"])
    return told[[*first, *(column for column in told if column not in first)]]


def entries(overlays: Sequence[Path | str] = ()) -> pd.DataFrame:
    """Return one row an entry of the complete lists that operators keep, as they stand; hours carry their offset."""
    frame = read_cohorts(overlays)["cohort_entries"].filter(regex="^[^_]").reset_index(drop=True)
    whole = [c["name"] for c in resources()["cohort_entries"]["schema"]["fields"] if c["type"] == "integer"]
    return frame.assign(**{column: pd.to_numeric(frame[column]).astype("Int64") for column in whole})


def in_unit(frame: pd.DataFrame, names: str) -> pd.DataFrame:
    """Return a frame with the unit in the names of its ends."""
    return frame.rename(columns={end: names.format(end) for end in ("low", "high")})


TABLES: dict[str, Callable[[Study], pd.DataFrame]] = {
    "incidents": lambda study: study.wide().rename_axis("incident_id").reset_index(),
    "claims": claims,
    "lags": lambda study: in_unit(study.lags(), "{}_minutes"),
    "lengths": lambda study: in_unit(study.lengths().reset_index(), "{}_minutes"),
    "users": lambda study: in_unit(study.users(), "value_{}"),
    "third-parties": lambda study: study.third_parties(),
    "limits": lambda study: in_unit(study.limits(), "{}_minutes"),
}


def as_csv(frame: pd.DataFrame) -> str:
    """Return CSV: numbers as people write them, moments as ISO 8601 in UTC."""
    return as_text(frame).to_csv(index=False, lineterminator="\n", float_format="%.15g")


def as_parquet(frame: pd.DataFrame) -> bytes:
    """Return Parquet, types kept; what is unknown or left open is null."""
    texts = frame.select_dtypes(["object", "str"])
    return frame.assign(**texts.where(texts != "", None)).to_parquet(index=False, engine="pyarrow")


def as_json(frame: pd.DataFrame) -> str:
    """Return a list of records; null is unknown."""
    texts = as_text(frame).astype(object)
    records = texts.where(texts.notna(), None).to_dict("records")
    return json.dumps(records, ensure_ascii=False, indent=1) + "\n"


def as_workbook(frame: pd.DataFrame) -> bytes:
    """Return a workbook of one sheet; texts are never formulas."""
    try:
        import openpyxl  # noqa: F401
    except ImportError:
        raise InputError("workbooks need openpyxl; install outages[excel], or write .csv") from None
    if len(frame) > LARGEST_SHEET:
        raise InputError(f"{len(frame)} rows are more than a workbook holds ({LARGEST_SHEET}); write .csv or .parquet")
    texts = frame.assign(**{c: frame[c].dt.tz_localize(None) for c in frame.select_dtypes("datetimetz")})
    with pd.ExcelWriter(written := io.BytesIO(), engine="openpyxl") as writer:
        texts.to_excel(writer, sheet_name="data", index=False)
        for cell in (cell for row in writer.sheets["data"].iter_rows() for cell in row):
            cell.data_type = "s" if cell.data_type == "f" else cell.data_type
    return written.getvalue()


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose moments are written out, in UTC, and whose days are days."""
    moments = {c: frame[c].dt.strftime("%Y-%m-%dT%H:%M:%SZ") for c in frame.select_dtypes("datetimetz")}
    days = {c: frame[c].dt.strftime("%Y-%m-%d") for c in frame.select_dtypes("datetime")}
    return frame.assign(**moments, **days)


KINDS: dict[str, Callable[[pd.DataFrame], str | bytes]] = {
    ".csv": as_csv,
    ".parquet": as_parquet,
    ".xlsx": as_workbook,
    ".json": as_json,
}
