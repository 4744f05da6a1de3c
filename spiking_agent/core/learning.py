"""What changes at the end of a cycle: activity-normalised rewarded STDP, heterosynaptic scaling, homeostasis.

Golden et al. 2022, Methods, "Synaptic plasticity" and "Homeostasis". For every synapse with live traces, at the
end of the cycle:

    e_k   = tr_k / (t - t_k + 600)
    E     = sum_k e_k;   A = (1 - 0.001) A + 0.001 E
    d_k   = clip(D e_k E / A)   hidden to output;   clip(e_k)   input to hidden
    w     = w prod_k (1 + (W_i0 / W_i) d_k)

Activity is sparse, so only synapses with live traces are visited (scaling at the end goes over all weights).
And most cycles bring no reward: D is then so small that the product over the traces of a synapse is

    prod_k (1 + x_k) = 1 + s_1 + (s_1^2 - s_2) / 2,   s_1 = sum_k x_k,   s_2 = sum_k x_k^2

up to s_1^3 / 6; with s_1 below `_SMALL` that is less than 2e-13, and sum_k e_k and sum_k e_k^2 are all it takes.
"""

from foraging_env.core.compiled import kernel
from spiking_agent.core.network import O
from spiking_agent.core.spikes import is_live

_SMALL = 1e-4  # relative change of a weight in one cycle up to which the product is expanded
_SETTLED = 1e-13  # distance from 1 of a scaling factor that changes nothing any more


@kernel
def learn(brain, dopamine):
    """All that changes at the end of a cycle that learns; ``dopamine`` is D."""
    _change_outputs(brain, dopamine)
    if brain.net.plastic_input:
        _change_inputs(brain)
        _regulate_hidden(brain)
    _regulate_outputs(brain)


@kernel
def clip(value, bound):
    """``value`` within -bound and bound."""
    return min(max(value, -bound), bound)


# ---- hidden to output ------------------------------------------------------------------------------------


