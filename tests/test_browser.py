"""The pages in a real Chromium: no request, no console error, no accessibility violation, no sideways scrolling."""

import re
import shutil

import pytest

from outages.render.pdf import PrintError, find_chromium, print_page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: the pages were not opened in a browser"
)
WIDTHS = {390: "light", 1024: "light", 1600: "dark"}
NAMES = ["comparative-report.en.html", "comparative-report.fr.html", "incident-dossier.en.html", "index.html"]


@pytest.fixture(scope="module")
def browser():
    """Start Chromium once."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        arguments = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-gpu"]
        running = play.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield running
        running.close()


def opened(browser, path, width: int, *, check: bool) -> None:
    """Open a page: it asks for nothing but itself, says nothing on the console, and does not scroll sideways; if asked, axe-core finds nothing."""
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=WIDTHS[width])
    page = context.new_page()
    requests, messages = [], []
    page.on("request", lambda r: requests.append(r.url))
    page.on("console", lambda m: messages.append(m.text))
    page.on("pageerror", lambda e: messages.append(str(e)))
    page.goto(path.as_uri())
    assert [r for r in requests if not r.startswith("data:")] == [path.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0 && i.alt)")
    if check:
        # what is off the screen is not laid out, and axe would take its background for white
        page.add_style_tag(content="* { content-visibility: visible !important; }")
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
    assert messages == []
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_page_in_a_browser(name, width, browser, pages):
    """A page works alone on a phone, a tablet and a wide screen, in light and dark; axe-core looks at the narrow and, in English, the wide one."""
    opened(browser, pages / name, width, check=width == 390 or (width == 1600 and ".fr." not in name))


def test_every_page_on_a_phone(browser, pages):
    """The pages about one question work on a phone and on a wide screen."""
    for path in sorted(pages.glob("*.*.html")):
        if path.name not in NAMES:
            opened(browser, path, 390, check=path.stat().st_size < 400_000)
            opened(browser, path, 1600, check=False)


def test_page_as_pdf(pages, tmp_path):
    """A page prints to a PDF beside it, whole or not at all."""
    from shutil import copyfile

    copyfile(pages / "incident-dossier.fr.html", tmp_path / "page.html")
    printed = print_page(tmp_path / "page.html", find_chromium())
    assert printed.read_bytes().startswith(b"%PDF-") and printed.stat().st_size > 20_000
    assert sorted(p.name for p in tmp_path.iterdir()) == ["page.html", "page.pdf"]
    with pytest.raises(PrintError):
        print_page(tmp_path / "page.html", shutil.which("false"))
    assert printed.read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("comparative-report.en", 10),
        ("comparative-report.fr", 10),
        ("decision-note", 2),
        ("incident-dossier.en", 8),
        ("incident-dossier.fr", 8),
    ],
)
def test_printed_pages(name, most, pages, tmp_path):
    """The comparison fits ten printed pages, the founding dossier eight, the decision note has two."""
    from shutil import copyfile

    copyfile(next(pages.glob(f"{name}*.html")), tmp_path / "page.html")
    printed = print_page(tmp_path / "page.html", find_chromium()).read_bytes()
    assert 1 < len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) <= most
