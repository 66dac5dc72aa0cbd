"""What does a board need to know of one outage beside its peers? The parts of its note, in their order."""

from outages.report.note.changes import caution, to_change
from outages.report.note.evidence import chronology, table, turn
from outages.report.note.lessons import foot, limits, not_known, others, since
from outages.report.note.picture import figure, rows
from outages.report.note.ranks import LABELS, RECORD_LABELS, headline, opening, ranking, selection, valued

__all__ = ["LABELS", "RECORD_LABELS", "caution", "chronology", "figure", "foot", "headline", "limits", "not_known"]
__all__ += ["opening", "others", "ranking", "rows", "selection", "since", "table", "to_change", "turn", "valued"]
