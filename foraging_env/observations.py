"""What the forager may know: the observation modes and the cues that can be appended.

| ``observation`` | array | content |
|---|---|---|
| ``"binary"`` | int8[side, side] | 1 where a cell around the forager holds food (the study's view) |
| ``"pattern"`` | int8[4, side, side] | the same, one channel for each pattern in the order of `PATTERNS` |

With a cue the observation is one flat int8 vector: the array above, flattened in C order; then, with ``task_cue``,
13 entries of which the one of the task is 1 (`DISTINCT_TASKS`); then, with ``last_action``, 8 entries of which the one
of the last action is 1 (none before the first). Only the task cue tells which pattern is rewarded.
"""

import numpy as np
from gymnasium import spaces

from foraging_env.core import world as core
from foraging_env.senses import Senses
from foraging_env.tasks import DISTINCT_TASKS
from foraging_env.world import Worlds


class Observer:
    """Reads the observations of a batch of worlds, whose view is that of ``senses``."""

    def __init__(self, worlds: Worlds, senses: Senses) -> None:
        self._worlds = worlds
        self._senses = senses
        self._channels: np.ndarray | None = None
        view_shape: tuple[int, ...] = worlds.views.shape[1:]
        if senses.observation == "pattern":
            view_shape = (core.N_PATTERNS, *view_shape)
            self._channels = np.zeros((worlds.n, *view_shape), dtype=np.int8)
        self._n_view = int(np.prod(view_shape))
        self._n_flat = self._n_view + len(DISTINCT_TASKS) * senses.task_cue + core.N_MOVES * senses.last_action
        self._is_flat = senses.task_cue or senses.last_action
        self.space = spaces.MultiBinary((self._n_flat,) if self._is_flat else view_shape)

    def observe(self) -> np.ndarray:
        """int8[n, *space.shape]: a new array with the observations of all worlds as they are now."""
        worlds = self._worlds
        if self._channels is None:
            seen = worlds.views
        else:
            core.look_for_patterns(worlds.shape, worlds.state, self._channels)
            seen = self._channels
        if not self._is_flat:
            return seen.copy()
        flat = np.zeros((worlds.n, self._n_flat), dtype=np.int8)
        flat[:, : self._n_view] = seen.reshape(worlds.n, -1)
        at = self._n_view
        if self._senses.task_cue:
            np.put_along_axis(flat, at + worlds.state.task[:, None], 1, axis=1)
            at += len(DISTINCT_TASKS)
        if self._senses.last_action:
            moved = worlds.state.last_action != core.NOTHING
            flat[moved, at + worlds.state.last_action[moved]] = 1
        return flat
