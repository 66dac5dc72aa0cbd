"""Names of figures under the module that they stood in; only until the report room takes them from their new homes."""

from outages.figures.ecdf import Named as Named
from outages.figures.ecdf import curves as curves
from outages.figures.intervals import panels as panels
from outages.figures.intervals import ranges as ranges
from outages.figures.matrices import Fill as Fill
from outages.figures.matrices import matrix as matrix
from outages.figures.matrices import stacked as stacked
from outages.figures.matrices import year_shares as year_shares
from outages.figures.network import layered as layered
from outages.figures.style import FOCUS as FOCUS
