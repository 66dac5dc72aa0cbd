"""What can be done with the tables? List, check, format, count, compare, import and export."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

import outages as ou
from outages import curation, registry
from outages.cli.shared import FOLDER, app, complain, folders, overlays, tables
from outages.errors import InputError, counted
from outages.paths import DATA, shown

TO = "file; its ending (.csv .parquet .xlsx .json) says the kind"
MAP = 'what the columns mean; a line of it may say preset = "servicenow", "jira" or "statuspage"'


@app.command("list")
@click.option("--incidents", is_flag=True, help="show the incidents instead")
@overlays
def show_list(incidents: bool, data: Sequence[Path]) -> None:
    """Show the reports with their parameters."""
    from outages.render.catalogue import incident_rows
    from outages.render.planning import SET_BY_OPTION, notebooks

    for folder in (DATA, *data) if incidents else ():
        if not folder.is_dir():
            raise InputError(f"{folder}: is no folder; name one with tables of a registry")
        origin = "" if folder.resolve() == DATA.resolve() else f"  [{folder.resolve().name}]"
        for row in incident_rows(folder):
            print(f"{row['incident_id']}  {row['title_en'] or row['title_fr']}{origin}")
    for name, found in notebooks().items() if not incidents else ():
        if isinstance(found, InputError):
            complain(f"outages list: {found}")
        elif found is not None:
            print(name)
            for parameter in found.values():
                way = SET_BY_OPTION.get(parameter.name, f"-p {parameter.name}")
                print(f"  {way + ' ':<14}{parameter.type:<6}{parameter.default:<44}{parameter.help}")


@app.command()
@folders
@overlays
def check(folders: Sequence[Path], data: Sequence[Path]) -> int:
    """Validate a registry: the public one, or folders as one stack, first folder first."""
    problems = registry.check_folders([*(folders or [DATA]), *data])
    for problem in problems:
        print(problem)
    wrong = sum(problem.level == "error" for problem in problems)
    doubts = f", {counted(len(problems) - wrong, 'warning')}" if len(problems) > wrong else ""
    print((f"{counted(wrong, 'problem')} found" if wrong else "no problem found") + doubts, file=sys.stderr)
    return 2 if wrong else 0


@app.command("format")
@folders
def format_tables(folders: Sequence[Path]) -> None:
    """Put tables into canonical order: those of the public registry, or of folders."""
    for path, mended in [item for folder in folders or [DATA] for item in curation.format_folder(folder).items()]:
        print(f"formatted {path}: {mended}")


@app.command("new")
@click.argument("incident")
@click.option("--operator", default="", help="name of the operator (default: the word of the identifier)")
@tables
def begin(incident: str, operator: str, folder: Path) -> None:
    """Add the row of a new INCIDENT, YYYY-MM-DD-operator-cc-topic, and say what is left to fill in."""
    left = curation.new_incident(incident, folder, operator=operator)
    print(f"{shown(folder / 'incidents.csv')} holds {incident}; fill in {', '.join(left)}")
    print("then add its documents to sources.csv and its claims to events.csv, measures.csv, causes.csv,")
    own = "" if folder == DATA else f" {shown(folder)}"
    print("third_parties.csv, recommendations.csv, set status to coded, and run:")
    print(f"outages format{own}, outages check{own}")


@app.command("status")
def show_status() -> None:
    """Show what is in the registry, what is missing, what waits for a second coder."""
    found = registry.read_registry()
    twice = {incident for table in curation.read_second(found).values() for incident in table["incident_id"]}
    print("\n".join(curation.health(found, twice)))


@app.command("agreement")
def show_agreement() -> None:
    """Compare the second coding with the first, field by field."""
    found = registry.read_registry()
    second = curation.read_second(found)
    print(curation.as_table(curation.compare(found, second)))
    for incident, source, column in curation.disagreements(found, second):
        print(f"apart: {incident}, {source}: {column}")


@app.command()
@click.argument("claims", type=click.IntRange(1))
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), required=True, help="number that decides which are drawn")
def audit(claims: int, seed: int) -> None:
    """Draw CLAIMS at random as a checklist: page, place and value of each, to compare with what the page says."""
    drawn = curation.draw(registry.read_registry(), claims, seed)
    print(drawn.to_csv(index=False, lineterminator="\n"), end="")


@app.command("import")
@click.argument("file", type=FOLDER)
@click.option("--map", "map_", default="", metavar="MAP.toml", help=MAP)
@click.option("--out", type=FOLDER, default=None, metavar="DIR", help="folder of the overlay")
@click.option("--guess", is_flag=True, help="write such a map to the screen instead, from the header, as a start")
@click.option("--replace", is_flag=True, help="write also over tables that were changed by hand")
def import_list(file: Path, map_: str, out: Path | None, guess: bool, replace: bool) -> None:
    """Make an overlay from FILE, a list of incidents as CSV, workbook or JSON."""
    if guess and (map_ or out):
        raise InputError("--guess does not go with --map or --out; it writes a map to the screen")
    if guess:
        print(curation.propose(file), end="")
    elif not map_ or out is None:
        words = f"or --guess to get a map; a map may begin with preset = one of {', '.join(curation.presets())}"
        raise InputError(f"--map FILE and --out FOLDER are needed, {words}")
    else:
        print("\n".join(curation.import_list(file, map_, out, replace=replace).lines()))


@app.command()
@click.argument("what")
@click.option("--to", type=FOLDER, required=True, metavar="FILE", help=TO)
@overlays
@click.option("--lang", default="en", metavar="LANG", help="language of titles: en or fr")
@click.option("--policy", default="authority", help="how contradicting claims are resolved")
@click.option("--countries", default="", help="codes separated by ';'")
@click.option("--sectors", default="", help="codes separated by ';'")
@click.option("--services", default="", help="codes separated by ';'")
@click.option("--since", default="", metavar="DAY", help="first day of onset, as 2021-06-02")
@click.option("--until", default="", metavar="DAY", help="last day of onset")
@click.option("--operator", default="", help="names separated by ';'")
@click.option("--min-users", type=int, default=0, help="keep incidents that surely hit at least so many people")
def export(what: str, to: Path, data: Sequence[Path], **filters: Any) -> None:
    """Write WHAT (incidents, claims, lags, lengths, users, third-parties, limits or entries) to a file, with a
    codebook.
    """
    asked = [name for name, value in filters.items() if name != "lang" and value not in ("", 0, "authority")]
    if what == "entries" and asked:
        said = ", ".join(f"--{name.replace('_', '-')}" for name in asked)
        raise InputError(f"{said}: entries are written whole; leave it out, and choose among the rows that are written")
    folders = [str(folder) for folder in data]
    for path in curation.write(ou.study(data=folders, **filters), what, to, folders):
        print(f"wrote {shown(path)}")


@app.group()
def cohort() -> None:
    """Complete lists that operators keep themselves."""


@cohort.command("add")
@click.argument("file", type=FOLDER)
@click.option("--map", "map_", type=FOLDER, required=True, metavar="MAP.toml", help="what stands where in the list")
@tables
def add(file: Path, map_: Path, folder: Path) -> None:
    """Turn an exported list into entries of a cohort."""
    print(f"{curation.add_cohort(file, map_, folder)} entries added")


@app.command("dictionary")
def write_readme() -> None:
    """Write data/README.md from the descriptor and the codes."""
    print(f"wrote {curation.write_dictionary()}")
