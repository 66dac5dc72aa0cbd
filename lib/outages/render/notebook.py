"""How does a notebook become a page? papermill runs it, nbconvert puts what it shows on one page."""

import base64
import functools
import hashlib
import importlib
import logging
import re
import sys
import textwrap
import types
import warnings
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import escape

from outages import __version__
from outages.paths import REPORTS
from outages.render.planning import LAB, Job

TEMPLATES = REPORTS / "template"
GRAMMAR = "rfc3987_syntax"  # of international addresses
TIMEOUT = 900  # seconds for one cell in a kernel
TOGETHER = re.compile(  # as "n = 3 of 5", in no tag and in no text that is set as typed
    r"<pre\b.*?</pre>|\bn = (?=\d)(?![^<>]*>)|(?<=\d) (?:of|sur) (?=\d)(?![^<>]*>)", re.DOTALL
)
EXECUTED, JOURNAL = "executed.ipynb", "journal"  # what is left in the folder of a run
HIDDEN = {"parameters", "injected-parameters", "setup"}

LANGUAGE_NAMES = {"en": "English", "fr": "Français"}


def load() -> None:
    """Load papermill and nbconvert.

    jsonschema, on which both rest, would build a grammar of international addresses at import, which takes longer than
    making a page. It is built when somebody first asks for it instead.
    """
    if GRAMMAR not in sys.modules:
        stand_in = types.ModuleType(GRAMMAR)
        stand_in.is_valid_syntax = built_when_asked  # type: ignore[attr-defined]
        sys.modules[GRAMMAR] = stand_in
    import nbconvert  # noqa: F401
    import papermill  # noqa: F401

    if sys.modules[GRAMMAR].__spec__ is None:
        del sys.modules[GRAMMAR]


def built_when_asked(rule: str, text: str) -> bool:
    """Check an international address with the real grammar."""
    return importlib.import_module(GRAMMAR).is_valid_syntax(rule, text)


