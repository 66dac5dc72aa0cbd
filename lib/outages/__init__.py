"""Open registry and comparative study of major network outages."""

__version__ = "0.1.0"