@kernel
def _change_outputs(brain, dopamine):
    net, work = brain.net, brain.work
    n_touched = 0
    for row in range(net.spikes.cycle.shape[0]):
        if is_live(net, row) and net.spikes.output.count[row] > 0 and net.spikes.hidden.count[row] > 0:
            n_touched = _sum_traces(brain, row, n_touched)
    n_large = 0
    for n in range(n_touched):
        n_large += _change_synapse(brain, work.touched[n] // O, work.touched[n] % O, dopamine)
    if n_large > 0:
        for row in range(net.spikes.cycle.shape[0]):
            if is_live(net, row):
                _apply_traces(brain, row)
    for n in range(n_touched):
        i, j = work.touched[n] // O, work.touched[n] % O
        work.changed[j] = 1
        work.eligibility[j, i] = 0.0
        work.gain[j, i] = 0.0
        work.squares[j, i] = 0.0
        work.ratio[i] = 0.0
    _scale_outputs(brain)


@kernel
def _trace(p, before, after, age):
    """e of a pair of spikes at steps ``before`` (hidden) and ``after`` (output) of a cycle that began ``age`` ago."""
    lag = after - before
    reach = p.window.shape[0]
    if lag >= reach or lag <= -reach:
        return 0.0
    return p.window[lag] * p.fade[age - after] if lag >= 0 else -p.window[-lag] * p.fade[age - before]


@kernel
def _age(brain, row):
    """Steps from the start of the row's cycle to the end of this one."""
    return (brain.net.cycle - brain.net.spikes.cycle[row] + 1) * brain.params.cycle_steps


@kernel
def _sum_traces(brain, row, n_touched):
    """Add one cycle's traces to E and to the sum of squares; list the synapses that have any."""
    p, net, work = brain.params, brain.net, brain.work
    hidden, output = net.spikes.hidden, net.spikes.output
    age = _age(brain, row)
    for j in range(O):
        n_times = 0
        for b in range(output.count[row]):
            if output.neuron[row, b] == j:
                work.times[n_times] = output.time[row, b]
                n_times += 1
        if n_times == 0:
            continue
        for a in range(hidden.count[row]):
            i, before = hidden.neuron[row, a], hidden.time[row, a]
            total, squares = 0.0, 0.0
            for b in range(n_times):
                e = _trace(p, before, work.times[b], age)
                total += e
                squares += e * e
            if squares > 0.0:
                if work.squares[j, i] == 0.0:
                    work.touched[n_touched] = i * O + j
                    n_touched += 1
                work.eligibility[j, i] += total
                work.squares[j, i] += squares
    return n_touched


@kernel
def _change_synapse(brain, i, j, dopamine):
    """Bring A up to date and change the weight; returns 1 if its traces have to be taken one by one instead."""
    p, net, work = brain.params, brain.net, brain.work
    e = work.eligibility[j, i]
    # A decays in every cycle, with and without traces: the cycles since the last look at once, then this one.
    idle = min(net.cycle - net.average_cycle[j, i] - 1, p.average_decay.shape[0] - 1)
    a = _floored(p, p.average_decay[idle] * net.average[j, i])
    a = _floored(p, (1.0 - p.average_rate) * a + p.average_rate * e)
    net.average[j, i] = a
    net.average_cycle[j, i] = net.cycle
    if net.free[j, i] == 0.0:
        return 0
    if work.ratio[i] == 0.0:
        total = 0.0
        for k in range(O):
            total += net.free[k, i] * net.w_out[k, i]
        work.ratio[i] = p.output_total / total
    gain = dopamine * e / a
    x = work.ratio[i] * gain
    s_1, s_2 = x * e, x * x * work.squares[j, i]
    # Each x_k is at most sqrt(s_2), so none of them reaches its own bound either.
    largest = min(_SMALL, work.ratio[i] * p.largest_change)
    if abs(s_1) < _SMALL and s_2 < largest * largest:
        net.w_out[j, i] *= 1.0 + (s_1 + 0.5 * (s_1 * s_1 - s_2))
        return 0
    work.gain[j, i] = gain
    return 1


@kernel
def _floored(p, average):
    """A, kept away from zero with its sign."""
    if abs(average) < p.average_floor:
        return p.average_floor if average >= 0.0 else -p.average_floor
    return average


@kernel
def _apply_traces(brain, row):
    """Change weights trace by trace, where `_change_synapse` left that to be done."""
    p, net, work = brain.params, brain.net, brain.work
    hidden, output = net.spikes.hidden, net.spikes.output
    age = _age(brain, row)
    for b in range(output.count[row]):
        j, after = output.neuron[row, b], output.time[row, b]
        for a in range(hidden.count[row]):
            i = hidden.neuron[row, a]
            if work.gain[j, i] != 0.0:
                change = clip(work.gain[j, i] * _trace(p, hidden.time[row, a], after, age), p.largest_change)
                net.w_out[j, i] *= 1.0 + work.ratio[i] * change


@kernel
def _scale_outputs(brain):
    """Bounds, then one factor for the free inputs of every output neuron, so that their sum is the target again.

    An output none of whose synapses changed is left alone, unless its last factor pushed weights out of bounds
    that have to be brought back and made up for: then its factors come to rest at 1 in a few cycles.
    """
    p, net, work = brain.params, brain.net, brain.work
    low, high = p.smallest_weight, p.largest_output_weight
    for j in range(O):
        if work.changed[j] == 0 and abs(net.last_factor[j] - 1.0) < _SETTLED:
            continue
        work.changed[j] = 0
        w = net.w_out[j]
        if net.n_frozen[j] == 0:
            for i in range(w.shape[0]):
                w[i] = min(max(w[i], low), high)
            factor = p.output_target / _sum(w)
            for i in range(w.shape[0]):
                w[i] *= factor
        else:
            free_sum, frozen_sum = 0.0, 0.0
            for i in range(w.shape[0]):
                if net.free[j, i] > 0.0:
                    w[i] = min(max(w[i], low), high)
                    free_sum += w[i]
                else:
                    frozen_sum += w[i]
            factor = (p.output_target - frozen_sum) / free_sum if free_sum > 0.0 else 1.0
            for i in range(w.shape[0]):
                if net.free[j, i] > 0.0:
                    w[i] *= factor
        net.last_factor[j] = factor


@kernel
def _sum(w):
    """Sum of a row; eight partial sums, since one would wait for itself."""
    a, b, c, d, e, f, g, h = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    n = w.shape[0] - w.shape[0] % 8
    for i in range(0, n, 8):
        a += w[i]
        b += w[i + 1]
        c += w[i + 2]
        d += w[i + 3]
        e += w[i + 4]
        f += w[i + 5]
        g += w[i + 6]
        h += w[i + 7]
    for i in range(n, w.shape[0]):
        a += w[i]
    return ((a + b) + (c + d)) + ((e + f) + (g + h))


# ---- input to hidden -------------------------------------------------------------------------------------


@kernel
def _change_inputs(brain):
    p, wiring, net, work = brain.params, brain.wiring, brain.net, brain.work
    n_inputs, n_synapses = wiring.target.shape
    work.input_ratio[:] = 0.0
    for row in range(net.spikes.cycle.shape[0]):
        if is_live(net, row):
            for a in range(net.spikes.input.count[row]):
                work.input_ratio[net.spikes.input.neuron[row, a]] = 1.0
    for neuron in range(n_inputs):
        if work.input_ratio[neuron] == 0.0:
            continue
        total = 0.0
        for q in range(n_synapses):
            total += net.w_in[wiring.slot[neuron, q], wiring.target[neuron, q]]
        work.input_ratio[neuron] = wiring.input_total[neuron] / total
    for row in range(net.spikes.cycle.shape[0]):
        if is_live(net, row):
            _apply_input_traces(brain, row)
    work.total[:] = 0.0
    for f in range(net.w_in.shape[0]):
        for i in range(net.w_in.shape[1]):
            w = min(max(net.w_in[f, i], p.smallest_weight), p.largest_input_weight)
            net.w_in[f, i] = w
            work.total[i] += w
    for i in range(net.w_in.shape[1]):
        work.total[i] = net.input_target[i] / work.total[i]
    for f in range(net.w_in.shape[0]):
        for i in range(net.w_in.shape[1]):
            net.w_in[f, i] *= work.total[i]


@kernel
def _apply_input_traces(brain, row):
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
            net.w_in[f, i] *= 1.0 + work.input_ratio[neuron] * clip(e, p.largest_change)


# ---- homeostasis -----------------------------------------------------------------------------------------


@kernel
def _regulate_hidden(brain):
    """A hidden neuron that fires too often loses input, one that fires too seldom gains."""
    p, net, work = brain.params, brain.net, brain.work
    row = net.cycle % net.spikes.cycle.shape[0]
    work.seen[:] = 0
    for a in range(net.spikes.hidden.count[row]):
        work.seen[net.spikes.hidden.neuron[row, a]] += 1
    for i in range(net.rate_hidden.shape[0]):
        rate = (1.0 - p.rate_memory) * net.rate_hidden[i] + p.rate_memory * work.seen[i]
        net.rate_hidden[i] = rate
        if rate > p.hidden_rate:
            net.input_target[i] *= 1.0 - p.homeostasis_step
        elif rate < p.hidden_rate:
            net.input_target[i] *= 1.0 + p.homeostasis_step


@kernel
def _regulate_outputs(brain):
    """An output neuron that fires too often gains resistance, which weakens all it receives."""
    p, net = brain.params, brain.net
    row = net.cycle % net.spikes.cycle.shape[0]
    fired = brain.work.fired
    fired[:O] = 0
    for b in range(net.spikes.output.count[row]):
        fired[net.spikes.output.neuron[row, b]] += 1
    for j in range(O):
        rate = (1.0 - p.rate_memory) * net.rate_out[j] + p.rate_memory * fired[j]
        net.rate_out[j] = rate
        if rate > p.output_rate:
            net.resistance[j] *= 1.0 + p.homeostasis_step
        elif rate < p.output_rate:
            net.resistance[j] *= 1.0 - p.homeostasis_step
