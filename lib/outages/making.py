"""How do jobs become pages in a folder, whoever runs them? A page that was made replaces the one before in one step; a failure leaves it as it was."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from outages import render as rendering
from outages.render import Job
from outages.shelf import Shelf, opened, write_whole
from outages.warm import Result


@dataclass(frozen=True)
class Outcome:
    """What became of a job: `page` when it was made, otherwise what went `wrong` and the executed notebook that was `kept`, if any."""

    job: Job
    seconds: float
    page: Path | None = None
    wrong: str = ""
    kept: Path | None = None


def make_all(results: Iterable[Result], out: Path) -> Iterator[Outcome]:
    """Write pages into a folder and yield each outcome as it comes; the manifest and the index are kept up to date.

    Parameters
    ----------
    results : what `outages.warm.run_all` or `outages.cluster.run_all` yields
    out : folder, also one away from this machine, see `outages.shelf.place`
    """
    opened(out)
    shelf = Shelf(out)
    try:
        for result in results:
            yield put(result, out, shelf)
    finally:
        shelf.flush()


def put(result: Result, out: Path, shelf: Shelf) -> Outcome:
    """Write one page, or keep the notebook that failed, and note it."""
    job, page = result.job, out / result.job.page
    entry = {
        "name": job.name, "lang": job.lang, "notebook": job.notebook.stem, "parameters": job.parameters, "input_hash": job.input_hash,
        "data_version": job.data_version, "duration_seconds": round(result.seconds, 2), "status": "failed" if result.wrong else "made", "error": result.wrong,
    }  # fmt: skip
    if not result.wrong:
        write_whole(page, result.page)
        shelf.note(page.name, entry)
        return Outcome(job, result.seconds, page)
    kept = None
    if result.executed:
        rendering.FAILED.mkdir(parents=True, exist_ok=True)
        kept = rendering.FAILED / f"{job.name}.{job.lang}.ipynb"
        write_whole(kept, result.executed)
    shelf.note(page.name, entry)
    return Outcome(job, result.seconds, wrong=result.wrong, kept=kept)


def summary(done: Sequence[Outcome], still: Sequence[str] = ()) -> Iterator[str]:
    """Yield the lines of a table that says for each report how many pages were made, failed, and have not changed, and how long they took.

    `still` names the report of each page that has not changed.
    """
    head = ("report", "pages", "made", "failed", "unchanged", "seconds", "longest")
    rows = [
        line_of(name, [made for made in done if made.job.report == name], list(still).count(name))
        for name in sorted({*still, *(made.job.report for made in done)})
    ]
    rows += [line_of("all", done, len(still))] if len(rows) > 1 else []
    wide = max(len(row[0]) for row in [head, *rows])
    for row in [head, *rows]:
        yield f"{row[0]:<{wide}}" + "".join(f"{cell:>11}" for cell in row[1:])


def line_of(name: str, done: Sequence[Outcome], still: int) -> tuple[str, ...]:
    """Return one row of the summary."""
    failed, seconds = sum(bool(made.wrong) for made in done), [made.seconds for made in done]
    counts = (len(done) + still, len(done) - failed, failed, still)
    return (name, *map(str, counts), f"{sum(seconds):.1f}", f"{max(seconds, default=0):.1f}")
