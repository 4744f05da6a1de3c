"""The two scores of foraging, for numbers and arrays, and the counts of a test that they are made from."""

from typing import Any, NamedTuple

import numpy as np


def performance(rewarded: Any, punished: Any) -> Any:
    """rewarded / (rewarded + punished), the study's score; 0.5, chance, if nothing was eaten."""
    eaten = np.add(rewarded, punished)
    return np.where(eaten == 0, 0.5, rewarded / np.maximum(eaten, 1))


def intake(rewarded: Any, punished: Any, steps: Any) -> Any:
    """(rewarded - punished) in 100 steps; 0 if there was no step."""
    return 100.0 * np.subtract(rewarded, punished) / np.maximum(steps, 1)


class Counts(NamedTuple):
    """What was eaten in a test: pairs rewarded and punished, and the steps it lasted, of all worlds together."""

    rewarded: int
    punished: int
    steps: int  # environment steps: the movement cycles of the spiking agent

    @property
    def performance(self) -> float:
        """rewarded / (rewarded + punished), the score of Golden et al. 2022; 0.5 if nothing was eaten."""
        return float(performance(self.rewarded, self.punished))

    @property
    def intake(self) -> float:
        """(rewarded - punished) per 100 steps; unlike performance it shows an agent that hardly eats."""
        return float(intake(self.rewarded, self.punished, self.steps))
