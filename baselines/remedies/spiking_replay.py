"""Sleep of a perceptron: its units spike, noise drives them, a Hebbian rule changes the weights.

Tadros, Krishnan, Ramyaa, Bazhenov 2022, Nat Commun 13: 7742 ("Sleep replay consolidation", Methods), after Krishnan et
al. 2019, arXiv 1908.02240; what the papers leave open is as in their public simulation
(github.com/tmtadros/SleepReplayConsolidation). In every step, for every layer in turn::

    v     = decay v + s W before          membranes; ``before``: which units of the layer below fired in this step
    after = v >= threshold                Heaviside units in place of rectified ones
    w    += up f(w)                       of every unit that fired, from every unit below that fired,
    w    -= down f(w)                     and from every other unit below;   f(w) = 2 / (1 + exp(w / width))
    v     = 0                             where it fired

s = (largest activation of the layer below) / (largest activation of this one) makes currents of activations, as in
Diehl et al. 2015 (IJCNN, "data-based normalisation"). It is the currents that are scaled, so weights need no scaling
back: a layer that never fires keeps its own to the bit.

A layer hears only of the layer below, and within the same step. So one layer after the other can live through the
whole night, and the numbers are those of all layers going from step to step together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from foraging_env.core.compiled import entry_point


class Layer(NamedTuple):
    """A layer of a perceptron."""

    weights: np.ndarray  # float64[units, units below]
    bias: np.ndarray  # float64[units]


class Slept(NamedTuple):
    """What a night has made."""

    weights: list[np.ndarray]  # float64[units, units below] of every layer
    rates: list[float]  # spikes per unit and step, of the inputs and of every layer


@dataclass(frozen=True)
class Night:
    """How a network sleeps. Raises ValueError for what cannot be."""

    steps: int
    threshold: float  # of a membrane; at 1 a unit with the layer's largest activation would fire in every step
    up: float  # change of a weight between two units that fire, in standard deviations of the layer's weights
    down: float  # the same, where the unit below is silent
    width: float = 2.0  # of f, in standard deviations of the layer's weights; at infinity f is 1
    decay: float = 0.999  # what is left of a membrane's potential after a step
    input_gain: float = 0.5  # an input's probability to fire in a step, as a share of its mean rate
    bias: bool = False  # whether biases flow into the membranes as constant currents

    def __post_init__(self) -> None:
        if self.steps < 0:
            raise ValueError(f"steps={self.steps} must be at least 0")
        if self.threshold <= 0:
            raise ValueError(f"threshold={self.threshold} must be above 0, or units would fire for ever")
        if self.up < 0 or self.down < 0 or self.width <= 0:
            raise ValueError(f"up={self.up} and down={self.down} must be at least 0, width={self.width} above 0")
        if not 0 <= self.decay <= 1 or self.input_gain < 0:
            raise ValueError(f"decay={self.decay} must lie in [0, 1], input_gain={self.input_gain} at or above 0")


def largest_activations(layers: Sequence[Layer], views: np.ndarray) -> list[float]:
    """The largest activation of every layer on ``views`` [n, inputs]; its largest weight, if that is larger.

    Hidden layers are rectified; so is the last one here, since a spiking unit cannot do less than be silent.
    """
    largest = []
    below = np.asarray(views, dtype=np.float64)
    for layer in layers:
        below = np.maximum(below @ layer.weights.T + layer.bias, 0.0)
        largest.append(float(max(below.max(), layer.weights.max(), 0.0)) or 1.0)
    return largest


def sleep(
    layers: Sequence[Layer],
    rates: np.ndarray,
    largest: Sequence[float],
    night: Night,
    generator: np.random.Generator,
) -> Slept:
    """Let a network sleep; ``layers`` stay as they are, new weights are returned.

    Args:
        layers: from the inputs upwards
        rates: float[inputs] in [0, 1], mean rate of every input
        largest: the largest activation of every layer, above 0
        night: how it sleeps
        generator: of the inputs' spikes; what else happens is fixed by them

    Raises ValueError for rates outside of [0, 1], or not one for each input, or activations that are not one for each
    layer and above 0.
    """
    if len(largest) != len(layers) or min(largest) <= 0:
        raise ValueError(f"{len(layers)} layers need as many largest activations, all above 0, got {list(largest)}")
    rates = np.asarray(rates, dtype=np.float64)
    n_inputs = layers[0].weights.shape[1]
    if rates.shape != (n_inputs,) or not ((rates >= 0) & (rates <= 1)).all():
        raise ValueError(f"rates must be {n_inputs} numbers in [0, 1], got {rates}")
    spikes = generator.random((night.steps, n_inputs)) < night.input_gain * rates
    slept, fired, below = [], [_mean(spikes)], 1.0
    for layer, activation in zip(layers, largest, strict=True):
        weights = np.array(layer.weights, dtype=np.float64, order="C")
        current = np.zeros(len(weights))
        if night.bias:
            current += night.input_gain / activation * layer.bias
        after = np.zeros((night.steps, len(weights)), dtype=np.bool_)
        unit = float(weights.std())  # 0 where all weights are equal: then nothing can change
        _live_through(
            weights,
            current,
            below / activation,
            night.threshold,
            night.decay,
            night.up * unit,
            night.down * unit,
            night.width * unit if unit > 0 else 1.0,
            spikes,
            after,
        )
        slept.append(weights)
        fired.append(_mean(after))
        spikes, below = after, activation
    return Slept(slept, fired)


def _mean(spikes: np.ndarray) -> float:
    return float(spikes.mean()) if spikes.size else 0.0


@entry_point
def _live_through(
    weights: np.ndarray,
    current: np.ndarray,
    scale: float,
    threshold: float,
    decay: float,
    up: float,
    down: float,
    width: float,
    before: np.ndarray,
    after: np.ndarray,
) -> None:
    """One layer, all steps: changes ``weights``, and writes its spikes into ``after`` bool[steps, units]."""
    n_units, n_below = weights.shape
    potential = np.zeros(n_units)
    active = np.zeros(n_below, dtype=np.int64)
    for step in range(before.shape[0]):
        n_active = 0
        for j in range(n_below):
            if before[step, j]:
                active[n_active] = j
                n_active += 1
        for i in range(n_units):
            impulse = 0.0
            for k in range(n_active):
                impulse += weights[i, active[k]]
            potential[i] = decay * potential[i] + scale * impulse + current[i]
            if potential[i] >= threshold:
                potential[i] = 0.0
                after[step, i] = True
                for j in range(n_below):
                    # 2 / (1 + exp(x)) is 1 - tanh(x / 2), which cannot overflow.
                    share = 1.0 - np.tanh(0.5 * weights[i, j] / width)
                    weights[i, j] += up * share if before[step, j] else -down * share
