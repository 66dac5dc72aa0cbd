"""What is known of the incidents in question? Selected incidents and the policy that resolves their claims; every answer is a tidy frame."""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from numbers import Real
from pathlib import Path

import pandas as pd

from outages.errors import InputError
from outages.facts.groups import groupings
from outages.facts.limits import replay
from outages.facts.policies import POLICIES
from outages.facts.third_parties import in_causal_chain, parties
from outages.facts.timeline import ENDS, LAGS, MOMENTS, facts, quantities, selected_events, selected_measures, timed
from outages.language import LANGUAGES, Words
from outages.paths import DATA
from outages.registry.files import codes
from outages.registry.registry import Registry, filter_incidents, of_its_own, read_registry, subset
from outages.registry.schema import CLAIM_TABLES
from outages.stats.inference import quantile_interval
from outages.stats.intervals import difference, how_many, not_negative, quantile
from outages.stats.turnbull import turnbull

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


class ParameterError(InputError):
    """A parameter that cannot be used; the message says which, why, and what is allowed."""


@dataclass(frozen=True, eq=False)
class Study:
    """Incidents, their claims, and one policy that resolves them.

    Every method returns a frame of its own with one row a thing, `low` and `high` (floats; an open end is infinite, NaN is unknown), and the attributes of
    the incident beside them (see `incidents`), so that `query`, `groupby`, `merge` and seaborn work as they are.

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

        `title`, `operator`, `country`, `sector`, `services` (lists separated by `;`), `onset` (local date), `year`, `root_cause` (empty when no source names
        one, `disputed` when several do), `third_party` (whether a source places one in the causal chain), `emergency_calls` (whether they were hit),
        `calls_failed_low`, `calls_failed_high` (failed emergency calls), `found_by`, `origin` (`public`, or the overlay it comes from).
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
    def n(self) -> int:
        """Number of incidents in the study."""
        return len(self.registry.incidents)

    def lengths(self) -> pd.DataFrame:
        """Return how long each outage lasted, from onset to the last service back: `low`, `high` in minutes, and on what it rests (`basis`)."""
        return self._with_attributes(self.facts["length"], "minutes")

    def offset(self, moment: str) -> pd.DataFrame:
        """Return the distance of a moment (one of `outages.facts.timeline.MOMENTS`) from onset: `low`, `high` in minutes, one row an incident."""
        return not_negative(difference(self.facts[moment], self.facts["onset"]))

    def lags(self) -> pd.DataFrame:
        """Return one row an incident and lag: `lag` (a key of `outages.facts.timeline.LAGS`), `start` and `end` (moments), `low`, `high` in minutes, `timed`.

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
        """Return one row an incident, organisation and involvement: `party`, `involvement`, `role`, number of `claims`."""
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
        """Return one row a time limit and incident: `target_id`, `jurisdiction`, `event`, `counted_from`, `limit_minutes`, `low`, `high`, `verdict`, `in_force`.

        Verdicts as in `outages.facts.limits.replay`.
        """
        targets = self.registry.communication_targets
        rows = replay(targets, self.registry.incidents, self.facts)
        about = targets.set_index("target_id")[["jurisdiction", "event", "counted_from", "limit_minutes"]]
        told = rows.join(about.assign(limit_minutes=about["limit_minutes"].astype(float)), on="target_id")
        first = ["target_id", *about.columns, *ENDS, "verdict", "in_force"]
        return self._with_attributes(told.set_index("incident_id")[first], "minutes")

    def claims(self, incident: str = "", about: str = "") -> pd.DataFrame:
        """Return what each source says, one row a claim.

        Parameters
        ----------
        incident : identifier; empty for all
        about : code of an event, a measure or a factor, an organisation or a theme; empty for all

        Returns
        -------
        `incident_id`, `table`, `about`, `low`, `high` (minutes since 1970-01-01T00:00Z for moments, the unit of the row for quantities), `value` (codes), `actor`,
        `unit`, `bound`, `scope`, `kind` of source, `source_id`, `locator`, `note`, `selected` (whether the policy takes the claim; missing where it does not choose).
        """
        found = []
        for table in CLAIM_TABLES:
            rows = getattr(self.registry, table)
            rows = rows[rows["incident_id"] == incident] if incident else rows
            rows = rows[rows[ABOUT[table]] == about] if about else rows
            selected = self.selected[table]
            taken = pd.NA if selected is None else rows.index.isin(selected)
            found.append(rows.assign(table=table, about=rows[ABOUT[table]].astype(object), selected=taken))
        columns = "incident_id table about low high value involvement role actor unit bound scope kind source_id locator note selected"
        every = pd.concat([rows.astype({"selected": "boolean"}) for rows in found], ignore_index=True)
        return every.reindex(columns=columns.split())

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
        """Return one row an incident: its attributes and every fact as two columns that carry their unit, as `length_minutes_low`; moments are UTC."""
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


