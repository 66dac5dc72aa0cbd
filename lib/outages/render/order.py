"""Which pages are asked for, and what is each called? Those that were named, or those of the catalogue that are due and
have changed; a page is called as asked, as in the catalogue, or after what was chosen, and never like a standard page.
"""

import contextlib
import functools
import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from outages.errors import HALF, InputError, escaped
from outages.paths import DATA
from outages.registry.schema import RegistryError
from outages.render.catalogue import (
    CATALOGUE,
    NAME,
    CatalogueError,
    due,
    fitting,
    incident_rows,
    read_catalogue,
    reports_of,
    slug,
)
from outages.render.keys import Keys, changed
from outages.render.manifest import note_looked, read_manifest
from outages.render.pdf import find_chromium
from outages.render.places import page_names
from outages.render.planning import BrokenNotebook, Job, NotebookError, choosing, find_notebook, plan

SPEAKING = ("incident", "focus", "services", "sectors", "countries", "operator")  # their values say what they are
LONGEST = 100  # signs of a page's name


class Order:
    """What is asked for: `overlays` over the registry, a `catalogue`, and the keys of pages made from them."""

    def __init__(self, overlays: Sequence[Path] = (), catalogue: Path = CATALOGUE):
        self.overlays, self.catalogue, self.keys = overlays, catalogue, Keys(overlays)
        self.folders = (DATA, *overlays)
        self.pages = functools.cache(lambda *folders: {job.file: job for job in read_catalogue(catalogue, folders)[0]})

    def standard(self, page: str) -> Job | None:
        """Return the page of the catalogue that a file is, None for none, and without a catalogue; sweeps, which may be
        of very many, are expanded only for a name like theirs.
        """
        with contextlib.suppress(CatalogueError):
            tables = [report for report in reports_of(self.catalogue) if isinstance(report, dict)]
            swept = [report for report in tables if "*" in str(report.get("parameters"))]
            like = tuple(f"{report.get('name', report.get('notebook'))}-" for report in swept)
            return self.pages(*(self.folders if page.startswith(like) else ())).get(page)
        return None

    def named(
        self, names: Sequence[str], given: dict[str, str], langs: Sequence[str], *, pdf: bool = False, page: str = ""
    ) -> list[Job]:
        """Plan the pages that were named: reports, notebooks by path, entries and patterns of the catalogue.

        A page with other parameters than the catalogue's has a name of its own: `page`, or one made of what was chosen.
        Raise InputError for a name or parameter that cannot be used; of several names one of a broken notebook fails
        alone.
        """
        if pdf:
            find_chromium()
        if page and (len(names) > 1 or not NAME.fullmatch(page)):
            hint = "name one report, and begin with a letter or digit, without / and \\"
            raise NotebookError(f"--name {escaped(page, 60)}: {hint}")
        jobs = [job for name in names for job in self.of_name(name, given, langs, page)]
        for job in jobs:
            job.formats = ("html", "pdf") if pdf else job.formats
        if len(jobs) == 1 and jobs[0].wrong:
            raise NotebookError(jobs[0].wrong)
        return jobs

    def of_name(self, name: str, given: dict[str, str], langs: Sequence[str], page: str = "") -> list[Job]:
        """Plan the pages that one name or pattern stands for."""
        pattern = bool(set(name) & set("*?[")) and not name.endswith(".ipynb")
        try:
            if pattern:
                raise CatalogueError(f"no report of the catalogue fits {name[:80]}")
            notebook, preset = find_notebook(name)
        except (NotebookError, CatalogueError):
            entries = fitting(read_catalogue(self.catalogue, self.folders)[0], [name])
            if not entries:
                raise
            if given or page:
                hint = "an entry of the catalogue; the catalogue says its parameters"
                raise CatalogueError(f"-p and --name do not go with '{name}', {hint}") from None
            return self.planned(entry for entry in entries if not langs or entry.lang in langs)
        try:
            jobs = []
            for lang in dict.fromkeys(langs or ["en"]):
                entry = self.standard(f"{name}.{lang}.html")
                usual = entry.parameters if entry and entry.notebook == notebook and not preset | given else given
                jobs.append(plan(name, usual, lang, self.overlays))
                jobs[-1].key = self.keys.of(notebook.stem, lang, preset | usual) if jobs[-1].own else ""
                name_page(self, jobs[-1], page, given, preset | usual)
        except BrokenNotebook as error:
            return [Job(notebook.stem, notebook, given, "en", report=notebook.stem, wrong=str(error))]
        return jobs

    def swept(self, names: Sequence[str], out: Path, *, due_now: bool) -> tuple[list[Job], dict[str, str], list[str]]:
        """Find the pages of the catalogue that would come out otherwise than they stand in a folder: of some names or
        patterns, none for all, and with `due_now` only those whose time has come.

        Return the entries to plan, the report of each page that has not changed by its file, and what is wrong with
        other entries. Raise InputError when the catalogue cannot be read, or nothing in it fits.
        """
        every, faults = read_catalogue(self.catalogue, self.folders)
        entries = fitting(every, names)
        if not entries and not faults:
            fits = f"fits {', '.join(names)}" if names else f"stands in {self.catalogue}"
            raise CatalogueError(f"no report of the catalogue {fits}")
        manifest = read_manifest(out)
        asked = due(entries, manifest, datetime.now(UTC)) if due_now else entries
        if due_now and not asked and any(entry.schedule for entry in entries):
            faults = []  # said with what is due next, not at every knock
        wanted = changed(asked, manifest, self.keys, page_names(out))
        pages = {job.file for job in wanted}
        unchanged = {job.file: job.report for job in asked if job.file not in pages}
        if unchanged:
            note_looked(out, unchanged)
        return wanted, unchanged, faults

    def planned(self, entries: Iterable[Job]) -> list[Job]:
        """Plan pages of the catalogue; one that cannot be made comes back with what is wrong."""
        jobs = []
        for entry in entries:
            try:
                job = plan(entry.notebook.stem, entry.parameters, entry.lang, self.overlays)
            except RegistryError:  # concerns every page
                raise
            except InputError as error:
                job = replace(entry, wrong=str(error))
            job.name, job.report, job.formats = entry.name, entry.report, entry.formats
            job.key = self.keys.of(entry.notebook.stem, entry.lang, entry.parameters)
            jobs.append(job)
        return jobs


