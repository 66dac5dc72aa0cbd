"""How does a page become a PDF? Through a Chromium that is on the machine."""

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

from outages.render.manifest import reaching, write_whole
from outages.render.notebook import NotebookError
from outages.render.workspace import workspace

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
TIMEOUT = 300  # seconds: the longest page prints in a tenth of this
OPTIONS = ("--headless", "--disable-gpu", "--disable-background-networking", "--no-pdf-header-footer", "--no-first-run")


class PrintError(Exception):
    """Chromium did not print; the message is its last line."""


def find_chromium() -> str:
    """Return the path of a Chromium.

    Raises
    ------
    NotebookError : none is on the path
    """
    found = next((path for name in NAMES if (path := shutil.which(name))), "")
    if not found:
        offer = f"install one of {', '.join(NAMES)}, or leave --pdf out"
        raise NotebookError(f"--pdf: no Chromium is on the path; {offer}")
    return found


def print_page(page: Path, chromium: str) -> Path:
    """Print a page to a PDF of the same name beside it, whole or not at all.

    Raises
    ------
    PrintError : Chromium failed, took too long, or left no whole PDF
    """
    target = page.with_suffix(".pdf")
    # beside the page, since a Chromium from a snap reads and writes no temporary folder
    with workspace(page.parent if isinstance(page, Path) else None) as folder:
        made, source = folder / "page.pdf", page
        if not isinstance(page, Path):
            source = folder / page.name
            with reaching(page):
                source.write_bytes(page.read_bytes())
        places = [f"--user-data-dir={folder}/profile", f"--print-to-pdf={made}"]
        places += ["--no-sandbox"] if os.geteuid() == 0 else []
        status, last_line = run([chromium, *OPTIONS, *places, source.resolve().as_uri()])
        printed = made.read_bytes() if made.exists() else b""
        if status or not (printed.startswith(b"%PDF-") and printed.rstrip().endswith(b"%%EOF")):
            raise PrintError(last_line or f"Chromium ended with status {status} and no whole PDF")
        write_whole(target, printed)
    return target


def run(command: list[str]) -> tuple[int, str]:
    """Run a command in a process group of its own, none of which outlives it; return its status and its last line of errors."""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            errors = process.communicate(timeout=TIMEOUT)[1].decode(errors="replace").strip()
        except subprocess.TimeoutExpired:
            raise PrintError(f"Chromium did not print within {TIMEOUT} seconds") from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, errors.splitlines()[-1] if errors else ""
