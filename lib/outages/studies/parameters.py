"""Can what was asked be answered? Parameters are checked before anything is computed."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from outages.errors import InputError
from outages.facts.policies import POLICIES
from outages.language import LANGUAGES
from outages.registry.registry import Registry


class ParameterError(InputError):
    """A parameter that cannot be used; the message says which, why, and what is allowed."""


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
        begun = [one for one in ids if incident and one.startswith(incident)]
        near = begun[:3] or difflib.get_close_matches(incident, ids, n=3, cutoff=0.3) or ids[:3]
        hint = f"did you mean {' or '.join(near)}? (`outages list --incidents` shows all {len(ids)})"
        raise ParameterError(f"{name}: incident '{incident}' is not in the registry; {hint}")


def limits_of(text: str) -> tuple[int, ...]:
    """Read time limits in minutes, at most four."""
    found = [part.strip() for part in text.split(";") if part.strip()]
    if not all(part.isdecimal() and 0 < int(part) <= 10080 for part in found) or not 1 <= len(found) <= 4:
        raise ParameterError(
            f"limits: '{text[:80]}' is not allowed; write one to four numbers of minutes, as 30;60;120"
        )
    return tuple(sorted({int(part) for part in found}))
