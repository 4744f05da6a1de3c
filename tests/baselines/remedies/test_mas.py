"""Memory aware synapses: how much the outputs depend on each weight, and where that pulls."""

import pytest
import torch

from baselines.policy_network import policy_network
from baselines.remedies.fisher import mean_gradient_sizes
from baselines.remedies.mas import MemoryAwareSynapses, squared_length
from tests.baselines.small import small_agent


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setattr(MemoryAwareSynapses, "n_states", 64)


def test_of_a_linear_network_it_is_twice_the_output_times_the_input():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network, inputs = torch.nn.Linear(5, 3), torch.randn(300, 5)
    outputs = network(inputs).detach()
    of_weight, of_bias = mean_gradient_sizes(
        network, squared_length, inputs, torch.zeros(300, dtype=torch.int64), size=torch.abs
    )
    torch.testing.assert_close(of_weight, (2 * outputs[:, :, None] * inputs[:, None]).abs().mean(dim=0))
    torch.testing.assert_close(of_bias, (2 * outputs).abs().mean(dim=0))


@pytest.mark.parametrize("algorithm", ["ppo", "dqn"])
def test_importance_grows_from_task_to_task_and_pulls_to_the_last_weights(algorithm):
    agent = small_agent(f"{algorithm}+mas")
    agent.learn_task("task1", 256)
    first = [importance.clone() for importance in agent.remedy.kept["importance"]]
    agent.learn_task("task2", 256)
    policy = list(policy_network(agent.model).parameters())
    for old, new, parameter in zip(first, agent.remedy.kept["importance"], policy, strict=True):
        assert (old >= 0).all()
        assert (new >= old).all()
        assert (new > old).any()
        state = agent.optimizer.state[parameter]
        assert torch.equal(state["strength"], MemoryAwareSynapses.strength * new)
        assert torch.equal(state["anchor"], parameter)
    n_pulled = sum("anchor" in agent.optimizer.state.get(p, {}) for p in agent.optimizer.parameters())
    assert n_pulled == len(policy)
    assert agent.bytes_kept == 2 * sum(parameter.nbytes for parameter in policy)
