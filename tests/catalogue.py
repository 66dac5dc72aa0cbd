"""Find every text that a reader can meet and that therefore needs a translation."""

import json

from babel.messages.extract import extract_from_dir

from outages.paths import NOTEBOOKS, ROOT

KEYWORDS = {"_": None, "N_": None, "n": (1, 2), "t": None, "dropped": None}


def messages() -> set[str | tuple[str, str]]:
    """Return the messages of the library and of the notebooks' prose."""
    found = {
        message
        for _file, _line, message, *_ in extract_from_dir(
            ROOT / "lib" / "outages", [("**.py", "python")], keywords=KEYWORDS
        )
    }
    for path in NOTEBOOKS.glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        shown = [cell for cell in cells if "lab" not in cell["metadata"].get("tags", [])]
        found |= {"".join(cell["source"]) for cell in shown if cell["cell_type"] == "markdown"}
    return found
