"""`Surroundings`: the one environment that a network lives in, and what it shows now."""

from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.wrappers import OrderEnforcing, PassiveEnvChecker, TimeLimit
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv

from foraging_env.env import ForageEnv
from foraging_env.tasks import TASK_NAMES, Task, named_task
from foraging_env.world import Worlds
from spiking_agent.core.network import O

_TRANSPARENT = (TimeLimit, OrderEnforcing, PassiveEnvChecker)  # wrappers the compiled loop can stand in for


class Surroundings:
    """An environment with square views of ``view`` cells a side; none until `set_env`.

    ``observation`` is the view of now, None before the first reset. ``worlds`` are those that a compiled loop may step
    in the environment's place, None if there are none. ``entered`` is called with the name of the task whenever the
    environment has said where it is.

    ``first_seed`` seeds the first reset in an environment; later resets go on in the world's own stream, so it is None
    from then on. Every environment that `set_env` brings has its own, drawn from ``seed`` and from how many
    ``environments`` there were before.
    """

    def __init__(self, view: int, *, seed: int, entered: Callable[[str], None]) -> None:
        self.view = view
        self.env: gym.Env | None = None
        self.observation: np.ndarray | None = None
        self.worlds: Worlds | None = None
        self.environments = 0
        self.first_seed: int | None = None
        self._seed = seed
        self._entered = entered
        self._vec_env: VecEnv | None = None
        self._limit: TimeLimit | None = None

    # ---- which environment -----------------------------------------------------------------------------

    def set_env(self, env: gym.Env | VecEnv, force_reset: bool = True) -> None:
        """Be in this environment from now on; with ``force_reset=False`` one that has been reset goes on where it is.

        Raises ValueError or TypeError if its views or moves do not fit.
        """
        if isinstance(env, VecEnv):
            if not isinstance(env, DummyVecEnv) or env.num_envs != 1:
                raise ValueError(f"{type(env).__name__} of {env.num_envs} worlds: the agent lives in one; give it that")
            env = env.envs[0]
        if side_of_view(env) != self.view:
            raise ValueError(
                f"the environment shows {side_of_view(env)} cells a side, this network sees {self.view}; "
                f"make the environment with view={self.view}"
            )
        if env is not self.env:
            key = (1, self.environments) if self.environments else (1,)
            self.first_seed = int(np.random.SeedSequence(self._seed, spawn_key=key).generate_state(1)[0])
            self.environments += 1
        self.env, self._vec_env = env, None
        self.worlds, self._limit = _compiled_worlds(env), _time_limit(env)
        if force_reset or (self.world is not None and not self.world.has_world):
            self.observation = None
        elif self.worlds is not None:
            self.observation = self.worlds.views[0].copy()

    @property
    def vec_env(self) -> VecEnv | None:
        """The environment as a `VecEnv` of one, None without one."""
        if self.env is not None and self._vec_env is None:
            env = self.env
            self._vec_env = DummyVecEnv([lambda: env])
        return self._vec_env

    @property
    def world(self) -> ForageEnv | None:
        """The foraging world under all wrappers; None if it is another environment, or there is none."""
        world = None if self.env is None else self.env.unwrapped
        return world if isinstance(world, ForageEnv) else None

    def the_env(self) -> gym.Env:
        """The environment; raises ValueError if there is none."""
        if self.env is None:
            raise ValueError("this agent has no environment; give it one with set_env()")
        return self.env

    def the_world(self, purpose: str) -> ForageEnv:
        """The foraging world; raises ValueError without an environment, TypeError if it is another one."""
        env = self.the_env().unwrapped
        if not isinstance(env, ForageEnv):
            raise TypeError(f"{purpose} needs a foraging world, not {type(env).__name__}; use gym.make('Forage-v0')")
        return env

    # ---- what happens in it ----------------------------------------------------------------------------

    def reset(self, **options: Any) -> None:
        """Begin a new episode; ``options`` are Gymnasium's."""
        self._see(*self.the_env().reset(seed=self.first_seed, **options))
        self.first_seed = None

    def step(self, move: int) -> tuple[float, bool, dict[str, Any]]:
        """Reward, whether the episode is over, and the info, to which ``value`` is added if it lacks it: 1, 0 or -1."""
        observation, reward, terminated, truncated, info = self.the_env().step(move)
        value = int(info["value"]) if "value" in info else int(np.sign(float(reward)))
        self._see(observation, info)
        return float(reward), terminated or truncated, info | {"value": value}

    def _see(self, observation: np.ndarray, info: dict[str, Any]) -> None:
        self.observation = observation
        task = info.get("task", "task")
        if isinstance(task, int) and self.world is not None:  # made with numeric_info
            task = TASK_NAMES[task]
        self._entered(task)

    def set_task(self, task: str | Task) -> None:
        """Switch the food pattern, in a fresh world, without ending the episode.

        Raises ValueError for an unknown task, TypeError in an environment without tasks.
        """
        world = self.the_world("set_task")
        if world.has_world:
            self._see(*world.set_task(named_task(task)))
        else:
            self.reset(options={"task": named_task(task)})

    def enter_fresh_world(self) -> None:
        """Go on in a new world of the same task; without a foraging world, in a new episode."""
        self.the_env()
        if self.world is not None:
            self.set_task(self.world.task)
        else:
            self.reset()

    # ---- what a compiled loop does in its place --------------------------------------------------------

    def steps_at_once(self, wanted: int) -> int:
        """Steps that may be done in ``worlds`` without missing the end of an episode, at most ``wanted``."""
        return wanted if self._limit is None else min(wanted, _steps_left(self._limit))

    def catch_up(self, n_steps: int) -> None:
        """Show what is to be seen after ``n_steps`` that were done in ``worlds``; end the episode if it is over."""
        if self.worlds is None:
            raise ValueError("no compiled loop stands in for this environment; step() it")
        self.worlds.look()
        self.observation = self.worlds.views[0].copy()
        if self._limit is not None:
            self._limit._elapsed_steps += n_steps  # type: ignore[operator, assignment]
            if _steps_left(self._limit) <= 0:
                self.reset()

    # ---- files -----------------------------------------------------------------------------------------

    @property
    def elapsed_steps(self) -> int | None:
        """Steps of the episode so far, None if nothing limits it."""
        return None if self._limit is None else self._limit._elapsed_steps

    def restore(self, world: dict[str, np.ndarray], observation: np.ndarray, elapsed_steps: int | None) -> None:
        """Go on in the world that `ForageEnv.get_state` gave, so many steps into its episode."""
        self.the_env().reset(seed=0)  # wrappers want one; the world itself is replaced
        self.the_world("restore").set_state(world)
        self.observation = observation
        if elapsed_steps is not None and self._limit is not None:
            self._limit._elapsed_steps = elapsed_steps  # type: ignore[assignment]


