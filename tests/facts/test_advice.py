"""What was asked of operators, once, and counted by theme."""

import pandas as pd

from outages.facts.advice import asked_of_operators, by_theme

ROW = {
    **{"incident_id": "a", "theme": "supervision", "addressee": "Acme", "text_en": "Watch it.", "target_value": ""},
    **{"speaker": "", "kind": "operator", "source_id": "one", "retracted_by": ""},
}


def advice(*rows) -> pd.DataFrame:
    """Return recommendations."""
    return pd.DataFrame([ROW | row for row in rows])


def test_only_what_operators_can_act_on():
    """Operators by name, by the beginning of it, or in general; not the state, not rules or damages, not what was
    withdrawn.
    """
    told = advice(
        {},
        {"addressee": "Acme Communications", "text_en": "b"},
        {"addressee": "Operators (France)", "text_en": "c"},
        {"addressee": "State and operators (France)", "text_en": "d"},
        {"addressee": "Parliament", "text_en": "e"},
        {"theme": "regulation", "text_en": "f"},
        {"retracted_by": "two", "text_en": "g"},
    )
    assert sorted(asked_of_operators(told, ["Acme"])["text_en"]) == ["Watch it.", "b", "c"]


def test_one_request_in_two_documents_stands_once():
    """The wording decides, whatever its signs and capitals; the one with a number is kept, and the documents are
    counted.
    """
    told = advice(
        {},
        {"source_id": "two", "text_en": "watch it", "target_value": "30", "kind": "government"},
        {"incident_id": "b"},
    )
    found = asked_of_operators(told, ["Acme"]).set_index("incident_id")
    assert len(found) == 2 and found.loc["a", "documents"] == 2 and found.loc["a", "has_number"]
    counts = by_theme(found.reset_index()).loc["supervision"]
    assert counts.to_dict() == {"incidents": 2, "announced": 1, "numbers": 1}
