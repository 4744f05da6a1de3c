"""Scores have closed forms."""

from math import isnan, sqrt

import pytest

from experiments.evidence.scores import Counts, summary


def test_performance_is_the_rewarded_share_of_what_was_eaten():
    assert Counts(rewarded=3, punished=1, cycles=50).performance == 0.75


def test_who_eats_nothing_performs_at_chance():
    assert Counts(0, 0, 50).performance == 0.5
    assert Counts(0, 0, 50).intake == 0.0


def test_intake_is_the_surplus_per_100_cycles():
    assert Counts(rewarded=3, punished=1, cycles=50).intake == 4.0
    assert Counts(rewarded=0, punished=1, cycles=200).intake == -0.5


def test_a_summary_uses_the_sample_standard_deviation():
    assert summary([0.5, 0.7]) == pytest.approx((0.6, 0.2 / sqrt(2), 2))


def test_one_seed_has_no_deviation():
    mean, sd, n = summary([0.6])

    assert (mean, n) == (0.6, 1)
    assert isnan(sd)


def test_no_seed_has_no_summary():
    with pytest.raises(ValueError, match="at least one value"):
        summary([])
