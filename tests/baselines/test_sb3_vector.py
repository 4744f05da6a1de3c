"""The worlds as SB3's VecEnv say what SB3's own DummyVecEnv says."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import DummyVecEnv

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


def test_another_autoreset_mode_is_refused():
    with pytest.raises(ValueError, match=r"make it with autoreset_mode=AutoresetMode\.SAME_STEP"):
        SB3VectorEnv(gym.make_vec("Forage-v0", num_envs=2))
