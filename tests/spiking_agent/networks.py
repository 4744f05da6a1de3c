"""Networks to test with: newborn ones, and ones whose outputs fire and disagree."""

from typing import Any

import numpy as np

from foraging_env import TASKS
from foraging_env.world import Worlds
from spiking_agent.brain import copied as copied_record
from spiking_agent.brain import make_brain, make_network, set_output_weights
from spiking_agent.config import NetworkConfig
from spiking_agent.core.network import Brain

SIDE = 7


def newborn(seed: int = 0, config: NetworkConfig | None = None, engine: str = "fast") -> Brain:
    """A network that nothing has happened to; it does not learn."""
    config = config or NetworkConfig()
    wiring, net = make_network(config, SIDE, np.random.default_rng(seed))
    return make_brain(config, engine, SIDE, wiring, net)


def lively(seed: int = 0, engine: str = "fast", config: NetworkConfig | None = None) -> Brain:
    """A network as after training: few hidden neurons fire, weights are unequal, nearly every cycle has votes."""
    brain = newborn(seed, config, engine=engine)
    net = brain.net[0]
    net.w_in *= 0.6
    net.input_target = net.w_in.sum(axis=0)
    weights = np.random.default_rng(seed).lognormal(0.0, 1.0, (8, len(net.alive)))
    weights = np.minimum(weights * 15.68 / weights.sum(axis=1, keepdims=True), 0.9)
    set_output_weights(net, weights * 15.68 / weights.sum(axis=1, keepdims=True))
    net.learning = 1
    return brain


def copied(brain: Brain, engine: str = "fast", config: NetworkConfig | None = None) -> Brain:
    """The same network once more, run by that engine."""
    return make_brain(config or NetworkConfig(), engine, SIDE, brain.wiring, copied_record(brain.net))


def freeze_some(net: Any, rng: np.random.Generator, fraction: float = 0.3) -> None:
    """Freeze a random fraction of the hidden-to-output synapses."""
    net.free = rng.random(net.free.shape) >= fraction
    net.n_frozen = (net.free == 0.0).sum(axis=0)


def world(task: str = "task1", seed: int = 0) -> Worlds:
    """One world of the study's geometry."""
    worlds = Worlds(1)
    worlds.assign(0, TASKS[task])
    worlds.seed(0, np.random.default_rng(seed))
    worlds.build()
    return worlds


def some_view(rng: np.random.Generator, n_food: int = 6) -> np.ndarray:
    """uint8[7, 7] with food in ``n_food`` random cells."""
    view = np.zeros(SIDE * SIDE, np.uint8)
    view[rng.choice(SIDE * SIDE, n_food, replace=False)] = 1
    return view.reshape(SIDE, SIDE)


def spikes(net: Any, layer: str, row: int = 0) -> list[tuple[int, int]]:
    """(neuron, step) of every spike of a layer in the cycle recorded in that row."""
    train = net.spikes[layer]
    n = train.count[row]
    return sorted(zip(train.neuron[row, :n].tolist(), train.time[row, :n].tolist(), strict=True))
