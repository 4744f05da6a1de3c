"""The numbers behind the figures, in two tables: every network on its own, and over networks."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from experiments.evidence.scores import summary
from experiments.evidence.statistics import interval

_RANDOM = 0  # every interval is drawn with this seed, so it does not depend on what else stands in the table


class Measurement(NamedTuple):
    """A row of ``measurements.csv``: a number that a figure shows, of one seed."""

    figure: str
    quantity: str  # with its unit, if it has one
    condition: str  # the stage after which, or along which, it was measured
    seed: int
    value: float


class Overall(NamedTuple):
    """A row of ``summary.csv``: what a figure shows, over networks."""

    figure: str
    quantity: str
    condition: str
    n: int  # networks for which it is defined
    mean: float
    sd: float  # nan for one network
    low: float  # of the 95% BCa interval of the mean; nan where n is too small for one
    high: float


def overall(measurements: Iterable[Measurement]) -> Iterator[Overall]:
    """Every quantity and condition over networks, in the order in which they come; a nan counts as not measured.

    Raises ValueError if a network was measured twice under one name.
    """
    found: dict[tuple[str, str, str], dict[int, float]] = {}
    for row in measurements:
        networks = found.setdefault((row.figure, row.quantity, row.condition), {})
        if row.seed in networks:
            raise ValueError(f"{row} was measured twice; two things need two names")
        networks[row.seed] = row.value
    for key, networks in found.items():
        values = [value for value in networks.values() if not np.isnan(value)]
        if values:
            mean, low, high, n = interval(values, _RANDOM)
            yield Overall(*key, n, mean, summary(values).sd, low, high)
