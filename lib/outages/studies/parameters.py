"""Can what was asked be answered? Parameters are checked before anything is computed."""

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import ParamSpec, TypeVar

from outages.errors import HALF, VALUE, InputError, escaped, like
from outages.facts.policies import POLICIES
from outages.language import LANGUAGES
from outages.registry.registry import Registry

LONGEST_LIMIT = 10080  # minutes: a week
P = ParamSpec("P")
R = TypeVar("R")


class ParameterError(InputError):
    """A parameter that cannot be used; the message says which, why, and what is allowed."""


def named(ask: Callable[P, R]) -> Callable[P, R]:
    """Refuse a parameter that a function does not have, and suggest what was perhaps meant, and a value without a
    name.
    """
    known = inspect.signature(ask).parameters
    unnamed = sum(one.kind is one.POSITIONAL_OR_KEYWORD for one in known.values())

    @functools.wraps(ask)
    def asked(*args: P.args, **given: P.kwargs) -> R:
        if len(args) > unnamed:
            raise ParameterError(f"{told(args[unnamed])} stands without a name; write name=value, as lang='en'")
        if strange := [name for name in given if name not in known]:
            raise ParameterError(f"{escaped(strange[0])}: there is no such parameter; {like(strange[0], known)}")
        return ask(*args, **given)

    return asked


def check_common(lang: str, policy: str, data: Sequence[str], base: Path | str) -> None:
    """Check language, policy, the folders laid over the registry, and that the one below them is a text."""
    if not isinstance(base, str | Path):
        raise ParameterError(f"base: {told(base)} is no folder; write one text in quotes")
    check_data(data)
    check_texts(lang=lang, policy=policy)
    check_in("lang", [lang], LANGUAGES)
    check_in("policy", [policy], POLICIES)


def check_data(data: Sequence[Path | str]) -> None:
    """Check that folders are a list of texts."""
    if isinstance(data, str | Path):
        raise ParameterError(f"data: '{escaped(data)}' is not a list of folders; write [\"{escaped(data, 40)}\"]")
    if not isinstance(data, Iterable) or not all(isinstance(folder, str | Path) for folder in data):
        raise ParameterError(f'data: {told(data)} is not a list of folders; write ["~/our-incidents"]')
    if odd := [folder for folder in data if HALF.search(str(folder))]:
        raise ParameterError(f"data: {told(str(odd[0]))} is no name in UTF-8; rename the folder")


def check_texts(**given: object) -> None:
    """Check that parameters are texts: in a notebook or a job they are written by hand, and quotes are forgotten."""
    for name, value in given.items():
        if not isinstance(value, str):
            raise ParameterError(f"{name}: {told(value)} is not a text; write one text in quotes")


def told(value: object) -> str:
    """Return a value of any kind for a message."""
    try:
        return escaped(repr(value))
    except ValueError:  # a number of thousands of digits
        return type(value).__name__


def check_in(name: str, given: Sequence[str], allowed: Sequence[str], known: Callable[[str], str] = str) -> None:
    """Check that every code is one of a list, and suggest what was perhaps meant; `known` as for `like`."""
    for code in given:
        if code not in allowed:
            raise ParameterError(f"{name}: '{escaped(code)}' is not allowed; {like(code, allowed, known)}")


def check_day(name: str, value: str) -> None:
    """Check that a date is written as the registry writes dates."""
    try:
        if value and date.fromisoformat(value).isoformat() != value:
            raise ValueError
    except ValueError:
        raise ParameterError(f"{name}: '{escaped(value)}' is not a date; write it as 2021-06-02") from None


def check_incident(name: str, incident: str, registry: Registry, where: str = "in the registry") -> None:
    """Check that an incident is in a registry, and suggest the nearest when it is not."""
    import difflib

    if incident not in registry.incidents.index:
        ids = list(registry.incidents.index)
        begun = [one for one in ids if incident and incident.casefold() in one]
        near = begun[:2] or difflib.get_close_matches(incident[:VALUE], ids, n=1, cutoff=0.3)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        hint += "`outages list --incidents` shows all (add --data for your own)"
        raise ParameterError(f"{name}: '{escaped(incident, 60)}' is not {where}; {hint}")


def limits_of(text: str) -> tuple[int, ...]:
    """Read time limits in minutes, at most four."""
    found = [part.strip() for part in text.split(";") if part.strip()]
    if (
        not all(re.fullmatch("[0-9]{1,5}", part) and 0 < int(part) <= LONGEST_LIMIT for part in found)
        or not 1 <= len(found) <= 4
    ):
        hint = f"write one to four numbers of minutes, whole and from 1 to {LONGEST_LIMIT}, as 30;60;120"
        raise ParameterError(f"limits: '{escaped(text)}' is not allowed; {hint}")
    return tuple(sorted({int(part) for part in found}))
