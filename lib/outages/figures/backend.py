"""Which backend of matplotlib do figures need? None: they become SVG without one, so a setting that is no use here must not fail the import."""

import os

asked = os.environ.pop("MPLBACKEND", None)  # a name that matplotlib does not know fails its import
try:
    import matplotlib
finally:
    if asked is not None:
        os.environ["MPLBACKEND"] = asked
if asked in matplotlib.backends.backend_registry.list_all() or (asked or "").startswith("module://"):
    matplotlib.rcParams["backend"] = asked
