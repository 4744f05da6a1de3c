"""`ForageEnv`, the single environment: a batch of one world with Gymnasium's face."""

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from foraging_env.core.world import NOTHING, N_MOVES
from foraging_env.tasks import PATTERNS, Task, task as named_task
from foraging_env.world import Worlds


class ForageEnv(gym.Env[np.ndarray, np.int64]):
    """Draft; the card follows."""

    metadata = {"render_modes": ["rgb_array", "ansi"], "render_fps": 10}

    def __init__(
        self,
        task: str | Task = "task1",
        *,
        size: tuple[int, int] = (50, 50),
        view: int = 7,
        density: float = 0.1,
        rewards: tuple[float, float, float] = (1.0, -1.0, 0.0),
        render_mode: str | None = None,
    ) -> None:
        self.worlds = Worlds(1, size=size, view=view, density=density)
        self.rewards = rewards
        self.render_mode = render_mode
        self.action_space = spaces.Discrete(N_MOVES)
        self.observation_space = spaces.Box(0, 1, (view, view), np.uint8)
        self._task = named_task(task)
        self._action = np.zeros(1, np.int64)

    @property
    def task(self) -> Task:
        return self._task

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None):
        fresh = self._np_random is None
        super().reset(seed=seed)
        if fresh or seed is not None:
            self.worlds.seed(0, self.np_random)
        self.set_task((options or {}).get("task", self._task))
        return self.worlds.views[0].copy(), self._info()

    def set_task(self, task: str | Task) -> None:
        self._task = named_task(task)
        self.worlds.set_task(0, self._task)
        self.worlds.build(0)

    def step(self, action):
        self._action[0] = action
        self.worlds.step(self._action)
        info = self._info()
        return self.worlds.views[0].copy(), float(self.rewards[{1: 0, -1: 1, 0: 2}[info["value"]]]), False, False, info

    def _info(self) -> dict[str, Any]:
        state = self.worlds.state
        eaten = int(state.eaten[0])
        return {
            "task": self._task.name,
            "pattern": None if eaten == NOTHING else PATTERNS[eaten],
            "value": 0 if eaten == NOTHING else int(state.value[0, eaten]),
            "rewarded": int(state.counts[0, 2]),
            "punished": int(state.counts[0, 0]),
        }
