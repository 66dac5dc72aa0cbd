"""Open registry and comparative study of major network outages: claims become facts under a policy, facts become
estimates, all are shown.
"""

from outages.rooms import handed_on

__version__ = "0.1.0"
_HOMES = {
    "studies": "study=open_study incident=open_incident Study median curve under_policies",
    "studies.peers": "peers=open_peers",
    "studies.cohorts": "cohorts=open_cohorts cohort_entries cohort_promises cohort_values",
    "report": "page=open_page",
    "figures": "plot=",
    "render": "render=",
}
__getattr__, __all__ = handed_on(__name__, _HOMES)
__all__ += ["__version__"]
