"""Find every text that a reader can meet and that therefore needs a translation."""

import ast
import csv
import json
import re
from collections import Counter
from collections.abc import Iterator

from babel import Locale
from babel.messages.pofile import read_po

from outages.language import CATALOGUES
from outages.paths import DATA, NOTEBOOKS, ROOT

WORD = re.compile(r"\{\w+\}|([^\W\d_]{2,})")  # but the names of values to be filled in
ALSO_FRENCH = {"on", "change", "file", "notice"}
CALLS = {"_", "N_", "t", "say", "dropped"}  # functions whose first argument is a text
JOINING = {"joined"}  # functions all of whose arguments are texts
SETTING = {"figure", "table", "pairs"}  # functions that translate what they are given as
TEXTS = {"title", "alt", "caption"}  # and the heads of columns or rows


def messages() -> set[str | tuple[str, str]]:
    """Return the messages of the library and of the notebooks' prose."""
    found: set[str | tuple[str, str]] = set()
    for path in (ROOT / "lib" / "outages").rglob("*.py"):
        found |= set(texts_of(ast.parse(path.read_text(encoding="utf-8"))))
    for path in NOTEBOOKS.glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        shown = [cell for cell in cells if "lab" not in cell["metadata"].get("tags", [])]
        found |= {"".join(cell["source"]) for cell in shown if cell["cell_type"] == "markdown"}
    return found


def texts_of(tree: ast.Module) -> Iterator[str | tuple[str, str]]:
    """Yield the texts of a module, but those that are all to be filled in."""
    for call in ast.walk(tree):
        name = getattr(call.func, "attr", getattr(call.func, "id", "")) if isinstance(call, ast.Call) else ""
        if name == "n" and all(isinstance(text, ast.Constant) for text in call.args[:2]):
            yield tuple(text.value for text in call.args[:2])
        given = call.args if name in JOINING else call.args[:1] if name in CALLS else []
        if name in SETTING:
            given = [word.value for word in call.keywords if word.arg in TEXTS]
            given += [key for heads in call.args if isinstance(heads, ast.Dict) for key in heads.keys]
        for text in given:
            for one in (text.body, text.orelse) if isinstance(text, ast.IfExp) else [text]:
                if (
                    isinstance(one, ast.Constant)
                    and isinstance(one.value, str)
                    and WORD.sub(r"\1", one.value).strip("{}")
                ):
                    yield one.value


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
