"""Foragers that do not learn: they bound the scale on which learners are measured.

| name | knows | does |
|---|---|---|
| `RandomForager` | nothing | any of the eight moves |
| `NearestFood` | its binary view | walks to the nearest food, good or bad; straight on if it sees none |
| `FullKnowledge` | the whole world and all values | shortest way to rewarded food, around punished food |

Each has SB3's ``predict(observation, state, episode_start, deterministic)``, for one observation or a batch.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from baselines.scripted.planning import plan
from foraging_env.core.world import MOVE_COL, MOVE_ROW, N_MOVES

_TURN = 0.05  # a forager that sees no food turns at random this often, lest it circles the torus for ever


class ScriptedForager(ABC):
    """A forager with SB3's ``predict``.

    env: a single or vector foraging environment, perhaps wrapped; seed: of the forager's own random numbers
    """

    def __init__(self, env: Any, seed: int | None = None) -> None:
        self._worlds = env.unwrapped.worlds
        self._n_dims = len(getattr(env, "single_observation_space", env.observation_space).shape)
        self._rng = np.random.default_rng(seed)

    def predict(
        self,
        observation: np.ndarray,
        state: tuple[np.ndarray, ...] | None = None,
        episode_start: np.ndarray | None = None,
        deterministic: bool = False,
    ) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        """The next action (int64, or int64[n] for a batch) and the state to hand in next time: the headings.

        ``episode_start`` and ``deterministic`` make no difference: a heading is as good in a new world, and where
        these foragers draw a move at random there is no best one.
        """
        is_batch = np.ndim(observation) > self._n_dims
        seen = np.asarray(observation) if is_batch else np.asarray(observation)[None]
        headings = self._rng.integers(0, N_MOVES, len(seen)) if state is None else state[0]
        actions = self._choose(seen, headings)
        return (actions if is_batch else actions[0]), (actions,)

    def _wander(self, headings: np.ndarray) -> np.ndarray:
        turns = self._rng.random(len(headings)) < _TURN
        return np.where(turns, self._rng.integers(0, N_MOVES, len(headings)), headings)

    @abstractmethod
    def _choose(self, seen: np.ndarray, headings: np.ndarray) -> np.ndarray:
        """int64[n] actions for the observations ``seen`` [n, ...] and the last moves ``headings`` int64[n]."""


class RandomForager(ScriptedForager):
    """Moves in a random direction at every step."""

    def _choose(self, seen: np.ndarray, headings: np.ndarray) -> np.ndarray:
        return self._rng.integers(0, N_MOVES, len(seen))


class NearestFood(ScriptedForager):
    """Walks to the nearest food in its view, whatever its pattern.

    Raises ValueError if the environment shows anything but the binary view.
    """

    def __init__(self, env: Any, seed: int | None = None) -> None:
        super().__init__(env, seed)
        side = self._worlds.view
        shown = getattr(env, "single_observation_space", env.observation_space).shape
        if shown != (side, side):
            raise ValueError(f"NearestFood reads the binary view, {(side, side)}; this environment shows {shown}")
        reach = np.arange(side) - side // 2
        self._distance = np.maximum(abs(reach[:, None]), abs(reach[None, :])).astype(np.float64)
        # Of equally near cells a straight one is better: from there more of the others stay near.
        self._distance += 1e-3 * (abs(reach[:, None]) + abs(reach[None, :]))
        self._distance[side // 2, side // 2] = np.inf
        self._move = np.zeros((side, side), dtype=np.int64)
        for move, (d_row, d_col) in enumerate(zip(MOVE_ROW, MOVE_COL, strict=True)):
            self._move[np.ix_(np.sign(reach) == d_row, np.sign(reach) == d_col)] = move

    def _choose(self, seen: np.ndarray, headings: np.ndarray) -> np.ndarray:
        distance = np.where(seen, self._distance, np.inf).reshape(len(seen), -1)
        nearest = distance.argmin(axis=1)
        found = np.isfinite(distance[np.arange(len(seen)), nearest])
        return np.where(found, self._move.ravel()[nearest], self._wander(headings))


class FullKnowledge(ScriptedForager):
    """Looks at the whole world and takes the shortest way to rewarded food; punished food is a wall.

    It is greedy: the nearest rewarded cell, without a thought of the one after it.
    """

    def __init__(self, env: Any, seed: int | None = None) -> None:
        super().__init__(env, seed)
        n_cells = self._worlds.shape.rows * self._worlds.shape.cols
        self._scratch = np.zeros((2, n_cells), dtype=np.int64)

    def _choose(self, seen: np.ndarray, headings: np.ndarray) -> np.ndarray:
        worlds = self._worlds
        if len(seen) != worlds.n:
            raise ValueError(f"{len(seen)} observations for {worlds.n} worlds; hand in those of all its worlds")
        actions = np.zeros(worlds.n, dtype=np.int64)
        first_move, queue = self._scratch
        plan(worlds.shape, worlds.state, self._wander(headings), first_move, queue, actions)
        return actions


SCRIPTED: dict[str, type[ScriptedForager]] = {
    "random": RandomForager,
    "nearest-food": NearestFood,
    "full-knowledge": FullKnowledge,
}
"""Every scripted forager by its name."""
