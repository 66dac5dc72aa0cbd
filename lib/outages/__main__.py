"""The open registry of major network outages: list, check and format its tables, render its reports."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from outages import __version__
from outages.paths import DATA

if TYPE_CHECKING:
    from outages.catalogue import Entry, Keys
    from outages.render import Job
    from outages.warm import Result

EXAMPLES = """examples:
  outages list
  outages check
  outages check data ~/our-incidents
  outages new 2026-03-01-ourselves-fr-mobile --dir ~/our-incidents
  outages status
  outages render comparative-report --lang fr
  outages render comparative-report -p policy=widest -p countries="FR;BE"
  outages render incident-dossier -p incident=2012-07-06-orange-fr-mobile
  outages render detection-and-communication --lang fr --pdf
  outages render comparative-report -p sectors=telecom -p since=2020-01-01 -p min_users=100000
  outages render --all --jobs 2
  outages render --due
  outages render "incident-dossier-2021*"
  outages render --changed "incident-dossier-2021*" --scheduler tcp://host:8786 --out s3://bucket/reports
  outages schedule install
  outages render comparative-report --data ~/our-incidents -p focus=2026-03-01-ourselves-fr-mobile --out /tmp/private
"""


class OneLineParser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def error(self, message: str):
        """Say what is wrong and where help is; exit 2."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = OneLineParser(
        prog="outages", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--version", action="version", version=f"outages {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=OneLineParser)

    listing = commands.add_parser("list", help="show the reports with their parameters")
    listing.add_argument("--incidents", action="store_true", help="show the incidents instead")
    add_overlays(listing)

    several = " Several folders are checked as one stack, first folder first."
    for name, does, more in (
        ("check", "validate a registry", several),
        ("format", "put tables into canonical order", ""),
    ):
        tables = commands.add_parser(name, help=does, description=f"{does.capitalize()}.{more}")
        default = "folder with the tables (default: the public registry)"
        tables.add_argument("folders", nargs="*", type=Path, default=[DATA], metavar="DIR", help=default)

    new = commands.add_parser(
        "new", help="begin an incident", description="Add the row of a new incident and say what is left to fill in."
    )
    new.add_argument("incident", metavar="INCIDENT", help="identifier: YYYY-MM-DD-operator-cc-topic")
    new.add_argument("--operator", default="", help="name of the operator (default: the word of the identifier)")
    new.add_argument(
        "--dir",
        type=Path,
        default=DATA,
        metavar="DIR",
        help="folder of the tables, also of an overlay (default: the public registry)",
    )

    commands.add_parser("status", help="show what is in the registry, what is missing, what waits for a second coder")
    commands.add_parser("agreement", help="compare the second coding with the first, field by field")
    audit = commands.add_parser("audit", help="draw claims at random, as a checklist (CSV) with page and place in it")
    audit.add_argument("n", type=at_least_one, metavar="N", help="how many claims")
    audit.add_argument("--seed", type=int, default=0, help="number that says which claims are drawn (default: 0)")
    commands.add_parser("dictionary", help="write data/README.md from the descriptor and the codes")

    schedule = commands.add_parser(
        "schedule",
        help="have `outages render --due` called every quarter of an hour",
        description="By a systemd timer of the user where there is one, otherwise by a line in the user's crontab.",
    )
    schedule.add_argument("what", choices=["install", "show", "remove"])
    schedule.add_argument("--out", type=Path, metavar="DIR", help="folder for the pages (default: reports/html)")

    render = commands.add_parser(
        "render", help="make report pages", epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    render.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="report, as `outages list` names it; incident-dossier-INCIDENT for a dossier under a name of its own; "
        "or a name or pattern of the catalogue, with --all, --due or --changed only as far as it is due or has changed",
    )
    render.add_argument(
        "-p",
        dest="parameters",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="parameter of the report; may be given several times",
    )
    render.add_argument(
        "--lang",
        dest="langs",
        action="append",
        choices=["en", "fr"],
        help="language of the page (default: en); may be given twice",
    )
    add_overlays(render)
    render.add_argument(
        "--out",
        metavar="DIR",
        help="folder for the pages, or an address that fsspec knows, as s3://bucket/reports (default: reports/html)",
    )
    render.add_argument(
        "--jobs",
        type=at_least_one,
        default=1,
        metavar="N",
        help="make so many reports at once on this machine (default: 1); not with --scheduler",
    )
    render.add_argument(
        "--scheduler",
        default="",
        metavar="ADDRESS",
        help="have a Dask cluster make the reports, as tcp://host:8786, as many at once as it has threads (needs outages[cluster])",
    )
    render.add_argument("--pdf", action="store_true", help="print each page to a PDF beside it (needs Chromium)")
    which = render.add_mutually_exclusive_group()
    which.add_argument(
        "--all", action="store_true", help="the whole catalogue (reports/catalogue.toml), as far as it has changed"
    )
    which.add_argument("--changed", action="store_true", help="the same as --all")
    which.add_argument(
        "--due", action="store_true", help="what the schedules of the catalogue ask for now, as far as it has changed"
    )
    render.add_argument("--force", action="store_true", help="with --all or --due: also what has not changed")
    render.add_argument(
        "--catalogue", type=Path, metavar="FILE", help="another catalogue (default: reports/catalogue.toml)"
    )
    render.add_argument("--quiet", action="store_true", help="show no progress")
    return top


