"""The neuron's map: its two loops are one map, and its tangent and its rest belong to it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiking_agent.config import NeuronConfig
from spiking_agent.core import neurons as core
from spiking_agent.neurons import neuron_params, to_rest

GATES = {gate: neuron_params(replace(NeuronConfig(), gate_steps=gate))[0] for gate in (1, 2)}

# V of a spike lies between 0 and alpha + u, which is near 0.83; at both ends the branches meet.
POTENTIALS = st.floats(-3.0, 2.0) | st.sampled_from([0.0, -0.0, -1.0, 5e-324, -5e-324])
NEURONS = st.tuples(POTENTIALS, POTENTIALS, POTENTIALS, st.floats(-3.1, -2.5), st.floats(-0.5, 0.5))


def membrane(*neurons):
    """Neurons in these states (V, V one and two steps ago, I, S)."""
    array = np.zeros(1, core.membrane_dtype(len(neurons))).view(np.recarray)
    for name, values in zip(array.dtype.names, zip(*neurons, strict=True), strict=True):
        array[name] = values
    return array[0]


@pytest.mark.parametrize("gate", GATES)
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(neurons=st.lists(NEURONS, min_size=11, max_size=11))
def test_the_fast_loop_is_the_map_to_the_bit(gate, neurons):
    p, n_last = GATES[gate], 8
    first = len(neurons) - n_last
    one_by_one, at_once = membrane(*neurons), membrane(*neurons)
    for n in range(first, len(neurons)):
        core.step_neuron(p, one_by_one, n)
    n_high = core.step_many(p, at_once, first, n_last)

    assert at_once.tobytes() == one_by_one.tobytes()
    assert n_high == sum(v > 0 for v, *_ in neurons[first:])


@pytest.mark.parametrize("gate", GATES)
def test_the_fast_loop_is_the_map_where_v_meets_its_peak(gate):
    p = GATES[gate]
    peak = p.alpha + (-2.8 + p.beta_e * 0.1)
    neurons = [
        (v, ago, ago, -2.8, 0.1) for v in (np.nextafter(peak, 0), peak, np.nextafter(peak, 9)) for ago in (-1, 1)
    ]
    one_by_one, at_once = membrane(*neurons), membrane(*neurons)
    spikes = [core.step_neuron(p, one_by_one, n) for n in range(len(neurons))]
    core.step_many(p, at_once, 0, len(neurons))

    assert spikes == [False, True, True, True, True, True]
    assert at_once.tobytes() == one_by_one.tobytes()


BRANCHES = {
    "falling": (core.FALLING, -0.4, -0.5),
    "peak": (core.PEAK, 0.3, -0.2),
    "spike": (core.SPIKE, 0.9, -0.2),
    "spike for the gate": (core.SPIKE, 0.3, 0.2),
}


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize(("branch", "v", "ago"), BRANCHES.values(), ids=BRANCHES)
def test_the_tangent_is_the_slope_of_the_step_in_every_branch(branch, v, ago, gate):
    p, small, state = GATES[gate], 1e-6, np.array([v, -2.8, 0.05])

    def after(state):
        one = membrane((state[0], ago, ago, state[1], state[2]))
        assert core.branch(p, one, 0) == branch
        core.step_neuron(p, one, 0)
        return np.array([one.v[0], one.slow[0], one.current[0]])

    for direction in (*np.eye(3), np.array([0.3, -0.7, 0.5])):
        slope = direction.copy()
        core.step_deviation(p, membrane((v, ago, ago, *state[1:])), 0, slope)
        measured = (after(state + small * direction) - after(state - small * direction)) / (2 * small)
        np.testing.assert_allclose(slope, measured, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("gate", GATES)
def test_rest_stays_where_it_is_and_is_left_as_the_tangent_says(gate):
    p, config = GATES[gate], replace(NeuronConfig(), gate_steps=gate)
    rest = membrane(*[(9.0,) * 5] * 3)
    to_rest(config, rest)
    settled = membrane((0.0,) * 5)
    columns = np.empty((3, 3))
    core.linearise_at_rest(neuron_params(config), np.array([settled]).view(np.recarray), columns)

    still = rest.copy()
    for n in range(3):
        assert not core.step_neuron(p, still, n)
    for name in rest.dtype.names:
        np.testing.assert_allclose(still[name], rest[name], rtol=1e-15)

    small = 1e-7
    for column, name in zip(columns, ("v", "slow", "current"), strict=True):
        moved = rest.copy()
        moved[name][0] += small
        core.step_neuron(p, moved, 0)
        measured = [(moved[after][0] - rest[after][0]) / small for after in ("v", "slow", "current")]
        np.testing.assert_allclose(column, measured, rtol=1e-5, atol=1e-8)
