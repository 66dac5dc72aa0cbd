"""The schedule: a line in a crontab that keeps the other lines, or a systemd timer; installed twice it stands once."""

import shlex

import pytest

from outages.cli import app, main
from outages.render.schedule import MARK

CRONTAB = """#!/bin/sh
if [ "$1" = "-l" ]; then [ -f "$TABLE" ] && exec cat "$TABLE"; echo "no crontab for you" >&2; exit 1; fi
cat > "$TABLE"
"""
SYSTEMCTL = """#!/bin/sh
echo "$@" >> "$CALLS"
"""


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """Put stand-ins for crontab and systemctl on the path; give a way to write them."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("TABLE", str(tmp_path / "table"))
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))

    def write(name: str, text: str):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)

    write("systemctl", "#!/bin/sh\nexit 1\n")
    return write


def test_crontab_line(tools, tmp_path, capsys):
    """The line runs what is due, other lines stay, a second installation replaces the first, removal leaves
    the rest."""
    tools("crontab", CRONTAB)
    table = tmp_path / "table"
    table.write_text("0 1 * * * other\n")
    out = tmp_path / "50 % off"
    for _ in range(2):
        assert main(["schedule", "install", "--out", str(out)]) == 0
    lines = table.read_text().splitlines()
    assert lines[0] == "0 1 * * * other" and len(lines) == 2
    assert lines[1].startswith("*/15 * * * * cd ") and lines[1].endswith(MARK)
    called = shlex.split(lines[1].replace(r"\%", "%").removesuffix(MARK).split("&&")[1])
    assert called[0] == "env" and called[1].startswith("PATH=")
    assert called[3:] == ["-m", "outages", "render", "--due", "--quiet", "--out", str(out)]
    capsys.readouterr()
    assert main(["schedule", "show"]) == 0 and lines[1] in capsys.readouterr().out
    assert main(["schedule", "remove"]) == 0 and table.read_text() == "0 1 * * * other\n"
    capsys.readouterr()
    assert main(["schedule", "show"]) == 0 and "nothing is installed" in capsys.readouterr().out


def test_systemd_timer(tools, tmp_path, capsys):  # F25
    """Where the user's systemd answers, a timer that makes up missed runs is written, started, and removed again."""
    tools("systemctl", SYSTEMCTL)
    assert main(["schedule", "install"]) == 0
    units = tmp_path / "config" / "systemd" / "user"
    timer = (units / "outages.timer").read_text()
    assert "Persistent=true" in timer and "OnCalendar=*:0/15" in timer
    service = (units / "outages.service").read_text()
    assert '"render" "--due" "--quiet"' in service and f'Environment="PATH={tmp_path}/bin:' in service
    assert "enable-linger" in capsys.readouterr().out
    assert "--user enable --now outages.timer" in (tmp_path / "calls").read_text()
    assert main(["schedule", "remove"]) == 0 and not list(units.iterdir())
    assert "disable --now outages.timer" in (tmp_path / "calls").read_text()


def test_no_way(tools, refused, monkeypatch, tmp_path):
    """Without systemd and cron one line says what is missing."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    refused(["schedule", "install"], "install cron")


def test_a_crontab_that_cannot_be_read_is_not_written(tools, tmp_path, refused):  # F13
    """When the crontab cannot be read for another reason than that there is none, nothing is written."""
    tools(
        "crontab",
        CRONTAB.replace(
            '[ -f "$TABLE" ] && exec cat "$TABLE"; echo "no crontab for you" >&2', 'echo "Input/output error" >&2'
        ),
    )
    (tmp_path / "table").write_text("0 1 * * * other\n")
    refused(["schedule", "install"], "Input/output error; nothing was written")
    assert (tmp_path / "table").read_text() == "0 1 * * * other\n"


@pytest.mark.parametrize(("out", "called"), [("s3://bucket/x", "s3://bucket/x"), ("~/x", "/srv/someone/x")])
def test_addresses_and_homes_are_kept(out, called, tools, tmp_path, monkeypatch):
    """An address stays one, and a home is that of the user who installs."""
    tools("crontab", CRONTAB)
    monkeypatch.setenv("HOME", "/srv/someone")
    assert main(["schedule", "install", "--out", out]) == 0
    assert f"--out {called} {MARK}" in (tmp_path / "table").read_text()


def test_options_are_those_of_a_run(tools, tmp_path, monkeypatch):
    """What is given stands in the line with whole paths, and the line is a command that there is."""
    tools("crontab", CRONTAB)
    monkeypatch.chdir(tmp_path)
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
    (tmp_path / "my reports.toml").touch()
    given = ["--catalogue", "my reports.toml", "--jobs", "2", "--data", "ours", "--data", "theirs", "--log", "a log"]
    assert main(["schedule", "install", *given, "--notify", "mailer 'the team'"]) == 0
    (line,) = (tmp_path / "table").read_text().splitlines()
    called = shlex.split(line.removesuffix(MARK).split("&&")[1])
    words = called[called.index("render") + 1 :]
    context = app.commands["render"].make_context("render", words)
    asked = context.params
    assert asked["due"] and asked["jobs"] == 2 and asked["data"] == (tmp_path / "ours", tmp_path / "theirs")
    assert asked["catalogue"] == tmp_path / "my reports.toml" and asked["log"] == tmp_path / "a log"
    assert asked["notify"] == "mailer 'the team'"


BAD = {
    "no catalogue": (["--catalogue", "nowhere.toml"], "does not exist"),
    "no overlay": (["--data", "nowhere"], "does not exist"),
    "a folder of two lines": (["--out", "a\nb"], "cannot stand in a schedule"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_run_is_not_installed(name, tools, tmp_path, refused):
    """A file that is not there, or a line break, is one line and status 2, and nothing is installed."""
    tools("crontab", CRONTAB)
    given, words = BAD[name]
    refused(["schedule", "install", *given], words)
    assert not (tmp_path / "table").exists()


def test_a_crontab_in_another_encoding_stays_as_it_is(tools, tmp_path):
    """The lines of others are kept to the byte (F13)."""
    tools("crontab", CRONTAB)
    before = "# \u00e9t\u00e9\n0 1 * * * other\n".encode("latin-1")
    (tmp_path / "table").write_bytes(before)
    assert main(["schedule", "install"]) == 0 and (tmp_path / "table").read_bytes().startswith(before)
    assert main(["schedule", "remove"]) == 0 and (tmp_path / "table").read_bytes() == before
