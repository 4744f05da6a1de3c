"""Elastic weight consolidation and the plain anchor: what is measured, and where they pull."""

import numpy as np
import pytest
import torch

from baselines.agent import DeepAgent
from baselines.policy_network import network_inputs, policy_network
from baselines.remedies.anchor import Anchor
from baselines.remedies.ewc import ElasticWeights, OnlineElasticWeights
from baselines.remedies.fisher import experience, log_probability, mean_gradient_sizes, policy_fisher, q_value
from tests.baselines.small import WITH_REMEDIES

SMALL = {"n_steps": 8, "batch_size": 64, "n_epochs": 1}


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def states(n, inputs=49):
    return (torch.rand(n, inputs, generator=torch.Generator().manual_seed(4)) < 0.3).float()


def parameters(agent):
    return [parameter.detach().clone() for parameter in policy_network(agent.model).parameters()]


@pytest.mark.parametrize("score", [log_probability, q_value])
def test_it_is_the_mean_of_squares_and_not_the_square_of_a_mean(score):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.ReLU(), torch.nn.Linear(5, 3))
    inputs = states(300, 6)  # more than are in memory at once
    moves = torch.arange(300) % 3
    expected = [torch.zeros_like(parameter) for parameter in network.parameters()]
    together = [torch.zeros_like(parameter) for parameter in network.parameters()]
    for seen, move in zip(inputs, moves, strict=True):
        outputs = network(seen)
        number = torch.distributions.Categorical(logits=outputs).log_prob(move)
        gradients = torch.autograd.grad(outputs[move] if score is q_value else number, list(network.parameters()))
        for total, mean, gradient in zip(expected, together, gradients, strict=True):
            total += gradient.square() / 300
            mean += gradient / 300

    measured = mean_gradient_sizes(network, score, inputs, moves, size=torch.square)

    for total, mean, found in zip(expected, together, measured, strict=True):
        torch.testing.assert_close(found, total, rtol=1e-4, atol=1e-8)
        assert (found > 2 * mean.square()).any()
    assert not any(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize("algorithm", WITH_REMEDIES)
def test_the_network_is_what_the_model_acts_with(algorithm):
    model = DeepAgent(algorithm, seed=1).model
    seen = states(50).view(50, 7, 7).to(torch.int8).numpy()
    with torch.no_grad():
        outputs = policy_network(model)(network_inputs(model, seen))
    np.testing.assert_array_equal(outputs.argmax(dim=1), model.predict(seen, deterministic=True)[0])
    if algorithm == "qrdqn":
        tensors, _ = model.policy.obs_to_tensor(seen)
        torch.testing.assert_close(outputs, model.policy.quantile_net(tensors).mean(dim=1).detach())


@pytest.mark.parametrize("algorithm", ["ppo", "dqn"])
def test_measuring_disturbs_nothing_and_can_be_repeated(algorithm):
    agent = DeepAgent(algorithm, seed=1)
    agent.begin_task("task1")
    before, outside = agent.streams.get_state(), torch.random.get_rng_state()
    spaces = agent.model.action_space.np_random.bit_generator.state
    inputs, moves = experience(agent, ("task1", "task2"), 100)
    again = experience(agent, ("task1", "task2"), 100)
    assert torch.equal(inputs, again[0])
    assert torch.equal(moves, again[1])
    assert inputs.shape == (100, 49)
    assert len(moves.unique()) == 8
    assert torch.equal(before["torch"], agent.streams.get_state()["torch"])
    assert before["numpy"] == agent.streams.get_state()["numpy"]
    assert torch.equal(outside, torch.random.get_rng_state())
    assert spaces == agent.model.action_space.np_random.bit_generator.state
    agent.progress.begun += 1
    assert not torch.equal(inputs, experience(agent, ("task1", "task2"), 100)[0])


def test_one_term_pulls_like_a_term_for_every_task():
    draw = torch.Generator().manual_seed(0)
    fishers = [torch.rand(4, 3, generator=draw, dtype=torch.float64) for _ in range(3)]
    fishers[0][0], fishers[1][0], fishers[2][0] = 0.0, 0.0, 0.0  # weights that never mattered
    fishers[0][1] = 0.0  # and some that did only later
    anchors = [torch.randn(4, 3, generator=draw, dtype=torch.float64) for _ in range(3)]
    total, anchor = [fishers[0]], [anchors[0]]
    for fisher, reached in zip(fishers[1:], anchors[1:], strict=True):
        total, anchor = ElasticWeights().joined(total, anchor, [fisher], [reached])
    for _ in range(5):
        weight = torch.randn(4, 3, generator=draw, dtype=torch.float64, requires_grad=True)
        terms = sum((f * (weight - a).square()).sum() / 2 for f, a in zip(fishers, anchors, strict=True))
        (expected,) = torch.autograd.grad(terms, weight)
        torch.testing.assert_close(total[0] * (weight.detach() - anchor[0]), expected)


def test_the_online_form_forgets_at_its_rate_and_pulls_to_the_last_weights():
    fisher, anchor = OnlineElasticWeights().joined(
        [torch.tensor([1.0])], [torch.tensor([5.0])], [torch.tensor([2.0])], [torch.tensor([7.0])]
    )
    assert fisher[0].item() == pytest.approx(OnlineElasticWeights.decay + 2.0)
    assert anchor[0].item() == 7.0


def test_ewc_pulls_the_policy_with_its_fisher_information_and_leaves_the_value_function_alone(monkeypatch):
    monkeypatch.setattr(ElasticWeights, "n_states", 64)
    agent = DeepAgent("ppo", "ewc", seed=2, settings=SMALL)
    agent.learn_task("task1", 256)
    for name, parameter in agent.model.policy.named_parameters():
        assert ("anchor" in agent.optimizer.state[parameter]) == ("value_net" not in name)
    fisher = policy_fisher(agent, ("task1",), 64)
    for information, parameter in zip(fisher, policy_network(agent.model).parameters(), strict=True):
        state = agent.optimizer.state[parameter]
        assert torch.equal(state["strength"], ElasticWeights.strength * information)
        assert torch.equal(state["anchor"], parameter)
    sizes = sum(information.nbytes for information in fisher)
    assert agent.bytes_kept == 2 * sizes
    agent.learn_task("task2", 256)
    assert agent.bytes_kept == 2 * sizes


@pytest.mark.parametrize("kind", [Anchor, ElasticWeights])
def test_a_stronger_pull_keeps_the_weights_nearer(kind, monkeypatch):
    def drift(strength):
        monkeypatch.setattr(kind, "strength", strength)
        agent = DeepAgent("ppo", kind.name, seed=2, settings=SMALL)
        agent.learn_task("task1", 256)
        fisher, before = policy_fisher(agent, ("task1",), 128), parameters(agent)
        agent.learn_task("task2", 1024)
        after = parameters(agent)
        weighed = fisher if kind is ElasticWeights else [1.0] * len(before)
        return sum((f * (a - b).square()).sum().item() for f, a, b in zip(weighed, after, before, strict=True))

    monkeypatch.setattr(ElasticWeights, "n_states", 128)
    assert drift(0.0) > 1.5 * drift(10.0 if kind is Anchor else 1e4)
