"""Gradient projection memory: what the bases hold, and that no step is felt by what they hold."""

import numpy as np
import pytest
import torch

from baselines.policy_network import policy_network
from baselines.remedies.fisher import experience
from baselines.remedies.gpm import GradientProjection, extended, layer_inputs
from tests.baselines.small import small_agent


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setattr(GradientProjection, "n_states", 256)


def drawn(n, n_inputs, seed):
    """Inputs of which some directions are stronger than others."""
    draw = torch.Generator().manual_seed(seed)
    spread = torch.randn(n_inputs, n_inputs, generator=draw) * 0.7 ** torch.arange(n_inputs)
    return torch.randn(n, n_inputs, generator=draw) @ spread.T


def held(basis, inputs):
    """The share of the sum of squares that lies in the basis."""
    return float((inputs @ basis).square().sum() / inputs.square().sum())


def test_a_basis_grows_by_as_few_columns_as_hold_the_share():
    basis, older = torch.zeros(12, 0), []
    for seed in range(3):
        inputs = drawn(200, 12, seed)
        before = basis
        basis = extended(before, inputs, 0.95)
        older.append(inputs)
        assert torch.equal(basis[:, : before.shape[1]], before)
        torch.testing.assert_close(basis.T @ basis, torch.eye(basis.shape[1]), atol=1e-5, rtol=0.0)
        assert held(basis[:, :-1], inputs) < 0.95
        for known in older:
            assert held(basis, known) >= 0.95 - 1e-6
        rest = (inputs - inputs @ before @ before.T).numpy()
        strongest = np.linalg.svd(rest)[2][: basis.shape[1] - before.shape[1]]
        new = basis[:, before.shape[1] :].numpy()
        np.testing.assert_allclose(strongest.T @ strongest, new @ new.T, atol=1e-4)


def test_what_is_held_adds_nothing_and_a_whole_space_is_never_exceeded():
    inputs = drawn(50, 6, 0)
    whole = extended(torch.zeros(6, 0), inputs, 1.0)
    assert whole.shape == (6, 6)
    assert torch.equal(extended(whole, inputs, 1.0), whole)
    flat = inputs[:, :2] @ drawn(2, 6, 1)
    plane = extended(torch.zeros(6, 0), flat, 1.0)
    assert plane.shape == (6, 2)
    assert torch.equal(extended(plane, 3.0 * flat, 1.0), plane)


def test_layers_get_what_the_one_below_gives():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        below, above = torch.nn.Linear(4, 5), torch.nn.Linear(5, 2)
    seen = drawn(7, 4, 0)
    first, second = layer_inputs(torch.nn.Sequential(torch.nn.Sequential(below, torch.nn.ReLU()), above), seen)
    assert torch.equal(first, torch.cat([seen, torch.ones(7, 1)], dim=1))
    assert torch.equal(second, torch.cat([below(seen).relu().detach(), torch.ones(7, 1)], dim=1))


def test_with_all_that_was_seen_in_the_basis_the_policy_stays_as_it_was_there(monkeypatch):
    monkeypatch.setattr(GradientProjection, "share", 1.0)

    def drift(name):
        agent = small_agent(name)
        agent.learn_task("h+n-", 256)
        inputs, _ = experience(agent, ("h+n-",), 256)
        before = policy_network(agent.model)(inputs).detach()
        agent.learn_task("n+v-", 512)
        return float((policy_network(agent.model)(inputs) - before).detach().abs().max())

    assert drift("a2c+gpm") < 1e-4
    assert drift("a2c") > 0.01


def test_a_layer_changes_no_more_on_old_inputs_than_by_what_the_basis_lacks(monkeypatch):
    monkeypatch.setattr(GradientProjection, "share", 0.9)

    def whole(layer):
        return torch.cat([layer.weight, layer.bias[:, None]], dim=1).detach()

    def felt(name):
        """How strongly the change of the first layer is felt on old inputs, relative to its size."""
        agent = small_agent(name)
        agent.learn_task("h+n-", 256)
        network = policy_network(agent.model)
        old, before = layer_inputs(network, experience(agent, ("h+n-",), 256)[0])[0], whole(network[0][0])
        agent.learn_task("n+v-", 512)
        change = whole(network[0][0]) - before
        return float((old @ change.T).norm() / (old.norm() * torch.linalg.matrix_norm(change, 2)))

    assert felt("a2c+gpm") <= np.sqrt(1 - 0.9)
    assert felt("a2c") > np.sqrt(1 - 0.9)


def test_bases_only_grow_and_their_size_is_what_is_kept():
    agent = small_agent("dqn+gpm")
    assert agent.bytes_kept == 0
    agent.learn_task("task1", 256)
    first = agent.remedy.kept["bases"]
    agent.learn_task("task2", 256)
    for old, new in zip(first, agent.remedy.kept["bases"], strict=True):
        assert torch.equal(new[:, : old.shape[1]], old)
    assert agent.bytes_kept == 4 * sum(basis.numel() for basis in agent.remedy.kept["bases"])
