"""How is a very large stack of tables read and checked once only? What was found in order is kept as Arrow files, which later runs map into memory.

They lie in the user's cache folder (`XDG_CACHE_HOME`, by default `~/.cache`) under `outages`, readable by the user alone, for the last few stacks. The key of a
stack is made of paths, sizes and times of its files and of the library's, so that nothing stale is read; the folder may be deleted at any time.
"""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from outages.paths import DATA, ROOT
from outages.registry.files import TEXT

LARGE, KEPT = 50_000_000, 3  # bytes of a stack from which on it is kept; stacks kept
VERSION = "version"


def folder() -> Path:
    """Return the folder of the kept stacks."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "outages"


def place_of(stamp: Iterable[tuple[str, int, int]]) -> Path | None:
    """Return where a stack is kept, None for one that is not large; `stamp` has name, size and time of each file."""
    marks = list(stamp)
    if sum(size for _name, size, _time in marks) < LARGE:
        return None
    own = [
        p for where, kind in ((ROOT / "lib" / "outages", "*.py"), (DATA, "*.json")) for p in sorted(where.glob(kind))
    ]
    marks += [(p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in own]
    return folder() / hashlib.sha256(repr(marks).encode()).hexdigest()[:24]


def read(place: Path) -> tuple[dict[str, pd.DataFrame], str] | None:
    """Return the tables of a stack and their version, None when they are not kept or cannot be read."""
    import pyarrow as pa

    try:
        version = (place / VERSION).read_text(encoding="utf-8")
        tables = {}
        for path in sorted(place.glob("*.arrow")):
            with pa.memory_map(str(path)) as mapped:
                found = pa.ipc.open_file(mapped).read_all()
            tables[path.stem] = found.to_pandas(types_mapper={pa.large_string(): TEXT}.get)
        os.utime(place)
    except (OSError, pa.ArrowInvalid):
        return None
    return tables, version


def keep(place: Path, tables: Mapping[str, pd.DataFrame], version: str) -> None:
    """Keep the tables of a stack, and forget those not used for longest; a disk that is full or read-only costs nothing but time."""
    import pyarrow as pa

    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=place.parent) as beside:
            for name, table in tables.items():
                found = pa.Table.from_pandas(table, preserve_index=False)
                with pa.ipc.new_file(str(Path(beside) / f"{name}.arrow"), found.schema) as file:
                    file.write_table(found)
            (Path(beside) / VERSION).write_text(version, encoding="utf-8")
            if not place.exists():
                shutil.copytree(beside, place, copy_function=os.link)
                place.chmod(0o700)
        stacks = sorted((p for p in place.parent.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime)
        for old in stacks[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)
