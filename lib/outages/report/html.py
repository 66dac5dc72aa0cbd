"""How do results become HTML? Whatever comes from data is escaped here, and nowhere else."""

import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup, escape

from outages.language import organisation_names

Cell = str | Markup
SHORT = 15  # signs, as "0 min to 18 min"
COLUMN = '<th scope="col">{}</th>'  # the head of one
TABLE = Markup(
    '<div class="wide" role="region" tabindex="0" aria-labelledby="{id}-caption"{heads}><table id="{id}"><caption '
    'id="{id}-caption">{caption}</caption><thead><tr>{top}</tr></thead><tbody>\n{body}\n</tbody></table></div>'
)
FIGURE = Markup(
    '<figure id="{key}"><p class="figure-title">{title}</p><img alt="{alt}" src="{src}">'
    "<figcaption>{caption}</figcaption>{kept}</figure>"
)
LAB_STYLE = """<style>
.jp-RenderedHTMLCommon .wide { overflow: auto; max-height: 40rem; }
.jp-RenderedHTMLCommon figure img { max-width: 100%; height: auto; }
.jp-RenderedHTMLCommon :is(.figures, .boxes) { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); }
.jp-RenderedHTMLCommon .figures :is(dt, dd) { display: block; float: none; width: auto; margin: 0; }
.jp-RenderedHTMLCommon :is(.figures, .boxes) .value { font-size: 130%; font-weight: bold; }
.jp-RenderedHTMLCommon .box p { margin: 0; }
.jp-RenderedHTMLCommon .box .what { font-weight: bold; }
.jp-RenderedHTMLCommon table[id^="t-"] { font-size: 90%; }
.jp-RenderedHTMLCommon table[id^="t-"] caption { caption-side: top; text-align: left; font-weight: bold; }
.jp-RenderedHTMLCommon table[id^="t-"] :is(th, td) { text-align: left; vertical-align: top; white-space: normal; }
.jp-RenderedHTMLCommon figure { margin: 0; }
.jp-RenderedHTMLCommon .figure-title { font-weight: bold; }
.jp-RenderedHTMLCommon :is(figcaption, .dropped, .sure, .caution) { color: var(--jp-ui-font-color2); }
</style>"""  # in JupyterLab, where the style sheet of the pages is not there


@dataclass(frozen=True)
class Block:
    """A piece of a page that shows itself in a notebook."""

    html: Markup

    def _repr_html_(self) -> str:
        return str(self.html)

    def __repr__(self) -> str:
        return f"<Block of {len(self.html)} characters>"


def stack(*parts: Cell | Block) -> Block:
    """Put pieces under one another; an empty one is left out."""
    return Block(Markup("\n").join(filter(None, (p.html if isinstance(p, Block) else p for p in parts))))


def paragraph(text: Cell, kind: str = "") -> Markup:
    """Return a paragraph; `kind` is a class of the style sheet."""
    return Markup('<p class="{}">{}</p>').format(kind, text) if kind else Markup("<p>{}</p>").format(text)


def dropped(text: Cell) -> Block:
    """Say why something is not shown."""
    return stack(paragraph(text, "dropped"))


def each(form: str, items: Iterable[Cell]) -> Markup:
    """Return what a form makes of each item, one after the other."""
    return Markup("").join(Markup(form).format(item) for item in items)


def heading(text: Cell, level: int, key: str) -> Markup:
    """Return a heading that links can point to."""
    return Markup('<h{} id="{}">{}</h{}>').format(level, anchor(key), text, level)


def origin_mark(origin: str) -> str:
    """Return the name of the overlay that something comes from, in brackets; nothing for the public registry."""
    return "" if origin == "public" else f" [{origin}]"


def fold(label: Cell, *parts: Markup | Block) -> Block:
    """Fold pieces away under a label, closed until a reader opens it, also in print."""
    inner = stack(*parts).html
    return Block(Markup('<details class="fold"><summary>{}</summary>\n{}\n</details>').format(label, inner))


def anchor(*parts: str) -> str:
    """Make an id of any text: letters, digits and hyphens."""
    return re.sub(r"[^A-Za-z0-9]+", "-", "-".join(parts)).strip("-")


def inside(text: Cell, *target: str) -> Markup:
    """Link to a place on the same page."""
    return Markup('<a href="#{}">{}</a>').format(anchor(*target), text)


def outside(text: Cell, url: str) -> Markup:
    """Link to another page; anything but http and https is shown as text."""
    if not re.match(r"https?://", url):
        return escape(text)
    return Markup('<a href="{}">{}</a>').format(url, text)


def relative(text: Cell, address: str) -> Markup:
    """Link to another page of the same folder."""
    return Markup('<a href="{}">{}</a>').format(quote(address, safe="#-._~"), text)


