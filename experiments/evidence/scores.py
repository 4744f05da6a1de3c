"""What a test says: performance and intake, and their summary over seeds (the unit is the seed)."""

from collections.abc import Sequence
from statistics import fmean, stdev
from typing import NamedTuple


class Counts(NamedTuple):
    """What was eaten in a test: pairs rewarded and punished, and the movement cycles it lasted."""

    rewarded: int
    punished: int
    cycles: int

    @property
    def performance(self) -> float:
        """Share of rewarded pairs among those eaten, the score of Golden et al. 2022; 0.5 if none was eaten."""
        eaten = self.rewarded + self.punished
        return self.rewarded / eaten if eaten else 0.5

    @property
    def intake(self) -> float:
        """Rewarded minus punished pairs per 100 cycles; unlike performance it shows an agent that hardly eats."""
        return 100.0 * (self.rewarded - self.punished) / self.cycles


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
