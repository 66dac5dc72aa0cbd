"""How is an overlay written so that it is in order, and nobody's work is lost?"""

import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from outages.curation.rows import Draft
from outages.curation.sheets import LeftOut, ListError
from outages.curation.tables import write_tables
from outages.paths import file_hash, shown, write_whole
from outages.registry.files import Table, read_csv
from outages.registry.registry import check_folders
from outages.registry.schema import CLAIM_TABLES, columns, path_of, resources

RECORD, LEFT_OUT = "import.json", "left-out.csv"
TRIES = 4  # rounds in which rows that break a rule of the registry are left out
Tables = dict[str, Table]


def guarded(out: Path, replace: bool) -> None:
    """Refuse a folder whose tables somebody wrote or changed by hand."""
    if out.exists() and not out.is_dir():
        raise ListError(f"{out}: is no folder; name one for the overlay")
    try:
        known = dict(json.loads((out / RECORD).read_text(encoding="utf-8"))["tables"])
    except (OSError, ValueError, KeyError, TypeError):
        known = {}
    changed = [name for name, hash in hashes(out, resources()).items() if known.get(name) != hash]
    if changed and not replace:
        words = "holds tables that no import wrote, or that were changed since"
        raise ListError(f"{shown(out)}: {words} ({', '.join(changed)}); name another folder, or give --replace")


def hashes(folder: Path, tables: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of the files of tables that a folder holds, by their path in it."""
    there = [path for name in tables if (path := path_of(folder, name)).exists()]
    return {path.relative_to(folder).as_posix(): file_hash(path).hex() for path in sorted(there)}


def accepted(drafts: list[Draft], source: dict[str, str], base: Path) -> tuple[Tables, list[Draft], list[LeftOut]]:
    """Return tables that `outages check` finds in order, the drafts in them, and those that break a rule.

    What a row must be is known by the rules alone, so they are asked; a row they refuse is left out in their words.
    """
    refused: list[LeftOut] = []
    for _ in range(TRIES):
        tables = tables_of(drafts, source)
        wrong = broken(tables, base) if drafts else {}
        if not wrong:
            return tables, drafts, refused
        if None in wrong:  # the one document is not as the map may say it
            raise ListError("[source] {}: {}".format(*wrong[None]))
        refused += [d.left_out(*wrong[d.incident["incident_id"]]) for d in drafts if d.incident["incident_id"] in wrong]
        drafts = [draft for draft in drafts if draft.incident["incident_id"] not in wrong]
    raise ListError("the overlay would not be in order; run `outages check` on the public registry first")


def broken(tables: Tables, base: Path) -> dict[str | None, tuple[str, str]]:
    """Return the column and the words of the first rule that each incident breaks; None is for what concerns none."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "overlay"
        write_tables(folder, tables)
        problems = [p for p in check_folders([base, folder]) if p.level == "error"]
        read = {shown(path): read_csv(path) for path in (path_of(folder, name) for name in tables)}
    about = {f: {n: r.get("incident_id") for n, r in zip(t.lines, t.rows, strict=True)} for f, t in read.items()}
    wrong: dict[str | None, tuple[str, str]] = {}
    for problem in problems:
        if problem.file in about:
            wrong.setdefault(about[problem.file].get(problem.row), (problem.column, problem.message))
    return wrong


def tables_of(drafts: Sequence[Draft], source: dict[str, str]) -> Tables:
    """Return the tables of an overlay, those that hold something."""
    document = {"source_id": source["source_id"]}
    rows: dict[str, list[dict[str, str]]] = {"incidents": [d.incident for d in drafts], "sources": [source]}
    for draft in drafts:
        told = {"incident_id": draft.incident["incident_id"], "locator": draft.locator} | document
        for table, claim in draft.claims:
            rows.setdefault(table, []).append(claim | told)
    frames = {name: pd.DataFrame(found, columns=columns(name), dtype=object).fillna("") for name, found in rows.items()}
    return {name: Table(columns(name), frame.drop_duplicates().to_dict("records")) for name, frame in frames.items()}


def written(out: Path, tables: Tables, left_out: pd.DataFrame, about: dict[str, str]) -> None:
    """Write an overlay, what was left out, and a record of both; tables that are no longer made go."""
    write_tables(out, tables)
    for name in CLAIM_TABLES:
        if name not in tables:
            path_of(out, name).unlink(missing_ok=True)
    left_out.to_csv(out / LEFT_OUT, index=False, lineterminator="\n")
    write_whole(out / RECORD, json.dumps({**about, "tables": hashes(out, tables)}, indent=1) + "\n")