def side_of_view(env: gym.Env) -> int:
    """Side of the square views of an environment that can be lived in.

    Raises TypeError for what is no environment, ValueError for one with other views or moves.
    """
    if not isinstance(env, gym.Env):
        raise TypeError(f"{env!r} is no Gymnasium environment; use gym.make('Forage-v0')")
    seen, moves = env.observation_space, env.action_space
    if not isinstance(moves, gym.spaces.Discrete) or moves.n != O:
        raise ValueError(f"action space {moves} must be Discrete({O}), one action for every neighbour")
    if seen.shape is None or len(seen.shape) != 2 or seen.shape[0] != seen.shape[1]:
        raise ValueError(f"observation space {seen} must be a square of cells; use observation='binary' without cues")
    return int(seen.shape[0])


def _compiled_worlds(env: gym.Env) -> Worlds | None:
    """The worlds of a foraging environment that only transparent wrappers stand around, else None."""
    while isinstance(env, _TRANSPARENT):
        env = env.env
    return env.worlds if type(env) is ForageEnv else None


def _time_limit(env: gym.Env) -> TimeLimit | None:
    """The wrapper that truncates episodes, if there is one."""
    while isinstance(env, gym.Wrapper):
        if isinstance(env, TimeLimit):
            return env
        env = env.env
    return None


def _steps_left(limit: TimeLimit) -> int:
    """Steps until ``limit`` truncates the episode."""
    assert limit._elapsed_steps is not None  # it has been reset
    return int(limit._max_episode_steps - limit._elapsed_steps)
