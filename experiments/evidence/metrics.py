"""Scores of continual learning, as pure functions of what one seed scored on every task after every phase.

``matrix`` is R, float64[K+1, J]: R[i, j] is the score (performance, intake or normalised return) in a frozen test on
task j after phase i. Row 0 is the test before any training, K the last phase, and every task has one column.

``trained`` tells for each of the phases 1 to K what it trained: ``trained[i - 1]`` is the column of a task, or a
collection of columns for a phase that trained several in turn, or an empty one for a phase asleep. e(j) is the last
phase that trained j. A task is *old* if it was trained and e(j) < K: only then there was time to forget it.

Every function takes one seed and returns one float, one number a task (float64[J]) or one number a phase and task
(float64[K+1, J], indexed like R). nan stands where a formula says nothing, as each docstring tells, and wherever a
score that is needed is nan itself: no mean leaves a nan out, and an exact zero counts like every other score. Only the
mean over what is defined (``mean_...``) passes over cells to which the formula does not apply.

All functions raise ValueError if the matrix is not made of rows of finite numbers or nan with one column or more, or if
``trained`` does not fit it.

Sources: Lopez-Paz & Ranzato 2017 (Gradient episodic memory for continual learning, NIPS); Chaudhry, Dokania,
Ajanthan, Torr 2018 (Riemannian walk for incremental learning, ECCV); Wołczyk, Zając, Pascanu, Kuciński, Miłoś 2021
(Continual World, NeurIPS); Powers, Xing, Kolve, Mottaghi, Gupta 2022 (CORA, CoLLAs).
"""

from collections.abc import Collection, Sequence
from operator import index
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Trained = Sequence[int | Collection[int]]
"""What each of the phases 1 to K trained: a task, several tasks, or none (sleep)."""


class ForwardTransfer(NamedTuple):
    """Forward transfer as a share of what was left to gain, and the plain difference beside it."""

    share: Array
    difference: Array


def last_phases(matrix: ArrayLike, trained: Trained) -> NDArray[np.int64]:
    """e(j), int64[J]: the last phase that trained each task, from 1; 0 if none did."""
    R = _scores(matrix)
    last = np.zeros(R.shape[1], dtype=np.int64)
    for phase, tasks in enumerate(_phases(R, trained), start=1):
        last[tasks] = phase
    return last


def average_performance(matrix: ArrayLike) -> float:
    """AP = mean over all tasks of R[K, j], those that were never trained included.

    Range: that of the scores. Higher is better. Source: average accuracy of Lopez-Paz & Ranzato 2017.
    """
    return float(_scores(matrix)[-1].mean())


def forgetting(matrix: ArrayLike, trained: Trained) -> float:
    """F = mean over old tasks of R[e(j), j] - R[K, j]; signed: below 0 the tasks became better after their training.

    nan if there is no old task. Range: -1 to 1 for performance. Lower is better. Source: minus the backward transfer
    of Lopez-Paz & Ranzato 2017, for tasks that may come back.
    """
    return _mean(forgetting_by_task(matrix, trained), _old(matrix, trained))


def forgetting_by_task(matrix: ArrayLike, trained: Trained) -> Array:
    """R[e(j), j] - R[K, j], float64[J], the terms of `forgetting`; nan for tasks that are not old."""
    R = _scores(matrix)
    return np.where(_old(R, trained), _learned(R, trained) - R[-1], np.nan)


def max_forgetting(matrix: ArrayLike, trained: Trained) -> float:
    """Mean over old tasks of max over i < K of R[i, j] - R[K, j]: what was lost since the best test before the last.

    At least as large as `forgetting`, because e(j) is among these i. nan if there is no old task. Range: -1 to 1 for
    performance. Lower is better. Source: Chaudhry et al. 2018, whose maximum leaves out phase 0; that matters only for
    a task at which the agent was best before any training.
    """
    return _mean(max_forgetting_by_task(matrix, trained), _old(matrix, trained))


def max_forgetting_by_task(matrix: ArrayLike, trained: Trained) -> Array:
    """Max over i < K of R[i, j] - R[K, j], float64[J], the terms of `max_forgetting`; nan for tasks not old."""
    R = _scores(matrix)
    best = R[:-1].max(axis=0) if len(R) > 1 else R[-1]  # without phases no task is old
    return np.where(_old(R, trained), best - R[-1], np.nan)


def backward_transfer(matrix: ArrayLike, trained: Trained) -> float:
    """BWT = mean over old tasks of R[K, j] - R[e(j), j] = -`forgetting`.

    nan if there is no old task. Range: -1 to 1 for performance. Higher is better. Source: Lopez-Paz & Ranzato 2017.
    """
    return 0.0 - forgetting(matrix, trained)  # and not -0.0 where nothing changed


def isolated_forgetting(matrix: ArrayLike) -> Array:
    """IF[i, j] = R[i-1, j] - R[i, j], float64[K+1, J]: what the one phase i took from task j.

    Row 0 is nan. Range: -1 to 1 for performance. Lower is better. For a task that phase i itself trained it is minus
    what was learned. Source: Powers et al. 2022, who divide by the task's highest score and look only at tasks trained
    before.
    """
    return 0.0 - _gained(_scores(matrix))


