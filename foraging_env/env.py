"""`ForageEnv`, the single environment: a batch of one world with Gymnasium's face."""

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from foraging_env import checks, rendering
from foraging_env.core.world import N_MOVES
from foraging_env.observations import Observer
from foraging_env.senses import Senses
from foraging_env.tasks import PATTERNS, TASK_NAMES, Task, named_task
from foraging_env.world import Worlds

if TYPE_CHECKING:
    from foraging_env.window import Window


class ForageEnv(gym.Env[np.ndarray, np.int64]):
    """Foraging on a torus for pairs of cells whose orientation decides whether they are good to eat.

    ## Description
    The task of Golden, Delanois, Sanda, Bazhenov (2022), *Sleep prevents catastrophic forgetting in spiking neural
    networks by forming a joint synaptic weight representation*, PLoS Comput Biol 18(11): e1010628. Food lies in
    *pairs* of cells of four orientations, the *patterns*: ``horizontal``, ``vertical``, ``positive`` diagonal (/) and
    ``negative`` diagonal (\\). In a task two of them are present, half of the pairs each: one rewarded, one punished.
    Stepping on either cell of a pair eats all of it, and a new pair of the same pattern appears at once at a random
    place where it touches no other pair, not even at a corner; so the density of food never changes. The forager sees
    which cells near it hold food; the pattern has to be inferred from the two cells.

    A continual-learning agent meets several tasks one after the other. ``Task(rewarded=..., punished=...)`` is a task;
    named ones are ``task1`` (horizontal rewarded, negative punished) and ``task2`` (vertical, positive) of the study,
    ``all`` (all four patterns, none has a value) and all 12 ordered pairs in short form, ``h+n-`` for ``task1``.

    ## Action Space
    ``Discrete(8)``: go to a neighbouring cell, in reading order; the world wraps around.

    | action | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
    |---|---|---|---|---|---|---|---|---|
    | (row, col) | (-1, -1) | (-1, 0) | (-1, 1) | (0, -1) | (0, 1) | (1, -1) | (1, 0) | (1, 1) |
    | | ↖ | ↑ | ↗ | ← | → | ↙ | ↓ | ↘ |

    ## Observation Space
    ``MultiBinary((view, view))``, int8: 1 where a cell holds food, the forager at the centre, rows from top to bottom.
    ``observation="pattern"`` gives one channel for each pattern, ``(4, view, view)``. ``task_cue`` and ``last_action``
    append one-hot entries (13 tasks in the order of `DISTINCT_TASKS`, 8 actions) to the flattened array, which is then
    ``MultiBinary(n)``. Without the task cue, observations do not depend on which pattern is rewarded.

    Many clients do not know ``MultiBinary``, or want images. The same content comes as a Box:

    | ``space`` | is | for |
    |---|---|---|
    | ``"flat"`` | ``Box(0, 1, (n,), float32)``, cues included | any client; ``VecNormalize``, ``VecFrameStack`` |
    | ``"image"`` | ``Box(0, 255, (view, view, channels), uint8)``, no cues | ``CnnPolicy``, wrappers for images |

    ``channels`` is 1, or 4 with ``observation="pattern"``. They come last, as Gymnasium's and SB3's wrappers for images
    want them. SB3's own ``CnnPolicy`` needs 36 cells or more on a side: a ``view`` of 37, Gymnasium's
    ``ResizeObservation``, or a ``features_extractor_class`` for small pictures.

    ## Rewards
    +1 for eating a rewarded pattern, -1 for a punished one, 0 otherwise; ``rewards=(rewarded, punished, step)``.

    ## Starting State
    A fresh world: pairs laid one after the other at uniformly drawn legal places, the forager in a random cell.
    ``reset(options={"task": ...})`` changes the task from this world on; without it the task stays.

    ## Episode End
    The episode never terminates. Registered ids truncate after 1000 steps, `gym.make(id, max_episode_steps=n)` after n.
    For a continuing life say ``gym.make(id, max_episode_steps=-1)`` (Gymnasium takes ``None`` for "the registered
    number" there), or make a ``ForageEnv(...)``, which has no limit of its own.

    ## Information
    ``reset`` and ``step`` return the same keys every time, and never None:

    | key | type | |
    |---|---|---|
    | ``task`` | str | name of the task, as ``reset`` takes it; with ``numeric_info`` int, its place in `TASK_NAMES` |
    | ``pattern`` | int | the pattern eaten in this step, its place in `PATTERNS`; -1 for none |
    | ``value`` | int | of that pattern: 1, -1 or 0 |
    | ``rewarded``, ``punished`` | int | patterns eaten since the last reset or switch of task |

    What happens in a step is a number, because most clients batch numbers and few batch None or text. The task is a
    name, because people read it, it is the word that ``reset(options={"task": ...})`` takes, and it rarely changes.
    Clients that can batch numbers only (TorchRL, Gymnasium's ``NumpyToTorch``) get them with ``numeric_info=True``.

    ## Arguments
    | argument | default | |
    |---|---|---|
    | ``task`` | ``"task1"`` | a name out of `TASKS` or a `Task` |
    | ``size`` | ``(50, 50)`` | rows and cols of the torus, 5 (and no less than ``view``) to 4096 |
    | ``view`` | ``7`` | side of the square that the forager sees, odd, 3 to 61 |
    | ``density`` | ``0.1`` | share of the cells that hold food, at most 0.16 (pairs laid at random jam at 0.19) |
    | ``patterns`` | all four | those that may be present; ``all`` holds just these |
    | ``rewards`` | ``(1, -1, 0)`` | rewarded pattern, punished pattern, any other step |
    | ``observation`` | ``"binary"`` | or ``"pattern"`` |
    | ``task_cue`` | ``False`` | append the task, one-hot |
    | ``last_action`` | ``False`` | append the last action, one-hot |
    | ``space`` | ``"multibinary"`` | or ``"flat"``, ``"image"``: the observation as a Box |
    | ``numeric_info`` | ``False`` | infos hold numbers only: the task as its place in `TASK_NAMES` |
    | ``render_mode`` | ``None`` | ``"rgb_array"``, ``"ansi"``, or ``"human"`` for a window (needs pygame) |

    `set_task` switches the task between two steps without ending the episode. `get_state` and `set_state` copy the
    whole world, bit for bit; so does pickle.

    ## Differs from the paper
    1. Pairs may lie across the seam of the torus; the published simulation wraps moves and views, but lays none there.
    2. Rewards are +1 and -1; the dopamine signal of the study belongs to the agent.
    3. A new pair may appear anywhere legal, also under the forager; it is eaten only when stepped upon.

    ## Version History
    * v0: first version. Before its release ``pattern`` in infos was a name or None, and cued observations were
      ``MultiBinary((n,))``, to Gymnasium another space than ``MultiBinary(n)``. Whatever changes observations, rewards
      or the stream of random numbers gets a new version.

    Raises TypeError or ValueError for arguments out of these ranges.
    """

    metadata: dict[str, Any] = {"render_modes": ["human", "rgb_array", "ansi"], "render_fps": 10}  # noqa: RUF012 (Gymnasium's)

    def __init__(
        self,
        task: str | Task = "task1",
        *,
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
        self.render_mode = render_mode
        self._names: Sequence[Any] = range(len(TASK_NAMES)) if checks.flag("numeric_info", numeric_info) else TASK_NAMES
        self.worlds = Worlds(1, size=size, view=view, density=density, patterns=patterns, rewards=rewards)
        self.worlds.assign(0, named_task(task))
        self.senses = Senses(observation, view, task_cue, last_action, space)
        self._observer = Observer(self.worlds, self.senses)
        self.action_space = spaces.Discrete(N_MOVES)
        self.observation_space = self._observer.space
        self.has_world = False
        self._window: Window | None = None
        self._action = np.zeros(1, dtype=np.int64)

    @property
    def task(self) -> Task:
        """The task of now; before the first reset the one it will have."""
        return self.worlds.task(0) if self.has_world else self.worlds.next_task(0)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Build a new world, of the task ``options["task"]`` if given.

        ``seed`` is a whole number, NumPy's too; None goes on with the stream of random numbers that there is.

        Raises TypeError or ValueError for other options or an unknown task, gymnasium.error.Error (which is a
        ValueError here) for other seeds. A call that is refused, this or any other, changes nothing.
        """
        chosen = checks.only_options(options, "task")
        seed = checks.seed(seed)
        if "task" in chosen:
            self.worlds.assign(0, named_task(chosen["task"]))  # raises before it changes anything
        super().reset(seed=seed)
        if seed is not None or not self.has_world:
            self.worlds.seed(0, self.np_random)
        self.worlds.build()
        self.has_world = True
        self._show()
        return self._observer.observe()[0], self._info()

    def set_task(self, task: str | Task) -> tuple[np.ndarray, dict[str, Any]]:
        """Switch to ``task`` in a new world without ending the episode; return what `reset` would.

        Raises ValueError for an unknown task, gymnasium.error.ResetNeeded before the first reset.
        """
        self._require_world("set_task")
        self.worlds.assign(0, named_task(task))
        self.worlds.build()
        self._show()
        return self._observer.observe()[0], self._info()

    def step(self, action: np.int64 | int) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Move one cell and eat what lies there.

        Raises TypeError for an action that is no whole number, ValueError for one that is not in 0 to 7.
        """
        if not self.has_world:
            self._require_world("step")
        self._action[0] = _checked(action)
        self.worlds.step(self._action)
        if self.render_mode == "human":
            self._show()
        return self._observer.observe()[0], self.worlds.earned.item(0), False, False, self._info()

    def render(self) -> Any:
        """The world as uint8[rows * 10, cols * 10, 3] (``rgb_array``) or as str (``ansi``), else None.

        With ``human`` the window follows every reset and step by itself; here it is drawn once more.
        """
        if self.render_mode is None:
            gym.logger.warn("render() without a render_mode; make the environment with render_mode='rgb_array'")
            return None
        self._require_world("render")
        if self.render_mode == "human":
            self._show(moved=False)
            return None
        return rendering.text(self.worlds) if self.render_mode == "ansi" else rendering.frame(self.worlds)

    def close(self) -> None:
        """Close the window, if there is one."""
        if self._window is not None:
            self._window.close()
            self._window = None

    def get_state(self) -> dict[str, Any]:
        """Everything that the future of this world depends on, as copies. See `foraging_env.state` for wrapped ones."""
        self._require_world("get_state")
        return self.worlds.get_state()

    def set_state(self, saved: dict[str, Any]) -> None:
        """Continue from `get_state` of an environment with the same size, view and patterns.

        Raises ValueError if the state does not fit.
        """
        self.worlds.set_state(saved)
        self.has_world = True

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_window": None}  # a window stays where it is

    def _show(self, moved: bool = True) -> None:
        if self.render_mode != "human":
            return
        if self._window is None:
            from foraging_env.window import Window

            self._window = Window("forage", steps_per_second=self.metadata["render_fps"])
        self._window.show(self.worlds, moved=moved)
        self._window.keys()  # the system wants its events taken

    def _require_world(self, call: str) -> None:
        if not self.has_world:
            raise gym.error.ResetNeeded(f"{call}() before the first reset(); call reset() to build a world")

    def _info(self) -> dict[str, Any]:
        state = self.worlds.state
        counts = state.counts
        return {
            "task": self._names[state.task.item(0)],
            "pattern": state.eaten.item(0),
            "value": self.worlds.values.item(0),
            "rewarded": counts.item(0, 2),
            "punished": counts.item(0, 0),
        }


def _checked(action: Any) -> int:
    try:
        move = None if isinstance(action, bool | np.bool_) else operator.index(action)
    except TypeError:
        move = None
    if move is None:
        raise TypeError(f"action {action!r} is a {type(action).__name__}; it must be a whole number from 0 to 7")
    if not 0 <= move < N_MOVES:  # before it is squeezed into 64 bits
        raise ValueError(f"action {move} is out of range; it must be from 0 to 7 (see the environment's card)")
    return move
