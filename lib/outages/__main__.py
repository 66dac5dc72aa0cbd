"""The open registry of major network outages: list, check and format its tables, render its reports."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from outages import __version__
from outages.paths import DATA

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
    commands.add_parser("dictionary", help="write data/README.md from the descriptor and the codes")

    render = commands.add_parser(
        "render", help="make report pages", epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    render.add_argument(
        "names",
        nargs="+",
        metavar="NAME",
        help="report, as `outages list` names it; incident-dossier-INCIDENT for a dossier under a name of its own",
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
    render.add_argument("--out", type=Path, metavar="DIR", help="folder for the pages (default: reports/html)")
    render.add_argument("--pdf", action="store_true", help="print each page to a PDF beside it (needs Chromium)")
    render.add_argument("--quiet", action="store_true", help="show no progress")
    return top


def add_overlays(command: argparse.ArgumentParser) -> None:
    """Let a command take overlays."""
    overlays = "folder laid over the public registry; may be given several times"
    command.add_argument("--data", action="append", type=Path, default=[], metavar="DIR", help=overlays)


def pairs(given: Sequence[str]) -> dict[str, str]:
    """Split `key=value` arguments."""
    from outages.study import ParameterError

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
        from outages.registry import read_registry

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
    from outages.checks import check_folders

    problems = check_folders(arguments.folders)
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems found" if problems else "no problem found", file=sys.stderr)
    return 2 if problems else 0


def format_tables(arguments: argparse.Namespace) -> int:
    """Put tables into canonical order."""
    from outages.checks import format_folder

    for folder in arguments.folders:
        for path in format_folder(folder):
            print(f"formatted {path}")
    return 0


def begin(arguments: argparse.Namespace) -> int:
    """Begin an incident."""
    from outages.skeleton import SkeletonError, new_incident
    from outages.tables import shown

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
    from outages.agreement import read_second
    from outages.registry import read_registry
    from outages.status import status

    registry = read_registry()
    twice = {incident for table in read_second(registry).values() for incident in table["incident_id"]}
    print("\n".join(status(registry, twice)))
    return 0


def show_agreement(_arguments: argparse.Namespace) -> int:
    """Show how two coders agree, and where they exclude one another."""
    from outages.agreement import as_table, compare, disagreements, read_second
    from outages.registry import read_registry

    registry = read_registry()
    second = read_second(registry)
    print(as_table(compare(registry, second)))
    for incident, source, field in disagreements(registry, second):
        print(f"apart: {incident}, {source}: {field}")
    return 0


def write_readme(arguments: argparse.Namespace) -> int:
    """Write the data dictionary."""
    from outages.dictionary import write_dictionary

    print(f"wrote {write_dictionary()}")
    return 0


def render(arguments: argparse.Namespace) -> int:
    """Make pages: plan all, then run one after the other."""
    from outages.pdf import PrintError, find_chromium, print_page
    from outages.render import HTML, RenderError, plan, render
    from outages.shelf import read_manifest, write_index
    from outages.tables import shown

    given = pairs(arguments.parameters)
    langs = list(dict.fromkeys(arguments.langs or ["en"]))
    chromium = find_chromium() if arguments.pdf else ""
    jobs = [plan(name, given, lang, arguments.data) for name in arguments.names for lang in langs]
    failed = 0
    for job in jobs:
        try:
            page = render(job, arguments.out or HTML, progress=not arguments.quiet)
            print(shown(page))
            if chromium:
                print(shown(print_page(page, chromium)))
        except RenderError as error:
            failed += 1
            print(
                f"outages render: {job.name}.{job.lang} failed: {error}; the executed notebook is {shown(error.kept)}",
                file=sys.stderr,
            )
        except PrintError as error:
            failed += 1
            print(f"outages render: {job.name}.{job.lang} could not be printed: {error}", file=sys.stderr)
    if chromium:  # the index links what was printed
        write_index(arguments.out or HTML, read_manifest(arguments.out or HTML))
    return 1 if failed else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return 0 for done, 1 for a report that failed, 2 for input that cannot be used."""
    from outages.study import ParameterError
    from outages.tables import RegistryError

    arguments = parser().parse_args(argv)
    command = {
        "list": show_list,
        "check": check,
        "format": format_tables,
        "new": begin,
        "status": show_status,
        "agreement": show_agreement,
        "dictionary": write_readme,
        "render": render,
    }[arguments.command]
    try:
        return command(arguments)
    except (ParameterError, RegistryError) as error:
        print(f"outages {arguments.command}: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(
            f"outages {arguments.command}: {error.filename or ''}: {error.strerror}; check the path and its rights",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
