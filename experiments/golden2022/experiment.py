"""The row of the paper's conditions."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.errors import UserError
from experiments.golden2022.conditions import CONDITIONS, PROTOCOL, known_conditions
from experiments.golden2022.presets import PRESETS
from experiments.plans.experiment import SPIKING, Experiment
from experiments.plans.plan import Agent, Plan, Species
from experiments.plans.presets import Preset

if TYPE_CHECKING:
    from rich.console import Console


def _plans(protocol: str, conditions: Sequence[str], preset: Preset) -> tuple[Plan, ...]:
    if protocol != PROTOCOL.name:
        raise UserError(f"experiment 'golden2022' is one protocol, the paper's; --protocol {protocol} is not for it")
    agents = tuple(Agent(name, PROTOCOL.way_to(name)) for name in known_conditions(list(conditions)))
    return (Plan(Species(SPIKING), PROTOCOL, preset.lengths[SPIKING], agents),)


def _conclude(folder: Path, console: "Console") -> None:
    from experiments.golden2022.conclusion import conclude

    conclude(folder, console)


GOLDEN2022 = Experiment(
    "golden2022",
    "every condition of the paper; forage figures golden2022 draws all its figures",
    PRESETS,
    {PROTOCOL.name: PROTOCOL.summary},
    dict.fromkeys(PRESETS, ",".join(CONDITIONS)),
    _plans,
    _conclude,
)