def add_overlays(command: argparse.ArgumentParser) -> None:
    """Let a command take overlays."""
    overlays = "folder laid over the public registry; may be given several times"
    command.add_argument("--data", action="append", type=Path, default=[], metavar="DIR", help=overlays)


def set_schedule(arguments: argparse.Namespace) -> int:
    """Install, show or remove what calls `outages render --due`."""
    from outages.schedule import install, remove, show

    if arguments.what == "install":
        print(install(arguments.out))
        return 0
    found = show() if arguments.what == "show" else remove()
    print(found or "nothing is installed")
    return 0


def pairs(given: Sequence[str]) -> dict[str, str]:
    """Split `key=value` arguments."""
    from outages.studies import ParameterError

    found: dict[str, str] = {}
    for item in given:
        key, sign, value = item.partition("=")
        if not sign or not key:
            raise ParameterError(f"-p {item}: write it as key=value")
        if key in found:
            raise ParameterError(f"{key}: given twice; give it once")
        found[key] = value
    return found


def show_list(arguments: argparse.Namespace) -> int:
    """Show reports, or incidents."""
    if arguments.incidents:
        from outages.registry.registry import read_registry

        table = read_registry(arguments.data).incidents
        for incident, title, origin in zip(table["incident_id"], table["title_en"], table["_origin"], strict=True):
            print(f"{incident}  {title}" + ("" if origin == "public" else f"  [{origin}]"))
        return 0
    from outages.render import NOTEBOOKS, SET_BY_OPTION, parameters_of, report_names

    for name in report_names():
        print(name)
        for parameter in parameters_of(NOTEBOOKS / f"{name}.ipynb").values():
            way = SET_BY_OPTION.get(parameter.name, f"-p {parameter.name}")
            print(f"  {way + ' ':<14}{parameter.type:<6}{parameter.default:<44}{parameter.help}")
    return 0


def check(arguments: argparse.Namespace) -> int:
    """Print what is wrong with a registry."""
    from outages.registry.registry import check_folders

    found = check_folders(arguments.folders)
    for problem in found:
        print(problem)
    wrong = [problem for problem in found if problem.level == "error"]
    print(f"{len(wrong)} problems found" if wrong else "no problem found", file=sys.stderr)
    if len(found) > len(wrong):
        print(f"{len(found) - len(wrong)} warnings: look at the pages again", file=sys.stderr)
    return 2 if wrong else 0


def format_tables(arguments: argparse.Namespace) -> int:
    """Put tables into canonical order."""
    from outages.curation.format import format_folder
    from outages.registry.schema import shown

    for folder in arguments.folders:
        for path, mended in format_folder(folder).items():
            print(f"formatted {shown(path)}: {mended}")
    return 0


def begin(arguments: argparse.Namespace) -> int:
    """Begin an incident."""
    from outages.curation.new import SkeletonError, new_incident
    from outages.registry.schema import shown

    try:
        left = new_incident(arguments.incident, arguments.dir, operator=arguments.operator)
    except SkeletonError as error:
        print(f"outages new: {error}", file=sys.stderr)
        return 2
    print(f"{shown(arguments.dir / 'incidents.csv')} holds {arguments.incident}; fill in {', '.join(left)}")
    print(
        "then add its documents to sources.csv and its claims to events.csv, measures.csv, causes.csv, third_parties.csv,"
    )
    print("recommendations.csv, set status to coded, and run: outages format, outages check")
    return 0


