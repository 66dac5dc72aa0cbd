"""A sample of the run over all doors; `python tests/fuzz/run.py 50000` is the whole of it."""

import pytest
from run import run


@pytest.mark.parametrize("start", [1])
def test_no_input_brings_a_traceback(start):
    """Whatever comes in is taken, or refused in one line; no page changes, and no file stands outside its folder."""
    found, faults = run(600, start)
    assert faults == [] and all(counts["inputs"] for counts in found.values())
    assert sum(counts["accepted"] for counts in found.values()) > 50
