"""The pages in a real Chromium: no request, no console error, no accessibility violation, no sideways scrolling."""

import re
import shutil

import pytest

from conftest import CHROMIUM, PAGES
from outages.render.pdf import PrintError, pages_of, print_page, with_pages

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: the pages were not opened in a browser"
)
WIDTHS = {390: "light", 1024: "light", 1600: "dark"}
LOOKED_AT = {  # page: widths at which axe-core looks at it; of two that differ by their language each at one
    **{"comparative-report.fr": (390,), "comparative-report.en": (1600,), "landing.fr": (390,), "index": (1600,)},
    **{"incident-dossier.en": (390, 1600), "incident-dossier.fr": (), "pages": (390, 1600)},
}
LEAST_TYPE = """above => Math.min(...[...document.querySelectorAll("figure img")].filter(i => i.width).map(image => {
  const text = decodeURIComponent(image.currentSrc.replace(/^[^,]*,/, ""));
  const drawn = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const sizes = [...drawn.querySelectorAll("text")].map(t => parseFloat(t.style.fontSize)).filter(size => size > above);
  const shown = Math.min(image.offsetWidth, image.closest("figure").clientWidth); // what sticks out is not shown
  return Math.min(...sizes) * shown / drawn.viewBox.baseVal.width;
}))"""  # in px
ALIKE = """() => document.querySelectorAll("tbody").forEach(body =>
  [...body.rows].slice(30, -10).forEach(row => row.remove()))"""  # rows are alike: axe looks at forty of a table
WIDE = ("affected-users", "detection-and-communication", "outage-length", "status-pages")  # tables of many columns
OTHERS = [f"{name}.{lang}" for name, lang in PAGES if (name, lang) != ("landing", "en")]  # which the index is


@pytest.fixture(scope="module")
def browser():
    """Start Chromium once."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        arguments = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-gpu"]
        running = play.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield running
        running.close()


def look(page) -> None:
    """Let axe-core look at a page: it finds nothing."""
    from axe_playwright_python.sync_playwright import Axe

    # what is off the screen is not laid out, and axe would take its background for white
    page.add_style_tag(content="* { content-visibility: visible !important; }")
    page.evaluate(ALIKE)
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    assert results.violations_count == 0, results.generate_report()


def turn(page, width: int, scheme: str) -> None:
    """Show a page on a screen of a width, in light or dark."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)


@pytest.mark.parametrize("name", [*LOOKED_AT, *(name for name in OTHERS if name not in LOOKED_AT)])
def test_page_in_a_browser(name, browser, pages):
    """A page works alone on a phone, a tablet and a wide screen, in light and dark: it asks for nothing but itself,
    says nothing on the console, and does not scroll sideways; axe-core finds nothing.
    """
    path, requests, messages = pages / f"{name}.html", [], []
    context = browser.new_context(viewport={"width": 390, "height": 900})
    page = context.new_page()
    page.on("request", lambda r: requests.append(r.url))
    page.on("console", lambda m: messages.append(m.text))
    page.on("pageerror", lambda e: messages.append(str(e)))
    page.goto(path.as_uri())
    for width, scheme in WIDTHS.items():
        turn(page, width, scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width
        assert width > 390 or page.evaluate(LEAST_TYPE, 7.4) > 9.8  # its source is in 7.4 points
        assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0 && i.alt)")
    for width in LOOKED_AT.get(name, [390] if path.stat().st_size < 400_000 else []):
        turn(page, width, WIDTHS[width])
        look(page)
    assert [r for r in requests if not r.startswith("data:")] == [path.as_uri()] and messages == []
    context.close()


@pytest.fixture
def landing(browser, pages):
    """Open the English landing page, and see at the end that it said nothing on the console and asked for nothing."""
    page, said = browser.new_page(viewport={"width": 1280, "height": 900}), []
    page.on("console", lambda m: said.append(m.text))
    page.on("pageerror", lambda e: said.append(str(e)))
    page.goto((pages / "landing.en.html").as_uri())
    yield page
    assert said == []
    page.close()


def shown(page) -> list[list[str]]:
    """Return the texts of the rows that can be seen, after checking that the count beside them is theirs."""
    rows = page.evaluate(
        "[...document.querySelectorAll('#t-outages tbody tr')].filter(r => r.offsetHeight).map(r => "
        "[...r.cells].map(c => c.textContent))"
    )
    every = page.locator("#t-outages tbody tr").count()
    assert page.locator("[role=status]").inner_text() == f"{len(rows)} of {every} outages shown"
    return rows


