"""A plan: who lives through which protocol, for how long. Everything about a run except its seeds."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from experiments.errors import UserError
from experiments.plans.presets import Lengths
from experiments.plans.stages import BLOCK, Protocol, Stage, describe, protocol_from
from foraging_env.habitat import Habitat

INTERLEAVED, SINGLE = "interleaved", "single"
"""What stands after the ``+`` of agents that bound the others: all tasks at once, and every task from scratch."""


@dataclass(frozen=True)
class Species:
    """What is the same in all agents that may share stages: a network, or a deep algorithm, and where it lives."""

    name: str  # "spiking", "ppo", ...
    habitat: Habitat = Habitat()
    settings: tuple[tuple[str, Any], ...] = ()  # of a deep algorithm, in place of its own; sorted by name

    @property
    def kind(self) -> str:
        """``spiking`` or ``deep``: the key of a preset's lengths."""
        return "spiking" if self.name == "spiking" else "deep"

    @property
    def key(self) -> str:
        """Its name in tables and files: what it is, and where it lives if that is not the default."""
        return self.name + "".join(f":{name}={value}" for name, value in self.settings) + self.habitat.label

    def describe(self) -> dict[str, Any]:
        """As plain data, for ``config.json``."""
        settings = {"settings": dict(self.settings)} if self.settings else {}
        return {"name": self.name, **self.habitat.describe(), **settings}


@dataclass(frozen=True)
class Agent:
    """A line of results: the stages that make up its life, parents before children."""

    name: str
    stages: tuple[str, ...]
    told: tuple[str, ...] = ()  # what its remedy is told that plain agents are not, such as the task in tests


@dataclass(frozen=True)
class Plan:
    """A protocol for one species at given lengths; agents of the species share the stages that they have in common.

    Raises UserError if a stage cannot be cut into segments of whole rounds, ValueError if an agent has a stage without
    one that it starts from.
    """

    species: Species
    protocol: Protocol
    lengths: Lengths
    agents: tuple[Agent, ...]
    rollout: int = 1  # steps that a deep agent lives before it learns from them

    def __post_init__(self) -> None:
        for stage in self.protocol.stages:
            steps, segments, whole = self.steps(stage), self.segments(stage), self.pieces * self.round_steps(stage)
            if stage.trains and (steps < 1 or steps % (segments * whole)):
                unit = segments * whole
                around = (steps // unit * unit, (steps // unit + 1) * unit)
                near = " or ".join(f"{number:,}" for number in around if number)
                raise UserError(
                    f"stage {stage.name!r} lasts {steps} steps for {self.species.name!r}; it must be a multiple of "
                    f"{unit} ({segments} segments of whole rounds of {whole} steps): {near} would do"
                )
        for agent in self.agents:
            for stage in self.stages_of(agent):
                for source in stage.sources:
                    if source not in agent.stages:
                        raise ValueError(f"agent {agent.name!r} has stage {stage.name!r} without stage {source!r}")

    def stages_of(self, agent: Agent) -> list[Stage]:
        """The agent's stages in the order of the protocol."""
        return [stage for stage in self.protocol.stages if stage.name in agent.stages]

    def round_steps(self, stage: Stage) -> int:
        """Segments are multiples of this: blocks awake, each with its block asleep, or a deep agent's rollouts."""
        if self.species.kind == "deep":
            return self.rollout
        return BLOCK * (stage.sleep.awake + stage.sleep.asleep) if stage.sleeps and stage.tasks else BLOCK

    def steps(self, stage: Stage) -> int:
        """Length of a stage, sleep included; 0 for an agent that is only tested as it was born."""
        if not stage.trains:
            return 0
        return self.lengths.unsupervised if stage.unsupervised else round(stage.length * self.lengths.stage)

    def segments(self, stage: Stage) -> int:
        """Pieces in which a stage is trained."""
        return self.lengths.segments * stage.whole_length if stage.trains else 1

    @property
    def pieces(self) -> int:
        """Parts of a segment; after each, weights are kept if the lengths say so."""
        return max(1, self.lengths.snapshots)

    def segment_steps(self, stage: Stage) -> int:
        """Length of one of them."""
        return self.steps(stage) // self.segments(stage)

    def steps_done(self, stage: Stage, segments: int, tested: bool) -> int:
        """Steps of training and testing in the first ``segments`` segments of a stage, and in the tests at its end."""
        tests = len(self.protocol.tests)
        probe = tests * self.lengths.probe if stage.probed and stage.trains else 0
        return segments * (self.segment_steps(stage) + probe) + tested * tests * self.lengths.test

    def total_steps(self, stage: Stage) -> int:
        """All steps of a stage, tests included."""
        return self.steps_done(stage, self.segments(stage), True)

    def training_of(self, stage: Stage) -> list[dict[str, Any]]:
        """All that the state at the end of a stage depends on, but for species and seed: the way to it."""
        way = [*reversed(self.protocol.ancestors(stage)), stage]
        return [{"output_resistance": self.lengths.output_resistance}, *(self._training_in(each) for each in way)]

    def _training_in(self, stage: Stage) -> dict[str, Any]:
        training: dict[str, Any] = {
            "tasks": list(stage.tasks),
            "remedy": stage.remedy,
            "unsupervised": stage.unsupervised,
            "frozen": stage.frozen,
            "steps": self.steps(stage),
            "segments": self.segments(stage),
        }
        if stage.sleeps:
            source = self.protocol.rates_source(stage)
            training["sleep"] = asdict(stage.sleep) | {"rates_from": source and self.training_of(source)}
        return training

    def describe(self) -> dict[str, Any]:
        """As plain data, for ``config.json``."""
        agents = [asdict(agent) for agent in self.agents]
        for agent in agents:
            if not agent["told"]:
                del agent["told"]  # as files have it from before there were such remedies
        species = self.species.describe()
        return asdict(self) | {"species": species, "protocol": describe(self.protocol), "agents": agents}


def species_from(plain: dict[str, Any]) -> Species:
    """The species that `Species.describe` made plain."""
    return Species(plain["name"], Habitat.described(plain), tuple(sorted(plain.get("settings", {}).items())))


def plan_from(plain: dict[str, Any]) -> Plan:
    """The plan that `Plan.describe` made plain, as it stands in ``config.json``."""
    return Plan(
        species_from(plain["species"]),
        protocol_from(plain["protocol"]),
        Lengths(**plain["lengths"]),
        tuple(Agent(agent["name"], tuple(agent["stages"]), tuple(agent.get("told", ()))) for agent in plain["agents"]),
        plain["rollout"],
    )


@dataclass(frozen=True)
class Unit:
    """One agent with one seed: what a process lives through."""

    plan: int  # place of its plan in the run
    agent: Agent
    seed: int

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.agent.name} seed {self.seed}"


def units(plans: Sequence[Plan], seeds: Sequence[int]) -> Iterator[Unit]:
    """Every agent with every seed; seeds vary fastest, so that agents that share stages seldom wait for each other."""
    for number, plan in enumerate(plans):
        for agent in plan.agents:
            for seed in seeds:
                yield Unit(number, agent, seed)
