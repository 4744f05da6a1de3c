"""The fast engine: one movement cycle layer by layer instead of step by step.

The network is feed-forward and quiet long before a cycle ends, so
- every input neuron that sees food fires once, `arrival` steps after the flash;
- a hidden neuron gets all its input in that one step, and its answer is looked up (`response`);
- only the 8 output neurons are stepped (`outputs`), from the first hidden spike until they are quiet again.
"""

import numpy as np

from foraging_env.core.compiled import bare_kernel, inlined, pasted
from spiking_agent.core.lanes import WIDTH, bits, load, lowest, select, store, total
from spiking_agent.core.network import AT_ARRIVAL, AT_START, O
from spiking_agent.core.neurons import run_neuron, set_to_rest
from spiking_agent.core.noise import (
    AT_INPUT,
    AT_SLEEP,
    high_halves,
    low_halves,
    release,
    uniform_at,
    uniforms_at,
    words_at,
)
from spiking_agent.core.output_synapses import has_frozen, weights_of
from spiking_agent.core.outputs import run_outputs
from spiking_agent.core.response import MAX_SPIKES, interval_after, remaining
from spiking_agent.core.spikes import add_spike


@pasted
def transmit_awake(brain, key, row):
    """Flash ``work.retina`` and run the network for one cycle."""
    _collect_input(brain, key, row)
    _answer(brain, key, row, AT_ARRIVAL)
    run_outputs(brain, row)


@pasted
def transmit_asleep(brain, key, row, probability):
    """Kick hidden neuron i with ``probability[i]`` (float64[H]) and run the network for one cycle."""
    jump, flash = brain.work.jump, brain.params.flash
    n_hidden = jump.shape[0]
    whole = n_hidden - n_hidden % WIDTH
    for first in range(0, whole, WIDTH):
        kicked = uniforms_at(key, AT_SLEEP + first) < load(probability, first)
        store(jump, first, select(kicked, flash, 0.0))
    for i in range(whole, n_hidden):
        jump[i] = select(uniform_at(key, AT_SLEEP + i) < probability[i], flash, 0.0)
    _answer(brain, key, row, AT_START)
    run_outputs(brain, row)


