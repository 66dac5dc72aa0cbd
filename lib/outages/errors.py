"""What is an error of the one who asks? One line, exit status 2."""


class InputError(ValueError):
    """Input that cannot be used; the message says where, what is wrong, and what is allowed."""

    def _render_traceback_(self) -> list[str]:
        """Say it in one line in a notebook too: IPython asks for this, and the way through the library helps nobody there."""
        return [f"{type(self).__name__}: {self}"]
