"""Of which incidents is a study made? Parameters are checked, and the registry is cut to what fits them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Real
from pathlib import Path

import pandas as pd

from outages.facts.settled import settled_quantities
from outages.facts.timeline import quantities
from outages.language import Words
from outages.paths import DATA
from outages.registry.countries import meant
from outages.registry.files import codes
from outages.registry.form import LARGEST
from outages.registry.registry import Registry, filter_incidents, holds_any, of_its_own, read_registry, subset
from outages.studies.parameters import (
    ParameterError,
    check_common,
    check_day,
    check_in,
    check_incident,
    check_texts,
    limits_of,
    named,
    told,
)
from outages.studies.study import Study

HELD = {"countries": "country", "sectors": "sector", "services": "services", "operator": "operator"}  # in a column
FILTERS = (*HELD, "since", "until", "min_users")
LISTS = (*HELD, "targets")  # of codes or names separated by `;`


@named
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
    limits: str = "",
    data: Sequence[str] = (),
    base: Path | str = DATA,
) -> Study:
    """Open the registry for a comparison.

    Parameters
    ----------
    lang : `en` or `fr`
    policy : how contradicting claims are resolved: `authority`, `operator`, `press`, `earliest`, `latest` or `widest`,
        see `outages.facts.policies.resolve`
    focus : incident to mark in every figure, also one from an overlay; empty for none
    countries, sectors, services : codes separated by `;`, any of which must fit; empty for all
    since, until : local dates of onset as `YYYY-MM-DD`, ends included; empty for no limit
    operator : names of operators as the registry writes them, separated by `;`, any of which must fit; empty for all
    min_users : keep only incidents that surely hit at least so many people; 0 keeps all, also those for which nobody
        says how many
    targets : time limits to replay, separated by `;`; empty for all
    limits : time limits of one's own, in minutes, separated by `;`
    data : folders laid over the public registry
    base : folder of the registry below them; an overlay that is named here stands alone (without the public time
        limits)

    Raises
    ------
    ParameterError : a parameter is not allowed, or no incident fits
    RegistryError : the registry or an overlay breaks a rule
    """
    asked = {"policy": policy, "focus": focus, "countries": countries, "sectors": sectors, "services": services}
    asked |= {"since": since, "until": until, "operator": operator, "targets": targets, "limits": limits}
    check_common(lang, policy, data, base)
    check_texts(**asked)
    listed = {name: [part for part in asked[name].split(";") if part] for name in LISTS}
    check_form(listed, since, until, min_users)
    tried = limits_of(limits) if limits else ()
    registry = read_registry(data, base)
    check_there(listed, focus, registry)
    chosen = fitting(registry, listed, since, until, min_users, policy)
    asked["min_users"] = str(min_users) if min_users else ""
    used = [name for name in FILTERS if asked[name]]
    if focus and focus not in chosen:
        raise ParameterError(f"focus: '{focus}' is outside the filters; {way_in(registry, focus, listed, used)}")
    if chosen.empty:
        raise ParameterError(f"no incident fits the filters; {widened(used, 'nothing in the registry is coded')}")
    if wanted := listed["targets"]:
        every = registry.communication_targets
        registry = replace(registry, communication_targets=every[every["target_id"].isin(wanted)])
    few = subset(registry, chosen)
    if countries or operator:  # as the page is made again only when a row of these incidents has changed
        few = replace(few, version=of_its_own(few).version)
    left_out = len(registry.incidents) - len(chosen)
    return Study(
        few, policy, Words(lang), asked, focus, overlay_names(registry), left_out, tuple(listed["services"]), tried
    )


def check_form(listed: Mapping[str, list[str]], since: str, until: str, min_users: float) -> None:
    """Check the filters that are right or wrong whatever the registry holds."""
    for name, column in (("sectors", "sector"), ("services", "services")):
        check_in(name, listed[name], codes()[column])
    check_day("since", since)
    check_day("until", until)
    if isinstance(min_users, bool) or not isinstance(min_users, Real) or not 0 <= min_users <= LARGEST:
        words = f"write a number{' without quotes' if isinstance(min_users, str) else ''}, from 0 to {LARGEST:g}"
        raise ParameterError(f"min_users: {told(min_users)} is not allowed; {words}")


def check_there(listed: Mapping[str, list[str]], focus: str, registry: Registry) -> None:
    """Check that the registry holds what is named."""
    for name, known in (("countries", meant), ("operator", str)):
        there = sorted({part for cell in registry.incidents[HELD[name]].unique() for part in cell.split(";")})
        check_in(name, listed[name], there, known)
    check_in("targets", listed["targets"], list(registry.communication_targets["target_id"]))
    if focus:
        check_incident("focus", focus, registry)


def fitting(
    registry: Registry, listed: Mapping[str, list[str]], since: str, until: str, min_users: float, policy: str
) -> pd.Index:
    """Return the incidents that fit every filter."""
    chosen = filter_incidents(registry, {column: listed[name] for name, column in HELD.items()}, since, until)
    if min_users:
        people = registry.measures[registry.measures["measure"] == "users_affected"]
        users = quantities(settled_quantities(people, policy), ["users_affected"], chosen)["users_affected"]
        chosen = chosen[users["low"] >= min_users]
    return chosen


def way_in(registry: Registry, focus: str, listed: Mapping[str, list[str]], used: Sequence[str]) -> str:
    """Say what to change so that an incident is among those chosen."""
    own = registry.incidents.loc[[focus]]
    if after := own.at[focus, "superseded_by"]:
        return f"it is superseded by {after}, which may be named instead"
    fits = [name for name, column in HELD.items() if listed[name] and holds_any(own[column], listed[name]).all()]
    return widened([name for name in used if name not in fits], "nothing is coded for it")


def widened(filters: Sequence[str], none: str) -> str:
    """Say which filters to widen, or something else where there is none."""
    return f"widen {' or '.join(filters)}" if filters else none


@named
def open_incident(
    *, incident: str, lang: str = "en", policy: str = "authority", data: Sequence[str] = (), base: Path = DATA
) -> Study:
    """Open the registry for one incident; parameters and errors as in `open_study`.

    The data version is that of the incident's own rows, so that a change elsewhere leaves the page as it is.
    """
    check_common(lang, policy, data, base)
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
