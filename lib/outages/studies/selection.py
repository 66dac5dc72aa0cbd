"""Which incidents were chosen, in words? As titles, figures and citations say it."""

from collections.abc import Mapping, Sequence
from typing import Any

from outages.language import Words


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


def selection(words: Words, asked: Mapping[str, Any], overlays: Sequence[str] = ()) -> str:
    """Say what was asked for, empty when that is everything.

    Parameters
    ----------
    asked : parameters of a study; those that choose nothing are passed over
    overlays : names of what is laid over the public registry

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
    parts += [", ".join(filter(None, given.get("targets", "").split(";")))]
    rule = given.get("policy") or "authority"  # that official sources go first goes without saying
    parts += [policy_names(words)[rule]] if rule != "authority" else []
    parts += [_("with {names}").format(names=words.listed(list(overlays)))] if overlays else []
    return _("; ").join(filter(None, parts))
