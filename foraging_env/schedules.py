"""When the food changes: schedules as data. `foraging_env.wrappers` lets an environment follow one.

>>> Schedule((("task1", 50_000), ("task2", 50_000)))  # one after the other, then task2 for good
Schedule(phases=(('task1', 50000), ('task2', 50000)), order='given', repeat=False, fade=0, fade_by='patterns')
>>> Schedule.interleaved(["task1", "task2"], every=100).phase(3, seed=0)
('task2', 100)
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from foraging_env import checks
from foraging_env.tasks import Task, named_task

ORDERS = ("given", "shuffled", "drawn")
FADES = ("patterns", "worlds")


@dataclass(frozen=True)
class Schedule:
    """A list of tasks with the environment steps that each of them lasts.

    phases: (task, steps) one after the other; tasks are names or `Task`
    order: ``given``; ``shuffled``, a permutation drawn from the seed (a new one in every round); or ``drawn``, every
        phase drawn from the list with replacement, without end
    repeat: start again after the last phase, instead of staying in it
    fade: steps over which a new task moves in; 0 switches at once, in a new world
    fade_by: ``patterns``, a growing share of the new pairs is of the new task, from none to all (what a pattern of the
        new task is worth changes when the fade begins, ``info["task"]`` when it is complete); ``worlds``, a growing
        share of the worlds switches, at once each (vector environments only)

    Raises TypeError or ValueError for a schedule that cannot be followed.
    """

    phases: tuple[tuple[str, int], ...]
    order: str = "given"
    repeat: bool = False
    fade: int = 0
    fade_by: str = "patterns"

    def __post_init__(self) -> None:
        if isinstance(self.phases, str) or not isinstance(self.phases, Sequence) or not self.phases:
            raise TypeError(f"phases={self.phases!r} must be a list of (task, steps) with one or more entries")
        clean = []
        for phase in self.phases:
            if isinstance(phase, str) or not isinstance(phase, Sequence) or len(phase) != 2:
                raise TypeError(f"a phase is (task, steps), such as ('task1', 50_000), not {phase!r}")
            clean.append((named_task(phase[0]).name, checks.whole("the steps of a phase", phase[1], 1, 2**53)))
        object.__setattr__(self, "phases", tuple(clean))
        if self.order not in ORDERS:
            raise ValueError(f"unknown order {self.order!r}; known orders: {', '.join(ORDERS)}")
        if self.fade_by not in FADES:
            raise ValueError(f"unknown fade_by {self.fade_by!r}; known ones: {', '.join(FADES)}")
        if not isinstance(self.repeat, bool):
            raise TypeError(f"repeat={self.repeat!r} must be True or False")
        fading_in = [steps for _, steps in (clean if self.repeat or self.order != "given" else clean[1:])]
        if checks.whole("fade", self.fade, 0, 2**53) > min(fading_in, default=self.fade):
            raise ValueError(
                f"fade={self.fade} is longer than a phase that fades in, {min(fading_in)} steps; shorten it"
            )

    @classmethod
    def interleaved(cls, tasks: Sequence[str | Task], every: int, order: str = "given") -> "Schedule":
        """The tasks in turn without end, ``every`` steps each; with ``order="drawn"`` at random."""
        return cls(tuple((named_task(task).name, every) for task in tasks), order=order, repeat=True)

    @classmethod
    def from_json(cls, source: str | Path) -> "Schedule":
        """Read a schedule from JSON text or from a file with it; the keys are the fields, ``phases`` a list of pairs.

        Raises ValueError for unknown or missing keys, and as the constructor does.
        """
        text = source.read_text() if isinstance(source, Path) else source
        data = json.loads(text)
        known = [field.name for field in fields(cls)]
        if not isinstance(data, dict) or "phases" not in data or not data.keys() <= set(known):
            raise ValueError(
                f"a schedule in JSON is an object with phases and perhaps {', '.join(known[1:])}; got {data}"
            )
        return cls(**data)

    def to_json(self) -> str:
        """The schedule as one line of JSON."""
        return json.dumps(asdict(self))

    def phase(self, n: int, seed: int) -> tuple[str, int] | None:
        """The task and steps of phase ``n`` of a life with ``seed``; None if the life stays in the phase before it."""
        size = len(self.phases)
        if self.order == "drawn":
            return self.phases[np.random.default_rng([seed, n]).integers(size)]
        if n >= size and not self.repeat:
            return None
        if self.order == "shuffled":
            return self.phases[np.random.default_rng([seed, n // size]).permutation(size)[n % size]]
        return self.phases[n % size]


def schedule_from(source: Any) -> Schedule:
    """A `Schedule`, or one made from a list of phases or from JSON text or file."""
    if isinstance(source, Schedule):
        return source
    return Schedule.from_json(source) if isinstance(source, str | Path) else Schedule(tuple(source))
