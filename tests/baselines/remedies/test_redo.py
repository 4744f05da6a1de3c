"""A unit that is silent is recycled, without a change of what the network says; all other units stay as they are."""

import pytest
import torch
from same_files import assert_same_bytes

from baselines.agent import DeepAgent
from baselines.remedies.redo import RecycledUnits, dormant
from baselines.remedies.renewal import learned_networks, linear_layers
from tests.baselines.small import WITH_REMEDIES, small_agent

STEPS = 256
DEAD = 7


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setattr(RecycledUnits, "n_states", 64)


def parts(layers):
    return [part.detach().clone() for layer in layers for part in (layer.weight, layer.bias)]


def means(agent, layers):
    """What Adam remembers of each of `parts`: the mean of its gradients, and that of their squares."""
    states = [agent.optimizer.state[part] for layer in layers for part in (layer.weight, layer.bias)]
    return [torch.stack([state["exp_avg"], state["exp_avg_sq"]]) for state in states]


def test_who_is_dormant_by_hand():
    first, last = torch.nn.Linear(2, 4), torch.nn.Linear(4, 1)
    with torch.no_grad():
        first.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 3.0], [0.0, 0.2], [-1.0, -1.0]]))
        first.bias.zero_()
    inputs = torch.tensor([[1.0, 2.0], [1.0, 0.0]])  # mean activities 1, 3, 0.2, 0; their mean is 1.05
    for threshold, expected in ((0.0, [3]), (0.19, [3]), (0.2, [2, 3]), (0.96, [0, 2, 3])):
        (silent,) = dormant([first, last], inputs, threshold)
        assert silent.nonzero().flatten().tolist() == expected
    assert dormant([first, last], torch.zeros(1, 2), 0.1)[0].all(), "a layer that is silent as a whole"


@pytest.mark.parametrize("algorithm", WITH_REMEDIES)
def test_a_dead_unit_is_recycled_and_the_others_stay_to_the_bit(algorithm):
    agent = small_agent(f"{algorithm}+redo:threshold=0")
    agent.learn_task("task1", STEPS)
    inputs = (torch.rand(500, 49, generator=torch.Generator().manual_seed(0)) < 0.3).float()
    for network in learned_networks(agent.model):
        layers = linear_layers(network)
        with torch.no_grad():
            layers[0].bias[DEAD] = -1e3
        assert dormant(layers, inputs, 0.0)[0].nonzero().flatten().tolist() == [DEAD]
        for layer in layers[1:-1]:
            layer.bias.data.add_(1.0)  # so that the layer above has no dead ones
        said, before, remembered = network(inputs), parts(layers), means(agent, layers[:2])
        with agent.streams:
            assert agent.remedy.recycle(agent, layers, inputs) == 1
        assert torch.equal(network(inputs), said)

        weight, bias, above, *rest = parts(layers)
        others = torch.arange(len(bias)) != DEAD
        assert torch.equal(weight[others], before[0][others])
        assert torch.equal(bias[others], before[1][others])
        assert torch.equal(above[:, others], before[2][:, others])
        assert all(torch.equal(now, old) for now, old in zip(rest, before[3:], strict=True))
        assert not torch.equal(weight[DEAD], before[0][DEAD])
        assert abs(float(bias[DEAD])) < 1.0
        assert not above[:, DEAD].any()
        assert not dormant(layers, inputs, 0.0)[0].any()
        recycled = (~others[:, None], ~others, ~others[None], torch.zeros(1, dtype=torch.bool))
        for units, now, old in zip(recycled, means(agent, layers[:2]), remembered, strict=True):
            assert torch.equal(now, torch.where(units, 0.0, old))


@pytest.mark.parametrize("algorithm", ["ppo", "dqn"])
def test_it_looks_when_enough_steps_have_passed_whether_or_not_it_was_interrupted(algorithm, tmp_path):
    agent = small_agent(f"{algorithm}+redo:every=2:threshold=0.3")
    agent.begin_task("task1")
    agent.learn(3 * 128)
    agent.save(tmp_path / "middle.pt")
    loaded = DeepAgent.load(tmp_path / "middle.pt")
    for one, name in ((agent, "a.pt"), (loaded, "b.pt")):
        one.learn(5 * 128)
        one.end_task()
        one.save(tmp_path / name)
    assert_same_bytes(tmp_path / "a.pt", tmp_path / "b.pt")
    kept = agent.remedy.kept
    assert kept["recycled"] > 0
    assert kept["steps"] > kept["looked_at"] >= kept["steps"] - 4
    assert agent.bytes_kept == 3 * 8


def test_without_dormant_units_learning_is_plain_learning():
    plain, helped = small_agent("a2c"), small_agent("a2c+redo:every=1:threshold=0")
    for agent in (plain, helped):
        for network in learned_networks(agent.model):
            for layer in linear_layers(network)[:-1]:
                layer.weight.data.abs_()  # nobody is silent throughout
        agent.learn_task("task1", STEPS)
    assert helped.remedy.kept["looked_at"] > 0
    assert helped.remedy.kept["recycled"] == 0
    mine, theirs = plain.model.policy.state_dict(), helped.model.policy.state_dict()
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)
