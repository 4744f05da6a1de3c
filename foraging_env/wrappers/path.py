"""The path that the forager walked."""

from typing import Any

import gymnasium as gym
import numpy as np

from foraging_env import checks
from foraging_env.env import ForageEnv


class RecordPath(gym.Wrapper):
    """Remember where the forager was, what it did and what that earned, since the last reset.

    ``keep`` is the number of latest steps that are kept (None: all of them). A new world, by reset or by a switch of
    the task, puts the forager elsewhere: ``jumps`` in `path` tells where.

    Raises TypeError around anything but a foraging environment.
    """

    def __init__(self, env: gym.Env, keep: int | None = None) -> None:
        super().__init__(env)
        if not isinstance(env.unwrapped, ForageEnv):
            raise TypeError(f"only a ForageEnv has a path, not {env.unwrapped}")
        if keep is not None:
            checks.whole("keep", keep, 1, 2**62)
        self._base = env.unwrapped
        self._keep = keep
        self._rows: list[tuple[int, int, int, int, bool]] = []

    @property
    def path(self) -> dict[str, np.ndarray]:
        """Arrays [t]: ``row`` and ``col`` after every step, ``action``, ``value`` eaten, and ``jumps``.

        The first entry is the start, with action -1. ``jumps`` is True where the step from the entry before does not
        lead here, because a new world was built meanwhile.
        """
        columns = zip(*self._rows, strict=True) if self._rows else ([], [], [], [], [])
        names = ("row", "col", "action", "value", "jumps")
        kinds = (np.int64, np.int64, np.int64, np.int64, np.bool_)
        return {name: np.array(column, dtype=kind) for name, column, kind in zip(names, columns, kinds, strict=True)}

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Reset and begin a new path."""
        seen, info = self.env.reset(seed=seed, options=options)
        row, col = self._base.worlds.state.position[0].tolist()
        self._rows = [(row, col, -1, 0, True)]
        return seen, info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Step and write it down."""
        seen, reward, terminated, truncated, info = self.env.step(action)
        row, col = self._base.worlds.state.position[0].tolist()
        jumped = self._base.worlds.state.last_action.item(0) < 0  # a new world, in which nothing was done yet
        self._rows.append((row, col, int(action), info["value"], jumped))
        if self._keep is not None and len(self._rows) > self._keep:
            del self._rows[0]
        return seen, reward, terminated, truncated, info

    def get_own_state(self) -> dict[str, Any]:
        """What this wrapper remembers; see `foraging_env.state`."""
        return {"rows": list(self._rows)}

    def set_own_state(self, saved: dict[str, Any]) -> None:
        """Go on from `get_own_state`. Raises ValueError, before anything changes, if it is none."""
        checks.entries("the state of a path", saved, ("rows",))
        rows = [tuple(row) for row in saved["rows"]]
        if any(len(row) != 5 for row in rows):
            raise ValueError("rows of the saved state are (row, col, action, value, jumps) each; the state is damaged")
        self._rows = rows
