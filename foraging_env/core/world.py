"""The foraging world: its state, and one step of it, for a batch of worlds (Golden et al. 2022, Methods, "Task").

A world is a torus. A *pair* is two cells that touch in one of four orientations, and no two pairs touch, not even
at a corner. So the orientation of a pair need not be stored: a cell that holds food has exactly one neighbour that
holds food, and that is its other half. What is stored is one bit a cell, 64 cells a word.

The stored rows and columns run ``margin`` cells beyond the world on every side and repeat the opposite side there:
a view, or the ring around a pair, is read without wrapping arithmetic. `_put` alone knows about the repetition.
"""

from typing import NamedTuple

import numpy as np

from foraging_env.core.bytes import put_eight, put_last_row, spread
from foraging_env.core.compiled import bare_entry_point, bare_kernel, inlined, pasted
from foraging_env.core.random import below, uniform

N_PATTERNS = 4
# Second cell of a pair relative to its anchor: horizontal, vertical, positive diagonal (/), negative diagonal (\).
SECOND_ROW = (0, 1, -1, 1)
SECOND_COL = (1, 0, 1, 1)
# The cells that must be empty before a pair is laid, it and its ring: rows from two above the anchor to two below,
# bits from one column left of the anchor (lowest bit) to two right of it.
_HALO = (
    (0b0000, 0b1111, 0b1111, 0b1111, 0b0000),
    (0b0000, 0b0111, 0b0111, 0b0111, 0b0111),
    (0b1110, 0b1111, 0b1111, 0b0111, 0b0000),
    (0b0000, 0b0111, 0b1111, 0b1111, 0b1110),
)
# The eight neighbours in reading order, the 3 x 3 neighbourhood without its centre.
MOVE_ROW = (-1, -1, -1, 0, 0, 1, 1, 1)
MOVE_COL = (-1, 0, 1, -1, 1, -1, 0, 1)
N_MOVES = 8

NOTHING = -1
_RESTARTS = 100  # a fill that jams starts again from an empty world this often before it gives up
_STUDY_RADIUS = 3  # a view of 7 x 7 is written a row at a time
_STUDY_SIDE = 7
_1, _2 = np.uint64(1), np.uint64(2)


class Shape(NamedTuple):
    """Geometry shared by all worlds of a batch."""

    rows: int
    cols: int
    radius: int  # the view is (2 radius + 1) cells on a side; the margin is one cell wider


class State(NamedTuple):
    """Everything that changes, for n worlds."""

    food: np.ndarray  # uint64[n, rows + 2 margin, words], one bit a cell, lowest bit leftmost
    position: np.ndarray  # int64[n, 2], row and col of the forager
    last_action: np.ndarray  # int64[n], or NOTHING before the first
    eaten: np.ndarray  # int64[n], pattern eaten in the last step, or NOTHING
    counts: np.ndarray  # int64[n, 3], punished, neutral and rewarded pairs eaten (index value + 1)
    task: np.ndarray  # int64[n], which task it is, for the outside; the kernels go by quota and value
    next_task: np.ndarray  # int64[n], the task of the world that is built next; the same unless a switch is due
    quota: np.ndarray  # int64[n, 4], pairs of every pattern present
    value: np.ndarray  # int64[n, 4], +1 rewarded, -1 punished, 0 without value
    arriving: np.ndarray  # int64[n, 4], pairs of every pattern in the task that is moving in
    share: np.ndarray  # float64[n], probability that a new pair is of the arriving task; 0 keeps the pattern eaten
    rng: np.ndarray  # uint64[n], one stream of random numbers a world


def margin_of(radius: int) -> int:
    """Cells stored beyond each side: the view, and the ring that tells the orientation of its outermost cells."""
    return radius + 1


@pasted
def _around(place, n):
    """``place`` on a ring of ``n``, from which it is at most one step off; several times as fast as a remainder."""
    if place < 0:
        return place + n
    if place >= n:
        return place - n
    return place


@inlined
def _bits(food, w, row, col, width):
    """At least ``width`` stored cells from (row, col) to the right, lowest bit first; higher bits are anything."""
    word = col >> 6
    shift = col & 63
    bits = food[w, row, word] >> np.uint64(shift)
    if shift + width > 64:
        bits |= food[w, row, word + 1] << np.uint64(64 - shift)
    return bits


@bare_kernel
def _put(shape, food, w, row, col, filled):
    margin = shape.radius + 1
    for r in range((row + margin) % shape.rows, shape.rows + 2 * margin, shape.rows):
        for c in range((col + margin) % shape.cols, shape.cols + 2 * margin, shape.cols):
            bit = _1 << np.uint64(c & 63)
            if filled:
                food[w, r, c >> 6] |= bit
            else:
                food[w, r, c >> 6] &= ~bit


