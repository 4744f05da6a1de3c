"""The foraging world: state, and one step of it, for a batch of worlds (Golden et al. 2022, Methods, "Task").

A world is a torus. A *pair* is two cells that touch in one of four orientations, and no two pairs touch, not
even at a corner. The grid is stored with a margin of ``radius`` cells that mirrors the opposite side, so a
view is read without any wrapping arithmetic; `_put` alone knows about the mirror.

Cell codes: 0 empty, else ``1 + 2 * pattern + half`` with half 0 for the anchor cell and 1 for the other.
"""

from typing import NamedTuple

import numpy as np

from foraging_env.core.compiled import entry_point, kernel
from foraging_env.core.random import below

N_PATTERNS = 4
# Second cell relative to the anchor: horizontal, vertical, positive diagonal (/), negative diagonal (\).
_SECOND_ROW = (0, 1, -1, 1)
_SECOND_COL = (1, 0, 1, 1)
# The eight neighbours in reading order, the 3 x 3 neighbourhood without its centre.
MOVE_ROW = (-1, -1, -1, 0, 0, 1, 1, 1)
MOVE_COL = (-1, 0, 1, -1, 1, -1, 0, 1)
N_MOVES = 8

_RESTARTS = 100  # a fill that jams starts again from an empty grid this often before it gives up
NOTHING = -1


class Shape(NamedTuple):
    """Geometry shared by all worlds of a batch."""

    rows: int
    cols: int
    radius: int  # the view is (2 radius + 1) cells on a side


class State(NamedTuple):
    """Everything that changes, for n worlds."""

    grid: np.ndarray  # uint8[n, rows + 2 radius, cols + 2 radius], cell codes
    position: np.ndarray  # int64[n, 2], row and col of the forager
    eaten: np.ndarray  # int64[n], pattern eaten in the last step, or NOTHING
    counts: np.ndarray  # int64[n, 3], punished, neutral and rewarded pairs eaten (index value + 1)
    quota: np.ndarray  # int64[n, 4], pairs of every pattern present
    value: np.ndarray  # int64[n, 4], +1 rewarded, -1 punished, 0 without value
    rng: np.ndarray  # uint64[n]


@kernel
def _put(shape, grid, row, col, code):
    last_row = row + shape.radius
    last_col = col + shape.radius
    mirror_row = last_row + shape.rows if row < shape.radius else last_row - shape.rows
    mirror_col = last_col + shape.cols if col < shape.radius else last_col - shape.cols
    row_is_mirrored = row < shape.radius or row >= shape.rows - shape.radius
    col_is_mirrored = col < shape.radius or col >= shape.cols - shape.radius
    grid[last_row, last_col] = code
    if row_is_mirrored:
        grid[mirror_row, last_col] = code
    if col_is_mirrored:
        grid[last_row, mirror_col] = code
    if row_is_mirrored and col_is_mirrored:
        grid[mirror_row, mirror_col] = code


@kernel
def _around_is_empty(shape, grid, row, col):
    for r in range(row + shape.radius - 1, row + shape.radius + 2):
        for c in range(col + shape.radius - 1, col + shape.radius + 2):
            if grid[r, c] != 0:
                return False
    return True


@kernel
def _is_legal(shape, grid, row, col, pattern):
    second_row = (row + _SECOND_ROW[pattern]) % shape.rows
    second_col = (col + _SECOND_COL[pattern]) % shape.cols
    return _around_is_empty(shape, grid, row, col) and _around_is_empty(shape, grid, second_row, second_col)


@kernel
def _set_pair(shape, grid, row, col, pattern, first, second):
    _put(shape, grid, row, col, first)
    second_row = (row + _SECOND_ROW[pattern]) % shape.rows
    second_col = (col + _SECOND_COL[pattern]) % shape.cols
    _put(shape, grid, second_row, second_col, second)


