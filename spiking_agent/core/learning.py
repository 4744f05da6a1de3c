"""What changes at the end of a cycle: activity-normalised rewarded STDP, heterosynaptic scaling, homeostasis.

Golden et al. 2022, Methods, "Synaptic plasticity" and "Homeostasis". For every synapse with live traces, at the
end of the cycle:

    e_k   = tr_k / (t - t_k + 600)
    E     = sum_k e_k;   A = (1 - 0.001) A + 0.001 E
    d_k   = clip(D e_k E / A)   hidden to output;   clip(e_k)   input to hidden
    w     = w prod_k (1 + (W_i0 / W_i) d_k)

Two things make this quick. All hidden neurons that fired in the same step share their traces with an output
neuron, so e_k is worked out once for every (cycle, hidden step, output spike), not for every synapse. And the 8
outputs lie side by side, so every loop over them is one vector operation; *level* b holds the b-th spike of
each output, zero where an output fired less often.
"""

from foraging_env.core.compiled import kernel
from spiking_agent.core.network import O
from spiking_agent.core.spikes import is_live


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
    work.seen[:] = 0
    n_touched = 0
    for row in range(net.spikes.cycle.shape[0]):
        if is_live(net, row) and net.spikes.output.count[row] > 0:
            _fade_traces(brain, row)
            n_touched = _sum_traces(brain, row, n_touched)
    if n_touched == 0:
        return
    for n in range(n_touched):
        _normalise(brain, work.touched[n], dopamine)
    for row in range(net.spikes.cycle.shape[0]):
        if is_live(net, row) and net.spikes.output.count[row] > 0:
            _apply_traces(brain, row)
    _scale_outputs(brain)


@kernel
def _fade_traces(brain, row):
    """e_k of one cycle: ``trace[row, slot + level, j]``, slots being ``levels`` apart, one for every step in which
    hidden neurons fired."""
    p, net, work = brain.params, brain.net, brain.work
    hidden, output = net.spikes.hidden, net.spikes.output
    reach = p.window.shape[0]
    now = (net.cycle - net.spikes.cycle[row] + 1) * p.cycle_steps
    slot_of = work.slot_of_time[row]
    slot_of[:] = -1
    levels = 0
    work.fired[:O] = 0
    for b in range(output.count[row]):
        j = output.neuron[row, b]
        work.fired[j] += 1
        levels = max(levels, work.fired[j])
    work.levels[row] = levels
    slot = 0
    for a in range(hidden.count[row]):
        before = hidden.time[row, a]
        if slot_of[before] >= 0:
            continue
        if slot + levels > work.trace.shape[1]:
            net.overflow = 1
            slot = 0
        slot_of[before] = slot
        work.trace[row, slot : slot + levels, :] = 0.0
        work.trace_sum[row, slot, :] = 0.0
        work.fired[:O] = 0
        for b in range(output.count[row]):
            j = output.neuron[row, b]
            after = output.time[row, b]
            lag = after - before
            e = 0.0
            if 0 <= lag < reach:
                e = p.window[lag] * p.fade[now - after]
            elif -reach < lag < 0:
                e = -p.window[-lag] * p.fade[now - before]
            work.trace[row, slot + work.fired[j], j] = e
            work.trace_sum[row, slot, j] += e
            work.fired[j] += 1
        slot += levels


@kernel
def _sum_traces(brain, row, n_touched):
    """E of all synapses; lists the hidden neurons that have traces in ``touched``."""
    net, work = brain.net, brain.work
    hidden = net.spikes.hidden
    for a in range(hidden.count[row]):
        i = hidden.neuron[row, a]
        if work.seen[i] == 0:
            work.seen[i] = 1
            work.touched[n_touched] = i
            n_touched += 1
            for j in range(O):
                work.eligibility[i, j] = 0.0
        slot = work.slot_of_time[row, hidden.time[row, a]]
        for j in range(O):
            work.eligibility[i, j] += work.trace_sum[row, slot, j]
    return n_touched


@kernel
def _normalise(brain, i, dopamine):
    """Bring A of hidden neuron ``i`` up to date; turn its E into D E / A; refresh W_i0 / W_i."""
    p, net, work = brain.params, brain.net, brain.work
    cycle = net.cycle
    # A decays in every cycle, with and without traces: the cycles since the last look at once, then this one.
    idle = min(cycle - net.average_cycle[i] - 1, p.average_decay.shape[0] - 1)
    decay = p.average_decay[idle] * (1.0 - p.average_rate)
    net.average_cycle[i] = cycle
    total = 0.0
    for j in range(O):
        e = work.eligibility[i, j]
        a = decay * net.average[i, j] + p.average_rate * e
        if abs(a) < p.average_floor:
            a = p.average_floor if a >= 0.0 else -p.average_floor
        net.average[i, j] = a
        work.eligibility[i, j] = dopamine * e / a
        total += net.free[i, j] * net.w_out[i, j]
    work.ratio[i] = p.output_total / total if total > 0.0 else 0.0


@kernel
def _apply_traces(brain, row):
    p, net, work = brain.params, brain.net, brain.work
    hidden = net.spikes.hidden
    levels = work.levels[row]
    for a in range(hidden.count[row]):
        i = hidden.neuron[row, a]
        slot = work.slot_of_time[row, hidden.time[row, a]]
        ratio = work.ratio[i]
        for level in range(levels):
            for j in range(O):
                change = clip(work.eligibility[i, j] * work.trace[row, slot + level, j], p.largest_change)
                net.w_out[i, j] *= 1.0 + net.free[i, j] * (ratio * change)


@kernel
def _scale_outputs(brain):
    """Bounds, then one factor for the free inputs of every output neuron, so that their sum is the target again."""
    p, net, work = brain.params, brain.net, brain.work
    n_hidden = net.w_out.shape[0]
    free_sum, frozen_sum = work.free_sum, work.frozen_sum
    free_sum[:] = 0.0
    frozen_sum[:] = 0.0
    for i in range(n_hidden):
        for j in range(O):
            w = min(max(net.w_out[i, j], p.smallest_weight), p.largest_output_weight)
            net.w_out[i, j] = w
            free_sum[j] += net.free[i, j] * w
            frozen_sum[j] += (1.0 - net.free[i, j]) * w
    for j in range(O):
        if free_sum[j] > 0.0:
            free_sum[j] = (p.output_target - frozen_sum[j]) / free_sum[j] - 1.0
    for i in range(n_hidden):
        for j in range(O):
            net.w_out[i, j] *= 1.0 + net.free[i, j] * free_sum[j]


# ---- input to hidden -------------------------------------------------------------------------------------


@kernel
def _change_inputs(brain):
    p, wiring, net, work = brain.params, brain.wiring, brain.net, brain.work
    n_inputs, n_synapses = wiring.target.shape
    for neuron in range(n_inputs):
        total = 0.0
        for q in range(n_synapses):
            total += net.w_in[wiring.slot[neuron, q], wiring.target[neuron, q]]
        work.ratio[neuron] = wiring.input_total[neuron] / total
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
            net.w_in[f, i] *= 1.0 + work.ratio[neuron] * clip(e, p.largest_change)


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
