"""Find every text that a reader can meet and that therefore needs a translation."""

import csv
import json
import re
from collections import Counter

from babel import Locale
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from outages.language import CATALOGUES
from outages.paths import DATA, NOTEBOOKS, ROOT

WORD = re.compile(r"\{\w+\}|([^\W\d_]{2,})")  # but the names of values to be filled in
ALSO_FRENCH = {"on", "change", "file", "notice"}
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


def english_words() -> set[str]:
    """Return the words that stand in English texts and hardly in the same texts in French, and those of the curators'
    notes that stand in neither; names stand in both."""
    counts, noted = {"en": Counter(), "fr": Counter()}, Counter()

    def read(language: str, *texts: str) -> None:
        counts[language].update(word for text in texts for word in WORD.findall(text.lower()))

    with (CATALOGUES / "fr.po").open("rb") as file:
        for message in read_po(file, locale="fr"):
            for language, text in (("en", message.id), ("fr", message.string)):
                read(language, *([text] if isinstance(text, str) else text))
    for path in DATA.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for column, text in row.items():
                    if column.endswith("_fr"):
                        read("fr", text)
                        read("en", row.get(column[:-3], "") or row.get(f"{column[:-3]}_en", ""))
                    elif column in ("note", "locator", "scope", "addressees"):
                        noted.update(word for word in WORD.findall(text) if word.islower())
    read("fr", *Locale.parse("fr").territories.values())
    en, fr = counts["en"], counts["fr"]
    return ({w for w in en if en[w] > 20 * fr[w]} | {w for w in noted if not fr[w]}) - ALSO_FRENCH - {""}
