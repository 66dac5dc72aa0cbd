"""What are moments, lags and verdicts called?"""

from outages.language import Words


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
