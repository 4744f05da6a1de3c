"""The algorithms and their settings, one row each; ``python -m baselines.tune`` is how the settings were found.

Rates and exploration are constant: a schedule would have to know when the last task ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import stable_baselines3 as sb3
from stable_baselines3.common.base_class import BaseAlgorithm


@dataclass(frozen=True)
class Algorithm:
    """A Stable-Baselines3 algorithm as it is used here."""

    name: str
    kind: type[BaseAlgorithm]
    n_envs: int  # worlds that it learns in at once
    layers: tuple[int, ...]  # hidden units of the policy's perceptron, layer by layer
    settings: Mapping[str, Any] = field(default_factory=dict)  # of its constructor


_EXPLORE = 0.05  # probability of a random move of DQN, from the first to the last step

ALGORITHMS: dict[str, Algorithm] = {
    row.name: row
    for row in (
        Algorithm(
            "ppo",
            sb3.PPO,
            n_envs=32,
            layers=(128, 128),
            settings={"n_steps": 128, "batch_size": 1024, "n_epochs": 4, "learning_rate": 1e-3, "gamma": 0.95},
        ),
        Algorithm(
            "a2c",
            sb3.A2C,
            n_envs=32,
            layers=(128, 128),
            settings={"n_steps": 8, "learning_rate": 1e-3, "gamma": 0.95, "use_rms_prop": False},
        ),
        Algorithm(
            "dqn",
            sb3.DQN,
            n_envs=32,
            layers=(128, 128),
            settings={
                "buffer_size": 100_000,
                "learning_starts": 5_000,
                "batch_size": 256,
                "learning_rate": 1e-3,
                "gamma": 0.95,
                "train_freq": 2,
                "gradient_steps": 2,
                "target_update_interval": 2_000,
                "exploration_initial_eps": _EXPLORE,
                "exploration_final_eps": _EXPLORE,
            },
        ),
    )
}
"""Every algorithm, by name."""


def algorithm(name: str) -> Algorithm:
    """The row of that name; raises ValueError for an unknown one."""
    if name not in ALGORITHMS:
        raise ValueError(f"unknown algorithm {name!r}; known: {', '.join(ALGORITHMS)}")
    return ALGORITHMS[name]