def median(values: pd.DataFrame, by: str | Sequence[str] | None = None, q: float = 0.5) -> pd.DataFrame:
    """Return a quantile of interval values, of all rows or by group.

    Parameters
    ----------
    values : frame with `low` and `high`, as the methods of `Study` return; unknown rows are counted and left out
    by : columns to group by
    q : level; 0.5 is the median

    Returns
    -------
    One row a group: `n` known `of` so many, `low`, `high` (bounds that the sources leave open, see `outages.stats.intervals.quantile`), `ci_low`, `ci_high`
    (95% interval between order statistics, see `outages.stats.inference.quantile_interval`).
    """

    def row(rows: pd.DataFrame) -> pd.Series:
        bounds, interval = quantile(rows, q), quantile_interval(rows, q)
        ends = [getattr(i, end, float("nan")) for i in (bounds, interval) for end in ENDS]
        return pd.Series([how_many(rows), len(rows), *ends], index=["n", "of", *ENDS, "ci_low", "ci_high"])

    if by is None:
        return row(values).to_frame("all").T.astype({"n": int, "of": int})
    columns = [by] if isinstance(by, str) else list(by)
    found = {key: row(rows) for key, rows in values.groupby(columns if len(columns) > 1 else columns[0], observed=True)}
    names = columns[0] if len(columns) == 1 else None
    table = pd.DataFrame.from_dict(found, orient="index").astype({"n": int, "of": int})
    return table.rename_axis(names or columns).sort_values("n", ascending=False, kind="stable")


