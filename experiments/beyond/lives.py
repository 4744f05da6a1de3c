"""What a run beyond the paper left in its folder, for whoever draws or counts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.evidence.results import read_run
from experiments.plans.plan import Plan
from experiments.running.tables import Point, Result

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Lives:
    """Performance of the networks that lived through a whole protocol; rows of all arrays are ``seeds``, in order.

    The branches of one seed start from one network, so differences between stages are paired.
    """

    plan: Plan
    seeds: tuple[int, ...]  # that were tested on every task after every stage
    scores: dict[tuple[str, str, int], float]  # by stage, task and seed
    points: dict[tuple[str, str, int], dict[int, float]]  # by stage, task and seed; then by cycles of the stage so far

    @property
    def tasks(self) -> tuple[str, ...]:
        """Names of the tested tasks."""
        return self.plan.protocol.tests

    def after(self, stage: str, task: str) -> Array:
        """Performance in the test after a stage, float64[n].

        Raises KeyError if the protocol has no such stage or task.
        """
        return np.array([self.scores[stage, task, seed] for seed in self.seeds])

    def along(self, stage: str, task: str) -> tuple[NDArray[np.int64], Array]:
        """Short tests along a stage: cycles of the stage so far, int64[k], and performance, float64[n, k]."""
        rows = [self.points[stage, task, seed] for seed in self.seeds]
        cycles = sorted(set.intersection(*(set(row) for row in rows)))
        return np.array(cycles), np.array([[row[cycle] for cycle in cycles] for row in rows])

    def cycles(self, stage: str) -> int:
        """Length of a stage in movement cycles, sleep included."""
        return self.plan.steps(self.plan.protocol.stage(stage))


def lives_in(folder: Path) -> Lives:
    """The lives that are finished in a result folder, which may still grow.

    Raises UserError if the folder holds no configuration, or a table is missing.
    """
    run = read_run(folder)
    return lives_of(run.plans[0], run.results, run.curve)


def lives_of(plan: Plan, results: Sequence[Result], curve: Sequence[Point]) -> Lives:
    """The lives that are finished, of a run's tables."""
    scores = {(row.stage, row.task, row.seed): row.performance for row in results}
    points: dict[tuple[str, str, int], dict[int, float]] = {}
    for point in curve:
        points.setdefault((point.stage, point.task, point.seed), {})[point.trained] = point.performance
    needed = [(stage.name, task) for stage in plan.protocol.stages for task in plan.protocol.tests]
    finished = [seed for seed in sorted({row.seed for row in results}) if all((*key, seed) in scores for key in needed)]
    return Lives(plan, tuple(finished), scores, points)
