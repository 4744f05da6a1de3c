"""Infos are what clients can batch: the same keys in every step, no None, and numbers only on request."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from test_env import IDS
from test_vector import assert_equal

from foraging_env import TASK_NAMES, ForageEnv
from foraging_env.wrappers import ForagingStatistics
from spiking_agent import SpikingAgent

ARRAYS = ("task", "pattern", "value", "rewarded", "punished")


def short(name):
    """Arguments with which an id soon changes its task and ends its episodes."""
    return {"max_episode_steps": 20} if name == "Forage-v0" else {"steps_per_task": 30, "episode_steps": 20}


def told(env, n=300):
    infos = [env.reset(seed=0)[1]]
    for action in np.random.default_rng(0).integers(0, 8, n):
        *_, truncated, info = env.step(action)
        infos.append(info)
        if truncated:
            infos.append(env.reset()[1])
    return infos


@pytest.mark.parametrize("name", IDS)
def test_every_info_has_the_same_keys_and_types(name):
    infos = told(gym.make(name, **short(name)))
    kinds = {key: type(value) for key, value in infos[0].items()}
    assert kinds | {"phase": int} == dict.fromkeys(ARRAYS, int) | {"task": str, "phase": int}
    assert all({key: type(value) for key, value in info.items()} == kinds for info in infos)


@pytest.mark.parametrize("name", IDS)
def test_numbers_say_what_names_say(name):
    names, numbers = (told(gym.make(name, numeric_info=numeric, **short(name))) for numeric in (False, True))
    assert [info | {"task": TASK_NAMES[info["task"]]} for info in numbers] == names


@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize("name", IDS)
def test_many_worlds_tell_numbers_too(name, mode):
    env = gym.make_vec(name, num_envs=3, autoreset_mode=mode, numeric_info=True, **short(name))
    _, infos = env.reset(seed=0)
    for t in range(70):
        for some in (infos, infos.get("final_info", {})):
            assert all(array.dtype in (np.int64, np.bool_) for key, array in some.items() if "final" not in key)
        *_, truncations, infos = env.step(np.full(3, t % 8))
        if mode is AutoresetMode.DISABLED and truncations.any():
            _, infos = env.reset(options={"reset_mask": truncations})


def test_the_pattern_told_is_the_one_that_was_eaten():
    env = ForageEnv("all")
    env.reset(seed=0)
    for action in np.random.default_rng(0).integers(0, 8, 1000):
        before = env.worlds.pattern_map(0)
        info = env.step(action)[4]
        assert info["pattern"] == before[tuple(env.worlds.state.position[0])]


def test_statistics_need_no_names():
    names, numbers = (
        ForagingStatistics(gym.make("ForageCycle-v0", numeric_info=numeric, **short("ForageCycle-v0")))
        for numeric in (False, True)
    )
    for one, other in zip(told(names), told(numbers), strict=True):
        assert_equal(one.get("foraging"), other.get("foraging"))


def test_an_agent_that_knows_tasks_by_name_lives_with_numbers():
    agent = SpikingAgent(ForageEnv("task2", numeric_info=True), seed=0)
    agent.learn(5)
    agent.set_task("n+h-")
    assert set(agent.activity.spikes) == {"task2"}


def test_numeric_info_is_a_bool():
    for make in (lambda: ForageEnv(numeric_info=1), lambda: gym.make_vec("Forage-v0", num_envs=2, numeric_info="yes")):
        with pytest.raises(TypeError, match=r"numeric_info=.* must be True or False"):
            make()
