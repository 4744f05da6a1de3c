"""What a policy does in a test of a task that has ended is the same to the bit, whatever is learned later."""

import pytest
import torch
from same_files import assert_same_bytes

from baselines.agent import DeepAgent
from baselines.policy_network import policy_network
from baselines.remedies.fisher import experience
from baselines.remedies.packnet import PackNet, largest
from tests.baselines.small import small_agent

STEPS = 256
TASKS = ("task1", "task2", "v+h-")


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setattr(PackNet, "n_states", 256)
    monkeypatch.setattr(PackNet, "retrain_steps", 20)


def matrices(agent):
    return [part.detach().clone() for part in policy_network(agent.model).parameters() if part.ndim == 2]


def says(agent, task):
    """The policy in a test of a task, on views of all kinds."""
    views = (torch.rand(64, 49, generator=torch.Generator().manual_seed(0)) < 0.2).float()
    with agent.remedy.in_test(agent, task), torch.no_grad():
        return policy_network(agent.model)(views)


def test_the_largest_of_the_free_are_chosen_from_the_whole_matrix():
    weight = torch.tensor([[0.1, -4.0, 2.0], [9.0, 8.0, -0.5]])
    free = torch.tensor([[True, True, True], [False, True, True]])
    assert largest(weight, free, 0.4).tolist() == [[False, True, False], [False, True, False]]
    assert torch.equal(largest(weight, free, 5.0), free)
    assert not largest(weight, free, 0.0).any()


@pytest.mark.parametrize("algorithm", ["ppo", "a2c"])
def test_an_ended_task_is_never_forgotten(algorithm, tmp_path):
    agent = small_agent(f"{algorithm}+packnet")
    said = {}
    for task in TASKS:
        agent.begin_task(task)
        agent.learn(STEPS)
        for earlier in said:
            assert torch.equal(says(agent, earlier), said[earlier]), "while another task is learned"
        agent.end_task()
        said[task] = says(agent, task)
        assert torch.equal(says(agent, "all"), said[task]), "weights that belong to no task are 0 now"
    assert not torch.equal(said["task1"], said["task2"])
    agent.save(tmp_path / "before.pt")
    agent.evaluate("task1", 100, seed=1)
    with pytest.raises(KeyError), agent.remedy.in_test(agent, "task1"):
        raise KeyError
    agent.save(tmp_path / "after.pt")
    assert_same_bytes(tmp_path / "before.pt", tmp_path / "after.pt")
    agent = DeepAgent.load(tmp_path / "after.pt")
    assert all(torch.equal(says(agent, task), said[task]) for task in TASKS)


def test_every_task_gets_its_share_of_what_is_free_and_holds_it():
    agent = small_agent("ppo+packnet")
    held = []
    for number, task in enumerate(TASKS, start=1):
        agent.begin_task(task)
        agent.learn(STEPS)
        assert all(
            torch.equal(now[owner > 0], old[owner > 0])
            for now, (old, owner) in zip(matrices(agent), held, strict=False)
        )
        agent.end_task()
        owners = agent.remedy.kept["owners"]
        for matrix, owner in zip(matrices(agent), owners, strict=True):
            free = owner.numel()
            for earlier in range(1, number + 1):
                assert int((owner == earlier).sum()) == round(free / 3)
                free -= round(free / 3)
            assert not matrix[owner == 0].any()
            assert (matrix[owner == number] != 0).all()
        held = [(matrix, owner.clone()) for matrix, owner in zip(matrices(agent), owners, strict=True)]
    assert agent.bytes_kept == sum(owner.numel() for owner in owners) + 8 * (len(TASKS) + 1)


def test_retraining_brings_back_what_pruning_took_and_reaches_nothing_else(monkeypatch):
    lost = {}
    for steps in (0, 200):
        monkeypatch.setattr(PackNet, "retrain_steps", steps)
        agent = small_agent("ppo+packnet")
        policy = agent.model.policy
        with torch.no_grad():
            policy.action_net.weight.mul_(300.0)  # a policy that has something to lose
        agent.begin_task("task1")
        agent.learn(STEPS)
        inputs, _ = experience(agent, ("task1",), 512)
        network = policy_network(agent.model)
        with torch.no_grad():
            before = network(inputs).log_softmax(dim=1)
        state = {name: tensor.clone() for name, tensor in policy.state_dict().items()}
        means = [agent.optimizer.state[part]["exp_avg"].clone() for part in agent.optimizer.parameters()]
        random_numbers = agent.streams.get_state()
        agent.end_task()
        with torch.no_grad():
            after = network(inputs).log_softmax(dim=1)
        lost[steps] = float((before.exp() * (before - after)).sum(dim=1).mean())
        differing = {name for name, tensor in policy.state_dict().items() if not torch.equal(tensor, state[name])}
        assert {name for name in differing if "bias" not in name} == {
            "mlp_extractor.policy_net.0.weight",
            "mlp_extractor.policy_net.2.weight",
            "action_net.weight",
        }
        assert not any("value" in name for name in differing)
        assert all(
            torch.equal(agent.optimizer.state[part]["exp_avg"], mean)
            for part, mean in zip(agent.optimizer.parameters(), means, strict=True)
        )
        assert torch.equal(agent.streams.get_state()["torch"], random_numbers["torch"])
    assert lost[200] < 0.2 * lost[0]


def test_a_task_met_again_is_tested_whole_until_it_ends_and_then_owns_more():
    agent = small_agent("ppo+packnet")
    agent.learn_task("task1", STEPS)
    first = says(agent, "task1")
    agent.learn_task("task2", STEPS)
    agent.begin_task("h+n-")  # task1 by another name
    agent.learn(STEPS)
    whole = says(agent, "all")
    assert torch.equal(says(agent, "task1"), whole)
    second = says(agent, "task2")
    agent.end_task()
    assert not torch.equal(says(agent, "task1"), first)
    assert torch.equal(says(agent, "task2"), second)
    assert agent.remedy.kept["numbers"] == {"task1": 3, "task2": 2}


def test_more_tasks_than_it_can_count_are_refused():
    agent = small_agent("ppo+packnet")
    agent.learn_task("task1", STEPS)
    agent.remedy.kept["ended"] = 127
    agent.begin_task("task2")
    with pytest.raises(RuntimeError, match="'packnet' counts 127 tasks, and this would be one more"):
        agent.end_task()
