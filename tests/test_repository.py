"""The files around the library agree with one another and name no machine."""

import json
import re
import tomllib
from pathlib import Path

import yaml

from outages.paths import ROOT
from outages.registry.schema import descriptor


def test_environment_equals_pyproject():
    """Conda users get the same packages with the same bounds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    names = {d for d in conda if isinstance(d, str)} - {"pip"}
    wanted = {
        f"python{project['project']['requires-python']}",
        *project["project"]["dependencies"],
        *project["build-system"]["requires"],
    }
    assert names == wanted
    assert any("--editable ." in d["pip"] for d in conda if isinstance(d, dict))


def test_one_version_everywhere():
    """The package, the descriptor, the citation and the changelog name one version."""
    from outages import __version__

    assert descriptor()["version"] == __version__
    assert f"version: {__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"## {__version__}\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_citation_and_archive_say_the_same():
    """CITATION.cff has what its format asks for, and Zenodo is told the same title, authors, keywords and licence."""
    about = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    zenodo = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "type", "version", "date-released", "abstract", "authors"} <= set(about)
    assert zenodo["title"] == about["title"] and zenodo["description"] == about["abstract"]
    assert zenodo["keywords"] == about["keywords"] and zenodo["upload_type"] == about["type"]
    assert zenodo["creators"] == about["authors"] and zenodo["license"].upper() in about["license"]


def test_the_hosted_tests_are_those_of_the_readme():
    """The workflow runs the README's command on every Python that the project takes, and the newest libraries
    monthly.
    """
    flow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
    locked, newest = flow["jobs"]["locked"], flow["jobs"]["newest"]
    assert locked["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert locked["steps"][-1]["run"] == "make test" and "schedule" in newest["if"] and "schedule" in flow[True]


def test_nothing_names_a_machine():
    """No file of the project holds a path of one machine."""
    homes = re.compile(rb"(?<![\w.])/(work|root|home)/[a-z]")
    folders = ("data", "lib", "notebooks", "tests", "reports/template")
    files = [p for f in folders for p in (ROOT / f).rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    assert [str(p) for p in files if homes.search(p.read_bytes()) and p != Path(__file__)] == []
