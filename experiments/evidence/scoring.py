"""Scores of every agent and seed of a comparison, as rows of ``scores.csv``.

| score | is | of agents |
|---|---|---|
| ``average_performance`` | mean of the last tests of all tasks, whatever the measure | all |
| ``forgetting``, ``max_forgetting``, ``backward_transfer``, ``retention`` | as in `evidence.metrics` | in turn |
| ``learned`` | mean over tasks of R[e(j), j]; whoever learns nothing has nothing to forget | in turn |
| ``zero_shot_transfer`` | its mean over phases and tasks not trained by then | in turn |
| ``forward_transfer`` | share of what was left to gain, mean over tasks; only of performance | in turn |
| ``forward_transfer_difference`` | AUC - AUC of the same species' ``+single``, mean over tasks | in turn |
| ``intransigence`` | mean over tasks, against the same species' ``+interleaved`` | in turn |
| ``lifetime`` | mean score on the task in training, along all phases | in turn |
| ``plasticity`` | score after a task's last training - after its first, mean over tasks that come again | in turn |
| ``recovery_steps`` | until intake is 0.9 of what it was after the first training, mean over returns | in turn |
| ``eaten`` | patterns of whatever value per 100 steps; where it is below 1 performance says nothing | all |
| ``steps``, ``cpu_seconds``, ``bytes_kept`` | measure ``cost``; stages that agents share count for each | all |

``+interleaved`` has but one phase and nothing to forget afterwards; ``+single`` is another agent for every task, and
its average performance is that of each task after its own training. AUC is taken over the first phase that trained a
task, with the tests before and after it; the first task is among them, and has no transfer by definition where the
agents share its stage. The share needs scores whose highest value is 1. A reference must have the same seed. What a
formula leaves undefined has no row. ``learned`` is the learning accuracy of Riemer et al. 2019 (Learning to learn
without forgetting by maximizing transfer and minimizing interference, ICLR).

``normalised`` is intake from 0, the random forager, to 1, the full-knowledge forager, with the constants of
``Forage-v0``. Where the world's size or density is another, there are no such constants, and no such scores.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from experiments.evidence import metrics
from experiments.evidence.contest import Contest, Line
from experiments.evidence.metrics import Array
from experiments.plans.drawn import actual_task
from experiments.plans.plan import INTERLEAVED, SINGLE
from foraging_env.habitat import Habitat
from foraging_env.normalisation import scale

PERFORMANCE, INTAKE, NORMALISED, COST = "performance", "intake", "normalised", "cost"
_RECOVERED = 0.9  # of what a task brought after its first training
_WORLD = "Forage-v0"


class Score(NamedTuple):
    """A row of ``scores.csv``."""

    protocol: str
    agent: str
    seed: int
    measure: str
    score: str
    value: float


def scores(contest: Contest) -> list[Score]:
    """All scores that the files allow, agents in the order of the configuration."""
    return [
        Score(line.protocol, line.agent, seed, measure, name, value)
        for line in contest.lines
        for seed in contest.seeds(line)
        for measure, name, value in _of_seed(contest, line, seed)
        if not np.isnan(value)
    ]


def _of_seed(contest: Contest, line: Line, seed: int) -> Iterator[tuple[str, str, float]]:
    has_scale = contest.habitat.world == Habitat().world
    for measure in (PERFORMANCE, INTAKE, NORMALISED) if has_scale else (PERFORMANCE, INTAKE):
        for name, value in _of_measure(contest, line, seed, measure):
            yield measure, name, float(value)
    yield INTAKE, "eaten", float(contest.last(line, seed, "eaten").mean())
    if line.in_turn and contest.has_curve(line):
        yield INTAKE, "recovery_steps", _recovery(contest, line, seed)
    for name, value in contest.spent(line, seed).items():
        yield COST, name, value


def _of_measure(contest: Contest, line: Line, seed: int, measure: str) -> Iterator[tuple[str, float]]:
    counted = INTAKE if measure == NORMALISED else measure
    tasks = tuple(actual_task(task, seed) for task in line.tests)
    scaled = _normalised if measure == NORMALISED else _unchanged
    yield "average_performance", metrics.average_performance([scaled(contest.last(line, seed, counted), tasks)])
    if not line.in_turn:
        return
    R, trained = scaled(contest.matrix(line, seed, counted), tasks), line.trained
    yield "learned", R[metrics.last_phases(R, trained), range(len(tasks))].mean()
    yield "forgetting", metrics.forgetting(R, trained)
    yield "max_forgetting", metrics.max_forgetting(R, trained)
    yield "backward_transfer", metrics.backward_transfer(R, trained)
    yield "retention", metrics.mean_retention(R, trained)
    yield "zero_shot_transfer", metrics.mean_zero_shot_transfer(R, trained)
    yield "plasticity", metrics.plasticity(R, trained)
    if contest.has_curve(line):
        trainings = [(phase, line.tests[task]) for phase, each in enumerate(trained) for task in each]
        along = np.array([_area(contest, line, seed, phase, task, counted) for phase, task in trainings])
        yield "lifetime", scaled(along, tuple(actual_task(task, seed) for _, task in trainings)).mean()
    joint = contest.line(f"{line.species}+{INTERLEAVED}")
    if joint is not None and seed in contest.seeds(joint):
        reference = scaled(contest.last(joint, seed, counted), tasks)
        yield "intransigence", metrics.mean_intransigence(R, trained, reference)
    alone = contest.line(f"{line.species}+{SINGLE}")
    if alone is not None and seed in contest.seeds(alone):
        areas = [scaled(_areas(contest, each, seed, counted), tasks) for each in (line, alone)]
        transfer = metrics.forward_transfer(*areas)
        if measure == PERFORMANCE:
            yield "forward_transfer", float(transfer.share.mean())
        yield "forward_transfer_difference", float(transfer.difference.mean())


def _areas(contest: Contest, line: Line, seed: int, measure: str) -> Array:
    """The mean score of every task along the first phase that trained it, float64[J]."""
    first = [next(i for i, tasks in enumerate(line.trained) if task in tasks) for task in range(len(line.tests))]
    return np.array(
        [_area(contest, line, seed, phase, task, measure) for phase, task in zip(first, line.tests, strict=True)]
    )


def _area(contest: Contest, line: Line, seed: int, phase: int, task: str, measure: str) -> float:
    return metrics.normalised_auc(*contest.along(line, seed, phase, task, measure))


def _recovery(contest: Contest, line: Line, seed: int) -> float:
    """Steps, mean over all returns of all tasks; nan if no task comes again, or one was worth nothing at first."""
    R = contest.matrix(line, seed, INTAKE)
    level: dict[int, float] = {}
    found = []
    for phase, tasks in enumerate(line.trained):
        for task in tasks:
            if task in level:
                curve = contest.along(line, seed, phase, line.tests[task], INTAKE)
                found.append(metrics.recovery_steps(*curve, level[task]))
            elif R[phase + 1, task] > 0:
                level[task] = _RECOVERED * R[phase + 1, task]
            else:
                level[task] = float("nan")
    return float(np.mean(found)) if found else float("nan")


def _unchanged(values: Array, tests: tuple[str, ...]) -> Array:
    return values


def _normalised(intake: Array, tests: tuple[str, ...]) -> Array:
    """Intakes whose last axis is the tasks; an area under a curve is a mean, so it may be scaled afterwards."""
    low, high = np.array([scale(_WORLD, task) for task in tests]).T
    return np.asarray((intake - low) / (high - low))
