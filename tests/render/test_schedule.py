"""The schedule: a line in a crontab that keeps the other lines, or a systemd timer; installed twice it stands once."""

import shlex

import pytest

from outages.cli import main
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
    assert (
        lines[0] == "0 1 * * * other"
        and len(lines) == 2
        and lines[1].startswith("*/15 * * * * cd ")
        and lines[1].endswith(MARK)
    )
    called = shlex.split(lines[1].replace(r"\%", "%").removesuffix(MARK).split("&&")[1])
    assert called[0] == "env" and called[1].startswith("PATH=")
    assert called[3:] == ["-m", "outages", "render", "--due", "--quiet", "--out", str(out)]
    capsys.readouterr()
    assert main(["schedule", "show"]) == 0 and lines[1] in capsys.readouterr().out
    assert main(["schedule", "remove"]) == 0 and table.read_text() == "0 1 * * * other\n"
    capsys.readouterr()
    assert main(["schedule", "show"]) == 0 and "nothing is installed" in capsys.readouterr().out


def test_systemd_timer(tools, tmp_path, capsys):
    """Where the user's systemd answers, a timer that makes up missed runs is written, started, and removed again."""
    tools("systemctl", SYSTEMCTL)
    assert main(["schedule", "install"]) == 0
    units = tmp_path / "config" / "systemd" / "user"
    assert (
        "Persistent=true" in (units / "outages.timer").read_text()
        and "OnCalendar=*:0/15" in (units / "outages.timer").read_text()
    )
    service = (units / "outages.service").read_text()
    assert '"render" "--due" "--quiet"' in service and f'Environment="PATH={tmp_path}/bin:' in service
    assert "enable-linger" in capsys.readouterr().out
    assert "--user enable --now outages.timer" in (tmp_path / "calls").read_text()
    assert main(["schedule", "remove"]) == 0 and not list(units.iterdir())
    assert "disable --now outages.timer" in (tmp_path / "calls").read_text()


def test_no_way(tools, capsys, monkeypatch, tmp_path):
    """Without systemd and cron one line says what is missing."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert main(["schedule", "install"]) == 2
    error = capsys.readouterr().err
    assert "install cron" in error and error.count("\n") == 1


def test_a_crontab_that_cannot_be_read_is_not_written(tools, tmp_path, capsys):
    """When the crontab cannot be read for another reason than that there is none, nothing is written."""
    tools(
        "crontab",
        CRONTAB.replace(
            '[ -f "$TABLE" ] && exec cat "$TABLE"; echo "no crontab for you" >&2', 'echo "Input/output error" >&2'
        ),
    )
    (tmp_path / "table").write_text("0 1 * * * other\n")
    assert main(["schedule", "install"]) == 2 and "Input/output error; nothing was written" in capsys.readouterr().err
    assert (tmp_path / "table").read_text() == "0 1 * * * other\n"


@pytest.mark.parametrize(("out", "called"), [("s3://bucket/x", "s3://bucket/x"), ("~/x", "/srv/someone/x")])
def test_addresses_and_homes_are_kept(out, called, tools, tmp_path, monkeypatch):
    """An address stays one, and a home is that of the user who installs."""
    tools("crontab", CRONTAB)
    monkeypatch.setenv("HOME", "/srv/someone")
    assert main(["schedule", "install", "--out", out]) == 0
    assert f"--out {called} {MARK}" in (tmp_path / "table").read_text()
