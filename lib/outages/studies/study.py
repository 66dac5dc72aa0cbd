"""What is known of the incidents in question? Selected incidents and the policy that resolves their claims; every
answer is a tidy frame.
"""

import functools
from collections import UserDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from outages.facts.acceptance import acceptance
from outages.facts.groups import groupings
from outages.facts.peers import own_limits
from outages.facts.settled import Settlement, settlement
from outages.facts.third_parties import parties
from outages.facts.timeline import MOMENTS, facts_of
from outages.language import Words
from outages.registry.files import codes
from outages.registry.registry import Registry
from outages.stats.intervals import difference, not_negative
from outages.studies.parameters import check_in, check_incident, check_texts
from outages.studies.selection import selection
from outages.studies.tables import (
    attributes,
    claim_rows,
    fact_columns,
    fact_unit,
    lag_rows,
    limit_rows,
    quantity_rows,
    recommendation_rows,
    told_apart,
)


class Known(UserDict[str, pd.DataFrame]):
    """Facts by name, each handed out as a frame of its own with its unit in `attrs["unit"]`."""

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return a fact, so that whoever changes it changes it for nobody else."""
        frame = super().__getitem__(name).copy(deep=False)
        frame.attrs["unit"] = fact_unit(name)
        return frame


@dataclass(frozen=True, eq=False, repr=False)
class Chosen:
    """Incidents that were chosen, the policy that resolves their claims, and what comes of it. Frames are handed out so
    that whoever changes one changes it for nobody else.
    """

    registry: Registry
    policy: str
    words: Words
    parameters: dict[str, str] = field(default_factory=dict)
    focus: str = ""
    overlays: tuple[str, ...] = ()
    left_out: int = 0
    services: tuple[str, ...] = ()
    tried: tuple[int, ...] = ()  # time limits of one's own, in minutes

    def __repr__(self) -> str:
        """Say in a line what it holds."""
        told = [f"{self.n} of {self.n + self.left_out} outages", self.selection, f"policy {self.policy}"]
        return f"<{type(self).__name__}: {'; '.join(filter(None, [*told, f'data {self.registry.version}']))}>"

    @functools.cached_property
    def settled(self) -> Settlement:
        """What the policy makes of the claims, see `outages.facts.settled.settlement`."""
        return settlement(self.registry, self.policy, self.services)

    @functools.cached_property
    def _known(self) -> dict[str, pd.DataFrame]:
        return facts_of(self.registry, self.settled)

    @functools.cached_property
    def known(self) -> Known:
        """Everything that is known of each incident, fact by fact, each with its unit in `attrs["unit"]`."""
        return Known(self._known)

    def _once(self, name: str, compute: Callable[[], Any]) -> Any:
        """Return a copy of what is computed once, so that whoever changes it changes it for nobody else."""
        if name not in (kept := vars(self)):
            kept[name] = compute()
        return kept[name].copy(deep=False)

    @property
    def facts(self) -> pd.DataFrame:
        """Everything that is known of each incident, see `outages.facts.timeline.facts`; `known` has the same with
        units.
        """
        return self._once("_facts", lambda: pd.concat(self._known, axis=1))

    @property
    def groups(self) -> pd.DataFrame:
        """The code of each incident under each grouping, see `outages.facts.groups.groupings`."""
        return self._once("_groups", lambda: groupings(self.registry))

    @property
    def incidents(self) -> pd.DataFrame:
        """One row an incident with its attributes.

        `title`, `operator`, `country`, `services` (these three separated by `;` where there are several: `.str.split`
        and `.explode` give each a row), `sector`, `onset` (local date), `year`,
        `root_cause` (empty when no source names one, `disputed` when several do), `third_party` (whether a source
        places one in the causal chain), `emergency_calls` (whether they were hit), `calls_failed_low`,
        `calls_failed_high` (failed emergency calls), `found_by`, `origin` (`public`, or the overlay it comes from).
        """
        return self._once("_incidents", lambda: attributes(self.registry, self._known, self.groups, self.titles))

    @property
    def titles(self) -> pd.Series:
        """Short titles of the incidents in the reader's language, indexed by identifier; those that would read alike
        with their day, or else their identifier.
        """

        def named() -> pd.Series:
            short = self.registry.incidents[f"title_{self.words.lang}"].astype(object)
            day = functools.partial(self.words.short_day, with_day=True)
            return told_apart(short, lambda i: f"{short[i]} ({day(i[:10])})", lambda i: f"{short[i]} ({i})")

        return self._once("_titles", named)

    @property
    def selection(self) -> str:
        """Which incidents were chosen, in words; empty when all."""
        return selection(self.words, self.parameters | {"policy": "", "limits": ""})

    @property
    def n(self) -> int:
        """Number of incidents in the study."""
        return len(self.registry.incidents)

    @functools.cached_property
    def accepted(self) -> dict[str, pd.Series]:
        """What the policy makes of each claim about a moment or a quantity, by table, see
        `outages.facts.acceptance.acceptance`.
        """
        return acceptance(self.registry, self.settled, self._known)


class Study(Chosen):
    """Incidents, their claims, and one policy that resolves them.

    Every method returns a frame of its own with one row a thing: what is measured as `low` and `high` (floats; an open
    end is infinite, NaN is unknown) with the unit in `attrs["unit"]`, and beside it the attributes of the incident (see
    `incidents`), so that `query`, `groupby`, `merge` and seaborn work as they are. The index is the incident where it
    has one row, else `incident_id` is a column. pandas drops `attrs` in a merge.

    Examples
    --------
    >>> import outages as ou
    >>> study = ou.study(countries="FR", services="emergency_calls")
    >>> study.lengths().loc["2021-06-02-orange-fr-emergency-calls", ["low", "high"]].tolist()
    [435.0, 435.0]
    """

    def lengths(self) -> pd.DataFrame:
        """Return how long each outage lasted, from onset to the last service back: `low`, `high` in minutes, and on
        what it rests, `basis`: `moments` (its hours), `stated` (a length that sources state), `both` in agreement, or
        `conflict`.
        """
        return self._with_attributes(self._known["length"], "minutes")

    def offset(self, moment: str) -> pd.DataFrame:
        """Return the distance of a moment from onset, as `restored` or another of `outages.facts.timeline.MOMENTS`: one
        row an incident, `low`, `high` in minutes.

        Raises
        ------
        ParameterError : no such moment
        """
        check_texts(moment=moment)
        check_in("moment", [moment], MOMENTS)
        return self._with_attributes(not_negative(difference(self._known[moment], self._known["onset"])), "minutes")

    def lags(self) -> pd.DataFrame:
        """Return one row an incident and lag: `lag` (defined in `data/reference/codes.csv`; `to_public` is known where
        a source calls a statement the first, `to_earliest_statement` where one is on record), `start`, `end` (moments),
        `low`, `high` in minutes, and whether it is `timed`, known to within two hours, as medians and curves ask.
        """
        return self._listed(lag_rows(self._known), "minutes")

    def users(self) -> pd.DataFrame:
        """Return one row an incident and quantity: `quantity` (as `users_affected`; all are in
        `outages.studies.tables.UNITS`), its `unit`, `low`, `high`.
        """
        return self._listed(quantity_rows(self._known), "see unit")

    def third_parties(self) -> pd.DataFrame:
        """Return one row an incident, organisation and involvement: `party` (`unnamed` where a source gives no name),
        `involvement` (as `cause`, `victim`), `role`, number of `claims`. An incident without any has no row.
        """
        return self._listed(parties(self.registry).set_index("incident_id"), "")

    def recommendations(self) -> pd.DataFrame:
        """Return one row a recommendation of one source.

        `theme`, `addressee`, `text` (in the reader's language), `target_value` (a number, NaN for none), `target_unit`,
        `kind`, `source_id`, `locator`.
        """
        return self._listed(recommendation_rows(self.registry, self.words.lang), "see target_unit")

    def limits(self) -> pd.DataFrame:
        """Return one row a time limit and incident: `target_id`, `jurisdiction`, `event`, `counted_from`,
        `limit_minutes`, `low`, `high` in minutes, `verdict` (`met`, `missed`, `undecidable`, `unknown`, or
        `not_applicable` to its sector and services), `in_force` (whether it bound the operator that day).
        """
        return self._listed(limit_rows(self.registry, self._known), "minutes")

    def own_limits(self) -> pd.DataFrame:
        """Return what the `limits` of the study, counted from onset, would have met: one row a limit, act and incident,
        `limit`, `act` (`authorities`, `public`), `low`, `high` in minutes, `verdict` as in `limits`.
        """
        return self._listed(own_limits(self.tried, self._known).set_index("incident_id"), "minutes")

    def claims(self, incident: str = "", about: str = "") -> pd.DataFrame:
        """Return what each source says, one row a claim.

        Parameters
        ----------
        incident : identifier; empty for all
        about : code of an event, a measure or a factor, an organisation or a theme; empty for all

        Returns
        -------
        `incident_id`, `table`, `about`, `low`, `high` (minutes since 1970-01-01T00:00Z for moments, the unit of the row
        for quantities), `value` (codes), `involvement` and `role` of a third party, `actor`, `unit`, `bound`, `scope`,
        `speaker` (by whom a claim ranks; empty: by the `kind` of source), `source_id`, `locator`, `note`,
        `retracted_by`, `selected` (whether the policy takes the claim; missing where it does not choose), and the
        attributes of the incident. What a table has no column for is missing, what a claim leaves open is empty.

        Raises
        ------
        ParameterError : no such incident, or nothing of that name
        """
        check_texts(incident=incident, about=about)
        if incident:
            check_incident("incident", incident, self.registry, f"among the {self.n} of this study")
        found = claim_rows(self.registry, self.accepted, incident, about)
        if about and found.empty:
            named = [code for column in ("event", "measure", "factor", "theme") for code in codes()[column]]
            check_in("about", [about], [*named, *sorted(set(self.registry.third_parties["party"]))])
        return self._listed(found.set_index("incident_id"), "")

    def wide(self) -> pd.DataFrame:
        """Return one row an incident: its attributes and every fact as two columns that carry their unit, as
        `length_minutes_low`; moments are UTC.
        """
        return self.incidents.join(fact_columns(self.facts))

    def _with_attributes(self, rows: pd.DataFrame, unit: str) -> pd.DataFrame:
        """Set the attributes of the incidents beside rows that are indexed by incident."""
        found = rows.rename_axis("incident_id").join(self.incidents)
        found.attrs["unit"] = unit
        return found

    def _listed(self, rows: pd.DataFrame, unit: str) -> pd.DataFrame:
        """Do the same where an incident has several rows; it becomes a column, since an index tells rows apart."""
        return self._with_attributes(rows, unit).reset_index()
