"""Intervals and tests over seeds: closed forms, SciPy's own routes, and every sign tossed by hand."""

from collections.abc import Callable
from itertools import product
from math import inf, isnan, nan

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from experiments.evidence import statistics
from experiments.evidence.statistics import Interval, holm, interval, paired

SCORES = [0.71, 0.64, 0.75, 0.69, 0.80, 0.52, 0.70]
OTHERS = [0.60, 0.66, 0.61, 0.69, 0.65, 0.50, 0.58]

numbers = st.integers(-1000, 1000).map(lambda n: n / 1000)


@pytest.mark.parametrize(
    "sample",
    [np.sort(np.random.default_rng(5).gamma(2.0, size=12)), np.array([0.0, 1.0, 1.0, 4.0])],
    ids=["all different", "many resamples with equal means"],
)
def test_an_interval_is_scipys_bca_of_the_same_draws(sample: np.ndarray) -> None:
    theirs = stats.bootstrap((sample,), np.mean, random_state=np.random.default_rng(3)).confidence_interval

    estimate, low, high, n = interval(sample, 3)

    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert (estimate, n) == (pytest.approx(sample.mean()), len(sample))


def test_one_seed_gives_one_interval_in_any_order_of_the_values() -> None:
    assert interval(SCORES, 4) == interval(SCORES[::-1], 4) == interval(SCORES, np.random.default_rng(4))
    assert interval(SCORES, 4) != interval(SCORES, 5)


def test_one_value_has_no_interval() -> None:
    estimate, low, high, n = interval([0.7], 0)

    assert (estimate, n) == (0.7, 1)
    assert isnan(low)
    assert isnan(high)


@pytest.mark.parametrize("values", [[0.7] * 5, [0.1 + 0.2, 0.3], [0.0, 0.0, 0.0]])
def test_equal_values_have_an_interval_without_width(values: list[float]) -> None:
    estimate, low, high, n = interval(values, 0)

    assert low == estimate == high == pytest.approx(values[0])
    assert n == len(values)


def test_a_missing_value_is_not_passed_over() -> None:
    assert all(isnan(number) for number in interval([0.5, nan, 0.7], 0)[:3])
    both = paired([0.5, nan, 0.7, nan], [0.1, 0.2, 0.3, nan], 0)
    assert all(isnan(number) for number in (*both.difference[:3], *both.cohens_dz[:3], *both[2:4]))
    assert both.n == 4


@given(st.lists(numbers, min_size=2, max_size=8), st.integers(0, 3))
@example([0.0, 1e-200], 0)
def test_an_interval_lies_within_the_values_and_around_the_mean(values: list[float], seed: int) -> None:
    estimate, low, high, _ = interval(values, seed, resamples=999)

    assert min(values) - 1e-12 <= low <= estimate + 1e-12
    assert estimate - 1e-12 <= high <= max(values) + 1e-12


@pytest.mark.parametrize(("factor", "shift"), [(100.0, 0.0), (1e-6, 3.0), (0.5, -7.0)])
def test_an_interval_follows_units(factor: float, shift: float) -> None:
    scaled = interval([factor * score + shift for score in SCORES], 1)

    assert scaled[:3] == pytest.approx([factor * end + shift for end in interval(SCORES, 1)[:3]], rel=1e-6)


def test_the_interval_of_ten_normal_values_nearly_keeps_its_word() -> None:
    generator = np.random.default_rng(0)
    intervals = [interval(generator.normal(0.6, 0.1, 10), generator, resamples=999) for _ in range(600)]

    covered = np.mean([low <= 0.6 <= high for _, low, high, _ in intervals])

    assert 0.86 <= covered <= 0.95  # 0.90 in a longer run


def test_cohens_dz_is_the_mean_difference_in_standard_deviations() -> None:
    result = paired([1.0, 2.0, 3.0, 6.0], [0.0, 0.0, 0.0, 0.0], 0)

    assert result.difference.estimate == pytest.approx(3.0)
    assert result.cohens_dz.estimate == pytest.approx(3.0 / np.sqrt(14 / 3))
    assert result.cohens_dz.low < result.cohens_dz.estimate < result.cohens_dz.high
    assert result.difference.n == result.cohens_dz.n == result.n == 4


def test_the_interval_of_the_difference_is_that_of_the_differences() -> None:
    differences = [first - second for first, second in zip(SCORES, OTHERS, strict=True)]

    assert tuple(paired(SCORES, OTHERS, 2).difference) == pytest.approx(tuple(interval(differences, 2)), abs=1e-9)


@pytest.mark.parametrize(
    ("a", "b", "dz", "p"),
    [
        ([0.3, 0.5, 0.9, 0.8], [0.1, 0.3, 0.7, 0.6], inf, 0.125),  # 0.2 each, but for rounding
        ([0.1, 0.3, 0.7, 0.6], [0.3, 0.5, 0.9, 0.8], -inf, 0.125),
        ([0.3, 0.5, 0.9, 0.8], [0.3, 0.5, 0.9, 0.8], 0.0, 1.0),
        ([0.0, 0.0], [0.0, 0.0], 0.0, 1.0),
    ],
)
def test_equal_differences_are_an_effect_without_a_scale(a: list[float], b: list[float], dz: float, p: float) -> None:
    result = paired(a, b, 0)

    assert result.cohens_dz == Interval(dz, dz, dz, len(a))
    assert (result.sign_flip_p, result.wilcoxon_p) == (p, p)
    assert result.difference.low == result.difference.high


