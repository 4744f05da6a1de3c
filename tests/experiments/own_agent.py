"""An agent of a user's own, as small as one can be: it keeps a table of which moves paid."""

from pathlib import Path

import numpy as np
from gymnasium import spaces
from stable_baselines3.common.vec_env import VecEnvWrapper


class Stacked(VecEnvWrapper):
    """Shows every view twice."""

    def __init__(self, venv):
        super().__init__(venv, spaces.MultiBinary((2, 7, 7)))

    def reset(self):
        return np.stack([self.venv.reset()] * 2, axis=1)

    def step_wait(self):
        seen, *others = self.venv.step_wait()
        return np.stack([seen] * 2, axis=1), *others


class Gambler:
    """Plays the move that has paid most so far, with a little chance."""

    bytes_kept = 64

    def __init__(self, worlds, seed):
        self.env, self.rng, self.paid = worlds(8), np.random.default_rng(seed), np.zeros(8)

    def learn(self, total_timesteps, reset_num_timesteps=True):
        self.env.reset()
        for _ in range(total_timesteps // 8):
            actions, _ = self.predict(np.zeros((8, 7, 7)))
            _, rewards, _, _ = self.env.step(actions)
            np.add.at(self.paid, actions, rewards)

    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        best = np.full(len(observation), self.paid.argmax())
        return np.where(self.rng.random(len(best)) < 0.5, self.rng.integers(0, 8, len(best)), best), state

    def save(self, path):
        np.save(Path(path).with_suffix(".npy"), self.paid)

    @classmethod
    def load(cls, path, env):
        agent = cls(lambda n: env, seed=int(np.load(path).sum()) & 0xFFFF)
        agent.paid = np.load(path)
        return agent


def make(worlds, seed):
    return Gambler(worlds, seed)


def make_ppo(worlds, seed):
    from stable_baselines3 import PPO

    return PPO("MlpPolicy", worlds(16), n_steps=32, seed=seed)


def make_nothing(worlds, seed):
    return object()


class Plain(Gambler):
    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        return super().predict(observation, state)[0]


def make_plain(worlds, seed):
    return Plain(worlds, seed)


class TwoFiles(Gambler):
    def save(self, path):
        super().save(path)
        Path(path).with_suffix(".txt").write_text("beside it")


def make_two_files(worlds, seed):
    return TwoFiles(worlds, seed)


class Silent(Gambler):
    def save(self, path):
        pass


def make_silent(worlds, seed):
    return Silent(worlds, seed)


def make_normalised(worlds, seed):
    from stable_baselines3 import A2C
    from stable_baselines3.common.vec_env import VecMonitor, VecNormalize

    env = VecNormalize(VecMonitor(worlds(4)), norm_obs=False, gamma=0.9)
    return A2C("MlpPolicy", env, n_steps=8, seed=seed, policy_kwargs={"net_arch": [8]})


def make_stacked(worlds, seed):
    agent = Gambler(worlds, seed)
    agent.env = Stacked(agent.env)
    return agent


class Failing(Gambler):
    def learn(self, total_timesteps, reset_num_timesteps=True):
        raise ZeroDivisionError("nothing to learn from")


def make_failing(worlds, seed):
    return Failing(worlds, seed)
