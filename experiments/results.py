"""The two tables of a run: made from the records of its stages, read back by table and figure."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from experiments.protocols import Plan
from experiments.scores import Counts, Summary, summary
from experiments.storage import RunFolder, write_csv


class Result(NamedTuple):
    """A row of ``results.csv``: the test of one task after one stage of one seed."""

    protocol: str
    agent: str
    seed: int
    phase: int  # depth of the stage in the protocol's tree
    stage: str
    task: str
    rewarded: int  # pairs eaten
    punished: int  # pairs eaten
    cycles: int  # movement cycles of the test
    performance: float
    intake: float  # (rewarded - punished) per 100 cycles


class Point(NamedTuple):
    """A row of ``curve.csv``: a short test of one task after one segment of a stage."""

    protocol: str
    agent: str
    seed: int
    phase: int
    stage: str
    trained: int  # movement cycles of this stage so far, sleep included
    task: str
    rewarded: int
    punished: int
    cycles: int
    performance: float
    intake: float


def write_tables(plan: Plan, agent: str, seeds: Sequence[int], folder: RunFolder) -> None:
    """Write both tables from whatever the records of ``seeds`` hold by now."""
    write_csv(folder.path / "results.csv", Result._fields, _results(plan, agent, seeds, folder))
    write_csv(folder.path / "curve.csv", Point._fields, _points(plan, agent, seeds, folder))


def _results(plan: Plan, agent: str, seeds: Sequence[int], folder: RunFolder) -> Iterator[Result]:
    for seed in seeds:
        for stage in plan.protocol.stages:
            for task, counts in folder.stage(seed, stage.name).read().tests.items():
                phase = plan.protocol.phase(stage)
                yield Result(plan.protocol.name, agent, seed, phase, stage.name, task, *_scored(counts))


def _points(plan: Plan, agent: str, seeds: Sequence[int], folder: RunFolder) -> Iterator[Point]:
    for seed in seeds:
        for stage in plan.protocol.stages:
            for segment, probe in enumerate(folder.stage(seed, stage.name).read().probes, start=1):
                trained = segment * plan.segment_cycles(stage)
                for task, counts in probe.items():
                    phase = plan.protocol.phase(stage)
                    yield Point(plan.protocol.name, agent, seed, phase, stage.name, trained, task, *_scored(counts))


def _scored(counts: Counts) -> tuple[int, int, int, float, float]:
    return (*counts, counts.performance, counts.intake)


def read_results(path: Path) -> list[Result]:
    """The rows of a ``results.csv``."""
    return [Result(**_typed(row, Result)) for row in _rows(path)]


def read_curve(path: Path) -> list[Point]:
    """The rows of a ``curve.csv``."""
    return [Point(**_typed(row, Point)) for row in _rows(path)]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _typed(row: dict[str, str], kind: type[Result] | type[Point]) -> dict[str, Any]:
    return {name: kind.__annotations__[name](text) for name, text in row.items()}


def performance_after(results: Sequence[Result], stage: str, task: str) -> Summary:
    """Performance on a task after a stage, over seeds.

    Raises ValueError if no seed has it.
    """
    return summary([row.performance for row in results if row.stage == stage and row.task == task])
