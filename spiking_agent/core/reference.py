"""The reference engine: every neuron, every step, every pair of spikes; written to be read against the equations.

It shares with the fast engine the state, the map and the addressed noise, nothing else.
"""

from foraging_env.core.compiled import bare_kernel
from spiking_agent.core.network import AT_ARRIVAL, AT_START, O
from spiking_agent.core.neurons import step_neuron
from spiking_agent.core.noise import AT_INPUT, AT_SLEEP, high_half, low_half, release, uniform_at, word_at
from spiking_agent.core.spikes import add_spike, is_live


@bare_kernel
def transmit_awake(brain, key, row):
    """Flash ``work.retina``, then run all neurons for one cycle."""
    side = brain.work.retina.shape[0]
    for n in range(side * side):
        if brain.work.retina[n // side, n % side]:
            brain.net.membrane.current[n] += brain.params.flash
    _run(brain, key, row)
    brain.net.last_jump_at = AT_ARRIVAL


@bare_kernel
def transmit_asleep(brain, key, row, probability):
    """Kick hidden neuron i with ``probability[i]``, then run all neurons for one cycle."""
    n_inputs = brain.wiring.target.shape[0]
    for i in range(probability.shape[0]):
        if brain.net.alive[i] and uniform_at(key, AT_SLEEP + i) < probability[i]:
            brain.net.membrane.current[n_inputs + i] += brain.params.flash
    _run(brain, key, row)
    brain.net.last_jump_at = AT_START


@bare_kernel
def _run(brain, key, row):
    p, net, work = brain.params, brain.net, brain.work
    n_inputs = brain.wiring.target.shape[0]
    n_hidden = net.alive.shape[0]
    n_neurons = net.membrane.v.shape[0]
    for i in range(n_hidden):
        net.last_jump[i] = net.membrane.current[n_inputs + i]
    work.ordinal[:] = 0
    for t in range(1, p.cycle_steps + 1):
        for n in range(n_neurons):
            work.spiked[n] = step_neuron(p.neuron, net.membrane, n)
        for n in range(n_neurons):
            if work.spiked[n] == 0:
                continue
            ordinal = work.ordinal[n]
            work.ordinal[n] += 1
            if n < n_inputs:
                add_spike(net, net.spikes.input, row, n, t)
                _input_spike(brain, key, n, ordinal)
            elif n < n_inputs + n_hidden:
                add_spike(net, net.spikes.hidden, row, n - n_inputs, t)
                _hidden_spike(brain, key, n - n_inputs, ordinal)
            else:
                j = n - n_inputs - n_hidden
                add_spike(net, net.spikes.output, row, j, t)
                if t <= p.counted_steps:
                    net.votes[j] += 1


@bare_kernel
def _input_spike(brain, key, neuron, ordinal):
    p, wiring, net = brain.params, brain.wiring, brain.net
    n_inputs, n_synapses = wiring.target.shape
    n_words = (n_synapses + 1) // 2
    for q in range(n_synapses):
        word = word_at(key, AT_INPUT + (ordinal * n_inputs + neuron) * n_words + q // 2)
        noise = release(p, low_half(word) if q % 2 == 0 else high_half(word))
        i = wiring.target[neuron, q]
        if net.alive[i]:
            jump = net.w_in[wiring.slot[neuron, q], i] * noise
            net.membrane.current[n_inputs + i] += jump
            net.last_jump[i] += jump


@bare_kernel
def _hidden_spike(brain, key, i, ordinal):
    p, net = brain.params, brain.net
    n_hidden = net.alive.shape[0]
    first_output = net.membrane.v.shape[0] - O
    inhibition = _mean_weight(net, i)
    for j in range(O):
        word = word_at(key, (ordinal * n_hidden + i) * O + j)
        excited = net.w_out[i, j] * release(p, low_half(word))
        inhibited = inhibition * release(p, high_half(word))
        net.membrane.current[first_output + j] += (excited - inhibited) / net.resistance[j]


@bare_kernel
def _mean_weight(net, i):
    total, n = 0.0, 0
    for j in range(O):
        if net.free[i, j]:
            total += net.w_out[i, j]
            n += 1
    return total / n if n > 0 else 0.0


@bare_kernel
def learn(brain, dopamine):
    """Plasticity and homeostasis at the end of a cycle, from the equations of MODEL: traces of all pairs of spikes."""
    net = brain.net
    _change_outputs(brain, dopamine)
    if net.plastic_input:
        _change_inputs(brain)
        for i in range(net.alive.shape[0]):
            rate = _average_rate(brain, net.rate_hidden, net.spikes.hidden, i)
            if rate > brain.params.hidden_rate:
                net.input_target[i] *= 1.0 - brain.params.homeostasis_step
            elif rate < brain.params.hidden_rate:
                net.input_target[i] *= 1.0 + brain.params.homeostasis_step
    for j in range(O):
        rate = _average_rate(brain, net.rate_out, net.spikes.output, j)
        if rate > brain.params.output_rate:
            net.resistance[j] *= 1.0 + brain.params.homeostasis_step
        elif rate < brain.params.output_rate:
            net.resistance[j] *= 1.0 - brain.params.homeostasis_step


@bare_kernel
def _average_rate(brain, rates, train, neuron):
    row = brain.net.cycle % brain.net.spikes.cycle.shape[0]
    spikes = 0
    for n in range(train.count[row]):
        if train.neuron[row, n] == neuron:
            spikes += 1
    memory = brain.params.rate_memory
    rates[neuron] = (1.0 - memory) * rates[neuron] + memory * spikes
    return rates[neuron]


@bare_kernel
def _eligibility(p, before, after, now):
    """e of one pair of spikes, all in steps on one clock; 0 if they are too far apart."""
    lag = after - before
    reach = p.window.shape[0]
    if 0 <= lag < reach:
        return p.window[lag] * p.fade[now - after]
    if -reach < lag < 0:
        return -p.window[-lag] * p.fade[now - before]
    return 0.0


@bare_kernel
def _clip(value, bound):
    return min(max(value, -bound), bound)


@bare_kernel
def _change_outputs(brain, dopamine):
    p, net, work = brain.params, brain.net, brain.work
    spikes = net.spikes
    n_hidden = net.alive.shape[0]
    work.eligibility[:] = 0.0
    for row in range(spikes.cycle.shape[0]):
        if is_live(net, row):
            now = (net.cycle - spikes.cycle[row] + 1) * p.cycle_steps
            for a in range(spikes.hidden.count[row]):
                for b in range(spikes.output.count[row]):
                    e = _eligibility(p, spikes.hidden.time[row, a], spikes.output.time[row, b], now)
                    work.eligibility[spikes.hidden.neuron[row, a] * O + spikes.output.neuron[row, b]] += e
    for i in range(n_hidden):
        total = 0.0
        idle = net.cycle - 1 - net.average_cycle[i]  # cycles in which the fast engine left it lying
        net.average_cycle[i] = net.cycle
        for j in range(O):
            for _ in range(idle):
                net.average[i, j] *= 1.0 - p.average_rate
            a = (1.0 - p.average_rate) * net.average[i, j] + p.average_rate * work.eligibility[i * O + j]
            if abs(a) < p.average_floor:
                a = p.average_floor if a >= 0.0 else -p.average_floor
            net.average[i, j] = a
            if net.free[i, j]:
                total += net.w_out[i, j]
        work.ratio[i] = p.output_total / total if total > 0.0 else 0.0
    for row in range(spikes.cycle.shape[0]):
        if is_live(net, row):
            now = (net.cycle - spikes.cycle[row] + 1) * p.cycle_steps
            for a in range(spikes.hidden.count[row]):
                i = spikes.hidden.neuron[row, a]
                for b in range(spikes.output.count[row]):
                    j = spikes.output.neuron[row, b]
                    e = _eligibility(p, spikes.hidden.time[row, a], spikes.output.time[row, b], now)
                    change = _clip(dopamine * e * work.eligibility[i * O + j] / net.average[i, j], p.largest_change)
                    if net.free[i, j]:
                        net.w_out[i, j] *= 1.0 + work.ratio[i] * change
    for j in range(O):
        free_sum, frozen_sum = 0.0, 0.0
        for i in range(n_hidden):
            if net.free[i, j]:
                net.w_out[i, j] = min(max(net.w_out[i, j], p.smallest_weight), p.largest_output_weight)
                free_sum += net.w_out[i, j]
            else:
                frozen_sum += net.w_out[i, j]
        for i in range(n_hidden):
            if net.free[i, j]:
                net.w_out[i, j] *= (p.output_target - frozen_sum) / free_sum


@bare_kernel
def _change_inputs(brain):
    p, wiring, net, work = brain.params, brain.wiring, brain.net, brain.work
    spikes = net.spikes
    for neuron in range(wiring.target.shape[0]):
        total = 0.0
        for q in range(wiring.target.shape[1]):
            total += net.w_in[wiring.slot[neuron, q], wiring.target[neuron, q]]
        work.input_ratio[neuron] = wiring.input_total[neuron] / total
    for row in range(spikes.cycle.shape[0]):
        if is_live(net, row):
            now = (net.cycle - spikes.cycle[row] + 1) * p.cycle_steps
            for a in range(spikes.input.count[row]):
                for b in range(spikes.hidden.count[row]):
                    i = spikes.hidden.neuron[row, b]
                    for f in range(net.w_in.shape[0]):
                        if wiring.source[f, i] == spikes.input.neuron[row, a]:
                            e = _eligibility(p, spikes.input.time[row, a], spikes.hidden.time[row, b], now)
                            change = _clip(e, p.largest_change)
                            net.w_in[f, i] *= 1.0 + work.input_ratio[wiring.source[f, i]] * change
    net.input_version += 1
    for i in range(net.w_in.shape[1]):
        total = 0.0
        for f in range(net.w_in.shape[0]):
            net.w_in[f, i] = min(max(net.w_in[f, i], p.smallest_weight), p.largest_input_weight)
            total += net.w_in[f, i]
        for f in range(net.w_in.shape[0]):
            net.w_in[f, i] *= net.input_target[i] / total
