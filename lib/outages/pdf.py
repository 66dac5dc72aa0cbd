"""How does a page become a PDF? Through a Chromium that is on the machine."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from outages.shelf import reaching
from outages.studies import ParameterError

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
TIMEOUT = 300  # seconds: the longest page prints in a tenth of this


class PrintError(Exception):
    """Chromium did not print; the message is its last line."""


def find_chromium() -> str:
    """Return the path of a Chromium.

    Raises
    ------
    ParameterError : none is on the path
    """
    found = next((path for name in NAMES if (path := shutil.which(name))), "")
    if not found:
        raise ParameterError(
            f"--pdf: no Chromium is on the path; install one of {', '.join(NAMES)}, or leave --pdf out"
        )
    return found


def print_page(page: Path, chromium: str) -> Path:
    """Print a page to a PDF of the same name beside it, whole or not at all.

    Raises
    ------
    PrintError : Chromium failed or took too long
    """
    target, here = page.with_suffix(".pdf"), isinstance(page, Path)
    with tempfile.TemporaryDirectory(prefix="outages-pdf-", dir=page.parent if here else None) as folder:
        made, source = Path(folder) / "page.pdf", page
        if not here:
            source = Path(folder) / page.name
            with reaching(page):
                source.write_bytes(page.read_bytes())
        command = [chromium, "--headless", "--disable-gpu", "--disable-background-networking", "--no-pdf-header-footer", "--no-first-run",
                   f"--user-data-dir={folder}/profile", f"--print-to-pdf={made}", *(["--no-sandbox"] if os.geteuid() == 0 else []), source.resolve().as_uri()]  # fmt: skip
        try:
            ran = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
        except subprocess.TimeoutExpired:
            raise PrintError(f"Chromium did not print within {TIMEOUT} seconds") from None
        if not made.exists():
            said = ran.stderr.strip().splitlines()
            raise PrintError(said[-1] if said else f"Chromium ended with status {ran.returncode}")
        if here:
            os.replace(made, target)
        else:
            with reaching(target):
                target.write_bytes(made.read_bytes())
    return target
