"""How is `outages render --due` called again and again? By a systemd timer of the user, or a line in the crontab.

What is due is said by the catalogue; the timer only knocks. A run missed while the machine was off is made up later.
"""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from outages.errors import InputError, escaped
from outages.paths import ROOT

MARK = "# outages: reports that are due"
SERVICE = """[Unit]
Description=Outage reports that are due

[Service]
Type=oneshot
WorkingDirectory={root}
Environment={path}
ExecStart={command}
"""
TIMER = """[Unit]
Description=Outage reports that are due

[Timer]
OnCalendar=*:0/15
Persistent=true

[Install]
WantedBy=timers.target
"""


def command(out: str, options: Sequence[str]) -> list[str]:
    """Return the command that is called."""
    where = out if "://" in out else str(Path(out).expanduser().resolve())
    ours = ["render", "--due", "--quiet", *(["--out", where] if out else []), *options]
    if odd := [word for word in ours if not word.isprintable()]:
        raise InputError(f"'{escaped(odd[0])}' cannot stand in a schedule; leave out line breaks and control signs")
    return [sys.executable, "-m", "outages", *ours]


def install(out: str = "", options: Sequence[str] = ()) -> str:
    """Begin to be called every quarter of an hour for pages in a folder or at an address, empty for the usual one, with
    other options of `outages render`; return what was installed. A second time replaces the first.
    """
    path = f"PATH={os.environ.get('PATH', os.defpath)}"  # on which Chromium is
    if run("systemctl", "--user", "show-environment").returncode == 0:
        write_crontab([])
        called = " ".join(map(quoted, command(out, options)))
        service = SERVICE.format(root=str(ROOT).replace("%", "%%"), path=quoted(path), command=called)
        unit("service").parent.mkdir(parents=True, exist_ok=True)
        unit("service").write_text(service, encoding="utf-8")
        unit("timer").write_text(TIMER, encoding="utf-8")
        run("systemctl", "--user", "daemon-reload")
        ran = run("systemctl", "--user", "enable", "--now", "outages.timer")
        if ran.returncode:
            raise InputError(f"systemctl --user enable --now outages.timer: {ran.stderr.strip() or ran.returncode}")
        return f"{show()}\nit runs while you are logged in; `loginctl enable-linger` lets it run always"
    if not shutil.which("crontab"):
        offer = "install cron, or call `outages render --due` some other way"
        raise InputError(f"neither a systemd of the user nor crontab is here; {offer}")
    called = f"cd {shlex.quote(str(ROOT))} && env {shlex.quote(path)} {shlex.join(command(out, options))}"
    line = called.replace("%", r"\%")
    write_crontab([f"*/15 * * * * {line} {MARK}"])
    return show()


def show() -> str:
    """Return what is installed, empty for nothing."""
    if unit("timer").exists():
        return f"{unit('timer')}\n{unit('service').read_text(encoding='utf-8').strip()}"
    return "\n".join(line for line in crontab() if line.endswith(MARK))


def remove() -> str:
    """Stop being called; return what was removed, empty for nothing."""
    before = show()
    if unit("timer").exists():
        run("systemctl", "--user", "disable", "--now", "outages.timer")
        unit("timer").unlink()
        unit("service").unlink(missing_ok=True)
        run("systemctl", "--user", "daemon-reload")
    write_crontab([])
    return before


def unit(kind: str) -> Path:
    """Return the path of a unit of the user's systemd."""
    config = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(config) / "systemd" / "user" / f"outages.{kind}"


def quoted(text: str) -> str:
    """Quote a word as systemd reads it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'


def run(*words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command; one that is not there has status 127."""
    if not shutil.which(words[0]):
        return subprocess.CompletedProcess(words, 127, "", f"no crontab: {words[0]} is not installed")
    return subprocess.run(words, input=text, capture_output=True, text=True, errors="surrogateescape")


def crontab() -> list[str]:
    """Return the lines of the user's crontab; one that cannot be read must not be written either."""
    ran = run("crontab", "-l")
    if ran.returncode and "no crontab" not in ran.stderr and "No such file" not in ran.stderr:
        raise InputError(f"crontab -l: {ran.stderr.strip() or ran.returncode}; nothing was written")
    return [] if ran.returncode else ran.stdout.splitlines()


def write_crontab(ours: list[str]) -> None:
    """Put our lines into the user's crontab in place of those that were there."""
    before = crontab()
    lines = [line for line in before if not line.endswith(MARK)] + ours
    if lines != before:
        ran = run("crontab", "-", text="".join(f"{line}\n" for line in lines))
        if ran.returncode:
            raise InputError(f"crontab: {ran.stderr.strip() or ran.returncode}")
