"""How does a notebook become a page, and how do many? Plans, runs, folders of pages, the catalogue and its schedule."""

from outages.render.planning import Job, NotebookError, find_notebook, parameters_of, plan, report_names

__all__ = ["Job", "NotebookError", "find_notebook", "parameters_of", "plan", "report_names"]
