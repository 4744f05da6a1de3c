"""The contract of a remedy against forgetting: what it is told, what it may touch, what it must own up to.

An agent that meets task after task calls, for each of them::

    remedy.begin_task(agent, tasks)
    agent.model.learn(..., callback=remedy.callback())
    remedy.end_task(agent, tasks)

A remedy acts through SB3's seams: the constraints of `baselines.optimizer.ConstrainedAdam`, a replay buffer class, a
callback, or the weights themselves between tasks.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from stable_baselines3.common.callbacks import BaseCallback

if TYPE_CHECKING:
    from baselines.agent import DeepAgent

Kept = dict[str, Any]
"""What a remedy carries from task to task: names to tensors, numbers, or lists and dicts of them."""


class Remedy:
    """Fine-tuning: nothing is done against forgetting. The control, and the base of all others.

    Everything that must survive from one task to the next lies in ``kept``; it is what is saved, and its size is what
    the remedy costs in memory.
    """

    name: ClassVar[str] = "none"
    summary: ClassVar[str] = "plain fine-tuning: the control"
    algorithms: ClassVar[tuple[str, ...]] = ()
    """The algorithms it works with; none named: all."""
    begins_after_first_task: ClassVar[bool] = True
    """Whether the first task is learned as if there were no remedy, so that agents may share it."""

    def __init__(self) -> None:
        self.kept: Kept = {}

    def arguments(self) -> dict[str, Any]:
        """Arguments of the algorithm's constructor that the remedy needs."""
        return {}

    def attach(self, agent: "DeepAgent") -> None:
        """Take hold of a model that was just made or loaded; ``kept`` is already there."""

    def begin_task(self, agent: "DeepAgent", tasks: tuple[str, ...]) -> None:
        """Before the worlds hold ``tasks`` (one, or several in turn)."""

    def callback(self, agent: "DeepAgent") -> BaseCallback | None:
        """What is to happen while it learns."""
        return None

    def end_task(self, agent: "DeepAgent", tasks: tuple[str, ...]) -> None:
        """After the last step in ``tasks``."""

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
