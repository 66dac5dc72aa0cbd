"""What do the parts of a page on complete lists share? Names of lists, medians, and numbers as one says them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from outages import __version__
from outages.language import Words
from outages.report.part import Page
from outages.stats.inference import FEW, quantile_interval
from outages.studies.cohorts import open_cohorts, version_of

LIMITS = (15, 30, 60)  # minutes of published limits for first statements
GRID = np.concatenate([np.arange(1.0, 60.0), np.geomspace(60, 2880, 140)])  # minutes at which curves are drawn
ENOUGH = 20  # known values of a list or a group, below which it is not shown


@dataclass(frozen=True)
class Lists:
    """What a page on complete lists stands on, in the place of a study."""

    version: str
    n: int = 0
    focus: str = ""
    selection: str = ""
    titles: pd.Series = field(default_factory=lambda: pd.Series(dtype=str))

    @property
    def registry(self) -> "Lists":
        """The holder of the data version."""
        return self


class CohortPage(Page):
    """A page on complete lists: it writes in the reader's language, and sets figures and tables around frames."""

    def __init__(self, lang: str, data: Sequence[Path | str]):
        self.words, self.data = Words(lang), tuple(data)
        self.study: Any = Lists(f"{__version__}+{version_of(data)}")
        self.cohorts = open_cohorts(data)
        self.names = names(self.cohorts, lang)


def open_page(lang: str = "en", data: Sequence[Path | str] = ()) -> CohortPage:
    """Open a page on the cohorts of the registry, in `en` or `fr`, with folders laid over it."""
    return CohortPage(lang, data)


def names(cohorts: pd.DataFrame, lang: str) -> dict[str, str]:
    """Return a short name of each cohort: its operator, where that is one and keeps one list only, else its title."""
    operator = cohorts["operator"]
    alone = ~operator.duplicated(keep=False) & ~operator.str.contains(";")
    return operator.where(alone, cohorts[f"title_{lang}"]).to_dict()


def name_of(page: CohortPage, cohort: str) -> str:
    """Return the short name of a cohort."""
    return page.names[cohort]


def rough(page: Page, minutes: float) -> str:
    """Write a length of time as one says it: to the minute below an hour, to five minutes above."""
    return page.words.minutes(minutes if minutes < 60 else 5 * round(minutes / 5))


def whole(page: Page, share: float) -> str:
    """Write a share as one says it, in whole percent."""
    return page.words.percent(round(share, 2))


def small(text: str) -> Markup:
    """Set bounds and numbers in small type behind a finding."""
    return Markup(' <span class="sure">{}</span>').format(text)


def medians(entries: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return one row a cohort: `median` of a measure, its 95% interval (`ci_low`, `ci_high`), `n` known `of` all."""
    rows = {}
    for cohort, part in entries.groupby("cohort_id", sort=False)[measure]:
        known = part.dropna()
        chance = quantile_interval(pd.DataFrame({"low": known, "high": known}), 0.5) if len(known) >= FEW else None
        ends = [getattr(chance, end, np.nan) for end in ("low", "high")]
        rows[cohort] = (known.median(), *ends, len(known), len(part))
    return pd.DataFrame.from_dict(rows, orient="index", columns=["median", "ci_low", "ci_high", "n", "of"])