@bare_kernel
def _put_pair(shape, food, w, row, col, pattern, filled):
    _put(shape, food, w, row, col, filled)
    second_row = _around(row + SECOND_ROW[pattern], shape.rows)
    second_col = _around(col + SECOND_COL[pattern], shape.cols)
    _put(shape, food, w, second_row, second_col, filled)


@pasted
def _is_legal(shape, food, w, row, col, pattern):
    top = row + shape.radius - 1
    left = col + shape.radius
    blocked = np.uint64(0)
    for r in range(5):
        blocked |= _bits(food, w, top + r, left, 4) & np.uint64(_HALO[pattern][r])
    return blocked == 0


@bare_kernel
def _spawn(shape, food, rng, w, pattern):
    """Lay one pair at a uniformly drawn legal place; False if there is none.

    Drawing blindly is quick while the world is loose. When it fails as often as there are cells, the legal
    places are counted and one is drawn: the same distribution, and an end that is certain.
    """
    for _ in range(shape.rows * shape.cols):
        row = below(rng, w, shape.rows)
        col = below(rng, w, shape.cols)
        if _is_legal(shape, food, w, row, col, pattern):
            _put_pair(shape, food, w, row, col, pattern, True)
            return True
    legal = 0
    for row in range(shape.rows):
        for col in range(shape.cols):
            if _is_legal(shape, food, w, row, col, pattern):
                legal += 1
    if legal == 0:
        return False
    chosen = below(rng, w, legal)
    for row in range(shape.rows):
        for col in range(shape.cols):
            if _is_legal(shape, food, w, row, col, pattern):
                if chosen == 0:
                    _put_pair(shape, food, w, row, col, pattern, True)
                    return True
                chosen -= 1
    return False


@bare_kernel
def build_one(shape, state, w):
    """Build world ``w`` anew from its quota; False if its pairs do not fit, after many tries."""
    state.position[w, 0] = below(state.rng, w, shape.rows)
    state.position[w, 1] = below(state.rng, w, shape.cols)
    state.last_action[w] = NOTHING
    state.eaten[w] = NOTHING
    state.counts[w, :] = 0
    for _ in range(_RESTARTS):
        state.food[w, :, :] = np.uint64(0)
        fits = True
        for pattern in range(N_PATTERNS):
            for _ in range(state.quota[w, pattern]):
                fits = fits and _spawn(shape, state.food, state.rng, w, pattern)
        if fits:
            return True
    return False


@inlined
def _has_food(shape, food, w, row, col):
    """Is there food in this cell? ``row`` and ``col`` may lie one cell outside the world."""
    return _bits(food, w, row + shape.radius + 1, col + shape.radius + 1, 1) & _1 != 0


@bare_kernel
def pattern_at(shape, food, w, row, col):
    """Of which pattern is the food in this cell, and is it the anchor? NOTHING and False for an empty cell."""
    if _has_food(shape, food, w, row, col):
        for pattern in range(N_PATTERNS):
            if _has_food(shape, food, w, row + SECOND_ROW[pattern], col + SECOND_COL[pattern]):
                return pattern, True
            if _has_food(shape, food, w, row - SECOND_ROW[pattern], col - SECOND_COL[pattern]):
                return pattern, False
    return NOTHING, False


@bare_kernel
def _next_pattern(state, w, eaten):
    """The pattern that replaces an eaten one: the same, or while a task is moving in perhaps one of its patterns."""
    if state.share[w] == 0.0 or uniform(state.rng, w) >= state.share[w]:
        return eaten
    arriving = 0
    for pattern in range(N_PATTERNS):
        arriving += state.arriving[w, pattern]
    chosen = below(state.rng, w, arriving)
    pattern = 0
    while chosen >= state.arriving[w, pattern]:
        chosen -= state.arriving[w, pattern]
        pattern += 1
    return pattern


@bare_kernel
def _eat(shape, state, w, row, col):
    """Clear the pair of which (row, col) is one half and lay a new one; return the pattern eaten."""
    pattern, is_anchor = pattern_at(shape, state.food, w, row, col)
    if not is_anchor:
        row = _around(row - SECOND_ROW[pattern], shape.rows)
        col = _around(col - SECOND_COL[pattern], shape.cols)
    _put_pair(shape, state.food, w, row, col, pattern, False)
    fresh = _next_pattern(state, w, pattern)
    while not _spawn(shape, state.food, state.rng, w, fresh):
        fresh = pattern  # the place just vacated is legal for it, so the density never changes
    state.quota[w, pattern] -= 1
    state.quota[w, fresh] += 1
    return pattern


