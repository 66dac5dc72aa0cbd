"""An overlay whose texts are hostile."""

from conftest import CAUSE, CLAIM, INCIDENT, ONSET, RESTORED, SOURCE, USERS

EVIL = '<script>alert("x")</script><img src=x onerror=alert(1)> $\\frac{1}{0}$ & {0}'


def overlay(make):
    """Make an overlay with an incident of its own."""
    texts = dict.fromkeys(("title_en", "title_fr", "operator", "summary_en", "summary_fr"), EVIL)
    asked = {**CLAIM, "addressee": EVIL, "theme": "supervision", "text_en": EVIL, "text_fr": EVIL}
    return make(
        "ours",
        incidents=[{**INCIDENT, **texts}],
        sources=[{**SOURCE, "title": EVIL, "publisher": EVIL}],
        events=[{**ONSET, "note": EVIL, "locator": EVIL}, RESTORED],
        measures=[{**USERS, "note": EVIL, "scope": EVIL}],
        causes=[{**CAUSE, "note": EVIL}],
        third_parties=[{**CLAIM, "party": EVIL, "role": "other", "involvement": "cause", "note": EVIL}],
        recommendations=[asked],
    )
