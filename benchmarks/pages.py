"""Are two folders of pages the same? python benchmarks/pages.py BEFORE AFTER [PATTERN]

Pages are compared after both were parsed and written again, since quoting and the order of attributes are no difference; the style sheet is compared once, by
itself. What differs is shown, and the exit status is 1.
"""

import difflib
import re
import sys
from pathlib import Path

from bs4 import BeautifulSoup

STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
SHOWN = 6  # lines of difference for each page


def lines_of(page: Path) -> list[str]:
    """Return a page one tag a line, without its style sheet."""
    text = STYLE.sub("", page.read_text(encoding="utf-8"))
    return re.sub(r"(?=<)", "\n", str(BeautifulSoup(text, features="html.parser"))).splitlines()


def style_of(page: Path) -> str:
    """Return the style sheet of a page."""
    return "".join(STYLE.findall(page.read_text(encoding="utf-8")))


def main(before: Path, after: Path, pattern: str = "*.html") -> int:
    """Compare the pages that both folders have and name those that one lacks; return the exit status."""
    names = [{path.name for path in folder.glob(pattern)} - {"index.html"} for folder in (before, after)]
    for folder, only in ((before, names[0] - names[1]), (after, names[1] - names[0])):
        print(f"only in {folder}: {len(only)}", *sorted(only)[:SHOWN])
    both = sorted(names[0] & names[1])
    different, styles = 0, set()
    for name in both:
        styles.add((style_of(before / name), style_of(after / name)))
        one, two = lines_of(before / name), lines_of(after / name)
        if one != two:
            different += 1
            found = [
                line for line in difflib.unified_diff(one, two, lineterm="", n=0) if line[:2] not in ("--", "++", "@@")
            ]
            print(f"{name}: {len(found)} lines differ", *(f"  {line[:160]}" for line in found[:SHOWN]), sep="\n")
    print(
        f"{len(both) - different} of {len(both)} pages equal; style sheets {'equal' if all(a == b for a, b in styles) else 'differ'}"
    )
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]))
