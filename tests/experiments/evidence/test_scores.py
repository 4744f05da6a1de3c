"""Scores have closed forms."""

from math import isnan, sqrt

import pytest

from experiments.evidence.scores import summary


def test_a_summary_uses_the_sample_standard_deviation():
    assert summary([0.5, 0.7]) == pytest.approx((0.6, 0.2 / sqrt(2), 2))


def test_one_seed_has_no_deviation():
    mean, sd, n = summary([0.6])

    assert (mean, n) == (0.6, 1)
    assert isnan(sd)


def test_no_seed_has_no_summary():
    with pytest.raises(ValueError, match="at least one value"):
        summary([])
