"""`ForageVectorEnv`, many worlds at once: the same kernels as the single environment, on a batch of n."""

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from foraging_env import checks, rendering
from foraging_env.core.world import N_MOVES
from foraging_env.observations import Observer
from foraging_env.senses import Senses
from foraging_env.tasks import PATTERNS, Task, named_task
from foraging_env.world import Worlds


class ForageVectorEnv(VectorEnv[np.ndarray, np.ndarray, np.ndarray]):
    """``num_envs`` foraging worlds stepped by one compiled call; the card of `ForageEnv` describes each of them.

    Bit for bit what ``SyncVectorEnv`` makes of as many ``ForageEnv``, infos included, in all three autoreset modes.

    Args:
        num_envs: number of worlds
        task: one task for all, or a list with one for each world
        max_episode_steps: truncate after so many steps; None or -1 for a continuing life
        autoreset_mode: an ``AutoresetMode`` or its value (``"NextStep"``, ``"SameStep"``, ``"Disabled"``)
        size, view, density, patterns, rewards, observation, task_cue, last_action, space, numeric_info, render_mode: as
            in `ForageEnv`

    Stable-Baselines3 takes these worlds in ``baselines.sb3_vector.SB3VectorEnv`` (bare ones it asks for "OpenAI Gym").

    Infos hold arrays: ``task`` object[n] of names, or int64[n] with ``numeric_info``; ``pattern``, ``value``,
    ``rewarded`` and ``punished`` int64[n]. As Gymnasium has it, each comes with a mask bool[n], ``_task`` and so on;
    where that is False the entry means nothing, and is 0 (None for names). ``final_info`` is of the same form.

    Raises TypeError or ValueError for arguments out of their ranges.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 (Gymnasium's)
        "render_modes": ["rgb_array", "ansi"],
        "render_fps": 10,
        "autoreset_mode": AutoresetMode.NEXT_STEP,
    }

    def __init__(
        self,
        num_envs: int = 1,
        task: str | Task | Sequence[str | Task] = "task1",
        *,
        max_episode_steps: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        size: tuple[int, int] = (50, 50),
        view: int = 7,
        density: float = 0.1,
        patterns: Sequence[str] = PATTERNS,
        rewards: tuple[float, float, float] = (1.0, -1.0, 0.0),
        observation: str = "binary",
        task_cue: bool = False,
        last_action: bool = False,
        space: str = "multibinary",
        numeric_info: bool = False,
        render_mode: str | None = None,
    ) -> None:
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise ValueError(f"unknown render_mode {render_mode!r}; known: {', '.join(self.metadata['render_modes'])}")
        if max_episode_steps is not None and max_episode_steps != -1:
            checks.whole("max_episode_steps", max_episode_steps, 1, 2**62)
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.metadata = {**self.metadata, "autoreset_mode": self.autoreset_mode}
        self.render_mode = render_mode
        self._numeric_info = checks.flag("numeric_info", numeric_info)
        self.worlds = Worlds(num_envs, size=size, view=view, density=density, patterns=patterns, rewards=rewards)
        self.num_envs = self.worlds.n
        self.senses = Senses(observation, view, task_cue, last_action, space)
        self._observer = Observer(self.worlds, self.senses)
        self.single_action_space = spaces.Discrete(N_MOVES)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self.single_observation_space = self._observer.space
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self._limit = 2**62 if max_episode_steps in (None, -1) else max_episode_steps
        self._elapsed = np.zeros(self.num_envs, dtype=np.int64)
        self._oldest = 0  # the largest of them
        self._over: np.ndarray | None = None  # bool[n], the worlds that wait for a reset, if any do
        self.has_world = False
        self._everywhere = np.ones(self.num_envs, dtype=np.bool_)
        self._everywhere.setflags(write=False)  # infos of every step hold it
        self._assign(self._named(task, self._everywhere), self._everywhere)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The task of every world."""
        return tuple(self.worlds.task(w) if self.has_world else self.worlds.next_task(w) for w in range(self.num_envs))

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Build new worlds and return their observations.

        Args:
            seed: whole number: world i is seeded with ``seed + i``; list or int array [n]: with the i-th of it; None
                goes on with its stream
            options: ``task``, one for all or a list with one for each world; ``reset_mask`` bool[n], the worlds to
                build (all)

        Raises TypeError or ValueError for seeds (then it is a gymnasium.error.Error too), tasks, masks or options that
        fit no world. A call that is refused, this or any other, changes nothing.
        """
        mask, seeds, tasks = self.requested(seed, options)
        if tasks is not None:
            self._assign(tasks, mask)
        for w in np.flatnonzero(mask).tolist():
            if seeds[w] is not None or not self.has_world:
                self.worlds.seed(w, seeding.np_random(seeds[w])[0])
        self._build(mask, elapsed=0)
        self.has_world = True
        return self._observer.observe(), self._infos(mask)

    def set_task(
        self, task: str | Task | Sequence[str | Task], mask: np.ndarray | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Switch the worlds of ``mask`` bool[n] (None: all) to ``task`` without ending their episodes.

        Raises as `reset` does; gymnasium.error.ResetNeeded before the first reset.
        """
        self._require_world("set_task")
        mask = self._mask(mask)
        self._assign(self._named(task, mask), mask)
        self.worlds.build(mask)
        return self._observer.observe(), self._infos(mask)

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Move every forager one cell; ``actions`` whole numbers [n] from 0 to 7.

        Returns observations [n, ...], rewards float64[n], terminations bool[n] (never), truncations bool[n], infos.

        Raises TypeError or ValueError for other actions; in mode DISABLED RuntimeError where a reset is due.
        """
        self._require_world("step")
        moves = self._checked(actions)
        if self._over is None:
            self.worlds.step(moves)
            rewards = self.worlds.earned.copy()
        elif self.autoreset_mode is AutoresetMode.DISABLED:
            raise RuntimeError(
                f"worlds {np.flatnonzero(self._over).tolist()} were truncated and autoreset is disabled; "
                "call reset(options={'reset_mask': truncations}) before the next step"
            )
        else:
            self.worlds.step(moves, chosen=~self._over)
            rewards = self.worlds.earned.copy()
            self._build(self._over, elapsed=-1)
        self._elapsed += 1
        self._oldest += 1
        infos: dict[str, Any] = {}
        truncations = np.zeros(self.num_envs, dtype=np.bool_)
        if self._oldest >= self._limit:
            truncations = self._elapsed >= self._limit
            if self.autoreset_mode is AutoresetMode.SAME_STEP:
                infos = self._final(truncations)
                self._build(truncations, elapsed=0)
            else:
                self._over = truncations.copy()
        infos |= self._infos(self._everywhere)
        return self._observer.observe(), rewards, np.zeros(self.num_envs, dtype=np.bool_), truncations, infos

    def render(self) -> tuple[Any, ...] | None:
        """A tuple with the picture (``rgb_array``) or text (``ansi``) of every world."""
        if self.render_mode is None:
            gym.logger.warn("render() without a render_mode; make the environment with render_mode='rgb_array'")
            return None
        self._require_world("render")
        draw: Any = rendering.text if self.render_mode == "ansi" else rendering.frame
        return tuple(draw(self.worlds, w) for w in range(self.num_envs))

    def get_state(self) -> dict[str, Any]:
        """Everything that the future of these worlds depends on, as copies."""
        self._require_world("get_state")
        over = np.zeros(self.num_envs, dtype=np.bool_) if self._over is None else self._over.copy()
        return {"worlds": self.worlds.get_state(), "elapsed": self._elapsed.copy(), "over": over}

    def set_state(self, saved: dict[str, Any]) -> None:
        """Continue from `get_state` of an environment made with the same arguments.

        Raises ValueError if the state does not fit.
        """
        checks.entries("a state of this environment", saved, ("worlds", "elapsed", "over"))
        elapsed = checks.like("elapsed", saved["elapsed"], self._elapsed)
        over = checks.like("over", saved["over"], self._everywhere)
        if np.any((elapsed < 0) | (elapsed > self._limit)):
            raise ValueError(
                f"elapsed of the saved state goes beyond 0 to {self._limit}, the length of an episode here"
            )
        self.worlds.set_state(saved["worlds"])
        self._elapsed[:] = elapsed
        self._oldest = int(elapsed.max())
        self._over = over.copy() if over.any() else None
        self.has_world = True

    def end_episodes(self, mask: np.ndarray) -> None:
        """Let the next step truncate the episodes of the worlds of ``mask`` bool[n]."""
        self._elapsed[self._mask(mask)] = self._limit - 1
        self._oldest = int(self._elapsed.max())

    def requested(
        self, seed: Any, options: dict[str, Any] | None
    ) -> tuple[np.ndarray, list[int | None], list[Task] | None]:
        """What a `reset` would do: the mask of the worlds to build, the seed of every world, their tasks if given.

        Nothing changes here, so whoever has to do something before a reset asks this first. Raises as `reset` does.
        """
        chosen = checks.only_options(options, "task", "reset_mask")
        mask = self._mask(chosen.get("reset_mask"))
        if not self.has_world and not mask.all():
            raise gym.error.ResetNeeded("the first reset() must build all worlds; leave reset_mask out")
        tasks = self._named(chosen["task"], mask) if "task" in chosen else None
        return mask, self._seeds(seed), tasks

    def _seeds(self, seed: Any) -> list[int | None]:
        if isinstance(seed, list | tuple | range) or (isinstance(seed, np.ndarray) and seed.ndim == 1):
            if len(seed) != self.num_envs:
                raise checks.SeedError(f"{len(seed)} seeds for {self.num_envs} worlds; give one, or one for each world")
            return [checks.seed(one) for one in seed]
        first = checks.seed(seed)
        return [None if first is None else first + w for w in range(self.num_envs)]

    def _require_world(self, call: str) -> None:
        if not self.has_world:
            raise gym.error.ResetNeeded(f"{call}() before the first reset(); call reset() to build the worlds")

    def _mask(self, mask: Any) -> np.ndarray:
        if mask is None:
            return self._everywhere
        if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_:
            raise TypeError(f"the mask {mask!r} must be a bool array with one entry for each world")
        if mask.shape != (self.num_envs,):
            raise ValueError(
                f"the mask has shape {mask.shape}; it must be ({self.num_envs},), one entry for each world"
            )
        if not mask.any():
            raise ValueError("the mask chooses no world; set at least one entry")
        return mask

    def _named(self, task: Any, mask: np.ndarray) -> list[Task]:
        """The task of every world, of what the user said; those of the worlds of ``mask`` can be had there."""
        if not isinstance(task, str | Task | Sequence | np.ndarray):
            raise TypeError(f"task={task!r} must be a name or a Task, or a list with one for each world")
        each = [task] * self.num_envs if isinstance(task, str | Task) else list(task)
        if len(each) != self.num_envs:
            raise ValueError(f"{len(each)} tasks for {self.num_envs} worlds; give one, or one for each world")
        tasks = [named_task(which) for which in each]
        for w in np.flatnonzero(mask).tolist():
            self.worlds.check(tasks[w])
        return tasks

    def _assign(self, tasks: list[Task], mask: np.ndarray) -> None:
        for w in np.flatnonzero(mask).tolist():
            self.worlds.assign(w, tasks[w])

    def _build(self, mask: np.ndarray, elapsed: int) -> None:
        """Build the worlds of ``mask`` anew and set their clocks."""
        self.worlds.build(mask)
        self._elapsed[mask] = elapsed
        self._oldest = int(self._elapsed.max())
        if self._over is not None:
            waiting = self._over & ~mask
            self._over = waiting if waiting.any() else None

    def _checked(self, actions: Any) -> np.ndarray:
        moves = np.asarray(actions)
        if moves.shape != (self.num_envs,):
            raise ValueError(f"actions have shape {moves.shape}; they must be ({self.num_envs},), one for each world")
        return moves

    def _infos(self, mask: np.ndarray) -> dict[str, Any]:
        """The infos of the worlds of ``mask``, as Gymnasium batches them: zero or None elsewhere, and a mask each.

        What is the same in most steps, task names and masks, is made once and read-only.
        """
        state = self.worlds.state
        infos: dict[str, Any] = {
            "task": state.task.copy() if self._numeric_info else self.worlds.task_names,
            "pattern": state.eaten.copy(),
            "value": self.worlds.values.copy(),
            "rewarded": state.counts[:, 2].copy(),
            "punished": state.counts[:, 0].copy(),
        }
        if mask is not self._everywhere:
            mask = mask.copy()
            elsewhere = ~mask
            infos["task"] = infos["task"].copy()
            for values in infos.values():
                values[elsewhere] = None if values.dtype == object else 0
        return infos | {f"_{name}": mask for name in infos}

    def _final(self, ended: np.ndarray) -> dict[str, Any]:
        """The last observations and infos of the worlds of the mask ``ended``, in Gymnasium's form for SAME_STEP."""
        seen = self._observer.observe()
        last = np.full(self.num_envs, None, dtype=object)
        for w in np.flatnonzero(ended):
            last[w] = seen[w]
        return {
            "final_obs": last,
            "_final_obs": ended.copy(),
            "final_info": self._infos(ended),
            "_final_info": ended.copy(),
        }
