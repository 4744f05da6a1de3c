"""One agent's way through its stages: a generator that saves after every segment and goes on from there."""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

from experiments.errors import UserError
from experiments.learners.learner import Learner
from experiments.learners.species import learner
from experiments.plans.drawn import actual_task
from experiments.plans.plan import Plan, Unit
from experiments.plans.stages import Stage
from experiments.running.snapshots import keep_snapshots
from experiments.running.storage import Cost, Probe, Record, StageFolder, Stages, tests_key


class Step(NamedTuple):
    """What was done since the step before, in which stage."""

    unit: Unit
    stage: str
    learned: int  # steps
    tested: int  # steps


def birth_seed(seed: int) -> int:
    """Seed of the agent and its worlds: the first child of ``SeedSequence(seed)``."""
    return int(np.random.SeedSequence(seed, spawn_key=(0,)).generate_state(1)[0])


def evaluation_seed(seed: int, phase: int, segment: int, task: int) -> int:
    """Seed of one test, a descendant of the second child of ``SeedSequence(seed)``; segment 0 is the test at the end.

    It depends on how far the stage is and not on its name, so the branches of one parent meet the same worlds.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(1, phase, segment, task))
    return int(sequence.generate_state(1)[0])


def live(plan: Plan, unit: Unit, stages: Stages) -> Iterator[Step]:
    """Do what ``stages`` still lacks of this agent and seed, and say after each piece what was done.

    The same calls follow one another whether the life is interrupted or not, and the agent is loaded exactly
    as it was saved, so the files are the same bytes either way. A stage that another agent's life shares is lived once:
    who comes second waits for who came first.
    """
    for stage in plan.stages_of(unit.agent):
        if is_done(plan, stage, unit.seed, stages):
            continue
        folder = stages.folder(plan, stage, unit.seed)
        with folder.locked():
            yield from _LifeInStage(plan, unit, stages, stage, folder).go_on()


def is_done(plan: Plan, stage: Stage, seed: int, stages: Stages) -> bool:
    """Whether a stage was trained and tested to its end."""
    folder = stages.folder(plan, stage, seed)
    return folder.read().segments == plan.segments(stage) and folder.tests(tests_key(plan)) is not None


class _LifeInStage:
    def __init__(self, plan: Plan, unit: Unit, stages: Stages, stage: Stage, folder: StageFolder) -> None:
        self._plan, self._unit, self._stages, self._stage, self._folder = plan, unit, stages, stage, folder
        self._lived = replace(stage, tasks=tuple(actual_task(task, unit.seed) for task in stage.tasks))
        self._kind = learner(plan.species)
        self._clock = _Clock()

    def go_on(self) -> Iterator[Step]:
        record = self._folder.read()
        agent = self._agent(record)
        self._borrow(agent)
        for segment in range(record.segments + 1, self._plan.segments(self._stage) + 1):
            yield from self._live_segment(agent, record, segment)
        key = tests_key(self._plan)
        if self._folder.tests(key) is None:
            tests = self._tests(agent, self._plan.lengths.test, 0)
            self._folder.commit_tests(key, tests, self._clock.lap())
            yield self._step(0, len(tests) * self._plan.lengths.test)

    def _agent(self, record: Record) -> Learner:
        """As this stage left it, as its parent left it, or new."""
        plan, stage, seed = self._plan, self._stage, self._unit.seed
        parent = plan.protocol.parent(stage)
        if record.segments:
            return self._loaded(self._folder.state(record.segments))
        agent = self._kind.born(plan, birth_seed(seed)) if parent is None else self._loaded(self._end_of(parent))
        agent.enter(self._lived, parent)
        return agent

    def _loaded(self, path: Path) -> Learner:
        try:
            return self._kind.loaded(self._plan, path)
        except UserError:
            raise
        except Exception as error:  # a damaged file may make a reader raise anything
            raise UserError(
                f"{path} cannot be loaded ({type(error).__name__}: {error}); delete the folder {path.parent}, and its "
                "stage is run again"
            ) from error

    def _end_of(self, stage: Stage) -> Path:
        return self._stages.folder(self._plan, stage, self._unit.seed).state(self._plan.segments(stage))

    def _borrow(self, agent: Learner) -> None:
        source = self._plan.protocol.rates_source(self._stage)
        if source is not None:
            agent.borrow_rates(self._end_of(source), actual_task(source.tasks[-1], self._unit.seed))

    def _live_segment(self, agent: Learner, record: Record, segment: int) -> Iterator[Step]:
        plan, stage = self._plan, self._stage
        if stage.trains:
            snapshots = []
            for _ in range(plan.pieces):
                agent.train(self._lived, plan.segment_steps(stage) // plan.pieces)
                yield self._step(plan.segment_steps(stage) // plan.pieces, 0)
                snapshots += [agent.snapshot()] if plan.lengths.snapshots else []
            if snapshots:
                keep_snapshots(self._folder, segment, snapshots)
        if segment == plan.segments(stage):
            agent.leave(self._lived)
        record.segments = segment
        record.bytes_kept = agent.bytes_kept
        if stage.trains and stage.probed:
            record.probes.append(self._tests(agent, plan.lengths.probe, segment))
            yield self._step(0, len(plan.protocol.tests) * plan.lengths.probe)
        self._folder.commit(record, agent.save, agent.suffix, self._clock.lap())

    def _tests(self, agent: Learner, steps: int, segment: int) -> Probe:
        phase = self._plan.protocol.phase(self._stage)
        return {
            task: agent.evaluate(
                actual_task(task, self._unit.seed), steps, evaluation_seed(self._unit.seed, phase, segment, i)
            )
            for i, task in enumerate(self._plan.protocol.tests)
        }

    def _step(self, learned: int, tested: int) -> Step:
        return Step(self._unit, self._stage.name, learned, tested)


class _Clock:
    """Laps of wall-clock and processor time of this process."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def lap(self) -> Cost:
        """What was spent since the last lap."""
        wall, cpu = time.perf_counter(), time.process_time()
        cost = Cost(wall - self._wall, cpu - self._cpu, _peak_bytes())
        self._wall, self._cpu = wall, cpu
        return cost


def _peak_bytes() -> int:
    if resource is None:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