def recovered_by_sleep(matrix: ArrayLike, trained: Trained) -> Array:
    """-IF[i, j] = R[i, j] - R[i-1, j] for phases i that trained no task, float64[K+1, J]: what sleep gave to task j.

    nan in the rows of all other phases. Range: -1 to 1 for performance. Higher is better.
    """
    R = _scores(matrix)
    asleep = [False, *(not tasks for tasks in _phases(R, trained))]
    return np.where(np.array(asleep)[:, np.newaxis], _gained(R), np.nan)


def zero_shot_transfer(matrix: ArrayLike, trained: Trained) -> Array:
    """Z[i, j] = R[i, j] - R[i-1, j] for tasks that no phase up to i trained, float64[K+1, J].

    What phase i did for tasks still to come. nan in row 0 and, for each task, from its first training on. Range: -1 to
    1 for performance. Higher is better. Source: Powers et al. 2022, who divide by the task's highest score.
    """
    R = _scores(matrix)
    return np.where(_unseen(R, trained), _gained(R), np.nan)


def mean_zero_shot_transfer(matrix: ArrayLike, trained: Trained) -> float:
    """Mean of `zero_shot_transfer` over the phases and tasks for which it is defined; nan if there are none."""
    return _mean(zero_shot_transfer(matrix, trained), _unseen(matrix, trained))


def retention(matrix: ArrayLike, trained: Trained) -> Array:
    """R[K, j] / R[e(j), j], float64[J]: the share of what was learned that is left; 1 for a task trained last.

    nan for a task that was never trained, and where R[e(j), j] <= 0, of which there is no share. Range: from 0 for
    scores that are never negative, above 1 for a task that became better. Higher is better. A share of performance
    does not fall to 0 by forgetting, since chance is 0.5; intake may become negative, and so may its share.
    """
    R = _scores(matrix)
    learned = _learned(R, trained)
    # "not <= 0" keeps nan, which then is the quotient
    return np.divide(R[-1], learned, out=np.full_like(learned, np.nan), where=~(learned <= 0))


def mean_retention(matrix: ArrayLike, trained: Trained) -> float:
    """Mean of `retention` over old tasks; nan if there are none, or if one of them has nan."""
    return _mean(retention(matrix, trained), _old(matrix, trained))


def intransigence(matrix: ArrayLike, trained: Trained, joint: ArrayLike) -> Array:
    """I[j] = joint[j] - R[e(j), j], float64[J]: how much worse a task was learned in its turn than all together.

    ``joint`` is the score of each task after interleaved training on all of them, float64[J], of the same seed. nan
    for tasks that were never trained. Range: -1 to 1 for performance. Lower is better. Source: Chaudhry et al. 2018,
    whose joint training at phase i knows the tasks up to i, and who take the first training of a task.

    Raises ValueError if ``joint`` has not one number a task.
    """
    R = _scores(matrix)
    reference = np.asarray(joint, dtype=np.float64)
    if reference.shape != (R.shape[1],):
        raise ValueError(f"joint has shape {reference.shape}; it needs one score for each of the {R.shape[1]} tasks")
    return reference - _learned(R, trained)


def mean_intransigence(matrix: ArrayLike, trained: Trained, joint: ArrayLike) -> float:
    """Mean of `intransigence` over the tasks that were trained; nan if there are none."""
    return _mean(intransigence(matrix, trained, joint), last_phases(matrix, trained) > 0)


def normalised_auc(steps: ArrayLike, scores: ArrayLike) -> float:
    """Area under a learning curve by the trapezoidal rule, divided by its length: the mean score along the way.

    ``steps`` (increasing) and ``scores`` are float64[n], the tests along one phase from its beginning to its end. nan
    for fewer than two tests, which have no length. Range: that of the scores. Higher is better. Source: AUC of Wołczyk
    et al. 2021, for tests at any distances.

    Raises ValueError if the lengths differ or steps do not increase.
    """
    x, y = _curve(steps, scores)
    if len(x) < 2:
        return float("nan")
    return float(np.diff(x) @ (y[1:] + y[:-1]) / (2.0 * (x[-1] - x[0])))


def plasticity(matrix: ArrayLike, trained: Trained) -> float:
    """Mean over tasks that came back of R[last phase that trained j, j] - R[first such phase, j]; nan if none did.

    Below 0 an agent can no longer learn what it once learned. Range: that of differences of scores. Higher is better.
    Source: the loss of plasticity of Dohare et al. 2024 (Nature 632: 768), for tasks that are the same ones again.
    """
    R = _scores(matrix)
    visits: dict[int, list[int]] = {}
    for phase, tasks in enumerate(_phases(R, trained), start=1):
        for task in tasks:
            visits.setdefault(task, []).append(phase)
    changes = [R[phases[-1], task] - R[phases[0], task] for task, phases in visits.items() if len(phases) > 1]
    return float(np.mean(changes)) if changes else float("nan")


