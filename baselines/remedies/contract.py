"""The contract of a remedy against forgetting: what it knows of an agent, what it may touch, when it is called.

An agent that meets task after task calls, for each of them::

    remedy.begin_task(agent, tasks)
    model.learn(steps, callback=remedy.callback(agent))  # perhaps several times
    remedy.end_task(agent, tasks)

A remedy acts through SB3's seams: the constraints, teachers and watchers of `baselines.optimizer.ConstrainedAdam`, a
replay buffer, a callback, or the weights themselves between tasks. It is written against `Pupil`, never against an
agent's class. A new remedy is a file in this folder and a row in `baselines.remedies.table`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any, ClassVar, Protocol

from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback

from baselines.optimizer import ConstrainedAdam
from foraging_env.habitat import Habitat

Kept = dict[str, Any]
"""What a remedy carries from task to task: names to tensors, numbers, or lists and dicts of them."""


class FirstTask(Enum):
    """What a remedy does in the first task that an agent learns, when there is nothing yet that could be forgotten."""

    ABSENT = "is absent from"
    """Nothing: it is learned as if there were no remedy, so agents may share it, and take up a remedy after it."""
    WATCHES = "watches"
    """It fills ``kept`` while the task is learned, and changes nothing. Up to the last step, weights, moves and random
    numbers are to the bit those of plain learning; the weights still are after `Remedy.end_task`."""
    ACTS = "acts in"
    """It changes how the task is learned."""


TASK = "task"
"""What a remedy may be told: which task the agent is in, in tests too. A cue in the observation says as much."""

NUMBER = "number of tasks"
"""What a remedy may be told: how many tasks there will be."""


class Pupil(Protocol):
    """What a remedy knows of the agent that it helps; it may change the model and constrain the optimiser."""

    @property
    def model(self) -> BaseAlgorithm:
        """The SB3 model that learns; its policy's optimiser is `optimizer`."""

    @property
    def optimizer(self) -> ConstrainedAdam:
        """The optimiser of the policy (of the Q network, for DQN)."""

    @property
    def seed(self) -> int:
        """The agent's seed; a remedy with random numbers of its own derives them from it."""

    @property
    def habitat(self) -> Habitat:
        """Where the agent lives and what it senses there; a remedy's own worlds must be the same."""

    @property
    def tasks_begun(self) -> int:
        """How many tasks were begun so far; in `Remedy.begin_task`, without the one that begins."""


class Remedy:
    """Fine-tuning: nothing is done against forgetting. The control, and the base of all others.

    Everything that must survive from one task to the next lies in ``kept``. It is saved with the agent, and its size is
    what the remedy costs in memory.
    """

    name: ClassVar[str] = "none"
    summary: ClassVar[str] = "plain fine-tuning: the control"
    algorithms: ClassVar[tuple[str, ...]] = ()
    """The algorithms it works with; none named: all."""
    first_task: ClassVar[FirstTask] = FirstTask.ABSENT
    """What it does in the first task."""
    told: ClassVar[tuple[str, ...]] = ()
    """What it is told that plain agents are not: `TASK`, `NUMBER`. It stands beside the agent's name in tables."""

    def __init__(self) -> None:
        self.kept: Kept = {}

    @classmethod
    def settings(cls) -> dict[str, int | float]:
        """What can be set of it (`with_settings`), and what it is now: every number among its class attributes."""
        names = dict.fromkeys(name for kind in reversed(cls.__mro__) for name in vars(kind) if not name.startswith("_"))
        values = {name: getattr(cls, name) for name in names}
        return {name: value for name, value in values.items() if type(value) in (int, float)}

    @classmethod
    def with_settings(cls, name: str, chosen: Mapping[str, Any]) -> "type[Remedy]":
        """The same remedy with other settings, under that name.

        Raises ValueError for a setting that it does not have, or a value that is no such number.
        """
        for key, value in chosen.items():
            known = cls.settings()
            if key not in known:
                has = f"it has {', '.join(known)}" if known else "it has none"
                raise ValueError(f"remedy {cls.name!r} has no setting {key!r}; {has}")
            if isinstance(value, bool) or (isinstance(known[key], int) and not isinstance(value, int)) or value < 0:
                rule = "a whole number" if isinstance(known[key], int) else "a number"
                raise ValueError(f"{key}={value} of remedy {cls.name!r} must be {rule}, not negative")
        return type(cls.__name__, (cls,), {**chosen, "name": name, "__doc__": cls.__doc__})

    def arguments(self) -> dict[str, Any]:
        """Arguments of the algorithm's constructor that the remedy needs."""
        return {}

    def attach(self, agent: Pupil) -> None:
        """Take hold of a model that was just made or loaded; ``kept`` is already there.

        Called twice for an agent that is loaded: once when its model is made, once when everything is in place.
        """

    def begin_task(self, agent: Pupil, tasks: tuple[str, ...]) -> None:
        """Before the worlds hold ``tasks`` (one, or several in turn)."""

    def callback(self, agent: Pupil) -> BaseCallback | None:
        """What is to happen while the agent learns."""
        return None

    def end_task(self, agent: Pupil, tasks: tuple[str, ...]) -> None:
        """After the last step in ``tasks``."""

    @contextmanager
    def in_test(self, agent: Pupil, task: str) -> Iterator[None]:
        """Around a frozen test in ``task``. Whoever changes the agent here is told `TASK`, and changes it back."""
        yield

    @property
    def bytes_kept(self) -> int:
        """Bytes that it keeps from earlier tasks."""
        return size_of(self.kept)


def size_of(kept: Any) -> int:
    """Bytes of the arrays and tensors in nested dicts and lists; a number counts as 8."""
    if isinstance(kept, dict):
        return sum(size_of(value) for value in kept.values())
    if isinstance(kept, list | tuple):
        return sum(size_of(value) for value in kept)
    if isinstance(kept, int | float):
        return 8
    return int(getattr(kept, "nbytes", 0))
