"""The network itself: it needs no world, and its switches do what they say."""

import numpy as np
import pytest

from spiking_agent import NetworkConfig, SpikingAgent
from spiking_agent.brain import output_weights
from spiking_agent.network import Network


def test_a_network_needs_no_agent(make_agent):
    agent, network = make_agent(seed=5), Network(NetworkConfig(), 7, engine="fast", seed=5)
    network.set_output_resistance(0.3)
    np.testing.assert_array_equal(network.input_weights, agent.input_weights)

    for one in (network, agent):
        one.sleep(100, rates=np.full(784, 0.02))
    assert network.brain.net.tobytes() == agent.brain.net.tobytes()
    with pytest.raises(ValueError, match="no task has been lived in yet"):
        network.sleep(10)


def test_a_frozen_copy_leaves_the_network_as_it_is(make_agent):
    network = make_agent().learn(50).network
    before = network.brain.net.tobytes()
    frozen = network.frozen_copy(7)
    assert (frozen.net[0].learning, frozen.net[0].hunger, frozen.net[0].stream) == (0, 0, 7)
    np.testing.assert_array_equal(output_weights(frozen.net[0]), network.weights)
    frozen.net[0].w_out = 0.0
    assert network.brain.net.tobytes() == before


def test_frozen_hidden_is_frozen_for_good(make_agent, make_env, tmp_path):
    agent = make_agent().learn(50)
    agent.freeze_hidden()
    before = agent.input_weights
    agent.learn(100, reset_num_timesteps=False)
    np.testing.assert_array_equal(agent.input_weights, before)
    agent.save(tmp_path / "agent")
    for frozen in (agent, SpikingAgent.load(tmp_path / "agent", env=make_env())):
        assert not frozen.plastic_input
        with pytest.raises(ValueError, match="frozen for good"):
            frozen.plastic_input = True


def test_the_unsupervised_stage_changes_both_layers_and_a_test_changes_none(make_agent):
    agent = make_agent()
    before = agent.weights, agent.input_weights, agent.output_resistance
    agent.learning = False
    agent.learn(100)
    for old, new in zip(before, (agent.weights, agent.input_weights, agent.output_resistance), strict=True):
        np.testing.assert_array_equal(old, new)
    agent.learning = True
    agent.learn(100, reset_num_timesteps=False)
    for old, new in zip(before, (agent.weights, agent.input_weights, agent.output_resistance), strict=True):
        assert (old != new).any()


def test_the_strongest_synapses_freeze_and_the_others_go_on_learning(make_agent):
    agent = make_agent().learn(300)
    strongest = np.argsort(-agent.weights, axis=1, kind="stable")[:, : int(np.ceil(0.1 * 784))]
    agent.freeze_strongest(0.1)
    before = agent.weights
    agent.learn(300, reset_num_timesteps=False)
    after = agent.weights
    rows = np.arange(8)[:, None]
    np.testing.assert_array_equal(after[rows, strongest], before[rows, strongest])
    assert (after != before).mean() > 0.5
    np.testing.assert_allclose(after.sum(axis=1), 15.68)
    for fraction in (-0.1, 1.0, float("nan")):
        with pytest.raises(ValueError, match=f"fraction={fraction} must be at least 0 and below 1"):
            agent.freeze_strongest(fraction)


def test_pruned_hidden_neurons_receive_nothing_awake_or_asleep(make_agent):
    agent = make_agent()
    agent.prune_hidden(np.arange(784) != 5)
    agent.learn(200)
    agent.sleep(50, rates=np.full(784, 0.5))
    assert agent.sleep_rates().nonzero()[0].tolist() in ([], [5])
    with pytest.raises(IndexError):
        agent.prune_hidden([784])


def test_runaway_spiking_is_reported(make_agent):
    agent = make_agent()
    agent.freeze_hidden()
    agent.brain.net[0].w_in *= 100
    with pytest.raises(RuntimeError, match="the network fires without bounds"):
        agent.learn(500)
