"""Traces of the pairs of a hidden and an output spike, and what they come to in every cycle that they live.

A pair of spikes at steps t_pre and t_post of one cycle leaves, at the end of this cycle and of the L - 1 next ones,

    e = +- K exp(-|t_post - t_pre| / T_c) / (age + 600)

(Golden et al. 2022, Methods, "Synaptic plasticity"). Only the age differs from one cycle to the next. So when a cycle
ends, the sums of e and of e^2 that each of its synapses will have at every age are taken at once, ages side by side in
`lanes`, and kept in ``work.traces``. They can be made anew from the recorded spikes at any time.
"""

import numpy as np

from foraging_env.core.compiled import bare_kernel, inlined
from spiking_agent.core.lanes import WIDTH, load, same, select, store
from spiking_agent.core.network import ENTRIES, O
from spiking_agent.core.spikes import is_live


@inlined
def has_traces(net, row):
    """True if the row's cycle is live and both layers fired in it."""
    return is_live(net, row) and net.spikes.output.count[row] > 0 and net.spikes.hidden.count[row] > 0


@inlined
def within(value, low, high):
    """One number, or eight, within ``low`` and ``high``."""
    value = select(value < low, low, value)
    return select(value > high, high, value)


@inlined
def _numerator(p, lag):
    """The part of e that does not depend on the age, by the steps from the hidden to the output spike."""
    reach = p.window.shape[0]
    return p.numerator[np.uintp(min(max(lag, -reach), reach) + reach)]


@bare_kernel
def sum_traces(brain, row):
    """Add the row's traces to ``eligibility``, their squares to ``squares``, and count them in ``pairs``."""
    net, work = brain.net, brain.work
    traces = work.traces
    if traces.cycle[row] != net.spikes.cycle[row] + 1:
        _sort_outputs(net, traces, row)
        _collect(brain, row)
    age = net.cycle - net.spikes.cycle[row]
    if traces.count[row] < 0:
        _sum_one_by_one(brain, row, age)
        return
    sums, squares = traces.sums[row, age], traces.squares[row, age]
    for n in range(traces.count[row]):
        synapse = np.uintp(traces.synapse[row, n])
        work.eligibility[synapse] += sums[n]
        work.squares[synapse] += squares[n]
        work.pairs[synapse] += traces.pairs[row, n]


@bare_kernel
def _sort_outputs(net, traces, row):
    """Write the steps at which the outputs fired in the row's cycle, neuron by neuron."""
    output = net.spikes.output
    n = 0
    for j in range(O):
        traces.begin[row, j] = n
        for b in range(output.count[row]):
            if output.neuron[row, b] == j:
                traces.fired_at[row, n] = output.time[row, b]
                n += 1
    traces.begin[row, O] = n


@bare_kernel
def _collect(brain, row):
    """Take the sums of the row's traces at every age, synapse by synapse."""
    p, traces, eight = brain.params, brain.work.traces, brain.work.eight
    hidden, n_ages = brain.net.spikes.hidden, traces.sums.shape[1]
    traces.cycle[row] = brain.net.spikes.cycle[row] + 1
    n_active = 0
    for j in range(O):
        if traces.begin[row, j + 1] > traces.begin[row, j]:
            n_active += 1
    if n_active * hidden.count[row] > ENTRIES:
        traces.count[row] = -1
        return
    count = 0
    for block in range(p.fade_by_age.shape[0]):
        fade, youngest = p.fade_by_age[block], block * WIDTH
        count = 0
        for j in range(O):
            begin, end = traces.begin[row, j], traces.begin[row, j + 1]
            if begin == end:
                continue
            for a in range(hidden.count[row]):
                before, pairs = hidden.time[row, a], 0
                e_sum, e_squares = same(0.0), same(0.0)
                for b in range(begin, end):
                    after = traces.fired_at[row, b]
                    numerator = _numerator(p, after - before)
                    pairs += numerator != 0.0
                    e = numerator * load(fade, max(before, after))
                    e_sum = e_sum + e
                    e_squares = e_squares + e * e
                store(eight, 0, e_sum)
                store(eight, 1, e_squares)
                for age in range(youngest, min(youngest + WIDTH, n_ages)):
                    traces.sums[row, age, count] = eight[0, age - youngest]
                    traces.squares[row, age, count] = eight[1, age - youngest]
                traces.synapse[row, count] = hidden.neuron[row, a] * O + j
                traces.pairs[row, count] = pairs
                count += pairs > 0  # else they are too far apart
    traces.count[row] = count


@inlined
def _trace(p, before, after, age):
    """e of a pair of spikes at steps ``before`` and ``after`` of a cycle that was ``age`` cycles ago."""
    return _numerator(p, after - before) * p.fade[np.uintp((age + 1) * p.cycle_steps - max(before, after))]


@bare_kernel
def _sum_one_by_one(brain, row, age):
    """What `sum_traces` does, for a cycle with more synapses than are kept."""
    p, work = brain.params, brain.work
    hidden, traces = brain.net.spikes.hidden, brain.work.traces
    for a in range(hidden.count[row]):
        for j in range(O):
            synapse = np.uintp(hidden.neuron[row, a] * O + j)
            for b in range(traces.begin[row, j], traces.begin[row, j + 1]):
                e = _trace(p, hidden.time[row, a], traces.fired_at[row, b], age)
                work.eligibility[synapse] += e
                work.squares[synapse] += e * e
                work.pairs[synapse] += e != 0.0


@bare_kernel
def apply_traces(brain, row):
    """Change the weights that have a ``gain`` by the row's traces, one by one."""
    p, net, work = brain.params, brain.net, brain.work
    hidden, traces = net.spikes.hidden, work.traces
    age = net.cycle - net.spikes.cycle[row]
    for j in range(O):
        begin, end = traces.begin[row, j], traces.begin[row, j + 1]
        if begin == end:
            continue
        for a in range(hidden.count[row]):
            i = hidden.neuron[row, a]
            gain = work.gain[i * O + j]
            if gain == 0.0:
                continue
            before, ratio, growth = hidden.time[row, a], work.ratio[i], 1.0
            for b in range(begin, end):
                change = within(
                    gain * _trace(p, before, traces.fired_at[row, b], age), -p.largest_change, p.largest_change
                )
                growth *= 1.0 + ratio * change
            net.w_out[i, j] *= growth
