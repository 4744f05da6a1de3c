"""The fast engine: one movement cycle layer by layer instead of step by step.

The network is feed-forward and quiet long before a cycle ends, so
- every input neuron that sees food fires once, `arrival` steps after the flash;
- a hidden neuron gets all its input in that one step, and its answer is looked up (`response`);
- only the 8 output neurons are stepped, from the first hidden spike until they are quiet again. Before and
  after that they are so near to rest that the linearised map carries what is left along.
"""

from foraging_env.core.compiled import kernel
from spiking_agent.core.network import AT_ARRIVAL, AT_START, O
from spiking_agent.core.neurons import rest_slow, rest_v, run_neuron, set_to_rest, step_many
from spiking_agent.core.noise import AT_INPUT, AT_SLEEP, high_half, low_half, release, uniform_at, word_at
from spiking_agent.core.response import MAX_SPIKES, interval_after, remaining
from spiking_agent.core.spikes import add_spike

# Near enough to rest for the linearised map: no spike can follow, and a few percent of a 1e-4 remainder are lost.
_QUIET_V = 0.03
_QUIET_SLOW = 0.001
_QUIET_CURRENT = 0.005
_CHECK_EVERY = 8  # steps
_SILENT_CURRENT = 1e-100


@kernel
def transmit_awake(brain, key, row):
    """Flash ``work.retina`` and run the network for one cycle."""
    _collect_input(brain, key, row)
    _answer(brain, key, row, AT_ARRIVAL)
    _run_outputs(brain, row)


@kernel
def transmit_asleep(brain, key, row, probability):
    """Kick hidden neuron i with ``probability[i]`` (float64[H]) and run the network for one cycle."""
    jump = brain.work.jump
    for i in range(jump.shape[0]):
        kicked = uniform_at(key, AT_SLEEP + i) < probability[i]
        jump[i] = brain.params.flash if kicked else 0.0
    _answer(brain, key, row, AT_START)
    _run_outputs(brain, row)


@kernel
def _collect_input(brain, key, row):
    """Sum into ``work.jump`` what the firing input neurons send."""
    p, wiring, net, work = brain.params, brain.wiring, brain.net, brain.work
    n_synapses = wiring.target.shape[1]
    n_words = (n_synapses + 1) // 2
    work.jump[:] = 0.0
    seen = work.retina.ravel()
    for neuron in range(seen.shape[0]):
        if seen[neuron] == 0:
            continue
        add_spike(net, net.spikes.input, row, neuron, brain.table.arrival)
        for m in range(n_words):
            word = word_at(key, AT_INPUT + neuron * n_words + m)
            work.noise[2 * m] = release(p, low_half(word))
            work.noise[2 * m + 1] = release(p, high_half(word))
        for q in range(n_synapses):
            target = wiring.target[neuron, q]
            work.jump[target] += net.w_in[wiring.slot[neuron, q], target] * work.noise[q]


@kernel
def _answer(brain, key, row, when):
    """Look up what every hidden neuron does after its jump; send its spikes on."""
    p, table, net, work = brain.params, brain.table, brain.net, brain.work
    start = table.arrival if when == AT_ARRIVAL else 0
    gap = 1 + when - net.last_jump_at
    for i in range(work.jump.shape[0]):
        jump = work.jump[i]
        if jump < table.smallest or net.alive[i] == 0.0:
            continue
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
    net.last_jump[:] = work.jump
    net.last_jump_at = when


@kernel
def _send(brain, key, row, hidden, ordinal, t):
    """Record one hidden spike and add it to the drive of the outputs: excitation, and inhibition by its mean."""
    p, net, drive = brain.params, brain.net, brain.work.drive
    if t > p.cycle_steps:
        return
    add_spike(net, net.spikes.hidden, row, hidden, t)
    inhibition = mean_free_weight(net, hidden)
    address = (ordinal * net.alive.shape[0] + hidden) * O
    brain.work.driven[t] = 1
    for j in range(O):
        word = word_at(key, address + j)
        excited = net.w_out[j, hidden] * release(p, low_half(word))
        inhibited = inhibition * release(p, high_half(word))
        drive[t, j] += (excited - inhibited) / net.resistance[j]


@kernel
def mean_free_weight(net, hidden):
    """Mean excitatory weight of a hidden neuron over its synapses that are not frozen; 0 if all are."""
    total, n_free = 0.0, 0.0
    for j in range(O):
        total += net.free[j, hidden] * net.w_out[j, hidden]
        n_free += net.free[j, hidden]
    return total / n_free if n_free > 0.0 else 0.0


@kernel
def _run_outputs(brain, row):
    """Step the outputs while they are driven and until they are quiet; the rest of the cycle is linear."""
    p, net, drive = brain.params, brain.net, brain.work.drive
    hidden = net.spikes.hidden
    base = net.membrane.v.shape[0] - O
    first, last = p.cycle_steps, 0
    for n in range(hidden.count[row]):
        t = hidden.time[row, n]
        first = min(first, t)
        last = max(last, t)
    if last == 0:
        _relax(brain, p.cycle_steps)
        return
    _relax(brain, first - 1)
    t = first
    while t <= p.cycle_steps:
        if step_many(p.neuron, net.membrane, base, p.n_outputs) > 0:
            _record_outputs(brain, row, t)
        if t <= last and brain.work.driven[t]:
            brain.work.driven[t] = 0
            for j in range(O):
                net.membrane.current[base + j] += drive[t, j]
                drive[t, j] = 0.0
        t += 1
        if t > last and t % _CHECK_EVERY == 0 and _is_quiet(brain):
            break
    _relax(brain, p.cycle_steps + 1 - t)


@kernel
def _record_outputs(brain, row, t):
    """Record which outputs spiked in this step: only a spike takes V from above zero to below."""
    net = brain.net
    m = net.membrane
    base = m.v.shape[0] - O
    for j in range(O):
        if m.v_1[base + j] > 0.0 and m.v[base + j] < 0.0:
            add_spike(net, net.spikes.output, row, j, t)
            if t <= brain.params.counted_steps:
                net.votes[j] += 1


@kernel
def _is_quiet(brain):
    p, m = brain.params.neuron, brain.net.membrane
    v, slow = rest_v(p), rest_slow(p)
    for n in range(m.v.shape[0] - O, m.v.shape[0]):
        if abs(m.v[n] - v) > _QUIET_V or abs(m.slow[n] - slow) > _QUIET_SLOW or abs(m.current[n]) > _QUIET_CURRENT:
            return False
    return True


@kernel
def _relax(brain, n_steps):
    """Let the outputs relax for ``n_steps`` by the linearised map."""
    p, m = brain.params.neuron, brain.net.membrane
    a = brain.table.relax[n_steps]
    v, slow = rest_v(p), rest_slow(p)
    for n in range(m.v.shape[0] - O, m.v.shape[0]):
        dv, dslow, dcurrent = m.v[n] - v, m.slow[n] - slow, m.current[n]
        m.v[n] = v + (a[0, 0] * dv + a[0, 1] * dslow + a[0, 2] * dcurrent)
        m.slow[n] = slow + (a[1, 0] * dv + a[1, 1] * dslow + a[1, 2] * dcurrent)
        # Flushed long before it is a denormal number, on which arithmetic is a hundred times slower.
        m.current[n] = a[2, 2] * dcurrent if abs(dcurrent) > _SILENT_CURRENT else 0.0
        if n_steps > 0:
            m.v_1[n] = m.v_2[n] = m.v[n]
