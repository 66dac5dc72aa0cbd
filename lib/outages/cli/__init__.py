"""What can be typed? The commands of `outages`, each a function that loads what costs time only when it is called."""

import gc
import os
import signal
import sys
from collections.abc import Sequence

import click

from outages.cli import pages, registry  # noqa: F401 - they add their commands
from outages.cli.shared import app, complain
from outages.errors import InputError, escaped


def mend_streams() -> None:
    """Give closed standard streams somewhere to write to, and let no encoding of a terminal fail a command."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115
        elif mode == "w" and hasattr(getattr(sys, name), "reconfigure"):
            getattr(sys, name).reconfigure(errors="backslashreplace")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return 0 for done, 1 for a report that failed, 2 for input that cannot be used."""
    mend_streams()
    gc.set_threshold(100_000)  # loading makes no rubbish: looking for some took a tenth of the time of a page
    words = list(sys.argv[1:] if argv is None else argv)
    name = f"outages {words[0]}" if words and words[0] in app.commands else "outages"
    # end as after an error, so that nothing is left behind
    before = signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        with app.make_context("outages", words) as context:
            return app.invoke(context) or 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        complain(f"{name}: {error.format_message()} (see {name} --help)")
    except InputError as error:
        complain(f"{name}: {error}")
    except BrokenPipeError:  # who reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 128 + signal.SIGPIPE
    except OSError as error:
        complain(f"{name}: {escaped(error.filename or '')}: {error.strerror or error}; check the path and its rights")
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    finally:
        signal.signal(signal.SIGTERM, before)
    return 2
