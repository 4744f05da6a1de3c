"""Scores of continual learning against matrices computed by hand, and against loops that read like the definitions."""

from collections.abc import Callable
from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.evidence import metrics

IN_TURN = [  # three tasks, one after the other; the first is forgotten to exactly 0
    [0.5, 0.5, 0.0],
    [0.9, 0.85, 0.2],
    [0.6, 0.8, 0.1],
    [0.0, 0.7, 0.9],
]
REPEATED = [[0.5, 0.5], [0.7, 0.5], [0.5, 0.7], [0.8, 0.6]]  # task 0, task 1, task 0
ASLEEP = [[0.5, 0.5], [0.7, 0.5], [0.5, 0.7], [0.65, 0.68]]  # task 0, task 1, sleep
INTERLEAVED = [[0.0, 0.0, 0.0], [1.0, 0.5, 0.25], [0.75, 0.5, 0.5], [0.25, 0.5, 1.0]]  # task 0, tasks 0 and 1, task 2

GOLDEN = {
    "in turn": (IN_TURN, (0, 1, 2)),
    "repeated": (REPEATED, (0, 1, 0)),
    "asleep": (ASLEEP, (0, 1, ())),
    "interleaved": (INTERLEAVED, (0, (0, 1), 2)),
    "together at the end": (ASLEEP, (0, 1, [0, 1])),
}


def same(actual: object, expected: object) -> None:
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "average", "forgetting", "max_forgetting", "zero_shot", "retention"),
    [
        ("in turn", 1.6 / 3, (0.9 + 0.1) / 2, (0.9 + 0.15) / 2, (0.35 + 0.2 - 0.1) / 3, (0.0 + 0.875) / 2),
        ("repeated", 0.7, 0.1, 0.1, 0.0, 0.6 / 0.7),
        ("asleep", 0.665, (0.05 + 0.02) / 2, (0.05 + 0.02) / 2, 0.0, (0.65 / 0.7 + 0.68 / 0.7) / 2),
        ("interleaved", 1.75 / 3, 0.25, 0.375, (0.5 + 0.25 + 0.25) / 3, (1 / 3 + 1) / 2),
        ("together at the end", 0.665, nan, nan, 0.0, nan),
    ],
)
def test_golden_means(
    name: str, average: float, forgetting: float, max_forgetting: float, zero_shot: float, retention: float
) -> None:
    R, trained = GOLDEN[name]

    same(metrics.average_performance(R), average)
    same(metrics.forgetting(R, trained), forgetting)
    same(metrics.max_forgetting(R, trained), max_forgetting)
    same(metrics.backward_transfer(R, trained), -forgetting)
    same(metrics.mean_zero_shot_transfer(R, trained), zero_shot)
    same(metrics.mean_retention(R, trained), retention)


@pytest.mark.parametrize(
    ("name", "last", "forgetting", "max_forgetting", "retention", "intransigence"),
    [  # joint training reaches 0.8 on every task
        ("in turn", [1, 2, 3], [0.9, 0.1, nan], [0.9, 0.15, nan], [0.0, 0.875, 1.0], [-0.1, 0.0, -0.1]),
        ("repeated", [3, 2], [nan, 0.1], [nan, 0.1], [1.0, 0.6 / 0.7], [0.0, 0.1]),
        ("asleep", [1, 2], [0.05, 0.02], [0.05, 0.02], [0.65 / 0.7, 0.68 / 0.7], [0.1, 0.1]),
        ("interleaved", [2, 2, 3], [0.5, 0.0, nan], [0.75, 0.0, nan], [1 / 3, 1.0, 1.0], [0.05, 0.3, -0.2]),
        ("together at the end", [3, 3], [nan, nan], [nan, nan], [1.0, 1.0], [0.15, 0.12]),
    ],
)
def test_golden_tasks(
    name: str,
    last: list[int],
    forgetting: list[float],
    max_forgetting: list[float],
    retention: list[float],
    intransigence: list[float],
) -> None:
    R, trained = GOLDEN[name]
    joint = [0.8] * len(R[0])

    same(metrics.last_phases(R, trained), last)
    same(metrics.forgetting_by_task(R, trained), forgetting)
    same(metrics.max_forgetting_by_task(R, trained), max_forgetting)
    same(metrics.retention(R, trained), retention)
    same(metrics.intransigence(R, trained, joint), intransigence)
    same(metrics.mean_intransigence(R, trained, joint), np.mean(intransigence))


