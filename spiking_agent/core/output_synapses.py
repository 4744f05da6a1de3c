"""Synapses from the hidden to the output layer: activity-normalised rewarded STDP and heterosynaptic scaling.

Golden et al. 2022, Methods, "Synaptic plasticity". For every synapse with live traces, at the end of the cycle:

    E     = sum_k e_k;   A = (1 - 0.001) A + 0.001 E
    d_k   = clip(D e_k E / A)
    w     = w prod_k (1 + (W_i0 / W_i) d_k)

Then weights are brought within their bounds, and one factor for all free inputs of an output neuron makes their sum
what it was.

Where nothing is clipped, the product over the traces of a synapse is

    prod_k (1 + x_k) = 1 + s_1 + (s_1^2 - s_2) / 2,   s_1 = sum_k x_k,   s_2 = sum_k x_k^2

exactly for one or two traces, as most synapses have, and up to s_1^3 / 6 for more; with s_1 below `_SMALL` that is less
than 2e-13. So sum_k e_k and sum_k e_k^2 are all it takes. Only for other synapses traces are taken one by one.

Most cycles bring no reward, D is small, and the factors are so near to 1 that they may wait: they are gathered up in
``net.scale``, by which every free weight is to be multiplied, and follow from the changes alone. All weights are gone
through only where traces were taken one by one, after `_POSTPONED` cycles, or when the factors come to more than
`_NEGLIGIBLE`. What may lag until then are weights that a factor below 1 has taken under their lower bound: by
`_NEGLIGIBLE` of their size, 1e-10. (In a trained network two fifths of the weights lie on that bound.) All others are
what they would have been, but for rounding.

Eight synapses of a hidden neuron, one for each output, lie next to each other and are taken at once (`lanes`).
"""

from foraging_env.core.compiled import bare_kernel, inlined
from spiking_agent.core.lanes import bits, load, magnitude, same, select, signed, store, total
from spiking_agent.core.network import O
from spiking_agent.core.traces import apply_traces, has_traces, sum_traces, within

_SMALL = 1e-4  # relative change of a weight in one cycle up to which a product of many is expanded
_NEGLIGIBLE = 1e-5  # distance from 1 up to which the factors may wait
_POSTPONED = 64  # cycles


@inlined
def has_frozen(net):
    """True if any synapse is frozen."""
    n_frozen = 0
    for j in range(O):
        n_frozen += net.n_frozen[j]
    return n_frozen > 0


@inlined
def weights_of(net, hidden, some_frozen):
    """Weights of a hidden neuron's eight synapses, and 1 for those that are free. ``some_frozen``: see `has_frozen`."""
    free, scale = same(1.0), load(net.scale, 0)
    if some_frozen:
        free = load(net.free, hidden)
        scale = select(free > 0.0, scale, 1.0)
    return load(net.w_out, hidden) * scale, free


@bare_kernel
def change_outputs(brain, dopamine):
    """Learn at the end of a cycle; ``dopamine`` is D."""
    net, work = brain.net, brain.work
    n_touched = 0
    for row in range(net.spikes.cycle.shape[0]):
        if has_traces(net, row):
            sum_traces(brain, row)
            n_touched = _mark(brain, row, n_touched)
    some_frozen, per_scale, n_left = has_frozen(net), 1.0 / load(net.scale, 0), 0
    grown = same(0.0)
    for n in range(n_touched):
        i = work.touched[n]
        growth, gain = _change_synapses(brain, i, dopamine, some_frozen, per_scale)
        grown = grown + growth
        if bits(magnitude(gain) > 0.0) != 0:
            store(work.gain, i * O, gain)
            work.touched[n_left] = i
            n_left += 1
    if n_left > 0:
        for row in range(net.spikes.cycle.shape[0]):
            if has_traces(net, row):
                apply_traces(brain, row)
        for n in range(n_left):
            store(work.gain, work.touched[n] * O, 0.0)
    scale = load(net.scale, 0)
    if n_left > 0 or net.postponed >= _POSTPONED or bits(magnitude(scale - 1.0) > _NEGLIGIBLE) != 0:
        _scale_all(brain)
    else:
        free_sum = load(net.free_sum, 0)
        store(net.scale, 0, scale * (free_sum / (free_sum + grown)))
        net.postponed += 1


@bare_kernel
def _mark(brain, row, n_touched):
    """List the hidden neurons that fired in the row's cycle, each once; returns the length of the list."""
    hidden, work = brain.net.spikes.hidden, brain.work
    for a in range(hidden.count[row]):
        i = hidden.neuron[row, a]
        if work.is_touched[i] == 0:
            work.is_touched[i] = 1
            work.touched[n_touched] = i
            n_touched += 1
    return n_touched


