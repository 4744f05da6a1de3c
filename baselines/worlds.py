"""The worlds that deep agents learn in and are tested in, as SB3 wants them."""

from collections.abc import Sequence

import gymnasium as gym
from gymnasium.vector import AutoresetMode, VectorEnv

import foraging_env  # noqa: F401  registers Forage-v0
from baselines.sb3_vector import SB3VectorEnv
from foraging_env.habitat import Habitat

EPISODE_STEPS = 1000


def training_worlds(n: int, tasks: Sequence[str], habitat: Habitat = Habitat()) -> SB3VectorEnv:
    """``n`` worlds in episodes of 1000 steps; ``tasks`` are dealt to them in turn.

    Raises ValueError for unknown tasks, for none, or for more of them than worlds.
    """
    return SB3VectorEnv(
        gym.make_vec(
            "Forage-v0",
            num_envs=n,
            task=dealt(tasks, n),
            max_episode_steps=EPISODE_STEPS,
            autoreset_mode=AutoresetMode.SAME_STEP,
            **habitat.arguments(),
        )
    )


def evaluation_worlds(n: int, task: str, habitat: Habitat = Habitat()) -> VectorEnv:
    """``n`` worlds of one task whose life never ends. Raises ValueError for an unknown task."""
    return gym.make_vec("Forage-v0", num_envs=n, task=task, max_episode_steps=-1, **habitat.arguments())


def dealt(tasks: Sequence[str], n: int) -> list[str]:
    """A task for each of ``n`` worlds, dealt in turn.

    Raises ValueError if there are none, or more of them than worlds.
    """
    if not 1 <= len(tasks) <= n:
        raise ValueError(f"{n} worlds can hold 1 to {n} tasks at once, got {len(tasks)}")
    return [tasks[w % len(tasks)] for w in range(n)]
