"""Which pages are asked for? Those that were named, or those of the catalogue that are due and have changed."""

import functools
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from outages.errors import InputError
from outages.paths import DATA, NOTEBOOKS
from outages.registry.schema import RegistryError
from outages.render.catalogue import CATALOGUE, CatalogueError, Entry, due, fitting, read_catalogue
from outages.render.keys import Keys, changed
from outages.render.manifest import note_looked, read_manifest
from outages.render.naming import check_name, name_page
from outages.render.pdf import find_chromium
from outages.render.places import page_names
from outages.render.planning import BrokenNotebook, Job, NotebookError, find_notebook, plan


class Order:
    """What is asked for: `overlays` over the registry, a `catalogue`, and the keys of pages made from them."""

    def __init__(self, overlays: Sequence[Path] = (), catalogue: Path = CATALOGUE):
        self.overlays, self.catalogue, self.keys = overlays, catalogue, Keys(overlays)

    @functools.cached_property
    def standard(self) -> dict[str, Entry]:
        """The pages of the catalogue by file; none without a catalogue."""
        with suppress(CatalogueError):
            return {entry.page: entry for entry in read_catalogue(self.catalogue, [DATA, *self.overlays])[0]}
        return {}

    def named(
        self, names: Sequence[str], given: dict[str, str], langs: Sequence[str], *, pdf: bool = False, page: str = ""
    ) -> list[Job]:
        """Plan the pages that were named: reports, notebooks by path, entries and patterns of the catalogue.

        A page with other parameters than the catalogue's has a name of its own: `page`, or one made of what was chosen.

        Raises
        ------
        InputError : a name or parameter that cannot be used; of several names one whose notebook is broken fails alone
        """
        if pdf:
            find_chromium()
        check_name(page, names)
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
            entries = fitting(read_catalogue(self.catalogue, [DATA, *self.overlays])[0], [name])
            if not entries:
                raise
            if given or page:
                hint = "an entry of the catalogue; the catalogue says its parameters"
                raise CatalogueError(f"-p and --name do not go with '{name}', {hint}") from None
            return self.planned(entry for entry in entries if not langs or entry.lang in langs)
        try:
            jobs = []
            for lang in dict.fromkeys(langs or ["en"]):
                entry = self.standard.get(f"{name}.{lang}.html")
                usual = entry.parameters if entry and entry.notebook == notebook.stem and not preset | given else given
                jobs.append(plan(name, usual, lang, self.overlays))
                jobs[-1].key = self.keys.of(notebook.stem, lang, preset | usual) if jobs[-1].own else ""
                name_page(jobs[-1], page, given, preset | usual, self.overlays, self.standard)
        except BrokenNotebook as error:
            return [Job(notebook.stem, notebook, given, "en", report=notebook.stem, wrong=str(error))]
        return jobs

    def swept(
        self, names: Sequence[str], out: Path, *, only_due: bool, force: bool
    ) -> tuple[list[Entry], dict[str, str], list[str]]:
        """Find the pages of the catalogue that would come out otherwise than they stand in a folder.

        Parameters
        ----------
        names : names or patterns, none for all
        only_due : those alone whose time has come
        force : also those that have not changed

        Returns
        -------
        The entries to plan, the report of each page that has not changed by its file, and what is wrong with other
        entries.

        Raises
        ------
        InputError : the catalogue cannot be read, nothing in it fits, or the registry breaks a rule
        """
        every, faults = read_catalogue(self.catalogue, [DATA, *self.overlays])
        entries = fitting(every, names)
        if not entries and not faults:
            fits = f"fits {', '.join(names)}" if names else f"stands in {self.catalogue}"
            raise CatalogueError(f"no report of the catalogue {fits}")
        manifest = read_manifest(out)
        asked = due(entries, manifest, datetime.now(UTC)) if only_due else entries
        if only_due and not asked and any(entry.schedule for entry in entries):
            faults = []  # said with what is due next, not at every knock
        wanted = asked if force else changed(asked, manifest, self.keys, page_names(out))
        pages = {entry.page for entry in wanted}
        unchanged = {entry.page: entry.report for entry in asked if entry.page not in pages}
        if unchanged:
            note_looked(out, unchanged)
        return wanted, unchanged, faults

    def planned(self, entries: Iterable[Entry]) -> list[Job]:
        """Plan pages of the catalogue; one that cannot be made comes back with what is wrong."""
        jobs = []
        for entry in entries:
            try:
                job = plan(entry.notebook, entry.parameters, entry.lang, self.overlays)
            except RegistryError:  # concerns every page
                raise
            except InputError as error:
                path = NOTEBOOKS / f"{entry.notebook}.ipynb"
                job = Job(entry.name, path, dict(entry.parameters), entry.lang, wrong=str(error))
            job.name, job.report, job.formats = entry.name, entry.report, entry.formats
            job.key = self.keys.of(entry.notebook, entry.lang, entry.parameters)
            jobs.append(job)
        return jobs


def pairs(given: Iterable[str]) -> dict[str, str]:
    """Split `key=value` arguments; raise NotebookError for another form, or a key given twice."""
    found: dict[str, str] = {}
    for item in given:
        key, sign, value = item.partition("=")
        if not sign or not key:
            raise NotebookError(f"-p {item[:80]}: write it as key=value")
        if key in found:
            raise NotebookError(f"{key}: given twice; give it once")
        found[key] = value
    return found
