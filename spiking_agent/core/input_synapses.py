"""Synapses from the input to the hidden layer, and the hidden layer's homeostasis: the unsupervised stage.

Golden et al. 2022, Methods, "Synaptic plasticity" and "Homeostasis". For every synapse with live traces e_k, at the end
of the cycle:

    w     = w prod_k (1 + (W_i0 / W_i) clip(e_k))

Then weights are brought within their bounds, and one factor for all inputs of a hidden neuron keeps their sum at its
target.
"""

import numpy as np

from foraging_env.core.compiled import bare_kernel, inlined
from spiking_agent.core.lanes import WIDTH, load, same, select, store
from spiking_agent.core.spikes import is_live
from spiking_agent.core.traces import within


@bare_kernel
def change_inputs(brain):
    """Learn at the end of a cycle."""
    _weigh_inputs(brain)
    for row in range(brain.net.spikes.cycle.shape[0]):
        if is_live(brain.net, row):
            _apply_traces(brain, row)
    _scale(brain)


@bare_kernel
def _weigh_inputs(brain):
    """W_i0 / W_i of the input neurons that fired in the latest cycles."""
    wiring, net, work = brain.wiring, brain.net, brain.work
    n_inputs, n_synapses = wiring.target.shape
    work.input_ratio[:] = 0.0
    for row in range(net.spikes.cycle.shape[0]):
        if is_live(net, row):
            for a in range(net.spikes.input.count[row]):
                work.input_ratio[net.spikes.input.neuron[row, a]] = 1.0
    for neuron in range(n_inputs):
        if work.input_ratio[neuron] == 0.0:
            continue
        a, b, c, d = 0.0, 0.0, 0.0, 0.0  # since one sum would wait for itself
        whole = n_synapses - n_synapses % 4
        for q in range(0, whole, 4):
            a += _weight(wiring, net, neuron, q)
            b += _weight(wiring, net, neuron, q + 1)
            c += _weight(wiring, net, neuron, q + 2)
            d += _weight(wiring, net, neuron, q + 3)
        for q in range(whole, n_synapses):
            a += _weight(wiring, net, neuron, q)
        work.input_ratio[neuron] = wiring.input_total[neuron] / ((a + b) + (c + d))


@inlined
def _weight(wiring, net, neuron, synapse):
    return net.w_in[np.uintp(wiring.slot[neuron, synapse]), np.uintp(wiring.target[neuron, synapse])]


@bare_kernel
def _apply_traces(brain, row):
    p, wiring, net, work = brain.params, brain.wiring, brain.net, brain.work
    hidden, inputs = net.spikes.hidden, net.spikes.input
    reach = p.window.shape[0]
    now = (net.cycle - net.spikes.cycle[row] + 1) * p.cycle_steps
    work.step_of_input[:] = 0  # an input neuron fires at most once a cycle here
    for a in range(inputs.count[row]):
        work.step_of_input[inputs.neuron[row, a]] = inputs.time[row, a]
    for b in range(hidden.count[row]):
        i = hidden.neuron[row, b]
        after = hidden.time[row, b]
        for f in range(net.w_in.shape[0]):
            neuron = wiring.source[f, i]
            before = work.step_of_input[neuron]
            lag = after - before
            if before == 0 or lag >= reach or lag <= -reach:
                continue
            e = p.window[lag] * p.fade[now - after] if lag >= 0 else -p.window[-lag] * p.fade[now - before]
            net.w_in[f, i] *= 1.0 + work.input_ratio[neuron] * within(e, -p.largest_change, p.largest_change)


@bare_kernel
def _scale(brain):
    """Bounds, then one factor for the inputs of every hidden neuron, so that their sum is its target again."""
    p, net = brain.params, brain.net
    n_inputs, n_hidden = net.w_in.shape
    whole = n_hidden - n_hidden % WIDTH
    for first in range(0, whole, WIDTH):
        total = same(0.0)
        for f in range(n_inputs):
            w = within(load(net.w_in[f], first), p.smallest_weight, p.largest_input_weight)
            store(net.w_in[f], first, w)
            total = total + w
        factor = load(net.input_target, first) / total
        for f in range(n_inputs):
            store(net.w_in[f], first, load(net.w_in[f], first) * factor)
    for i in range(whole, n_hidden):
        one = 0.0
        for f in range(n_inputs):
            net.w_in[f, i] = within(net.w_in[f, i], p.smallest_weight, p.largest_input_weight)
            one += net.w_in[f, i]
        for f in range(n_inputs):
            net.w_in[f, i] *= net.input_target[i] / one
    net.input_version += 1
    brain.work.input_version = 0


@bare_kernel
def regulate_hidden(brain):
    """Homeostasis: a hidden neuron that fires too often loses input, one that fires too seldom gains."""
    p, net, work = brain.params, brain.net, brain.work
    row = net.cycle % net.spikes.cycle.shape[0]
    n_hidden = net.rate_hidden.shape[0]
    work.fired[:] = 0.0
    for a in range(net.spikes.hidden.count[row]):
        work.fired[net.spikes.hidden.neuron[row, a]] += 1.0
    whole = n_hidden - n_hidden % WIDTH
    for first in range(0, whole, WIDTH):
        rate = _rate(p, load(net.rate_hidden, first), load(work.fired, first))
        store(net.rate_hidden, first, rate)
        store(net.input_target, first, load(net.input_target, first) * _growth(p, rate))
    for i in range(whole, n_hidden):
        net.rate_hidden[i] = _rate(p, net.rate_hidden[i], work.fired[i])
        net.input_target[i] *= _growth(p, net.rate_hidden[i])


@inlined
def _rate(p, before, fired):
    """Average rate of one neuron, or of eight, after a cycle in which it fired that often."""
    return (1.0 - p.rate_memory) * before + p.rate_memory * fired


@inlined
def _growth(p, rate):
    """Factor of the input of one neuron, or of eight, that fire at that rate."""
    return select(
        rate > p.hidden_rate, 1.0 - p.homeostasis_step, select(rate < p.hidden_rate, 1.0 + p.homeostasis_step, 1.0)
    )
