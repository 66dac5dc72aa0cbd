"""What do all commands share? The application, the options that recur, and how a command speaks."""

import sys
from pathlib import Path

import click

from outages import __version__
from outages.errors import LINE, escaped
from outages.paths import DATA

EXAMPLES = """\b
examples:
  outages list
  outages check --data ~/our-incidents
  outages new 2026-03-01-ourselves-fr-mobile --dir ~/our-incidents
  outages render comparative-report --lang fr -p policy=widest -p countries="FR;BE"
  outages render comparative-report -p services=emergency_calls --name emergency
  outages render incident-dossier-2012-07-06-orange-fr-mobile --pdf
  outages render decision-note --data ~/our-incidents -p focus=2026-03-01-ourselves-fr-mobile --out /tmp/private
  outages render ~/mine.ipynb -p threshold=3
  outages import tickets.csv --guess > map.toml
  outages import tickets.csv --map map.toml --out ~/our-incidents
  outages export lags --to lags.csv
  outages render --all --jobs 2
  outages render --changed "incident-dossier-2021*" --scheduler tcp://host:8786 --out s3://bucket/reports
  outages schedule install
"""
FOLDER = click.Path(path_type=Path)
TABLES = "folder of the tables (default: public)"
overlay = "folder laid over the public registry; may be given several times"
overlays = click.option("--data", type=FOLDER, multiple=True, metavar="DIR", help=overlay)
tables = click.option("--dir", "folder", type=FOLDER, default=DATA, metavar="DIR", help=TABLES)
folders = click.argument("folders", nargs=-1, type=FOLDER, metavar="[DIR]...")


@click.group(epilog=EXAMPLES, no_args_is_help=False, context_settings={"max_content_width": 120})
@click.version_option(__version__, prog_name="outages", message="%(prog)s %(version)s")
def app() -> None:
    """The open registry of major network outages: list, check and format its tables, render its reports."""


def complain(text: str, most: int = LINE) -> None:
    """Say in one line on standard error what is wrong, with nothing in it that a terminal would obey."""
    print(escaped(text.strip(), most), file=sys.stderr)
