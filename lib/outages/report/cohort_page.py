"""What do the parts of a page on complete lists share? Names of lists, medians, and numbers as one says them."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from outages import __version__
from outages.language import Words
from outages.paths import DATA
from outages.registry.registry import read_registry
from outages.report.part import Page
from outages.studies.cohorts import open_cohorts, version_of
from outages.studies.opening import overlay_names
from outages.studies.parameters import check_common, check_texts, limits_of
from outages.studies.selection import selection

GRID = np.concatenate([np.arange(1.0, 60.0), np.geomspace(60, 2880, 140)])  # minutes at which curves are drawn
ENOUGH = 20  # known values of a list or a group, below which it is not shown


class CohortPage(Page):
    """A page on complete lists: it writes in the reader's language, and sets figures and tables around frames."""

    def __init__(self, lang: str, data: Sequence[Path | str], limits: Sequence[int]):
        self.words, self.data, self.limits = Words(lang), tuple(data), tuple(limits)
        self.middle = self.limits[len(self.limits) // 2]  # the time limit of which most is said
        overlays = overlay_names(read_registry(data)) if data else ()  # which are thereby checked whole
        version, chosen = f"{__version__}+{version_of(data)}", selection(self.words, {}, overlays)
        self.study: Any = SimpleNamespace(registry=SimpleNamespace(version=version), n=0, selection=chosen)  # no study
        self.cohorts = open_cohorts(data)
        self.names = names(self.cohorts, lang)


def open_page(lang: str = "en", data: Sequence[str] = (), limits: str = "15;30;60") -> CohortPage:
    """Open a page on the cohorts of the registry.

    Parameters
    ----------
    lang : `en` or `fr`
    data : folders laid over the public registry
    limits : time limits for a first post, in minutes, separated by `;`
    """
    check_common(lang, "authority", data, DATA)
    check_texts(limits=limits)
    return CohortPage(lang, data, limits_of(limits))


def names(cohorts: pd.DataFrame, lang: str) -> dict[str, str]:
    """Return a short name of each cohort: its operator, where that is one and keeps one list only, else its title."""
    operator = cohorts["operator"]
    alone = ~operator.duplicated(keep=False) & ~operator.str.contains(";")
    return operator.where(alone, cohorts[f"title_{lang}"]).to_dict()


def medians(entries: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return one row a cohort: the `median` of a measure, `n` known `of` all."""
    return entries.groupby("cohort_id", sort=False)[measure].agg(median="median", n="count", of="size")
