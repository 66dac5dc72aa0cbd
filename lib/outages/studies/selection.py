"""Which incidents were chosen, in words? As titles, figures and citations say it."""

from collections.abc import Mapping, Sequence
from typing import Any

from outages.language import N_, Words

RULES = {  # the usual one, official sources first, goes without saying
    "operator": N_("the operator’s account first"),
    "press": N_("the press first"),
    "earliest": N_("lowest values"),
    "latest": N_("highest values"),
    "widest": N_("all that sources say"),
}


def selection(words: Words, asked: Mapping[str, Any], overlays: Sequence[str] = ()) -> str:
    """Say what was asked for, empty when that is everything.

    Parameters
    ----------
    asked : parameters of a study; those that choose nothing are passed over
    overlays : names of what is laid over the public registry

    Examples
    --------
    >>> selection(Words("en"), {"countries": "FR;DE", "services": "emergency_calls", "focus": ""})
    'emergency calls; FR, DE'
    """
    _, given = words._, {name: str(value) for name, value in asked.items() if value}
    labels = [
        ", ".join(words.within(words.label(name, code)) for code in given[name].split(";") if code)
        for name in ("services", "sectors")
        if name in given
    ]
    parts = [*labels, ", ".join(filter(None, given.get("countries", "").split(";"))), given.get("operator", "")]
    parts += [_("since {day}").format(day=words.day(given["since"]))] if "since" in given else []
    parts += [_("until {day}").format(day=words.day(given["until"]))] if "until" in given else []
    if "min_users" in given:
        parts.append(_("at least {n} people").format(n=words.number(float(given["min_users"]))))
    parts += [_(RULES[given["policy"]])] if given.get("policy") in RULES else []
    parts += [_("with {names}").format(names=words.listed(list(overlays)))] if overlays else []
    return _("; ").join(filter(None, parts))
