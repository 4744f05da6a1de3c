"""The row of the protocols beyond the paper."""

from pathlib import Path
from typing import TYPE_CHECKING

from experiments.beyond.presets import PRESETS
from experiments.beyond.protocols import PROTOCOLS
from experiments.plans.experiment import of_the_spiking_agent

if TYPE_CHECKING:
    from rich.console import Console


def _conclude(folder: Path, console: "Console") -> None:
    from experiments.beyond.conclusion import conclude

    conclude(folder, console)


BEYOND = of_the_spiking_agent(
    "beyond",
    "what the paper never did: how much sleep, how often, for how many tasks, with which noise",
    PRESETS,
    PROTOCOLS,
    _conclude,
)
