"""What can be run, one row each: how its plans are made, how long it takes, what it ends with."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from experiments.beyond.protocols import BEYOND
from experiments.errors import UserError, known
from experiments.forgetting import agents as forgetting
from experiments.forgetting.curricula import CURRICULA, curriculum
from experiments.golden2022.conditions import CONDITIONS, GOLDEN2022, known_conditions
from experiments.plans.plan import Agent, Plan, Species
from experiments.plans.presets import BEYOND_PRESETS, FORGETTING_PRESETS, GOLDEN_PRESETS, SLEEP_PRESETS, Preset
from experiments.plans.stages import PROTOCOLS


@dataclass(frozen=True)
class Experiment:
    """A row of the catalogue.

    ``plans(protocol, agents, preset)`` makes what is run; ``conclude(folder, console)`` shows what came out and says
    where it lies.
    """

    name: str
    summary: str
    presets: Mapping[str, Preset]
    protocols: tuple[str, ...]  # the first is what is run when none is named
    agents: Mapping[str, str]  # by preset: those that are run when none are named
    plans: Callable[[str, Sequence[str], Preset], tuple[Plan, ...]]
    conclude: Callable[[Path, Console], None]


def _sleep_plans(protocol: str, agents: Sequence[str], preset: Preset) -> tuple[Plan, ...]:
    if tuple(agents) != ("spiking",):
        raise UserError(f"experiment 'sleep' is about the spiking agent alone, not {', '.join(agents)}")
    chosen = known(PROTOCOLS, protocol, "protocol of sleep")
    agent = Agent("spiking", tuple(stage.name for stage in chosen.stages))
    return (Plan(Species("spiking"), chosen, preset.lengths["spiking"], (agent,)),)


def _conclude_sleep(folder: Path, console: Console) -> None:
    from experiments.drawing.stages import draw_run
    from experiments.evidence.results import read_results
    from experiments.evidence.tables import performance_table

    console.print(performance_table(PROTOCOLS["sleep"], read_results(folder / "results.csv")))
    console.print(f"Figure: {draw_run(folder)}", soft_wrap=True)
    console.print(f"Results: {folder / 'results.csv'}, learning curves: {folder / 'curve.csv'}", soft_wrap=True)


def _golden_plans(protocol: str, conditions: Sequence[str], preset: Preset) -> tuple[Plan, ...]:
    if protocol != GOLDEN2022.name:
        raise UserError(f"experiment 'golden2022' is one protocol, the paper's; --protocol {protocol} is not for it")
    agents = tuple(Agent(name, GOLDEN2022.way_to(name)) for name in known_conditions(list(conditions)))
    return (Plan(Species("spiking"), GOLDEN2022, preset.lengths["spiking"], agents),)


def _conclude_golden(folder: Path, console: Console) -> None:
    from experiments.golden2022.conclusion import conclude

    conclude(folder, console)


def _beyond_plans(protocol: str, agents: Sequence[str], preset: Preset) -> tuple[Plan, ...]:
    if tuple(agents) != ("spiking",):
        raise UserError(f"experiment 'beyond' is about the spiking agent alone, not {', '.join(agents)}")
    chosen = known(BEYOND, protocol, "protocol of beyond")
    agent = Agent("spiking", tuple(stage.name for stage in chosen.stages))
    return (Plan(Species("spiking"), chosen, preset.lengths["spiking"], (agent,)),)


def _conclude_beyond(folder: Path, console: Console) -> None:
    from experiments.beyond.conclusion import conclude

    conclude(folder, console)


def _forgetting_plans(protocol: str, agents: Sequence[str], preset: Preset) -> tuple[Plan, ...]:
    return forgetting.plans(curriculum(protocol), agents, preset)


def _conclude_forgetting(folder: Path, console: Console) -> None:
    from experiments.forgetting.conclusion import conclude

    conclude(folder, console)


EXPERIMENTS: dict[str, Experiment] = {
    row.name: row
    for row in (
        Experiment(
            "sleep",
            "the spiking agent learns, forgets, and is saved by sleep",
            SLEEP_PRESETS,
            ("sleep",),
            {"quick": "spiking", "paper": "spiking"},
            _sleep_plans,
            _conclude_sleep,
        ),
        Experiment(
            "golden2022",
            "every condition of the paper; forage figures golden2022 draws all its figures",
            GOLDEN_PRESETS,
            (GOLDEN2022.name,),
            dict.fromkeys(GOLDEN_PRESETS, ",".join(CONDITIONS)),
            _golden_plans,
            _conclude_golden,
        ),
        Experiment(
            "beyond",
            "what the paper never did: how much sleep, how often, for how many tasks, with which noise",
            BEYOND_PRESETS,
            tuple(BEYOND),
            dict.fromkeys(BEYOND_PRESETS, "spiking"),
            _beyond_plans,
            _conclude_beyond,
        ),
        Experiment(
            "forgetting",
            "spiking and deep agents, with and without remedies, on the same tasks and scores",
            FORGETTING_PRESETS,
            tuple(CURRICULA),
            forgetting.DEFAULT_AGENTS,
            _forgetting_plans,
            _conclude_forgetting,
        ),
    )
}
"""Every experiment, by name."""


def experiment(name: str) -> Experiment:
    """The row of that name; raises UserError for an unknown one."""
    return known(EXPERIMENTS, name, "experiment")


def names_in(text: str) -> list[str]:
    """Names of agents or conditions with commas between; a comma within parentheses belongs to a name."""
    return [name for part in re.split(r",(?![^(]*\))", text) if (name := part.strip())]