def recovery_steps(steps: ArrayLike, scores: ArrayLike, level: float) -> float:
    """Steps until a learning curve first reaches ``level``, on straight lines between its tests.

    ``steps`` (increasing) and ``scores`` are float64[n], as in `normalised_auc`. 0 if it begins there. A curve that
    never comes so far counts as if it had at its end, so means are too low where that happens; nan for a level that is
    nan. Lower is better.

    Raises ValueError if the lengths differ or steps do not increase.
    """
    x, y = _curve(steps, scores)
    if np.isnan(level):
        return float("nan")
    reached = np.flatnonzero(y >= level)
    if not reached.size:
        return float(x[-1] - x[0])
    first = int(reached[0])
    if first == 0:
        return 0.0
    share = (level - y[first - 1]) / (y[first] - y[first - 1])
    return float(x[first - 1] + share * (x[first] - x[first - 1]) - x[0])


def forward_transfer(auc: ArrayLike, auc_alone: ArrayLike) -> ForwardTransfer:
    """FT = (AUC - AUC^b) / (1 - AUC^b), and the difference AUC - AUC^b; for numbers or arrays of one shape.

    ``auc`` is `normalised_auc` of a task along its own phase, ``auc_alone`` the same of an agent that trains on this
    task alone from the beginning. The scores must have 1 as their highest value: performance, not intake.

    The share is nan where AUC^b >= 1. Range: up to 1, without a lower end: it explodes as AUC^b comes near 1, so look
    at the difference (-1 to 1) beside it. Higher is better, 0 is no transfer. Source: Wołczyk et al. 2021.

    Raises ValueError if the shapes differ.
    """
    mine, alone = np.asarray(auc, dtype=np.float64), np.asarray(auc_alone, dtype=np.float64)
    if mine.shape != alone.shape:
        raise ValueError(f"auc has shape {mine.shape} and auc_alone {alone.shape}; give both for the same tasks")
    difference = np.asarray(mine - alone)
    share = np.divide(difference, 1.0 - alone, out=np.full_like(difference, np.nan), where=~(alone >= 1.0))
    return ForwardTransfer(share, difference)


def _curve(steps: ArrayLike, scores: ArrayLike) -> tuple[Array, Array]:
    x, y = np.asarray(steps, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"steps of shape {x.shape} and scores of shape {y.shape}: a curve needs a score for each step")
    if not np.isfinite(x).all() or (np.diff(x) <= 0).any():
        raise ValueError(f"steps {x.tolist()} must be finite and increase from one test to the next; sort them")
    return x, y


def _scores(matrix: ArrayLike) -> Array:
    R = np.asarray(matrix, dtype=np.float64)
    if R.ndim != 2 or 0 in R.shape:
        raise ValueError(f"a matrix of shape {R.shape} is not (K+1, J): one row before training, one task at least")
    if np.isinf(R).any():
        raise ValueError("a score is infinite; scores are finite, or nan where there was no test")
    return R


def _phases(R: Array, trained: Trained) -> list[list[int]]:
    """The tasks of every phase as a list; checks them against the matrix."""
    rows, columns = R.shape
    if len(trained) != rows - 1:
        raise ValueError(
            f"trained tells of {len(trained)} phases, the matrix of {rows - 1}; "
            "give one entry for each row but the first, () for a phase asleep"
        )
    phases = [[index(task) for task in (entry if isinstance(entry, Collection) else (entry,))] for entry in trained]
    for phase, tasks in enumerate(phases, start=1):
        for task in tasks:
            if not 0 <= task < columns:
                raise ValueError(f"phase {phase} trained task {task}; the matrix has tasks 0 to {columns - 1}")
    return phases


def _gained(R: Array) -> Array:
    """R[i, j] - R[i-1, j]; row 0 is nan."""
    return np.vstack([np.full_like(R[:1], np.nan), R[1:] - R[:-1]])


def _learned(R: Array, trained: Trained) -> Array:
    """R[e(j), j]; nan for tasks that were never trained."""
    last = last_phases(R, trained)
    return np.where(last > 0, R[last, np.arange(len(last))], np.nan)


def _old(matrix: ArrayLike, trained: Trained) -> NDArray[np.bool_]:
    """Which tasks were trained, but not in the last phase."""
    last = last_phases(matrix, trained)
    return (last > 0) & (last < len(trained))


def _unseen(matrix: ArrayLike, trained: Trained) -> NDArray[np.bool_]:
    """Phases from 1, and the tasks that none of them had trained by its end, bool[K+1, J]."""
    R = _scores(matrix)
    unseen = np.zeros(R.shape, dtype=bool)
    left = np.ones(R.shape[1], dtype=bool)
    for phase, tasks in enumerate(_phases(R, trained), start=1):
        left[tasks] = False
        unseen[phase] = left
    return unseen


def _mean(values: Array, where: NDArray[np.bool_]) -> float:
    """Mean over the marked values; nan if none is marked, or if one of them is nan."""
    return float(values[where].mean()) if where.any() else float("nan")
