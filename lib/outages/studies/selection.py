"""Which incidents were chosen, in words? As titles, figures and citations say it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from outages.language import N_, Words

START = {  # from when a limit is counted, after its length or what it asks for
    "onset": N_("from onset"),
    "detected": N_("from detection"),
    "restored": N_("from restoration"),
    "first_public_statement": N_("from the first public statement"),
}


def policy_names(words: Words) -> dict[str, str]:
    """Return what each rule for contradicting claims is called."""
    _ = words._
    return {
        "authority": _("official sources first"),
        "operator": _("operator first"),
        "press": _("press first"),
        "earliest": _("lowest value"),
        "latest": _("highest value"),
        "widest": _("everything kept"),
    }


def counted_from(words: Words, event: str) -> str:
    """Say from when a limit is counted; overlays may count from any event."""
    return words._(START[event]) if event in START else f"({words.within(words.label('event', event))})"


def limit_name(words: Words, rule: pd.Series) -> str:
    """Return what a limit is called: who set it and for which years, how long, from what, to what."""
    years = "–".join(end[:4] for end in rule["in_force"].split("/"))
    return words.t(
        "{who}: {limit} {start}, {event}",
        who=f"{words.countries([rule['jurisdiction']])[0]} {years}".strip(),
        limit=words.minutes(float(rule["limit_minutes"])),
        start=counted_from(words, rule["counted_from"]),
        event=words.within(words.label("event", rule["event"])),
    )


def selection(
    words: Words, asked: Mapping[str, Any], overlays: Sequence[str] = (), rules: pd.DataFrame | None = None
) -> str:
    """Say what was asked for, empty when that is everything.

    Parameters
    ----------
    asked : parameters of a study; those that choose nothing are passed over
    overlays : names of what is laid over the public registry
    rules : time limits as `communication_targets` of a registry, in which `targets` are looked up

    Examples
    --------
    >>> selection(Words("en"), {"countries": "FR;DE", "services": "emergency_calls", "focus": ""})
    'emergency calls; France, Germany'
    """
    _, given = words._, {name: str(value) for name, value in asked.items() if value}
    labels = [
        ", ".join(words.within(words.label(column, code)) for code in given[name].split(";") if code)
        for name, column in (("services", "services"), ("sectors", "sector"))
        if name in given
    ]
    chosen = (dict.fromkeys(filter(None, given.get(name, "").split(";"))) for name in ("countries", "operator"))
    countries, operators = map(list, chosen)
    parts = [*labels, ", ".join(words.countries(countries)), ", ".join(operators)]
    parts += [_("since {day}").format(day=words.day(given["since"]))] if "since" in given else []
    parts += [_("until {day}").format(day=words.day(given["until"]))] if "until" in given else []
    if "min_users" in given:
        parts.append(_("at least {users} people").format(users=words.number(float(given["min_users"]))))
    tried = [words.minutes(float(part)) for part in given.get("limits", "").split(";") if part.strip().isdigit()]
    form = _("time limit {limits}") if len(tried) == 1 else _("time limits {limits}")
    parts += [form.format(limits=words.listed(tried))] if tried else []
    named = filter(None, dict.fromkeys(given.get("targets", "").split(";")))
    parts += [limit_name(words, rules.set_index("target_id").loc[one]) for one in named] if rules is not None else []
    rule = given.get("policy") or "authority"  # that official sources go first goes without saying
    parts += [policy_names(words)[rule]] if rule != "authority" else []
    parts += [_("with {names}").format(names=words.listed(list(overlays)))] if overlays else []
    return _("; ").join(filter(None, parts))
