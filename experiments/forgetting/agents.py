"""The comparison: spiking and deep agents, with and without remedies, meet the same tasks one after the other.

For every species stages are grown from the task sequence: a trunk of plain fine-tuning, and for every remedy a branch
that leaves it where the remedy begins to act. So what agents have in common is learned once.

| agent | learns |
|---|---|
| ``ppo``, ``a2c``, ``dqn``, ``spiking`` | task after task, nothing done against forgetting: the control |
| ``...+REMEDY`` | the same with a remedy |
| ``...+interleaved`` | all tasks at once, for as many steps as the others learn in all: the upper bound |
| ``...+single`` | every task on its own, from scratch: what there is to transfer |

Settings of an algorithm or a remedy follow its name: ``ppo:ent_coef=0.02``, ``ppo+ewc:strength=100``,
``dqn:gamma=0.9:batch_size=128+rehearsal``. They are part of the agent's name, and of the keys of its stages.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from baselines.settings import split
from experiments.errors import UserError
from experiments.forgetting.protocols import TaskProtocol
from experiments.learners.species import known_species, learner
from experiments.plans.plan import INTERLEAVED, SINGLE, Agent, Plan, Species
from experiments.plans.presets import Preset
from experiments.plans.stages import Protocol, Stage
from foraging_env.habitat import Habitat
from foraging_env.senses import Senses

DEFAULT_AGENTS = {
    "quick": "spiking,spiking+sleep,ppo,ppo+interleaved,ppo+ewc,ppo+distillation,ppo+packnet,dqn,dqn+rehearsal",
    "full": "spiking,spiking+sleep,spiking+interleaved,ppo,ppo+single,ppo+interleaved,ppo+ewc,ppo+si,ppo+mas,"
    "ppo+freeze,ppo+gpm,ppo+packnet,ppo+heads,ppo+head-reset,ppo+distillation,ppo+clear,ppo+redo,ppo+sleep,"
    "dqn,dqn+rehearsal,dqn+perfect-memory,a2c",
}
"""By preset: who is compared when nobody is named. Others are compared by name."""


@dataclass
class _Tree:
    """A protocol under growth."""

    root: Stage
    stages: list[Stage] = field(default_factory=list)
    agents: list[Agent] = field(default_factory=list)

    def add(self, stage: Stage) -> Stage:
        if all(other.name != stage.name for other in self.stages):
            self.stages.append(stage)
        return stage


def plans(protocol: TaskProtocol, agents: Sequence[str], preset: Preset) -> tuple[Plan, ...]:
    """A plan for every species among ``agents``.

    Raises UserError for unknown agents, one that is named twice, and one that cannot sense what the protocol shows.
    """
    preset = preset.fitted(protocol.lengths)
    trees: dict[Species, _Tree] = {}
    for name in agents:
        if agents.count(name) > 1:
            raise UserError(f"agent {name!r} is named twice; name it once")
        species, remedy, base = _parsed(name, protocol.sequence.habitat)
        if reason := cannot(protocol, name):
            raise UserError(f"{reason}; leave it out, or choose another protocol")
        tree = trees.setdefault(species, _Tree(_root(species)))
        later = base == "none" or known_remedies(species)[base]
        stages = _grown(tree, protocol, remedy, later=later)
        told = () if base in ("none", INTERLEAVED, SINGLE) else learner(species).told(species, base)
        tree.agents.append(Agent(name, stages, told))
    return tuple(_plan(species, tree, protocol, preset) for species, tree in trees.items())


def cannot(protocol: TaskProtocol, name: str) -> str:
    """Why an agent cannot take part in a protocol; nothing if it can."""
    if name.partition("+")[0].partition(":")[0] == "spiking" and protocol.sequence.habitat.senses != Senses():
        return f"agent {name!r} sees where food is and nothing else, but protocol {protocol.name!r} shows more"
    return ""


def _parsed(name: str, habitat: Habitat) -> tuple[Species, str, str]:
    """The species of an agent, its remedy with settings, and without them; the remedy is "none" if it has none."""
    before, _, remedy = name.partition("+")
    species = _species(before, name, habitat)
    base = remedy.partition(":")[0]
    known = known_remedies(species)
    if base and base not in known:
        raise UserError(f"unknown agent {name!r}; known after '{before}+': {', '.join(known)}")
    if base in (INTERLEAVED, SINGLE) and remedy != base:
        raise UserError(f"agent {name!r}: {base} has no settings; leave out {remedy.removeprefix(base)!r}")
    if base and base not in (INTERLEAVED, SINGLE):
        learner(species).check_remedy(species, remedy)
    return species, remedy or "none", base or "none"


def _species(text: str, name: str, habitat: Habitat) -> Species:
    if ":" in text and "=" not in text:
        return Species(text, habitat)
    try:
        plain, settings = split(text)
    except ValueError as error:
        raise UserError(f"agent {name!r}: {error}") from error
    if plain not in known_species():
        raise UserError(
            f"unknown agent {name!r}; agents begin with one of: {', '.join(known_species())}, "
            "or are your own, mypackage.module:make"
        )
    species = Species(plain, habitat, tuple(sorted(settings.items())))
    if settings and species.kind != "deep":
        raise UserError(f"agent {name!r}: {plain!r} has no settings; those of deep agents can be set")
    return species


def known_remedies(species: Species) -> dict[str, bool]:
    """What may follow ``species+``, and whether the first task is learned as if it were not there."""
    return {**learner(species).remedies(species), INTERLEAVED: True, SINGLE: True}


def _root(species: Species) -> Stage:
    if species.name == "spiking":
        return Stage("unsupervised", None, ("all",), unsupervised=True, probed=False)
    return Stage("birth", None)


def _grown(tree: _Tree, protocol: TaskProtocol, remedy: str, *, later: bool) -> tuple[str, ...]:
    """The stages of an agent's life; those that the tree lacks are added."""
    tree.add(tree.root)
    if remedy == INTERLEAVED:
        tasks = protocol.tests
        grown = [tree.add(Stage("all-interleaved", tree.root.name, tasks, length=len(protocol.sequence.tasks)))]
    elif remedy == SINGLE:
        grown = [tree.add(Stage(f"1-{task}", tree.root.name, (task,))) for task in protocol.tests]
    else:
        grown, parent = [], tree.root
        for number, task in enumerate(protocol.sequence.tasks, start=1):
            acts = remedy != "none" and not (later and number == 1)
            stage_name = f"{number}-{task}" + f"+{remedy}" * acts
            parent = tree.add(Stage(stage_name, parent.name, (task,), remedy=remedy if acts else "none"))
            grown.append(parent)
    return (tree.root.name, *(stage.name for stage in grown))


def _plan(species: Species, tree: _Tree, protocol: TaskProtocol, preset: Preset) -> Plan:
    return Plan(
        species,
        Protocol(protocol.name, "", tuple(tree.stages), protocol.tests),
        preset.lengths[species.kind],
        tuple(tree.agents),
        learner(species).rollout(species),
    )
