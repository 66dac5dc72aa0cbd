"""What does a page say? Figures, tables and sentences around frames, and nothing that is computed."""

from outages.report.comparison import open_report
from outages.report.dossier import open_dossier
from outages.report.part import Page as open_page

__all__ = ["open_dossier", "open_page", "open_report"]
