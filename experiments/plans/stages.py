"""Protocols as data: what is trained after what.

A protocol is a tree of stages. A stage starts from the state that its parent left, so the branches of one
parent start from the very same agent.
"""

from dataclasses import asdict, dataclass
from typing import Any

BLOCK = 100
"""Cycles of one kind before an interleaved stage turns to the next kind (Golden et al. 2022, Methods)."""


@dataclass(frozen=True)
class Sleep:
    """How the spiking agent sleeps in a stage whose remedy is ``sleep``.

    After every ``awake`` blocks awake come ``asleep`` blocks asleep (of `BLOCK` cycles); a stage without tasks is
    sleep alone. ``noise`` is a name of `spiking_agent.stimulation`. ``rates_from`` names a stage whose measured rates
    drive the sleep in place of the agent's own (those of the stage's task); it is no ancestor, but stands before.
    """

    noise: str = "rates"
    awake: int = 1
    asleep: int = 1
    rates_from: str | None = None


@dataclass(frozen=True)
class Stage:
    """One stretch of a life.

    Several ``tasks`` are trained in turn (the spiking agent: `BLOCK` cycles each; deep agents: in worlds side by side).
    ``remedy`` is what is done against forgetting meanwhile: for the spiking agent ``sleep``, for deep agents a name of
    `baselines.remedies`. ``unsupervised`` stages train the spiking agent's input layer too, which is frozen for good at
    their end. ``frozen`` is the share of every output neuron's strongest inputs that is frozen when the stage begins.
    Without tasks, and without sleep, nothing is trained: the agent is as it was.
    """

    name: str
    parent: str | None
    tasks: tuple[str, ...] = ()
    remedy: str = "none"
    unsupervised: bool = False
    length: float = 1  # in ordinary stages
    probed: bool = True  # whether there are short tests on the way; without, protocols with other tests may share it
    sleep: Sleep = Sleep()
    frozen: float = 0.0

    @property
    def whole_length(self) -> int:
        """Ordinary stages that it holds; 1 for a shorter one."""
        return max(1, int(self.length))

    @property
    def sleeps(self) -> bool:
        """Whether the spiking agent sleeps in it."""
        return self.remedy == "sleep"

    @property
    def trains(self) -> bool:
        """Whether anything is learned in it."""
        return bool(self.tasks) or self.sleeps

    @property
    def sources(self) -> tuple[str, ...]:
        """The stages whose ends it needs: its parent, and where its rates come from."""
        return tuple(name for name in (self.parent, self.sleep.rates_from) if name is not None)


@dataclass(frozen=True)
class Protocol:
    """Stages, parents before children, and the tasks that are tested after each of them.

    Raises ValueError if a name comes twice or a stage stands before one that it starts from.
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
            for source in stage.sources:
                if source not in known:
                    raise ValueError(f"stage {stage.name!r} needs stage {source!r} before it; known: {known}")
            known.append(stage.name)

    def stage(self, name: str) -> Stage:
        """The stage of that name.

        Raises KeyError if there is none.
        """
        return {stage.name: stage for stage in self.stages}[name]

    def parent(self, stage: Stage) -> Stage | None:
        """The stage whose state this one starts from."""
        return None if stage.parent is None else self.stage(stage.parent)

    def rates_source(self, stage: Stage) -> Stage | None:
        """The stage whose rates this one sleeps with, if they are not the agent's own."""
        return None if stage.sleep.rates_from is None else self.stage(stage.sleep.rates_from)

    def ancestors(self, stage: Stage) -> list[Stage]:
        """The stages that lie before this one on its way from the root, the nearest first."""
        parent = self.parent(stage)
        return [] if parent is None else [parent, *self.ancestors(parent)]

    def way_to(self, *names: str) -> tuple[str, ...]:
        """Names of these stages and of all that they need, in the protocol's order."""
        needed: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            needed.add(name)
            waiting += self.stage(name).sources
        return tuple(stage.name for stage in self.stages if stage.name in needed)

    def phase(self, stage: Stage) -> int:
        """Number of ordinary stages lived through at the end of this one; 0 before any task was learned.

        A shorter stage counts as one, a longer one as the ordinary stages that it holds.
        """
        lived = [each for each in (stage, *self.ancestors(stage)) if each.trains and not each.unsupervised]
        return sum(each.whole_length for each in lived)


_IN_FILES = {"length": "phases"}
"""What fields of a stage are called in ``config.json``, where that is not their name."""


def describe(protocol: Protocol) -> dict[str, Any]:
    """As plain data, for ``config.json``."""
    stages = [{_IN_FILES.get(name, name): value for name, value in asdict(stage).items()} for stage in protocol.stages]
    return asdict(protocol) | {"stages": stages}


def protocol_from(plain: dict[str, Any]) -> Protocol:
    """The protocol that `describe` made plain."""
    names = {there: here for here, there in _IN_FILES.items()}
    stages = []
    for row in plain["stages"]:
        values = {names.get(name, name): value for name, value in row.items()}
        stages.append(Stage(**values | {"tasks": tuple(values["tasks"]), "sleep": Sleep(**values["sleep"])}))
    return Protocol(plain["name"], plain["summary"], tuple(stages), tuple(plain["tests"]))
