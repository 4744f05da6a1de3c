"""Reading the spikes of a network while it sleeps, or while it is shown views.

The network itself keeps the spikes of its latest cycles, for the traces of plasticity; here they are taken from
there before they are overwritten.
"""

from typing import Any, NamedTuple, Protocol

import numpy as np

from spiking_agent.brain import copied
from spiking_agent.core import life
from spiking_agent.core.network import Brain


class Recorded(Protocol):
    """What is recorded: a `SpikingAgent`, or its `Network`."""

    @property
    def brain(self) -> Brain:
        """The arrays of the network."""

    def sleep(self, n_cycles: int, rates: np.ndarray | None = None) -> None:
        """Sleep for ``n_cycles``, hidden neuron i kicked with probability ``rates[i]``."""


class Spikes(NamedTuple):
    """Spikes of one layer, in the order of cycles."""

    cycle: np.ndarray  # int64[n], counted from the first one recorded
    neuron: np.ndarray  # int32[n], numbered within the layer
    time: np.ndarray  # int32[n], steps of 0.5 ms since the start of the cycle, from 1


class Record(NamedTuple):
    """What a network did in some cycles."""

    n_cycles: int
    hidden: Spikes
    output: Spikes


def record_sleep(agent: Recorded, n_cycles: int, rates: np.ndarray) -> Record:
    """Let the agent sleep for ``n_cycles``, hidden neuron i kicked with probability ``rates[i]`` (float64[H]).

    The agent lives through it: its synapses change unless `SpikingAgent.learning` is off, and its next cycle comes
    after the last of these. Raises ValueError as `SpikingAgent.sleep` does, or if ``n_cycles`` is not positive.
    """
    if n_cycles < 1:
        raise ValueError(f"n_cycles={n_cycles} must be positive, or there is nothing to record")
    net = agent.brain.net[0]
    kept = len(net.spikes.cycle)  # cycles that the network remembers
    reels = _Reel(net.spikes.hidden), _Reel(net.spikes.output)
    done = 0
    while done < n_cycles:
        length = min(kept, n_cycles - done)
        agent.sleep(length, rates)
        rows = (int(net.cycle) - length + np.arange(length)) % kept
        for reel in reels:
            reel.take(rows, done)
        done += length
    return Record(n_cycles, *(reel.spikes() for reel in reels))


def hidden_responses(agent: Recorded, views: np.ndarray, repeats: int) -> np.ndarray:
    """Mean spikes of every hidden neuron when a view is flashed, float64[n, H].

    ``views`` uint8[n, side, side]: food (1) and no food (0), each shown ``repeats`` times, with release noise. The
    agent itself is left as it is. Raises ValueError for views of another size, or if ``repeats`` is not positive.
    """
    side = agent.brain.work[0].retina.shape[0]
    views = np.asarray(views, dtype=np.uint8)
    if views.ndim != 3 or views.shape[1:] != (side, side):
        raise ValueError(f"views of shape {views.shape}; this network is shown [n, {side}, {side}]")
    if repeats < 1:
        raise ValueError(f"repeats={repeats} must be positive, or nothing is shown")
    net = copied(agent.brain.net)
    net[0].learning = 0
    brain = agent.brain._replace(net=net)
    kept = len(net[0].spikes.cycle)
    count, neuron = net[0].spikes.hidden.count, net[0].spikes.hidden.neuron
    responses = np.zeros((len(views), net[0].w_out.shape[0]))
    for _ in range(repeats):
        for response, view in zip(responses, views, strict=True):
            row = int(net[0].cycle) % kept
            life.think(brain, view)
            life.feel(brain, 0)
            np.add.at(response, neuron[row, : count[row]], 1.0)
    return responses / repeats


class _Reel:
    """What is copied from the rows of one layer."""

    def __init__(self, train: Any) -> None:
        self._count, self._neuron, self._time = train.count, train.neuron, train.time
        self._taken: list[Spikes] = []

    def take(self, rows: np.ndarray, first: int) -> None:
        """Rows in the order of their cycles, the first of them cycle number ``first``."""
        counts = self._count[rows]
        spike = np.arange(counts.max(initial=0))
        filled = spike < counts[:, None]
        cycle = np.repeat(first + np.arange(len(rows)), counts)
        neuron, time = (spikes[rows[:, None], spike][filled] for spikes in (self._neuron, self._time))
        self._taken.append(Spikes(cycle, neuron, time))

    def spikes(self) -> Spikes:
        return Spikes(*(np.concatenate(columns) for columns in zip(*self._taken, strict=True)))