def curve(values: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Return the share of rows whose time has passed, as Turnbull's estimate for interval-censored times.

    Returns
    -------
    One row an innermost interval (of each group): `left`, `right` (the unit of the values), its `mass`, and the `share` that has happened by `right`; `n` known.
    """
    parts = []
    for key, rows in [("all", values)] if by is None else values.groupby(by, observed=True):
        if (found := turnbull(rows)) is not None:
            mass = pd.DataFrame({"left": found.left, "right": found.right, "mass": found.mass}).query("mass > 0")
            parts.append(mass.assign(group=key, share=mass["mass"].cumsum(), n=found.n))
    columns = ["group", "left", "right", "mass", "share", "n"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def under_policies(registry: Registry, names: Iterable[str], services: Sequence[str] = ()) -> pd.DataFrame:
    """Return the median of some facts under each policy: one row a fact and policy, `finding`, `policy`, `low`, `high`, `n`; none for a fact that nobody states."""
    rows = []
    for policy in POLICIES:
        known = facts(registry, policy, services)
        for name in names:
            if bounds := quantile(known[name], 0.5):
                rows.append((name, policy, bounds.low, bounds.high, how_many(known[name])))
    found = pd.DataFrame(rows, columns=["finding", "policy", "low", "high", "n"])
    return found.sort_values("finding", kind="stable").reset_index(drop=True)


def open_study(
    *,
    lang: str = "en",
    policy: str = "authority",
    focus: str = "",
    countries: str = "",
    sectors: str = "",
    services: str = "",
    since: str = "",
    until: str = "",
    operator: str = "",
    min_users: int = 0,
    targets: str = "",
    data: Sequence[str] = (),
    base: Path | str = DATA,
) -> Study:
    """Open the registry for a comparison.

    Parameters
    ----------
    lang : `en` or `fr`
    policy : how contradicting claims are resolved, see `outages.facts.policies.resolve`
    focus : incident to mark in every figure, also one from an overlay; empty for none
    countries, sectors, services : codes separated by `;`, any of which must fit; empty for all
    since, until : local dates of onset as `YYYY-MM-DD`, ends included; empty for no limit
    operator : name of one operator, as the registry writes it; empty for all
    min_users : keep only incidents that surely hit at least so many people; 0 keeps all, also those for which nobody says how many
    targets : time limits to replay, separated by `;`; empty for all
    data : folders laid over the public registry
    base : folder of the registry below them; an overlay that is named here stands alone (without the public time limits)

    Raises
    ------
    ParameterError : a parameter is not allowed, or no incident fits
    RegistryError : the registry or an overlay breaks a rule
    """
    asked = {"policy": policy, "focus": focus, "countries": countries, "sectors": sectors, "services": services}
    asked |= {"since": since, "until": until, "operator": operator, "targets": targets}
    check_common(lang, policy, data)
    check_texts(**asked)
    listed = {
        name: [p for p in asked[name].split(";") if p] for name in ("countries", "sectors", "services", "targets")
    }
    check_in("sectors", listed["sectors"], codes()["sector"])
    check_in("services", listed["services"], codes()["services"])
    for name in ("since", "until"):
        check_day(name, asked[name])
    if not isinstance(min_users, Real) or min_users < 0:
        raise ParameterError(f"min_users: {min_users!r} is not allowed; write a number without quotes, 0 or more")
    registry = read_registry(data, base)
    check_in(
        "countries",
        listed["countries"],
        sorted({c for cell in registry.incidents["country"].unique() for c in cell.split(";")}),
    )
    check_in("targets", listed["targets"], list(registry.communication_targets["target_id"]))
    if focus:
        check_incident("focus", focus, registry)
    if operator:
        check_in("operator", [operator], sorted(registry.incidents["operator"].unique()))
    chosen = filter_incidents(
        registry, **{n: listed[n] for n in ("countries", "sectors", "services")}, since=since, until=until
    )
    fits = pd.Series(registry.incidents.index.isin(chosen), registry.incidents.index)
    if operator:
        fits &= registry.incidents["operator"] == operator
    if min_users:
        users = quantities(registry.measures, policy).get("users_affected", pd.DataFrame(columns=ENDS))
        fits &= users["low"].reindex(fits.index) >= min_users
    widen = "widen countries, sectors, services, since, until, operator or min_users"
    if focus and not fits[focus]:
        raise ParameterError(f"focus: '{focus}' is outside the filters; {widen}")
    if not fits.any():
        raise ParameterError(f"no incident fits the filters; {widen}")
    if wanted := listed["targets"]:
        limits = registry.communication_targets
        registry = replace(registry, communication_targets=limits[limits["target_id"].isin(wanted)])
    asked = {
        name: asked.pop(name)
        for name in ("policy", "focus", "countries", "sectors", "services", "since", "until", "operator")
    } | {
        "min_users": str(min_users) if min_users else "",
        "targets": targets,
    }
    left_out = int((~fits).sum())
    chosen = subset(registry, fits.index[fits])
    if countries or operator:  # as the page is made again only when a row of these incidents has changed
        chosen = replace(chosen, version=of_its_own(chosen).version)
    return Study(
        chosen, policy, Words(lang), asked, focus, overlay_names(registry), left_out, tuple(listed["services"])
    )


def open_incident(
    *, incident: str, lang: str = "en", policy: str = "authority", data: Sequence[str] = (), base: Path = DATA
) -> Study:
    """Open the registry for one incident; parameters and errors as in `open_study`.

    The data version is that of the incident's own rows, so that a change elsewhere leaves the page as it is.
    """
    check_common(lang, policy, data)
    check_texts(incident=incident)
    registry = read_registry(data, base)
    check_incident("incident", incident, registry)
    own, asked = of_its_own(subset(registry, [incident])), {"incident": incident, "policy": policy}
    left_out = len(registry.incidents) - 1
    return Study(own, policy, Words(lang), asked, incident, overlay_names(registry), left_out)


def overlay_names(registry: Registry) -> tuple[str, ...]:
    """Return the origins other than the public registry."""
    tables = (registry.incidents, registry.sources, registry.events, registry.measures)
    return tuple(sorted({origin for table in tables for origin in table["_origin"].unique()} - {"public"}))


def check_common(lang: str, policy: str, data: Sequence[str]) -> None:
    """Check language and policy, and that the folders are a list of texts."""
    if isinstance(data, str | Path):
        raise ParameterError(f"data: '{data}' is not a list of folders; write [\"{data}\"]")
    if not isinstance(data, Iterable) or not all(isinstance(folder, str | Path) for folder in data):
        raise ParameterError(f'data: {str(data)[:80]!r} is not a list of folders; write ["~/our-incidents"]')
    check_texts(lang=lang, policy=policy)
    check_in("lang", [lang], LANGUAGES)
    check_in("policy", [policy], POLICIES)


def check_texts(**given: object) -> None:
    """Check that parameters are texts: in a notebook or a job they are written by hand, and quotes are forgotten."""
    for name, value in given.items():
        if not isinstance(value, str):
            raise ParameterError(f"{name}: {value!r} is not a text; write one text in quotes")


def check_in(name: str, given: Sequence[str], allowed: Sequence[str]) -> None:
    """Check that every code is one of a list."""
    for code in given:
        if code not in allowed:
            raise ParameterError(f"{name}: '{code}' is not allowed; use {', '.join(allowed)}")


def check_day(name: str, value: str) -> None:
    """Check that a date is written as the registry writes dates."""
    try:
        if value and date.fromisoformat(value).isoformat() != value:
            raise ValueError
    except ValueError:
        raise ParameterError(f"{name}: '{value}' is not a date; write it as 2021-06-02") from None


def check_incident(name: str, incident: str, registry: Registry) -> None:
    """Check that an incident is in the registry, and suggest the nearest when it is not."""
    import difflib

    if incident not in registry.incidents.index:
        ids = list(registry.incidents.index)
        near = difflib.get_close_matches(incident, ids, n=3, cutoff=0.3) or ids[:3]
        hint = f"did you mean {' or '.join(near)}? (`outages list --incidents` shows all {len(ids)})"
        raise ParameterError(f"{name}: incident '{incident}' is not in the registry; {hint}")
