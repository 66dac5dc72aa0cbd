"""What was asked, and of which incidents? Parameters are checked here, before anything is computed or a kernel starts."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from numbers import Real
from pathlib import Path

import pandas as pd

from outages.claims import POLICIES, quantities
from outages.errors import InputError
from outages.paths import DATA
from outages.registry import Registry, fitting, keep, keep_where, of_its_own, read_registry
from outages.tables import codes
from outages.words import LANGUAGES, Words


class ParameterError(InputError):
    """A parameter that cannot be used; the message says which, why, and what is allowed."""


@dataclass(frozen=True)
class Study:
    """A registry cut to the incidents in question, the policy that resolves its claims, and the reader's language."""

    registry: Registry
    policy: str
    words: Words
    parameters: dict[str, str] = field(default_factory=dict)
    focus: str = ""
    overlays: tuple[str, ...] = ()
    left_out: int = 0

    @property
    def titles(self) -> pd.Series:
        """Short titles of the incidents in the reader's language, indexed by identifier."""
        return self.registry.incidents[f"title_{self.words.lang}"]

    @property
    def n(self) -> int:
        """Number of incidents in the study."""
        return len(self.registry.incidents)


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
    base: Path = DATA,
) -> Study:
    """Open the registry for a comparison.

    Parameters
    ----------
    lang : `en` or `fr`
    policy : how contradicting claims are resolved, see `outages.claims.resolve`
    focus : incident to mark in every figure, also one from an overlay; empty for none
    countries, sectors, services : codes separated by `;`, any of which must fit; empty for all
    since, until : local dates of onset as `YYYY-MM-DD`, ends included; empty for no limit
    operator : name of one operator, as the registry writes it; empty for all
    min_users : keep only incidents that surely hit at least so many people; 0 keeps all, also those for which nobody says how many
    targets : time limits to replay, separated by `;`; empty for all
    data : folders laid over the public registry
    base : folder of the registry below them

    Raises
    ------
    ParameterError : a parameter is not allowed, or no incident fits
    RegistryError : the registry or an overlay breaks a rule
    """
    words = check_common(lang, policy, data)
    check_texts(
        focus=focus, countries=countries, sectors=sectors, services=services,
        since=since, until=until, operator=operator, targets=targets,
    )  # fmt: skip
    filters = {
        name: [p for p in value.split(";") if p]
        for name, value in (("countries", countries), ("sectors", sectors), ("services", services))
    }
    for name, column in (("sectors", "sector"), ("services", "services")):
        check_in(name, filters[name], codes()[column])
    for name, value in (("since", since), ("until", until)):
        check_day(name, value)
    registry = read_registry(data, base)
    known = {c for cell in registry.incidents["country"].unique() for c in cell.split(";")}
    check_in("countries", filters["countries"], sorted(known))
    if focus:
        check_incident("focus", focus, registry)
    if operator:
        check_in("operator", [operator], sorted(registry.incidents["operator"].unique()))
    if not isinstance(min_users, Real) or min_users < 0:
        raise ParameterError(f"min_users: {min_users!r} is not allowed; write a number without quotes, 0 or more")
    limits = registry.communication_targets
    wanted = [t for t in targets.split(";") if t]
    check_in("targets", wanted, list(limits["target_id"]))
    if wanted:
        registry = replace(registry, communication_targets=limits[limits["target_id"].isin(wanted)])
    fits = fitting(registry, **filters, since=since, until=until)
    if operator:
        fits = fits & (registry.incidents["operator"] == operator).to_numpy()
    if min_users:
        users = quantities(registry.measures, "users_affected", registry.incidents.index, policy)
        fits = fits & (users["low"] >= min_users).to_numpy()
    if focus and not fits[registry.incidents.index.get_loc(focus)]:
        raise ParameterError(
            f"focus: '{focus}' is outside the filters; widen countries, sectors, services, since, until, operator or min_users"
        )
    if not fits.any():
        raise ParameterError(
            "no incident fits the filters; widen countries, sectors, services, since, until, operator or min_users"
        )
    asked = {
        "policy": policy,
        "focus": focus,
        "countries": countries,
        "sectors": sectors,
        "services": services,
        "since": since,
        "until": until,
        "operator": operator,
        "min_users": str(min_users) if min_users else "",
        "targets": targets,
    }
    cut = keep_where(registry, fits)
    if countries or operator:  # as the page is made again only when a row of these incidents has changed
        cut = replace(cut, version=of_its_own(cut).version)
    return Study(cut, policy, words, asked, focus, overlay_names(registry), int((~fits).sum()))


def open_incident(
    *, incident: str, lang: str = "en", policy: str = "authority", data: Sequence[str] = (), base: Path = DATA
) -> Study:
    """Open the registry for one incident; parameters and errors as in `open_study`.

    The data version is that of the incident's own rows, so that a change elsewhere leaves the page as it is.
    """
    words = check_common(lang, policy, data)
    check_texts(incident=incident)
    registry = read_registry(data, base)
    check_incident("incident", incident, registry)
    left_out = len(registry.incidents) - 1
    return Study(
        of_its_own(keep(registry, [incident])),
        policy,
        words,
        {"incident": incident, "policy": policy},
        incident,
        overlay_names(registry),
        left_out,
    )


def overlay_names(registry: Registry) -> tuple[str, ...]:
    """Return the origins other than the public registry."""
    tables = (registry.incidents, registry.sources, registry.events, registry.measures)
    return tuple(sorted({origin for table in tables for origin in table["_origin"].unique()} - {"public"}))


def check_common(lang: str, policy: str, data: Sequence[str]) -> Words:
    """Check language and policy, and that the folders are a list."""
    if isinstance(data, str | Path):
        raise ParameterError(f"data: '{data}' is not a list of folders; write [\"{data}\"]")
    check_texts(lang=lang, policy=policy)
    check_in("lang", [lang], LANGUAGES)
    check_in("policy", [policy], POLICIES)
    return Words(lang)


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
        ids = list(registry.incidents["incident_id"])
        near = difflib.get_close_matches(incident, ids, n=3, cutoff=0.3) or ids[:3]
        raise ParameterError(
            f"{name}: incident '{incident}' is not in the registry; did you mean {' or '.join(near)}? (`outages list --incidents` shows all {len(ids)})"
        )
