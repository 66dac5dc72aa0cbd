"""What may stand in a registry: its tables, their columns, and how a fault in them is told."""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from outages.errors import LINE, MESSAGE, InputError, escaped
from outages.paths import DATA, shown

CLAIM_TABLES = ("events", "measures", "causes", "third_parties", "recommendations")
ASIDE = ("cohort_entries", "cohort_promises", "audit", "judged")  # read by those alone who use them, not by studies
CITING = (*CLAIM_TABLES, "regulator_annual", "communication_targets", "cohorts")  # their rows name a source
LATER = ("speaker", "retracted_by")  # of the second data model: a table that lacks them is read as if empty there
FILE, ROW, ORIGIN = "_file", "_row", "_origin"  # where a row stands: names that no table has when it is read
Row = dict[str, Any]
Rows = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a registry, and what would be right; a `warning` does not refuse the registry."""

    file: str
    row: int
    column: str
    message: str
    level: str = "error"

    def __str__(self) -> str:
        return self.line()

    def line(self, most: int = LINE) -> str:
        """Return the problem as one line of at most so many signs."""
        file = self.file if len(self.file) <= LINE // 2 else "…" + self.file[-LINE // 2 :]
        doubt = "warning: " if self.level == "warning" else ""
        return escaped(f"{file}:{self.row}: {self.column}: {doubt}{self.message}", most)


class RegistryError(InputError):
    """A registry that cannot be used; `problems` holds every reason."""

    def __init__(self, problems: Sequence[Problem]):
        self.problems = sorted(problems)
        more = f" (and {len(problems) - 1} more: run `outages check`)" if len(problems) > 1 else ""
        super().__init__(self.problems[0].line(MESSAGE - len(more)) + more)


@functools.cache
def descriptor() -> dict[str, Any]:
    """Return the data package descriptor of the public registry, the one authority on the schema."""
    path = DATA / "datapackage.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise RegistryError([Problem(shown(path), error.lineno, "(file)", f"is not JSON ({error.msg})")]) from error


@functools.cache
def resources() -> dict[str, dict[str, Any]]:
    """Return the descriptor's tables by name."""
    return {r["name"]: r for r in descriptor()["resources"]}


def study_tables() -> list[str]:
    """Return the names of the tables that every study is read from."""
    return [name for name in resources() if name not in ASIDE]


def columns(table: str) -> list[str]:
    """Return the column names that the descriptor lays down for a table, in order."""
    return [f["name"] for f in resources()[table]["schema"]["fields"]]


def key_of(table: str) -> list[str]:
    """Return the columns that tell the rows of a table apart; empty where rows have no key."""
    key = resources()[table]["schema"].get("primaryKey", [])
    return [key] if isinstance(key, str) else key


def path_of(folder: Path, table: str) -> Path:
    """Return where a table stands in a folder as CSV."""
    return folder / resources()[table]["path"]
