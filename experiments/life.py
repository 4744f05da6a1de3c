"""One seed's way through the stages of a plan: a generator that saves after every segment and goes on from there."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from experiments import spiking
from experiments.protocols import Plan, Stage
from experiments.storage import Probe, Record, RunFolder


class Step(NamedTuple):
    """What was done since the step before: cycles of this stage, trained or tested."""

    seed: int
    stage: str
    cycles: int


def birth_seed(seed: int) -> int:
    """Seed of the network and its world: the first child of ``SeedSequence(seed)``."""
    return int(np.random.SeedSequence(seed, spawn_key=(0,)).generate_state(1)[0])


def evaluation_seed(seed: int, phase: int, segment: int, task: int) -> int:
    """Seed of one test, a descendant of the second child of ``SeedSequence(seed)``; segment 0 is the test at the end.

    It depends on the depth of the stage and not on its name, so the branches of one parent meet the same worlds.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(1, phase, segment, task))
    return int(sequence.generate_state(1)[0])


def live(plan: Plan, seed: int, folder: RunFolder) -> Iterator[Step]:
    """Do what ``folder`` still lacks of this seed, and say after each piece what was done.

    The same calls follow one another whether the life is interrupted or not, and the agent is loaded exactly
    as it was saved, so the files are the same bytes either way.
    """
    for stage in plan.protocol.stages:
        record = folder.stage(seed, stage.name).read()
        if record.segments < plan.preset.segments:
            yield from _live_stage(plan, seed, folder, stage, record)


def _live_stage(plan: Plan, seed: int, folder: RunFolder, stage: Stage, record: Record) -> Iterator[Step]:
    preset, protocol = plan.preset, plan.protocol
    here = folder.stage(seed, stage.name)
    parent = protocol.parent(stage)
    if record.segments:
        agent = spiking.loaded(here.state(record.segments))
    elif parent is not None:
        agent = spiking.loaded(folder.stage(seed, parent.name).state(preset.segments))
    else:
        agent = spiking.born(birth_seed(seed))
    if not record.segments:
        spiking.enter(agent, stage, parent, preset)

    def test_all(cycles: int, segment: int) -> Probe:
        phase = protocol.phase(stage)
        return {
            task: spiking.evaluate(agent, task, cycles, evaluation_seed(seed, phase, segment, i))
            for i, task in enumerate(protocol.tests)
        }

    for segment in range(record.segments + 1, preset.segments + 1):
        spiking.train(agent, stage, plan.segment_cycles(stage))
        yield Step(seed, stage.name, plan.segment_cycles(stage))
        if segment == preset.segments:
            spiking.leave(agent, stage)
        record.probes.append(test_all(preset.probe_cycles, segment))
        yield Step(seed, stage.name, len(protocol.tests) * preset.probe_cycles)
        if segment == preset.segments:
            record.tests = test_all(preset.test_cycles, 0)
            yield Step(seed, stage.name, len(protocol.tests) * preset.test_cycles)
        here.commit(record, agent.save)
