"""What is known of worlds without looking at them: tasks, counts, and the clocks of episodes and schedules."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.checks.invariants import PAIR_VALUES, Told

Mask = NDArray[np.bool_]


@dataclass
class Clocks:
    """What is known of n worlds without looking at them; arrays [n] of int64, if nothing else is said."""

    task: NDArray[np.int64]  # place in DISTINCT_TASKS
    next_task: NDArray[np.int64]  # of the world that is built next
    value: NDArray[np.int64]  # int64[n, 4], of every pattern
    mixed: Mask  # a task has begun to move in since the world was built
    over: Mask  # the episode has ended, and nothing has been built since
    rewarded: NDArray[np.int64]  # eaten since the world was built
    punished: NDArray[np.int64]
    last_action: NDArray[np.int64]
    elapsed: NDArray[np.int64]  # steps of the episode
    feast: NDArray[np.int64]  # int64[n, 2], rewarded and punished pairs of the episode
    seed: NDArray[np.int64]  # of the schedule
    steps: NDArray[np.int64]  # of the schedule
    phase: NDArray[np.int64]
    ends: NDArray[np.int64]  # the step at which the phase is over
    fade_ends: NDArray[np.int64]  # the step at which the new task has moved in; 0 without a fade

    @classmethod
    def fresh(cls, n: int, tasks: NDArray[np.int64]) -> "Clocks":
        """Before the first reset."""
        zeros: dict[str, Any] = {name: np.zeros(n, dtype=np.int64) for name in cls.__dataclass_fields__}
        mixed, over = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
        tables = {"value": np.zeros((n, 4), dtype=np.int64), "feast": np.zeros((n, 2), dtype=np.int64)}
        return cls(**(zeros | tables | {"next_task": tasks.copy(), "mixed": mixed, "over": over}))

    def build(self, chosen: Mask) -> None:
        """The worlds of the mask are built anew."""
        self.task[chosen] = self.next_task[chosen]
        self.value[chosen] = PAIR_VALUES[self.task[chosen]]
        self.mixed[chosen] = False
        self.rewarded[chosen] = self.punished[chosen] = 0
        self.last_action[chosen] = -1
        self.fade_ends[chosen] = 0

    def begin_episode(self, chosen: Mask) -> None:
        """Episodes begin in the worlds of the mask, which have been built anew."""
        self.build(chosen)
        self.elapsed[chosen] = 0
        self.feast[chosen] = 0
        self.over &= ~chosen

    def nothing_eaten(self) -> Told:
        """What infos say of worlds in which nothing was done yet."""
        none = np.zeros_like(self.task)
        return Told(self.task.copy(), none - 1, none, none, none)
