"""What is an error of the one who asks? One line, exit status 2."""

import re
from collections.abc import Callable, Iterable

LINE, VALUE = 200, 80  # signs of a line at the prompt, and of a value put into one
MESSAGE = LINE - 20  # the name of the command stands before it
HALF = re.compile(r"[\ud800-\udfff]")  # of a sign; what stands for a byte that is not UTF-8


class InputError(ValueError):
    """Input that cannot be used; the message, one line, says where, what is wrong, and what is allowed."""

    def __init__(self, message: object):
        super().__init__(escaped(message, MESSAGE))

    def _render_traceback_(self) -> list[str]:
        """Say it in one line in a notebook too: IPython asks for this; the way through the library helps nobody."""
        return [f"{type(self).__name__}: {self}"]


def escaped(value: object, most: int = VALUE) -> str:
    r"""Return a value as one line that any terminal can show: odd signs as `repr` writes them, a long one cut.

    Examples
    --------
    >>> escaped("a\x1b[2J")
    'a\\x1b[2J'
    """
    signs = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(value)[: most + 1])
    line = "".join(signs)
    return line if len(line) <= most else line[: most - 1] + "…"


def counted(number: int, thing: str) -> str:
    """Return a number with what is counted.

    Examples
    --------
    >>> counted(1, "warning"), counted(0, "warning")
    ('1 warning', '0 warnings')
    """
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def like(given: str, allowed: Iterable[str], known: Callable[[str], str] = str) -> str:
    """Say what was perhaps meant, otherwise what is allowed: all of it where there is room, else the nearest and their
    number.

    Parameters
    ----------
    given : what is not allowed; several codes may stand in it, with commas between them
    allowed : what is
    known : tells what another name means

    Examples
    --------
    >>> like("fr, be", ["BE", "FR"]), like("Norway", ["NO"], {"norway": "NO"}.get)
    ('did you mean FR;BE?', 'did you mean NO?')
    """
    import difflib

    choice = list(dict.fromkeys(allowed))
    bare = {one.casefold(): one for one in choice}
    parts = [part.strip().casefold() for part in re.split("[;,]", given[: 10 * VALUE]) if part.strip()]
    meant = [bare.get(part) or known(part) for part in parts]
    if not meant or not set(meant) <= set(choice):
        near = difflib.get_close_matches(given[:VALUE].casefold(), bare, n=2)
        meant, sign = [bare[one] for one in near], " or "
    else:
        sign = ";"
    if meant:
        return f"did you mean {escaped(sign.join(dict.fromkeys(meant)))}?"
    shown = ", ".join(choice)
    if len(shown) <= 110:
        return f"use one of {shown}" if len(choice) > 1 else f"use {shown}" if choice else "there is none to choose"
    near = difflib.get_close_matches(given[:VALUE].casefold(), bare, cutoff=0.51)
    shown = ", ".join(dict.fromkeys([*(bare[one] for one in near), *choice]))
    some = escaped(shown, VALUE).rpartition(", ")[0] or escaped(shown, VALUE)
    return f"use one of {len(choice)}, as {some}"
