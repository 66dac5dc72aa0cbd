"""Which pages are asked for? Those that were named, or those of the catalogue that are due and have changed; each is planned, and what cannot be planned fails alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from outages.errors import InputError
from outages.paths import DATA, NOTEBOOKS
from outages.render.catalogue import CatalogueError, Entry, changed, due, fitting, read_catalogue
from outages.render.keys import Keys
from outages.render.manifest import note_looked, page_names, read_manifest
from outages.render.notebook import BrokenNotebook, Job, NotebookError, find_notebook, plan
from outages.render.pdf import find_chromium


@dataclass(frozen=True)
class Sweep:
    """Pages of the catalogue to be made, the reports of those that have not changed, and what is wrong with entries that cannot be used."""

    jobs: list[Job]
    unchanged: list[str]
    faults: list[str]


def pairs(given: Iterable[str]) -> dict[str, str]:
    """Split `key=value` arguments.

    Raises
    ------
    NotebookError : another form, or a key given twice
    """
    found: dict[str, str] = {}
    for item in given:
        key, sign, value = item.partition("=")
        if not sign or not key:
            raise NotebookError(f"-p {item[:80]}: write it as key=value")
        if key in found:
            raise NotebookError(f"{key}: given twice; give it once")
        found[key] = value
    return found


def named(
    names: Sequence[str],
    given: dict[str, str],
    langs: Sequence[str],
    overlays: Sequence[Path],
    catalogue: Path,
    *,
    pdf: bool = False,
) -> list[Job]:
    """Plan the pages that were named: reports, notebooks by path, and entries of the catalogue.

    Raises
    ------
    InputError : a name or parameter that cannot be used; of several names, one whose notebook is broken fails alone
    """
    if pdf:
        find_chromium()
    jobs, keys = [], Keys(overlays)
    for name in names:
        try:
            find_notebook(name)
        except BrokenNotebook:
            raise
        except NotebookError:
            entries = listed(name, given, langs, overlays, catalogue)
            if not entries:
                raise
            jobs += planned(entries, overlays, keys)
            continue
        for lang in dict.fromkeys(langs or ["en"]):
            try:
                job = plan(name, given, lang, overlays)
                asked = find_notebook(name)[1] | given
                job.key = keys.of(job.report, lang, asked) if job.own else ""
            except BrokenNotebook as error:
                if len(names) == 1:
                    raise
                job = Job(Path(name).stem, Path(name), given, lang, wrong=str(error))
            jobs.append(job)
    for job in jobs if pdf else ():
        job.formats = ("html", "pdf")
    return jobs


def listed(
    name: str, given: dict[str, str], langs: Sequence[str], overlays: Sequence[Path], catalogue: Path
) -> list[Entry]:
    """Return the pages of the catalogue that a name or pattern fits, in the languages asked for."""
    entries = fitting(read_catalogue(catalogue, [DATA, *overlays])[0], [name])
    if not entries and set(name) & set("*?["):
        raise CatalogueError(f"no report of the catalogue fits {name}")
    if entries and given:
        raise CatalogueError(
            f"-p does not go with '{name}', an entry of the catalogue; the catalogue says its parameters"
        )
    return [entry for entry in entries if not langs or entry.lang in langs]


def sweep(
    names: Sequence[str], overlays: Sequence[Path], catalogue: Path, out: Path, *, only_due: bool, force: bool
) -> Sweep:
    """Plan the pages of the catalogue that would come out otherwise than they stand in a folder.

    Parameters
    ----------
    names : names or patterns, none for all
    only_due : those alone whose time has come
    force : also those that have not changed

    Raises
    ------
    CatalogueError : the catalogue cannot be read, or nothing in it fits
    RegistryError : the registry breaks a rule, which concerns every page
    """
    every, faults = read_catalogue(catalogue, [DATA, *overlays])
    entries = fitting(every, names)
    if not entries and not faults:
        raise CatalogueError(
            f"no report of the catalogue fits {', '.join(names)}" if names else f"{catalogue}: names no report"
        )
    manifest, keys = read_manifest(out), Keys(overlays)
    asked = due(entries, manifest, datetime.now(UTC)) if only_due else entries
    wanted = asked if force else changed(asked, manifest, keys, page_names(out))
    pages = {entry.page for entry in wanted}
    still = {entry.page: entry.report for entry in asked if entry.page not in pages}
    if still:
        note_looked(out, still)
    return Sweep(planned(wanted, overlays, keys) if wanted else [], list(still.values()), faults)


def planned(entries: Sequence[Entry], overlays: Sequence[Path], keys: Keys) -> list[Job]:
    """Plan pages of the catalogue; one with a parameter that cannot be used comes back with what is wrong."""
    from outages.registry import RegistryError

    jobs = []
    for entry in entries:
        try:
            job = plan(entry.notebook, entry.parameters, entry.lang, overlays)
        except RegistryError:
            raise
        except InputError as error:
            path = NOTEBOOKS / f"{entry.notebook}.ipynb"
            job = Job(entry.name, path, dict(entry.parameters), entry.lang, wrong=str(error))
        job.name, job.report, job.formats = entry.name, entry.report, entry.formats
        job.key = keys.of(entry.notebook, entry.lang, entry.parameters)
        jobs.append(job)
    return jobs
