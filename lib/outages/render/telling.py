"""Who is told what became of a run? A log, one line a page, and at the end a command that reads it all as JSON."""

import contextlib
import json
import shlex
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from outages.errors import InputError, escaped
from outages.render.manifest import now
from outages.render.planning import Job

PATIENCE = 60  # seconds for the command


@dataclass
class Told:
    """What became of the pages of a run so far, written to a log as it comes."""

    log: Path | None  # file that lines are appended to
    complain: Callable[[str], None]  # says one line to who runs it
    made: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)

    def note(self, job: Job) -> None:
        """Note a page that was made or failed, and a PDF that could not be printed."""
        if job.wrong:
            self.failure(job.file, job.wrong, job.seconds)
        else:
            self.made.append(job.file)
            self.changed += [job.file] if job.changed else []
            self.line(job.file, "made", job.seconds)
        if job.unprinted:
            self.failure(f"{job.name}.{job.lang}.pdf", job.unprinted)

    def failure(self, name: str, reason: str, seconds: float = 0) -> None:
        """Note what failed: a page, an entry of the catalogue, or the run as a whole."""
        self.failed.append({"name": name, "reason": reason})
        self.line(name, "failed", seconds, reason)

    def unchanged(self, pages: Iterable[str]) -> None:
        """Note pages that would come out as they stand there."""
        for page in sorted(pages):
            self.line(page, "unchanged")

    def line(self, name: str, what: str, seconds: float = 0, reason: str = "") -> None:
        """Append a line to the log; a log that cannot be written is said once."""
        if self.log:
            cells = [now(), escaped(name, 200), what, f"{seconds:.1f}", escaped(reason, 1000)]
            try:
                with self.log.open("a", encoding="utf-8", errors="backslashreplace") as file:
                    print(*cells, sep="\t", file=file)
            except OSError as error:
                self.complain(f"--log {self.log}: {error.strerror}; the run goes on without")
                self.log = None


@contextlib.contextmanager
def telling(folder: Path, log: Path | None, notify: str, complain: Callable[[str], None], whole: str) -> Iterator[Told]:
    """Give a `Told`, and run the command `notify`, if any, at the end when something was made or failed.

    The command is no line of a shell. It reads an object with `made`, `changed` (made otherwise than before), `failed`
    (`name` and `reason`), `folder`, and `at`, a moment in UTC. What it prints is left out; when it fails, that is said.
    The failure of the run as a whole is told under the name `whole`.
    """
    told = Told(log, complain)
    try:
        yield told
    except (InputError, OSError) as error:
        if not isinstance(error, BrokenPipeError):  # who reads has seen enough
            told.failure(whole, str(error))
        raise
    finally:
        if notify and (told.made or told.failed):
            what = {"made": told.made, "changed": told.changed, "failed": told.failed}
            where = str(folder.absolute() if isinstance(folder, Path) else folder)
            if wrong := called(notify, json.dumps({**what, "folder": where, "at": now()}) + "\n"):
                complain(f"--notify {notify[:80]}: {wrong}")


def called(command: str, text: str) -> str:
    """Run a command with a text on its standard input; return what went wrong, empty when all is well."""
    try:
        ran = subprocess.run(shlex.split(command), input=text.encode(), capture_output=True, timeout=PATIENCE)
    except (OSError, ValueError, IndexError, subprocess.TimeoutExpired) as error:
        return str(error).splitlines()[0]
    said = ran.stderr.decode(errors="replace").strip().splitlines()[-1:]
    return "; ".join([f"ended with status {ran.returncode}", *said]) if ran.returncode else ""
