"""What a neuron does after one jump of its synaptic current, tabulated: the heart of the fast engine.

In a movement cycle a hidden neuron gets one jump (all input neurons fire in the same step) and is at rest
again long before the next. So its spike steps are a function of the jump alone, a staircase whose edges are
found here by bisection: between two edges the answer is exact, not interpolated.

"At rest again" is not quite true: about 1e-4 of everything is left after a cycle (all modes of the map decay
by 0.985 a step). That remainder moves the edges a little, and to first order the shift is

    shift = (dV/dV0 v + dV/dI0 i + dV/dS0 s) / (dV/dS0)     for a remainder (v, i, s)

with V taken at the step in which it crosses zero, the event that decides the edge. Both the remainder (as a
function of the previous jump) and the derivatives are tabulated, so carrying it over costs a few
multiplications. What two cycles back has left, 1e-8, is dropped.
"""

import numpy as np

from foraging_env.core.compiled import bare_kernel, entry_point
from spiking_agent.core.neurons import rest_slow, rest_v, run_neuron, set_to_rest, step_deviation, step_neuron

MAX_SPIKES = 12  # of one hidden neuron after one jump; the largest tabulated jump gives far fewer
HORIZON = 300  # steps after a jump in which it can still cause a spike
RESOLUTION = 1e-14  # width at which bisection of an edge stops


CELLS = 8192  # of the search grid
EDGES = 1024  # room for edges


def table_dtype(cycle_steps: int) -> np.dtype:
    """Staircase of spike steps over the jump, and what is left of a jump at the next one."""
    return np.dtype(
        [
            ("cells_per_unit", "f8"),  # cells of the search grid per unit of jump
            ("largest", "f8"),  # jumps from here on are not tabulated
            ("smallest", "f8"),  # below this jump there is no spike, whatever was left over
            ("arrival", "i8"),  # steps from the flash to the spike of an input neuron
            ("interval_of_cell", "i4", (CELLS,)),  # the interval in which the left side of the cell lies
            ("edge", "f8", (EDGES,)),  # left edges of the intervals; infinite after the last
            ("n_spikes", "i4", (EDGES,)),
            ("times", "i4", (EDGES, MAX_SPIKES)),  # spike steps after the jump
            ("sensitivity", "f8", (EDGES, 3)),  # shift of an edge per unit of V, I and S left over
            # V, I and S left over; first index by the steps between the two jumps: one cycle less `arrival`
            # (awake, then asleep), one cycle, one cycle more `arrival`.
            ("remainder", "f8", (3, CELLS, 3)),
            ("relax", "f8", (cycle_steps + 1, 3, 3)),  # the linearised map to the power of its index
        ],
        align=True,
    )


@bare_kernel
def _spikes_after(p, m, jump, times):
    set_to_rest(p, m, 0, 1)
    m.current[0] = jump
    times[:] = 0
    return run_neuron(p, m, 0, HORIZON, times)


@bare_kernel
def _same(times_a, times_b):
    for n in range(times_a.shape[0]):  # noqa: SIM110  np.array_equal() takes a second to compile
        if times_a[n] != times_b[n]:
            return False
    return True


@entry_point
def find_edges(p_array, m_array, largest, n_cells, edges, answers):
    """Find every jump at which the spike steps change; write edges and the answers from them on.

    ``edges`` float64[capacity], ``answers`` int64[capacity, MAX_SPIKES]; returns their number, or -1 if the
    capacity is too small. The first edge is 0, with the answer "no spike".
    """
    p, m = p_array[0], m_array[0]
    n = 1
    edges[0] = 0.0
    answers[0, :] = 0
    before = np.zeros(MAX_SPIKES, np.int64)
    after = np.zeros(MAX_SPIKES, np.int64)
    middle = np.zeros(MAX_SPIKES, np.int64)
    low = 0.0
    for cell in range(1, n_cells + 1):
        end = largest * cell / n_cells
        _spikes_after(p, m, end, after)
        while not _same(before, after):  # there is an edge between low and end: find the leftmost visible one
            left, right = low, end
            while right - left > RESOLUTION:
                half = 0.5 * (left + right)
                _spikes_after(p, m, half, middle)
                if _same(before, middle):
                    left = half
                else:
                    right = half
            if n == edges.shape[0]:
                return -1
            _spikes_after(p, m, right, before)
            edges[n] = right
            for spike in range(MAX_SPIKES):
                answers[n, spike] = before[spike]
            n += 1
            low = right
        low = end
    return n


@entry_point
def edge_sensitivity(p_array, m_array, edge, changed, out):
    """Derivatives at one edge. ``changed``: the earlier one of the spike steps on its two sides.

    V crossed zero some steps before that spike. Unit deviations of V, I and S are carried along the trajectory to that
    crossing; writes dV/d(V0, I0, S0) there, over dV/dS0, into ``out`` float64[3].
    """
    p, m = p_array[0], m_array[0]
    set_to_rest(p, m, 0, 1)
    m.current[0] = edge
    deviations = np.zeros((3, 3))
    for k in range(3):
        deviations[k, k] = 1.0
    for _ in range(1, changed):
        v = m.v[0]
        for k in range(3):
            step_deviation(p, m, 0, deviations[k])
        step_neuron(p, m, 0)
        if v <= 0.0 and m.v[0] > 0.0:
            out[0] = deviations[0, 0] / deviations[2, 0]
            out[1] = deviations[1, 0] / deviations[2, 0]
            out[2] = 1.0


@entry_point
def fill_remainder(p_array, m_array, largest, gap, out):
    """What is left of V, I and S ``gap`` steps after a jump, for the middle of every cell.

    ``out`` float64[cells, 3].
    """
    p, m = p_array[0], m_array[0]
    times = np.zeros(MAX_SPIKES, np.int64)
    n_cells = out.shape[0]
    for cell in range(n_cells):
        set_to_rest(p, m, 0, 1)
        m.current[0] = largest * (cell + 0.5) / n_cells
        run_neuron(p, m, 0, gap, times)
        out[cell, 0] = m.v[0] - rest_v(p)
        out[cell, 1] = m.slow[0] - rest_slow(p)
        out[cell, 2] = m.current[0]


@bare_kernel
def remaining(table, gap_index, last_jump):
    """V, I and S left over from the last jump."""
    cell = min(np.int64(last_jump * table.cells_per_unit), table.remainder.shape[1] - 1)
    left = table.remainder[gap_index, cell]
    return left[0], left[1], left[2]


@bare_kernel
def interval_after(table, jump, dv, dslow, dcurrent):
    """Interval of the staircase in which a jump falls, given what was left over; needs jump < largest."""
    k = table.interval_of_cell[np.int64(jump * table.cells_per_unit)]
    while table.edge[k + 1] <= jump:
        k += 1
    nearest = k if jump - table.edge[k] < table.edge[k + 1] - jump else k + 1
    c = table.sensitivity[nearest]
    moved = jump + c[0] * dv + c[1] * dslow + c[2] * dcurrent
    while table.edge[k + 1] <= moved:
        k += 1
    while k > 0 and table.edge[k] > moved:
        k -= 1
    return k
