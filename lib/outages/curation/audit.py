"""Does a page say what the registry says it says? Draws claims at random for somebody to look up."""

from pathlib import Path

import pandas as pd

from outages.paths import DATA
from outages.registry.files import framed, read_rows
from outages.registry.registry import Registry
from outages.registry.schema import columns

ABOUT = {  # table: what a claim is about, and the cells that say what it says
    "events": ("event", ["time_low", "time_high", "actor"]),
    "measures": ("measure", ["value_low", "value_high", "unit", "bound"]),
    "causes": ("factor", ["value"]),
    "third_parties": ("party", ["role", "involvement"]),
    "recommendations": ("theme", ["addressee", "text_en"]),
}


def draw(registry: Registry, n: int, seed: int) -> pd.DataFrame:
    """Return claims drawn at random as a checklist; the same seed draws the same claims from the same data. It has the
    columns of `data/audit.csv`, those for the auditor empty, then where to look: `locator`, `title`, `url`,
    `archive_url`, `claim_note`.
    """
    drawn = every_claim(registry)
    drawn = drawn.sample(min(n, len(drawn)), random_state=seed).sort_index()
    pages = registry.sources[["source_id", "title", "url", "archive_url"]]
    whole = drawn.merge(pages, on="source_id", how="left").assign(verdict="", day="", note="")
    return whole[[*columns("audit"), "locator", "title", "url", "archive_url", "claim_note"]]


def every_claim(registry: Registry) -> pd.DataFrame:
    """Return all claims under the key of the audit: `table`, `incident_id`, `source_id`, `field`, `value`."""
    parts = []
    for table, (about, cells) in ABOUT.items():
        rows = getattr(registry, table)
        value = [" ".join(filter(None, row)) for row in rows[cells].itertuples(index=False)]
        found = rows[["incident_id", "source_id", "locator"]].assign(table=table, field=rows[about], value=value)
        parts.append(found.assign(claim_note=rows.get("note", "")))
    return pd.concat(parts, ignore_index=True)


def verdicts(folder: Path = DATA) -> pd.DataFrame:
    """Return the results of all audits, one row a claim that was looked up; without rows where none was."""
    return framed("audit", read_rows(folder / "audit.csv", "audit", "public")[0])[columns("audit")]