def name_page(order: Order, job: Job, page: str, given: Mapping[str, str], whole: Mapping[str, str]) -> None:
    """Name a page as asked, else after what was given; `whole` is all that it is made with. A page about an incident of
    an overlay needs no word of that overlay. Raise NotebookError for the name of a page of the catalogue that is made
    otherwise.
    """
    if page:
        job.name = page
    elif job.own:
        about = whole.get("incident") or whole.get("focus")
        ours = about and any(row["incident_id"] == about for path in order.overlays for row in incident_rows(path))
        laid = [] if ours else [path.resolve().name for path in order.overlays]
        job.name = speaking(job.name, choosing(job.notebook, given), laid)
    if entry := order.standard(job.file):
        usual, chosen = (choosing(job.notebook, parameters) for parameters in (entry.parameters, whole))
        if entry.notebook != job.notebook or usual != chosen:
            hint = "is a page of the catalogue that is made otherwise; give this one another name"
            raise NotebookError(f"--name: {escaped(job.name, 60)} {hint}")


def speaking(name: str, asked: Mapping[str, object], overlays: Iterable[str]) -> str:
    """Return a name with what was chosen behind it: letters, digits and hyphens, at most `LONGEST` signs; where letters
    are lost, at the end what tells it from others.

    Examples
    --------
    >>> speaking("comparative-report", {"countries": "FR;DE", "services": "emergency_calls", "min_users": 1000}, [])
    'comparative-report-emergency-calls-fr-de-min-users-1000'
    """
    first = [str(asked[key]) for key in SPEAKING if key in asked]
    rest = [f"{key}-{value}" for key, value in asked.items() if key not in SPEAKING]
    if not (chosen := [*first, *rest, *overlays]):
        return name
    apart = unicodedata.normalize("NFKD", " ".join(chosen))
    plain = slug(f"{name} {apart.encode('ascii', 'ignore').decode()}").lower()
    if len(plain) <= LONGEST and not any(sign.isalnum() and not sign.isascii() for sign in apart):
        return plain
    told = hashlib.sha256(apart.encode()).hexdigest()[:8]
    return f"{plain[: LONGEST - 9].strip('-')}-{told}"


def pairs(given: Iterable[str]) -> dict[str, str]:
    """Split `key=value` arguments; raise NotebookError for another form, or a key given twice."""
    found: dict[str, str] = {}
    for item in given:
        key, sign, value = item.partition("=")
        if not sign or not key:
            raise NotebookError(f"-p {item[:80]}: write it as key=value")
        if HALF.search(item):
            raise NotebookError(f"-p {escaped(item)}: is not UTF-8; write it so")
        if key in found:
            raise NotebookError(f"{key}: given twice; give it once")
        found[key] = value
    return found
