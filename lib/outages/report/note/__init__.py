"""What does a board need to know of one outage beside its peers? The parts of the decision note, in the order of its
two pages.
"""

from outages.report.note.changes import caution, to_change
from outages.report.note.evidence import chronology, table, turn
from outages.report.note.lessons import foot, limits, others, since
from outages.report.note.picture import figure, rows
from outages.report.note.ranks import opening

__all__ = [
    "caution",
    "chronology",
    "figure",
    "foot",
    "limits",
    "opening",
    "others",
    "rows",
    "since",
    "table",
    "to_change",
    "turn",
]
