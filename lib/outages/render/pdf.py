"""How does a page become a PDF? Through a Chromium that is on the machine."""

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

from outages.render.places import reaching, workspace, write_whole
from outages.render.planning import NotebookError

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
TIMEOUT = 300  # seconds: the longest page prints in a tenth of this
OPTIONS = ("--headless", "--disable-gpu", "--disable-background-networking", "--no-pdf-header-footer", "--no-first-run")


class PrintError(Exception):
    """Chromium did not print; the message is its last line."""


def find_chromium() -> str:
    """Return the path of a Chromium; raise NotebookError when none is on the path."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    offer = f"install one of {', '.join(NAMES)}, or leave --pdf out"
    raise NotebookError(f"--pdf: no Chromium is on the path; {offer}")


def print_page(page: Path, chromium: str) -> Path:
    """Print a page to a PDF of the same name beside it, whole or not at all.

    Raises
    ------
    PrintError : Chromium failed, took too long, or left no whole PDF
    """
    target, here = page.with_suffix(".pdf"), isinstance(page, Path)
    with workspace(page.parent if here else None) as folder:  # a Chromium from a snap has no temporary folder
        made, source = folder / "page.pdf", page if here else folder / page.name
        if not here:
            with reaching(page):
                source.write_bytes(page.read_bytes())
        options = [*OPTIONS, f"--user-data-dir={folder}/profile", f"--print-to-pdf={made}"]
        options += ["--no-sandbox"] if os.geteuid() == 0 else []
        status, errors = run([chromium, *options, source.resolve().as_uri()])
        printed = made.read_bytes() if made.exists() else b""
        if status or not (printed.startswith(b"%PDF-") and printed.rstrip().endswith(b"%%EOF")):
            raise PrintError(errors[-1] if errors else f"Chromium ended with status {status} and no whole PDF")
        write_whole(target, printed)
    return target


def run(command: list[str]) -> tuple[int, list[str]]:
    """Run a command in a group of processes, none of which outlives it; return its status and its lines of errors."""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            errors = process.communicate(timeout=TIMEOUT)[1].decode(errors="replace")
        except subprocess.TimeoutExpired:
            raise PrintError(f"Chromium did not print within {TIMEOUT} seconds") from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, errors.strip().splitlines()