def show_status(_arguments: argparse.Namespace) -> int:
    """Show how healthy the registry is."""
    from outages.curation.agreement import read_second
    from outages.curation.status import status
    from outages.registry.registry import read_registry

    registry = read_registry()
    twice = {incident for table in read_second(registry).values() for incident in table["incident_id"]}
    print("\n".join(status(registry, twice)))
    return 0


def show_agreement(_arguments: argparse.Namespace) -> int:
    """Show how two coders agree, and where they exclude one another."""
    from outages.curation.agreement import as_table, compare, disagreements, read_second
    from outages.registry.registry import read_registry

    registry = read_registry()
    second = read_second(registry)
    print(as_table(compare(registry, second)))
    for incident, source, field in disagreements(registry, second):
        print(f"apart: {incident}, {source}: {field}")
    return 0


def show_audit(arguments: argparse.Namespace) -> int:
    """Print claims drawn at random as a checklist."""
    from outages.curation.audit import draw
    from outages.registry.registry import read_registry

    print(draw(read_registry(), arguments.n, arguments.seed).to_csv(index=False, lineterminator="\n"), end="")
    return 0


def write_readme(arguments: argparse.Namespace) -> int:
    """Write the data dictionary."""
    from outages.curation.dictionary import write_dictionary

    print(f"wrote {write_dictionary()}")
    return 0


def render(arguments: argparse.Namespace) -> int:
    """Make pages: those named, or those that the catalogue asks for and that have changed."""
    from outages.catalogue import CatalogueError

    swept = arguments.all or arguments.changed or arguments.due
    if not swept and not arguments.names:
        raise CatalogueError(
            "NAME is missing; name a report (`outages list` shows them) or ask for --all, --changed or --due"
        )
    if swept and (arguments.parameters or arguments.langs or arguments.pdf):
        raise CatalogueError("-p, --lang and --pdf do not go with --all, --changed or --due; the catalogue says them")
    if arguments.scheduler and arguments.jobs > 1:
        raise CatalogueError("--jobs does not go with --scheduler; the cluster makes as many at once as it has threads")
    return render_catalogue(arguments) if swept else render_named(arguments)


def render_named(arguments: argparse.Namespace) -> int:
    """Make the pages that were named: reports, and entries of the catalogue."""
    from outages.catalogue import CatalogueError
    from outages.pdf import find_chromium
    from outages.render import HTML, find_notebook, plan
    from outages.shelf import place
    from outages.studies import ParameterError

    given, out = pairs(arguments.parameters), place(arguments.out) if arguments.out else HTML
    langs = list(dict.fromkeys(arguments.langs or ["en"]))
    jobs: list[Job] = []
    printed: set[str] = set()
    for name in arguments.names:
        try:
            if set(name) & set("*?["):
                raise CatalogueError(f"no report of the catalogue fits {name}")
            find_notebook(name)
        except (CatalogueError, ParameterError):
            entries = named_in_catalogue(name, arguments)
            if not entries:
                raise
            jobs += planned(entries, arguments)
            printed |= {entry.page for entry in entries if "pdf" in entry.formats}
        else:
            jobs += [plan(name, given, lang, arguments.data) for lang in langs]
    printed |= {job.page for job in jobs} if arguments.pdf else set()
    return make(jobs, arguments, out, printed, find_chromium() if printed else "")


def named_in_catalogue(name: str, arguments: argparse.Namespace) -> list["Entry"]:
    """Return the pages of the catalogue that a name or pattern fits, in the languages asked for."""
    from outages.catalogue import CATALOGUE, CatalogueError, chosen, read_catalogue
    from outages.paths import DATA

    entries = chosen(read_catalogue(arguments.catalogue or CATALOGUE, [DATA, *arguments.data]), [name])
    if entries and arguments.parameters:
        raise CatalogueError(
            f"-p does not go with '{name}', an entry of the catalogue; the catalogue says its parameters"
        )
    return [entry for entry in entries if not arguments.langs or entry.lang in arguments.langs]


