"""What is a page called? As asked, as in the catalogue, or after what was chosen, and never like a standard page."""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from outages.errors import escaped
from outages.render.catalogue import NAME, Entry, incident_rows, slug
from outages.render.planning import Job, NotebookError, choosing

SPEAKING = ("incident", "focus", "services", "sectors", "countries", "operator")  # their values say what they are
LONGEST = 100  # signs of a page's name


def check_name(page: str, names: Sequence[str]) -> None:
    """Raise NotebookError when a name cannot be given to the page of what was named."""
    if page and (len(names) > 1 or not NAME.fullmatch(page)):
        hint = "name one report, and begin with a letter or digit, without / and \\"
        raise NotebookError(f"--name {escaped(page, 60)}: {hint}")


def name_page(
    job: Job,
    page: str,
    given: Mapping[str, str],
    whole: Mapping[str, str],
    overlays: Sequence[Path],
    standard: Mapping[str, Entry],
) -> None:
    """Name a page as asked, else after what was given.

    Parameters
    ----------
    page : name that is asked for, empty for none
    given, whole : parameters that were given, and all that the page is made with
    overlays : folders laid over the public registry; a page about an incident of one of them needs no word of it
    standard : pages of the catalogue by file

    Raises
    ------
    NotebookError : that is the name of a page of the catalogue that is made otherwise
    """
    if page:
        job.name = page
    elif job.own:
        about = whole.get("incident") or whole.get("focus")
        theirs = about and any(row["incident_id"] == about for folder in overlays for row in incident_rows(folder))
        laid = [] if theirs else [path.resolve().name for path in overlays]
        job.name = speaking(job.name, choosing(job.notebook, given), laid)
    if entry := standard.get(job.file):
        usual, ours = (choosing(job.notebook, parameters) for parameters in (entry.parameters, whole))
        if not job.own or entry.notebook != job.notebook.stem or usual != ours:
            hint = "is a page of the catalogue that is made otherwise; give this one another name"
            raise NotebookError(f"--name: {escaped(job.name, 60)} {hint}")


def speaking(name: str, asked: Mapping[str, object], overlays: Iterable[str]) -> str:
    """Return a name with what was chosen behind it: letters, digits and hyphens, at most `LONGEST` signs.

    Examples
    --------
    >>> speaking("comparative-report", {"countries": "FR;DE", "services": "emergency_calls", "min_users": 1000}, [])
    'comparative-report-emergency-calls-fr-de-min-users-1000'
    """
    first = [str(asked[key]) for key in SPEAKING if key in asked]
    rest = [f"{key}-{value}" for key, value in asked.items() if key not in SPEAKING]
    if not (chosen := [*first, *rest, *overlays]):
        return name
    text = unicodedata.normalize("NFKD", " ".join([name, *chosen])).encode("ascii", "ignore").decode()
    whole = slug(text).lower()
    if len(whole) <= LONGEST:
        return whole
    return f"{whole[: LONGEST - 9].rpartition('-')[0]}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"
