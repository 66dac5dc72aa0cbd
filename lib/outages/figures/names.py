"""What are moments, lags, units and codes called?"""

from datetime import date
from numbers import Real

import numpy as np
import pandas as pd

from outages.language import Words

LIMITS = ("limit", "limit_minutes")  # columns of minutes


def moment_names(words: Words) -> dict[str, str]:
    """Return what each moment is called, in the order in which a reader expects them."""
    _ = words._
    return {
        "onset": _("onset"),
        "first_detected": _("first seen by anyone"),
        "detected": _("detected by the operator"),
        "escalated": _("operator's crisis process"),
        "authority_crisis_cell": _("authorities' crisis cell"),
        "authorities_notified": _("authorities told"),
        "first_public_statement": _("first public statement"),
        "earliest_statement": _("earliest known public statement"),
        "workaround_published": _("workaround published"),
        "partial_restoration": _("first service back"),
        "restored": _("last service back"),
        "repaired": _("broken element repaired"),
        "postmortem_published": _("post-mortem published"),
    }


def lag_names(words: Words) -> dict[str, str]:
    """Return what each lag is called."""
    _ = words._
    return {
        "to_first_detection": _("onset to first seen by anyone"),
        "to_detection": _("onset to detection by the operator"),
        "to_escalation": _("onset to the operator's crisis process"),
        "to_authorities": _("onset to authorities told"),
        "to_public": _("onset to first public statement"),
        "to_earliest_statement": _("onset to the earliest known public statement"),
        "to_workaround": _("onset to workaround published"),
        "detection_to_public": _("detection by the operator to first public statement"),
    }


def verdict_names(words: Words) -> dict[str, str]:
    """Return what the verdicts on time limits are called."""
    _ = words._
    return {
        "met": _("met"),
        "missed": _("missed"),
        "undecidable": _("unclear"),
        "unknown": _("unknown"),
        "not_applicable": _("not applicable"),
    }


def value_name(words: Words, column: str, value: object) -> str:
    """Return what a value of a column is called: the label of its code, a date without hours, yes or no."""
    if isinstance(value, bool | np.bool_):
        return words.pair(column, words._("yes") if value else words._("no"))
    if isinstance(value, date) and not pd.isna(value) and (day := pd.Timestamp(value)) == day.normalize():
        return words.day(day.date().isoformat())
    if isinstance(value, float) and value.is_integer() and column not in LIMITS:
        return str(int(value))  # as a year beside years that are unknown
    if isinstance(value, Real) and column in LIMITS:
        return words.minutes(float(value))
    return code_name(words, column, "" if pd.isna(value) else str(value)) or words._("unknown")


def code_name(words: Words, column: str, code: str) -> str:
    """Return the label of a code, or the code where it has none."""
    if column in ("country", "jurisdiction") and code:
        return ", ".join(words.countries(code.split(";")))
    if column == "party":
        return words.party(code)
    known = own_names(words).get(column, {})
    return known.get(code) or words.label("measure" if column == "quantity" else column, code)


def own_names(words: Words) -> dict[str, dict[str, str]]:
    """Return by column what codes are called that are computed, or called otherwise than in the registry."""
    _, moments = words._, moment_names(words)
    return {
        **dict.fromkeys(("start", "end", "counted_from", "moment"), moments),
        "lag": moments | lag_names(words),
        "verdict": verdict_names(words),
        "act": {"authorities": _("authorities"), "public": _("public")},  # of limits of one's own
        "quantity": {
            "user_hours": _("user-hours"),
            "silent_hours": _("user-hours before the first statement"),
        },
        "unit": {"user-hours": _("user-hours"), "persons or lines": _("persons or lines")},
    }
