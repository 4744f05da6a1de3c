"""The worlds as SB3's VecEnv say what SB3's own DummyVecEnv says."""

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode
from stable_baselines3 import PPO
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from stable_baselines3.common.vec_env import DummyVecEnv, VecFrameStack, VecNormalize, VecTransposeImage
from torch import nn

import foraging_env  # noqa: F401 (registers the ids)
from baselines.sb3_vector import SB3VectorEnv


def adapter(n, **arguments):
    return SB3VectorEnv(gym.make_vec("Forage-v0", num_envs=n, autoreset_mode=AutoresetMode.SAME_STEP, **arguments))


def test_it_tells_what_dummy_vec_env_tells():
    ours, dummy = (
        adapter(3, max_episode_steps=40),
        DummyVecEnv([lambda: gym.make("Forage-v0", max_episode_steps=40)] * 3),
    )
    for env in (ours, dummy):
        env.seed(5)
    np.testing.assert_array_equal(ours.reset(), dummy.reset())
    rng = np.random.default_rng(0)
    returns = np.zeros(3)
    for t in range(1, 201):
        actions = rng.integers(0, 8, 3)
        seen, rewards, dones, infos = ours.step(actions)
        expected_seen, expected_rewards, expected_dones, expected_infos = dummy.step(actions)
        np.testing.assert_array_equal(seen, expected_seen)
        np.testing.assert_array_equal(rewards, expected_rewards)
        np.testing.assert_array_equal(dones, expected_dones)
        returns += rewards
        if t % 40 == 0:
            for w in range(3):
                np.testing.assert_array_equal(
                    infos[w]["terminal_observation"], expected_infos[w]["terminal_observation"]
                )
                assert infos[w]["TimeLimit.truncated"]
                assert infos[w]["rewarded"] == expected_infos[w]["rewarded"]
                assert infos[w]["episode"]["r"] == returns[w]
                assert infos[w]["episode"]["l"] == 40
            returns[:] = 0
        else:
            assert infos == [{}, {}, {}]


def test_ppo_learns_on_it_and_tasks_change_under_it():
    env = adapter(4, max_episode_steps=50)
    model = PPO("MlpPolicy", env, n_steps=64, batch_size=64, n_epochs=1, seed=0, policy_kwargs={"net_arch": [8]})
    model.learn(256)
    env.env_method("set_task", "task2", indices=[0, 2])
    model.learn(256, reset_num_timesteps=False)
    assert model.num_timesteps == 512
    assert env.batch_info["task"].tolist() == ["task2", "task1", "task2", "task1"]
    assert len(model.ep_info_buffer) > 0


def test_a_schedule_runs_under_sb3():
    env = gym.make_vec(
        "ForageCycle-v0", num_envs=4, steps_per_task=32, episode_steps=20, autoreset_mode=AutoresetMode.SAME_STEP
    )
    told = []

    def note(local_variables, _):
        told.append(local_variables["env"].batch_info["task"][0])
        return True

    PPO("MlpPolicy", SB3VectorEnv(env), n_steps=24, batch_size=96, n_epochs=1, seed=0).learn(4 * 96, callback=note)
    assert told == ["task1"] * 32 + ["n+v-"] * 32 + ["v+h-"] * 32


def test_what_is_written_into_the_infos_of_one_step_is_gone_in_the_next():
    env = adapter(3, max_episode_steps=5)
    env.reset()
    kept = []
    for t in range(12):
        infos = env.step(np.zeros(3, int))[3]
        assert not any("bonus" in info for info in infos)
        assert not {id(info) for info in infos} & {id(info) for info in kept}
        assert len({id(info) for info in infos}) == 3
        infos[t % 3]["bonus"] = t
        kept += infos
    assert sum("bonus" in info for info in kept) == 12


