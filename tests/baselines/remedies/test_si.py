"""Synaptic intelligence: what the path of learning makes of each weight's importance."""

from dataclasses import replace

import pytest
import torch

from baselines.agent import DeepAgent
from baselines.algorithms import ALGORITHMS
from baselines.policy_network import policy_network
from baselines.remedies.si import SynapticIntelligence


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setitem(ALGORITHMS, "a2c", replace(ALGORITHMS["a2c"], n_envs=4, layers=(8, 8)))


def born(**settings):
    return DeepAgent("a2c", "si", seed=2, settings=settings)


def weights(agent):
    return [parameter.detach().clone() for parameter in policy_network(agent.model).parameters()]


def descend(agent, curvatures, targets, steps):
    """Steps down the sum of curvature / 2 * (weight - target)^2; what -gradient * change was in all of them."""
    parameters = list(policy_network(agent.model).parameters())
    paths = [torch.zeros_like(parameter) for parameter in parameters]
    for _ in range(steps):
        before = weights(agent)
        for parameter, curvature, target in zip(parameters, curvatures, targets, strict=True):
            parameter.grad = curvature * (parameter.detach() - target)
        gradients = [parameter.grad.clone() for parameter in parameters]
        agent.optimizer.step()
        for path, gradient, old, new in zip(paths, gradients, before, weights(agent), strict=True):
            path -= gradient * (new - old)
    return paths


def a_bowl(agent, seed):
    draw = torch.Generator().manual_seed(seed)
    curvatures = [0.5 + torch.rand(weight.shape, generator=draw) for weight in weights(agent)]
    return curvatures, [torch.randn(weight.shape, generator=draw) for weight in weights(agent)]


def test_at_the_bottom_of_a_bowl_importance_is_half_its_curvature(monkeypatch):
    monkeypatch.setattr(SynapticIntelligence, "damping", 1e-6)
    agent = born(learning_rate=0.02)
    curvatures, targets = a_bowl(agent, 0)
    before = weights(agent)
    descend(agent, curvatures, targets, 400)
    agent.remedy.end_task(agent, ("task1",))
    for importance, curvature, target, old in zip(
        agent.remedy.kept["importance"], curvatures, targets, before, strict=True
    ):
        far = (target - old).abs() > 0.5
        torch.testing.assert_close(importance[far], curvature[far] / 2, rtol=0.05, atol=0.0)


def test_it_is_what_the_formula_gives_task_by_task_and_pulls_to_the_last_weights():
    agent = born()
    total = [torch.zeros_like(weight) for weight in weights(agent)]
    for task in range(2):
        start = weights(agent)
        paths = descend(agent, *a_bowl(agent, task), 5)
        with torch.no_grad():
            for path in (paths[0], agent.remedy.kept["path"][0]):
                path[0] = -1.0  # as if these weights had worked against the fall
        agent.remedy.end_task(agent, ("task1",))
        for known, path, old, new in zip(total, paths, start, weights(agent), strict=True):
            known += path.clamp(min=0.0) / ((new - old).square() + SynapticIntelligence.damping)
        for known, kept in zip(total, agent.remedy.kept["importance"], strict=True):
            torch.testing.assert_close(kept, known)
    assert (total[0][0] == 0.0).all()
    policy = list(policy_network(agent.model).parameters())
    for parameter, known in zip(policy, total, strict=True):
        state = agent.optimizer.state[parameter]
        torch.testing.assert_close(state["strength"], SynapticIntelligence.strength * known)
        assert torch.equal(state["anchor"], parameter)
    pulled = {id(p) for p in agent.optimizer.parameters() if "anchor" in agent.optimizer.state.get(p, {})}
    assert pulled == {id(parameter) for parameter in policy}, "the value function is not pulled"
    assert agent.bytes_kept == 3 * sum(parameter.nbytes for parameter in policy)
