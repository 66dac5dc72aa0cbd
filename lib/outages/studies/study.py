"""What is known of the incidents in question? Selected incidents and the policy that resolves their claims; every
answer is a tidy frame.
"""

import functools
from dataclasses import dataclass, field

import pandas as pd

from outages.facts.groups import groupings
from outages.facts.limits import replay
from outages.facts.peers import own_limits
from outages.facts.third_parties import in_causal_chain, parties
from outages.facts.timeline import ENDS, LAGS, MOMENTS, facts, selected_events, selected_measures, timed
from outages.language import Words
from outages.registry.registry import Registry
from outages.registry.schema import CLAIM_TABLES
from outages.stats.intervals import difference, not_negative
from outages.studies.selection import selection

UNITS = {
    "users_affected": "persons",
    "subscriber_base": "persons or lines",
    "lines_affected": "lines",
    "user_hours": "user-hours",
    "silent_hours": "user-hours",
    "emergency_calls_failed": "calls",
    "calls_blocked": "calls",
    "deaths_linked": "persons",
}
ABOUT = {
    "events": "event",
    "measures": "measure",
    "causes": "factor",
    "third_parties": "party",
    "recommendations": "theme",
}
CLAIM = (  # its columns
    "incident_id table about low high value involvement role actor unit bound scope kind source_id locator note "
    "selected"
)


