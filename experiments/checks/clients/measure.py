"""What a trained policy takes in, and the line that says it."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import gymnasium as gym
import numpy as np

import foraging_env  # noqa: F401  registers the ids
from foraging_env.scores import Counts

WORLDS = 16
STEPS = 1000


def report(package: str, training_steps: int, policy: Callable[[np.ndarray], Any], **arguments: Any) -> Counts:
    """Let ``policy`` forage in fresh worlds of task 1 and print what it took in.

    ``policy`` is given observations [16, ...] of worlds made with ``arguments`` and returns logits [16, 8], an array or
    a tensor. Moves are drawn from them, as in training: the likeliest move alone goes in circles where no food is seen.
    """
    env = gym.make_vec("Forage-v0", num_envs=WORLDS, max_episode_steps=-1, **arguments)
    seen, infos = env.reset(seed=1_000_000)
    rng = np.random.default_rng(0)
    for _ in range(STEPS):
        seen, _, _, _, infos = env.step(np.argmax(np.asarray(policy(seen)) + rng.gumbel(size=(WORLDS, 8)), axis=1))
    counts = Counts(int(infos["rewarded"].sum()), int(infos["punished"].sum()), WORLDS * STEPS)
    print(
        f"{package} {version(package)}, {training_steps:,} steps of training: "
        f"intake {counts.intake:.1f} in 100 steps, performance {counts.performance:.2f}"
    )
    return counts