def test_choosing_on_the_landing_page(landing):
    """Search, filters, map and years narrow the table together, counts follow, and a reset brings all back."""
    from playwright.sync_api import expect

    every = shown(landing)
    assert len(every) > 300
    country, third = (landing.locator(f"select[data-column='{column}']") for column in (3, 8))
    landing.get_by_label("Search").fill("ORANGE emergency")
    found = shown(landing)
    assert 0 < len(found) < 30 and all("Orange" in " ".join(row) for row in found)
    landing.get_by_role("button", name="Reset").click()
    expect(landing.locator("#t-outages tbody tr[hidden]")).to_have_count(0)  # a page may not evaluate texts
    country.select_option("France")
    french = shown(landing)
    assert french == [row for row in every if "France" in row[3].split(", ")]
    named = [o for o in third.locator("option").all_inner_texts() if o.startswith("in the causal")]
    third.select_option("in the causal chain")
    assert named == [f"in the causal chain ({len(shown(landing))})"] and all(
        "none known" not in row[8] for row in shown(landing)
    )
    landing.get_by_role("button", name="Reset").click()
    service = landing.locator("select[data-column='4']")
    offered = service.evaluate("list => [...list.options].map(one => one.value.toLowerCase())")
    assert len(offered) == len(set(offered)), (
        "the first of several services has a capital, and is no service of its own"
    )
    service.select_option("Emergency calls")
    assert shown(landing) == [row for row in every if "emergency calls" in row[4].lower()]
    landing.get_by_role("button", name="Reset").click()
    dot = landing.locator(".map button", has_text="Japan")
    dot.click()
    assert dot.get_attribute("aria-pressed") == "true"
    assert shown(landing) == [row for row in every if "Japan" in row[3].split(", ")]
    assert country.input_value() == "Japan"
    assert dot.get_attribute("aria-label") == f"Japan: {len(shown(landing))}"
    landing.locator(".years button[value='2022']").focus()
    landing.keyboard.press("ArrowLeft")
    landing.keyboard.press("Enter")
    assert {(row[1][-4:], row[3]) for row in shown(landing)} == {("2021", "Japan")}
    landing.get_by_label("Search").fill("nobody has ever written this")
    assert shown(landing) == []
    landing.get_by_role("button", name="Reset").click()
    expect(landing.locator("#t-outages tbody tr[hidden]")).to_have_count(0)  # a page may not evaluate texts
    assert shown(landing) == every


@pytest.mark.parametrize(("head", "column"), [("Length", 5), ("Delay in telling", 6), ("Operator", 2), ("Cause", 7)])
def test_sorting_on_the_landing_page(head, column, landing):
    """A head sorts by minutes or by letters, says so, and turns round; unknown stands last both ways."""
    cells = f"[...document.querySelectorAll('#t-outages tbody tr')].map(r => r.cells[{column}])"
    orders = []
    for _ in range(2):
        landing.get_by_role("button", name=head).click()
        orders.append(landing.locator("th[aria-sort]").get_attribute("aria-sort"))
        assert landing.locator("th[aria-sort]").count() == 1
        unknown = landing.evaluate(f"{cells}.map(c => Boolean(c.querySelector('.none')))")
        assert unknown == sorted(unknown)
        values = landing.evaluate(f"{cells}.map(c => Number(c.querySelector('data')?.value)).filter(v => v === v)")
        assert values == sorted(values, reverse=orders[-1] == "descending")
    assert sorted(orders) == ["ascending", "descending"]


