"""A protocol in miniature; as a program it runs it in a folder, to be killed there."""

import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from rich.console import Console

from experiments.protocols import PROTOCOLS, Plan, Preset
from experiments.runner import run

MINI = Plan(
    PROTOCOLS["sleep"],
    Preset(
        name="mini",
        summary="every stage, hardly any time",
        unsupervised_cycles=1_200,
        stage_cycles=800,
        segments=2,
        test_cycles=200,
        probe_cycles=100,
        seeds=2,
        output_resistance=5.0,
    ),
)


def live_in(out: Path, seeds: Sequence[int] = (0, 1), jobs: int = 2) -> str:
    """Run the miniature in ``out`` to its end and return what was printed."""
    console = Console(file=StringIO(), width=200)
    assert run(MINI, seeds, out, jobs=jobs, console=console, command="forage run")
    return console.file.getvalue()


if __name__ == "__main__":
    live_in(Path(sys.argv[1]))
