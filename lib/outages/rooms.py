"""How does a room hand on its names? Each is taken from its module when it is first used: starting stays light."""

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def handed_on(room: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], list[str]]:
    """Return the `__getattr__` and the `__all__` of a room, which are also what completion offers.

    Parameters
    ----------
    room : its `__name__`
    homes : module = names taken from it, with blanks between them; `new=old` gives another name, `new=` the module
    """
    words = [
        (*word.partition("=")[::2], "=" in word, module) for module, names in homes.items() for word in names.split()
    ]
    home = {name: (module, old if named else name) for name, old, named, module in words}

    def taken(name: str) -> Any:
        """Return a name of the room, or say which there are."""
        if name not in home:
            raise AttributeError(f"module '{room}' has no attribute '{name}'; it has {', '.join(home)}")
        module, attribute = home[name]
        found = importlib.import_module(f"{room}.{module}")
        return getattr(found, attribute) if attribute else found

    vars(sys.modules[room])["__dir__"] = lambda: [*home]
    return taken, [*home]
