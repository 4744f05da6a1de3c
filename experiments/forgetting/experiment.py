"""The row of the comparison."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.forgetting import agents
from experiments.forgetting.presets import PRESETS
from experiments.forgetting.protocols import PROTOCOLS, protocol_named
from experiments.plans.experiment import Experiment
from experiments.plans.plan import Plan
from experiments.plans.presets import Preset

if TYPE_CHECKING:
    from rich.console import Console


def _plans(protocol: str, names: Sequence[str], preset: Preset) -> tuple[Plan, ...]:
    return agents.plans(protocol_named(protocol), names, preset)


def _cannot(protocol: str, agent: str) -> str:
    return agents.cannot(protocol_named(protocol), agent)


def _conclude(folder: Path, console: "Console") -> None:
    from experiments.forgetting.conclusion import conclude

    conclude(folder, console)


def _conclude_beside(folder: Path, console: "Console") -> None:
    from experiments.forgetting.conclusion import conclude

    conclude(folder, console, beside_shipped=True)


def _cannot_compare(plans: Sequence[Plan]) -> str:
    from experiments.evidence.reference import cannot_compare

    return cannot_compare(plans)


def _measured(protocol: str) -> str:
    from experiments.evidence.reference import measured_range

    return measured_range(protocol)


FORGETTING = Experiment(
    "forgetting",
    "spiking and deep agents, with and without remedies, on the same tasks and scores",
    PRESETS,
    {protocol.name: protocol.summary for protocol in PROTOCOLS.values()},
    agents.DEFAULT_AGENTS,
    _plans,
    _conclude,
    _cannot,
    _cannot_compare,
    _conclude_beside,
    _measured,
)
