"""How is an interval rounded so that what is written still holds the exact one?"""

import math
from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

MANY_DAYS = 14  # from here on a length of time has no hours
EXACT = 100_000  # a count below is written with all its digits
Steps = Sequence[tuple[float, float]]  # below which value a number is a multiple of what
DAY_STEPS: Steps = ((MANY_DAYS * 1440, 60), (math.inf, 1440))  # minutes, written in days
ROUND_STEPS: Steps = ((60, 1), (720, 5), (2880, 30), *DAY_STEPS)
STEPS: dict[str, Steps] = {
    "compact": ((1e6, 1), (1e9, 1e5), (1e12, 1e8), (math.inf, 1e11)),  # 3.6 million
    "percent": ((math.inf, 0.001),),
    "whole": ((math.inf, 0.01),),
}


def outward(value: float, rounding: str) -> float:
    """Round to three significant digits in the given direction."""
    if value == 0 or not math.isfinite(value):
        return value
    exact = Decimal(repr(float(value)))
    return float(exact.quantize(Decimal(1).scaleb(exact.adjusted() - 2), rounding=rounding))


def to_step(value: float, steps: Steps, way: Callable[[float], int]) -> float:
    """Return a value as a multiple of the step of its size; an endless one as it is."""
    step = next((step for below, step in steps if value < below), 1)
    return step * way(round(value / step, 6)) if math.isfinite(value) else value


def in_days(low: float, high: float) -> bool:
    """Return whether both ends of a length of time are written in days: one is more than two, and none below one."""
    return 1440 <= low < high and 2880 <= high < math.inf


def rounded(low: float, high: float, how: str) -> tuple[float, float, str]:
    """Return the ends of an interval as they are to be written, outward, and the method that writes them."""
    if how == "round_minutes" and low == high:
        return low, high, "minutes"
    if how in ("minutes", "round_minutes") and low < high:
        steps = ROUND_STEPS if how == "round_minutes" else ((1440 if in_days(low, high) else 2880, 1), *DAY_STEPS)
        ends_a_day = 720 <= high < math.inf and high % 60 == 59
        return to_step(low, steps, math.floor), to_step(high + ends_a_day, steps, math.ceil), how
    if how in STEPS and low < high:
        return to_step(low, STEPS[how], math.floor), to_step(high, STEPS[how], math.ceil), how
    if how == "count" and (low < EXACT or low == high):
        return math.floor(low), math.ceil(high) if math.isfinite(high) else high, "number"
    if how in ("count", "rounded"):
        return outward(low, ROUND_FLOOR), outward(high, ROUND_CEILING), "number"
    return low, high, how