def test_golden_phases() -> None:
    none = [nan, nan, nan]

    same(metrics.isolated_forgetting(IN_TURN), [none, [-0.4, -0.35, -0.2], [0.3, 0.05, 0.1], [0.6, 0.1, -0.8]])
    same(metrics.zero_shot_transfer(IN_TURN, (0, 1, 2)), [none, [nan, 0.35, 0.2], [nan, nan, -0.1], none])
    same(metrics.zero_shot_transfer(INTERLEAVED, (0, (0, 1), 2)), [none, [nan, 0.5, 0.25], [nan, nan, 0.25], none])
    same(metrics.recovered_by_sleep(IN_TURN, (0, 1, 2)), [none] * 4)
    same(metrics.recovered_by_sleep(ASLEEP, (0, 1, ())), [[nan, nan]] * 3 + [[0.15, -0.02]])


def test_sleep_before_any_training_is_zero_shot_too() -> None:
    R = [[0.5, 0.25], [0.75, 0.25], [1.0, 0.0]]

    same(metrics.recovered_by_sleep(R, ((), 1)), [[nan, nan], [0.25, 0.0], [nan, nan]])
    same(metrics.zero_shot_transfer(R, ((), 1)), [[nan, nan], [0.25, 0.0], [0.25, nan]])


def test_forgotten_to_nothing_is_worse_than_forgotten_to_almost_nothing() -> None:
    to_zero, to_little = ([[0.5, 0.5], [0.9, 0.5], [left, 0.9]] for left in (0.0, 0.01))

    assert metrics.average_performance(to_zero) < metrics.average_performance(to_little)
    assert metrics.forgetting(to_zero, (0, 1)) > metrics.forgetting(to_little, (0, 1))
    assert metrics.max_forgetting(to_zero, (0, 1)) > metrics.max_forgetting(to_little, (0, 1))
    assert metrics.mean_retention(to_zero, (0, 1)) == 0.0


def test_what_never_changes_is_not_forgotten() -> None:
    R = np.tile([0.25, 0.5, 1.0], (4, 1))

    assert metrics.forgetting(R, (0, 1, 2)) == metrics.max_forgetting(R, (0, 1, 2)) == 0.0
    assert np.signbit(metrics.backward_transfer(R, (0, 1, 2))) == 0  # printed as 0, not as -0
    assert metrics.retention(R, (0, 1, 2)).tolist() == [1.0, 1.0, 1.0]


def test_nothing_has_no_share() -> None:
    same(metrics.retention([[0.0] * 3, [0.0, -2.0, 4.0], [1.0, -1.0, -1.0]], ((0, 1, 2), ())), [nan, nan, -0.25])


def test_before_any_training_only_the_average_says_something() -> None:
    R = [[0.25, 0.75]]

    assert metrics.average_performance(R) == 0.5
    assert isnan(metrics.forgetting(R, ()))
    assert isnan(metrics.max_forgetting(R, ()))
    assert isnan(metrics.backward_transfer(R, ()))
    assert isnan(metrics.mean_zero_shot_transfer(R, ()))
    assert isnan(metrics.mean_retention(R, ()))
    assert isnan(metrics.mean_intransigence(R, (), [1.0, 1.0]))
    for table in (
        metrics.isolated_forgetting(R),
        metrics.recovered_by_sleep(R, ()),
        metrics.zero_shot_transfer(R, ()),
    ):
        same(table, [[nan, nan]])


def test_a_single_task_can_be_forgotten_only_in_a_phase_that_does_not_train_it() -> None:
    R = [[0.5], [0.75], [0.5]]

    assert isnan(metrics.forgetting(R, (0, 0)))
    assert metrics.forgetting(R, (0, ())) == 0.25


