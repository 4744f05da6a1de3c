"""Learning in both engines is that of the naive twin, and keeps what it promises to keep."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.checks import side_by_side
from spiking_agent.brain import NEVER, output_weights, set_output_weights
from spiking_agent.core import life
from tests.reference.plasticity import NaivePlasticity
from tests.spiking_agent.networks import copied, freeze_some, lively, newborn, some_view, world

STEPS = st.integers(60, 480)  # so that spikes of different cycles are never near enough for a trace, as in life
INPUTS = st.dictionaries(st.integers(0, 48), STEPS, max_size=8).map(lambda spikes: list(spikes.items()))
HIDDEN = st.lists(st.tuples(st.integers(0, 15), STEPS), max_size=12)
OUTPUTS = st.lists(st.tuples(st.integers(0, 7), STEPS), max_size=12)
DOPAMINE = st.sampled_from([1.0, -0.001, -0.0001, 0.5])
CYCLES = st.lists(st.tuples(INPUTS, HIDDEN, OUTPUTS, DOPAMINE), min_size=1, max_size=9)


def learn(brain, cycle):
    """End a cycle in which the network fired like this."""
    *trains, dopamine = cycle
    net = brain.net[0]
    row = net.cycle % 6
    net.spikes.cycle[row] = net.cycle
    for layer, spikes in zip(("input", "hidden", "output"), trains, strict=True):
        train = net.spikes[layer]
        train.count[row] = len(spikes)
        for n, (neuron, step) in enumerate(spikes):
            train.neuron[row, n], train.time[row, n] = neuron, step
    brain.params[0].dopamine = dopamine
    life.feel(brain, 0)


def average_now(net):
    """A at the end of the last cycle; the fast engine lets it lie where there are no traces."""
    decayed = net.average.T * 0.999 ** (net.cycle - 1 - net.average_cycle)
    return np.copysign(np.maximum(np.abs(decayed), 1e-10), decayed)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
@given(cycles=CYCLES, frozen=st.booleans(), plastic_input=st.booleans(), seed=st.integers(0, 3))
def test_both_engines_learn_what_the_naive_twin_learns(cycles, frozen, plastic_input, seed):
    first = lively(seed, engine="reference")
    net = first.net[0]
    net.plastic_input = plastic_input
    net.resistance = 1.0
    if frozen:
        freeze_some(net, np.random.default_rng(seed))
    second = copied(first, engine="fast")
    twin = NaivePlasticity(
        first.wiring[0].source.tolist(),
        net.w_in.tolist(),
        output_weights(net).tolist(),
        net.free.T.tolist(),
        plastic_input,
    )
    twin.input_total = first.wiring[0].input_total.tolist()

    for cycle in cycles:
        twin.end_of_cycle(*cycle)
        for brain in (first, second):
            learn(brain, cycle)

    for brain in (first, second):
        net = brain.net[0]
        # A may be a small difference of large numbers, and then divides what the order of summation left over.
        np.testing.assert_allclose(output_weights(net), twin.w_out, rtol=1e-12, atol=1e-10)
        np.testing.assert_allclose(net.w_in, twin.w_in, rtol=1e-12)
        np.testing.assert_allclose(average_now(net), twin.average, rtol=1e-9)
        np.testing.assert_allclose(net.input_target, twin.input_target, rtol=1e-14)
        np.testing.assert_allclose(net.resistance, twin.resistance, rtol=1e-14)
        np.testing.assert_allclose(net.rate_out, twin.rate_out, rtol=1e-12)
        np.testing.assert_allclose(net.rate_hidden, twin.rate_hidden, rtol=1e-12)


PRE, POST = [(3, 100)], [(5, 110)]


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_reward_strengthens_what_led_to_a_spike_and_punishment_weakens_it(engine):
    changes = {}
    for dopamine in (1.0, -0.001):
        for name, hidden, output in (("causal", PRE, POST), ("late", [(3, 130)], POST)):
            brain = newborn(engine=engine)
            brain.net[0].learning = 1
            learn(brain, ([], hidden, output, dopamine))
            changes[name, dopamine] = output_weights(brain.net[0])[5, 3] - 0.02
    assert changes["causal", 1.0] > 1e-5
    assert changes["causal", -0.001] < 0
    assert changes["late", 1.0] < -1e-5  # what came after it is weakened by reward
    assert changes["late", -0.001] > 0


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_nothing_changes_without_learning(engine):
    brain = lively(engine=engine)
    net = brain.net[0]
    net.learning = 0
    net.plastic_input = 1
    names = ("w_in", "w_out", "scale", "average", "resistance", "rate_out", "rate_hidden", "input_target")
    before = {name: net[name].copy() for name in names}
    learn(brain, ([(0, 65)], PRE, POST, 1.0))
    for name, array in before.items():
        np.testing.assert_array_equal(net[name], array)
    assert net.cycle == 1


def test_sums_are_conserved_and_frozen_synapses_rest_through_a_learning_life():
    rng = np.random.default_rng(0)
    for frozen in (False, True):
        brain = lively()
        net = brain.net[0]
        net.plastic_input = 1
        if frozen:
            freeze_some(net, rng)
        start, free = output_weights(net), net.free.T == 1
        for t in range(600):
            target = net.input_target.copy()
            life.think(brain, some_view(rng))
            life.feel(brain, (-1, 0, 1)[t % 3])
            np.testing.assert_allclose(output_weights(net).sum(axis=1), 15.68, rtol=1e-12)
            np.testing.assert_allclose(net.w_in.sum(axis=0), target, rtol=1e-12)
        weights = output_weights(net)
        np.testing.assert_array_equal(weights[~free], start[~free])
        moved = np.abs(weights / start - 1)[free]
        assert moved.max() > 0.05
        assert net.w_in.min() > 0.99e-5
        assert weights.min() > 0.99e-5
        assert weights.max() < 1.01


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_homeostasis_moves_towards_its_aim_by_one_part_in_a_hundred_thousand(engine):
    brain = newborn(engine=engine)
    net = brain.net[0]
    net.learning = net.plastic_input = 1
    net.rate_out[:4], net.rate_out[4:] = 0.6, 0.4
    net.rate_hidden[:400], net.rate_hidden[400:] = 0.02, 0.005
    target = net.input_target.copy()
    learn(brain, ([], [], [], 1.0))
    np.testing.assert_allclose(net.resistance, [1 + 1e-5] * 4 + [1 - 1e-5] * 4, rtol=1e-15)
    factor = np.where(np.arange(784) < 400, 1 - 1e-5, 1 + 1e-5)
    np.testing.assert_allclose(net.input_target, target * factor, rtol=1e-15)


def test_factors_that_wait_come_to_what_factors_at_once_come_to():
    at_once = lively()
    net = at_once.net[0]
    weights = output_weights(net)
    low = weights < 0.006  # as in a trained network, where many lie on their lower bound
    weights[low] = 0.0
    weights *= (15.68 - 1e-5 * low.sum(axis=1, keepdims=True)) / weights.sum(axis=1, keepdims=True)
    weights[low] = 1e-5
    set_output_weights(net, weights)
    rng, waited = np.random.default_rng(1), 0
    for t in range(400):
        if t % 10 == 0:
            waiting = copied(at_once)
            waiting.net[0].postponed = 0
        view = some_view(rng)
        for brain in (at_once, waiting):
            life.think(brain, view)
        net.postponed = NEVER
        for brain in (at_once, waiting):
            life.feel(brain, (0, 0, 0, 0, -1)[t % 5])
        waited += waiting.net[0].postponed > 0
        gap = np.abs(output_weights(net) - output_weights(waiting.net[0]))
        assert gap.max() < 1e-9
    assert waited > 80
    assert (output_weights(net) < 1.0001e-5).sum() > 500


@pytest.mark.parametrize("asleep", [False, True])
def test_cycles_with_more_synapses_than_are_kept_are_learned_from_all_the_same(asleep):
    reference = lively(engine="reference")
    reference.net[0].resistance = 0.3
    reference.net[0].w_in *= 1.6
    fast = copied(reference)
    living = (
        side_by_side.asleep(reference, fast, np.full(784, 0.1))
        if asleep
        else side_by_side.awake(reference, fast, world())
    )
    overfull = equal = 0
    for cycle in islice(living, 60):
        overfull += (fast.work[0].traces.count < 0).any()
        equal += cycle.spikes
        assert cycle.weight_gap < 1e-9 or not cycle.spikes
    assert overfull > 10
    assert equal > 10
