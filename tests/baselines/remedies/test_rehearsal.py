"""Half of a batch is old: where it is from, how much of it is kept, and that nothing changes before there is any."""

import numpy as np
import pytest
import torch
from same_files import assert_same_bytes
from stable_baselines3.common.buffers import NStepReplayBuffer

from baselines.agent import DeepAgent
from baselines.remedies.rehearsal import Rehearsal, RehearsalBuffer

SMALL = {"buffer_size": 6400, "learning_starts": 64, "batch_size": 16, "target_update_interval": 128, "n_steps": 1}


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def born(remedy="rehearsal", **more):
    return DeepAgent("dqn", remedy, seed=6, settings=SMALL | more)


def stamped(agent, *lengths):
    """Tasks in which every reward is the task's number."""
    step_wait = agent.worlds.step_wait
    for number, length in enumerate(lengths, start=1):

        def with_stamp(number=number):
            seen, rewards, dones, infos = step_wait()
            return seen, np.full_like(rewards, number), dones, infos

        agent.worlds.step_wait = with_stamp
        agent.learn_task(["task1", "task2", "h+v-"][number - 1], length)
    return agent


def test_every_task_keeps_an_equal_share_and_all_together_no_more_than_the_capacity(monkeypatch):
    monkeypatch.setattr(Rehearsal, "capacity", 300)
    agent = born()
    for n_tasks, (task, length) in enumerate([("task1", 640), ("task2", 320), ("h+v-", 640)], start=1):
        agent.learn_task(task, length)
        counts = torch.bincount(agent.remedy.kept["pool"]["task"].long()).tolist()
        assert counts == [300 // n_tasks] * n_tasks
    assert agent.remedy.kept["names"] == ["task1", "task2", "h+v-"]
    a_view = 49
    assert agent.bytes_kept == 300 * (2 * a_view + 8 + 4 + 4 + 4 + 2)
    agent.learn_task("task1", 320)  # it comes again: kept anew, as the latest
    assert agent.remedy.kept["names"] == ["task2", "h+v-", "task1"]
    assert torch.bincount(agent.remedy.kept["pool"]["task"].long()).tolist() == [100, 100, 100]


def test_what_is_kept_is_of_the_task_it_is_said_to_be_of(monkeypatch):
    monkeypatch.setattr(Rehearsal, "capacity", 200)
    agent = stamped(born(), 640, 64, 320)  # the second is shorter than its share, the ring holds all of them
    pool = agent.remedy.kept["pool"]
    np.testing.assert_array_equal(pool["rewards"].flatten(), pool["task"] + 1)
    assert torch.bincount(pool["task"].long()).tolist() == [66, 64, 66]


def test_the_ring_forgets_but_the_sample_of_a_long_task_is_of_its_end():
    agent = stamped(born(buffer_size=320), 640, 960)
    assert (agent.model.replay_buffer.rewards == 2).all()
    assert set(agent.remedy.kept["pool"]["rewards"].flatten().tolist()) == {1.0, 2.0}


def test_half_of_every_batch_is_old_and_every_kept_transition_as_likely():
    agent = stamped(born(buffer_size=320), 640)
    ring = agent.model.replay_buffer
    ring.rewards[:] = 9
    np.random.seed(0)  # noqa: NPY002
    batches = [ring.sample(64) for _ in range(500)]
    for batch in batches:
        assert (batch.rewards[:32] == 9).all()
        assert (batch.rewards[32:] == 1).all()
        assert [len(field) for field in batch] == [64] * len(batch)
        assert batch.observations.dtype == ring.to_torch(ring.observations[:1]).dtype
    ring.pool["rewards"][:] = torch.arange(len(ring.pool["rewards"]))[:, None]
    n, drawn = len(ring.pool["rewards"]), 500 * 32
    tally = torch.bincount(torch.cat([ring.sample(64).rewards[32:] for _ in range(500)]).flatten().long(), minlength=n)
    chi_square = float(((tally - drawn / n) ** 2 / (drawn / n)).sum())
    assert abs(chi_square - n) < 5 * np.sqrt(2 * n)


@pytest.mark.parametrize("n_steps", [1, 3])
def test_without_old_tasks_it_draws_what_sb3_draws(n_steps):
    plain, agent = born("none", n_steps=n_steps), born(n_steps=n_steps)
    assert type(plain.model.replay_buffer) is not RehearsalBuffer
    for one in (plain, agent):
        one.begin_task("task1")
        one.learn(1280)
    assert isinstance(plain.model.replay_buffer, NStepReplayBuffer) == (n_steps > 1)
    for name, tensor in plain.model.policy.state_dict().items():
        assert torch.equal(tensor, agent.model.policy.state_dict()[name]), name


@pytest.mark.parametrize("n_steps", [1, 3])
def test_saved_in_a_task_and_loaded_it_goes_on_to_the_bit(tmp_path, n_steps):
    agent = born(n_steps=n_steps)
    agent.learn_task("task1", 640)
    agent.begin_task("task2")
    agent.learn(320)
    agent.save(tmp_path / "middle.pt")
    for name in ("a.pt", "b.pt"):
        agent.learn(320)
        agent.end_task()
        agent.learn_task("h+v-", 320)
        agent.save(tmp_path / name)
        agent = DeepAgent.load(tmp_path / "middle.pt")
    assert_same_bytes(tmp_path / "a.pt", tmp_path / "b.pt")


def test_a_task_without_a_step_leaves_nothing():
    agent = born()
    agent.begin_task("task1")
    agent.end_task()
    assert agent.bytes_kept == 0
    agent.learn_task("task2", 320)
    assert agent.remedy.kept["names"] == ["task2"]
    assert len(agent.remedy.kept["pool"]["task"]) == 320 <= Rehearsal.capacity
