"""Jobs of jupyter-scheduler: what is typed into its form stands in the notebook as it is, and runs as from the
command line."""

import nbformat
import pytest

from outages.paths import NOTEBOOKS
from outages.render import plan, planning, pool, publishing

parameterize = pytest.importorskip("jupyter_scheduler.parameterize")
INCIDENT = "2021-06-02-orange-fr-emergency-calls"  # that of the page by default


def made_of(name, tmp_path, given, cells=None):
    """Run a notebook as a job would, with what its form says, and return what became of it."""
    node = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    node.cells = node.cells[:cells]
    nbformat.write(parameterize.add_parameters(node, given), planning.NOTEBOOKS / f"{name}.ipynb")
    job = planning.Job(name, planning.NOTEBOOKS / f"{name}.ipynb", {}, "fr")
    return next(publishing.make_all(pool.run_all([job]), tmp_path / "out"))


def test_a_job_gives_what_a_command_gives(notebook, tmp_path, pages):
    """With the same parameters the page of a job is that of the command line, but for the title, which is cited at its
    end.
    """
    theirs = made_of("incident-dossier", tmp_path, {"incident": f'"{INCIDENT}"', "lang": '"fr"'})
    page = (pages / "incident-dossier.fr.html").read_text(encoding="utf-8").replace("data-href=", "href=")
    own, cited, rest = page.partition("<main")[2].partition('<section class="cite"')
    assert cited and theirs.data_version in rest.partition("</section>")[0]
    assert theirs.html.partition("<main")[2] == own + rest.partition("</section>")[2]
    assert "Orange : " in theirs.html and "Fuseau horaire" in theirs.html and "Time zone" not in theirs.html


def test_numbers_and_lists_reach_the_report(notebook, tmp_path):
    """A number and a list written without quotes narrow the comparison as they do on the command line."""
    given = {"min_users": "1000000", "sectors": '"telecom"', "data": "[]"}
    job = made_of("comparative-report", tmp_path, given, cells=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "NOTEBOOKS", NOTEBOOKS)
        study = plan("comparative-report", {"min_users": "1000000", "sectors": "telecom"}, "en", [])
    assert job.wrong == "" and study.data_version in job.html


BAD = {
    "unquoted": ("incident-dossier", {"lang": "fr"}, "NameError: name 'fr' is not defined"),
    "not allowed": (
        "incident-dossier",
        {"lang": '"de"'},
        "ParameterError: lang: 'de' is not allowed; use one of en, fr",
    ),
    "quoted number": (
        "comparative-report",
        {"min_users": '"1000000"'},
        "min_users: '1000000' is not allowed; write a number",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_wrong_values_are_said_in_one_line(name, notebook, tmp_path):
    """Forgotten quotes and values that are not allowed fail with one line, which the notebook that is kept
    shows too."""
    report, given, said = BAD[name]
    job = made_of(report, tmp_path, given)
    assert said in job.wrong
    (failed,) = [
        o for c in nbformat.read(job.kept, as_version=4).cells for o in c.get("outputs", ()) if o.output_type == "error"
    ]
    assert failed.traceback == [job.wrong] or failed.ename == "NameError"
