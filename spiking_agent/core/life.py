"""Movement cycles in a row: look, think, move, learn, asleep or awake.

`think` and `feel` are one cycle taken apart, for an agent that is driven from outside through Gymnasium;
`live` is the same two with the compiled world between them, and gives the same bits.

``every_step`` chooses the engine: None the fast one, True the reference. The compiler drops the branch that None
excludes, so nobody waits for an engine that is not used.
"""

import numpy as np

from foraging_env.core import world as world_core
from foraging_env.core.compiled import bare_entry_point, bare_kernel, pasted
from spiking_agent.core import fast, learning, reference
from spiking_agent.core.network import Brain, O
from spiking_agent.core.noise import AT_DIRECTION, AT_EXPLORE, AT_TIE, below_at, cycle_key, uniform_at
from spiking_agent.core.spikes import begin_cycle


@bare_kernel
def _think(brain, every_step):
    """One cycle from ``work.retina`` to the chosen move."""
    net = brain.net
    key = cycle_key(net.stream, net.cycle)
    row = begin_cycle(net)
    if every_step is None:
        fast.transmit_awake(brain, key, row)
    else:
        reference.transmit_awake(brain, key, row)
    spikes = net.spikes.hidden
    for a in range(spikes.count[row]):
        net.measured[spikes.neuron[row, a]] += 1
    net.measured_cycles += 1
    return _decide(brain.params, net, key)


@pasted
def _decide(p, net, key):
    """The direction with most votes, ties by lot; without votes as before; now and then any."""
    most, n_best = 0, 0
    for j in range(O):
        if net.votes[j] > most:
            most, n_best = net.votes[j], 1
        elif net.votes[j] == most:
            n_best += 1
    if most > 0:
        chosen = below_at(key, AT_TIE, n_best)
        for j in range(O):
            if net.votes[j] == most:
                if chosen == 0:
                    net.direction = j
                chosen -= 1
    percent = p.explore_base + (net.hunger * p.explore_slope) // 1.0
    if uniform_at(key, AT_EXPLORE) * 100.0 < percent:
        net.direction = below_at(key, AT_DIRECTION, O)
    return net.direction


@bare_kernel
def _feel(brain, value, every_step):
    """End a cycle awake in which something of this value was eaten (0: nothing, or no value)."""
    net = brain.net
    if net.learning:
        _learn(brain, brain.params.dopamine[value + 1], every_step)
    net.hunger = 0 if value != 0 else net.hunger + 1
    net.cycle += 1


@pasted
def _learn(brain, dopamine, every_step):
    if every_step is None:
        learning.learn(brain, dopamine)
    else:
        reference.learn(brain, dopamine)


@pasted
def _live(brain, shape, world, n_cycles, every_step):
    w = np.int64(0)  # not the constant 0, for which the world's kernels would be compiled once more
    for _ in range(n_cycles):
        world_core.look_one(shape, world, w, brain.work.retina)
        world_core.step_one(shape, world, w, _think(brain, every_step))
        _feel(brain, world_core.value_eaten(world, w), every_step)


@pasted
def _sleep(brain, n_cycles, probability, every_step):
    net = brain.net
    for _ in range(n_cycles):
        key = cycle_key(net.stream, net.cycle)
        row = begin_cycle(net)
        if every_step is None:
            fast.transmit_asleep(brain, key, row, probability)
        else:
            reference.transmit_asleep(brain, key, row, probability)
        if net.learning:
            _learn(brain, brain.params.dopamine_asleep, every_step)
        net.cycle += 1


# What Python calls. Records are taken out of their arrays here, since a compiled function cannot return them.


@bare_entry_point
def think(arrays, view):
    """First half of a cycle awake: from ``view`` uint8[side, side] to the move."""
    brain = Brain(arrays.params[0], arrays.wiring[0], arrays.table[0], arrays.net[0], arrays.work[0], None)
    for row in range(view.shape[0]):
        for col in range(view.shape[1]):
            brain.work.retina[row, col] = view[row, col]
    return _think(brain, arrays.every_step)


@bare_entry_point
def feel(arrays, value):
    """Second half of a cycle awake: learn from the value eaten."""
    brain = Brain(arrays.params[0], arrays.wiring[0], arrays.table[0], arrays.net[0], arrays.work[0], None)
    _feel(brain, value, arrays.every_step)


@bare_entry_point
def live(arrays, shape, world, n_cycles):
    """``n_cycles`` awake in world 0 of ``world``."""
    brain = Brain(arrays.params[0], arrays.wiring[0], arrays.table[0], arrays.net[0], arrays.work[0], None)
    _live(brain, shape, world, n_cycles, arrays.every_step)


@bare_entry_point
def sleep(arrays, n_cycles, probability):
    """``n_cycles`` asleep; hidden neuron i is kicked with ``probability[i]`` in every cycle."""
    brain = Brain(arrays.params[0], arrays.wiring[0], arrays.table[0], arrays.net[0], arrays.work[0], None)
    _sleep(brain, n_cycles, probability, arrays.every_step)
