"""The arrays of a network: made from its configuration, copied, and read and written as the model knows them.

The border over `core.network`, which keeps some things as kernels like them.
"""

from typing import Any

import numpy as np

from spiking_agent.config import NetworkConfig
from spiking_agent.core import network as core
from spiking_agent.core.lanes import WIDTH
from spiking_agent.core.response import table_dtype
from spiking_agent.neurons import neuron_params, response_table, to_rest
from spiking_agent.wiring import connect, sources

ENGINES = {"fast": None, "reference": True}

_CACHE_LINE = 64  # bytes
_DECAY_TABLE = 20_001  # cycles after which an activity average left alone has reached its floor
NEVER = 1 << 40
"""``postponed`` of a network whose weights are to be gone through in the next cycle that learns."""

_SPIKES_PER_HIDDEN = 4  # room, on average over the layer; more than that in one cycle is a network running away


def sizes(config: NetworkConfig, view: int) -> core.Sizes:
    """Lengths of all arrays for a view of ``view`` x ``view`` cells."""
    n_inputs, n_hidden = view * view, config.wiring.n_hidden
    return core.Sizes(
        inputs=n_inputs,
        hidden=n_hidden,
        fan_in=config.wiring.inputs_per_hidden,
        fan_out=n_hidden * config.wiring.inputs_per_hidden // n_inputs,
        rows=config.plasticity.live_cycles,
        cycle_steps=config.neuron.cycle_steps,
        reach=config.plasticity.reach,
        decay_table=_DECAY_TABLE,
        input_spikes=2 * n_inputs,
        hidden_spikes=_SPIKES_PER_HIDDEN * n_hidden,
        output_spikes=core.O * (config.neuron.cycle_steps // 2 + 1),  # no neuron fires in two steps running
    )


def one(dtype: np.dtype) -> Any:
    """One zeroed record, as the array of length 1 that kernels take.

    It begins where a cache line does, so that eight float64 of it are never spread over two.
    """
    room = np.zeros(dtype.itemsize + _CACHE_LINE, np.uint8)
    begin = -room.ctypes.data % _CACHE_LINE
    return room[begin : begin + dtype.itemsize].view(dtype).view(np.recarray)


def copied(record: Any) -> Any:
    """The same record once more."""
    array = one(record.dtype)
    np.asarray(array)[...] = np.asarray(record)
    return array


def make_params(config: NetworkConfig, view: int) -> Any:
    """Constants as kernels take them."""
    s = sizes(config, view)
    wiring, plasticity, homeostasis, behaviour = (
        config.wiring,
        config.plasticity,
        config.homeostasis,
        config.behaviour,
    )
    array = one(core.params_dtype(s))
    p = array[0]
    p.neuron = neuron_params(config.neuron)[0]
    p.cycle_steps = config.neuron.cycle_steps
    p.counted_steps = behaviour.counted_steps
    p.flash = wiring.flash
    p.release_noise = wiring.release_noise
    p.window = plasticity.trace * np.exp(-np.arange(s.reach) / plasticity.trace_decay)
    p.fade = 1.0 / (np.arange(s.rows * s.cycle_steps + 1) + plasticity.fade_offset)
    p.numerator = np.concatenate([[0.0], -p.window[:0:-1], p.window, [0.0]])
    for age in range(s.rows):
        block, lane = divmod(age, WIDTH)
        made = np.arange(s.cycle_steps + 1)
        p.fade_by_age[block, :, lane] = p.fade[(age + 1) * s.cycle_steps - made]
    p.average_rate = plasticity.average_rate
    p.average_decay = (1.0 - plasticity.average_rate) ** np.arange(s.decay_table)
    p.average_floor = plasticity.average_floor
    p.largest_change = plasticity.largest_change
    p.largest_input_weight = plasticity.largest_input_weight
    p.largest_output_weight = plasticity.largest_output_weight
    p.smallest_weight = plasticity.smallest_weight
    p.output_target = wiring.n_hidden * wiring.output_weight
    p.output_total = core.O * wiring.output_weight
    p.rate_memory = homeostasis.rate_memory
    p.hidden_rate = homeostasis.hidden_rate
    p.output_rate = homeostasis.output_rate
    p.homeostasis_step = homeostasis.step
    p.dopamine = behaviour.punished, behaviour.nothing, behaviour.rewarded
    p.dopamine_asleep = behaviour.asleep
    p.explore_base = behaviour.explore_base
    p.explore_slope = behaviour.explore_slope
    return array


def make_network(config: NetworkConfig, view: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """Wiring and state of a newborn network for a view of ``view`` x ``view`` cells, drawn from ``rng``.

    Raises ValueError if the hidden neurons cannot share the input neurons equally.
    """
    source = sources(view * view, config.wiring.n_hidden, config.wiring.inputs_per_hidden, rng)
    s = sizes(config, view)
    wiring, state = one(core.wiring_dtype(s)), one(core.network_dtype(s))
    net = state[0]
    connect(config.wiring, source, rng, wiring[0], net)
    net.w_out = config.wiring.output_weight
    net.free = 1.0
    net.alive = 1
    net.n_frozen = 0
    net.scale = net.free_sum = 1.0
    net.postponed = NEVER
    net.resistance = 1.0
    net.input_target = net.w_in.sum(axis=0)
    net.average = config.plasticity.average_floor
    net.average_cycle = -1
    net.spikes.cycle = -1
    to_rest(config.neuron, net.membrane)
    net.stream = rng.integers(0, 2**64, dtype=np.uint64)
    return wiring, state


def make_brain(config: NetworkConfig, engine: str, view: int, wiring: Any, net: Any) -> core.Brain:
    """Put a network together with its constants, tables and work space.

    Raises ValueError for an unknown engine, or constants that the fast engine cannot tabulate.
    """
    if engine not in ENGINES:
        raise ValueError(f"unknown engine {engine!r}; known engines: {', '.join(ENGINES)}")
    table = response_table(config) if engine == "fast" else one(table_dtype(config.neuron.cycle_steps))
    work = one(core.work_dtype(sizes(config, view)))
    return core.Brain(make_params(config, view), wiring, table, net, work, ENGINES[engine])


def output_weights(net: Any) -> np.ndarray:
    """Excitatory hidden-to-output weights of a network record, float64[8, H]."""
    return np.ascontiguousarray((net.w_out * np.where(net.free > 0.0, net.scale, 1.0)).T)


def set_output_weights(net: Any, weights: np.ndarray) -> None:
    """Give a network record these weights, float64[8, H]."""
    net.w_out = weights.T
    net.scale = net.free_sum = 1.0
    net.postponed = NEVER


def refresh(brain: core.Brain) -> None:
    """Make kernels look at ``brain.net`` anew; to be called when its spikes or input weights were written to."""
    brain.work[0].traces.cycle = 0
    brain.work[0].input_version = 0
