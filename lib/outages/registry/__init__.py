"""Which claims are there, and are they right? Tables are read, held against rules, and typed.

What may stand in a table says `schema`, what is wrong in it say the rules of `form`, `times`, `rules`, `cohorts` and
`doubts`.
"""

from outages.rooms import handed_on

_HOMES = {
    "registry": "Registry check_folders filter_incidents holds_any of_its_own read_registry subset",
    "cohorts": "read_cohorts",
    "files": "codes folder_hash read_stack",
    "schema": "CLAIM_TABLES Problem RegistryError columns descriptor resources",
    "countries": "code_of",
}
__getattr__, __all__ = handed_on(__name__, _HOMES)
