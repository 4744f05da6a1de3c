"""The row of the sleep experiment."""

from pathlib import Path
from typing import TYPE_CHECKING

from experiments.plans.experiment import of_the_spiking_agent
from experiments.sleep.presets import PRESETS
from experiments.sleep.protocols import PROTOCOLS

if TYPE_CHECKING:
    from rich.console import Console


def _conclude(folder: Path, console: "Console") -> None:
    from experiments.sleep.conclusion import conclude

    conclude(folder, console)


SLEEP = of_the_spiking_agent(
    "sleep",
    "the spiking agent learns, forgets, and is saved by sleep",
    PRESETS,
    PROTOCOLS,
    _conclude,
)
