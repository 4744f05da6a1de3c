"""Protocols and presets as data: what is trained after what, and for how long.

A protocol is a tree of stages. A stage starts from the state that its parent left, so the branches of one
parent start from the very same network. Adding a protocol or a preset is adding a row here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

BLOCK = 100
"""Cycles of one kind before an interleaved stage turns to the next kind (Golden et al. 2022, Methods)."""


@dataclass(frozen=True)
class Stage:
    """One stretch of a life.

    ``tasks`` are trained in turn, `BLOCK` cycles each; with ``sleep``, every block awake is followed by as many
    cycles asleep. ``unsupervised`` stages train the input layer too, which is frozen for good at their end.
    """

    name: str
    parent: str | None
    tasks: tuple[str, ...]
    sleep: bool = False
    unsupervised: bool = False

    @property
    def round_cycles(self) -> int:
        """Cycles after which the alternation of tasks and sleep is back at its beginning."""
        return BLOCK * len(self.tasks) * (2 if self.sleep else 1)


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
        """Depth in the tree: 0 before any task was learned, 1 after the first, ..."""
        return len(self.ancestors(stage))


@dataclass(frozen=True)
class Preset:
    """Lengths in movement cycles (a cycle asleep counts like one awake), and what is set by hand.

    ``output_resistance`` (dimensionless; None leaves it alone) is given to the output neurons when task training
    begins. It skips the slow climb of their homeostasis to its resting point, and nothing else.
    """

    name: str
    summary: str
    unsupervised_cycles: int
    stage_cycles: int
    segments: int  # pieces of a stage; after each a short test, and the state is saved
    test_cycles: int  # per task, after every stage
    probe_cycles: int  # per task, after every segment
    seeds: int  # networks, unless the command says otherwise
    output_resistance: float | None = None


@dataclass(frozen=True)
class Plan:
    """A protocol at the lengths of a preset: everything about a run except its seeds.

    Raises ValueError if a stage cannot be cut into segments that hold whole rounds.
    """

    protocol: Protocol
    preset: Preset

    def __post_init__(self) -> None:
        for stage in self.protocol.stages:
            cycles, piece = self.cycles(stage), self.preset.segments * stage.round_cycles
            if cycles < 1 or cycles % piece:
                raise ValueError(
                    f"stage {stage.name!r} lasts {cycles} cycles in preset {self.preset.name!r}; it must be a multiple "
                    f"of {piece} ({self.preset.segments} segments of whole rounds of {stage.round_cycles} cycles)"
                )

    def cycles(self, stage: Stage) -> int:
        """Length of a stage, sleep included."""
        return self.preset.unsupervised_cycles if stage.unsupervised else self.preset.stage_cycles

    def segment_cycles(self, stage: Stage) -> int:
        """Length of one segment of a stage, sleep included."""
        return self.cycles(stage) // self.preset.segments

    def cycles_until(self, stage: Stage, segment: int) -> int:
        """Cycles of training and testing in the first ``segment`` segments of a stage."""
        probes = len(self.protocol.tests) * self.preset.probe_cycles
        tests = len(self.protocol.tests) * self.preset.test_cycles if segment == self.preset.segments else 0
        return segment * (self.segment_cycles(stage) + probes) + tests

    def total_cycles(self) -> int:
        """All cycles of one seed, tests included."""
        return sum(self.cycles_until(stage, self.preset.segments) for stage in self.protocol.stages)

    def segments(self) -> Iterator[tuple[Stage, int]]:
        """Every segment of every stage, in the order of the protocol, counted from 1."""
        for stage in self.protocol.stages:
            for segment in range(1, self.preset.segments + 1):
                yield stage, segment


_SLEEP = Protocol(
    name="sleep",
    summary="Task 1, Task 2, then three ways on: Task 1 alone, both tasks in turn, Task 1 and sleep in turn",
    stages=(
        Stage("unsupervised", None, ("all",), unsupervised=True),
        Stage("T1", "unsupervised", ("task1",)),
        Stage("T1-T2", "T1", ("task2",)),
        Stage("T1-T2-T1", "T1-T2", ("task1",)),
        Stage("T1-T2-Int(T1,T2)", "T1-T2", ("task1", "task2")),
        Stage("T1-T2-Int(S,T1)", "T1-T2", ("task1",), sleep=True),
    ),
    tests=("task1", "task2"),
)

PROTOCOLS = {protocol.name: protocol for protocol in (_SLEEP,)}
"""Every protocol, by name."""

_QUICK = Preset(
    name="quick",
    summary="shorter stages; output resistance set by hand when task training begins",
    unsupervised_cycles=2_000_000,
    stage_cycles=1_000_000,
    segments=10,
    test_cycles=50_000,
    probe_cycles=5_000,
    seeds=2,
    output_resistance=5.0,
)
_PAPER = Preset(
    name="paper",
    summary="the lengths of Golden et al. 2022",
    unsupervised_cycles=10_000_000,
    stage_cycles=5_000_000,
    segments=10,
    test_cycles=1_000_000,
    probe_cycles=50_000,
    seeds=10,
)

PRESETS = {preset.name: preset for preset in (_QUICK, _PAPER)}
"""Every preset, by name."""
