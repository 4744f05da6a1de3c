"""Sleep of perceptrons: by hand, against a naive twin, and in the lives of agents."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from baselines.agent import DeepAgent
from baselines.remedies.sleep import Sleep, SleepDuring
from baselines.remedies.spiking_replay import Layer, Night, largest_activations, sleep
from tests.reference.spiking_replay import naive_sleep

NIGHT = Night(steps=200, threshold=0.4, up=0.02, down=0.01)
SMALL = {"ppo": {"n_steps": 4, "batch_size": 64, "n_epochs": 1}, "dqn": {"buffer_size": 640, "learning_starts": 64}}
ROLLOUT = 128  # steps of all worlds


def network(seed, sizes=(6, 8, 7, 3)):
    draw = np.random.default_rng(seed)
    return [Layer(draw.normal(size=(n, below)), draw.normal(size=n)) for below, n in pairwise(sizes)]


def unchanged(layers, slept):
    return all(np.array_equal(layer.weights, new) for layer, new in zip(layers, slept.weights, strict=True))


def test_five_steps_of_two_inputs_two_units_and_one_by_hand():
    # The first input fires always, the second never; weights deviate by 1 from their mean, and f is 1.
    layers = [Layer(np.array([[1.0, -1.0], [-1.0, 1.0]]), np.zeros(2)), Layer(np.array([[1.0, -1.0]]), np.zeros(1))]
    night = Night(steps=5, threshold=1.5, up=0.25, down=0.125, width=np.inf, decay=0.5, input_gain=1.0)
    slept = sleep(layers, np.array([1.0, 0.0]), [1.0, 1.0], night, np.random.default_rng(0))
    # Unit 0: 1; 0.5 + 1 fires; 1.25; 0.625 + 1.25 fires; 1.5 fires. Unit 1 is inhibited throughout.
    assert slept.weights[0].tolist() == [[1.75, -1.375], [-1.0, 1.0]]
    # The last unit hears it in steps 2, 4, 5: 0; 1; 0.5; 0.25 + 1; 0.625 + 1 fires.
    assert slept.weights[1].tolist() == [[1.25, -1.125]]
    assert slept.rates == [0.5, 0.3, 0.2]


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("width", [0.01, 1.0, np.inf])
def test_layer_by_layer_and_step_by_step_are_the_same_night(bias, width):
    night = replace(NIGHT, bias=bias, width=width)
    layers, rates, largest = network(1), np.linspace(0.1, 1.0, 6), [3.0, 5.0, 4.0]
    slept = sleep(layers, rates, largest, night, np.random.default_rng(2))
    inputs = np.random.default_rng(2).random((night.steps, 6)) < night.input_gain * rates
    weights, spikes = naive_sleep(
        [layer.weights.tolist() for layer in layers],
        [layer.bias.tolist() for layer in layers],
        largest,
        night,
        inputs.tolist(),
    )
    assert slept.rates == [inputs.mean(), *(np.mean(layer) for layer in spikes)]
    assert min(slept.rates) > 0
    for mine, naive in zip(slept.weights, weights, strict=True):
        np.testing.assert_allclose(mine, naive, rtol=1e-9, atol=1e-12)


def test_without_spikes_nothing_changes_to_the_bit():
    layers, drawing = network(3), np.random.default_rng
    for rates, night in [(0.0, NIGHT), (1.0, replace(NIGHT, threshold=1e9)), (1.0, replace(NIGHT, steps=0))]:
        assert unchanged(layers, sleep(layers, np.full(6, rates), [1.0] * 3, night, drawing(0)))
    slept = sleep(layers, np.ones(6), [1.0] * 3, replace(NIGHT, up=0.0, down=0.0), drawing(0))
    assert unchanged(layers, slept)
    assert slept.rates[-1] > 0


def test_equal_generators_equal_nights_and_the_network_is_left_alone():
    layers = network(4)
    before = [layer.weights.copy() for layer in layers]
    first, again, other = (
        sleep(layers, np.full(6, 0.5), [3.0] * 3, NIGHT, np.random.default_rng(s)) for s in (5, 5, 6)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first.weights, again.weights, strict=True))
    assert not np.array_equal(first.weights[0], other.weights[0])
    assert all(np.array_equal(layer.weights, old) for layer, old in zip(layers, before, strict=True))


def test_a_network_that_says_the_same_in_other_units_sleeps_the_same():
    views = np.random.default_rng(7).random((50, 6)) < 0.5
    layers = [layer._replace(bias=np.zeros_like(layer.bias)) for layer in network(8)]
    factors = (4.0, 0.5, 8.0)
    scaled = [layer._replace(weights=layer.weights * f) for layer, f in zip(layers, factors, strict=True)]
    plain, other = (
        sleep(net, np.full(6, 0.5), largest_activations(net, views), NIGHT, np.random.default_rng(0))
        for net in (layers, scaled)
    )
    assert plain.rates == other.rates
    for mine, theirs, factor in zip(plain.weights, other.weights, factors, strict=True):
        np.testing.assert_allclose(mine * factor, theirs, rtol=1e-12)
    assert not unchanged(layers, plain)


def test_largest_activations_are_those_of_rectified_units_and_at_least_the_largest_weight():
    layers = [
        Layer(np.array([[1.0, 2.0], [-5.0, 0.5]]), np.array([0.5, 1.0])),
        Layer(np.array([[-1.0, 0.25]]), np.zeros(1)),
    ]
    assert largest_activations(layers, np.array([[1, 1], [0, 0]])) == [3.5, 0.25]
    assert largest_activations([Layer(-np.ones((1, 2)), np.zeros(1))], np.ones((1, 2))) == [1.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": -1}, "steps=-1 must be at least 0"),
        ({"threshold": 0.0}, r"threshold=0\.0 must be above 0"),
        ({"width": 0.0}, r"width=0\.0 above 0"),
        ({"decay": 1.5}, r"decay=1\.5 must lie in \[0, 1\]"),
    ],
)
def test_impossible_nights_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(NIGHT, **change)


def test_rates_and_activations_must_fit_the_network():
    layers, drawing = network(9), np.random.default_rng(0)
    for rates in (np.full(5, 0.5), np.full(6, 1.5), np.full(6, np.nan)):
        with pytest.raises(ValueError, match=r"rates must be 6 numbers in \[0, 1\]"):
            sleep(layers, rates, [1.0] * 3, NIGHT, drawing)
    for largest in ([1.0] * 2, [1.0, 0.0, 1.0]):
        with pytest.raises(ValueError, match="3 layers need as many largest activations"):
            sleep(layers, np.full(6, 0.5), largest, NIGHT, drawing)


def state(agent):
    return {name: tensor.clone() for name, tensor in agent.model.policy.state_dict().items()}


@pytest.fixture(autouse=True)
def _few_threads(monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setattr("baselines.remedies.sleep.N_STEPS", 20)


def test_the_policy_sleeps_after_the_second_task_and_the_value_function_does_not():
    agent = DeepAgent("ppo", "sleep", seed=1, settings=SMALL["ppo"])
    agent.learn_task("task1", ROLLOUT)
    assert agent.remedy.kept["rates"]["task1"].shape == (49,)
    assert agent.bytes_kept == 49 * 8
    agent.begin_task("task2")
    agent.learn(ROLLOUT)
    before = state(agent)
    agent.end_task()
    assert agent.bytes_kept == 2 * 49 * 8 + 8
    changed = {name for name, tensor in state(agent).items() if not torch.equal(tensor, before[name])}
    assert changed == {f"mlp_extractor.policy_net.{n}.weight" for n in (0, 2)} | {"action_net.weight"}


def test_the_target_network_wakes_with_the_q_network():
    agent = DeepAgent("dqn", "sleep", seed=1, settings=SMALL["dqn"])
    agent.learn_task("task1", ROLLOUT)
    agent.begin_task("task2")
    agent.learn(ROLLOUT)
    before = state(agent)
    agent.end_task()
    after = state(agent)
    assert not torch.equal(after["q_net.q_net.0.weight"], before["q_net.q_net.0.weight"])
    assert all(
        torch.equal(after[name], after[name.replace("q_net.", "q_net_target.", 1)])
        for name in after
        if name.startswith("q_net.")
    )


def test_nights_during_a_task_come_when_they_are_due_whether_or_not_it_was_interrupted(tmp_path, monkeypatch):
    monkeypatch.setattr(SleepDuring, "every", 2 * ROLLOUT)
    agent = DeepAgent("ppo", "sleep-during", seed=1, settings=SMALL["ppo"])
    agent.learn_task("task1", 5 * ROLLOUT)
    assert "nights" not in agent.remedy.kept
    agent.begin_task("task2")
    agent.learn(2 * ROLLOUT)
    agent.save(tmp_path / "middle.pt")
    loaded = DeepAgent.load(tmp_path / "middle.pt")
    for one in (agent, loaded):
        one.learn(3 * ROLLOUT)  # nights before the third and the fifth rollout
        one.end_task()
        assert one.remedy.kept["nights"] == 2
    assert all(torch.equal(tensor, state(loaded)[name]) for name, tensor in state(agent).items())


def test_both_remember_every_task_but_dream_only_of_what_is_past():
    for kind in (Sleep, SleepDuring):
        agent = DeepAgent("ppo", kind.name, seed=1, settings=SMALL["ppo"])
        agent.learn_task(["task1", "task2"], ROLLOUT)
        assert list(agent.remedy.kept["rates"]) == ["task1", "task2"]
        assert "nights" not in agent.remedy.kept
