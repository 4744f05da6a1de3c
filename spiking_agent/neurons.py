"""One neuron to look at, and the tables the fast engine reads: the border over `core.neurons` and `core.response`."""

from functools import lru_cache
from typing import Any

import numpy as np

from spiking_agent.config import NetworkConfig, NeuronConfig
from spiking_agent.core import neurons as core
from spiking_agent.core import response as staircase

_LARGEST_JUMP = 0.3  # nine inputs of twice the largest weight; larger jumps are simulated, not looked up


def neuron_params(config: NeuronConfig) -> Any:
    """The constants as kernels take them, an array of one record."""
    array = np.zeros(1, core.neuron_dtype).view(np.recarray)
    p = array[0]
    p.alpha, p.beta_e, p.sigma, p.sigma_e, p.mu = config.alpha, config.beta_e, config.sigma, config.sigma_e, config.mu
    p.decay, p.gate = config.current_decay, config.gate_steps
    return array


def to_rest(config: NeuronConfig, membrane: Any) -> None:
    """Set all neurons of a membrane record to the fixed point of the map."""
    one, _ = _at_rest(config)
    for name in core.membrane_dtype(1).names or ():
        membrane[name][:] = one[0][name]


def _at_rest(config: NeuronConfig) -> tuple[Any, np.ndarray]:
    """One neuron at rest, and float64[3, 3]: the map linearised there, which takes (dV, dI, dS) one step on."""
    one, columns = _one_neuron(), np.empty((3, 3))
    core.linearise_at_rest(neuron_params(config), one, columns)
    return one, columns.T.copy()


def _one_neuron() -> Any:
    return np.zeros(1, core.membrane_dtype(1)).view(np.recarray)


def response(jump: float, n_steps: int = 600, config: NeuronConfig | None = None) -> list[int]:
    """Spike steps, counted from 1, of a neuron at rest whose synaptic current S is raised by ``jump`` at step 0.

    Golden et al. 2022, Methods, "Neuron model". Raises ValueError unless ``jump`` is finite and ``n_steps`` positive.

    >>> response(0.1)
    [23, 68]
    """
    if not np.isfinite(jump) or n_steps < 1:
        raise ValueError(f"jump={jump} must be a finite number and n_steps={n_steps} at least 1")
    times = np.zeros(n_steps, np.int64)
    count = core.run_from_rest(neuron_params(config or NeuronConfig()), _one_neuron(), float(jump), n_steps, times)
    return [int(t) for t in times[:count]]


@lru_cache(maxsize=4)
def response_table(config: NetworkConfig) -> Any:
    """The staircase of spike steps over the jump, for these constants.

    Raises ValueError if an input neuron does not fire exactly once after a flash, which the fast engine needs.
    """
    p, one = neuron_params(config.neuron), _one_neuron()
    steps = config.neuron.cycle_steps
    flashed = response(config.wiring.flash, steps, config.neuron)
    if len(flashed) != 1 or flashed[0] * 2 > steps:
        raise ValueError(
            f"flash={config.wiring.flash} makes an input neuron fire at steps {flashed}, but the fast engine needs one "
            "spike in the first half of the cycle; change flash or use engine='reference'"
        )
    array = np.zeros(1, staircase.table_dtype(steps)).view(np.recarray)
    table = array[0]
    n = staircase.find_edges(p, one, _LARGEST_JUMP, staircase.CELLS, table.edge, table.times)
    if n < 2:
        raise ValueError(f"{config.neuron} has no usable staircase of spike times; use engine='reference'")
    edges = table.edge[:n].copy()
    table.edge[n:] = np.inf
    table.n_spikes = np.count_nonzero(table.times, axis=1)
    for k in range(1, n):
        table.sensitivity[k] = _sensitivity(p, one, edges[k], table.times[k - 1], table.times[k])
    table.sensitivity[0], table.sensitivity[n] = table.sensitivity[1], table.sensitivity[n - 1]
    arrival = flashed[0]
    for index, gap in enumerate((steps - arrival, steps, steps + arrival)):
        staircase.fill_remainder(p, one, _LARGEST_JUMP, gap, table.remainder[index])
    cell_starts = np.arange(staircase.CELLS) * (_LARGEST_JUMP / staircase.CELLS)
    table.interval_of_cell = np.searchsorted(edges, cell_starts, side="right") - 1
    table.cells_per_unit = staircase.CELLS / _LARGEST_JUMP
    table.largest = _LARGEST_JUMP
    table.smallest = edges[1] * 0.98
    table.arrival = arrival
    table.relax = _linear_powers(config.neuron, steps)
    return array


def _sensitivity(p: Any, one: Any, edge: float, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Shift of one edge per unit of V, I and S left over."""
    k = int(np.flatnonzero(before != after)[0])
    out = np.zeros(3)
    # The side of the edge on which the spike is there, or earlier, is the one where V has crossed zero.
    if after[k] and (not before[k] or after[k] < before[k]):
        staircase.edge_sensitivity(p, one, edge, after[k], out)
    else:
        staircase.edge_sensitivity(p, one, edge - 2 * staircase.RESOLUTION, before[k], out)
    return out


def _linear_powers(config: NeuronConfig, n: int) -> np.ndarray:
    """float64[n + 1, 3, 3]: the map linearised at rest, to the powers 0 to n."""
    _, once = _at_rest(config)
    powers = np.empty((n + 1, 3, 3))
    powers[0] = np.eye(3)
    for k in range(n):
        powers[k + 1] = once @ powers[k]
    return powers
