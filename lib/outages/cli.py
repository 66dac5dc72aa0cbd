"""What can be typed? The commands of `outages`, each a function that loads what costs time only when it is called."""

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from outages import __version__
from outages.errors import LINE, InputError, counted, escaped
from outages.paths import DATA, REPORTS

EXAMPLES = """\b
examples:
  outages list
  outages check --data ~/our-incidents
  outages new 2026-03-01-ourselves-fr-mobile --dir ~/our-incidents
  outages render comparative-report --lang fr -p policy=widest -p countries="FR;BE"
  outages render comparative-report -p services=emergency_calls --name emergency
  outages render comparative-report -p sectors=telecom -p since=2020-01-01 -p min_users=100000
  outages render incident-dossier-2012-07-06-orange-fr-mobile --pdf
  outages render comparative-report --data ~/our-incidents -p focus=2026-03-01-ourselves-fr-mobile --out /tmp/private
  outages render ~/mine.ipynb -p threshold=3
  outages render decision-note -p focus=2023-06-25-bt-gb-999 --lang fr --pdf
  outages import tickets.csv --guess > map.toml
  outages import tickets.csv --map map.toml --out ~/our-incidents
  outages export lags --to lags.csv
  outages render --all --jobs 2
  outages render --changed "incident-dossier-2021*" --scheduler tcp://host:8786 --out s3://bucket/reports
  outages schedule install
"""
FOLDER = click.Path(path_type=Path)
THERE = click.Path(path_type=Path, exists=True, resolve_path=True)
OUT = "folder, or address as s3://bucket/x (default: reports/html)"
LOG, NOTIFY = "append a line for each page", "run this once when something was made or failed, with a JSON on its stdin"
MAP = 'what the columns mean; a line of it may say preset = "servicenow", "jira" or "statuspage"'
overlay = "folder laid over the public registry; may be given several times"
overlays = click.option("--data", type=FOLDER, multiple=True, metavar="DIR", help=overlay)
folders = click.argument("folders", nargs=-1, type=FOLDER, metavar="[DIR]...")


@click.group(epilog=EXAMPLES, no_args_is_help=False, context_settings={"max_content_width": 120})
@click.version_option(__version__, prog_name="outages", message="%(prog)s %(version)s")
def app() -> None:
    """The open registry of major network outages: list, check and format its tables, render its reports."""


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
    from outages.registry.registry import check_folders

    problems = check_folders([*(folders or [DATA]), *data])
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
    from outages.curation.format import format_folder

    for path, mended in [item for folder in folders or [DATA] for item in format_folder(folder).items()]:
        print(f"formatted {path}: {mended}")


@app.command("new")
@click.argument("incident")
@click.option("--operator", default="", help="name of the operator (default: the word of the identifier)")
@click.option(
    "--dir", "folder", type=FOLDER, default=DATA, metavar="DIR", help="folder of the tables (default: public)"
)
def begin(incident: str, operator: str, folder: Path) -> None:
    """Add the row of a new INCIDENT, YYYY-MM-DD-operator-cc-topic, and say what is left to fill in."""
    from outages.curation.new import SkeletonError, new_incident

    try:
        left = new_incident(incident, folder, operator=operator)
    except SkeletonError as error:
        raise InputError(str(error)) from None
    print(f"{from_here(folder / 'incidents.csv')} holds {incident}; fill in {', '.join(left)}")
    print("then add its documents to sources.csv and its claims to events.csv, measures.csv, causes.csv,")
    print("third_parties.csv, recommendations.csv, set status to coded, and run: outages format, outages check")


@app.command("status")
def show_status() -> None:
    """Show what is in the registry, what is missing, what waits for a second coder."""
    from outages.curation.agreement import read_second
    from outages.curation.status import status
    from outages.registry.registry import read_registry

    registry = read_registry()
    twice = {incident for table in read_second(registry).values() for incident in table["incident_id"]}
    print("\n".join(status(registry, twice)))