@pasted
def step_one(shape, state, w, action):
    """Move the forager of world ``w``; eat what lies there and lay a new pair."""
    row = _around(state.position[w, 0] + MOVE_ROW[action], shape.rows)
    col = _around(state.position[w, 1] + MOVE_COL[action], shape.cols)
    state.position[w, 0] = row
    state.position[w, 1] = col
    state.last_action[w] = action
    state.eaten[w] = NOTHING
    if _has_food(shape, state.food, w, row, col):
        pattern = _eat(shape, state, w, row, col)
        state.eaten[w] = pattern
        state.counts[w, state.value[w, pattern] + 1] += 1


@pasted
def value_eaten(state, w):
    """Value of what was eaten in the last step: +1, -1, or 0 for nothing and for patterns without value."""
    if state.eaten[w] == NOTHING:
        return np.int64(0)
    return state.value[w, state.eaten[w]]


@inlined
def _write_rows(food, w, top, left, side, view):
    for r in range(side):
        bits = _bits(food, w, top + r, left, side)
        for c in range(side):
            view[r, c] = (bits >> np.uint64(c)) & _1


@inlined
def _write_study_rows(food, w, top, left, view):
    before = np.uint64(0)
    for r in range(_STUDY_SIDE - 1):
        before = _bits(food, w, top + r, left, _STUDY_SIDE)
        put_eight(view, _STUDY_SIDE * r, spread(before))
    last = _bits(food, w, top + _STUDY_SIDE - 1, left, _STUDY_SIDE)
    put_last_row(view, _STUDY_SIDE * _STUDY_SIDE, last, before)


@inlined
def look_one(shape, state, w, view):
    """Write food (1) or no food (0) around forager ``w`` into ``view``, int8[side, side]."""
    top, left = state.position[w, 0] + 1, state.position[w, 1] + 1
    if shape.radius == _STUDY_RADIUS:
        _write_study_rows(state.food, w, top, left, view)
    else:
        _write_rows(state.food, w, top, left, 2 * shape.radius + 1, view)


@bare_kernel
def look_for_patterns_one(shape, state, w, channels):
    """Write where each pattern lies around forager ``w`` into ``channels``, int8[4, side, side].

    Whole rows are compared at once: shifted by a column, a row shows every cell its neighbour to the side.
    """
    top, left = state.position[w, 0] + 1, state.position[w, 1]  # one column left of the view
    side = 2 * shape.radius + 1
    for r in range(side):
        above = _bits(state.food, w, top + r - 1, left, side + 2)
        here = _bits(state.food, w, top + r, left, side + 2)
        under = _bits(state.food, w, top + r + 1, left, side + 2)
        food = here >> _1
        horizontal = food & (here | (here >> _2))
        vertical = food & ((above | under) >> _1)
        positive = food & ((above >> _2) | under)
        negative = food & (above | (under >> _2))
        for c in range(side):
            channels[0, r, c] = (horizontal >> np.uint64(c)) & _1
            channels[1, r, c] = (vertical >> np.uint64(c)) & _1
            channels[2, r, c] = (positive >> np.uint64(c)) & _1
            channels[3, r, c] = (negative >> np.uint64(c)) & _1


@bare_entry_point
def build(shape, state, chosen, views):
    """Build the worlds of the mask ``chosen`` bool[n] and look; the first that does not fit, or -1."""
    for w in range(chosen.shape[0]):
        if chosen[w]:
            if not build_one(shape, state, w):
                return w
            look_one(shape, state, w, views[w])
    return NOTHING


@bare_entry_point
def step(shape, state, actions, chosen, rewards, earned, values, views):
    """Step the worlds of the mask ``chosen`` bool[n]; the others stay as they are and earn 0.

    ``actions`` int64[n] in 0..7 and ``rewards`` float64[3] (what a punished pattern, an ordinary step and a rewarded
    pattern earn) go in; ``earned`` float64[n], ``values`` int64[n] (see `value_eaten`) and ``views``
    int8[n, side, side] come out. If an action is out of range nothing moves; the first such world, or -1.
    """
    for w in range(actions.shape[0]):
        if actions[w] < 0 or actions[w] >= N_MOVES:
            return w
    for w in range(actions.shape[0]):
        earned[w] = 0.0
        values[w] = 0
        if chosen[w]:
            step_one(shape, state, w, actions[w])
            values[w] = value_eaten(state, w)
            earned[w] = rewards[values[w] + 1]
            look_one(shape, state, w, views[w])
    return NOTHING


@bare_entry_point
def look(shape, state, views):
    """Write the ``views`` int8[n, side, side] of all worlds."""
    for w in range(views.shape[0]):
        look_one(shape, state, w, views[w])


@bare_entry_point
def look_for_patterns(shape, state, channels):
    """Write the pattern ``channels`` int8[n, 4, side, side] of all worlds."""
    for w in range(channels.shape[0]):
        look_for_patterns_one(shape, state, w, channels[w])
