"""Protocols as data: what is trained after what.

A protocol is a tree of stages. A stage starts from the state that its parent left, so the branches of one
parent start from the very same agent. Adding a protocol of this kind is adding a row here.
"""

from dataclasses import dataclass
from typing import Any

BLOCK = 100
"""Cycles of one kind before an interleaved stage turns to the next kind (Golden et al. 2022, Methods)."""


@dataclass(frozen=True)
class Stage:
    """One stretch of a life.

    Several ``tasks`` are trained in turn (the spiking agent: `BLOCK` cycles each; deep agents: in worlds side by side).
    ``remedy`` is what is done against forgetting meanwhile: for the spiking agent ``sleep``, as many cycles asleep
    after every block awake; for deep agents a name of `baselines.remedies`. ``unsupervised`` stages train the spiking
    agent's input layer too, which is frozen for good at their end. Without tasks nothing is trained: the agent is as it
    was born.
    """

    name: str
    parent: str | None
    tasks: tuple[str, ...] = ()
    remedy: str = "none"
    unsupervised: bool = False
    phases: int = 1  # how many ordinary stages it is as long as
    probed: bool = True  # whether there are short tests on the way; without, protocols with other tests may share it

    @property
    def trains(self) -> bool:
        """Whether anything is learned in it."""
        return bool(self.tasks)


@dataclass(frozen=True)
class Protocol:
    """Stages, parents before children, and the tasks that are tested after each of them.

    Raises ValueError if a name comes twice or a stage stands before its parent.
    """

    name: str
    summary: str
    stages: tuple[Stage, ...]
    tests: tuple[str, ...]

    def __post_init__(self) -> None:
        known: list[str] = []
        for stage in self.stages:
            if stage.name in known:
                raise ValueError(f"stage {stage.name!r} comes twice in protocol {self.name!r}; names must differ")
            if stage.parent is not None and stage.parent not in known:
                raise ValueError(f"stage {stage.name!r} needs its parent {stage.parent!r} before it; known: {known}")
            known.append(stage.name)

    def parent(self, stage: Stage) -> Stage | None:
        """The stage whose state this one starts from."""
        return next((other for other in self.stages if other.name == stage.parent), None)

    def ancestors(self, stage: Stage) -> list[Stage]:
        """The stages that lie before this one on its way from the root, the nearest first."""
        parent = self.parent(stage)
        return [] if parent is None else [parent, *self.ancestors(parent)]

    def phase(self, stage: Stage) -> int:
        """Number of ordinary stages lived through at the end of this one; 0 before any task was learned."""
        return sum(each.phases for each in (stage, *self.ancestors(stage)) if each.trains and not each.unsupervised)


def protocol_from(plain: dict[str, Any]) -> Protocol:
    """The protocol that ``dataclasses.asdict`` made plain, as it stands in ``config.json``."""
    stages = tuple(Stage(**stage | {"tasks": tuple(stage["tasks"])}) for stage in plain["stages"])
    return Protocol(plain["name"], plain["summary"], stages, tuple(plain["tests"]))


_SLEEP = Protocol(
    name="sleep",
    summary="Task 1, Task 2, then three ways on: Task 1 alone, both tasks in turn, Task 1 and sleep in turn",
    stages=(
        Stage("unsupervised", None, ("all",), unsupervised=True),
        Stage("T1", "unsupervised", ("task1",)),
        Stage("T1-T2", "T1", ("task2",)),
        Stage("T1-T2-T1", "T1-T2", ("task1",)),
        Stage("T1-T2-Int(T1,T2)", "T1-T2", ("task1", "task2")),
        Stage("T1-T2-Int(S,T1)", "T1-T2", ("task1",), remedy="sleep"),
    ),
    tests=("task1", "task2"),
)

PROTOCOLS = {protocol.name: protocol for protocol in (_SLEEP,)}
"""Every protocol that the spiking agent alone lives through, by name."""
