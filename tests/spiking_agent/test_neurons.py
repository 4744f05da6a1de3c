"""The neuron is the one of the paper, and its table of answers is right."""

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiking_agent.config import NetworkConfig, NeuronConfig, WiringConfig
from spiking_agent.core import response as staircase
from spiking_agent.core.neurons import membrane_dtype
from spiking_agent.neurons import response, response_table, to_rest
from tests.kernels import called

interval_after, remaining = called(staircase.interval_after), called(staircase.remaining)

PUBLISHED = {
    0.018: [],
    0.020: [92],
    0.022: [77],
    0.025: [65],
    0.030: [54],
    0.036: [46],
    0.050: [36],
    0.100: [23, 68],
}


@pytest.mark.parametrize("config", [NetworkConfig(), NetworkConfig.as_printed()], ids=["simulated", "printed"])
@pytest.mark.parametrize(("jump", "steps"), PUBLISHED.items())
def test_spikes_come_at_the_published_steps(jump, steps, config):
    assert response(jump, config=config.neuron) == steps


def test_the_map_written_out_gives_the_same_spikes():
    alpha, beta_e, sigma, mu = 3.65, 0.133, 0.06, 0.0005
    for jump in np.linspace(0.015, 0.3, 50):
        v = v_1 = v_2 = sigma - 1
        slow, current, spikes = v - alpha / (1 - v), jump, []
        for t in range(1, 601):
            u = slow + beta_e * current
            if v <= 0:
                after = alpha / (1 - v) + u
            elif v < alpha + u and v_2 <= 0:
                after = alpha + u
            else:
                after = -1.0
                spikes.append(t)
            slow = slow - mu * (v + 1) + mu * sigma + mu * current
            v, v_1, v_2, current = after, v, v_1, 0.985 * current
        assert response(jump) == spikes


def test_rest_is_a_fixed_point_and_no_jump_gives_no_spike():
    membrane = np.zeros(1, membrane_dtype(1)).view(np.recarray)[0]
    to_rest(NeuronConfig(), membrane)
    assert membrane.v[0] == pytest.approx(-0.94)
    assert membrane.slow[0] == pytest.approx(-2.82144, abs=5e-6)
    v, slow = membrane.v[0], membrane.slow[0]
    assert 3.65 / (1 - v) + slow == pytest.approx(v, abs=1e-15)
    assert -0.0005 * (v + 1) + 0.0005 * 0.06 == pytest.approx(0, abs=1e-18)
    assert response(0.0, 10_000) == []


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(jump=st.floats(0, 0.3, exclude_max=True))
def test_the_table_answers_like_the_neuron(jump):
    config = NetworkConfig()
    table = response_table(config)[0]
    k = interval_after(table, jump, 0.0, 0.0, 0.0)
    assert table.times[k, : table.n_spikes[k]].tolist() == response(jump, staircase.HORIZON, config.neuron)
    assert jump >= table.smallest or table.n_spikes[k] == 0


def test_the_table_knows_what_a_jump_leaves_behind():
    config = NetworkConfig()
    table = response_table(config)[0]
    rng = np.random.default_rng(0)
    right = wrong_without = 0
    for first, second in rng.uniform(0.02, 0.12, (400, 2)).tolist():
        # One neuron, a jump, one cycle, another jump: what follows it is what the table must foresee.
        truth = two_jumps(config.neuron, first, second)
        left = remaining(table, 1, first)
        k = interval_after(table, second, *left)
        right += table.times[k, : table.n_spikes[k]].tolist() == truth
        wrong_without += response(second, staircase.HORIZON) != truth
    assert wrong_without > 3
    assert 400 - right < wrong_without / 3


def two_jumps(config, first, second):
    """Steps after the second jump, one cycle after the first, in which the neuron spikes."""
    alpha, sigma, mu = config.alpha, config.sigma, config.mu
    v = v_1 = v_2 = sigma - 1
    slow, current, spikes = v - alpha / (1 - v), first, []
    for t in range(1, 600 + staircase.HORIZON + 1):
        u = slow + config.beta_e * current
        after = alpha / (1 - v) + u if v <= 0 else (alpha + u if v < alpha + u and v_2 <= 0 else -1.0)
        if v > 0 and after == -1.0:
            spikes.append(t - 600)
        slow = slow - mu * (v + 1) + mu * sigma + mu * current
        v, v_1, v_2, current = after, v, v_1, config.current_decay * current
        if t == 600:
            current += second
    return [t for t in spikes if t > 0]


def test_constants_the_fast_engine_cannot_tabulate_are_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r"flash=0\.2 makes an input neuron fire at steps .*use engine='reference'"):
        response_table(NetworkConfig(wiring=WiringConfig(flash=0.2)))
    with pytest.raises(ValueError, match=r"jump=nan must be a finite number"):
        response(float("nan"))
    with pytest.raises(ValueError, match=r"n_steps=0 at least 1"):
        response(0.1, 0)


def test_a_configuration_is_data_and_unknown_constants_are_answered_with_the_known_ones():
    for config in (NetworkConfig(), NetworkConfig.as_printed()):
        assert NetworkConfig.from_dict(asdict(config)) == config
    with pytest.raises(ValueError, match=r"unknown neuron constants \['beta'\]; known: \['alpha'"):
        NetworkConfig.from_dict({"neuron": {"beta": 1.0}})
    with pytest.raises(ValueError, match=r"unknown parts of a network configuration: \['nerves'\]"):
        NetworkConfig.from_dict({"nerves": {}})
