"""What can a curator type to bring a list in, and to take tables out? Typed functions for the command line."""

from collections.abc import Sequence
from pathlib import Path


def import_(file: Path, *, map: str = "", out: Path | None = None, guess: bool = False, replace: bool = False) -> int:
    """Make an overlay from a list of incidents: CSV, workbook or JSON.

    Parameters
    ----------
    file
        list as your tool exports it
    map
        TOML file that says what its columns mean
    out
        folder of the overlay
    guess
        write a map to the screen instead, as a start
    replace
        write also over tables that were changed by hand
    """
    from outages.curation.guess import guess as proposed
    from outages.curation.importer import import_list
    from outages.curation.mapping import MapError, presets

    if guess:
        print(proposed(file), end="")
        return 0
    if not map or out is None:
        words = f"or --guess to get a map; a map may begin with preset = one of {', '.join(presets())}"
        raise MapError(f"--map FILE and --out FOLDER are needed, {words}")
    result = import_list(file, map, out, replace=replace)
    print("\n".join(result.lines()))
    return 0


def export_(
    what: str,
    *,
    to: Path,
    data: Sequence[Path] = (),
    lang: str = "en",
    policy: str = "authority",
    countries: str = "",
    sectors: str = "",
    services: str = "",
    since: str = "",
    until: str = "",
    operator: str = "",
    min_users: int = 0,
) -> int:
    """Write a table of the study as .csv, .parquet, .xlsx or .json, and a codebook beside it.

    Parameters
    ----------
    what
        incidents, claims, lags, lengths, users, third-parties, limits or entries
    to
        file; its ending says the kind
    data
        folder laid over the public registry; may be given several times
    lang, policy, countries, sectors, services, since, until, operator, min_users
        filters, as the reports have them
    """
    from outages.curation.export import export
    from outages.registry.schema import shown
    from outages.studies import open_study

    filters = {"countries": countries, "sectors": sectors, "services": services, "operator": operator}
    folders = [str(folder) for folder in data]
    study = open_study(lang=lang, policy=policy, since=since, until=until, min_users=min_users, data=folders, **filters)
    for path in export(study, what, to, folders):
        print(f"wrote {shown(path)}")
    return 0
