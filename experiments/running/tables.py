"""The tables of a run: what their rows hold, and how they are made from the records of its stages."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from experiments.plans.plan import Plan
from experiments.plans.stages import Stage
from experiments.running.storage import RunFolder, StageFolder, Stages, tests_key
from foraging_env.files import write_csv
from foraging_env.scores import Counts


class Result(NamedTuple):
    """A row of ``results.csv``: the test of one task after one stage of one agent with one seed."""

    protocol: str
    agent: str
    seed: int
    phase: int  # tasks learned so far
    stage: str
    task: str
    rewarded: int  # pairs eaten
    punished: int  # pairs eaten
    cycles: int  # movement cycles, or environment steps, of the test
    performance: float
    intake: float  # (rewarded - punished) per 100 cycles

    @property
    def eaten(self) -> float:
        """Patterns, of whatever value, per 100 cycles."""
        return 100.0 * (self.rewarded + self.punished) / self.cycles


class Point(NamedTuple):
    """A row of ``curve.csv``: a short test of one task after one segment of a stage."""

    protocol: str
    agent: str
    seed: int
    phase: int
    stage: str
    trained: int  # cycles or steps of this stage so far, sleep included
    task: str
    rewarded: int
    punished: int
    cycles: int
    performance: float
    intake: float


class Expense(NamedTuple):
    """A row of ``costs.csv``: what one stage of one agent with one seed took; shared stages stand with every agent."""

    protocol: str
    agent: str
    seed: int
    phase: int
    stage: str
    steps: int  # of learning in this stage
    bytes_kept: int  # from earlier tasks, at its end
    wall_seconds: float  # tests included
    cpu_seconds: float
    peak_bytes: int  # largest memory of the process so far


def write_tables(plans: Sequence[Plan], seeds: Sequence[int], folder: RunFolder, stages: Stages) -> None:
    """Write all tables from whatever is done by now; of several processes the last one to write knows most."""
    lives = list(_lives(plans, seeds, stages))
    with folder.writing_tables():
        write_csv(folder.path / "results.csv", Result._fields, (row for life in lives for row in _results(*life)))
        write_csv(folder.path / "curve.csv", Point._fields, (row for life in lives for row in _points(*life)))
        write_csv(folder.path / "costs.csv", Expense._fields, (row for life in lives for row in _expenses(*life)))


def _lives(
    plans: Sequence[Plan], seeds: Sequence[int], stages: Stages
) -> Iterator[tuple[Plan, Stage, tuple[Any, ...], StageFolder]]:
    """Every stage of every agent and seed, with the columns that all tables begin with."""
    for plan in plans:
        for agent in plan.agents:
            for seed in seeds:
                for stage in plan.stages_of(agent):
                    head = (plan.protocol.name, agent.name, seed, plan.protocol.phase(stage), stage.name)
                    yield plan, stage, head, stages.folder(plan, stage, seed)


def _results(plan: Plan, stage: Stage, head: tuple[Any, ...], folder: StageFolder) -> Iterator[Result]:
    for task, counts in (folder.tests(tests_key(plan)) or {}).items():
        yield Result(*(*head, task, *_scored(counts)))


def _points(plan: Plan, stage: Stage, head: tuple[Any, ...], folder: StageFolder) -> Iterator[Point]:
    for segment, probe in enumerate(folder.read().probes, start=1):
        for task, counts in probe.items():
            yield Point(*(*head, segment * plan.segment_steps(stage), task, *_scored(counts)))


def _expenses(plan: Plan, stage: Stage, head: tuple[Any, ...], folder: StageFolder) -> Iterator[Expense]:
    record, cost = folder.read(), folder.cost()
    if record.segments:
        steps = record.segments * plan.segment_steps(stage)
        spent = (round(cost.wall_seconds, 3), round(cost.cpu_seconds, 3), cost.peak_bytes)
        yield Expense(*(*head, steps, record.bytes_kept, *spent))


def _scored(counts: Counts) -> tuple[int, int, int, float, float]:
    return (*counts, counts.performance, counts.intake)