def test_too_few_seeds_for_the_interval_of_an_effect() -> None:
    one, two = paired([0.7], [0.5], 0), paired([0.7, 0.8], [0.5, 0.4], 0)

    assert one.sign_flip_p == one.wilcoxon_p == 1.0
    assert isnan(one.cohens_dz.estimate)
    assert two.cohens_dz.estimate == pytest.approx(0.3 / np.sqrt(0.02))
    assert isnan(two.cohens_dz.low)
    assert isnan(two.cohens_dz.high)


@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=1, max_size=7))
def test_p_counts_all_signs(pairs: list[tuple[int, int]]) -> None:
    a, b = (np.array(side) / 10 for side in zip(*pairs, strict=True))
    whole = [first - second for first, second in pairs]
    tosses = [sum(s * d for s, d in zip(signs, whole, strict=True)) for signs in product((-1, 1), repeat=len(whole))]

    p = paired(a, b, 0, resamples=99).sign_flip_p

    assert p == np.mean([abs(toss) >= abs(sum(whole)) for toss in tosses])


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=7), st.randoms(use_true_random=False))
def test_a_comparison_knows_no_order_of_seeds_and_changes_sides(pairs: list[tuple[float, float]], random) -> None:
    a, b = zip(*pairs, strict=True)
    shuffled = random.sample(pairs, len(pairs))
    result, mirrored = paired(a, b, 1, resamples=99), paired(b, a, 1, resamples=99)

    np.testing.assert_equal(tuple(paired(*zip(*shuffled, strict=True), 1, resamples=99)), tuple(result))
    assert mirrored.difference.estimate == -result.difference.estimate
    assert (mirrored.sign_flip_p, mirrored.wilcoxon_p) == (result.sign_flip_p, result.wilcoxon_p)
    np.testing.assert_allclose(mirrored.cohens_dz.estimate, -result.cohens_dz.estimate, atol=1e-12)


def test_wilcoxons_p_is_scipys_where_no_two_differences_are_equally_large() -> None:
    a, b = np.random.default_rng(8).normal(size=(2, 11))

    assert paired(a, b, 0).wilcoxon_p == pytest.approx(stats.wilcoxon(a, b, method="exact").pvalue)


def test_wilcoxons_p_ranks_zeros_and_shares_ranks() -> None:
    # Absolute differences 0, 1, 1, 2 have ranks 1, 2.5, 2.5, 4; only all signs equal reach 2.5 + 2.5 + 4.
    assert paired([0.0, 1.0, 1.0, 2.0], [0.0] * 4, 0).wilcoxon_p == 2 / 8
    # -2.5 + 2.5 + 4 = 4 is reached by all tosses but those with 4 against both others: 6 of 8.
    assert paired([0.0, -1.0, 1.0, 2.0], [0.0] * 4, 0).wilcoxon_p == 6 / 8


def test_many_seeds_toss_signs_at_random(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = paired(SCORES, OTHERS, 0)
    monkeypatch.setattr(statistics, "EXACT_UP_TO", 5)
    sampled = paired(SCORES, OTHERS, 0)

    assert (exact.exact, sampled.exact) == (True, False)
    assert sampled.sign_flip_p == pytest.approx(exact.sign_flip_p, abs=0.004)
    assert sampled.wilcoxon_p == pytest.approx(exact.wilcoxon_p, abs=0.004)
    assert sampled == paired(SCORES, OTHERS, 0)


def test_a_p_by_sampling_is_never_zero() -> None:
    assert paired(np.arange(1, 41), np.zeros(40), 0).sign_flip_p == 1 / (statistics.SIGN_FLIPS + 1)


def test_p_is_uniform_where_nothing_differs() -> None:
    generator = np.random.default_rng(1)
    p = [paired(*generator.normal(size=(2, 6)), 0, resamples=99).sign_flip_p for _ in range(200)]

    assert np.mean(np.array(p) <= 0.25) == pytest.approx(0.25, abs=0.09)  # three standard errors


@pytest.mark.parametrize(
    ("p", "corrected"),
    [
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),  # 0.03 x 2 lifts 0.04 x 1
        ([0.5, 0.6], [1.0, 1.0]),
        ([0.02], [0.02]),
        ([0.01, 0.01, 0.01], [0.03, 0.03, 0.03]),
        ([0.0, 1.0], [0.0, 1.0]),
        ([0.02, nan, 0.01], [0.04, nan, 0.03]),  # what failed still counts
        ([], []),
    ],
)
def test_holm_by_hand(p: list[float], corrected: list[float]) -> None:
    np.testing.assert_allclose(holm(p), corrected)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_lies_between_no_correction_and_bonferronis(p: list[float]) -> None:
    corrected = holm(p)

    assert (corrected >= p).all()
    assert (corrected <= np.minimum(1.0, len(p) * np.array(p))).all()
    assert (np.diff(corrected[np.argsort(p, kind="stable")]) >= 0).all()
    assert corrected[np.argmin(p)] == min(1.0, len(p) * min(p))


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: interval([], 0), ValueError, "one seed at least"),
        (lambda: interval([[0.5]], 0), ValueError, "one number for each seed"),
        (lambda: interval([0.5, inf], 0), ValueError, "infinite"),
        (lambda: interval([0.5], None), TypeError, "neither a numpy Generator nor a whole number"),
        (lambda: paired([0.5, 0.6], [0.5], 0), ValueError, "a has 2 values and b 1"),
        (lambda: holm([0.5, 1.5]), ValueError, "between 0 and 1"),
        (lambda: holm([[0.5]]), ValueError, "one row"),
    ],
)
def test_what_does_not_fit_is_refused(call: Callable[[], object], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()
