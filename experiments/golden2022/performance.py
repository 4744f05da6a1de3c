"""Performance of a run's networks, by stage, task and seed."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from experiments.errors import UserError
from experiments.golden2022.networks import Networks

Performances = dict[tuple[str, str], dict[int, float]]
"""Performance after a stage, by stage and task, then by seed."""


class Curves(NamedTuple):
    """Short tests along a stage; the first was at the end of the stage before, if that was tested."""

    cycles: np.ndarray  # int64[n], of this stage, sleep included
    values: np.ndarray  # float64[seeds, n]


@lru_cache(maxsize=8)
def performances(networks: Networks) -> Performances:
    """Of every stage that was tested, those that only lead to a condition among them."""
    found: Performances = {}
    for row in networks.results():
        found.setdefault((row.stage, row.task), {})[row.seed] = row.performance
    return found


def with_results(networks: Networks, stages: Sequence[str]) -> list[str]:
    """Those of the stages that have results, in the same order.

    Raises UserError if none has.
    """
    known = {stage for stage, _ in performances(networks)}
    found = [stage for stage in stages if stage in known]
    if not found:
        raise UserError(
            f"{networks.path} has no results of {', '.join(stages)}; run forage run golden2022 with these conditions"
        )
    return found


def curves(networks: Networks, stage: str, task: str) -> Curves:
    """Performance on a task along a stage, of the seeds that have come to its end.

    Raises UserError if none has.
    """
    seeds = sorted(performances(networks).get((stage, task), {}))
    if not seeds:
        raise UserError(f"{networks.path} has no results of {stage} on {task}")
    points = _points(networks)
    parent = networks.plan.protocol.stage(stage).parent
    ticks = sorted(points[stage, task, seeds[0]])
    values = [[points[stage, task, seed][tick] for tick in ticks] for seed in seeds]
    if parent is not None:
        before = [points[parent, task, seed] for seed in seeds]
        ticks = [0, *ticks]
        values = [[last[max(last)], *row] for last, row in zip(before, values, strict=True)]
    return Curves(np.array(ticks), np.array(values))


@lru_cache(maxsize=8)
def _points(networks: Networks) -> dict[tuple[str, str, int], dict[int, float]]:
    """Performance by stage, task and seed, then by the cycles trained."""
    found: dict[tuple[str, str, int], dict[int, float]] = {}
    for point in networks.curve():
        found.setdefault((point.stage, point.task, point.seed), {})[point.trained] = point.performance
    return found
