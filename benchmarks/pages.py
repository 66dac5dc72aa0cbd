"""Are two folders of pages the same? python benchmarks/pages.py BEFORE AFTER [PATTERN [IGNORED]]

Pages are compared after both were parsed and written again, since quoting and the order of attributes are no
difference; style sheets are compared by themselves. IGNORED is a regular expression of what may differ, as
"Data version [^ ]+". What differs is shown, and the exit status is 1.
"""

import difflib
import re
import sys
from pathlib import Path

from bs4 import BeautifulSoup

STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
SHOWN = 6  # lines of difference for each page


def lines_of(page: Path, ignored: str) -> list[str]:
    """Return a page one tag a line, without its style sheet and what may differ."""
    text = STYLE.sub("", page.read_text(encoding="utf-8"))
    text = re.sub(ignored, "", text) if ignored else text
    return re.sub(r"(?=<)", "\n", str(BeautifulSoup(text, features="html.parser"))).splitlines()


def style_of(page: Path) -> str:
    """Return the style sheet of a page."""
    return "".join(STYLE.findall(page.read_text(encoding="utf-8")))


def main(before: Path, after: Path, pattern: str = "*.html", ignored: str = "") -> int:
    """Compare the pages that both folders have and name those that one lacks; return the exit status."""
    names = [{path.name for path in folder.glob(pattern)} - {"index.html", "pages.html"} for folder in (before, after)]
    for folder, only in ((before, names[0] - names[1]), (after, names[1] - names[0])):
        print(f"only in {folder}: {len(only)}", *sorted(only)[:SHOWN])
    both = sorted(names[0] & names[1])
    different, styles = 0, set()
    for name in both:
        styles.add((style_of(before / name), style_of(after / name)))
        one, two = lines_of(before / name, ignored), lines_of(after / name, ignored)
        if one != two:
            different += 1
            found = [
                line for line in difflib.unified_diff(one, two, lineterm="", n=0) if line[:2] not in ("--", "++", "@@")
            ]
            print(f"{name}: {len(found)} lines differ", *(f"  {line[:160]}" for line in found[:SHOWN]), sep="\n")
    style = "equal" if all(one == two for one, two in styles) else "differ"
    print(f"{len(both) - different} of {len(both)} pages equal; style sheets {style}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]))
