"""What the README shows runs as printed."""

import re

import pytest

from outages.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the code blocks of a language."""
    return [
        code
        for name, code in re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
        if name == language
    ]


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """Return a folder with the files that the examples read."""
    from outages.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    rows = "incident_id,team\n2021-06-02-orange-fr-emergency-calls,ours\n2023-06-25-bt-gb-999,theirs\n"
    (tmp_path / "mine.csv").write_text(rows, encoding="utf-8")
    assert main(["export", "lags", "--to", "lags.csv"]) == 0


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("code", blocks("python"), ids=lambda code: code.split("#")[0].split("\n")[0][:40])
def test_python_examples_run(code, beside, capsys):
    """Each block runs by itself, and prints something."""
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out.strip()


def test_commands_are_those_of_the_command_line():
    """Every command that is shown is one that there is, and so is every option."""
    from outages.cli import app

    shown = re.findall(r"(?m)(?:^|python -m )outages ([a-z]+) ?([^\n#`|]*)", "\n".join(blocks("")))
    assert len(shown) > 15
    for name, rest in shown:
        assert name in app.commands, name
        known = {option for parameter in app.commands[name].params for option in parameter.opts}
        sub = getattr(app.commands[name], "commands", {})
        known |= {option for command in sub.values() for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", rest)) <= known, (name, rest)
