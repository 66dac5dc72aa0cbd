"""Names of figures under the module that they stood in; only until the report room takes them from their new homes."""

from outages.figures.impact import harm_plane as harm_plane
from outages.figures.intervals import length_bars as length_bars
from outages.figures.matrices import FILLS as FILLS
from outages.figures.matrices import SIGNS as SIGNS
from outages.figures.matrices import party_bars as party_bars
from outages.figures.style import LISTED as LISTED
from outages.figures.style import MANY as MANY
from outages.figures.style import PALETTE as PALETTE
from outages.figures.style import SEVERAL as SEVERAL
from outages.figures.style import Figure as Figure
from outages.figures.style import svg as svg
from outages.figures.timelines import MARKS as MARKS
from outages.figures.timelines import aligned_timeline as aligned_timeline
from outages.figures.timelines import claim_timeline as claim_timeline
from outages.language import moment_names as moment_names
