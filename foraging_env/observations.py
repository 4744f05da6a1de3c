"""What the forager may know: the observation modes and the cues that can be appended.

| ``observation`` | array | content |
|---|---|---|
| ``"binary"`` | int8[side, side] | 1 where a cell around the forager holds food (the study's view) |
| ``"pattern"`` | int8[4, side, side] | the same, one channel for each pattern in the order of `PATTERNS` |

``space`` says in what form. All three hold the same:

| ``space`` | Gymnasium space | |
|---|---|---|
| ``"multibinary"`` | ``MultiBinary(shape)``, int8 | the array above; with a cue one flat vector |
| ``"flat"`` | ``Box(0, 1, (n,), float32)`` | always one flat vector: what every client knows |
| ``"image"`` | ``Box(0, 255, (side, side, channels), uint8)`` | 255 where the array has 1; channels 1 or 4; no cues |

Images have their channels last, as Gymnasium's ``ResizeObservation`` and SB3's ``VecTransposeImage`` read them (SB3
turns them round by itself); PyTorch loops write ``obs.permute(0, 3, 1, 2)``. A cue has no place in an image: with 13 or
8 more channels there would be more channels than cells on a side, and SB3 takes the shortest axis for the channels.

A flat vector is the array, flattened in C order; then, with ``task_cue``, 13 entries of which the one of the task is 1
(`DISTINCT_TASKS`); then, with ``last_action``, 8 entries of which the one of the last action is 1 (none before the
first). Only the task cue tells which pattern is rewarded.
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
        self._is_flat = senses.task_cue or senses.last_action or senses.space == "flat"
        self._is_image = senses.space == "image"
        self._is_plain = not (self._is_flat or self._is_image or senses.observation == "pattern")
        self._dtype = np.float32 if senses.space == "flat" else np.int8
        self.space = self._made_space(view_shape)

    def _made_space(self, view_shape: tuple[int, ...]) -> spaces.Space:
        if self._senses.space == "flat":
            return spaces.Box(0.0, 1.0, (self._n_flat,), np.float32)
        if self._is_image:
            channels = core.N_PATTERNS if len(view_shape) == 3 else 1
            return spaces.Box(0, 255, (*view_shape[-2:], channels), np.uint8)
        return spaces.MultiBinary(self._n_flat if self._is_flat else view_shape)

    def observe(self) -> np.ndarray:
        """[n, *space.shape], of the space's dtype: a new array with the observations of all worlds as they are now."""
        worlds = self._worlds
        if self._is_plain:
            return worlds.views.copy()
        if self._channels is None:
            seen = worlds.views
        else:
            core.look_for_patterns(worlds.shape, worlds.state, self._channels)
            seen = self._channels
        if not self._is_flat:
            return _pictures(seen) if self._is_image else seen.copy()
        flat = np.zeros((worlds.n, self._n_flat), dtype=self._dtype)
        flat[:, : self._n_view] = seen.reshape(worlds.n, -1)
        at = self._n_view
        if self._senses.task_cue:
            np.put_along_axis(flat, at + worlds.state.task[:, None], 1, axis=1)
            at += len(DISTINCT_TASKS)
        if self._senses.last_action:
            moved = worlds.state.last_action != core.NOTHING
            flat[moved, at + worlds.state.last_action[moved]] = 1
        return flat


def _pictures(seen: np.ndarray) -> np.ndarray:
    """uint8[n, side, side, channels], 0 or 255, of ``seen`` int8[n, side, side] or [n, channels, side, side]."""
    bright = np.negative(seen).view(np.uint8)  # the bits of -1 are those of 255
    return bright[..., None] if bright.ndim == 3 else np.ascontiguousarray(np.moveaxis(bright, 1, -1))
