"""Parameters choose incidents, and those that cannot be used are refused in one line."""

import inspect

import pytest

from outages.studies import ParameterError, open_incident, open_study


def test_min_users_and_targets():
    """Only incidents that surely hit so many people stay; only the limits asked for are replayed."""
    study = open_study(min_users=1_000_000)
    assert 0 < study.n < 60 and (study.facts["users_affected"]["low"] >= 1_000_000).all()
    one = open_study(targets="orange-crisis-cell-30min", countries="FR")
    assert list(one.registry.communication_targets["target_id"]) == ["orange-crisis-cell-30min"]
    for wrong in ({"min_users": -1}, {"targets": "nobody"}, {"min_users": 10**12}):
        with pytest.raises(ParameterError):
            open_study(**wrong)


def test_every_parameter_is_kept_as_it_was_given():
    """Given all at once, each parameter stands among those of the study as a text, since the page shows it so."""
    given = {"policy": "latest", "focus": "2012-07-06-orange-fr-mobile", "countries": "FR", "limits": "15;60"}
    given |= {"sectors": "telecom", "services": "mobile_voice", "since": "2012-01-01", "until": "2012-12-31"}
    given |= {"operator": "Orange", "min_users": 1000, "targets": "orange-crisis-cell-30min"}
    assert {*given, "lang", "data", "base"} == set(inspect.signature(open_study).parameters)
    study = open_study(**given)
    assert study.parameters == {name: str(value) for name, value in given.items()} and study.tried == (15, 60)
    assert 0 < study.n < study.n + study.left_out


def test_parameters_of_the_wrong_kind():
    """A parameter written by hand with quotes too few or too many is refused in one line that names it."""
    wrong = {"min_users": "1000000", "since": 2012, "sectors": ["telecom"], "lang": 1, "data": "folder"}
    for name, value in wrong.items():
        with pytest.raises(ParameterError, match=rf"^{name}: [^\n]*; write [^\n]+$"):
            open_study(**{name: value})
    with pytest.raises(ParameterError, match="incident: 2012 is not a text"):
        open_incident(incident=2012)


def test_recommendations_are_a_tidy_frame():
    """One row a recommendation, in the language of the study, with its number and the attributes of the incident."""
    french, english = (open_study(lang=lang).recommendations() for lang in ("fr", "en"))
    assert len(french) == len(english) and (french["text"] != english["text"]).any()
    assert english["target_value"].dtype == float and english["target_value"].notna().sum() > 20
    assert {"title", "operator", "sector", "year"} <= set(english.columns)