@bare_kernel
def _collect_input(brain, key, row):
    """Sum into ``work.jump`` what the firing input neurons send."""
    p, net, work = brain.params, brain.net, brain.work
    sorted_out = work.input_version == net.input_version + 1
    if not sorted_out and not (net.plastic_input and net.learning):
        _sort_inputs(brain)
        sorted_out = True
    n_words = (brain.wiring.target.shape[1] + 1) // 2
    side = work.retina.shape[0]
    work.jump[:] = 0.0
    for neuron in range(side * side):
        if work.retina[neuron // side, neuron % side] == 0:
            continue
        add_spike(net, net.spikes.input, row, neuron, brain.table.arrival)
        for m in range(0, n_words, WIDTH):
            words = words_at(key, AT_INPUT + neuron * n_words + m)
            even, odd = release(p, low_halves(words)), release(p, high_halves(words))
            if sorted_out:
                _receive(work, neuron, 0, m, even)
                _receive(work, neuron, 1, m, odd)
            else:
                _receive_unsorted(brain, neuron, 2 * m, even)
                _receive_unsorted(brain, neuron, 2 * m + 1, odd)


@inlined
def _receive(work, neuron, half, m, noise):
    """Add what eight synapses transmit to the jumps of their targets."""
    target = work.target[neuron, half]
    store(work.eight, 0, load(work.weight[neuron, half], m) * noise)
    for lane in range(WIDTH):
        work.jump[np.uintp(target[m + lane])] += work.eight[0, lane]


@inlined
def _receive_unsorted(brain, neuron, first, noise):
    """The same for every second synapse from ``first`` on, with weights that change from cycle to cycle."""
    wiring, net, work = brain.wiring, brain.net, brain.work
    store(work.eight, 0, noise)
    for lane in range(min(WIDTH, (wiring.target.shape[1] - first + 1) // 2)):
        slot, target = (
            np.uintp(wiring.slot[neuron, first + 2 * lane]),
            np.uintp(wiring.target[neuron, first + 2 * lane]),
        )
        work.jump[target] += net.w_in[slot, target] * work.eight[0, lane]


@bare_kernel
def _sort_inputs(brain):
    """Copy the weights to where every input neuron's lie side by side."""
    wiring, net, work = brain.wiring, brain.net, brain.work
    for neuron in range(wiring.target.shape[0]):
        for q in range(wiring.target.shape[1]):
            i = wiring.target[neuron, q]
            work.target[neuron, q % 2, q // 2] = i
            work.weight[neuron, q % 2, q // 2] = net.w_in[wiring.slot[neuron, q], i]
    work.input_version = net.input_version + 1


@bare_kernel
def _answer(brain, key, row, when):
    """Look up what every hidden neuron does after its jump; send its spikes on."""
    table, net, work = brain.table, brain.net, brain.work
    n_hidden = work.jump.shape[0]
    whole = n_hidden - n_hidden % WIDTH
    n_moved = 0
    for first in range(0, whole, WIDTH):
        work.moved[n_moved] = first
        n_moved += bits(load(work.jump, first) >= table.smallest) != 0
    gap = 1 + when - net.last_jump_at
    for n in range(n_moved):
        first = np.int64(work.moved[n])
        moved = bits(load(work.jump, first) >= table.smallest)
        while moved != 0:
            _answer_one(brain, key, row, when, gap, first + lowest(moved))
            moved &= moved - 1
    for i in range(whole, n_hidden):
        if work.jump[i] >= table.smallest:
            _answer_one(brain, key, row, when, gap, i)
    for i in range(n_hidden):
        net.last_jump[i] = work.jump[i]
    net.last_jump_at = when


@inlined
def _answer_one(brain, key, row, when, gap, i):
    """Look up, or simulate, what hidden neuron ``i`` does after its jump; send its spikes on."""
    p, table, net, work = brain.params, brain.table, brain.net, brain.work
    if net.alive[i] == 0.0:
        return
    start = table.arrival if when == AT_ARRIVAL else 0
    jump = work.jump[i]
    if jump < table.largest:
        dv, dslow, dcurrent = 0.0, 0.0, 0.0
        if net.last_jump[i] > 0.0:
            dv, dslow, dcurrent = remaining(table, gap, net.last_jump[i])
        k = interval_after(table, jump, dv, dslow, dcurrent)
        for n in range(table.n_spikes[k]):
            _send(brain, key, row, i, n, start + table.times[k, n])
    else:
        set_to_rest(p.neuron, work.one, 0, 1)
        work.one.current[0] = jump
        n_spikes = run_neuron(p.neuron, work.one, 0, p.cycle_steps - start, work.times)
        for n in range(min(n_spikes, MAX_SPIKES)):
            _send(brain, key, row, i, n, start + work.times[n])


@bare_kernel
def _send(brain, key, row, hidden, ordinal, t):
    """Record one hidden spike and add it to the drive of the outputs: excitation, and inhibition by its mean."""
    p, net, drive = brain.params, brain.net, brain.work.drive
    if t > p.cycle_steps:
        return
    add_spike(net, net.spikes.hidden, row, hidden, t)
    weights, free = weights_of(net, hidden, has_frozen(net))
    n_free = total(free)
    mean = total(free * weights) / n_free if n_free > 0.0 else 0.0
    words = words_at(key, (ordinal * net.alive.shape[0] + hidden) * O)
    excited = weights * release(p, low_halves(words))
    inhibited = mean * release(p, high_halves(words))
    store(drive, t, load(drive, t) + (excited - inhibited) / load(net.resistance, 0))
