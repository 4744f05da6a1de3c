"""The numbers behind the figures, in one table."""

from typing import NamedTuple


class Measurement(NamedTuple):
    """A row of ``measurements.csv``: a number that a figure shows, of one seed."""

    figure: str
    quantity: str  # with its unit, if it has one
    condition: str  # the stage after which, or along which, it was measured
    seed: int
    value: float
