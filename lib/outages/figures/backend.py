"""Which backend of matplotlib do figures need? None, so that a setting nobody uses must not fail the import."""

import os

asked = os.environ.pop("MPLBACKEND", "")  # a name that matplotlib does not know would fail here
try:
    import matplotlib
    from matplotlib.backends import backend_registry
finally:
    if asked:
        os.environ["MPLBACKEND"] = asked
if asked and backend_registry.is_valid_backend(asked):
    matplotlib.rcParams["backend"] = asked
