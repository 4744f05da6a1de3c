"""The output neurons through one movement cycle: stepped while they are driven and until they are quiet.

Before and after that they are so near to rest that the linearised map carries what is left along. This loop is what a
cycle waits for longest, and each of its steps waits for the one before it. So the state of the eight neurons stays in
registers (`lanes`) from the first step to the last, as 1 - V, 1 - I and S.
"""

from foraging_env.core.compiled import bare_kernel
from spiking_agent.core.lanes import bits, load, magnitude, select, store
from spiking_agent.core.network import O
from spiking_agent.core.neurons import constants, rest_slow, rest_v, step_eight
from spiking_agent.core.spikes import add_spike

# Near enough to rest for the linearised map: no spike can follow, and a few percent of a 1e-4 remainder are lost.
_QUIET_V = 0.03
_QUIET_SLOW = 0.001
_QUIET_CURRENT = 0.005
_CHECK_EVERY = 8  # steps
_SILENT_CURRENT = 1e-100


@bare_kernel
def run_outputs(brain, row):
    """Run the outputs through the cycle recorded in ``row``, under ``work.drive``, which is left at zero."""
    p, net, drive = brain.params, brain.net, brain.work.drive
    hidden = net.spikes.hidden
    first, last = p.cycle_steps, 0
    for n in range(hidden.count[row]):
        t = hidden.time[row, n]
        first = min(first, t)
        last = max(last, t)
    if last == 0:
        _relax(brain, p.cycle_steps)
        return
    _relax(brain, first - 1)
    map_constants, two_back = constants(p.neuron), p.neuron.gate == 2
    v_at_rest, i_at_rest = 1.0 - rest_v(p.neuron), 1.0 - rest_slow(p.neuron)
    m = net.membrane
    base = m.v.shape[0] - O
    v, v_1, v_2 = 1.0 - load(m.v, base), 1.0 - load(m.v_1, base), 1.0 - load(m.v_2, base)
    i, current = 1.0 - load(m.slow, base), load(m.current, base)
    t = first
    while t <= p.cycle_steps:
        gate = v_2 if two_back else v_1
        v_2, v_1 = v_1, v
        v, i, current, spikes = step_eight(map_constants, v, i, current, gate)
        if spikes != 0:
            _record(brain, row, t, spikes)
        if t <= last:
            current = current + load(drive, t)
            store(drive, t, 0.0)
        t += 1
        if t > last and t % _CHECK_EVERY == 0:
            moving = (
                (magnitude(v - v_at_rest) > _QUIET_V)
                | (magnitude(i - i_at_rest) > _QUIET_SLOW)
                | (magnitude(current) > _QUIET_CURRENT)
            )
            if bits(moving) == 0:
                break
    store(m.v, base, 1.0 - v)
    store(m.v_1, base, 1.0 - v_1)
    store(m.v_2, base, 1.0 - v_2)
    store(m.slow, base, 1.0 - i)
    store(m.current, base, current)
    _relax(brain, p.cycle_steps + 1 - t)


@bare_kernel
def _record(brain, row, t, spiked):
    """Record the outputs whose bits are set in ``spiked``."""
    net = brain.net
    for j in range(O):
        if (spiked >> j) & 1:
            add_spike(net, net.spikes.output, row, j, t)
            if t <= brain.params.counted_steps:
                net.votes[j] += 1


@bare_kernel
def _relax(brain, n_steps):
    """Let the outputs relax for ``n_steps`` by the linearised map."""
    p, m = brain.params.neuron, brain.net.membrane
    a = brain.table.relax[n_steps]
    v, slow = rest_v(p), rest_slow(p)
    base = m.v.shape[0] - O
    dv, dslow, dcurrent = load(m.v, base) - v, load(m.slow, base) - slow, load(m.current, base)
    v_next = v + (a[0, 0] * dv + a[0, 1] * dslow + a[0, 2] * dcurrent)
    store(m.v, base, v_next)
    store(m.slow, base, slow + (a[1, 0] * dv + a[1, 1] * dslow + a[1, 2] * dcurrent))
    # Flushed long before it is a denormal number, on which arithmetic is a hundred times slower.
    store(m.current, base, select(magnitude(dcurrent) > _SILENT_CURRENT, a[2, 2] * dcurrent, 0.0))
    if n_steps > 0:
        store(m.v_1, base, v_next)
        store(m.v_2, base, v_next)
