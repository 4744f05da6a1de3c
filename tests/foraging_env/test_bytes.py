"""Seven cells that are written at once are the cells that were to be written, and nothing else."""

import numba
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from foraging_env.core import bytes as core
from foraging_env.core.bytes import put_eight, put_last_row, spread

ROWS = st.lists(st.integers(0, 2**64 - 1).map(np.uint64), min_size=7, max_size=7)


@numba.njit
def write(rows, views):
    """A view of 7 x 7 in the second of three."""
    view = views[1]
    for r in range(6):
        put_eight(view, 7 * r, spread(rows[r]))
    put_last_row(view, 49, rows[6], rows[5])


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(rows=ROWS)
def test_a_view_is_written_whole_and_its_neighbours_are_left_alone(rows):
    views = np.full((3, 7, 7), 9, np.int8)
    write(np.array(rows), views)
    expected = [[int(row) >> c & 1 for c in range(7)] for row in rows]
    np.testing.assert_array_equal(views[1], expected)
    assert (views[[0, 2]] == 9).all()


@given(word=st.integers(0, 2**64 - 1), at=st.integers(0, 8))
@settings(max_examples=50, deadline=None, derandomize=True, database=None)
def test_the_plain_twin_stores_the_same_bytes(word, at):
    compiled, plain = np.zeros((2, 8), np.uint8), np.zeros((2, 8), np.uint8)
    numba.njit(lambda array, at, word: put_eight(array, at, word))(compiled, at, np.uint64(word))
    core._plain_put_eight(plain, at, np.uint64(word))
    np.testing.assert_array_equal(compiled, plain)
