"""How well it forages: counts, performance and intake of an episode, also task by task."""

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv, VectorWrapper

from foraging_env import checks
from foraging_env.env import ForageEnv
from foraging_env.scores import intake, performance
from foraging_env.tasks import PATTERNS, TASK_NAMES
from foraging_env.vector import ForageVectorEnv


class _Tally:
    """Counts of n worlds by task and pattern since they were last cleared."""

    def __init__(self, n: int) -> None:
        self.steps = np.zeros((n, len(TASK_NAMES)), dtype=np.int64)
        self.eaten = np.zeros((n, len(PATTERNS)), dtype=np.int64)
        self.valued = np.zeros((n, len(TASK_NAMES), 3), dtype=np.int64)  # punished, none or without value, rewarded

    def add(self, world: np.ndarray, task: np.ndarray, pattern: np.ndarray, value: np.ndarray) -> None:
        """One step of each world in ``world`` int64[k]: its task, pattern eaten (-1 for none) and that one's value."""
        self.steps[world, task] += 1
        self.valued[world, task, value + 1] += 1
        ate = pattern >= 0
        self.eaten[world[ate], pattern[ate]] += 1

    def clear(self, chosen: Any) -> None:
        for counts in (self.steps, self.eaten, self.valued):
            counts[chosen] = 0

    def copies(self) -> dict[str, np.ndarray]:
        return {name: array.copy() for name, array in vars(self).items()}

    def fill(self, saved: dict[str, Any]) -> None:
        """Take over `copies`. Raises ValueError, before anything changes, if they do not fit."""
        own = vars(self)
        checks.entries("the state of these statistics", saved, own)
        new = {name: checks.like(name, saved[name], array) for name, array in own.items()}
        for name, array in new.items():
            if np.any(array < 0):
                raise ValueError(f"{name} of the saved state goes below 0; the state is damaged")
        for name, array in own.items():
            array[...] = new[name]

    def summary(self) -> dict[str, np.ndarray]:
        """Arrays [n]: steps, rewarded, punished, performance, intake, and the patterns eaten by name."""
        steps = self.steps.sum(axis=1)
        rewarded, punished = self.valued[:, :, 2].sum(axis=1), self.valued[:, :, 0].sum(axis=1)
        return {
            "steps": steps,
            "rewarded": rewarded,
            "punished": punished,
            "performance": performance(rewarded, punished),
            "intake": intake(rewarded, punished, steps),
        } | {pattern: self.eaten[:, k].copy() for k, pattern in enumerate(PATTERNS)}

    def by_task(self, w: int) -> dict[str, dict[str, float]]:
        """The same for the tasks that world ``w`` has met, each by its name."""
        return {
            TASK_NAMES[task]: {
                "steps": int(self.steps[w, task]),
                "rewarded": int(self.valued[w, task, 2]),
                "punished": int(self.valued[w, task, 0]),
                "performance": float(performance(self.valued[w, task, 2], self.valued[w, task, 0])),
                "intake": float(intake(self.valued[w, task, 2], self.valued[w, task, 0], self.steps[w, task])),
            }
            for task in np.flatnonzero(self.steps[w]).tolist()
        }