def test_the_landing_page_without_scripts(browser, pages):
    """Without scripts all rows are there, latest first, and nothing that would not work."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 900})
    page = context.new_page()
    page.goto((pages / "landing.fr.html").as_uri())
    assert page.locator("#t-outages tbody tr:visible").count() == page.locator("#t-outages tbody tr").count() > 300
    assert page.locator("#tools").is_hidden() and page.locator("button:visible").count() == 0
    context.close()


def test_the_index_leads_to_the_readers_language(browser, pages):
    """The index opens in English; from a French page it leads on to the French landing page, and back."""
    page = browser.new_page()
    page.goto((pages / "index.html").as_uri() + "#fr")
    page.wait_for_url("**/landing.fr.html")
    page.get_by_role("link", name="English").click()
    page.get_by_role("link", name="All pages").first.click()
    assert page.url.endswith("/pages.html#en") and page.locator("nav a").first.get_attribute("href") == "#en"
    page.close()


def test_figures_can_be_saved(browser, pages, tmp_path):
    """Under a figure its data, the image as SVG and as PNG are saved as files; without scripts the data alone."""
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    requests = []
    page.on("request", lambda r: requests.append(r.url))
    page.goto((pages / "comparative-report.en.html").as_uri())
    figure = page.locator("figure").first
    name, wanted = figure.get_attribute("id"), {"CSV": b"group,", "SVG": b"<svg", "PNG": b"\x89PNG"}
    for kind, start in wanted.items():
        with page.expect_download() as saved:
            figure.locator(".files a", has_text=kind).click()
        saved.value.save_as(tmp_path / kind)
        assert saved.value.suggested_filename == f"{name}.{kind.lower()}"
        assert (tmp_path / kind).read_bytes().startswith(start)
    assert "open registry of major network outages" in " ".join(
        re.sub(r"<[^>]+>", " ", (tmp_path / "SVG").read_text()).split()
    )
    assert [r for r in requests if not r.startswith("data:")] == [(pages / "comparative-report.en.html").as_uri()]
    context.close()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((pages / "comparative-report.en.html").as_uri())
    assert page.locator("figure").first.locator(".files a").all_inner_texts() == ["Data (CSV)"]
    context.close()


def sheets(printed: bytes) -> int:
    """Return how many pages a PDF has."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", printed))


@pytest.mark.parametrize("page_of", [f"{name}.{lang}" for name, lang in PAGES if name in WIDE])
def test_tables_fit_a_laptop(page_of, browser, pages):
    """No table of these pages scrolls sideways at 1200 pixels, unfolded."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.goto((pages / f"{page_of}.html").as_uri())
    page.add_style_tag(content="* { content-visibility: visible !important; }")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    wide = "[...document.querySelectorAll('.wide')].filter(e => e.scrollWidth > e.clientWidth + 1)"
    assert page.evaluate(f"{wide}.map(e => e.firstElementChild.id)") == []
    page.close()


@pytest.mark.parametrize("name", ["third-parties.en", "incident-dossier.fr", "decision-note.en"])
def test_letters_of_printed_figures(name, browser, pages):
    """On paper no letter of a figure is smaller than 6.5 points."""
    page = browser.new_page(viewport={"width": 688, "height": 1000})
    page.emulate_media(media="print")
    page.goto((pages / f"{name}.html").as_uri())
    assert page.evaluate(LEAST_TYPE, 0) > 6.5 * 4 / 3
    page.close()


def test_contents_of_a_pdf_name_their_pages(pages, printed):
    """The contents say on which page a section begins, which is where the PDF has it; nothing names a folder of this
    machine.
    """
    made = printed("incident-dossier.en").read_bytes()
    found = pages_of(made)
    headings = re.findall(r'<h2 id="(section-\d+)"', (pages / "incident-dossier.en.html").read_text(encoding="utf-8"))
    assert list(found) and sorted(found) == sorted(headings) and len(headings) > 4
    order = [found[heading] for heading in headings]
    assert order == sorted(order) and order[0] >= 1 and len(set(order)) > 2
    assert order[-1] <= sheets(made) and b"file://" not in made
    shown = with_pages('<li><a href="#section-1">A</a></li>', {"section-1": 7})
    assert shown == '<li><a href="#section-1">A</a><span class="at">7</span></li>'


def test_page_as_pdf(printed):
    """A page prints to a PDF beside it, whole or not at all."""
    made = printed("incident-dossier.fr")
    whole = made.read_bytes()
    assert whole.startswith(b"%PDF-") and len(whole) > 20_000
    with pytest.raises(PrintError):
        print_page(made.with_suffix(".html"), shutil.which("false"))
    assert sorted(p.name for p in made.parent.iterdir()) == ["page.html", "page.pdf"] and made.read_bytes() == whole


@pytest.mark.parametrize(("name", "most"), [("comparative-report", 10), ("incident-dossier", 12)])
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_printed_pages(name, most, lang, printed):
    """The comparison fits ten printed pages, the founding dossier twelve; the note: tests/report/test_note.py."""
    assert 1 < sheets(printed(f"{name}.{lang}").read_bytes()) <= most