@app.command("agreement")
def show_agreement() -> None:
    """Compare the second coding with the first, field by field."""
    from outages.curation.agreement import as_table, compare, disagreements, read_second
    from outages.registry.registry import read_registry

    registry = read_registry()
    second = read_second(registry)
    print(as_table(compare(registry, second)))
    for incident, source, column in disagreements(registry, second):
        print(f"apart: {incident}, {source}: {column}")


@app.command()
@click.argument("claims", type=int)
@click.option("--seed", type=int, required=True, help="number that decides which claims are drawn")
def audit(claims: int, seed: int) -> None:
    """Draw CLAIMS at random as a checklist: page, place and value of each, to compare with what the page says."""
    from outages.curation.audit import draw
    from outages.registry.registry import read_registry

    print(draw(read_registry(), claims, seed).to_csv(index=False, lineterminator="\n"), end="")


@app.command("import")
@click.argument("file", type=FOLDER)
@click.option("--map", "map_", default="", metavar="MAP.toml", help=MAP)
@click.option("--out", type=FOLDER, default=None, metavar="DIR", help="folder of the overlay")
@click.option("--guess", is_flag=True, help="write such a map to the screen instead, from the header, as a start")
@click.option("--replace", is_flag=True, help="write also over tables that were changed by hand")
def import_list(file: Path, map_: str, out: Path | None, guess: bool, replace: bool) -> int:
    """Make an overlay from FILE, a list of incidents as CSV, workbook or JSON."""
    from outages.curation.commands import import_

    return import_(file, map=map_, out=out, guess=guess, replace=replace)


@app.command()
@click.argument("what")
@click.option(
    "--to",
    type=FOLDER,
    required=True,
    metavar="FILE",
    help="file; its ending (.csv .parquet .xlsx .json) says the kind",
)
@overlays
@click.option("--lang", default="en", metavar="LANG", help="language of titles: en or fr")
@click.option("--policy", default="authority", help="how contradicting claims are resolved")
@click.option("--countries", default="", help="codes separated by ';'")
@click.option("--sectors", default="", help="codes separated by ';'")
@click.option("--services", default="", help="codes separated by ';'")
@click.option("--since", default="", metavar="DAY", help="first day of onset, as 2021-06-02")
@click.option("--until", default="", metavar="DAY", help="last day of onset")
@click.option("--operator", default="", help="name of one operator")
@click.option("--min-users", type=int, default=0, help="keep incidents that surely hit at least so many people")
def export(what: str, to: Path, **filters: Any) -> int:
    """Write WHAT (incidents, claims, lags, lengths, users, third-parties, limits or entries) to a file, with a codebook."""
    from outages.curation.commands import export_

    return export_(what, to=to, **filters)


@app.group()
def cohort() -> None:
    """Complete lists that operators keep themselves."""


@cohort.command("add")
@click.argument("file", type=FOLDER)
@click.option("--map", "map_", type=FOLDER, required=True, metavar="MAP.toml", help="what stands where in the list")
@click.option("--dir", "out", type=FOLDER, default=DATA, metavar="DIR", help="folder of the tables (default: public)")
def add(file: Path, map_: Path, out: Path) -> None:
    """Turn an exported list into entries of a cohort."""
    from outages.curation.cohort import add_cohort

    print(f"{add_cohort(file, map_, out)} entries added")


@app.command("dictionary")
def write_readme() -> None:
    """Write data/README.md from the descriptor and the codes."""
    from outages.curation.dictionary import write_dictionary

    print(f"wrote {write_dictionary()}")


