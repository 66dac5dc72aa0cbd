"""What becomes of jobs that have run? Their pages replace the last ones whole, failures leave them, all is noted."""

import contextlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from outages.paths import REPORTS, reaching, write_whole
from outages.render.index import wake
from outages.render.manifest import Manifest
from outages.render.pdf import PrintError, chromium, print_page
from outages.render.places import page_names
from outages.render.planning import Job

FAILED = REPORTS / "failed"


def make_all(jobs: Iterable[Job], out: Path) -> Iterator[Job]:
    """Put the pages of jobs, as `run_all` of `pool` or `cluster` yields them, into a folder or a place away from this
    machine, and yield each; manifest and index are kept up to date.
    """
    with reaching(out):
        out.mkdir(parents=True, exist_ok=True)
    manifest, before, made = Manifest(out), page_names(out), set()
    try:
        for job in jobs:
            put(job, out)
            manifest.note(job)
            made.add(job.file)
            yield job
    finally:
        manifest.flush()
        there = page_names(out)
        wake(out, made & there if there == before else there, there)


def put(job: Job, out: Path) -> None:
    """Write the page of a job and print it if wanted, or keep the notebook of one that failed."""
    if not job.wrong:
        try:
            write_whole(out / job.file, job.html)
            job.page = out / job.file
        except OSError as error:
            job.wrong = f"{out / job.file}: {error.strerror or error}"
    if job.wrong:
        keep(job)
    elif "pdf" in job.formats and (browser := chromium()):
        try:
            job.pdf = print_page(out / job.file, browser)
        except (PrintError, OSError) as error:
            job.unprinted = str(error)


def keep(job: Job) -> None:
    """Keep the executed notebook of a failed report, for the user alone: in the checkout, else elsewhere."""
    for folder in (lambda: FAILED, lambda: Path(tempfile.mkdtemp(prefix="outages-failed-"))) if job.executed else ():
        with contextlib.suppress(OSError):
            kept = folder() / f"{job.name}.{job.lang}.ipynb"
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.touch(0o600)
            kept.chmod(0o600)
            write_whole(kept, job.executed)
            job.kept = kept
            return


def summary(made: Sequence[Job], unchanged: Sequence[str] = ()) -> Iterator[str]:
    """Yield a table that counts for each report what was made, failed, and has not changed, and sums up the seconds.

    `unchanged` names the report of each page that has not changed.
    """
    names = sorted({*unchanged, *(job.report for job in made)})
    groups = [(name, [job for job in made if job.report == name], unchanged.count(name)) for name in names]
    rows: list[tuple[str, ...]] = [("report", "pages", "made", "failed", "unchanged", "seconds", "longest")]
    for name, jobs, same in [*groups, *([("all", [*made], len(unchanged))] if len(groups) > 1 else [])]:
        failed, seconds = sum(bool(job.wrong) for job in jobs), [job.seconds for job in jobs]
        counts = map(str, (len(jobs) + same, len(jobs) - failed, failed, same))
        rows.append((name, *counts, f"{sum(seconds):.1f}", f"{max(seconds, default=0):.1f}"))
    wide = max(len(row[0]) for row in rows)
    for row in rows:
        yield f"{row[0]:<{wide}}" + "".join(f"{cell:>11}" for cell in row[1:])
