"""Beside which outages is one set, and what does that show? A study of one outage and its peers; every answer is a tidy
frame.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, fields
from numbers import Integral
from pathlib import Path

import pandas as pd

from outages.facts.advice import asked_of_operators
from outages.facts.chronology import chronology
from outages.facts.limits import saved_by_earlier_cell
from outages.facts.peers import distances, ranked, sooner_by, with_timed_lag
from outages.paths import DATA
from outages.registry.registry import Registry, holds_any, read_registry, subset
from outages.stats.rows import ENDS
from outages.studies.opening import open_study
from outages.studies.parameters import ParameterError, check_common, check_incident, check_texts, limits_of, named, told
from outages.studies.study import Study

WHAT_IF = {"authority_notification": "authorities", "public_communication": "public", "supervision": "detection"}
LATER = 4  # outages of the same operator that are set beside the focus


@dataclass(frozen=True, eq=False, repr=False)
class Peers(Study):
    """One outage (`focus`) and those of the same services, with the nearest of them as its peers.

    Examples
    --------
    >>> import outages as ou
    >>> study = ou.peers(focus="2021-06-02-orange-fr-emergency-calls", countries="FR;BE")
    >>> study.ranks().at["authorities", "verdict"]
    'open'
    """

    whole: Registry | None = None
    nearest: int = 12

    def distances(self) -> pd.DataFrame:
        """Return how far each other outage is from the focus, nearest first, and whether one of its lags is `timed` to
        within two hours.
        """
        found = distances(self.incidents, self._known, self.focus)
        timed = with_timed_lag(self._known).reindex(found.index)
        return found.assign(timed=timed, title=self.titles.reindex(found.index))

    def peers(self) -> list[str]:
        """Return the nearest outages of which a lag is timed, nearest first."""
        found = self.distances()
        return list(found.index[found["timed"]][: self.nearest])

    def ranks(self) -> pd.DataFrame:
        """Return where the focus stands among all outages of the study, one row a measure, see
        `outages.facts.peers.ranked`.
        """
        return self._ranks.copy()

    @functools.cached_property
    def _ranks(self) -> pd.DataFrame:
        return ranked(self._known, self.focus)

    def chronology(self, rows: int = 10) -> pd.DataFrame:
        """Return the steps of the outage in focus, see `outages.facts.chronology.chronology`."""
        return chronology(self.registry.events, self.focus, self.policy, self.services, rows)

    def asked(self) -> pd.DataFrame:
        """Return what operators were asked to change after all outages of the study, see
        `outages.facts.advice.asked_of_operators`.
        """
        return self._asked.copy()

    @functools.cached_property
    def _asked(self) -> pd.DataFrame:
        assert self.whole is not None
        return asked_of_operators(self.registry.recommendations, self.whole.incidents["operator"].unique())

    def changes(self) -> pd.DataFrame:
        """Return what could be changed, most telling first.

        Returns
        -------
        One row a theme that the documents on the focus ask operators for (where they ask for nothing, those most asked
        for after other outages): `own` (whether asked here), `text` (row of the recommendation, -1 for none), `voices`
        (who asks, kinds of sources) in how many `documents`, `others` (other outages after which it was asked for),
        `low`, `high` (by how many minutes that would have helped that day, NaN where it cannot be `counted`), `limit`
        (minutes of a limit asked for), `peer` (the fastest, where the pace is taken from one).
        """
        return self._changes.copy()

    @functools.cached_property
    def _changes(self) -> pd.DataFrame:
        asked = self.asked()
        here = asked[asked["incident_id"] == self.focus]
        others = asked[asked["incident_id"] != self.focus].groupby("theme", observed=True)["incident_id"].nunique()
        rows = []
        for theme in here["theme"].unique() if len(here) else others.index:
            told = here[here["theme"] == theme]
            row = {"theme": theme, "own": len(told) > 0, "text": told.index[0] if len(told) else -1}
            row |= {"voices": tuple(dict.fromkeys(told["voice"])), "others": int(others.get(theme, 0))}
            rows.append(row | {"documents": int(told["documents"].sum())} | self._effect(theme, told))
        columns = ["theme", "own", "text", "voices", "others", "documents", *ENDS, "limit", "peer"]
        found = pd.DataFrame(rows, columns=columns).assign(counted=lambda t: t["high"].notna())
        return found.sort_values(
            ["counted", "limit", "documents", "others"], ascending=False, kind="stable", ignore_index=True
        )

    def _effect(self, theme: str, told: pd.DataFrame) -> dict[str, object]:
        """Return what a change would have brought on the day: by the limit that was asked for, or at the pace of the
        fastest peer.
        """
        nothing: dict[str, object] = {"low": float("nan"), "high": float("nan"), "limit": float("nan"), "peer": ""}
        minutes = told[(told["target_unit"] == "min") & (told["target_value"] != "")]
        if theme == "crisis_process" and len(minutes):
            limit = float(minutes["target_value"].iloc[0])
            saved = saved_by_earlier_cell(self._known, limit).loc[self.focus]
            return {"low": saved["low"], "high": saved["high"], "limit": limit, "peer": ""}
        if theme in WHAT_IF:
            row = self._ranks.loc[WHAT_IF[theme]]
            if row["best"] and row["sooner"] > 0:
                saved = sooner_by(self._known, WHAT_IF[theme], self.focus, row["best"])
                return nothing | {"low": saved["low"], "high": saved["high"], "peer": row["best"]}
        return nothing

    def since(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the later outages of the same operator, those nearest in kind, in order of time: their attributes and
        facts, the focus among both; `attrs["more"]` of the attributes says of how many more something is known.
        """
        assert self.whole is not None
        table = self.whole.incidents
        later = (
            holds_any(table["operator"], table.at[self.focus, "operator"].split(";"))
            & (table.index > self.focus)
            & (table["superseded_by"] == "")
        )
        coded = table.index[later & (table["status"] != "listed")]
        registry = subset(self.whole, [self.focus, *coded])
        study = Study(registry, self.policy, self.words, focus=self.focus, services=self.services)
        near = distances(study.incidents, study.known, self.focus)
        length = study.known["length"]["low"].notna()
        told = near[with_timed_lag(study.known).reindex(near.index) | length.reindex(near.index)]
        chosen = [self.focus, *sorted(told.index[:LATER])]
        later = study.incidents.loc[chosen]
        later.attrs["more"] = max(len(told) - LATER, 0)
        return later, study.facts.loc[chosen]


