"""`SB3VectorEnv`: a Gymnasium vector environment as Stable-Baselines3's `VecEnv`, without a Python loop over worlds.

>>> import gymnasium as gym, foraging_env
>>> from gymnasium.vector import AutoresetMode
>>> env = SB3VectorEnv(gym.make_vec("Forage-v0", num_envs=32, autoreset_mode=AutoresetMode.SAME_STEP))
"""

import time
from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from stable_baselines3.common.vec_env import VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices, VecEnvObs, VecEnvStepReturn

from foraging_env.state import get_state, set_state

_ARRAYS_OF_EVERY_STEP = ("task", "pattern", "value", "rewarded", "punished")


class SB3VectorEnv(VecEnv):
    """``env`` for SB3's algorithms; it must reset in the same step, as SB3 expects.

    SB3 does not take what ``gym.make_vec`` makes: it asks whether "OpenAI Gym" is installed. This is the wrapper that
    it lacks. ``CnnPolicy``, `VecFrameStack` and `VecNormalize` want a Box: make the worlds with ``space="flat"`` or
    ``space="image"``.

    SB3 wants one info dict for each world. In most steps all of them are empty; where an episode ends, the dict holds
    ``terminal_observation``, ``TimeLimit.truncated``, the world's last info, and ``episode`` with ``r``, ``l`` and
    ``t``, as SB3's `VecMonitor` writes it (so do not add that). They are new in every step, so wrappers may write into
    them. The arrays of every step lie in ``batch_info``.

    Raises ValueError for an environment in another autoreset mode.
    """

    def __init__(self, env: VectorEnv) -> None:
        if env.metadata.get("autoreset_mode") is not AutoresetMode.SAME_STEP:
            raise ValueError(
                f"SB3 resets in the same step, but this environment's mode is {env.metadata.get('autoreset_mode')}; "
                "make it with autoreset_mode=AutoresetMode.SAME_STEP"
            )
        self.env = env
        self.batch_info: dict[str, Any] = {}
        super().__init__(env.num_envs, env.single_observation_space, env.single_action_space)
        self._actions = np.zeros(self.num_envs, dtype=np.int64)
        self._returns = np.zeros(self.num_envs)
        self._lengths = np.zeros(self.num_envs, dtype=np.int64)
        self._started = time.time()

    def reset(self) -> VecEnvObs:
        """Build all worlds anew, with the seeds and options set before (once)."""
        seed = None if all(s is None for s in self._seeds) else list(self._seeds)
        env: Any = self.env  # Gymnasium types the seed as one int, but takes a list
        observations, self.batch_info = env.reset(seed=seed, options=self._merged_options())
        self._reset_seeds()
        self._reset_options()
        self.reset_infos = [{} for _ in range(self.num_envs)]
        self._returns[:] = 0.0
        self._lengths[:] = 0
        return observations

    def step_async(self, actions: np.ndarray) -> None:
        """Keep the actions until `step_wait`."""
        self._actions = actions

    def step_wait(self) -> VecEnvStepReturn:
        """Step all worlds: observations, rewards float32[n], dones bool[n], infos."""
        observations, rewards, terminations, truncations, self.batch_info = self.env.step(self._actions)
        dones = terminations | truncations
        self._returns += rewards
        self._lengths += 1
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        if dones.any():
            for w in np.flatnonzero(dones):
                infos[w] = self._last_info(w, truncated=bool(truncations[w] and not terminations[w]))
            self._returns[dones] = 0.0
            self._lengths[dones] = 0
        return observations, rewards.astype(np.float32), dones, infos

    def close(self) -> None:
        """Close the environment."""
        self.env.close()

    def get_state(self) -> dict[str, Any]:
        """The state of foraging worlds, mid-episode.

        ``worlds`` as `foraging_env.state.get_state` gives it, None before the first reset; of the episodes under way,
        ``returns`` float64[n] and ``lengths`` int64[n].
        """
        base: Any = self.env.unwrapped
        return {
            "worlds": get_state(self.env) if base.has_world else None,
            "returns": self._returns.copy(),
            "lengths": self._lengths.copy(),
        }

    def set_state(self, saved: dict[str, Any]) -> None:
        """Go on from `get_state`. Raises ValueError for worlds of another kind."""
        if saved["worlds"] is not None:
            set_state(self.env, saved["worlds"])
        self._returns[:] = saved["returns"]
        self._lengths[:] = saved["lengths"]

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """The environment's attribute, once for each chosen world (all worlds are one object)."""
        value = self.env.unwrapped if attr_name == "unwrapped" else getattr(self.env, attr_name)
        return [value for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Refuse: the worlds share one object. Raises AttributeError."""
        raise AttributeError(f"{attr_name!r} cannot be set world by world; make the environment with it")

    def env_method(
        self, method_name: str, *method_args: Any, indices: VecEnvIndices = None, **kwargs: Any
    ) -> list[Any]:
        """``set_task(task)`` for the chosen worlds. Raises AttributeError for other methods."""
        if method_name != "set_task":
            raise AttributeError(f"{method_name!r} cannot be called world by world; known methods: set_task")
        chosen = list(self._get_indices(indices))
        mask = np.zeros(self.num_envs, dtype=np.bool_)
        mask[chosen] = True
        unwrapped: Any = self.env.unwrapped
        unwrapped.set_task(*method_args, mask=mask, **kwargs)
        return [None for _ in chosen]

    def env_is_wrapped(self, wrapper_class: type[gym.Wrapper], indices: VecEnvIndices = None) -> list[bool]:
        """Whether single worlds are wrapped in ``wrapper_class``: never."""
        return [False for _ in self._get_indices(indices)]

    def get_images(self) -> Sequence[np.ndarray | None]:
        """One picture for each world."""
        frames: Any = self.env.render()
        return list(frames)

    def _merged_options(self) -> dict[str, Any] | None:
        """SB3 keeps options for each world, the worlds want one list of tasks."""
        given = [option.get("task") for option in self._options]
        unknown = {name for option in self._options for name in option if name != "task"}
        if unknown or (any(given) and not all(given)):
            raise ValueError(f"options must give every world its task and nothing else; got {self._options}")
        return {"task": given} if any(given) else None

    def _last_info(self, w: Any, truncated: bool) -> dict[str, Any]:
        last = self.batch_info["final_info"]
        episode = {
            "r": float(self._returns[w]),
            "l": int(self._lengths[w]),
            "t": round(time.time() - self._started, 6),
        }
        return {name: last[name][w] for name in _ARRAYS_OF_EVERY_STEP if name in last} | {
            "terminal_observation": self.batch_info["final_obs"][w],
            "TimeLimit.truncated": truncated,
            "episode": episode,
        }
