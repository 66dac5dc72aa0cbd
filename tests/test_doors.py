"""What comes in from outside is taken, or refused in one line that a terminal can show; see FAULTS.md for the
numbers.
"""

import re
from pathlib import Path

import pytest

import outages as ou
from conftest import INCIDENT, ONSET, TABLES, USERS
from outages.errors import InputError, escaped, like
from outages.paths import ROOT
from outages.registry.countries import code_of
from outages.registry.registry import check_folders, read_registry
from outages.studies.peers import open_peers

SECOND = {**INCIDENT, "incident_id": "2020-03-02-acme-fr-sms", "operator": "Acme;Free"}
LATER = {**ONSET, "incident_id": SECOND["incident_id"], **dict.fromkeys(("time_low", "time_high"), "2020-03-02T10:00Z")}


@pytest.mark.parametrize("error", InputError.__subclasses__())
def test_11_any_error_is_one_line_that_a_terminal_shows(error):
    """Whatever is put into a message, it has no line break, no escape sequence, and room for the command's name."""
    if error.__name__ == "RegistryError":
        pytest.skip("takes problems, whose lines have tests of their own")
    said = str(error("a\nb\x1b[2J\x00\u202e\ud800" + "x" * 5000))
    assert len(said) <= 180 and said.isprintable() and said.startswith(r"a\nb\x1b[2J\x00")
    assert escaped(said, 180) == said


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        *(("countries", value, meant) for value, meant in {"FR,BE": "FR;BE", "FR; BE": "BE", "fr": "FR"}.items()),
        *(("countries", value, meant) for value, meant in {"UK": "GB", "Norvège": "NO", "Frnace": "FR"}.items()),
        *(("operator", value, "Orange") for value in ("orange", "Orange ", "Orang")),
        *(("policy", "widst", "widest"), ("services", "sms,tv", "sms;tv"), ("sectors", "Telecom", "telecom")),
        ("focus", "2021-06-02-orange-fr", "2021-06-02-orange-fr-emergency-calls"),
        ("focus", "Orange-FR-TV", "2025-09-12-orange-fr-tv"),
    ],
)
def test_F27_what_a_person_would_give_is_answered_with_what_was_meant(name, value, meant):
    """A spelling that is nearly right is answered with the right one, not with all there are."""
    with pytest.raises(InputError, match=rf"^{name}: .*did you mean {re.escape(meant)}\?"):
        ou.study(**{name: value})


@pytest.mark.parametrize(
    ("ask", "name"),
    [
        *((ou.study, "country"), (ou.incident, "incidents"), (ou.peers, "foci")),
        *((ou.cohorts, "datas"), (ou.cohort_entries, "cohorts"), (ou.cohort_promises, "event")),
    ],
)
def test_F27_a_parameter_that_there_is_not_is_answered_too(ask, name):
    """A name that is nearly right is answered with the right one, any other with all there are."""
    with pytest.raises(InputError, match=rf"^{name}: there is no such parameter; (did you mean|use one of)"):
        ask(**{name: "Frnace"})


def test_F27_a_value_without_a_name_is_answered():
    """What stands first by mistake is told, and the openers of lists take their list so."""
    with pytest.raises(InputError, match=r"^'fr' stands without a name; write name=value"):
        ou.study("fr")
    assert set(ou.cohort_entries("aws-shd")["cohort_id"]) == {"aws-shd"}


def test_F27_long_lists_are_cut():
    """Where nothing is near, a long list is begun and counted."""
    with pytest.raises(InputError, match=r"countries: 'ZZ' is not allowed; use one of \d+, as 001, AE, [A-Z, ]+$"):
        ou.study(countries="ZZ")
    assert like("x", []) == "there is none to choose" and like("x", ["telecom"]) == "use telecom"


