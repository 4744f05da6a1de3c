"""PufferLib's emulation and vectorisation: ``pip install pufferlib-core``, then
``python -m experiments.checks.clients.with_pufferlib``.

It flattens what an environment shows and batches its infos; its own trainer needs a compiled CUDA extension, so a small
policy gradient learns from its batches here.
"""

import gymnasium as gym
import pufferlib.emulation  # type: ignore[import-not-found]
import pufferlib.vector  # type: ignore[import-not-found]
import torch
from torch import nn
from torch.distributions import Categorical

import foraging_env  # noqa: F401  registers the ids
from experiments.checks.clients.measure import report

N, LENGTH, ROUNDS = 16, 64, 150


def make(buf: object = None, seed: int = 0) -> pufferlib.emulation.GymnasiumPufferEnv:
    """One world as PufferLib wants it."""
    env = gym.make("Forage-v0", space="flat", numeric_info=True)
    return pufferlib.emulation.GymnasiumPufferEnv(env, buf=buf, seed=seed)


def main() -> None:
    """Train and tell the intake."""
    torch.manual_seed(0)
    worlds = pufferlib.vector.make(make, num_envs=N, backend=pufferlib.vector.Serial)
    net = nn.Sequential(nn.Linear(49, 64), nn.Tanh(), nn.Linear(64, 8))
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    seen, _ = worlds.reset(seed=0)
    for _ in range(ROUNDS):
        chances, rewards = [], []
        for _ in range(LENGTH):
            policy = Categorical(logits=net(torch.from_numpy(seen.copy()).float()))
            moves = policy.sample()
            chances.append(policy.log_prob(moves))
            seen, reward, *_ = worlds.step(moves.numpy())
            rewards.append(torch.from_numpy(reward.copy()).float())
        later = torch.zeros(N)
        returns: list[torch.Tensor] = []
        for reward in reversed(rewards):
            later = reward + 0.8 * later
            returns.insert(0, later)
        gains = torch.stack(returns)
        optimizer.zero_grad()
        (-(torch.stack(chances) * (gains - gains.mean()) / (gains.std() + 1e-6)).mean()).backward()
        optimizer.step()
    with torch.no_grad():
        report("pufferlib-core", N * LENGTH * ROUNDS, lambda seen: net(torch.from_numpy(seen)), space="flat")


if __name__ == "__main__":
    main()