def render_catalogue(arguments: argparse.Namespace) -> int:
    """Make the pages of the catalogue that are due and would come out otherwise; a second run at the same time does nothing."""
    from datetime import UTC, datetime

    from outages.catalogue import CATALOGUE, CatalogueError, Keys, changed, chosen, due, read_catalogue
    from outages.paths import DATA, REPORTS
    from outages.shelf import listed, locked, looked, opened, place, read_manifest

    out = place(arguments.out) if arguments.out else REPORTS / "html"
    entries = chosen(read_catalogue(arguments.catalogue or CATALOGUE, [DATA, *arguments.data]), arguments.names)
    if not entries:
        raise CatalogueError(f"no report of the catalogue fits {', '.join(arguments.names)}")
    opened(out)
    with locked(out) as free:
        if not free:
            print(f"outages render: another run is under way in {out}; nothing done", file=sys.stderr)
            return 0
        manifest, keys = read_manifest(out), Keys(arguments.data)
        asked = due(entries, manifest, datetime.now(UTC)) if arguments.due else entries
        wanted = asked if arguments.force else changed(asked, manifest, keys, listed(out))
        still = {entry.page: entry.report for entry in asked} if len(wanted) < len(asked) else {}
        for entry in wanted:
            still.pop(entry.page, None)
        if still:
            looked(out, still)
        if not arguments.quiet:
            print(f"{len(asked)} asked for, {len(still)} unchanged, {len(wanted)} to make", file=sys.stderr)
        if not wanted:
            return 0
        from outages.pdf import find_chromium

        printed = {entry.page for entry in wanted if "pdf" in entry.formats}
        return make(
            planned(wanted, arguments, keys),
            arguments,
            out,
            printed,
            find_chromium() if printed else "",
            list(still.values()),
        )


def planned(entries: Sequence["Entry"], arguments: argparse.Namespace, keys: "Keys | None" = None) -> list["Job"]:
    """Plan pages of the catalogue."""
    import dataclasses

    from outages.catalogue import Keys
    from outages.render import plan

    keys, jobs = keys or Keys(arguments.data), []
    for entry in entries:
        job = plan(entry.notebook, entry.parameters, entry.lang, arguments.data)
        key = keys.of(entry.notebook, entry.lang, entry.parameters)
        jobs.append(dataclasses.replace(job, name=entry.name, input_hash=key, report=entry.report))
    return jobs


def make(
    jobs: Sequence["Job"],
    arguments: argparse.Namespace,
    out: Path,
    printed: set[str],
    chromium: str,
    still: Sequence[str] = (),
) -> int:
    """Make pages, several at once if asked, and print those that are wanted as PDF; return the exit status.

    `still` names the report of each page that was asked for and has not changed.
    """
    from outages.making import make_all, summary
    from outages.pdf import PrintError, print_page
    from outages.registry.files import shown
    from outages.shelf import read_manifest, write_index

    done, unprinted = [], 0
    for made in make_all(run(jobs, arguments), out):
        done.append(made)
        if not arguments.quiet and len(jobs) > 1:
            print(f"[{len(done)}/{len(jobs)}] {made.job.name}.{made.job.lang} {made.seconds:.1f} s", file=sys.stderr)
        if made.page is None:
            kept = f"; the executed notebook is {shown(made.kept)}" if made.kept else ""
            print(f"outages render: {made.job.name}.{made.job.lang} failed: {made.wrong}{kept}", file=sys.stderr)
            continue
        print(shown(made.page), flush=True)
        try:
            if made.page.name in printed:
                print(shown(print_page(made.page, chromium)), flush=True)
        except PrintError as error:
            unprinted += 1
            print(f"outages render: {made.job.name}.{made.job.lang} could not be printed: {error}", file=sys.stderr)
    if printed:  # the index links what was printed
        write_index(out, read_manifest(out))
    if len(jobs) > 1 and not arguments.quiet:
        print("\n".join(summary(done, still)), file=sys.stderr)
    return 1 if unprinted or any(made.wrong for made in done) else 0


def run(jobs: Sequence["Job"], arguments: argparse.Namespace) -> "Iterator[Result]":
    """Run reports on this machine or on a cluster."""
    if arguments.scheduler:
        from outages.cluster import run_all as run_there

        return run_there(jobs, arguments.scheduler)
    from outages.warm import run_all

    return run_all(jobs, workers=arguments.jobs, progress=not arguments.quiet)


def at_least_one(text: str) -> int:
    """Read a number of reports to be made at once."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not allowed; write a whole number from 1")
    return int(text)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return 0 for done, 1 for a report that failed, 2 for input that cannot be used."""
    from outages.errors import InputError

    arguments = parser().parse_args(argv)
    command = {
        "list": show_list,
        "check": check,
        "format": format_tables,
        "new": begin,
        "status": show_status,
        "agreement": show_agreement,
        "audit": show_audit,
        "dictionary": write_readme,
        "render": render,
        "schedule": set_schedule,
    }[arguments.command]
    try:
        return command(arguments)
    except InputError as error:
        print(f"outages {arguments.command}: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(
            f"outages {arguments.command}: {error.filename or ''}: {error.strerror or error}; check the path and its rights",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
