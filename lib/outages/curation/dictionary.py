"""What does each table and column mean? Writes `data/README.md` from the descriptor, so that the two cannot part."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from outages.curation.agreement import Agreement, compare, read_second
from outages.paths import DATA, write_whole
from outages.registry.files import read_stack
from outages.registry.form import OR_PLACE, PLACE, listed_codes
from outages.registry.registry import read_registry
from outages.registry.schema import descriptor, key_of, resources

AGREEMENT = (
    "A unit is one thing that one document may say about one incident; only documents that both coders used are "
    "compared. Moments and quantities agree when intervals overlap, codes when the sets of codes meet. "
    "[CODING.md](CODING.md#second-coding) says what was coded twice and what the figures cannot show."
)


def dictionary() -> str:
    """Return the data dictionary as Markdown, from the descriptor, the codes and the row counts."""
    tables, _ = read_stack([DATA], list(resources()))
    package = descriptor()
    counts = [(f"[`{r['path']}`](#{n})", r["description"], len(tables[n])) for n, r in resources().items()]
    parts = [
        "# Data dictionary",
        "<!-- Written by `outages dictionary`; change datapackage.json or reference/codes.csv instead. -->",
        f"{package['description']} Version {package['version']}, {package['licenses'][0]['title']}. How to decide "
        "each field: [CODING.md](CODING.md). An empty cell is unknown; times are local with their UTC offset; files "
        "are UTF-8 CSV with LF.",
        markdown(["table", "one row", "rows"], counts, ["rows"]),
    ]
    parts += [section(name, tables[name]) for name in resources()]
    registry = read_registry()
    parts += ["## Agreement between coders", AGREEMENT, as_table(compare(registry, read_second(registry)))]
    parts.append("## Codes")
    for column, codes in tables["codes"].groupby("column"):
        rows = [(f"`{r.code}`", r.label_en, r.label_fr, r.definition, r.not_this) for r in codes.itertuples()]
        table = markdown(["code", "English", "French", "means", "does not mean"], rows)
        parts.append(f"### `{column}`\n\n{table}")
    return "\n\n".join(parts) + "\n"


def markdown(head: Sequence[str], rows: Iterable[Iterable[object]], numbers: Sequence[str] = ()) -> str:
    """Return a table in Markdown; columns of numbers stand to the right."""
    rule = "|".join("---:" if name in numbers else "---" for name in head)
    return "\n".join([f"| {' | '.join(head)} |", f"|{rule}|", *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def as_table(found: Iterable[Agreement]) -> str:
    """Return agreements as a table."""
    rows = []
    for a in found:
        share = f"{a.agree / a.both:.2f}" if a.both else "–"
        kappa = "–" if a.kappa is None else f"{a.kappa:.2f}"
        rows.append((f"`{a.field}`", a.both, a.agree, share, a.first_only, a.second_only, kappa))
    head = ["field", "coded by both", "agree", "share", "only first", "only second", "Cohen's kappa"]
    return markdown(head, rows, head[1:])


def section(name: str, table: pd.DataFrame) -> str:
    """Return what a table and its columns mean."""
    resource = resources()[name]
    key = key_of(name)
    lines = [
        f'<a id="{name}"></a>\n\n## {resource["title"]}: `{resource["path"]}`',
        resource["description"] + (f" Key: `{', '.join(key)}`." if key else ""),
    ]
    lines += [f"**Careful:** {resource['careful']}"] if "careful" in resource else []
    fields = resource["schema"]["fields"]
    filled = {f["name"]: f"{(table[f['name']] != '').sum()} of {len(table)}" for f in fields}
    rows = [(f"`{f['name']}`", f["type"], filled[f["name"]], f["description"], allowed(f)) for f in fields]
    return "\n\n".join([*lines, markdown(["column", "type", "filled", "meaning", "allowed"], rows, ["filled"])])


def allowed(field: dict) -> str:
    """Return what a column allows, in words where the pattern lists codes."""
    rule = field.get("constraints", {})
    pattern = rule.get("pattern", "")
    if codes := rule.get("enum") or listed_codes(pattern):
        more = ", separated by `;`" + PLACE * pattern.endswith(OR_PLACE) if pattern else ""
        return ", ".join(f"`{code}`" for code in codes) + more
    return f"`{pattern}`".replace("|", "\\|") if pattern else ""


def write_dictionary() -> Path:
    """Write the data dictionary and return its file."""
    write_whole(DATA / "README.md", dictionary())
    return DATA / "README.md"
