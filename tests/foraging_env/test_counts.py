"""Counts of a test have closed forms."""

from foraging_env.scores import Counts


def test_performance_is_the_rewarded_share_of_what_was_eaten():
    assert Counts(rewarded=3, punished=1, steps=50).performance == 0.75


def test_who_eats_nothing_performs_at_chance():
    assert Counts(0, 0, 50).performance == 0.5
    assert Counts(0, 0, 50).intake == 0.0


def test_intake_is_the_surplus_per_100_steps():
    assert Counts(rewarded=3, punished=1, steps=50).intake == 4.0
    assert Counts(rewarded=0, punished=1, steps=200).intake == -0.5


def test_a_test_without_a_step_has_no_intake():
    assert Counts(0, 0, 0).intake == 0.0
