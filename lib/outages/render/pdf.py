"""How does a page become a PDF? Through a Chromium that is on the machine."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from outages.paths import reaching, write_whole
from outages.render.index import awake
from outages.render.places import workspace
from outages.render.planning import NotebookError

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
TIMEOUT = 300  # seconds: the longest page prints in a tenth of this
OPTIONS = ("--headless", "--disable-gpu", "--disable-background-networking", "--no-pdf-header-footer", "--no-first-run")
CONTENTS = re.compile(r'<li><a href="#(section-\d+)">[^\n]*?</a>')
TREE = re.compile(rb"(\d+) 0 obj\n<</Type /Pages\n[^>]*?/Kids \[([^\]]*)\]")
PLACE = re.compile(rb"/?(section-\d+) \[(\d+) 0 R /XYZ")


class PrintError(Exception):
    """Chromium did not print; the message is its last line."""


def chromium() -> str:
    """Return the path of a Chromium, empty when none is on the path."""
    return next(filter(None, map(shutil.which, NAMES)), "")


def find_chromium() -> str:
    """Return the path of a Chromium; raise NotebookError when none is on the path."""
    if not (path := chromium()):
        raise NotebookError(f"--pdf: no Chromium is on the path; install one of {', '.join(NAMES)}, or leave --pdf out")
    return path


def print_page(page: Path, chromium: str) -> Path:
    """Print a page to a PDF of the same name beside it, whole or not at all.

    A page with contents is printed twice: the first print says on which pages its sections begin. Links to other pages
    are left out, since on paper they would name a folder of this machine. Raise PrintError when Chromium fails, takes
    too long, or leaves no whole PDF.
    """
    target, here = page.with_suffix(".pdf"), isinstance(page, Path)
    with reaching(page):
        text = awake(page.read_text(encoding="utf-8"), ())
    with workspace(page.parent if here else None) as folder:  # a Chromium from a snap has no temporary folder
        source = folder / page.name
        source.write_text(text, encoding="utf-8")
        printed = print_once(source, chromium, folder)
        if CONTENTS.search(text):
            source.write_text(with_pages(text, pages_of(printed)), encoding="utf-8")
            printed = print_once(source, chromium, folder)
        write_whole(target, printed)
    return target


def print_once(source: Path, chromium: str, folder: Path) -> bytes:
    """Return the PDF of a page, made in a folder."""
    made = folder / "page.pdf"
    options = [*OPTIONS, f"--user-data-dir={folder}/profile", f"--print-to-pdf={made}"]
    options += ["--no-sandbox"] if os.geteuid() == 0 else []
    status, errors = run([chromium, *options, source.resolve().as_uri()])
    printed = made.read_bytes() if made.exists() else b""
    if status or not (printed.startswith(b"%PDF-") and printed.rstrip().endswith(b"%%EOF")):
        raise PrintError(errors[-1] if errors else f"Chromium ended with status {status} and no whole PDF")
    return printed


def pages_of(printed: bytes) -> dict[str, int]:
    """Return on which page of a PDF of Chromium each section begins; empty when that cannot be read."""
    nodes = {n: kids.split(b" 0 R") for n, kids in TREE.findall(printed)}
    inner = {kid.strip() for kids in nodes.values() for kid in kids}
    order, waiting = list[bytes](), [n for n in nodes if n not in inner]
    while waiting:
        node = waiting.pop(0).strip()
        waiting[:0] = nodes.get(node, [])
        order += [node] if node and node not in nodes else []
    number = {node: at for at, node in enumerate(order, 1)}
    return {name.decode(): number[node] for name, node in PLACE.findall(printed) if node in number}


def with_pages(text: str, pages: Mapping[str, int]) -> str:
    """Return a page whose contents say on which pages sections begin."""
    return CONTENTS.sub(lambda at: f'{at[0]}<span class="at">{pages[at[1]]}</span>' if at[1] in pages else at[0], text)


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
