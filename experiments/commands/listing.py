"""What there is to run, as tables: experiments with their protocols, presets and costs, and agents."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from experiments.beyond.protocols import BEYOND
from experiments.catalogue import EXPERIMENTS, Experiment, names_in
from experiments.forgetting.agents import INTERLEAVED, SINGLE, known_remedies
from experiments.forgetting.curricula import CURRICULA
from experiments.golden2022.conditions import CONDITIONS, GOLDEN2022
from experiments.learners.species import known_species
from experiments.plans import estimates
from experiments.plans.plan import units
from experiments.printing import duration, table


def show(console: Console) -> None:
    """Print all tables."""
    for grid in (_experiments(), _conditions(), _beyond(), _protocols(), _agents()):
        console.print(grid)
    console.print("Begin with: forage run sleep, or forage run forgetting --protocol cycle", highlight=False)


def processor_seconds(row: Experiment, protocol: str, preset: str) -> float:
    """Estimate for the preset's own agents and seeds."""
    lengths = row.presets[preset]
    agents = [
        name
        for name in names_in(row.agents[preset])
        if not (protocol in CURRICULA and CURRICULA[protocol].task_cue and name.startswith("spiking"))
    ]
    plans = row.plans(protocol, agents, lengths)
    stages = estimates.distinct(plans, units(plans, range(lengths.seeds)))
    return sum(estimates.stage_seconds(plan, stage, plan.segments(stage), with_tests=True) for plan, stage, _ in stages)


def _experiments() -> Table:
    grid = table("Experiments: forage run EXPERIMENT --preset PRESET")
    _columns(grid, ("experiment", "preset", "seeds", "processor time", "what"))
    for row in EXPERIMENTS.values():
        for preset in row.presets.values():
            cost = duration(processor_seconds(row, row.protocols[0], preset.name))
            grid.add_row(row.name, preset.name, str(preset.seeds), cost, preset.summary)
    return grid


def _conditions() -> Table:
    grid = table('Conditions of golden2022: --conditions "T1-T2,T1-Int(S,T2)"')
    _columns(grid, ("condition", "goes on from", "trains"))
    for name in CONDITIONS:
        stage = GOLDEN2022.stage(name)
        parts = [*stage.tasks, *["sleep"] * stage.sleeps]
        trains = " and ".join(parts) + " in turn" * (len(parts) > 1)
        frozen = f", {stage.frozen:.0%} of the synapses frozen" * (stage.frozen > 0)
        grid.add_row(name, stage.parent, trains + frozen)
    return grid


def _beyond() -> Table:
    grid = table("Protocols of beyond: --protocol PROTOCOL")
    _columns(grid, ("protocol", "asks", "quick", "full"))
    beyond = EXPERIMENTS["beyond"]
    for protocol in BEYOND.values():
        costs = [duration(processor_seconds(beyond, protocol.name, preset)) for preset in beyond.presets]
        grid.add_row(protocol.name, protocol.summary, *costs)
    return grid


def _protocols() -> Table:
    grid = table("Protocols of forgetting: --protocol PROTOCOL")
    _columns(grid, ("protocol", "tasks, one after the other", "quick", "full"))
    forgetting = EXPERIMENTS["forgetting"]
    for curriculum in CURRICULA.values():
        shown = " (shown to the agent)" if curriculum.task_cue else ""
        costs = [duration(processor_seconds(forgetting, curriculum.name, preset)) for preset in forgetting.presets]
        grid.add_row(curriculum.name, ", ".join(curriculum.tasks) + shown, *costs)
    return grid


def _agents() -> Table:
    grid = table("Agents of forgetting: --agents AGENT,AGENT+REMEDY,...")
    _columns(grid, ("agent", "may be followed by"))
    for species in known_species():
        grid.add_row(species, ", ".join(f"+{remedy}" for remedy in known_remedies(species)))
    grid.caption = f"+{INTERLEAVED}: all tasks at once; +{SINGLE}: every task from scratch"
    return grid


def _columns(grid: Table, names: Iterable[str]) -> None:
    for name in names:
        grid.add_column(name)