@app.command()
@click.argument("what", type=click.Choice(["install", "show", "remove"]))
@click.option("--out", default="", metavar="DIR", help=OUT)
@click.option("--data", type=THERE, multiple=True, metavar="DIR", help=overlay)
@click.option("--catalogue", type=THERE, metavar="FILE", help="another catalogue")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="reports to be made at once (default: 1)")
@click.option("--log", type=click.Path(path_type=Path, resolve_path=True), metavar="FILE", help=LOG)
@click.option("--notify", default="", metavar="COMMAND", help=NOTIFY)
def schedule(what: str, out: str, data: Sequence[Path], **options: Any) -> None:
    """Have `outages render --due` called every quarter of an hour, by a systemd timer of the user or by cron."""
    from outages.render.schedule import install, lasting, remove, show

    options["notify"] = lasting(options["notify"])
    given = [f"--data={path}" for path in data] + [f"--{name}={value}" for name, value in options.items() if value]
    said = install(out, given) if what == "install" else show() if what == "show" else remove()
    print(said or "nothing is installed")


@app.command(epilog=EXAMPLES)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("-p", "parameters", multiple=True, metavar="KEY=VALUE", help="parameter of the report; may be repeated")
@click.option("--lang", "langs", multiple=True, type=click.Choice(["en", "fr"]), help="language (default: en), or both")
@overlays
@click.option("--name", "page", default="", metavar="NAME", help="name of the page (default: made of what is chosen)")
@click.option("--out", default="", metavar="DIR", help=OUT)
@click.option("--jobs", type=click.IntRange(1), default=1, metavar="N", help="reports to be made at once (default: 1)")
@click.option("--scheduler", default="", metavar="ADDRESS", help="Dask cluster that makes them, as tcp://host:8786")
@click.option("--pdf", is_flag=True, help="print each page to a PDF beside it (needs Chromium)")
@click.option("--all", "--changed", "every", is_flag=True, help="the whole catalogue, as far as it has changed")
@click.option("--due", is_flag=True, help="what schedules of the catalogue ask for now, as far as it has changed")
@click.option("--force", is_flag=True, help="with --all, --changed or --due: also what has not changed")
@click.option("--catalogue", type=FOLDER, default=REPORTS / "catalogue.toml", metavar="FILE", help="another catalogue")
@click.option("--log", type=FOLDER, metavar="FILE", help=LOG)
@click.option("--notify", default="", metavar="COMMAND", help=NOTIFY)
@click.option("--quiet", is_flag=True, help="show no progress")
def render(
    names: Sequence[str],
    parameters: Sequence[str],
    langs: Sequence[str],
    data: Sequence[Path],
    page: str,
    out: str,
    jobs: int,
    scheduler: str,
    pdf: bool,
    every: bool,
    due: bool,
    force: bool,
    catalogue: Path,
    log: Path | None,
    notify: str,
    quiet: bool,
) -> int:
    """Make report pages.

    NAME is a report, as `outages list` names it; incident-dossier-INCIDENT for a dossier under a name of its own; the
    path of any notebook; or a name or pattern of the catalogue, with --all, --changed or --due only as far as it has
    changed or is due.
    """
    from outages.render.order import Order, pairs
    from outages.render.places import locked, place, reaching
    from outages.render.telling import telling

    if not (every or due or names):
        raise click.UsageError("NAME is missing; name a report (`outages list` shows them) or ask for --all or --due")
    if every and due:
        raise click.UsageError("--due does not go with --all or --changed; ask for one of them")
    if (every or due) and (parameters or langs or pdf or page):
        raise click.UsageError(
            "-p, --lang, --name and --pdf do not go with --all, --changed or --due; the catalogue says them"
        )
    if scheduler and jobs > 1:
        raise click.UsageError(
            "--jobs does not go with --scheduler; the cluster makes as many at once as it has threads"
        )
    order, folder, how = Order(data, catalogue), place(out) if out else REPORTS / "html", (jobs, scheduler, quiet)
    whole = "--due" if due else "--all" if every else escaped(" ".join(names))
    with telling(folder, log, notify, lambda line: complain(f"outages render: {line}"), whole) as told:
        if not (every or due):
            return make(order.named(names, pairs(parameters), langs, pdf=pdf, page=page), {}, folder, told, *how)
        with reaching(folder):
            folder.mkdir(parents=True, exist_ok=True)
        with locked(folder) as free:
            if not free:
                print(f"outages render: another run is under way in {folder}; nothing done", file=sys.stderr)
                return 0
            wanted, unchanged, faults = order.swept(names, folder, only_due=due, force=force)
            for fault in faults:
                complain(f"outages render: {fault}")
                *where, why = fault.split(": ", 2)
                told.failure(": ".join(where), why)
            asked = len(wanted) + len(unchanged)
            if not quiet and (asked or not due):
                print(f"{asked} asked for, {len(unchanged)} unchanged, {len(wanted)} to make", file=sys.stderr)
            return max(make(wanted, unchanged, folder, told, *how), int(bool(faults)))