def test_a_missing_test_is_not_passed_over() -> None:
    R = np.array(IN_TURN)
    R[3, 0] = nan

    assert isnan(metrics.average_performance(R))
    assert isnan(metrics.forgetting(R, (0, 1, 2)))
    assert isnan(metrics.max_forgetting(R, (0, 1, 2)))
    assert isnan(metrics.mean_retention(R, (0, 1, 2)))
    same(metrics.forgetting_by_task(R, (0, 1, 2)), [nan, 0.1, nan])
    same(metrics.mean_zero_shot_transfer(R, (0, 1, 2)), 0.15)  # which needs it not


def test_area_under_a_curve_is_its_mean_height() -> None:
    assert metrics.normalised_auc([0, 10], [0.2, 0.6]) == pytest.approx(0.4)
    assert metrics.normalised_auc([100, 200, 500], [0.0, 1.0, 1.0]) == pytest.approx((0.5 * 100 + 300) / 400)
    assert metrics.normalised_auc([3, 4, 9], [0.7, 0.7, 0.7]) == pytest.approx(0.7)
    assert isnan(metrics.normalised_auc([5], [0.7]))
    assert isnan(metrics.normalised_auc([0, 1, 2], [0.5, nan, 0.5]))


def test_forward_transfer_is_the_share_of_what_was_left_to_gain() -> None:
    share, difference = metrics.forward_transfer([0.75, 0.5, 0.5, 1.0, nan], [0.5, 0.5, 0.75, 1.0, 0.5])

    same(share, [0.5, 0.0, -1.0, nan, nan])
    same(difference, [0.25, 0.0, -0.25, 0.0, nan])
    assert metrics.forward_transfer(0.75, 0.5) == (0.5, 0.25)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: metrics.average_performance([0.5, 0.7]), r"shape \(2,\) is not"),
        (lambda: metrics.average_performance(np.zeros((2, 0))), "one task at least"),
        (lambda: metrics.average_performance([[np.inf]]), "infinite"),
        (lambda: metrics.forgetting(ASLEEP, (0, 1)), "of 2 phases, the matrix of 3"),
        (lambda: metrics.forgetting(ASLEEP, (0, 1, 2)), "phase 3 trained task 2; the matrix has tasks 0 to 1"),
        (lambda: metrics.forgetting(ASLEEP, (0, -1, 1)), "phase 2 trained task -1"),
        (lambda: metrics.intransigence(ASLEEP, (0, 1, ()), [0.8]), "each of the 2 tasks"),
        (lambda: metrics.normalised_auc([0, 0], [1, 1]), "must be finite and increase"),
        (lambda: metrics.normalised_auc([0, 1], [1]), "a score for each step"),
        (lambda: metrics.forward_transfer([0.5], [0.5, 0.5]), "the same tasks"),
    ],
)
def test_what_does_not_fit_is_refused(call: Callable[[], object], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        call()


@st.composite
def lives(draw: st.DrawFn) -> tuple[np.ndarray, list[list[int]]]:
    """A matrix of binary fractions, some missing and some 0, and what its phases trained."""
    phases, tasks = draw(st.integers(0, 5)), draw(st.integers(1, 4))
    score = st.one_of(st.integers(-8, 64).map(lambda n: n / 64), st.just(0.0), st.just(nan))
    R = draw(st.lists(st.lists(score, min_size=tasks, max_size=tasks), min_size=phases + 1, max_size=phases + 1))
    some = st.lists(st.integers(0, tasks - 1), max_size=tasks)
    return np.array(R), draw(st.lists(some, min_size=phases, max_size=phases))


@given(lives())
def test_all_scores_are_their_definitions(life: tuple[np.ndarray, list[list[int]]]) -> None:
    R, trained = life
    K, tasks = len(R) - 1, range(R.shape[1])
    e = {j: max((i for i in range(1, K + 1) if j in trained[i - 1]), default=None) for j in tasks}
    old = [j for j in tasks if e[j] is not None and e[j] < K]
    gains = {(i, j): R[i, j] - R[i - 1, j] for i in range(1, K + 1) for j in tasks}
    unseen = [(i, j) for i, j in gains if all(j not in done for done in trained[:i])]

    same(metrics.average_performance(R), sum(R[K]) / len(tasks))
    same(metrics.forgetting(R, trained), _mean([R[e[j], j] - R[K, j] for j in old]))
    same(metrics.backward_transfer(R, trained), _mean([R[K, j] - R[e[j], j] for j in old]))
    same(metrics.max_forgetting(R, trained), _mean([_max(R[:K, j]) - R[K, j] for j in old]))
    same(metrics.mean_retention(R, trained), _mean([_share(R[K, j], R[e[j], j]) for j in old]))
    same(metrics.mean_zero_shot_transfer(R, trained), _mean([gains[cell] for cell in unseen]))
    same(metrics.intransigence(R, trained, R[0]), [R[0, j] - R[e[j], j] if e[j] is not None else nan for j in tasks])
    for (i, j), gain in gains.items():
        same(metrics.isolated_forgetting(R)[i, j], -gain)
        same(metrics.zero_shot_transfer(R, trained)[i, j], gain if (i, j) in unseen else nan)
        same(metrics.recovered_by_sleep(R, trained)[i, j], nan if trained[i - 1] else gain)


@given(lives())
def test_a_task_that_is_never_trained_changes_nothing_for_the_others(life: tuple[np.ndarray, list[list[int]]]) -> None:
    R, trained = life
    more = np.column_stack([R, np.full(len(R), nan)])

    same(metrics.forgetting(more, trained), metrics.forgetting(R, trained))
    same(metrics.max_forgetting(more, trained), metrics.max_forgetting(R, trained))
    same(metrics.mean_retention(more, trained), metrics.mean_retention(R, trained))
    same(metrics.retention(more, trained), [*metrics.retention(R, trained), nan])
    same(metrics.zero_shot_transfer(more, trained)[:, :-1], metrics.zero_shot_transfer(R, trained))


@given(lives())
def test_the_best_test_is_at_least_as_good_as_the_one_after_training(life: tuple[np.ndarray, list[list[int]]]) -> None:
    R, trained = np.nan_to_num(life[0]), life[1]
    signed, largest = metrics.forgetting_by_task(R, trained), metrics.max_forgetting_by_task(R, trained)

    assert (np.isnan(signed) == np.isnan(largest)).all()
    assert not (signed > largest).any()


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else nan


def _max(values: np.ndarray) -> float:
    return nan if any(isnan(value) for value in values) else max(values)


def _share(part: float, whole: float) -> float:
    return nan if whole <= 0 else part / whole


def test_plasticity_is_what_a_last_training_brings_less_than_the_first() -> None:
    R = [[0, 0, 0], [9, 1, 1], [2, 8, 1], [5, 2, 1], [1, 9, 1]]  # tasks 0, 1, 0, 1; the third is never trained
    assert metrics.plasticity(R, (0, 1, 0, 1)) == pytest.approx(((5 - 9) + (9 - 8)) / 2)
    assert isnan(metrics.plasticity(R[:3], (0, 1)))


@pytest.mark.parametrize(
    ("scores", "level", "steps"),
    [([9, 9, 9], 5, 0), ([0, 10, 10], 5, 50), ([0, 4, 8], 6, 150), ([0, 1, 2], 6, 200), ([0, 6, 2], 6, 100)],
)
def test_recovery_is_when_a_curve_first_comes_to_a_level(scores: list[float], level: float, steps: float) -> None:
    assert metrics.recovery_steps([0, 100, 200], scores, level) == pytest.approx(steps)
    assert metrics.recovery_steps([50, 150, 250], scores, level) == pytest.approx(steps)


def test_no_level_no_recovery() -> None:
    assert isnan(metrics.recovery_steps([0, 1], [0, 1], nan))
