"""Task sequences, from easy to contradictory, registered as environments.

| id | tasks | what it asks |
|---|---|---|
| ``ForagePaper-v0`` | task1, then task2 | the study: no pattern of the first task is seen in the second |
| ``ForageCycle-v0`` | h+n-, n+v-, v+h- | every pattern is rewarded once and punished once: see below |
| ``ForageCycleCue-v0`` | the same | the task is shown: learned to the full jointly, forgotten in turn |
| ``ForageCycleWide-v0`` | the same | patterns are told apart in a view 11 cells wide, which shows the task itself |
| ``ForageReversal-v0`` | h+n-, then n+h- | flat contradiction, not jointly solvable |
| ``ForageReversalCue-v0`` | the same | solvable: the task is shown in the observation |
| ``ForageRounds-v0`` | task1, task2, five times each | does it get better or worse with repetition? |
| ``ForageRelearning-v0`` | the tasks of cycle-wide, five times each | how fast comes back what was known? |
| ``ForageLong-v0`` | all 12 pairs of patterns in an order drawn from the seed | capacity |
| ``ForageLongCue-v0`` | 8 pairs, a ring and the same ring reversed; the task is shown | capacity and order |

On ``ForageCycle-v0`` two patterns in view together tell the task, and 38% of the views hold both. A forager without
memory that eats only there makes no mistake, and takes in a third of what one takes in that is told the task.

Every id has a vector form for ``gym.make_vec``. Arguments: ``steps_per_task`` (50,000), ``episode_steps`` (1000, None
for a continuing life) and all of `ForageEnv` but ``task``. A change of task is no end of an episode.
"""

from dataclasses import dataclass
from typing import Any

import gymnasium as gym
from gymnasium.wrappers import TimeLimit

from foraging_env.env import ForageEnv
from foraging_env.habitat import Habitat
from foraging_env.schedules import Schedule
from foraging_env.senses import Senses
from foraging_env.tasks import DISTINCT_TASKS
from foraging_env.vector import ForageVectorEnv
from foraging_env.wrappers.scheduled import ScheduledTasks, VectorScheduledTasks

STEPS_PER_TASK = 50_000
EPISODE_STEPS = 1000


@dataclass(frozen=True)
class TaskSequence:
    """Tasks in their order, and the habitat that they share."""

    tasks: tuple[str, ...]
    order: str = "given"
    habitat: Habitat = Habitat()

    def schedule(self, steps_per_task: int) -> Schedule:
        """The schedule with phases of ``steps_per_task``; the last one stays."""
        return Schedule(tuple((task, steps_per_task) for task in self.tasks), order=self.order)


_CYCLE = ("h+n-", "n+v-", "v+h-")
_RING = ("h+n-", "n+v-", "v+p-", "p+h-")
_RING_REVERSED = ("n+h-", "v+n-", "p+v-", "h+p-")
_CUED = Habitat(Senses(task_cue=True))
_WIDE = Habitat(Senses("pattern", view=11))

SEQUENCES: dict[str, TaskSequence] = {
    "Paper": TaskSequence(("task1", "task2")),
    "Cycle": TaskSequence(_CYCLE),
    "CycleCue": TaskSequence(_CYCLE, habitat=_CUED),
    "CycleWide": TaskSequence(_CYCLE, habitat=_WIDE),
    "Reversal": TaskSequence(("h+n-", "n+h-")),
    "ReversalCue": TaskSequence(("h+n-", "n+h-"), habitat=_CUED),
    "Rounds": TaskSequence(("task1", "task2") * 5),
    "Relearning": TaskSequence(_CYCLE * 5, habitat=_WIDE),
    "LongCue": TaskSequence(_RING + _RING_REVERSED, habitat=_CUED),
    "Long": TaskSequence(tuple(task.name for task in DISTINCT_TASKS if task.rewarded), order="shuffled"),
}
"""Every task sequence; ``Forage{name}-v0`` is its environment."""


def make(
    sequence: str, steps_per_task: int = STEPS_PER_TASK, episode_steps: int | None = EPISODE_STEPS, **arguments: Any
) -> gym.Env:
    """The single environment of a task sequence; entry point of the registered ids."""
    _refuse(sequence, arguments)
    chosen = SEQUENCES[sequence]
    env: gym.Env = ForageEnv(**(chosen.habitat.arguments() | arguments))
    if episode_steps is not None:
        env = TimeLimit(env, episode_steps)
    return ScheduledTasks(env, chosen.schedule(steps_per_task))


def make_vector(
    sequence: str,
    num_envs: int = 1,
    steps_per_task: int = STEPS_PER_TASK,
    episode_steps: int | None = EPISODE_STEPS,
    **arguments: Any,
) -> VectorScheduledTasks:
    """The vector environment of a task sequence; entry point of the registered ids."""
    _refuse(sequence, arguments)
    chosen = SEQUENCES[sequence]
    env = ForageVectorEnv(num_envs, max_episode_steps=episode_steps, **(chosen.habitat.arguments() | arguments))
    return VectorScheduledTasks(env, chosen.schedule(steps_per_task))


def _refuse(sequence: str, arguments: dict[str, Any]) -> None:
    for name, hint in (
        ("task", "its schedule chooses the tasks; for a single task make Forage-v0"),
        ("max_episode_steps", "say episode_steps, then the schedule knows where episodes end"),
    ):
        if name in arguments:
            raise TypeError(f"Forage{sequence}-v0 takes no {name}: {hint}")


def register() -> None:
    """Register every task sequence with Gymnasium."""
    for name in SEQUENCES:
        gym.register(
            f"Forage{name}-v0",
            entry_point="foraging_env.sequences:make",
            vector_entry_point="foraging_env.sequences:make_vector",
            kwargs={"sequence": name},
        )
