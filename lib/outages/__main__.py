"""Runs the command line: `python -m outages`."""

import sys

from outages.cli import main

if __name__ == "__main__":
    sys.exit(main())