@kernel
def _spawn(shape, state, w, pattern):
    """Lay one pair at a uniformly drawn legal place; False if there is none.

    Drawing blindly is quick while the world is loose. When it fails as often as there are cells, the legal
    places are counted and one is drawn: the same distribution, and an end that is certain.
    """
    grid = state.grid[w]
    first = 1 + 2 * pattern
    for _ in range(shape.rows * shape.cols):
        row = below(state.rng, w, shape.rows)
        col = below(state.rng, w, shape.cols)
        if _is_legal(shape, grid, row, col, pattern):
            _set_pair(shape, grid, row, col, pattern, first, first + 1)
            return True
    legal = 0
    for row in range(shape.rows):
        for col in range(shape.cols):
            if _is_legal(shape, grid, row, col, pattern):
                legal += 1
    if legal == 0:
        return False
    chosen = below(state.rng, w, legal)
    for row in range(shape.rows):
        for col in range(shape.cols):
            if _is_legal(shape, grid, row, col, pattern):
                if chosen == 0:
                    _set_pair(shape, grid, row, col, pattern, first, first + 1)
                    return True
                chosen -= 1
    return False


@kernel
def build_one(shape, state, w):
    """Build world ``w`` anew from its quota; False if its pairs do not fit, after many tries."""
    state.position[w, 0] = below(state.rng, w, shape.rows)
    state.position[w, 1] = below(state.rng, w, shape.cols)
    state.eaten[w] = NOTHING
    state.counts[w, :] = 0
    for _ in range(_RESTARTS):
        state.grid[w, :, :] = 0
        fits = True
        for pattern in range(N_PATTERNS):
            for _ in range(state.quota[w, pattern]):
                fits = fits and _spawn(shape, state, w, pattern)
        if fits:
            return True
    return False


@kernel
def step_one(shape, state, w, action):
    """Move the forager of world ``w``; eat what lies there and lay a new pair of the same pattern."""
    row = (state.position[w, 0] + MOVE_ROW[action]) % shape.rows
    col = (state.position[w, 1] + MOVE_COL[action]) % shape.cols
    state.position[w, 0] = row
    state.position[w, 1] = col
    grid = state.grid[w]
    code = np.int64(grid[row + shape.radius, col + shape.radius])
    state.eaten[w] = NOTHING
    if code != 0:
        pattern = (code - 1) // 2
        if code % 2 == 0:  # the second half: step back to the anchor
            row = (row - _SECOND_ROW[pattern]) % shape.rows
            col = (col - _SECOND_COL[pattern]) % shape.cols
        _set_pair(shape, grid, row, col, pattern, 0, 0)
        # The place just vacated is legal, so this never fails and the density never changes.
        _spawn(shape, state, w, pattern)
        state.eaten[w] = pattern
        state.counts[w, state.value[w, pattern] + 1] += 1


@kernel
def value_eaten(state, w):
    """Value of what was eaten in the last step: +1, -1, or 0 for nothing and for patterns without value."""
    if state.eaten[w] == NOTHING:
        return np.int64(0)
    return state.value[w, state.eaten[w]]


@kernel
def look_one(shape, state, w, view):
    """Write food (1) or no food (0) around forager ``w`` into ``view``, uint8[side, side]."""
    row, col = state.position[w, 0], state.position[w, 1]
    side = 2 * shape.radius + 1
    for r in range(side):
        for c in range(side):
            view[r, c] = state.grid[w, row + r, col + c] != 0


@entry_point
def build(shape, state, w, view):
    """Build one world and look; the border checks the returned bool."""
    fits = build_one(shape, state, w)
    look_one(shape, state, w, view)
    return fits


@entry_point
def step(shape, state, actions, views):
    """Step every world with ``actions`` int64[n] and write ``views`` uint8[n, side, side]."""
    for w in range(actions.shape[0]):
        step_one(shape, state, w, actions[w])
        look_one(shape, state, w, views[w])
