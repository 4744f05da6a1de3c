import numpy as np
import pytest

from experiments.golden2022.analysis.clusters import BORDER, START, between, by_history, fates, sizes

WEAK, STRONG = 1e-5, 0.1


def test_before_learning_every_synapse_is_strong_and_none_lies_between():
    weights = np.full((8, 784), START)
    assert sizes(weights) == 784
    assert between(weights) == 0


def test_sizes_and_gap_are_taken_for_every_time_alike():
    weights = np.full((3, 2, 10), WEAK)
    weights[1, :, :4] = STRONG
    weights[2, 0, 0] = 1e-3
    assert sizes(weights).tolist() == [0, 4, 0]
    assert between(weights).tolist() == [0, 0, 1 / 20]


def test_kept_and_gained_are_shares_of_those_that_were_strong():
    before = np.array([STRONG, STRONG, STRONG, STRONG, WEAK, WEAK])
    after = np.array([STRONG, STRONG, STRONG, WEAK, STRONG, WEAK])
    assert fates(before, after) == (0.75, 0.25)
    assert fates(before, before) == (1.0, 0.0)
    with pytest.raises(ValueError, match="no synapse reaches"):
        fates(np.full(6, BORDER / 2), after)


def test_synapses_in_order_of_their_fate():
    ends = np.array([[0.5, WEAK, WEAK, 0.3, WEAK], [WEAK, 0.2, WEAK, WEAK, WEAK], [WEAK, 0.1, 0.2, WEAK, WEAK]])
    assert by_history(ends).tolist() == [2, 1, 0, 3, 4]