def make(
    wanted: list[Any], unchanged: dict[str, str], out: Path, told: Any, jobs: int, scheduler: str, quiet: bool
) -> int:
    """Have pages made and say what became of each; return the exit status."""
    told.unchanged(unchanged)
    if not wanted:
        return 0
    from outages.render import cluster, making, pool

    alone = quiet or len(wanted) == 1
    run = cluster.run_all(wanted, scheduler) if scheduler else pool.run_all(wanted, workers=jobs, progress=not quiet)
    for number, job in enumerate(making.make_all(run, out), 1):
        page = f"{job.name}.{job.lang}"
        told.note(job)
        if not alone:
            print(f"[{number}/{len(wanted)}] {page} {job.seconds:.1f} s", file=sys.stderr)
        for path in filter(None, (job.page, job.pdf)):
            print(from_here(path), flush=True)
        if job.wrong:
            kept = f"; the executed notebook is {from_here(job.kept)}" if job.kept else ""
            complain(f"outages render: {page} failed: {job.wrong}{kept}", 3 * LINE)
        if job.unprinted:
            complain(f"outages render: {page} could not be printed: {job.unprinted}")
    if not alone:
        print("\n".join(making.summary(wanted, list(unchanged.values()))), file=sys.stderr)
    return int(any(job.wrong or job.unprinted for job in wanted))


def from_here(path: Path) -> str:
    """Return a path as a reader at the prompt would write it."""
    with suppress(OSError, ValueError):  # a name that no file can have
        if isinstance(path, Path) and path.resolve().is_relative_to(Path.cwd()):
            return str(path.resolve().relative_to(Path.cwd()))
    return str(path)


def complain(text: str, most: int = LINE) -> None:
    """Say in one line on standard error what is wrong, with nothing in it that a terminal would obey."""
    print(escaped(text.strip(), most), file=sys.stderr)


def mend_streams() -> None:
    """Give closed standard streams somewhere to write to, and let no encoding of a terminal fail a command."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115
        elif mode == "w" and hasattr(getattr(sys, name), "reconfigure"):
            getattr(sys, name).reconfigure(errors="backslashreplace")


def stop(number: int, _frame: Any) -> None:
    """End as after an error, so that nothing is left behind."""
    raise SystemExit(128 + number)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return 0 for done, 1 for a report that failed, 2 for input that cannot be used."""
    mend_streams()
    words = list(sys.argv[1:] if argv is None else argv)
    name = f"outages {words[0]}" if words and words[0] in app.commands else "outages"
    before = signal.signal(signal.SIGTERM, stop)
    try:
        with app.make_context("outages", words) as context:
            return app.invoke(context) or 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        complain(f"{name}: {error.format_message()} (see {name} --help)")
    except InputError as error:
        complain(f"{name}: {error}")
    except BrokenPipeError:  # who reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 128 + signal.SIGPIPE
    except OSError as error:
        complain(f"{name}: {escaped(error.filename or '')}: {error.strerror or error}; check the path and its rights")
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    finally:
        signal.signal(signal.SIGTERM, before)
    return 2
