"""What does a board need to know of one outage beside its peers? The parts of the decision note, in the order of its
two pages.
"""

from outages.report.note.changes import caution as caution
from outages.report.note.changes import to_change as to_change
from outages.report.note.evidence import chronology as chronology
from outages.report.note.evidence import table as table
from outages.report.note.evidence import turn as turn
from outages.report.note.lessons import foot as foot
from outages.report.note.lessons import limits as limits
from outages.report.note.lessons import others as others
from outages.report.note.lessons import since as since
from outages.report.note.picture import figure as figure
from outages.report.note.picture import rows as rows
from outages.report.note.ranks import LABELS as LABELS
from outages.report.note.ranks import headline as headline
from outages.report.note.ranks import opening as opening
from outages.report.note.ranks import ranking as ranking
from outages.report.note.ranks import selection as selection
