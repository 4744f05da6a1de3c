"""``forage list``: what there is to run, read from the catalogue."""

from typing import TYPE_CHECKING, Annotated

import typer

from experiments.printing import console, duration, table

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.plans.experiment import Experiment
    from experiments.plans.plan import Plan
    from experiments.plans.stages import Stage


def list_(
    experiment: Annotated[
        str | None, typer.Argument(help="One of them, with every stage of its protocols.", show_default=False)
    ] = None,
) -> None:
    """Show what there is to run: experiments, protocols with their costs, conditions and agents.

    [bold]Examples[/bold]

      forage list

      forage list beyond    every stage of its protocols
    """
    from experiments.catalogue import EXPERIMENTS
    from experiments.catalogue import experiment as known_experiment

    out = console()
    if experiment is not None:
        for grid in _stages(known_experiment(experiment)):
            out.print(grid)
        return
    out.print(_experiments())
    for row in EXPERIMENTS.values():
        out.print(_protocols(row))
    out.print(_conditions())
    out.print(_agents())
    out.print("Begin with: forage run sleep, or forage run forgetting")


def processor_seconds(row: "Experiment", protocol: str, preset: str) -> float:
    """Estimate for the preset's own agents and seeds."""
    from experiments.plans import estimates
    from experiments.plans.plan import units

    plans = _plans(row, protocol, preset)
    stages = estimates.distinct(plans, units(plans, range(row.presets[preset].seeds)))
    return sum(estimates.stage_seconds(plan, stage, plan.segments(stage), with_tests=True) for plan, stage, _ in stages)


def _plans(row: "Experiment", protocol: str, preset: str) -> "tuple[Plan, ...]":
    """Those of the preset's own agents."""
    return row.plans(protocol, row.default_agents(protocol, preset)[0], row.presets[preset])


def _experiments() -> "Table":
    from experiments.catalogue import EXPERIMENTS

    grid = _grid("Experiments: forage run EXPERIMENT --preset PRESET", "experiment", "preset", "seeds", "time", "what")
    for row in EXPERIMENTS.values():
        grid.add_row(row.name, "", "", "", row.summary, style="bold")
        for preset in row.presets.values():
            cost = duration(processor_seconds(row, row.first_protocol, preset.name))
            grid.add_row("", preset.name, str(preset.seeds), cost, preset.summary)
    grid.caption = "time: of one processor core, estimated"
    return grid


def _protocols(row: "Experiment") -> "Table":
    title = f"Protocols of {row.name}: forage run {row.name} --protocol PROTOCOL"
    grid = _grid(title, "protocol", "what", "stages", *row.presets)
    for name, summary in row.protocols.items():
        first = next(iter(row.presets))
        stages = sum(len(plan.protocol.stages) for plan in _plans(row, name, first))
        costs = [duration(processor_seconds(row, name, preset)) for preset in row.presets]
        measured = row.measured(name)
        grid.add_row(name, f"{summary}\n{measured}" if measured else summary, str(stages), *costs)
    if any(row.measured(name) for name in row.protocols):
        grid.caption = (
            "single: every task alone; joint: all at once; fine-tuning: one after the other. Performance, and in "
            "brackets intake per 100 steps, after the last task: means of the shipped results"
        )
    return grid


def _conditions() -> "Table":
    from experiments.golden2022.conditions import CONDITIONS, PROTOCOL

    grid = _grid('Conditions of golden2022: --conditions "T1-T2,T1-Int(S,T2)"', "condition", "goes on from", "trains")
    for name in CONDITIONS:
        stage = PROTOCOL.stage(name)
        grid.add_row(name, stage.parent, _trains(stage))
    return grid


def _stages(row: "Experiment") -> "list[Table]":
    """A table for every protocol: its stages, and what each of them trains."""
    grids = []
    for name, summary in row.protocols.items():
        grid = _grid(f"{name}: {summary}", "stage", "goes on from", "trains")
        for plan in _plans(row, name, next(iter(row.presets))):
            for stage in plan.protocol.stages:
                species = "" if plan.species.name == "spiking" else f"{plan.species.name}: "
                grid.add_row(species + stage.name, stage.parent or "birth", _trains(stage))
        grids.append(grid)
    return grids


def _trains(stage: "Stage") -> str:
    parts = [*stage.tasks, *["sleep"] * stage.sleeps]
    other = f", with {stage.remedy}" if stage.remedy not in ("none", "sleep") else ""
    frozen = f", {stage.frozen:.0%} of the synapses frozen" * (stage.frozen > 0)
    return (" and ".join(parts) + " in turn" * (len(parts) > 1) + other + frozen) or "nothing"


def _agents() -> "Table":
    from experiments.forgetting.agents import known_remedies
    from experiments.learners.species import known_species
    from experiments.plans.plan import INTERLEAVED, SINGLE, Species

    grid = _grid("Agents of forgetting: --agents AGENT,AGENT+REMEDY,...", "agent", "may be followed by")
    for species in known_species():
        grid.add_row(species, ", ".join(f"+{remedy}" for remedy in known_remedies(Species(species))))
    grid.caption = (
        f"+{INTERLEAVED}: all tasks at once; +{SINGLE}: every task from scratch; "
        "with settings: ppo:ent_coef=0.02, ppo+ewc:strength=100"
    )
    return grid


def _grid(title: str, *columns: str) -> "Table":
    grid = table(title, padding=(0, 1))
    for column in columns:
        grid.add_column(column)
    return grid