WRONG = {
    "data": (5, None, [3], "folder", b"x", ["a\0b"], ["x" * 5000]),
    "base": (5, None, "x" * 5000, "a\0b"),
    "min_users": (10**400, -1, float("nan"), float("inf"), "5", None),
    "since": ("2021-13-01", "x" * 5000, 2012),
    "lang": ("\ud800", "a\nb", None),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_8_parameters_of_any_kind_are_refused_in_one_line(name, value):
    """No value of a parameter brings a traceback or a long message."""
    with pytest.raises(InputError) as error:
        ou.study(**{name: value})
    assert len(str(error.value)) <= 180 and str(error.value).isprintable()


@pytest.mark.parametrize("given", [{"peers": 10**400}, {"limits": "9" * 5000}, {"limits": "٣"}, {"focus": "x\x1b"}])
def test_8_parameters_of_the_note(given):
    """The same holds for the study behind the decision note."""
    with pytest.raises(InputError) as error:
        open_peers(**{"focus": "2021-06-02-orange-fr-emergency-calls"} | given)
    assert len(str(error.value)) <= 180 and str(error.value).isprintable()


def test_F19a_lists_of_operators_are_split_like_countries(make):
    """An incident of two operators is found under each, and in the catalogue each has a page."""
    from outages.render.catalogue import swept_values
    from outages.render.keys import fits

    end = {**LATER, "event": "restored", "time_low": "2020-03-02T12:00Z", "time_high": "2020-03-02T12:00Z"}
    folder = make(incidents=[INCIDENT, SECOND], events=[ONSET, LATER, end])
    assert [ou.study(base=folder, operator=name).n for name in ("Acme", "Free", "Acme;Free")] == [2, 1, 2]
    assert swept_values("operator", [folder]) == ["Acme", "Free"]
    assert fits({"Free"}, "Acme;Free") and fits(set(), "Acme") and not fits({"Free"}, "Acme")
    own = open_peers(base=folder, focus=INCIDENT["incident_id"])
    assert SECOND["incident_id"] in own.since()[0].index


def test_F19e_countries_by_their_names():
    """Codes, former and foreign names and colloquial ones mean one code."""
    names = {"UK": "GB", "England": "GB", "Royaume-Uni": "GB", "no": "NO", "Deutschland": "DE", "worldwide": "001"}
    assert {name: code_of(name) for name in [*names, "ZQ", ""]} == {**names, "ZQ": "", "": ""}


@pytest.mark.parametrize("time", ["2020-03-01T09:00:30Z", "1850-03-01T10:00Z", "2020-03-01T09:00Z"])
def test_F02_utc_is_accepted_and_moves_no_moment(time, make):
    """A moment in UTC is the same to the second when it is read, also where the clocks kept an odd local time."""
    name = f"{time[:10]}-acme-fr-mobile"
    rows = {"incidents": [INCIDENT | {"incident_id": name}], "measures": [], "causes": []}
    folder = make(**rows, events=[{**ONSET, "incident_id": name, "time_low": time, "time_high": time}])
    assert check_folders([folder]) == []
    from outages.registry.files import minutes_of

    found = read_registry((), folder).events.iloc[0]
    assert minutes_of(found["time_low"]) == minutes_of(time) == found["low"]


@pytest.mark.parametrize(
    ("table", "column", "text"),
    [
        ("organisations", "since", "9" * 400),
        ("events", "time_low", "³020-03-01T10:00Z"),
        ("communication_targets", "in_force", "soon"),
        ("recommendations", "target_unit", "minutes"),
        ("incidents", "superseded_by", "{"),
    ],
)
def test_2_odd_cells_are_lines(table, column, text, make):
    """Numbers too long for the computer, digits of another kind and braces are told like any other slip."""
    rows = [{**TABLES.get(table, [{}])[0], column: text}]
    problems = check_folders([make(**{table: rows})])
    assert any(problem.column == column for problem in problems)
    assert all(len(str(problem)) <= 200 and str(problem).isprintable() for problem in problems)


def test_thin_network_of_several_operators(make):
    """The graph of third parties has each operator of a list as a point of its own."""
    from outages.facts.third_parties import network, parties
    from outages.studies import open_study

    party = {"incident_id": SECOND["incident_id"], "source_id": USERS["source_id"], "locator": "page 1", "party": "Sub"}
    tables = {"incidents": [INCIDENT, SECOND], "events": [ONSET, LATER], "measures": [], "causes": []}
    folder = make(**tables, third_parties=[{**party, "role": "cloud_provider", "involvement": "cause"}])
    study = open_study(base=folder)
    assert len(parties(study.registry)) == 1
    assert list(network(study.third_parties())["operator"]) == ["Acme", "Free"]


def test_every_fault_names_a_test_that_is_there():
    """FAULTS.md leads from each number to tests, and each of them stands where it says."""
    text = (ROOT / "tests" / "FAULTS.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\w ,]+) \| [^|]+ \| (`[^|]+) \|$", text, flags=re.MULTILINE)
    assert len(rows) > 40
    for number, where in rows:
        for file, name in re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", where) or [pytest.fail(number)]:
            assert name in (Path(ROOT) / "tests" / file).read_text(encoding="utf-8"), (number, file, name)


def test_a_focus_that_is_superseded_is_told_by_what(make):
    """Nothing is missing about it: another one stands for it."""
    folder = make(incidents=[INCIDENT, SECOND | {"superseded_by": INCIDENT["incident_id"]}], events=[ONSET, LATER])
    with pytest.raises(InputError, match=f"superseded by {INCIDENT['incident_id']}"):
        ou.study(base=folder, focus=SECOND["incident_id"])
