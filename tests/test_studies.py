"""Parameters choose incidents, and those that cannot be used are refused in one line."""

import doctest
import importlib
import inspect
import math

import pandas as pd
import pytest

import outages as ou
from outages.errors import InputError
from outages.facts.limits import replay
from outages.facts.peers import own_limits
from outages.facts.third_parties import with_and_without
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


@pytest.mark.parametrize(
    "name", "lengths lags users third_parties recommendations limits own_limits claims wide".split()
)
def test_every_frame_carries_the_attributes_of_its_incidents(name):
    """So that each can be filtered and grouped by country, sector or cause."""
    study = open_study(countries="NO", limits="30")
    assert set(study.incidents) <= set(getattr(study, name)())


def test_a_frame_that_a_reader_changes_changes_nothing_else():
    """Columns added, cells written and rows dropped in place stay with the frame that was handed out."""
    study = open_study(countries="NO")
    before = study.lengths(), study.wide(), study.lags()
    for frame in (study.incidents, study.facts, study.groups, study.known["length"]):
        frame["mine"] = 1
        frame.iloc[:, 0] = frame.iloc[0, 0]
        frame.drop(frame.index[1:], inplace=True)
    assert all(one.equals(two) for one, two in zip(before, (study.lengths(), study.wide(), study.lags()), strict=True))


def test_where_no_policy_chooses_nothing_is_selected_or_not():
    """Of later statements and precursors, and of causes, no claim is taken, and none is not taken."""
    claims = open_study(countries="FR").claims().set_index("about")["selected"]
    assert claims.loc[["precursor", "public_statement", "root_cause"]].isna().all()
    assert claims.loc["onset"].notna().all() and claims.loc["onset"].any()


def test_claims_say_by_whom_they_rank_and_whether_that_was_taken_back():
    """A frame of claims holds what a policy looks at; where only a name is wrong, codes are offered first."""
    study = open_study(countries="FR")
    press = study.claims("2021-06-02-orange-fr-emergency-calls").query("kind == 'press'")
    assert {"operator", "government"} <= set(press["speaker"]) and (study.claims()["retracted_by"] != "").any()
    with pytest.raises(InputError, match=r"about: 'length' is not allowed; use one of \d+, as authorities_notified"):
        study.claims(about="length")


def test_medians_of_any_frame_by_any_column():
    """Groups without a name are shown; no rows are a table without rows; what cannot be is one line."""
    lengths = open_study(countries="NO").lengths()
    assert list(ou.median(lengths[:0], by=["sector", "year"]).index.names) == ["sector", "year"]
    some = lengths.assign(team=["a", *[None] * (len(lengths) - 1)])
    assert ou.median(some, by="team")["of"].sum() == len(lengths) == ou.median(lengths, by=[]).at["all", "of"]
    signed = pd.DataFrame({"low": [-90.0, -80.0, 3.0]}).assign(high=lambda rows: rows["low"])
    assert ou.median(signed).at["all", "ci_low"] == -math.inf
    for wrong in ({"q": 1.5}, {"q": "0.5"}, {"q": math.nan}, {"by": "sectr"}, {"by": ["sector", "yer"]}):
        with pytest.raises(InputError, match=r"^(q|by): [^\n]+; [^\n]+$"):
            ou.median(lengths, **wrong)
    for given in (lambda: ou.median(lengths[["title"]]), lambda: ou.curve(lengths, by=["sector", "year"])):
        with pytest.raises(InputError, match=r"^(median|by): [^\n]+; [^\n]+$"):
            given()


