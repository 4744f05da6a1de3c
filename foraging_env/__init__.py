"""Foraging for food patterns that can change: the world of Golden et al. 2022 as Gymnasium environments."""

import gymnasium as gym

from foraging_env.env import ForageEnv
from foraging_env.tasks import PATTERNS, TASKS, Task

__all__ = ["PATTERNS", "TASKS", "ForageEnv", "Task"]

gym.register("Forage-v0", entry_point="foraging_env.env:ForageEnv", max_episode_steps=1000)
