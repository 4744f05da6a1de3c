"""Walks through a world of food: where a network went and what it ate, and how to draw that on a torus."""

from typing import NamedTuple

import numpy as np

from foraging_env.core.world import MOVE_COL, MOVE_ROW
from foraging_env.env import ForageEnv
from foraging_env.wrappers.path import RecordPath
from spiking_agent import SpikingAgent


class Walk(NamedTuple):
    """A life of n steps in one world, which had ``rows`` x ``cols`` cells."""

    row: np.ndarray  # int64[n + 1], of the forager, at the start and after every step
    col: np.ndarray  # int64[n + 1]
    action: np.ndarray  # int64[n], moves 0..7
    value: np.ndarray  # int64[n], of the pair eaten in that step: +1 rewarded, -1 punished, 0 none or without value
    start: np.ndarray  # int64[rows, cols], value of the food in every cell at the start
    eaten: np.ndarray  # bool[rows, cols], cells of pairs that were eaten
    worth: np.ndarray  # int64[rows, cols], value of the last pair eaten there

    def count(self, value: int) -> int:
        """Pairs of this value that were eaten."""
        return int((self.value == value).sum())


def walk(agent: SpikingAgent, task: str, *, steps: int, world_seed: int) -> Walk:
    """Let ``agent`` live for ``steps`` cycles, without learning, in a world of ``task`` built from ``world_seed``.

    Release noise and exploration are as in a test. Raises ValueError for less than one step, or an unknown task.
    """
    if steps < 1:
        raise ValueError(f"steps={steps} must be 1 or more")
    forage = ForageEnv(task)
    env = RecordPath(forage)
    seen, _ = env.reset(seed=world_seed)
    before = forage.worlds.pattern_map(0)
    worth_of = forage.task.value
    start = np.where(before >= 0, worth_of[before], 0)
    eaten, worth = np.zeros(before.shape, dtype=bool), np.zeros(before.shape, dtype=np.int64)
    state = None
    for step in range(steps):
        action, state = agent.predict(seen, state, np.array([step == 0]))
        seen, _, _, _, info = env.step(action)
        if info["pattern"] >= 0:
            pair = _pair(before, tuple(forage.worlds.state.position[0]))
            eaten[pair] = True
            worth[pair] = worth_of[info["pattern"]]
            before = forage.worlds.pattern_map(0)
    path = env.path
    return Walk(path["row"], path["col"], path["action"][1:], path["value"][1:], start, eaten, worth)


def _pair(food: np.ndarray, cell: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Rows and cols of the pair of which ``cell`` is one half: no pair touches another, so its ring tells."""
    around = [(cell[0] + i, cell[1] + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    rows, cols = np.array(around).T % np.array(food.shape)[:, None]
    here = food[rows, cols] >= 0
    return rows[here], cols[here]


def strokes(taken: Walk) -> np.ndarray:
    """float64[m, 2, 2]: lines (from, to) x (col, row) that show the way in a frame of the world.

    A step across the seam becomes two lines, one that leaves the frame and one that enters it on the other side; clip
    them at the frame. Nothing is drawn across the world.
    """
    left = np.stack([taken.col[:-1], taken.row[:-1]], axis=1).astype(np.float64)
    reached = np.stack([taken.col[1:], taken.row[1:]], axis=1).astype(np.float64)
    way = np.stack([np.array(MOVE_COL)[taken.action], np.array(MOVE_ROW)[taken.action]], axis=1)
    out = np.stack([left, left + way], axis=1)
    back = np.stack([reached - way, reached], axis=1)
    wraps = (out[:, 1] != reached).any(axis=1)
    return np.concatenate([out, back[wraps]])
