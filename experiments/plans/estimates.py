"""What a run is going to take, from speeds measured on one core of a two-core virtual machine (2026-11-25)."""

from collections.abc import Iterable, Sequence

from experiments.plans.plan import Plan, Unit
from experiments.plans.stages import Stage

# Microseconds a step: while learning, and in a test.
_LEARN = {"spiking": 5.1, "ppo": 36.0, "a2c": 32.0, "dqn": 80.0}
_TEST = {"spiking": 2.4}
_TEST_DEEP = 8.0
_LEARN_OTHER = 60.0


def seconds(species: str, learned: int, tested: int) -> float:
    """Estimated seconds for so many steps of learning and of tests."""
    return 1e-6 * (learned * _LEARN.get(species, _LEARN_OTHER) + tested * _TEST.get(species, _TEST_DEEP))


def stage_seconds(plan: Plan, stage: Stage, segments: int, *, with_tests: bool) -> float:
    """Estimated seconds for the first ``segments`` segments of a stage, and for the tests at its end."""
    learned = segments * plan.segment_steps(stage)
    return seconds(plan.species.name, learned, plan.steps_done(stage, segments, with_tests) - learned)


def distinct(plans: Sequence[Plan], units: Iterable[Unit]) -> list[tuple[Plan, Stage, int]]:
    """Every stage of every seed once, however many agents share it."""
    found: dict[tuple[int, str, int], tuple[Plan, Stage, int]] = {}
    for unit in units:
        plan = plans[unit.plan]
        for stage in plan.stages_of(unit.agent):
            found[unit.plan, stage.name, unit.seed] = (plan, stage, unit.seed)
    return list(found.values())
