"""The neuron's map: written down twice it is one map, and its tangent and its rest belong to it."""

from dataclasses import replace

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiking_agent.config import NeuronConfig
from spiking_agent.core import neurons as core
from spiking_agent.core.lanes import load, store
from spiking_agent.neurons import neuron_params, to_rest
from tests.kernels import called

GATES = {gate: neuron_params(replace(NeuronConfig(), gate_steps=gate))[0] for gate in (1, 2)}

# V of a spike lies between 0 and alpha + u, which is near 0.83; at both ends the branches meet.
# Numbers that 1 - V holds without rounding, so that both are on the same side of zero.
POTENTIALS = (st.floats(-3.0, 2.0) | st.sampled_from([0.0, -1.0, 2.0**-53, -(2.0**-52)])).map(lambda v: 1.0 - (1.0 - v))
NEURONS = st.tuples(POTENTIALS, POTENTIALS, POTENTIALS, st.floats(-3.1, -2.5), st.floats(-0.5, 0.5))


def membrane(*neurons):
    """Neurons in these states (V, V one and two steps ago, I, S)."""
    array = np.zeros(1, core.membrane_dtype(len(neurons))).view(np.recarray)
    for name, values in zip(array.dtype.names, zip(*neurons, strict=True), strict=True):
        array[name] = values
    return array[0]


def step_eight(p, m):
    """Eight neurons at once; returns the bits of those that spike."""
    gate = m.v_2 if p.gate == 2 else m.v_1
    v, i, current, spikes = core.step_eight(
        core.constants(p), 1.0 - load(m.v, 0), 1.0 - load(m.slow, 0), load(m.current, 0), 1.0 - load(gate, 0)
    )
    for n in range(8):
        m.v_2[n], m.v_1[n] = m.v_1[n], m.v[n]
    store(m.v, 0, 1.0 - v)
    store(m.slow, 0, 1.0 - i)
    store(m.current, 0, current)
    return spikes


step_eight = numba.njit(error_model="numpy")(step_eight)
step_neuron, step_deviation, branch_of = (called(k) for k in (core.step_neuron, core.step_deviation, core.branch))


@pytest.mark.parametrize("gate", GATES)
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(neurons=st.lists(NEURONS, min_size=8, max_size=8))
def test_eight_at_once_take_the_steps_that_they_take_one_by_one(gate, neurons):
    p = GATES[gate]
    one_by_one, at_once = membrane(*neurons), membrane(*neurons)
    spikes = [step_neuron(p, one_by_one, n) for n in range(8)]

    assert step_eight(p, at_once) == sum(2**n for n in range(8) if spikes[n])
    for name in one_by_one.dtype.names:
        np.testing.assert_allclose(at_once[name], one_by_one[name], rtol=0, atol=2e-15)


@pytest.mark.parametrize("gate", GATES)
def test_eight_at_once_are_the_map_where_v_meets_its_peak(gate):
    p = GATES[gate]
    peak = p.alpha + (-2.8 + p.beta_e * 0.1)
    neurons = [(peak + away, ago, ago, -2.8, 0.1) for away in (-1e-14, 1e-14, -0.1, 0.1) for ago in (-1, 1)]
    one_by_one, at_once = membrane(*neurons), membrane(*neurons)
    spikes = [step_neuron(p, one_by_one, n) for n in range(8)]

    assert spikes == [False, True, True, True, False, True, True, True]
    assert step_eight(p, at_once) == sum(2**n for n in range(8) if spikes[n])
    np.testing.assert_allclose(at_once.v, one_by_one.v, rtol=0, atol=2e-15)


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
        assert branch_of(p, one, 0) == branch
        step_neuron(p, one, 0)
        return np.array([one.v[0], one.slow[0], one.current[0]])

    for direction in (*np.eye(3), np.array([0.3, -0.7, 0.5])):
        slope = direction.copy()
        step_deviation(p, membrane((v, ago, ago, *state[1:])), 0, slope)
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
        assert not step_neuron(p, still, n)
    for name in rest.dtype.names:
        np.testing.assert_allclose(still[name], rest[name], rtol=1e-15)

    small = 1e-7
    for column, name in zip(columns, ("v", "slow", "current"), strict=True):
        moved = rest.copy()
        moved[name][0] += small
        step_neuron(p, moved, 0)
        measured = [(moved[after][0] - rest[after][0]) / small for after in ("v", "slow", "current")]
        np.testing.assert_allclose(column, measured, rtol=1e-5, atol=1e-8)
