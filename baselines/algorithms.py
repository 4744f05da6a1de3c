"""The algorithms and their settings, one row each; ``python -m baselines.tune`` is how the settings were found.

Rates and exploration are constant: a schedule would have to know when the last task ends.

Trials are in ``experiments/results/tuning.csv``. They are few and short, so rows here are not always the best of them,
and each is one seed. DQN's row is from trials by hand: with returns over 3 steps, a target network renewed every 256
steps and a discount of 0.9, intake after 100,000 steps was about 20 per 100 steps; with single steps, 2,000 and 0.95 it
was 10 (changed together, not one by one). A2C's is the second best trial, rounded. PPO's row was there before the
search and reaches what was asked of it; one trial that learned faster at first was not followed up. Its entropy bonus
is hygiene for later tasks: without one, a policy that was punished a few times may stop eating for good (the hot-stove
effect, Denrell & March 2001). It costs nothing on one task, and it is no cure. QR-DQN has DQN's
settings, and few quantiles for speed; it was not searched.

``ppo-frames`` (the last four observations at once) and ``recurrent-ppo`` (an LSTM) have PPO's settings, not searched
either. They are for tasks that one view does not tell apart.
"""

import importlib
import importlib.util
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gymnasium.error import DependencyNotInstalled
from stable_baselines3.common.base_class import BaseAlgorithm

from foraging_env.extras import install

_OURS = (
    *("self", "policy", "env", "seed", "device", "verbose", "tensorboard_log", "policy_kwargs"),
    *("replay_buffer_class", "replay_buffer_kwargs", "rollout_buffer_class", "rollout_buffer_kwargs", "action_noise"),
    *("_init_setup_model", "optimize_memory_usage", "stats_window_size"),
)
"""What of an algorithm's constructor is `baselines.agent.DeepAgent`'s to choose."""


@dataclass(frozen=True)
class Algorithm:
    """A Stable-Baselines3 algorithm as it is used here."""

    name: str
    package: str  # where its class is
    class_name: str
    n_envs: int  # worlds that it learns in at once
    layers: tuple[int, ...]  # hidden units of the policy's perceptron, layer by layer
    settings: Mapping[str, Any] = field(default_factory=dict)  # of its constructor
    policy: Mapping[str, Any] = field(default_factory=dict)  # of its policy's constructor, besides the network
    extra: str | None = None  # of this project, which installs the package
    policy_name: str = "MlpPolicy"  # SB3's
    frames: int = 1  # observations that the policy sees at once, the last ones
    takes_remedies: bool = True  # they know perceptrons that see what worlds show; those with a memory have none

    @property
    def kind(self) -> type[BaseAlgorithm]:
        """Its class. Raises gymnasium.error.DependencyNotInstalled if the package is missing."""
        if importlib.util.find_spec(self.package) is None:
            hint = f": {install(self.extra)}" if self.extra else ""
            raise DependencyNotInstalled(f"{self.name} needs {self.package}{hint}")
        kind: type[BaseAlgorithm] = getattr(importlib.import_module(self.package), self.class_name)
        return kind

    def with_settings(self, chosen: Mapping[str, Any]) -> "Algorithm":
        """The same algorithm with other settings of its constructor.

        Raises ValueError for one that cannot be set.
        """
        known = [name for name in inspect.signature(self.kind.__init__).parameters if name not in _OURS]
        for name in chosen:
            if name not in known:
                raise ValueError(f"algorithm {self.name!r} has no setting {name!r}; it has {', '.join(known)}")
        return replace(self, settings={**self.settings, **chosen})

    @property
    def rollout(self) -> int:
        """Environment steps, of all worlds together, from one round of updates to the next."""
        return self.n_envs * int(self.settings["train_freq" if "train_freq" in self.settings else "n_steps"])


_EXPLORE = 0.05  # probability of a random move of DQN, from the first to the last step

_Q_LEARNING: dict[str, Any] = {
    "buffer_size": 100_000,
    "learning_starts": 5_000,
    "batch_size": 256,
    "learning_rate": 5e-4,
    "gamma": 0.9,
    "n_steps": 3,
    "train_freq": 2,
    "gradient_steps": 2,
    "target_update_interval": 256,
    "exploration_initial_eps": _EXPLORE,
    "exploration_final_eps": _EXPLORE,
}

_PPO: dict[str, Any] = {
    "n_steps": 128,
    "batch_size": 1024,
    "n_epochs": 4,
    "learning_rate": 1e-3,
    "gamma": 0.95,
    "ent_coef": 0.02,
}

ALGORITHMS: dict[str, Algorithm] = {
    row.name: row
    for row in (
        Algorithm(
            "ppo",
            "stable_baselines3",
            "PPO",
            n_envs=32,
            layers=(128, 128),
            settings=_PPO,
        ),
        Algorithm(
            "a2c",
            "stable_baselines3",
            "A2C",
            n_envs=32,
            layers=(128, 128),
            settings={"n_steps": 8, "learning_rate": 1.1e-3, "gamma": 0.9, "use_rms_prop": False},
        ),
        Algorithm(
            "dqn",
            "stable_baselines3",
            "DQN",
            n_envs=32,
            layers=(128, 128),
            settings=_Q_LEARNING,
        ),
        Algorithm(
            "qrdqn",
            "sb3_contrib",
            "QRDQN",
            n_envs=32,
            layers=(128, 128),
            settings=_Q_LEARNING | {"max_grad_norm": 10.0},  # DQN's default; its own has no limit
            policy={"n_quantiles": 16},
            extra="contrib",
        ),
        Algorithm(
            "ppo-frames",
            "stable_baselines3",
            "PPO",
            n_envs=32,
            layers=(128, 128),
            settings=_PPO,
            frames=4,
            takes_remedies=False,
        ),
        Algorithm(
            "recurrent-ppo",
            "sb3_contrib",
            "RecurrentPPO",
            n_envs=32,
            layers=(128,),
            settings=_PPO,
            policy={"lstm_hidden_size": 128},
            extra="contrib",
            policy_name="MlpLstmPolicy",
            takes_remedies=False,
        ),
    )
}
"""Every algorithm, by name."""


def algorithm(name: str) -> Algorithm:
    """The row of that name.

    Raises ValueError for an unknown one, gymnasium.error.DependencyNotInstalled if its package is missing.
    """
    if name not in ALGORITHMS:
        raise ValueError(f"unknown algorithm {name!r}; known: {', '.join(ALGORITHMS)}")
    row = ALGORITHMS[name]
    _ = row.kind
    return row
