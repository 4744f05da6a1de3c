"""Weak and strong synapses onto output neurons.

Learning parts them: most fall to the lower bound (1e-5), about an eighth stay near or above 0.1, and few lie between.
So a border anywhere in the gap gives about the same clusters; it is set at a tenth of the weight that all synapses
begin with, and holds for every time alike. (Two means would have no meaning before learning: there is one cluster.)
"""

from typing import NamedTuple

import numpy as np

START = 0.02
"""Weight of every output synapse before any learning."""

BORDER = START / 10
"""From this weight on a synapse is strong."""

GAP = (1e-4, 1e-2)
"""Between these weights lie the synapses of neither cluster."""


class Fates(NamedTuple):
    """What became of strong synapses, as shares of those that were strong before; gained may exceed 1."""

    kept: float
    gained: float


def strong(weights: np.ndarray) -> np.ndarray:
    """Which synapses are strong, bool of the same shape."""
    return np.asarray(weights >= BORDER)


def sizes(weights: np.ndarray) -> np.ndarray:
    """Mean number of strong synapses of an output neuron, float64[...] from weights [..., outputs, hidden]."""
    return np.asarray(strong(weights).sum(axis=-1).mean(axis=-1))


def between(weights: np.ndarray) -> np.ndarray:
    """Share of synapses in the gap, float64[...] from weights [..., outputs, hidden]."""
    low, high = GAP
    return np.asarray(((weights > low) & (weights < high)).mean(axis=(-2, -1)))


def fates(before: np.ndarray, after: np.ndarray) -> Fates:
    """From the same synapses before and after a stage.

    Raises ValueError if none was strong.
    """
    first, then = strong(before), strong(after)
    if not first.any():
        raise ValueError(f"no synapse reaches {BORDER} before the stage, so none can be kept")
    return Fates(float((first & then).sum() / first.sum()), float((~first & then).sum() / first.sum()))


def by_history(ends: np.ndarray) -> np.ndarray:
    """An order of synapses that shows their fate: strong at the end by weight, then by the largest weight they had.

    ``ends`` float[stages, hidden]: weights onto one neuron after each stage. Returns int64[hidden].
    """
    last = ends[-1]
    return np.lexsort((-ends.max(axis=0), np.where(strong(last), -last, 0.0)))
