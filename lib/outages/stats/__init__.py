"""What can be said of values that are known only between two ends? Intervals, inference, and curves over time."""

from outages.rooms import handed_on

_HOMES = {
    "intervals": "Interval difference how_many informative known not_negative overlaps product quantile",
    "inference": "FEW bootstrap cliffs_delta delta_interval permutation_p proportion quantile_interval",
    "turnbull": "Banded Curve resampled share_within",
}
__getattr__, __all__ = handed_on(__name__, _HOMES)
