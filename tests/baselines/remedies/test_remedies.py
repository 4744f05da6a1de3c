"""Every deep agent that has a name keeps the contract of `baselines.remedies.contract` and of `baselines.agent`."""

import numpy as np
import pytest
import torch
from same_files import assert_same_bytes

from baselines.agent import DeepAgent
from baselines.remedies.contract import FirstTask, Remedy, size_of
from baselines.remedies.packnet import PackNet
from baselines.remedies.redo import RecycledUnits
from baselines.remedies.table import REMEDIES, agent_names, remedy
from tests.baselines.small import small_agent

STEPS = 256  # of a task
SMALL = 1024  # bytes that files differ by for other reasons, such as a remedy's name

FIRST, SECOND, THIRD = "task1", ("task2", "h+n-"), "v+h-"


def in_first_task(name):
    return REMEDIES[name.partition("+")[2] or "none"].first_task


def begins_later(name):
    return in_first_task(name) is FirstTask.ABSENT


def second_half(agent):
    """From the middle of the second task into the third."""
    agent.learn(STEPS // 2)
    agent.end_task()
    agent.begin_task(THIRD)
    agent.learn(STEPS // 2)


def weights(agent):
    return {name: tensor.clone() for name, tensor in agent.model.policy.state_dict().items()}


def assert_same(agent, other):
    mine, theirs = weights(agent), weights(other)
    differing = [name for name in mine if not torch.equal(mine[name], theirs[name])]
    assert not differing, f"{agent.name}: {differing}"


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    torch.set_num_threads(1)
    for kind in REMEDIES.values():
        if "n_states" in kind.settings():
            monkeypatch.setattr(kind, "n_states", 64)
    monkeypatch.setattr(PackNet, "retrain_steps", 10)
    monkeypatch.setattr(RecycledUnits, "every", 1)
    monkeypatch.setattr(RecycledUnits, "threshold", 0.5)


@pytest.fixture(scope="module")
def plain_file(tmp_path_factory):
    """Of a plain agent of each algorithm, after its first task."""
    files = {}

    def file_of(algorithm):
        if algorithm not in files:
            agent = small_agent(algorithm)
            agent.learn_task(FIRST, STEPS)
            files[algorithm] = tmp_path_factory.mktemp("plain") / f"{algorithm}.pt"
            agent.save(files[algorithm])
        return files[algorithm]

    return file_of


@pytest.mark.parametrize("name", agent_names())
def test_a_life_can_be_repeated_interrupted_and_begun_without_the_remedy(name, tmp_path, plain_file):
    algorithm = name.partition("+")[0]
    agent = small_agent(name)
    assert agent.name == name
    if begins_later(name):
        assert agent.bytes_kept == 0
    agent.learn_task(FIRST, STEPS)
    agent.save(tmp_path / "first.pt")
    grown = (tmp_path / "first.pt").stat().st_size - plain_file(algorithm).stat().st_size
    assert agent.bytes_kept > 0 or grown < SMALL, "the remedy keeps more than it says"
    agent.begin_task(SECOND)
    agent.learn(STEPS // 2)
    agent.save(tmp_path / "middle.pt")
    second_half(agent)
    agent.save(tmp_path / "last.pt")

    # Saved in the middle of the second task, loaded, and gone on with: equal to the bit, and in the file's bytes.
    loaded = DeepAgent.load(tmp_path / "middle.pt")
    loaded.save(tmp_path / "again.pt")
    assert_same_bytes(tmp_path / "again.pt", tmp_path / "middle.pt")
    second_half(loaded)
    assert_same(agent, loaded)
    assert agent.bytes_kept == loaded.bytes_kept
    loaded.save(tmp_path / "loaded.pt")
    assert_same_bytes(tmp_path / "loaded.pt", tmp_path / "last.pt")

    # Begun again from the same seed; where that is allowed, with the remedy taken up after a plain first task.
    if name != algorithm and begins_later(name):
        twin = DeepAgent.load(plain_file(algorithm))
        twin.adopt(name.partition("+")[2])
    else:
        twin = small_agent(name)
        twin.learn_task(FIRST, STEPS)
    twin.begin_task(SECOND)
    twin.learn(STEPS // 2)
    second_half(twin)
    assert_same(agent, twin)


@pytest.mark.parametrize("name", [name for name in agent_names() if not begins_later(name)])
def test_what_is_there_in_the_first_task_cannot_be_taken_up_after_it(name):
    agent, plain = small_agent(name), small_agent(name.partition("+")[0])
    for one in (agent, plain):
        one.learn_task(FIRST, STEPS)
    differs = any(not torch.equal(tensor, weights(plain)[part]) for part, tensor in weights(agent).items())
    assert differs == (in_first_task(name) is FirstTask.ACTS)
    late = DeepAgent(agent.algorithm.name, seed=5, settings=agent.settings)
    late.begin_task(FIRST)
    late.end_task()
    with pytest.raises(ValueError, match="the first task, so it cannot be taken up after it; make the agent with it"):
        late.adopt(agent.remedy.name)


def test_every_remedy_has_its_name_and_says_what_it_is():
    for name, kind in REMEDIES.items():
        assert kind.name == name
        assert issubclass(kind, Remedy)
        assert kind.__doc__
        assert len({other.summary for other in REMEDIES.values()}) == len(REMEDIES)
        if name != "none":
            assert "Differs from the paper" in kind.__doc__, f"{name}: the docstring ends in what differs"


def test_unknown_names_are_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown remedy 'ecw'; known: none, .*ewc"):
        remedy("ecw", "ppo")
    with pytest.raises(ValueError, match=r"unknown algorithm 'pro'; known: ppo, a2c, dqn"):
        DeepAgent("pro", seed=1)


def test_the_size_counts_arrays_and_numbers_wherever_they_lie():
    kept = {"a": torch.zeros(3, dtype=torch.bool), "b": [np.zeros(2), {"c": 1.0, "d": (torch.zeros(2, 2), 3)}]}
    assert size_of(kept) == 3 + 16 + 8 + 16 + 8
