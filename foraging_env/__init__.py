"""Foraging for food patterns that can change: the world of Golden et al. 2022 as Gymnasium environments.

>>> import gymnasium as gym, foraging_env
>>> env = gym.make("Forage-v0", task="task1")
"""

import gymnasium as gym

from foraging_env import sequences
from foraging_env.env import ForageEnv
from foraging_env.habitat import Habitat
from foraging_env.schedules import Schedule
from foraging_env.senses import Senses
from foraging_env.tasks import DISTINCT_TASKS, PATTERNS, TASK_NAMES, TASKS, Task, named_task
from foraging_env.vector import ForageVectorEnv

__all__ = [
    "DISTINCT_TASKS",
    "PATTERNS",
    "TASKS",
    "TASK_NAMES",
    "ForageEnv",
    "ForageVectorEnv",
    "Habitat",
    "Schedule",
    "Senses",
    "Task",
    "named_task",
]

gym.register(
    "Forage-v0",
    entry_point="foraging_env.env:ForageEnv",
    vector_entry_point="foraging_env.vector:ForageVectorEnv",
    max_episode_steps=1000,
)
sequences.register()
