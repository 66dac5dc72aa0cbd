"""What does a page say? Figures, tables and sentences around frames, and nothing that is computed."""

from outages.report.part import Page as open_page

__all__ = ["open_page"]
