"""``forage bench size``: what a movement cycle costs as the network, or its view, grows, at equal activity.

What a cycle costs depends on the spikes in it. So in every network about as many hidden neurons fire in a cycle as in
the paper's, eight, however many there are: input weights are multiplied by the number that brings that about. Output
resistance is set to 3, where it rests in the paper's network. The unsupervised stage is timed with all input synapses
learning.
"""

import time
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np

import foraging_env  # noqa: F401  registers Forage-v0
from spiking_agent import NetworkConfig, SpikingAgent
from spiking_agent.config import WiringConfig

FIRING = 8.0
"""Hidden neurons that fire in a cycle."""

SIZES = ((784, 7), (3_136, 7), (12_544, 7), (784, 21))
"""Hidden neurons, and cells on a side of the view; all inputs must have equally many synapses."""

_HALVINGS = 14
_SETTLING = 3_000  # cycles in which the activity is counted
_SEED = 1


class Lengths(NamedTuple):
    """Movement cycles of every part of the measurement."""

    repeats: int = 7
    living: int = 20_000  # before anything is timed
    timed: int = 4_000  # in every repeat


class Cost(NamedTuple):
    """Processor microseconds of a cycle, world included."""

    n_hidden: int
    view: int
    firing: float  # hidden neurons that fire in a cycle
    training: float
    test: float
    sleep: float
    unsupervised: float


DEFAULT = Lengths()


def costs(lengths: Lengths = DEFAULT, tell: Callable[[Cost], None] = lambda cost: None) -> list[Cost]:
    """Of every network of `SIZES`."""
    found = []
    for n_hidden, view in SIZES:
        found.append(_cost(n_hidden, view, lengths))
        tell(found[-1])
    return found


def _cost(n_hidden: int, view: int, lengths: Lengths) -> Cost:
    agent = _agent(n_hidden, view)
    firing = _equalise(agent, n_hidden)
    agent.set_output_resistance(3.0)
    _learn(agent, lengths.living)
    rates = np.full(n_hidden, FIRING / n_hidden)
    lives: tuple[Callable[[int], Any], ...] = (
        lambda n: _learn(agent, n),
        lambda n: agent.evaluate("task1", n, 3),
        lambda n: agent.sleep(n, rates),
    )
    training, test, sleep = (_microseconds(live, lengths) for live in lives)
    net: Any = agent.brain.net[0]
    net.plastic_input = 1
    return Cost(n_hidden, view, firing, training, test, sleep, _microseconds(lives[0], lengths))


def _agent(n_hidden: int, view: int) -> SpikingAgent:
    wiring = WiringConfig(n_hidden=n_hidden, output_weight=WiringConfig.output_weight * 784 / n_hidden)
    world = gym.make("Forage-v0", task="task1", view=view, max_episode_steps=-1)
    agent = SpikingAgent(world, NetworkConfig(wiring=wiring), seed=_SEED)
    _learn(agent, 1)
    agent.freeze_hidden()
    return agent


def _equalise(agent: SpikingAgent, n_hidden: int) -> float:
    """Multiply input weights until `FIRING` hidden neurons fire in a cycle; returns how many do."""
    net: Any = agent.brain.net[0]
    weights = net.w_in.copy()
    low, high, firing = 0.1, 3.0, 0.0
    agent.learning = False
    for _ in range(_HALVINGS):
        factor = (low + high) / 2
        net.w_in = weights * factor
        net.input_version += 1  # what is computed from them is computed anew
        net.measured, net.measured_cycles = 0, 0
        _learn(agent, _SETTLING)
        firing = float(net.measured.sum() / net.measured_cycles)
        low, high = (low, factor) if firing > FIRING else (factor, high)
    agent.learning = True
    return firing


def _learn(agent: SpikingAgent, cycles: int) -> None:
    agent.learn(cycles, reset_num_timesteps=False, log_interval=None)


def _microseconds(live: Callable[[int], Any], lengths: Lengths) -> float:
    live(lengths.timed // 8)
    found = []
    for _ in range(lengths.repeats):
        begin = time.process_time()
        live(lengths.timed)
        found.append(1e6 * (time.process_time() - begin) / lengths.timed)
    return median(found)
