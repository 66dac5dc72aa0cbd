"""The notebook to explore: filters, table and figure follow one another, and it runs in a kernel."""

import nbformat
from nbclient import NotebookClient

from outages.report.explorer import Explorer
from outages.paths import NOTEBOOKS


def test_filters_change_table_and_figure():
    """A choice narrows the table; a wrong one is said in a line and changes nothing."""
    explorer = Explorer()
    everything = len(explorer.table())
    assert explorer.choose(countries="FR", since="2012-01-01") == ""
    table = explorer.table()
    assert 0 < len(table) < everything and all("FR" in cell.split(";") for cell in table["country"])
    assert {"length_low", "length_high", "to_public_low", "silence_high", "title"} <= set(table.columns)
    assert "is not a date" in explorer.choose(since="yesterday") and len(explorer.table()) == len(table)
    assert "no incident fits" in explorer.choose(min_users=10**12)
    for explorer.figure in ("length", "curve", "users", "delays", "parties"):
        assert "<figure" in str(explorer.picture().html) or "dropped" in str(explorer.picture().html)


def test_widget_follows_its_controls():
    """Turning a control redraws the figure and the line that says what is shown."""
    import ipywidgets as w

    shown = Explorer("fr").show()
    left, right = shown.children[0].children
    said, figure = right.children
    before, drawn = said.value, figure.value
    policy = next(c for c in left.children if isinstance(c, w.Dropdown) and "widest" in c.options)
    policy.value = "widest"
    assert "widest" in said.value != before and figure.value != drawn
    assert left.children[0].description == "Langue"


def test_notebook_runs():
    """All its cells run in a kernel."""
    notebook = nbformat.read(NOTEBOOKS / "explore.ipynb", as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    outputs = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]
    assert any("application/vnd.jupyter.widget-view+json" in o.get("data", {}) for o in outputs)
    assert not any(o.output_type == "error" for o in outputs)
