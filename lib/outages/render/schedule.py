"""How is `outages render --due` called again and again? By a systemd timer of the user, or by a line in the user's crontab.

What is due is said by the catalogue; the timer only knocks. A run missed while the machine was off is made up by the next, and two runs never overlap.
"""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from outages.errors import InputError
from outages.paths import ROOT

MARK = "# outages: reports that are due"
MINUTES = 15
SERVICE = """[Unit]
Description=Outage reports that are due

[Service]
Type=oneshot
WorkingDirectory={root}
Environment={path}
ExecStart={command}
"""
TIMER = f"""[Unit]
Description=Outage reports that are due

[Timer]
OnCalendar=*:0/{MINUTES}
Persistent=true

[Install]
WantedBy=timers.target
"""


class ScheduleError(InputError):
    """No way to be called regularly, or the one there is refused."""


def command(out: str) -> list[str]:
    """Return the command that is called."""
    where = out if "://" in out else str(Path(out).expanduser().resolve())
    return [sys.executable, "-m", "outages", "render", "--due", "--quiet", *(["--out", where] if out else [])]


def install(out: str = "") -> str:
    """Begin to be called every quarter of an hour; return what was installed. A second time replaces the first."""
    if has_systemd():
        others = [line for line in crontab() if not line.endswith(MARK)] if shutil.which("crontab") else []
        if shutil.which("crontab") and others != crontab():
            write_crontab(others)
        return install_timer(out)
    if not shutil.which("crontab"):
        offer = "install cron, or call `outages render --due` some other way"
        raise ScheduleError(f"neither a systemd of the user nor crontab is here; {offer}")
    path = shlex.quote(f"PATH={os.environ.get('PATH', os.defpath)}")
    called = f"cd {shlex.quote(str(ROOT))} && env {path} {shlex.join(command(out))}".replace("%", r"\%")
    others = [line for line in crontab() if not line.endswith(MARK)]
    write_crontab([*others, f"*/{MINUTES} * * * * {called} {MARK}"])
    return show()


def show() -> str:
    """Return what is installed, empty for nothing."""
    timer = units() / "outages.timer"
    if timer.exists():
        return f"{timer}\n{timer.with_suffix('.service').read_text(encoding='utf-8').strip()}"
    return "\n".join(line for line in crontab() if line.endswith(MARK)) if shutil.which("crontab") else ""


def remove() -> str:
    """Stop being called; return what was removed, empty for nothing."""
    before, timer = show(), units() / "outages.timer"
    if timer.exists():
        systemctl("disable", "--now", timer.name)
        for kind in (".timer", ".service"):
            timer.with_suffix(kind).unlink(missing_ok=True)
        systemctl("daemon-reload")
    lines = crontab() if shutil.which("crontab") else []
    if any(line.endswith(MARK) for line in lines):
        write_crontab([line for line in lines if not line.endswith(MARK)])
    return before


def units() -> Path:
    """Return the folder of the user's units."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"


def has_systemd() -> bool:
    """Return whether the user's systemd answers."""
    return bool(shutil.which("systemctl")) and not systemctl("show-environment").returncode


def systemctl(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Call the user's systemd."""
    return subprocess.run(["systemctl", "--user", *arguments], capture_output=True, text=True, check=False)


def install_timer(out: str) -> str:
    """Write and start a timer of the user."""
    folder, path = units(), f"PATH={os.environ.get('PATH', os.defpath)}"
    folder.mkdir(parents=True, exist_ok=True)
    called = " ".join(map(quoted, command(out)))
    service = SERVICE.format(root=str(ROOT).replace("%", "%%"), path=quoted(path), command=called)
    (folder / "outages.service").write_text(service, encoding="utf-8")
    (folder / "outages.timer").write_text(TIMER, encoding="utf-8")
    systemctl("daemon-reload")
    ran = systemctl("enable", "--now", "outages.timer")
    if ran.returncode:
        raise ScheduleError(f"systemctl --user enable --now outages.timer: {ran.stderr.strip() or ran.returncode}")
    return f"{show()}\nit runs while you are logged in; `loginctl enable-linger` lets it run always"


def quoted(text: str) -> str:
    """Quote a word as systemd reads it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'


def crontab() -> list[str]:
    """Return the lines of the user's crontab.

    Raises
    ------
    ScheduleError : it cannot be read, so that it must not be written either
    """
    ran = subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=False)
    if ran.returncode and "no crontab" not in ran.stderr and "No such file" not in ran.stderr:
        raise ScheduleError(f"crontab -l: {ran.stderr.strip() or ran.returncode}; nothing was written")
    return [] if ran.returncode else ran.stdout.splitlines()


def write_crontab(lines: list[str]) -> None:
    """Replace the user's crontab."""
    text = "".join(f"{line}\n" for line in lines)
    ran = subprocess.run(["crontab", "-"], input=text, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise ScheduleError(f"crontab: {ran.stderr.strip() or ran.returncode}")
