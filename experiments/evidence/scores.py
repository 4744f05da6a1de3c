"""Summary of a score over seeds; the unit is the seed."""

from collections.abc import Sequence
from statistics import fmean, stdev
from typing import NamedTuple


class Summary(NamedTuple):
    """Mean and sample standard deviation over n seeds; one seed has no deviation (nan)."""

    mean: float
    sd: float
    n: int


def summary(values: Sequence[float]) -> Summary:
    """Summarise one value per seed.

    Raises ValueError if there are none.
    """
    if not values:
        raise ValueError("a summary needs at least one value, got none")
    return Summary(fmean(values), stdev(values) if len(values) > 1 else float("nan"), len(values))
