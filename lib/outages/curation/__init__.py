"""How do claims come in and tables go out, and how good are they? What curators, operators and analysts do by hand.

Lists come in through `importer` and `cohort`, tables leave through `export`; `tables` begins and mends them; `status`,
`agreement` and `audit` look at what is there.
"""

from outages.rooms import handed_on

_HOMES = {
    "importer": "ImportResult import_list",
    "mapping": "presets",
    "guess": "propose=guess",
    "cohort": "add_cohort",
    "export": "write=export",
    "tables": "format_folder new_incident",
    "dictionary": "as_table write_dictionary",
    "status": "health=status",
    "agreement": "compare disagreements read_first read_second",
    "audit": "draw verdicts",
}
__getattr__, __all__ = handed_on(__name__, _HOMES)
