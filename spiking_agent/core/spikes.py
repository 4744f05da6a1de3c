"""Recording spikes for the traces that will come of them."""

from foraging_env.core.compiled import bare_kernel


@bare_kernel
def begin_cycle(net):
    """Start the record of a new cycle; returns its row."""
    spikes = net.spikes
    row = net.cycle % spikes.cycle.shape[0]
    spikes.cycle[row] = net.cycle
    spikes.input.count[row] = 0
    spikes.hidden.count[row] = 0
    spikes.output.count[row] = 0
    net.votes[:] = 0
    return row


@bare_kernel
def add_spike(net, train, row, neuron, time):
    """Record one spike; when the row is full, raise the flag that the border checks."""
    n = train.count[row]
    if n == train.neuron.shape[1]:
        net.overflow = 1
        return
    train.neuron[row, n] = neuron
    train.time[row, n] = time
    train.count[row] = n + 1


@bare_kernel
def is_live(net, row):
    """True if the row holds spikes of one of the latest cycles, this one included."""
    cycle = net.spikes.cycle[row]
    return cycle >= 0 and net.cycle - cycle < net.spikes.cycle.shape[0]
