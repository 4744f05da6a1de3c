"""The two scores of foraging, for numbers and arrays."""

from typing import Any

import numpy as np


def performance(rewarded: Any, punished: Any) -> Any:
    """rewarded / (rewarded + punished), the study's score; 0.5, chance, if nothing was eaten."""
    eaten = np.add(rewarded, punished)
    return np.where(eaten == 0, 0.5, rewarded / np.maximum(eaten, 1))


def intake(rewarded: Any, punished: Any, steps: Any) -> Any:
    """(rewarded - punished) in 100 steps; 0 if there was no step."""
    return 100.0 * np.subtract(rewarded, punished) / np.maximum(steps, 1)
