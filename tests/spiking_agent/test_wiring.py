"""Who is connected to whom, and with what weight a network begins."""

import numpy as np
import pytest

from spiking_agent.config import NetworkConfig
from spiking_agent.wiring import sources
from tests.spiking_agent.networks import newborn


@pytest.mark.parametrize(
    ("n_inputs", "n_hidden", "per_hidden"), [(49, 784, 9), (9, 27, 3), (9, 9, 9), (9, 18, 8), (25, 25, 1)]
)
def test_every_hidden_neuron_has_different_inputs_and_every_input_as_many_targets(n_inputs, n_hidden, per_hidden):
    for seed in range(3):
        source = sources(n_inputs, n_hidden, per_hidden, np.random.default_rng(seed))
        assert source.shape == (per_hidden, n_hidden)
        assert all(len(set(hand)) == per_hidden for hand in source.T.tolist())
        assert (np.bincount(source.ravel(), minlength=n_inputs) == per_hidden * n_hidden // n_inputs).all()


@pytest.mark.parametrize(("n_inputs", "n_hidden", "per_hidden"), [(49, 783, 9), (9, 27, 10)])
def test_shares_that_cannot_be_equal_are_refused(n_inputs, n_hidden, per_hidden):
    with pytest.raises(ValueError, match=f"{n_hidden} hidden neurons with {per_hidden} inputs each cannot be shared"):
        sources(n_inputs, n_hidden, per_hidden, np.random.default_rng(0))


def test_every_input_hands_out_its_quanta_and_every_output_gets_the_same():
    brain = newborn()
    wiring, net = brain.wiring[0], brain.net[0]
    per_input = [net.w_in[wiring.slot[n], wiring.target[n]] for n in range(49)]
    np.testing.assert_allclose(np.sum(per_input, axis=1), 144 * 0.001 + 1440 * 0.001)
    np.testing.assert_allclose(np.sum(per_input, axis=1), wiring.input_total)
    quanta = np.array(per_input) / 0.001
    np.testing.assert_allclose(quanta, quanta.round(), atol=1e-9)
    assert quanta.min() >= 1
    assert quanta.std() == pytest.approx(np.sqrt(10 * 143 / 144), rel=0.02)  # multinomial
    assert (net.w_out == 0.02).all()
    np.testing.assert_allclose(net.w_out.sum(axis=0), 15.68)
    np.testing.assert_array_equal(net.input_target, net.w_in.sum(axis=0))


def test_slots_lead_back_to_their_sources_and_reach_every_synapse_once():
    wiring = newborn().wiring[0]
    visits = np.zeros(wiring.source.shape, int)
    for neuron in range(49):
        assert (wiring.source[wiring.slot[neuron], wiring.target[neuron]] == neuron).all()
        np.add.at(visits, (wiring.slot[neuron], wiring.target[neuron]), 1)
    assert (visits == 1).all()


def test_the_printed_start_has_the_same_mean_and_spread():
    weights = newborn(config=NetworkConfig.as_printed()).net[0].w_in
    assert weights.mean() == pytest.approx(0.011, rel=0.02)
    assert weights.std() == pytest.approx(0.001 * np.sqrt(10), rel=0.05)
    assert weights.min() > 0


def test_networks_of_different_seeds_are_different_and_of_one_seed_equal():
    one, same, other = newborn(1), newborn(1), newborn(2)
    assert one.net.tobytes() == same.net.tobytes()
    assert one.wiring.tobytes() == same.wiring.tobytes()
    assert (one.wiring[0].source != other.wiring[0].source).any()
    assert one.net[0].stream != other.net[0].stream
