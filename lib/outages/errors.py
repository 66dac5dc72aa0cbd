"""What is an error of the one who asks? One line, exit status 2."""


class InputError(ValueError):
    """Input that cannot be used; the message says where, what is wrong, and what is allowed."""
