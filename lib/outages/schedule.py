"""How is `outages render --due` called again and again? By a systemd timer of the user, or by a line in the user's crontab.

What is due is said by the catalogue; the timer only knocks. A run missed while the machine was off is made up by the next, since a page stays due until it
was looked at, and two runs never overlap, since the folder of pages is locked.
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
UNIT = "outages"


class ScheduleError(InputError):
    """No way to be called regularly, or the one there is refused."""


def command(out: Path | None) -> list[str]:
    """Return the command that is called."""
    return [
        sys.executable,
        "-m",
        "outages",
        "render",
        "--due",
        "--quiet",
        *(["--out", str(out.resolve())] if out else []),
    ]


def install(out: Path | None = None) -> str:
    """Begin to be called every quarter of an hour; return what was installed. A second time replaces the first."""
    remove()
    return install_timer(out) if has_systemd() else install_line(out)


def show() -> str:
    """Return what is installed, empty for nothing."""
    timer = units() / f"{UNIT}.timer"
    if timer.exists():
        return f"{timer}\n{(units() / f'{UNIT}.service').read_text(encoding='utf-8').strip()}"
    return "\n".join(line for line in crontab() if line.endswith(MARK)) if shutil.which("crontab") else ""


def remove() -> str:
    """Stop being called; return what was removed, empty for nothing."""
    before = show()
    timer = units() / f"{UNIT}.timer"
    if timer.exists():
        systemctl("disable", "--now", f"{UNIT}.timer")
        for kind in ("timer", "service"):
            (units() / f"{UNIT}.{kind}").unlink(missing_ok=True)
        systemctl("daemon-reload")
    if shutil.which("crontab") and any(line.endswith(MARK) for line in crontab()):
        write_crontab([line for line in crontab() if not line.endswith(MARK)])
    return before


def units() -> Path:
    """Return the folder of the user's units."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"


def has_systemd() -> bool:
    """Return whether the user's systemd answers."""
    if not shutil.which("systemctl"):
        return False
    ran = subprocess.run(["systemctl", "--user", "show-environment"], capture_output=True, check=False)
    return ran.returncode == 0


def systemctl(*arguments: str) -> None:
    """Call the user's systemd."""
    ran = subprocess.run(["systemctl", "--user", *arguments], capture_output=True, text=True, check=False)
    if ran.returncode and arguments[0] == "enable":
        raise ScheduleError(f"systemctl --user {' '.join(arguments)}: {ran.stderr.strip() or ran.returncode}")


def install_timer(out: Path | None) -> str:
    """Write and start a timer of the user."""
    folder = units()
    folder.mkdir(parents=True, exist_ok=True)
    called = " ".join(
        '"' + part.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"' for part in command(out)
    )
    (folder / f"{UNIT}.service").write_text(
        f"[Unit]\nDescription=Outage reports that are due\n\n[Service]\nType=oneshot\nWorkingDirectory={str(ROOT).replace('%', '%%')}\nExecStart={called}\n",
        encoding="utf-8",
    )
    (folder / f"{UNIT}.timer").write_text(
        f"[Unit]\nDescription=Outage reports that are due\n\n[Timer]\nOnCalendar=*:0/{MINUTES}\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n",
        encoding="utf-8",
    )
    systemctl("daemon-reload")
    systemctl("enable", "--now", f"{UNIT}.timer")
    return show()


def install_line(out: Path | None) -> str:
    """Write a line into the user's crontab."""
    if not shutil.which("crontab"):
        raise ScheduleError(
            "neither a systemd of the user nor crontab is here; install cron, or call `outages render --due` some other way"
        )
    called = f"cd {shlex.quote(str(ROOT))} && {shlex.join(command(out))}".replace("%", r"\%")
    write_crontab([*crontab(), f"*/{MINUTES} * * * * {called} {MARK}"])
    return show()


def crontab() -> list[str]:
    """Return the lines of the user's crontab."""
    ran = subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=False)
    return ran.stdout.splitlines() if ran.returncode == 0 else []


def write_crontab(lines: list[str]) -> None:
    """Replace the user's crontab."""
    ran = subprocess.run(
        ["crontab", "-"], input="".join(f"{line}\n" for line in lines), capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise ScheduleError(f"crontab: {ran.stderr.strip() or ran.returncode}")
