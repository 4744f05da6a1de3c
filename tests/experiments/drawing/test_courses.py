"""Seeds that fall into two heaps are drawn one by one; a mean and a deviation would hide them."""

import numpy as np
import pytest

from experiments.drawing.courses import has_two_modes


@pytest.mark.parametrize(
    ("values", "two"),
    [
        ([0.01, 0.02, 0.03, 0.97, 0.98], True),
        ([0.5, 0.51, 0.49, 0.5, 0.52], False),
        ([0.1, 0.3, 0.5, 0.7, 0.9], False),  # spread evenly
        ([0.0, 0.98, 0.99, 0.99, 0.98], False),  # one of its own is no second heap
        ([0.0, 1.0, 0.0, 1.0], False),  # four seeds are too few
        ([0.98, 0.98, 0.99, 0.99, 0.99], False),  # too near
    ],
)
def test_two_heaps_are_told_from_one(values, two):
    rng = np.random.default_rng(0)
    assert has_two_modes(np.array(values), apart=0.15) is two
    assert has_two_modes(rng.permutation(values), apart=0.15) is two