def dossier_link(text: Cell, incident: str, lang: str, *place: str) -> Markup:
    """Link to the dossier of an incident, to a place in it if one is named; pages stand in one folder."""
    return relative(text, f"incident-dossier-{incident}.{lang}.html" + (f"#{anchor(*place)}" if place else ""))


def datum(text: Cell, *values: float) -> Markup:
    """Return a text with the numbers that it stands for, by which a script sorts, the first before the second."""
    told = " ".join("Infinity" if math.isinf(value) else f"{value:.0f}" for value in values)
    return Markup('<data value="{}">{}</data>').format(told, text)


def day(text: Cell, written: str) -> Markup:
    """Return a date with its form in ISO 8601, by which a script sorts."""
    return Markup('<time datetime="{}">{}</time>').format(written, text)


def lacking(text: Cell) -> Markup:
    """Return what stands where nothing is known; a script sorts it last."""
    return Markup('<span class="none">{}</span>').format(text)


def bullets(items: Sequence[Cell], kind: str = "") -> Markup:
    """Return a list."""
    return Markup('<ul class="{}">{}</ul>').format(kind, each("<li>{}</li>", items))


def table(
    caption: Cell, head: Sequence[Cell], rows: Sequence[Sequence[Cell]], *, key: str, ids: Sequence[str] = ()
) -> Markup:
    """Return a table whose first column names the rows.

    Parameters
    ----------
    caption, head, rows : texts, escaped unless they are Markup already
    key : id of the table
    ids : id of each row, empty for none
    """
    lines = []
    for (first, *cells), row_id in zip(rows, ids or [""] * len(rows), strict=True):
        mark = Markup(' id="{}"').format(row_id) if row_id else ""
        told = Markup("").join(Markup("<td{}>{}</td>").format(class_of(cell), cell) for cell in cells)
        lines.append(Markup('<tr{}><th scope="row">{}</th>{}</tr>').format(mark, capital(first), told))
    many = heads_style(head) if len(head) > 2 else ""
    top = each(COLUMN, head)
    return TABLE.format(id=anchor(key), caption=caption, top=top, body=Markup("\n").join(lines), heads=many)


def capital(text: Cell) -> Cell:
    """Return the name of a row with a capital; the names of organisations keep their letters."""
    kept = isinstance(text, Markup) or text[:1].isupper() or text in organisation_names("en")
    return text if kept else sentence(text)


def sentence(text: str) -> str:
    """Return a text with a capital, as a sentence begins."""
    return text[:1].upper() + text[1:]


def class_of(cell: Cell) -> Markup:
    """Return the class of a cell: `none` where it holds nothing, `short` where its few words stay on one line."""
    text = Markup(cell).striptags()
    if text in ("", "–"):
        return Markup(' class="none"')
    return Markup(' class="short"' if text[0].isdigit() and len(text) <= SHORT else "")


def heads_style(names: Sequence[Cell]) -> Markup:
    """Return the heads of a table as a `style` that a phone writes before its cells, where rows become cards."""
    texts = [json.dumps(str(Markup(name).striptags()), ensure_ascii=False) for name in names]
    return Markup(' style="{}"').format("".join(f"--h{n}:{text};" for n, text in enumerate(texts, 1)))


def figure(svg: bytes, *, title: Cell, alt: str, caption: Cell, key: str, data: str, data_label: str) -> Markup:
    """Return a figure as one image inside the page, with `alt` for those who cannot see it; `data` is its CSV."""
    key = anchor(key)
    kept = files(download(data_label, data, f"{key}.csv"))
    return FIGURE.format(key=key, title=title, alt=alt, src=data_address(svg), caption=caption, kept=kept)


def files(*links: Markup) -> Markup:
    """Return the line of files under a figure; a script adds the image itself."""
    return paragraph(Markup(" ").join(links), "files")


def download(text: str, data: str, name: str) -> Markup:
    """Link to a table as CSV that the page holds, to be saved as a file."""
    address = "data:text/csv;charset=utf-8," + quote(data, safe="!$()*,/:;=?@[]")
    return Markup('<a download="{}" href="{}">{}</a>').format(name, address, text)


def data_address(svg: bytes) -> str:
    """Return an SVG image as an address that holds it, only what must be escaped: shorter than base64."""
    text = re.sub(r"<!--.*?-->|<\?xml.*?\?>|<!DOCTYPE[^>]*>", "", svg.decode(), flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text).replace("> <", "><").strip()
    return "data:image/svg+xml," + quote(text.replace('"', "'"), safe=" !$&'*+,-./:;=?@[]_~")