def test_frames_as_analysts_have_them():
    """Types that hold NA are taken, a list of one column is that column, and a median keeps the unit of its rows."""
    study = ou.study(countries="FR")
    lengths, users = study.lengths(), study.users()
    for dtypes in ("numpy_nullable", "pyarrow"):
        told = lengths.convert_dtypes(dtype_backend=dtypes)
        pd.testing.assert_frame_equal(ou.curve(told), ou.curve(lengths))
        pd.testing.assert_frame_equal(ou.median(told), ou.median(lengths))
    pd.testing.assert_frame_equal(ou.curve(lengths, by=["sector"]), ou.curve(lengths, by="sector"))
    people = users.query("quantity == 'users_affected'")
    assert [ou.median(rows).attrs["unit"] for rows in (lengths, people)] == ["minutes", "persons"]
    each = ou.median(users, by="quantity")
    assert each.attrs["unit"] == "see unit" and each.at["user_hours", "unit"] == "user-hours"
    assert [ou.curve(rows).attrs["unit"] for rows in (lengths, people)] == ["minutes", "persons"]
    merged = lengths.merge(pd.DataFrame({"incident_id": lengths.index, "n": "a", "group": "b"}), on="incident_id")
    assert ou.median(merged, by=["n", "n"]).at["a", "of"] == len(merged) == ou.median(merged, by="group").at["b", "of"]
    assert [ou.median(study.known[fact]).attrs["unit"] for fact in ("length", "silence", "user_hours")] == [
        *("minutes", "share", "user-hours")
    ]
    assert "title" in study.offset("restored") and study.offset("restored").attrs["unit"] == "minutes"
    silence = ou.cohort_values(ou.cohort_entries("github-status"), "silence")
    assert ou.median(silence).attrs["unit"] == "share"


def test_frames_that_cannot_be_used_are_refused_in_one_line():
    """What is wrong with a frame, a name or a registry stands in one line, and what would be right."""
    study = ou.study(countries="NO")
    lengths = study.lengths()
    wrong = lengths.assign(low=lengths["high"], high=lengths["low"] - 1)
    for call, said in (
        (lambda: ou.median(wrong), "median: row .* is above high"),
        (lambda: ou.median(lengths, by=lengths["sector"]), "by: Series is not allowed; write the name of a column"),
        (lambda: ou.under_policies(study.registry, ["lenght"]), "names: 'lenght' is no fact; did you mean length"),
        (lambda: ou.under_policies(study, ["length"]), "registry: Study is none; pass .*study.registry"),
        (lambda: ou.cohort_values(lengths), "entries: there is no column 'lag'"),
        (lambda: ou.cohort_values(lengths.assign(lags=1)), "entries: there is no column 'lag'; did you mean lags"),
        (
            lambda: study.claims("2021-06-02-orange-fr-emergency-calls"),
            f"incident: .* among the {study.n} of this study",
        ),
        (lambda: ou.render("methods", lang="both"), "lang: 'both' is not allowed"),
        (lambda: ou.median(lengths["low"]), "median: Series is no frame"),
        (lambda: ou.curve(None), "curve: NoneType is no frame"),
        (lambda: ou.median(lengths.assign(low="x")), "median: low, high: could not convert .*; pass numbers"),
        (lambda: ou.median(lengths.assign(low=lengths["onset"])), "median: low: datetime64.* pass numbers"),
        (lambda: ou.median(lengths.assign(high=math.nan)), "median: row .*: high alone is empty; write inf"),
        (lambda: ou.median(pd.concat([lengths, lengths["low"]], axis=1)), "median: several columns are called 'low'"),
        (lambda: ou.median(lengths.assign(a=[["b"]] * len(lengths)), by="a"), "by: a holds lists"),
    ):
        with pytest.raises(InputError, match=f"^{said}"):
            call()


