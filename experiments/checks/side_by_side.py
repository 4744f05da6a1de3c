"""Both engines fed the same views, weights and noise, cycle by cycle, so that their answers can be compared.

Before every cycle the fast engine's network is given everything of the reference engine's but what each engine keeps
of its own membranes: so a difference is seen in the cycle in which it arises, and is not carried on.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from foraging_env.world import Worlds
from spiking_agent.brain import output_weights, refresh
from spiking_agent.core import life
from spiking_agent.core.network import Brain

_OWN = ("membrane", "last_jump", "last_jump_at")  # what is left of the last cycle, as each engine remembers it
_LAYERS = ("input", "hidden", "output")


class Cycle(NamedTuple):
    """What was equal in one cycle: the move, and the spikes of every layer, neuron by neuron and step by step."""

    value: int  # of what was eaten
    moves: bool
    input: bool
    hidden: bool
    output: bool
    weight_gap: float  # largest difference of two weights at the end of the cycle

    @property
    def spikes(self) -> bool:
        """Whether all spikes were equal."""
        return self.input and self.hidden and self.output


def awake(reference: Brain, fast: Brain, worlds: Worlds) -> Iterator[Cycle]:
    """Live in world 0 of ``worlds``, where the reference engine decides; without end."""
    while True:
        _hand_over(reference, fast)
        view = worlds.views[0].astype(np.uint8)
        move, other = (int(life.think(brain, view)) for brain in (reference, fast))
        worlds.step(np.array([move]))
        value = int(worlds.values[0])
        row = _row(reference)
        for brain in (reference, fast):
            life.feel(brain, value)
        yield _compared(reference, fast, row, value, move == other)


def asleep(reference: Brain, fast: Brain, rates: np.ndarray) -> Iterator[Cycle]:
    """Sleep, kicked at ``rates`` float64[H]; without end."""
    while True:
        _hand_over(reference, fast)
        row = _row(reference)
        for brain in (reference, fast):
            life.sleep(brain, 1, rates)
        yield _compared(reference, fast, row, 0, True)


def _row(brain: Brain) -> int:
    net = brain.net[0]
    return int(net.cycle % len(net.spikes.cycle))


def _compared(reference: Brain, fast: Brain, row: int, value: int, moves: bool) -> Cycle:
    one, other = reference.net[0], fast.net[0]
    gaps = (one.w_in - other.w_in, output_weights(one) - output_weights(other))
    gap = max(float(np.abs(gap).max()) for gap in gaps)
    equal = {layer: _spikes(one.spikes[layer], row) == _spikes(other.spikes[layer], row) for layer in _LAYERS}
    return Cycle(value=value, moves=moves, weight_gap=gap, **equal)


def _spikes(train: Any, row: int) -> list[tuple[int, int]]:
    n = train.count[row]
    return sorted(zip(train.neuron[row, :n].tolist(), train.time[row, :n].tolist(), strict=True))


def _hand_over(source: Brain, target: Brain) -> None:
    own = {name: target.net[name].copy() for name in _OWN}
    target.net[...] = source.net
    for name, array in own.items():
        target.net[name] = array
    refresh(target)
