"""What can be made of the registry? Pages, now or on a schedule."""

import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from outages.cli.shared import EXAMPLES, FOLDER, app, complain, overlay, overlays
from outages.errors import LINE, escaped
from outages.paths import REPORTS, reaching, shown

THERE = click.Path(path_type=Path, exists=True, resolve_path=True)
OUT = "folder, or address as s3://bucket/x (default: reports/html)"
LOG, NOTIFY = "append a line for each page", "run this once when something was made or failed, with a JSON on its stdin"


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
    from outages.render.schedule import install, remove, show

    given = [f"--data={path}" for path in data] + [f"--{name}={value}" for name, value in options.items() if value]
    said = install(out, given) if what == "install" else show() if what == "show" else remove()
    print(said or "nothing is installed")


@app.command(epilog=EXAMPLES)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("-p", "parameters", multiple=True, metavar="KEY=VALUE", help="parameter of the report; may be repeated")
@click.option("--lang", "langs", multiple=True, type=click.Choice(["en", "fr", "both"]), help="language (default: en)")
@overlays
@click.option("--name", "page", default="", metavar="NAME", help="name of the page (default: made of what is chosen)")
@click.option("--out", default="", metavar="DIR", help=OUT)
@click.option("--jobs", type=click.IntRange(1), default=1, metavar="N", help="reports to be made at once (default: 1)")
@click.option("--scheduler", default="", metavar="ADDRESS", help="Dask cluster that makes them, as tcp://host:8786")
@click.option("--pdf", is_flag=True, help="print each page to a PDF beside it (needs Chromium)")
@click.option("--all", "--changed", "every", is_flag=True, help="the whole catalogue, as far as it has changed")
@click.option("--due", is_flag=True, help="what schedules of the catalogue ask for now, as far as it has changed")
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
    from outages.render.places import locked, place
    from outages.render.telling import telling

    gc.disable()  # no rubbish is made: what is imported stays, and the process of a page ends with it
    click.get_current_context().call_on_close(gc.enable)
    if not (every or due or names):
        raise click.UsageError("NAME is missing; name a report (`outages list` shows them) or ask for --all or --due")
    if every and due:
        raise click.UsageError("--due does not go with --all or --changed; ask for one of them")
    if (every or due) and (parameters or langs or pdf or page):
        said = "-p, --lang, --name and --pdf do not go with --all, --changed or --due"
        raise click.UsageError(f"{said}; the catalogue says them")
    langs = ("en", "fr") if "both" in langs else langs
    if scheduler and jobs > 1:
        raise click.UsageError(
            "--jobs does not go with --scheduler; the cluster makes as many at once as it has threads"
        )
    order, folder, how = Order(data, catalogue), place(out) if out else REPORTS / "html", (jobs, scheduler, quiet)
    whole = escaped(" ".join(names)) or ("--due" if due else "--all")
    with telling(folder, log, notify, lambda line: complain(f"outages render: {line}"), whole) as told:
        if not (every or due):
            return make(order.named(names, pairs(parameters), langs, pdf=pdf, page=page), {}, folder, told, *how)
        with reaching(folder):
            folder.mkdir(parents=True, exist_ok=True)
        with locked(folder) as free:
            if not free:
                print(f"outages render: another run is under way in {folder}; nothing done", file=sys.stderr)
                return 0
            wanted, unchanged, faults = order.swept(names, folder, due_now=due)
            for fault in faults:
                complain(f"outages render: {fault}")
                *where, why = fault.split(": ", 2)
                told.failure(": ".join(where), why)
            asked = len(wanted) + len(unchanged)
            if not quiet and (asked or not due):
                print(f"{asked} asked for, {len(unchanged)} unchanged, {len(wanted)} to make", file=sys.stderr)
            return max(make(order.planned(wanted), unchanged, folder, told, *how), int(bool(faults)))


def make(
    wanted: list[Any], unchanged: dict[str, str], out: Path, told: Any, jobs: int, scheduler: str, quiet: bool
) -> int:
    """Have pages made and say what became of each; return the exit status."""
    told.unchanged(unchanged)
    if not wanted:
        return 0
    from outages.render import cluster, pool, publishing
    from outages.render.pdf import NAMES, chromium

    if (n := sum("pdf" in job.formats for job in wanted)) and not chromium():
        why = f"no Chromium is on the path, install one of {', '.join(NAMES)}"
        complain(f"outages render: pages without their PDF: {n} of {len(wanted)}; {why}, and run this again")
    for job in wanted:
        if job.lang != "en" and not job.wrong and "lang" not in job.parameters:
            said = f"{job.notebook.name} takes no parameter lang, and its content stays as it is written"
            complain(f"outages render: --lang {job.lang}: {said}")
    alone = quiet or len(wanted) == 1
    if alone and not (quiet or scheduler):
        print(f"making {wanted[0].name}.{wanted[0].lang}", file=sys.stderr)
    run = cluster.run_all(wanted, scheduler) if scheduler else pool.run_all(wanted, workers=jobs)
    for number, job in enumerate(publishing.make_all(run, out), 1):
        page = f"{job.name}.{job.lang}"
        told.note(job)
        if not alone:
            print(f"[{number}/{len(wanted)}] {page} {job.seconds:.1f} s", file=sys.stderr)
        for path in filter(None, (job.page, job.pdf)):
            print(shown(path), flush=True)
        if job.wrong:
            kept = f"; the executed notebook is {shown(job.kept)}" if job.kept else ""
            complain(f"outages render: {page} failed: {job.wrong}{kept}", 3 * LINE)
        if job.unprinted:
            complain(f"outages render: {page} could not be printed: {job.unprinted}")
    if not alone:
        print("\n".join(publishing.summary(wanted, list(unchanged.values()))), file=sys.stderr)
    return int(any(job.wrong or job.unprinted for job in wanted))
