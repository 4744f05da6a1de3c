"""Experiments in miniature; as a program it runs one in a folder, to be killed there, and prints what it was told.

``python miniature.py OUT`` runs the sleep experiment, ``python miniature.py OUT ppo,ppo+ewc [STAGES]`` a comparison.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

from experiments.catalogue import EXPERIMENTS
from experiments.forgetting import agents as forgetting
from experiments.forgetting.protocols import PROTOCOLS
from experiments.plans.plan import Plan
from experiments.plans.presets import Lengths, Preset
from experiments.printing import console as new_console
from experiments.running.runner import Run, run

PRESET = Preset(
    name="mini",
    summary="every stage, hardly any time",
    seeds=2,
    lengths={
        "spiking": Lengths(unsupervised=1_200, stage=800, segments=2, test=200, probe=100, output_resistance=5.0),
        "deep": Lengths(stage=8_192, segments=2, test=200, probe=100),
    },
)
SLEEP = EXPERIMENTS["sleep"].plans("sleep", ["spiking"], PRESET)
AGENTS = ("spiking", "spiking+sleep", "ppo", "ppo+interleaved", "ppo+single")


def comparison(agents: Sequence[str] = AGENTS, protocol: str = "paper") -> tuple[Plan, ...]:
    return forgetting.plans(PROTOCOLS[protocol], agents, PRESET)


def request(out: Path, plans: tuple[Plan, ...] = SLEEP, seeds: Sequence[int] = (0, 1), name: str = "sleep") -> Run:
    return Run(name, PRESET.name, plans, tuple(seeds), out)


def live_in(
    out: Path,
    plans: tuple[Plan, ...] = SLEEP,
    seeds: Sequence[int] = (0, 1),
    jobs: int = 2,
    stages: Path | None = None,
) -> str:
    """Run the miniature in ``out`` to its end and return what was printed."""
    console = new_console(file=StringIO(), width=200)
    name = "sleep" if plans is SLEEP else "forgetting"
    wanted = replace(request(out, plans, seeds, name), stages=stages)
    assert run(wanted, jobs=jobs, console=console, command="forage run"), console.file.getvalue()
    EXPERIMENTS[name].conclude(out, console)
    return console.file.getvalue()


def contents(out: Path) -> dict[str, bytes]:
    """Every file that lasts, states included."""
    passing = (".lock", ".tables.lock", "config.json", "cost.json", "costs.csv")
    files = (path for path in out.rglob("*") if path.is_file() and path.name not in passing)
    return {str(path.relative_to(out)): path.read_bytes() for path in files}


if __name__ == "__main__":
    folder, *others = sys.argv[1:]
    if others:
        agents, *shared = others
        stages = Path(shared[0]) if shared else None
        print(live_in(Path(folder), comparison(agents.split(",")), [0], jobs=1, stages=stages))
    else:
        print(live_in(Path(folder)))
