"""The compiled part of the full-knowledge forager: the first step of a shortest way to good food around bad food."""

import numpy as np

from foraging_env.core.compiled import bare_entry_point, bare_kernel
from foraging_env.core.world import MOVE_COL, MOVE_ROW, N_MOVES, NOTHING, pattern_at


@bare_kernel
def _value_at(shape, state, w, row, col):
    pattern, _ = pattern_at(shape, state.food, w, row, col)
    return np.int64(0) if pattern == NOTHING else state.value[w, pattern]


@bare_kernel
def _plan_one(shape, state, w, heading, first_move, queue):
    """Breadth first from the forager; punished cells are walls. ``heading`` if no rewarded cell can be reached.

    ``first_move`` int64[rows * cols] and ``queue`` int64[rows * cols] are scratch.
    """
    first_move[:] = NOTHING
    start = state.position[w, 0] * shape.cols + state.position[w, 1]
    first_move[start] = N_MOVES
    queue[0] = start
    head, tail = 0, 1
    while head < tail:
        row, col = queue[head] // shape.cols, queue[head] % shape.cols
        move_here = first_move[queue[head]]
        head += 1
        for move in range(N_MOVES):
            next_row = (row + MOVE_ROW[move]) % shape.rows
            next_col = (col + MOVE_COL[move]) % shape.cols
            cell = next_row * shape.cols + next_col
            if first_move[cell] == NOTHING:
                value = _value_at(shape, state, w, next_row, next_col)
                first_move[cell] = move if move_here == N_MOVES else move_here
                if value > 0:
                    return first_move[cell]
                if value == 0:
                    queue[tail] = cell
                    tail += 1
    return heading


@bare_entry_point
def plan(shape, state, headings, first_move, queue, actions):
    """Write into ``actions`` int64[n] the next move of every forager; ``headings`` int64[n] where there is no goal."""
    for w in range(actions.shape[0]):
        actions[w] = _plan_one(shape, state, w, headings[w], first_move, queue)
