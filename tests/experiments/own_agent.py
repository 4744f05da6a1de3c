"""An agent of a user's own, as small as one can be: it keeps a table of which moves paid."""

from pathlib import Path

import numpy as np


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


class Failing(Gambler):
    def learn(self, total_timesteps, reset_num_timesteps=True):
        raise ZeroDivisionError("nothing to learn from")


def make_failing(worlds, seed):
    return Failing(worlds, seed)
