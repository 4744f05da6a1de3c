"""A head is the task's own, to the bit, and nothing else changes when heads do."""

import pytest
import torch
from same_files import assert_same_bytes

from baselines.agent import DeepAgent
from baselines.callbacks import TaskEvaluation
from baselines.remedies.renewal import fresh, learned_networks, linear_layers, target_head
from tests.baselines.small import WITH_REMEDIES, small_agent

STEPS = 256


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def heads(agent):
    return [linear_layers(network)[-1] for network in learned_networks(agent.model)]


def values(layers):
    return [part.detach().clone() for layer in layers for part in (layer.weight, layer.bias)]


def everything(agent):
    """Weights, target network included, and what Adam remembers."""
    adam = agent.optimizer.state_dict()["state"]
    means = {f"{place}.{name}": value.clone() for place, state in adam.items() for name, value in state.items()}
    return {name: tensor.clone() for name, tensor in agent.model.policy.state_dict().items()} | means


def changed(before, after):
    assert before.keys() == after.keys()
    return {name for name in before if not torch.equal(before[name], after[name])}


def assert_equal(tensors, others):
    assert all(torch.equal(tensor, other) for tensor, other in zip(tensors, others, strict=True))


def last_layers(agent):
    """Names of the parameters of the heads, and of the target network's."""
    ours = {id(part) for layer in [*heads(agent), target_head(agent.model)] if layer for part in layer.parameters()}
    return {name for name, part in agent.model.policy.named_parameters() if id(part) in ours}


@pytest.mark.parametrize("algorithm", WITH_REMEDIES)
def test_every_task_finds_its_own_head_again_in_tests_and_when_it_returns(algorithm):
    agent = small_agent(f"{algorithm}+heads")
    agent.learn_task("task1", STEPS)
    assert agent.bytes_kept == 0
    first, before = values(heads(agent)), everything(agent)
    agent.begin_task("task2")
    assert agent.bytes_kept == sum(part.nbytes for part in first)
    exchanged = {name for name in changed(before, everything(agent)) if "exp_avg" not in name}
    assert exchanged == last_layers(agent), "not the body"
    agent.learn(STEPS)
    agent.end_task()
    second, whole = values(heads(agent)), everything(agent)

    with agent.remedy.in_test(agent, "h+n-"):  # another name of task1
        assert_equal(values(heads(agent)), first)
    with pytest.raises(KeyError), agent.remedy.in_test(agent, "task1"):
        raise KeyError
    agent.evaluate("task1", 100, seed=1)
    for task in ("task2", "v+h-"):  # its own, and one that has none yet
        with agent.remedy.in_test(agent, task):
            assert_equal(values(heads(agent)), second)
    assert not changed(whole, everything(agent))

    agent.begin_task("task1")
    assert_equal(values(heads(agent)), first)
    if target_head(agent.model):
        assert_equal(values([target_head(agent.model)]), first)
    assert all(
        not agent.optimizer.state[part]["exp_avg"].any() for layer in heads(agent) for part in layer.parameters()
    )
    with agent.remedy.in_test(agent, "task2"):
        assert_equal(values(heads(agent)), second)
    assert agent.bytes_kept == sum(part.nbytes for part in second)


def test_tasks_at_once_share_a_head_and_each_of_them_is_tested_with_it(tmp_path):
    agent = small_agent("ppo+heads")
    agent.learn_task(["task1", "task2"], STEPS)
    joint = values(heads(agent))
    agent.learn_task("task1", STEPS)
    alone = values(heads(agent))
    agent.begin_task("v+h-")
    agent.save(tmp_path / "agent.pt")
    agent = DeepAgent.load(tmp_path / "agent.pt")
    for task, expected in (("task1", alone), ("task2", joint)):
        with agent.remedy.in_test(agent, task):
            assert_equal(values(heads(agent)), expected)
    agent.save(tmp_path / "after.pt")
    assert_same_bytes(tmp_path / "agent.pt", tmp_path / "after.pt")
    agent.end_task()
    agent.begin_task(["task2", "task1"])  # their order does not matter
    assert_equal(values(heads(agent)), joint)


@pytest.mark.parametrize("algorithm", WITH_REMEDIES)
def test_a_reset_reaches_the_head_that_chooses_moves_and_nothing_else(algorithm):
    agent = small_agent(f"{algorithm}+head-reset")
    born = everything(agent)
    agent.begin_task("task1")
    assert not changed(born, everything(agent))
    agent.learn(STEPS)
    agent.end_task()
    before = everything(agent)
    agent.begin_task("task1")  # whichever task comes
    after = changed(before, everything(agent))
    assert {name for name in after if "exp_avg" not in name and "step" not in name} == last_layers(agent) - {
        "value_net.weight",
        "value_net.bias",
    }
    head = heads(agent)[0]
    for place, part in enumerate(agent.optimizer.parameters()):
        own = any(part is mine for mine in head.parameters())
        touched = {f"{place}.{name}" for name in ("exp_avg", "exp_avg_sq", "step")}
        assert after & touched == (touched if own else set())
    if target_head(agent.model):
        assert_equal(values([target_head(agent.model)]), values([head]))
    assert agent.bytes_kept == 0


@pytest.mark.parametrize("algorithm", WITH_REMEDIES)
def test_a_fresh_layer_is_as_the_library_begins_with_it(algorithm):
    agent = small_agent(algorithm)  # nothing was learned: its own layers are such ones
    for network in learned_networks(agent.model):
        for layer in linear_layers(network):
            with agent.streams:
                new = fresh(agent.model, layer)
            assert not torch.equal(new.weight, layer.weight)
            if target_head(agent.model):
                limit = layer.in_features**-0.5
                for part in (new.weight, new.bias, layer.weight, layer.bias):
                    assert 0.5 * limit < part.abs().max() <= limit
            else:  # orthogonal: all singular values are the gain
                torch.testing.assert_close(torch.linalg.svdvals(new.weight), torch.linalg.svdvals(layer.weight))
                assert not new.bias.any()
                assert not layer.bias.any()


def test_a_callback_tests_every_task_with_its_own_head():
    agent = small_agent("ppo+heads")
    agent.learn_task("task1", STEPS)
    known = TaskEvaluation(["task1", "task2"], steps=200, seed=3)
    agent.learn_task("task2", STEPS, callback=known)

    assert [result.counts for result in known.results] == [agent.evaluate(task, 200, 3) for task in known.tasks]
