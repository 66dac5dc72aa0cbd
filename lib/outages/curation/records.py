"""What do the records of a JSON text say, as texts by path?"""

import functools
import json
from collections.abc import Iterator
from typing import Any


def parsed(text: str) -> tuple[Any, str]:
    """Return what a JSON text or lines of JSON hold, numbers as they are written."""
    load = functools.partial(json.loads, parse_float=str, parse_int=str, parse_constant=str)
    try:
        return load(text), "JSON"
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        return [load(line) for line in lines], "JSON lines"


def lists_in(found: Any, path: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Yield each list in which records are with the path to it; lists within records are part of these."""
    if isinstance(found, list):
        yield path, found if any(isinstance(item, dict) for item in found) else []
    elif isinstance(found, dict):
        for key, value in found.items():
            yield from lists_in(value, f"{path}.{key}" if path else str(key))


def flat(found: Any, path: str = "") -> dict[str, str]:
    """Return the texts of a record by path.

    Examples
    --------
    >>> flat({"id": "7", "updates": [{"at": "12:00"}, {"at": "11:00"}]})
    {'id': '7', 'updates.at': '12:00;11:00', 'updates.first.at': '12:00', 'updates.last.at': '11:00'}
    """
    if isinstance(found, dict):
        inner = [flat(part, f"{path}.{key}" if path else str(key)) for key, part in found.items()]
        return {key: value for part in inner for key, value in part.items()}
    if not isinstance(found, list):
        return {path: "" if found is None else str(found).lower() if isinstance(found, bool) else str(found)}
    records = [flat(item) for item in found if isinstance(item, dict)]
    if not records:
        return {path: ";".join(str(item) for item in found if not isinstance(item, list))}
    every = {key: ";".join(filter(None, (r.get(key, "") for r in records))) for r in records for key in r}
    ends = {"first": records[0], "last": records[-1]}
    named = {f"{path}.{end}.{key}": value for end, record in ends.items() for key, value in record.items()}
    return {**{f"{path}.{key}": value for key, value in every.items()}, **named}
