"""What is known of the outages in question? Selected incidents, or the complete lists of operators, as tidy frames."""

from outages.studies.estimates import curve, median, under_policies
from outages.studies.opening import open_incident, open_study
from outages.studies.parameters import ParameterError, check_common, check_incident, check_texts
from outages.studies.study import Study
from outages.studies.tables import ABOUT, UNITS

__all__ = [
    "ABOUT",
    "UNITS",
    "ParameterError",
    "Study",
    "check_common",
    "check_incident",
    "check_texts",
    "curve",
    "median",
    "open_incident",
    "open_study",
    "under_policies",
]
