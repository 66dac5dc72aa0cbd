"""Open registry and comparative study of major network outages: claims become facts under a policy, facts become
estimates, all are shown.
"""

import importlib
from typing import Any

__version__ = "0.1.0"
_HOME = {  # names are taken from their rooms when they are first used, so that the command line starts light
    "study": ("outages.studies", "open_study"),
    "incident": ("outages.studies", "open_incident"),
    "peers": ("outages.studies.peers", "open_peers"),
    "Study": ("outages.studies", "Study"),
    "median": ("outages.studies", "median"),
    "curve": ("outages.studies", "curve"),
    "under_policies": ("outages.studies", "under_policies"),
    "cohorts": ("outages.studies.cohorts", "open_cohorts"),
    "cohort_entries": ("outages.studies.cohorts", "cohort_entries"),
    "cohort_promises": ("outages.studies.cohorts", "cohort_promises"),
    "cohort_values": ("outages.studies.cohorts", "cohort_values"),
    "page": ("outages.report", "open_page"),
    "plot": ("outages.figures", ""),
    "render": ("outages.render", ""),
}
__all__ = [*_HOME, "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'outages' has no attribute '{name}'; it has {', '.join(__all__)}")
    home, attribute = _HOME[name]
    module = importlib.import_module(home)
    return getattr(module, attribute) if attribute else module