class SmallPictures(BaseFeaturesExtractor):
    """Convolutions for pictures of 5 cells and more; SB3's own need 36."""

    def __init__(self, observation_space):
        super().__init__(observation_space, 8)
        channels, *side = observation_space.shape
        self.layers = nn.Sequential(nn.Conv2d(channels, 4, 3), nn.ReLU(), nn.Flatten())
        self.layers.append(nn.Linear(self.layers(torch.zeros(1, channels, *side)).shape[1], 8))

    def forward(self, seen):
        return self.layers(seen)


def native(**arguments):
    return adapter(2, max_episode_steps=20, **arguments)


def dummy(**arguments):
    return make_vec_env("Forage-v0", 2, env_kwargs={"max_episode_steps": 20, **arguments})


def normalised(env):
    return VecNormalize(env, norm_obs=env.observation_space.dtype == np.float32)


SMALL = {"policy_kwargs": {"features_extractor_class": SmallPictures, "net_arch": [8]}}
FLAT, PICTURE = {"space": "flat"}, {"space": "image"}
# What is made, in which wrappers, and the policy that learns on it.
LEARNERS = {
    "view": ({}, (), "MlpPolicy", {}),
    "cues": ({"task_cue": True, "last_action": True}, (), "MlpPolicy", {}),
    "flat": (FLAT | {"task_cue": True}, (), "MlpPolicy", {}),
    "flat, stacked": (FLAT, (lambda env: VecFrameStack(env, 3),), "MlpPolicy", {}),
    "flat, normalised": (FLAT, (normalised,), "MlpPolicy", {}),
    "flat, both": (FLAT, (lambda env: VecFrameStack(env, 3), normalised), "MlpPolicy", {}),
    "image": (PICTURE, (), "CnnPolicy", SMALL),
    "image of patterns": (PICTURE | {"observation": "pattern"}, (), "CnnPolicy", SMALL),
    "image, turned": (PICTURE, (VecTransposeImage,), "CnnPolicy", SMALL),
    "image, stacked": (PICTURE, (lambda env: VecFrameStack(env, 3),), "CnnPolicy", SMALL),
    "image, stacked and turned": (
        PICTURE | {"observation": "pattern", "view": 15},
        (lambda env: VecFrameStack(env, 3), VecTransposeImage, normalised),
        "CnnPolicy",
        SMALL,
    ),
    "large image, SB3's own convolutions": (PICTURE | {"view": 37}, (), "CnnPolicy", {}),
}


@pytest.mark.parametrize("make", [native, dummy])
@pytest.mark.parametrize("name", LEARNERS)
def test_sb3s_wrappers_and_policies_take_every_form_of_observation(name, make):
    arguments, wraps, policy, more = LEARNERS[name]
    env = make(**arguments)
    for wrap in wraps:
        env = wrap(env)
    model = PPO(policy, env, n_steps=24, batch_size=48, n_epochs=1, seed=0, **more)
    model.learn(48)
    seen = model.env.reset()
    assert seen[0].shape == model.env.observation_space.shape
    if policy == "CnnPolicy":
        assert model.observation_space.shape[1] == model.observation_space.shape[2]  # channels first, for torch
    assert [info["l"] for info in model.ep_info_buffer] == [20, 20]


@pytest.mark.parametrize("arguments", [{}, FLAT, PICTURE], ids=str)
def test_both_ways_to_batch_show_the_same(arguments):
    ours, theirs = native(**arguments), dummy(**arguments)
    for env in (ours, theirs):
        env.seed(3)
    np.testing.assert_array_equal(ours.reset(), theirs.reset())
    for t in range(50):
        for one, other in zip(ours.step(np.full(2, t % 8))[:3], theirs.step(np.full(2, t % 8))[:3], strict=True):
            np.testing.assert_array_equal(one, other)


def test_another_autoreset_mode_is_refused():
    with pytest.raises(ValueError, match=r"make it with autoreset_mode=AutoresetMode\.SAME_STEP"):
        SB3VectorEnv(gym.make_vec("Forage-v0", num_envs=2))