@inlined
def _change_synapses(brain, i, dopamine, some_frozen, per_scale):
    """Bring A of hidden neuron ``i`` up to date and change its weights, but for those whose traces count one by one.

    ``per_scale``: 1 / `net.scale`. Returns by how much each weight grew, and D E / A of the synapses that remain to be
    changed, 0 for the others.
    """
    p, net, work = brain.params, brain.net, brain.work
    e, squares = load(work.eligibility, i * O), load(work.squares, i * O)
    store(work.eligibility, i * O, 0.0)
    store(work.squares, i * O, 0.0)
    pairs = load(work.pairs, i * O)
    store(work.pairs, i * O, 0.0)
    work.is_touched[i] = 0
    # A decays in every cycle, with and without traces: the cycles since the last look at once, then this one.
    idle = min(net.cycle - net.average_cycle[i] - 1, p.average_decay.shape[0] - 1)
    a = _floored(p, p.average_decay[idle] * load(net.average, i))
    a = _floored(p, (1.0 - p.average_rate) * a + p.average_rate * e)
    store(net.average, i, a)
    net.average_cycle[i] = net.cycle
    weights, free = weights_of(net, i, some_frozen)
    sum_of_free = total(free * weights)
    ratio = p.output_total / sum_of_free if sum_of_free > 0.0 else 0.0
    gain = dopamine * e / a
    x = ratio * gain
    s_1, s_2 = x * e, x * x * squares
    largest = ratio * p.largest_change  # each x_k is at most sqrt(s_2)
    expanded = (s_2 < largest * largest) & ((pairs <= 2.0) | (magnitude(s_1) < _SMALL))
    changed = expanded & (free > 0.0)
    after = weights * (1.0 + (s_1 + 0.5 * (s_1 * s_1 - s_2)))
    grown = select(changed, within(after, p.smallest_weight, p.largest_output_weight), weights)
    store(net.w_out, i, select(changed, grown * per_scale, load(net.w_out, i)))
    work.ratio[i] = ratio
    return grown - weights, select(expanded, 0.0, free * gain)


@inlined
def _floored(p, average):
    """A, kept away from zero with its sign."""
    size = magnitude(average)
    return signed(select(size < p.average_floor, p.average_floor, size), average)


@bare_kernel
def _scale_all(brain):
    """Bounds for all free weights, then one factor for those of every output neuron: their sum is the target again."""
    p, net = brain.params, brain.net
    n_hidden = net.w_out.shape[0]
    scale = load(net.scale, 0)
    if not has_frozen(net):
        # Four sums, since one would wait for itself.
        a, b, c, d = same(0.0), same(0.0), same(0.0), same(0.0)
        whole = n_hidden - n_hidden % 4
        for i in range(0, whole, 4):
            a = a + _bring_within(p, net, i, scale)
            b = b + _bring_within(p, net, i + 1, scale)
            c = c + _bring_within(p, net, i + 2, scale)
            d = d + _bring_within(p, net, i + 3, scale)
        for i in range(whole, n_hidden):
            a = a + _bring_within(p, net, i, scale)
        free_sum, wanted = (a + b) + (c + d), same(p.output_target)
    else:
        free_sum, frozen_sum = same(0.0), same(0.0)
        for i in range(n_hidden):
            is_free, before = load(net.free, i) > 0.0, load(net.w_out, i)
            within = _bring_within(p, net, i, scale)
            store(net.w_out, i, select(is_free, within, before))
            free_sum = free_sum + select(is_free, within, 0.0)
            frozen_sum = frozen_sum + select(is_free, 0.0, before)
        wanted = p.output_target - frozen_sum
    some = free_sum > 0.0
    factor = select(some, wanted / free_sum, 1.0)
    store(net.scale, 0, factor)
    store(net.free_sum, 0, select(some, wanted, 1.0))
    net.postponed = 0


@inlined
def _bring_within(p, net, i, scale):
    """Apply ``scale`` and the bounds to the weights of hidden neuron ``i``; returns them."""
    w = within(load(net.w_out, i) * scale, p.smallest_weight, p.largest_output_weight)
    store(net.w_out, i, w)
    return w


@bare_kernel
def regulate_outputs(brain):
    """Homeostasis: an output that fires too often gains resistance, which weakens all it receives."""
    p, net = brain.params, brain.net
    row = net.cycle % net.spikes.cycle.shape[0]
    fired = brain.work.spiked
    for j in range(O):
        fired[j] = 0
    for b in range(net.spikes.output.count[row]):
        fired[net.spikes.output.neuron[row, b]] += 1
    for j in range(O):
        rate = (1.0 - p.rate_memory) * net.rate_out[j] + p.rate_memory * fired[j]
        net.rate_out[j] = rate
        if rate > p.output_rate:
            net.resistance[j] *= 1.0 + p.homeostasis_step
        elif rate < p.output_rate:
            net.resistance[j] *= 1.0 - p.homeostasis_step