class ForagingStatistics(gym.Wrapper):
    """Count what is eaten; when the episode ends, ``info["foraging"]`` says how it was.

    It holds ``steps``, ``rewarded``, ``punished``, ``performance``, ``intake``, the four patterns with how many of each
    were eaten, and ``tasks``, the first five again for each task met. `so_far` gives the same at any time, as a
    continuing life needs it.

    Raises TypeError around anything but a foraging environment.
    """

    def __init__(self, env: gym.Env) -> None:
        super().__init__(env)
        if not isinstance(env.unwrapped, ForageEnv):
            raise TypeError(f"foraging statistics need a ForageEnv, not {env.unwrapped}")
        self._base = env.unwrapped
        self._tally = _Tally(1)
        self._world = np.zeros(1, dtype=np.int64)

    def so_far(self) -> dict[str, Any]:
        """The statistics since the last reset."""
        summary = {name: array[0].item() for name, array in self._tally.summary().items()}
        return summary | {"tasks": self._tally.by_task(0)}

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Reset and count anew."""
        told = self.env.reset(seed=seed, options=options)
        self._tally.clear(...)
        return told

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Step and count."""
        task = self._base.worlds.state.task.copy()  # of the world in which this step is taken
        seen, reward, terminated, truncated, info = self.env.step(action)
        self._tally.add(self._world, task, np.array([info["pattern"]]), np.array([info["value"]]))
        if terminated or truncated:
            info["foraging"] = self.so_far()
        return seen, reward, terminated, truncated, info

    def get_own_state(self) -> dict[str, Any]:
        """What this wrapper remembers; see `foraging_env.state`."""
        return self._tally.copies()

    def set_own_state(self, saved: dict[str, Any]) -> None:
        """Go on from `get_own_state`. Raises ValueError, before anything changes, if it is none."""
        self._tally.fill(saved)


class VectorForagingStatistics(VectorWrapper):
    """`ForagingStatistics` for a vector environment.

    When episodes end, ``infos["foraging"]`` is a dict of arrays [n], zero where no episode ended, with the mask
    ``infos["_foraging"]``. `so_far` gives them for all worlds at any time, `by_task` one world's task by task.
    """

    def __init__(self, env: VectorEnv) -> None:
        super().__init__(env)
        if not isinstance(env.unwrapped, ForageVectorEnv):
            raise TypeError(f"foraging statistics need a ForageVectorEnv, not {env.unwrapped}")
        self._tally = _Tally(self.num_envs)
        self._next_step_mode = env.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
        self._ended = np.zeros(self.num_envs, dtype=np.bool_)

    def so_far(self) -> dict[str, np.ndarray]:
        """The statistics of every world since its episode began."""
        return self._tally.summary()

    def by_task(self, w: int) -> dict[str, dict[str, float]]:
        """The statistics of world ``w`` for each task it has met in this episode."""
        return self._tally.by_task(w)

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Reset and count anew the worlds that are reset."""
        told = self.env.reset(seed=seed, options=options)
        mask = (options or {}).get("reset_mask")
        chosen = ... if mask is None else mask
        self._tally.clear(chosen)
        self._ended[chosen] = False
        return told

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Step and count."""
        resetting = self._ended if self._next_step_mode else np.zeros(self.num_envs, dtype=np.bool_)
        base: Any = self.env.unwrapped
        task = base.worlds.state.task.copy()  # of the worlds in which this step is taken
        seen, rewards, terminations, truncations, infos = self.env.step(actions)
        self._tally.clear(self._ended)
        ended = terminations | truncations
        pattern, value = infos["pattern"], infos["value"]
        if "final_info" in infos:
            pattern = np.where(ended, infos["final_info"]["pattern"], pattern)
            value = np.where(ended, infos["final_info"]["value"], value)
        stepped = np.flatnonzero(~resetting)
        self._tally.add(stepped, task[stepped], pattern[stepped], value[stepped])
        if ended.any():
            summary = self._tally.summary()
            infos["foraging"] = {name: np.where(ended, array, 0) for name, array in summary.items()}
            infos["_foraging"] = ended.copy()
        self._ended = ended
        return seen, rewards, terminations, truncations, infos

    def get_own_state(self) -> dict[str, Any]:
        """What this wrapper remembers; see `foraging_env.state`."""
        return self._tally.copies() | {"ended": self._ended.copy()}

    def set_own_state(self, saved: dict[str, Any]) -> None:
        """Go on from `get_own_state`. Raises ValueError, before anything changes, if it is none."""
        checks.entries("the state of these statistics", saved, self.get_own_state())
        ended = checks.like("ended", saved["ended"], self._ended)
        self._tally.fill({name: array for name, array in saved.items() if name != "ended"})
        self._ended = ended.copy()
