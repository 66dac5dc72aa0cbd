"""What is an error of the one who asks? One line, exit status 2."""

LINE, VALUE = 200, 80  # signs of a message, and of a value put into one


class InputError(ValueError):
    """Input that cannot be used; the message says where, what is wrong, and what is allowed."""

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
