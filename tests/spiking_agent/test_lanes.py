"""Every function and operator of eight numbers does compiled what its plain twin does, to the bit."""

import operator

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiking_agent.core import lanes
from spiking_agent.core.lanes import bits, counted, floats, load, lowest, magnitude, same, select, signed, store, total

NUMBERS = st.lists(st.floats(-1e3, 1e3) | st.sampled_from([0.0, -0.0, 1.0]), min_size=8, max_size=8).map(np.array)
WORDS = st.integers(0, 2**64 - 1).map(np.uint64)
QUICK = settings(max_examples=50, deadline=None, derandomize=True, database=None)


def compiled(function):
    return numba.njit(error_model="numpy")(function)


def on_two(operation):
    """Kernels that apply ``operation`` to eight and eight, to eight and one, and to one and eight."""

    @compiled
    def both(a, b, out):
        store(out, 0, operation(load(a, 0), load(b, 0)))

    @compiled
    def right(a, b, out):
        store(out, 0, operation(load(a, 0), b[0]))

    @compiled
    def left(a, b, out):
        store(out, 0, operation(a[0], load(b, 0)))

    return both, right, left


ARITHMETIC = {op: on_two(op) for op in (operator.add, operator.sub, operator.mul, operator.truediv)}


@pytest.mark.parametrize("operation", ARITHMETIC)
@QUICK
@given(a=NUMBERS, b=NUMBERS)
def test_arithmetic(operation, a, b):
    out = np.empty(8)
    with np.errstate(all="ignore"):
        for kernel, expected in zip(
            ARITHMETIC[operation], (operation(a, b), operation(a, b[0]), operation(a[0], b)), strict=True
        ):
            kernel(a, b, out)
            np.testing.assert_array_equal(out, expected)


@compiled
def comparisons(a, b):
    x, y = load(a, 0), load(b, 0)
    return bits(x < y), bits(x <= y), bits(x > y), bits(x >= y), bits((x < y) & (x > 0.0)), bits((x < y) | (x > 0.0))


@QUICK
@given(a=NUMBERS, b=NUMBERS)
def test_comparisons(a, b):
    masks = (a < b, a <= b, a > b, a >= b, (a < b) & (a > 0), (a < b) | (a > 0))
    assert comparisons(a, b) == tuple(lanes._plain_bits(mask) for mask in masks)


@compiled
def functions(a, b, out):
    x, y = load(a, 0), load(b, 0)
    store(out, 0, select(x < y, x, 7.0))
    store(out, 1, magnitude(x))
    store(out, 2, signed(x, y))
    store(out, 3, same(a[0]))
    store(out, 4, total(x))
    return select(a[0] < b[0], a[0], b[1])


@QUICK
@given(a=NUMBERS, b=NUMBERS)
def test_functions(a, b):
    out = np.empty((5, 8))
    one = functions(a, b, out)
    assert one == lanes._plain_select(a[0] < b[0], a[0], b[1])
    expected = [lanes._plain_select(a < b, a, 7.0), lanes._plain_magnitude(a), lanes._plain_signed(a, b)]
    expected += [lanes._plain_same(a[0]), lanes._plain_same(lanes._plain_total(a))]
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(np.signbit(out), np.signbit(expected))


@compiled
def words(first, factor, out):
    word = counted(first) * factor
    word = (word ^ (word >> np.uint64(30))) + first
    store(out, 0, floats(word >> np.uint64(11)))
    store(out, 1, floats(word & np.uint64(0xFFFFFFFF)))


@QUICK
@given(first=WORDS, factor=WORDS)
def test_words_wrap_around_like_those_of_numpy(first, factor):
    out = np.empty((2, 8))
    words(first, factor, out)
    word = lanes._plain_counted(first) * factor
    word = (word ^ (word >> np.uint64(30))) + first
    halves = (word >> np.uint64(11), word & np.uint64(0xFFFFFFFF))
    np.testing.assert_array_equal(out, [lanes._plain_floats(half) for half in halves])


@QUICK
@given(number=st.integers(1, 2**62))
def test_the_lowest_bit(number):
    assert compiled(lambda n: lowest(n))(number) == lanes._plain_lowest(number) == (number & -number).bit_length() - 1


def test_they_are_loaded_from_rows_and_from_anywhere_in_a_line():
    @compiled
    def copy(source, index, target):
        store(target, index, load(source, index))

    line, rows = np.arange(20.0), np.arange(24.0).reshape(3, 8)
    target = np.zeros(20)
    copy(line, 5, target)
    np.testing.assert_array_equal(target, np.where((line >= 5) & (line < 13), line, 0.0))
    target = np.zeros((3, 8))
    copy(rows, 1, target)
    np.testing.assert_array_equal(target, [np.zeros(8), rows[1], np.zeros(8)])
    np.testing.assert_array_equal(lanes._plain_load(line, 5), line[5:13])
    with pytest.raises(IndexError, match="13: there are no 8 numbers from there on"):
        lanes._plain_load(line, 13)
