"""Callbacks in the sense of Stable-Baselines3 that need to be called only now and then.

SB3 calls its callbacks in every step. A `CycleCallback` says how long it can wait, so between two calls learning
stays in one compiled loop. The agent keeps its clock, which counts the cycles awake since it last acted: it survives
`save` and `load`, and is forgotten when ``learn(reset_num_timesteps=True)`` starts anew.
"""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol, cast

import numpy as np
from stable_baselines3.common.callbacks import BaseCallback, CallbackList, ConvertCallback, ProgressBarCallback

from foraging_env.tasks import Task, named_task
from spiking_agent.stimulation import check_noise


class Sleeper(Protocol):
    """What these callbacks need of an agent; `SpikingAgent` says what each does."""

    num_timesteps: int
    clocks: dict[str, int]

    def sleep(self, n_cycles: int, rates: np.ndarray | None = None, noise: str = "rates") -> None:
        """Sleep for ``n_cycles``."""

    def set_task(self, task: str | Task) -> None:
        """Switch to ``task`` in a fresh world."""

    def enter_fresh_world(self) -> None:
        """Go on in a new world of the same task."""


class CycleCallback(BaseCallback):
    """Base of callbacks that act every so many cycles awake."""

    def __init__(self, every: int, verbose: int = 0) -> None:
        super().__init__(verbose)
        if int(every) != every or every < 1:
            raise ValueError(f"every={every} must be a whole number of cycles, at least 1")
        self.every = int(every)
        self._seen = 0

    @property
    def agent(self) -> Sleeper:
        """The agent that is learning."""
        return cast(Sleeper, self.model)

    @property
    def elapsed(self) -> int:
        """Cycles awake since this callback last acted."""
        return self.agent.clocks.get(self.name, 0)

    @property
    def name(self) -> str:
        """Under which the agent keeps its clock."""
        return f"{type(self).__name__}({self.every})"

    def cycles_until_due(self) -> int:
        """How many cycles may pass before the next call."""
        return self.every - self.elapsed

    def _on_training_start(self) -> None:
        self._seen = self.agent.num_timesteps

    def _on_step(self) -> bool:
        passed = self.agent.num_timesteps - self._seen
        self._seen = self.agent.num_timesteps
        elapsed = self.elapsed + passed
        if elapsed >= self.every:
            self.agent.clocks[self.name] = 0
            self.act()
        else:
            self.agent.clocks[self.name] = elapsed
        return True

    @abstractmethod
    def act(self) -> None:
        """What to do when it is due."""


class SleepCallback(CycleCallback):
    """Interleave learning with sleep (Golden et al. 2022, Methods, "Sleep").

    After every ``every`` cycles awake the agent sleeps for ``duration`` cycles and wakes in a fresh world.

    ``noise`` is a name of `spiking_agent.stimulation`: ``"rates"`` (every hidden neuron is kicked as often as it fired
    awake, mean over the tasks learned), ``"uniform"`` (all equally often, the paper's control), ``"rhythm"``,
    ``"cue:TASK"``. ``rates`` float64[H], kicks per cycle, overrides what was measured. With ``fresh_world=False`` the
    agent wakes where it fell asleep.

    Sleep cycles do not count as time steps. Raises ValueError for bad arguments.
    """

    def __init__(
        self,
        every: int = 100,
        duration: int = 100,
        noise: str = "rates",
        rates: np.ndarray | None = None,
        fresh_world: bool = True,
        verbose: int = 0,
    ) -> None:
        super().__init__(every, verbose)
        if int(duration) != duration or duration < 1:
            raise ValueError(f"duration={duration} must be a whole number of cycles, at least 1")
        check_noise(noise)
        self.duration = int(duration)
        self.noise = noise
        self.rates = rates
        self.fresh_world = fresh_world

    def act(self) -> None:
        """Sleep once."""
        self.agent.sleep(self.duration, rates=self.rates, noise=self.noise)
        if self.fresh_world:
            self.agent.enter_fresh_world()


class InterleaveCallback(CycleCallback):
    """Switch between ``tasks`` in turn, every ``every`` cycles, each time in a fresh world.

    The paper's interleaved training. It begins with the first task when the agent has no clock for it.
    """

    def __init__(self, tasks: Sequence[str | Task], every: int = 100, verbose: int = 0) -> None:
        super().__init__(every, verbose)
        self.tasks = [named_task(which) for which in tasks]
        if len(self.tasks) < 2:
            raise ValueError(f"tasks={tasks!r} must name at least two tasks to switch between")

    @property
    def name(self) -> str:
        """Under which the agent keeps its clock."""
        return f"InterleaveCallback({'/'.join(t.name for t in self.tasks)}, {self.every})"

    def _on_training_start(self) -> None:
        super()._on_training_start()
        if self.name not in self.agent.clocks:
            self.agent.clocks[self.name] = 0
            self.agent.clocks[self._turn] = 0
            self.agent.set_task(self.tasks[0])

    @property
    def _turn(self) -> str:
        return f"{self.name} turn"

    def act(self) -> None:
        """Switch to the next task."""
        turn = (self.agent.clocks[self._turn] + 1) % len(self.tasks)
        self.agent.clocks[self._turn] = turn
        self.agent.set_task(self.tasks[turn])


class CycleProgressBar(ProgressBarCallback):
    """SB3's progress bar, moved on by as many cycles as have passed."""

    def cycles_until_due(self) -> int:
        """How many cycles may pass before the next call: about a tenth of a second."""
        return 10_000

    def _on_step(self) -> bool:
        bar: Any = self.pbar
        bar.update(self.num_timesteps - self.locals["started_at"] - bar.n)
        return True


def patience(callback: BaseCallback) -> int:
    """How many cycles may pass before ``callback`` has to be called; 1 for those that want every step."""
    members = getattr(callback, "callbacks", None)
    if members is not None:
        return min((patience(member) for member in members), default=1_000_000)
    until_due = getattr(callback, "cycles_until_due", None)
    return max(1, until_due()) if until_due is not None else 1


def as_list(callback: Any, progress_bar: bool) -> CallbackList:
    """What SB3 lets users pass as ``callback``, as one list; raises TypeError for anything else."""
    if callback is None:
        members: list[BaseCallback] = []
    elif isinstance(callback, BaseCallback):
        members = [callback]
    elif isinstance(callback, list):
        members = list(callback)
    elif callable(callback):
        members = [ConvertCallback(callback)]
    else:
        raise TypeError(f"callback={callback!r} must be an SB3 callback, a list of them, or a function")
    return CallbackList([*members, CycleProgressBar()] if progress_bar else members)
