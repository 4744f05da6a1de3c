"""What there is to run, as tables: experiments with their protocols, presets and costs, and agents."""

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table

from experiments.beyond.protocols import BEYOND
from experiments.catalogue import EXPERIMENTS, Experiment, names_in
from experiments.forgetting.agents import INTERLEAVED, SINGLE, known_remedies
from experiments.forgetting.curricula import CURRICULA
from experiments.golden2022.conditions import CONDITIONS, GOLDEN2022
from experiments.learners.learner import known_species
from experiments.plans import estimates
from experiments.plans.plan import units
from experiments.running.progress import duration


def show(console: Console) -> None:
    """Print all tables."""
    for table in (_experiments(), _conditions(), _beyond(), _protocols(), _agents()):
        console.print(table)
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
    table = _table("Experiments: forage run EXPERIMENT --preset PRESET")
    _columns(table, ("experiment", "preset", "seeds", "processor time", "what"))
    for row in EXPERIMENTS.values():
        for preset in row.presets.values():
            cost = duration(processor_seconds(row, row.protocols[0], preset.name))
            table.add_row(row.name, preset.name, str(preset.seeds), cost, preset.summary)
    return table


def _conditions() -> Table:
    table = _table('Conditions of golden2022: --conditions "T1-T2,T1-Int(S,T2)"')
    _columns(table, ("condition", "goes on from", "trains"))
    for name in CONDITIONS:
        stage = GOLDEN2022.stage(name)
        parts = [*stage.tasks, *["sleep"] * stage.sleeps]
        trains = " and ".join(parts) + " in turn" * (len(parts) > 1)
        frozen = f", {stage.frozen:.0%} of the synapses frozen" * (stage.frozen > 0)
        table.add_row(name, stage.parent, trains + frozen)
    return table


def _beyond() -> Table:
    table = _table("Protocols of beyond: --protocol PROTOCOL")
    _columns(table, ("protocol", "asks", "quick", "full"))
    beyond = EXPERIMENTS["beyond"]
    for protocol in BEYOND.values():
        costs = [duration(processor_seconds(beyond, protocol.name, preset)) for preset in beyond.presets]
        table.add_row(protocol.name, protocol.summary, *costs)
    return table


def _protocols() -> Table:
    table = _table("Protocols of forgetting: --protocol PROTOCOL")
    _columns(table, ("protocol", "tasks, one after the other", "quick", "full"))
    forgetting = EXPERIMENTS["forgetting"]
    for curriculum in CURRICULA.values():
        shown = " (shown to the agent)" if curriculum.task_cue else ""
        costs = [duration(processor_seconds(forgetting, curriculum.name, preset)) for preset in forgetting.presets]
        table.add_row(curriculum.name, ", ".join(curriculum.tasks) + shown, *costs)
    return table


def _agents() -> Table:
    table = _table("Agents of forgetting: --agents AGENT,AGENT+REMEDY,...")
    _columns(table, ("agent", "may be followed by"))
    for species in known_species():
        table.add_row(species, ", ".join(f"+{remedy}" for remedy in known_remedies(species)))
    table.caption = f"+{INTERLEAVED}: all tasks at once; +{SINGLE}: every task from scratch"
    return table


def _table(title: str) -> Table:
    return Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", caption_justify="left", pad_edge=False)


def _columns(table: Table, names: Iterable[str]) -> None:
    for name in names:
        table.add_column(name)