@named
def open_peers(
    *,
    focus: str,
    services: str = "",
    countries: str = "",
    peers: int = 12,
    limits: str = "30;60;120",
    lang: str = "en",
    policy: str = "authority",
    data: Sequence[str] = (),
    base: Path = DATA,
) -> Peers:
    """Open the registry for one outage and its peers.

    Parameters
    ----------
    focus : incident that is set beside the others
    services : codes separated by `;`, any of which must have failed; empty for emergency calls where the focus hit
        them, for its own services otherwise
    countries : codes separated by `;`; empty for all
    peers : how many of the nearest outages are shown one by one
    limits : time limits to try, in minutes, separated by `;`
    lang, policy, data, base : as for `outages.studies.open_study`

    Raises
    ------
    ParameterError : a parameter is not allowed
    RegistryError : the registry or an overlay breaks a rule
    """
    check_common(lang, policy, data, base)
    check_texts(focus=focus, services=services, countries=countries, limits=limits)
    limits_of(limits)
    if isinstance(peers, bool) or not isinstance(peers, Integral) or not 1 <= peers <= 12:
        raise ParameterError(f"peers: {told(peers)} is not allowed; write a whole number from 1 to 12")
    whole = read_registry(data, base)
    check_incident("focus", focus, whole)
    own = whole.incidents.at[focus, "services"]
    wanted = services or ("emergency_calls" if "emergency_calls" in own.split(";") else own)
    study = open_study(
        lang=lang,
        policy=policy,
        focus=focus,
        countries=countries,
        services=wanted,
        limits=limits,
        data=data,
        base=base,
    )
    asked = study.parameters | {"peers": str(peers)}
    parts = {f.name: getattr(study, f.name) for f in fields(Study)} | {"parameters": asked}
    return Peers(**parts, whole=whole, nearest=peers)
