"""The pages in a real Chromium: no request, no console error, no accessibility violation, no sideways scrolling."""

import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: the pages were not opened in a browser"
)
NAMES = [
    "comparative-report.en.html",
    "comparative-report.fr.html",
    "incident-dossier.en.html",
    "incident-dossier.fr.html",
    "index.html",
]


@pytest.fixture(scope="module")
def browser():
    """Start Chromium once."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        arguments = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-gpu"]
        running = play.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield running
        running.close()


@pytest.mark.parametrize("width", [390, 1600])
@pytest.mark.parametrize("name", NAMES)
def test_page_in_a_browser(name, width, browser, pages):
    """A page works alone, on a phone and on a wide screen, in light and dark."""
    from axe_playwright_python.sync_playwright import Axe

    scheme = "dark" if width == 1600 else "light"
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    requests, messages = [], []
    page.on("request", lambda r: requests.append(r.url))
    page.on("console", lambda m: messages.append(m.text))
    page.on("pageerror", lambda e: messages.append(str(e)))
    page.goto((pages / name).as_uri())
    assert [r for r in requests if not r.startswith("data:")] == [(pages / name).as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0 && i.alt)")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert messages == []
    context.close()
