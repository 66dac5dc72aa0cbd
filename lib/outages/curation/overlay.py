"""How is an overlay written so that it is in order, and nobody's work is lost?"""

import hashlib
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from outages.curation.format import write_tables
from outages.curation.rows import Draft
from outages.curation.sheets import LeftOut, ListError
from outages.registry.files import Table, listed
from outages.registry.registry import check_folders
from outages.registry.schema import CLAIM_TABLES, columns, resources, shown

RECORD, LEFT_OUT = "import.json", "left-out.csv"
TRIES = 4  # rounds in which rows that break a rule of the registry are left out
Tables = dict[str, pd.DataFrame]


def guarded(out: Path, replace: bool) -> None:
    """Refuse a folder whose tables somebody wrote or changed by hand."""
    if out.exists() and not out.is_dir():
        raise ListError(f"{out}: is no folder; name one for the overlay")
    there = {r["path"]: out / r["path"] for r in resources().values() if (out / r["path"]).exists()}
    try:
        known = json.loads((out / RECORD).read_text(encoding="utf-8"))["tables"]
    except (OSError, ValueError, KeyError, TypeError):
        known = {}
    changed = [name for name, path in there.items() if not isinstance(known, dict) or known.get(name) != digest(path)]
    if changed and not replace:
        words = "holds tables that no import wrote, or that were changed since"
        raise ListError(f"{shown(out)}: {words} ({', '.join(changed)}); name another folder, or replace them")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


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
        if None in wrong:
            raise ListError(f"the overlay would not be in order: {wrong[None][1]}")
        refused += [d.left_out(*wrong[d.incident["incident_id"]]) for d in drafts if d.incident["incident_id"] in wrong]
        drafts = [draft for draft in drafts if draft.incident["incident_id"] not in wrong]
    raise ListError("the overlay would not be in order; run `outages check` on the public registry first")


def broken(tables: Tables, base: Path) -> dict[str | None, tuple[str, str]]:
    """Return the column and the words of the first rule that each incident breaks; None is for what concerns none."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "overlay"
        save(folder, tables)
        problems = [p for p in check_folders([base, folder]) if p.level == "error"]
        stands = {shown(folder / resources()[name]["path"]): name for name in tables}
        order = {name: sorted_rows(folder / resources()[name]["path"]) for name in tables}
    wrong: dict[str | None, tuple[str, str]] = {}
    for problem in problems:
        if name := stands.get(problem.file):
            about = order[name].get("incident_id", pd.Series(dtype=str)).get(problem.row)
            wrong.setdefault(about, (problem.column, problem.message))
    return wrong


def sorted_rows(path: Path) -> pd.DataFrame:
    """Return a table that was just written, by the line on which each row stands."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    return frame.set_axis(frame.index + 2)


def tables_of(drafts: Sequence[Draft], source: dict[str, str]) -> Tables:
    """Return the tables of an overlay, those that hold something."""
    rows: dict[str, list[dict[str, str]]] = {"incidents": [d.incident for d in drafts], "sources": [source]}
    for draft in drafts:
        for table, claim in draft.claims:
            told = {"incident_id": draft.incident["incident_id"], "source_id": source["source_id"]}
            told["locator"] = draft.locator
            rows.setdefault(table, []).append({**claim, **told})
    frames = {name: pd.DataFrame(found, columns=columns(name), dtype=str) for name, found in rows.items()}
    return {name: frame.fillna("").drop_duplicates() for name, frame in frames.items()}


def save(folder: Path, tables: Tables) -> None:
    """Write tables into a folder, in canonical order."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / resources()[name]["path"] for name in tables}
    write_tables(paths, {name: Table(frame, [], [], []) for name, frame in tables.items()})


def written(out: Path, tables: Tables, left: list[LeftOut], about: dict[str, str]) -> None:
    """Write an overlay, what was left out, and a record of both; tables that are no longer made go."""
    save(out, tables)
    for name in CLAIM_TABLES:
        if name not in tables:
            (out / resources()[name]["path"]).unlink(missing_ok=True)
    pd.DataFrame(left, columns=list(LeftOut._fields)).to_csv(out / LEFT_OUT, index=False, lineterminator="\n")
    paths = {resources()[name]["path"] for name in tables} & set(listed(out))
    record = {**about, "tables": {path: digest(out / path) for path in sorted(paths)}}
    (out / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