def test_nothing_is_counted_twice_or_added_to_another_kind():
    """Rows of several lags, limits or units, and incidents that a merge has multiplied, make no number."""
    study = open_study(countries="NO;SE", limits="30;60")
    lengths, lags = study.lengths(), study.lags()
    teams = pd.DataFrame({"incident_id": lengths.index[-1], "team": ["a", "b"]})
    for call, said in (
        (lambda: ou.median(lags), "pass by='lag' or keep one of each"),
        (lambda: ou.curve(study.limits()), "pass by='target_id'"),
        (lambda: ou.median(study.own_limits(), by="act"), r"pass by=\['act', 'limit'\]"),
        (lambda: ou.median(study.users()), "pass by='quantity'"),
        (lambda: ou.curve(study.users(), by="quantity"), "several units"),
        (lambda: ou.median(study.claims().drop_duplicates("incident_id")), "moments on a clock"),
        (lambda: ou.median(study.known["onset"]), "moments on a clock"),
        (lambda: ou.median(pd.concat([lengths, lengths])), "several rows are of "),
        (lambda: ou.median(lengths.merge(teams, on="incident_id")), f"several rows are of {lengths.index[-1]}"),
        (lambda: with_and_without(lengths.merge(teams, on="incident_id")), "keep one row an incident"),
        (lambda: replay(study.registry.communication_targets, study.registry.incidents, twice(study.facts)), "several"),
        (lambda: own_limits([30], twice(study.facts)), "several rows are of"),
    ):
        with pytest.raises(InputError, match=said):
            call()
    parts = ou.median(lengths.merge(teams, on="incident_id", how="left"), by="team")
    assert parts["of"].sum() == len(lengths) + 1  # once in each group
    assert ou.median(pd.concat([lengths, lengths]).reset_index(drop=True)).at["all", "of"] == 2 * len(lengths)
    assert len(ou.median(study.claims(about="users_affected"), by="incident_id")) > 1  # several sources of each


def twice(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with each row twice."""
    return pd.concat([frame, frame])


def test_names_that_are_none_are_refused():
    """An incident, a subject, a moment, a cohort or folders that do not exist are told in one line, whatever was read
    before.
    """
    study = open_study(countries="NO")
    ou.cohorts()
    for given in (
        *(lambda: study.claims("zzz"), lambda: study.claims(about="zzz"), lambda: study.offset("length")),
        *(lambda: ou.cohort_entries(3), lambda: ou.cohorts(data="ab"), lambda: ou.cohorts(data=["/nowhere"])),
        *(lambda: open_study(min_users=True), lambda: study.claims(["a"])),
    ):
        with pytest.raises(InputError, match=r"^[^\n]+$"):
            given()
    assert open_incident(incident="2025-09-12-orange-fr-tv").claims(about="fine_amount").empty


def test_a_home_folder_is_found(tmp_path, monkeypatch, make):
    """A tilde stands for it in every folder that is laid over the registry."""
    monkeypatch.setenv("HOME", str(make("tickets").parent))
    assert open_study(data=["~/tickets"]).overlays == ("tickets",)


def test_a_study_says_what_it_is():
    """In a cell it is one line, and completion offers the names of the library."""
    assert "\n" not in repr(open_study(countries="NO")) and len(repr(open_study(countries="NO"))) < 200
    assert {"study", "median", "plot", "render"} <= set(dir(ou)) and "rooms" not in dir(ou)
    assert "parameters" in inspect.signature(type(ou.render).__call__).parameters


@pytest.mark.parametrize("module", ["cohorts", "estimates", "peers", "study"])
def test_examples_run_as_a_reader_pastes_them(module):
    """Each needs nothing but `import outages as ou`."""
    assert doctest.testmod(importlib.import_module(f"outages.studies.{module}"), globs={}).failed == 0


def test_seaborn_and_pandas_take_every_frame(tmp_path):
    """Rows that are open or unknown are no matter, nor is that an incident has several rows; an own table joins all."""
    import seaborn as sns
    from matplotlib.figure import Figure

    study = open_study(countries="NO;SE")
    own = pd.DataFrame({"incident_id": study.incidents.index, "team": "a"})
    for frame, about in (
        *((study.lags(), "lag"), (study.users(), "quantity"), (study.limits(), "verdict"), (study.lengths(), "basis")),
        *((study.recommendations().assign(low=1.0), "theme"), (study.third_parties().assign(low=1.0), "involvement")),
    ):
        axis = Figure().subplots()
        sns.stripplot(frame, x="low", y=about, ax=axis)
        sns.histplot(frame, x="low", ax=axis)
        pd.crosstab(frame[about], frame["sector"])
        assert (frame.merge(own, on="incident_id")["team"] == "a").all() and frame.index.is_unique
