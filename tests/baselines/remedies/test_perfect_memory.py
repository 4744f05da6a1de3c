"""Perfect memory: nothing is forgotten, nothing weighs more than anything else, and its size is said."""

import numpy as np
import pytest
import torch

from baselines.agent import DeepAgent

SMALL = {"learning_starts": 64, "batch_size": 16, "target_update_interval": 128, "n_steps": 1}
TASKS = {"task1": 640, "task2": 320, "h+v-": 960}
A_TRANSITION = 2 * 49 + 8 + 4 + 4 + 4


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def born(remedy="perfect-memory", **more):
    return DeepAgent("dqn", remedy, seed=6, settings=SMALL | more)


def test_every_transition_of_every_task_is_there_and_as_likely_as_any_other():
    agent, lived = born("perfect-memory:capacity=3200"), 0
    for task, steps in TASKS.items():
        agent.begin_task(task)
        assert agent.bytes_kept == lived * A_TRANSITION
        agent.learn(steps)
        assert agent.bytes_kept == lived * A_TRANSITION, "of earlier tasks, not of the present one"
        agent.end_task()
        lived += steps
    assert agent.bytes_kept == lived * A_TRANSITION
    buffer = agent.model.replay_buffer
    assert buffer.size() * buffer.n_envs == lived
    buffer.rewards[: buffer.size()] = np.arange(lived).reshape(buffer.size(), buffer.n_envs)
    np.random.seed(0)  # noqa: NPY002
    tally = torch.bincount(
        torch.cat([buffer.sample(1000).rewards for _ in range(50)]).flatten().long(), minlength=lived
    )
    expected = 50_000 / lived
    assert float(((tally - expected).square() / expected).sum()) < lived + 5 * np.sqrt(2 * lived)


def test_beyond_its_capacity_the_oldest_go_and_count_no_longer():
    agent = born("perfect-memory:capacity=640")
    agent.learn_task("task1", 640)
    assert agent.bytes_kept == 640 * A_TRANSITION
    agent.begin_task("task2")
    for left in (320, 0, 0):
        agent.learn(320)
        assert agent.bytes_kept == left * A_TRANSITION
    agent.end_task()
    assert agent.bytes_kept == 640 * A_TRANSITION


def test_a_length_of_the_buffer_that_was_chosen_is_refused_and_nothing_changes():
    message = r"remedy 'perfect-memory' sets buffer_size itself; leave it out of the settings of 'dqn'"
    with pytest.raises(ValueError, match=message):
        born(buffer_size=640)
    agent = born("none", buffer_size=640)
    with pytest.raises(ValueError, match=message):
        agent.adopt("perfect-memory")
    assert agent.name == "dqn"
    plain = born("none")
    plain.adopt("perfect-memory")
    assert plain.model.replay_buffer.buffer_size * plain.worlds.num_envs == 1_000_000