def execute(job: Job, folder: Path, *, shell: bool) -> Any:
    """Run a notebook with papermill, without its cells tagged `lab`, and return it executed; raise
    PapermillExecutionError when a cell fails.

    A `shell` inside this process, see `outages.render.engine`, notes each cell in a journal in a folder; a kernel has
    the notebook written there after each.
    """
    load()
    import nbformat
    import papermill
    from traitlets.config import Config

    for noisy in ("papermill", "traitlets"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    options: dict[str, Any] = (
        {"engine_name": "shell", "journal": folder / JOURNAL} if shell else {"cwd": job.notebook.parent}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        notebook = nbformat.read(job.notebook, as_version=4)
        notebook.cells = [cell for cell in notebook.cells if LAB not in cell.metadata.get("tags", [])]
        kernel = notebook.metadata.get("kernelspec", {})
        language = kernel.get("language") or notebook.metadata.get("language_info", {}).get("name") or "python"
        return papermill.execute_notebook(
            notebook,
            None if shell else str(folder / EXECUTED),
            job.parameters,
            kernel_name=kernel.get("name") or "python3",
            language=language,
            request_save_on_cell_execute=not shell,
            progress_bar=False,
            execution_timeout=TIMEOUT,
            start_timeout=120,
            config=Config({"KernelManager": {"transport_encryption": "required"}}),
            **options,
        )


def in_one_line(error: BaseException) -> str:
    """Return what went wrong in one line: the exception of a failing cell, or the first line of any other message."""
    if type(error).__name__ == "NoSuchKernel":
        from jupyter_client.kernelspec import find_kernel_specs

        return f"{error}; install it, or save the notebook with one of {', '.join(sorted(find_kernel_specs()))}"
    name, value = getattr(error, "ename", ""), getattr(error, "evalue", "")
    text = re.sub(r"\x1b\[[0-9;]*m", "", f"{name}: {value}" if name else str(error)).strip()
    return text.splitlines()[0] if text else type(error).__name__


@functools.cache
def exporter() -> Any:
    """Return an exporter that stops at what the template gives; nbconvert's would parse and write the page again."""
    from nbconvert import HTMLExporter, TemplateExporter

    class PageExporter(HTMLExporter):
        """The exporter of HTML without its second parse."""

        from_notebook_node = TemplateExporter.from_notebook_node

    places = [str(TEMPLATES)]
    return PageExporter(template_name="publication", extra_template_basedirs=places, exclude_anchor_links=True)


def page_of(notebook: Any, job: Job) -> str:
    """Convert an executed notebook to one page in the language of the job."""
    from outages.language import Words
    from outages.report.comparison import citing

    words = Words(job.lang)
    _ = words._
    contents: list[dict[str, str]] = []
    heading = ""
    notebook.cells = [cell for cell in notebook.cells if not HIDDEN & set(cell.metadata.get("tags", []))]
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source:
            cell.source, found = with_ids(_(cell.source), len(contents), job.selection)
            contents += [entry for entry in found if entry["level"] == "2"]
            heading = heading or next((entry["text"] for entry in found if entry["level"] == "1"), "")
    heading = heading or str(escape(job.name))
    title = words.pair(heading, escape(job.selection)) if job.selection else heading
    title = f"{escape(job.title)} – {title}" if job.title else title
    overlays = [Path(folder).name for folder in job.parameters.get("data", ())]
    # with a layout a page has no contents at the side, but a style and maybe a script of its own
    layout = notebook.metadata.get("outages", {}).get("layout", "")
    home = (_("All pages"), "pages.html") if layout == "landing" else (_("Home"), "index.html")
    spoken = {lang: name for lang, name in LANGUAGE_NAMES.items() if lang != job.lang}
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    drawn = any("<figure id=" in str(output.get("data", {}).get("text/html", "")) for output in outputs)
    styles = [TEMPLATES / "publication" / f"{name}.css" for name in ("publication", layout) if name]
    named = (layout, "figures" if drawn and layout != "note" else "")
    scripts = [TEMPLATES / "publication" / f"{name}.js" for name in named if name]
    text = "\n".join(path.read_text(encoding="utf-8") for path in scripts if path.exists())
    resources = {
        "lang": job.lang,
        "version": __version__,
        "title": title,
        "elsewhere": css_text(_("on screen, and in the folder “data”")),
        "running": css_text(textwrap.shorten(unescape(title), 110, placeholder=" …")),
        "cite": citing(words, unescape(title), job.data_version, f"outages-{job.name}", overlays).html
        if job.data_version
        else "",
        "css": "\n".join(path.read_text(encoding="utf-8") for path in styles),
        "script": text,
        "script_hash": base64.b64encode(hashlib.sha256(text.encode()).digest()).decode(),
        "layout": layout,
        "others": [{"lang": lang, "href": quote(f"{job.name}.{lang}.html"), "text": spoken[lang]} for lang in spoken],
        "contents": contents,
        "words": {"contents": _("Contents"), "skip": _("Skip to the text"), "home": home[0]},
        "home": f"{home[1]}#{job.lang}",
    }
    return TOGETHER.sub(unbroken, exporter().from_notebook_node(notebook, resources=resources)[0])


def unbroken(found: re.Match[str]) -> str:
    """Return a few words that stay on one line, and what is set as typed as it is."""
    return found[0] if found[0].startswith("<pre") else found[0].replace(" ", "\u00a0")


def css_text(text: str) -> str:
    """Write a text so that it can stand in quotes in a style sheet."""
    return "".join(c if c.isascii() and (c.isalnum() or c == " ") else f"\\{ord(c):x} " for c in text)


def with_ids(markdown: str, count: int, selection: str) -> tuple[str, list[dict[str, str]]]:
    """Give headings of Markdown ids for the contents, numbered on from `count`; the first says the selection too."""
    found: list[dict[str, str]] = []

    def tagged(match: re.Match[str]) -> str:
        level, html = str(len(match[1])), exporter().markdown2html({}, f"# {match[2].strip()}").strip()
        html = html.removeprefix("<h1>").removesuffix("</h1>")
        text = re.sub(r"<[^<>]*>", "", html)  # striptags would break lines before a sign
        place = f"section-{count + len(found) + 1}" if level == "2" else "top"
        found.append({"level": level, "text": text, "id": place})
        chosen = f'<span class="selection">{escape(selection)}</span>' if selection and level == "1" else ""
        return f'<h{level} id="{place}">{html}{chosen}</h{level}>'

    return re.sub(r"^(#{1,3}) (.+)$", tagged, markdown, flags=re.MULTILINE), found