@dataclass(frozen=True, eq=False)
class Study:
    """Incidents, their claims, and one policy that resolves them.

    Every method returns a frame of its own with one row a thing, `low` and `high` (floats; an open end is infinite, NaN
    is unknown), and the attributes of the incident beside them (see `incidents`), so that `query`, `groupby`, `merge`
    and seaborn work as they are.

    Examples
    --------
    >>> study = open_study(countries="FR", services="emergency_calls")
    >>> study.lengths().loc["2021-06-02-orange-fr-emergency-calls", ["low", "high"]].tolist()
    [435.0, 435.0]
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

    @functools.cached_property
    def facts(self) -> pd.DataFrame:
        """Everything that is known of each incident, see `outages.facts.timeline.facts`."""
        return facts(self.registry, self.policy, self.services)

    @functools.cached_property
    def groups(self) -> pd.DataFrame:
        """The code of each incident under each grouping, see `outages.facts.groups.groupings`."""
        return groupings(self.registry)

    @functools.cached_property
    def incidents(self) -> pd.DataFrame:
        """One row an incident with its attributes.

        `title`, `operator`, `country`, `sector`, `services` (lists separated by `;`), `onset` (local date), `year`,
        `root_cause` (empty when no source names one, `disputed` when several do), `third_party` (whether a source
        places one in the causal chain), `emergency_calls` (whether they were hit), `calls_failed_low`,
        `calls_failed_high` (failed emergency calls), `found_by`, `origin` (`public`, or the overlay it comes from).
        """
        table, calls = self.registry.incidents, self.facts["emergency_calls_failed"]
        day = pd.Series(table.index.str[:10], index=table.index)
        return pd.DataFrame(
            {
                "title": self.titles,
                **{column: table[column].astype(object) for column in ("operator", "country", "sector", "services")},
                "onset": pd.to_datetime(day, errors="coerce"),
                "year": day.str[:4].astype(int),
                "root_cause": self.groups["root_cause"],
                "third_party": in_causal_chain(self.registry),
                "emergency_calls": self.groups["emergency_calls"] == "yes",
                "calls_failed_low": calls["low"],
                "calls_failed_high": calls["high"],
                "found_by": table["found_by"].astype(object),
                "origin": table["_origin"].astype(object),
            }
        )

    @property
    def titles(self) -> pd.Series:
        """Short titles of the incidents in the reader's language, indexed by identifier."""
        return self.registry.incidents[f"title_{self.words.lang}"]

    @property
    def selection(self) -> str:
        """Which incidents were chosen, in words; empty when all."""
        return selection(self.words, self.parameters | {"policy": ""})

    @property
    def n(self) -> int:
        """Number of incidents in the study."""
        return len(self.registry.incidents)

    def lengths(self) -> pd.DataFrame:
        """Return how long each outage lasted, from onset to the last service back: `low`, `high` in minutes, and on
        what it rests (`basis`).
        """
        return self._with_attributes(self.facts["length"], "minutes")

    def offset(self, moment: str) -> pd.DataFrame:
        """Return the distance of a moment (one of `outages.facts.timeline.MOMENTS`) from onset: `low`, `high` in
        minutes, one row an incident.
        """
        return not_negative(difference(self.facts[moment], self.facts["onset"]))

    def lags(self) -> pd.DataFrame:
        """Return one row an incident and lag: `lag` (a key of `outages.facts.timeline.LAGS`), `start` and `end`
        (moments), `low`, `high` in minutes, `timed`.

        Medians and curves rest on the lags that are `timed`: known to within two hours.
        """
        rows = [
            self.facts[lag][ENDS].assign(lag=lag, start=start, end=end, timed=timed(self.facts[lag])["low"].notna())
            for lag, (start, end) in LAGS.items()
        ]
        return self._with_attributes(pd.concat(rows)[["lag", "start", "end", *ENDS, "timed"]], "minutes")

    def users(self) -> pd.DataFrame:
        """Return one row an incident and quantity: `quantity` (a key of `UNITS`), its `unit`, `low`, `high`."""
        rows = [self.facts[name][ENDS].assign(quantity=name, unit=unit) for name, unit in UNITS.items()]
        return self._with_attributes(pd.concat(rows)[["quantity", "unit", *ENDS]], "see unit")

    def third_parties(self) -> pd.DataFrame:
        """Return one row an incident, organisation and involvement: `party`, `involvement`, `role`, number of
        `claims`.
        """
        return self._with_attributes(parties(self.registry).set_index("incident_id"), "")

    def recommendations(self) -> pd.DataFrame:
        """Return one row a recommendation of one source.

        `theme`, `addressee`, `text` (in the reader's language), `target_value` (a number, NaN for none), `target_unit`,
        `kind`, `source_id`, `locator`.
        """
        rows = self.registry.recommendations.set_index("incident_id")
        number = pd.to_numeric(rows["target_value"].astype(object))
        rows = rows.assign(text=rows[f"text_{self.words.lang}"], target_value=number)
        columns = ["theme", "addressee", "text", "target_value", "target_unit", "kind", "source_id", "locator"]
        return self._with_attributes(rows[columns], "see target_unit")

    def limits(self) -> pd.DataFrame:
        """Return one row a time limit and incident: `target_id`, `jurisdiction`, `event`, `counted_from`,
        `limit_minutes`, `low`, `high`, `verdict`, `in_force`.

        Verdicts as in `outages.facts.limits.replay`.
        """
        targets = self.registry.communication_targets
        rows = replay(targets, self.registry.incidents, self.facts)
        about = targets.set_index("target_id")[["jurisdiction", "event", "counted_from", "limit_minutes"]]
        told = rows.join(about.assign(limit_minutes=about["limit_minutes"].astype(float)), on="target_id")
        first = ["target_id", *about.columns, *ENDS, "verdict", "in_force"]
        return self._with_attributes(told.set_index("incident_id")[first], "minutes")

    def own_limits(self) -> pd.DataFrame:
        """Return what time limits of one's own would have met, one row a limit, act and incident, see
        `outages.facts.peers.own_limits`.
        """
        return own_limits(list(self.tried), self.registry.incidents, self.facts)

    def claims(self, incident: str = "", about: str = "") -> pd.DataFrame:
        """Return what each source says, one row a claim.

        Parameters
        ----------
        incident : identifier; empty for all
        about : code of an event, a measure or a factor, an organisation or a theme; empty for all

        Returns
        -------
        `incident_id`, `table`, `about`, `low`, `high` (minutes since 1970-01-01T00:00Z for moments, the unit of the row
        for quantities), `value` (codes), `actor`, `unit`, `bound`, `scope`, `kind` of source, `source_id`, `locator`,
        `note`, `selected` (whether the policy takes the claim; missing where it does not choose).
        """
        found = []
        for table in CLAIM_TABLES:
            rows = getattr(self.registry, table)
            rows = rows[rows["incident_id"] == incident] if incident else rows
            rows = rows[rows[ABOUT[table]] == about] if about else rows
            selected = self.selected[table]
            taken = pd.NA if selected is None else rows.index.isin(selected)
            found.append(rows.assign(table=table, about=rows[ABOUT[table]].astype(object), selected=taken))
        every = pd.concat([rows.astype({"selected": "boolean"}) for rows in found], ignore_index=True)
        return every.reindex(columns=CLAIM.split())

    @functools.cached_property
    def selected(self) -> dict[str, pd.Index | None]:
        """The rows of each claim table that the policy takes; None where it does not choose."""
        events, measures = self.registry.events, self.registry.measures
        chosen = {
            "events": selected_events(events, self.policy, self.services),
            "measures": selected_measures(measures, self.policy, self.services),
        }
        return {table: chosen.get(table) for table in CLAIM_TABLES}

    def wide(self) -> pd.DataFrame:
        """Return one row an incident: its attributes and every fact as two columns that carry their unit, as
        `length_minutes_low`; moments are UTC.
        """
        columns: dict[str, pd.Series] = {}
        for name in dict.fromkeys(self.facts.columns.get_level_values(0)):
            for end in ENDS:
                values = self.facts[name][end]
                if name in MOMENTS:
                    columns[f"{name}_utc_{end}"] = pd.to_datetime(values, unit="m", utc=True).dt.round("s")
                else:
                    unit = (
                        "minutes" if name in LAGS or name == "length" else "hours" if name == "duration_hours" else ""
                    )
                    columns[
                        "_".join(filter(None, (name.removesuffix("_hours") if unit == "hours" else name, unit, end)))
                    ] = values
        return self.incidents.join(pd.DataFrame(columns).assign(length_basis=self.facts["length"]["basis"]))

    def _with_attributes(self, rows: pd.DataFrame, unit: str) -> pd.DataFrame:
        """Set the attributes of the incidents beside rows that are indexed by incident."""
        found = rows.rename_axis("incident_id").join(self.incidents)
        found.attrs["unit"] = unit
        return found
