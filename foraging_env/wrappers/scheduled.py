"""Environments whose food changes by a `Schedule`; single and vector are the same, world for world and bit for bit."""

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv, VectorWrapper

from foraging_env import checks
from foraging_env.env import ForageEnv
from foraging_env.schedules import Schedule, schedule_from
from foraging_env.tasks import DISTINCT_TASKS, named_task
from foraging_env.vector import ForageVectorEnv

FOREVER = 2**62
_HIGHEST_SEED = 2**63 - 1


class ScheduledTasks(gym.Wrapper[np.ndarray, np.int64, np.ndarray, np.int64]):
    """Follow ``schedule``: a `Schedule`, a list of (task, steps), or JSON.

    The clock counts steps over episodes: a reset with a seed begins a new life at the first phase, a reset without one
    goes on. When a phase is over, the step that ended it returns the view of the new world. That is no end of an
    episode, unless ``truncate`` asks for one. ``info["phase"]`` is the number of the phase the step belonged to.

    Wrap before anything that changes observations. Raises TypeError or ValueError otherwise, or for a bad schedule.
    """

    def __init__(
        self, env: gym.Env, schedule: Schedule | Sequence[tuple[str, int]] | str, truncate: bool = False
    ) -> None:
        super().__init__(env)
        self.schedule = schedule_from(schedule)
        if self.schedule.fade_by == "worlds" and self.schedule.fade:
            raise ValueError("a single environment cannot fade by worlds; use fade_by='patterns'")
        self._base = _base(env, ForageEnv, self.schedule)
        self._truncate = truncate
        self._seed = -1
        self._steps = self._phase = self._ends = 0
        self._fade_ends = 0

    @property
    def phase(self) -> int:
        """Number of the phase that the next step belongs to."""
        return self._phase

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Build a new world of the task of now; with ``seed``, of the first phase of a new life."""
        checks.only_options(options)
        seed = checks.seed(seed)
        if seed is not None or self._seed < 0:
            self._seed = _random_seed() if seed is None else seed
            self._steps = self._phase = self._fade_ends = 0
            first = self.schedule.phase(0, self._seed)
            assert first is not None
            self._ends = first[1]
            self._base.worlds.assign(0, named_task(first[0]))
        seen, info = self.env.reset(seed=seed)
        info["phase"] = self._phase
        return seen, info

    def step(self, action: np.int64) -> tuple[np.ndarray, Any, bool, bool, dict[str, Any]]:
        """Step, then change the task if the phase is over."""
        seen, reward, terminated, truncated, info = self.env.step(action)
        info["phase"] = self._phase
        self._steps += 1
        if self._steps <= self._fade_ends:
            share = 1 - (self._fade_ends - self._steps) / self.schedule.fade
            self._base.worlds.go_on_blending(np.array([share]))
        if self._steps == self._ends:
            truncated = truncated or self._truncate
            seen = self._switch(seen, truncated)
        return seen, reward, terminated, truncated, info

    def get_own_state(self) -> dict[str, Any]:
        """What this wrapper remembers; see `foraging_env.state`."""
        return {"seed": self._seed, "steps": self._steps, "phase": self._phase, "ends": self._ends}

    def set_own_state(self, saved: dict[str, Any]) -> None:
        """Go on from `get_own_state`. Raises TypeError or ValueError, before anything changes, if it is none."""
        names = ("seed", "steps", "phase", "ends")
        checks.entries("the state of a schedule", saved, names)
        seed = saved["seed"] if saved["seed"] == -1 else checks.seed(saved["seed"])
        steps, phase, ends = (checks.whole(f"{name} of the saved state", saved[name], 0, FOREVER) for name in names[1:])
        if seed is None or (seed >= 0 and self.schedule.phase(phase, seed) is None):
            raise ValueError(f"phase {phase} of the saved state is none that this schedule has")
        self._seed, self._steps, self._phase, self._ends = seed, steps, phase, ends
        self._fade_ends = _fade_end(self.schedule, phase, ends, seed) if seed >= 0 else 0

    def _switch(self, seen: np.ndarray, truncated: bool) -> np.ndarray:
        following = self.schedule.phase(self._phase + 1, self._seed)
        if following is None:
            self._ends = FOREVER
            return seen
        task = named_task(following[0])
        self._phase += 1
        self._fade_ends = self._steps + self.schedule.fade if self.schedule.fade else 0
        self._ends = self._steps + following[1]
        if truncated:
            self._base.worlds.assign(0, task)  # the reset that must follow builds its world
        elif self.schedule.fade:
            self._base.worlds.blend(0, task, 0.0)
        else:
            seen, _ = self._base.set_task(task)
        return seen


class VectorScheduledTasks(VectorWrapper):
    """`ScheduledTasks` for a vector environment: every world has its own clock and, for drawn orders, its own seed.

    ``infos["phase"]`` is int64[n]. Raises as `ScheduledTasks` does.
    """

    def __init__(
        self, env: VectorEnv, schedule: Schedule | Sequence[tuple[str, int]] | str, truncate: bool = False
    ) -> None:
        super().__init__(env)
        self.schedule = schedule_from(schedule)
        self._base = _base(env, ForageVectorEnv, self.schedule)
        self._truncate = truncate
        n = self.num_envs
        self._seeds = np.full(n, -1, dtype=np.int64)
        self._steps = np.zeros(n, dtype=np.int64)
        self._phase = np.zeros(n, dtype=np.int64)
        self._ends = np.zeros(n, dtype=np.int64)
        self._fade_ends = np.zeros(n, dtype=np.int64)
        self._last_fade = 0  # the largest step at which any world still fades, so that most steps need not look
        self._waiting = np.zeros(n, dtype=np.bool_)
        self._next_step_mode = env.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
        # A world that switches later than the others is older than its clock says, by a part of the fade.
        by_worlds = self.schedule.fade if self.schedule.fade_by == "worlds" else 0
        self._delay = ((np.arange(n) + 0.5) / n * by_worlds).astype(np.int64)
        self._fade = self.schedule.fade if self.schedule.fade_by == "patterns" else 0

    @property
    def phase(self) -> np.ndarray:
        """int64[n]: number of the phase that every world's next step belongs to."""
        return self._phase.copy()

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> tuple[np.ndarray, dict[str, Any]]:
        """Build new worlds; those that are given a seed begin a new life at their first phase."""
        checks.only_options(options, "reset_mask")
        chosen, seeds, _ = self._base.requested(seed, options)
        if any(one is not None and one > _HIGHEST_SEED for one in seeds):
            raise checks.SeedError(f"seed={seed!r} is too large: schedules of many worlds take seeds below 2**63")
        for w in np.flatnonzero(chosen).tolist():
            given = seeds[w]
            if given is not None or self._seeds[w] < 0:
                self._begin(w, _random_seed() if given is None else given)
        self._waiting[chosen] = False
        seen, infos = self.env.reset(seed=seed, options=options)
        return seen, self._with_phase(infos, chosen)

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, Any, Any, Any, dict[str, Any]]:
        """Step, then change the task of the worlds whose phase is over."""
        active = ~self._waiting
        due = active & (self._steps + 1 == self._ends)
        phase = self._phase.copy()
        moving_in = None  # what was assigned last
        if due.any():
            moving_in = self._base.worlds.state.next_task.copy()
            before = self._base.get_state(), self.get_own_state()
            switching = self._advance(due)
            if self._truncate:
                self._base.end_episodes(due)
            try:
                seen, rewards, terminations, truncations, infos = self.env.step(actions)
            except Exception:  # a step that is refused switches nothing
                self._base.set_state(before[0])
                self.set_own_state(before[1])
                raise
        else:
            switching = None
            seen, rewards, terminations, truncations, infos = self.env.step(actions)
        self._steps += active
        if self._last_fade and (self._steps <= self._last_fade).any():
            share = 1 - (self._fade_ends - self._steps) / max(self._fade, 1)
            fading = active & (self._steps <= self._fade_ends)
            self._base.worlds.go_on_blending(np.clip(share, 0, 1), fading, moving_in)
        if switching is not None:
            seen = self._switch(switching & ~truncations, seen)
            self._fade_ends[switching] = self._steps[switching] + self._fade if self._fade else 0
            self._last_fade = int(self._fade_ends.max())
        self._waiting = truncations.copy() if self._next_step_mode else self._waiting
        everywhere = np.ones(self.num_envs, dtype=np.bool_)
        if "final_info" in infos:
            infos["final_info"] = self._with_phase(infos["final_info"], truncations, phase)
            phase = np.where(truncations, self._phase, phase)
        return seen, rewards, terminations, truncations, self._with_phase(infos, everywhere, phase)

    def get_own_state(self) -> dict[str, Any]:
        """What this wrapper remembers; see `foraging_env.state`."""
        return {name: getattr(self, f"_{name}").copy() for name in _OWN}

    def set_own_state(self, saved: dict[str, Any]) -> None:
        """Go on from `get_own_state`. Raises ValueError, before anything changes, if it is none."""
        checks.entries("the state of a schedule", saved, _OWN)
        new = {name: checks.like(name, saved[name], getattr(self, f"_{name}")) for name in _OWN}
        for name, low in (("seeds", -1), ("steps", 0), ("phase", 0), ("ends", 0), ("fade_ends", 0)):
            if np.any(new[name] < low):
                raise ValueError(f"{name} of the saved state goes below {low}; the state is damaged")
        for name, array in new.items():
            getattr(self, f"_{name}")[:] = array
        self._last_fade = int(self._fade_ends.max())

    def _begin(self, w: int, seed: int) -> None:
        first = self.schedule.phase(0, seed)
        assert first is not None
        self._seeds[w] = seed
        self._steps[w] = self._phase[w] = self._fade_ends[w] = 0
        self._ends[w] = first[1] + self._delay[w]
        self._base.worlds.assign(w, named_task(first[0]))

    def _advance(self, due: np.ndarray) -> np.ndarray:
        """Move the worlds of ``due`` to their next phase, as far as a world built meanwhile must know; who has one."""
        switching = due.copy()
        for w in np.flatnonzero(due).tolist():
            following = self.schedule.phase(int(self._phase[w]) + 1, int(self._seeds[w]))
            if following is None:
                self._ends[w] = FOREVER
                switching[w] = False
            else:
                self._phase[w] += 1
                self._ends[w] += following[1]
                self._base.worlds.assign(w, named_task(following[0]))
        return switching

    def _switch(self, mask: np.ndarray, seen: np.ndarray) -> np.ndarray:
        if not mask.any():
            return seen
        worlds = self._base.worlds
        arriving = [DISTINCT_TASKS[index] for index in worlds.state.next_task]
        if not self._fade:
            return self._base.set_task(arriving, mask)[0]
        for w in np.flatnonzero(mask).tolist():
            worlds.blend(w, arriving[w], 0.0)
        return seen

    def _with_phase(self, infos: dict[str, Any], mask: np.ndarray, phase: np.ndarray | None = None) -> dict[str, Any]:
        phase = self._phase if phase is None else phase
        return infos | {"phase": np.where(mask, phase, 0), "_phase": mask.copy()}


_OWN = ("seeds", "steps", "phase", "ends", "fade_ends", "waiting")


def _random_seed() -> int:
    return int(np.random.SeedSequence().generate_state(1)[0])


def _fade_end(schedule: Schedule, phase: int, ends: int, seed: int) -> int:
    """The step at which the fade into ``phase``, which ends at step ``ends``, is or was complete."""
    current = schedule.phase(phase, seed)
    if phase == 0 or not schedule.fade or current is None or ends == FOREVER:
        return 0
    return ends - current[1] + schedule.fade


def _base(env: Any, kind: type, schedule: Schedule) -> Any:
    base: Any = env.unwrapped
    if not issubclass(type(base), kind):
        raise TypeError(f"only a {kind.__name__} can follow a schedule, not {base}")
    if env.observation_space != base.observation_space:
        raise TypeError(f"{env} changes observations; wrap the schedule first, then what changes observations")
    for task, _ in schedule.phases:
        base.worlds.check(named_task(task))
    return base
